"""The stand-in says what Meta says: to pywa, and to bare calls."""

from __future__ import annotations

from typing import Any

import pytest
from pywa import errors
from pywa.types.callback import Button, Section, SectionList, SectionRow, URLButton
from pywa_async.client import WhatsApp

from tests.whatsapp.calling import call, refused, send, with_pywa
from tests.whatsapp.people import Person, somebody
from tests.whatsapp.standin import Account


def buttons(*titles: str, text: str = "Benar?", key: str = "a.{}") -> dict[str, Any]:
    made = [{"type": "reply", "reply": {"id": key.format(n), "title": title}} for n, title in enumerate(titles)]
    return {"type": "button", "body": {"text": text}, "action": {"buttons": made}}


def rows(*titles: str, button: str = "Pilih", **more: Any) -> dict[str, Any]:
    made = [{"id": f"a.{n}", "title": title, **more} for n, title in enumerate(titles)]
    return {"type": "list", "body": {"text": "Yang mana?"}, "action": {"button": button, "sections": [{"rows": made}]}}


def test_pywa_sends_by_bsuid_and_what_arrived_is_logged(account: Account, sari: Person) -> None:
    async def body(client: WhatsApp) -> None:
        first = await client.send_message(sari.id, "Halo", tracker="7")
        await client.send_message(
            sari.id, "Benar?", buttons=[Button("Ya", "x.1"), Button("Tidak", "x.2")], reply_to_message_id=first.id
        )
        section = Section(title="Bagian", rows=[SectionRow(title="Satu", callback_data="x.3", description="yang satu")])
        await client.send_message(sari.id, "Yang mana?", buttons=SectionList("Pilih", sections=[section]))
        await client.send_message(sari.id, "Lihat", buttons=URLButton(title="Buka", url="https://lapor.example.go.id"))

    with_pywa(account, body)
    text, pressed, listed, link = account.messages(sari)
    assert (text["text"], text["tracker"], text["category"], text["asked"]) == ("Halo", "7", "service", "recipient")
    assert (pressed["buttons"], pressed["quotes"]) == ([["x.1", "Ya"], ["x.2", "Tidak"]], text["id"])
    assert listed["rows"] == [["x.3", "Satu", "yang satu"]]
    assert link["url"] == "https://lapor.example.go.id"
    assert account.counters["sends"] == {sari.id: 4}


def test_a_file_goes_up_is_sent_and_comes_down(account: Account, sari: Person) -> None:
    photo = account.keeps(b"\xff\xd8 a photo", mime="image/jpeg")

    async def body(client: WhatsApp) -> None:
        uploaded = await client.upload_media(media=b"\x89PNG", mime_type="image/png", filename="foto-1.png")
        await client.send_image(sari.id, uploaded.id, caption="Foto")
        url = await client.get_media_url(photo["id"])
        assert (url.mime_type, url.file_size) == ("image/jpeg", 10)
        assert await client.get_media_bytes(url.url) == b"\xff\xd8 a photo"
        await client.delete_media(photo["id"])
        with pytest.raises(errors.WhatsAppError) as gone:
            await client.get_media_url(photo["id"])
        assert (gone.value.code, gone.value.subcode) == (100, 33)

    with_pywa(account, body)
    (sent,) = account.messages(sari)
    assert (sent["text"], sent["files"][0]["mime"]) == ("Foto", "image/png")
    assert account.file(sent["files"][0]["id"]) == b"\x89PNG"


def test_links_die_after_minutes_and_ids_after_a_week(account: Account) -> None:
    photo = account.keeps(b"x", mime="image/jpeg")
    _, found = call(account, "GET", photo["id"])
    link = found["url"].removeprefix(f"{account.api}/")
    assert call(account, "GET", photo["id"])[0] == 200
    account.set(skew=301)
    assert call(account, "GET", f"../{link}")[0] == 404
    account.set(skew=8 * 86_400)
    assert call(account, "GET", photo["id"])[1]["code"] == 100


def test_without_the_token_nothing_is_answered(account: Account, sari: Person) -> None:
    status, error = call(account, "GET", account.number, token="another")
    assert (status, error["code"], error["type"]) == (401, 190, "OAuthException")
    account.set(revoked=True)
    assert refused(account, sari.id, "text", {"body": "x"}) == 190


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "x" * 4097}),
        ("text", {"body": " \n"}),
        ("interactive", buttons("Ya", text="x" * 1025)),
        ("interactive", buttons()),
        ("interactive", buttons("1", "2", "3", "4")),
        ("interactive", buttons("x" * 21)),
        ("interactive", buttons("Ya", "Ya")),
        ("interactive", buttons("Ya", "Tidak", key="a")),
        ("interactive", buttons("Ya", key="x" * 257)),
        ("interactive", {**buttons("Ya"), "footer": {"text": "x" * 61}}),
        ("interactive", {**buttons("Ya"), "header": {"type": "text", "text": "x" * 61}}),
        ("interactive", rows()),
        ("interactive", rows(*(str(n) for n in range(11)))),
        ("interactive", rows("x" * 25)),
        ("interactive", rows("Ya", description="x" * 73)),
        ("interactive", rows("Ya", id="x" * 201)),
        ("interactive", rows("Ya", button="x" * 21)),
        ("interactive", {**rows("Ya"), "header": {"type": "image", "image": {"id": "1"}}}),
        ("image", {}),
        ("audio", {"link": "https://a.example/a.ogg", "caption": "x"}),
        ("image", {"link": "https://a.example/a.png", "caption": "x" * 1025}),
    ],
)
def test_what_is_beyond_a_limit_is_refused(account: Account, sari: Person, kind: str, content: dict[str, Any]) -> None:
    assert refused(account, sari.id, kind, content) in (131008, 131009)
    assert account.sent() == []
    assert sum(account.counters["refused"].values()) == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "x" * 4096}),
        ("interactive", buttons("x" * 20, "é" * 20, "c", text="x" * 1024, key="x" * 255 + "{}")),
        ("interactive", rows(*(f"{n:024}" for n in range(10)), description="x" * 72)),
        ("reaction", {"message_id": "wamid.x", "emoji": "👍"}),
        ("location", {"latitude": 2.9, "longitude": 99.0, "name": "Kantor"}),
        ("contacts", [{"name": {"formatted_name": "Pos", "first_name": "Pos"}}]),
    ],
)
def test_what_is_just_within_the_limits_is_taken(account: Account, sari: Person, kind: str, content: Any) -> None:
    status, answer = send(account, sari.id, kind, content)
    assert (status, answer["contacts"]) == (200, [{"input": sari.id, "user_id": sari.id}])


