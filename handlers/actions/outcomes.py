"""What became of a send: the record learns of it, and what did not arrive has consequences."""

from __future__ import annotations

import re
from datetime import timedelta

from domain.vocabulary import Action
from handlers.actions import desk, groups, reading, telling
from handlers.actions.delivering import staff_address
from handlers.actions.post import PUSH, Letter, to_post
from handlers.messages import STAFF, Choice
from handlers.prelude import part_hash
from handlers.session import Session
from storage.plan import Record
from storage.queries import people, talk
from storage.tables import Address, Conversation, Outbox, OutboxPart, Ticket

MOST_ATTEMPTS = 30
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 900.0
#: An office's own words for a citizen: when they do not arrive the desk must know.
_WORDS_FOR_CITIZEN = frozenset({"citizen/answer", "citizen/question", "citizen/resolved", "citizen/locked_news"})
#: Those that may have been a question.
_MAY_ASK = frozenset({"citizen/question", "citizen/locked_news"})
#: A reason in a few words of ours, as it may stand in the clear.
_CODE, _LONGEST_CODE = re.compile(r"[a-z]+(?:[ _][a-z]+){0,2}"), 24
#: Pages whose facts hold a PIN, or would tie a chat to a story that may be anonymous: erased as soon as they are sent
#: (decisions 21 and 22).
SECRET_PAGES = frozenset(
    {
        "citizen/receipt", "citizen/new_pin", "officer/recorded", "citizen/confirm", "citizen/parked", "citizen/case",
        "citizen/added", "citizen/reply_now", "citizen/reopened", "citizen/accepted", "citizen/rate", "citizen/rated",
        "citizen/withdraw", "citizen/withdrawn", "citizen/which_case", "citizen/lock", "citizen/lock_set",
        "citizen/case_closed", "citizen/place_kept", "citizen/ask_pin", "citizen/join_code",
    }
)  # fmt: skip


def sent(session: Session, row: int, parts: tuple[str, ...]) -> None:
    """The platform has it: keep its message ids, so that a reply finds the case."""
    seen = session.plan.one(Outbox, row)
    talk_of = _offered_to(session, seen) if seen is not None else None
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued":
        return
    address = session.plan.one(Address, letter.address_id)
    assert address is not None
    chat = session.vault.open_text("addresses.value_sealed", address.id, address.value_sealed)
    for n, external in enumerate(parts):
        hashed = part_hash(session.vault, address.channel, address.account, chat, external)
        session.add(OutboxPart, outbox_id=row, n=n, external_hash=hashed, external_sealed=external)
    letter.state, letter.sent_at, letter.lease_until, letter.error = "sent", session.moment.real, None, None
    if letter.page in SECRET_PAGES:
        letter.facts_sealed = None
    if letter.step_id is not None:
        telling.climbed(session, letter.step_id)
    if talk_of is not None:
        talk_of.last_offer = letter.id  # what was pushed last is what a typed "1" means now


def _offered_to(session: Session, letter: Record) -> Record | None:
    """The conversation that a pushed page with choices belongs to, locked before the row, as everywhere."""
    if not letter.choices or letter.lane != PUSH:
        return None
    found = session.plan.fetch(Conversation, talk.TALK_OF, {"address": letter.address_id})
    return found[0] if found else None


def later(session: Session, row: int, after: float | None, *, blameless: bool) -> None:
    """Try again: when the platform says, else ever more slowly. An absent reader is no failed attempt."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued":
        return
    if not blameless:
        letter.attempts = letter.attempts + 1
    wait = after if after is not None else min(_FIRST_WAIT * 2 ** (letter.attempts - 1), _LONGEST_WAIT)
    letter.retry_at = session.moment.real + timedelta(seconds=wait)
    letter.lease_until = None
    if letter.attempts >= MOST_ATTEMPTS:
        refused(session, row, "too many attempts")


def refused(session: Session, row: int, why: str) -> None:
    """The channel gave up: no silent loss. A platform's own words may name the reader, so they are kept sealed."""
    ours = len(why) <= _LONGEST_CODE and _CODE.fullmatch(why)
    _end(session, row, "refused", why if ours else "platform", said=why)


def drop(session: Session, row: int, code: str) -> None:
    """The row must not go."""
    _end(session, row, "dropped", code)


