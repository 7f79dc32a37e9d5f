"""However the clock gets there, the same is said: one jump or forty days, and after a standstill no flood."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import update

from storage.plan import table_of
from storage.tables import Town as TownRow
from tests.journeys.stories import PUNGLI, RUDE, SLOW
from tests.kit.databases import Prepare
from tests.kit.town import Town, open_town, peopled

pytestmark = pytest.mark.anyio

DAYS = 40
_NUMBER = re.compile(r"TGP-\d\d-[0-9A-Z]{6}")


async def _told(town: Town, jumps: list[int]) -> list[tuple[str, str]]:
    """What every phone got, with the numbers of the cases by their order."""
    numbers: list[str] = []
    for phone, story in (("a", SLOW), ("b", PUNGLI), ("c", RUDE), ("d", SLOW)):
        numbers.append((await town.citizen(phone).complains(story)).number)
        await town.travels(working_days=1)
    for days in jumps:
        await town.travels(working_days=days)
    return sorted(
        (phone, _NUMBER.sub(lambda found: f"case {numbers.index(found.group())}", str(page)))
        for (_, phone), pages in town.phones.sent.items()
        for page in pages
        if town.page_name(page) not in ("citizen/receipt", "citizen/confirm")
    )


async def test_one_jump_of_forty_days_sends_exactly_what_forty_days_send(
    new_database: Callable[[Prepare | None], str], tmp_path: Path, language: str
) -> None:
    told = []
    for number, jumps in enumerate(([DAYS], [1] * DAYS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with open_town(new_database(peopled), folder, language=language) as town:
            told.append(await _told(town, jumps))
    assert told[0] == told[1]
    assert len(told[0]) > 50


async def _stands_still(town: Town, days: int) -> None:
    """The clock of the machine goes on, and nobody beats."""

    def ahead(offset: int) -> int:
        return offset + int(timedelta(days=days) / timedelta(milliseconds=1))

    offset = town.rows(TownRow)[0].clock_offset_ms
    statement = update(table_of(TownRow)).values(clock_offset_ms=ahead(offset))
    await town.program.errand(lambda session: session.plan.connection.execute(statement) and None)


async def test_after_a_standstill_one_rung_of_a_case_speaks_in_an_office_hour(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _stands_still(town, 28)  # Monday 5 October: the desk, the head, the bureau and the Sekda are overdue
    await town.program.beats.deadlines()
    await town.idle()
    told = _posts(town)
    assert len(told) == 1, "one page at once, although many were missed"
    while (upcoming := await town.program.next_due()) is not None and upcoming < datetime(2026, 10, 6, tzinfo=UTC):
        await town.travels(upcoming)
    assert _posts(town) == ["PETUGAS-DISDUKCAPIL", "KEPALA-DISDUKCAPIL", "KABAG-ORGANISASI", "SEKDA"]
    moments = sorted(row.fired_at for row in town.steps(state="done") if row.post_code)
    assert all(later - earlier >= timedelta(minutes=59) for earlier, later in pairwise(moments))
    calendar = town.region.calendars["office"]
    assert all(calendar.is_open(moment) for moment in moments[1:])


def _posts(town: Town) -> list[str]:
    rows = [row for row in town.steps(state="done") if row.post_code]
    return [row.post_code for row in sorted(rows, key=lambda row: row.fired_at)]
