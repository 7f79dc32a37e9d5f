"""Addresses, and who holds which post on a day of the town."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    union,
)
from sqlmodel import Date

from storage.plan import table_of
from storage.tables import Address, Conversation, Group, Holding, Invitation, Leave, Outbox, Person

holdings = table_of(Holding)
addresses = table_of(Address)
people = table_of(Person)
conversations = table_of(Conversation)
invitations = table_of(Invitation)
leaves = table_of(Leave)
outbox = table_of(Outbox)
groups = table_of(Group)


def _in_force(today: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(
        holdings.c.starts_on <= today,
        or_(holdings.c.ends_on.is_(None), holdings.c.ends_on >= today),
        holdings.c.revoked_at.is_(None),
    )


_TODAY = bindparam("today", type_=Date)
_SINCE_MOMENT = bindparam("since_moment", type_=holdings.c.revoked_at.type)

#: Of a holding: that it holds `today`.
in_force = _in_force(_TODAY)
_AWAY = and_(leaves.c.starts_on <= _TODAY, leaves.c.ends_on >= _TODAY, leaves.c.revoked_at.is_(None))
_ON_LEAVE = exists().where(leaves.c.person_id == holdings.c.person_id, _AWAY)
_SUBSTITUTED = holdings.join(leaves, leaves.c.person_id == holdings.c.person_id)

#: Posts that a person acts in today: the own ones, and those of everybody who is away and named this person.
HELD = union(
    select(holdings.c.post_code).where(holdings.c.person_id == bindparam("person"), _in_force(_TODAY)),
    select(holdings.c.post_code)
    .select_from(_SUBSTITUTED)
    .where(leaves.c.substitute_id == bindparam("person"), _in_force(_TODAY), _AWAY),
).order_by("post_code")
#: Everybody who acts in a post today, and in which: person and post, holders and substitutes.
HELD_BY_ALL = union(
    select(holdings.c.person_id, holdings.c.post_code).where(_in_force(_TODAY)),
    select(leaves.c.substitute_id.label("person_id"), holdings.c.post_code)
    .select_from(_SUBSTITUTED)
    .where(_in_force(_TODAY), _AWAY, leaves.c.substitute_id.is_not(None)),
).order_by("person_id", "post_code")
_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
#: HELD of many persons.
HELD_AMONG = union(
    select(holdings.c.person_id, holdings.c.post_code).where(holdings.c.person_id.in_(_AMONG), _in_force(_TODAY)),
    select(leaves.c.substitute_id.label("person_id"), holdings.c.post_code)
    .select_from(_SUBSTITUTED)
    .where(leaves.c.substitute_id.in_(_AMONG), _in_force(_TODAY), _AWAY),
).order_by("post_code")
#: How posts are held today that nobody holds for good: post and kind (Plt, Plh, Pj, Pjs).
ACTING = (
    select(holdings.c.post_code, holdings.c.kind)
    .where(holdings.c.kind != "definitif", _in_force(_TODAY))
    .order_by(holdings.c.id)
)
#: Persons who read for a post today: its holders who are not away, and the substitutes of those who are.
PRESENT = union(
    select(holdings.c.person_id).where(holdings.c.post_code == bindparam("post"), _in_force(_TODAY), not_(_ON_LEAVE)),
    select(leaves.c.substitute_id.label("person_id"))
    .select_from(_SUBSTITUTED)
    .where(holdings.c.post_code == bindparam("post"), _in_force(_TODAY), _AWAY, leaves.c.substitute_id.is_not(None)),
).order_by("person_id")
#: PRESENT of many posts.
PRESENT_AMONG = union(
    select(holdings.c.post_code, holdings.c.person_id).where(
        holdings.c.post_code.in_(_AMONG), _in_force(_TODAY), not_(_ON_LEAVE)
    ),
    select(holdings.c.post_code, leaves.c.substitute_id.label("person_id"))
    .select_from(_SUBSTITUTED)
    .where(holdings.c.post_code.in_(_AMONG), _in_force(_TODAY), _AWAY, leaves.c.substitute_id.is_not(None)),
).order_by("person_id")
#: Leaves (whole rows) of a person that are not over.
LEAVES_OF = (
    select(leaves)
    .where(leaves.c.person_id == bindparam("person"), leaves.c.ends_on >= _TODAY, leaves.c.revoked_at.is_(None))
    .order_by(leaves.c.starts_on, leaves.c.id)
)
#: Persons who hold a post today.
HOLDERS = (
    select(holdings.c.person_id)
    .where(holdings.c.post_code == bindparam("post"), _in_force(_TODAY))
    .order_by(holdings.c.person_id)
)
_DID_HOLD = (
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
)
#: Persons who hold one of the posts today, or did on or after the day of the event, and who stand in for one of them
#: (decision 19).
CONCERNED = union(
    _DID_HOLD,
    select(leaves.c.substitute_id.label("person_id"))
    .select_from(_SUBSTITUTED)
    .where(
        holdings.c.post_code.in_(bindparam("posts", expanding=True)),
        _in_force(_TODAY),
        leaves.c.substitute_id.is_not(None),
        leaves.c.starts_on <= _TODAY,
        leaves.c.ends_on >= bindparam("since", type_=Date),
        leaves.c.revoked_at.is_(None),
    ),
).order_by("person_id")
#: An address as a page needs it: when it was heard last decides where somebody reads.
_READS = select(*(addresses.c[name] for name in ("id", "person_id", "channel", "account", "heard_at"))).where(
    addresses.c.state == "alive"
)
_LATEST = (func.coalesce(addresses.c.heard_at, addresses.c.created_at).desc(), addresses.c.id.desc())
_OF_ACCOUNT = _READS.where(addresses.c.account == bindparam("account")).order_by(*_LATEST)
#: A person's living addresses with an account, the one heard last first; and those of many persons.
ADDRESSES_OF = _OF_ACCOUNT.where(addresses.c.person_id == bindparam("person"))
ADDRESSES_AMONG = _OF_ACCOUNT.where(addresses.c.person_id.in_(_AMONG))
#: One address, if it is alive.
LIVING_ADDRESS = _READS.where(addresses.c.id == bindparam("address"))
#: Living staff chats on a channel of everybody who ever held a post, with the language that the person chose.
STAFF_CHATS = (
    select(addresses.c.id, addresses.c.person_id, addresses.c.value_sealed, people.c.language)
    .join(people, people.c.id == addresses.c.person_id)
    .where(
        addresses.c.channel == bindparam("channel"),
        addresses.c.account == "staff",
        addresses.c.state == "alive",
        addresses.c.value_sealed.is_not(None),
        exists().where(holdings.c.person_id == addresses.c.person_id),
    )
    .order_by(addresses.c.id)
)
#: Addresses (whole rows) by keyed hash.
BY_HASH = select(addresses).where(addresses.c.key_hash.in_(bindparam("hashes", expanding=True)))
#: The people (whole rows) behind addresses.
PEOPLE_AT = (
    select(people, addresses.c.id.label("address_id"))
    .join(addresses, addresses.c.person_id == people.c.id)
    .where(addresses.c.id.in_(bindparam("addresses", expanding=True)))
)
#: Where those stand who write from addresses, and since when they see the page that they were offered last.
SIDES = (
    select(
        addresses.c.key_hash,
        addresses.c.id.label("address_id"),
        addresses.c.account,
        conversations.c.state,
        conversations.c.touched_at,
        conversations.c.last_offer,
        outbox.c.sent_at,
        outbox.c.created_at,
    )
    .outerjoin(conversations, conversations.c.address_id == addresses.c.id)
    .outerjoin(outbox, outbox.c.id == conversations.c.last_offer)
    .where(addresses.c.key_hash.in_(bindparam("hashes", expanding=True)))
)
#: What was offered last in the conversations of addresses, for who only reads.
OFFERED = select(conversations.c.last_offer).where(conversations.c.address_id.in_(bindparam("ids", expanding=True)))
#: Conversations (whole rows) of addresses, locked in the order of their ids.
TALKS = (
    select(conversations)
    .where(conversations.c.address_id.in_(bindparam("ids", expanding=True)))
    .order_by(conversations.c.id)
    .with_for_update()
)
#: The same, neither whole nor locked.
TALKS_AT = select(conversations.c.id).where(conversations.c.address_id.in_(bindparam("ids", expanding=True)))
#: An invitation (whole row) by the hash of its code.
INVITATION = select(invitations).where(invitations.c.code_hash == bindparam("code"))

#: Every post that somebody holds today.
HELD_POSTS = select(holdings.c.post_code).where(_in_force(_TODAY)).distinct()
#: Posts that somebody who holds them today already held yesterday.
SETTLED_POSTS = HELD_POSTS.where(holdings.c.starts_on < _TODAY)
_STAFF_CHAT = and_(addresses.c.account == "staff", addresses.c.state == "alive")
#: Posts for which somebody is there today who can be written to: a holder who is not away, or a substitute.
REACHED_POSTS = union(
    select(holdings.c.post_code).where(
        _in_force(_TODAY), not_(_ON_LEAVE), exists().where(addresses.c.person_id == holdings.c.person_id, _STAFF_CHAT)
    ),
    select(holdings.c.post_code)
    .select_from(_SUBSTITUTED)
    .where(_in_force(_TODAY), _AWAY, exists().where(addresses.c.person_id == leaves.c.substitute_id, _STAFF_CHAT)),
)
NEW_PEOPLE = insert(people)
FORGET_PEOPLE = delete(people).where(people.c.id.in_(bindparam("ids", expanding=True)))

#: Every holding (whole rows) that nobody has revoked: in force, over, or still to begin.
UNREVOKED = select(holdings).where(holdings.c.revoked_at.is_(None)).order_by(holdings.c.starts_on, holdings.c.id)
#: Those that are not over, and those of one post.
NOT_OVER = (
    select(holdings)
    .where(holdings.c.revoked_at.is_(None), or_(holdings.c.ends_on.is_(None), holdings.c.ends_on >= _TODAY))
    .order_by(holdings.c.id)
)
TO_REVOKE = NOT_OVER.where(holdings.c.post_code == bindparam("post"))
#: Who is away today, and who stands in.
AWAY = select(leaves.c.person_id, leaves.c.substitute_id).where(_AWAY).order_by(leaves.c.id)
#: Everybody who can be written to on the staff side.
REACHABLE = select(addresses.c.person_id).where(addresses.c.account == "staff", addresses.c.state == "alive").distinct()
#: Invitations (whole rows) to a post that are still good.
OPEN_INVITATIONS = (
    select(invitations)
    .where(
        invitations.c.post_code == bindparam("post"),
        invitations.c.used_at.is_(None),
        invitations.c.expires_at > bindparam("real", type_=invitations.c.expires_at.type),
    )
    .order_by(invitations.c.id)
)
_GROUPS = addresses.join(groups, groups.c.address_id == addresses.c.id)
_LIVING = and_(groups.c.ended_at.is_(None), addresses.c.state == "alive")
_RINGING = (
    select(
        *(addresses.c[name] for name in ("id", "person_id", "channel", "account")),
        groups.c.id.label("group_id"),
        groups.c.unit_code,
    )
    .select_from(_GROUPS)
    .where(_LIVING)
    .order_by(groups.c.id)
)
#: Where the bells of a unit ring: the addresses of its living groups; and those of many units.
GROUPS_OF = _RINGING.where(groups.c.unit_code == bindparam("unit"))
GROUPS_AMONG = _RINGING.where(groups.c.unit_code.in_(_AMONG))
#: The living groups (whole rows) of a unit.
GROUPS_BOUND = (
    select(groups).select_from(_GROUPS).where(_LIVING, groups.c.unit_code == bindparam("unit")).order_by(groups.c.id)
)
#: The group (whole row) of an address.
GROUP_AT = select(groups).where(groups.c.address_id == bindparam("address"))
#: Addresses (whole rows) of all living groups of an account.
GROUP_ADDRESSES = (
    select(addresses)
    .select_from(_GROUPS)
    .where(addresses.c.channel == bindparam("channel"), addresses.c.account == bindparam("account"), _LIVING)
    .order_by(addresses.c.id)
)
GROUPED_UNITS = select(groups.c.unit_code).select_from(_GROUPS).where(_LIVING).distinct().order_by(groups.c.unit_code)
_parents = outbox.alias("parents")
#: Pages (whole rows) that wait to be sent to a member of staff: everything, or what was for one post.
WAITING_FOR_STAFF = (
    select(outbox)
    .where(outbox.c.person_id == bindparam("person"), outbox.c.account == "staff", outbox.c.state == "queued")
    .order_by(outbox.c.id)
)
WAITING_FOR_HOLDER = (
    select(outbox)
    .join(_parents, _parents.c.id == outbox.c.parent_id)
    .where(
        outbox.c.person_id == bindparam("person"),
        outbox.c.account == "staff",
        outbox.c.state == "queued",
        _parents.c.post_code == bindparam("post"),
    )
    .order_by(outbox.c.id)
)
