"""The dates that an office owes a citizen, and the moments at which somebody is reminded of them.

Days are working days (hari kerja, HK) of the unit's calendar, except the statutory ones, which are calendar days.
Day 0 is the town's date of receipt; a due moment is the close of its day's last frame, and its minute is still in time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from domain.calendar import Calendar
from domain.vocabulary import Kind

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_END_OF_DAY = time(23, 59, 59)

#: Kinds whose handling the law itself limits in calendar days.
STATUTORY_KINDS = frozenset({Kind.COMPLAINT, Kind.OVERSIGHT})
#: Working days in which a case is resolved that the citizen sent back with `belum`.
REOPENED_DAYS = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """How many days a kind gets: working days to verify, answer first and resolve, calendar days by the law.

    None = no such clock. `basis` names the rule that the numbers come from, for people to check.
    """

    verify: int
    first_response: int
    resolve: int | None
    statutory_days: int | None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The moments (UTC) at which each clock of a case is due; None = that clock does not run.

    `binding_by` is the promise: it stands on the receipt, drives the ladder and decides the on-time share. The whole
    set is `provisional` while it needed days off that the government has not published yet.
    """

    verify_by: datetime | None
    first_response_by: datetime | None
    resolve_by: datetime | None
    statutory_by: datetime | None
    binding_by: datetime | None
    provisional: bool


def compute(kind: Kind, received: datetime, policy: Policy, calendar: Calendar) -> Deadlines:
    """The deadlines of a case that was received at `received` (aware, any zone; ValueError if naive).

    Source: working days by the practice of PermenPANRB 62/2018 (verify 3, answer 5, resolve 5/14/60 by kind), which
    LAPOR! still shows; the numbers are the town's data. Receipt on a free day or at night is day 0 like any other.
    """
    day = calendar.day_of(received)
    verify = calendar.after(day, policy.verify)
    first = calendar.after(day, policy.first_response)
    resolve = None if policy.resolve is None else calendar.after(day, policy.resolve)
    resolve_by = None if resolve is None else calendar.closing(resolve)
    statutory_by = _statutory(kind, day, policy, calendar)
    return Deadlines(
        verify_by=calendar.closing(verify),
        first_response_by=calendar.closing(first),
        resolve_by=resolve_by,
        statutory_by=statutory_by,
        binding_by=binding(kind, resolve_by, statutory_by),
        provisional=_provisional(day, max(filter(None, (verify, first, resolve))), calendar),
    )


def binding(kind: Kind, resolve_by: datetime | None, statutory_by: datetime | None) -> datetime | None:
    """The earlier of the two dates; to be asked again after a pause, which moves only `resolve_by`.

    Source: the contract. An aspiration (a wish) binds nobody: its receipt prints the date of the first response.
    """
    dates = [due for due in (resolve_by, statutory_by) if due is not None]
    return None if kind is Kind.ASPIRATION else min(dates, default=None)


def handed_over(current: Deadlines, handover: datetime, policy: Policy, calendar: Calendar) -> Deadlines:
    """The deadlines after a forward or a hand-back: the new desk verifies and answers anew, the citizen's dates stay.

    Source: decision 15; the promise belongs to the case, not to the desk that happens to hold it.
    """
    day = calendar.day_of(handover)
    verify = calendar.after(day, policy.verify)
    first = calendar.after(day, policy.first_response)
    return replace(
        current,
        verify_by=calendar.closing(verify),
        first_response_by=calendar.closing(first),
        provisional=current.provisional or _provisional(day, max(verify, first), calendar),
    )


