"""`tanggap calendar`: the town's days off from the console, with a look at what a change does before it is done."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any

import typer

from bot.app import Program
from bot.commands.faults import Fault
from bot.commands.people import started
from bot.settings import Settings
from domain import decisions
from domain.calendar import Calendar
from domain.decisions import Subject, change_of
from domain.overrides import CalendarChange, ChangeKind, days_off, says_nothing, spans_of, version_of
from domain.region import OWN
from handlers.actions import deciding, recounting
from handlers.actions.recounting import Effect
from handlers.flows.decided import Decided
from handlers.session import Session
from storage.ids import from_text, to_text
from storage.tables import Override

HELP = "The town's days off: what holds, and changes of it."

_MOST = 50
#: How a decision is called on a line.
_CALLED: Mapping[ChangeKind, str] = {
    ChangeKind.ADDED: "off (decree)",
    ChangeKind.CANCELLED: "no day off",
    ChangeKind.LOCAL: "off here",
    ChangeKind.CONFIRMED: "confirmed",
}

Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The first day.")]
LastDay = Annotated[datetime | None, typer.Argument(formats=["%Y-%m-%d"], help="The last day, where there are more.")]
Basis = Annotated[str, typer.Option("--basis", help="Number and date of the decree.")]
Name = Annotated[str | None, typer.Option("--calendar", help="One calendar alone; without it, all of the town.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, only what it would do is shown.")]


def show(
    year: Annotated[int | None, typer.Option("--year", help="Which year; without it, this one and the next.")] = None,
) -> None:
    """The days off that hold, the decisions behind them, and which years are confirmed."""
    asyncio.run(_with(started(), lambda program: _show(program, year)))


def add(first: Day, last: LastDay = None, basis: Basis = "", calendar: Name = None, yes: Yes = False) -> None:
    """Days off by a decree that the program does not know yet, such as cuti bersama."""
    _change(ChangeKind.ADDED, first, last, basis, calendar, yes)


def cancel(first: Day, last: LastDay = None, basis: Basis = "", calendar: Name = None, yes: Yes = False) -> None:
    """Days that the list calls free and that are worked."""
    _change(ChangeKind.CANCELLED, first, last, basis, calendar, yes)


def local(first: Day, last: LastDay = None, basis: Basis = "", calendar: Name = None, yes: Yes = False) -> None:
    """Days off in this town alone: a regional day, an election, a disaster."""
    _change(ChangeKind.LOCAL, first, last, basis, calendar, yes)


def confirm(
    year: Annotated[int, typer.Argument(min=2000, max=2099, help="The year.")],
    basis: Basis = "",
    calendar: Name = None,
    yes: Yes = False,
) -> None:
    """The days off of a year are as the government published them: estimates that reach it become promises."""
    _change(ChangeKind.CONFIRMED, datetime(year, 1, 1), datetime(year, 12, 31), basis, calendar, yes)  # noqa: DTZ001


def undo(
    decision: Annotated[str, typer.Argument(help="Its id, from `tanggap calendar show`.")],
) -> None:
    """Take a decision back; open cases are counted anew."""
    try:
        key = from_text(decision)
    except ValueError:
        raise Fault(f"{decision} is no id of a decision: `tanggap calendar show` lists them.") from None
    asyncio.run(_with(started(), lambda program: _undo(program, key)))


def recount(yes: Yes = False) -> None:
    """Count open cases anew after the region's files have changed: an update alone moves no promise."""
    asyncio.run(_with(started(), lambda program: _recount(program, yes)))


# --- how


async def _with(settings: Settings, body: Callable[[Program], Any]) -> None:
    """Do something with a program that neither delivers nor beats; a process that serves finds what it left."""
    program = Program(settings)
    async with program.running(deliver=False, beat=False):
        await body(program)


def _change(
    kind: ChangeKind, first: datetime, last: datetime | None, basis: str, calendar: str | None, yes: bool
) -> None:
    if last is not None and last < first:
        raise Fault("The last day lies before the first one.")
    change = CalendarChange(kind, first.date(), (last or first).date(), calendar)
    if yes and not basis.strip():
        raise Fault("A decision needs its decree: --basis 'SK Wali Kota 12/2027'.")
    asyncio.run(_with(started(), lambda program: _decide(program, change, basis.strip(), yes)))


