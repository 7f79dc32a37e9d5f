"""The record's side of delivery: may it still be read, who holds the post now, and what became of the send."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.access import may
from domain.vocabulary import Action, Actor
from handlers.actions import addresses, digests, groups, reminding, telling, thrift
from handlers.actions.enclosing import Enclosure, enclose, files_of
from handlers.actions.post import PUSH, Letter, to_post
from handlers.actions.views import actor_of, view_of
from handlers.actions.windows import FREELY, NUDGE, Standing, Terms, Way, approved, course_of, is_open
from handlers.messages import STAFF, Choice
from handlers.session import Session
from storage.plan import Record
from storage.queries import talk
from storage.tables import Address, Outbox, Ticket

log = logging.getLogger(__name__)

ROW_LEASE = timedelta(seconds=60)
#: How many reminders for one post are opened in one transaction.
OPENED_AT_ONCE = 100
PATIENCE_WITH_PHOTOS = timedelta(seconds=90)
#: Pages that list several cases, which nobody's single action covers.
_LISTS = frozenset({"supervisor/digest"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """A row ready to be rendered: where it goes and what it says.

    `stands`: the messages whose place it takes. `standing`: the approved message that goes instead, for this page or to
    say that it waits.
    """

    row: int
    channel: str
    account: str
    to: str
    language: str
    page: str
    facts: dict[str, Any]
    choices: tuple[tuple[str, tuple[str, ...]], ...]
    stands: tuple[str, ...]
    files: tuple[Enclosure, ...] = ()
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A row whose files are still being cleaned, or a reminder whose reader is not at work."""


@dataclass(frozen=True, slots=True)
class Detour:
    """A row that can't go this way now: `detours.take` finds out what else."""


@dataclass(frozen=True, slots=True)
class Company:
    """A row that goes in one message with others (`gather`)."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A row that must not go, and the word that says why."""

    code: str


def claim(session: Session, row: int) -> bool:
    """Take a row for this process for a minute, by compare-and-set."""
    values = {"row": row, "real": session.moment.real, "until": session.moment.real + ROW_LEASE}
    return bool(session.plan.connection.execute(talk.CLAIM, values).rowcount)


def envelope(session: Session, row: int, terms: Terms = FREELY) -> Envelope | Drop | Wait | Detour | Company | None:
    """Everything a send needs, if the reader is still right on the ticket as it is now; None: it is a post's row."""
    found = session.plan.rows(talk.LETTER, {"row": row})
    if not found or found[0].state != "queued":
        return Drop("gone")
    letter = found[0]
    if letter.address_id is None:
        return None
    if letter.address_state != "alive":
        return Drop("address_dead")
    if letter.page == NUDGE:
        return _announcement(session, letter, terms)
    if not _may_read(session, letter):
        return Drop("access")
    if (other := _not_by_itself(session, letter)) is not None:
        return other
    course = course_of(session, letter, terms)
    if course.way is Way.STAND_IN:
        return _addressed(session, letter, letter, standing=course.standing)
    if course.way is not Way.FREE:
        return Detour()
    facts: dict[str, Any] = session.vault.open_json("outbox.facts_sealed", letter.id, letter.facts_sealed)
    if _in_work(session, letter, facts):
        return Wait()
    files = tuple(file for _, own in thrift.pages_of(letter.page, facts) for file in enclose(session, letter, own))
    return _addressed(session, letter, letter, stands=_parts(session, letter.edit_of), files=files, facts=facts)


def _not_by_itself(session: Session, letter: Any) -> Wait | Company | None:
    if reminding.opening(session, letter):
        return Wait()
    if thrift.has_company(session, letter) or reminding.has_company(session, letter):
        return Company()
    return None


