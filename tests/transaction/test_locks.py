"""What happens when another process is in the way: it is waited for, read anew, and never overwritten."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Row, event, select, text, update

from handlers.actions import people
from handlers.messages import Inbound
from handlers.receive import Ending
from handlers.session import Session
from storage.engine import make_engine
from storage.plan import table_of
from storage.tables import Holding, Inbox, Invitation, Message, Outbox, Throttle, Ticket
from storage.tables import Person as PersonRow
from storage.writer import Lane
from tests.transaction.hall import BRIBE, REGISTRY_DESK, REGISTRY_HEAD, SEND, STORY, Hall, orders, refuse, says

only_postgres = pytest.mark.parametrize("dialect", ["postgres"])
tickets = table_of(Ticket)


@contextmanager
def elsewhere(hall: Hall) -> Iterator[Connection]:
    """A transaction of another process."""
    engine = make_engine(hall.url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def hold(connection: Connection, model: Any, key: int) -> None:
    connection.execute(select(table_of(model)).where(table_of(model).c.id == key).with_for_update())


def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It never came true."
        time.sleep(0.01)


def is_waiting(hall: Hall) -> bool:
    """Whether a connection of the program waits for a lock."""
    with hall.readers.begin() as connection:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND application_name = 'tanggap'"
        )
        return bool(connection.execute(waiting).scalar_one())


@pytest.fixture
def ticket(hall: Hall) -> Row[Any]:
    """A case at the desk of Budi, who has typed an answer to it and may send it with a tap or a typed 1."""
    ticket = hall.opens_case("sari")
    hall.appoint("budi", REGISTRY_DESK)
    hall.take(orders("budi", f"/tiket {ticket.number}"), orders("budi", "2"), orders("budi", "KTP sudah jadi."))
    assert hall.talk("budi", "staff").state == "confirming"
    return ticket


@only_postgres
class TestATicketThatSurfacesLate:
    """Which case a typed "1" belongs to is known only in the middle of the step."""

    def test_is_locked_until_the_commit(self, hall: Hall, ticket: Row[Any]) -> None:
        seen: list[bool] = []

        def look(_connection: Connection) -> None:
            with elsewhere(hall) as other:
                free = select(tickets.c.id).where(tickets.c.id == ticket.id).with_for_update(skip_locked=True)
                seen.append(other.execute(free).first() is None)

        event.listen(hall.engine, "commit", look)
        assert hall.take(orders("budi", SEND)) == [Ending.DONE]
        assert seen == [True]

    def test_that_is_held_elsewhere_postpones_its_job(self, hall: Hall, ticket: Row[Any]) -> None:
        """What is decided so far commits; the job opens the next batch and waits there, those behind it follow."""
        writer = hall.writer()
        commits = hall.commits
        with elsewhere(hall) as other:
            hold(other, Ticket, ticket.id)
            before = writer.submit(Lane.INBOUND, says("togar", STORY))
            job = writer.submit(Lane.INBOUND, orders("budi", SEND))
            behind = writer.submit(Lane.INBOUND, orders("budi", "/kotak"))
            writer.start()
            assert before.result(10) is Ending.DONE
            until(lambda: is_waiting(hall))
            time.sleep(0.1)
            assert hall.commits == commits + 1
            assert hall.draft("togar") == STORY
            assert not job.done()
            assert not behind.done()
            assert [row.attempts for row in hall.rows(Inbox, state="failed")] == [0, 0]
        assert (job.result(10), behind.result(10)) == (Ending.DONE, Ending.DONE)
        writer.stop()
        assert hall.commits == commits + 2
        assert hall.texts(ticket.id) == [STORY, "KTP sudah jadi."]
        pages = [row.page for row in hall.rows(Outbox, address_id=hall.address("budi", "staff").id)]
        assert pages[-2:] == ["officer/answer_sent", "officer/desk"]
        assert {(row.state, row.attempts) for row in hall.rows(Inbox)} == {("done", 0)}

    def test_a_copy_of_a_postponed_event_is_done_with_it(self, hall: Hall, ticket: Row[Any]) -> None:
        writer = hall.writer()
        with elsewhere(hall) as other:
            hold(other, Ticket, ticket.id)
            inbound = orders("budi", SEND)
            futures = [writer.submit(Lane.INBOUND, inbound) for _ in range(2)]
            writer.start()
            until(lambda: is_waiting(hall))
        assert [future.result(10) for future in futures] == [Ending.DONE, Ending.DONE]
        writer.stop()
        assert hall.texts(ticket.id) == [STORY, "KTP sudah jadi."]

    def test_that_changed_since_it_was_read_is_not_overwritten(self, hall: Hall, ticket: Row[Any]) -> None:
        """Another process moves the case between the look at it and the lock on it: the tap is stale."""
        moved: list[int] = []

        def move(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
            if "FROM tickets" in statement and "FOR UPDATE" not in statement and not moved:
                moved.append(ticket.id)
                with elsewhere(hall) as other:
                    other.execute(update(tickets).values(version=9, last_seq=9, state="in_progress"))

        event.listen(hall.engine, "after_cursor_execute", move)
        assert hall.take(orders("budi", SEND)) == [Ending.DONE]
        assert moved
        now = hall.row(Ticket)
        assert (now.version, now.last_seq, now.state) == (9, 9, "in_progress")
        assert hall.texts(ticket.id) == [STORY]
        last = hall.rows(Outbox)[-1]
        assert (last.page, hall.facts(last)["note"]) == ("officer/card", "stale")

    def test_that_is_behind_a_refused_row_of_a_replay_keeps_the_order_too(self, hall: Hall, ticket: Row[Any]) -> None:
        """One by one, nobody overtakes a job that was put off."""
        hall.take(says("togar", BRIBE))
        refuse(hall.engine, "tickets", "NEW.unit_code = 'INSPEKTORAT'")
        writer = hall.writer()
        with elsewhere(hall) as other:
            guilty = writer.submit(Lane.INBOUND, says("togar", SEND))
            reads = writer.submit(Lane.INBOUND, says("melati", "/status"))  # so the guilty row is written before it
            job = writer.submit(Lane.INBOUND, orders("budi", SEND))
            behind = writer.submit(Lane.INBOUND, orders("budi", "/kotak"))
            hold(other, Ticket, ticket.id)
            writer.start()
            until(lambda: is_waiting(hall))
            assert not behind.done()
        assert guilty.exception(10) is not None
        assert {future.result(10) for future in (reads, job, behind)} == {Ending.DONE}
        writer.stop()
        pages = [row.page for row in hall.rows(Outbox, address_id=hall.address("budi", "staff").id)]
        assert pages[-2:] == ["officer/answer_sent", "officer/desk"]


@only_postgres
class TestATicketThatIsWorkedOnElsewhere:
    """An insert that refers to a row locks it a little: were cases locked entirely, two processes that each work on a
    case and tell somebody of the other's would wait for each other."""

    def test_may_be_shown_meanwhile(self, hall: Hall, ticket: Row[Any]) -> None:
        hall.appoint("ratna", REGISTRY_HEAD)
        other = Hall(hall.url)
        locked, shown = threading.Event(), threading.Event()

        def work(session: Session) -> None:
            session.plan.locked(Ticket, ticket.id)
            session.plan.lock_all(Ticket, [ticket.id])
            locked.set()
            assert shown.wait(10)

        with other.open() as there:
            working = there.submit(Lane.OUTCOME, work)
            locked.wait(10)
            with hall.open() as here:
                shows = here.submit(Lane.INBOUND, orders("ratna", f"/tiket {ticket.number}"))
                assert shows.result(5) is Ending.DONE
            shown.set()
            working.result(10)
        other.close()
        assert hall.rows(Outbox)[-1].page == "officer/card"


