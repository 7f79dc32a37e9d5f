"""Whoever watches: opens, reminds, moves to another desk, asks why - and never speaks in the desk's name."""

from __future__ import annotations

import pytest

from storage.tables import AuditRow, Explanation
from tests.journeys.stories import PUNGLI, RUDE, SLOW
from tests.kit.town import Officer, Town, label

pytestmark = pytest.mark.anyio


async def _open(town: Town, officer: Officer) -> None:
    await officer.types(f"/tiket {town.ticket().number}")
    assert officer.page_name == "officer/card"


async def test_a_reminder_by_hand_reaches_the_desk_once_a_day(town: Town) -> None:
    await town.sari.complains(SLOW)
    secretary = town.officer("SEKDA")
    await _open(town, secretary)
    await secretary.chooses("remind")
    assert town.budi.page_name == "officer/pushed"
    town.budi.sees("Sekretaris Daerah")
    await _open(town, secretary)
    await secretary.chooses("remind")
    assert town.budi.page_names.count("officer/pushed") == 1
    await town.travels(working_days=1)
    await _open(town, secretary)
    await secretary.chooses("remind")
    assert town.budi.page_names.count("officer/pushed") == 2


async def test_an_explanation_is_asked_of_the_head_and_stays_among_staff(town: Town) -> None:
    await town.sari.complains(SLOW)
    chief = town.officer("KABAG-ORGANISASI")
    await _open(town, chief)
    await chief.chooses("ask_why")
    await chief.types("Mengapa belum selesai?")
    await chief.chooses("why_by", str(town.ticket().id), "2026-09-10")
    assert town.ratna.page_name == "officer/why"
    await town.ratna.chooses("explain")
    await town.ratna.types("Mesin cetak rusak sejak Senin")
    chief.sees("Mesin cetak rusak sejak Senin")
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    for words in ("Mengapa belum selesai", "Mesin cetak rusak"):
        town.sari.never_saw(words)
    await _open(town, town.budi)
    town.budi.sees("Mesin cetak rusak")


async def _ask_why(town: Town, officer: Officer, by: str = "10/9") -> None:
    await _open(town, officer)
    await officer.chooses("ask_why")
    await officer.types("Mengapa belum selesai?")
    assert officer.page_name == "officer/why_by"
    await officer.types(by)
    assert officer.page_name == "supervisor/asked"


async def test_who_does_not_explain_is_reminded_on_the_day_and_who_asked_hears_when_it_has_passed(town: Town) -> None:
    await town.sari.complains(SLOW)
    promised = town.ticket().binding_by
    chief = town.officer("KABAG-ORGANISASI")
    await _ask_why(town, chief)
    await town.travels(working_days=2)
    assert "officer/why_due" not in town.ratna.page_names
    await town.travels(working_days=1)
    assert town.ratna.page_names.count("officer/why_due") == 1
    assert "supervisor/unexplained" not in chief.page_names
    await town.travels(working_days=1)
    assert chief.page_names.count("supervisor/unexplained") == 1
    await town.travels(working_days=3)
    assert town.ratna.page_names.count("officer/why_due") == 1
    assert chief.page_names.count("supervisor/unexplained") == 1
    assert town.ticket().binding_by == promised
    await _open(town, town.budi)
    await town.budi.chooses("explain")
    await town.budi.types("Blanko habis")
    assert chief.page_name == "supervisor/explanation"
    (asked,) = town.rows(Explanation)
    assert asked.answered_at > asked.due_at, "it stays late"
    await _open(town, town.budi)
    assert label("explain", town.language) not in town.budi.buttons


async def test_an_explanation_in_time_is_neither_reminded_of_nor_missed(town: Town) -> None:
    await town.sari.complains(SLOW)
    chief = town.officer("KABAG-ORGANISASI")
    await _ask_why(town, chief, "besok")
    await town.ratna.chooses("explain")
    await town.ratna.types("Mesin cetak rusak")
    await town.travels(working_days=3)
    assert "officer/why_due" not in town.ratna.page_names
    assert "supervisor/unexplained" not in chief.page_names


async def test_a_question_outlives_what_the_desk_does_and_follows_the_case(town: Town) -> None:
    await town.sari.complains(SLOW)
    chief, other = town.officer("KABAG-ORGANISASI"), town.officer("KEPALA-DLH")
    await _ask_why(town, chief)
    await _open(town, town.budi)
    await town.budi.chooses("forward")
    await town.budi.types("DLH")
    await town.travels(working_days=3)
    assert other.page_name == "officer/why_due"
    await town.officer("PETUGAS-DLH").types(f"/tiket {town.ticket().number}")
    await town.officer("PETUGAS-DLH").chooses("finish")
    await town.officer("PETUGAS-DLH").types("Sudah beres.")
    await town.travels(working_days=1)
    assert chief.page_name == "supervisor/unexplained"
    assert town.sari.page_name == "citizen/resolved"


async def test_a_case_that_goes_first_stands_first_at_its_desk_and_its_citizen_never_hears_of_it(town: Town) -> None:
    first, second = await town.sari.complains(SLOW), await town.citizen("togar").complains(SLOW)
    secretary = town.officer("SEKDA")
    await secretary.types(f"/tiket {second.number}")
    await secretary.chooses("first")
    assert secretary.page_name == "officer/card"
    assert town.budi.page_name == "officer/first"
    await town.budi.types("/kotak")
    assert town.budi.page.index(second.number) < town.budi.page.index(first.number)
    await town.budi.presses(second.number)
    assert label("not_first", town.language) not in town.budi.buttons, "the desk does not choose what goes first"
    await town.citizen("togar").types("/status")
    for word in ("didahulukan", "prioritas", "goes first", "priority"):
        town.citizen("togar").never_saw(word)
    await secretary.chooses("not_first")
    assert town.ticket(number=second.number).priority == "normal"
    assert [row.person_id for row in town.rows(AuditRow, action="prioritize")] == [town.person_id(secretary)] * 2


async def test_a_supervisor_moves_no_case_to_those_whom_it_accuses(town: Town) -> None:
    await town.sari.complains(RUDE)
    chief = town.officer("KABAG-ORGANISASI")
    accused = town.ticket().reported_unit
    await _open(town, chief)
    await chief.chooses("forward")
    await chief.types(town.region.units[accused].name)
    assert chief.page_name == "officer/forward_refused"
    assert town.ticket().unit_code != accused


async def test_a_supervisor_moves_a_case_and_may_take_it_back(town: Town) -> None:
    await town.sari.complains(SLOW)
    secretary = town.officer("SEKDA")
    await _open(town, secretary)
    await secretary.chooses("forward")
    await secretary.types("DLH")
    assert town.ticket().unit_code == "DLH"
    assert town.officer("PETUGAS-DLH").page_name == "officer/card"


async def test_of_an_accusation_a_supervisor_opens_and_moves_nothing(town: Town) -> None:
    ticket = await town.sari.complains(PUNGLI)
    for post in ("SEKDA", "KABAG-ORGANISASI", "WALI-KOTA"):
        officer = town.officer(post)
        await officer.types(f"/tiket {ticket.number}")
        assert officer.page_name == "officer/not_found"