def reopened(
    received_day: date,
    kind: Kind,
    statutory_by: datetime | None,
    calendar: Calendar,
    resolve_days: int = REOPENED_DAYS,
) -> Deadlines:
    """The deadlines of the cycle that a citizen opens by `belum` on the town's date `received_day` (its day 0).

    Source: decision 15. The office knows the case, so nothing is verified or answered first any more; an
    aspiration, which has no date to resolve, owes its next answer in the same days. The statutory date never moves:
    while it lies ahead it may bind, once it has passed it is only shown and the new date binds.
    """
    day = calendar.after(received_day, resolve_days)
    due = calendar.closing(day)
    wish = kind is Kind.ASPIRATION
    ahead = statutory_by if statutory_by and calendar.day_of(statutory_by) >= received_day else None
    return Deadlines(
        verify_by=None,
        first_response_by=due if wish else None,
        resolve_by=None if wish else due,
        statutory_by=statutory_by,
        binding_by=binding(kind, due, ahead),
        provisional=_provisional(received_day, day, calendar),
    )


def breach(due: datetime) -> datetime:
    """The first moment (UTC) that is too late: a deadline is printed to the minute and that minute is in time."""
    return due.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE


def breached(due: datetime, now: datetime) -> bool:
    """Whether `due` has been missed at `now`: from the minute after the printed one on."""
    return now >= breach(due)


def days_paused(since: datetime, until: datetime, calendar: Calendar) -> int:
    """On how many working days a case that waited from `since` to `until` was waiting when the day closed.

    Source: the contract. A question asked and answered within one day's hours costs nobody a day.
    """
    day, last = calendar.after(calendar.day_of(since), 0), calendar.day_of(until)
    count = 0
    while day <= last:
        count += since <= calendar.closing(day) < until
        day = calendar.after(day, 1)
    return count


def paused_due_day(due: datetime, paused_days: int, calendar: Calendar) -> datetime:
    """The due moment (UTC) of a case that was paused on `paused_days` working days at closing time.

    Source: the contract; the rest of the time is given back whole, so no pause ends in a breach. Never earlier than
    `due`; ValueError for a negative number. Not for `statutory_by`, which no pause moves.
    """
    # Without a paused day the date stands as it was promised, even if its own day has become free since.
    if paused_days == 0:
        return due
    return calendar.closing(calendar.after(calendar.day_of(due), paused_days))


def stated(day: date, now: datetime, calendar: Calendar) -> datetime:
    """The due moment (UTC) of a date that somebody else has set, as in a letter: its closing time.

    A free day moves it to the working day before, never later; where none is left after `now`, to the end of the day.
    """
    closing = calendar.closing(calendar.before(day, 0))
    return closing if closing > now else calendar.at(day, _END_OF_DAY)


def rung_moment(when: str, days: int, due: datetime, calendar: Calendar) -> datetime:
    """The moment (UTC) at which a rung of the ladder speaks, always an opening of `calendar`, that of its reader.

    `at`: the due day; where nobody works on it (a statutory date, or a reader who is free on Saturdays), the last
    working day before it. `before`: that many working days before the same day. `after`: the n-th working day after
    the due day; n = 0: the first opening that is later than the first late minute. ValueError for any other word.

    Source: decision 14.
    """
    due_day = calendar.day_of(due)
    match when:
        case "before":
            return calendar.opening(calendar.before(calendar.before(due_day, 0), days))
        case "at":
            return calendar.opening(calendar.before(due_day, 0))
        case "after" if days == 0:
            return calendar.next_opening(breach(due))
        case "after":
            return calendar.opening(calendar.after(due_day, days))
    raise ValueError(f"a rung speaks before, at or after a deadline, not {when!r}")


def _statutory(kind: Kind, day: date, policy: Policy, calendar: Calendar) -> datetime | None:
    """Source: UU 25/2009 Pasal 50 and Perpres 76/2013: decided within 60 days, read as calendar days, the safe way."""
    if kind not in STATUTORY_KINDS or policy.statutory_days is None:
        return None
    return calendar.at(day + timedelta(days=policy.statutory_days), _END_OF_DAY)


def _provisional(day: date, last: date, calendar: Calendar) -> bool:
    # Day 0 never counts, so its year is not needed: a case of 31 December is counted in the next year alone.
    return not calendar.confirmed(day + _DAY, last)
