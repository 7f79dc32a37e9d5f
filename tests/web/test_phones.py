"""The demo's phones over HTTP, with a client that an outsider would write."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from sse_starlette import EventSourceResponse

from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.town import label
from tests.web.serving import Demo, Screen

OFFICER = "petugas-disdukcapil"
MIB = 1 << 20


def message(**body: object) -> dict[str, object]:
    return {"id": str(uuid4()), **body}


def post(demo: Demo, body: object, phone: str = "citizen") -> httpx.Response:
    return demo.http.post(f"/demo/phones/{phone}/messages", json=body)


# --- from a story to an answer


def test_a_story_goes_out_comes_back_with_choices_and_becomes_a_case(demo: Demo) -> None:
    screen = demo.screen("citizen", OFFICER)
    screen.types("citizen", SLOW)
    asked = screen.sees("citizen", SLOW)
    assert set(asked) == {"kind", "phone", "id", "text", "choices", "files", "edit_of", "at"}
    assert asked["choices"][0] == {"label": label("send"), "data": f"{asked['id']}.1"}
    assert asked["at"].startswith("2026-09-07T09:0")
    assert asked["at"].endswith("+07:00")

    screen.presses("citizen", "send")
    (ticket,) = demo.http.get("/demo/tickets").json()["tickets"]
    screen.sees("citizen", ticket["number"])
    card = screen.sees(OFFICER, ticket["number"])
    assert SLOW in card["text"]

    screen.presses(OFFICER, "take", "answer")
    screen.types(OFFICER, "KTP Anda dicetak hari ini.")
    screen.presses(OFFICER, "send")
    screen.sees("citizen", "KTP Anda dicetak hari ini.")


def test_a_choice_may_be_typed(demo: Demo) -> None:
    screen = demo.screen("citizen")
    screen.types("citizen", SLOW)
    screen.sees("citizen", SLOW)
    screen.types("citizen", "1")
    screen.sees("citizen", "PIN")


def test_two_hundred_is_said_only_after_the_commit(demo: Demo) -> None:
    screen = demo.screen("citizen")
    for story in range(5):
        assert post(demo, message(text=f"{SLOW}, kata tetangga {story}")).status_code == 200
        assert len(demo.rows("SELECT 1 FROM inbox WHERE state = 'done'")) == 2 * story + 1
        screen.sees("citizen", f"kata tetangga {story}")
        screen.presses("citizen", "send")
        assert len(demo.rows("SELECT 1 FROM tickets")) == story + 1


def test_the_same_id_twice_has_one_effect(demo: Demo) -> None:
    screen = demo.screen("citizen")
    body = message(text=SLOW)
    assert [post(demo, body).status_code for _ in range(3)] == [200, 200, 200]
    shouted = {**body, "id": str(body["id"]).upper()}
    assert post(demo, shouted).status_code == 200
    screen.sees("citizen", SLOW)
    assert len(demo.rows("SELECT 1 FROM inbox")) == 1
    assert len(demo.rows("SELECT 1 FROM outbox")) == 1


def test_the_same_id_on_another_phone_is_another_message_only_by_its_account(demo: Demo) -> None:
    body = message(text=SLOW)
    assert post(demo, body).status_code == 200
    assert post(demo, body, OFFICER).status_code == 200
    assert len(demo.rows("SELECT 1 FROM inbox")) == 2


# --- what is refused


REFUSED: tuple[tuple[str, object], ...] = (
    ("no id", {"text": "halo"}),
    ("an id that is no UUID", {"id": "1", "text": "halo"}),
    ("an id that is a list", {"id": [], "text": "halo"}),
    ("nothing in it", message()),
    ("only blanks", message(text=" \n ")),
    ("a text that is none", message(text={"a": 1})),
    ("a choice that is none", message(choice=["x"])),
    ("a choice without end", message(choice="x" * 101)),
    ("a text without end", message(text="x" * 20_001)),
    ("files that are no list", message(files="abc")),
    ("a file that is no id", message(files=["../../etc/passwd"])),
    ("a file that is an object", message(files=[{}])),
    ("too many files", message(files=["0"] * 11)),
    ("a list", [message(text="halo")]),
    ("a text instead of an object", "halo"),
    ("null", None),
)


@pytest.mark.parametrize(("what", "body"), REFUSED, ids=[what for what, _ in REFUSED])
def test_a_message_that_is_none_gets_a_sentence_and_no_effect(shared: Demo, what: str, body: object) -> None:
    answer = post(shared, body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert not shared.rows("SELECT 1 FROM inbox")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"id": ' + b"9" * 5000 + b"}", b'{"a":' + b"[" * 200_000],
    ids=["nothing", "half", "no UTF-8", "an endless number", "an endless nesting"],
)
def test_broken_json_is_a_bad_request(shared: Demo, body: bytes) -> None:
    answer = shared.http.post("/demo/phones/citizen/messages", content=body)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


UNKNOWN = ("nobody", "citizen-0", "citizen-01", "citizen-²", "citizen-99999", "citizen2", "citizen-", "admin")


@pytest.mark.parametrize("phone", UNKNOWN)
def test_an_unknown_phone_is_not_found(shared: Demo, phone: str) -> None:
    assert post(shared, message(text=SLOW), phone).status_code == 404
    assert shared.http.post(f"/demo/phones/{phone}/files", content=b"x").status_code == 404
    assert shared.http.post(f"/demo/phones/{phone}/acks", json={"id": "x"}).status_code == 404
    assert shared.http.get(f"/demo/phones/{phone}/events").status_code == 404
    assert shared.http.get("/demo/events", params={"phone": phone}).status_code == 404
    assert not shared.rows("SELECT 1 FROM inbox")


def test_a_stream_of_no_phone_is_not_opened(shared: Demo) -> None:
    assert shared.http.get("/demo/events").status_code == 404


def chunks(size: int) -> Iterator[bytes]:
    """A body whose length nobody declares."""
    while size > 0:
        yield b"x" * min(size, 65_536)
        size -= 65_536


@pytest.mark.parametrize("path", ["messages", "acks"])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_body_over_a_mebibyte_is_too_large(shared: Demo, path: str, declared: bool) -> None:
    for size in (MIB + 1, 3 * MIB):
        body = b"x" * size if declared else chunks(size)
        answer = shared.http.post(f"/demo/phones/citizen/{path}", content=body)
        assert answer.status_code == 413
        assert answer.json() == {"error": "At most 1 MiB."}


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_file_over_twenty_mebibytes_is_too_large(shared: Demo, declared: bool) -> None:
    size = 20 * MIB + 1
    body = b"x" * size if declared else chunks(size)
    answer = shared.http.post("/demo/phones/citizen/files", content=body)
    assert answer.status_code == 413
    assert answer.json() == {"error": "At most 20 MiB."}
    assert not any((shared.database.parent / "attachments").iterdir())


def test_an_empty_file_is_refused(shared: Demo) -> None:
    assert shared.http.post("/demo/phones/citizen/files", content=b"").status_code == 400


def test_a_body_of_a_mebibyte_is_read(shared: Demo) -> None:
    answer = post(shared, message(text="x" * (MIB - 100)))
    assert answer.status_code == 400
    assert "20000" in answer.json()["error"]


def test_the_longest_text_and_half_a_character_are_taken(demo: Demo) -> None:
    screen = demo.screen("citizen")
    assert post(demo, message(text=f"{SLOW} ".ljust(10_000, "."))).status_code == 200
    screen.sees("citizen", SLOW)
    screen.types("citizen", "/batal")
    half = b'{"id": "%s", "text": "%s \\ud83d", "reply_to": "\\udc4d"}'
    content = half % (str(uuid4()).encode(), f"{SLOW} dan satu".encode())
    assert demo.http.post("/demo/phones/citizen/messages", content=content).status_code == 200
    assert "dan satu \N{REPLACEMENT CHARACTER}" in screen.sees("citizen", "dan satu")["text"]


# --- sent is what was acknowledged


def states(demo: Demo) -> list[str]:
    return [state for (state,) in demo.rows("SELECT state FROM outbox ORDER BY id")]


def test_a_page_is_sent_only_when_it_is_acknowledged(demo: Demo) -> None:
    screen = demo.screen("citizen", acks=False)
    screen.types("citizen", SLOW)
    asked = screen.sees("citizen", SLOW)
    assert states(demo) == ["queued"]
    other = demo.http.post("/demo/phones/citizen-2/acks", json={"id": asked["id"]})
    assert other.json() == {"ok": True, "waited": False}
    assert states(demo) == ["queued"]
    own = demo.http.post("/demo/phones/citizen/acks", json={"id": asked["id"]})
    assert own.json() == {"ok": True, "waited": True}
    demo.until(lambda: states(demo) == ["sent"], "the page counts as sent")


def test_without_an_ack_a_page_is_sent_again_with_the_same_id(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.phone.ACK_TIMEOUT", 0.2)
    screen = demo.screen("citizen", acks=False)
    screen.types("citizen", SLOW)
    screen.wait(lambda: len(screen.messages) >= 2, "the page again", 5)
    assert len({shown["id"] for shown in screen.messages}) == 1
    assert len(demo.rows("SELECT 1 FROM outbox")) == 1


def test_a_new_stream_begins_with_what_was_not_acknowledged(demo: Demo) -> None:
    """A page that is loaded again must not wait until the server loses its patience with the old one."""
    first = demo.screen("citizen", acks=False)
    first.types("citizen", SLOW)
    asked = first.sees("citizen", SLOW)
    first.close()
    second = demo.screen("citizen")
    assert second.sees("citizen", SLOW, 2)["id"] == asked["id"]
    demo.until(lambda: states(demo) == ["sent"], "the page counts as sent", 2)
    second.close()
    third = demo.screen("citizen")
    third.hears("clock")
    assert not third.messages


def test_the_pages_of_a_phone_that_is_off_wait_and_come_at_once_when_it_is_on(demo: Demo) -> None:
    screen = demo.screen("citizen")
    number = screen.complains("citizen", SLOW)
    screen.sees("citizen", "PIN")
    queued = "SELECT 1 FROM outbox WHERE page = 'officer/card' AND state = 'queued' AND retry_at IS NOT NULL"
    demo.until(lambda: demo.rows(queued), "the card waits")
    late = demo.screen(OFFICER)
    late.sees(OFFICER, number, 2.5)
    demo.until(lambda: not demo.rows(queued), "the card is sent")
    assert len(late.messages) == 1


def test_a_screen_that_comes_in_the_very_moment_of_a_message_does_not_wait(demo: Demo) -> None:
    for n in range(2, 8):
        post(demo, message(text=SLOW), f"citizen-{n}").raise_for_status()
        demo.screen(f"citizen-{n}").sees(f"citizen-{n}", SLOW, 3)


def test_two_phones_on_one_stream_and_two_streams_of_one_phone(demo: Demo) -> None:
    both = demo.screen("citizen", "citizen-2")
    second = demo.screen("citizen-2")
    both.types("citizen", SLOW)
    both.types("citizen-2", PUNGLI)
    both.sees("citizen", SLOW)
    shown = both.sees("citizen-2", PUNGLI)
    assert second.sees("citizen-2", PUNGLI) == shown
    assert not second.of("citizen")
    assert len(both.messages) == 2


def test_a_phone_may_have_a_stream_of_its_own(demo: Demo) -> None:
    with demo.http.stream("GET", "/demo/phones/citizen/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert next(stream.iter_lines()) == "event: clock"


def test_a_silent_stream_is_kept_alive(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventSourceResponse, "DEFAULT_PING_INTERVAL", 0.1)
    screen = demo.screen("citizen")
    screen.wait(lambda: any(line.startswith(": ping") for line in screen.lines), "a ping", 2)


def test_an_edit_names_the_message_whose_place_it_takes(demo: Demo) -> None:
    screen = demo.screen("citizen", OFFICER)
    number = screen.complains("citizen", SLOW)
    card = screen.sees(OFFICER, number)
    screen.presses(OFFICER, "take")
    taken = screen.sees(OFFICER, label("undo"))
    assert taken["edit_of"] == card["id"] != taken["id"]
    assert all(shown["edit_of"] is None for shown in screen.of("citizen"))


# --- mine and yours


def test_a_choice_of_another_phone_does_nothing(demo: Demo) -> None:
    screen = demo.screen("citizen", "citizen-2")
    screen.types("citizen", SLOW)
    send = screen.sees("citizen", SLOW)["choices"][0]["data"]
    assert post(demo, message(choice=send), "citizen-2").status_code == 200
    assert post(demo, message(choice=send), OFFICER).status_code == 200
    screen.wait(lambda: screen.of("citizen-2"), "a word about a stale button")
    assert not any(SLOW in shown["text"] for shown in screen.of("citizen-2"))
    assert not demo.rows("SELECT 1 FROM tickets")
    assert post(demo, message(choice=send)).status_code == 200
    assert len(demo.rows("SELECT 1 FROM tickets")) == 1


@pytest.mark.parametrize("data", ["x", "x.1", "0.1", "3F186RNJK5E0.1", ".", "9.9.9", "é.1", "1.²"])
def test_a_choice_that_never_was_is_stale(shared: Demo, data: str) -> None:
    shared.does("DELETE FROM inbox")
    assert post(shared, message(choice=data), "citizen-9").status_code == 200
    shared.does("DELETE FROM inbox")


def photo() -> bytes:
    """A picture as a phone makes it: with the place, the owner and a small copy of itself."""
    exif = Image.Exif()
    exif[0x010F] = "Pembuat Kamera"
    exif[0x013B] = "Sari Pemilik"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (2.0, 57.0, 36.0), "E", (99.0, 4.0, 8.0)
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "tomato").save(out, "JPEG", exif=exif, comment=b"Rumah Sari")
    return out.getvalue()


def upload(demo: Demo, phone: str, data: bytes) -> str:
    answer = demo.http.post(f"/demo/phones/{phone}/files", content=data, headers={"Content-Type": "image/jpeg"})
    answer.raise_for_status()
    return str(answer.json()["file"])


def test_a_photo_arrives_on_the_card_without_a_word_of_metadata(demo: Demo) -> None:
    data = photo()
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825)
    screen = demo.screen("citizen", OFFICER)
    number = complains_with_photo(demo, screen, data)
    screen.sees(OFFICER, number)
    screen.types(OFFICER, f"/tiket {number}")
    card = screen.wait(lambda: [shown for shown in screen.of(OFFICER) if shown["files"]], "a card with a photo")[-1]
    (file,) = card["files"]
    assert file["name"] == "foto-1.jpg"
    kind, _, encoded = file["url"].partition(",")
    assert kind == "data:image/jpeg;base64"
    arrived = base64.b64decode(encoded)
    picture = Image.open(io.BytesIO(arrived))
    assert picture.size == (640, 480)
    assert not picture.getexif()
    for word in (b"Exif", b"Kamera", b"Sari"):
        assert word in data
        assert word not in arrived
    on_disk = [path.read_bytes() for path in (demo.database.parent / "attachments").iterdir()]
    assert len(on_disk) == 1
    assert b"Kamera" not in on_disk[0]


def test_the_first_card_has_the_photo_too(demo: Demo) -> None:
    screen = demo.screen("citizen", OFFICER)
    number = complains_with_photo(demo, screen, photo())
    assert len(screen.sees(OFFICER, number)["files"]) == 1


def test_an_officers_photo_goes_to_the_citizen_with_the_closing_words(demo: Demo) -> None:
    screen = demo.screen("citizen", OFFICER)
    screen.complains("citizen", SLOW)
    screen.presses(OFFICER, "take", "finish")
    screen.types(OFFICER, "Sudah selesai, lihat fotonya.", files=[upload(demo, OFFICER, photo())])
    told = screen.sees("citizen", "Sudah selesai, lihat fotonya.")
    assert [file["name"] for file in told["files"]] == ["foto-1.jpg"]


def complains_with_photo(demo: Demo, screen: Screen, data: bytes) -> str:
    """A story with a photo, sent when the photo is cleaned, as nobody is so fast; returns the number."""
    screen.types("citizen", SLOW, files=[upload(demo, "citizen", data)])
    demo.until(lambda: demo.rows("SELECT 1 FROM attachments WHERE state = 'clean'"), "the photo is clean")
    screen.presses("citizen", "send")
    ((number,),) = demo.rows("SELECT number FROM tickets")
    return str(number)


def test_what_is_no_photo_reaches_nobody_and_stops_nothing(demo: Demo) -> None:
    screen = demo.screen("citizen", OFFICER)
    number = screen.complains("citizen", SLOW, files=[upload(demo, "citizen", b"MZ this is a program")])
    assert screen.sees(OFFICER, number)["files"] == []


def test_a_file_of_another_phone_cannot_be_sent(demo: Demo) -> None:
    file = upload(demo, "citizen", photo())
    for phone in ("citizen-2", OFFICER):
        answer = post(demo, message(text=SLOW, files=[file]), phone)
        assert answer.status_code == 400
        assert "not uploaded from this phone" in answer.json()["error"]
    assert post(demo, message(text=SLOW, files=[file.partition("-")[0]]), "citizen-2").status_code == 400
    assert not demo.rows("SELECT 1 FROM inbox")
    assert post(demo, message(text=SLOW, files=[file])).status_code == 200
    ((owner,),) = demo.rows("SELECT address_id FROM attachments")
    assert owner is not None


# --- which phones there are


def test_the_page_opens_with_four_phones_and_lists_the_ones_that_were_added(demo: Demo) -> None:
    listed = demo.http.get("/demo/phones").json()
    assert listed["instance"]
    assert [phone["id"] for phone in listed["phones"]] == ["citizen", OFFICER, "inspektur", "sekda"]
    assert all(phone["open"] for phone in listed["phones"])
    assert listed["phones"][0] == {
        "id": "citizen", "kind": "citizen", "title": "", "short": "Sari", "name": "Sari", "post": None, "open": True
    }  # fmt: skip

    first = demo.http.post("/demo/phones", json={"post": "kepala-disdukcapil"}).json()
    assert first["short"] == "Kepala DISDUKCAPIL"
    assert (first["id"], first["kind"], first["post"]) == ("kepala-disdukcapil", "post", "KEPALA-DISDUKCAPIL")
    assert demo.http.post("/demo/phones", json={"post": "KEPALA-DISDUKCAPIL"}).json() == first
    citizens = [demo.http.post("/demo/phones", json={"citizen": True}).json() for _ in range(3)]
    assert [citizen["id"] for citizen in citizens] == ["citizen-2", "citizen-3", "citizen-4"]
    assert len({citizen["name"] for citizen in citizens}) == 3

    again = demo.http.get("/demo/phones").json()["phones"]
    added = {phone["id"]: phone["open"] for phone in again[4:]}
    assert added == {"citizen-2": False, "citizen-3": False, "citizen-4": False, "kepala-disdukcapil": False}


def test_an_added_phone_works_like_the_others(demo: Demo) -> None:
    phone = demo.http.post("/demo/phones", json={"citizen": True}).json()["id"]
    head = demo.http.post("/demo/phones", json={"post": "KEPALA-DINKES"}).json()["id"]
    screen = demo.screen(phone, head)
    screen.types(phone, SLOW)
    screen.sees(phone, SLOW)
    screen.types(head, "/bantuan")
    screen.wait(lambda: screen.of(head), "help for the head")


def test_a_citizen_whom_the_town_has_met_is_no_new_one(demo: Demo) -> None:
    """The town outlives the process: after a new start nobody may be handed the conversation of another person."""
    post(demo, message(text=SLOW), "citizen-2").raise_for_status()
    assert "citizen-2" in [phone["id"] for phone in demo.http.get("/demo/phones").json()["phones"]]
    assert demo.http.post("/demo/phones", json={"citizen": True}).json()["id"] == "citizen-3"


def test_a_post_that_does_not_exist_gets_a_sentence(shared: Demo) -> None:
    answer = shared.http.post("/demo/phones", json={"post": "RAJA"})
    assert answer.status_code == 404
    assert "RAJA" in answer.json()["error"]
    assert shared.http.post("/demo/phones", content=b"[]").status_code == 400


def test_every_post_is_listed_with_an_invented_name(shared: Demo) -> None:
    posts = shared.http.get("/demo/posts").json()["posts"]
    assert {post["code"] for post in posts} >= {"SEKDA", "INSPEKTUR", "PETUGAS-DISDUKCAPIL"}
    assert all(post["title"] and post["unit"] and post["name"] for post in posts)
