"""Who is told, and when, that a case is due: the rungs of the ladder laid out as moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from domain.calendar import Calendar
from domain.deadlines import Deadlines, rung_moment
from domain.region import Rung
from domain.vocabulary import Clock, Kind

#: Where several clocks of one case meet, the one that stands last here speaks for all.
_ORDER = (Clock.VERIFY, Clock.FIRST_RESPONSE, Clock.RESOLVE, Clock.STATUTORY, Clock.BINDING)


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
        clock = Clock(rung.clock)
        due = _due(kind, clock, deadlines)
        if due is None:
            continue
        moment = rung_moment(rung.when, rung.days, due, (calendars or {}).get(rung.to, calendar))
        step = StepDue(clock, rung.code, max(moment, not_before or moment), rung.to)
        # Rungs that had to wait share a moment, so the one that each would have had tells which of them is later;
        # +0 and +1 are often one opening even then.
        ranked.append(((_ORDER.index(clock), moment, rung.days, rung.code), step))
    told = {(step.due_at, step.to): step for _, step in sorted(ranked, key=itemgetter(0))}
    return tuple(sorted(told.values(), key=lambda step: (step.due_at, step.step)))


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
