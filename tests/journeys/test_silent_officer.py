"""An officer who does nothing: reminded, then the head, then everybody above, each once and at the promised moment."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.actions import breaches
from handlers.session import Session
from storage.plan import Record
from storage.tables import Breach
from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.town import Officer, Town

pytestmark = pytest.mark.anyio

OFFICER, HEAD = "PETUGAS-DISDUKCAPIL", "KEPALA-DISDUKCAPIL"
#: Received on Monday 7 September 2026: verify Thursday 10, first response Monday 14, promised for Friday 25.
LADDER = [
    ("2026-09-10 07:30", OFFICER, "officer/reminder"),
    ("2026-09-11 07:30", HEAD, "supervisor/late"),
    ("2026-09-14 07:30", OFFICER, "officer/reminder"),
    ("2026-09-15 07:30", HEAD, "supervisor/late"),
    ("2026-09-23 07:30", OFFICER, "officer/reminder"),
    ("2026-09-25 07:30", OFFICER, "officer/reminder"),
    ("2026-09-25 07:30", HEAD, "supervisor/late"),
    ("2026-09-28 07:30", HEAD, "supervisor/late"),
    ("2026-09-29 07:30", "KABAG-ORGANISASI", "supervisor/late"),
    ("2026-10-02 07:30", "SEKDA", "supervisor/late"),
    ("2026-10-09 07:30", "WALI-KOTA", "supervisor/late"),
]
#: The same for an accusation (60 days by law bind: Friday 6 November): a count for the Sekda, the case for nobody more.
OVERSIGHT_LADDER = [
    ("2026-09-14 07:30", "PETUGAS-INSPEKTORAT", "officer/reminder"),
    ("2026-09-15 07:30", "INSPEKTUR", "supervisor/late"),
    ("2026-11-06 07:30", "INSPEKTUR", "supervisor/late"),
    ("2026-11-13 07:30", "SEKDA", "supervisor/late_count"),
    ("2026-11-20 07:30", "WALI-KOTA", "supervisor/late_count"),
]

Told = tuple[str, str, str]


async def test_a_silent_officer_is_told_first_and_then_everybody_above_each_once(town: Town) -> None:
    await town.sari.complains(SLOW)
    told = await _until_nothing_is_due(town, sorted({post for _, post, _ in LADDER}))
    assert told == LADDER


async def test_an_accusation_climbs_inside_the_inspectorate_and_leaves_it_as_a_number(town: Town) -> None:
    ticket = await town.sari.complains(PUNGLI)
    told = await _until_nothing_is_due(town, [*sorted({post for _, post, _ in OVERSIGHT_LADDER}), OFFICER, HEAD])
    assert told == OVERSIGHT_LADDER
    secretary = town.officer("SEKDA")
    secretary.never_saw(ticket.number)
    secretary.never_saw("Kependudukan")
    assert len(secretary.buttons) == 1, "to say that it is known, and nothing to open"


async def test_no_reminder_comes_a_moment_too_early(town: Town) -> None:
    await town.sari.complains(SLOW)
    first = await town.program.next_due()
    assert first is not None
    received = len(town.budi.received)
    await town.travels(first.replace(minute=29))
    assert len(town.budi.received) == received
    await town.travels(first)
    assert town.budi.page_name == "officer/reminder"


async def test_many_beats_at_once_speak_once(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(next_deadline=True)
    before = len(town.budi.received)
    await asyncio.gather(*(town.program.beats.deadlines() for _ in range(4)))
    await town.idle()
    assert len(town.budi.received) == before
    assert len(town.outbox(page="officer/reminder")) == 2  # the post's row and its holder's


async def test_a_missed_date_that_cannot_be_written_down_stops_neither_the_others_nor_a_reminder(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = await town.sari.complains(SLOW), await town.citizen("hasan").complains(SLOW)
    record = breaches.record

    def fails_for_one(session: Session, ticket: Record, row: Record) -> None:
        if ticket.id == broken.id:
            raise RuntimeError("a bug")
        record(session, ticket, row)

    with monkeypatch.context() as bug:
        bug.setattr(breaches, "record", fails_for_one)
        assert ("2026-09-11 07:30", HEAD, "officer/reminders") in await _until(town, "2026-09-11 07:30", [HEAD])
    assert [row.ticket_id for row in town.rows(Breach)] == [sound.id]
    await town.travels(await town.now() + timedelta(hours=1))
    assert {row.ticket_id for row in town.rows(Breach)} == {broken.id, sound.id}, "it was put off, and not for long"


async def test_what_is_taken_is_not_reminded_of_taking(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("take")
    told = await _until(town, "2026-09-14 07:29", [OFFICER, HEAD])
    assert told == []


async def test_what_is_answered_is_not_reminded_of_answering_but_of_its_promise(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", "Kami periksa dulu.")
    await town.budi.chooses("send")
    told = await _until(town, "2026-09-24 12:00", [OFFICER, HEAD])
    assert told == [("2026-09-23 07:30", OFFICER, "officer/reminder")]


async def test_the_officer_opens_the_case_from_a_reminder(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(next_deadline=True)
    await town.budi.chooses("details")
    assert town.budi.page_name == "officer/card"
    assert SLOW in town.budi.page


async def test_the_head_reads_but_an_outsider_with_the_number_does_not(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await _until(town, "2026-09-11 07:30", [HEAD])
    await town.ratna.chooses("details")
    assert SLOW in town.ratna.page
    await town.outsider.types(f"/tiket {ticket.number}")
    assert town.outsider.page_name == "officer/not_found"


async def _until_nothing_is_due(town: Town, posts: list[str]) -> list[Told]:
    told: list[Told] = []
    while await town.program.next_due() is not None:
        told += await _step(town, posts)
    return told


async def _until(town: Town, moment: str, posts: list[str]) -> list[Told]:
    end = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(town.region.zone))
    told: list[Told] = []
    while (upcoming := await town.program.next_due()) is not None and upcoming <= end:
        told += await _step(town, posts)
    await town.travels(end)
    return told


async def _step(town: Town, posts: list[str]) -> list[Told]:
    """Go to the next due moment; what it told to whom."""
    officers = [town.officer(post) for post in posts]
    before = {officer.post: len(officer.received) for officer in officers}
    await town.travels(next_deadline=True)
    now = (await town.now()).astimezone(ZoneInfo(town.region.zone))
    return sorted(
        (
            (f"{now:%Y-%m-%d %H:%M}", officer.post, town.page_name(page))
            for officer in officers
            for page in officer.received[before[officer.post] :]
        ),
        key=lambda told: posts_order(town.officer(told[1])),
    )


def posts_order(officer: Officer) -> int:
    """Officers before heads, as in the tables above."""
    return 0 if officer.post.startswith("PETUGAS") else 1
