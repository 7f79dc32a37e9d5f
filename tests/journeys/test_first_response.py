"""An office has answered when its words have come as far as it can bring them; until then nobody is told off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.base import Gone, Later, Refused
from domain.deadlines import Policy
from domain.vocabulary import Kind
from storage.tables import Breach, Message
from tests.journeys.stories import SLOW
from tests.journeys.windows import agrees, approves, falls_silent
from tests.kit.carriers import ON_PHONES, WindowedPhones
from tests.kit.town import Town, open_town, siantar

pytestmark = pytest.mark.anyio

ANSWER = "Berkasnya sudah kami temukan, besok dicetak."
MARKED = {"id": "tidak sampai", "en": "not delivered"}


async def _answers(town: Town) -> None:
    await town.budi.chooses("answer", on=town.budi.sees(town.ticket().number))
    await town.budi.types(ANSWER)
    await town.budi.chooses("send")


def _reach(town: Town) -> str | None:
    (row,) = town.rows(Message, kind="answer")
    return str(row.reach)


async def test_an_answer_counts_when_the_platform_has_taken_it(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _answers(town)
    assert await town.counts_as_answered()
    assert _reach(town) == "there"


@ON_PHONES
async def test_an_officer_who_has_written_is_not_told_off_while_the_citizen_s_platform_is_down(town: Town) -> None:
    await town.sari.complains(SLOW)
    town.channel.answers("sari", *[Later(3600.0, blameless=True)] * 3)
    await _answers(town)
    before = len(town.budi.received), len(town.ratna.received)
    await town.travels(town.ticket().first_response_by + timedelta(hours=16))
    assert (len(town.budi.received), len(town.ratna.received)) == before
    assert (_reach(town), town.ticket().first_response_at) == ("on_way", None)
    assert [row.clock for row in town.rows(Breach)] == []


async def test_a_refused_answer_is_no_answer_and_the_desk_is_reminded_as_if_it_had_not_written(town: Town) -> None:
    await town.sari.complains(SLOW)
    town.channel.answers("sari", Refused("wrong"))
    await _answers(town)
    assert town.budi.page_name == "officer/undelivered"
    told = len(town.budi.received)
    await town.travels(town.ticket().first_response_by + timedelta(minutes=1))
    assert len(town.budi.received) > told
    assert town.ticket().first_response_at is None
    assert [row.clock for row in town.rows(Breach)] == ["first_response"]


async def test_an_answer_to_somebody_who_is_gone_counts_and_says_that_it_did_not_arrive(town: Town) -> None:
    await town.sari.complains(SLOW)
    town.channel.answers("sari", Gone("blocked"))
    await _answers(town)
    assert town.budi.page_name == "officer/undelivered"
    assert {"id": "dicatat sebagai jawaban", "en": "counts as an answer"}[town.language] in town.budi.page
    assert (town.ticket().unreached, town.ticket().first_response_at is not None) == (True, True)
    await town.budi.types(f"/tiket {town.ticket().number}")
    assert MARKED[town.language] in town.budi.page


async def test_a_late_case_says_on_its_card_and_to_its_citizen_since_when(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.travels(ticket.binding_by + timedelta(hours=1))
    await town.budi.types(f"/tiket {ticket.number}")
    assert {"id": "Lewat tenggat", "en": "Late"}[town.language] in town.budi.page
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    assert {"id": "janji ini sudah lewat", "en": "promise was not kept"}[town.language] in town.sari.page


async def test_the_officer_reads_before_sending_that_a_question_stops_the_clock_no_more(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    stands_still = {"id": "Tenggat tetap berjalan", "en": "The deadline runs on"}[town.language]
    for times in range(1, 5):
        await town.budi.types(f"/tiket {ticket.number}")
        await town.budi.chooses("ask_citizen")
        await town.budi.types(f"Pertanyaan {times}?")
        assert (stands_still in town.budi.page) == (times == 4)
        await town.budi.chooses("send")
        assert (town.ticket().state == "waiting_citizen") == (times < 4)
        await town.travels(await town.now() + timedelta(minutes=5))
        await town.sari.replies_to(f"Pertanyaan {times}?", f"Jawaban {times}")
    town.budi.sees("Jawaban 4")
    town.sari.sees("Pertanyaan 4?")


# --- behind a window


@pytest.fixture
async def windowed(town_url: str, tmp_path: Path, language: str) -> AsyncIterator[Town]:
    """The citizen has not written for days on a channel that takes only approved messages then."""
    async with open_town(town_url, tmp_path, channel=WindowedPhones(), language=language) as town:
        for officer in (town.budi, town.ratna):
            await officer.types("/menu")
        await town.sari.complains(SLOW)
        await agrees(town, town.sari)
        await falls_silent(town, town.sari)
        yield town
        await town.ends_in_order()


@ON_PHONES
async def test_an_answer_that_an_approved_message_announces_has_been_given(carrier: str, windowed: Town) -> None:
    await approves(windowed, "citizen_answer")
    await _answers(windowed)
    assert (_reach(windowed), windowed.ticket().unreached) == ("there", False)
    windowed.sari.never_saw(ANSWER)


@ON_PHONES
async def test_an_answer_that_may_not_be_sent_yet_counts_and_is_marked_until_it_arrives(
    carrier: str, windowed: Town
) -> None:
    await _answers(windowed)
    assert (_reach(windowed), windowed.ticket().unreached) == ("unreached", True)
    since = windowed.ticket().first_response_at
    await windowed.sari.types("/status")
    windowed.sari.sees(ANSWER)
    assert (_reach(windowed), windowed.ticket().unreached) == ("there", False)
    assert windowed.ticket().first_response_at == since


# --- a new regulation


@pytest.fixture
def from_october(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From 1 October 2026 on a complaint is resolved in 10 HK and first answered in 3, by another rule."""
    region = siantar()
    (rule,) = region.policies[Kind.COMPLAINT]
    new = Policy(2, 3, 10, 60, basis="Peraturan baru", since=date(2026, 10, 1))
    changed = replace(region, policies={**region.policies, Kind.COMPLAINT: (rule, new)})
    return lambda: monkeypatch.setattr("tests.kit.town.siantar", lambda: changed)


@ON_PHONES
async def test_a_new_regulation_is_for_what_comes_after_it_and_old_cases_keep_theirs(
    carrier: str, town_url: str, tmp_path: Path, language: str, from_october: Callable[[], None]
) -> None:
    from_october()
    async with open_town(town_url, tmp_path, language=language, start=datetime(2026, 9, 30, 2, 0, tzinfo=UTC)) as town:
        calendar = town.region.calendars["office"]
        old = await town.sari.complains(SLOW)
        await town.travels(working_days=1)
        new = await town.citizen("togar").complains("KTP istri saya sudah sebulan belum jadi di capil")
        assert old.resolve_by == calendar.closing(calendar.after(date(2026, 9, 30), 14))
        assert new.resolve_by == calendar.closing(calendar.after(date(2026, 10, 1), 10))
        assert (old.terms["since"], new.terms["since"], new.terms["basis"]) == (
            "2018-12-31", "2026-10-01", "Peraturan baru",
        )  # fmt: skip
        await town.budi.types(f"/tiket {old.number}")
        await town.budi.chooses("forward")
        await town.budi.types("dlh")
        await town.undo_time_passes()
        again = town.ticket(old.number)
        assert again.first_response_by == calendar.closing(calendar.after(date(2026, 10, 1), 5))
        assert again.resolve_by == old.resolve_by
        await town.ends_in_order()
