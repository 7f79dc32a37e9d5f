"""What is told of an accusation beyond the Inspektorat: that one is late, and no number that only one page knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from domain.vocabulary import Identity, Kind
from handlers.actions import shields
from handlers.session import Rules
from storage.plan import table_of
from storage.tables import Outbox, ShieldedCount
from tests.clocks.case import Case

New = Callable[..., Case]


def late_accusation(case: New) -> Case:
    it = case(kind=Kind.OVERSIGHT, rules=Rules(undo_seconds=60, digests=True)).opens()
    it.lives_until(it.ticket.binding_by + timedelta(days=20))
    return it


def counts(it: Case) -> list[tuple[str, int | None]]:
    rows = [row for row in it.rows(Outbox, page="supervisor/late_count") if row.post_code]
    return [(row.post_code, it.facts(row)["count"]) for row in rows]


def test_whoever_hears_of_a_late_accusation_gets_a_page_also_where_digests_are_sent(case: New) -> None:
    assert {("SEKDA", None), ("WALI-KOTA", None)} <= set(counts(late_accusation(case)))


@pytest.mark.parametrize(("stands", "said"), [(2, None), (7, 7)])
def test_the_page_says_the_number_that_stands_for_every_reader(case: New, stands: int, said: int | None) -> None:
    it = case()
    row = {"cell": shields.LATE, "number": stands, "looked_on": date(2026, 9, 7)}
    it.connection.execute(insert(table_of(ShieldedCount)), [row])
    assert {count for _, count in counts(late_accusation(case))} == {said}


def test_a_letter_of_the_ombudsman_is_no_shielded_case(case: New) -> None:
    it = case(identity=Identity.CONFIDENTIAL).opens()
    assert it.looks(shields.to_come)["office:DISDUKCAPIL"].count == 0, "one moves no number"
    for _ in range(2):
        case(identity=Identity.CONFIDENTIAL).opens()
    assert it.looks(shields.to_come)["office:DISDUKCAPIL"].count == 3
    it.becomes(kind=str(Kind.LETTER))
    assert it.looks(shields.to_come)["office:DISDUKCAPIL"].count == 0
