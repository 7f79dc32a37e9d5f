"""A letter of the Ombudsman: filed in steps at Bagian Organisasi, climbing by its own date, closed with an answer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Row

from storage.tables import Deadline, IncomingLetter
from tests.journeys.stories import SLOW
from tests.journeys.test_photos import photo
from tests.kit.town import Officer, Town, label

pytestmark = pytest.mark.anyio

REFERENCE, SUBJECT = "B/0812/LM.21-02/IX/2026", "Permintaan klarifikasi layanan KTP"


async def files(town: Town, *, due: str = "21/9") -> Row[Any]:
    """The front desk files a letter of two days ago, with a photo of it."""
    front = town.officer("PETUGAS-MEJA-DEPAN")
    await front.types("/surat")
    for said in (REFERENCE, "5/9", SUBJECT, due):
        await front.types(said)
    assert front.page_name == "officer/letter_look"
    await front.sends_photo(photo())
    for word in (REFERENCE, SUBJECT):
        assert word in front.page
    await front.chooses("file_letter")
    return town.ticket()


async def test_a_letter_is_a_case_of_the_organisation_bureau_with_the_date_that_stands_in_it(town: Town) -> None:
    ticket = await files(town)
    front, chief = town.officer("PETUGAS-MEJA-DEPAN"), town.officer("KABAG-ORGANISASI")
    assert (ticket.kind, ticket.unit_code, ticket.channel) == ("letter", "BAGIAN-ORGANISASI", "letter")
    assert (ticket.reporter_id, ticket.address_id, ticket.pin_hash, ticket.first_response_by) == (None,) * 4
    assert ticket.binding_by.isoformat() == "2026-09-21T09:00:00+00:00"
    (letter,) = town.rows(IncomingLetter)
    assert (str(letter.dated_on), str(letter.due_on)) == ("2026-09-05", "2026-09-21")
    assert chief.page_name == "officer/card"
    assert REFERENCE in chief.page
    assert SUBJECT in chief.page
    assert len(chief.shown[-1].files) == 1
    await front.types("/kotak")
    assert ticket.number in front.page
    await front.presses(ticket.number)
    for code in ("answer", "ask_citizen", "forward", "not_ours", "postpone"):
        assert label(code, town.language) not in front.buttons, code


async def test_a_letter_that_nobody_answers_climbs_to_the_head_of_the_bureau_and_to_the_secretary(town: Town) -> None:
    await files(town)
    front, chief, secretary = (town.officer(f"{post}") for post in ("PETUGAS-MEJA-DEPAN", "KABAG-ORGANISASI", "SEKDA"))
    await town.travels(working_days=7)  # Wednesday 16: three days before
    assert (front.page_name, "supervisor/late" in chief.page_names) == ("officer/reminder", False)
    await town.travels(working_days=2)  # Friday 18: the last working day before
    assert chief.page_names.count("supervisor/late") == 1
    assert "supervisor/late" not in secretary.page_names
    await town.travels(working_days=2)  # Tuesday 22: it is late
    assert secretary.page_names.count("supervisor/late") == 1


async def test_a_letter_ends_with_the_words_and_the_paper_that_answered_it(town: Town) -> None:
    ticket = await files(town)
    front = town.officer("PETUGAS-MEJA-DEPAN")
    await front.types(f"/tiket {ticket.number}")
    await front.chooses("finish")
    await front.sends_photo(photo(), "Dijawab dengan surat 045/ORG/2026.")
    ended = town.ticket()
    assert (ended.state, ended.outcome) == ("closed", "answered")
    assert not [row for row in town.rows(Deadline) if row.clock == "auto_close"]
    assert not [row for row in town.rows(Deadline) if row.state == "waiting"]
    town.officer("SEKDA").never_saw(REFERENCE)


async def test_letters_are_counted_apart_from_what_citizens_bring(town: Town) -> None:
    await files(town, due="8/9")
    await town.sari.complains(SLOW)
    await town.travels(working_days=2)
    chief = town.officer("KABAG-ORGANISASI")
    await chief.types("/rekap")
    shown = chief.page.replace("*", "")
    assert ("Terbuka: 1. Terlambat: 0." if town.language == "id" else "Open: 1. Late: 0.") in shown
    assert ("Surat Ombudsman: 1 terbuka, 1 terlambat." if town.language == "id" else "1 open, 1 late.") in shown
    assert town.tickets(kind="letter")[0].number in shown, "late, so it is named"


@pytest.mark.parametrize("post", ["PETUGAS-DLH", "KEPALA-DISDUKCAPIL", "SEKDA"])
async def test_elsewhere_no_letter_is_filed_and_only_supervisors_read_one(town: Town, post: str) -> None:
    officer = town.officer(post)
    await officer.types("/surat")
    assert officer.page_name == "officer/menu"
    ticket = await files(town)
    await officer.types(f"/tiket {ticket.number}")
    assert officer.page_name == ("officer/card" if post == "SEKDA" else "officer/not_found")


async def test_a_letter_that_is_left_in_the_middle_leaves_nothing_behind(town: Town) -> None:
    front: Officer = town.officer("PETUGAS-MEJA-DEPAN")
    await front.types("/surat")
    await front.types(REFERENCE)
    await front.types("besok")
    assert front.page_name == "officer/past_date_unknown", "a letter of tomorrow"
    await front.types("/batal")
    assert front.page_name == "officer/cancelled"
    assert not town.tickets()


@pytest.mark.parametrize("undo_seconds", [60])
async def test_a_letter_that_was_closed_by_a_slip_is_open_again_with_its_clock(town: Town) -> None:
    ticket = await files(town)
    waiting = [row.id for row in town.rows(Deadline) if row.state == "waiting"]
    front = town.officer("PETUGAS-MEJA-DEPAN")
    await front.types(f"/tiket {ticket.number}")
    await front.chooses("finish")
    await front.types("Sudah dijawab.")
    assert town.ticket().state == "closed"
    await front.chooses("undo")
    again = town.ticket()
    assert (again.state, again.outcome, again.closed_at) == ("routed", None, None)
    assert [row.id for row in town.rows(Deadline) if row.state == "waiting"] == waiting