def _end(session: Session, row: int, state: str, code: str, *, said: str | None = None) -> None:
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued":
        return
    letter.state, letter.error, letter.lease_until = state, code, None
    payload = {"page": letter.page} if said in (None, code) else {"page": letter.page, "said": said}
    session.audit(state, letter.ticket_id, person=letter.person_id, actor="delivery", payload=payload)
    _follow_up(session, letter)


def _follow_up(session: Session, letter: Record) -> None:
    """What did not arrive has consequences: a rung goes higher, a question was not asked, the desk hears of it."""
    parent = session.plan.one(Outbox, letter.parent_id) if letter.parent_id else None
    if parent is not None and parent.step_id is not None and not _others_hear(session, parent, letter):
        telling.unheard(session, parent.step_id, parent.post_code)
    if letter.page not in _WORDS_FOR_CITIZEN or letter.ticket_id is None:
        return
    ticket = session.plan.locked(Ticket, letter.ticket_id)
    assert ticket is not None
    if letter.page in _MAY_ASK:
        desk.unasked(session, ticket)
    shown = {"number": ticket.number, "what": letter.page.partition("/")[2]}
    choices = (Choice("details", (str(ticket.id),)),)
    for post in reading.readers(session, ticket):
        key = f"undelivered:{letter.id}:{post.code}"
        to_post(session, post.code, Letter(key, "officer/undelivered", shown, choices, ticket, Action.READ))


def _others_hear(session: Session, parent: Record, letter: Record) -> bool:
    rows = session.plan.fetch(Outbox, talk.CHILDREN, {"parent": parent.id})
    return any(row.id != letter.id and row.state in ("queued", "sent") for row in rows)


def gone(session: Session, row: int) -> None:
    """The address is dead: the row goes to another one of the same person, else it is dropped with a reason."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued":
        return
    address = session.plan.one(Address, letter.address_id)
    assert address is not None
    lost(session, address)


def lost(session: Session, address: Record) -> None:
    """A chat is reached no more: its address is dead, a group in it hears nothing, what waits goes on without it."""
    if address.state != "dead":
        address.state = "dead"
        session.audit("address_dead", None, person=address.person_id, actor="delivery")
    groups.end(session, address)
    for letter in session.plan.fetch(Outbox, talk.QUEUED_FOR, {"address": address.id}):
        _go_elsewhere(session, address, letter.id)


def _go_elsewhere(session: Session, address: Record, row: int) -> None:
    """To another living address of the same member of staff, else nowhere, with a reason."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued" or letter.address_id != address.id:
        return
    person = letter.person_id if letter.account == STAFF else None
    other = staff_address(session, person, but=address.id) if person else None
    if other is None:
        _end(session, row, "dropped", "address_dead")
        return
    letter.address_id, letter.channel, letter.lease_until, letter.retry_at = other.id, other.channel, None, None


def found(session: Session, address: Record) -> None:
    """A chat is reached again, and what waited for it may go."""
    if address.state == "dead":
        address.state = "alive"
        session.audit("address_alive", None, person=address.person_id, actor="delivery")
    _wake(session, address)


def moved(session: Session, row: int, to: str) -> None:
    """The chat has a new id: the address keeps its person, the row is tried again; two that name each other end."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.address_id is None:
        return
    address = session.plan.one(Address, letter.address_id)
    assert address is not None
    relocate(session, address, to)
    later(session, row, 0.0, blameless=False)


def relocate(session: Session, address: Record, to: str) -> None:
    """Give an address a new value. Where that one is known already the chats are one: a group goes on over there."""
    key = session.vault.hash("addresses.key_hash", address.channel, address.account, to)
    known = session.plan.fetch(Address, people.BY_HASH, {"hashes": [key]})
    if not known:
        address.value_sealed = session.seal("addresses.value_sealed", address.id, to)
        address.key_hash = key
    elif known[0].id != address.id:
        groups.join(session, address, known[0])
        lost(session, address)


def reader_arrived(session: Session, channel: str, account: str, value: str) -> None:
    """Somebody who was away is back: what waited for them may go."""
    key = session.vault.hash("addresses.key_hash", channel, account, value)
    for row in session.plan.fetch(Address, people.BY_HASH, {"hashes": [key]}):
        _wake(session, row)


def _wake(session: Session, address: Record) -> None:
    for letter in session.plan.fetch(Outbox, talk.RESTING_FOR, {"address": address.id}):
        letter.retry_at = None
