"""Towns on a channel with a window: what the platform's rules say of it, and what a test does to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, update

from handlers.messages import Inbound, Receipt
from storage.ids import to_text
from storage.plan import table_of
from storage.tables import Address, MessageTemplate, Outbox
from tests.kit.carriers import WindowedPhones
from tests.kit.town import Person, Town

addresses, outbox = table_of(Address), table_of(Outbox)


def phones(town: Town) -> WindowedPhones:
    assert isinstance(town.channel, WindowedPhones)
    return town.channel


async def write(town: Town, statement: Any) -> None:
    """Change the record behind the program's back."""
    await town.program.errand(lambda session: session.plan.connection.execute(statement) and None)


async def agrees(town: Town, person: Person) -> None:
    """Let a citizen have agreed to be written to although she has not written lately."""
    values = {"consented_at": datetime.now(UTC)}
    await write(town, update(addresses).where(addresses.c.id == town.address_id(person)).values(values))


async def falls_silent(town: Town, person: Person, *, days: float = 2) -> None:
    """Let the window of somebody close: they wrote last so many days ago."""
    phones(town).open.discard((person.account, person.phone))
    values = {"heard_at": datetime.now(UTC) - timedelta(days=days)}
    await write(town, update(addresses).where(addresses.c.id == town.address_id(person)).values(values))


async def approves(town: Town, *names: str, status: str = "APPROVED") -> None:
    """Let the platform say of messages of ours, in both languages, that they may be sent (or not)."""
    table = table_of(MessageTemplate)
    for name in names:
        if status == "APPROVED":
            phones(town).approved.add(f"tanggap_{name}")
        for language in ("id", "en"):
            row = {"channel": "phone", "name": f"tanggap_{name}", "language": language, "status": status}
            await write(town, insert(table).values({**row, "category": "UTILITY", "checked_at": datetime.now(UTC)}))


async def look_again(town: Town) -> None:
    """What waits is looked at again, as every hour."""
    await write(town, update(outbox).where(outbox.c.state == "queued").values(retry_at=None, lease_until=None))
    await town.idle()


async def tells(
    town: Town, person: Person, row: Any, status: str, *, code: str = "", message: str = "", named: bool = True
) -> None:
    """Let the platform say what became of the message of an outbox row to a person."""
    key = to_text(row.id)
    said = Receipt(status, message or f"{key}-1", key if named else None, code)
    event = Inbound(str(uuid4()), town.channel.name, person.account, person.phone, receipt=said)
    await town.program.receive([event])
    await town.idle()


def last(town: Town, page: str) -> Any:
    """The newest outbox row of a page that is for somebody."""
    return [row for row in town.outbox(page=page) if row.address_id is not None][-1]
