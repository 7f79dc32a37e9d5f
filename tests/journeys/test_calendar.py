"""/kalender: days off change after promises were given. Looked at first, done by one tap, told once, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain import decisions
from domain.overrides import CalendarChange, ChangeKind, version_of
from handlers.actions import deciding, recounting
from handlers.session import Session
from storage.tables import CalendarVersion, Override, Work
from tests.journeys.stories import SLOW
from tests.journeys.test_letters import files
from tests.kit.databases import Prepare
from tests.kit.town import Officer, Town, day, open_town, peopled

pytestmark = pytest.mark.anyio

#: A complaint of Monday 7 September 2026 is promised for Friday 25 September, 14 working days on.
FRIDAY_25 = datetime(2026, 9, 25, 9, 30, tzinfo=UTC)
MONDAY_28 = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)
DECREE = "SK Wali Kota 100.3.3.3/217/2026"


def admin(town: Town) -> Officer:
    return town.officer("ADMIN-TANGGAP")


async def proposes(town: Town, what: str = "calendar_local", days: str = "14/9/2026") -> Officer:
    """The administrator says which days and by which decree, and sees what it would do."""
    who = admin(town)
    await who.types("/kalender")
    await who.chooses(what)
    await who.types(days)
    assert who.page_name == "officer/calendar_basis"
    await who.types(DECREE)
    await counted(town)
    assert who.page_name == "officer/decision_preview"
    return who


async def counted(town: Town) -> None:
    """Wait until what was asked for is worked out, and done."""
    await town.program.calendars.do_waiting()
    await town.idle()


async def test_a_day_off_is_shown_with_what_it_does_then_moves_promises_and_tells_each_citizen_once(
    town: Town,
) -> None:
    ticket = await town.sari.complains(SLOW)
    assert ticket.binding_by == FRIDAY_25
    who = await proposes(town)
    who.sees("1 ti")  # "1 tiket bergeser", "1 tickets move"
    who.sees(DECREE)
    assert town.ticket().binding_by == FRIDAY_25, "a look changes nothing"
    await who.chooses("decision_sign")
    await counted(town)
    assert who.page_name == "officer/decision_set"
    assert town.ticket().binding_by == MONDAY_28
    assert town.sari.page_name == "citizen/date_moved"
    town.sari.sees(day(MONDAY_28, town.language))
    town.sari.sees(day(FRIDAY_25, town.language))
    assert town.sari.page_names.count("citizen/date_moved") == 1
    (row,) = town.rows(Override)
    assert row.signed_at is not None
    assert row.effect["later"] == 1
    assert town.ticket().moved_from == FRIDAY_25
    await town.budi.types(f"/tiket {ticket.number}")
    town.budi.sees(day(FRIDAY_25, town.language))


async def test_a_decision_is_taken_back_by_one_tap_and_the_old_promise_holds_again(town: Town) -> None:
    await town.sari.complains(SLOW)
    who = await proposes(town)
    await who.chooses("decision_sign")
    await counted(town)
    await who.chooses("decision_undo", "", "2026-09-14")
    await counted(town)
    assert town.ticket().binding_by == FRIDAY_25
    assert town.sari.page_names.count("citizen/date_moved") == 2
    assert [row.action for row, _ in town.audit() if row.action.startswith("calendar")] == [
        "calendar_sign",
        "calendar_undo",
    ]
    await who.types("/kalender")
    assert DECREE not in who.page


async def test_each_date_keeps_the_calendar_that_it_was_counted_in_and_what_that_was(town: Town) -> None:
    first = version_of(town.region.calendars["office"])
    await town.sari.complains(SLOW)
    assert town.ticket().calendar_version == first
    assert {row.calendar_version for row in town.steps(clock="binding")} == {first}
    await (await proposes(town)).chooses("decision_sign")
    await counted(town)
    second = town.ticket().calendar_version
    assert second not in (None, first)
    kept = {row.version: row.content for row in town.rows(CalendarVersion)}
    assert "2026-09-14" not in kept[first]["added_off"]
    assert "2026-09-14" in kept[second]["added_off"]


async def test_of_two_who_decide_at_once_the_second_is_told_to_look_again(town: Town) -> None:
    await town.sari.complains(SLOW)
    who = await proposes(town)
    first = who.sees(DECREE)
    await proposes(town, days="15/9/2026")
    await who.chooses("decision_sign")
    await who.chooses("decision_sign", on=first)
    assert who.page_name == "officer/decision_conflict"
    await counted(town)
    assert len([row for row in town.rows(Override) if row.signed_at]) == 1
    assert town.ticket().binding_by == MONDAY_28


async def test_nobody_but_an_administrator_sees_or_changes_the_calendar(town: Town) -> None:
    for who in (town.budi, town.officer("SEKDA")):
        await who.types("/kalender")
        assert who.page_name == "officer/admin_only"
    assert not town.rows(Override)


async def test_an_administrator_who_was_replaced_signs_no_more(town: Town) -> None:
    await town.sari.complains(SLOW)
    who = await proposes(town)
    await town.revokes("ADMIN-TANGGAP")
    await who.chooses("decision_sign")
    await counted(town)
    assert town.ticket().binding_by == FRIDAY_25


async def test_a_day_that_is_free_already_or_no_day_is_said_and_asked_again(town: Town) -> None:
    who = admin(town)
    await who.types("/kalender")
    await who.chooses("calendar_added")
    await who.types("kapan saja")
    assert who.page_name == "officer/calendar_days"
    await who.types("25/12/2026")
    assert who.page_name == "officer/calendar_already"
    await who.types("28/12/2026 - 29/12/2026")
    assert who.page_name == "officer/calendar_basis"


async def test_an_estimate_becomes_a_promise_when_its_year_is_confirmed_and_the_citizen_hears_it(
    new_database: Callable[[Prepare | None], str], tmp_path: Path
) -> None:
    december = datetime(2026, 12, 14, 2, 0, tzinfo=UTC)
    async with open_town(new_database(peopled), tmp_path, start=december) as town:
        ticket = await town.sari.complains(SLOW)
        assert ticket.provisional
        town.sari.sees("perkiraan")
        who = admin(town)
        await who.types("/kalender")
        await who.chooses("calendar_year", "2027")
        who.sees("2027")
        await who.types("SKB 3 Menteri 2026")
        await counted(town)
        await who.chooses("decision_sign")
        await counted(town)
        assert not town.ticket().provisional
        assert town.ticket().binding_by == ticket.binding_by
        assert town.sari.page_name == "citizen/date_moved"
        assert "perkiraan" not in town.sari.page


async def test_a_promise_that_was_kept_does_not_move_and_only_the_wait_for_silence_does(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("finish")
    await town.budi.types("Sudah jadi, silakan diambil.")
    (closing,) = (row.due_at for row in town.steps(clock="auto_close"))
    who = await proposes(town)
    who.sees("Tidak ada tiket" if town.language == "id" else "No open")
    await who.chooses("decision_sign")
    await counted(town)
    assert town.ticket().binding_by == FRIDAY_25
    assert "citizen/date_moved" not in town.sari.page_names
    (later,) = (row.due_at for row in town.steps(clock="auto_close"))
    assert later > closing


async def test_a_letter_of_the_ombudsman_is_due_the_day_before_a_day_that_becomes_free(town: Town) -> None:
    await files(town, due="14/9")
    who = await proposes(town)
    who.sees("1 ti")
    await who.chooses("decision_sign")
    await counted(town)
    assert town.ticket().binding_by == datetime(2026, 9, 11, 9, 30, tzinfo=UTC), "Friday, never later"


async def test_counting_anew_goes_on_where_a_killed_process_stopped(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "SLICE", 2)
    monkeypatch.setattr(town.program, "_work_now", lambda: None)
    for number in range(5):
        await town.citizen(f"c{number}").complains(SLOW)
    await town.program.errand(_closes_monday_14)
    (work,) = town.rows(Work, kind="recount", state="waiting")
    assert await town.program.errand(lambda session: recounting.next_slice(session, work.id))
    assert [row.binding_by for row in town.tickets()].count(MONDAY_28) == 2, "and here the process dies"
    monkeypatch.undo()
    await counted(town)
    assert {row.binding_by for row in town.tickets()} == {MONDAY_28}
    assert len(town.outbox(page="citizen/date_moved")) == 5


def _closes_monday_14(session: Session) -> None:
    closed = date(2026, 9, 14)
    change = CalendarChange(ChangeKind.LOCAL, closed, closed)
    row = deciding.write_down(session, decisions.calendar(change), DECREE, session.moment.revision, None)
    deciding.sign(session, row, person=None)
