"""Nothing that people wrote, and nobody's number, lies anywhere in the clear: everything is searched byte by byte."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import logging
import random
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from bot.logs import QUIET, set_up_logs
from storage.engine import make_engine
from storage.tables import Outbox, Quarantine
from tests.kit.databases import Prepare
from tests.kit.town import Town, open_town, peopled
from tests.leaks.life import FATES, STORIES, Life, Subject, pages_of
from tests.leaks.places import Place, archive_of, database_places, files_in, registers_of
from tests.leaks.search import hits, written
from tests.leaks.words import Inventor

CITIZENS = 60
_NUMBER = re.compile(r"TGP-\d\d-[0-9A-Z]{6}")


class Logs:
    """What the operator reads, in both formats at once."""

    def __init__(self) -> None:
        self.console, self.json = io.StringIO(), io.StringIO()

    @contextlib.contextmanager
    def caught(self) -> Iterator[Logs]:
        """The program's own set-up, but for where it writes to."""
        root = logging.getLogger()
        before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in QUIET}
        hooks = sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning
        handlers = []
        for style, stream in (("console", self.console), ("json", self.json)):
            set_up_logs(style)  # type: ignore[arg-type]
            (handler,) = root.handlers
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(stream)
            handlers.append(handler)
        root.handlers[:] = handlers
        try:
            yield self
        finally:
            sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning = hooks
            root.handlers[:], root.level = before[:2]
            for name, level in before[2].items():
                logging.getLogger(name).setLevel(level)

    @property
    def lines(self) -> list[str]:
        return [*self.console.getvalue().splitlines(), *self.json.getvalue().splitlines()]

    def places(self) -> Iterator[Place]:
        yield "console log", self.console.getvalue().encode()
        yield "json log", self.json.getvalue().encode()


@dataclass
class Town60:
    """A town after everything has happened, and everything that is searched."""

    town: Town
    url: str
    folder: Path
    logs: Logs
    timeline: list[Place] = field(default_factory=list)

    def places(self) -> Iterator[Place]:
        yield from database_places(self.url, self.folder)
        yield from files_in(self.folder / "data", "data folder")
        yield "archive of `tanggap backup`", archive_of(self.url, self.town, self.folder)
        yield from registers_of(self.town, self.folder)
        yield from self.logs.places()
        yield from self.timeline


async def _everything(
    url: str, folder: Path, inventor: Inventor, check: Callable[[Town60, list[Subject]], None]
) -> None:
    with Logs().caught() as logs:
        async with open_town(url, folder / "data", digests=True) as town, pages_of(town) as http:
            life = Life(town, inventor, http)
            subjects = life.subjects(CITIZENS)
            with life.poisoning():
                await life.of_all(subjects)
            await life.fails()
            await town.travels(working_days=2)
            after = Town60(town, url, folder, logs)
            for path in ("", *(f"/{subject.number}" for subject in subjects if subject.number)):
                answer = await http.get(f"/demo/tickets{path}")
                assert answer.status_code == 200
                after.timeline.append(("timeline", answer.content))
            await asyncio.to_thread(check, after, subjects)


def test_nothing_of_sixty_citizens_lies_in_the_clear_anywhere(
    dialect: str, new_database: Callable[[Prepare | None], str], tmp_path: Path
) -> None:
    inventor = Inventor(random.SystemRandom().getrandbits(32))
    print(f"seed {inventor.seed}: {[sort.marker for sort in inventor.sorts]}")  # noqa: T201

    def check(after: Town60, subjects: list[Subject]) -> None:
        words = {sort.name: sort.marker for sort in inventor.sorts}
        words |= {s.citizen.phone: s.citizen.phone for s in subjects if s.citizen.phone.startswith("citizen-")}
        _everything_has_happened(after, subjects)
        assert sorted(set(hits(after.places(), words))) == []
        _no_pin_is_kept(after, subjects)
        _no_line_of_the_log_ties_a_case_to_a_phone(after.logs, subjects)
        _the_search_would_have_found_it(after, inventor.stories.marker, dialect)

    asyncio.run(_everything(new_database(peopled), tmp_path, inventor, check))