def gather(session: Session, row: int) -> None:
    """Let a row go in one message with the others that wait for the same reader."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued":
        return
    letter.lease_until = None
    if letter.account == STAFF:
        reminding.gather(session, letter, _still_queued(session, reminding.company(session, letter)))
    else:
        thrift.gather(session, _still_queued(session, thrift.company(session, letter)))


def _still_queued(session: Session, rows: Iterable[Record]) -> list[Record]:
    """Rows, now locked, without those that were sent or taken back meanwhile."""
    locked = (session.plan.locked(Outbox, row.id) for row in rows)
    return [row for row in locked if row is not None and row.state == "queued"]


def _addressed(session: Session, letter: Any, said: Any, **how: Any) -> Envelope:
    """The page of the row `said`, to the reader of a letter, with the letter's choices."""
    if "facts" not in how:
        how["facts"] = session.vault.open_json("outbox.facts_sealed", said.id, said.facts_sealed)
    return Envelope(
        row=letter.id,
        channel=letter.channel or "",
        account=letter.account,
        to=session.vault.open_text("addresses.value_sealed", letter.address_id, letter.value_sealed),
        language=letter.person_language or "id",
        page=said.page,
        choices=tuple((code, tuple(args)) for code, args in letter.choices or ()),
        **{"stands": (), **how},
    )


def _announcement(session: Session, letter: Any, terms: Terms) -> Envelope | Drop:
    """What says that a page waits, if it still does and its reader still may."""
    address = session.plan.one(Address, letter.address_id)
    facts = session.vault.open_json("outbox.facts_sealed", letter.id, letter.facts_sealed)
    found = session.plan.rows(talk.LETTER, {"row": int(facts["row"])})
    waits = found and found[0].state == "queued" and found[0].address_id == letter.address_id
    assert address is not None
    if not waits or is_open(terms, letter.channel, address.heard_at, session.moment.real):
        return Drop("not_needed")
    if not _may_read(session, found[0]):
        return Drop("access")
    standing = approved(session, found[0], address, terms)
    return _addressed(session, letter, found[0], standing=standing) if standing else Drop("no_template")


def _in_work(session: Session, letter: Any, facts: dict[str, Any]) -> bool:
    """Whether the page should wait: the files of its own words are still being fetched or cleaned."""
    if session.moment.real - letter.created_at >= PATIENCE_WITH_PHOTOS:
        return False
    named = [own for _, own in thrift.pages_of(letter.page, facts) if own.get("photos_of")]
    return any(file.state == "raw" for own in named for file in files_of(session, letter, own))


def wait(session: Session, row: int) -> None:
    """The row could not go when it was read. Its reader's opening wakes it, or whoever cleans its files."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued":
        return
    letter.lease_until = None
    if opening := reminding.opening(session, letter):
        letter.due_at = opening
        return
    facts: dict[str, Any] = session.vault.open_json("outbox.facts_sealed", letter.id, letter.facts_sealed)
    if _in_work(session, letter, facts):
        letter.retry_at = session.moment.real + PATIENCE_WITH_PHOTOS


def _may_read(session: Session, letter: Any) -> bool:
    if letter.group_unit is not None:
        return letter.group_ended_at is None and _may_ring(session, letter)
    if letter.page in _LISTS and letter.person_id is not None:
        return digests.still_allowed(session, letter.person_id, letter.choices or ())
    if letter.action is None or letter.ticket_id is None:
        return True
    ticket = session.plan.one(Ticket, letter.ticket_id)
    if ticket is None or letter.person_id is None:
        return False
    view = view_of(session, ticket)
    actor = actor_of(session, letter.person_id) if letter.account == "staff" else Actor(person=letter.person_id)
    return may(actor, Action(letter.action), view)


def _may_ring(session: Session, letter: Any) -> bool:
    """To a group goes a bell and nothing else, if the case is one that its unit's group may hear of now."""
    ticket = session.plan.one(Ticket, letter.ticket_id) if letter.ticket_id is not None else None
    if ticket is None or letter.page != groups.BELL:
        return False
    return groups.may_ring(letter.group_unit, ticket, view_of(session, ticket))


def _parts(session: Session, edited: int | None) -> tuple[str, ...]:
    """The platform's ids of a page that is edited; none where it never arrived: then it is sent anew."""
    rows = session.plan.rows(talk.PARTS, {"row": edited}) if edited else []
    return tuple(session.vault.open_text("outbox_parts.external_sealed", row.id, row.external_sealed) for row in rows)


