"""Words for a case: the answer to a question and what comes to mind later, by button, reply, number or plain text."""

from __future__ import annotations

import pytest

from domain.vocabulary import State
from storage.tables import Attachment
from tests.journeys.stories import PUNGLI, SLOW
from tests.journeys.test_photos import photo
from tests.kit.town import Officer, Person, Town

pytestmark = pytest.mark.anyio

WASTE = "Sampah menumpuk di Kelurahan Tomuan, bau sekali"
QUESTION = "Boleh kami tahu nomor antreannya?"
ANSWER = "Nomor antrean saya 45"


async def _asks(officer: Officer, text: str = QUESTION) -> None:
    await officer.chooses("ask_citizen")
    await officer.types(text)
    await officer.chooses("send")


async def _two_questions(town: Town) -> tuple[int, int]:
    """Two cases at two desks, both with a question."""
    first = await town.sari.complains(SLOW)
    second = await town.sari.complains(WASTE)
    await _asks(town.budi)
    await _asks(town.outsider, "Di depan rumah nomor berapa?")
    return first.id, second.id


# --- an answer


async def test_the_button_under_a_question_waits_for_the_answer(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await _asks(town.budi)
    await town.sari.chooses("reply")
    assert town.sari.page_name == "citizen/reply_now"
    assert ticket.number in town.sari.page
    await town.sari.types(ANSWER)
    assert town.sari.page_name == "citizen/added"
    assert town.words("reply", ticket.id) == [ANSWER]
    assert town.ticket().state == State.IN_PROGRESS
    town.budi.sees(ANSWER)


async def test_a_number_or_a_yes_is_an_answer_and_no_button(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    for answer in ("1", "ya", "sudah selesai"):
        await town.budi.types(f"/tiket {ticket.number}")
        await _asks(town.budi)
        await town.sari.chooses("reply")
        await town.sari.types(answer)
        assert town.sari.page_name == "citizen/added", answer
    assert town.words("reply", ticket.id) == ["1", "ya", "sudah selesai"]


async def test_leaving_answers_nothing(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _asks(town.budi)
    for way in ("/batal", "batal"):
        await town.sari.chooses("reply")
        await town.sari.types(way)
        assert town.sari.page_name == "citizen/reply_left"
    assert town.ticket().state == State.WAITING_CITIZEN


async def test_a_photo_answers_and_the_rest_of_the_album_goes_along(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await _asks(town.budi)
    await town.sari.chooses("reply")
    keys = [
        await town.sari.sends_photo(photo("red"), "Ini buktinya"),
        await town.sari.sends_photo(photo("green")),
    ]
    assert {row.id for row in town.rows(Attachment, ticket_id=ticket.id)} == set(keys)
    await town.sari.types(WASTE)
    assert town.sari.page_name == "citizen/confirm"


async def test_with_two_questions_plain_words_are_asked_about_once_and_kept(town: Town) -> None:
    first, second = await _two_questions(town)
    await town.sari.types(ANSWER)
    assert town.sari.page_name == "citizen/which_case"
    assert ANSWER in town.sari.page
    numbers = {row.number for row in town.tickets()}
    assert set(town.sari.buttons[:2]) == numbers
    assert len(town.sari.buttons) == 3
    await town.sari.presses(town.tickets(id=first)[0].number)
    assert town.words("reply", first) == [ANSWER]
    assert not town.words("reply", second)
    assert town.tickets(id=second)[0].state == State.WAITING_CITIZEN
    town.outsider.never_saw(ANSWER)


async def test_the_case_is_chosen_by_a_typed_number_too(town: Town) -> None:
    _, _ = await _two_questions(town)
    await town.sari.types(ANSWER)
    chosen = town.sari.buttons[1]
    await town.sari.types("2")
    (ticket,) = town.tickets(number=chosen)
    assert town.words("reply", ticket.id) == [ANSWER]


async def test_a_reply_says_by_itself_which_case_is_meant(town: Town) -> None:
    first, second = await _two_questions(town)
    await town.sari.replies_to(QUESTION, ANSWER)
    assert town.words("reply", first) == [ANSWER]
    assert not town.words("reply", second)


async def test_words_that_are_no_answer_become_a_new_report(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _asks(town.budi)
    await town.sari.types("Lampu jalan di Jalan Kartini mati, gelap sekali")
    assert town.sari.page_name == "citizen/which_case"
    await town.sari.chooses("new_story")
    while town.sari.page_name != "citizen/confirm":
        await town.sari.presses(town.sari.buttons[0])
    await town.sari.chooses("send")
    assert len(town.tickets()) == 2


async def test_more_words_instead_of_a_choice_are_a_story_with_all_of_it(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _asks(town.budi)
    await town.sari.types("Kartu keluarga saya juga belum jadi di capil")
    await town.sari.types("Sudah dua bulan menunggu")
    assert town.sari.page_name == "citizen/confirm"
    assert "Kartu keluarga" in town.sari.page
    assert "dua bulan" in town.sari.page


async def test_a_photo_alone_is_asked_about_as_well(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await _asks(town.budi)
    keys = [await town.sari.sends_photo(photo("red")), await town.sari.sends_photo(photo("green"))]
    assert town.sari.page_name == "citizen/which_case"
    await town.sari.presses(ticket.number)
    assert {row.id for row in town.rows(Attachment, ticket_id=ticket.id)} == set(keys)


async def test_an_accusation_is_never_an_answer_for_the_accused(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await _asks(town.budi)
    await town.sari.types(PUNGLI)
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    await town.sari.chooses("reply", on=next(p for p in town.sari.shown if QUESTION in p.text))
    await town.sari.types(PUNGLI + " lagi")
    assert town.sari.page_name == "citizen/confirm"
    town.budi.never_saw("50 ribu")
    assert not town.words("reply", ticket.id)


async def test_a_lapsed_case_is_opened_again_by_button_or_reply(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _asks(town.budi)
    await town.travels(working_days=30)
    assert town.ticket().state == State.WITHDRAWN
    await town.sari.chooses("reply")
    await town.sari.types(ANSWER)
    assert town.ticket().state == State.REOPENED
    town.budi.sees(ANSWER)


# --- an addition


async def test_a_text_that_begins_with_the_number_is_added_to_that_case(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.complains(WASTE)
    await town.sari.types(f"{ticket.number.lower()}: {ANSWER}")
    assert town.sari.page_name == "citizen/added"
    assert town.words("addition", ticket.id) == [ANSWER]


async def test_somebody_elses_number_opens_nothing(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    other = town.citizen("togar")
    await other.types("halo")
    await other.types(f"{ticket.number} {ANSWER}")
    assert other.page_name == "citizen/confirm"
    assert not town.words("addition", ticket.id)


async def test_an_accusation_behind_the_number_is_a_story_of_its_own(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types(f"{ticket.number} {PUNGLI}")
    assert town.sari.page_name == "citizen/confirm"
    town.budi.never_saw("50 ribu")


async def test_a_new_story_may_join_an_old_case_instead(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("KTP saya di capil masih belum jadi juga")
    await town.sari.sends_photo(photo())
    await town.sari.chooses("add_to_old")
    assert town.sari.page_name == "citizen/which_old"
    await town.sari.presses(ticket.number)
    assert town.sari.page_name == "citizen/added"
    assert len(town.tickets()) == 1
    assert town.words("addition", ticket.id) == ["KTP saya di capil masih belum jadi juga"]
    assert len(town.rows(Attachment, ticket_id=ticket.id)) == 1
    await town.sari.types("/lapor")
    assert town.sari.page_name == "citizen/welcome"


async def test_without_an_open_case_nothing_is_offered_to_join(town: Town) -> None:
    await town.sari.types(SLOW)
    with pytest.raises(AssertionError, match="no button"):
        await town.sari.chooses("add_to_old")


async def test_an_accusation_is_not_offered_to_join_the_accused_desks_case(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.sari.types(PUNGLI)
    with pytest.raises(AssertionError, match="no button"):
        await town.sari.chooses("add_to_old", on=town.sari.shown[-1])


async def test_the_page_of_a_case_takes_more_words(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await _opens(town.sari, ticket.number)
    await town.sari.chooses("add")
    await town.sari.types(ANSWER)
    assert town.words("addition", ticket.id) == [ANSWER]
    assert town.ticket().state == State.ROUTED


async def test_a_draft_is_still_there_after_words_for_a_case(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types(WASTE)
    draft = town.sari.shown[-1]
    await _opens(town.sari, ticket.number)
    await town.sari.chooses("add")
    await town.sari.types(ANSWER)
    await town.sari.chooses("send", on=draft)
    assert len(town.tickets()) == 2


async def _opens(citizen: Person, number: str) -> None:
    await citizen.types("/status")
    await citizen.presses(number)
