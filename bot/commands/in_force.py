"""The region as it is in force: its files, under what the town has decided since, as far as there is a database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import typer
from sqlalchemy.engine import make_url

from bot.commands.faults import MENDABLE
from bot.folders import find
from bot.settings import Settings
from domain.decisions import Misfit, misfits
from domain.region import Region
from storage.calendars import counted_otherwise
from storage.clock import TownClock
from storage.engine import make_engine
from storage.migrations import runner
from storage.overrides import decisions, effective
from storage.regions import load_region


def region_in_force(settings: Settings) -> Region:
    """The region for a command that also works where no town has begun; a database that is silent is said, once."""
    files = load_region(find(settings.region_dir))
    try:
        return in_force(settings, files).region
    except MENDABLE as error:
        typer.echo(
            f"warning: the database is silent ({type(error).__name__}): what the town itself decided is not counted",
            err=True,
        )
        return files


class InForce(NamedTuple):
    """The region, the town's time (None where there is no database to ask), how many open cases were counted in other
    calendars, and what was decided that does not fit the files any more."""

    region: Region
    now: datetime | None = None
    otherwise: int = 0
    misfits: tuple[Misfit, ...] = ()


def in_force(settings: Settings, files: Region) -> InForce:
    """The same over files that are read already. The database's errors (`MENDABLE`) where it does not serve."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return InForce(files)
    engine = make_engine(settings.database_url, read_only=True)
    try:
        with engine.connect() as connection:
            if runner.current(connection) != runner.newest():
                return InForce(files)
            now = TownClock(may_travel=settings.allow_time_travel).read(connection).town
            region = effective(connection, files)
            signed = decisions(connection)
            return InForce(region, now, counted_otherwise(connection, region), misfits(files, signed))
    finally:
        engine.dispose()
