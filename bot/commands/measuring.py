"""How fast a town would be on this machine and disk, and how many messages it would send. It asserts nothing."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from pydantic import SecretStr

from bot.bench.speed import Rate, measure
from bot.bench.stories import count, lines_of
from bot.commands.faults import Fault
from bot.folders import find
from bot.settings import Settings, load_settings
from storage.encryption import new_key
from storage.engine import make_engine
from storage.migrations import runner
from storage.regions import load_region


class Size(NamedTuple):
    """How much is done: complaints that are lived through, citizens who write at once, seconds for a ceiling."""

    complaints: int
    citizens: int
    seconds: float


FULL, QUICK = Size(200, 1280, 2.0), Size(20, 128, 0.3)


def bench(
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of everything, for a first look.")] = False,
    database: Annotated[
        str | None, typer.Option(help="An empty database to measure on, emptied again; else a SQLite file.")
    ] = None,
) -> None:
    """Measure this machine: messages in and out beside their ceilings, and what a complaint costs in messages.

    The town's own database is not touched. The files lie in the data folder, so that it is the town's disk.
    """
    settings = load_settings()
    region = load_region(find(settings.region_dir))
    logging.getLogger().setLevel(logging.ERROR)
    size = QUICK if quick else FULL
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=settings.data_dir) as folder,
        _database(Path(folder), database, settings.sends_in_flight) as town,
    ):
        for line in lines_of(asyncio.run(count(town, region, size.complaints, _tell))):
            typer.echo(line)
        for rate in asyncio.run(measure(town, region, size.citizens, size.seconds)):
            typer.echo(_line(rate))


@contextmanager
def _database(folder: Path, url: str | None, in_flight: int) -> Iterator[Settings]:
    """Settings of a town in a database of its own, which is gone afterwards."""
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
