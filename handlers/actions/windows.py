"""How a page goes to somebody to whom free words may be closed: a platform's window, and what it approved beforehand.

A channel with a window lets us write freely for so long after somebody's last message. Behind it only approved messages
go, which hold no person's words: they stand for a page that has none, or say that a page waits; pressing opens both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from handlers.actions import addresses
from handlers.messages import STAFF, Choice
from handlers.session import Session
from storage.plan import Record
from storage.queries import talk
from storage.tables import Address, Person

#: A window counts as closed this much before it is: a page is still on its way then.
MARGIN = timedelta(minutes=1)
#: What waits behind an announcement is announced again at most so often, and only by a newer page.
AGAIN = timedelta(days=1)
#: The row of an announcement; it is no page, for it goes as an approved message or not at all.
NUDGE = "nudge"
#: The one button of an announcement: what waits for its reader comes.
SEE = Choice("see")
#: Why a queued row waits for its reader to write: it was announced, or nothing could be sent. Neither holds up others.
ANNOUNCED, SHUT = "announced", "shut"


class Way(StrEnum):
    """What becomes of a page now."""

    FREE = "free"
    STAND_IN = "stand_in"
    ANNOUNCE = "announce"
    ELSEWHERE = "elsewhere"
    REST = "rest"
    STUCK = "stuck"


class Standing(NamedTuple):
    """An approved message for a page. `whole`: it stands for the page; else it says that the page waits.

    `category`: what the platform bills it as.
    """

    name: str
    language: str
    whole: bool
    category: str = ""


#: What stands for a page with such choices in a language, approved or not.
Find = Callable[[str, str, Collection[str]], Standing | None]


def _nothing(page: str, language: str, choices: Collection[str]) -> Standing | None:
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """What delivery knows of its channels: their windows by name (None: no such rule), and their messages."""

    windows: Mapping[str, timedelta | None] = field(default_factory=dict)
    find: Find = _nothing


FREELY = Terms()


class Course(NamedTuple):
    """How a page goes: as what, or to which other address (a row)."""

    way: Way
    standing: Standing | None = None
    other: Any = None


def way_of(
    *, is_open: bool, newer: bool = False, whole: bool | None = None, announced: bool = False, other: bool = False
) -> Way:
    """The rule. `newer`: they may be reached freely where they wrote later; `other`: anywhere else at all.

    `whole`: what kind of approved message there is, if any; `announced`: they know already that something waits.
    """
    if is_open:
        return Way.FREE
    if newer:
        return Way.ELSEWHERE
    if whole:
        return Way.STAND_IN
    if whole is False:
        return Way.REST if announced else Way.ANNOUNCE
    return Way.ELSEWHERE if other else Way.STUCK


def course_of(session: Session, letter: Any, terms: Terms) -> Course:
    """How a queued page for an address goes now."""
    if terms.windows.get(letter.channel or "") is None:
        return Course(Way.FREE)
    address = session.plan.one(Address, letter.address_id)
    assert address is not None
    if is_open(terms, letter.channel, address.heard_at, session.moment.real):
        return Course(Way.FREE)
    open_to = _open_elsewhere(session, letter, terms)
    other = open_to[0] if open_to else None
    newer = other is not None and _heard(other) > _heard(address)
    standing = None if newer else approved(session, letter, address, terms)
    announced, tried = _announced(session, letter, address) if standing and not standing.whole else (False, False)
    if tried and not announced:
        standing = None  # what says that this page waits did not arrive: once is enough
    whole = standing.whole if standing else None
    way = way_of(is_open=False, newer=newer, whole=whole, announced=announced, other=other is not None)
    return Course(way, standing, other)


def is_open(terms: Terms, channel: str | None, heard_at: datetime | None, real: datetime) -> bool:
    """Whether free words may go now; where nobody was heard yet they may not."""
    window = terms.windows.get(channel or "")
    return window is None or (heard_at is not None and heard_at + window - MARGIN > real)


def _open_elsewhere(session: Session, letter: Any, terms: Terms) -> list[Any]:
    """Where else they may be written to freely, by a channel that this process has."""
    real = session.moment.real
    rows = [row for row in addresses.others(session, letter) if row.channel in terms.windows]
    return [row for row in rows if is_open(terms, row.channel, row.heard_at, real)]


def _heard(address: Any) -> datetime:
    heard: datetime | None = address.heard_at
    return heard or datetime.min.replace(tzinfo=UTC)


def approved(session: Session, letter: Any, address: Record, terms: Terms) -> Standing | None:
    """The message for a page that may be used now: approved, and agreed to by a citizen whom it surprises."""
    if address.account != STAFF and address.consented_at is None:
        return None  # who never agreed to be written to reads it when they write
    person = session.plan.one(Person, address.person_id)
    language = (person.language if person else None) or "id"
    standing = terms.find(letter.page, language, [code for code, _ in letter.choices or ()])
    if standing is None:
        return None
    about = {"channel": letter.channel, "name": standing.name, "language": standing.language}
    found = session.plan.rows(talk.APPROVED, about)
    return standing._replace(category=found[0].category) if found else None


def _announced(session: Session, letter: Any, address: Record) -> tuple[bool, bool]:
    """Whether its reader knows that something waits, and whether this very page was announced.

    One announcement serves all that waits for a day; one that did not arrive is none.
    """
    recent = session.moment.real - AGAIN
    since = max(address.heard_at, recent) if address.heard_at else recent
    own = key_of(letter.id)
    rows = session.plan.rows(talk.ANNOUNCEMENTS, {"address": address.id, "since": since, "key": own, "page": NUDGE})
    arrived = any(row.state in ("queued", "sent") and row.arrival != "failed" for row in rows)
    return arrived, any(row.dedupe_key == own for row in rows)


def key_of(row: int) -> str:
    """The dedupe key of a row's announcement."""
    return f"nudge:{row}"
