"""/unit NAME before a visit: how it stands on one screen, and what the visit found comes up again on its day."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.tables import AuditRow, Finding
from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.carriers import ON_PHONES
from tests.kit.town import Town, label
from tests.leaks.places import database_places
from tests.leaks.search import hits

pytestmark = pytest.mark.anyio

FOUND = "Loket dua kosong pukul sepuluh"


async def test_who_looks_over_a_unit_has_it_on_one_screen_and_opens_what_is_late(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    secretary = town.officer("SEKDA")
    await secretary.types("/unit capil")
    assert secretary.page_name == "supervisor/brief"
    assert label("late_cases", town.language) not in secretary.buttons
    await town.travels(working_days=16)
    await secretary.types("/unit capil")
    secretary.sees("KTP elektronik" if town.language == "id" else "Identity card")
    await secretary.chooses("late_cases", "DISDUKCAPIL")
    await secretary.presses(ticket.number)
    assert SLOW in secretary.page


async def test_a_finding_comes_up_on_its_morning_for_who_found_it_and_for_the_head(town: Town) -> None:
    secretary = town.officer("SEKDA")
    for words, day in ((FOUND, "14/9"), ("Antrean rapi", None)):
        await secretary.types("/unit capil")
        await secretary.chooses("find", "DISDUKCAPIL")
        await secretary.types(words)
        await (secretary.types(day) if day else secretary.chooses("find_once"))
        assert secretary.page_name == "supervisor/finding_kept"
    await secretary.types("/unit capil")
    assert secretary.page.index("Antrean rapi") < secretary.page.index(FOUND), "the newest first"
    await town.travels(working_days=4)
    assert "supervisor/finding" not in town.ratna.page_names
    await town.travels(working_days=1)
    for officer in (secretary, town.ratna):
        assert officer.page_names.count("supervisor/finding") == 1
        officer.sees(FOUND)
    await town.travels(working_days=3)
    assert town.ratna.page_names.count("supervisor/finding") == 1
    assert [row.text_sealed is not None for row in town.rows(Finding)] == [True, True]
    assert {row.person_id for row in town.rows(AuditRow, action="finding")} == {town.person_id(secretary)}


async def test_an_accusation_is_in_no_brief_and_a_stranger_to_the_unit_gets_none(town: Town) -> None:
    ticket = await town.sari.complains(PUNGLI)
    for post, unit in (("SEKDA", "capil"), ("KEPALA-DISDUKCAPIL", "capil"), ("SEKDA", "inspektorat")):
        officer = town.officer(post)
        await officer.types(f"/unit {unit}")
        assert officer.page_name == "supervisor/brief"
        assert label("open_cases", town.language) not in officer.buttons
        officer.never_saw(ticket.number)
    assert label("find", town.language) not in town.ratna.buttons, "who leads the unit finds nothing there"
    for officer in (town.budi, town.outsider):
        await officer.types("/unit capil")
        assert officer.page_name == "officer/desk"
        officer.never_saw(ticket.number)


@ON_PHONES
async def test_nothing_that_is_typed_about_a_unit_or_a_letter_lies_in_the_clear(
    town: Town, town_url: str, tmp_path: Path
) -> None:
    typed = {name: f"zq{name}vkuxwq" for name in ("reference", "subject", "finding", "question", "explanation")}
    front, secretary = town.officer("PETUGAS-MEJA-DEPAN"), town.officer("SEKDA")
    for words in ("/surat", typed["reference"], "5/9", typed["subject"], "21/9"):
        await front.types(words)
    await front.chooses("file_letter")
    await secretary.types("/unit capil")
    await secretary.chooses("find", "DISDUKCAPIL")
    for words in (typed["finding"], "14/9", f"/tiket {town.ticket().number}"):
        await secretary.types(words)
    await secretary.chooses("ask_why")
    for words in (typed["question"], "10/9"):
        await secretary.types(words)
    await town.officer("KABAG-ORGANISASI").chooses("explain")
    await town.officer("KABAG-ORGANISASI").types(typed["explanation"])
    secretary.sees(typed["explanation"])
    assert list(hits(database_places(town_url, tmp_path), typed)) == []
