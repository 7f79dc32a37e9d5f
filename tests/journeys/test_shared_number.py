"""One WhatsApp number for citizens and staff: an officer's words are a citizen's unless they say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from handlers.messages import CITIZEN, STAFF, Inbound
from storage.engine import real_now
from storage.plan import table_of
from storage.tables import Address, Conversation, Holding, Inbox
from tests.journeys.stories import SLOW
from tests.kit.carriers import Carrier, PretendChannel
from tests.kit.town import Citizen, Town

pytestmark = pytest.mark.anyio

POST = "PETUGAS-DISDUKCAPIL"
OWN_STORY = "Lampu jalan di Kelurahan Tomuan mati sejak minggu lalu"


@pytest.fixture
def beside(carrier: str) -> Sequence[Carrier]:
    """One number beside the town's channel, under a name that this has not."""
    return (PretendChannel("telegram" if carrier == "whatsapp" else "whatsapp", shared=True),)


@pytest.fixture
def hadi(town: Town) -> Citizen:
    """Somebody on WhatsApp, who may become an officer."""
    return town.on("hadi")


async def enrolled(town: Town, hadi: Citizen) -> None:
    """Make hadi the one officer of the civil registry."""
    await town.revokes(POST)
    await hadi.types(f"/start {await town.invite(POST)}")
    assert hadi.page_name == "officer/enrolled"


def as_staff(town: Town) -> Citizen:
    """The same phone, as whom the staff's account writes to it."""
    return town.on("hadi", STAFF)


