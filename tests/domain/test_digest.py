"""What a digest lists and counts, what it hides, and the mornings on which it comes: rules as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.digest import SORTS, Changes, Seen, changes, listed, waiting
from domain.figures import masked
from domain.mornings import DigestKind, kinds_due, morning_of, next_morning, period, subscribers
from domain.region import Region
from domain.vocabulary import Identity, Kind, State
from tests.domain.calendars import OFFICE
from tests.kit.town import siantar

NOW = datetime(2026, 9, 21, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
PLAIN = Seen(
    id=1,
    number="TGP-26-7K3QD8",
    kind=Kind.COMPLAINT,
    state=State.ROUTED,
    identity=Identity.OPEN,
    unit="DLH",
    head_only=False,
    matter=None,
    reported=None,
    taken=False,
    received_at=NOW - 10 * DAY,
    binding_by=NOW + 3 * DAY,
    first_response_by=NOW + DAY,
    first_response_at=NOW - 8 * DAY,
    resolved_at=None,
    closed_at=None,
    waiting_since=None,
)
LATE = replace(PLAIN, binding_by=NOW - DAY)
REFUSED = replace(PLAIN, refusals=1, refused_at=(NOW - 2 * DAY,), state=State.REOPENED)
SILENT = replace(PLAIN, first_response_at=None)
NEAR = replace(PLAIN, binding_by=NOW + 2 * DAY)
PAUSED = replace(PLAIN, state=State.WAITING_CITIZEN, waiting_since=NOW - 11 * DAY)


def soon(unit: str) -> datetime:
    """Until when what falls due is near."""
    return NOW + 2 * DAY


def many(case: Seen, count: int, first: int = 1) -> list[Seen]:
    return [replace(case, id=first + n) for n in range(count)]


# --- what is late


@pytest.mark.parametrize(
    ("case", "late"),
    [
        (PLAIN, False),
        (LATE, True),
        (replace(PLAIN, binding_by=NOW), False),
        (replace(PLAIN, binding_by=NOW - timedelta(minutes=1)), True),
        (replace(LATE, state=State.RESOLVED), False),
        (replace(LATE, state=State.WAITING_CITIZEN), False),
        (replace(PLAIN, kind=Kind.ASPIRATION, binding_by=None, first_response_by=NOW - DAY), False),
        (replace(SILENT, kind=Kind.ASPIRATION, binding_by=None, first_response_by=NOW - DAY), True),
        (replace(SILENT, binding_by=None, first_response_by=None), False),
    ],
)
def test_late_is_open_and_past_what_was_promised(case: Seen, late: bool) -> None:
    assert case.is_late(NOW) is late


# --- what is listed


@pytest.mark.parametrize(
    ("there", "shown"),
    [
        ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
        ((1, 1, 1, 1, 1), (1, 1, 1, 1, 1)),
        ((9, 0, 0, 0, 0), (8, 0, 0, 0, 0)),
        ((9, 1, 0, 0, 0), (7, 1, 0, 0, 0)),
        ((9, 9, 9, 9, 9), (4, 1, 1, 1, 1)),
        ((0, 9, 0, 9, 9), (0, 6, 0, 1, 1)),
        ((0, 0, 0, 0, 9), (0, 0, 0, 0, 8)),
        ((3, 0, 0, 9, 0), (3, 0, 0, 5, 0)),
        ((2, 0, 9, 2, 0), (2, 0, 5, 1, 0)),
    ],
)
def test_a_long_list_of_late_cases_leaves_places_for_the_others(there: tuple[int, ...], shown: tuple[int, ...]) -> None:
    """Late, sent back, due soon, without an answer, paused long."""
    kinds = (LATE, REFUSED, NEAR, SILENT, PAUSED)
    cases = [
        case for n, (kind, count) in enumerate(zip(kinds, there, strict=True)) for case in many(kind, count, n * 99)
    ]
    found = listed(cases, NOW, near=soon)
    sorts = [sort for sort, _ in found.cases]
    assert tuple(map(sorts.count, SORTS)) == shown
    assert [found.more[sort] for sort in SORTS] == [a - b for a, b in zip(there, shown, strict=True)]
    assert sorts == sorted(sorts, key=SORTS.index)


def test_a_case_stands_in_one_list_only() -> None:
    every = replace(LATE, refusals=2, first_response_at=None)
    assert [sort for sort, _ in listed([every], NOW, near=soon).cases] == ["late"]


def test_the_longest_waiting_comes_first_and_a_case_of_today_is_not_called_silent() -> None:
    cases = [replace(SILENT, id=n, received_at=NOW - n * DAY) for n in (2, 9, 4)]
    fresh = replace(SILENT, id=99, received_at=NOW - timedelta(hours=20))
    assert [case.id for _, case in listed([*cases, fresh], NOW, near=soon).cases] == [9, 4, 2]


@pytest.mark.parametrize(
    ("case", "sort"),
    [
        (NEAR, "near"),
        (replace(NEAR, first_response_at=None), "near"),
        (replace(NEAR, binding_by=NOW + 2 * DAY + timedelta(minutes=1)), None),
        (replace(NEAR, state=State.RESOLVED), None),
        (PAUSED, "paused"),
        (replace(PAUSED, waiting_since=NOW - 9 * DAY), None),
        (replace(PAUSED, binding_by=NOW - DAY), "paused"),
        (replace(PAUSED, state=State.ROUTED), None),
    ],
)
def test_what_falls_due_soon_and_what_is_paused_long_is_listed(case: Seen, sort: str | None) -> None:
    assert [found for found, _ in listed([case], NOW, near=soon).cases] == ([sort] if sort else [])


def test_who_waits_for_a_citizen_longest_comes_first() -> None:
    asked = replace(PLAIN, state=State.WAITING_CITIZEN)
    cases = [replace(asked, id=n, waiting_since=NOW - n * DAY) for n in (1, 5)]
    assert [case.id for case in waiting([*cases, PLAIN, asked])] == [5, 1]


# --- what changed


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (PLAIN, Changes()),
        (replace(PLAIN, received_at=NOW - DAY), Changes(new=1)),
        (replace(PLAIN, binding_by=NOW - timedelta(hours=2)), Changes(late=1)),
        (replace(PLAIN, binding_by=NOW - 5 * DAY), Changes()),
        (replace(PLAIN, first_response_at=NOW), Changes(answered=1)),
        (replace(PLAIN, state=State.RESOLVED, resolved_at=NOW - DAY), Changes(resolved=1)),
        (replace(PLAIN, state=State.CLOSED, resolved_at=NOW - 9 * DAY, closed_at=NOW - DAY), Changes(closed=1)),
        (replace(REFUSED, refused_at=(NOW - 5 * DAY, NOW - DAY)), Changes(refused=1)),
        (replace(PLAIN, received_at=NOW + DAY), Changes()),
    ],
)
def test_a_change_is_told_in_the_digest_after_it(case: Seen, expected: Changes) -> None:
    found = changes([case], NOW - 3 * DAY, NOW)
    assert found == expected
    assert bool(found) is (expected != Changes())


# --- honest numbers


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (2, None), (3, 3), (40, 40)])
def test_a_small_count_is_not_told(count: int, shown: int | None) -> None:
    assert masked(count) == shown


# --- mornings


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2026, 9, 8), ["daily"]),
        (date(2026, 9, 12), []),
        (date(2026, 9, 14), ["daily", "weekly"]),
        (date(2026, 10, 1), ["daily", "monthly"]),
        (date(2026, 6, 1), []),  # the birth of Pancasila, a Monday
        (date(2026, 6, 2), ["daily", "weekly", "monthly"]),
        (date(2026, 8, 3), ["daily", "weekly", "monthly"]),
    ],
)
def test_the_first_working_day_of_a_week_or_month_has_its_own(day: date, kinds: list[str]) -> None:
    assert list(kinds_due(day, OFFICE)) == kinds


@pytest.mark.parametrize(
    ("kind", "day", "first", "after"),
    [
        (DigestKind.DAILY, date(2026, 9, 8), date(2026, 9, 8), date(2026, 9, 9)),
        (DigestKind.WEEKLY, date(2026, 9, 14), date(2026, 9, 7), date(2026, 9, 14)),
        (DigestKind.WEEKLY, date(2026, 9, 17), date(2026, 9, 7), date(2026, 9, 14)),
        (DigestKind.MONTHLY, date(2026, 3, 2), date(2026, 2, 1), date(2026, 3, 1)),
        (DigestKind.MONTHLY, date(2026, 1, 5), date(2025, 12, 1), date(2026, 1, 1)),
    ],
)
def test_a_period_is_the_last_whole_one(kind: DigestKind, day: date, first: date, after: date) -> None:
    assert period(kind, day) == (first, after)


@pytest.mark.parametrize(
    ("now", "next_one"),
    [
        ("2026-09-07T00:29:59+00:00", "2026-09-07T00:30:00+00:00"),
        ("2026-09-07T00:30:00+00:00", "2026-09-08T00:30:00+00:00"),
        ("2026-09-11T05:00:00+00:00", "2026-09-14T00:30:00+00:00"),
    ],
)
def test_the_next_morning_is_the_next_opening_of_a_working_day(region: Region, now: str, next_one: str) -> None:
    assert next_morning(region, datetime.fromisoformat(now)) == datetime.fromisoformat(next_one)


def test_a_post_may_have_an_hour_of_its_own(region: Region) -> None:
    posts = {**region.posts, "SEKDA": replace(region.posts["SEKDA"], digest_at=time(6, 45))}
    early = replace(region, posts=posts)
    assert next_morning(early, datetime(2026, 9, 6, 20, tzinfo=UTC)) == datetime(2026, 9, 6, 23, 45, tzinfo=UTC)
    assert next_morning(early, datetime(2026, 9, 6, 23, 45, tzinfo=UTC)) == datetime(2026, 9, 7, 0, 30, tzinfo=UTC)
    assert morning_of(posts["SEKDA"], date(2026, 9, 7), OFFICE) == datetime(2026, 9, 6, 23, 45, tzinfo=UTC)


@pytest.fixture
def region() -> Region:
    return siantar()


def test_supervisors_and_heads_of_offices_are_sent_digests_and_nobody_else(region: Region) -> None:
    posts = {post.code for post in subscribers(region)}
    assert {
        "WALI-KOTA",
        "SEKDA",
        "KABAG-ORGANISASI",
        "INSPEKTUR",
        "KEPALA-DISDUKCAPIL",
        "CAMAT-SIANTAR-BARAT",
        "DIREKTUR-RSUD",
    } <= posts
    assert not {"PETUGAS-DISDUKCAPIL", "LURAH-TOMUAN", "KEPALA-PKM-RAYA", "PETUGAS-MEJA-DEPAN"} & posts
