"""What must be true after the drain, whatever was killed when: from the client's log and the database alone."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Engine, FromClause, Row, func, select, text, update

from handlers.prelude import part_hash
from storage import audit
from storage.encryption import Vault
from storage.engine import make_engine, real_now
from storage.ids import from_text
from storage.plan import table_of
from storage.tables import AuditRow, Inbox, Lease, Message, Outbox, OutboxPart, Ticket, Town
from tests.kill.processes import Event
from tests.kit.databases import KEYS

inbox = table_of(Inbox)
outbox = table_of(Outbox)
leases = table_of(Lease)
queued = select(outbox.c.id).where(outbox.c.state == "queued").subquery()
_CONNECTIONS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True, slots=True)
class Kill:
    """One end of the server: when the next one was started, and how many sends it allowed itself at a time."""

    over: float
    in_flight: int


def account_of(phone: str) -> str:
    return "citizen" if phone.startswith("citizen") else "staff"


class Record:
    """The database as it stands; the messages came over this channel."""

    def __init__(self, url: str, channel: str = "phone") -> None:
        self._channel = channel
        engine = make_engine(url, read_only=True)
        try:
            with engine.begin() as connection:
                self.vault = Vault.unwrap(KEYS, connection.execute(select(table_of(Town).c.lookup_key)).scalar_one())
                self.inbox = {row.key_hash: row for row in connection.execute(select(inbox))}
                self.outbox = {row.id: row for row in connection.execute(select(outbox))}
                self._rows_of: dict[bytes, set[int]] = defaultdict(set)
                for row in connection.execute(select(table_of(OutboxPart))):
                    self._rows_of[row.external_hash].add(row.outbox_id)
                self.tickets = {row.id: row for row in connection.execute(select(table_of(Ticket)))}
                self.stories = self._stories(connection)
                self.acts = Counter(
                    (row.ticket_id, row.action) for row in connection.execute(select(table_of(AuditRow)))
                )
                self.audit = audit.verify(connection, self.vault)
        finally:
            engine.dispose()

    def _stories(self, connection: Connection) -> dict[str, list[int]]:
        """The tickets of each story, by its words."""
        found: dict[str, list[int]] = defaultdict(list)
        rows = connection.execute(select(table_of(Message)).where(table_of(Message).c.kind == "story"))
        for row in rows:
            found[self.vault.open_text("messages.text_sealed", row.id, row.text_sealed)].append(row.ticket_id)
        return dict(found)

    def seen(self, event: Event) -> Row[Any] | None:
        """The inbox row of a message that the client posted."""
        account = account_of(event["phone"])
        return self.inbox.get(self.vault.hash("inbox.key_hash", self._channel, account, event["event"]))

    def rows_of(self, account: str, chat: int | str, message: int | str) -> set[int]:
        """The rows that a message of the platform is part of: the one that sent it, those that edited it."""
        return self._rows_of.get(part_hash(self.vault, self._channel, account, str(chat), str(message)), set())


def count(url: str, rows: FromClause) -> int:
    """How many rows there are now."""
    engine = make_engine(url, read_only=True)
    try:
        with engine.begin() as connection:
            return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())
    finally:
        engine.dispose()


def let_leases_run_out(url: str) -> None:
    """What a minute without the dead process does: its leases lie in the past."""
    engine = make_engine(url)
    try:
        while not url.startswith("sqlite") and _others(engine):
            time.sleep(0.01)  # the server still ends what the dead process had asked of it
        with engine.begin() as connection:
            connection.execute(update(leases).values(until=real_now()))
            connection.execute(update(outbox).where(outbox.c.lease_until.is_not(None)).values(lease_until=real_now()))
    finally:
        engine.dispose()


def _others(engine: Engine) -> int:
    """How many other connections the database has."""
    with engine.connect() as connection:
        return int(connection.execute(_CONNECTIONS).scalar_one())


def check(record: Record, events: Sequence[Event], kills: Sequence[Kill]) -> None:
    """Everything that decision 32 asks for."""
    posted = [event for event in events if event["what"] == "posted"]
    accepted = {event["event"] for event in events if event["what"] == "accepted"}
    assert {event["event"] for event in posted} == accepted, "a message was never accepted"
    assert not [e for e in events if e["what"] == "refused" and 400 <= e["status"] < 500], "the test's own fault"
    check_effects(record, posted)
    _every_page_was_received(record, events)
    copies_were_in_flight(copies(events, kills), kills)


def check_effects(record: Record, posted: Sequence[Event]) -> None:
    """What was posted has happened once, and nothing waits."""
    _each_message_was_done_once(record, posted)
    _each_confirmed_story_is_one_case(record, posted)
    _each_tap_took_its_case(record, posted)
    _every_row_is_settled(record)
    assert not record.audit.broken


def _each_message_was_done_once(record: Record, posted: Sequence[Event]) -> None:
    rows = [record.seen(event) for event in posted]
    assert all(row is not None and row.state == "done" for row in rows)
    assert len(record.inbox) == len(posted), "an inbox row that nobody posted, or a message with two"
    said = Counter(
        row.dedupe_key.rpartition(":")[0] for row in record.outbox.values() if row.dedupe_key.startswith("in:")
    )
    assert all(row is not None and said[f"in:{row.id}"] == 1 for row in rows), "not exactly one answer"


def _each_confirmed_story_is_one_case(record: Record, posted: Sequence[Event]) -> None:
    sent = {event["token"] for event in posted if event["step"] == "send"}
    told = {event["text"]: event["token"] for event in posted if event["step"] == "story"}
    assert sent, "nothing was confirmed, so nothing is shown"
    assert set(record.stories) == {text for text, token in told.items() if token in sent}
    assert all(len(tickets) == 1 for tickets in record.stories.values()), "a story became two cases"
    assert {ticket for (ticket,) in record.stories.values()} == set(record.tickets)
    rung = Counter((row.ticket_id, row.post_code) for row in record.outbox.values() if _is_bell(row))
    assert set(rung.values()) == {1}, "a desk heard of a case twice"
    assert {ticket for ticket, _ in rung} == set(record.tickets), "no desk heard of a case"


def _is_bell(row: Row[Any]) -> bool:
    return row.dedupe_key.startswith("card:") and row.post_code is not None


def _each_tap_took_its_case(record: Record, posted: Sequence[Event]) -> None:
    tapped = {record.outbox[from_text(event["token"])].ticket_id for event in posted if event["step"] == "take"}
    taken = {ticket.id for ticket in record.tickets.values() if ticket.state == "accepted"}
    assert tapped == taken
    assert {ticket for (ticket, action), n in record.acts.items() if action == "take" and n == 1} == tapped


def _every_row_is_settled(record: Record) -> None:
    """Sent, or ended with a reason. The tests queue nothing for later, so nothing may wait."""
    children = Counter(row.dedupe_key.rpartition(":")[0] for row in record.outbox.values())
    for row in record.outbox.values():
        opened = row.state == "opened" and children[row.dedupe_key] > 0
        ended = row.state in ("dropped", "refused") and bool(row.error)
        assert row.state == "sent" or opened or ended, f"{row.page} is {row.state}"
        assert row.lease_until is None


def _every_page_was_received(record: Record, events: Iterable[Event]) -> None:
    received = {from_text(event["id"]) for event in events if event["what"] == "received"}
    sent = {row.id for row in record.outbox.values() if row.state == "sent"}
    assert sent <= received, f"{len(sent - received)} pages were never received"
    assert received <= set(record.outbox), "a page of a transaction that was rolled back was sent"


def copies(events: Iterable[Event], kills: Sequence[Kill]) -> Counter[tuple[int, str]]:
    """Pages received again, by the kill that they were in flight at (-1: none) and the account."""
    at: dict[tuple[str, str], list[float]] = defaultdict(list)
    for event in events:
        if event["what"] == "received":
            at[event["phone"], event["id"]].append(event["at"])
    found: Counter[tuple[int, str]] = Counter()
    for (phone, _), times in at.items():
        for first, again in pairwise(sorted(times)):
            kill = next((n for n, kill in enumerate(kills) if first < kill.over <= again), -1)
            found[kill, account_of(phone)] += 1
    return found


def done_but_not_answered(record: Record, events: Sequence[Event], kills: Sequence[Kill]) -> int:
    """Messages that one server wrote down and only a later one could confirm: the client sent them again."""
    by_the_wall = time.time() - time.monotonic()
    accepted = {event["event"]: event["at"] for event in events if event["what"] == "accepted"}
    written = [
        (row.real_at.timestamp() - by_the_wall, accepted[event["event"]])
        for event in events
        if event["what"] == "posted" and (row := record.seen(event)) is not None
    ]
    return sum(any(done < kill.over <= told for kill in kills) for done, told in written)


def copies_were_in_flight(found: Counter[tuple[int, str]], kills: Sequence[Kill]) -> None:
    for (kill, account), count in found.items():
        assert kill >= 0, f"{count} pages were received twice although nothing was killed in between"
        assert count <= kills[kill].in_flight, f"{count} copies to {account} after kill {kill}: too many"
