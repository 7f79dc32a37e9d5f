"""The town's clock at its worst: very many open cases, and a morning on which ten thousand of them are due at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import mean
from typing import Any, NamedTuple

from bot import demo
from bot.app import Program
from bot.bench.crowd import make_citizens, make_due, make_models
from bot.bench.phones import BenchPhones
from bot.settings import Settings
from domain.region import Region
from handlers.actions import clocks
from handlers.shown import matter_names, moment
from storage import crowd
from storage.crowd import Written
from storage.effort import effort
from storage.naive import Told, speak_one_by_one
from storage.queries import due
from storage.tables import Ticket

#: How often the idle beat is timed; how many steps the plain way is let do, before and after the beat.
_BEATS, _PLAIN = 101, 150
#: Of few steps that are due the plain way does no more than a part.
_PART = 10
#: Cases that are due, made in one transaction.
_SLICE = 250
#: How many times faster than the plain way the beat has to be, and how much more an idle beat may cost in a full town.
FASTER, SAME = 20.0, 1.5
#: Pages by which the index of a million entries may be deeper than that of a thousand: it grows by its height alone.
DEPTH = 3

#: So many more cases are there.
Grow = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Idle:
    """What a beat costs that finds nothing, among so many open cases: seconds at best, and the work of its look."""

    cases: int
    seconds: float
    effort: int
    of: str


@dataclass(frozen=True, slots=True)
class Morning:
    """What was done when so many steps were due at once, and how fast the plain way would have been."""

    due: int
    seconds: float
    written: Written
    plain: float
    blind: float

    @property
    def rate(self) -> float:
        """Cases a second, by the least of what the plain way writes for each."""
        return min(self.written.steps, self.written.pages, self.written.audit) / self.seconds


class Found(NamedTuple):
    """A beat that finds nothing among a thousand cases and among all of them, and one that finds very much."""

    few: Idle
    many: Idle
    morning: Morning


async def measure(settings: Settings, region: Region, cases: int, fall_due: int, grow: Grow) -> Found:
    """Idle twice, then the morning, in a town that is filled on the way."""
    program = Program(settings, channels=[BenchPhones()], region=region)
    async with program.running(deliver=False, beat=False):
        await program.errand(demo.people_the_town)
        start = await program.now()
        opening = region.calendars["office"].next_opening(start) + timedelta(minutes=1)
        await program.errand(partial(make_models, due=opening))
        grow(crowd.MODELS)
        few = await _idle(program, crowd.MODELS)
        many = await _idle(program, await _fill(program, cases, grow))
        plain = min(_PLAIN, max(1, fall_due // _PART))
        steps = await _make_due(program, fall_due + 4 * plain, opening, grow)
        return Found(few, many, await _morning(program, steps, plain, opening))


async def _fill(program: Program, cases: int, grow: Grow) -> int:
    rounds = cases // crowd.MODELS
    made = 1
    while made < rounds:
        copied = await _on(program, partial(crowd.copy_models, first=made, wanted=rounds - 1))
        made += copied
        grow(copied * crowd.MODELS)
    await asyncio.to_thread(crowd.settle, program.engine)
    return int(await _on(program, crowd.open_cases))


async def _on(program: Program, body: Callable[..., Any]) -> Any:
    return await program.errand(lambda session: body(session.plan.connection))


async def _make_due(program: Program, number: int, opening: datetime, grow: Grow) -> list[Told]:
    citizens = await program.errand(make_citizens)
    made: list[Told] = []
    for first in range(0, number, _SLICE):
        numbers = range(first, min(first + _SLICE, number))
        made += await program.errand(partial(make_due, numbers=numbers, citizens=citizens, due=opening))
        grow(len(numbers))
    return made


async def _idle(program: Program, cases: int) -> Idle:
    await program.beats.deadlines()
    spent = []
    for _ in range(_BEATS):
        started = time.perf_counter()
        fired = await program.beats.deadlines()
        spent.append(time.perf_counter() - started)
        assert not fired, "Nothing is due."
    return Idle(cases, min(spent), *await asyncio.to_thread(_look, program))


def _look(program: Program) -> tuple[int, str]:
    with program.readers.begin() as connection:
        asked = {"now": program.house.clock.read(connection).town, "most": clocks.BATCH}
        effort(connection, due.DUE, asked)  # the first look of a connection also learns what tables there are
        return effort(connection, due.DUE, asked)


async def _morning(program: Program, steps: Sequence[Told], sample: int, opening: datetime) -> Morning:
    """The plain way before and after, so that neither has the machine's better moment."""
    plain, blind = [], []
    for first in (0, len(steps) - 2 * sample):
        mine, others = steps[first : first + sample], steps[first + sample : first + 2 * sample]
        plain.append(await asyncio.to_thread(_plainly, program, mine, opening, asks=True))
        blind.append(await asyncio.to_thread(_plainly, program, others, opening, asks=False))
    before = await asyncio.to_thread(_written, program)
    await program.errand(lambda session: program.house.clock.move_to(session.plan.connection, opening))
    started = time.perf_counter()
    fired = await program.beats.deadlines()
    seconds = time.perf_counter() - started
    after = await asyncio.to_thread(_written, program)
    return Morning(fired, seconds, after.since(before), mean(plain), mean(blind))


def _written(program: Program) -> Written:
    with program.readers.begin() as connection:
        return crowd.written(connection)


def _plainly(program: Program, steps: Sequence[Told], now: datetime, *, asks: bool) -> float:
    facts = partial(_facts, program.region)
    return speak_one_by_one(program.engine, program.house.vault, steps, now, facts, asks=asks)


def _facts(region: Region, ticket: Ticket) -> dict[str, Any]:
    """What a late page says, without a count of the days."""
    return {
        "number": ticket.number,
        "unit": region.units[ticket.unit_code].name,
        "matter": matter_names(ticket.matter_code, region),
        "by": moment(ticket.binding_by),
        "days_late": 1,
        "stage": "late",
        "refusals": ticket.refusals,
    }


def lines_of(found: Found) -> Iterator[str]:
    """What was found, for whoever reads a terminal."""
    few, many, morning = found
    for idle in (few, many):
        took = f"{idle.seconds * 1000:6.2f} ms, {idle.effort} {idle.of} to look"
        yield f"idle beat among {idle.cases:>9,} open cases: {took}"
    longer, work = many.seconds / few.seconds, many.effort / few.effort
    as_much = many.effort <= max(few.effort * SAME, few.effort + DEPTH)
    yield f"  {longer:.2f} times the time, {work:.2f} times the work: {_verdict(longer <= SAME and as_much)}"
    yield f"{morning.due:,} steps due at once: {morning.seconds:.2f} s"
    done = morning.written
    counts = {"steps": done.steps, "messages": done.pages, "audit rows": done.audit, "rows": done.rows}
    for what, number in counts.items():
        yield f"  {what:<11} {number / morning.seconds:8,.0f}/s"
    times = morning.rate / morning.plain
    plainly = f"{morning.plain:,.0f}/s by one ORM session that asks and writes the same with one commit a case"
    yield f"  {times:.1f} times {plainly} (at least {FASTER:.0f}): {_verdict(times >= FASTER)}"
    blindly = f"{morning.blind:,.0f}/s by one that only writes and decides nothing"
    yield f"  {morning.rate / morning.blind:.1f} times {blindly}"


def _verdict(kept: bool) -> str:
    return "passed" if kept else "FAILED"
