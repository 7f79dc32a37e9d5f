"""The receiving side of the program on one database: the real house, writer and receiver, and nothing of bot/.

hall.batch(says("sari", STORY), says("sari", SEND))     # one transaction
with hall.open() as writer: ...                         # a running writer
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Table, event, func, select, text
from sqlmodel import SQLModel

from domain.region import Region
from handlers.messages import CITIZEN, STAFF, Inbound
from handlers.receive import Committed, Errands, House, Receiver
from handlers.remembering import recall
from handlers.session import Rules, Session
from storage.clock import TownClock
from storage.encryption import Vault
from storage.engine import make_engine
from storage.ids import to_text
from storage.places import mirror_region
from storage.plan import Plan, table_of
from storage.regions import load_region
from storage.source import Source
from storage.tables import Address, Conversation, Holding, Message, Outbox, Person, Ticket, Town
from storage.writer import Job, Lane, Writer
from tests.kit.databases import KEYS, migrate

CHANNEL = "phone"
#: Read by the civil registry without a question.
STORY = "Antrean KTP di Disdukcapil lama sekali, sudah tiga jam saya menunggu."
#: An accusation: read by the Inspektorat.
BRIBE = "Petugas Disdukcapil meminta uang untuk mengurus KTP saya."
#: The first choice of a confirmation is to send.
SEND = "1"
REGISTRY, REGISTRY_DESK, REGISTRY_HEAD = "DISDUKCAPIL", "PETUGAS-DISDUKCAPIL", "KEPALA-DISDUKCAPIL"

T = TypeVar("T")
Body = Inbound | Callable[[Session], Any]
_count = itertools.count(1)


@cache
def siantar() -> Region:
    """The real region, read once."""
    return load_region(Path(__file__).parents[2] / "regions" / "pematangsiantar")


def furnished(url: str) -> None:
    """A `Prepare`: the newest tables, and the region's offices, units and posts in them."""
    migrate(url)
    engine = make_engine(url)
    with engine.begin() as connection:
        mirror_region(connection, siantar())
    engine.dispose()


def says(sender: str, text: str = "", *, event: str | None = None, account: str = CITIZEN, **more: Any) -> Inbound:
    """One message of somebody; each is a new event unless one is named."""
    return Inbound(event or f"event-{next(_count)}", CHANNEL, account, sender, text, **more)


def orders(sender: str, text: str = "", **more: Any) -> Inbound:
    """One message in the staff chat."""
    return says(sender, text, account=STAFF, **more)