async def _decide(program: Program, change: CalendarChange, basis: str, yes: bool) -> None:
    await program.now()
    _check(change, program.region.calendars)
    decision = decisions.calendar(change)
    effect, revision = await asyncio.to_thread(program.calendars.effect_of, decision)
    typer.echo("\n".join(_lines_of(change, effect, program.region.calendars)))
    if not yes:
        typer.echo("Nothing is changed yet: the same with --yes does it.")
        return

    def sign(session: Session) -> int:
        row = deciding.write_down(session, decision, basis, revision, None)
        row.effect = effect.facts()
        deciding.sign(session, row, person=None)
        return int(row.id)

    try:
        key = await program.errand(sign)
    except deciding.ConflictError:
        raise Fault("Somebody else changed the calendar in this moment: look again.") from None
    await _count_anew(program)
    typer.echo(f"In force. `tanggap calendar undo {to_text(key)}` takes it back.")


def _check(change: CalendarChange, known: Mapping[str, Calendar]) -> None:
    shared = sorted(name for name in known if OWN not in name)
    if change.calendar is not None and change.calendar not in shared:
        raise Fault(f"There is no calendar {change.calendar}; there are: {', '.join(shared)}.")
    if says_nothing(change, known):
        raise Fault("The calendar says so already: nothing would change.")


def _lines_of(change: CalendarChange, effect: Effect, known: Mapping[str, Calendar]) -> Iterator[str]:
    yield f"{_CALLED[change.kind]}: {_span(change)}{f', calendar {change.calendar}' if change.calendar else ''}"
    if change.kind is ChangeKind.CONFIRMED:
        shown = days_off(known[change.calendar or "office"], change.first.year)
        yield "Days off, to be held against the decree:"
        yield from (f"  {_stretch(first, last)}" for first, last in spans_of(shown))
    yield _line_of_effect(effect)


def _line_of_effect(effect: Effect) -> str:
    least = "at least " if effect.more else ""
    return (
        f"Of {least}{effect.looked} open cases {effect.moved} move ({effect.later} later, {effect.earlier} earlier),"
        f" {effect.relieved} are late no more, {effect.late} become late, {effect.settled} estimates become promises."
    )


async def _undo(program: Program, key: int) -> None:
    def end(session: Session) -> bool:
        row = session.plan.locked(Override, key)
        if row is None or row.subject != Subject.CALENDAR or row.signed_at is None or row.undone_at is not None:
            return False
        deciding.undo(session, row, person=None)
        return True

    try:
        done = await program.errand(end)
    except deciding.ConflictError:
        raise Fault("Somebody else changed the calendar in this moment: look again.") from None
    if not done:
        raise Fault("No such decision is in force: `tanggap calendar show` lists them.")
    await _count_anew(program)
    typer.echo("Taken back.")


async def _recount(program: Program, yes: bool) -> None:
    await program.now()
    effect, _ = await asyncio.to_thread(program.calendars.effect_of, None)
    typer.echo(_line_of_effect(effect))
    if not yes:
        typer.echo("Nothing is changed yet: the same with --yes does it.")
        return
    await program.errand(recounting.begin)
    await _count_anew(program)
    typer.echo("Counted.")


async def _count_anew(program: Program) -> None:
    """Here and now; whatever is left if this process ends is done by the one that serves."""
    if sys.stderr.isatty():
        typer.echo("Counting open cases anew ...", err=True)
    await program.calendars.do_waiting()


async def _show(program: Program, year: int | None) -> None:
    today = program.region.calendars["office"].day_of(await program.now())
    years = (year,) if year else (today.year, today.year + 1)
    for name, calendar in sorted(program.region.calendars.items()):
        confirmed = ", ".join(map(str, sorted(calendar.confirmed_years))) or "none"
        typer.echo(f"{name}: version {version_of(calendar)}, zone {calendar.zone}, confirmed {confirmed}")
        for one in years:
            typer.echo(f"  {one}: {', '.join(_stretch(*span) for span in spans_of(days_off(calendar, one)))}")
    decided = await program.errand(lambda session: deciding.in_force(session, (Subject.CALENDAR,), _MOST))
    for found in decided:
        typer.echo(_line_of(found))
    typer.echo(f"{len(decided)} decision{'' if len(decided) == 1 else 's'} in force.")


def _line_of(found: Decided) -> str:
    change = change_of(found.decision)
    where = f", calendar {change.calendar}" if change.calendar else ""
    return f"{to_text(found.decision.row)}  {_CALLED[change.kind]}: {_span(change)}{where} ({found.basis})"


def _span(change: CalendarChange) -> str:
    return str(change.first.year) if change.kind is ChangeKind.CONFIRMED else _stretch(change.first, change.last)


def _stretch(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"
