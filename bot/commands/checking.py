"""`tanggap check`: everything that an operator writes, read once before anybody depends on it."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import reach
from bot.commands.faults import MENDABLE, line_of
from bot.commands.posts import filled_posts
from bot.commands.templates import template_faults
from bot.folders import find
from bot.settings import Settings, SettingsError, load_settings, misspelt, region_folder
from domain.region import Region
from handlers.actions.posts import Filled
from storage.regions import RegionFaults, coverage_faults, load_region


def check(
    live: Annotated[
        bool, typer.Option("--live", help="Also count posts and desks that nobody reads as faults.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Settings, region files, templates, routing: one clear line per fault, exit 1 if there is any."""
    errors: list[str] = []
    warnings = [f"{name} is no setting: what it says does nothing" for name in misspelt()]
    settings = _settings(errors)
    region = _region(settings.region_dir if settings else region_folder(), errors)
    errors += [str(fault) for fault in template_faults()]
    if settings and region:
        _people(settings, region, live, errors, warnings)
    _tell(errors, warnings, as_json=json)
    if errors:
        raise typer.Exit(1)


def _tell(errors: list[str], warnings: list[str], *, as_json: bool) -> None:
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


def _region(folder: Path, errors: list[str]) -> Region | None:
    try:
        region = load_region(find(folder))
    except RegionFaults as error:
        errors += [str(fault) for fault in error.faults]
        return None
    errors += [str(fault) for fault in coverage_faults(region)]
    return region


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
