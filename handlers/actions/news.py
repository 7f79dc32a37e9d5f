"""What a platform tells of a chat itself: it is gone, back, or has moved. A chat that nobody knows stays unknown."""

from __future__ import annotations

from handlers.actions import groups, outcomes
from handlers.messages import CITIZEN, STAFF, Inbound
from handlers.session import Session
from storage.plan import Record
from storage.queries import people
from storage.tables import Address


def hear(session: Session, inbound: Inbound) -> None:
    """Do what the news of a chat asks for."""
    assert inbound.news is not None
    for address in _addresses(session, inbound):
        match inbound.news.what:
            case "gone":
                outcomes.lost(session, address)
            case "back":
                outcomes.found(session, address)
            case "moved" if inbound.news.to:
                outcomes.relocate(session, address, _moved(session, address, inbound.news.to))


def _addresses(session: Session, inbound: Inbound) -> list[Record]:
    """The person's address, as both where a number serves both; or those of the group and of its threads: news are of
    the whole chat."""
    chat = groups.chat_of(inbound.group or inbound.sender)
    accounts = (CITIZEN, STAFF) if inbound.channel in session.rules.shared else (inbound.account,)
    keys = [session.vault.hash("addresses.key_hash", inbound.channel, account, chat) for account in accounts]
    known = session.plan.fetch(Address, people.BY_HASH, {"hashes": sorted(keys)})
    known += groups.in_chat(session, inbound.channel, inbound.account, chat)
    return sorted({row.id: row for row in known}.values(), key=lambda row: int(row.id))


def _moved(session: Session, address: Record, to: str) -> str:
    """The new value of an address; a thread keeps its number."""
    _, slash, thread = groups.value_of(session, address).partition("/")
    return f"{groups.chat_of(to)}{slash}{thread}"
