"""Somebody is accused of asking for money: the accused and their colleagues never learn of it, whatever they hold."""

from __future__ import annotations

import re

import pytest

from bot.web import timeline
from domain.vocabulary import Identity, Kind
from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.town import Officer, Person, Town

pytestmark = pytest.mark.anyio

OFFICE = "Dinas Kependudukan dan Pencatatan Sipil"
UNKNOWN = "TGP-26-7K3QD8"


@pytest.fixture
def inspector(town: Town) -> Officer:
    """The officer of the Inspektorat, who reads."""
    return town.officer("PETUGAS-INSPEKTORAT")


async def test_the_citizen_is_told_who_will_read_and_who_will_not_before_sending(town: Town) -> None:
    await town.sari.types(PUNGLI)
    assert town.sari.page_name == "citizen/confirm"
    assert "Petugas pengaduan Inspektorat" in town.sari.page
    assert re.search(rf"^\*.*{OFFICE}.*\*$", town.sari.page, re.MULTILINE)
    await town.sari.chooses("send")
    ticket = town.ticket()
    assert (ticket.kind, ticket.identity, ticket.unit_code) == (Kind.OVERSIGHT, Identity.CONFIDENTIAL, "INSPEKTORAT")
    assert "Petugas pengaduan Inspektorat" in town.sari.page


async def test_the_inspectorate_reads_the_story_without_a_name(town: Town, inspector: Officer) -> None:
    await town.sari.complains(PUNGLI)
    assert PUNGLI in inspector.page
    assert OFFICE in inspector.page
    assert "sari" not in inspector.page.casefold()


async def test_nobody_of_the_reported_unit_hears_anything_until_the_very_end(town: Town, inspector: Officer) -> None:
    await town.sari.complains(PUNGLI)
    await inspector.chooses("take")
    await town.sari.replies_to("TGP-26", "Ini terjadi hari Kamis di loket 2")
    await inspector.replies_to("loket 2", "Terima kasih, kami periksa.")
    await inspector.chooses("send")
    await town.travels(working_days=70)
    for person in (town.budi, town.ratna, town.outsider):
        person.saw_nothing()
    _no_row_leads_to(town, town.budi, town.ratna)


async def test_the_reported_unit_finds_nothing_when_it_looks(town: Town) -> None:
    ticket = await town.sari.complains(PUNGLI)
    for person in (town.budi, town.ratna, town.outsider):
        await person.types("/kotak")
        assert not person.buttons
        await _finds_nothing(town, person, ticket.number)


async def test_not_yours_looks_exactly_like_not_found(town: Town) -> None:
    ticket = await town.sari.complains(PUNGLI)
    answers = set()
    for typed in (ticket.number, ticket.number.lower().replace("-", ""), UNKNOWN, "TGP-26-AAAAAA", "apa saja", ""):
        await town.ratna.types(f"/tiket {typed}")
        answers.add((town.ratna.page, town.ratna.buttons, town.ratna.page_name))
    assert len(answers) == 1


async def test_a_button_of_somebody_else_opens_nothing(town: Town, inspector: Officer) -> None:
    await town.sari.complains(PUNGLI)
    card = inspector.shown[-1]
    for data in card.data:
        await town.budi.does(choice=data)
        town.budi.never_saw("capil")
        town.budi.never_saw("TGP-")
    assert town.ticket().taken_by is None


async def test_a_quoted_card_of_somebody_else_is_no_way_in(town: Town, inspector: Officer) -> None:
    await town.sari.complains(PUNGLI)
    await town.budi.replies_to(inspector.shown[-1], "Tidak benar!")
    assert town.budi.page_name == "officer/which_case"
    town.budi.never_saw("TGP-")


async def test_the_head_who_also_acts_for_the_office_above_learns_nothing(town: Town) -> None:
    await town.revokes("SEKDA")
    await town.appoints(town.ratna, "SEKDA", kind="Plt")
    ticket = await town.sari.complains(PUNGLI)
    await _finds_nothing(town, town.ratna, ticket.number)
    await town.travels(working_days=70)
    assert town.ratna.page_names == ["officer/not_found"]
    _no_row_leads_to(town, town.ratna)


async def test_the_head_who_acts_beside_another_for_the_office_above_learns_nothing(town: Town) -> None:
    await town.appoints(town.ratna, "SEKDA", kind="Plh")
    await town.sari.complains(PUNGLI)
    await town.travels(working_days=70)
    town.ratna.saw_nothing()
    assert town.officer("SEKDA").page_names == ["supervisor/late_count"]
    _no_row_leads_to(town, town.ratna)