def open_post(session: Session, row: int) -> None:
    """A post's row becomes one row per present holder; with nobody there it goes to the next post above."""
    parent = session.plan.locked(Outbox, row)
    if parent is None or parent.state != "queued" or parent.post_code is None:
        return
    _open(session, parent)
    if parent.step_id is not None:  # what is told to one post at one time is opened together
        about = {"post": parent.post_code, "town": session.now, "most": OPENED_AT_ONCE}
        for other in session.plan.fetch(Outbox, talk.UNOPENED_STEPS, about):
            found = session.plan.locked(Outbox, other.id)
            if found is not None and found.state == "queued":
                _open(session, found)


def _open(session: Session, parent: Record) -> None:
    facts = session.vault.open_json("outbox.facts_sealed", parent.id, parent.facts_sealed)
    reached = 0
    for person in session.present_of(parent.post_code):
        if _allowed(session, parent, person) and (rows := addresses.of_staff(session, person)):
            _child(session, parent, person, rows[0], facts)
            reached += 1
    parent.state = "opened" if reached else "dropped"
    parent.error = None if reached else "nobody_there"
    parent.lease_until = None
    if not reached and parent.step_id is not None:
        telling.unheard(session, parent.step_id, parent.post_code)
    elif not reached:
        _climb(session, parent, facts)


def _allowed(session: Session, parent: Record, person: int) -> bool:
    if parent.action is None or parent.ticket_id is None:
        return True
    ticket = session.plan.one(Ticket, parent.ticket_id)
    if ticket is not None and may(actor_of(session, person), Action(parent.action), view_of(session, ticket)):
        return True
    session.audit("dropped", parent.ticket_id, person=person, actor="delivery", payload={"page": parent.page})
    return False


def _child(session: Session, parent: Record, person: int, address: Any, facts: Any) -> None:
    copied = ("ticket_id", "ticket_version", "action", "page", "choices", "undo_of", "due_at", "hold_until", "step_id")
    session.add(
        Outbox,
        dedupe_key=f"{parent.dedupe_key}:{person}",
        parent_id=parent.id,
        address_id=address.id,
        person_id=person,
        channel=address.channel,
        account=address.account,
        facts_sealed=facts,
        lane=PUSH,
        created_at=session.moment.real,
        **{name: parent.values[name] for name in copied},
    )


def _climb(session: Session, parent: Record, facts: Any) -> None:
    """The next post above, until somebody is there; past the top the row stays dropped, with an audit row."""
    above = _post_above(session, parent.post_code)
    ticket = session.plan.one(Ticket, parent.ticket_id) if parent.ticket_id else None
    if above is None:
        session.audit(
            "unreachable", parent.ticket_id, person=None, actor="delivery", payload={"post": parent.post_code}
        )
        log.error("nobody can be reached for a post", extra={"outbox": parent.id})
        return
    told, _, first = parent.dedupe_key.partition(">")[0].rpartition(":")
    if ticket is not None and parent.page.startswith("officer/") and not _is_at_desk_of(session, ticket, first):
        return  # it has moved on, and its new desk has a page of its own
    if session.plan.rows(talk.DEDUPED, {"key": f"{told}:{above}"}):
        return  # so has the post above
    action = Action(parent.action) if parent.action else None
    to_post(
        session, above, Letter(f"{parent.dedupe_key}>{above}", parent.page, facts, _choices(parent), ticket, action)
    )


def _is_at_desk_of(session: Session, ticket: Record, post: str) -> bool:
    return bool(session.region.posts[post].unit == ticket.unit_code)


def _choices(parent: Record) -> tuple[Choice, ...]:
    return tuple(Choice(code, tuple(args)) for code, args in parent.choices or ())


def _post_above(session: Session, post: str) -> str | None:
    """From the desk to the unit's head, from a head to the head of the unit above."""
    region = session.region
    own = region.posts[post]
    head = region.head_of(own.unit)
    if head is not None and head.code != post:
        return head.code
    return next((found.code for unit in region.ancestors(own.unit) if (found := region.head_of(unit))), None)
