"""`tanggap bench` measures on a database of its own, beside ceilings of the same run, and leaves nothing behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.bench.understanding import invented
from bot.commands import measuring
from domain.understanding.reading import read
from storage.engine import make_engine
from storage.migrations import runner
from tests.cli.conftest import Run
from tests.domain.regions import siantar
from tests.kit.databases import Databases, migrate

COUNTED = ["steps", "messages", "audit rows", "rows"]
SMALL = measuring.Size(complaints=3, citizens=16, seconds=0.02, cases=2000, due=60, stories=20)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "QUICK", SMALL)


def test_the_clock_alone_is_compared_with_the_plain_way_of_the_same_run(run: Run, folder: Path) -> None:
    ran = run("bench", "clock", "--open", "3000", "--due", "40")
    assert (ran.code, ran.err) == (0, "")
    idle = re.findall(r"^idle beat among +([\d,]+) open cases: +[\d.]+ ms, (\d+) instructions", ran.out, re.MULTILINE)
    assert [cases for cases, _ in idle] == ["1,000", "3,000"]
    assert len({work for _, work in idle}) == 1, "a full town costs an idle beat no more than a small one"
    assert re.search(r"^40 steps due at once: [\d.]+ s$", ran.out, re.MULTILINE)
    assert re.findall(r"^  (steps|messages|audit rows|rows) +[\d,]+/s$", ran.out, re.MULTILINE) == COUNTED
    assert len(re.findall(r"^  [\d.]+ times .*: (?:passed|FAILED)$", ran.out, re.MULTILINE)) == 2
    assert not list((folder / "data").glob("*"))


def test_understanding_alone_tells_what_each_part_takes(run: Run, folder: Path) -> None:
    ran = run("bench", "understanding", "--quick")
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"^20 invented stories of \d+ words", ran.out, re.MULTILINE)
    parts = re.findall(r"^    ([a-z ]+?) +[\d.]+ = +\d+%", ran.out, re.MULTILINE)
    assert parts == ["normalise", "names", "conduct", "danger", "office", "the rest"]
    assert "(learned: the town has no model)" in ran.out
    assert not list((folder / "data").glob("*"))


def test_stories_to_be_understood_are_the_same_every_time_and_name_what_the_region_knows() -> None:
    told = invented(siantar(), 50)
    assert told == invented(siantar(), 50)
    assert len(set(told)) == 50
    assert all(read(story, siantar()).candidates for story in told)


def test_it_prints_what_a_complaint_costs_and_rates_beside_their_ceilings(run: Run, folder: Path) -> None:
    ran = run("bench", "--quick")
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"^\d\.\d\d messages a complaint, over 3 invented ones", ran.out, re.MULTILINE)
    assert re.search(r"^  citizen/receipt +1\.00 ", ran.out, re.MULTILINE)
    assert len(re.findall(r"/s = \d+\.\d\d of [\d,]+/s \(", ran.out)) == 4
    assert not list((folder / "data").glob("*"))


def test_a_named_database_is_used_and_empty_again(run: Run, databases: Databases, tmp_path: Path) -> None:
    url = databases.fresh("postgres", tmp_path, None)
    assert run("bench", "--quick", "--database", url).code == 0
    engine = make_engine(url)
    with engine.connect() as connection:
        assert runner.current(connection) is None
    engine.dispose()


def test_a_town_is_never_measured_on(run: Run, databases: Databases, tmp_path: Path) -> None:
    ran = run("bench", "--quick", "--database", databases.fresh("sqlite", tmp_path, migrate))
    assert ran.code == 1
    assert ran.line == "That database has a town in it: name an empty one."
