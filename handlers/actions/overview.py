"""What one post looks over, as a page: only what its reader may see, accusations as counts beyond the Inspektorat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from domain.deadlines import broken_since
from domain.digest import LATE, NEAR_DAYS, PAUSED, REFUSED, SILENT, Changes, Seen, changes, listed, waiting
from domain.mornings import DigestKind
from domain.region import HEADS
from domain.vocabulary import Actor, Held, Identity, Kind, Priority, Role, State
from domain.vocabulary import Desk as DeskName
from handlers.actions import picturing, shields
from handlers.actions.counting import spent
from handlers.flows.overviews import Overview
from handlers.session import Session
from handlers.shown import matter_names, moment
from storage import message_templates
from storage.lives import lives
from storage.queries import digests, people

#: Units without anybody to write to that one page names.
_MOST_UNITS = 5


def overview(session: Session, actor: Actor, held: Held, *, since: datetime, kind: str) -> Overview:
    """The page of a morning, or of now: what changed, what is late and whose it is, what nobody answers.

    That of a morning brings a picture.
    """
    drawn = kind == DigestKind.DAILY and held.role in HEADS
    everything = cases_of(session, actor, held, since)
    seen = without_letters(everything)
    named = listed(everything, session.now, near=_near(session))
    told = _told(session, [case.id for _, case in named.cases])
    happened = changes(seen, since, session.now)
    cells = _cells(session, held, drawn=drawn)
    facts: dict[str, Any] = {
        "title": session.title_of(held.post),
        "kind": kind,
        "since": moment(since),
        "at": moment(session.now),
        "open": sum(case.is_open for case in seen),
        "late": sum(case.is_late(session.now) for case in seen),
        "changes": asdict(happened),
        "cases": [
            {**_line(session, sort, case), "told": told.get(case.id), "fresh": case.fell_late(since, session.now)}
            for sort, case in named.cases
        ],
        "more": named.more,
        "waiting": _waiting(session, seen),
        "unreachable": _unreachable(session, held, seen),
        "oversight": shields.accusations(cells) if cells is not None else None,
        "letters": letters(session, everything),
        "unsendable": _unsendable(session, held),
        "spending": _spending(session, held),
        "quiet": _is_quiet(everything, happened, cells),
        "picture": _picture(session, actor, held, seen, cells) if drawn else None,
    }
    late = [case.id for sort, case in named.cases if sort == LATE]
    return Overview("supervisor/digest", facts, tuple(case.id for _, case in named.cases), tuple(late))


def _picture(
    session: Session, actor: Actor, held: Held, seen: list[Seen], cells: shields.Cells | None
) -> dict[str, Any] | None:
    scope = digests.overseen(actor, held, session.region)
    lived = lives(session.plan.rows, scope, picturing.begins(session), session.now)
    return picturing.facts(session, held, seen, lived, cells)


def _near(session: Session) -> Callable[[str], datetime]:
    """Until when what falls due at a unit is near: the closing of its second working day from today on."""

    def by(unit: str) -> datetime:
        calendar = session.region.calendar_of(unit)
        return calendar.closing(calendar.after(session.today, NEAR_DAYS))

    return cache(by)


def _cells(session: Session, held: Held, *, drawn: bool) -> shields.Cells | None:
    """The numbers of shielded cases that a supervisor is told, who is not told which they are; None for others.

    A morning's page stands on what it renews, every other one on what stands.
    """
    if held.role is not Role.SUPERVISOR:
        return None
    return shields.to_come(session) if drawn else shields.standing(session)


def without_letters(seen: Iterable[Seen]) -> list[Seen]:
    """The cases of citizens."""
    return [case for case in seen if case.kind is not Kind.LETTER]


def letters(session: Session, seen: Iterable[Seen]) -> dict[str, int] | None:
    """How many letters of the Ombudsman are open and late: no citizen's cases, so they are counted apart."""
    found = [case for case in seen if case.kind is Kind.LETTER and case.is_open]
    return {"open": len(found), "late": sum(case.is_late(session.now) for case in found)} if found else None


def cases_of(session: Session, actor: Actor, held: Held, since: datetime) -> list[Seen]:
    """The cases of a page: alive, or touched since then."""
    scope = digests.overseen(actor, held, session.region)
    rows = session.plan.rows(digests.of_digest(scope, since, session.now))
    return seen_of(session, rows)


def seen_of(session: Session, rows: Sequence[Any]) -> list[Seen]:
    """Rows of `tickets` as a digest looks at them."""
    refused: dict[int, list[datetime]] = {}
    for row in session.plan.rows(digests.REFUSED, {"tickets": [row.id for row in rows if row.refusals]}):
        refused.setdefault(row.ticket_id, []).append(row.town_at)
    missed: dict[int, list[tuple[str, datetime]]] = {}
    for row in session.plan.rows(digests.MISSED, {"tickets": [row.id for row in rows]}):
        missed.setdefault(row.ticket_id, []).append((row.clock, row.at))
    return [_seen(row, tuple(refused.get(row.id, ())), missed.get(row.id, ())) for row in rows]


