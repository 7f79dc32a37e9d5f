"""Looking things up: who would read a story, and whether the audit trail is whole."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app import open_town
from bot.commands.faults import Fault
from bot.commands.in_force import region_in_force
from bot.settings import load_settings
from domain.region import Region
from domain.routing import Route, is_clear, proposals, unit_for
from domain.routing import route as decide_route
from domain.services import Component, Service
from domain.understanding.reading import Reading, read
from domain.understanding.services import service_in
from domain.understanding.text import words_of
from domain.understanding.waits import days_waited
from domain.vocabulary import OVERSIGHT_CONDUCT, STAFF_CONDUCT
from storage import audit as trail
from storage.engine import make_engine


def route(
    json: Annotated[str | None, typer.Option("--json", help="One story.")] = None,
    jsonl: Annotated[Path | None, typer.Option("--jsonl", help='A file of {"text": ...} lines.')] = None,
) -> None:
    """Who would read a story, as JSON."""
    region = region_in_force(load_settings())
    if json is not None:
        typer.echo(jsonlib.dumps(routed(json, region)))
    elif jsonl is not None:
        for story in _stories(jsonl):
            sys.stdout.write(jsonlib.dumps(routed(story, region)) + "\n")
    else:
        raise typer.BadParameter("give --json TEXT or --jsonl FILE")


def _stories(file: Path) -> Iterator[str]:
    """The texts of a file of JSON lines; blank lines are passed over."""
    with file.open(encoding="utf-8", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _story(line, f"{file}:{number}")


def _story(line: str, where: str) -> str:
    try:
        line.encode()
        text = jsonlib.loads(line)["text"]
    except (ValueError, LookupError, TypeError):
        text = None
    if not isinstance(text, str):
        raise Fault(f'{where}: this line is not like {{"text": "a story"}} in UTF-8.')
    return text


def routed(text: str, region: Region) -> dict[str, Any]:
    """The answer of `route` for one story."""
    reading = read(text, region)
    goes = decide_route(reading, region)
    service = service_in(text, region, reading.matter)
    return {
        "kind": goes.kind,
        "conduct": sorted(reading.conduct),
        "matter": reading.matter,
        "service": service.code if service else None,
        "agency": reading.candidates[0].group if reading.candidates and not reading.referral else None,
        "referral": reading.referral,
        "unit": None if reading.referral else unit_for(reading, region, area=reading.spot.area),
        "reported": _reported(goes, region),
        "reader": goes.unit,
        "unit_name": region.units[goes.unit].name,
        "confidence": round(_confidence(reading), 3),
        "decision": _decision(reading, goes.unit, region),
        "top": [
            {
                "agency": c.group,
                "unit": unit_for(reading, region, c, area=reading.spot.area),
                "p": round(c.share, 3),
            }
            for c in reading.candidates
        ],
        "signals": sorted((*reading.hints, *reading.others)),
        "emergency": reading.emergency,
        "identity_default": goes.identity,
        "amount": reading.amount,
        "official_fee": _official_fee(service),
        "days_said": days_waited(words_of(text, region.lexicon), region.lexicon.waiting),
        "area": reading.spot.area,
    }


def _reported(goes: Route, region: Region) -> dict[str, str | None] | None:
    unit = goes.reported or (region.posts[goes.post].unit if goes.post else None)
    return {"unit": unit, "post": goes.post} if unit else None


def _official_fee(service: Service | None) -> int | None:
    """What the service costs, where that is one amount."""
    fee = service.promises.get(Component.FEE) if service else None
    return fee.tariffs[0].rupiah if fee and len(fee.tariffs) == 1 else None


def _confidence(reading: Reading) -> float:
    """How probable it is that the story is for whom it is taken to be."""
    if reading.referral and reading.elsewhere:
        return reading.elsewhere.share
    return reading.candidates[0].share if reading.candidates else 0.0


def _decision(reading: Reading, reader: str, region: Region) -> str:
    if reading.referral:
        return "refer"
    if is_clear(reading):
        return "auto"
    offered = proposals(reading, region, reading.spot) or reading.perhaps_elsewhere
    if offered or reading.conduct & (OVERSIGHT_CONDUCT | STAFF_CONDUCT):
        return "ask"
    return "desk"


def audit(action: Annotated[str, typer.Argument(help="verify")]) -> None:
    """Walk the audit trail's chain: `tanggap audit verify`."""
    if action != "verify":
        raise typer.BadParameter("the one thing that can be done is: verify")
    settings = load_settings()
    engine = make_engine(settings.database_url, read_only=True)
    try:
        _, vault = open_town(engine, settings.keys())
        with engine.connect() as connection:
            verdict = trail.verify(connection, vault)
    finally:
        engine.dispose()
    if verdict.broken:
        raise Fault(f"The audit trail was altered: {len(verdict.broken)} of {verdict.chained} rows do not fit.")
    typer.echo(f"The audit trail is whole: {verdict.chained} rows chained, {verdict.waiting} waiting.")
