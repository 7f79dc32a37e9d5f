"""Menus at Telegram: set once, kept in step with who is enrolled, and nothing that fails there stops anything here."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.botapi import BotApi
from bot.bots import Bot as ServedBot
from bot.menus import EVERY, Menus
from bot.web import site
from handlers.messages import CITIZEN, STAFF
from handlers.session import Session
from storage.tables import Address, Leave
from tests.kit.carriers import PretendChannel
from tests.kit.databases import Prepare
from tests.kit.town import Person, Town, open_town, peopled, settings_for, siantar
from tests.telegram.standin import Bot, StandIn

pytestmark = pytest.mark.anyio
#: What does not depend on the database.
on_one = pytest.mark.parametrize("dialect", ["sqlite"])

SETS = ("setMyCommands", "setMyDescription", "setMyShortDescription", "deleteMyCommands")
#: A new bot is told: commands, what it is for, and that again in short; the staff's also commands in groups.
FIRST = {CITIZEN: 9, STAFF: 12}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def town(new_database: Callable[[Prepare | None], str], tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(new_database(peopled), tmp_path) as town:
        yield town


class Keeping:
    """Menus over bots of the stand-in."""

    def __init__(self, town: Town, standin: StandIn, *accounts: str) -> None:
        self.town = town
        self.bots = {account: standin.bot() for account in accounts}
        self.apis = {account: BotApi(bot.token, standin.url) for account, bot in self.bots.items()}
        self.waited: list[float] = []
        self.menus = self.anew()

    def anew(self, **options: Any) -> Menus:
        """The same as another process begins."""
        return Menus(self.town.program, self.apis, pause=0, **options)

    @property
    def bot(self) -> Bot:
        (bot,) = self.bots.values()
        return bot

    async def state(self) -> Any:
        return await self.bot.aside.state()

    async def sets(self, bot: Bot | None = None) -> int:
        """How often something was set or deleted so far."""
        calls = (await (bot or self.bot).aside.counters())["calls"]
        return sum(calls.get(name, 0) for name in SETS)

    async def commands(self, chat: int, language: str = "") -> list[str]:
        """The commands that Telegram holds for a chat."""
        held = (await self.state())["commands"].get(f"chat:{chat}/{language}", [])
        return [command["command"] for command in held]


@pytest.fixture
async def keep(town: Town, standin: StandIn) -> AsyncIterator[Callable[..., Keeping]]:
    made: list[Keeping] = []

    def start(*accounts: str) -> Keeping:
        made.append(Keeping(town, standin, *accounts))
        return made[-1]

    yield start
    for keeping in made:
        for api in keeping.apis.values():
            await api.close()


async def has_chat(town: Town, person: Person) -> int:
    """Give somebody of the staff a Telegram chat beside the phone."""
    chat, who = random.randrange(10**9, 10**10), town.person_id(person)

    def meet(session: Session) -> None:
        row = session.add(
            Address,
            person_id=who,
            channel="telegram",
            account=STAFF,
            key_hash=session.vault.hash("addresses.key_hash", "telegram", STAFF, str(chat)),
            created_at=session.moment.real,
        )
        row.value_sealed = session.seal("addresses.value_sealed", row.id, str(chat))

    await town.program.errand(meet)
    return chat


@on_one
async def test_a_new_bot_is_told_everything_in_every_language_and_then_left_alone(
    town: Town, keep: Callable[..., Keeping]
) -> None:
    keeping = keep(CITIZEN)
    assert await keeping.menus.refresh() == EVERY
    state = await keeping.state()
    assert set(state["commands"]) == {f"all_private_chats/{language}" for language in ("", "id", "en")}
    assert "Gratis" in state["texts"]["description/"]
    assert "free" in state["texts"]["short_description/en"].lower()
    calls = state["counters"]["calls"]
    await keeping.menus.refresh()
    assert (await keeping.state())["counters"]["calls"] == calls


@on_one
async def test_a_restart_asks_and_sets_nothing(town: Town, keep: Callable[..., Keeping]) -> None:
    keeping = keep(CITIZEN, STAFF)
    await keeping.menus.refresh()
    await keeping.anew().refresh()
    assert {account: await keeping.sets(bot) for account, bot in keeping.bots.items()} == FIRST


@on_one
async def test_what_somebody_changed_at_telegram_is_set_again_at_the_next_start(
    town: Town, keep: Callable[..., Keeping]
) -> None:
    keeping = keep(CITIZEN)
    await keeping.menus.refresh()
    await keeping.apis[CITIZEN].call("setMyDescription", description="Toko pulsa", language_code="en")
    await keeping.anew().refresh()
    assert "Toko pulsa" not in str((await keeping.state())["texts"])


async def test_who_is_enrolled_sees_the_commands_of_the_role(town: Town, keep: Callable[..., Keeping]) -> None:
    keeping = keep(STAFF)
    officer, head = await has_chat(town, town.budi), await has_chat(town, town.ratna)
    await keeping.menus.refresh()
    assert "kotak" in await keeping.commands(officer)
    assert "rekap" not in await keeping.commands(officer)
    assert "rekap" in await keeping.commands(head, "en")


@on_one
async def test_enrolment_and_revocation_are_followed(town: Town, keep: Callable[..., Keeping]) -> None:
    keeping = keep(STAFF)
    await keeping.menus.refresh()
    chat = await has_chat(town, town.budi)
    await keeping.menus.refresh()
    assert await keeping.commands(chat)
    await town.revokes(town.budi.post)
    await keeping.menus.refresh()
    assert not await keeping.commands(chat)
    assert not await keeping.commands(chat, "en")


@on_one
async def test_who_was_revoked_while_nothing_ran_loses_the_commands_too(
    town: Town, keep: Callable[..., Keeping]
) -> None:
    keeping = keep(STAFF)
    chat = await has_chat(town, town.budi)
    await keeping.menus.refresh()
    await town.revokes(town.budi.post)
    await keeping.anew().refresh()
    assert not await keeping.commands(chat)


async def test_a_substitute_sees_the_commands_of_whom_they_stand_in_for(
    town: Town, keep: Callable[..., Keeping]
) -> None:
    keeping = keep(STAFF)
    chat = await has_chat(town, town.budi)
    holder, substitute = town.person_id(town.ratna), town.person_id(town.budi)

    def go(session: Session) -> None:
        today, real = session.today, session.moment.real
        session.add(Leave, person_id=holder, substitute_id=substitute, starts_on=today, ends_on=today, created_at=real)

    await keeping.menus.refresh()
    assert "rekap" not in await keeping.commands(chat)
    await town.program.errand(go)
    await keeping.menus.refresh()
    assert "rekap" in await keeping.commands(chat)


@on_one
async def test_a_bot_that_is_told_to_wait_is_left_alone_for_as_long_and_the_other_goes_on(
    town: Town, keep: Callable[..., Keeping]
) -> None:
    keeping = keep(CITIZEN, STAFF)
    slow, other = keeping.bots.values()
    await slow.aside.fails(
        "setMyCommands", status=429, description="Too Many Requests: retry after 90", parameters={"retry_after": 90}
    )
    assert await keeping.menus.refresh() == 90
    assert await keeping.sets(other) == FIRST[STAFF]
    assert await keeping.menus.refresh() == EVERY
    held = (await slow.aside.state())["commands"]
    assert set(held) == {f"all_private_chats/{language}" for language in ("", "id", "en")}


@on_one
async def test_what_telegram_refuses_stops_nothing_else_and_is_not_asked_again_each_minute(
    town: Town, keep: Callable[..., Keeping]
) -> None:
    keeping = keep(CITIZEN)
    await keeping.bot.aside.fails("setMyDescription", times=99, status=400, description="Bad Request: chat not found")
    await keeping.menus.refresh()
    once = await keeping.state()
    assert len(once["commands"]) == 3
    await keeping.menus.refresh()
    assert (await keeping.state())["counters"]["calls"] == once["counters"]["calls"]


@on_one
async def test_a_bot_that_is_not_reached_is_tried_again_at_the_next_look(
    town: Town, keep: Callable[..., Keeping]
) -> None:
    keeping = keep(CITIZEN)
    await keeping.bot.aside.fails("*", times=1, cut_before=True)
    await keeping.menus.refresh()
    assert not (await keeping.state())["commands"]
    await keeping.menus.refresh()
    assert await keeping.sets() == FIRST[CITIZEN]


@on_one
async def test_it_looks_again_until_it_is_told_to_stop_whatever_happens(
    town: Town, keep: Callable[..., Keeping], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping = keep(CITIZEN)
    enough, waits = asyncio.Event(), list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            enough.set()
        await asyncio.sleep(0)

    menus = keeping.anew(sleep=sleep)

    async def stumble() -> float:
        raise RuntimeError("the database is ill")

    monkeypatch.setattr(menus, "refresh", stumble)
    task = asyncio.create_task(menus.keep())
    await asyncio.wait_for(enough.wait(), 5)
    task.cancel()
    assert waits[:3] == [EVERY] * 3


@on_one
@pytest.mark.parametrize("works", [True, False])
async def test_serve_keeps_them_where_it_delivers(
    migrated_url: str, tmp_path: Path, standin: StandIn, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:
    bot = standin.bot()
    served = ServedBot(CITIZEN, PretendChannel(), BotApi(bot.token, standin.url), "secret", "lapor_bot", "")
    monkeypatch.setattr(site, "bots_of", lambda _: [served])
    _, web = site.town_site(settings_for(migrated_url, tmp_path, may_travel=False), works=works, region=siantar())
    async with web.router.lifespan_context(web):
        if works:
            await asyncio.to_thread(lambda: bot.until(lambda: bot.state["texts"], "a description"))
    calls = (await bot.aside.counters())["calls"]
    assert ("setMyDescription" in calls) is works
