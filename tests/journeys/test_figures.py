"""Figures of a month: what happens to its cases afterwards changes none of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import true

from domain.figures import Figures, figures
from storage.lives import lives
from storage.tables import Milestone
from tests.journeys.stories import PLACELESS, SLOW
from tests.kit.town import Officer, Town

pytestmark = pytest.mark.anyio


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Jakarta"))


def of(town: Town, start: str, end: str) -> Figures:
    """The figures of all cases, read from the record as it is now."""
    span = at(start), at(end)
    with town.program.readers.begin() as connection:
        found = lives(lambda statement, values: list(connection.execute(statement, values)), true(), *span)
    return figures(found, *span, town.region.calendar_of)


def turns(town: Town, ticket: Any) -> list[tuple[str, str]]:
    rows = town.rows(Milestone, ticket_id=ticket.id, undone=False)
    return [(row.turn, row.unit_code) for row in rows]


async def finishes(officer: Officer, number: str) -> None:
    await officer.types(f"/tiket {number}")
    await officer.chooses("finish")
    await officer.types("Sudah selesai.")


async def test_september_is_the_same_in_october_whatever_its_cases_did_since(town: Town) -> None:
    slow = await town.sari.complains(SLOW)
    waste = await town.citizen("togar").complains(PLACELESS, "Jalan Sutomo")
    await town.budi.types(f"/tiket {slow.number}")
    await finishes(town.budi, slow.number)
    await town.travels(at("2026-10-01 07:30"))
    september = of(town, "2026-09-01", "2026-10-01")
    plain = replace(september, answer=None, resolve=None, ratings=None)  # type: ignore[arg-type]
    assert (plain.received, plain.settled, plain.open, plain.late) == (2, 1, 1, 1)
    assert (plain.in_time, plain.counted, plain.unanswered, plain.owed) == (1, 2, 1, 2)
    assert (plain.judged, plain.refused, september.ratings.none) == (1, 0, 1)

    await town.sari.types(f"/status {slow.number}")
    await town.sari.chooses("not_done")
    await town.outsider.types(f"/tiket {waste.number}")
    await town.outsider.chooses("forward")
    await town.outsider.types("disdukcapil")
    await finishes(town.budi, waste.number)
    assert turns(town, slow) == [("settled", "DISDUKCAPIL"), ("silence", "DISDUKCAPIL"), ("refused", "DISDUKCAPIL")]
    assert turns(town, waste) == [("handed", "DLH"), ("settled", "DISDUKCAPIL")]
    await town.travels(at("2026-10-15 08:00"))
    assert of(town, "2026-09-01", "2026-10-01") == september
    october = of(town, "2026-10-01", "2026-10-15")
    assert (october.received, october.settled, october.refused, october.open) == (0, 1, 1, 1)
    assert (october.in_time, october.counted) == (0, 1), "what fell late in September is not late again in October"


async def test_a_promise_that_was_missed_counts_in_its_month_though_its_citizen_is_asked_afterwards(town: Town) -> None:
    case = await town.sari.complains(SLOW)
    due = town.ticket().binding_by
    await town.travels(due + timedelta(days=1))
    await town.budi.types(f"/tiket {case.number}")
    await town.budi.chooses("ask_citizen")
    await town.budi.types("Nomor KK berapa?")
    await town.budi.chooses("send")
    await town.travels(at("2026-10-02 08:00"))
    await town.sari.chooses("reply")
    await town.sari.types("12345")
    assert town.ticket().binding_by > due, "the days of waiting are given back"
    await finishes(town.budi, case.number)
    assert of(town, "2026-09-01", "2026-10-01").counted == 1
    october = of(town, "2026-10-01", "2026-11-01")
    assert (october.settled, october.in_time, october.counted) == (1, 0, 0)
