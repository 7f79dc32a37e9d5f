"""`tanggap demo --history N`: the invented past of a town, lived through the real conversations on the real town clock.

The town begins weeks ago, before it has any case; every act is a message of somebody's phone, and between two acts the
clock stops at whatever is due. Past pages count as read. The last morning's pages wait for the phones that open later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from bot import demo
from bot.app import Program
from bot.folders import find
from bot.plots import Act, Case, by_moment, last_morning, leave, plan
from bot.settings import Settings
from bot.thumbs import Thumbs, read_pages
from domain.vocabulary import Desk
from handlers.messages import CITIZEN, STAFF
from handlers.session import Session
from storage.queries import cases, timeline

WEEKS = 8
SEED = 1946
#: What a citizen is asked before a story can be sent, and what is answered without thinking.
_EASY = ("new_story", "emergency_no", "unknown", "skip", "continue")
_MOST_QUESTIONS = 5
_BEFORE_OPENING = timedelta(minutes=1)

#: How far it is: cases told, of how many, and the town's moment.
Tell = Callable[[int, int, datetime], None]


async def live(settings: Settings, count: int, tell: Tell) -> int:
    """Give a town that has not begun a past of so many cases; returns how many, 0 in one that has."""
    program = Program(settings.model_copy(update={"undo_seconds": 0, "digests": False}))
    async with program.running(deliver=False, beat=False):
        if await program.errand(_has_begun):
            return 0
        morning = await Past(program, tell).live(count)
    await _last_morning(Program(settings), morning)
    return count


def _has_begun(session: Session) -> bool:
    """Whether anybody lives here: officers of today did not read eight weeks ago."""
    return any(session.holders_of(post) for post in session.region.posts)


async def _last_morning(program: Program, morning: datetime) -> None:
    """The steps and digests of the last morning are written and wait; then the town's clock is with the real one."""
    async with program.running(deliver=False, beat=False):
        await program.travel_to(max(morning, await program.errand(lambda session: session.moment.real)), deliver=False)
        while await program.beats.seal_audit():
            continue


class Past:
    """A town that is being lived in, faster than real ones."""

    def __init__(self, program: Program, tell: Tell) -> None:
        self._program = program
        self._tell = tell
        self._away: frozenset[str] = frozenset()
        self._told = 0
        self._sending = asyncio.Lock()
        self._thumbs = Thumbs(program)

    async def live(self, count: int) -> datetime:
        """Everything up to just before the last morning; returns that morning."""
        calendar = self._program.region.calendars["office"]
        now = await self._program.errand(lambda session: session.moment.real)
        morning = last_morning(calendar, now)
        first = calendar.opening(calendar.after(calendar.day_of(morning) - timedelta(weeks=WEEKS), 0))
        clock = self._program.house.clock
        await self._program.errand(lambda session: clock.begin_at(session.plan.connection, first))
        await self._program.errand(demo.people_the_town)
        book = yaml.safe_load(find(Path("templates") / "web" / "history.yaml").read_text(encoding="utf-8"))
        self._away = frozenset(book["away"])
        await self._send_away(first, morning)
        for at, acts in by_moment(plan(book, count, first, morning, calendar, SEED)):
            await self._wait_until(at)
            await asyncio.gather(*(self._happens(case, act, count) for case, act in acts))
        await self._wait_until(morning - _BEFORE_OPENING)
        return morning

    async def _wait_until(self, moment: datetime) -> None:
        """Move the clock, stopping at whatever is due; what is said there is read at once."""
        await self._read_everything()
        while (stop := await self._program.next_due()) is not None and stop < moment:
            await self._program.travel_to(stop, deliver=False)
            await self._read_everything()
        await self._program.travel_to(moment, deliver=False)
        await self._read_everything()

    async def _read_everything(self) -> None:
        while await self._program.errand(read_pages):
            continue

    async def _send_away(self, first: datetime, last: datetime) -> None:
        calendar = self._program.region.calendars["office"]
        days = (calendar.day_of(first), calendar.day_of(last) + timedelta(weeks=2))
        posts = [post.code for unit in self._away for post in self._program.region.posts_of.get(unit, ())]
        for post in posts:
            await self._thumbs.do(STAFF, demo.phone_of(self._program.region, post).id, leave(*days))

    async def _happens(self, case: Case, act: Act | None, count: int) -> None:
        if act is None:
            await self._tells(case)
            self._told += 1
            self._tell(self._told, count, case.told_at)
        elif act.who == "citizen":
            await self._thumbs.do(CITIZEN, case.sender, act.lines)
        else:
            phone = await asyncio.to_thread(self._desk, case.number, act.who)
            if phone is not None:
                await self._thumbs.do(STAFF, phone, (f"/tiket {case.number}", *act.lines))

    async def _tells(self, case: Case) -> None:
        """A story, whatever is asked about it, and its number."""
        async with self._thumbs.of[case.sender]:
            await self._thumbs.type(CITIZEN, case.sender, case.story)
            for _ in range(_MOST_QUESTIONS):
                if await self._thumbs.press(CITIZEN, case.sender, "send", look=True):
                    break
                await self._thumbs.press(CITIZEN, case.sender, *_EASY)
            if case.identity is not None:
                await self._thumbs.press(CITIZEN, case.sender, "identity")
                await self._thumbs.press(CITIZEN, case.sender, str(case.identity))
            async with self._sending:
                await self._thumbs.press(CITIZEN, case.sender, "send")
                case.number = await asyncio.to_thread(self._newest)

    def _newest(self) -> str:
        with self._program.readers.begin() as connection:
            return str(connection.execute(timeline.LATEST, {"most": 1}).one().number)

    def _desk(self, number: str, who: str) -> str | None:
        """The phone of the post that reads a case now, if it is there; `frontdesk`: of the one that finds a desk."""
        region = self._program.region
        with self._program.readers.begin() as connection:
            row = connection.execute(cases.BY_NUMBER, {"number": number}).one()
        unit = region.front_desk if who == "frontdesk" else row.unit_code
        if unit in self._away:
            return None
        desk, head = region.desk_of(unit), region.head_of(unit)
        post = head if head and (row.desk == Desk.HEAD or not desk) else desk[0]
        return demo.phone_of(region, post.code).id
