"""Where each message costs money: a whole story is four messages, what comes together is one, and all is counted."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.channels.base import Outcome, Outgoing, Refused, Sent
from bot.web.health import _warnings
from domain.spending import FREE
from storage.plan import table_of
from storage.tables import Address, Conversation, Message, MessageCount, Outbox, Rating
from tests.journeys.stories import SLOW
from tests.journeys.test_photos import photo
from tests.kit.carriers import ON_PHONES, PretendChannel
from tests.kit.town import Citizen, Officer, Town, open_town

pytestmark = [pytest.mark.anyio, ON_PHONES]

ANSWER, MORE, DONE = "Sudah kami cek, besok jadi.", "Bawa KK asli, ya.", "Sudah jadi, silakan diambil."


class BilledPhones(PretendChannel):
    """Pretended phones whose platform bills each message and closes its window after a day."""

    billed = True
    window = timedelta(days=1)

    async def send(self, outgoing: Outgoing) -> Outcome:
        outcome = await super().send(outgoing)
        category = outgoing.template.category if outgoing.template else "service"
        return Sent(outcome.parts, category) if isinstance(outcome, Sent) else outcome


@pytest.fixture
async def town(
    carrier: str,
    town_url: str,
    tmp_path: Path,
    language: str,
    undo_seconds: int,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Town]:
    """A town whose citizens write where each message is billed; answers wait for each other, though nobody undoes."""
    monkeypatch.setattr("bot.app.QUIET_SECONDS", 90)
    phones = BilledPhones()
    async with open_town(town_url, tmp_path, channel=phones, language=language, undo_seconds=undo_seconds) as town:
        yield town
        await town.undo_time_passes()
        await town.ends_in_order()


@pytest.fixture
def undo_seconds() -> int:
    """Notices of taps wait, as they do in a real town."""
    return 60


async def answers(officer: Officer, text: str) -> None:
    await officer.chooses("answer")
    await officer.types(text)
    await officer.chooses("send")


async def finishes(officer: Officer, text: str) -> None:
    await officer.chooses("finish")
    await officer.types(text)
    if officer.page_name == "officer/confirm_answer":
        await officer.chooses("send")


async def opens(officer: Officer, number: str) -> None:
    await officer.types(f"/tiket {number}")


def costs(citizen: Citizen) -> list[str]:
    return [citizen.town.page_name(page) for page in citizen.received]


async def whole_story(town: Town) -> Any:
    ticket = await town.sari.complains(SLOW)
    await opens(town.budi, ticket.number)
    await town.budi.chooses("take")
    await town.undo_time_passes()
    await answers(town.budi, ANSWER)
    await town.undo_time_passes()
    await opens(town.budi, ticket.number)
    await finishes(town.budi, DONE)
    await town.undo_time_passes()
    return ticket


async def test_a_whole_story_costs_four_messages(town: Town) -> None:
    ticket = await whole_story(town)
    await town.sari.chooses("done_4")
    assert costs(town.sari) == ["citizen/confirm", "citizen/receipt", "citizen/answer", "citizen/resolved"]
    assert town.ticket(ticket.number).state == "closed"
    assert [row.stars for row in town.rows(Rating)] == [4]


async def test_settled_without_a_rating_is_no_more_messages_either(town: Town) -> None:
    ticket = await whole_story(town)
    await town.sari.types("beres" if town.language == "id" else "solved")
    assert len(town.sari.received) == 4
    assert town.ticket(ticket.number).state == "closed"
    assert town.rows(Rating) == []


async def test_not_settled_is_answered_as_anywhere(town: Town) -> None:
    ticket = await whole_story(town)
    await town.sari.chooses("not_done")
    assert town.sari.page_name == "citizen/reopened"
    assert town.ticket(ticket.number).state == "reopened"


async def test_two_answers_of_one_quiet_window_are_one_message_with_the_words_of_both(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await opens(town.budi, ticket.number)
    await answers(town.budi, ANSWER)
    await opens(town.budi, ticket.number)
    await answers(town.budi, MORE)
    assert len(town.sari.received) == 2, "they wait for each other"
    assert {row.reach for row in town.rows(Message, kind="answer")} == {"on_way"}
    assert town.ticket().first_response_at is None
    await town.undo_time_passes()
    assert {row.reach for row in town.rows(Message, kind="answer")} == {"there"}
    assert town.ticket().first_response_at is not None
    assert len(town.sari.received) == 3
    text = town.sari.page
    assert 0 < text.index(ANSWER) < text.index(MORE)
    states = sorted(row.state for row in town.outbox(page="citizen/answer"))
    assert states == ["merged", "sent"]


async def test_an_answer_and_the_closing_are_one_message_that_can_be_answered(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await opens(town.budi, ticket.number)
    await answers(town.budi, ANSWER)
    await opens(town.budi, ticket.number)
    await finishes(town.budi, DONE)
    await town.undo_time_passes()
    assert len(town.sari.received) == 3
    assert ANSWER in town.sari.page
    assert DONE in town.sari.page
    await town.sari.replies_to(DONE, "Terima kasih banyak, tapi nama saya masih salah tulis")
    assert town.budi.page_name == "officer/addition"
    await town.sari.chooses("done", on=town.sari.received[2])
    assert town.ticket(ticket.number).state == "closed"


async def test_a_question_in_company_is_still_a_question(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await opens(town.budi, ticket.number)
    await answers(town.budi, ANSWER)
    await opens(town.budi, ticket.number)
    await town.budi.chooses("ask_citizen")
    await town.budi.types("Nomor KK Ibu berapa?")
    await town.budi.chooses("send")
    await town.undo_time_passes()
    assert costs(town.sari)[2:] == ["citizen/question"]
    await town.sari.chooses("reply")
    await town.sari.types("1272 0001")
    assert town.ticket(ticket.number).state == "in_progress"


async def test_what_may_still_be_undone_goes_with_nobody(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await opens(town.budi, ticket.number)
    await answers(town.budi, ANSWER)
    await opens(town.budi, ticket.number)
    await finishes(town.budi, DONE)
    await _time_of(town, "citizen/answer")
    assert costs(town.sari)[2:] == ["citizen/answer"]
    await town.budi.chooses("undo")
    await town.undo_time_passes()
    town.sari.never_saw(DONE)


async def _time_of(town: Town, page: str) -> None:
    """The quiet window of one page ends, and no other."""
    table = table_of(Outbox)
    held = table.update().where(table.c.page == page).values(hold_until=None)
    await town.program.errand(lambda session: session.plan.connection.execute(held) and None)
    await town.idle()


async def test_a_message_that_did_not_arrive_is_told_for_all_that_it_said(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await opens(town.budi, ticket.number)
    await answers(town.budi, ANSWER)
    await opens(town.budi, ticket.number)
    await answers(town.budi, MORE)
    town.phones.answers("sari", Refused("wrong"))
    await town.undo_time_passes()
    assert [town.page_name(page) for page in town.budi.received].count("officer/undelivered") == 1
    assert {row.state for row in town.outbox(page="citizen/answer")} == {"merged", "refused"}
    assert {row.reach for row in town.rows(Message, kind="answer")} == {"failed"}
    assert town.ticket().first_response_at is None


async def test_the_receipt_asks_once_for_leave_to_write_later_and_the_press_costs_nothing(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.sari.chooses("agree")
    assert len(town.sari.received) == 2
    assert town.rows(Address, id=town.address_id(town.sari))[0].consented_at is not None
    await town.sari.complains("Lampu jalan di depan SD Teladan mati sejak Lebaran, gelap sekali", "Jalan Merdeka")
    receipt = next(page for page in reversed(town.sari.received) if town.page_name(page) == "citizen/receipt")
    assert receipt.buttons == ()


async def test_who_does_not_want_it_says_so_in_a_word(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.sari.types("tidak usah" if town.language == "id" else "no thanks")
    assert len(town.sari.received) == 2
    assert town.rows(Address, id=town.address_id(town.sari))[0].consented_at is None


async def test_leave_is_shown_and_taken_back_with_the_own_data(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.sari.chooses("agree")
    await town.sari.types("/dataku")
    await town.sari.chooses("disagree")
    assert town.sari.page_name == "citizen/disagreed"
    assert town.rows(Address, id=town.address_id(town.sari))[0].consented_at is None
    assert [row.action for row, _ in town.audit() if row.action.endswith("agree")] == ["agree", "disagree"]


async def test_an_anonymous_case_that_nobody_follows_asks_for_nothing(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses("anonymous")
    await town.sari.chooses("send")
    assert town.sari.page_name == "citizen/receipt"
    assert town.sari.buttons == ()


async def test_every_billed_message_is_counted_in_its_month(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await opens(town.budi, ticket.number)
    counts = {row.account: row for row in town.rows(MessageCount)}
    assert counts["citizen"][-1] == 2
    assert counts["staff"][-1] == len(town.budi.received) > 0
    assert {(row.month, row.channel, row.category) for row in counts.values()} == {("2026-09", "phone", "service")}


async def test_the_last_free_messages_are_a_warning_in_the_log_and_for_health(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:

    used = {"month": "2026-09", "channel": "phone", "account": "citizen", "category": "service", "count": FREE - 1}
    await town.program.errand(
        lambda session: session.plan.connection.execute(insert(table_of(MessageCount)), [used]) and None
    )
    with caplog.at_level(logging.WARNING, "handlers.actions.counting"):
        await town.sari.types(SLOW)
    assert [record.getMessage() for record in caplog.records] == ["100 % of this month's messages are used up"]
    assert town.sari.page_name == "citizen/confirm", "no message is held back"
    assert _warnings(town.program) == ["phone: 1000 of 1000 free service messages are used this month"]


async def test_who_settles_a_case_elsewhere_than_below_its_closing_hears_so_and_may_rate(town: Town) -> None:
    await whole_story(town)
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    await town.sari.chooses("done")
    assert town.sari.page_name == "citizen/accepted"
    assert town.sari.buttons


async def test_nothing_of_it_is_where_messages_cost_nothing(
    carrier: str, tmp_path: Path, town_url: str, language: str
) -> None:
    async with open_town(town_url, tmp_path, language=language) as town:
        await whole_story(town)
        assert "citizen/taken" in costs(town.sari)
        await town.sari.chooses("done")
        assert town.sari.page_name == "citizen/accepted"
        assert town.rows(MessageCount) == []
        assert town.rows(Conversation)


async def test_the_photos_of_words_that_go_together_all_go_along(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await opens(town.budi, ticket.number)
    for text, colour in ((ANSWER, "red"), (MORE, "green")):
        await town.budi.replies_to(ticket.number, text, photo=photo(colour))
        await town.budi.chooses("send")
    await town.undo_time_passes()
    assert len(town.sari.received) == 3
    assert len(town.sari.received[2].files) == 2


async def test_of_a_shared_phone_two_pieces_of_news_are_one_line(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("lock")
    await town.sari.chooses("lock_now")
    before = len(town.sari.received)
    for text in (ANSWER, MORE):
        await opens(town.budi, ticket.number)
        await answers(town.budi, text)
    await town.undo_time_passes()
    assert costs(town.sari)[before:] == ["citizen/locked_news"]
    assert town.sari.page.count("/status") == 1


async def test_who_looks_over_the_front_desk_reads_what_the_month_has_cost(town: Town) -> None:
    used = {"month": "2026-09", "channel": "phone", "account": "citizen", "category": "service", "count": 812}
    await town.program.errand(
        lambda session: session.plan.connection.execute(insert(table_of(MessageCount)), [used]) and None
    )
    shown = {}
    for post in ("KABAG-ORGANISASI", "SEKDA"):
        await town.officer(post).types("/rekap")
        shown[post] = town.officer(post).page
    assert "812" in shown["KABAG-ORGANISASI"]
    assert "WhatsApp" not in shown["SEKDA"]
