"""Honest numbers, each defined once (docs/figures.md): for the digests, the register and whatever is published.

Small ones are hidden where they could point at a person, and rare ones get no average.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from domain.calendar import Calendar
from domain.lives import Life, Passed, Promise
from domain.shields import LEAST_CELL
from domain.vocabulary import Turn

#: A median of fewer is chance; so is what nine of ten did not exceed.
LEAST_MEDIAN, LEAST_P90 = 5, 10
#: Turns with which a settled case is closed.
_CLOSING = (Turn.ACCEPTED, Turn.SILENCE)
_INSTANT = timedelta(microseconds=1)


def masked(count: int) -> int | None:
    """A count as it may be printed: None stands for "fewer than `LEAST_CELL`"; nought is no secret."""
    return None if 0 < count < LEAST_CELL else count


@dataclass(frozen=True, slots=True)
class Spread:
    """Working minutes of so many cases: half took at most `median`, nine of ten at most `p90`.

    None where there are too few to speak of one.
    """

    count: int
    median: float | None
    p90: float | None


def spread(values: Iterable[int]) -> Spread:
    """The median, and the smallest value that nine tenths do not exceed."""
    found = sorted(values)
    return Spread(
        count=len(found),
        median=float(median(found)) if len(found) >= LEAST_MEDIAN else None,
        p90=float(found[-(-len(found) * 9 // 10) - 1]) if len(found) >= LEAST_P90 else None,
    )


@dataclass(frozen=True, slots=True)
class Stars:
    """What citizens gave in a period, and how many cases were closed in it without a word of theirs."""

    count: int
    average: float | None
    none: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A period in numbers, as they stood at its end. docs/figures.md defines each in one sentence.

    Of the promises that were decided in the period `in_time` of `counted` were kept; of the settled cases that were
    judged in it `refused` of `judged` were sent back; of those that came in it `unanswered` of `owed` had no answer.
    """

    received: int
    settled: int
    withdrawn: int
    lapsed: int
    referred: int
    refused: int
    resumed: int
    open: int
    late: int
    counted: int
    in_time: int
    judged: int
    owed: int
    unanswered: int
    resolve: Spread
    answer: Spread
    ratings: Stars


def figures(lives: Iterable[Life], start: datetime, end: datetime, calendar_of: Callable[[str], Calendar]) -> Figures:
    """What came in and went out from `start` until before `end`, which has passed, and what was open then.

    Counted from moments alone, so that a month has the same figures whenever they are asked for. `calendar_of` gives
    a unit's calendar; working time is measured in that of the unit that settled or answered.
    """
    seen = [life for life in lives if life.received_at < end]
    last = end - _INSTANT
    span = _Span(start, end)
    ended = Counter(promise.over_by for _, promise in _over(seen, span))
    turns = Counter(passed.turn for life in seen for passed in life.turns if passed.at in span)
    came = [life for life in seen if life.received_at in span and not life.is_taken_back(last)]
    kept, counted = on_time(seen, start, end)
    return Figures(
        received=sum(life.received_at in span for life in seen),
        settled=ended[Turn.SETTLED],
        withdrawn=ended[Turn.WITHDRAWN],
        lapsed=ended[Turn.LAPSED],
        referred=ended[Turn.REFERRED],
        refused=turns[Turn.REFUSED],
        resumed=turns[Turn.RESUMED],
        open=sum(life.promise_at(last) is not None for life in seen),
        late=sum(life.is_late(last) for life in seen),
        counted=counted,
        in_time=kept,
        judged=sum(turns[turn] for turn in (Turn.REFUSED, *_CLOSING)),
        owed=len(came),
        unanswered=sum(life.is_unanswered(last) for life in came),
        resolve=spread(_minutes_to_settle(seen, span, calendar_of)),
        answer=spread(_minutes_to_answer(seen, span, calendar_of)),
        ratings=_stars(seen, span),
    )


def on_time(lives: Iterable[Life], start: datetime, end: datetime) -> tuple[int, int]:
    """How many of the promises that were decided from `start` until before `end` were kept, and of how many."""
    seen, span = list(lives), _Span(start, end)
    kept = sum(promise.kept for _, promise in _over(seen, span))
    return kept, kept + sum(promise.broken_at in span for life in seen for promise in life.promises)


@dataclass(frozen=True, slots=True)
class _Span:
    start: datetime
    end: datetime

    def __contains__(self, moment: datetime | None) -> bool:
        return moment is not None and self.start <= moment < self.end


def _over(lives: Iterable[Life], span: _Span) -> Iterator[tuple[Life, Promise]]:
    return ((life, promise) for life in lives for promise in life.promises if promise.over_at in span)


def _minutes_to_settle(lives: Iterable[Life], span: _Span, calendar_of: Callable[[str], Calendar]) -> Iterator[int]:
    """From the receipt, also of a case that was sent back: nobody gets faster by finishing twice."""
    for life, promise in _over(lives, span):
        if promise.over_by is Turn.SETTLED and promise.over_at is not None:
            yield calendar_of(promise.unit).working_minutes(life.received_at, promise.over_at)


def _minutes_to_answer(lives: Iterable[Life], span: _Span, calendar_of: Callable[[str], Calendar]) -> Iterator[int]:
    for life in lives:
        if life.first_response_at in span and life.first_response_at is not None:
            unit = life.unit_at(life.first_response_at)
            yield calendar_of(unit).working_minutes(life.received_at, life.first_response_at)


def _stars(lives: Iterable[Life], span: _Span) -> Stars:
    seen = list(lives)
    given = [stars for life in seen for at, stars in life.stars if at in span]
    return Stars(
        count=len(given),
        average=round(sum(given) / len(given), 1) if given else None,
        none=sum(_closed_unrated(life, passed, span) for life in seen for passed in life.turns),
    )


def _closed_unrated(life: Life, closing: Passed, span: _Span) -> bool:
    """Whether the case was closed then, and its settlement not rated by the end of the period."""
    if closing.turn not in _CLOSING or closing.at not in span:
        return False
    settled = max((p.at for p in life.turns if p.turn is Turn.SETTLED and p.at <= closing.at), default=life.received_at)
    return not any(settled <= at < span.end for at, _ in life.stars)


def office_days(minutes: float | None, calendar: Calendar) -> float | None:
    """Working minutes as working days of a calendar's ordinary week, to one decimal; for people to read."""
    return None if minutes is None else round(minutes / calendar.minutes_a_day(), 1)
