"""One citizen in two chats: joined by proof alone, told in the other chat, and left again with one word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from storage.engine import real_now
from storage.plan import table_of
from storage.tables import AuditRow, JoinCode, Message, Throttle
from tests.journeys.stories import PUNGLI, SLOW
from tests.journeys.test_anonymous import anonymously
from tests.kit.carriers import ON_PHONES, Carrier, PretendChannel
from tests.kit.town import LANGUAGES, Citizen, Person, Town, label

pytestmark = pytest.mark.anyio

WASTE = "Sampah menumpuk di Kelurahan Tomuan, bau sekali"


@pytest.fixture
def beside(carrier: str) -> Sequence[Carrier]:
    """The town is on WhatsApp too, or on Telegram where WhatsApp is what carries it."""
    return (PretendChannel("telegram" if carrier == "whatsapp" else "whatsapp"),)


@pytest.fixture
def pocket(town: Town) -> Citizen:
    """The same citizen's other phone."""
    return town.on("sari-wa")


async def a_code(citizen: Person) -> str:
    """The code that a chat shows."""
    await citizen.types("/gabung")
    assert citizen.page_name == "citizen/join_code"
    found = re.search(r"/gabung ([0-9A-Z]{8})", citizen.page)
    assert found is not None, citizen.page
    return found[1]


def offers(citizen: Person, code: str) -> bool:
    """Whether the newest page has a choice."""
    return any(label(code, language) in citizen.buttons for language in LANGUAGES)


async def join(one: Person, other: Person) -> None:
    """Show a code in one chat, type it in the other, and say yes."""
    await other.types(f"/gabung {await a_code(one)}")
    assert other.page_name == "citizen/join"
    await other.chooses("join_code")
    assert other.page_name == "citizen/joined"


