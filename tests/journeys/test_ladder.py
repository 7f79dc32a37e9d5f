"""The ladder's people: acting heads, vacancies, substitutes, excluded holders, and a desk that nobody can reach."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.base import Gone
from tests.journeys.stories import PUNGLI, RUDE, SLOW
from tests.kit.town import Officer, Town, day

pytestmark = pytest.mark.anyio


def _late(officer: Officer) -> int:
    return officer.page_names.count("supervisor/late")


async def _becomes_late(town: Town) -> None:
    await town.travels(working_days=15)


async def test_the_citizen_is_told_when_the_case_really_climbs_and_to_whom(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(town.ticket().binding_by)
    assert "citizen/climbed" not in town.sari.page_names
    await town.travels(working_days=20)
    pages = [page for page in town.sari.shown if town.page_name(page) == "citizen/climbed"]
    posts = ("Kepala Dinas Kependudukan", "Kepala Bagian Organisasi", "Sekretaris Daerah", "Wali Kota")
    assert len(pages) == len(posts)
    for page, post in zip(pages, posts, strict=True):
        assert post in page.text


async def test_nobody_tells_the_citizen_of_a_climb_that_did_not_arrive(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(town.ticket().binding_by)
    town.channel.answers(town.ratna.phone, Gone("blocked"))
    await town.travels(working_days=1)
    (page,) = (page for page in town.sari.shown if town.page_name(page) == "citizen/climbed")
    assert "Kepala Bagian Organisasi" in page.text, "the next above heard it in the head's stead"
    assert _late(town.officer("KABAG-ORGANISASI")) == 1


async def test_of_an_accusation_the_citizen_hears_that_a_count_went_up(town: Town) -> None:
    await town.sari.complains(PUNGLI)
    await town.travels(working_days=50)
    town.sari.sees("Ombudsman")
    town.sari.sees("Sekretaris Daerah")


async def test_an_acting_head_is_told_with_the_prefix_of_the_holding(town: Town) -> None:
    deputy = await town.enrol("PETUGAS-DLH", "wati")
    await town.revokes("KEPALA-DISDUKCAPIL")
    await town.appoints(deputy, "KEPALA-DISDUKCAPIL", kind="Plt")
    await town.sari.complains(SLOW)
    town.sari.sees("Plt. Kepala Dinas Kependudukan")
    await _becomes_late(town)
    assert deputy.page_name == "supervisor/late"
    town.ratna.saw_nothing()
    town.sari.sees("naik ke *Plt. Kepala Dinas" if town.language == "id" else "went up to *Plt. Kepala Dinas")


async def test_a_vacant_post_is_skipped_upward_and_the_next_is_told_once(town: Town) -> None:
    await town.revokes("KEPALA-DISDUKCAPIL")
    await town.sari.complains(SLOW)
    await town.travels(town.ticket().binding_by)
    chief = town.officer("KABAG-ORGANISASI")
    before = _late(chief)
    await town.travels(working_days=3)
    assert _late(chief) == before + 1, "late once: at the head's rung, and not again at its own"
    await town.travels(working_days=3)
    assert _late(town.officer("SEKDA")) == 1


async def test_an_expired_holding_is_a_vacancy(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.holds_until("KEPALA-DISDUKCAPIL", await town.today())
    await _becomes_late(town)
    town.ratna.never_saw(town.ticket().number)
    assert _late(town.officer("KABAG-ORGANISASI")) > 0


async def test_who_is_on_leave_is_read_by_the_substitute(town: Town) -> None:
    await town.ratna.types("/cuti 7/9 - 30/9")
    stand_in = town.officer("KABAG-ORGANISASI")
    await town.ratna.chooses("substitute", str(town.person_id(town.budi)), town.region.posts[town.budi.post].title)
    assert town.budi.page_name == "officer/substituting"
    await town.sari.complains(SLOW)
    await _becomes_late(town)
    assert _late(town.budi) > 0, "the head's pages go to whoever stands in"
    assert _late(town.ratna) == 0
    assert _late(stand_in) == 0


async def test_without_a_substitute_a_leave_is_a_vacancy_until_the_person_is_back(town: Town) -> None:
    await town.ratna.types("/cuti 7/9 - 30/9")
    await town.ratna.chooses("no_substitute")
    await town.sari.complains(SLOW)
    await town.travels(town.ticket().binding_by)
    assert _late(town.ratna) == 0
    await town.ratna.types("/cuti")
    await town.ratna.chooses("end_leave")
    await town.travels(working_days=1)
    assert _late(town.ratna) == 1


async def test_a_reported_post_that_is_also_a_rung_hears_nothing(town: Town) -> None:
    # The head of the puskesmas also acts as Kabag Organisasi; the complaint is about the puskesmas.
    reported = town.officer("KEPALA-PKM-RAYA")
    await town.revokes("KABAG-ORGANISASI")
    await town.appoints(reported, "KABAG-ORGANISASI", kind="Plt")
    await town.sari.complains(RUDE)
    await town.travels(working_days=30)
    reported.never_saw(town.ticket().number)
    assert _late(town.officer("SEKDA")) > 0


async def test_when_nobody_can_be_reached_the_front_desk_has_a_dead_letter(town: Town) -> None:
    await town.sari.complains(SLOW)
    for post in ("PETUGAS-DISDUKCAPIL", "KEPALA-DISDUKCAPIL", "KABAG-ORGANISASI", "SEKDA", "WALI-KOTA"):
        await town.revokes(post)
    await _becomes_late(town)
    front = town.officer("PETUGAS-MEJA-DEPAN")
    assert front.page_name == "officer/dead_letter"
    front.sees(town.ticket().number)
    front.sees(day(town.ticket().binding_by, town.language))
    assert "citizen/climbed" not in town.sari.page_names


async def test_a_dead_letter_is_written_to_nobody_whom_the_case_is_kept_from(town: Town) -> None:
    reported = town.officer("KEPALA-PKM-RAYA")
    await town.revokes("KABAG-ORGANISASI")
    await town.appoints(reported, "KABAG-ORGANISASI", kind="Plt")
    await town.sari.complains(RUDE)
    for post in ("KEPALA-DINKES", "SEKDA", "WALI-KOTA"):
        await town.revokes(post)
    await town.travels(working_days=30)
    told = _dead_letters(town)
    assert told
    assert not [letter["post"] for letter in told if "Organisasi" in letter["post"]]
    assert {(letter["number"], letter["by"], letter["since"]) for letter in told} == {(None, None, None)}


async def test_a_dead_letter_of_an_accusation_names_neither_the_case_nor_a_date_that_tells_when_it_came(
    town: Town,
) -> None:
    await town.sari.complains(PUNGLI)
    for post in ("PETUGAS-INSPEKTORAT", "INSPEKTUR", "SEKDA", "WALI-KOTA"):
        await town.revokes(post)
    await town.travels(working_days=6)
    front = town.officer("PETUGAS-MEJA-DEPAN")
    assert front.page_name == "officer/dead_letter"
    ticket = town.ticket()
    front.never_saw(ticket.number)
    for due in (ticket.first_response_by, ticket.binding_by):
        front.never_saw(day(due, town.language))
    assert {(letter["number"], letter["by"], letter["since"]) for letter in _dead_letters(town)} == {(None, None, None)}


def _dead_letters(town: Town) -> list[dict[str, Any]]:
    return [town.facts(row) for row in town.outbox(page="officer/dead_letter") if row.post_code]


async def test_a_step_is_acknowledged_once_and_only_by_whoever_was_told(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _becomes_late(town)
    await town.ratna.chooses("acknowledge")
    assert town.ratna.page_name == "supervisor/acknowledged"
    known = [row for row in town.steps() if row.acknowledged_at]
    assert [(row.post_code, row.acknowledged_by) for row in known] == [
        ("KEPALA-DISDUKCAPIL", town.person_id(town.ratna))
    ]


async def test_what_is_said_about_the_head_of_region_is_read_by_the_inspectorate_and_kept_from_the_accused(
    town: Town,
) -> None:
    ticket = await town.sari.complains("Wali Kota Pematangsiantar minta uang 50 juta supaya izin usaha saya keluar")
    assert ticket.unit_code == "INSPEKTORAT"
    assert "KPK" in town.sari.page, "a road outside, because the reader stands below the accused"
    assert town.officer("PETUGAS-INSPEKTORAT").page_name == "officer/card"
    await town.travels(working_days=60)
    mayor = town.officer("WALI-KOTA")
    mayor.never_saw(ticket.number)
    mayor.saw_nothing()
    assert town.officer("SEKDA").page_name == "supervisor/late_count"


async def test_the_confirmation_names_the_reader_as_the_post_is_held(town: Town) -> None:
    deputy = await town.enrol("PETUGAS-DLH", "wati")
    await town.revokes("KEPALA-DINKES")
    await town.appoints(deputy, "KEPALA-DINKES", kind="Plh")
    await town.sari.types(RUDE)
    assert town.sari.page_name == "citizen/confirm"
    assert "Plh. Kepala Dinas Kesehatan" in town.sari.page
