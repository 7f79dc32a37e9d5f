"""Several reminders for one person at one time are one message, and every step of them still has its own row."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import time

import pytest
from sqlalchemy import update

from bot.channels.base import Gone, Later
from domain.calendar import Frame
from domain.vocabulary import Kind
from handlers.actions import clocks
from handlers.actions.reminding import MOST_LISTED
from storage.plan import table_of
from storage.tables import Outbox
from tests.journeys.stories import SLOW
from tests.kit.carriers import ON_PHONES
from tests.kit.town import Officer, Town, label

pytestmark = pytest.mark.anyio

LIST = "officer/reminders"
MANY = 11


def _lists(officer: Officer) -> int:
    return officer.page_names.count(LIST)


async def _many(town: Town, count: int = MANY) -> list[str]:
    """As many cases of one desk; their numbers."""
    for number in range(count):
        await town.citizen(f"citizen-{number}").complains(SLOW)
    return [row.number for row in town.tickets()]


async def test_an_officer_with_many_due_cases_gets_one_message_that_opens_each_of_them(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "BATCH", 3)  # the steps of one moment are many transactions
    numbers = await _many(town)
    before = len(town.budi.received)
    await town.travels(next_deadline=True)
    (page,) = town.budi.received[before:]
    assert town.page_name(page) == LIST
    assert f"{MANY} " in page.text
    listed = [number for number in numbers if number in page.text]
    assert listed == list(page.buttons[:MOST_LISTED]), "those that have a button, in their order"
    assert page.buttons[MOST_LISTED:] == (label("desk", town.language),)
    await town.budi.presses(listed[3])
    assert town.budi.page_name == "officer/card"
    town.budi.sees(listed[3])
    await town.budi.chooses("desk")
    assert town.budi.page_name == "officer/desk"
    _each_step_has_its_row(town)


def _each_step_has_its_row(town: Town) -> None:
    told = [row.id for row in town.steps() if row.post_code]
    pages = [row for row in town.outbox() if row.step_id is not None]
    assert Counter(row.step_id for row in pages if row.parent_id is None) == Counter(told)
    sent = {row.id for row in town.outbox(state="sent")}
    for row in pages:
        assert row.parent_id is None or row.id in sent or row.merged_into in sent, (
            "said once, by itself or among others"
        )


async def test_the_head_says_once_that_all_of_them_are_known(town: Town) -> None:
    await _many(town, 3)
    await town.travels(town.ticket(town.tickets()[0].number).binding_by)
    await town.travels(working_days=1)
    assert town.ratna.page_name == LIST
    await town.ratna.chooses("acknowledge")
    assert town.ratna.page_name == "supervisor/acknowledged"
    known = [row for row in town.steps() if row.acknowledged_at]
    assert {row.ticket_id for row in known} == {row.id for row in town.tickets()}
    assert {row.step for row in known} == {"late_office_head"}
    for citizen in range(3):
        pages = town.citizen(f"citizen-{citizen}").page_names
        assert pages.count("citizen/climbed") == 1, "each citizen hears to whom the own case went"


async def test_a_message_of_many_that_does_not_arrive_goes_up_with_all_of_them(town: Town) -> None:
    await _many(town, 3)
    await town.travels(town.tickets()[0].binding_by)
    town.channel.answers(town.ratna.phone, Gone("blocked"))
    await town.travels(working_days=1)
    chief = town.officer("KABAG-ORGANISASI")
    assert _lists(chief) == 1
    for row in town.tickets():
        chief.sees(row.number)
    told = {row.post_code for row in town.steps() if row.step == "late_office_head"}
    assert told == {"KABAG-ORGANISASI"}


@ON_PHONES
async def test_a_case_that_may_not_be_read_any_more_drops_from_the_message(town: Town) -> None:
    first, second, third = await _many(town, 3)
    town.channel.answers(town.budi.phone, Later(3600.0))
    before = len(town.budi.received)
    await town.travels(next_deadline=True)
    assert len(town.budi.received) == before
    await town.ratna.types(f"/tiket {second}")
    await town.ratna.chooses("forward")
    await town.ratna.types("dlh")
    await _goes_now(town)
    (page,) = (page for page in town.budi.received[before:] if town.page_name(page) == LIST)
    assert first in page.text
    assert third in page.text
    assert second not in page.text
    assert second not in page.buttons
    (dropped,) = (row for row in town.outbox(page="officer/reminder", state="dropped") if row.parent_id)
    assert (dropped.error, dropped.ticket_id) == ("access", town.ticket(second).id)


async def _goes_now(town: Town) -> None:
    outbox = table_of(Outbox)
    waiting = update(outbox).where(outbox.c.state == "queued").values(retry_at=None)
    await town.program.errand(lambda session: session.plan.connection.execute(waiting) and None)
    await town.idle()


async def test_who_acts_in_two_posts_reads_one_message_for_both(town: Town) -> None:
    await town.appoints(town.budi, "KEPALA-DISDUKCAPIL", kind="Plt")
    await town.revokes("KEPALA-DISDUKCAPIL", town.ratna)
    await town.sari.complains(SLOW)
    before = len(town.budi.received)
    await town.travels(town.ticket().binding_by)
    day = [page for page in town.budi.received[before:] if town.page_name(page) == LIST]
    assert len(day) == 1, "on the day the officer and the head are one person"
    assert day[0].text.count(town.ticket().number) == 1
    assert label("acknowledge", town.language) in day[0].buttons


async def test_whoever_does_not_say_so_is_passed_and_whoever_does_is_not(town: Town) -> None:
    rungs = tuple(replace(rung, acknowledge=1) for rung in town.region.ladder[Kind.COMPLAINT])
    town.has(ladder={**town.region.ladder, Kind.COMPLAINT: rungs})
    silent, known = await _many(town, 2)
    due = town.ticket(silent).binding_by
    await town.travels(due)
    await town.travels(working_days=2)
    chief = town.officer("KABAG-ORGANISASI")
    await chief.presses(known)
    await chief.chooses("acknowledge")
    await town.travels(working_days=1)
    told = {row.ticket_id for row in town.steps(step="late_secretary") if row.post_code}
    assert told == {town.ticket(silent).id}
    assert town.officer("SEKDA").page_name == "supervisor/late"
    (audited,) = (payload for _, payload in town.audit(action="unacknowledged"))
    assert audited == {"post": "KABAG-ORGANISASI", "step": "late_organisation", "next": "late_secretary"}
    await town.travels(working_days=2)
    assert len([row for row in town.steps(step="late_secretary") if row.post_code]) == 2
    assert town.officer("SEKDA").page_names.count("supervisor/late") == 2, "each once, whenever that was"


async def test_who_hears_in_anothers_stead_hears_in_the_own_hours(town: Town) -> None:
    late = replace(town.region.calendars["office"], week=(*((Frame(time(10), time(15)),),) * 5, (), ()))
    unit = town.region.units["BAGIAN-ORGANISASI"]
    units = {**town.region.units, unit.code: replace(unit, calendar="late")}
    town.has(calendars={**town.region.calendars, "late": late}, units=units)
    await town.revokes("KEPALA-DISDUKCAPIL")
    await town.sari.complains(SLOW)
    await town.travels(town.ticket().binding_by)
    chief = town.officer("KABAG-ORGANISASI")
    before = len(chief.received)
    await town.travels(working_days=1)
    assert len(chief.received) == before, "the head's hour has come, the own has not"
    await town.travels(next_deadline=True)
    assert (await town.now()).replace(microsecond=0) == late.opening(await town.today())
    assert town.page_name(chief.received[-1]) == "supervisor/late"
