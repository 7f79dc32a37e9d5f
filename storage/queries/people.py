"""Addresses, and who holds which post on a day of the town."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, or_, select
from sqlmodel import Date

from storage.plan import table_of
from storage.tables import Address, Conversation, Holding, Invitation, Person

holdings = table_of(Holding)
addresses = table_of(Address)
people = table_of(Person)
conversations = table_of(Conversation)
invitations = table_of(Invitation)


def _in_force(today: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(
        holdings.c.starts_on <= today,
        or_(holdings.c.ends_on.is_(None), holdings.c.ends_on >= today),
        holdings.c.revoked_at.is_(None),
    )


_TODAY = bindparam("today", type_=Date)
_SINCE_MOMENT = bindparam("since_moment", type_=holdings.c.revoked_at.type)

#: Holdings in force of a person.
HELD = (
    select(holdings.c.post_code)
    .where(holdings.c.person_id == bindparam("person"), _in_force(_TODAY))
    .order_by(holdings.c.id)
)
#: Persons who hold a post today.
HOLDERS = (
    select(holdings.c.person_id)
    .where(holdings.c.post_code == bindparam("post"), _in_force(_TODAY))
    .order_by(holdings.c.person_id)
)
#: Persons who hold one of the posts today, or did on or after the day of the event (decision 19).
CONCERNED = (
    select(holdings.c.person_id)
    .where(
        holdings.c.post_code.in_(bindparam("posts", expanding=True)),
        holdings.c.starts_on <= _TODAY,
        or_(holdings.c.ends_on.is_(None), holdings.c.ends_on >= bindparam("since", type_=Date)),
        or_(
            holdings.c.revoked_at.is_(None),
            holdings.c.revoked_at >= bindparam("since_moment", type_=holdings.c.revoked_at.type),
        ),
    )
    .distinct()
    .order_by(holdings.c.person_id)
)
#: A person's living addresses on the staff side, the newest first.
STAFF_ADDRESSES = (
    select(addresses.c.id, addresses.c.channel, addresses.c.account)
    .where(addresses.c.person_id == bindparam("person"), addresses.c.account == "staff", addresses.c.state == "alive")
    .order_by(addresses.c.id.desc())
)
#: Addresses (whole rows) by keyed hash.
BY_HASH = select(addresses).where(addresses.c.key_hash.in_(bindparam("hashes", expanding=True)))
#: People (whole rows) by id.
PEOPLE = select(people).where(people.c.id.in_(bindparam("ids", expanding=True)))
#: Conversations (whole rows) of addresses, locked in the order of their ids.
TALKS = (
    select(conversations)
    .where(conversations.c.address_id.in_(bindparam("ids", expanding=True)))
    .order_by(conversations.c.id)
    .with_for_update()
)
#: An invitation (whole row) by the hash of its code.
INVITATION = select(invitations).where(invitations.c.code_hash == bindparam("code"))

#: Every post that somebody holds today.
HELD_POSTS = select(holdings.c.post_code).where(_in_force(_TODAY)).distinct()
NEW_PEOPLE = insert(people)
FORGET_PEOPLE = delete(people).where(people.c.id.in_(bindparam("ids", expanding=True)))
