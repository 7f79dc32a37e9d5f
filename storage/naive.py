"""The plain way to let a deadline speak, which `tanggap bench` compares the beat with: one commit for each case."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session

from storage import audit
from storage.encryption import Vault
from storage.ids import new_id
from storage.queries import cases, people
from storage.source import Source
from storage.tables import AuditRow, Deadline, Outbox, Ticket

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

    It writes what the beat writes. With `asks` it also asks what the beat has to know of each case, post and reader, by
    the same statements; without, it decides nothing, and is no clock that a town could have.
    """
    started = time.perf_counter()
    with Session(engine) as session:
        for step, post in steps:
            row = session.get_one(Deadline, step)
            ticket = session.get_one(Ticket, row.ticket_id)
            if asks:
                _ask(session, ticket, post, now.date())
            row.state, row.fired_at, row.post_code = "done", now, post
            session.add(_page(vault, ticket, row, post, now, facts(ticket)))
            session.add(_note(vault, ticket, row, post, now))
            session.commit()
    return len(steps) / (time.perf_counter() - started)


def _ask(session: Session, ticket: Ticket, post: str, today: date) -> None:
    """Whom the case excludes, who was told of it, who reads for the post and where, what else they hold, which bells."""
    execute = session.connection().execute
    execute(cases.EXCLUSIONS, {"ticket": ticket.id}).all()
    execute(cases.DEADLINES, {"ticket": ticket.id}).all()
    for reader in execute(people.PRESENT, {"post": post, "today": today}).scalars().all():
        execute(people.ADDRESSES_OF, {"person": reader, "account": "staff"}).all()
        execute(people.HELD, {"person": reader, "today": today}).all()
    execute(people.GROUPS_OF, {"unit": ticket.unit_code}).all()


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


def _note(vault: Vault, ticket: Ticket, row: Deadline, post: str, now: datetime) -> AuditRow:
    key, salt, payload = new_id(), Source().bytes("audit", 16), {"post": post}
    values = {
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
