"""The dates that an office owes a citizen, and the moments at which somebody is reminded of them.

Days are working days (hari kerja, HK) of the unit's calendar, except the statutory ones, which are calendar days.
Day 0 is the town's date of receipt; a due moment is the close of its day's last frame, and its minute is still in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.calendar import Calendar
from domain.vocabulary import Clock, Kind

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_END_OF_DAY = time(23, 59, 59)

#: Kinds whose handling the law itself limits in calendar days.
STATUTORY_KINDS = frozenset({Kind.COMPLAINT, Kind.OVERSIGHT})
#: Working days in which a case is resolved that the citizen sent back with `belum`.
REOPENED_DAYS = 5
#: How often, and for how many calendar days in all, the clock of one case may stand still.
MOST_PAUSES, MOST_PAUSED_DAYS = 3, 60


@dataclass(frozen=True, slots=True)
class Policy:
    """How many days a kind gets: working days to verify, answer first and resolve, calendar days by the law.

    None = no such clock. `reopened`: working days in which a case is resolved that its citizen sent back. `pauses` and
    `paused_days` (calendar days) limit how often and how long the clock of one case stands still. `basis` names the
    rule that the numbers come from, for people to check; the rule holds for what is received from `since` on, and where
    `matter` or `unit` is given for that alone.
    """

    verify: int
    first_response: int
    resolve: int | None
    statutory_days: int | None
    basis: str = ""
    since: date = date.min
    matter: str | None = None
    unit: str | None = None
    reopened: int = REOPENED_DAYS
    pauses: int = MOST_PAUSES
    paused_days: int = MOST_PAUSED_DAYS


def policy_for(policies: Sequence[Policy], day: date, matter: str | None = None, unit: str | None = None) -> Policy:
    """The rule for a case received on `day`: the one for its matter or unit before the one for all, the newest.

    A day before the first rule has that one: no case is without dates. ValueError where there is no rule at all.
    """
    fitting = [rule for rule in policies if rule.matter in (None, matter) and rule.unit in (None, unit)]
    in_force = [rule for rule in fitting if rule.since <= day]
    if not fitting:
        raise ValueError("no policy fits")
    if not in_force:
        return min(fitting, key=lambda rule: rule.since)
    return max(in_force, key=lambda rule: (rule.matter is not None, rule.unit is not None, rule.since))


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


@dataclass(frozen=True, slots=True)
class History:
    """What the dates of a case are counted from: facts that no later change of a calendar touches (moments, aware).

    `reopened_at`: the citizen's last `belum`, with which a new promise began. `desk_since`: when the present desk was
    handed the case, if it was. `pauses`: the times in which an answer of the citizen was waited for and that are over.
    """

    kind: Kind
    received_at: datetime
    reopened_at: datetime | None = None
    desk_since: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()


def compute(kind: Kind, received: datetime, policy: Policy, calendar: Calendar) -> Deadlines:
    """The deadlines of a case that was received at `received` (aware, any zone; ValueError if naive)."""
    return count(History(kind, received), policy, calendar, calendar)


def count(history: History, policy: Policy, calendar: Calendar, desk: Calendar) -> Deadlines:
    """Every date of a case, counted from its history: at receipt, and anew whenever the history or a calendar changes.

    `calendar` is that of the unit that was there when the promise was given: the promise belongs to the case and not to
    the desk that happens to hold it (decision 15). `desk` is that of the unit that verifies and answers now.

    Source: working days by the practice of PermenPANRB 62/2018 (verify 3, answer 5, resolve 5/14/60 by kind), which
    LAPOR! still shows; the numbers are the town's data. Receipt on a free day or at night is day 0 like any other.
    """
    zero = calendar.day_of(history.reopened_at or history.received_at)
    wish = history.kind is Kind.ASPIRATION
    resolve = _resolve_day(history, policy, calendar, zero)
    verify, first = _desk_days(history, policy, desk)
    if history.reopened_at is not None and wish and first is None:
        first = calendar.after(zero, policy.reopened)
    resolve_by = None if resolve is None else calendar.closing(resolve)
    statutory_by = _statutory(history.kind, calendar.day_of(history.received_at), policy, calendar)
    return Deadlines(
        verify_by=None if verify is None else desk.closing(verify),
        first_response_by=None if first is None else desk.closing(first),
        resolve_by=resolve_by,
        statutory_by=statutory_by,
        binding_by=_binding(history, resolve_by, statutory_by, calendar),
        provisional=not _is_certain(history, calendar, zero, resolve, desk, (verify, first)),
    )


def _resolve_day(history: History, policy: Policy, calendar: Calendar, zero: date) -> date | None:
    """The due day of the promise, moved by the working days that were spent waiting since it was given."""
    reopened = history.reopened_at is not None
    if reopened and history.kind is Kind.ASPIRATION:
        return None
    days = policy.reopened if reopened else policy.resolve
    if days is None:
        return None
    since = history.reopened_at or history.received_at
    paused = sum(days_paused(start, end, calendar) for start, end in history.pauses if start >= since)
    return calendar.after(zero, days + paused)


def _desk_days(history: History, policy: Policy, desk: Calendar) -> tuple[date | None, date | None]:
    """By when the desk verifies and answers first: from the handover if there was one, else from the receipt.

    After `belum` the office knows the case: nothing is verified or answered first any more, until it is handed over.
    """
    since = history.desk_since or (None if history.reopened_at else history.received_at)
    if since is None:
        return None, None
    day = desk.day_of(since)
    return desk.after(day, policy.verify), desk.after(day, policy.first_response)


def _binding(
    history: History, resolve_by: datetime | None, statutory_by: datetime | None, calendar: Calendar
) -> datetime | None:
    """The earlier of the two dates. Source: the contract. An aspiration binds nobody: the first response is printed.

    The statutory date never moves. One that passed while the citizen was asked, or before the citizen sent the case
    back, is shown and binds no more.
    """
    if history.kind is Kind.ASPIRATION:
        return None
    dates = [due for due in (resolve_by, statutory_by if _binds(history, statutory_by, calendar) else None) if due]
    return min(dates, default=None)


def _binds(history: History, statutory_by: datetime | None, calendar: Calendar) -> bool:
    if statutory_by is None:
        return False
    if history.reopened_at and calendar.day_of(statutory_by) < calendar.day_of(history.reopened_at):
        return False
    return not any(start <= statutory_by < end for start, end in history.pauses)


def _is_certain(
    history: History,
    calendar: Calendar,
    zero: date,
    resolve: date | None,
    desk: Calendar,
    days: tuple[date | None, date | None],
) -> bool:
    """Whether every year that was counted in has had its days off published."""
    last = max(filter(None, days), default=None)
    begins = desk.day_of(history.desk_since) if history.desk_since else zero
    return (resolve is None or not _provisional(zero, resolve, calendar)) and (
        last is None or not _provisional(begins, last, desk)
    )


def breach(due: datetime) -> datetime:
    """The first moment (UTC) that is too late: a deadline is printed to the minute and that minute is in time."""
    return due.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE


def breached(due: datetime, now: datetime) -> bool:
    """Whether `due` has been missed at `now`: from the minute after the printed one on."""
    return now >= breach(due)


def missed_before(now: datetime) -> datetime:
    """The moment (UTC) before which everything that was due has been missed at `now`: the same, for many at once."""
    return now.astimezone(UTC).replace(second=0, microsecond=0)


def broken_since(
    missed: Iterable[tuple[str, datetime]],
    binding_by: datetime | None,
    received_at: datetime,
    reopened_at: datetime | None,
) -> datetime | None:
    """Since when the promise as it was last given is broken: for a wish, which binds nobody, the first answer.

    `missed` are the clocks of a case whose date was missed, each with the moment from which on it was late.
    """
    clock = Clock.BINDING if binding_by else Clock.FIRST_RESPONSE
    since = reopened_at or received_at
    return min((at for name, at in missed if name == clock and at >= since), default=None)


def days_paused(since: datetime, until: datetime, calendar: Calendar) -> int:
    """On how many working days a case that waited from `since` to `until` was waiting when the day closed.

    Source: the contract. A question asked and answered within one day's hours costs nobody a day. The closing minute is
    still in time, so one asked in it has waited on that day: else the answer would find the case late.
    """
    day, last = calendar.after(calendar.day_of(since), 0), calendar.day_of(until)
    count = 0
    while day <= last:
        count += since < breach(calendar.closing(day)) and calendar.closing(day) < until
        day = calendar.after(day, 1)
    return count


def stated(day: date, received: datetime, calendar: Calendar) -> Deadlines:
    """The deadlines of a letter, which says itself until which day it asks: its closing time binds, and nothing else.

    A free day moves it to the working day before, never later; where none is left after the receipt, it is the end of
    the day itself. No year is uncertain: the date is somebody else's.
    """
    closing = calendar.closing(calendar.before(day, 0))
    due = closing if closing > received else calendar.at(day, _END_OF_DAY)
    return Deadlines(None, None, due, None, due, provisional=False)


def paused_until(pauses: Sequence[tuple[datetime, datetime]], since: datetime, policy: Policy) -> datetime | None:
    """Until when a clock that stops at `since` may stand still, after these `pauses`; None: it may not stop at all.

    A time of waiting that was none (it ended where it began) is not counted. Source: the town's data; without a cap a
    case could be kept waiting for ever by asking again and again.
    """
    real = [(start, end) for start, end in pauses if end > start]
    left = timedelta(days=policy.paused_days) - sum((end - start for start, end in real), timedelta())
    return since + left if len(real) < policy.pauses and left > timedelta() else None


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
