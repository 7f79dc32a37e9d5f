"""How a case ends by its citizen: settled and rated once, taken back, or not settled after all."""

from __future__ import annotations

import pytest

from domain.vocabulary import Outcome, State
from storage.tables import Deadline, Rating
from tests.journeys.stories import SLOW
from tests.kit.carriers import WITHOUT_PRICE
from tests.kit.town import Officer, Person, Town

pytestmark = pytest.mark.anyio

CLOSING = "Sudah dicetak, silakan diambil."


async def _finished(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _finish(town.budi)


async def _finish(officer: Officer) -> None:
    await officer.chooses("finish")
    await officer.types(CLOSING)
    await officer.chooses("send") if officer.page_name == "officer/confirm_answer" else None


async def _opens_own_case(town: Town, citizen: Person) -> None:
    await citizen.types("/status")
    await citizen.presses(town.ticket().number)
    assert citizen.page_name == "citizen/case"


@WITHOUT_PRICE
async def test_settled_closes_the_case_and_asks_for_a_rating_in_one_tap(town: Town) -> None:
    await _finished(town)
    await town.sari.chooses("done")
    assert town.sari.page_name == "citizen/accepted"
    assert (town.ticket().state, town.ticket().outcome) == (State.CLOSED, Outcome.ACCEPTED)
    await town.sari.chooses("rate_4")
    assert town.sari.page_name == "citizen/rated"
    (rating,) = town.rows(Rating)
    assert (rating.ticket_id, rating.cycle, rating.stars) == (town.ticket().id, 1, 4)
    assert rating.unit_code == "DISDUKCAPIL"


@WITHOUT_PRICE
async def test_a_rating_is_written_once_and_stays(town: Town) -> None:
    await _finished(town)
    await town.sari.chooses("done")
    page = town.sari.shown[-1]
    await town.sari.chooses("rate_1", on=page)
    await town.sari.chooses("rate_4", on=page)
    assert [row.stars for row in town.rows(Rating)] == [1]
    assert town.sari.page_name == "citizen/rated"
    assert town.sari.page_names.count("citizen/rated") == 2


@WITHOUT_PRICE
async def test_words_and_numbers_rate_as_well_as_a_thumb(town: Town) -> None:
    await _finished(town)
    await town.sari.types("sudah beres")
    await town.sari.types("2")
    assert [row.stars for row in town.rows(Rating)] == [2]


async def test_silence_closes_without_a_rating_and_it_may_still_be_given(town: Town) -> None:
    await _finished(town)
    await town.travels(working_days=11)
    assert (town.ticket().state, town.ticket().outcome) == (State.CLOSED, Outcome.SILENCE)
    assert not town.rows(Rating)
    await town.sari.chooses("rate")
    assert town.sari.page_name == "citizen/rate"
    await town.sari.types("baik")
    assert [row.stars for row in town.rows(Rating)] == [3]


async def test_who_does_not_rate_is_not_held_up(town: Town) -> None:
    await _finished(town)
    await town.sari.chooses("done")
    await town.sari.types("Sampah menumpuk di Kelurahan Tomuan, bau sekali")
    assert town.sari.page_name == "citizen/confirm"
    assert not town.rows(Rating)


async def test_nothing_closes_a_settled_case_a_second_time(town: Town) -> None:
    await _finished(town)
    await town.sari.chooses("done")
    told = len(town.sari.received)
    await town.travels(working_days=15)
    assert len(town.sari.received) == told
    assert not town.rows(Deadline, state="waiting")


@WITHOUT_PRICE
async def test_not_settled_after_all_opens_it_again_and_each_cycle_has_its_rating(town: Town) -> None:
    await _finished(town)
    await town.sari.chooses("done")
    await town.sari.chooses("rate_4")
    await _opens_own_case(town, town.sari)
    await town.sari.chooses("not_done")
    assert town.sari.page_name == "citizen/reopened"
    await town.sari.replies_to(town.sari.shown[-1], "Nama saya masih salah tulis")
    town.budi.sees("masih salah tulis")
    await town.budi.types(f"/tiket {town.ticket().number}")
    await _finish(town.budi)
    await town.sari.chooses("done")
    await town.sari.chooses("rate_2")
    assert [(row.cycle, row.stars) for row in town.rows(Rating)] == [(1, 4), (2, 2)]


@WITHOUT_PRICE
async def test_an_old_button_of_a_case_that_runs_again_settles_and_rates_nothing(town: Town) -> None:
    await _finished(town)
    resolved = town.sari.shown[-1]
    await town.sari.chooses("done", on=resolved)
    accepted = town.sari.shown[-1]
    await town.sari.chooses("not_done", on=resolved)
    await town.sari.chooses("done", on=resolved)
    assert town.sari.page_name == "citizen/case"
    await town.sari.chooses("rate_4", on=accepted)
    assert not town.rows(Rating)
    assert town.ticket().state == State.REOPENED


async def test_taking_back_asks_once_with_the_safe_choice_first(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _opens_own_case(town, town.sari)
    await town.sari.chooses("withdraw")
    assert town.sari.page_name == "citizen/withdraw"
    await town.sari.presses(town.sari.buttons[0])
    assert town.sari.page_name == "citizen/case"
    assert town.ticket().state == State.ROUTED


async def test_a_case_taken_back_rests_for_good_and_the_desk_hears(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    receipt = town.sari.shown[-1]
    await _opens_own_case(town, town.sari)
    await town.sari.chooses("withdraw")
    await town.sari.chooses("withdraw_now")
    assert town.sari.page_name == "citizen/withdrawn"
    assert (town.ticket().state, town.ticket().outcome) == (State.WITHDRAWN, Outcome.CITIZEN)
    assert town.budi.page_name == "officer/withdrawn"
    assert ticket.number in town.budi.page
    told = [len(person.received) for person in (town.sari, town.budi, town.ratna)]
    await town.travels(working_days=30)
    assert [len(person.received) for person in (town.sari, town.budi, town.ratna)] == told
    await town.sari.replies_to(receipt, "Maaf, ternyata masih perlu")
    assert town.sari.page_name == "citizen/case_closed"
    town.outsider.saw_nothing()


async def test_a_tap_on_a_card_of_a_case_taken_back_does_nothing(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _opens_own_case(town, town.sari)
    await town.sari.chooses("withdraw")
    await town.sari.chooses("withdraw_now")
    await town.budi.chooses("take")
    assert town.ticket().state == State.WITHDRAWN


async def test_nobody_else_settles_or_takes_back_the_case(town: Town) -> None:
    await _finished(town)
    data = town.sari.shown[-1].data
    other = town.citizen("togar")
    for choice in data:
        await other.does(choice=choice)
    assert town.ticket().state == State.RESOLVED
