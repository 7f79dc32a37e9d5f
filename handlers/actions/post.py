"""Queueing pages. The dedupe key names the row that caused the message, never its content (decision 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from domain.vocabulary import Action, Identity
from handlers.actions import addresses, caring, thrift
from handlers.actions.letters import Letter as Letter
from handlers.messages import CITIZEN, Choice, Reply
from handlers.session import Session
from storage.plan import Record
from storage.queries import talk
from storage.tables import Outbox

#: Delivery lanes: answers to somebody who waits go before what nobody asked for.
REPLY, PUSH = 0, 1
#: How long a page may be replaced where it stands when words of it were edited; later nobody would look so far up.
RECENT = timedelta(minutes=15)
#: A burst of what we can't read is answered once in so many times the length of an album.
BURST = timedelta(seconds=5)


def reply(session: Session, page: Reply) -> Record | None:
    """Answer the person whose message is being received; its choices are the ones that typed answers now mean.

    None where the same was said a moment ago and once is enough, or where it is not worth its price.
    """
    writing = session.writing
    assert writing is not None
    if page.once and _was_just_said(session, page):
        return None
    if thrift.spares(session, writing.address.channel, page.page):
        return None
    writing.said += 1
    if page.replaces:
        _take_back(session, writing.address.id)
    hold = session.rules.album_seconds if page.holds else 0
    row = _queue(
        session,
        f"in:{writing.inbox}:{writing.said}",
        page.page,
        page.facts,
        page.choices,
        address_id=writing.address.id,
        person_id=writing.person.id,
        channel=writing.address.channel,
        account=writing.address.account,
        ticket_id=page.ticket,
        ticket_version=page.version,
        action=Action.READ if page.ticket is not None and page.page == "officer/card" else None,
        edit_of=writing.pressed if page.edits else _continued(session, page),
        hold_until=session.moment.real + timedelta(seconds=hold) if hold else None,
        lane=REPLY,
    )
    if page.choices:
        writing.conversation.last_offer = row.id
    return row


def _take_back(session: Session, address: int) -> None:
    """What still waits for the rest of an album is not said any more: the page that follows says it for all of it."""
    for row in session.plan.fetch(Outbox, talk.HELD_BACK, {"address": address}):
        if row.state == "queued" and row.lane == REPLY:
            row.state = "cancelled"


def _was_just_said(session: Session, page: Reply) -> bool:
    assert session.writing is not None
    since = session.moment.real - BURST * session.rules.album_seconds
    about = {"address": session.writing.address.id, "page": page.page, "since": since}
    rows = session.plan.fetch(Outbox, talk.JUST_SAID, about)
    known = (session.vault.open_json("outbox.facts_sealed", row.id, row.facts_sealed) for row in rows)
    return any(facts["what"] == page.facts["what"] for facts in known)


def _continued(session: Session, page: Reply) -> int | None:
    """The same page of a moment ago, whose place this one takes: words, and then the pictures or a change to them."""
    assert session.writing is not None
    last = session.writing.conversation.last_offer if page.renews else None
    row = session.plan.one(Outbox, last) if last is not None else None
    if row is None or row.page != page.page or not _is_later(page, row):
        return None
    if row.state == "cancelled":
        edited: int | None = row.edit_of
        return edited
    album = timedelta(seconds=2 * session.rules.album_seconds)
    recent = session.moment.real - row.created_at < (album if page.holds else RECENT)
    return int(row.id) if recent else None


def _is_later(page: Reply, row: Record) -> bool:
    """Whether the page shows a later revision of the draft that the row showed, and no other draft."""
    return bool(page.choices and row.choices) and int(page.choices[0].args[-1]) > int(row.choices[0][1][-1])


def tie(session: Session, ticket: Record) -> int | None:
    """The case that a page for its citizen belongs to; none where this chat is not the case's own, or joined to it.

    Of a case that keeps no address the row itself would be the link that was cut; an anonymous one keeps to its chat.
    """
    writing = session.writing
    assert writing is not None
    joined = ticket.reporter_id == writing.person.id and ticket.identity != Identity.ANONYMOUS
    return ticket.id if ticket.address_id == writing.address.id or (ticket.address_id and joined) else None


def to_post(session: Session, post: str, letter: Letter) -> Record:
    """For whoever holds a post when it is delivered."""
    return _send(session, letter, post_code=post, account="staff")


def to_person(session: Session, person: int, letter: Letter) -> Record | None:
    """For one member of staff, where they wrote last; None for somebody without a living address."""
    rows = addresses.of_staff(session, person)
    return to_address(session, rows[0], letter) if rows else None


def to_reporter(session: Session, letter: Letter) -> Record | None:
    """For the citizen of a case, where she wrote last; None when the case keeps no address (one that is anonymous is
    followed by its PIN)."""
    ticket = letter.ticket
    assert ticket is not None
    if ticket.address_id is None:
        return None
    rows = addresses.of_reporter(session, ticket)
    address, channel = (rows[0].id, rows[0].channel) if rows else (ticket.address_id, ticket.channel)
    if thrift.spares(session, channel, letter.page) or caring.spares(session, ticket, letter.page):
        return None
    if ticket.locked:  # a phone that others use too: the number alone, whatever it is about
        letter = replace(letter, page="citizen/locked_news", facts={"number": ticket.number}, choices=())
    letter = thrift.shaped(session, channel, letter)
    to = {"address_id": address, "person_id": ticket.reporter_id, "channel": channel}
    return _send(session, letter, account=CITIZEN, **to)


def to_address(session: Session, address: Record | Row[Any], letter: Letter) -> Record:
    """For one chat: of whoever writes from it, about something that belongs to no case, or of a group."""
    to = {"address_id": address.id, "person_id": address.person_id, "channel": address.channel}
    return _send(session, letter, account=address.account, **to)


def _send(session: Session, letter: Letter, **to: Any) -> Record:
    return _queue(
        session,
        letter.key,
        letter.page,
        letter.facts,
        letter.choices,
        ticket_id=letter.ticket.id if letter.ticket else None,
        ticket_version=letter.ticket.version if letter.ticket else None,
        action=letter.action,
        hold_until=session.moment.real + timedelta(seconds=letter.hold) if letter.hold else None,
        undo_of=letter.undo_of,
        step_id=letter.step,
        lane=PUSH,
        **to,
    )


def _queue(
    session: Session, key: str, page: str, facts: Mapping[str, Any], choices: Sequence[Choice], **values: Any
) -> Record:
    return session.add(
        Outbox,
        dedupe_key=key,
        page=page,
        facts_sealed=dict(facts),
        choices=[[choice.code, list(choice.args)] for choice in choices],
        created_at=session.moment.real,
        **values,
    )
