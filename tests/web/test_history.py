"""The invented past of `tanggap demo --history N`: lived through by real messages, and over when the page opens."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.history import live
from bot.plots import by_moment, last_morning, plan
from bot.settings import Settings
from tests.kit.databases import Databases, migrate
from tests.kit.town import LANGUAGES, settings_for, siantar
from tests.web.serving import run_demo

CASES = 60
BOOK: dict[str, Any] = yaml.safe_load(Path("templates/web/history.yaml").read_text(encoding="utf-8"))
FIRST = datetime(2026, 9, 7, 0, 30, tzinfo=UTC)
LAST = FIRST + timedelta(weeks=8)


class Lived:
    """A town with a past, and how far it said to be on the way."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.said: list[tuple[int, int, datetime]] = []
        self.count = asyncio.run(live(settings, CASES, lambda *far: self.said.append(far)))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.settings.database_url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def lived(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("lived")
    url = databases.fresh("sqlite", folder, migrate)
    return Lived(settings_for(url, folder, undo_seconds=5, digests=True), folder)


def test_every_case_was_told_and_every_message_taken(lived: Lived) -> None:
    assert lived.count == CASES
    assert lived.rows("SELECT count(*) FROM tickets") == [(CASES,)]
    assert lived.rows("SELECT DISTINCT state FROM inbox") == [("done",)]
    assert [told for told, _, _ in lived.said] == list(range(1, CASES + 1))


def test_cases_are_of_every_sort(lived: Lived) -> None:
    assert len(lived.rows("SELECT DISTINCT state FROM tickets")) >= 5
    assert len(lived.rows("SELECT DISTINCT unit_code FROM tickets")) >= 8
    assert {kind for (kind,) in lived.rows("SELECT kind FROM tickets")} >= {"complaint", "oversight", "information"}
    assert {name for (name,) in lived.rows("SELECT identity FROM tickets")} == {"open", "confidential", "anonymous"}
    acts = {act for (act,) in lived.rows("SELECT action FROM audit")}
    assert acts >= {
        "take",
        "answer",
        "finish",
        "reopen",
        "accept",
        "rate",
        "ask",
        "hand_back",
        "step",
        "close",
        "leave",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_timeline_has_a_word_for_everything_that_happened_to_a_case(lived: Lived, language: str) -> None:
    words = yaml.safe_load(Path(f"templates/web/timeline.{language}.yaml").read_text(encoding="utf-8"))
    acts = {act for (act,) in lived.rows("SELECT DISTINCT action FROM audit WHERE ticket_id IS NOT NULL")}
    assert acts <= set(words)


def test_the_past_is_read_and_the_last_morning_waits(lived: Lived) -> None:
    assert lived.rows("SELECT count(*) FROM outbox WHERE state = 'queued' AND account = 'citizen'") == [(0,)]
    waiting = {page for (page,) in lived.rows("SELECT page FROM outbox WHERE state = 'queued'")}
    assert "supervisor/digest" in waiting
    assert "officer/card" not in waiting
    days = lived.rows("SELECT DISTINCT on_date FROM digests")
    assert len(days) == 1, "only the last morning's digests were written"


def test_the_town_ends_where_the_real_clock_is_or_at_the_next_opening(lived: Lived) -> None:
    ((ahead,),) = lived.rows("SELECT clock_offset_ms FROM town")
    assert -5000 <= ahead < timedelta(days=12) / timedelta(milliseconds=1)


def test_a_town_that_has_begun_keeps_its_own_past(lived: Lived) -> None:
    assert asyncio.run(live(lived.settings, 5, lambda *_: None)) == 0
    assert lived.rows("SELECT count(*) FROM tickets") == [(CASES,)]


def test_the_page_opens_on_this_mornings_digest_and_an_own_case(lived: Lived) -> None:
    with run_demo(lived.settings.database_url, lived.folder) as demo:
        screen = demo.screen("sekda", "kabag-organisasi", "citizen", "petugas-disdukcapil")
        assert "TGP-" in screen.sees("sekda", "Rekap pagi")["text"]
        screen.sees("kabag-organisasi", "Rekap pagi")
        assert not screen.of("citizen")
        screen.types("citizen", "/status")
        screen.sees("citizen", "TGP-")
        screen.types("petugas-disdukcapil", "/cari disdukcapil")
        screen.sees("petugas-disdukcapil", "TGP-")


# --- what shall happen is decided before anything does


def test_the_same_seed_is_the_same_past() -> None:
    calendar = siantar().calendars["office"]
    once, again, other = (plan(BOOK, 100, FIRST, LAST, calendar, seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other


def test_nothing_happens_after_the_last_morning_and_everything_in_its_order() -> None:
    for seed in range(5):
        told = plan(BOOK, 60, FIRST, LAST, siantar().calendars["office"], seed)
        moments = [at for at, _ in by_moment(told)]
        assert moments == sorted(set(moments))
        assert moments[0] > FIRST
        assert moments[-1] < LAST
        assert all(case.told_at < act.at for case in told for act in case.acts if act.who != "officer")


def test_no_citizen_of_the_past_has_a_name_or_a_second_life() -> None:
    told = plan(BOOK, 60, FIRST, LAST, siantar().calendars["office"], 1)
    own = [case for case in told if case.sender == "citizen"]
    assert 0 < len(own) <= 3
    assert len({case.sender for case in told}) == len(told) - len(own) + 1


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_the_last_morning_is_a_working_one_that_has_come_or_comes_next(hour: int) -> None:
    calendar = siantar().calendars["office"]
    chooser = random.Random(hour)
    for _ in range(20):
        now = FIRST + timedelta(days=chooser.randrange(300), hours=hour)
        morning = last_morning(calendar, now)
        assert calendar.is_working(calendar.day_of(morning))
        assert morning > now or calendar.day_of(morning) == calendar.day_of(now)
