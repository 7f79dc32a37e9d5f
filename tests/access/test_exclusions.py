"""Who is kept from a case when it is routed, and stays kept from it (decisions 18, 19), through the real receiver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from domain.access import may
from domain.vocabulary import Action
from handlers.actions.views import actor_of, view_of
from handlers.messages import STAFF
from handlers.session import Session
from storage.plan import table_of
from storage.queries.cases import tickets, visible_to
from storage.tables import ExclusionRow, Holding, Outbox, Ticket
from tests.kit.databases import Prepare
from tests.transaction.hall import BRIBE, REGISTRY, REGISTRY_DESK, REGISTRY_HEAD, Hall, furnished, orders, siantar

RUDE = "Petugas loket Disdukcapil kasar dan membentak saya kemarin."
HEALTH, INSPECTORS = "DINKES", "PETUGAS-INSPEKTORAT"
holdings = table_of(Holding)


@pytest.fixture
def prepare() -> Prepare:
    return furnished


@pytest.fixture
def hall(database_url: str) -> Iterator[Hall]:
    hall = Hall(database_url)
    yield hall
    hall.close()


def kept_out(hall: Hall, ticket: Row[Any]) -> tuple[set[str], set[int]]:
    """The units and the persons that are written down."""
    rows = hall.rows(ExclusionRow, ticket_id=ticket.id)
    return {row.unit_code for row in rows if row.unit_code}, {row.person_id for row in rows if row.person_id}


def may_read(hall: Hall, person: int, ticket: Row[Any]) -> bool:
    """What the rule for one and the rule for many say; they agree."""
    with hall.reading() as session:
        record = session.plan.one(Ticket, ticket.id)
        assert record is not None
        actor = actor_of(session, person)
        one = may(actor, Action.READ, view_of(session, record))
        many = select(tickets.c.id).where(visible_to(actor, siantar()))
        assert one is (ticket.id in session.plan.connection.execute(many).scalars().all())
    return one


def give(hall: Hall, person: int, post: str) -> None:
    """One more post for somebody, from today."""

    def hold(session: Session) -> None:
        now = session.moment.real
        session.add(Holding, person_id=person, post_code=post, starts_on=session.today, created_at=now)

    hall.errand(hold)


def changes(hall: Hall, person: int, **values: Any) -> None:
    """Change what is written of a person's posts."""
    hall.errand(
        lambda session: (
            session.plan.connection.execute(update(holdings).where(holdings.c.person_id == person).values(values))
            and None
        )
    )


def pages(hall: Hall, phone: str, *texts: str) -> list[str]:
    """The pages that answer somebody's messages."""
    hall.take(*(orders(phone, text) for text in texts))
    rows = hall.rows(Outbox, address_id=hall.address(phone, STAFF).id)
    return [row.page for row in rows][-len(texts) :]


