"""The database at the end of the year, in memory: plain rows that a test can also tamper with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from storage.audit import verify
from storage.encryption import Vault
from storage.engine import make_engine
from storage.plan import table_of
from storage.tables import (
    AuditRow,
    Deadline,
    Digest,
    ExclusionRow,
    Holding,
    Inbox,
    Leave,
    Outbox,
    Quarantine,
    Ticket,
    Town,
)
from tests.kit.databases import KEYS
from tests.year.post import Handed

Row = SimpleNamespace


@dataclass
class Record:
    """Every row that an invariant looks at, the oldest first. Audit rows have a `payload`, pages their `facts`."""

    tickets: list[Row]
    deadlines: list[Row]
    outbox: list[Row]
    audit: list[Row]
    digests: list[Row]
    holdings: list[Row]
    leaves: list[Row]
    exclusions: list[Row]
    inbox_states: set[str]
    quarantined: int
    broken: bool
    handed: list[Handed]

    @property
    def events(self) -> dict[int, list[Row]]:
        """What happened to each case, in order."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self.audit:
            if row.ticket_id is not None:
                found[row.ticket_id].append(row)
        return found

    def steps(self, *clocks: str) -> Iterator[Row]:
        """The steps of some clocks that have spoken."""
        return (row for row in self.deadlines if row.clock in clocks and row.fired_at is not None)


def read(url: str, handed: list[Handed]) -> Record:
    engine = make_engine(url, read_only=True)
    try:
        with engine.begin() as connection:
            vault = Vault.unwrap(KEYS, connection.execute(select(table_of(Town).c.lookup_key)).scalar_one())
            return _read(connection, vault, handed)
    finally:
        engine.dispose()


def _read(connection: Connection, vault: Vault, handed: list[Handed]) -> Record:
    def rows(model: type[SQLModel], order: str = "id") -> list[Row]:
        table = table_of(model)
        return [Row(**row._mapping) for row in connection.execute(select(table).order_by(table.c[order]))]

    audit, outbox = rows(AuditRow), rows(Outbox)
    for row in audit:
        row.payload = vault.open_json("audit.payload_sealed", row.id, row.payload_sealed)["payload"]
    for row in outbox:
        row.facts = _facts(vault, row) if row.page.startswith("supervisor/") else {}
    return Record(
        tickets=rows(Ticket),
        deadlines=rows(Deadline),
        outbox=outbox,
        audit=audit,
        digests=rows(Digest),
        holdings=rows(Holding),
        leaves=rows(Leave),
        exclusions=rows(ExclusionRow),
        inbox_states={row.state for row in rows(Inbox)},
        quarantined=len(rows(Quarantine)),
        broken=bool(verify(connection, vault).broken),
        handed=handed,
    )


def _facts(vault: Vault, row: Any) -> dict[str, Any]:
    return dict(vault.open_json("outbox.facts_sealed", row.id, row.facts_sealed)) if row.facts_sealed else {}


def moment(text: str) -> datetime:
    """A moment as facts of pages hold it."""
    return datetime.fromisoformat(text)
