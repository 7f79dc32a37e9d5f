"""One case in a transaction that is never committed: the real actions on the real tables, a few milliseconds a story.

No program runs: what delivery, the beats and the platform do is done by hand, at moments of the town that a test names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select

from domain.mornings import DigestKind
from domain.region import Region
from domain.routing import route
from domain.understanding.reading import read
from domain.vocabulary import Clock, Desk, Identity, Kind
from handlers.actions import (
    clocks,
    delivering,
    desk,
    digests,
    handing,
    hearing,
    marks,
    outcomes,
    recounting,
    schedule,
    taps,
    tickets,
    verdicts,
)
from handlers.actions.receipts import hear
from handlers.flows import effects
from handlers.messages import CITIZEN, STAFF, Draft, Receipt
from handlers.session import Rules, Session, Writing
from storage.clock import Moment
from storage.encryption import Vault
from storage.plan import Plan, Record, table_of
from storage.queries import people
from storage.source import Source
from storage.tables import Address, AuditRow, Breach, Conversation, Deadline, Message, Outbox, Person, Ticket

T = TypeVar("T")

#: Monday 7 September 2026, 09:00 in Siantar: no day off for weeks.
START = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
STORY = "KTP saya sudah tiga minggu belum jadi di capil, selalu disuruh kembali lagi"
DESK = "PETUGAS-DISDUKCAPIL"


class Case:
    """A complaint of Monday morning, its citizen, and the officer of the desk that reads it."""

    def __init__(
        self,
        connection: Connection,
        vault: Vault,
        region: Region,
        *,
        kind: Kind = Kind.COMPLAINT,
        identity: Identity | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.connection, self.vault, self.region = connection, vault, region
        self.rules = rules or Rules(undo_seconds=60)
        self.at = START
        self._kind, self._identity = kind, identity
        self._citizen = self._does(_newcomer)
        self._officer = self._does(lambda session: session.present_of(DESK)[0])
        self.id = 0

    # what happens

    def opens(self) -> Case:
        """The citizen sends the story."""
        chosen = None if self._kind is Kind.COMPLAINT else self._kind
        goes = replace(route(read(STORY, self.region), self.region, kind=chosen), unit="DISDUKCAPIL")
        draft = Draft(story=STORY, kind=chosen, identity=self._identity)
        self._by_citizen(lambda session: tickets.open_ticket(session, effects.OpenTicket(draft, goes)))
        self.id = self._ids(Ticket)[-1]
        return self

    def listens(self) -> None:
        """The story is a voice."""
        self._does(lambda session: setattr(self._ticket(session), "desk", str(Desk.LISTENING)))

    def takes(self) -> None:
        self._by_officer(lambda session: desk.take(session, effects.TakeTicket(*self._seen)))

    def answers(self) -> None:
        self._by_officer(lambda session: desk.answer(session, effects.AnswerTicket(*self._seen, "Sedang dicetak.")))

    def asks(self) -> None:
        self._by_officer(lambda session: desk.ask(session, effects.AskCitizen(*self._seen, "Ada buktinya?")))

    def finishes(self) -> None:
        self._by_officer(lambda session: desk.finish(session, effects.FinishTicket(*self._seen, "Sudah jadi.")))

    def notes(self) -> None:
        self._by_officer(lambda session: desk.note(session, effects.NoteTicket(*self._seen, "Blanko habis.")))

    def postpones(self) -> None:
        effect = effects.PostponeTicket(*self._seen, "2026-09-16", "Menunggu blanko")
        self._by_officer(lambda session: desk.postpone(session, effect))

    def forwards(self, unit: str = "DLH") -> None:
        self._by_officer(lambda session: handing.forward(session, effects.ForwardTicket(*self._seen, unit)))

    def hands_back(self) -> None:
        self._by_officer(lambda session: handing.hand_back(session, effects.HandBack(*self._seen, None)))

    def undoes(self) -> None:
        """The officer takes the last tap back."""
        tap = [row.id for row in self._rows(AuditRow, actor="staff")][-1]
        self._by_officer(lambda session: taps.undo(session, effects.UndoTap(tap)))

    def writes_out(self) -> None:
        self._by_officer(lambda session: hearing.write_out(session, effects.WriteHeard(*self._seen, STORY)))

    def confirms(self) -> None:
        line = self._ids(Message)[-1]
        self._by_citizen(lambda session: hearing.confirm(session, effects.ConfirmHeard(self.id, line)))

    def adds(self) -> None:
        """The citizen writes more, or answers a question."""
        self._by_citizen(lambda session: tickets.add_to_ticket(session, effects.AddToTicket(self.id, "Ini buktinya")))

    def belum(self) -> None:
        self._by_citizen(lambda session: tickets.reopen_ticket(session, effects.ReopenTicket(self.id)))

    def beres(self) -> None:
        self._by_citizen(lambda session: verdicts.accept(session, effects.AcceptTicket(self.id)))

    def withdraws(self) -> None:
        self._by_citizen(lambda session: verdicts.withdraw(session, effects.WithdrawTicket(self.id)))

    # what the platform does

    def arrives(self, page: str = "") -> None:
        """The platform takes the newest page for the citizen (of one kind)."""
        row = self._newest(page)
        self._does(lambda session: outcomes.sent(session, row, (f"m{row}",)))

    def receipt(self, status: str, code: str = "") -> None:
        """The platform says what became of the newest page that it took for the citizen."""
        row = self._newest(state="sent")
        said = Receipt(status, f"m{row}", str(row), code)
        self._does(lambda session: hear(session, "phone", said, row))

    def fails(self) -> None:
        """The platform refuses the newest page for the citizen."""
        row = self._newest()
        self._does(lambda session: outcomes.refused(session, row, "too_large"))

    def blocks(self) -> None:
        """The citizen's chat can't be reached any more."""
        row = self._newest()
        self._does(lambda session: outcomes.gone(session, row))

    def opens_post(self, page: str) -> None:
        """The pages of a kind that wait for a post go to whoever holds it."""
        rows = [row.id for row in self._rows(Outbox, page=page, state="queued") if row.post_code]
        for row in rows:
            self._does(partial(delivering.open_post, row=row))

    def may_go(self, page: str) -> bool:
        """Delivery looks at the one page of a kind: whether it may go now, and else it is left to wait."""
        (row,) = self.waiting(page)
        if isinstance(self._does(lambda session: delivering.envelope(session, row.id)), delivering.Envelope):
            return True
        self._does(lambda session: delivering.wait(session, row.id))
        return False

    # what time does

    def goes_on(self, *, days: int = 0, hours: int = 0, minutes: int = 0) -> None:
        """Nothing happens for a while, not even a beat."""
        self.at += timedelta(days=days, hours=hours, minutes=minutes)

    def lives_until(self, moment: datetime) -> None:
        """The clock beats at every due step up to a moment."""
        while (stop := self._next_due()) is not None and stop <= moment:
            self.at = max(self.at, stop)
            self.beats()
        self.at = max(self.at, moment)
        self.beats()

    def beats(self) -> None:
        self._does(lambda session: marks.write(session, marks.due_now(session)))
        self._does(clocks.fire_due)

    def digest(self, post: str, kind: DigestKind) -> int:
        """A process writes a post's digest; returns how many pages that were."""
        return int(self._does(lambda session: digests.write(session, post, kind)))

    def recounts(self, region: Region) -> None:
        """The calendars have changed."""
        self.region = region
        self._does(lambda session: recounting.recount(session, self._ticket(session)))

    # how it stands

    @property
    def ticket(self) -> Any:
        return self._one(Ticket, id=self.id)

    def steps(self, clock: Clock) -> list[Any]:
        """The steps of one clock in the present cycle that may still speak, whatever holds them back now."""
        rows = self._rows(Deadline, ticket_id=self.id, cycle=self.ticket.cycle, clock=str(clock))
        return [row for row in rows if row.state in schedule.LIVE]

    def every_step(self) -> list[Any]:
        """Every step that the case ever had."""
        return self._rows(Deadline, ticket_id=self.id)

    def waiting(self, page: str) -> list[Any]:
        """The pages of a kind that wait to be sent to somebody."""
        return [row for row in self._rows(Outbox, page=page, state="queued") if row.address_id]

    def breaches(self) -> list[tuple[int, str]]:
        return [(row.cycle, row.clock) for row in self._rows(Breach, ticket_id=self.id)]

    def breach(self, clock: Clock) -> Any:
        return self._one(Breach, ticket_id=self.id, clock=str(clock))

    def said(self, kind: str) -> Any:
        """The newest message of a kind."""
        return self._rows(Message, ticket_id=self.id, kind=kind)[-1]

    def told(self, page: str) -> int:
        """How many posts were written to with a page."""
        return len([row for row in self._rows(Outbox, page=page) if row.post_code])

    def rows(self, model: Any, **where: Any) -> list[Any]:
        return self._rows(model, **where)

    def facts(self, row: Any) -> Any:
        """What the page of a row knows."""
        return self.vault.open_json("outbox.facts_sealed", row.id, row.facts_sealed)

    def looks(self, body: Callable[[Session], T]) -> T:
        """What an action finds that changes nothing."""
        found: T = self._does(body)
        return found

    def becomes(self, **values: Any) -> None:
        """The case is brought into a state that it would take long to reach."""
        table = table_of(Ticket)
        self.connection.execute(table.update().where(table.c.id == self.id).values(**values))

    # how it is done

    @property
    def _seen(self) -> tuple[int, int]:
        return self.id, self.ticket.version

    def _next_due(self) -> datetime | None:
        table = table_of(Deadline)
        found = select(table.c.due_at).where(table.c.state == "waiting").order_by(table.c.due_at)
        moment: datetime | None = self.connection.execute(found).scalars().first()
        return moment

    def _newest(self, page: str = "", state: str = "queued") -> int:
        rows = self._rows(Outbox, account=CITIZEN, ticket_id=self.id, state=state)
        return int([row for row in rows if page in row.page][-1].id)

    def _ticket(self, session: Session) -> Record:
        found = session.plan.locked(Ticket, self.id)
        assert found is not None
        return found

    def _by_citizen(self, body: Callable[[Session], Any]) -> None:
        self._writes(self._citizen, CITIZEN, body)

    def _by_officer(self, body: Callable[[Session], Any]) -> None:
        self._writes(self._officer, STAFF, body)

    def _writes(self, person: int, account: str, body: Callable[[Session], Any]) -> None:
        def job(session: Session) -> None:
            address = next(
                row for row in session.plan.fetch(Address, _ADDRESSES, {"person": person}) if row.account == account
            )
            found = session.plan.fetch(Conversation, people.TALKS, {"ids": [address.id]})
            talk = found[0] if found else session.add(Conversation, address_id=address.id, touched_at=session.now)
            who = session.plan.one(Person, person)
            assert who is not None
            session.writing = Writing(who, address, talk, session.source.id("inbox"))
            body(session)

        self._does(job)

    def _does(self, body: Callable[[Session], Any]) -> Any:
        plan = Plan(self.connection)
        session = Session(plan, self.vault, self.region, Moment(self.at, datetime.now(UTC)), Source(), self.rules)
        found = body(session)
        plan.close()
        return found

    def _ids(self, model: Any) -> list[int]:
        table = table_of(model)
        return list(self.connection.execute(select(table.c.id).order_by(table.c.id)).scalars())

    def _rows(self, model: Any, **where: Any) -> list[Any]:
        table = table_of(model)
        fits = [table.c[name] == value for name, value in where.items()]
        return list(self.connection.execute(select(table).where(*fits).order_by(table.c.id)))

    def _one(self, model: Any, **where: Any) -> Any:
        (found,) = self._rows(model, **where)
        return found


_addresses = table_of(Address)
_ADDRESSES = select(_addresses).where(_addresses.c.person_id == bindparam("person"))


def _newcomer(session: Session) -> int:
    person = session.add(Person, language="id", created_at=session.now)
    session.add(
        Address,
        person_id=person.id,
        channel="phone",
        account=CITIZEN,
        key_hash=session.source.bytes("key", 16),
        value_sealed="sari",
        created_at=session.now,
        heard_at=session.moment.real,
    )
    return int(person.id)
