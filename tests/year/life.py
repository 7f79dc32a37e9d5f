"""A year of a town, lived through the real conversations on the moved clock.

Everything that is done is a message of somebody's phone; between two of them the clock moves by `Program.travel_to`,
which stops at whatever is due. Programs end and begin again on the same database, and for some months two of them beat
at once. What the platform, the posts and the programs went through is in `HAPPENINGS`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import groupby
from pathlib import Path

from bot import demo
from bot.app import Program
from domain import decisions
from domain.overrides import CalendarChange, ChangeKind
from domain.region import Region
from domain.vocabulary import Desk, HoldingKind
from handlers.actions import deciding, people
from handlers.messages import CITIZEN, STAFF
from handlers.session import Session
from storage.queries import cases, timeline
from tests.kit.almanac import OFFICE_ALMANAC as OFFICE
from tests.kit.town import settings_for, siantar
from tests.year.hands import Hands
from tests.year.post import Platform, Post
from tests.year.tempers import UNITS, Act, Case

#: The town lives from the opening of the first working day on; the last weeks are there for cases to end in.
FIRST, LAST_STORY, LAST = date(2026, 1, 2), date(2026, 12, 18), date(2027, 1, 29)
#: A day that this town alone is free, and one that the government calls free and this town works.
TOWN_DAY, WORKED_DAY = date(2026, 4, 24), date(2026, 12, 24)


@cache
def town() -> Region:
    """The real region with this town's own two days, and less patience with who was told and says nothing."""
    region = siantar()
    calendars = {
        name: replace(calendar, added_off=frozenset({TOWN_DAY}), removed_off=frozenset({WORKED_DAY}))
        for name, calendar in region.calendars.items()
    }
    patience = {"late_organisation": 1, "late_secretary": 2}
    ladder = {
        kind: tuple(replace(rung, acknowledge=patience.get(rung.code, rung.acknowledge)) for rung in rungs)
        for kind, rungs in region.ladder.items()
    }
    return replace(region, calendars=calendars, ladder=ladder)


@dataclass(frozen=True)
class Spell:
    """From when to when something lasted."""

    first: datetime
    last: datetime

    def holds(self, moment: datetime) -> bool:
        return self.first <= moment <= self.last


def _spell(first: str, last: str) -> Spell:
    return Spell(datetime.fromisoformat(f"{first}+07:00"), datetime.fromisoformat(f"{last}+07:00"))


#: A day off that the town decides on in the middle of the year, and when that is signed.
DECREED, SIGNED = date(2026, 6, 19), datetime.fromisoformat("2026-06-08T10:00+07:00")
#: When the platform took nothing; one of these ends at night, one on a Sunday.
OUTAGES = (
    _spell("2026-02-03T07:10", "2026-02-03T11:20"),
    _spell("2026-04-17T14:00", "2026-04-17T21:30"),
    _spell("2026-07-24T09:00", "2026-07-26T10:00"),
    _spell("2026-10-12T07:00", "2026-10-12T09:45"),
)
#: When no program ran; what citizens wrote meanwhile came in afterwards. Then a new one was started on the database.
DOWNTIMES = (
    _spell("2026-01-26T06:50", "2026-01-26T09:30"),
    _spell("2026-03-16T15:20", "2026-03-16T15:40"),
    _spell("2026-05-11T07:00", "2026-05-12T10:00"),
    _spell("2026-08-10T06:30", "2026-08-10T08:30"),
    _spell("2026-08-25T12:00", "2026-08-25T12:01"),
    _spell("2026-11-02T10:00", "2026-11-02T10:01"),
    _spell("2026-12-28T07:00", "2026-12-28T09:00"),
)
#: When two programs beat on the database (in the long form: always).
REPLICAS = (_spell("2026-03-16T15:40", "2026-05-11T07:00"), _spell("2026-11-02T10:01", "2026-12-28T07:00"))
#: When digests are written (in the long form: always).
DIGESTS = (_spell("2026-08-10T08:30", "2026-08-25T12:00"),)
#: Nobody ever holds these, and this one is left in spring and filled again, for a time, in summer.
NEVER_HELD = frozenset({"PETUGAS-KEL-ASUHAN", "LURAH-ASUHAN", "LURAH-MELAYU", "PETUGAS-PKM-RAMI"})
LEFT, FILLED = ("LURAH-TOBA", "PETUGAS-KEL-DWIKORA"), "2026-07-01T08:00"
#: Who is away, from when to when, and whether somebody stands in.
LEAVES = (
    ("PETUGAS-DISDUKCAPIL", "2026-03-02", "2/3/2026 - 27/3/2026", True),
    ("PETUGAS-KEL-KARO", "2026-06-01", "1/6/2026 - 30/9/2026", False),
    ("LURAH-KARO", "2026-06-01", "1/6/2026 - 30/9/2026", False),
    ("KEPALA-PKM-RAYA", "2026-09-01", "1/9/2026 - 12/9/2026", True),
    ("KABAG-ORGANISASI", "2026-10-05", "5/10/2026 - 16/10/2026", False),
)
#: Whose chat was blocked, and when they wrote again.
BLOCKED = (
    ("PETUGAS-PKM-RAYA", "2026-05-18T12:00", "2026-06-16T09:10"),
    ("LURAH-TELADAN", "2026-02-02T12:00", "2026-09-15T09:10"),
)