def test_other_mistakes_have_their_codes(account: Account, sari: Person) -> None:
    assert refused(account, sari.id, "dance", {}) == 131051
    assert refused(account, sari.id, "image", {"id": "12345"}) == 100
    pdf = account.keeps(b"%PDF", mime="application/pdf")
    assert refused(account, sari.id, "image", {"id": pdf["id"]}) == 131053
    large = account.keeps(b"x", mime="image/jpeg", size=6 * 1024 * 1024)
    assert refused(account, sari.id, "image", {"id": large["id"]}) == 131053
    assert refused(account, sari.id, "text", {"body": "x"}, biz_opaque_callback_data="x" * 513) == 131009
    assert refused(account, sari.id, "text", {"body": "x"}, messaging_product="telegram") == 131008
    assert call(account, "GET", "12345")[1]["error_subcode"] == 33


def test_outside_the_window_a_message_is_taken_and_fails_later(account: Account, sari: Person) -> None:
    assert send(account, sari.id, "text", {"body": "satu"})[0] == 200
    account.set(skew=24 * 3600 + 1)
    assert send(account, sari.id, "text", {"body": "dua"})[0] == 200
    account.set(at_once=True)
    assert refused(account, sari.id, "text", {"body": "tiga"}) == 131047
    account.tells(sari.says("halo"), wait=None)
    assert send(account, sari.id, "text", {"body": "empat"})[0] == 200
    assert account.texts(sari) == ["satu", "empat"]
    assert account.counters["failed"] == {"131047": 1}
    assert account.counters["refused"] == {"131047": 1}


def test_the_window_is_open_at_the_number_that_was_written_to_alone(account: Account) -> None:
    sari = somebody()
    account.tells(sari.says("halo"), number=account.staff_number, wait=None)
    account.set(at_once=True)
    assert refused(account, sari.id, "text", {"body": "x"}) == 131047


def test_who_is_not_on_whatsapp_gets_nothing(account: Account) -> None:
    budi, nobody = somebody(), somebody()
    account.knows(budi, on=False, heard=0)
    account.set(at_once=True)
    assert refused(account, budi.id, "text", {"body": "x"}) == 131026
    assert refused(account, nobody.id, "text", {"body": "x"}) == 131026


def test_a_pair_takes_45_at_once_and_then_one_in_six_seconds(account: Account, sari: Person) -> None:
    account.set(limits=True)
    statuses = [send(account, sari.id, "text", {"body": f"{n}"}) for n in range(60)]
    assert [status for status, _ in statuses[:45]] == [200] * 45
    assert {error["code"] for status, error in statuses[45:] if status != 200} == {131056}
    assert account.counters["refused"].keys() == {"131056"}


def test_faults_are_as_the_test_wants_them(account: Account, sari: Person) -> None:
    account.fails("messages", status=500, code=131000)
    account.fails("messages", status=429, code=80007, headers={"Retry-After": "7"})
    assert [refused(account, sari.id, "text", {"body": "x"}) for _ in range(2)] == [131000, 80007]
    account.fails("messages", cut_after=True, to=sari.id)
    with pytest.raises(Exception, match="disconnected"):
        send(account, sari.id, "text", {"body": "tiga"})
    account.fails(fails=131026)
    assert send(account, sari.id, "text", {"body": "empat"})[0] == 200
    assert account.texts(sari) == ["tiga"]
    account.fails("media_info", status=404)
    account.heals()
    photo = account.keeps(b"x", mime="image/jpeg")
    assert call(account, "GET", photo["id"])[0] == 200


def test_a_message_is_marked_as_read_with_typing(account: Account, sari: Person) -> None:
    (said,) = account.tells(sari.says("halo"), wait=None)
    path = f"{account.number}/messages"
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": said["message"]["id"]}
    assert call(account, "POST", path, json={**body, "typing_indicator": {"type": "text"}}) == (200, {"success": True})
    assert call(account, "POST", path, json={**body, "message_id": "wamid.other"})[0] == 400
    assert account.state["reads"] == [{"message_id": said["message"]["id"], "typing": True}]


def test_the_first_thousand_free_form_messages_of_a_month_cost_nothing(account: Account, sari: Person) -> None:
    account.has_template("kabar", "Laporan Anda sudah dijawab hari ini.")
    send(account, sari.id, "text", {"body": "x"})
    send(account, sari.id, "template", {"name": "kabar", "language": {"code": "id"}})
    assert account.counters["billed"] == {"free": 1, "utility": 1}
