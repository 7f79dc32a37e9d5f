"""The same complaint twice by one person: the confirmation says so, one tap adds it to the open case,
and nobody reads a word about anybody else's."""

from __future__ import annotations

import pytest

from domain.vocabulary import State
from storage.tables import Attachment
from tests.journeys.stories import PUNGLI, SLOW
from tests.journeys.test_photos import photo
from tests.kit.town import LANGUAGES, Town, label

pytestmark = pytest.mark.anyio

AGAIN = "min ktp sy di capil blm jadi jg, disuruh kembali lagi terus"
WASTE = "Sampah di kelurahan Tomuan sudah lama tidak diangkut"
OTHER_WASTE = "Sampah di kelurahan Teladan sudah lama tidak diangkut"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_tells_the_same_again_reads_which_case_is_open(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types(AGAIN)
    assert town.sari.page_name == "citizen/confirm"
    assert ticket.number in town.sari.page
    assert label("same_case", town.language, "", ticket.number) in town.sari.buttons
    assert town.sari.buttons[0] == label("send", town.language), "nothing is merged by a hurried tap"


async def test_one_tap_adds_the_words_to_the_open_case_and_its_officer_hears(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types(AGAIN)
    await town.sari.presses(label("same_case", town.language, "", ticket.number))
    assert town.ticket().number == ticket.number
    assert town.words("addition") == [AGAIN]
    assert town.sari.page_name == "citizen/added"
    assert AGAIN in town.budi.page
    town.outsider.saw_nothing()


async def test_who_sends_all_the_same_has_a_second_case(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.sari.types(AGAIN)
    await town.sari.chooses("send")
    assert [town.words("story", ticket.id) for ticket in town.tickets()] == [[SLOW], [AGAIN]]


async def test_a_picture_goes_along(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.sends_photo(photo(), AGAIN)
    await town.sari.presses(label("same_case", town.language, "", ticket.number))
    assert town.words("addition") == [AGAIN]
    (file,) = town.rows(Attachment)
    assert file.ticket_id == ticket.id


async def test_it_is_answered_in_words_too_and_no_word_is_lost(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.sari.types(AGAIN)
    await town.sari.types("Nomor antrean saya 12")
    await town.sari.types("tambahkan" if town.language == "id" else "add it")
    assert town.words("addition") == [f"{AGAIN}\nNomor antrean saya 12"]


async def test_somebody_else_who_tells_the_same_reads_nothing_of_it(town: Town) -> None:
    await town.sari.complains(SLOW)
    other = town.citizen("tono")
    await other.types("halo")
    await other.types(SLOW)
    assert other.page_name == "citizen/confirm"
    other.never_saw(town.ticket().number)


async def test_another_place_is_another_thing_and_the_same_place_is_not(town: Town) -> None:
    ticket = await town.sari.complains(WASTE)
    await town.sari.types(OTHER_WASTE)
    assert ticket.number not in town.sari.page
    await town.sari.chooses("cancel")
    await town.sari.chooses("discard")
    await town.sari.types("Di kelurahan Tomuan bau sekali, tumpukan sampah makin tinggi")
    assert ticket.number in town.sari.page


async def test_a_locked_case_is_not_spoken_of(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("lock")
    await town.sari.chooses("lock_now")
    await town.sari.types(AGAIN)
    assert town.sari.page_name == "citizen/confirm"
    assert ticket.number not in str(town.sari.received[-1])


async def test_an_old_case_is_not_spoken_of(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.travels(working_days=25)
    await town.sari.types(AGAIN)
    assert town.sari.page_name == "citizen/confirm"
    assert ticket.number not in town.sari.page


async def test_a_case_that_was_taken_back_is_not_spoken_of(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("withdraw")
    await town.sari.chooses("withdraw_now")
    assert town.ticket().state == State.WITHDRAWN
    await town.sari.types(AGAIN)
    assert ticket.number not in town.sari.page


async def test_an_accusation_never_joins_a_case_that_the_accused_reads(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types(PUNGLI)
    assert town.sari.page_name == "citizen/confirm"
    assert ticket.number not in str(town.sari.received[-1])
    await town.sari.chooses("send")
    town.budi.never_saw("50 ribu")