class TestAnAccusation:
    def test_keeps_out_the_unit_and_everybody_behind_its_posts(self, hall: Hall) -> None:
        budi, ratna = hall.appoint("budi", REGISTRY_DESK), hall.appoint("ratna", REGISTRY_HEAD)
        other = hall.appoint("other", "PETUGAS-DLH")
        ticket = hall.opens_case("sari", BRIBE)
        assert kept_out(hall, ticket) == ({REGISTRY}, {budi, ratna})
        assert ticket.unit_code == "INSPEKTORAT"
        assert not any(may_read(hall, person, ticket) for person in (budi, ratna, other))

    def test_rings_nowhere_but_at_the_inspectorate(self, hall: Hall) -> None:
        hall.appoint("budi", REGISTRY_DESK)
        hall.opens_case("sari", BRIBE)
        rung = {row.post_code for row in hall.rows(Outbox) if row.post_code}
        assert {siantar().posts[post].unit for post in rung} == {"INSPEKTORAT"}

    def test_keeps_out_the_people_of_the_units_below(self, hall: Hall) -> None:
        below = sorted(siantar().within(HEALTH) - {HEALTH})
        assert below
        nurse = hall.appoint("nurse", siantar().posts_of[below[0]][0].code)
        ticket = hall.opens_case("sari", "Petugas Dinas Kesehatan meminta uang dua ratus ribu untuk surat izin.")
        assert (ticket.reported_unit, ticket.unit_code) == (HEALTH, "INSPEKTORAT")
        assert kept_out(hall, ticket) == ({HEALTH, *below}, {nurse})

    def test_keeps_out_whoever_left_today_and_not_who_left_before(self, hall: Hall) -> None:
        left_today, was_dismissed, left_before, dismissed_before = (
            hall.appoint(phone, REGISTRY_DESK) for phone in ("a", "b", "c", "d")
        )
        with hall.reading() as session:
            today, now = session.today, session.moment.real
        long_ago = today - timedelta(days=300)
        changes(hall, left_today, starts_on=long_ago, ends_on=today)
        changes(hall, was_dismissed, revoked_at=now)
        changes(hall, left_before, starts_on=long_ago, ends_on=today - timedelta(days=1))
        changes(hall, dismissed_before, revoked_at=now - timedelta(days=2))
        ticket = hall.opens_case("sari", BRIBE)
        assert kept_out(hall, ticket)[1] == {left_today, was_dismissed}

    def test_stays_closed_to_the_accused_in_every_later_post(self, hall: Hall) -> None:
        """Moved to the very desk that reads it, they still find nothing, and learn nothing from the answer."""
        budi = hall.appoint("budi", REGISTRY_DESK)
        hall.appoint("inspector", INSPECTORS)
        ticket = hall.opens_case("sari", BRIBE)
        with hall.reading() as session:
            changes(hall, budi, ends_on=session.today - timedelta(days=1), starts_on=session.today - timedelta(days=9))
        for post in (INSPECTORS, "INSPEKTUR", "SEKDA", "WALI-KOTA"):
            give(hall, budi, post)
        assert not may_read(hall, budi, ticket)
        assert pages(hall, "budi", f"/tiket {ticket.number}", "/tiket TGP-26-000000") == ["officer/not_found"] * 2
        assert pages(hall, "budi", "/kotak") == ["officer/desk"]
        assert hall.facts(hall.rows(Outbox)[-1])["cases"] == []
        assert pages(hall, "inspector", f"/tiket {ticket.number}") == ["officer/card"]

    def test_keeps_out_those_who_come_to_the_unit_later(self, hall: Hall) -> None:
        ticket = hall.opens_case("sari", BRIBE)
        newcomer = hall.appoint("newcomer", INSPECTORS)
        assert may_read(hall, newcomer, ticket)
        give(hall, newcomer, REGISTRY_DESK)
        assert kept_out(hall, ticket) == ({REGISTRY}, set())
        assert not may_read(hall, newcomer, ticket)
        assert pages(hall, "newcomer", f"/tiket {ticket.number}") == ["officer/not_found"]

    def test_of_a_post_keeps_out_who_is_appointed_to_it_later(self, hall: Hall) -> None:
        ticket = hall.opens_case("sari", BRIBE)

        def name_the_post(session: Session) -> None:
            session.add(ExclusionRow, ticket_id=ticket.id, post_code="PETUGAS-DLH", reason="reported", at=session.now)

        hall.errand(name_the_post)
        reader = hall.appoint("reader", INSPECTORS, "KEPALA-DLH")
        named = hall.appoint("named", INSPECTORS, "PETUGAS-DLH")
        assert may_read(hall, reader, ticket)
        assert not may_read(hall, named, ticket)


class TestStaffConduct:
    def test_is_read_by_the_head_above_and_by_no_officer(self, hall: Hall) -> None:
        secretary, ratna = hall.appoint("secretary", "SEKDA"), hall.appoint("ratna", REGISTRY_HEAD)
        ticket = hall.opens_case("sari", RUDE)
        assert (ticket.unit_code, ticket.desk, ticket.kind) == ("SETDA", "head", "complaint")
        assert kept_out(hall, ticket) == ({REGISTRY}, {ratna})
        assert may_read(hall, secretary, ticket)
        assert not may_read(hall, ratna, ticket)

    def test_skips_a_head_who_is_concerned_upward(self, hall: Hall) -> None:
        both = hall.appoint("both", "SEKDA", REGISTRY_HEAD)
        mayor = hall.appoint("mayor", "WALI-KOTA")
        ticket = hall.opens_case("sari", RUDE)
        assert (ticket.unit_code, ticket.desk) == ("WALIKOTA", "head")
        assert may_read(hall, mayor, ticket)
        assert not may_read(hall, both, ticket)

    def test_past_the_top_is_read_by_the_inspectorate(self, hall: Hall) -> None:
        everybody = hall.appoint("everybody", "SEKDA", "WALI-KOTA", REGISTRY_HEAD)
        inspector = hall.appoint("inspector", INSPECTORS)
        ticket = hall.opens_case("sari", RUDE)
        assert (ticket.unit_code, ticket.desk) == ("INSPEKTORAT", "officers")
        assert may_read(hall, inspector, ticket)
        assert not may_read(hall, everybody, ticket)


class TestALateService:
    def test_keeps_out_nobody(self, hall: Hall) -> None:
        budi = hall.appoint("budi", REGISTRY_DESK)
        ticket = hall.opens_case("sari")
        assert kept_out(hall, ticket) == (set(), set())
        assert may_read(hall, budi, ticket)

    def test_is_hidden_from_other_offices_and_shown_to_supervisors(self, hall: Hall) -> None:
        outsider, secretary = hall.appoint("outsider", "PETUGAS-DLH"), hall.appoint("secretary", "SEKDA")
        ticket = hall.opens_case("sari")
        assert not may_read(hall, outsider, ticket)
        assert may_read(hall, secretary, ticket)

    def test_is_shown_to_its_reporter_even_as_an_officer_elsewhere(self, hall: Hall) -> None:
        ticket = hall.opens_case("sari", BRIBE)
        assert may_read(hall, hall.address("sari").person_id, ticket)
