"""The table of docs/clocks.md: what each event does to each clock, found out by letting it happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine

from domain.ladder import MISSED
from domain.region import Region
from domain.vocabulary import Clock, Identity
from storage.encryption import Vault
from tests.clocks.case import START, Case
from tests.kit.town import siantar

TABLE = Path(__file__).parents[2] / "docs" / "clocks.md"

Story = Callable[[Case], object]

#: Two clocks run among staff: tests/journeys/test_reminders.py and test_supervisor.py tell what they do.
AMONG_STAFF = {Clock.ACKNOWLEDGE, Clock.EXPLANATION}
CLOCKS = sorted(map(str, set(Clock) - AMONG_STAFF))


class Event(NamedTuple):
    """What has to have happened, and what happens then."""

    happens: Story
    before: tuple[Story, ...] = ()
    identity: Identity | None = None


def _waits(case: Case) -> None:
    case.asks()
    case.arrives()


def _is_used_up(case: Case) -> None:
    """All that a case may wait has been waited."""
    for _ in range(3):
        _waits(case)
        case.goes_on(minutes=1)
        case.adds()


def _nearly_used_up(case: Case) -> None:
    for days in (29, 29):
        _waits(case)
        case.goes_on(days=days)
        case.adds()
    _waits(case)


def _with_another_day_off() -> Region:
    region = siantar()
    off = frozenset({date(2026, 9, 8)})
    calendars = {name: replace(found, added_off=found.added_off | off) for name, found in region.calendars.items()}
    return replace(region, calendars=calendars)


def _reminds(case: Case) -> None:
    """The officer hears two days before the promise that it is near; what came before has been answered."""
    case.lives_until(min(step.due_at for step in case.steps(Clock.BINDING)))


EVENTS = {
    "receipt": Event(Case.opens),
    "Ambil": Event(Case.takes),
    "Ambil, undone": Event(Case.undoes, (Case.takes,)),
    "the notice that it was taken arrives": Event(lambda case: case.arrives("taken"), (Case.takes,)),
    "Catatan": Event(Case.notes),
    "Jawab is written": Event(Case.answers),
    "Jawab is accepted by the platform": Event(Case.arrives, (Case.answers,)),
    "Jawab is refused": Event(Case.fails, (Case.answers,)),
    "Jawab finds no address": Event(Case.blocks, (Case.answers,)),
    "Jawab in a PIN case": Event(Case.answers, identity=Identity.ANONYMOUS),
    "Jawab fails after it was accepted": Event(
        lambda case: case.receipt("failed", "131000"), (Case.answers, Case.arrives)
    ),
    "a second Jawab": Event(Case.answers, (Case.answers, Case.arrives)),
    "Tanya warga is written": Event(Case.asks),
    "Tanya warga finds no address": Event(Case.blocks, (Case.asks,)),
    "Tanya warga beyond the cap": Event(Case.asks, (_is_used_up,)),
    "the citizen's answer": Event(Case.adds, (_waits,)),
    "an answer of the office instead": Event(Case.answers, (_waits,)),
    "the case has waited as long as it may": Event(
        lambda case: case.lives_until(min(step.due_at for step in case.steps(Clock.COMPLETION))), (_nearly_used_up,)
    ),
    "30 days without an answer": Event(
        lambda case: case.lives_until(max(step.due_at for step in case.steps(Clock.COMPLETION))), (_waits,)
    ),
    "Tunda": Event(Case.postpones),
    "Teruskan": Event(Case.forwards, (lambda case: case.goes_on(days=1),)),
    "Teruskan, undone": Event(Case.undoes, (lambda case: case.goes_on(days=1), Case.forwards)),
    "Teruskan after an answer": Event(Case.forwards, (Case.answers, Case.arrives)),
    "Bukan wewenang": Event(Case.hands_back, (lambda case: case.goes_on(days=1),)),
    "Selesai": Event(Case.finishes),
    "Selesai, undone": Event(Case.undoes, (Case.finishes,)),
    "Selesai of a postponed case": Event(Case.finishes, (Case.postpones,)),
    "the closing words arrive": Event(Case.arrives, (Case.finishes,)),
    "an addition of the citizen": Event(Case.adds),
    "an addition after Selesai": Event(Case.adds, (Case.finishes, Case.arrives, lambda case: case.goes_on(days=1))),
    "Belum": Event(Case.belum, (Case.finishes, Case.arrives)),
    "Beres": Event(Case.beres, (Case.finishes, Case.arrives)),
    "the case is taken back": Event(Case.withdraws),
    "a reminder": Event(_reminds, (Case.takes, Case.answers, Case.arrives)),
    "a holiday is added": Event(lambda case: case.recounts(_with_another_day_off())),
    "Tulis isinya": Event(Case.writes_out, (Case.listens,)),
    "the citizen confirms the line": Event(
        Case.confirms, (Case.listens, Case.writes_out, lambda case: case.goes_on(days=1))
    ),
}


@cache
def written() -> dict[str, dict[str, str]]:
    """The cells of the document, by event and clock."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("| event |"))
    clocks = _cells(lines[first])[1:]
    rows: dict[str, dict[str, str]] = {}
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        event, *cells = _cells(line)
        rows[event] = dict(zip(clocks, cells, strict=True))
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.fixture(scope="module")
def found(house: tuple[Engine, Vault]) -> Callable[[str], dict[str, str]]:
    """What an event does to every clock; each happens once."""
    engine, vault = house

    @cache
    def effects(event: str) -> dict[str, str]:
        with engine.connect() as connection:
            seen = _effects(Case(connection, vault, siantar(), identity=EVENTS[event].identity), EVENTS[event])
            connection.rollback()
            return seen

    return effects


def _effects(case: Case, event: Event) -> dict[str, str]:
    if event.happens is Case.opens:
        case.opens()
        return {clock: "starts" if _standing(case, Clock(clock)) else "–" for clock in Clock}
    case.opens()
    for story in event.before:
        story(case)
    before = {clock: _standing(case, clock) for clock in Clock}
    cycle = case.ticket.cycle
    event.happens(case)
    return {
        clock: _effect(before[clock], _standing(case, clock), other_cycle=cycle != case.ticket.cycle) for clock in Clock
    }


#: State and moment of a clock's steps.
Standing = frozenset[tuple[str, str, object]]


def _standing(case: Case, clock: Clock) -> Standing:
    """Of a clock with a date the step that writes down that it is missed, else all that waits."""
    steps = case.steps(clock)
    marks = [step for step in steps if step.step == MISSED]
    return frozenset((step.step, step.state, step.due_at) for step in marks or steps)


def _effect(before: Standing, after: Standing, *, other_cycle: bool) -> str:
    if bool(before) != bool(after):
        return "starts" if after else "stops"
    was, now = ({state for _, state, _ in standing} for standing in (before, after))
    if was != now:
        return {"paused": "pauses", "held": "waits", "waiting": "runs"}[now.pop()]
    if {due for *_, due in before} != {due for *_, due in after}:
        return "anew" if other_cycle else "moves"
    return "–"


def test_the_document_tells_of_every_event_and_of_every_clock() -> None:
    assert list(written()) == list(EVENTS)
    assert all(sorted(row) == CLOCKS for row in written().values())


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("event", EVENTS)
def test_the_cell(found: Callable[[str], dict[str, str]], event: str, clock: str) -> None:
    assert found(event)[clock] == written()[event][clock]


def test_the_story_begins_on_a_working_day() -> None:
    assert siantar().calendars["office"].is_open(START)
