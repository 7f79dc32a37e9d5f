"""Who is told, and when, that a case is due: the rungs of the ladder laid out as moments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from domain.calendar import Calendar
from domain.deadlines import Deadlines, breach, rung_moment
from domain.region import Rung
from domain.vocabulary import Clock, Kind

#: Where several clocks of one case meet, the one that stands last here speaks for all.
_ORDER = (Clock.VERIFY, Clock.FIRST_RESPONSE, Clock.RESOLVE, Clock.STATUTORY, Clock.BINDING)


#: Steps of a case that a citizen sent back (`belum`): they hang on no rung of the files, but on who was told before.
AGAIN, AGAIN_ORGANISATION = "again", "again_organisation"
RAISED = frozenset({AGAIN, AGAIN_ORGANISATION})
#: The step of a clock that writes down that its date was missed. It tells nobody.
MISSED = "breach"
#: Clocks whose dates are the case's own; the others are the desk's, and begin anew with every handover.
OF_CASE = frozenset({Clock.RESOLVE, Clock.STATUTORY, Clock.BINDING})
#: How long before its new date the first reminder of such a case speaks, in working days, as with every other case.
AGAIN_BEFORE = 2
#: From this `belum` on the organisation bureau hears of it too (decision 15).
THIRD_REFUSAL = 3


@dataclass(frozen=True, slots=True)
class StepDue:
    """One reminder to come: the rung `step` on its `clock` tells `to` (see Rung.to) at `due_at` (UTC)."""

    clock: Clock
    step: str
    due_at: datetime
    to: str


def steps(
    kind: Kind,
    deadlines: Deadlines,
    ladder: tuple[Rung, ...],
    calendar: Calendar,
    not_before: datetime | None,
    calendars: Mapping[str, Calendar] | None = None,
) -> tuple[StepDue, ...]:
    """The reminders of a case, by moment and then by code; a rung whose clock has no date is left out.

    A rung that is due before `not_before` (from `after_handover`) waits until then. `calendars` holds, by `Rung.to`,
    the hours of readers whose unit does not keep those of `calendar`. ValueError for an unknown clock or word.

    Whoever would be told of several clocks, or of several rungs of one, at the same moment is told once: the latest
    clock speaks, on it the latest rung, and the others have no row of their own. It is done here, because here the
    moments meet; that two words for a reader (`unit_head`, `office_head`) mean one post is known only on sending.

    Source: the contract ("clocks due at one moment speak once, as the latest of them"); decisions 14 to 16.
    """
    ranked: list[tuple[tuple[int, datetime, int, str], StepDue]] = []
    for rung in ladder:
        moment = moment_of(rung, kind, deadlines, (calendars or {}).get(rung.to, calendar))
        if moment is None:
            continue
        clock = Clock(rung.clock)
        step = StepDue(clock, rung.code, max(moment, not_before or moment), rung.to)
        # Rungs that had to wait share a moment, so the one that each would have had tells which of them is later;
        # +0 and +1 are often one opening even then.
        ranked.append(((_ORDER.index(clock), moment, rung.days, rung.code), step))
    told = {(step.due_at, step.to): step for _, step in sorted(ranked, key=itemgetter(0))}
    return tuple(sorted(told.values(), key=lambda step: (step.due_at, step.step)))


def moment_of(rung: Rung, kind: Kind, deadlines: Deadlines, calendar: Calendar) -> datetime | None:
    """When a rung speaks by itself, in its reader's hours; None where its clock has no date."""
    due = _due(kind, Clock(rung.clock), deadlines)
    return None if due is None else rung_moment(rung.when, rung.days, due, calendar)


def marks(kind: Kind, deadlines: Deadlines) -> dict[Clock, datetime]:
    """The first moment (UTC) that is too late, of every clock that has a date."""
    return {clock: breach(due) for clock in _ORDER if (due := _due(kind, clock, deadlines)) is not None}


def one_above(chain: Sequence[str], informed: Collection[str]) -> str | None:
    """The post of `chain` (lowest first) above the highest that is in `informed`; at the top it stays the top.

    Nobody informed counts as the first: the desk itself always is. None for an empty chain. Source: decision 15.
    """
    if not chain:
        return None
    highest = max((place for place, post in enumerate(chain) if post in informed), default=0)
    return chain[min(highest + 1, len(chain) - 1)]


def is_late(rung: Rung) -> bool:
    """Whether a rung says that the promise was not kept."""
    return rung.clock == Clock.BINDING and rung.when == "after"


def known_by(told: datetime, days: int, hours: Calendar) -> datetime:
    """Until when (UTC) whoever was told has said "I know": the opening of so many working days after, in their hours.

    Whoever has not by then is passed: the next rung speaks at once, if it would have spoken later.
    """
    return hours.opening(hours.after(hours.day_of(told), days))


def catch_up(due: Sequence[datetime], now: datetime, calendar: Calendar) -> tuple[datetime, ...]:
    """When rungs of one case that were missed speak: the first now, each later one an office hour after the last.

    Outside office hours the first waits for the next opening.

    Rungs that were due at the same moment speak together. Source: decision 13.
    """
    moments: list[datetime] = []
    for place, moment in enumerate(due):
        if place == 0:
            moments.append(now if calendar.is_open(now) else calendar.next_opening(now))
        elif moment == due[place - 1]:
            moments.append(moments[-1])
        else:
            later = moments[-1] + timedelta(hours=1)
            moments.append(later if calendar.is_open(later) else calendar.next_opening(later))
    return tuple(moments)


def after_handover(handover: datetime, calendar: Calendar) -> datetime:
    """The earliest moment (UTC) of a rung after a forward or a hand-back: the opening of the next working day.

    Source: decision 15; the new desk gets a day before anybody is told that it is late.
    """
    return calendar.opening(calendar.after(calendar.day_of(handover), 1))


def _due(kind: Kind, clock: Clock, deadlines: Deadlines) -> datetime | None:
    # An aspiration binds nobody, also where it began as a complaint and its row still holds that date.
    if kind is Kind.ASPIRATION and clock is Clock.BINDING:
        return None
    dates = {
        Clock.VERIFY: deadlines.verify_by,
        Clock.FIRST_RESPONSE: deadlines.first_response_by,
        Clock.RESOLVE: deadlines.resolve_by,
        Clock.STATUTORY: deadlines.statutory_by,
        Clock.BINDING: deadlines.binding_by,
    }
    return dates.get(clock)
