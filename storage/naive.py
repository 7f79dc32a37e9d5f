"""The plain way to let a deadline speak, which `tanggap bench` compares the beat with: one commit for each case."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from storage import audit
from storage.encryption import Vault
from storage.ids import new_id
from storage.source import Source
from storage.tables import AuditRow, Deadline, Outbox, Ticket

#: What a page says of a case.
Facts = Callable[[Ticket], dict[str, Any]]


def speak_one_by_one(engine: Engine, vault: Vault, steps: Sequence[tuple[int, str]], now: datetime, facts: Facts) -> float:
    """Let steps speak to posts that are known already, by one ORM session; returns how many a second.

    It decides nothing: no exclusions, no substitutes, no bells. What it writes is what the beat writes.
    """
    started = time.perf_counter()
    with Session(engine) as session:
        for step, post in steps:
            row = session.get_one(Deadline, step)
            ticket = session.get_one(Ticket, row.ticket_id)
            row.state, row.fired_at, row.post_code = "done", now, post
            session.add(_page(vault, ticket, row, post, now, facts(ticket)))
            session.add(_note(vault, ticket, row, post, now))
            session.commit()
    return len(steps) / (time.perf_counter() - started)


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
