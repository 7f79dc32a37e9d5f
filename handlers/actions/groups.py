"""A unit's groups: bound by somebody who holds a post of the unit, and the bells that ring in them (decision 11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from domain.access import may
from domain.vocabulary import Action, Actor, TicketView
from handlers.actions.post import Letter, reply, to_address
from handlers.actions.views import view_of
from handlers.flows.effects import BindGroup, BindUnit, UnbindGroup
from handlers.messages import STAFF, Choice, Reply
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.queries import people, talk
from storage.tables import Address, Group, Outbox, Person

#: The one page that a group is ever sent.
BELL = "officer/bell"


def bell(session: Session, ticket: Record, cause: str, *, hold: int = 0, undo_of: int | None = None) -> None:
    """Ring in the groups of the unit that reads the case, once for each `cause`, if a group may hear of it."""
    ringing = _ringing(session, ticket.unit_code)
    if not ringing or not may_ring(ticket.unit_code, ticket, view_of(session, ticket)):
        return
    shown = {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "by": moment(ticket.binding_by or ticket.first_response_by),
    }
    choices = (Choice("open_case", (str(ticket.id),)),)
    for found in ringing:
        key = bell_key(ticket, cause, found.group_id)
        if not _is_queued(session, ticket, key):
            to_address(session, found, Letter(key, BELL, shown, choices, ticket, Action.RING, hold, undo_of))


def bell_key(ticket: Record, cause: str, group: int) -> str:
    """What names one bell of a case."""
    return f"bell:{ticket.id}:{cause}:{group}"


def at(step: datetime) -> str:
    """The cause of the bells of all steps that speak at one moment: officer and head are one bell."""
    return f"at:{moment(step)}"


def has_bells(session: Session, unit: str) -> bool:
    """Whether bells of a unit ring anywhere."""
    return bool(_ringing(session, unit))


def _ringing(session: Session, unit: str) -> Sequence[Row[Any]]:
    return session.once(("groups", unit), lambda: session.plan.rows(people.GROUPS_OF, {"unit": unit}))


def may_ring(unit: str, ticket: Record, view: TicketView) -> bool:
    """Whether a group of this unit may hear that the case is there, as the case is now."""
    return not ticket.secret and may(Actor(group=unit), Action.RING, view)


def _is_queued(session: Session, ticket: Record, key: str) -> bool:
    """Whether this bell is there already, also when this very step planned it."""
    planned = any(row.dedupe_key == key for row in session.plan.records_of(Outbox, ticket.id))
    return planned or bool(session.plan.rows(talk.DEDUPED, {"key": key}))


def bind(session: Session, effect: BindGroup) -> None:
    """`/grup` was typed in a group: it hears the bells of the presser's unit; with several units, of which is asked."""
    group = _group_of(session, effect.chat) or _meet(session, effect)
    if len(effect.units) == 1:
        _bind(session, group, effect.units[0])
        return
    choices = tuple(Choice("group_unit", (str(group.id), unit)) for unit in effect.units)
    reply(session, Reply("officer/group_unit", {}, choices))


def bind_unit(session: Session, effect: BindUnit) -> None:
    """The unit was chosen in the private chat."""
    group = session.plan.one(Group, effect.group)
    assert group is not None
    _bind(session, group, effect.unit)


def _bind(session: Session, group: Record, unit: str) -> None:
    assert session.writing is not None
    address = session.plan.one(Address, group.address_id)
    assert address is not None
    group.unit_code, group.bound_by, group.ended_at = unit, session.writing.person.id, None
    address.state = "alive"
    session.audit("bind_group", None, person=group.bound_by, actor="staff", payload={"unit": unit})
    reply(session, Reply("officer/group_bound", {"unit": session.region.units[unit].name}))


def unbind(session: Session, effect: UnbindGroup) -> None:
    """`/grup berhenti`, by somebody of the unit whose bells ring there."""
    assert session.writing is not None
    group = _group_of(session, effect.chat)
    if group is None or group.ended_at is not None or group.unit_code not in effect.units:
        reply(session, Reply("officer/group_none"))
        return
    group.ended_at = session.moment.real
    person = session.writing.person.id
    session.audit("unbind_group", None, person=person, actor="staff", payload={"unit": group.unit_code})
    reply(session, Reply("officer/group_ended", {"unit": session.region.units[group.unit_code].name}))


def _group_of(session: Session, chat: str) -> Record | None:
    """The group in a chat of the presser's channel, living or not."""
    assert session.writing is not None
    key = session.vault.hash("addresses.key_hash", session.writing.address.channel, STAFF, chat)
    found = session.plan.fetch(Address, people.BY_HASH, {"hashes": [key]})
    return group_at(session, found[0]) if found else None


def group_at(session: Session, address: Record) -> Record | None:
    """The group whose address this is; None for an address of a person."""
    found = session.plan.fetch(Group, people.GROUP_AT, {"address": address.id})
    return found[0] if found else None


def _meet(session: Session, effect: BindGroup) -> Record:
    """A group's address, with a person of its own who is nobody; it hears nothing before a unit is bound to it."""
    writing = session.writing
    assert writing is not None
    channel = writing.address.channel
    nobody = session.add(Person, language=writing.person.language, created_at=session.moment.real)
    address = session.add(
        Address,
        person_id=nobody.id,
        channel=channel,
        account=STAFF,
        key_hash=session.vault.hash("addresses.key_hash", channel, STAFF, effect.chat),
        value_sealed=effect.chat,
        created_at=session.moment.real,
    )
    return session.add(
        Group,
        unit_code=effect.units[0],
        address_id=address.id,
        bound_by=writing.person.id,
        created_at=session.moment.real,
        ended_at=session.moment.real,
    )


def end(session: Session, address: Record) -> None:
    """The bot is no longer in the group behind this address; nothing for an address of a person."""
    group = group_at(session, address)
    if group is not None and group.ended_at is None:
        group.ended_at = session.moment.real


def join(session: Session, old: Record, new: Record) -> None:
    """A group moved to a chat that has an address already: it hears there, unless a unit is bound to that one too."""
    leaving, there = group_at(session, old), group_at(session, new)
    if leaving is None or there is None or leaving.ended_at is not None or there.ended_at is None:
        return
    there.unit_code, there.bound_by, there.ended_at = leaving.unit_code, leaving.bound_by, None
    new.state = "alive"
    for letter in session.plan.fetch(Outbox, talk.QUEUED_FOR, {"address": old.id}):
        letter.address_id, letter.person_id, letter.lease_until = new.id, new.person_id, None


def chat_of(value: str) -> str:
    """The chat in the value of a group's address, which may name a thread of it behind a slash."""
    return value.partition("/")[0]


def in_chat(session: Session, channel: str, account: str, chat: str) -> list[Record]:
    """The addresses of living groups in a chat, whatever their threads. A town has few groups, so all are looked at."""
    rows: list[Any] = session.plan.fetch(Address, people.GROUP_ADDRESSES, {"channel": channel, "account": account})
    return [row for row in rows if chat_of(value_of(session, row)) == chat]


def value_of(session: Session, address: Record) -> str:
    """The platform's own name of a chat."""
    return session.vault.open_text("addresses.value_sealed", address.id, address.value_sealed)


def groups_today(session: Session) -> tuple[str, ...]:
    """The units that a living group hears bells of."""
    return tuple(row.unit_code for row in session.plan.rows(people.GROUPED_UNITS))
