"""The register of a town as a file. Needs no key: nothing of what it says is sealed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from sqlalchemy import Connection, Executable, Row

from bot.app import check_schema
from bot.commands.faults import Fault
from bot.folders import find
from bot.settings import Settings, load_settings
from bot.sheets import CsvSheet, Sheet, TooLong, csv_file, fill, xlsx_file
from domain.lives import Life
from domain.region import Region
from domain.register import COLUMNS, Value, is_sheltered, line
from storage.backup import snapshot
from storage.clock import TownClock
from storage.engine import make_engine
from storage.overrides import effective
from storage.regions import load_region
from storage.register import received

_TOLD_EVERY = 10_000
_SP4N = Path("templates/id/sp4n.yaml")

Case = tuple[Mapping[str, Any], Life]


class Format(StrEnum):
    """How a register is written."""

    CSV = "csv"
    XLSX = "xlsx"
    SP4N = "sp4n"


def export(
    first: Annotated[datetime, typer.Option("--from", help="The first day of receipt.", formats=["%Y-%m-%d"])],
    last: Annotated[datetime, typer.Option("--to", help="The last day of receipt, itself too.", formats=["%Y-%m-%d"])],
    format: Annotated[  # noqa: A002 - its name on the command line
        Format, typer.Option(help="sp4n: open cases only, to copy into SP4N-LAPOR!; CSV, or XLSX by FILE's name.")
    ] = Format.CSV,
    out: Annotated[Path | None, typer.Option(help="The file; without it CSV goes to standard output.")] = None,
) -> None:
    """The register of the cases that came on some days, today included: dates and outcomes, no story and no name."""
    if first > last:
        raise typer.BadParameter("--from is after --to")
    if format is Format.XLSX and out is None:
        raise typer.BadParameter("an XLSX is a file: give --out FILE")
    settings = load_settings()
    files = load_region(find(settings.region_dir))
    days = first.date(), last.date()
    with _town(settings) as connection:
        region = effective(connection, files)
        now = TownClock(may_travel=settings.allow_time_travel).read(connection).town
        count = write(connection, Count(region, now), days, format, out)
    _tell(count, *days, out)


def write(
    connection: Connection,
    count: Count,
    days: tuple[date, date],
    format: Format,  # noqa: A002
    out: Path | None,
) -> Count:
    """The register of the cases that came on some days, as it stands on a connection; counts them."""
    heading, rows = _table(format, count, _cases(connection, count.region, *days))
    try:
        with _sheet(out, format, heading) as sheet:
            fill(sheet, heading, rows)
    except TooLong as error:
        raise Fault(str(error)) from None
    return count


@dataclass
class Count:
    """What the lines are made with, and how many there were of each sort."""

    region: Region
    now: datetime
    rows: int = 0
    sheltered: int = 0
    left_out: int = 0

    def one_more(self, *, sheltered: bool = False) -> None:
        self.rows += 1
        self.sheltered += sheltered
        if self.rows % _TOLD_EVERY == 0:
            typer.echo(f"{self.rows:,} cases", err=True)


def _town(settings: Settings) -> AbstractContextManager[Connection]:
    """One moment of the record, whatever is written meanwhile."""
    engine = make_engine(settings.database_url, read_only=True)
    with engine.connect() as connection:
        check_schema(connection)
    return snapshot(engine)


def _cases(connection: Connection, region: Region, first: date, last: date) -> Iterator[Case]:
    def run(statement: Executable, values: Mapping[str, Any]) -> list[Row[Any]]:
        return list(connection.execute(statement, dict(values)))

    return received(run, region.calendars["office"], first, last)


def _table(
    format: Format,  # noqa: A002
    count: Count,
    cases: Iterator[Case],
) -> tuple[Sequence[str], Iterator[Sequence[Value]]]:
    if format is Format.SP4N:
        words = yaml.safe_load(find(_SP4N).read_text(encoding="utf-8"))
        return list(words["columns"].values()), _sp4n(count, cases, words)
    return COLUMNS, _register(count, cases)


def _register(count: Count, cases: Iterator[Case]) -> Iterator[Sequence[Value]]:
    for case, life in cases:
        count.one_more(sheltered=is_sheltered(case))
        yield list(line(case, life, count.region, count.now).values())


def _sp4n(count: Count, cases: Iterator[Case], words: Mapping[str, Mapping[str, str]]) -> Iterator[Sequence[Value]]:
    """Open cases alone: whoever was promised that one office reads is not passed on to another system."""
    for case, life in cases:
        if is_sheltered(case):
            count.left_out += 1
            continue
        count.one_more()
        known = line(case, life, count.region, count.now)
        matter = count.region.matters.get(case["matter_code"] or "")
        known |= {
            "kind": words["kinds"][case["kind"]],
            "state": words["states"][case["state"]],
            "title": matter.name["id"] if matter else "",
            "office": count.region.units[str(known["office"])].name,
            "unit": known["unit_name"],
            "tracking": "",
        }
        yield [known[name] for name in words["columns"]]


def _sheet(out: Path | None, format: Format, heading: Sequence[str]) -> AbstractContextManager[Sheet]:  # noqa: A002
    if out is None:
        return nullcontext(CsvSheet(sys.stdout))
    if format is Format.XLSX or (format is Format.SP4N and out.suffix.lower() == ".xlsx"):
        return xlsx_file(out, heading)
    return csv_file(out)


def _tell(count: Count, first: date, last: date, out: Path | None) -> None:
    what = f"{count.rows:,} case{'' if count.rows == 1 else 's'} from {first} to {last}"
    where = f", in {out}" if out else ""
    more = f"; {count.sheltered:,} of them tell only day and office" if count.sheltered else ""
    less = f"; {count.left_out:,} that are not open to everybody stay out" if count.left_out else ""
    typer.echo(f"{what}{where}{more}{less}.", err=True)
