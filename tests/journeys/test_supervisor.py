"""Whoever watches: opens, reminds, moves to another desk, asks why - and never speaks in the desk's name."""

from __future__ import annotations

import pytest

from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.town import Officer, Town

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
