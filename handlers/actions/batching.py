"""What many due steps need to know, read once for all of them: whoever asks later is answered from memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, Row

from domain.vocabulary import OPEN_STATES, Clock
from handlers.actions import climbing, groups, schedule
from handlers.actions.reading import post_of
from handlers.messages import STAFF
from handlers.session import Batch, Session
from storage.plan import Record
from storage.queries import cases, people, talk

#: So many bells are looked up together, the rest one by one: a statement takes no more than some 30,000 parameters.
_MOST_BELLS = 10_000


def foresee(session: Session, steps: Sequence[tuple[Record, Record]]) -> None:
    """Read whom the exclusions of these cases keep out, who reads for the posts of their ladders, and where.

    `steps`: each with its case. Nothing of this is locked: it is as old as the batch, as for whoever asks one by one.
    """
    told = [(ticket, row) for ticket, row in steps if ticket.state in OPEN_STATES]
    tickets = {ticket.id: ticket for ticket, _ in told}
    exclusions = _ask(session, cases.EXCLUSIONS, cases.EXCLUSIONS_AMONG, ("ticket", "ticket_id"), tickets)
    above = {ticket.id for ticket, row in told if row.clock == Clock.BINDING and row.target != "officer"}
    late = {"late": schedule.late_steps(session.region)}
    _ask(session, cases.STEPS, cases.STEPS_AMONG, ("ticket", "ticket_id"), above, late)
    units = {ticket.unit_code for ticket in tickets.values()}
    ringing = _ask(session, people.GROUPS_OF, people.GROUPS_AMONG, ("unit", "unit_code"), units)
    _foresee_bells(session, tickets.values(), ringing)
    readers = _foresee_readers(session, _posts(session, told))
    session.batch = Batch(readers, tickets.keys() - {row.ticket_id for row in exclusions})


def _foresee_bells(session: Session, tickets: Iterable[Record], ringing: Sequence[Row[Any]]) -> None:
    """Which bells of this moment are queued already."""
    of_unit: defaultdict[str, list[int]] = defaultdict(list)
    for row in ringing:
        of_unit[row.unit_code].append(row.group_id)
    cause = groups.at(session.now)
    keys = [groups.bell_key(one, cause, group) for one in tickets for group in of_unit.get(one.unit_code, ())]
    _ask(session, talk.DEDUPED, talk.DEDUPED_AMONG, ("key", "dedupe_key"), keys[:_MOST_BELLS])


def _posts(session: Session, told: Iterable[tuple[Record, Record]]) -> set[str]:
    """Whom these steps may tell: each its own post, or one further up where nobody is there."""
    alike = {(ticket.unit_code, ticket.desk, ticket.kind, row.target): ticket for ticket, row in told}
    own = {post for (*_, target), ticket in alike.items() if (post := post_of(session, ticket, target))}
    return own.union(*(climbing.chain_of(session, ticket) for ticket in alike.values()))


def _foresee_readers(session: Session, posts: Iterable[str]) -> frozenset[int]:
    today = {"today": session.today}
    found = _ask(session, people.PRESENT, people.PRESENT_AMONG, ("post", "post_code"), posts, today)
    persons = frozenset(row.person_id for row in found)
    _ask(session, people.HELD, people.HELD_AMONG, ("person", "person_id"), persons, today)
    staff = {"account": STAFF}
    _ask(session, people.ADDRESSES_OF, people.ADDRESSES_AMONG, ("person", "person_id"), persons, staff)
    session.plan.answer(people.ACTING, today, session.plan.rows(people.ACTING, today))
    return persons


def _ask(
    session: Session,
    one: Executable,
    many: Executable,
    names: tuple[str, str],
    keys: Iterable[Any],
    also: Mapping[str, Any] | None = None,
) -> list[Row[Any]]:
    """Ask `many` for all keys and keep what `one` would say of each; `names`: of its parameter, and of the column."""
    parameter, column = names
    wanted, fixed = sorted(keys), dict(also or {})
    rows = session.plan.rows(many, {"among": wanted, **fixed}) if wanted else []
    found: dict[Any, list[Row[Any]]] = {key: [] for key in wanted}
    place = rows[0]._fields.index(column) if rows else 0
    for row in rows:
        found[row[place]].append(row)
    for key, mine in found.items():
        session.plan.answer(one, {parameter: key, **fixed}, mine)
    return rows
