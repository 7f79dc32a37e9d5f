"""What shall have happened in the demo's past: which stories, told when, and what became of each. Pure, by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from domain.calendar import Calendar
from domain.vocabulary import Identity

#: Hours at which something happens: several cases move in one moment, so that they share a transaction.
HOURS = (time(8, 40), time(10, 15), time(13, 50), time(15, 5))
#: Of ten citizens so many hide their name, and so many give none.
_CONFIDENTIAL, _ANONYMOUS = 2, 2
#: The citizen whose phone the page opens with has told so many of the stories.
_OWN_STORIES = 3
#: Until when an officer puts a case off, in working days.
_LATER = 4


@dataclass(frozen=True)
class Act:
    """One turn of somebody in a conversation: texts to type and, in brackets, choices to press."""

    at: datetime
    who: str
    lines: tuple[str, ...]


@dataclass
class Case:
    """One story, by whom and when, and what is done about it. Its number is known once it is told."""

    sender: str
    story: str
    identity: Identity | None
    told_at: datetime
    acts: tuple[Act, ...]
    number: str = field(default="")


def plan(
    book: dict[str, Any], count: int, first: datetime, last: datetime, calendar: Calendar, seed: int
) -> list[Case]:
    """So many cases between two moments, the oldest first; what would happen after the last one is left out."""
    chooser = random.Random(seed)  # noqa: S311 - an invented past is no secret
    moments = sorted(_moment(chooser, first, last, calendar) for _ in range(count))
    cases = [_case(book, at, last, calendar, chooser, number) for number, at in enumerate(moments, start=1)]
    own = [case for case in cases if all(act.who != "citizen" for act in case.acts) and case.identity is None]
    for case in own[-_OWN_STORIES:]:
        case.sender = "citizen"
    return cases


def _moment(chooser: random.Random, first: datetime, last: datetime, calendar: Calendar) -> datetime:
    """Citizens write on any day."""
    days = (last - first).days
    day = calendar.day_of(first) + timedelta(days=chooser.randrange(1, max(days, 2)))
    return calendar.at(day, chooser.choice(HOURS))


def _case(
    book: dict[str, Any], at: datetime, last: datetime, calendar: Calendar, chooser: random.Random, number: int
) -> Case:
    plots: Sequence[dict[str, Any]] = tuple(book["plots"].values())
    (plot,) = chooser.choices(plots, [plot["weight"] for plot in plots])
    acts = _acts(book["words"], plot["acts"], at, calendar, chooser)
    happened = tuple(act for act in acts if act.at < last)
    needs_chat = any(act["who"] == "citizen" for act in plot["acts"])
    identity = None if needs_chat else _identity(chooser)
    return Case(f"warga-{number}", chooser.choice(book["stories"]), identity, at, happened)


def _identity(chooser: random.Random) -> Identity | None:
    """None leaves what the program proposes."""
    drawn = chooser.randrange(10)
    if drawn < _CONFIDENTIAL:
        return Identity.CONFIDENTIAL
    return Identity.ANONYMOUS if drawn < _CONFIDENTIAL + _ANONYMOUS else None


def _acts(
    words: dict[str, list[str]],
    acts: Iterable[dict[str, Any]],
    told: datetime,
    calendar: Calendar,
    chooser: random.Random,
) -> Iterable[Act]:
    day = calendar.day_of(told)
    for act in acts:
        day = calendar.after(day, act["after"])
        chosen = {name: chooser.choice(found) for name, found in words.items()}
        later = _typed(calendar.after(day, _LATER))
        lines = tuple(str(line).format(**chosen, later=later) for line in act["does"])
        yield Act(calendar.at(day, chooser.choice(HOURS)), act["who"], lines)


def _typed(day: date) -> str:
    """A day as people type one."""
    return f"{day.day}/{day.month}/{day.year}"


def leave(first: date, last: date) -> tuple[str, ...]:
    """What an officer types who is away and leaves nobody in charge."""
    return (f"/cuti {_typed(first)} - {_typed(last)}", "[no_substitute]")


def last_morning(calendar: Calendar, now: datetime) -> datetime:
    """The opening of today if it has come, else the next one: its digests are what the page opens with."""
    day = calendar.day_of(now)
    opened = calendar.is_working(day) and calendar.opening(day) <= now
    return calendar.opening(day) if opened else calendar.next_opening(now)


def by_moment(told: Iterable[Case]) -> Iterator[tuple[datetime, list[tuple[Case, Act | None]]]]:
    """What happens, the oldest first: the telling of a case (no act), and every act about it."""
    events: list[tuple[datetime, Case, Act | None]] = []
    for case in told:
        events += [(case.told_at, case, None), *((act.at, case, act) for act in case.acts)]
    for at, group in groupby(sorted(events, key=lambda event: event[0]), key=lambda event: event[0]):
        yield at, [(case, act) for _, case, act in group]