def _seen(row: Any, refused_at: tuple[datetime, ...], missed: Iterable[tuple[str, datetime]]) -> Seen:
    return Seen(
        id=row.id,
        number=row.number,
        kind=Kind(row.kind),
        state=State(row.state),
        identity=Identity(row.identity),
        unit=row.unit_code,
        head_only=row.desk == DeskName.HEAD,
        matter=row.matter_code,
        reported=row.reported_unit,
        taken=row.taken_by is not None,
        received_at=row.received_at,
        binding_by=row.binding_by,
        first_response_by=row.first_response_by,
        first_response_at=row.first_response_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        waiting_since=row.waiting_since,
        refusals=row.refusals,
        refused_at=refused_at,
        high=row.priority == Priority.HIGH,
        missed_at=broken_since(missed, row.binding_by, row.received_at, row.reopened_at),
    )


def _line(session: Session, sort: str, case: Seen) -> dict[str, Any]:
    return {
        "number": case.number,
        "unit": session.region.units[case.unit].name,
        "matter": matter_names(case.matter, session.region),
        "kind": str(case.kind),
        "reported": session.region.units[case.reported].name if case.reported else None,
        "sort": sort,
        "since": moment(_since(sort, case)),
        "days": _days(session, case, _since(sort, case)),
        "taken": case.taken,
        "refused": case.refusals > 0,
        "high": case.high,
    }


def _since(sort: str, case: Seen) -> datetime:
    """Since when a listed case is what it is listed for; of one that falls due, when."""
    if sort == REFUSED:
        return max(case.refused_at, default=case.received_at)
    if sort == PAUSED and case.waiting_since is not None:
        return case.waiting_since
    return case.received_at if sort == SILENT else case.owed_by or case.received_at


def _days(session: Session, case: Seen, since: datetime) -> int:
    calendar = session.region.calendar_of(case.unit)
    first, last = sorted((calendar.day_of(since), session.today))
    return calendar.working_days_between(first, last)


def _told(session: Session, tickets: list[int]) -> dict[int, str]:
    """The title of the post that was told of a case last."""
    last = {row.ticket_id: row.post_code for row in session.plan.rows(digests.TOLD, {"tickets": tickets})}
    return {ticket: session.title_of(post) for ticket, post in last.items() if post in session.region.posts}


def _waiting(session: Session, seen: Iterable[Seen]) -> dict[str, int] | None:
    found = waiting(seen)
    if not found:
        return None
    since = found[0].waiting_since or found[0].received_at
    longest = (session.today - session.calendar.day_of(since)).days
    return {"count": len(found), "longest": longest}


def _unreachable(session: Session, held: Held, seen: Iterable[Seen]) -> dict[str, Any]:
    """Units with open cases in which nobody is there who could be written to, at the desk or above it.

    For supervisors the Inspektorat is always among those that are asked: it tells nothing of what it reads.
    """
    reached = {row.post_code for row in session.plan.rows(people.REACHED_POSTS, {"today": session.today})}
    desks = {(case.unit, case.head_only) for case in seen if case.is_open}
    desks |= {(session.region.inspectorate, False)} if held.role is Role.SUPERVISOR else set()
    lost = {unit for unit, head_only in desks if not reached & _readers(session, unit, head_only=head_only)}
    names = sorted(session.region.units[unit].name for unit in lost)
    return {"names": names[:_MOST_UNITS], "more": len(names[_MOST_UNITS:])}


def _readers(session: Session, unit: str, *, head_only: bool) -> set[str]:
    head = session.region.head_of(unit)
    desk = () if head_only else session.region.desk_of(unit)
    return {post.code for post in (*desk, *((head,) if head else ()))}


def _unsendable(session: Session, held: Held) -> int:
    """How many of our message templates a platform does not send: for who looks over the front desk, as an alarm."""
    if held.role is not Role.SUPERVISOR or held.unit != session.region.front_desk:
        return 0
    return message_templates.unsendable(session.plan.connection)


def _spending(session: Session, held: Held) -> list[dict[str, Any]]:
    """What billed messages have used up this month: for who looks over the front desk, which the bots belong to."""
    if held.role is not Role.SUPERVISOR or held.unit != session.region.front_desk:
        return []
    return [{"stage": limit.stage, **limit._asdict()} for found in spent(session).values() for limit in found]


def _is_quiet(seen: Iterable[Seen], happened: Changes, cells: shields.Cells | None) -> bool:
    """Nothing is open, nothing waits, nothing happened, and no number of accusations stands."""
    alive = any(case.is_open or case.state is State.WAITING_CITIZEN for case in seen)
    return not (alive or happened or any(shields.accusations(cells or {}).values()))
