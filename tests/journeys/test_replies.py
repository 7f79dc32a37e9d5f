"""Quoting a message finds its case again: for the officer's answer, and for what the citizen adds."""

from __future__ import annotations

import pytest

from domain.vocabulary import State
from storage.tables import Message
from tests.journeys.stories import SLOW
from tests.kit.carriers import WITHOUT_PRICE
from tests.kit.town import Town

pytestmark = pytest.mark.anyio

ANSWER = "KTP Anda sudah dicetak, silakan diambil di loket 3."


async def test_a_reply_to_a_card_is_an_answer_after_one_tap(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", ANSWER)
    assert town.budi.page_name == "officer/confirm_answer"
    assert ANSWER in town.budi.page
    town.sari.never_saw(ANSWER)
    await town.budi.chooses("send")
    assert ANSWER in town.sari.page
    assert town.ticket().state == State.IN_PROGRESS


async def test_the_officer_may_write_it_again_before_it_goes(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", "Salah tulis")
    await town.budi.chooses("edit")
    await town.budi.types(ANSWER)
    await town.budi.chooses("send")
    assert ANSWER in town.sari.page
    town.sari.never_saw("Salah tulis")


async def test_the_officer_may_leave_and_nothing_goes(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", ANSWER)
    confirmation = town.budi.shown[-1]
    await town.budi.chooses("cancel")
    assert town.budi.page_name == "officer/cancelled"
    await town.budi.chooses("send", on=confirmation)
    town.sari.never_saw(ANSWER)
    assert town.ticket().state == State.ROUTED


async def test_an_answer_is_sent_once_however_often_it_is_tapped(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", ANSWER)
    confirmation = town.budi.shown[-1]
    await town.budi.chooses("send", on=confirmation)
    await town.budi.chooses("send", on=confirmation)
    assert town.sari.page_names.count("citizen/answer") == 1
    assert len(town.rows(Message, kind="answer")) == 1


async def test_a_second_answer_follows_the_first(town: Town) -> None:
    await town.sari.complains(SLOW)
    for text in ("Kami periksa dulu.", ANSWER):
        await town.budi.replies_to("KTP saya", text)
        await town.budi.chooses("send")
    assert town.sari.page_names.count("citizen/answer") == 2
    assert await town.counts_as_answered()
    first = town.ticket().first_response_at
    assert first is not None


async def test_words_without_a_card_are_sent_to_nobody(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.types(ANSWER)
    assert town.budi.page_name == "officer/which_case"
    town.sari.never_saw(ANSWER)
    assert not town.rows(Message, kind="answer")


async def test_an_answer_to_a_case_that_moved_on_shows_how_it_stands_and_keeps_silent(town: Town) -> None:
    rudi = await town.enrol("PETUGAS-DISDUKCAPIL", "rudi")
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", ANSWER)
    await rudi.chooses("finish")
    await rudi.types("Sudah selesai.")
    await town.budi.chooses("send")
    town.sari.never_saw(ANSWER)
    assert town.budi.page_name == "officer/card"


async def test_an_answer_that_a_citizens_addition_overtook_is_looked_at_once_more_and_not_lost(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", ANSWER)
    await town.sari.replies_to(ticket.number, "Saya masih menunggu")
    await town.budi.chooses("send")
    town.sari.never_saw(ANSWER)
    assert town.budi.page_name == "officer/confirm_answer"
    assert ANSWER in town.budi.page
    await town.budi.chooses("send")
    town.sari.sees(ANSWER)


async def test_a_reply_of_the_citizen_is_added_to_that_case_and_the_desk_hears(town: Town) -> None:
    first = await town.sari.complains(SLOW)
    second = await town.sari.complains("Sampah menumpuk di Kelurahan Tomuan, bau sekali")
    await town.sari.replies_to(first.number, "Nomor antrean saya 45")
    assert town.sari.page_name == "citizen/added"
    assert first.number in town.sari.page
    assert "Nomor antrean saya 45" in town.budi.page
    town.outsider.never_saw("antrean")
    (added,) = town.rows(Message, kind="addition")
    assert added.ticket_id == first.id != second.id


async def test_the_officer_answers_by_a_reply_to_the_addition(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.replies_to(ticket.number, "Nomor antrean saya 45")
    await town.budi.replies_to("antrean saya 45", ANSWER)
    await town.budi.chooses("send")
    assert ANSWER in town.sari.page


async def test_a_reply_to_an_answer_reaches_the_desk(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", ANSWER)
    await town.budi.chooses("send")
    await town.sari.replies_to(ANSWER, "Nama saya masih salah tulis")
    assert "Nama saya masih salah tulis" in town.budi.page


async def test_a_reply_to_a_closed_case_is_kept_and_one_tap_opens_it_again(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.chooses("finish")
    await town.budi.types("Sudah selesai.")
    await town.travels(working_days=11)
    assert town.ticket().state == State.CLOSED
    await town.sari.replies_to("Sudah selesai.", "Belum jadi juga!")
    assert town.sari.page_name == "citizen/added"
    assert len(town.rows(Message, kind="addition")) == 1
    await town.sari.chooses("not_done")
    assert town.sari.page_name == "citizen/reopened"
    assert ticket.number in town.sari.page
    assert (town.ticket().state, town.ticket().cycle) == (State.REOPENED, 2)
    assert ticket.number in town.budi.page
    await town.budi.chooses("answer")
    assert town.budi.page_name == "officer/ask_answer"


@WITHOUT_PRICE
async def test_a_word_of_thanks_for_an_answered_case_opens_nothing(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("finish")
    await town.budi.types("Sudah selesai.")
    await town.sari.replies_to("Sudah selesai.", "terima kasih")
    assert town.sari.page_name == "citizen/thanks"
    assert town.ticket().state == State.RESOLVED


async def test_a_quoted_message_of_another_chat_opens_nothing(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    receipt = town.sari.shown[-1]
    other = town.citizen("togar")
    await other.replies_to(receipt, "Ini tambahan dari orang lain")
    assert not town.rows(Message, kind="addition")
    other.never_saw(ticket.number)


async def test_a_reply_to_a_greeting_is_a_story(town: Town) -> None:
    await town.sari.types("halo")
    await town.sari.replies_to(town.sari.shown[-1], SLOW)
    assert town.sari.page_name == "citizen/confirm"


async def test_words_while_finishing_finish_also_when_the_card_is_quoted(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("finish")
    await town.budi.replies_to("KTP saya", "Sudah dicetak.")
    assert town.ticket().state == State.RESOLVED
    assert "Sudah dicetak." in town.sari.page
