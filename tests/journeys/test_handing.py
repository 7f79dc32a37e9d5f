"""From desk to desk: forwarded, handed back, forwarded again, and the citizen's dates never move."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.stories import SLOW
from tests.kit.town import Officer, Town

pytestmark = pytest.mark.anyio

DATES = ("resolve_by", "statutory_by", "binding_by")


def _dates(town: Town) -> dict[str, Any]:
    return {name: getattr(town.ticket(), name) for name in DATES}


async def _not_ours(officer: Officer, unit: str) -> None:
    await officer.chooses("not_ours")
    await officer.types(unit)


async def test_a_case_may_wander_and_the_promise_stays(town: Town) -> None:
    await town.sari.complains(SLOW)
    promised = _dates(town)
    await town.travels(working_days=1)
    await town.budi.chooses("forward")
    await town.budi.types("DLH")
    await town.travels(working_days=1)
    waste = town.officer("PETUGAS-DLH")
    assert waste.page_name == "officer/card"
    await _not_ours(waste, "Dukcapil")
    assert (town.ticket().unit_code, town.ticket().handbacks, town.ticket().cycle) == ("DISDUKCAPIL", 1, 3)
    await town.travels(working_days=1)
    await town.budi.chooses("forward")
    await town.budi.types("Satpol PP")
    assert _dates(town) == promised
    assert town.ticket().unit_code == "SATPOLPP"
    assert town.sari.page_names.count("citizen/forwarded") == 3


async def test_the_new_desk_sees_the_way_that_the_case_has_come(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _not_ours(town.budi, "DLH")
    card = town.officer("PETUGAS-DLH").page
    assert "Kependudukan" in card
    assert "Lingkungan Hidup" in card


async def test_the_third_hand_back_goes_to_the_front_desk_with_the_history(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _not_ours(town.budi, "DLH")
    await _not_ours(town.officer("PETUGAS-DLH"), "Satpol PP")
    police = town.officer("PETUGAS-SATPOLPP")
    await _not_ours(police, "Dukcapil")
    assert (town.ticket().unit_code, town.ticket().handbacks) == (town.region.front_desk, 3)
    front = town.officer("PETUGAS-MEJA-DEPAN")
    assert front.page_name == "officer/card"
    for name in ("Kependudukan", "Lingkungan Hidup", "Polisi Pamong Praja"):
        assert name in front.page
    assert town.ticket().state == "received"


async def test_the_front_desk_settles_it_and_has_no_not_ours_of_its_own(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("not_ours")
    await town.budi.chooses("hand_back")
    front = town.officer("PETUGAS-MEJA-DEPAN")
    assert front.page_name == "officer/card"
    assert not {"Bukan wewenang", "Not ours"} & set(front.buttons)
    await front.chooses("forward")
    await front.types("DLH")
    assert town.ticket().unit_code == "DLH"


async def test_handing_back_does_not_eat_the_time_of_the_new_desk(town: Town) -> None:
    await town.sari.complains(SLOW)
    first = town.ticket().first_response_by
    await town.travels(working_days=4)
    await _not_ours(town.budi, "DLH")
    calendar = town.region.calendars["office"]
    counted = calendar.closing(calendar.after(await town.today(), 5))
    assert town.ticket().first_response_by == counted > first


async def test_no_rung_speaks_before_a_working_day_has_passed_after_a_handover(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(town.ticket().binding_by)  # everybody below the head of office has been told
    await town.budi.types(f"/tiket {town.ticket().number}")
    await _not_ours(town.budi, "DLH")
    waste = town.officer("KEPALA-DLH")
    before = len(waste.received)
    calendar = town.region.calendars["office"]
    opening = calendar.opening(calendar.after(await town.today(), 1))
    await town.travels(opening.replace(minute=opening.minute - 1))
    assert len(waste.received) == before
    await town.travels(opening)
    assert len(waste.received) > before


async def test_whoever_was_told_is_told_once_of_the_new_desk_and_not_climbed_to_again(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(town.ticket().binding_by)
    await town.travels(working_days=3)  # head of office and Kabag Organisasi know
    chief = town.officer("KABAG-ORGANISASI")
    assert chief.page_name == "supervisor/late"
    await town.budi.types(f"/tiket {town.ticket().number}")
    await _not_ours(town.budi, "DLH")
    assert chief.page_name == "supervisor/moved"
    await town.travels(working_days=4)
    assert chief.page_names.count("supervisor/late") == 1
    assert town.officer("SEKDA").page_names.count("supervisor/late") == 1
    assert "supervisor/late" in town.officer("KEPALA-DLH").page_names


async def test_a_case_goes_to_no_unit_that_it_is_kept_from(town: Town) -> None:
    await town.sari.complains("Petugas Puskesmas Raya membentak saya, kasar sekali")
    head = town.officer("KEPALA-DINKES")
    await head.chooses("not_ours")
    await head.types("Puskesmas Raya")
    assert head.page_name == "officer/forward_refused"
    town.officer("PETUGAS-PKM-RAYA").saw_nothing()
