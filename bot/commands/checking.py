"""`tanggap check`: everything that an operator writes, read once before anybody depends on it."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.commands import reach
from bot.commands.decided import line_of_misfit
from bot.commands.faults import MENDABLE, line_of
from bot.commands.in_force import InForce, in_force
from bot.commands.posts import filled_posts
from bot.commands.standards import gaps
from bot.commands.templates import page_faults, template_faults
from bot.folders import find
from bot.settings import Settings, SettingsError, load_settings, misspelt, region_folder
from domain.overrides import NEEDED_BEFORE, Unsure, unsure_in
from domain.region import Region
from domain.services import ALL
from domain.understanding.learned import BadModel
from handlers.actions.posts import Filled
from storage.regions import RegionFaults, coverage_faults, load_region


def check(
    live: Annotated[
        bool, typer.Option("--live", help="Also count posts and desks that nobody reads as faults.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    at: Annotated[datetime | None, typer.Option(help="As if it were that day.", formats=["%Y-%m-%d"])] = None,
) -> None:
    """Settings, region files, templates, routing, calendars: one clear line per fault, exit 1 if there is any."""
    errors: list[str] = []
    warnings = [f"{name} is no setting: what it says does nothing" for name in misspelt()]
    settings = _settings(errors)
    files = region_at(settings.region_dir if settings else region_folder(), errors)
    errors += [str(fault) for fault in template_faults()]
    if files:
        errors += [*map(str, page_faults(files)), *_model_faults(files)]
        found = _in_force(settings, files)
        warnings += [*unwritten(found.region), *_changed_below(found)]
        _years(found, at.date() if at else None, errors, warnings)
        if settings:
            _people(settings, found.region, live, errors, warnings)
    told(errors, warnings, as_json=json)
    if errors:
        raise typer.Exit(1)


def _model_faults(files: Region) -> Iterator[str]:
    """What is wrong with the model that lies in the town's folder."""
    try:
        if files.learned and set(files.groups).isdisjoint(files.learned.model.groups):
            yield "model.npz knows none of the groups of groups.yaml: train it on this town's register"
    except BadModel as error:
        yield str(error)


def told(errors: list[str], warnings: list[str], *, as_json: bool) -> None:
    """Say what was found."""
    if as_json:
        typer.echo(jsonlib.dumps({"errors": errors, "warnings": warnings}))
        return
    for line in [*errors, *(f"warning: {line}" for line in warnings)]:
        typer.echo(line, err=True)
    found = f"{len(errors)} fault{'' if len(errors) == 1 else 's'}."
    typer.echo(found if errors else "Everything is in order.")


def _settings(errors: list[str]) -> Settings | None:
    try:
        return load_settings()
    except SettingsError as error:
        errors += str(error).splitlines()
        return None


def region_at(folder: Path, errors: list[str]) -> Region | None:
    """The region of a folder, None where its files say nothing; every fault goes to `errors`."""
    try:
        region = load_region(find(folder))
    except RegionFaults as error:
        errors += [str(fault) for fault in error.faults]
        return None
    errors += [str(fault) for fault in coverage_faults(region)]
    return region


def unwritten(region: Region) -> Iterator[str]:
    """One line about what the offices have not supplied yet: it is theirs to write, so it is never a fault."""
    if missing := gaps(region.services.values()):
        of = len(region.services) * len(ALL)
        yield f"service standards: {missing:,} of {of:,} components are not written yet: `tanggap standards` lists them"


def _in_force(settings: Settings | None, files: Region) -> InForce:
    try:
        return in_force(settings, files) if settings else InForce(files)
    except MENDABLE:  # said where the posts are looked at
        return InForce(files)


def _changed_below(found: InForce) -> Iterator[str]:
    """Where the files have changed under what the town has decided, or under what it has promised."""
    yield from (line_of_misfit(misfit, found.region) for misfit in found.misfits)
    if found.otherwise:
        yield (
            f"{found.otherwise} open cases were counted in another calendar than the present one:"
            " `tanggap calendar recount` shows what would move"
        )


def _years(found: InForce, at: date | None, errors: list[str], warnings: list[str]) -> None:
    """Years that promises need soon and whose days off nobody has confirmed, here or in the files."""
    region, now = found.region, found.now
    today = at or (now.astimezone(ZoneInfo(region.zone)).date() if now else today_here(region))
    for year, calendars in unsure_in(region, today).items():
        (errors if year.is_fault else warnings).append(_said_of(year, calendars))


def today_here(region: Region) -> date:
    """The town's date by this machine's clock, where no database says it."""
    return datetime.now(ZoneInfo(region.zone)).date()


def _said_of(unsure: Unsure, calendars: tuple[str, ...]) -> str:
    begins = f"begins in {unsure.days} days" if unsure.days > 0 else "has begun"
    until = "" if unsure.is_fault else f" at the latest {NEEDED_BEFORE} days before it"
    return (
        f"calendar {', '.join(calendars)}: the days off of {unsure.year}, which {begins}, are provisional: compare them"
        f" with the ministers' decree, then `tanggap calendar confirm {unsure.year}`{until}"
    )


def _people(settings: Settings, region: Region, live: bool, errors: list[str], warnings: list[str]) -> None:
    """Who would read a case: a warning until --live or the first enrolled officer, then a fault each (decision 27)."""
    if settings.encryption_keys is None and not live:
        return
    try:
        posts = _posts(settings, region)
    except MENDABLE as error:
        errors.append(line_of(error) or type(error).__name__)
        return
    if posts is None:
        (errors if live else warnings).append("the database is not set up yet: run `tanggap migrate`")
    elif live or any(found.holders for found in posts):
        errors += reach.faults_of(posts, region)
    elif summary := reach.summary_of(posts, region):
        warnings.append(summary)


def _posts(settings: Settings, region: Region) -> tuple[Filled, ...] | None:
    """Every post as it is held today (the town's date); None where there is no database yet."""
    settings.keys()
    path = settings.database_url.removeprefix("sqlite:///")
    if settings.database_url.startswith("sqlite") and not Path(path).exists():
        return None
    return filled_posts(settings, region)