async def test_the_head_who_moves_to_the_inspectorate_later_still_learns_nothing(
    town: Town, inspector: Officer
) -> None:
    ticket = await town.sari.complains(PUNGLI)
    await town.travels(working_days=2)
    await town.revokes("KEPALA-DISDUKCAPIL")
    await town.appoints(town.ratna, "PETUGAS-INSPEKTORAT")
    await town.appoints(town.ratna, "INSPEKTUR", kind="Plt")
    await town.sari.replies_to("TGP-26", "Saya masih punya kuitansinya")
    inspector.sees("kuitansinya")
    town.ratna.saw_nothing()
    await town.ratna.types("/kotak")
    assert not town.ratna.buttons
    await _finds_nothing(town, town.ratna, ticket.number)
    await town.travels(working_days=70)
    _no_row_leads_to(town, town.ratna)


async def test_the_head_who_moved_on_the_very_day_learns_nothing(town: Town) -> None:
    await town.revokes("KEPALA-DISDUKCAPIL")
    await town.appoints(town.ratna, "PETUGAS-INSPEKTORAT")
    ticket = await town.sari.complains(PUNGLI)
    town.ratna.saw_nothing()
    await _finds_nothing(town, town.ratna, ticket.number)


async def test_whoever_comes_to_the_reported_unit_later_learns_nothing(town: Town) -> None:
    ticket = await town.sari.complains(PUNGLI)
    await town.revokes("KEPALA-DISDUKCAPIL")
    newcomer = await town.enrol("KEPALA-DISDUKCAPIL", "hadi")
    await _finds_nothing(town, newcomer, ticket.number)
    both = await town.enrol("PETUGAS-DISDUKCAPIL", "lina")
    await town.appoints(both, "PETUGAS-INSPEKTORAT")
    await _finds_nothing(town, both, ticket.number)


async def test_an_accusation_is_forwarded_to_no_other_desk(town: Town, inspector: Officer) -> None:
    await town.sari.complains(PUNGLI)
    with pytest.raises(AssertionError, match="finds no button"):
        await inspector.chooses("forward")


async def test_an_accusation_of_the_inspectorate_is_read_above_it(town: Town, inspector: Officer) -> None:
    await town.sari.complains("Petugas Inspektorat minta uang 500 ribu kepada kami")
    inspector.saw_nothing()
    town.officer("INSPEKTUR").saw_nothing()
    assert "500 ribu" in town.officer("WALI-KOTA").page


async def test_the_timeline_of_an_accusation_names_nobody_of_the_unit_and_no_word_of_the_story(town: Town) -> None:
    ticket = await town.sari.complains(PUNGLI)
    await town.travels(working_days=70)
    events = timeline.of_ticket(town.program, ticket.number, town.language)
    assert events is not None
    assert len(events["events"]) > 1
    assert OFFICE not in str(events)
    assert "50 ribu" not in str(events)


async def test_the_same_people_still_see_their_ordinary_cases(town: Town) -> None:
    await town.sari.complains(PUNGLI)
    ordinary = await town.sari.complains(SLOW)
    assert SLOW in town.budi.page
    await town.ratna.types(f"/tiket {ordinary.number}")
    assert SLOW in town.ratna.page


async def test_an_accusation_added_to_an_ordinary_case_does_not_reach_the_accused(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.replies_to(ticket.number, "Tadi petugasnya minta uang 50 ribu supaya cepat")
    town.budi.never_saw("50 ribu")


async def _finds_nothing(town: Town, person: Person, number: str) -> None:
    await person.types(f"/tiket {number}")
    assert person.page_name == "officer/not_found"
    person.never_saw(number)
    person.never_saw("50 ribu")


def _no_row_leads_to(town: Town, *persons: Person) -> None:
    """No outbox row, whatever its state, names one of these persons or a post of theirs; no step was told to one."""
    ids = {town.person_id(person) for person in persons}
    posts = {person.post for person in persons if isinstance(person, Officer)}
    for row in town.outbox():
        if row.page != "officer/not_found" and row.page != "officer/desk":
            assert row.person_id not in ids, row.page
            assert row.post_code not in posts, row.page
    for row, payload in town.audit():
        if row.action == "step":
            assert payload["post"] not in posts
