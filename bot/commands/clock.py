"""The town's clock from the command line: deadlines worked out, due work done."""

from __future__ import annotations

import asyncio
import json as jsonlib
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.app import Program
from bot.commands.faults import Fault
from bot.commands.in_force import region_in_force
from bot.logs import set_up_logs
from bot.settings import load_settings
from domain.calendar import Calendar
from domain.deadlines import compute, policy_for
from domain.region import Region
from domain.vocabulary import CITIZEN_KINDS, Kind

#: Years for which it makes sense to count working days; the calendar of days off is empty or guessed beyond them.
FIRST_YEAR, LAST_YEAR = 2000, 2099


def town_moment(text: str, region: Region) -> datetime:
    """An ISO time; without an offset it is the town's. A date alone is its midnight."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Fault(f"{text} is no ISO time, such as 2026-03-13T09:00 or 2026-03-13T02:00:00+00:00.") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Fault(f"{text} lies outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(region.zone))


def deadline(
    kind: Annotated[Kind, typer.Option(help="What was received.")],
    received: Annotated[str, typer.Option(help="ISO time of receipt; without an offset it is the town's.")],
    matter: Annotated[str | None, typer.Option(help="A matter's code.")] = None,
    unit: Annotated[str | None, typer.Option(help="The unit whose calendar counts.")] = None,
    calendar: Annotated[str | None, typer.Option(help="A calendar by its name.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """The dates that a case gets."""
    if kind not in CITIZEN_KINDS:
        raise Fault(f"A {kind} brings its own date; dates are counted for {', '.join(CITIZEN_KINDS)}.")
    region = region_in_force(load_settings())
    hours = _calendar(region, matter, unit, calendar)
    at = town_moment(received, region)
    policy = policy_for(region.policies[kind], hours.day_of(at), matter, unit.upper() if unit else None)
    dates = compute(kind, at, policy, hours)
    shown: dict[str, Any] = {
        name: _local(getattr(dates, name), region)
        for name in ("verify_by", "first_response_by", "resolve_by", "statutory_by", "binding_by")
    }
    shown["provisional"] = dates.provisional
    typer.echo(jsonlib.dumps(shown) if json else "\n".join(f"{name}: {value}" for name, value in shown.items()))


def _calendar(region: Region, matter: str | None, unit: str | None, calendar: str | None) -> Calendar:
    if matter and matter not in region.matters:
        raise Fault(f"There is no matter {matter}; the codes stand in regions/indonesia/matters.yaml.")
    if unit and unit.upper() not in region.units:
        raise Fault(f"There is no unit {unit}; the codes stand in the region's units.yaml.")
    if calendar and calendar not in region.calendars:
        raise Fault(f"There is no calendar {calendar}; there are: {', '.join(sorted(region.calendars))}.")
    if calendar:
        return region.calendars[calendar]
    group = region.matters[matter].group if matter else ""
    return region.calendar_of(unit.upper() if unit else region.unit_of_group.get(group))


def _local(moment: datetime | None, region: Region) -> str | None:
    return moment.astimezone(ZoneInfo(region.zone)).isoformat() if moment else None


def tick(
    at: Annotated[str | None, typer.Option(help="Move the town clock there first (time travel only).")] = None,
) -> None:
    """Run all due work once and exit."""
    settings = load_settings()
    set_up_logs(settings.log_format, secrets=settings.secrets())
    if at and not settings.allow_time_travel:
        raise Fault("--at moves the town clock: that needs TANGGAP_ALLOW_TIME_TRAVEL=1, for tests and demos only.")
    program = Program(settings)
    fired = asyncio.run(_tick(program, at))
    typer.echo(f"{fired} step{'' if fired == 1 else 's'} spoke.")


async def _tick(program: Program, at: str | None) -> int:
    """What speaks is queued; the process that delivers finds it within a second."""
    async with program.running(deliver=False, beat=False):
        fired = await program.beats.deadlines() if at is None else await _travel(program, at)
        await program.beats.digests()
        await program.beats.work()
        while await program.beats.seal_audit():
            continue
        await program.beats.erase()
        await program.beats.tidy()
        return fired


async def _travel(program: Program, at: str) -> int:
    target = town_moment(at, program.region)
    if target < await program.now():
        raise Fault("The town clock never goes back: --at lies before the town's present time.")
    return await program.travel_to(target, deliver=False)