@only_postgres
class TestATicketThatIsKnownFromTheMessage:
    def test_is_waited_for_at_the_start(self, hall: Hall, ticket: Row[Any]) -> None:
        writer = hall.writer()
        data = hall.button("budi", "send", "staff")
        with elsewhere(hall) as other:
            hold(other, Ticket, ticket.id)
            future = writer.submit(Lane.INBOUND, orders("budi", choice=data))
            writer.start()
            until(lambda: is_waiting(hall))
            other.execute(update(tickets).values(version=9))
        assert future.result(10) is Ending.DONE
        writer.stop()
        assert (hall.row(Ticket).version, hall.texts(ticket.id)) == (9, [STORY])


@only_postgres
class TestOtherRowsThatSurfaceLate:
    def test_a_code_that_somebody_else_is_using_enrols_once(self, hall: Hall) -> None:
        def invited(session: Session) -> str:
            return people.invite(session, REGISTRY_DESK)[0]

        code = hall.errand(invited)
        invitation = hall.row(Invitation)
        writer = hall.writer()
        with elsewhere(hall) as other:
            hold(other, Invitation, invitation.id)
            future = writer.submit(Lane.INBOUND, orders("budi", f"/start {code}"))
            writer.start()
            until(lambda: is_waiting(hall))
            used = update(table_of(Invitation)).values(used_at=invitation.created_at)
            other.execute(used)
        assert future.result(10) is Ending.DONE
        writer.stop()
        assert hall.rows(Holding) == []
        assert hall.rows(Outbox)[-1].page == "officer/bad_code"

    def test_an_errand_waits_too_and_does_not_try_in_a_circle(self, hall: Hall, ticket: Row[Any]) -> None:
        def touch(session: Session) -> int:
            row = session.plan.locked(Ticket, ticket.id)
            assert row is not None
            row.version = row.version + 1
            return int(row.version)

        writer = hall.writer()
        commits = hall.commits
        with elsewhere(hall) as other:
            hold(other, Ticket, ticket.id)
            future = writer.submit(Lane.OUTCOME, touch)
            writer.start()
            until(lambda: is_waiting(hall))
            time.sleep(0.1)
            assert hall.commits == commits + 1
        assert future.result(10) == ticket.version + 1
        writer.stop()

    def test_wrong_tries_of_a_pin_in_two_processes_are_all_counted(self, hall: Hall, ticket: Row[Any]) -> None:
        """Else whoever guesses at several doors at once has more than five tries."""
        guess = f"/status {ticket.number} 000000"
        hall.take(says("thief", guess))
        throttles = table_of(Throttle)
        writer = hall.writer()
        with elsewhere(hall) as other:
            other.execute(update(throttles).values(failures=throttles.c.failures + 2))
            future = writer.submit(Lane.INBOUND, says("thief", guess))
            writer.start()
            until(lambda: is_waiting(hall))
        assert future.result(10) is Ending.DONE
        writer.stop()
        assert [row.failures for row in hall.rows(Throttle)] == [4, 4]
        hall.take(says("thief", guess))
        assert all(row.until for row in hall.rows(Throttle))

    def test_a_person_is_read_behind_the_lock_on_the_conversation(self, hall: Hall) -> None:
        """Else a message of one process would write back the language that another one has just changed."""
        hall.take(says("sari", "/menu"))
        talk = hall.talk("sari")
        writer = hall.writer()
        with elsewhere(hall) as other:
            other.execute(text("SELECT 1 FROM conversations WHERE id = :id FOR UPDATE"), {"id": talk.id})
            future = writer.submit(Lane.INBOUND, says("sari", "/menu", language="id"))
            writer.start()
            until(lambda: is_waiting(hall))
            other.execute(update(table_of(PersonRow)).values(language="en"))
        assert future.result(10) is Ending.DONE
        writer.stop()
        assert hall.row(PersonRow).language == "en"


