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
    Breach,
    Deadline,
    Digest,
    ExclusionRow,
    Holding,
    Inbox,
    Leave,
    Message,
    Outbox,
    Quarantine,
    Ticket,
    Town,
)
from tests.kit.databases import KEYS
from tests.year.post import Handed

Row = SimpleNamespace
#: Words of an officer that a citizen reads.
_WORDS = frozenset({"answer", "question", "closing"})


@dataclass
class Record:
    """Every row that an invariant looks at, the oldest first. Audit rows have a `payload`, pages their `facts`."""

    tickets: list[Row]
    deadlines: list[Row]
    outbox: list[Row]
    audit: list[Row]
    breaches: list[Row]
    words: list[Row]
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
        """What happened to each case, in order; that an officer's words reached their citizen is one more event."""
        found: dict[int, list[Row]] = defaultdict(list)
        reached = self.reached
        arrivals = (Row(action="reached", ticket_id=w.ticket_id, town_at=reached[w.id], word=w) for w in self.words)
        for row in sorted((*self.audit, *arrivals), key=lambda row: row.town_at):
            if row.ticket_id is not None:
                found[row.ticket_id].append(row)
        return found

    @property
    def reached(self) -> dict[int, datetime]:
        """When the platform took an officer's words; without a page for them (a PIN case) when they were written."""
        taken = {handed.row: handed.at for handed in self.handed if handed.outcome == "Sent"}
        keys = [(row.dedupe_key.split(":"), row) for row in self.outbox if row.account == "citizen"]
        pages = {int(key[1]): row.merged_into or row.id for key, row in keys if key[0] == "msg"}
        return {word.id: taken[pages[word.id]] if word.id in pages else word.town_at for word in self.words}

    def steps(self, *clocks: str) -> Iterator[Row]:
        """The steps of some clocks that have spoken. What writes down that a date was missed speaks to nobody."""
        fired = (row for row in self.deadlines if row.fired_at is not None and row.step != "breach")
        return (row for row in fired if row.clock in clocks)


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
        breaches=rows(Breach),
        words=[row for row in rows(Message) if row.author == "staff" and row.kind in _WORDS],
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
