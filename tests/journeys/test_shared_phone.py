"""A phone that others use too: a locked case shows its number and nothing else until its PIN is typed."""

from __future__ import annotations

from typing import Any

import pytest

from domain.vocabulary import State
from storage.tables import Message, Rating
from tests.journeys.stories import SLOW
from tests.journeys.test_anonymous import anonymously
from tests.journeys.test_photos import photo
from tests.kit.carriers import WITHOUT_PRICE, Page
from tests.kit.town import Citizen, Town

pytestmark = pytest.mark.anyio

ANSWER = "KTP Anda sudah dicetak."


async def _lock(town: Town) -> tuple[str, str]:
    """Sari's case, locked; returns number and PIN."""
    ticket = await town.sari.complains(SLOW)
    pin = town.sari.pin
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("lock")
    assert town.sari.page_name == "citizen/lock"
    await town.sari.chooses("lock_now")
    assert town.sari.page_name == "citizen/lock_set"
    return ticket.number, pin


def _since(citizen: Citizen, count: int) -> list[Page]:
    return citizen.received[count:]


async def test_a_locked_case_is_a_number_in_the_list_and_its_page_asks_for_the_pin(town: Town) -> None:
    number, _ = await _lock(town)
    before = len(town.sari.received)
    await town.sari.types("/status")
    assert number in town.sari.page
    await town.sari.presses(number)
    assert town.sari.page_name == "citizen/locked"
    for page in _since(town.sari, before):
        assert "KTP" not in page.text
        assert "Kependudukan" not in page.text


async def test_news_about_it_is_one_neutral_line(town: Town) -> None:
    number, _ = await _lock(town)
    before = len(town.sari.received)
    await town.budi.replies_to("KTP saya", ANSWER)
    await town.budi.chooses("send")
    await town.budi.types(f"/tiket {number}")
    await town.budi.chooses("finish")
    await town.budi.types("Silakan diambil.")
    if town.budi.page_name == "officer/confirm_answer":
        await town.budi.chooses("send")
    news = _since(town.sari, before)
    assert [town.page_name(page) for page in news] == ["citizen/locked_news"] * 2
    for page in news:
        assert number in page.text
        assert not page.buttons
        assert "KTP" not in page.text
        assert "Kependudukan" not in page.text


