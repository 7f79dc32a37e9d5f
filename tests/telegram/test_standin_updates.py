"""The stand-in as the real client libraries meet it: updates, limits, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiogram
import aiogram.exceptions as aio
import httpx
import pytest
import telegram
import telegram.error as ptb
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.telegram.calling import call, pulled, with_both
from tests.telegram.people import Person, group, somebody
from tests.telegram.standin import Bot

pytestmark = pytest.mark.usefixtures("spans_are_timedeltas")


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
    bot.fails("getMe", delay=1.0)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(call, bot, "getMe")
        bot.until(lambda: bot.counters["calls"].get("getMe"), "a call of getMe")
        call(bot, "sendMessage", chat_id=sari.id, text="x")
        assert not slow.done()
        slow.result()
