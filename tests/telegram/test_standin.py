"""The stand-in as the real client libraries meet it."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiogram
import aiogram.exceptions as aio
import httpx
import pytest
import telegram
import telegram.error as ptb
import uvicorn
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BufferedInputFile, InputMediaPhoto
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.telegram.people import Person, group, somebody
from tests.telegram.standin import Bot, StandIn, new_token

Run = Callable[[Any, Any], Awaitable[None]]


@pytest.fixture(autouse=True)
def spans_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns of the old way."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def bot(standin: StandIn) -> Bot:
    return standin.bot()


@pytest.fixture
def sari(bot: Bot) -> Person:
    """Somebody who has started the bot."""
    person = somebody()
    bot.tells(person.starts(), wait=None)
    return person


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(data, "JPEG")
    return data.getvalue()


def with_both(bot: Bot, body: Run) -> None:
    """Do something with aiogram's client and with python-telegram-bot's."""

    async def run() -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(bot.api))
        citizen = aiogram.Bot(bot.token, session=session)
        staff = telegram.Bot(bot.token, base_url=f"{bot.api}/bot", base_file_url=f"{bot.api}/file/bot")
        async with staff:
            try:
                await body(citizen, staff)
            finally:
                if session._session:  # aiogram's own close also sleeps
                    await session._session.close()

    asyncio.run(run())


def call(bot: Bot, method: str, **params: Any) -> tuple[int, Any]:
    """A bare call with a JSON body: the status, and the result or what was wrong."""
    answer = httpx.post(f"{bot.api}/bot{bot.token}/{method}", json=params, timeout=10)
    body = answer.json()
    return answer.status_code, body["result"] if body["ok"] else body["description"]


def refused(bot: Bot, method: str, **params: Any) -> str:
    """What the platform says no with."""
    status, said = call(bot, method, **params)
    assert status >= 400
    return str(said)


# --- messages


def test_both_libraries_send_edit_and_delete(bot: Bot, sari: Person) -> None:
    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        first = await citizen.send_message(sari.id, "<b>satu</b> &lt;", parse_mode="HTML")
        assert (first.text, first.html_text) == ("satu <", "<b>satu</b> &lt;")
        rows = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Ya", callback_data="x.1")]])
        second = await staff.send_message(sari.id, "dua", reply_markup=rows)
        assert second.message_id == first.message_id + 1
        edited = await staff.edit_message_text("tiga", sari.id, second.message_id)
        assert isinstance(edited, telegram.Message)
        assert edited.reply_markup is None
        assert await citizen.delete_message(sari.id, first.message_id)
        with pytest.raises(ptb.BadRequest, match=r"(?i)message is not modified"):
            await staff.edit_message_text("tiga", sari.id, second.message_id)
        with pytest.raises(aio.TelegramBadRequest, match="message to edit not found"):
            await citizen.edit_message_text("empat", chat_id=sari.id, message_id=first.message_id)

    with_both(bot, body)
    assert bot.texts(sari.id) == ["tiga"]
    assert [one["method"] for one in bot.sent()] == ["sendMessage", "sendMessage", "editMessageText", "deleteMessage"]


def test_files_and_albums_go_up_and_come_down_as_they_were(bot: Bot, sari: Person) -> None:
    photo = picture()

    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        file = BufferedInputFile(photo, "foto-1.jpg")
        album: list[Any] = [
            InputMediaPhoto(media=file, caption="<i>dua</i>", parse_mode="HTML"),
            InputMediaPhoto(media=file),
        ]
        sent = await citizen.send_media_group(sari.id, album)
        assert sent[0].caption == "dua"
        assert sent[0].media_group_id == sent[1].media_group_id
        one = await staff.send_photo(sari.id, photo, caption="satu", filename="foto-2.jpg")
        got = await staff.get_file(one.photo[-1].file_id)
        assert bytes(await got.download_as_bytearray()) == photo
        note = await staff.send_voice(sari.id, b"OggS", filename="suara.ogg")
        assert note.voice
        group_of_two = [telegram.InputMediaDocument(b"a", filename="a.pdf"), telegram.InputMediaDocument(b"b")]
        await staff.send_media_group(sari.id, group_of_two)

    with_both(bot, body)
    album, photo_sent, voice, documents = bot.sent()
    assert len(album["ids"]) == len(documents["ids"]) == 2
    assert [file["name"] for file in album["files"]] == ["foto-1.jpg"] * 2
    assert bot.file(photo_sent["files"][0]["file_id"]) == photo
    assert voice["files"][0]["name"] == "suara.ogg"
    assert documents["files"][0]["name"] == "a.pdf"


def test_what_a_person_sends_can_be_fetched_up_to_20_mb(bot: Bot, sari: Person) -> None:
    small = bot.keeps(b"%PDF-1.7", name="rahasia.pdf", mime="application/pdf")
    large = bot.keeps(b"", mime="video/mp4", size=21 * 1024 * 1024)

    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        data = await citizen.download(small["file_id"])
        assert data
        assert data.read() == b"%PDF-1.7"
        with pytest.raises(ptb.BadRequest, match=r"(?i)file is too big"):
            await staff.get_file(large["file_id"])

    with_both(bot, body)
    assert refused(bot, "getFile", file_id="x") == "Bad Request: wrong file_id or the file is temporarily unavailable"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<script>", 'Unsupported start tag "script" at byte offset 0'),
        ("é < b", 'Unsupported start tag "" at byte offset 3'),
        ("<b>satu", 'Can\'t find end tag corresponding to start tag "b"'),
        ("satu</b>", "Unexpected end tag at byte offset 4"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ('<a href="x>y</a>', 'Unclosed start tag "a" at byte offset 0'),
    ],
)
def test_html_that_is_not_the_platforms_is_refused(bot: Bot, sari: Person, text: str, said: str) -> None:
    found = refused(bot, "sendMessage", chat_id=sari.id, text=text, parse_mode="HTML")
    assert found == f"Bad Request: can't parse entities: {said}"


def test_html_becomes_text_and_entities_counted_in_utf_16(bot: Bot, sari: Person) -> None:
    text = " 👍<b>a<i>b</i></b> &amp;&#39;&quot;&nbsp; <a href='https://a.example/?x=1&amp;y'>c</a> "
    _, message = call(bot, "sendMessage", chat_id=sari.id, text=text, parse_mode="HTML")
    assert message["text"] == "👍ab &'\"&nbsp; c"
    assert message["entities"] == [
        {"type": "bold", "offset": 2, "length": 2},
        {"type": "italic", "offset": 3, "length": 1},
        {"type": "text_link", "offset": 15, "length": 1, "url": "https://a.example/?x=1&y"},
    ]


def button(**what: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Ya", **what}]]}


@pytest.mark.parametrize(
    ("method", "params", "said"),
    [
        ("sendMessage", {"text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"text": "<b>" + "👍" * 2049 + "</b>", "parse_mode": "HTML"}, "message is too long"),
        ("sendMessage", {"text": " \n"}, "message text is empty"),
        ("sendMessage", {"text": "x", "reply_markup": button(callback_data="é" * 33)}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "x", "reply_markup": button(callback_data="")}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "x", "reply_markup": button(url="https://t.me/b?start=a.b")}, "BUTTON_URL_INVALID"),
        ("sendMessage", {"text": "x", "message_thread_id": 9}, "message thread not found"),
        ("sendMessage", {"text": "x", "reply_parameters": {"message_id": 1}}, "message to be replied not found"),
        ("sendDocument", {"document": "x", "caption": "x" * 1025}, "message caption is too long"),
        ("sendMediaGroup", {"media": []}, "media group must include 2-10 items"),
        ("sendPhoto", {"photo": "x"}, "wrong file_id or the file is temporarily unavailable"),
        ("editMessageText", {"message_id": 1, "text": "x"}, "message to edit not found"),
        ("deleteMessage", {"message_id": 1}, "message to delete not found"),
    ],
)
def test_the_platforms_limits_are_kept(bot: Bot, sari: Person, method: str, params: dict[str, Any], said: str) -> None:
    assert refused(bot, method, chat_id=sari.id, **params) == f"Bad Request: {said}"
    assert not bot.sent()


def test_what_is_just_within_the_limits_goes(bot: Bot, sari: Person) -> None:
    data = button(callback_data="é" * 32)
    assert call(bot, "sendMessage", chat_id=sari.id, text="<b>" + "x" * 4096 + "</b>", parse_mode="HTML")[0] == 200
    assert call(bot, "sendMessage", chat_id=sari.id, text="x", reply_markup=data)[0] == 200
    rows = [[{"text": "x", "callback_data": "y"}] * 8] * 12
    assert call(bot, "sendMessage", chat_id=sari.id, text="x", reply_markup={"inline_keyboard": rows})[0] == 200
    more = {"inline_keyboard": [*rows, rows[0][:5]]}
    assert refused(bot, "sendMessage", chat_id=sari.id, text="x", reply_markup=more).endswith("markup is too long")


def test_a_picture_that_is_none_is_refused_as_a_photo(bot: Bot, sari: Person) -> None:
    async def body(_: aiogram.Bot, staff: telegram.Bot) -> None:
        with pytest.raises(ptb.BadRequest, match=r"(?i)image_process_failed"):
            await staff.send_photo(sari.id, b"GIF?")

    with_both(bot, body)


# --- chats


def test_each_way_of_not_being_there_has_its_error(bot: Bot, sari: Person) -> None:
    stranger, place = somebody(), group()
    bot.chat(stranger.chat)
    bot.chat(place)

    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        with pytest.raises(aio.TelegramBadRequest, match="chat not found"):
            await citizen.send_message(1, "x")
        with pytest.raises(ptb.Forbidden, match=r"(?i)can't initiate conversation"):
            await staff.send_message(stranger.id, "x")
        await bot.aside.does(sari.id, "block")
        with pytest.raises(aio.TelegramForbiddenError, match="bot was blocked by the user"):
            await citizen.send_message(sari.id, "x")
        await bot.aside.does(sari.id, "unblock")
        await citizen.send_message(sari.id, "x")
        after = (await bot.aside.does(place["id"], "migrate"))["to"]
        with pytest.raises(ptb.ChatMigrated) as moved:
            await staff.send_message(place["id"], "x")
        assert moved.value.new_chat_id == after
        with pytest.raises(aio.TelegramMigrateToChat) as moved_too:
            await citizen.send_message(place["id"], "x")
        assert moved_too.value.migrate_to_chat_id == after
        await staff.send_message(after, "x")
        await bot.aside.does(after, "remove")
        with pytest.raises(ptb.Forbidden, match=r"(?i)kicked from the supergroup chat"):
            await staff.send_message(after, "x")

    with_both(bot, body)
    kinds = [next(name for name in one if name != "update_id") for one in pulled(bot)]
    assert kinds == ["message", "my_chat_member", "my_chat_member", "message", "message", "my_chat_member"]


def pulled(bot: Bot, offset: int = 0) -> list[dict[str, Any]]:
    """What getUpdates gives at once."""
    status, updates = call(bot, "getUpdates", offset=offset)
    assert status == 200
    found: list[dict[str, Any]] = updates
    return found


def test_a_topic_that_is_gone_refuses_messages(bot: Bot) -> None:
    place = bot.chat(group(supergroup=True))
    thread = bot.does(place["id"], "topic")["thread"]
    assert call(bot, "sendMessage", chat_id=place["id"], text="x", message_thread_id=thread)[0] == 200
    bot.does(place["id"], "drop_topic", thread=thread)
    said = refused(bot, "sendMessage", chat_id=place["id"], text="x", message_thread_id=thread)
    assert said == "Bad Request: message thread not found"


def test_privacy_mode_lets_only_commands_replies_and_service_messages_through(bot: Bot, sari: Person) -> None:
    place = bot.chat(group())
    own = call(bot, "sendMessage", chat_id=place["id"], text="x")[1]
    name = bot.state["user"]["username"]
    said = [
        sari.says("halo", chat=place),
        sari.says("/bantuan@another_bot", chat=place),
        sari.says("/bantuan", chat=place),
        sari.says(f"/bantuan@{name}", chat=place),
        sari.replies(own, "halo"),
    ]
    assert [bool(update) for update in bot.tells(*said, wait=None)] == [False, False, True, True, True]
    assert bot.counters["withheld"] == 2
    bot.set(can_read_all_group_messages=True)
    assert bot.tells(said[0], wait=None) != [None]


# --- updates


def test_an_update_is_there_until_a_later_offset_confirms_it(bot: Bot) -> None:
    sari = somebody()
    told = [one["update_id"] for one in bot.tells(*(sari.says(str(n)) for n in range(3)), wait=None) if one]
    assert [one["update_id"] for one in pulled(bot)] == told
    assert told == list(range(told[0], told[0] + 3))
    assert [one["update_id"] for one in pulled(bot, told[1])] == told[1:]
    assert bot.pending == 2
    assert pulled(bot, told[2] + 1) == []
    assert bot.pending == 0


def test_a_poll_waits_for_news_and_a_second_one_ends_it_with_a_conflict(bot: Bot) -> None:
    sari = somebody()

    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        first = asyncio.create_task(citizen.get_updates(timeout=20))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(staff.get_updates(timeout=20))
        with pytest.raises(aio.TelegramConflictError, match="terminated by other getUpdates request"):
            await first
        await asyncio.sleep(0.05)
        assert not second.done()
        await bot.aside.tells(sari.says("halo"), wait=None)
        (update,) = await second
        assert update.message
        assert update.message.text == "halo"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(staff.get_updates(offset=update.update_id + 1, timeout=20), 0.1)
        assert not await citizen.get_updates(timeout=0)  # whoever hung up is in nobody's way

    with_both(bot, body)
    assert bot.counters["conflicts"] == 1


def test_unwanted_kinds_of_updates_never_come(bot: Bot, sari: Person) -> None:
    call(bot, "getUpdates", offset=2**40, allowed_updates=["callback_query"])
    assert bot.tells(sari.says("x"), wait=None) == [None]
    assert bot.counters["unwanted"] == 1


async def hooked(bot: Bot, statuses: list[int], body: Callable[[list[tuple[str, Any]]], Awaitable[None]]) -> None:
    """A webhook that answers these, then 200; what came is handed to the body."""
    came: list[tuple[str, Any]] = []

    async def hook(request: Request) -> Response:
        came.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), await request.json()))
        return Response(status_code=statuses.pop(0) if statuses else 200)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    serving = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    task = asyncio.create_task(serving.serve())
    while not serving.started:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)
    port = serving.servers[0].sockets[0].getsockname()[1]
    answer = await asyncio.to_thread(
        call, bot, "setWebhook", url=f"http://127.0.0.1:{port}/hook", secret_token="rahasia-1"
    )
    assert answer == (200, True)
    try:
        await body(came)
    finally:
        await asyncio.to_thread(call, bot, "deleteWebhook")
        serving.should_exit = True
        await task


def test_a_webhook_gets_its_secret_and_each_update_until_it_takes_it(bot: Bot) -> None:
    bot.set(redelivery=0.01)
    sari, budi = somebody(), somebody()

    async def body(came: list[tuple[str, Any]]) -> None:
        await bot.aside.tells(sari.says("satu"), sari.says("dua"), budi.says("tiga"), wait=10)
        assert {secret for secret, _ in came} == {"rahasia-1"}
        texts = [update["message"]["text"] for _, update in came]
        assert sorted(texts) == ["dua", "satu", "satu", "satu", "tiga"] or sorted(texts).count("tiga") > 1
        assert texts.index("dua") > max(n for n, text in enumerate(texts) if text == "satu")

    asyncio.run(hooked(bot, [500, 503], body))
    assert bot.counters["redeliveries"] == 2
    info = bot.state["webhook"]
    assert (info["url"], info["pending_update_count"]) == ("", 0)


def test_a_webhook_that_fails_is_told_of_and_nobody_may_poll_beside_it(bot: Bot) -> None:
    bot.tells(somebody().says("halo"), wait=None)
    call(bot, "setWebhook", url="http://127.0.0.1:9/hook")

    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        with pytest.raises(ptb.Conflict, match=r"(?i)webhook is active"):
            await staff.get_updates()
        await asyncio.to_thread(bot.until, lambda: "last_error_date" in bot.state["webhook"], "an error")
        info = await citizen.get_webhook_info()
        assert (info.pending_update_count, info.last_error_message) == (1, "Connection refused")
        assert await citizen.delete_webhook()

    with_both(bot, body)
    assert len(pulled(bot)) == 1


# --- limits and faults


def test_too_many_messages_are_refused_for_as_long_as_was_said(bot: Bot, sari: Person) -> None:
    bot.set(limits=True)
    place = bot.chat(group())

    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        await citizen.send_message(sari.id, "satu")
        with pytest.raises(aio.TelegramRetryAfter) as wait:
            await citizen.send_message(sari.id, "dua")
        assert wait.value.retry_after == 1
        with pytest.raises(ptb.RetryAfter):
            await staff.send_message(sari.id, "dua")
        for n in range(20):
            await staff.send_message(place["id"], f"lonceng {n}")
        with pytest.raises(ptb.RetryAfter):
            await staff.send_message(place["id"], "lonceng")

    with_both(bot, body)
    assert bot.counters["too_many"] == 3


def test_a_bot_may_send_30_at_once(bot: Bot) -> None:
    people = [somebody() for _ in range(31)]
    bot.tells(*(person.starts() for person in people), wait=None)
    bot.set(limits=True)

    async def run() -> list[int]:
        async with httpx.AsyncClient(base_url=f"{bot.api}/bot{bot.token}/") as http:
            sends = (http.post("sendMessage", json={"chat_id": person.id, "text": "x"}) for person in people)
            return [answer.status_code for answer in await asyncio.gather(*sends)]

    statuses = asyncio.run(run())
    assert statuses.count(429) <= 1
    assert statuses.count(200) >= 30


@pytest.mark.parametrize(
    ("fault", "one", "other"),
    [
        ({"status": 502, "raw": "<html>Bad Gateway</html>"}, aio.ClientDecodeError, ptb.NetworkError),
        ({"raw": '{"ok":true,"resu'}, aio.ClientDecodeError, ptb.TelegramError),
        ({"status": 500, "description": "Internal"}, aio.TelegramServerError, ptb.NetworkError),
        ({"cut_before": True}, aio.TelegramNetworkError, ptb.NetworkError),
        ({"cut_after": True}, aio.TelegramNetworkError, ptb.NetworkError),
    ],
)
def test_what_goes_wrong_on_demand_goes_wrong_as_often_as_asked(
    bot: Bot, sari: Person, fault: dict[str, Any], one: type[Exception], other: type[Exception]
) -> None:
    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        with pytest.raises(one):
            await citizen.send_message(sari.id, "satu")
        with pytest.raises(other):
            await staff.send_message(sari.id, "dua")
        await staff.send_message(sari.id, "tiga")

    bot.fails("sendMessage", chat=sari.id, times=2, **fault)
    with_both(bot, body)
    assert bot.texts(sari.id) == (["satu", "dua", "tiga"] if "cut_after" in fault else ["tiga"])


def test_a_slow_answer_is_slow_and_the_others_are_not(bot: Bot, sari: Person) -> None:
    bot.fails("getMe", delay=0.2)
    started = time.monotonic()
    call(bot, "sendMessage", chat_id=sari.id, text="x")
    assert time.monotonic() - started < 0.2
    call(bot, "getMe")
    assert time.monotonic() - started >= 0.2


# --- the bot itself


def test_tokens_that_are_none_unknown_methods_and_revoked_bots(bot: Bot) -> None:
    assert httpx.post(f"{bot.api}/bot123:abc/getMe").status_code == 404
    assert refused(bot, "forwardMessage") == "Not Found: method not found"
    assert call(bot, "GETME")[1]["id"] == bot.id
    bot.set(revoked=True)
    assert call(bot, "getMe") == (401, "Unauthorized")


def test_commands_and_descriptions_are_kept_by_scope_and_language(bot: Bot) -> None:
    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        scope = telegram.BotCommandScopeChat(7)
        await staff.set_my_commands([telegram.BotCommand("kotak", "Isi kotak")], scope=scope, language_code="id")
        assert [each.command for each in await staff.get_my_commands(scope, "id")] == ["kotak"]
        assert not await citizen.get_my_commands()
        await citizen.set_my_description("Lapor ke kota", language_code="id")
        await citizen.set_my_short_description("Lapor")
        assert (await staff.get_my_description("id")).description == "Lapor ke kota"
        assert (await staff.get_my_short_description()).short_description == "Lapor"
        me, them = await citizen.get_me(), await staff.get_me()
        assert me.username == them.username
        assert not me.can_read_all_group_messages

    with_both(bot, body)
    assert refused(bot, "setMyCommands", commands=[{"command": "A", "description": "x"}]).endswith("COMMAND_INVALID")


def test_a_press_is_answered_once_it_was_made(bot: Bot, sari: Person) -> None:
    _, message = call(bot, "sendMessage", chat_id=sari.id, text="x", reply_markup=button(callback_data="y"))
    (press,) = bot.tells(sari.presses(message, "Ya"), wait=None)
    assert press
    key = press["callback_query"]["id"]
    assert call(bot, "answerCallbackQuery", callback_query_id=key) == (200, True)
    assert list(bot.state["answered"]) == [key]
    assert "query is too old" in refused(bot, "answerCallbackQuery", callback_query_id="1")


def test_chats_can_be_looked_at_and_left(bot: Bot, sari: Person) -> None:
    place = bot.chat(group(supergroup=True))

    async def body(citizen: aiogram.Bot, staff: telegram.Bot) -> None:
        assert (await citizen.get_chat(sari.id)).first_name == sari.first_name
        assert (await staff.get_chat(place["id"])).title == place["title"]
        assert await staff.leave_chat(place["id"])
        with pytest.raises(ptb.Forbidden):
            await staff.get_chat(place["id"])

    with_both(bot, body)


def test_everything_is_in_the_log_before_it_is_answered(bot: Bot, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    bot.set(log=str(log))
    sari = somebody()
    (update,) = bot.tells(sari.says("halo"), wait=None)
    assert update
    call(bot, "sendMessage", chat_id=sari.id, text="halo")
    call(bot, "sendMessage", chat_id=sari.id, text="halo")
    pulled(bot, update["update_id"] + 1)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["what"] for line in lines] == ["injected", "call", "call", "confirmed"]
    assert (lines[1]["chat"], lines[1]["text"]) == (sari.id, "halo")
    assert bot.counters["duplicates"] == 1


def test_a_second_copy_of_an_update_has_the_same_id(bot: Bot) -> None:
    (update,) = bot.tells(somebody().says("halo"), wait=None)
    assert update
    pulled(bot, update["update_id"] + 1)
    bot.tells(update, wait=None, keep=True)
    assert pulled(bot) == [update]


def test_no_two_tests_share_a_bot() -> None:
    assert len({new_token() for _ in range(100)}) == 100
