"""A pin or a venue: the place of the draft, or more for a case."""

from __future__ import annotations

import pytest

from bot.channels.phone import ODD
from tests.journeys.stories import PLACELESS, PUNGLI, SLOW
from tests.journeys.test_photos import photo
from tests.kit.town import Town

pytestmark = pytest.mark.anyio

PIN = "2.95950, 99.06870"
VENUE = f"Pasar Horas, Jalan Merdeka ({PIN})"
MAP = "https://www.openstreetmap.org/?mlat=2.95950&mlon=99.06870#map=17/2.95950/99.06870"


async def test_a_pin_before_the_story_is_kept_and_asked_about(town: Town) -> None:
    await town.sari.sends_place(PIN)
    assert town.sari.page_name == "citizen/place_kept"
    await town.sari.types(PLACELESS)
    assert town.sari.page_name == "citizen/confirm"
    assert PIN in town.sari.page
    await town.sari.chooses("send")
    assert town.words("place") == [PIN]


async def test_a_pin_answers_the_question_for_the_place(town: Town) -> None:
    await town.sari.types(PLACELESS)
    assert town.sari.page_name == "citizen/place"
    await town.sari.sends_place(VENUE)
    assert town.sari.page_name == "citizen/confirm"
    assert "Pasar Horas" in town.sari.page


async def test_a_pin_after_the_story_is_its_place_and_the_newest_counts(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.sends_place("1.00000, 99.00000")
    await town.sari.sends_place(PIN)
    await town.sari.chooses("send")
    assert town.words("place") == [PIN]


async def test_a_greeting_or_a_photo_between_them_loses_no_pin(town: Town) -> None:
    await town.sari.sends_place(PIN)
    await town.sari.sends_photo(photo())
    await town.sari.types("halo")
    await town.sari.types("/lapor")
    await town.sari.types(SLOW)
    await town.sari.chooses("send")
    assert town.words("place") == [PIN]


async def test_officers_can_open_the_place_on_a_map(town: Town) -> None:
    await town.sari.sends_place(VENUE)
    ticket = await town.sari.complains(PLACELESS)
    assert MAP in town.outsider.sees(ticket.number).text


async def test_a_pin_of_an_accusation_is_kept_for_its_readers_alone(town: Town) -> None:
    await town.sari.sends_place(PIN)
    await town.sari.types(PUNGLI)
    await town.sari.chooses("send")
    assert town.words("place") == [PIN]
    town.budi.saw_nothing()


async def test_a_pin_answers_an_offices_question(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.chooses("ask_citizen")
    await town.budi.types("Di mana tepatnya?")
    await town.budi.chooses("send")
    await town.sari.chooses("reply")
    await town.sari.sends_place(PIN)
    assert town.sari.page_name == "citizen/added"
    assert town.words("reply", ticket.id) == [PIN]
    assert MAP in town.budi.sees(PIN).text


async def test_a_pin_as_a_reply_is_added_to_that_case(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.sends_place(PIN, reply_to=town.sari.sees(ticket.number).message)
    assert town.words("addition", ticket.id) == [PIN]


async def test_a_pin_behind_the_receipt_may_join_the_case(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.sends_place(PIN)
    assert town.sari.page_name == "citizen/place_kept"
    await town.sari.presses(ticket.number)
    assert town.sari.page_name == "citizen/added"
    assert town.words("addition", ticket.id) == [PIN]
    await town.sari.types("/lapor")
    assert town.sari.page_name == "citizen/welcome"


async def test_a_pin_that_is_left_is_gone(town: Town) -> None:
    await town.sari.sends_place(PIN)
    await town.sari.types("/batal")
    await town.sari.chooses("discard")
    await town.sari.types(SLOW)
    assert PIN not in town.sari.page


async def test_an_officers_pin_is_text_while_answering_and_nothing_else_before(town: Town) -> None:
    assert "place" not in ODD
    ticket = await town.sari.complains(SLOW)
    await town.budi.sends_place(PIN)
    assert town.budi.page_name == "officer/odd"
    await town.budi.types(f"/tiket {ticket.number}")
    await town.budi.chooses("answer")
    await town.budi.sends_place(PIN)
    assert town.budi.page_name == "officer/confirm_answer"
    await town.budi.chooses("send")
    town.sari.sees(PIN)
