"""What one post looks over, as a page: only what its reader may see, accusations as counts beyond the Inspektorat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.digest import REFUSED, SILENT, Changes, Seen, changes, listed, waiting
from domain.figures import masked
from domain.vocabulary import Actor, Clock, Held, Identity, Kind, Role, State
from domain.vocabulary import Desk as DeskName
from handlers.actions.counting import spent
from handlers.flows.overviews import Overview
from handlers.session import Session
from handlers.shown import matter_names, moment
from storage import message_templates
from storage.queries import digests, people

#: Units without anybody to write to that one page names.
_MOST_UNITS = 5


def overview(session: Session, actor: Actor, held: Held, *, since: datetime, kind: str) -> Overview:
    """The page of a morning, or of now: what changed, what is late and whose it is, what nobody answers."""
    seen = cases_of(session, actor, held, since)
    named = listed(seen, session.now)
    told = _told(session, [case.id for _, case in named.cases])
    counted = accusations(session, actor, held)
    happened = changes(seen, since, session.now)
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
        "unreachable": _unreachable(session, seen, counted),
        "oversight": sums(counted),
        "unsendable": _unsendable(session, held),
        "spending": _spending(session, held),
        "quiet": _is_quiet(seen, happened, counted),
    }
    return Overview("supervisor/digest", facts, tuple(case.id for _, case in named.cases))


def cases_of(session: Session, actor: Actor, held: Held, since: datetime) -> list[Seen]:
    """The cases of a page: alive, or touched since then."""
    scope = digests.overseen(actor, held, session.region)
    rows = session.plan.rows(digests.of_digest(scope, since, session.now))
    refused: dict[int, list[datetime]] = {}
    for row in session.plan.rows(digests.REFUSED, {"tickets": [row.id for row in rows if row.refusals]}):
        refused.setdefault(row.ticket_id, []).append(row.town_at)
    missed: dict[tuple[int, str], list[datetime]] = {}
    for row in session.plan.rows(digests.MISSED, {"tickets": [row.id for row in rows]}):
        missed.setdefault((row.ticket_id, row.clock), []).append(row.at)
    return [_seen(row, tuple(refused.get(row.id, ())), missed) for row in rows]


def _missed_at(row: Any, missed: Mapping[tuple[int, str], list[datetime]]) -> datetime | None:
    """Since when the promise as it was last given is broken (see breaches.missed_at)."""
    clock = Clock.BINDING if row.binding_by else Clock.FIRST_RESPONSE
    return next((at for at in missed.get((row.id, clock), ()) if at >= (row.reopened_at or row.received_at)), None)


def _seen(row: Any, refused_at: tuple[datetime, ...], missed: Mapping[tuple[int, str], list[datetime]]) -> Seen:
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
        missed_at=_missed_at(row, missed),
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
    }


def _since(sort: str, case: Seen) -> datetime:
    """Since when a listed case is what it is listed for: late, sent back, or without any answer."""
    if sort == REFUSED:
        return max(case.refused_at, default=case.received_at)
    return case.received_at if sort == SILENT else case.owed_by or case.received_at


def _days(session: Session, case: Seen, since: datetime) -> int:
    calendar = session.region.calendar_of(case.unit)
    return calendar.working_days_between(calendar.day_of(since), session.today)


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


def accusations(session: Session, actor: Actor, held: Held) -> dict[str, tuple[int, int]]:
    """Open and late accusations that this reader hears of as numbers, by the unit that reads them."""
    if held.role is not Role.SUPERVISOR:
        return {}
    rows = session.plan.rows(digests.counted(actor, session.region, session.now))
    return {row.unit_code: (row.open, row.late) for row in rows}


def sums(counted: Mapping[str, tuple[int, int]]) -> dict[str, int | None] | None:
    """The numbers of a town, where they are large enough to be printed; None where there is nothing to count."""
    if not counted:
        return None
    opened, late = (sum(counts) for counts in zip(*counted.values(), strict=True))
    return {"open": masked(opened), "late": masked(late)}


def _unreachable(session: Session, seen: Iterable[Seen], counted: Mapping[str, object]) -> dict[str, Any]:
    """Units with open cases in which nobody is there who could be written to, at the desk or above it."""
    reached = {row.post_code for row in session.plan.rows(people.REACHED_POSTS, {"today": session.today})}
    desks = {(case.unit, case.head_only) for case in seen if case.is_open} | {(unit, False) for unit in counted}
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


def _is_quiet(seen: Iterable[Seen], happened: Changes, counted: Mapping[str, object]) -> bool:
    """Nothing is open, nothing waits and nothing happened."""
    alive = any(case.is_open or case.state is State.WAITING_CITIZEN for case in seen)
    return not (alive or happened or counted)