class TestAnEventThatTwoProcessesHold:
    def inbox_row(self, hall: Hall, inbound: Inbound) -> dict[str, Any]:
        now = hall.row(PersonRow).created_at
        key = hall.vault.hash("inbox.key_hash", inbound.channel, inbound.account, inbound.event)
        more = {"state": "done", "attempts": 0, "town_at": now, "real_at": now}
        return {"id": 7, "key_hash": key, "channel": inbound.channel, **more}

    @pytest.mark.parametrize("ends_well", [True, False])
    def test_is_done_by_one_of_them(self, hall: Hall, ends_well: bool) -> None:
        """Whoever is second waits for the first to end, and takes over where the first ended badly."""
        hall.take(says("togar", "/menu"))
        inbound = says("sari", STORY)
        writer = hall.writer()
        engine = make_engine(hall.url)
        with engine.connect() as other:
            other.execute(table_of(Inbox).insert(), self.inbox_row(hall, inbound))
            future = writer.submit(Lane.INBOUND, inbound)
            writer.start()
            time.sleep(0.1)
            assert not future.done()
            if ends_well:
                other.commit()
            else:
                other.rollback()
        engine.dispose()
        assert future.result(10) is (Ending.SEEN if ends_well else Ending.DONE)
        writer.stop()
        assert len(hall.rows(Message)) == 0
        assert len(hall.rows(Inbox)) == 2