def _everything_has_happened(after: Town60, subjects: list[Subject]) -> None:
    """Else nothing would be shown by finding nothing."""
    town = after.town
    met = {(subject.identity, subject.fate) for subject in subjects}
    assert len(met) == 3 * len(FATES)
    assert len({(subject.identity, subject.kind) for subject in subjects}) == 3 * len(STORIES)
    tickets = town.tickets()
    assert {ticket.number for ticket in tickets} == {subject.number for subject in subjects if subject.number}
    register = dict(registers_of(town, after.folder))["register as csv"]
    assert all(ticket.number.encode() in register for ticket in tickets)
    assert {ticket.kind for ticket in tickets} == {"complaint", "oversight"}
    assert {row.error for row in town.rows(Outbox)} > {"address_dead"}
    assert {row.state for row in town.rows(Outbox)} >= {"sent", "opened", "dropped", "refused"}
    assert len(town.rows(Quarantine)) == sum(subject.fate == "poisoned" for subject in subjects)
    assert "step failed" in after.logs.json.getvalue()
    assert "ValueError" in after.logs.json.getvalue(), "no error was logged with its traceback"


def _no_pin_is_kept(after: Town60, subjects: list[Subject]) -> None:
    """Six digits stand in every other timestamp, so a PIN is looked for as it would be written."""
    pins = {subject.pin for subject in subjects if subject.pin}
    assert len(pins) > CITIZENS / 3
    receipts = after.town.rows(Outbox, page="citizen/receipt", state="sent")
    assert receipts
    assert not [row for row in receipts if row.facts_sealed is not None]
    shown = re.compile(rb"pin\W{1,5}(\d{6})\b", re.IGNORECASE)
    for place, data in after.places():
        for found in shown.findall(data):
            assert found.decode() not in pins, f"a PIN stands in the {place}"
    for line in after.logs.json.getvalue().splitlines():
        said = {name: value for name, value in json.loads(line).items() if name != "timestamp"}
        assert not pins & set(re.findall(r"\d{6}", json.dumps(said))), line


def _no_line_of_the_log_ties_a_case_to_a_phone(logs: Logs, subjects: Iterable[Subject]) -> None:
    phones = {subject.citizen.phone for subject in subjects}
    for line in logs.lines:
        assert not (_NUMBER.search(line) and any(phone in line for phone in phones)), line


def _the_search_would_have_found_it(after: Town60, word: str, dialect: str) -> None:
    """The control: the same word in the clear, in every spelling, is found in every place by the same search."""
    spellings = [*_spellings(word)]
    _write_control_rows(after.url, spellings)
    control = after.folder / "data" / "attachments" / "control"
    control.write_bytes(b"\n".join(spellings))
    for spelling in spellings:
        logging.getLogger("control").warning("control %s", spelling.decode("latin-1"))
    found: dict[str, set[str]] = {}
    for place, _, encoding in hits(after.places(), {"control": word}):
        found.setdefault(place, set()).add(encoding)
    everywhere = set(written(word))
    # Letters of two bytes can't stand in a line of the log as they are: their zeros are escaped.
    in_logs = {encoding for encoding in everywhere if not encoding.startswith("utf-16")}
    assert found.pop("json log") >= in_logs
    assert found.pop("console log") >= in_logs
    copy = "backup" if dialect == "sqlite" else "dump"
    assert found.pop(copy) == found.pop("data folder") == everywhere
    # Of a database that is in use the newest rows may lie in its log only.
    assert found.pop("database", set()) | found.pop("database-wal", set()) == everywhere
    assert not found


def _spellings(word: str) -> Iterator[bytes]:
    """A word as careless code might keep it."""
    yield word.title().encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    for case in (word.lower(), word.capitalize(), word.upper()):
        yield case.encode().hex().encode()
        for offset in range(3):
            yield base64.b64encode(b"x" * offset + case.encode() + b"x")


def _write_control_rows(url: str, spellings: list[bytes]) -> None:
    engine = make_engine(url)
    kind = "BLOB" if url.startswith("sqlite") else "BYTEA"
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE TABLE control (word {kind})"))
            for spelling in spellings:
                connection.execute(text("INSERT INTO control VALUES (:word)"), {"word": spelling})
    finally:
        engine.dispose()
