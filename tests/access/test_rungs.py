"""Who hears a rung on a day: holders, acting ones, substitutes, expired holdings, vacancies, and the accused skipped.

Each row is a town in which the head of an office is due to hear of a late case; upward of him stand the Kabag
Organisasi, the Sekda and the head of region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from domain.vocabulary import Desk, Identity, Kind, State
from handlers.actions import climbing
from handlers.session import Session
from storage.clock import Moment
from storage.encryption import Vault
from storage.engine import make_engine
from storage.plan import Plan
from storage.source import Source
from storage.tables import Address, ExclusionRow, Holding, Leave, Person
from tests.domain.regions import siantar
from tests.kit.databases import KEYS, Prepare
from tests.transaction.hall import furnished

#: Wednesday 9 September 2026, 08:00 in Siantar.
NOW = datetime(2026, 9, 9, 1, 0, tzinfo=UTC)
HEAD, KABAG, SEKDA, MAYOR = "KEPALA-DISDUKCAPIL", "KABAG-ORGANISASI", "SEKDA", "WALI-KOTA"
UPWARD = {"kabag": KABAG, "sekda": SEKDA, "mayor": MAYOR}


@dataclass(frozen=True)
class Holds:
    """That somebody holds a post, by default since long ago and for good."""

    who: str
    post: str
    since: str = "2026-01-02"
    until: str | None = None
    kind: str = "definitif"
    revoked: bool = False


@dataclass(frozen=True)
class Away:
    """That somebody is on leave, and who stands in."""

    who: str
    since: str
    until: str
    substitute: str | None = None
    revoked: bool = False


@dataclass(frozen=True)
class Kept:
    """Who may not know of the case: a unit, a post, or somebody."""

    unit: str | None = None
    post: str | None = None
    who: str | None = None


RATNA = Holds("ratna", HEAD)
#: What is true of the town, by name: facts beside the three above, whose chats are dead, and who hears ("" for nobody).
ROWS: dict[str, tuple[tuple[Any, ...], str, str]] = {
    "the holder": ((RATNA,), "", HEAD),
    "an acting holder (Plt)": ((Holds("wati", HEAD, kind="Plt"),), "", HEAD),
    "an acting holder whose time ends today": ((Holds("wati", HEAD, until="2026-09-09", kind="Plt"),), "", HEAD),
    "one whose time ended yesterday": ((Holds("ratna", HEAD, until="2026-09-08"),), "", KABAG),
    "one who begins today": ((Holds("hadi", HEAD, since="2026-09-09"),), "", HEAD),
    "one who begins tomorrow": ((Holds("hadi", HEAD, since="2026-09-10"),), "", KABAG),
    "one whose holding was taken back": ((Holds("ratna", HEAD, revoked=True),), "", KABAG),
    "a successor beside the expired": ((Holds("ratna", HEAD, until="2026-09-08"), Holds("hadi", HEAD)), "", HEAD),
    "nobody": ((), "", KABAG),
    "on leave with a substitute": ((RATNA, Away("ratna", "2026-09-09", "2026-09-09", "wati")), "", HEAD),
    "on leave without one": ((RATNA, Away("ratna", "2026-09-01", "2026-09-09")), "", KABAG),
    "on leave until yesterday": ((RATNA, Away("ratna", "2026-09-01", "2026-09-08")), "", HEAD),
    "on leave from tomorrow": ((RATNA, Away("ratna", "2026-09-10", "2026-09-20")), "", HEAD),
    "back early": ((RATNA, Away("ratna", "2026-09-01", "2026-09-20", revoked=True)), "", HEAD),
    "on leave, and the substitute is lost": ((RATNA, Away("ratna", "2026-09-09", "2026-09-09", "wati")), "wati", KABAG),
    "a chat that is dead": ((RATNA,), "ratna", KABAG),
    "two vacancies in a row": ((), "kabag", SEKDA),
    "nobody up to the top": ((), "kabag sekda mayor", ""),
    "the post is accused": ((RATNA, Kept(post=HEAD)), "", KABAG),
    "the office is accused": ((RATNA, Kept(unit="DISDUKCAPIL")), "", KABAG),
    "the person is accused, in whatever post": ((RATNA, Kept(who="ratna")), "", KABAG),
    "the acting holder is accused": ((Holds("wati", HEAD, kind="Plt"), Kept(who="wati")), "", KABAG),
    "the accused acts above as well": (
        (RATNA, Holds("ratna", SEKDA, kind="Plt"), Kept(who="ratna"), Kept(post=HEAD)), "kabag sekda", MAYOR,
    ),
    "the substitute is accused": (
        (RATNA, Away("ratna", "2026-09-09", "2026-09-09", "wati"), Kept(who="wati")), "", KABAG,
    ),
    "one of two holders is accused": ((RATNA, Holds("hadi", HEAD), Kept(who="ratna")), "", HEAD),
}  # fmt: skip


@pytest.fixture
def prepare() -> Prepare:
    return furnished


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


TICKET: Any = SimpleNamespace(
    id=1,
    new=True,
    kind=Kind.COMPLAINT,
    state=State.ROUTED,
    identity=Identity.OPEN,
    unit_code="DISDUKCAPIL",
    desk=Desk.OFFICERS,
    reporter_id=None,
)


def test_a_rung_is_heard_by_whoever_may_and_can_on_the_day(connection: Connection) -> None:
    heard = {}
    for name, (facts, dead, _) in ROWS.items():
        town = connection.begin()
        session = _town(connection, facts, dead.split())
        heard[name] = climbing.reachable(session, TICKET, "office_head") or ""
        town.rollback()
    assert heard == {name: expected for name, (_, _, expected) in ROWS.items()}


def test_where_nobody_above_may_know_the_case_is_kept_and_no_letter_is_lost(connection: Connection) -> None:
    everybody = tuple(Kept(who=who) for who in ("ratna", *UPWARD))
    with connection.begin() as town:
        session = _town(connection, (RATNA, *everybody), [])
        assert climbing.is_kept_from_all(session, TICKET, "office_head")
        town.rollback()
    with connection.begin() as town:
        session = _town(connection, (RATNA, *everybody[:-1]), ["mayor"])
        assert not climbing.is_kept_from_all(session, TICKET, "office_head"), "one is merely out of reach"
        town.rollback()


def _town(connection: Connection, facts: tuple[Any, ...], dead: list[str]) -> Session:
    session = Session(Plan(connection), Vault(KEYS, b"0" * 32), siantar(), Moment(NOW, NOW), Source())
    people: dict[str, int] = {}

    def person(name: str) -> int:
        if name not in people:
            people[name] = session.add(Person, created_at=NOW).id
            state = "dead" if name in dead else "alive"
            hashed = len(people).to_bytes(16)
            address = {"channel": "phone", "account": "staff", "key_hash": hashed, "state": state, "created_at": NOW}
            session.add(Address, person_id=people[name], **address)
        return people[name]

    for fact in (*(Holds(who, post) for who, post in UPWARD.items()), *facts):
        _write(session, fact, person)
    session.plan.mark()
    session.plan.flush()
    return session


def _write(session: Session, fact: Any, person: Any) -> None:
    until = date.fromisoformat(fact.until) if getattr(fact, "until", None) else None
    match fact:
        case Holds():
            session.add(
                Holding,
                person_id=person(fact.who),
                post_code=fact.post,
                kind=fact.kind,
                starts_on=date.fromisoformat(fact.since),
                ends_on=until,
                revoked_at=NOW if fact.revoked else None,
                created_at=NOW,
            )
        case Away():
            session.add(
                Leave,
                person_id=person(fact.who),
                substitute_id=person(fact.substitute) if fact.substitute else None,
                starts_on=date.fromisoformat(fact.since),
                ends_on=cast(date, until),
                revoked_at=NOW if fact.revoked else None,
                created_at=NOW,
            )
        case Kept():
            kept = {"unit_code": fact.unit, "post_code": fact.post, "person_id": person(fact.who) if fact.who else None}
            row = {"id": session.source.id("exclusions"), "ticket_id": TICKET.id, "reason": "reported", "at": NOW}
            session.plan.keep(ExclusionRow, {**row, **kept})
