"""What nobody can place: the front desk finds the office; where it may accuse, the Inspektorat looks first."""

from __future__ import annotations

import pytest

from domain.vocabulary import Desk, Identity, Kind, State
from tests.journeys.stories import SLOW, UNCLEAR, UNCLEAR_AND_WEAK
from tests.kit.town import Officer, Town

pytestmark = pytest.mark.anyio


@pytest.fixture
def front_desk(town: Town) -> Officer:
    return town.officer("PETUGAS-MEJA-DEPAN")


async def test_what_has_no_office_goes_to_the_front_desk_and_the_citizen_is_told(
    town: Town, front_desk: Officer
) -> None:
    ticket = await town.sari.complains(UNCLEAR)
    assert (ticket.unit_code, ticket.state) == ("BAGIAN-ORGANISASI", State.RECEIVED)
    assert "Petugas meja depan Bagian Organisasi" in town.sari.page
    assert UNCLEAR in front_desk.page
    town.outsider.saw_nothing()


async def test_the_front_desk_forwards_by_name_and_the_promise_stays(town: Town, front_desk: Officer) -> None:
    before = await town.sari.complains(UNCLEAR)
    await town.travels(working_days=2)
    await front_desk.chooses("forward")
    await front_desk.types("dinas lingkungan hidup")
    after = town.ticket()
    assert (after.unit_code, after.desk, after.state) == ("DLH", Desk.OFFICERS, State.ROUTED)
    assert (after.resolve_by, after.statutory_by, after.binding_by) == (
        before.resolve_by,
        before.statutory_by,
        before.binding_by,
    )
    assert after.cycle == before.cycle + 1
    assert after.verify_by > before.verify_by
    assert after.first_response_by > before.first_response_by
    assert UNCLEAR in town.outsider.page
    assert town.sari.page_name == "citizen/forwarded"
    assert "Dinas Lingkungan Hidup" in town.sari.page


async def test_after_forwarding_the_front_desk_reads_it_no_more(town: Town, front_desk: Officer) -> None:
    ticket = await town.sari.complains(UNCLEAR)
    await front_desk.chooses("forward")
    await front_desk.types("dlh")
    assert front_desk.page_name == "officer/done"
    assert UNCLEAR not in front_desk.page
    await front_desk.types(f"/tiket {ticket.number}")
    assert front_desk.page_name == "officer/not_found"
    await town.sari.replies_to(ticket.number, "Tambahan dari saya")
    town.outsider.sees("Tambahan dari saya")
    front_desk.never_saw("Tambahan dari saya")


async def test_a_name_that_no_office_has_is_asked_again_and_nothing_moves(town: Town, front_desk: Officer) -> None:
    await town.sari.complains(UNCLEAR)
    await front_desk.chooses("forward")
    await front_desk.types("kantor antah berantah")
    assert front_desk.page_name == "officer/unit_unknown"
    assert town.ticket().unit_code == "BAGIAN-ORGANISASI"
    await front_desk.types("dishub")
    assert town.ticket().unit_code == "DISHUB"


async def test_after_a_handover_nobody_is_late_before_a_working_day_has_passed(town: Town, front_desk: Officer) -> None:
    await town.sari.complains(UNCLEAR)
    await town.travels(working_days=13)
    told = len(town.outsider.received)
    await front_desk.types("/kotak")
    await front_desk.presses(town.ticket().number)
    await front_desk.chooses("forward")
    await front_desk.types("dlh")
    assert len(town.outsider.received) == told + 1
    upcoming = await town.program.next_due()
    assert upcoming is not None
    calendar = town.region.calendars["office"]
    assert calendar.day_of(upcoming) > await town.today()


async def test_an_officer_forwards_to_the_office_that_the_story_suggests(town: Town) -> None:
    await town.sari.types("Pelayanan di sana lambat, KTP saya dan sampah di depan rumah belum beres")
    assert town.sari.page_name == "citizen/office"
    await town.sari.types("dishub")
    await town.sari.chooses("skip")
    await town.sari.chooses("send")
    assert town.ticket().unit_code == "DISHUB"
    officer = town.officer("PETUGAS-DISHUB")
    await officer.chooses("forward")
    await officer.presses("Dinas Kependudukan dan Pencatatan Sipil")
    assert town.ticket().unit_code == "DISDUKCAPIL"
    assert "KTP" in town.budi.page


async def test_an_unclear_story_that_may_accuse_somebody_goes_to_the_inspectorate(
    town: Town, front_desk: Officer
) -> None:
    await town.sari.types(UNCLEAR_AND_WEAK)
    assert "Petugas pengaduan Inspektorat" in town.sari.page
    await town.sari.chooses("send")
    ticket = town.ticket()
    assert (ticket.unit_code, ticket.kind, ticket.identity) == (
        "INSPEKTORAT",
        Kind.COMPLAINT,
        Identity.CONFIDENTIAL,
    )
    assert UNCLEAR_AND_WEAK in town.officer("PETUGAS-INSPEKTORAT").page
    front_desk.saw_nothing()
    await front_desk.types(f"/tiket {ticket.number}")
    assert front_desk.page_name == "officer/not_found"


async def test_the_inspectorate_gives_what_accuses_nobody_to_the_right_office(town: Town) -> None:
    await town.sari.complains(UNCLEAR_AND_WEAK)
    inspector = town.officer("PETUGAS-INSPEKTORAT")
    await inspector.chooses("forward")
    await inspector.types("dlh")
    assert town.ticket().unit_code == "DLH"
    assert UNCLEAR_AND_WEAK in town.outsider.page


async def test_a_clear_story_never_touches_the_front_desk(town: Town, front_desk: Officer) -> None:
    await town.sari.complains(SLOW)
    front_desk.saw_nothing()
    await front_desk.types("/kotak")
    assert not front_desk.buttons
