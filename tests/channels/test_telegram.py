"""Both Telegram channels send and fetch through their real libraries, against the stand-in of the platform."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bot.channels.base import (
    Button,
    File,
    Gone,
    Later,
    Moved,
    NotFetchedError,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    TooLargeError,
)
from bot.channels.pacing import Pace
from bot.channels.telegram import OFFICIAL_API, TelegramChannel
from bot.channels.telegram_citizen import TelegramCitizen
from bot.channels.telegram_staff import TelegramStaff
from tests.channels.bots import CLASSES, make, picture, running
from tests.channels.contract import ChannelContract, Subject
from tests.telegram.people import Person, group, somebody
from tests.telegram.standin import Bot, StandIn

pytestmark = pytest.mark.anyio

PICTURE = File("foto-1.jpg", "image/jpeg", picture())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def channel_of(bot: Bot, kind: type[TelegramChannel], **changes: Any) -> TelegramChannel:
    return make(kind, **{"token": bot.token, "api_url": f"{bot.api}/", **changes})


# --- the contract


class TelegramSubject(Subject):
    def __init__(self, bot: Bot, kind: type[TelegramChannel]) -> None:
        self.bot, self.person = bot, somebody()
        self.channel = self.telegram = channel_of(bot, kind)
        self.account = kind.accounts[0]
        bot.tells(self.person.starts(), wait=None)

    def raw_text(self, event: str, text: str) -> dict[str, Any]:
        return {**self.person.says(text), "update_id": UUID(event).int % 10**9} | {"message": self._message(text)}

    def _message(self, text: str) -> dict[str, Any]:
        message: dict[str, Any] = {**self.person.says(text)["message"], "message_id": 5}
        return message

    def written(self, text: str) -> str:
        return html.escape(text)

    async def show(self, outgoing: Outgoing) -> tuple[Outcome, list[dict[str, Any]]]:
        before = len(self.bot.sent())
        outcome = await self._send(outgoing, self.person.id)
        return outcome, [self._seen(call) for call in self.bot.sent(before)]

    def _seen(self, call: dict[str, Any]) -> dict[str, Any]:
        rows = (call["messages"][-1].get("reply_markup") or {}).get("inline_keyboard", [])
        choices = [{"label": key["text"], "data": key.get("callback_data")} for row in rows for key in row]
        text = call["messages"][0].get("text") or call["messages"][0].get("caption", "")
        return {"text": text, "choices": choices, "files": call["files"]}

    async def send_to_nobody(self, outgoing: Outgoing) -> Outcome:
        return await self._send(outgoing, 424_242)

    async def _send(self, outgoing: Outgoing, to: int) -> Outcome:
        page = Outgoing(
            outgoing.key, self.account, str(to), outgoing.text, outgoing.buttons, outgoing.files, outgoing.edits
        )
        async with running(self.telegram):
            return await self.telegram.send(page)


class TestCitizenBot(ChannelContract):
    kind: type[TelegramChannel] = TelegramCitizen

    @pytest.fixture
    def subject(self, standin: StandIn) -> Subject:
        return TelegramSubject(standin.bot(), self.kind)

    def make(self) -> Subject:
        raise NotImplementedError


class TestStaffBot(TestCitizenBot):
    kind = TelegramStaff


# --- sending


@pytest.fixture(params=CLASSES, ids=lambda kind: kind.accounts[0])
async def channel(request: pytest.FixtureRequest, bot: Bot) -> AsyncIterator[TelegramChannel]:
    async with running(channel_of(bot, request.param)) as started:
        yield started


def page(to: Any, text: str = "Halo", key: str = "3XZ", **more: Any) -> Outgoing:
    return Outgoing(key, "citizen", str(to), text, **more)


def methods(bot: Bot) -> list[str]:
    return [call["method"] for call in bot.sent()]


async def test_a_long_page_comes_in_pieces_with_its_buttons_under_the_last(
    channel: TelegramChannel, bot: Bot, sari: Person
) -> None:
    text = "\n\n".join(f"<b>Bagian {n}</b>\n" + "kata &amp; kata " * 60 for n in range(10))
    outcome = await channel.send(page(sari.id, text, buttons=(Button("Kirim", "3XZ.1"),)))
    assert isinstance(outcome, Sent)
    own = [m for m in bot.messages(sari.id) if m["from"]["id"] == bot.id]
    assert [str(message["message_id"]) for message in own] == list(outcome.parts)
    assert len(own) > 2
    assert ["reply_markup" in message for message in own] == [False] * (len(own) - 1) + [True]
    assert all(message["text"].startswith("Bagian") for message in own)


async def test_labels_stand_in_pairs_while_they_are_short(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    labels = ("Ya", "Tidak", "Ini pilihan yang panjang", "Batal")
    await channel.send(page(sari.id, buttons=tuple(Button(label, f"3XZ.{n}") for n, label in enumerate(labels))))
    rows = bot.messages(sari.id)[-1]["reply_markup"]["inline_keyboard"]
    assert [[key["text"] for key in row] for row in rows] == [["Ya", "Tidak"], [labels[2]], ["Batal"]]


async def test_a_button_that_opens_the_private_chat_is_a_link_once_our_name_is_known(
    channel: TelegramChannel, bot: Bot, sari: Person
) -> None:
    opens = Button("Buka", "3XZ.1", opens="c-7K3QD")
    assert isinstance(await channel.send(page(sari.id, buttons=(opens,))), Sent)
    channel.username = "siantar_staf_bot"
    await channel.send(page(sari.id, "Lagi", buttons=(opens,)))
    first, second = [m for m in bot.messages(sari.id) if m["from"]["id"] == bot.id]
    assert "reply_markup" not in first
    (key,) = second["reply_markup"]["inline_keyboard"][0]
    assert key == {"text": "Buka", "url": "https://t.me/siantar_staf_bot?start=c-7K3QD"}


async def test_a_button_with_too_much_behind_it_is_refused_without_asking(
    channel: TelegramChannel, bot: Bot, sari: Person
) -> None:
    assert await channel.send(page(sari.id, buttons=(Button("Ya", "x" * 65),))) == Refused("button")
    assert methods(bot) == []


FILES: dict[str, tuple[tuple[File, ...], str, list[str]]] = {
    "one picture": ((PICTURE,), "Halo", ["sendPhoto"]),
    "one picture, many words": ((PICTURE,), "kata " * 300, ["sendPhoto", "sendMessage"]),
    "two pictures": ((PICTURE, PICTURE), "Halo", ["sendMediaGroup", "sendMessage"]),
    "eleven pictures": ((PICTURE,) * 11, "Halo", ["sendMediaGroup", "sendPhoto", "sendMessage"]),
    "a voice": ((File("suara-1.ogg", "audio/ogg", b"OggS"),), "Halo", ["sendVoice"]),
    "a song": ((File("suara-1.mp3", "audio/mpeg", b"ID3"),), "Halo", ["sendAudio"]),
    "a video": ((File("video-1.mp4", "video/mp4", b"ftyp"),), "Halo", ["sendVideo"]),
    "a paper": ((File("surat-1.pdf", "application/pdf", b"%PDF"),), "Halo", ["sendDocument"]),
    "both": ((PICTURE, File("video-1.mp4", "video/mp4", b"ftyp")), "Halo", ["sendPhoto", "sendVideo", "sendMessage"]),
}


@pytest.mark.parametrize("name", FILES)
async def test_files_go_as_what_they_are_under_their_own_names(
    channel: TelegramChannel, bot: Bot, sari: Person, name: str
) -> None:
    files, text, expected = FILES[name]
    outcome = await channel.send(page(sari.id, text, files=files, buttons=(Button("Ya", "3XZ.1"),)))
    assert isinstance(outcome, Sent)
    assert methods(bot) == expected
    calls = bot.sent()
    assert [file["name"] for call in calls for file in call["files"]] == [file.name for file in files]
    assert len(outcome.parts) == sum(len(call["messages"]) for call in calls)
    assert calls[-1]["messages"][-1]["reply_markup"]


async def test_a_picture_alone_says_in_words_what_it_shows(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    chart = File("rekap.png", "image/png", b"\x89PNG", "Gambar: 3 <terlambat>.")
    await channel.send(page(sari.id, "kata " * 300, files=(chart,)))
    assert bot.sent()[0]["messages"][0]["caption"] == chart.alt


async def test_a_picture_of_odd_shape_goes_as_a_document(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    bot.fails("sendPhoto", status=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
    assert isinstance(await channel.send(page(sari.id, files=(PICTURE,))), Sent)
    assert methods(bot) == ["sendDocument"]


async def test_a_voice_for_somebody_who_lets_nobody_send_any_goes_as_a_document(
    channel: TelegramChannel, bot: Bot, sari: Person
) -> None:
    voice = File("suara-1.ogg", "audio/ogg", b"OggS")
    bot.fails("sendVoice", status=400, description="Bad Request: VOICE_MESSAGES_FORBIDDEN")
    assert isinstance(await channel.send(page(sari.id, "kata " * 300, files=(voice,))), Sent)
    assert methods(bot) == ["sendDocument", "sendMessage"]


async def test_markup_that_the_platform_cannot_read_is_left_out(
    channel: TelegramChannel, bot: Bot, sari: Person, caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(await channel.send(page(sari.id, "<blink>Rahasia</blink> &lt;3")), Sent)
    assert bot.texts(sari.id) == ["Rahasia <3"]
    assert caplog.messages == ["a message was refused and goes in another form"]


# --- edits


async def test_an_edit_takes_the_place_of_the_message(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    first = await channel.send(page(sari.id, "Satu", buttons=(Button("Ya", "3XZ.1"),)))
    assert isinstance(first, Sent)
    edit = page(sari.id, "<b>Dua</b>", key="4AB", edits=first.parts[0])
    assert await channel.send(edit) == first
    assert bot.texts(sari.id) == ["Dua"]
    assert await channel.send(edit) == first  # says what stands there already


async def test_what_cannot_be_edited_any_more_is_sent_anew(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    first = await channel.send(page(sari.id, "Satu"))
    assert isinstance(first, Sent)
    bot.does(sari.id, "forget", message_id=int(first.parts[0]))
    second = await channel.send(page(sari.id, "Dua", edits=first.parts[0]))
    assert isinstance(second, Sent)
    assert second != first
    assert bot.texts(sari.id) == ["Dua"]


async def test_an_edit_that_needs_two_messages_is_sent_anew(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    first = await channel.send(page(sari.id, "Satu"))
    assert isinstance(first, Sent)
    await channel.send(page(sari.id, "Dua", files=(PICTURE,), edits=first.parts[0]))
    assert bot.texts(sari.id) == ["Satu", "Dua"]


@pytest.mark.parametrize("files", [1, 3])
async def test_an_edit_of_a_page_with_files_leaves_them_where_they_are(
    channel: TelegramChannel, bot: Bot, sari: Person, files: int
) -> None:
    pictures = (PICTURE,) * files
    first = await channel.send(page(sari.id, "Satu", files=pictures, buttons=(Button("Ya", "3XZ.1"),)))
    assert isinstance(first, Sent)
    stands: dict[str, Any] = {"edits": first.parts[-1], "stands": first.parts}
    assert await channel.send(page(sari.id, "<b>Dua</b>", files=pictures, **stands)) == first
    assert bot.texts(sari.id)[-1] == "Dua"
    assert len(bot.messages(sari.id)) == len(first.parts) + 1
    await channel.send(page(sari.id, "Tiga", files=(*pictures, PICTURE), **stands))
    assert bot.texts(sari.id)[-1] == "Tiga"
    assert len(bot.messages(sari.id)) > 2 * len(first.parts)


# --- what the platform does


FAULTS: dict[str, tuple[dict[str, Any], Outcome]] = {
    "flood": ({"status": 429, "parameters": {"retry_after": 7}}, Later(7, blameless=True)),
    "blocked": ({"status": 403, "description": "Forbidden: bot was blocked by the user"}, Gone("forbidden")),
    "no chat": ({"status": 400, "description": "Bad Request: chat not found"}, Gone("chat")),
    "moved": ({"status": 400, "parameters": {"migrate_to_chat_id": -100815}}, Moved("-100815")),
    "too long": ({"status": 400, "description": "Bad Request: message is too long"}, Refused("too_long")),
    "too large": ({"status": 413, "description": "Request Entity Too Large"}, Refused("too_large")),
    "no token": ({"status": 401, "description": "Unauthorized"}, Later(60, blameless=True)),
    "no method": ({"status": 404, "description": "Not Found"}, Later(60, blameless=True)),
    "ill": ({"status": 500, "description": "Internal Server Error"}, Later(1, blameless=True)),
    "restarting": ({"status": 502, "description": "Bad Gateway"}, Later(1, blameless=True)),
    "no answer": ({"cut_before": True}, Later(1, blameless=True)),
    "lost answer": ({"cut_after": True}, Later(1, blameless=True)),
    "half an answer": ({"raw": '{"ok": tr'}, Later(1, blameless=True)),
    "a page of somebody else": (
        {"raw": "<html><h1>502 Bad Gateway</h1></html>", "status": 502},
        Later(1, blameless=True),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_what_goes_wrong_has_an_outcome(channel: TelegramChannel, bot: Bot, sari: Person, name: str) -> None:
    does, outcome = FAULTS[name]
    bot.fails("sendMessage", **does)
    assert await channel.send(page(sari.id)) == outcome


async def test_nobody_listens_at_the_platforms_address(channel: TelegramChannel) -> None:
    async with running(make(type(channel), api_url="http://127.0.0.1:9")) as lonely:
        assert await lonely.send(page(4711)) == Later(1.0, blameless=True)


async def test_a_channel_that_is_not_started_sends_later(sari: Person) -> None:
    assert await make(TelegramCitizen).send(page(sari.id)) == Later(1.0, blameless=True)


async def test_a_chat_that_must_wait_holds_up_nobody_else(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    other = somebody()
    bot.tells(other.starts(), wait=None)
    bot.fails("sendMessage", chat=sari.id, status=429, parameters={"retry_after": 30})
    await channel.send(page(sari.id))
    assert isinstance(await channel.send(page(other.id)), Sent)
    assert channel.rest(str(sari.id)) > 29
    waits = await channel.send(page(sari.id))
    assert isinstance(waits, Later)
    assert waits.blameless
    assert bot.counters["calls"]["sendMessage"] == 2


async def test_a_page_that_stops_in_the_middle_goes_on_there(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    files = (PICTURE, PICTURE)
    bot.fails("sendMessage", status=500, description="Internal Server Error")
    long = page(sari.id, "kata " * 1_000, files=files)
    assert isinstance(await channel.send(long), Later)
    outcome = await channel.send(long)
    assert isinstance(outcome, Sent)
    assert methods(bot) == ["sendMediaGroup", "sendMessage", "sendMessage"]
    assert len(outcome.parts) == len(set(outcome.parts)) == 4


async def test_a_cancelled_send_stays_cancelled(channel: TelegramChannel, bot: Bot, sari: Person) -> None:
    bot.fails("sendMessage", delay=5)
    sending = asyncio.create_task(channel.send(page(sari.id)))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


# --- groups


async def test_a_group_has_topics_moves_and_throws_us_out(channel: TelegramChannel, bot: Bot) -> None:
    chat = bot.chat(group(supergroup=True), member=True)["id"]
    topic = bot.does(chat, "topic")["thread"]
    assert isinstance(await channel.send(page(f"{chat}/{topic}")), Sent)
    assert bot.sent()[-1]["messages"][0]["message_thread_id"] == topic
    bot.does(chat, "drop_topic", thread=topic)
    assert await channel.send(page(f"{chat}/{topic}")) == Moved(str(chat))
    assert isinstance(await channel.send(page(chat)), Sent)
    bot.does(chat, "remove")
    assert isinstance(await channel.send(page(chat)), Gone)
    old = bot.chat(group(), member=True)["id"]
    new = bot.does(old, "migrate")["to"]
    assert await channel.send(page(old)) == Moved(str(new))


# --- the pace


async def test_what_the_platform_allows_is_never_exceeded(bot: Bot, sari: Person) -> None:
    bot.set(limits=True)
    async with running(channel_of(bot, TelegramCitizen, pace=Pace())) as channel:
        assert isinstance(await channel.send(page(sari.id)), Sent)
        assert 0 < channel.rest(str(sari.id)) <= 1
        assert isinstance(await channel.send(page(sari.id, "Lagi")), Sent)
    assert bot.counters["too_many"] == 0


# --- presses and files


async def test_a_press_is_acknowledged_and_nothing_comes_of_a_failure(
    channel: TelegramChannel, bot: Bot, sari: Person
) -> None:
    await channel.send(page(sari.id, buttons=(Button("Ya", "3XZ.1"),)))
    (update,) = bot.tells(sari.presses(bot.messages(sari.id)[-1]), wait=None)
    assert update is not None
    await channel.acknowledge(update)
    assert bot.counters["calls"]["answerCallbackQuery"] == 1
    bot.fails("answerCallbackQuery", status=400, description="Bad Request: query is too old")
    await channel.acknowledge(update)
    await channel.acknowledge(sari.says("Halo"))


async def test_a_file_is_fetched_as_it_was_sent(channel: TelegramChannel, bot: Bot) -> None:
    file = bot.keeps(b"isi berkas", name="a.bin", mime="image/jpeg")
    assert await channel.fetch(file["file_id"]) == b"isi berkas"


NOT_FETCHED: dict[str, tuple[dict[str, Any], bool]] = {
    "wrong id": ({"status": 400, "description": "Bad Request: invalid file_id"}, True),
    "too big": ({"status": 400, "description": "Bad Request: file is too big"}, True),
    "flood": ({"status": 429, "parameters": {"retry_after": 3}}, False),
    "ill": ({"status": 500, "description": "Internal Server Error"}, False),
    "dead token": ({"status": 401, "description": "Unauthorized"}, False),
    "no answer": ({"cut_before": True}, False),
}


@pytest.mark.parametrize("name", NOT_FETCHED)
async def test_a_file_that_cannot_be_had_says_whether_it_ever_can(
    channel: TelegramChannel, bot: Bot, name: str
) -> None:
    does, final = NOT_FETCHED[name]
    bot.fails("getFile", **does)
    with pytest.raises(NotFetchedError) as caught:
        await channel.fetch(bot.keeps(b"isi")["file_id"])
    assert caught.value.final is final
    assert bot.token not in str(caught.value)


def _names(bot: Bot, path: Path | str, size: int = 3) -> None:
    """The next getFile names this path."""
    file = {"file_id": "x", "file_unique_id": "y", "file_size": size, "file_path": str(path)}
    bot.fails("getFile", raw=json.dumps({"ok": True, "result": file}))


async def test_a_file_that_is_gone_from_the_server_is_final(channel: TelegramChannel, bot: Bot) -> None:
    _names(bot, "photos/none.jpg")
    with pytest.raises(NotFetchedError) as caught:
        await channel.fetch("x")
    assert caught.value.final


async def test_a_file_that_is_larger_than_agreed_is_not_fetched(channel: TelegramChannel, bot: Bot) -> None:
    _names(bot, "photos/big.jpg", size=20_000_001)
    with pytest.raises(TooLargeError) as caught:
        await channel.fetch("x")
    assert caught.value.final
    bot.fails("getFile", status=400, description="Bad Request: file is too big")
    with pytest.raises(TooLargeError):
        await channel.fetch("x")


async def test_a_server_of_our_own_may_name_a_file_on_its_disk(
    channel: TelegramChannel, bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file_1.ogg"
    file.write_bytes(b"OggS")
    _names(bot, file)
    assert await channel.fetch("x") == b"OggS"
    _names(bot, tmp_path / "none.ogg")
    with pytest.raises(NotFetchedError) as caught:
        await channel.fetch("x")
    assert not caught.value.final
    _names(bot, file)
    monkeypatch.setattr(channel, "_api_url", OFFICIAL_API)  # the answer still comes from the stand-in
    with pytest.raises(NotFetchedError, match="a file of this machine"):
        await channel.fetch("x")
