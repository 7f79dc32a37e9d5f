"""What became of a send: the record learns of it, and what did not arrive has consequences."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from domain.vocabulary import Action
from handlers.actions import addresses, counting, desk, groups, reading, responses, telling
from handlers.actions.post import PUSH, Letter, to_post
from handlers.actions.windows import NUDGE, SHUT
from handlers.messages import Choice
from handlers.prelude import part_hash
from handlers.session import Session
from storage.plan import Record
from storage.queries import people, talk
from storage.tables import Address, Conversation, Outbox, OutboxPart, Ticket

MOST_ATTEMPTS = 30
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 900.0
#: An office's own words for a citizen: when they do not arrive the desk must know.
WORDS_FOR_CITIZEN = frozenset({"citizen/answer", "citizen/question", "citizen/resolved", "citizen/locked_news"})
#: Those that may have been a question.
MAY_ASK = frozenset({"citizen/question", "citizen/locked_news"})
#: Behind so long a silence something may wait for the next message; no window is shorter.
QUIET = timedelta(hours=1)
DAY = timedelta(days=1)
#: A reason in a few words of ours, as it may stand in the clear.
_CODE, _LONGEST_CODE = re.compile(r"[a-z]+(?:[ _][a-z]+){0,2}"), 24
#: Pages whose facts hold a PIN or a code, or would tie a chat to a story that may be anonymous: erased as soon as they
#: are sent (decisions 21 and 22).
SECRET_PAGES = frozenset(
    {
        "citizen/receipt", "citizen/referred", "citizen/new_pin", "officer/recorded", "citizen/confirm",
        "citizen/parked", "citizen/case",
        "citizen/added", "citizen/reply_now", "citizen/reopened", "citizen/accepted", "citizen/rate", "citizen/rated",
        "citizen/withdraw", "citizen/withdrawn", "citizen/which_case", "citizen/lock", "citizen/lock_set",
        "citizen/case_closed", "citizen/place_kept", "citizen/ask_pin", "citizen/join_code",
        "officer/act_code",
    }
)  # fmt: skip

#: What a page is refused for because of a file that goes along: too large for the platform, or not to its taste.
FILE_FAULTS = frozenset({"too_large", "media", "file"})


def sent(
    session: Session, row: int, parts: tuple[str, ...], template: str | None = None, category: str | None = None
) -> None:
    """The platform has it, as an approved message if one is named: keep its ids, so that a reply finds the case.

    `category`: what each part is billed as, where it is and we know.
    """
    seen = session.plan.one(Outbox, row)
    talk_of = _offered_to(session, seen) if seen is not None else None
    responses.lock(session, seen)
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state not in ("queued", "sent"):
        return
    letter.template = template or letter.template
    new = _keep_parts(session, letter, parts)
    counting.note(session, letter, category, new)
    if not new or letter.state == "sent":
        return  # it is known already
    letter.state, letter.sent_at, letter.lease_until, letter.error = "sent", session.moment.real, None, None
    if letter.page in SECRET_PAGES:
        letter.facts_sealed = None
    responses.accepted(session, letter)
    for page in telling.said_by(session, letter):
        if page.step_id is not None:
            telling.climbed(session, page.step_id)
    if talk_of is not None:
        talk_of.last_offer = letter.id  # what was pushed last is what a typed "1" means now


def _keep_parts(session: Session, letter: Record, parts: tuple[str, ...]) -> int:
    """Write down the message ids of a row; returns how many of them were not known yet."""
    seen = letter.state == "sent" or letter.arrival or letter.arrival_code  # a receipt, another process, ourselves
    known = parts_of(session, letter) if seen else {}
    address = session.plan.one(Address, letter.address_id)
    assert address is not None
    hashes = {hash_of(session, address, part): part for part in parts}
    new = [(found, part) for found, part in hashes.items() if found not in known]
    for n, (hashed, external) in enumerate(new, start=len(known)):
        session.add(OutboxPart, outbox_id=letter.id, n=n, external_hash=hashed, external_sealed=external)
    return len(new)


def parts_of(session: Session, letter: Record) -> dict[bytes, int]:
    """The messages that a row has become, by the hashes of their ids."""
    return {part.external_hash: part.n for part in session.plan.rows(talk.PART_HASHES, {"row": letter.id})}


def hash_of(session: Session, address: Record, message: str) -> bytes:
    """The hash by which a message of ours to an address is found again."""
    chat = session.vault.open_text("addresses.value_sealed", address.id, address.value_sealed)
    return part_hash(session.vault, address.channel, address.account, chat, message)


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
    unheard(session, letter)
    if letter.page == NUDGE:
        responses.taken_back(session, letter)
        _wake_waiting(session, letter.person_id)  # what it should have announced needs another way
    if letter.page not in WORDS_FOR_CITIZEN or letter.ticket_id is None:
        return
    ticket = session.plan.locked(Ticket, letter.ticket_id)
    assert ticket is not None
    if letter.page in MAY_ASK:
        desk.unasked(session, ticket)
    counts = letter.state == "dropped"  # the reader is nowhere; what is refused can be said otherwise
    responses.missed(session, letter, counts=counts)
    by_file = letter.error in FILE_FAULTS
    shown = {"number": ticket.number, "what": letter.page.partition("/")[2], "by_file": by_file, "counts": counts}
    choices = (Choice("details", (str(ticket.id),)),)
    for post in reading.readers(session, ticket):
        key = f"undelivered:{letter.id}:{post.code}"
        to_post(session, post.code, Letter(key, "officer/undelivered", shown, choices, ticket, Action.READ))


def unheard(session: Session, letter: Record) -> None:
    """Somebody did not hear of a step, or of several: unless others at the post do, each goes to the next above."""
    for page in telling.said_by(session, letter):
        parent = session.plan.one(Outbox, page.parent_id) if page.parent_id else None
        if parent is not None and parent.step_id is not None and not _others_hear(session, parent, page):
            telling.unheard(session, parent.step_id, parent.post_code)


def _others_hear(session: Session, parent: Record, letter: Record) -> bool:
    rows = session.plan.fetch(Outbox, talk.CHILDREN, {"parent": parent.id})
    others = (_said_in(session, row) for row in rows if row.id != letter.id)
    return any(row.state in ("queued", "sent") and row.error != SHUT for row in others)


def _said_in(session: Session, row: Record) -> Record:
    """The row whose message says a page."""
    merged = session.plan.one(Outbox, row.merged_into) if row.merged_into else None
    return merged or row


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
    """To another living address of the same person, else nowhere, with a reason."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued" or letter.address_id != address.id:
        return
    others = [] if letter.page == NUDGE else addresses.others(session, letter)
    if others:
        readdress(letter, others[0])
    else:
        _end(session, row, "dropped", "address_dead")


