"""Towns for journeys: every test that takes `town` runs on both databases and in both languages.

People have pretended phones, or are in Telegram - the stand-in's updates come by polling or to the webhook -, or in
WhatsApp, where a stand-in is Meta; the real libraries send. In the short form each database has one language, and most
journeys run on one of the two (see `ON_BOTH`), with one carrier; `make soak` runs all databases, carriers, languages.
A test that is about words says `@pytest.mark.parametrize("language", LANGUAGES)`, one that needs the pretended channel
itself `@ON_PHONES`, one of pages that take each other's place `@WITH_EDITS`, one of groups `@WITH_GROUPS`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.kit.carriers import Carrier, PretendChannel
from tests.kit.databases import DIALECTS, Prepare, roomy_memory
from tests.kit.town import LANGUAGES, Town, open_town, peopled
from tests.telegram.carrier import TelegramCarrier
from tests.telegram.town import town_on_telegram
from tests.whatsapp.carrier import WhatsAppCarrier
from tests.whatsapp.town import town_on_whatsapp

HERE = Path(__file__).parent
SOAK = bool(os.environ.get("TANGGAP_SOAK"))
#: The language of a database in the short form.
SPOKEN = {"sqlite": "id", "postgres": "en"}
CARRIERS = ("phone", "polling", "webhook", "whatsapp")
#: How many more journeys have phones than any other carrier, which takes twice the time.
CHEAP = 5


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=LANGUAGES if SOAK else ["spoken"])
def language(request: pytest.FixtureRequest, dialect: str) -> str:
    """The language that everybody speaks in this run of the test."""
    return SPOKEN[dialect] if request.param == "spoken" else str(request.param)


@pytest.fixture
def database_folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is room: hundreds of small towns would wait for a disk that nobody reads again."""
    memory = roomy_memory()
    if memory is None:
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="tanggap-", dir=memory))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest) -> str:
    """What carries the messages of this run of the test."""
    return str(request.param)


@pytest.fixture
def town_url(new_database: Callable[[Prepare | None], str]) -> str:
    """A database of this test alone, with a holder on every post."""
    return new_database(peopled)


@pytest.fixture
def beside() -> Sequence[Carrier]:
    """What carries messages of other channels of the town; a module that is about two channels says otherwise."""
    return ()


@pytest.fixture
def undo_seconds() -> int:
    """How long a tap can be undone; a module that is about undoing says otherwise."""
    return 0


@pytest.fixture
def numbers() -> int:
    """How many numbers the town has in WhatsApp: one for citizens and one for staff, or one for both."""
    return 2


@pytest.fixture
async def town(
    carrier: str,
    new_database: Callable[[Prepare | None], str],
    tmp_path: Path,
    language: str,
    undo_seconds: int,
    beside: Sequence[Carrier],
    numbers: int,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Town]:
    """A running town, every post held, on Monday 7 September 2026, 09:00."""
    channel: Carrier = PretendChannel()
    if carrier == "phone":
        url = request.getfixturevalue("town_url")
    elif carrier == "whatsapp":
        url = new_database(town_on_whatsapp)
        channel = WhatsAppCarrier(request.getfixturevalue("graph"), numbers)
    else:
        url = new_database(town_on_telegram)
        channel = TelegramCarrier(request.getfixturevalue("standin"), carrier)
    opened = open_town(url, tmp_path, channel=channel, language=language, undo_seconds=undo_seconds, beside=beside)
    async with opened as town:
        yield town
        await town.ends_in_order()


#: Journeys about the clock itself, about what is decided and what is learned from run on both databases always; of the
#: others the short form takes each on one.
ON_BOTH = {
    "test_ladder", "test_belum", "test_question", "test_silent_officer", "test_jumps", "test_deciding", "test_teaching",
}  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the short form each journey is on one database and has one carrier, the same each time."""
    left_out = [item for item in items if _is_left_out(item)]
    if left_out:
        gone = set(map(id, left_out))
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if id(item) not in gone]


def _is_more_than_asked(runs: Mapping[str, Any]) -> bool:
    """Which language is spoken is of no matter to the platform."""
    return runs.get("carrier", "phone") != "phone" and bool(runs["language"] != SPOKEN[runs["dialect"]])


def _is_left_out(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or item.path.parent != HERE:
        return False
    runs: Mapping[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    carriers = _carriers_of(item)
    if runs.get("carrier", "phone") not in carriers:
        return True
    if SOAK:
        return _is_more_than_asked(runs)
    number = zlib.crc32(f"{item.path.stem}.{item.originalname}".encode())
    chosen = {"dialect": DIALECTS[number % len(DIALECTS)]}
    if item.path.stem in ON_BOTH:
        chosen = {"dialect": runs.get("dialect", "")}
    shares = (*["phone"] * CHEAP, *carriers)
    chosen["carrier"] = shares[(number // len(DIALECTS) + (chosen["dialect"] == "postgres")) % len(shares)]
    narrowed = ",".join(str(mark.args[0]) for mark in item.iter_markers("parametrize"))
    return any(name in runs and runs[name] != value for name, value in chosen.items() if name not in narrowed)


def _carriers_of(item: pytest.Item) -> tuple[str, ...]:
    """Those that have what the test is about."""
    mark = item.get_closest_marker("carried_by")
    return mark.args if mark else CARRIERS