async def test_a_code_of_one_chat_typed_in_the_other_makes_one_person_of_two(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    waste = await pocket.complains(WASTE)
    await join(town.sari, pocket)
    assert town.person_id(town.sari) == town.person_id(pocket)
    for chat in (town.sari, pocket):
        await chat.types("/status")
        assert set(chat.buttons) == {ticket.number, waste.number}
    await pocket.presses(ticket.number)
    assert SLOW in pocket.page


async def test_the_other_chat_is_told_and_how_to_leave(town: Town, pocket: Citizen) -> None:
    await town.sari.complains(SLOW)
    await join(town.sari, pocket)
    assert town.sari.page_name == "citizen/joined_other"
    assert {"whatsapp": "WhatsApp", "telegram": "Telegram"}[next(iter(town.beside))] in town.sari.page
    assert "/pisah" in town.sari.page


async def test_nothing_is_joined_before_the_citizen_says_yes_and_staying_apart_comes_first(
    town: Town, pocket: Citizen
) -> None:
    ticket = await town.sari.complains(SLOW)
    code = await a_code(town.sari)
    await pocket.types(f"/gabung {code}")
    await pocket.presses(pocket.buttons[0])
    assert pocket.page_name == "citizen/not_joined"
    await pocket.types("/status")
    assert pocket.page_name == "citizen/no_cases"
    pocket.never_saw(ticket.number)
    await pocket.types(f"/gabung {code.lower()[:4]} {code.lower()[4:]}")
    assert pocket.page_name == "citizen/join", "the code was not used up"


async def test_a_code_that_is_wrong_old_used_or_of_this_chat_gets_one_answer(town: Town, pocket: Citizen) -> None:
    await town.sari.complains(SLOW)
    own = await a_code(pocket)
    used = await a_code(town.sari)
    stranger = town.on("orang-lain")
    await stranger.types(f"/gabung {used}")
    await stranger.chooses("join_code")
    void = await a_code(town.sari)
    old = await a_code(town.sari)
    await _codes_end(town)
    answers = set()
    for code in ("ZZZZZZZZ", own, used, void, old):
        await pocket.types(f"/gabung {code}")
        answers.add((pocket.page_name, pocket.page, pocket.buttons))
    assert len(answers) == 1
    assert pocket.page_name == "citizen/bad_join_code"
    assert town.person_id(pocket) != town.person_id(town.sari)


async def test_five_wrong_codes_close_the_door_for_the_right_one_for_an_hour(town: Town, pocket: Citizen) -> None:
    code = await a_code(town.sari)
    for n in range(5):
        await pocket.types(f"/gabung AAAAAAA{n}")
    await pocket.types(f"/gabung {code}")
    assert pocket.page_name == "citizen/bad_join_code"
    await _an_hour_passes(town)
    await pocket.types(f"/gabung {code}")
    assert pocket.page_name == "citizen/join"


async def test_a_second_yes_finds_the_code_used(town: Town, pocket: Citizen) -> None:
    await town.sari.complains(SLOW)
    await pocket.types(f"/gabung {await a_code(town.sari)}")
    asked = pocket.received[-1]
    await pocket.chooses("join_code", on=asked)
    await pocket.types("/pisah")
    await pocket.chooses("join_code", on=asked)
    assert pocket.page_name == "citizen/bad_join_code"
    assert town.person_id(pocket) != town.person_id(town.sari)


async def test_number_and_pin_join_this_chat_to_the_case_after_a_question(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    await pocket.types(f"/status {ticket.number} {town.sari.pin}")
    await pocket.chooses("join_here")
    assert pocket.page_name == "citizen/join"
    assert ticket.number in pocket.page
    await pocket.chooses("join_case")
    assert pocket.page_name == "citizen/joined"
    assert town.sari.page_name == "citizen/joined_other"
    await pocket.types("/status")
    assert pocket.buttons == (ticket.number,)
    await pocket.types(f"/status {ticket.number} {town.sari.pin}")
    assert not offers(pocket, "join_here")


async def test_an_anonymous_case_joins_nobody(town: Town, pocket: Citizen) -> None:
    for notify in (False, True):
        ticket = await anonymously(town, town.sari, notify=notify)
        await pocket.types(f"/status {ticket.number} {town.sari.pin}")
        assert pocket.page_name == "citizen/case"
        assert not offers(pocket, "join_here")


async def test_a_pin_joins_nobody_who_has_another_case_that_must_not_be_seen(town: Town, pocket: Citizen) -> None:
    slow = await town.sari.complains(SLOW)
    pin = town.sari.pin
    await pocket.types(f"/status {slow.number} {pin}")
    assert offers(pocket, "join_here"), "the only case she has"
    await pocket.chooses("join_here")
    asked = pocket.received[-1]
    accusation = await town.sari.complains(PUNGLI)
    accusation_pin = town.sari.pin
    await pocket.chooses("join_case", on=asked)
    assert pocket.page_name == "citizen/stale"
    await pocket.types(f"/status {slow.number} {pin}")
    assert not offers(pocket, "join_here")
    await pocket.types("/status")
    pocket.never_saw(accusation.number)
    await pocket.types(f"/status {accusation.number} {accusation_pin}")
    assert offers(pocket, "join_here"), "who proves the accusation proves enough"


async def test_a_locked_case_joins_nobody(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    pin = town.sari.pin
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("lock")
    await pocket.types(f"/status {ticket.number} {pin}")
    assert offers(pocket, "join_here"), "it is not locked yet"
    await pocket.chooses("join_here")
    await town.sari.chooses("lock_now")
    await pocket.chooses("join_case")
    assert pocket.page_name == "citizen/stale"
    assert town.person_id(pocket) != town.person_id(town.sari)
    await pocket.types(f"/status {ticket.number} {pin}")
    assert not offers(pocket, "join_here")


async def test_a_locked_case_stays_a_number_in_the_joined_chat(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("lock")
    await town.sari.chooses("lock_now")
    await join(town.sari, pocket)
    await pocket.types("/status")
    await pocket.presses(ticket.number)
    assert pocket.page_name == "citizen/locked"
    pocket.never_saw(SLOW)


async def test_who_holds_a_post_is_never_joined(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(PUNGLI)
    pin = town.sari.pin
    await pocket.types("halo")
    await town.appoints(pocket, "PETUGAS-DLH")
    await pocket.types(f"/gabung {await a_code(town.sari)}")
    assert pocket.page_name == "citizen/bad_join_code"
    await town.sari.types(f"/gabung {await a_code(pocket)}")
    assert town.sari.page_name == "citizen/bad_join_code"
    await pocket.types(f"/status {ticket.number} {pin}")
    assert not offers(pocket, "join_here")


async def test_staff_can_join_nothing_and_learn_nothing_of_codes(town: Town) -> None:
    code = await a_code(town.sari)
    await town.budi.types(f"/gabung {code}")
    assert town.budi.page_name == "officer/menu"


async def test_the_officer_sees_one_thread_whatever_chat_the_citizen_writes_from(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    await join(town.sari, pocket)
    await pocket.types("/status")
    await pocket.presses(ticket.number)
    await pocket.chooses("add")
    await pocket.types("Nomor antrean saya 12.")
    assert pocket.page_name == "citizen/added"
    await pocket.replies_to(pocket.shown[-1], "Loketnya nomor 3.")
    await town.sari.replies_to(town.sari.received[1], "Saya datang lagi besok.")
    await town.budi.types(f"/tiket {ticket.number}")
    for words in (SLOW, "antrean saya 12", "nomor 3", "besok"):
        assert words in town.budi.page
    assert "WhatsApp" not in town.budi.screen()
    await town.budi.replies_to(town.budi.shown[-1], "Sudah kami cetak.")
    await town.budi.chooses("send")
    assert [chat for chat in (town.sari, pocket) if chat.find("Sudah kami cetak.")]
    assert [row.seq for row in town.rows(Message, ticket_id=ticket.id)] == list(range(1, 6))


async def test_a_draft_stays_in_the_chat_in_which_it_is_written(town: Town, pocket: Citizen) -> None:
    await pocket.types(WASTE)
    await join(town.sari, pocket)
    await pocket.types("/lapor")
    assert pocket.page_name == "citizen/confirm"
    await pocket.chooses("send")
    await town.sari.types("/status")
    assert town.sari.buttons == (town.ticket().number,)


async def test_the_name_goes_with_the_cases(town: Town, pocket: Citizen) -> None:
    await town.sari.types("halo")
    await pocket.types(SLOW)
    await pocket.chooses("identity")
    await pocket.chooses("call_name")
    await pocket.types("Sari Nauli")
    await pocket.chooses("send")
    await join(town.sari, pocket)
    await town.sari.types("/dataku")
    assert "Sari Nauli" in town.sari.page
    await town.budi.types(f"/tiket {town.ticket().number}")
    assert "Sari Nauli" in town.budi.page
    await pocket.types("/pisah")
    await town.budi.types(f"/tiket {town.ticket().number}")
    assert "Sari Nauli" in town.budi.page


async def test_pisah_gives_each_chat_its_own_cases_again(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    waste = await pocket.complains(WASTE)
    await join(town.sari, pocket)
    await town.sari.types("/pisah")
    assert town.sari.page_name == "citizen/parted"
    for chat, own in ((town.sari, ticket), (pocket, waste)):
        await chat.types("/status")
        assert chat.buttons == (own.number,)
    await town.sari.types("/pisah")
    assert town.sari.page_name == "citizen/parted"
    assert town.person_id(town.sari) == town.ticket(ticket.number).reporter_id
    assert town.person_id(pocket) == town.ticket(waste.number).reporter_id


async def test_after_pisah_an_old_button_opens_nothing_of_the_other(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    await join(town.sari, pocket)
    await pocket.types("/status")
    page = pocket.shown[-1]
    await town.sari.types("/pisah")
    await pocket.presses(ticket.number, on=page)
    assert pocket.page_name == "citizen/not_found"
    pocket.never_saw(SLOW)


async def test_an_answer_after_pisah_comes_to_the_chat_of_the_case(town: Town, pocket: Citizen) -> None:
    await town.sari.complains(SLOW)
    await join(town.sari, pocket)
    await pocket.types("/pisah")
    await town.budi.replies_to(SLOW, "Sudah kami cetak.")
    await town.budi.chooses("send")
    assert "Sudah kami cetak." in town.sari.page
    pocket.never_saw("Sudah kami cetak.")


async def test_erasing_in_one_chat_erases_both(town: Town, pocket: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    waste = await pocket.complains(WASTE)
    await join(town.sari, pocket)
    was = {row.person_id for row in town.rows(Message)} | {row.reporter_id for row in town.tickets()}
    await pocket.types("/hapus")
    await pocket.chooses("erase_data")
    assert {(row.reporter_id, row.address_id) for row in town.tickets()} == {(None, None)}
    for kept in (ticket, waste):
        assert {row.person_id for row in town.rows(Message, ticket_id=kept.id)} == {None}
        acts = town.rows(AuditRow, ticket_id=kept.id)
        assert not [row for row in acts if row.person_id in was]
    await town.program.beats.erase()
    assert not town.rows(JoinCode)
    for chat in (town.sari, pocket):
        await chat.types("/status")
        assert chat.page_name == "citizen/no_cases"


@ON_PHONES
async def test_a_join_and_the_other_chats_words_in_one_batch_end_in_one_person(town: Town, pocket: Citizen) -> None:
    await town.sari.types(SLOW)
    await pocket.types(f"/gabung {await a_code(town.sari)}")
    confirm = next(page for page in town.sari.received if town.page_name(page) == "citizen/confirm")
    yes = {"phone": pocket.phone, "id": str(uuid4()), "choice": pocket.received[-1].data[1]}
    send = {"phone": town.sari.phone, "id": str(uuid4()), "choice": confirm.data[0]}
    (wa,) = town.beside.values()
    assert isinstance(wa, PretendChannel)
    await town.program.receive([*wa.parse("citizen", yes), *town.phones.parse("citizen", send)])
    await town.idle()
    assert town.ticket().reporter_id == town.person_id(pocket) == town.person_id(town.sari)


async def test_the_code_is_not_kept(town: Town, pocket: Citizen) -> None:
    code = await a_code(town.sari)
    (row,) = town.rows(JoinCode)
    assert code.encode() not in row.code_hash
    assert all(code not in str(town.facts(page)) for page in town.outbox())
    assert all(code not in str(payload) for _, payload in town.audit())


async def _codes_end(town: Town) -> None:
    past = update(table_of(JoinCode)).values(expires_at=real_now(timedelta(seconds=-1)))
    await town.program.errand(lambda session: session.plan.connection.execute(past) and None)


async def _an_hour_passes(town: Town) -> None:
    past = update(table_of(Throttle)).values(until=real_now(timedelta(seconds=-1)))
    await town.program.errand(lambda session: session.plan.connection.execute(past) and None)