def readdress(letter: Record, other: Any) -> None:
    """Let a row go to another address (a row), as soon as it may."""
    letter.address_id, letter.channel, letter.account = other.id, other.channel, other.account
    letter.lease_until, letter.retry_at, letter.error = None, None, None


def heard(session: Session, address: Record, *, new: bool) -> None:
    """Somebody wrote or pressed here: they are there, their window is open, and what waited for that comes now."""
    before, address.heard_at = address.heard_at, session.moment.real
    if address.state == "dead":
        found(session, address)
    if not new and (before is None or session.moment.real - before > QUIET):
        _wake_waiting(session, address.person_id)


def found(session: Session, address: Record) -> None:
    """A chat is reached again, and what waited for it may go."""
    if address.state == "dead":
        address.state = "alive"
        session.audit("address_alive", None, person=address.person_id, actor="delivery")
    _wake(session, address)


def shut(session: Session, row: int) -> None:
    """The platform says that the reader's window is closed, although we thought otherwise: so it counts as closed."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued" or letter.address_id is None:
        return
    close(session, letter.address_id)
    later(session, row, 0.0, blameless=False)


def close(session: Session, address: int) -> None:
    """Let an address count as one that was not heard for a day, the longest window that a platform has."""
    row = session.plan.one(Address, address)
    if row is not None and row.heard_at is not None:
        row.heard_at = min(row.heard_at, session.moment.real - DAY)


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


def _wake_waiting(session: Session, person: int | None) -> None:
    """Look again at the pages that wait for a person to write, in whichever chat."""
    for letter in session.plan.fetch(Outbox, talk.WAITING_FOR, {"person": person}):
        letter.retry_at = None
