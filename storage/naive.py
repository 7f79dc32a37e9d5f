"""The plain way to let a deadline speak, which `tanggap bench` compares the beat with: one commit for each case."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Engine, or_
from sqlmodel import Session, col, select

from domain.vocabulary import Clock
from storage import audit
from storage.encryption import Vault
from storage.ids import new_id
from storage.source import Source
from storage.tables import Address, AuditRow, Deadline, ExclusionRow, Group, Holding, Leave, Outbox, Ticket

T = TypeVar("T")
#: About how long whoever was told has for saying so.
_UNTIL_KNOWN = timedelta(days=5)
#: What a page says of a case.
Facts = Callable[[Ticket], dict[str, Any]]


class Told(NamedTuple):
    """A step that is due, and the post that it is for."""

    step: int
    post: str


def speak_one_by_one(
    engine: Engine, vault: Vault, steps: Sequence[Told], now: datetime, facts: Facts, *, asks: bool
) -> float:
    """Let steps speak by one ORM session that commits each; returns how many a second.

    It writes what the beat writes. With `asks` it also asks what the beat has to know of each case, post and reader, as
    one writes it with models; without, it decides nothing, and is no clock that a town could have.
    """
    started = time.perf_counter()
    with Session(engine) as session:
        for step, post in steps:
            row = session.get_one(Deadline, step)
            ticket = session.get_one(Ticket, row.ticket_id)
            above = row.clock == Clock.BINDING and row.target != "officer"
            if asks:
                _ask(session, ticket, post, now.date(), above=above)
            row.state, row.fired_at, row.post_code = "done", now, post
            if above:
                session.add(_watch(ticket, row, post, now))
            session.add(_page(vault, ticket, row, post, now, facts(ticket)))
            session.add(_note(vault, ticket, row, post, now))
            session.commit()
    return len(steps) / (time.perf_counter() - started)


def _ask(session: Session, ticket: Ticket, post: str, today: date, *, above: bool) -> None:
    """Whom the case excludes, who was told of it, who reads for the post and where, what else, which bells."""
    _all(session, ExclusionRow, ExclusionRow.ticket_id == ticket.id)
    if above:
        _all(session, Deadline, Deadline.ticket_id == ticket.id)
    for holding in _all(session, Holding, Holding.post_code == post, *_in_force(Holding, today)):
        _all(session, Leave, Leave.person_id == holding.person_id, *_in_force(Leave, today))
        _all(session, Address, Address.person_id == holding.person_id, Address.account == "staff")
        _all(session, Holding, Holding.person_id == holding.person_id, *_in_force(Holding, today))
        _all(session, Leave, Leave.substitute_id == holding.person_id, *_in_force(Leave, today))
    _all(session, Group, Group.unit_code == ticket.unit_code, col(Group.ended_at).is_(None))


def _all(session: Session, model: type[T], *conditions: Any) -> Sequence[T]:
    return session.exec(select(model).where(*conditions)).all()


def _in_force(model: type[Holding] | type[Leave], today: date) -> tuple[Any, ...]:
    ends = col(model.ends_on)
    return model.starts_on <= today, or_(ends.is_(None), ends >= today), col(model.revoked_at).is_(None)


def _page(vault: Vault, ticket: Ticket, row: Deadline, post: str, now: datetime, facts: dict[str, Any]) -> Outbox:
    key = new_id()
    return Outbox(
        id=key,
        dedupe_key=f"step:{row.id}:{post}",
        account="staff",
        post_code=post,
        ticket_id=ticket.id,
        ticket_version=ticket.version,
        action="read",
        page="supervisor/late",
        facts_sealed=vault.seal_json("outbox.facts_sealed", key, facts),
        choices=[["details", [str(ticket.id)]], ["acknowledge", [str(row.id)]]],
        step_id=row.id,
        lane=1,
        created_at=now,
    )


def _watch(ticket: Ticket, row: Deadline, post: str, now: datetime) -> Deadline:
    """The step that looks later whether somebody above the desk has said "I know"."""
    return Deadline(
        id=new_id(),
        ticket_id=ticket.id,
        cycle=row.cycle,
        clock=str(Clock.ACKNOWLEDGE),
        step=f"known:{row.step}",
        target=post,
        due_at=now + _UNTIL_KNOWN,
        counted_from=now,
    )


def _note(vault: Vault, ticket: Ticket, row: Deadline, post: str, now: datetime) -> AuditRow:
    key, salt, payload = new_id(), Source().bytes("audit", 16), {"post": post}
    values: dict[str, Any] = {
        "ticket_id": ticket.id,
        "person_id": None,
        "actor": f"clock:{row.step}",
        "action": "step",
        "town_at": now,
        "real_at": now,
    }
    sealed = vault.seal_json(audit.COLUMN, key, {"salt": salt.hex(), "payload": payload})
    covered = audit.digest(key, salt, values, payload)
    return AuditRow(id=key, digest=covered, payload_sealed=sealed, **values)
