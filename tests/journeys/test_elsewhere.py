"""What is not ours to settle: whose it is, how to reach them, and no door that closes behind anybody."""

from __future__ import annotations

import pytest

from domain.vocabulary import Identity, State
from tests.journeys.stories import DARK, POWER_CUT, PUNGLI
from tests.kit.town import LANGUAGES, Officer, Town

pytestmark = pytest.mark.anyio

#: Money that one of ours asked for, whatever body is named beside it.
PUNGLI_AND_PLN = "Lurah Tomuan minta uang 200 ribu supaya listrik dari PLN cepat dipasang"


@pytest.fixture
def front_desk(town: Town) -> Officer:
    return town.officer("PETUGAS-MEJA-DEPAN")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_power_cut_is_told_whose_it_is_and_how_to_reach_them(town: Town) -> None:
    await town.sari.types(POWER_CUT)
    assert town.sari.page_name == "citizen/elsewhere"
    assert "PLN" in town.sari.page
    assert "123" in town.sari.page
    assert not town.tickets()


async def test_it_is_kept_as_referred_without_a_date_and_nobody_rings(town: Town, front_desk: Officer) -> None:
    await town.sari.types(POWER_CUT)
    await town.sari.chooses("refer")
    ticket = town.ticket()
    assert (ticket.state, ticket.referred_to, ticket.unit_code) == (State.REFERRED, "PLN", "BAGIAN-ORGANISASI")
    assert (ticket.binding_by, ticket.first_response_by, ticket.verify_by) == (None, None, None)
    assert town.words("story") == [POWER_CUT]
    assert town.sari.page_name == "citizen/referred"
    assert ticket.number in town.sari.page
    before = len(town.sari.received)
    await town.travels(working_days=80)
    assert not town.steps()
    assert len(town.sari.received) == before
    for officer in (front_desk, town.budi, town.ratna, town.outsider):
        officer.saw_nothing()


async def test_its_citizen_finds_it_again_and_the_front_desk_may_look(town: Town, front_desk: Officer) -> None:
    await town.sari.types(POWER_CUT)
    await town.sari.chooses("refer")
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    assert town.sari.page_name == "citizen/case"
    assert "PLN" in town.sari.page
    await front_desk.types(f"/tiket {town.ticket().number}")
    assert POWER_CUT in front_desk.page
    await town.outsider.types(f"/tiket {town.ticket().number}")
    town.outsider.never_saw(POWER_CUT)


async def test_a_reply_opens_it_again_at_the_front_desk(town: Town, front_desk: Officer) -> None:
    await town.sari.types(POWER_CUT)
    await town.sari.chooses("refer")
    await town.sari.replies_to(town.ticket().number, "Kata PLN, pohon milik kota menimpa kabelnya")
    ticket = town.ticket()
    assert ticket.state == State.REOPENED
    assert ticket.binding_by is not None
    assert POWER_CUT in front_desk.page
    front_desk.sees("pohon milik kota")
    assert town.steps()


async def test_it_can_be_sent_all_the_same(town: Town, front_desk: Officer) -> None:
    await town.sari.types(POWER_CUT)
    await town.sari.chooses("send_anyway")
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    assert (town.ticket().state, town.ticket().unit_code) == (State.RECEIVED, "BAGIAN-ORGANISASI")
    assert POWER_CUT in front_desk.page


async def test_thanks_end_nothing_and_more_words_are_more_of_the_story(town: Town) -> None:
    await town.sari.types(POWER_CUT)
    await town.sari.types("terima kasih")
    assert town.sari.page_name == "citizen/thanks"
    await town.sari.types("Tetangga juga padam semua")
    assert town.sari.page_name == "citizen/elsewhere"
    await town.sari.chooses("refer")
    assert town.words("story") == [f"{POWER_CUT}\nTetangga juga padam semua"]


async def test_who_answers_in_words_is_understood(town: Town) -> None:
    await town.sari.types(POWER_CUT)
    await town.sari.types("tetap kirim" if town.language == "id" else "send it anyway")
    assert town.sari.page_name == "citizen/confirm"


async def test_where_it_may_be_ours_it_is_asked_and_ours_come_first(town: Town) -> None:
    await town.sari.types(DARK)
    assert town.sari.page_name == "citizen/office"
    assert town.sari.buttons[0] == town.region.units["DISHUB"].name
    body = town.region.bodies["PLN"].name[town.language]
    await town.sari.presses(body)
    assert town.sari.page_name == "citizen/elsewhere"
    await town.sari.chooses("refer")
    assert town.ticket().referred_to == "PLN"


async def test_a_body_that_was_chosen_by_mistake_leads_back_to_our_offices(town: Town) -> None:
    await town.sari.types(DARK)
    await town.sari.presses(town.region.bodies["PLN"].name[town.language])
    await town.sari.chooses("send_anyway")
    assert town.sari.page_name == "citizen/office"
    assert town.region.bodies["PLN"].name[town.language] not in town.sari.buttons


@pytest.mark.parametrize("story", [PUNGLI, PUNGLI_AND_PLN])
async def test_who_accuses_one_of_ours_is_never_sent_away(town: Town, story: str) -> None:
    await town.sari.types(story)
    assert "citizen/elsewhere" not in town.sari.page_names
    assert not {body.name[town.language] for body in town.region.bodies.values()}.intersection(town.sari.buttons)


async def test_who_is_afraid_is_confidential_there_too(town: Town) -> None:
    await town.sari.types(f"{POWER_CUT}. Jangan bilang saya yang lapor")
    await town.sari.chooses("refer")
    assert town.ticket().identity == Identity.CONFIDENTIAL


async def test_an_old_button_does_nothing_once_the_story_has_changed(town: Town) -> None:
    await town.sari.types(POWER_CUT)
    page = town.sari.shown[-1]
    await town.sari.types("Eh bukan, KTP saya di capil sudah tiga minggu belum jadi")
    await town.sari.presses(page.buttons[0], on=page)
    assert not town.tickets()
