"""`tanggap doctor`: is everything well, as far as one can see from here."""

from __future__ import annotations

import asyncio
import json as jsonlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.faults import MENDABLE, line_of
from bot.doctor import bots, house, whatsapp
from bot.doctor.finding import Finding, Level, fault, ok, warning
from bot.folders import find
from bot.menu_words import MenuWords
from bot.message_templates import MessageTemplates
from bot.rendering import Renderer
from bot.settings import Settings, SettingsError, load_settings, misspelt
from domain.region import Region
from storage.regions import RegionFaults, load_region


def doctor(json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """Settings, database, disk, clock, delivery, and what Telegram and Meta say: exit 1 if there is a fault."""
    findings = []
    for finding in _examined():
        findings.append(finding)
        if not json:
            typer.echo(f"{finding.level:<8} {finding.about:<12} {finding.says}")
    faults, warnings = (sum(found.level is level for found in findings) for level in (Level.FAULT, Level.WARNING))
    if json:
        lines = [{"level": found.level, "about": found.about, "says": found.says} for found in findings]
        typer.echo(jsonlib.dumps({"findings": lines, "faults": faults, "warnings": warnings}))
    if faults:
        typer.echo(f"Faults: {faults}, warnings: {warnings}. Each line says what to do.", err=True)
        raise typer.Exit(1)


def _examined() -> Iterator[Finding]:
    """From the inside out; what can't be known without an earlier part is left out."""
    try:
        settings = load_settings()
        keys = settings.keys()
    except SettingsError as error:
        yield from (fault("settings", line) for line in str(error).splitlines())
        return
    yield ok("settings", "they can be read")
    yield from (warning("settings", f"{name} is no setting: what it says does nothing") for name in misspelt())
    region = _region(settings)
    if region is None:
        yield fault("region", "its files have faults: `tanggap check` names them")
    yield from house.disk(settings)
    town = house.town(settings, keys, region)
    yield from town.findings
    words = MenuWords(find(Path("templates")), region) if region else None
    yield from asyncio.run(bots.examine(settings, words, town.serving, _tell))
    yield from asyncio.run(whatsapp.examine(settings, _templates(region), town.templates, _tell))


def _region(settings: Settings) -> Region | None:
    try:
        return load_region(find(settings.region_dir))
    except MENDABLE as error:
        if line_of(error) is None:
            raise
        return None


def _templates(region: Region | None) -> MessageTemplates | None:
    """The message templates; None where their files have faults, which `check` names."""
    folder = find(Path("templates"))
    try:
        return MessageTemplates(folder, Renderer(folder, zone=region.zone, town=region.name)) if region else None
    except RegionFaults:
        return None


def _tell(line: str) -> None:
    """Progress, for whoever watches."""
    if sys.stderr.isatty():
        typer.echo(line, err=True)
