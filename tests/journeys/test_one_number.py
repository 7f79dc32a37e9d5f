"""One WhatsApp number for all, through the real channel and its webhook: who is who is told when it is received."""

from __future__ import annotations

import pytest

from tests.journeys.stories import SLOW
from tests.kit.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("carrier", ["whatsapp"])]

OWN_STORY = "Lampu jalan di Kelurahan Tomuan mati sejak minggu lalu"


@pytest.fixture
def numbers() -> int:
    return 1


async def test_an_officer_answers_and_complains_through_the_number_that_citizens_write_to(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.types("/kotak")
    assert ticket.number in town.budi.buttons
    await town.budi.presses(ticket.number)
    await town.budi.chooses("answer")
    await town.budi.types("Sudah kami cetak.")
    await town.budi.chooses("send")
    assert "Sudah kami cetak." in town.sari.page
    private = town.citizen(town.budi.phone)
    own = await private.complains(OWN_STORY)
    assert own.reporter_id == town.person_id(private) != town.person_id(town.budi)
    town.budi.never_saw(OWN_STORY)
    await town.budi.replies_to(SLOW, "Sudah bisa diambil.")
    await town.budi.chooses("send")
    assert "Sudah bisa diambil." in town.sari.page


@pytest.mark.parametrize("language", ["id"])  # what both sides have, such as /bahasa, is a citizen's at first
async def test_a_code_enrols_there_and_a_citizen_is_no_officer(town: Town) -> None:
    await town.revokes("PETUGAS-DISDUKCAPIL")
    hadi = await town.enrol("PETUGAS-DISDUKCAPIL", "hadi")
    ticket = await town.sari.complains(SLOW)
    assert SLOW in hadi.page
    stranger = town.stranger("tamu")
    await stranger.types(f"/tiket {ticket.number}")
    assert stranger.page_name == "officer/stranger_here"
    stranger.never_saw(ticket.number)
