"""The audit trail: rows written with their cause, sealed into a hash chain by a beat a few seconds later.

A row's digest covers a random salt and its payload, both sealed; the chain covers digests only. So a payload can be
erased or encrypted anew without breaking the chain, and an altered row shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, func, select, update

from storage.encryption import Vault
from storage.jsontext import Encoder
from storage.plan import table_of
from storage.tables import AuditRow

audit = table_of(AuditRow)
GENESIS = bytes(32)
COLUMN = "audit.payload_sealed"
_JSON = Encoder(sort_keys=True, default=str)

_MOST = bindparam("most", type_=Integer)
_LAST = select(audit.c.seq, audit.c.link).where(audit.c.seq.is_not(None)).order_by(audit.c.seq.desc()).limit(1)
_UNSEALED = (
    select(audit.c.id, audit.c.digest).where(audit.c.seq.is_(None)).order_by(audit.c.id).limit(bindparam("most"))
)
_SEAL = update(audit).where(audit.c.id == bindparam("row")).values(seq=bindparam("n"), link=bindparam("chained"))
_CHAIN = select(audit).where(audit.c.seq.is_not(None)).order_by(audit.c.seq)
_WAITING = select(func.count()).select_from(audit).where(audit.c.seq.is_(None))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `tanggap audit verify` found: how many rows are chained, how many wait, and the ids that do not fit."""

    chained: int
    waiting: int
    broken: tuple[int, ...]


def digest(row: int, salt: bytes, values: Mapping[str, Any], payload: Any) -> bytes:
    """What the chain covers of one row."""
    covered = [row, salt.hex(), values["ticket_id"], values["person_id"], values["actor"], values["action"], payload]
    moments = [_text(values["town_at"]), _text(values["real_at"])]
    return hashlib.sha256(_JSON.encode([covered, moments]).encode()).digest()


@lru_cache(maxsize=256)  # all rows of a batch have the same two moments
def _text(moment: datetime) -> str:
    """In UTC, whatever zone it was written in: equal moments are one to the cache, and in the database."""
    return moment.astimezone(UTC).isoformat()


def link(before: bytes, row: int, covered: bytes) -> bytes:
    """The next link of the chain."""
    return hashlib.sha256(before + row.to_bytes(8, "big") + covered).digest()


def chain_some(connection: Connection, *, most: int = 500) -> int:
    """Seal up to `most` unsealed rows; the caller holds the lease "audit". Returns how many."""
    last = connection.execute(_LAST).first()
    seq, before = (last.seq, last.link) if last else (0, GENESIS)
    rows = []
    for row in connection.execute(_UNSEALED, {"most": most}):
        seq, before = seq + 1, link(before, row.id, row.digest)
        rows.append({"row": row.id, "n": seq, "chained": before})
    if rows:
        connection.execute(_SEAL, rows)
    return len(rows)


def verify(connection: Connection, vault: Vault) -> Verdict:
    """Walk the chain, and recompute the digest of every row whose payload is still there."""
    chained = 0
    broken: list[int] = []
    before = GENESIS
    for expected, row in enumerate(_rows(connection), start=1):
        chained += 1
        before = link(before, row.id, row.digest)
        if row.link != before or row.seq != expected or not _agrees(row, vault):
            broken.append(row.id)
            before = row.link
    return Verdict(chained, connection.execute(_WAITING).scalar_one(), tuple(broken))


def _rows(connection: Connection) -> Iterator[Any]:
    return iter(connection.execute(_CHAIN))


def _agrees(row: Any, vault: Vault) -> bool:
    if row.payload_sealed is None:
        return True  # erased: its digest still stands in the chain
    kept = vault.open_json(COLUMN, row.id, row.payload_sealed)
    return bool(digest(row.id, bytes.fromhex(kept["salt"]), row._mapping, kept["payload"]) == row.digest)