class Hall:
    """A house on a database. Each writer that it makes is a process of its own as far as the database can tell."""

    def __init__(self, url: str, *, undo_seconds: int = 60, may_travel: bool = False) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.readers = make_engine(url, read_only=True, pool_size=8)
        with self.readers.begin() as connection:
            wrapped = connection.execute(select(table_of(Town).c.lookup_key)).scalar_one()
        self.vault = Vault.unwrap(KEYS, wrapped)
        self.house = House(siantar(), self.vault, TownClock(may_travel=may_travel), Rules(undo_seconds))
        self.committed: list[Committed] = []
        self.commits = 0
        event.listen(self.engine, "commit", self._commit)

    def _commit(self, _connection: Connection) -> None:
        self.commits += 1

    def close(self) -> None:
        self.engine.dispose()
        self.readers.dispose()

    # in

    def writer(self, release: Callable[[Sequence[Job]], None] | None = None) -> Writer:
        """A writer that has not been started yet: what is submitted now is its first batch."""
        receiver = Receiver(self.house, self.committed.append)
        return Writer(self.engine, receiver, Errands(self.house, self.committed.append), release=release)

    @contextlib.contextmanager
    def open(self) -> Iterator[Writer]:
        """A running writer."""
        writer = self.writer()
        writer.start()
        try:
            yield writer
        finally:
            writer.stop()

    def batch(self, *inbounds: Inbound) -> list[Future[Any]]:
        """Hand all in at once, as one batch, and wait until the writer has nothing left to do."""
        writer = self.writer()
        futures = [writer.submit(Lane.INBOUND, inbound) for inbound in inbounds]
        writer.start()
        writer.stop()
        return futures

    def take(self, *inbounds: Inbound) -> list[Any]:
        """Hand in one after the other, each in a batch of its own; how each ended."""
        return [self.batch(inbound)[0].result(0) for inbound in inbounds]

    def errand(self, body: Callable[[Session], T]) -> T:
        """Do something in a transaction of the writer."""
        writer = self.writer()
        future = writer.submit(Lane.OUTCOME, body)
        writer.start()
        writer.stop()
        found: T = future.result(0)
        return found

    def opens_case(self, sender: str, story: str = STORY) -> Row[Any]:
        """A citizen tells a story and sends it; the new ticket."""
        before = {row.id for row in self.rows(Ticket)}
        self.take(says(sender, story), says(sender, SEND))
        (ticket,) = (row for row in self.rows(Ticket) if row.id not in before)
        return ticket

    def appoint(self, phone: str, *posts: str) -> int:
        """Give somebody with a phone in the staff chat these posts, from today; the person's id."""

        def enrol(session: Session) -> int:
            return appoint(session, phone, *posts)

        return self.errand(enrol)

    def button(self, sender: str, code: str, account: str = CITIZEN) -> str:
        """The data of a choice on the last page that offered somebody anything."""
        with self.readers.begin() as connection:
            return button(connection, self.vault, sender, code, account)

    # what is in the record

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on a connection that can't write."""
        with self.readers.begin() as connection:
            moment = self.house.clock.read(connection)
            yield Session(Plan(connection), self.vault, siantar(), moment, Source(), self.house.rules)

    def rows(self, model: type[SQLModel], **where: Any) -> list[Row[Any]]:
        """Rows of a table by the values of its columns, oldest first."""
        table = table_of(model)
        statement = select(table).where(*(table.c[name] == value for name, value in where.items()))
        with self.readers.begin() as connection:
            return list(connection.execute(statement.order_by(*table.primary_key.columns)))

    def row(self, model: type[SQLModel], **where: Any) -> Row[Any]:
        (found,) = self.rows(model, **where)
        return found

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.readers.begin() as connection:
            return {table.name: _size(connection, table) for table in SQLModel.metadata.sorted_tables}

    def address(self, sender: str, account: str = CITIZEN) -> Row[Any]:
        """Where somebody is reached."""
        return self.row(Address, key_hash=self.vault.hash("addresses.key_hash", CHANNEL, account, sender))

    def talk(self, sender: str, account: str = CITIZEN) -> Row[Any]:
        """Where somebody's conversation stands."""
        return self.row(Conversation, address_id=self.address(sender, account).id)

    def draft(self, sender: str) -> str:
        """The story that somebody has told and not sent yet."""
        with self.reading() as session:
            talk = session.plan.one(Conversation, self.talk(sender).id)
            assert talk is not None
            memory = recall(session, talk)
        return memory.draft.story if memory.draft else ""

    def texts(self, ticket: int) -> list[str]:
        """What was written to a case, in order."""
        rows = sorted(self.rows(Message, ticket_id=ticket), key=lambda row: int(row.seq))
        return [self.vault.open_text("messages.text_sealed", row.id, row.text_sealed) for row in rows]

    def facts(self, row: Row[Any]) -> dict[str, Any]:
        """What an outbox row says."""
        return dict(self.vault.open_json("outbox.facts_sealed", row.id, row.facts_sealed))


def appoint(session: Session, phone: str, *posts: str) -> int:
    """Write down a person with a phone in the staff chat who holds these posts."""
    person = session.add(Person, language="id", created_at=session.moment.real)
    row = session.source.id("addresses")
    session.plan.add(
        Address,
        id=row,
        person_id=person.id,
        channel=CHANNEL,
        account=STAFF,
        key_hash=session.vault.hash("addresses.key_hash", CHANNEL, STAFF, phone),
        value_sealed=session.vault.seal("addresses.value_sealed", row, phone),
        created_at=session.moment.real,
    )
    for post in posts:
        session.add(
            Holding, person_id=person.id, post_code=post, starts_on=session.today, created_at=session.moment.real
        )
    return int(person.id)


def button(connection: Connection, vault: Vault, sender: str, code: str, account: str = CITIZEN) -> str:
    """The data of a choice on the last page that offered somebody anything; KeyError where it offers no such choice."""
    addresses, talks, outbox = table_of(Address), table_of(Conversation), table_of(Outbox)
    key = vault.hash("addresses.key_hash", CHANNEL, account, sender)
    page = connection.execute(
        select(outbox.c.id, outbox.c.choices)
        .join(talks, talks.c.last_offer == outbox.c.id)
        .join(addresses, addresses.c.id == talks.c.address_id)
        .where(addresses.c.key_hash == key)
    ).one()
    for place, (offered, _) in enumerate(page.choices, start=1):
        if offered == code:
            return f"{to_text(page.id)}.{place}"
    raise KeyError(code)


def _size(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def refuse(engine: Engine, table: str, when: str, name: str = "refused") -> None:
    """Make the database itself refuse rows of a table: `when` is a condition on NEW."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            action = f"SELECT RAISE(ABORT, '{name}')"
            connection.execute(text(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {when} BEGIN {action}; END"))
            return
        body = f"BEGIN RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END"
        connection.execute(text(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
        connection.execute(
            text(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()")
        )


def allow(engine: Engine, table: str, name: str = "refused") -> None:
    """Take `refuse` back."""
    with engine.begin() as connection:
        on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
        connection.execute(text(f"DROP TRIGGER {name}{on}"))
        if connection.dialect.name != "sqlite":
            connection.execute(text(f"DROP FUNCTION {name}()"))
