"""`tanggap decide`: what /atur decides, from the console: looked at with --dry-run, signed, listed, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app import Program
from bot.commands.faults import Fault
from bot.commands.people import started
from bot.commands.templates import TEMPLATES
from bot.folders import find
from bot.rendering import Renderer, Words
from domain import decisions
from domain.decisions import MOVING, SUBJECTS, Decision, Misfit, Subject, UnfitError, put_over
from domain.region import Region
from domain.vocabulary import State
from handlers.actions import deciding
from handlers.flows.decided import Decided
from handlers.session import Session
from handlers.shown import decision_facts, decision_preview
from storage.ids import from_text, to_text
from storage.tables import Override

HELP = "What the town decides over its files: closed days, names, areas, units, answers, words."

_MOST = 1000
_LANGUAGE = "en"
#: What a decision is called by in one line: the arguments of `decision` in decisions.j2.
_LINE = ("subject", "what", "name", "said", "since", "until", "year")

Unit = Annotated[str, typer.Argument(help="The unit's code.")]
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The first day.")]
LastDay = Annotated[datetime | None, typer.Argument(formats=["%Y-%m-%d"], help="The last day, where there are more.")]
Basis = Annotated[str, typer.Option("--basis", help="Number and date of the decree.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")]


def closure(unit: Unit, first: Day, last: LastDay = None, basis: Basis = "", dry_run: DryRun = False) -> None:
    """An office is closed, with its parts: deadlines of its cases pass these days over."""
    if last is not None and last < first:
        raise Fault("The last day lies before the first one.")
    until = (last or first).date()
    _decide(lambda region, today: decisions.closure(unit.upper(), first.date(), until), basis, dry_run)


def alias(
    unit: Unit,
    words: Annotated[str, typer.Argument(help="How people name it.")],
    basis: Basis = "",
    dry_run: DryRun = False,
) -> None:
    """Words by which people name a unit."""
    _decide(lambda region, today: decisions.alias(unit.upper(), words, today), basis, dry_run)


def area(
    code: Annotated[str, typer.Argument(help="Its code of the Ministry of Home Affairs.")],
    name: Annotated[str, typer.Argument(help="Its name; of an area that is known, another one.")],
    basis: Basis = "",
    dry_run: DryRun = False,
) -> None:
    """A new kecamatan, kelurahan or desa, or another name of one."""

    def make(region: Region, today: date) -> Decision:
        return (decisions.area_name if code in region.areas else decisions.area)(code, name, today)

    _decide(make, basis, dry_run)


def unit(
    code: Unit,
    name: Annotated[str, typer.Argument(help="Its full name.")],
    kind: Annotated[str, typer.Option("--kind", help="A kind of unit_kinds.yaml: it brings the posts.")],
    parent: Annotated[str, typer.Option("--parent", help="The code of the unit above it.")],
    area: Annotated[str | None, typer.Option("--area", help="The code of the area in which it lies.")] = None,
    basis: Basis = "",
    dry_run: DryRun = False,
) -> None:
    """A new unit with the posts of its kind; `tanggap invite` fills them."""
    _decide(lambda _, today: decisions.unit(code.upper(), name, kind, parent.upper(), area, today), basis, dry_run)


def answer(
    title: Annotated[str, typer.Argument(help="The label of its button.")],
    text: Annotated[str, typer.Argument(help="What the citizen reads.")],
    matter: Annotated[str | None, typer.Option("--matter", help="Only for cases of this matter.")] = None,
    state: Annotated[State | None, typer.Option("--state", help="Only for cases in this state.")] = None,
    basis: Basis = "",
    dry_run: DryRun = False,
) -> None:
    """Words that officers may send as they are, after a look at them."""
    _decide(lambda region, today: decisions.answer(region, title, text, matter, state, today), basis, dry_run)


def wording(
    page: Annotated[str, typer.Argument(help="A page of pages.yaml, such as citizen/welcome.")],
    text: Annotated[str, typer.Argument(help="The town's own words; facts stand in them as {number}.")],
    language: Annotated[str, typer.Option("--language", help="Of which language.")] = "id",
    basis: Basis = "",
    dry_run: DryRun = False,
) -> None:
    """Other words on a page that citizens read; its buttons stay."""
    _decide(lambda region, today: decisions.wording(page, language, text, today), basis, dry_run)


def show() -> None:
    """What is in force, the newest first, with the id that `undo` takes."""
    asyncio.run(_with(_show))


def undo(decision: Annotated[str, typer.Argument(help="Its id, from `tanggap decide show`.")]) -> None:
    """Take a decision back: the files, and what else was decided, hold again."""
    try:
        key = from_text(decision)
    except ValueError:
        raise Fault(f"{decision} is no id of a decision: `tanggap decide show` lists them.") from None
    asyncio.run(_with(lambda program: _undo(program, key)))


# --- how


async def _with(body: Callable[[Program], Any]) -> None:
    """Do something with a program that neither delivers nor beats; a process that serves finds what it left."""
    program = Program(started())
    async with program.running(deliver=False, beat=False):
        await body(program)


def _decide(make: Callable[[Region, date], Decision], basis: str, dry_run: bool) -> None:
    asyncio.run(_with(lambda program: _sign(program, make, basis.strip(), dry_run)))


async def _sign(program: Program, make: Callable[[Region, date], Decision], basis: str, dry_run: bool) -> None:
    now = await program.now()
    region = program.region
    decision = make(region, region.calendars["office"].day_of(now))
    effect, revision = await asyncio.to_thread(program.calendars.effect_of, decision)
    try:
        put_over(region, decision)
    except UnfitError as error:
        raise Fault(_words(region)("unfit", error.why, error.about)) from None
    moves = effect.facts() if decision.subject in MOVING else None
    typer.echo(_preview(region, Decided(decision, basis), moves))
    if dry_run:
        typer.echo("Nothing is changed yet: the same without --dry-run does it.")
        return

    def sign(session: Session) -> int:
        row = deciding.write_down(session, decision, basis, revision, None)
        row.effect = moves
        deciding.sign(session, row, person=None)
        return int(row.id)

    key = await _done(program, sign)
    typer.echo(f"In force. `tanggap decide undo {to_text(key)}` takes it back.")


async def _undo(program: Program, key: int) -> None:
    def end(session: Session) -> bool:
        row = session.plan.locked(Override, key)
        if row is None or row.subject not in SUBJECTS or row.signed_at is None or row.undone_at is not None:
            return False
        deciding.undo(session, row, person=None)
        return True

    if not await _done(program, end):
        raise Fault("No such decision is in force: `tanggap decide show` lists them.")
    typer.echo("Taken back.")


async def _done(program: Program, body: Callable[[Session], Any]) -> Any:
    """Sign or undo, and count open cases anew where that is due; what is left is done by the process that serves."""
    done = await program.errand(lambda session: _tried(session, body))
    if isinstance(done, deciding.ConflictError):
        raise Fault("Somebody else decided something in this moment: look again.")
    if isinstance(done, UnfitError):
        raise Fault(_words(program.region)("unfit", done.why, done.about))
    await program.calendars.do_waiting()
    return done


def _tried(session: Session, body: Callable[[Session], Any]) -> Any:
    """What the body gives, or why nothing was done."""
    mark = session.plan.mark()
    try:
        return body(session)
    except (deciding.ConflictError, UnfitError) as error:
        session.plan.rollback(mark)
        return error


async def _show(program: Program) -> None:
    await program.now()
    found = await program.errand(lambda session: deciding.in_force(session, tuple(Subject), _MOST))
    for one in found:
        typer.echo(_line_of(one, program.region))
    typer.echo(f"{len(found)} decision{'' if len(found) == 1 else 's'} in force.")


def _line_of(found: Decided, region: Region) -> str:
    basis = f" ({found.basis})" if found.basis else ""
    return f"{to_text(found.decision.row)}  {_said_of(found, region)}{basis}"


def _said_of(found: Decided, region: Region) -> str:
    facts = decision_facts(found, region)
    return _words(region)("decision", *(facts[name] for name in _LINE))


def line_of_misfit(misfit: Misfit, region: Region) -> str:
    """What `tanggap check` says of a decision that the files do not fit any more."""
    said = _said_of(Decided(misfit.decision, ""), region)
    why = _words(region)("unfit", misfit.why, misfit.about)
    counts = " It does not count." if misfit.out else ""
    key = to_text(misfit.decision.row)
    return f"decision {key}, {said}: {why}{counts} `tanggap decide undo {key}` takes it back"


def _words(region: Region) -> Words:
    return _renderer(region).words("decisions", _LANGUAGE)


def _preview(region: Region, found: Decided, effect: dict[str, Any] | None) -> str:
    facts = {**decision_preview(found, region), "effect": effect}
    page = "officer/decision_preview"
    return _renderer(region).render(page, facts, (), language=_LANGUAGE, markup="plain").text


def _renderer(region: Region) -> Renderer:
    return Renderer(find(Path(TEMPLATES)), zone=region.zone, town=region.name)