async def test_a_code_enrols_on_the_shared_number_and_the_case_comes_there(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    assert hadi.page_name == "officer/card"
    assert SLOW in hadi.page
    (row,) = town.outbox(page="officer/card", address_id=town.address_id(as_staff(town)))
    assert (row.channel, row.account) == (next(iter(town.beside)), STAFF)


async def test_an_officer_works_there_from_card_to_answer(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    ticket = await town.sari.complains(SLOW)
    await hadi.chooses("take")
    await hadi.chooses("answer")
    await hadi.types("Sudah kami cetak, silakan diambil.")
    assert hadi.page_name == "officer/confirm_answer"
    await hadi.chooses("send")
    assert "Sudah kami cetak, silakan diambil." in town.sari.page
    assert not town.tickets(reporter_id=town.person_id(as_staff(town)))
    await hadi.types("/kotak")
    assert ticket.number in hadi.buttons


async def test_a_reply_to_a_card_is_staffs_and_a_typed_number_too(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    await hadi.replies_to(SLOW, "Sudah kami cetak.")
    assert hadi.page_name == "officer/confirm_answer"
    await hadi.types("1")
    assert "Sudah kami cetak." in town.sari.page


async def test_an_officers_own_complaint_is_a_citizens(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await hadi.types("/kotak")
    await hadi.types(OWN_STORY)
    assert hadi.page_name == "citizen/confirm"
    await hadi.chooses("send")
    assert hadi.page_name == "citizen/receipt"
    assert town.ticket().reporter_id == town.person_id(hadi) != town.person_id(as_staff(town))
    await hadi.types("/status")
    assert hadi.buttons == (town.ticket().number,)


@pytest.mark.parametrize("command", ["/lapor", "/menu", "/status"])
async def test_a_citizens_command_ends_what_an_officer_was_writing(town: Town, hadi: Citizen, command: str) -> None:
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    await hadi.chooses("answer")
    await hadi.types(command)
    assert hadi.page_name.startswith("citizen/")
    await hadi.types(OWN_STORY)
    assert hadi.page_name == "citizen/confirm"
    town.sari.never_saw(OWN_STORY)


async def test_half_an_hour_of_silence_ends_it_too(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    await hadi.chooses("answer")
    await _quiet(town, timedelta(minutes=29))
    await hadi.types("Sudah kami cetak.")
    assert hadi.page_name == "officer/confirm_answer"
    await hadi.chooses("cancel")
    await hadi.chooses("answer")
    await _quiet(town, timedelta(minutes=31))
    await hadi.types(OWN_STORY)
    assert hadi.page_name == "citizen/confirm"


async def test_batal_leaves_what_is_being_written_as_whom_it_is_written(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    await hadi.chooses("answer")
    await hadi.types("/batal")
    assert hadi.page_name == "officer/cancelled"
    await hadi.types(OWN_STORY)
    await hadi.types("/batal")
    assert hadi.page_name == "citizen/parked"


async def test_a_button_of_the_citizen_is_the_citizens_in_the_middle_of_an_answer(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await hadi.types(OWN_STORY)
    page = hadi.received[-1]
    await town.sari.complains(SLOW)
    await hadi.chooses("answer")
    await hadi.chooses("send", on=page)
    assert hadi.page_name == "citizen/receipt"


async def test_a_stranger_learns_nothing_from_staffs_commands(town: Town, hadi: Citizen) -> None:
    ticket = await town.sari.complains(SLOW)
    answers = set()
    for text in ("/kotak", f"/tiket {ticket.number}", "/cari KTP", "/rekap", "/unit disdukcapil", "/cuti", "/catat"):
        await hadi.types(text)
        answers.add((hadi.page_name, hadi.page, hadi.buttons))
    assert len(answers) == 1
    assert hadi.page_name == "officer/stranger_here"
    await hadi.types("/start ABCDE12345")
    assert hadi.page_name == "officer/bad_code"
    hadi.never_saw("TGP-")
    await hadi.types(OWN_STORY)
    assert hadi.page_name == "citizen/confirm"
    assert not town.rows(Holding, person_id=town.person_id(as_staff(town)))


async def test_a_card_is_nothing_to_another_phone_on_the_number(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    ticket = await town.sari.complains(SLOW)
    card = hadi.received[-1]
    thief = town.on("pencuri")
    for data in card.data:
        await thief.does(choice=data)
        assert thief.page_name == "citizen/stale"
    await thief.replies_to(card, "Sudah kami cetak.")
    assert thief.page_name.startswith("citizen/")
    thief.never_saw(ticket.number)
    assert town.ticket(ticket.number).version == ticket.version


async def test_a_revoked_officer_is_a_stranger_at_once(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    await town.revokes(POST)
    await hadi.types("/kotak")
    assert hadi.page_name == "officer/stranger_here"


async def test_a_command_and_a_text_that_come_at_once_are_read_one_after_the_other(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    answer = _press(town, hadi, "answer")
    words = _says(town, "Sudah kami cetak.")
    more = _says(town, "/lapor")
    story = _says(town, OWN_STORY)
    await town.program.receive([answer, words, more, story])
    await town.idle()
    names = [town.page_name(page) for page in hadi.received]
    assert [name for name in names if name.startswith("officer/")][-2:] == [
        "officer/ask_answer",
        "officer/confirm_answer",
    ]
    assert [name for name in names if name.startswith("citizen/")] == ["citizen/welcome", "citizen/confirm"]


async def test_the_same_event_again_is_the_same_whatever_it_was_taken_for(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    words = _says(town, "Sudah kami cetak.")
    await town.program.receive([_press(town, hadi, "answer")])
    await town.program.receive([words])
    await town.program.receive([_says(town, "/menu")])
    await town.idle()
    before, seen = len(hadi.received), len(town.rows(Inbox))
    await town.program.receive([words])
    await town.program.receive([words, words])
    await town.idle()
    assert len(hadi.received) == before
    assert len(town.rows(Inbox)) == seen


async def test_who_is_heard_as_one_is_heard_as_both(town: Town, hadi: Citizen) -> None:
    """It is one chat: what an officer says as a citizen lets us write to them as staff too."""
    await enrolled(town, hadi)
    await hadi.types("halo")
    before = town.rows(Address, id=town.address_id(as_staff(town)))[0].heard_at
    await hadi.types(OWN_STORY)
    after = town.rows(Address, id=town.address_id(as_staff(town)))[0].heard_at
    assert after is not None
    assert before is None or after > before


async def test_a_changed_number_takes_both_sides_along(town: Town, hadi: Citizen) -> None:
    await enrolled(town, hadi)
    await hadi.types("halo")
    await hadi.has_news("moved", to="hadi-baru")
    ticket = await town.sari.complains(SLOW)
    anew = town.on("hadi-baru")
    assert SLOW in anew.page
    await anew.types("/kotak")
    assert anew.buttons == (ticket.number,)
    await anew.types("halo")
    assert not town.rows(Address, state="dead")


async def test_an_officer_with_a_number_and_a_bot_is_two_chats_and_one_conversation_each(
    town: Town, hadi: Citizen
) -> None:
    """Telegram's staff bot and the shared number beside each other: nothing said in one is heard in the other."""
    await enrolled(town, hadi)
    await town.sari.complains(SLOW)
    await hadi.chooses("answer")
    await town.outsider.types("/kotak")
    assert town.outsider.page_name == "officer/desk"
    await town.sari.types(OWN_STORY)
    assert town.sari.page_name == "citizen/confirm"


def _says(town: Town, text: str) -> Inbound:
    return Inbound(str(uuid4()), next(iter(town.beside)), CITIZEN, "hadi", text=text)


def _press(town: Town, hadi: Citizen, code: str) -> Inbound:
    """A press on the newest card, not handed in yet."""
    (row,) = [row for row in town.outbox(page="officer/card") if row.state == "sent"][-1:]
    place = [name for name, _ in row.choices].index(code)
    page = next(page for page in reversed(hadi.received) if town.page_name(page) == "officer/card")
    return Inbound(str(uuid4()), next(iter(town.beside)), CITIZEN, "hadi", choice=page.data[place])


async def _quiet(town: Town, long: timedelta) -> None:
    """Let the conversations rest, as a phone would that long (real time is not slept through)."""
    rested = update(table_of(Conversation)).values(touched_at=real_now(-long))
    staff = table_of(Conversation).c.address_id == town.address_id(as_staff(town))
    await town.program.errand(lambda session: session.plan.connection.execute(rested.where(staff)) and None)
