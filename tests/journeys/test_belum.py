"""Belum: every time it counts, every time it goes one post higher, and at the top it stays there."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.journeys.stories import SLOW
from tests.kit.town import Officer, Town

pytestmark = pytest.mark.anyio


async def _finish(town: Town) -> None:
    await town.budi.types(f"/tiket {town.ticket().number}")
    await town.budi.chooses("finish")
    await town.budi.types("Sudah selesai dicetak.")


async def _refuse(town: Town) -> None:
    await _finish(town)
    await town.sari.chooses("not_done")


def _late(officer: Officer) -> int:
    return officer.page_names.count("supervisor/late")


async def test_belum_opens_a_cycle_of_five_working_days_and_says_who_hears_first(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _refuse(town)
    calendar = town.region.calendars["office"]
    assert town.ticket().binding_by == calendar.closing(calendar.after(await town.today(), 5))
    assert (town.ticket().state, town.ticket().refusals) == ("reopened", 1)
    assert town.budi.page_name == "officer/card"
    town.sari.sees("Kepala Dinas Kependudukan")


async def test_the_first_reminder_goes_one_post_above_the_desk_when_nobody_was_told(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _refuse(town)
    assert _late(town.ratna) == 0
    await town.travels(working_days=3)  # two working days before the new date
    assert _late(town.ratna) == 1


async def test_after_the_head_was_told_it_goes_to_the_organisation_bureau(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(working_days=15)  # the head of the office has been told that it is late
    assert _late(town.officer("KABAG-ORGANISASI")) == 0
    await _refuse(town)
    await town.travels(working_days=3)
    assert _late(town.officer("KABAG-ORGANISASI")) == 1
    town.officer("SEKDA").saw_nothing()


async def test_a_case_sent_back_on_a_thursday_night_before_the_law_s_date_reminds_nobody_until_friday(
    town: Town,
) -> None:
    await town.sari.complains(SLOW)
    await town.travels(to=datetime.fromisoformat("2026-11-02T09:00+07:00"))
    await _finish(town)
    await town.travels(to=datetime.fromisoformat("2026-11-05T21:00+07:00"))  # the day before the sixtieth
    await town.sari.chooses("not_done")
    await town.travels(to=datetime.fromisoformat("2026-11-06T07:29+07:00"))
    assert not [row for row in town.steps(cycle=2) if row.fired_at]
    await town.travels(to=datetime.fromisoformat("2026-11-06T07:30+07:00"))
    assert {row.target for row in town.steps(cycle=2) if row.fired_at} >= {"officer", "unit_head"}


async def test_twice_and_a_third_time_climb_each_one_higher(town: Town) -> None:
    await town.sari.complains(SLOW)
    chief, secretary = town.officer("KABAG-ORGANISASI"), town.officer("SEKDA")
    await _refuse(town)
    await town.travels(working_days=3)
    assert (_late(town.ratna), _late(chief)) == (1, 0)
    await _refuse(town)
    await town.travels(working_days=3)
    assert (_late(chief), _late(secretary)) == (1, 0)
    await _refuse(town)
    assert town.ticket().refusals == 3
    await town.travels(working_days=1)  # the third time the bureau hears of it at its next opening
    assert _late(chief) == 2
    await town.travels(working_days=2)
    assert _late(secretary) == 1


async def test_at_the_top_it_stays(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(working_days=30)  # the mayor has been told
    mayor = town.officer("WALI-KOTA")
    told = _late(mayor)
    await _refuse(town)
    await town.travels(working_days=3)
    assert _late(mayor) == told + 1


async def test_belum_after_the_case_was_closed_counts_too(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _finish(town)
    await town.travels(working_days=12)
    assert town.ticket().state == "closed"
    await town.sari.chooses("not_done")
    assert (town.ticket().state, town.ticket().outcome) == ("reopened", None)
