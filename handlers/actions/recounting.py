"""Open cases counted anew after a change of the calendars: what would become of them, and doing it slice by slice.

The way through the cases stands in a row of `work`: each slice is a transaction that moves it on, so whoever comes next
goes on where a killed process stopped. What has been missed stays missed; only dates and waiting steps move.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from domain.deadlines import Deadlines, breached
from domain.region import Region
from domain.vocabulary import Action, State
from handlers.actions import marks, promises, schedule
from handlers.actions.letters import Letter
from handlers.actions.post import to_reporter
from handlers.messages import Choice
from handlers.session import Session
from handlers.shown import moment
from storage.calendars import keep_versions
from storage.ids import first_id
from storage.plan import Postponed, Record
from storage.queries import recounts
from storage.tables import Ticket, Work

log = logging.getLogger(__name__)

#: The work of counting anew.
RECOUNT = "recount"
#: Cases a transaction: well below 200 ms on a small machine.
SLICE = 25
#: A case that another process was opening while the calendars changed is found by a second look at the newest, so much
#: later (real time); no transaction takes that long.
LAG = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to open cases: how many were looked at, how many dates go where, who is late no more, or now.

    `settled`: estimates that become promises. `more`: there are more cases than were looked at.
    """

    looked: int = 0
    earlier: int = 0
    later: int = 0
    relieved: int = 0
    late: int = 0
    settled: int = 0
    more: bool = False

    @property
    def moved(self) -> int:
        return self.earlier + self.later

    def facts(self) -> dict[str, Any]:
        return {**asdict(self), "moved": self.moved}

    def plus(self, before: Deadlines, after: Deadlines, now: datetime) -> Effect:
        """This, and one more case."""
        old, new = _promise(before), _promise(after)
        was, will = (due is not None and breached(due, now) for due in (old, new))
        shift = new - old if old is not None and new is not None else timedelta()
        return Effect(
            looked=self.looked + 1,
            earlier=self.earlier + (shift < timedelta()),
            later=self.later + (shift > timedelta()),
            relieved=self.relieved + (was and not will),
            late=self.late + (will and not was),
            settled=self.settled + (before.provisional and not after.provisional),
            more=self.more,
        )


def _promise(dates: Deadlines) -> datetime | None:
    """The date that the citizen was told."""
    return dates.binding_by or dates.first_response_by


def effect_on(session: Session, tickets: Iterable[Record], then: Region, found: Effect) -> Effect:
    """What the calendars of `then` would do to some cases; writes nothing."""
    for ticket in tickets:
        before = promises.dates_of(ticket)
        after = before if _is_settled(ticket) else promises.counted(session, ticket, then)
        found = found.plus(before, after, session.now)
    return found


def _is_settled(ticket: Record) -> bool:
    """Whether what was promised has been kept or missed: then only the wait for silence moves."""
    return bool(ticket.state == State.RESOLVED)


def begin(session: Session) -> None:
    """Have every open case counted anew; a way that is still under way begins at the start."""
    for row in session.plan.fetch(Work, recounts.UNDER_WAY, {"kind": RECOUNT}):
        row.state = "done"
    key = session.source.id("work")
    session.plan.add(Work, id=key, key=f"{RECOUNT}:{key}", kind=RECOUNT, subject={"after": "0", "moved": 0})


def next_slice(session: Session, key: int) -> bool:
    """Count the next few cases; whether there are more of them now."""
    row = session.plan.locked(Work, key)
    if row is None or row.state != "waiting" or (row.retry_at and row.retry_at > session.moment.real):
        return False
    way = dict(row.subject or {})
    if way["after"] == "0":
        keep_versions(session.plan.connection, session.region, session.moment.real)
    ids = [found.id for found in session.plan.rows(recounts.OPEN_AFTER, {"after": int(way["after"]), "most": SLICE})]
    if not ids:
        _end_of_the_way(session, row, way)
        return False
    session.plan.lock_all(Ticket, ids)
    way["moved"] += sum(_recount_safely(session, ticket) for ticket in ids)
    row.subject = {**way, "after": str(ids[-1])}
    return True


def _end_of_the_way(session: Session, row: Record, way: dict[str, Any]) -> None:
    """Once to the end; then the newest cases again, which may have been counted while the calendars changed."""
    if way.get("again"):
        row.state = "done"
        session.audit("recounted", None, person=None, actor=RECOUNT, payload={"moved": way["moved"]})
        return
    row.retry_at = session.moment.real + LAG
    row.subject = {**way, "again": True, "after": str(first_id(session.moment.real - LAG))}


def _recount_safely(session: Session, key: int) -> bool:
    """One case; one that cannot be counted stays as it is, with an alarm: it must not stop the others."""
    ticket = session.plan.one(Ticket, key)
    if ticket is None:
        return False
    mark = session.plan.mark()
    try:
        return recount(session, ticket)
    except (DBAPIError, Postponed):
        raise
    except Exception as error:
        session.plan.rollback(mark)
        log.error("a case could not be counted anew", extra={"ticket": ticket.number, "kind": type(error).__name__})
        return False


def recount(session: Session, ticket: Record) -> bool:
    """Count one case anew and tell its citizen where the promise changes; whether it did."""
    marks.write_past(session, ticket)
    before = promises.dates_of(ticket)
    if not _is_settled(ticket):
        promises.recount(session, ticket)
    schedule.put_in_place(session, ticket)
    after = promises.dates_of(ticket)
    if _promise(before) == _promise(after) and before.provisional == after.provisional:
        return False
    _note(session, ticket, before, after)
    return True


def _note(session: Session, ticket: Record, before: Deadlines, after: Deadlines) -> None:
    old, new = _promise(before), _promise(after)
    if old != new:
        ticket.moved_from, ticket.moved_at = old, session.now
    payload = {"from": moment(old), "to": moment(new), "calendar": ticket.calendar_version}
    note = session.audit("recount", ticket.id, person=None, actor=RECOUNT, payload=payload)
    if new is None or (after.provisional and old == new):
        return
    shown = {
        "number": ticket.number,
        "by": moment(new),
        "before": moment(old) if old != new else None,
        "provisional": after.provisional,
    }
    key = f"moved:{note.id}:{ticket.reporter_id}"
    choices = (Choice("details", (str(ticket.id),)),)
    to_reporter(session, Letter(key, "citizen/date_moved", shown, choices, ticket, Action.READ))
