"""A simulated year of a town: forty units, officers and citizens of every temper, outages, restarts, two replicas.

It is lived once, and each test asks one thing of it. The second half tampers with one row each and shows that the same
question then has another answer. TANGGAP_SOAK=1: 3,000 cases on both databases, two programs and digests all year.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from typing import Any

import pytest

from tests.kit.almanac import OFFICE_ALMANAC, PUSKESMAS_ALMANAC
from tests.kit.databases import Databases, migrate
from tests.year import invariants
from tests.year.invariants import Town
from tests.year.life import DECREED, FIRST, LAST_STORY, SIGNED, TOWN_DAY, WORKED_DAY, Year, town
from tests.year.record import Record, Row, read
from tests.year.recount import Books
from tests.year.tempers import TEMPERS, UNITS, cases_of

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
COUNT = 3000 if SOAK else 300
#: The town's almanacs: the printed lists, and the two days that this town has decided on.
OFFICE, SATURDAY = (
    almanac.with_days(added=[TOWN_DAY], cancelled=[WORKED_DAY]) for almanac in (OFFICE_ALMANAC, PUSKESMAS_ALMANAC)
)
PLACE = Town(town(), Books(OFFICE, SATURDAY, SIGNED, DECREED))
Invariant = Callable[[Record, Town], None]
Set = Callable[..., None]


@pytest.fixture(scope="module", params=["sqlite", "postgres"] if SOAK else ["sqlite"])
def lived(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Record:
    folder = tmp_path_factory.mktemp("year")
    url = databases.fresh(request.param, folder, migrate)
    year = Year(url, folder, whole=SOAK)
    asyncio.run(year.live(cases_of(COUNT, FIRST, LAST_STORY)))
    found = read(url, year.post.handed)
    databases.drop(url)
    return found


def test_the_town_is_as_large_and_as_various_as_it_should_be(lived: Record) -> None:
    assert len(UNITS) == 40
    assert len(lived.tickets) == COUNT
    assert {ticket.kind for ticket in lived.tickets} == {"complaint", "oversight", "information", "aspiration"}
    assert {"closed", "withdrawn", "routed"} <= {ticket.state for ticket in lived.tickets}
    done = {row.action for row in lived.audit}
    assert {"take", "answer", "ask", "complete", "finish", "forward", "hand_back", "postpone", "reopen"} <= done
    assert {"accept", "close", "withdraw", "lapse", "leave", "revoke", "enrol", "address_dead", "address_alive"} <= done
    assert {"breach", "acknowledge", "unacknowledged", "calendar_sign", "recount"} <= done
    assert any(row.page == "citizen/date_moved" for row in lived.outbox)
    assert max(ticket.refusals for ticket in lived.tickets) >= 2
    assert len({row.post_code for row in lived.deadlines if row.post_code}) > len(TEMPERS)
    assert {handed.outcome for handed in lived.handed} == {"Sent", "Later", "Gone"}


@pytest.mark.parametrize("invariant", invariants.ALL, ids=lambda invariant: invariant.__name__)
def test_whatever_happened(lived: Record, invariant: Invariant) -> None:
    invariant(lived, PLACE)


# --- and if it were not so


def _a_date_moves(record: Record, alter: Set) -> None:
    alter(record.tickets[7], "resolve_by", record.tickets[7].received_at)


def _a_promise_is_a_minute_off(record: Record, alter: Set) -> None:
    ticket = next(ticket for ticket in record.tickets if ticket.refusals and ticket.binding_by)
    alter(ticket, "binding_by", ticket.binding_by + timedelta(minutes=1))


def _a_sure_date_is_called_unsure(record: Record, alter: Set) -> None:
    alter(record.tickets[0], "provisional", True)


def _spoken(record: Record, clock: str = "binding") -> Row:
    return next(row for row in record.steps(clock) if row.state == "done" and row.post_code)


def _a_breach_is_taken_back(record: Record, alter: Set) -> None:
    alter(record, "breaches", record.breaches[:-1])


def _a_breach_never_happened(record: Record, alter: Set) -> None:
    last = record.breaches[-1]
    alter(record, "breaches", record.breaches[:-1])
    alter(record, "audit", [r for r in record.audit if (r.action, r.ticket_id) != ("breach", last.ticket_id)])


def _a_breach_has_another_date(record: Record, alter: Set) -> None:
    alter(record.breaches[5], "due_at", record.breaches[5].due_at + timedelta(days=1))


def _an_answer_counts_when_it_is_written(record: Record, alter: Set) -> None:
    word = next(word for word in record.words if word.reached_at > word.town_at)
    alter(word, "reached_at", word.town_at)


def _a_rung_has_two_rows(record: Record, alter: Set) -> None:
    alter(record, "deadlines", [*record.deadlines, copy(_spoken(record))])


def _a_rung_is_said_twice(record: Record, alter: Set) -> None:
    said = next(row for row in record.audit if row.action == "step")
    alter(record, "audit", [*record.audit, copy(said)])


def _a_step_has_no_page(record: Record, alter: Set) -> None:
    step = _spoken(record, "first_response").id
    alter(record, "outbox", [row for row in record.outbox if row.step_id != step])


def _a_step_speaks_at_night(record: Record, alter: Set) -> None:
    row = _spoken(record)
    alter(row, "fired_at", row.fired_at + timedelta(hours=14))


def _a_step_speaks_an_hour_late(record: Record, alter: Set) -> None:
    row = _spoken(record)
    alter(row, "fired_at", row.fired_at + timedelta(hours=1))


def _a_page_goes_at_night(record: Record, alter: Set) -> None:
    pages = {row.id for row in record.outbox if row.page in (*invariants.REMINDERS, invariants.LIST)}
    n, handed = next((n, handed) for n, handed in enumerate(record.handed) if handed.row in pages)
    at_night = copy(handed)
    object.__setattr__(at_night, "at", handed.at + timedelta(hours=14))
    alter(record, "handed", [*record.handed[:n], at_night, *record.handed[n + 1 :]])


def _a_rung_is_left_out(record: Record, alter: Set) -> None:
    alter(record, "deadlines", [row for row in record.deadlines if row.step != "due_officer"])


def _a_case_closes_without_an_answer(record: Record, alter: Set) -> None:
    closed = next(ticket.id for ticket in record.tickets if ticket.outcome == "silence")
    answers = {"answer", "finish"}
    kept = [row for row in record.audit if row.ticket_id != closed or row.action not in answers]
    alter(record, "audit", kept)


def _a_page_is_dropped_for_no_reason(record: Record, alter: Set) -> None:
    alter(next(row for row in record.outbox if row.state == "dropped"), "error", None)


def _a_page_still_waits(record: Record, alter: Set) -> None:
    alter(next(row for row in record.outbox if row.state == "sent"), "state", "queued")


def _a_page_never_reached_the_platform(record: Record, alter: Set) -> None:
    sent = next(handed for handed in record.handed if handed.outcome == "Sent")
    alter(record, "handed", [handed for handed in record.handed if handed.row != sent.row])


def _a_step_was_forgotten(record: Record, alter: Set) -> None:
    alter(_spoken(record), "state", "waiting")


def _the_reported_unit_is_written_to(record: Record, alter: Set) -> None:
    case = next(ticket for ticket in record.tickets if ticket.kind == "oversight" and ticket.reported_unit)
    posts = {post.code for post in PLACE.region.posts_of[case.reported_unit]}
    person = next(row.person_id for row in record.holdings if row.post_code in posts)
    alter(next(row for row in record.outbox if row.ticket_id == case.id), "person_id", person)


def _daily(record: Record) -> Row:
    return next(row for row in record.outbox if row.dedupe_key.startswith("digest:daily:SEKDA:"))


def _a_digest_tells_one_case_more(record: Record, alter: Set) -> None:
    facts = _daily(record).facts
    alter(_daily(record), "facts", {**facts, "changes": {**facts["changes"], "new": facts["changes"]["new"] + 1}})


def _a_digest_counts_an_open_case_too_many(record: Record, alter: Set) -> None:
    facts = _daily(record).facts
    alter(_daily(record), "facts", {**facts, "open": facts["open"] + 1})


def _accusations(record: Record, number: int) -> dict[str, object]:
    facts = _daily(record).facts
    return {**facts, "oversight": {**facts["oversight"], "running": number}}


def _a_digest_tells_of_two_accusations(record: Record, alter: Set) -> None:
    alter(_daily(record), "facts", _accusations(record, 2))


def _two_readers_are_told_different_numbers(record: Record, alter: Set) -> None:
    alter(_daily(record), "facts", _accusations(record, 40))


def _whoever_was_told_was_never_pressed(record: Record, alter: Set) -> None:
    early = next(row for row in record.audit if row.action == "unacknowledged")
    rows = [row for row in record.deadlines if (row.ticket_id, row.step) == (early.ticket_id, early.payload["next"])]
    spoke = next(row for row in rows if row.fired_at is not None)
    alter(spoke, "due_at", spoke.due_at + timedelta(days=2))


def _a_morning_has_no_digest(record: Record, alter: Set) -> None:
    mornings = [row for row in record.outbox if row.dedupe_key.startswith("digest:daily:SEKDA:")]
    alter(record, "outbox", [row for row in record.outbox if row is not mornings[2]])


BROKEN: tuple[tuple[Invariant, Callable[[Record, Set], None]], ...] = (
    (invariants.every_date_is_the_recounted_one, _a_date_moves),
    (invariants.every_date_is_the_recounted_one, _a_promise_is_a_minute_off),
    (invariants.a_date_is_provisional_where_it_needed_a_year_that_nobody_published, _a_sure_date_is_called_unsure),
    (invariants.what_was_missed_is_a_fact, _a_breach_is_taken_back),
    (invariants.what_was_missed_is_a_fact, _a_breach_never_happened),
    (invariants.what_was_missed_is_a_fact, _a_breach_has_another_date),
    (invariants.an_answer_counts_when_the_platform_has_it, _an_answer_counts_when_it_is_written),
    (invariants.every_rung_that_came_due_was_told, _whoever_was_told_was_never_pressed),
    (invariants.numbers_of_accusations_give_nothing_away, _a_digest_tells_of_two_accusations),
    (invariants.numbers_of_accusations_give_nothing_away, _two_readers_are_told_different_numbers),
    (invariants.every_step_speaks_once, _a_rung_has_two_rows),
    (invariants.every_step_speaks_once, _a_rung_is_said_twice),
    (invariants.every_step_has_a_page, _a_step_has_no_page),
    (invariants.no_step_speaks_outside_hours, _a_step_speaks_at_night),
    (invariants.no_step_speaks_outside_hours, _a_step_speaks_an_hour_late),
    (invariants.no_page_of_a_step_goes_outside_hours, _a_page_goes_at_night),
    (invariants.every_rung_that_came_due_was_told, _a_rung_is_left_out),
    (invariants.nothing_closes_that_no_office_answered, _a_case_closes_without_an_answer),
    (invariants.nothing_is_lost, _a_page_is_dropped_for_no_reason),
    (invariants.nothing_is_lost, _a_page_still_waits),
    (invariants.nothing_is_lost, _a_page_never_reached_the_platform),
    (invariants.no_step_waits_in_the_past, _a_step_was_forgotten),
    (invariants.the_reported_unit_heard_nothing, _the_reported_unit_is_written_to),
    (invariants.digests_add_up_to_the_register, _a_digest_tells_one_case_more),
    (invariants.digests_add_up_to_the_register, _a_digest_counts_an_open_case_too_many),
    (invariants.digests_add_up_to_the_register, _a_morning_has_no_digest),
)


@pytest.mark.parametrize(("invariant", "tamper"), BROKEN, ids=lambda function: str(function.__name__).strip("_"))
def test_it_would_be_noticed_if(
    lived: Record, monkeypatch: pytest.MonkeyPatch, invariant: Invariant, tamper: Callable[[Record, Any], None]
) -> None:
    tamper(lived, monkeypatch.setattr)
    with pytest.raises(AssertionError):
        invariant(lived, PLACE)


def test_every_invariant_can_fail() -> None:
    assert {invariant for invariant, _ in BROKEN} == set(invariants.ALL)