@pytest.mark.parametrize("undo_seconds", [60])
@WITHOUT_PRICE
async def test_news_that_still_waits_when_it_is_locked_says_no_more_than_the_number(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    page = town.sari.shown[-1]
    await town.budi.chooses("take")
    await town.sari.chooses("lock", on=page)
    await town.sari.chooses("lock_now")
    before = len(town.sari.received)
    await town.undo_time_passes()
    (news,) = _since(town.sari, before)
    assert town.page_name(news) == "citizen/locked_news"


async def test_the_pin_opens_it_with_every_choice_and_unlocks_it(town: Town) -> None:
    number, pin = await _lock(town)
    await town.sari.types(f"/status {number} {pin}")
    assert town.sari.page_name == "citizen/case"
    assert SLOW in town.sari.page
    await town.sari.chooses("unlock")
    assert town.sari.page_name == "citizen/lock_set"
    assert not town.ticket().locked
    await town.sari.types("/status")
    await town.sari.presses(number)
    assert town.sari.page_name == "citizen/case"


async def test_after_the_pin_words_can_be_added_and_are_not_tied_to_another_chat(town: Town) -> None:
    number, pin = await _lock(town)
    await town.sari.types(f"/status {number} {pin}")
    await town.sari.chooses("add")
    await town.sari.types("Nomor antrean saya 45")
    town.budi.sees("antrean saya 45")
    assert town.sari.page_name == "citizen/added"


async def test_old_buttons_quotes_and_numbers_of_a_locked_case_do_nothing(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    receipt = town.sari.shown[-1]
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    page = town.sari.shown[-1]
    await town.sari.chooses("lock", on=page)
    await town.sari.chooses("lock_now")
    for code in ("add", "withdraw", "new_pin", "lock"):
        await town.sari.chooses(code, on=page)
        assert town.sari.page_name == "citizen/locked", code
    await town.sari.replies_to(receipt, "Tambahan dari orang serumah yang iseng")
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.types("/batal")
    await town.sari.types(f"{ticket.number} tambahan dari orang lain")
    assert not town.rows(Message, kind="addition")


async def test_the_pin_is_good_for_an_hour_and_only_where_it_was_typed(town: Town) -> None:
    number, pin = await _lock(town)
    await town.sari.types(f"/status {number} {pin}")
    page = town.sari.shown[-1]
    await town.travels(working_days=1)
    await town.sari.chooses("withdraw", on=page)
    assert town.sari.page_name == "citizen/not_found"
    assert town.ticket().state == State.ROUTED


async def test_another_story_forgets_the_pin(town: Town) -> None:
    number, pin = await _lock(town)
    await town.sari.types(f"/status {number} {pin}")
    page = town.sari.shown[-1]
    await town.sari.types("Sampah menumpuk di Kelurahan Tomuan, bau sekali")
    await town.sari.chooses("withdraw", on=page)
    assert town.sari.page_name == "citizen/not_found"


async def test_a_lost_pin_is_renewed_only_while_it_is_not_locked(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    old = town.sari.pin
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("new_pin")
    assert town.sari.page_name == "citizen/new_pin"
    new = "".join(letter for letter in town.sari.page.partition(": ")[2] if letter.isdigit())[:6]
    (row,) = town.outbox(page="citizen/new_pin")
    assert row.facts_sealed is None
    other = town.citizen("warnet")
    if new != old:
        await other.types(f"/status {ticket.number} {old}")
        assert other.page_name == "citizen/not_found"
    await other.types(f"/status {ticket.number} {new}")
    assert other.page_name == "citizen/case"


async def test_locking_ends_what_the_pin_had_opened(town: Town) -> None:
    number, pin = await _lock(town)
    await town.sari.types(f"/status {number} {pin}")
    await town.sari.chooses("unlock")
    await town.sari.types(f"/status {number} {pin}")
    page = town.sari.shown[-1]
    await town.sari.chooses("lock", on=page)
    await town.sari.chooses("lock_now")
    before = len(town.sari.received)
    await town.sari.chooses("add", on=page)
    await town.sari.chooses("withdraw", on=page)
    assert {town.page_name(page) for page in _since(town.sari, before)} <= {"citizen/locked", "citizen/not_found"}


async def test_what_is_kept_and_what_is_erased_tell_nothing_of_a_locked_case(town: Town) -> None:
    await town.sari.sends_photo(photo(), SLOW)
    await town.sari.chooses("send")
    await town.sari.types("/dataku")
    with_photo = town.sari.page
    await town.sari.types("/hapus")
    still_open = town.sari.page
    await _lock_newest(town)
    await town.sari.types("/dataku")
    assert with_photo != town.sari.page
    assert town.facts(town.outbox(page="citizen/data")[-1])["files"] == 0
    await town.sari.types("/hapus")
    assert town.sari.page != still_open
    assert town.facts(town.outbox(page="citizen/erase")[-1])["open"] == 0


async def _lock_newest(town: Town) -> None:
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    await town.sari.chooses("lock")
    await town.sari.chooses("lock_now")


@pytest.mark.parametrize("ends", ["open", "asked", "answered", "finished"])
async def test_the_next_person_on_the_phone_sees_nothing_of_a_locked_case_whatever_they_try(
    town: Town, ends: str
) -> None:
    """Every command, every old button, a reply to every page, an edit of every own message."""
    number = (await town.sari.complains(SLOW)).number
    await _office_says(town, ends)
    await town.sari.types("/status")
    await town.sari.presses(number)
    await town.sari.chooses("lock")
    await town.sari.chooses("lock_now")
    old, said = list(town.sari.shown), [message for message, text in town.sari.said if text]
    before, version = len(town.sari.received), town.ticket().version
    for command in (
        "/status",
        f"/status {number}",
        "/dataku",
        "/hapus",
        "/bahasa",
        "/menu",
        "/lapor",
        f"/start {number}",
    ):
        await town.sari.types(command)
    await town.sari.types("/batal")
    for page in old:
        for data in page.data:
            await town.sari.does(choice=data)
        await town.sari.does(text="Sampai mana laporan itu?", reply_to=page.message)
        await town.sari.types("/batal")
        await town.sari.chooses("discard")
    for message in said:
        await town.sari.does(text="Ganti saja", edits=message)
    if ends == "open":
        await town.budi.chooses("take")
        await _office_says(town, "answered")
    for page in _since(town.sari, before):
        for word in ("KTP", "Kependudukan", "capil", ANSWER, "antrean"):
            assert word not in str(page), f"{town.page_name(page)}: {page}"
    assert town.ticket().version == version or ends == "open"
    assert town.ticket().locked


async def _office_says(town: Town, what: str) -> None:
    if what == "open":
        return
    code, words = {
        "asked": ("ask_citizen", "Berapa nomor antrean Anda?"),
        "answered": ("answer", ANSWER),
        "finished": ("finish", ANSWER),
    }[what]
    await town.budi.types(f"/tiket {town.ticket().number}")
    await town.budi.chooses(code)
    await town.budi.types(words)
    if town.budi.page_name == "officer/confirm_answer":
        await town.budi.chooses("send")


# --- cases that keep no address


async def test_an_anonymous_follower_adds_settles_and_rates_by_pin_from_any_chat(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    pin = town.sari.pin
    other = town.citizen("warnet")
    await other.types(f"/status {ticket.number} {pin}")
    await other.chooses("add")
    await other.types("Nomor antrean saya 45")
    assert other.page_name == "citizen/added"
    town.budi.sees("antrean saya 45")
    await town.budi.types(f"/tiket {ticket.number}")
    await town.budi.chooses("finish")
    await town.budi.types("Silakan diambil.")
    if town.budi.page_name == "officer/confirm_answer":
        await town.budi.chooses("send")
    await other.types(f"/status {ticket.number} {pin}")
    await other.chooses("done")
    await other.chooses("rate_3")
    assert town.ticket().state == State.CLOSED
    assert [row.stars for row in town.rows(Rating)] == [3]
    _leads_nowhere(town, other, ticket)


async def test_an_anonymous_follower_refuses_and_takes_back_by_pin(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    pin = town.sari.pin
    await town.budi.chooses("finish")
    await town.budi.types("Silakan diambil.")
    if town.budi.page_name == "officer/confirm_answer":
        await town.budi.chooses("send")
    await town.sari.types(f"/status {ticket.number} {pin}")
    await town.sari.chooses("not_done")
    assert town.ticket().state == State.REOPENED
    await town.sari.chooses("add")
    await town.sari.types("Nama saya salah tulis")
    town.budi.sees("salah tulis")
    await town.sari.types(f"/status {ticket.number} {pin}")
    await town.sari.chooses("withdraw")
    await town.sari.chooses("withdraw_now")
    assert town.ticket().state == State.WITHDRAWN
    _leads_nowhere(town, town.sari, ticket)


def _leads_nowhere(town: Town, citizen: Citizen, ticket: Any) -> None:
    """No row ties the chat to the case, in a column, in a button or in what a page knew."""
    number, key = ticket.number, str(ticket.id)
    for row in town.outbox(address_id=town.address_id(citizen)):
        assert row.ticket_id is None, row.page
        assert key not in str(row.choices), row.page
        assert number not in str(town.facts(row)), row.page
    assert {row.person_id for row in town.rows(Message, author="citizen")} == {None}