#: Days of the week on which who was told of late cases says "I know" (Tuesday, Thursday).
KNOWING = (1, 3)

Happening = tuple[datetime, Callable[[], Awaitable[None]]]


class Year:
    """The town that is being lived in."""

    def __init__(self, url: str, folder: Path, *, whole: bool) -> None:
        """`whole`: two programs and digests at all times."""
        self._url, self._folder, self._whole = url, folder, whole
        self.platform = Platform()
        self.post = Post(self.platform)
        self.hands = Hands()
        self._open: list[contextlib.AsyncExitStack] = []
        self._programs: list[Program] = []
        self._telling = asyncio.Lock()
        self._known: date | None = None

    @property
    def lead(self) -> Program:
        """The program that moves the clock and takes messages in."""
        return self._programs[0]

    async def live(self, told: Iterable[Case]) -> None:
        start = OFFICE.opening(FIRST)
        await self._begin(start)
        try:
            await self.lead.errand(lambda session: self.lead.house.clock.begin_at(session.plan.connection, start))
            await self.lead.errand(_people_the_units)
            for at, together in groupby(self._agenda(told), key=lambda happening: happening[0]):
                await self._travel(at)
                await self._know(at)
                await asyncio.gather(*(happens() for _, happens in together))
                await self._deliver()
            await self._travel(OFFICE.opening(LAST))
            while await self.lead.beats.seal_audit():
                continue
        finally:
            await self._end()

    # programs

    async def _begin(self, now: datetime) -> None:
        """As many programs as there are at that time."""
        two = self._whole or any(spell.holds(now) for spell in REPLICAS)
        digests = self._whole or any(spell.holds(now) for spell in DIGESTS)
        for _ in range(2 if two else 1):
            program = Program(settings_for(self._url, self._folder, digests=digests), region=town())
            stack = contextlib.AsyncExitStack()
            await stack.enter_async_context(program.running(deliver=False, beat=False))
            self._open.append(stack)
            self._programs.append(program)
        self.hands.program = self.lead
        beats = [program.beats for program in self._programs]
        both = (
            partial(_at_once, [beat.deadlines for beat in beats]),
            partial(_at_once, [beat.digests for beat in beats] if digests else []),
        )
        self.lead.beats.deadlines, self.lead.beats.digests = both  # type: ignore[method-assign]  # replicas beat together
        self.lead.delivery.until_idle = self._deliver  # type: ignore[method-assign]  # our post waits for no real time

    async def _end(self) -> None:
        self._programs.clear()
        while self._open:
            await self._open.pop().aclose()

    async def _restarts(self, spell: Spell) -> None:
        """No program runs for a while, and time goes on."""
        await self._end()
        await self._begin(spell.last)
        clock = self.lead.house.clock
        await self.lead.errand(lambda session: clock.move_to(session.plan.connection, spell.last))

    # time

    async def _travel(self, moment: datetime) -> None:
        await self.lead.travel_to(moment)

    async def _deliver(self) -> None:
        await self.post.deliver(self.lead)

    # what happens

    def _agenda(self, told: Iterable[Case]) -> list[Happening]:
        """Everything, the oldest first; what people would do while no program runs is done when one runs again."""
        acts: list[Happening] = []
        for case in told:
            acts.append((_up(case.told_at), partial(self._tells, case)))
            acts += [(_up(act.at), partial(self._acts, case, act)) for act in case.acts]
        acts = [(at, happens) for at, happens in acts if OFFICE.day(at) < LAST]
        return sorted([*acts, *self._of_the_town()], key=lambda happening: happening[0])

    def _of_the_town(self) -> list[Happening]:
        found: list[Happening] = [(spell.first, partial(self._restarts, spell)) for spell in DOWNTIMES]
        for spell in OUTAGES:
            found += [
                (spell.first, partial(self._weather, down=True)),
                (spell.last, partial(self._weather, down=False)),
            ]
        for post, day, days, alone in LEAVES:
            found.append(
                (OFFICE.at(date.fromisoformat(day), "07:05"), partial(self._goes, post, days, stands_in=alone))
            )
        for post, gone, back in BLOCKED:
            found += [(_at(gone), partial(self._blocks, post)), (_at(back), partial(self._writes_again, post))]
        found.append((SIGNED, self._decrees))
        for post in LEFT:
            found += [(_at("2026-02-16T12:00"), partial(self._leaves, post)), (_at(FILLED), partial(self._fills, post))]
        return found

    async def _weather(self, *, down: bool) -> None:
        self.platform.down = down
        await self.lead.errand(self.post.try_again)

    async def _goes(self, post: str, days: str, *, stands_in: bool) -> None:
        await self._staff(post, f"/cuti {days}", "[substitute]" if stands_in else "[no_substitute]")

    async def _decrees(self) -> None:
        """The town signs one more day off, and what is open is counted anew."""
        await self.lead.errand(_sign)
        await self.lead.calendars.do_waiting()

    async def _blocks(self, post: str) -> None:
        self.platform.gone.add(_phone(post))

    async def _writes_again(self, post: str) -> None:
        self.platform.gone.discard(_phone(post))
        await self._staff(post, "/kotak")

    async def _leaves(self, post: str) -> None:
        await self.lead.errand(lambda session: people.revoke(session, post) and None)

    async def _fills(self, post: str) -> None:
        """Somebody acts for whoever will be appointed, until the end of the year."""
        ends, kind = date(2026, 12, 31), HoldingKind.PLT
        code, _ = await self.lead.errand(lambda session: people.invite(session, post, kind=kind, ends_on=ends))
        await self.hands.do(STAFF, f"plt-{post.lower()}", (f"/start {code}",))

    async def _staff(self, post: str, *lines: str) -> None:
        await self.hands.do(STAFF, _phone(post), lines)

    async def _know(self, at: datetime) -> None:
        """On some days the head of the bureau says "I know" to what the last page told; on others nothing is said."""
        day = OFFICE.day(at)
        if day.weekday() in KNOWING and day != self._known:
            self._known = day
            await self.hands.press(STAFF, _phone("KABAG-ORGANISASI"), "acknowledge")

    async def _tells(self, case: Case) -> None:
        async with self._telling:  # so that the newest case is this one
            await self.hands.tell(case.sender, case.story, case.identity)
            with self.lead.readers.begin() as connection:
                case.number = str(connection.execute(timeline.LATEST, {"most": 1}).one().number)

    async def _acts(self, case: Case, act: Act) -> None:
        if act.who == "citizen":
            await self.hands.do(CITIZEN, case.sender, act.lines)
        elif (phone := self._desk(case.number, act.who)) is not None:
            await self.hands.handle(phone, case.number, act.lines)

    def _desk(self, number: str, who: str) -> str | None:
        """The phone of the post that reads a case now."""
        region = self.lead.region
        with self.lead.readers.begin() as connection:
            row = connection.execute(cases.BY_NUMBER, {"number": number}).one()
        unit = region.front_desk if who == "frontdesk" else row.unit_code
        desk, head = region.desk_of(unit), region.head_of(unit)
        post = head if head and (row.desk == Desk.HEAD or not desk) else desk[0]
        return None if post.code in NEVER_HELD else _phone(post.code)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def _up(moment: datetime) -> datetime:
    """The moment, or the one at which a program runs again."""
    return next((spell.last + timedelta(minutes=1) for spell in DOWNTIMES if spell.holds(moment)), moment)


async def _at_once(beats: list[Callable[[], Awaitable[int]]]) -> int:
    return sum(await asyncio.gather(*(beat() for beat in beats)))


def _phone(post: str) -> str:
    return demo.phone_of(town(), post).id


def _sign(session: Session) -> None:
    change = CalendarChange(ChangeKind.LOCAL, DECREED, DECREED)
    row = deciding.write_down(session, decisions.calendar(change), "Keputusan Wali Kota", session.moment.revision, None)
    deciding.sign(session, row, person=None)


def _people_the_units(session: Session) -> None:
    """A holder for every post of the forty units, but for those that nobody holds."""
    posts = session.region.posts.items()
    held = {code: post for code, post in posts if post.unit in UNITS and code not in NEVER_HELD}
    demo.people_the_town(replace(session, region=replace(session.region, posts=held)))
