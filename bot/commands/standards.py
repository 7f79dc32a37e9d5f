"""What is written of the service standards of a town, and what its offices still have to supply (UU 25/2009 Ps 21)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.faults import Fault
from bot.folders import find
from bot.rendering import FALLBACK, Renderer, Words
from bot.settings import load_settings
from bot.sheets import XlsxSheet, fill, xlsx_book
from domain.region import Region
from domain.register import Value
from domain.services import ALL, DELIVERY, INTERNAL, Component, Service
from domain.understanding.reading import unit_named
from handlers.shown import promise_facts
from storage.regions import load_region


def standards(
    unit: Annotated[str | None, typer.Option(help="One office or unit alone: its code, or its name.")] = None,
    out: Annotated[Path | None, typer.Option(help="An XLSX with every component; it must not exist yet.")] = None,
) -> None:
    """Of each service the fourteen components of its standard: which are written, and which are missing."""
    if out is not None and out.suffix.lower() != ".xlsx":
        raise typer.BadParameter("the table is an XLSX: give --out FILE.xlsx")
    region = load_region(find(load_settings().region_dir))
    services = _services(region, unit)
    if out is not None:
        write(region, services, out)
        typer.echo(f"{_counted(services)}, in {out}.", err=True)
        return
    for service in services:
        typer.echo(_line(region, service))
    typer.echo(f"{_counted(services)}.", err=True)


def _services(region: Region, named: str | None) -> Sequence[Service]:
    """The services of one unit, or all of them by the office that gives them."""
    if named is None:
        return sorted(region.services.values(), key=lambda service: _office(region, service))
    unit = named.upper() if named.upper() in region.units else unit_named(named, region)
    if unit is None:
        raise Fault(f"No unit is called {named}: give a code of offices.yaml or units.yaml.")
    return region.services_of(unit)


def _line(region: Region, service: Service) -> str:
    filled = len(ALL) - len(service.missing)
    missing = f"  missing: {', '.join(service.missing)}" if service.missing else ""
    return f"{code_of(region, service)}  {service.code}  {filled} of {len(ALL)}{missing}"


def _counted(services: Sequence[Service]) -> str:
    """How much is written, in words for an operator."""
    of = len(services) * len(ALL)
    return f"{len(services)} services, {of - gaps(services)} of {of} components are written"


def gaps(services: Iterable[Service]) -> int:
    """How many components are missing."""
    return sum(len(service.missing) for service in services)


def code_of(region: Region, service: Service) -> str:
    """The code of the office that gives a service, or of its group where no office carries that."""
    return region.giver_of(service) or service.group or ""


def _office(region: Region, service: Service) -> str:
    """The same as a name, as people in the town read it."""
    code = code_of(region, service)
    return region.units[code].name if code in region.units else region.groups[code][FALLBACK]


# --- the table


def write(region: Region, services: Sequence[Service], out: Path) -> None:
    """Two sheets in the language of the town's offices: how much of each service is written, and what."""
    words = Renderer(find(Path("templates")), zone=region.zone, town=region.name).words("standards", FALLBACK)
    with xlsx_book(out) as book:
        for name, heading, rows, widths in (
            ("overview", _overview_heading(words), _overview(region, services, words), {0: 44, 1: 36}),
            (
                "details",
                _details_heading(words),
                _details(region, services, words),
                {0: 44, 1: 36, 4: 36, 6: 60, 7: 40},
            ),
        ):
            fill(XlsxSheet(book, heading, words("sheet", name), widths), heading, rows)


def _overview_heading(words: Words) -> list[str]:
    names = ("office", "service", "filled", "delivery", "internal")
    return [*(words("heading", name) for name in names), *(words("component_name", part) for part in ALL)]


def _overview(region: Region, services: Iterable[Service], words: Words) -> Iterator[Sequence[Value]]:
    for service in services:
        counts = (_filled(service, parts) for parts in (ALL, DELIVERY, INTERNAL))
        there = (words("is_there", part in service.promises) for part in ALL)
        yield [_office(region, service), service.name[FALLBACK], *counts, *there]


def _filled(service: Service, parts: Iterable[Component]) -> int:
    return sum(part in service.promises for part in parts)


def _details_heading(words: Words) -> list[str]:
    return [words("heading", name) for name in ("office", "service", "code", "number", *_OF_A_COMPONENT)]


_OF_A_COMPONENT = ("component", "part", "text", "source")
#: Characters of a cell, as spreadsheets hold them.
_LONGEST = 32_000


def _details(region: Region, services: Iterable[Service], words: Words) -> Iterator[Sequence[Value]]:
    for service in services:
        for number, part in enumerate(ALL, start=1):
            promise = promise_facts(service.promises.get(part))
            said = (words("written", promise, _LONGEST), str(promise["source"])) if promise else (words("missing"), "")
            place = words("part_name", "delivery" if part in DELIVERY else "internal")
            named = (_office(region, service), service.name[FALLBACK], service.code)
            yield [*named, number, words("component_name", part), place, *said]
