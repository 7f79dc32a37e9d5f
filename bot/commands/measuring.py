"""How fast a town would be on this machine and disk, and how many messages it would send. It asserts nothing."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from pydantic import SecretStr

from bot.bench import clock, understanding
from bot.bench.speed import Rate, measure
from bot.bench.stories import count, lines_of
from bot.commands.faults import Fault
from bot.folders import find
from bot.memory import settled
from bot.settings import Settings, load_settings
from domain.region import Region
from storage.encryption import new_key
from storage.engine import make_engine
from storage.migrations import runner
from storage.regions import load_region


class Part(StrEnum):
    """What can be measured alone."""

    COST = "cost"
    SPEED = "speed"
    CLOCK = "clock"
    UNDERSTANDING = "understanding"


class Size(NamedTuple):
    """How much is done: complaints that are lived through, citizens who write at once, seconds for a ceiling; cases
    that are open, and of how many a deadline is due at one moment; and stories that are understood."""

    complaints: int
    citizens: int
    seconds: float
    cases: int
    due: int
    stories: int


FULL, QUICK = Size(200, 1280, 2.0, 1_000_000, 10_000, 1000), Size(20, 128, 0.3, 100_000, 1_000, 100)


def bench(
    part: Annotated[Part | None, typer.Argument(help="What to measure: all of it where nothing is said.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of everything, for a first look.")] = False,
    database: Annotated[
        str | None, typer.Option(help="An empty database to measure on, emptied again; else a SQLite file.")
    ] = None,
    cases: Annotated[int | None, typer.Option("--open", min=1000, help="For the clock: so many open cases.")] = None,
    due: Annotated[int | None, typer.Option(min=1, help="For the clock: so many deadlines due at once.")] = None,
) -> None:
    """Measure this machine: what a complaint costs in messages, messages in and out beside their ceilings, the clock,
    and what it takes to understand a story.

    The town's own database is not touched. The files lie in the data folder, so that it is the town's disk.
    """
    settings = load_settings()
    region = load_region(find(settings.region_dir))
    logging.getLogger().setLevel(logging.ERROR)
    size = QUICK if quick else FULL
    size = size._replace(cases=cases or size.cases, due=due or size.due)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=settings.data_dir) as folder,
        settled(),
    ):
        for one in [part] if part else Part:
            with _database(Path(folder) / one, database, settings.sends_in_flight) as town:
                for line in _MEASURES[one](town, region, size):
                    typer.echo(line)


def _cost(town: Settings, region: Region, size: Size) -> Iterator[str]:
    return lines_of(asyncio.run(count(town, region, size.complaints, _tell)))


def _speed(town: Settings, region: Region, size: Size) -> Iterator[str]:
    return map(_line, asyncio.run(measure(town, region, size.citizens, size.seconds)))


def _clock(town: Settings, region: Region, size: Size) -> Iterator[str]:
    length = size.cases + size.due
    with typer.progressbar(length=length, label="Open cases", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        found = asyncio.run(clock.measure(town, region, size.cases, size.due, bar.update))
    return clock.lines_of(found)


def _understanding(town: Settings, region: Region, size: Size) -> Iterator[str]:
    return understanding.lines_of(understanding.measure(region, size.stories))


_MEASURES: Mapping[Part, Callable[[Settings, Region, Size], Iterator[str]]] = {
    Part.COST: _cost,
    Part.SPEED: _speed,
    Part.CLOCK: _clock,
    Part.UNDERSTANDING: _understanding,
}


@contextmanager
def _database(folder: Path, url: str | None, in_flight: int) -> Iterator[Settings]:
    """Settings of a town in a database of its own, which is gone afterwards."""
    folder.mkdir(exist_ok=True)
    settings = Settings.model_construct(
        allow_time_travel=True,
        data_dir=folder,
        database_url=url or f"sqlite:///{folder / 'bench.db'}",
        digests=False,
        encryption_keys=SecretStr(new_key()),
        sends_in_flight=in_flight,
        undo_seconds=0,
    )
    if url is not None:
        _refuse_what_is_used(url)
    runner.upgrade(settings.database_url, settings.keys())
    try:
        yield settings
    finally:
        if url is not None:
            runner.downgrade(url)


def _refuse_what_is_used(url: str) -> None:
    try:
        engine = make_engine(url)
    except ValueError as error:
        raise Fault(f"--database: {error}") from None
    try:
        with engine.connect() as connection:
            if runner.current(connection) is not None:
                raise Fault("That database has a town in it: name an empty one.")
    finally:
        engine.dispose()


def _line(rate: Rate) -> str:
    of = f"{rate.rate / rate.ceiling:.2f} of {rate.ceiling:,.0f}/s ({rate.of})"
    return f"{rate.what:<22} {rate.rate:8,.0f}/s = {of}"


def _tell(told: int, of: int, at: datetime) -> None:
    if told % 50 == 0:
        typer.echo(f"{told} of {of} complaints", err=True)
