"""What people do in Telegram, as both libraries parse it, and what we make of it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_citizen import TelegramCitizen
from bot.channels.telegram_staff import TelegramStaff
from handlers.messages import Inbound, News, Remote
from tests.channels.bots import CLASSES, ME, make
from tests.telegram.people import everything, group, group_migrates, some_file, somebody

Update = dict[str, Any]

SARI = somebody()
PLACE = group(supergroup=True)
OURS = {**SARI.says("Kartu")["message"], "from": ME}


@pytest.fixture(params=CLASSES, ids=lambda kind: kind.accounts[0])
def channel(request: pytest.FixtureRequest) -> TelegramChannel:
    return make(request.param)


def read(channel: TelegramChannel, update: Update) -> list[Inbound]:
    return channel.parse(channel.accounts[0], update)


def one(channel: TelegramChannel, update: Update) -> Inbound:
    (found,) = read(channel, update)
    assert (found.channel, found.account) == ("telegram", channel.accounts[0])
    return found


def test_words_come_with_who_where_and_what_they_answer(channel: TelegramChannel) -> None:
    update = SARI.replies(OURS, "KTP saya <b>belum</b> jadi 👍")
    found = one(channel, update)
    assert found.text == "KTP saya <b>belum</b> jadi 👍"
    assert found.sender == str(SARI.id)
    assert found.message == str(update["message"]["message_id"])
    assert found.reply_to == str(OURS["message_id"])
    assert (found.group, found.news, found.odd, found.edited) == (None, None, None, False)


@pytest.mark.parametrize(
    ("code", "language"), [("id", "id"), ("in", "id"), ("id-ID", "id"), ("en", "en"), ("en-GB", "en"), ("fr", None)]
)
def test_a_phones_language_is_a_hint_from_citizens_only(code: str, language: str | None) -> None:
    update = somebody(code).says("Halo")
    assert one(make(TelegramCitizen), update).language == language
    assert one(make(TelegramStaff), update).language is None


def test_an_event_is_known_again_by_its_update_and_its_message(channel: TelegramChannel) -> None:
    update = SARI.says("Halo")
    again = json.loads(json.dumps(update))
    assert one(channel, update).event == one(channel, again).event
    other = {**update, "update_id": update["update_id"] + 1}
    assert one(channel, other).event != one(channel, update).event
    restarted = {**SARI.says("Hari lain"), "update_id": update["update_id"]}  # ids may begin anew after a quiet week
    assert one(channel, restarted).event != one(channel, update).event


def test_a_press_brings_its_data_also_from_a_message_too_old_to_be_shown(channel: TelegramChannel) -> None:
    press = SARI.presses_data({**OURS, "chat": SARI.chat}, "3XZ.1")
    found = one(channel, press)
    assert (found.choice, found.text, found.sender, found.message) == ("3XZ.1", "", str(SARI.id), None)
    press["callback_query"]["message"] = {"chat": SARI.chat, "message_id": 7, "date": 0}
    assert one(channel, press).choice == "3XZ.1"
    del press["callback_query"]["message"], press["callback_query"]["data"]
    press["callback_query"]["game_short_name"] = "catur"
    assert read(channel, press) == []


def test_new_words_for_an_old_message_are_an_edit_of_it(channel: TelegramChannel) -> None:
    said = SARI.says("KTP saya belum jdi")
    first, second = SARI.edits(said, "KTP saya belum jadi"), SARI.edits(said, "KTP saya belum jadi juga")
    found = one(channel, first)
    assert found.edited
    assert found.text == "KTP saya belum jadi"
    assert found.message == str(said["message"]["message_id"])
    same_second = {**second, "update_id": first["update_id"]}
    assert len({found.event, one(channel, said).event, one(channel, same_second).event}) == 3


def test_a_live_location_that_moves_on_is_no_news(channel: TelegramChannel) -> None:
    moved = SARI.sends_location()["message"] | {"edit_date": int(time.time())}
    assert read(channel, {"update_id": 1, "edited_message": moved}) == []


FILES = {
    "photo": (SARI.sends_photo, "photo", "image/jpeg"),
    "document": (SARI.sends_document, "document", "application/pdf"),
    "voice": (SARI.sends_voice, "voice", "audio/ogg"),
    "audio": (SARI.sends_audio, "voice", "audio/mpeg"),
    "video": (SARI.sends_video, "video", "video/mp4"),
    "video_note": (SARI.sends_video_note, "video", "video/mp4"),
    "animation": (SARI.sends_animation, "video", "video/mp4"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_named_to_be_fetched_later(channel: TelegramChannel, name: str) -> None:
    sends, kind, mime = FILES[name]
    file = some_file(mime, "nama-asli.bin", size=20_000_000)
    (remote,) = one(channel, sends(file)).remote
    assert remote == Remote(kind, file["file_id"], mime, 20_000_000)


@pytest.mark.parametrize("name", [name for name in FILES if name != "photo"])
def test_a_file_that_no_bot_may_fetch_is_too_large(channel: TelegramChannel, name: str) -> None:
    sends, _, mime = FILES[name]
    found = one(channel, sends(some_file(mime, size=20_000_001)))
    assert (found.odd, found.remote) == ("too_large", ())


def test_the_words_below_a_file_that_is_too_large_are_kept(channel: TelegramChannel) -> None:
    words, odd = read(channel, SARI.sends_video(some_file("video/mp4", size=50_000_000), "Jalan rusak"))
    assert (words.text, words.odd) == ("Jalan rusak", None)
    assert (odd.text, odd.odd) == ("", "too_large")
    assert words.event != odd.event


def test_of_a_photo_the_largest_size_that_may_be_fetched_is_taken(channel: TelegramChannel) -> None:
    update = SARI.sends_photo(some_file(size=25_000_000), "Lampu mati")
    found = one(channel, update)
    assert found.text == "Lampu mati"
    assert found.remote[0].ref == update["message"]["photo"][1]["file_id"]


def test_places_are_points_and_venues_have_names(channel: TelegramChannel) -> None:
    assert one(channel, SARI.sends_location(2.9595, 99.0687)).place == "2.95950, 99.06870"
    venue = one(channel, SARI.sends_venue("Pasar\nHoras", "Jl. Merdeka"))
    assert venue.place == "Pasar Horas, Jl. Merdeka (2.95950, 99.06870)"


ODD = {
    "contact": SARI.sends_contact(),
    "sticker": SARI.sends_sticker(),
    "dice": SARI.throws_dice(),
    "poll": SARI.sends_poll(),
    "story": SARI.sends({"story": {"chat": SARI.chat, "id": 3}}),
    "something new": SARI.sends({"hologram": {"depth": 3}}),
}


@pytest.mark.parametrize("name", ODD)
def test_what_we_cannot_read_is_said_to_be_odd(channel: TelegramChannel, name: str) -> None:
    expected = {"contact": "contact", "sticker": "sticker", "dice": "sticker"}.get(name, "unreadable")
    assert one(channel, ODD[name]).odd == expected


def _from(update: Update, **changes: Any) -> Update:
    return {**update, "message": {**update["message"], **changes}}


SILENT = {
    "pinned": SARI.sends({"pinned_message": OURS}),
    "a bot": _from(SARI.says("Halo"), **{"from": ME}),
    "a channel": _from(SARI.says("Halo"), sender_chat={"id": -1001, "type": "channel", "title": "Kabar"}),
    "a channel's post": {
        "update_id": 5,
        "channel_post": {**OURS, "chat": {"id": -100, "type": "channel", "title": "K"}},
    },
    "group talk": SARI.says("Halo semua", chat=PLACE),
    "group photo": SARI.sends_photo(caption="Lihat", chat=PLACE),
    "group edit": SARI.edits(SARI.says("/grup", chat=PLACE), "/grup berhenti"),
    "group answer to another": SARI.replies(SARI.says("x", chat=PLACE)["message"], "Ya", chat=PLACE),
    "anonymous admin": _from(SARI.says("/grup", chat=PLACE), sender_chat=PLACE),
    "migrated from": group_migrates(SARI, group(), PLACE["id"])[1],
    "a future kind": {"update_id": 6, "telepathy": {"id": 1}},
}


@pytest.mark.parametrize("name", SILENT)
def test_what_concerns_nobody_is_nothing(channel: TelegramChannel, name: str) -> None:
    assert read(channel, SILENT[name]) == []


@pytest.mark.parametrize("hidden", [True, False])
def test_of_a_forwarded_message_only_the_words_are_taken(channel: TelegramChannel, hidden: bool) -> None:
    update = SARI.forwards("Minta uang di loket", hidden=hidden)
    origin = json.dumps(update["message"]["forward_origin"])
    found = one(channel, update)
    assert found.text == "Minta uang di loket"
    author = json.loads(origin).get("sender_user", {}).get("first_name") or json.loads(origin)["sender_user_name"]
    assert author not in repr(found)


EVERYTHING = everything(ME)


@pytest.mark.parametrize("name", EVERYTHING)
def test_everything_is_read_and_no_name_of_an_account_comes_through(channel: TelegramChannel, name: str) -> None:
    for update in EVERYTHING[name]:
        body = next(value for key, value in update.items() if key != "update_id")
        names = [body["from"][key] for key in ("first_name", "last_name", "username")]
        said = repr(read(channel, update))
        assert not [name for name in names if name in said]


# --- groups


def test_a_command_or_an_answer_in_a_group_comes_without_its_media() -> None:
    staff = make(TelegramStaff)
    command = one(staff, SARI.says("/grup", chat=PLACE))
    assert (command.text, command.group, command.sender) == ("/grup", str(PLACE["id"]), str(SARI.id))
    answer = one(staff, SARI.replies({**OURS, "chat": PLACE}, "Sudah kami cek", thread=77))
    assert (answer.group, answer.reply_to) == (f"{PLACE['id']}/77", str(OURS["message_id"]))
    assert answer.remote == ()
    wordless = one(staff, SARI.sends_sticker(reply_to={**OURS, "chat": PLACE}, chat=PLACE))
    assert (wordless.text, wordless.reply_to) == ("", str(OURS["message_id"]))


def test_a_command_for_another_bot_is_not_ours_once_we_know_our_name() -> None:
    staff = make(TelegramStaff)
    update = SARI.says("/grup@lain_bot", chat=PLACE)
    assert one(staff, update).text == "/grup@lain_bot"
    staff.username = "Tanggap_bot"
    assert read(staff, update) == []
    assert one(staff, SARI.says("/grup@tanggap_bot", chat=PLACE)).text == "/grup@tanggap_bot"


def test_the_citizen_bot_hears_nothing_in_groups() -> None:
    citizen = make(TelegramCitizen)
    pressed = SARI.presses_data({**OURS, "chat": PLACE}, "3XZ.1")
    gone = SARI.places_bot(ME, "member", "kicked", chat=PLACE)
    for update in (SARI.says("/start", chat=PLACE), SARI.replies({**OURS, "chat": PLACE}, "Ya"), pressed, gone):
        assert read(citizen, update) == []
    assert one(make(TelegramStaff), pressed).group == str(PLACE["id"])


def test_a_group_that_moved_is_news_under_its_old_id() -> None:
    old = group()
    found = one(make(TelegramStaff), group_migrates(SARI, old, PLACE["id"])[0])
    assert (found.sender, found.news) == (str(old["id"]), News("moved", str(PLACE["id"])))


@pytest.mark.parametrize(
    ("status", "what"), [("member", "back"), ("administrator", "back"), ("left", "gone"), ("kicked", "gone")]
)
def test_a_bot_that_is_removed_or_added_is_news_of_the_chat(status: str, what: str) -> None:
    found = one(make(TelegramStaff), SARI.places_bot(ME, "member", status, chat=PLACE))
    assert (found.sender, found.news, found.group) == (str(PLACE["id"]), News(what), None)


@pytest.mark.parametrize("may_write", [True, False])
def test_a_bot_that_may_not_write_any_more_is_gone(may_write: bool) -> None:
    rights = dict.fromkeys(RIGHTS, True) | {"is_member": True, "can_send_messages": may_write, "until_date": 0}
    update = SARI.places_bot(ME, "member", "restricted", chat=PLACE)
    update["my_chat_member"]["new_chat_member"] |= rights
    assert one(make(TelegramStaff), update).news == News("back" if may_write else "gone")


RIGHTS = (
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


def test_a_person_who_blocks_us_is_gone_and_comes_back(channel: TelegramChannel) -> None:
    assert one(channel, SARI.blocks(ME)).news == News("gone")
    back = one(channel, SARI.unblocks(ME))
    assert (back.sender, back.news) == (str(SARI.id), News("back"))


# --- what nobody can read


def test_half_of_a_character_is_replaced_and_the_rest_is_kept(channel: TelegramChannel) -> None:
    update = json.loads(json.dumps(SARI.says("TITIK")).replace("TITIK", "Halo \\ud83d"))
    assert one(channel, update).text == "Halo \N{REPLACEMENT CHARACTER}"


def _deep(levels: int) -> Update:
    message = SARI.says("rahasia")["message"]
    for _ in range(levels):
        message = {**SARI.says("rahasia")["message"], "reply_to_message": message}
    return {"update_id": 1, "message": message}


BROKEN: dict[str, Any] = {
    "nothing": {},
    "no update": {"hello": "rahasia"},
    "a text for an id": _from(SARI.says("rahasia"), message_id="rahasia"),
    "a list for a chat": _from(SARI.says("rahasia"), chat=["rahasia"]),
    "a number for a text": _from(SARI.says("x"), text={"rahasia": 1}),
    "a huge id": _from(SARI.says("rahasia"), message_id=10**30),
    "a place beyond the pole": SARI.sends_location(latitude=91.0),
    "no number for a place": SARI.sends_location(longitude=float("nan")),
    "too deep": _deep(5_000),
    "a file without an id": _from(SARI.sends_voice(), voice={"duration": 3}),
    "no date": {"update_id": 1, "message": {"message_id": 1, "chat": SARI.chat, "text": "rahasia"}},
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_a_value_error_that_quotes_nothing(channel: TelegramChannel, name: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its sentence is looked at below
        read(channel, BROKEN[name])
    assert "rahasia" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_update_for_another_account_is_refused(channel: TelegramChannel) -> None:
    with pytest.raises(ValueError, match="another bot"):
        channel.parse("elsewhere", SARI.says("Halo"))


@pytest.mark.parametrize("token", ["", "abc", "987", "987:", ":abc", "98 7:abc", "987:a b"])
def test_what_is_no_token_is_refused_without_being_quoted(token: str) -> None:
    for kind in CLASSES:
        with pytest.raises(ValueError, match="BotFather") as caught:
            kind(token)
        assert not token or token not in str(caught.value)
