"""One transaction around a batch of messages: each event has exactly one effect, or none and is asked for again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from handlers.actions import perform
from handlers.actions.pins import hash_pin
from handlers.flows.turns import TURNS, Decision, Turn, argument, nothing
from handlers.messages import Effect, Facts, Inbound, Memory, Reply, Step
from handlers.receive import Ending, StepFailedError
from handlers.session import Session
from storage.queries import cases
from storage.tables import (
    Address,
    AuditRow,
    Conversation,
    Inbox,
    Message,
    Outbox,
    Person,
    Quarantine,
    Ticket,
)
from storage.writer import Lane
from tests.transaction.hall import BRIBE, REGISTRY, SEND, STORY, Hall, allow, refuse, says

#: With half of a character, which nothing can seal.
HALF = "/poison KTP saya \ud83d"


class PoisonError(RuntimeError):
    pass


@dataclass(frozen=True)
class Scribble(Effect):
    """Write something to a case, read in the middle of it, and perhaps fail."""

    ticket: int
    text: str
    fails: bool


def scribble(session: Session, effect: Scribble) -> None:
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    assert ticket is not None
    ticket.version = ticket.version + 1
    ticket.taken_by = session.writing.person.id
    session.write(ticket, author="staff", kind="answer", text=effect.text, person=None)
    session.audit("scribble", ticket.id, person=None, actor="test", payload=effect.text)
    session.plan.rows(cases.MESSAGES, {"ticket": ticket.id})
    session.plan.rows(cases.BY_NUMBER, {"number": ticket.number})
    if effect.fails:
        raise PoisonError(effect.text)


def raises(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    raise PoisonError(inbound.text)


def scribbles(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    ticket, _, words = argument(inbound).partition(" ")
    effect = Scribble(int(ticket), words, fails=inbound.text.startswith("/scribble_and_fail"))
    return Step(Memory(state="scribbling", text=words), (Reply("citizen/menu"),), (effect,))


@pytest.fixture(autouse=True)
def turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns that no town has: /poison fails at once, /scribble TICKET WORDS writes, /scribble_and_fail does both."""
    monkeypatch.setitem(TURNS, "citizen.command.poison", Turn(nothing, raises))
    monkeypatch.setitem(TURNS, "citizen.command.scribble", Turn(nothing, scribbles))
    monkeypatch.setitem(TURNS, "citizen.command.scribble_and_fail", Turn(nothing, scribbles))
    monkeypatch.setitem(perform._ACTIONS, Scribble, scribble)


def everything(hall: Hall) -> bytes:
    """Every value of every row, one after the other."""
    found: list[bytes] = []
    with hall.readers.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(found)


@contextmanager
def inserted(hall: Hall, table: str) -> Iterator[list[list[dict[str, Any]]]]:
    """The rows of each INSERT into a table, also of transactions that are rolled back."""
    seen: list[list[dict[str, Any]]] = []

    def note(_c: Any, _cursor: Any, statement: str, told: Any, context: Any, many: bool) -> None:
        if not statement.startswith(f"INSERT INTO {table} "):
            return
        if context.compiled is not None:
            seen.append([dict(row) for row in context.compiled_parameters])
            return
        names = statement[statement.index("(") + 1 : statement.index(")")].split(", ")  # storage.bulk
        rows = [row.values() if isinstance(row, dict) else row for row in (told if many else [told])]
        plain = ((getattr(value, "obj", value) for value in row) for row in rows)  # psycopg wraps bytes
        seen.append([dict(zip(names, row, strict=True)) for row in plain])

    event.listen(hall.engine, "before_cursor_execute", note)
    yield seen
    event.remove(hall.engine, "before_cursor_execute", note)


def person_of(hall: Hall, sender: str) -> int:
    return int(hall.address(sender).person_id)


class TestPoison:
    def test_one_turn_that_raises_does_not_stop_its_neighbours(self, hall: Hall) -> None:
        before, poison, after = hall.batch(says("sari", STORY), says("togar", "/poison"), says("melati", STORY))
        assert hall.commits == 1
        assert (before.result(), after.result()) == (Ending.DONE, Ending.DONE)
        with pytest.raises(StepFailedError, match=r"^PoisonError$"):
            poison.result()
        assert [row.page for row in hall.rows(Outbox)] == ["citizen/confirm", "citizen/confirm"]
        assert hall.draft("sari") == hall.draft("melati") == STORY
        assert hall.draft("togar") == ""

    def test_a_failed_step_leaves_nothing_behind_even_where_it_changed_rows_and_read_them(self, hall: Hall) -> None:
        """Its read writes what the job before it did to the same rows; neither then nor later what it did itself."""
        ticket = hall.opens_case("sari")
        rows = hall.counts()
        endings = hall.batch(
            says("togar", f"/scribble {ticket.id} first"),
            says("melati", f"/scribble_and_fail {ticket.id} never"),
            says("anton", f"/scribble {ticket.id} second"),
        )
        assert hall.commits == 3
        assert [future.exception() is None for future in endings] == [True, False, True]
        now = hall.row(Ticket)
        assert (now.version, now.last_seq) == (3, 3)
        assert now.taken_by == person_of(hall, "anton")
        assert hall.texts(ticket.id) == [STORY, "first", "second"]
        grown = {table: count - rows[table] for table, count in hall.counts().items() if count != rows[table]}
        assert grown == {
            "people": 3, "addresses": 3, "conversations": 3, "inbox": 3, "messages": 2, "audit": 2, "outbox": 2,
        }  # fmt: skip

    def test_a_failed_step_that_is_last_of_its_batch_leaves_nothing_either(self, hall: Hall) -> None:
        ticket = hall.opens_case("sari")
        hall.batch(says("togar", f"/scribble {ticket.id} first"), says("melati", f"/scribble_and_fail {ticket.id} no"))
        now = hall.row(Ticket)
        assert (now.version, now.last_seq, now.taken_by) == (2, 2, person_of(hall, "togar"))
        assert len(hall.rows(Message)) == 2
        assert (hall.talk("togar").state, hall.talk("melati").state) == ("scribbling", "new")

    def test_a_failure_is_written_down_by_the_name_of_its_error_alone(self, hall: Hall) -> None:
        hall.batch(says("togar", "/poison KTP saya"))
        row = hall.row(Inbox)
        assert (row.state, row.attempts, row.error) == ("failed", 1, "PoisonError")
        assert b"KTP saya" not in everything(hall)

    def test_the_next_message_of_the_same_person_starts_from_where_the_last_good_one_ended(self, hall: Hall) -> None:
        hall.batch(says("sari", STORY), says("sari", "/poison"), says("sari", SEND))
        assert hall.row(Ticket).unit_code == REGISTRY


class TestTheSameEvent:
    def test_twice_in_one_batch_has_one_effect_and_one_outcome(self, hall: Hall) -> None:
        story = says("sari", STORY)
        first, second = hall.batch(story, story)
        assert first.result() is second.result() is Ending.DONE
        assert hall.commits == 1
        counts = hall.counts()
        assert (counts["inbox"], counts["outbox"], counts["people"]) == (1, 1, 1)
        assert hall.draft("sari") == STORY

    def test_twice_in_one_batch_that_fails_fails_for_both_and_counts_once(self, hall: Hall) -> None:
        poison = says("sari", "/poison")
        first, second = hall.batch(poison, poison)
        assert first.exception() is second.exception()
        assert isinstance(first.exception(), StepFailedError)
        assert hall.row(Inbox).attempts == 1

    def test_again_later_is_seen_and_does_nothing(self, hall: Hall) -> None:
        story, send = says("sari", STORY), says("sari", SEND)
        hall.take(story, send)
        before = hall.counts()
        assert hall.take(send, story, send) == [Ending.SEEN] * 3
        assert hall.counts() == before

    def test_old_and_new_may_share_a_batch(self, hall: Hall) -> None:
        story, send = says("sari", STORY), says("sari", SEND)
        hall.take(story)
        endings = [future.result() for future in hall.batch(story, send, story, send)]
        assert endings == [Ending.SEEN, Ending.DONE, Ending.SEEN, Ending.DONE]
        assert len(hall.rows(Ticket)) == 1

    def test_the_same_number_on_another_account_is_another_event(self, hall: Hall) -> None:
        assert hall.take(says("sari", "/menu", event="7"), says("sari", "/menu", event="7", account="staff")) == [
            Ending.DONE,
            Ending.DONE,
        ]
        assert len(hall.rows(Inbox)) == 2


class TestRedelivery:
    def test_a_failed_step_runs_again_and_may_succeed(self, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
        story = says("sari", "/poison")
        assert isinstance(hall.batch(story)[0].exception(), StepFailedError)
        monkeypatch.setitem(TURNS, "citizen.command.poison", TURNS["citizen.command.menu"])
        assert hall.take(story) == [Ending.DONE]
        row = hall.row(Inbox)
        assert (row.state, row.attempts, row.error) == ("done", 1, None)
        assert hall.take(story) == [Ending.SEEN]
        assert [row.page for row in hall.rows(Outbox)] == ["citizen/menu"]

    def test_the_first_message_is_still_the_first_after_it_has_failed(
        self, hall: Hall, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The privacy notice goes with the first answer that a person gets."""
        hall.batch(says("sari", "/poison"))
        hall.take(says("sari", "/start"), says("sari", "/start"))
        assert [hall.facts(row)["first"] for row in hall.rows(Outbox)] == [True, False]

    def test_the_third_failure_is_acknowledged_and_kept_aside(self, hall: Hall) -> None:
        poison = says("sari", "/poison KTP saya ditahan")
        for attempt in (1, 2):
            assert isinstance(hall.batch(poison)[0].exception(), StepFailedError)
            assert hall.row(Inbox).attempts == attempt
            assert hall.rows(Quarantine) == []
        assert hall.take(poison) == [Ending.QUARANTINED]
        row = hall.row(Inbox)
        assert (row.state, row.attempts, row.error) == ("quarantined", 3, "PoisonError")
        kept = hall.row(Quarantine)
        assert (kept.channel, kept.account, kept.reason) == ("phone", "citizen", "PoisonError")
        body = hall.vault.open_json("quarantine.body_sealed", kept.id, kept.body_sealed)
        assert (body["sender"], body["text"], body["event"]) == ("sari", poison.text, poison.event)

    def test_what_is_kept_aside_is_nowhere_in_the_clear(self, hall: Hall) -> None:
        poison = says("sari-0812", "/poison KTP saya ditahan", event="wamid-sari-0812")
        for _ in range(3):
            hall.batch(poison)
        found = everything(hall)
        assert b"phone" in found
        assert b"sari-0812" not in found
        assert b"ditahan" not in found

    def test_what_is_kept_aside_is_not_tried_again(self, hall: Hall) -> None:
        poison = says("sari", "/poison")
        for _ in range(3):
            hall.batch(poison)
        assert hall.take(poison, poison) == [Ending.SEEN, Ending.SEEN]
        assert hall.row(Inbox).attempts == 3
        assert len(hall.rows(Quarantine)) == 1

    def test_what_cannot_even_be_sealed_is_kept_aside_too_and_stops_nobody(self, hall: Hall) -> None:
        story = says("sari", HALF)
        with hall.open() as writer:
            for _ in range(2):
                with pytest.raises(StepFailedError):
                    writer.submit(Lane.INBOUND, story).result(10)
            assert writer.submit(Lane.INBOUND, story).result(10) is Ending.QUARANTINED
            assert writer.submit(Lane.INBOUND, says("togar", STORY)).result(10) is Ending.DONE
        kept = hall.row(Quarantine)
        body = hall.vault.open_json("quarantine.body_sealed", kept.id, kept.body_sealed)
        assert body["text"].startswith("/poison KTP saya")

    @pytest.mark.parametrize("broken", [{"sender": "sari\ud83d"}, {"event": "7\ud83d"}, {"choice": "0.²"}])
    def test_a_message_that_nobody_can_even_look_up_stops_nobody(self, hall: Hall, broken: dict[str, Any]) -> None:
        inbound = Inbound(**{"event": "7", "channel": "phone", "account": "citizen", "sender": "sari", **broken})
        with hall.open() as writer:
            strange = writer.submit(Lane.INBOUND, inbound)
            assert writer.submit(Lane.INBOUND, says("togar", STORY)).result(10) is Ending.DONE
            strange.exception(10)
            assert writer.submit(Lane.INBOUND, says("togar", SEND)).result(10) is Ending.DONE
        assert len(hall.rows(Ticket)) == 1

    @pytest.mark.parametrize("typed", ["²", "①", "१", "99", "0", "-1"])
    def test_a_strange_number_is_no_choice_and_no_error(self, hall: Hall, typed: str) -> None:
        hall.take(says("sari", STORY))
        assert hall.take(says("sari", typed)) == [Ending.DONE]


def endings(futures: list[Any]) -> list[Any]:
    return [type(future.exception()).__name__ if future.exception() else future.result() for future in futures]


class TestADatabaseErrorInABatch:
    """The database itself rejects one row: a trigger that no story but one trips."""

    @pytest.fixture
    def batch(self, hall: Hall) -> list[Inbound]:
        """Three citizens who send their stories at the same time; the database refuses the one for the Inspektorat."""
        hall.take(says("sari", STORY), says("melati", STORY), says("togar", BRIBE))
        refuse(hall.engine, "tickets", "NEW.unit_code = 'INSPEKTORAT'")
        return [says("sari", SEND), says("melati", SEND), says("togar", SEND)]

    def test_everybody_else_is_served_one_by_one(self, hall: Hall, batch: list[Inbound]) -> None:
        assert endings(hall.batch(*batch)) == [Ending.DONE, Ending.DONE, "IntegrityError"]
        assert [row.unit_code for row in hall.rows(Ticket)] == [REGISTRY, REGISTRY]
        assert [row.page for row in hall.rows(Outbox)].count("citizen/receipt") == 2

    def test_a_replay_gives_the_same_number_and_the_same_pin(self, hall: Hall, batch: list[Inbound]) -> None:
        """Ids, numbers and hashed PINs of all tries, as they were on their way into the database."""
        with inserted(hall, "tickets") as seen:
            hall.batch(*batch)
        tries: dict[int, list[tuple[Any, ...]]] = {}
        for row in (row for rows in seen for row in rows):
            tries.setdefault(row["id"], []).append((row["number"], row["pin_hash"], row["received_at"]))
        assert len(tries) == 3
        assert all(len(rows) == 2 for rows in tries.values())
        assert all(first == again for first, again in tries.values())

    def test_the_receipt_shows_the_number_and_pin_of_the_case(self, hall: Hall, batch: list[Inbound]) -> None:
        hall.batch(*batch)
        tickets = {row.number: row for row in hall.rows(Ticket)}
        with hall.reading() as session:
            for receipt in hall.rows(Outbox, page="citizen/receipt"):
                facts = hall.facts(receipt)
                ticket = tickets.pop(facts["number"])
                assert hash_pin(session, ticket.id, facts["pin"]) == ticket.pin_hash
        assert tickets == {}

    def test_the_rows_of_a_replay_have_the_ids_that_they_would_have_had(self, hall: Hall, batch: list[Inbound]) -> None:
        with inserted(hall, "inbox") as seen:
            hall.batch(*batch)
        assert {(row["key_hash"], row["id"]) for row in seen[0]} <= {(row.key_hash, row.id) for row in hall.rows(Inbox)}

    def test_only_the_guilty_job_counts_an_attempt(self, hall: Hall, batch: list[Inbound]) -> None:
        hall.batch(*batch)
        states = [(row.state, row.attempts, row.error) for row in hall.rows(Inbox)]
        assert sorted(states, key=str) == [("done", 0, None)] * 5 + [("failed", 1, "IntegrityError")]

    def test_the_guilty_one_succeeds_once_the_database_takes_it(self, hall: Hall, batch: list[Inbound]) -> None:
        hall.batch(*batch)
        allow(hall.engine, "tickets")
        assert endings(hall.batch(*batch)) == [Ending.SEEN, Ending.SEEN, Ending.DONE]
        (accusation,) = hall.rows(Ticket, unit_code="INSPEKTORAT")
        assert accusation.kind == "oversight"
        assert sorted(row.attempts for row in hall.rows(Inbox)) == [0, 0, 0, 0, 0, 1]

    def test_the_third_refusal_is_kept_aside(self, hall: Hall, batch: list[Inbound]) -> None:
        guilty = batch[2]
        assert endings([hall.batch(guilty)[0] for _ in range(3)]) == [
            "IntegrityError", "IntegrityError", Ending.QUARANTINED,
        ]  # fmt: skip
        assert hall.row(Inbox, state="quarantined").attempts == 3
        assert hall.row(Quarantine).reason == "IntegrityError"

    def test_what_could_not_be_kept_aside_is_not_acknowledged(self, hall: Hall, batch: list[Inbound]) -> None:
        guilty = batch[2]
        hall.batch(guilty)
        hall.batch(guilty)
        refuse(hall.engine, "quarantine", "NEW.id > 0", name="aside")
        assert endings(hall.batch(guilty)) == ["IntegrityError"]
        assert hall.row(Inbox, state="failed").attempts == 2
        allow(hall.engine, "quarantine", name="aside")
        assert endings(hall.batch(guilty)) == [Ending.QUARANTINED]

    def test_two_messages_of_one_person_stay_in_order(self, hall: Hall, batch: list[Inbound]) -> None:
        more = [says("melati", f"/bahasa {number}") for number in range(3)]
        hall.batch(*batch, *more)
        pages = [row.page for row in hall.rows(Outbox, person_id=person_of(hall, "melati"))]
        assert pages == ["citizen/confirm", "citizen/receipt", *["shared/language"] * 3]


class TestALostDatabase:
    """The disk is full (SQLite), the connection breaks in the middle of the batch (PostgreSQL)."""

    @contextmanager
    def lost(self, hall: Hall) -> Iterator[None]:
        if hall.engine.dialect.name == "sqlite":
            with hall.engine.connect() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            yield
            with hall.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
            return
        body = "BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END"
        with hall.engine.begin() as connection:
            connection.execute(text(f"CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
            connection.execute(
                text("CREATE TRIGGER ends BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION end_it()")
            )
        yield
        allow_again = ["DROP TRIGGER ends ON outbox", "DROP FUNCTION end_it()"]
        with hall.engine.begin() as connection:
            for statement in allow_again:
                connection.execute(text(statement))

    def messages(self) -> list[Inbound]:
        """Enough for more than the room that is left in the pages."""
        return [says(f"citizen-{number}", STORY + " Tolong." * 200) for number in range(40)]

    def test_commits_nothing_and_counts_nothing(self, hall: Hall) -> None:
        hall.take(says("sari", STORY))
        before = everything(hall)
        with self.lost(hall):
            futures = hall.batch(*self.messages())
            assert all(isinstance(future.exception(), DBAPIError) for future in futures)
            assert everything(hall) == before

    def test_everything_runs_when_it_is_back(self, hall: Hall) -> None:
        messages = self.messages()
        with self.lost(hall):
            hall.batch(*messages)
        assert endings(hall.batch(*messages)) == [Ending.DONE] * 40
        assert {(row.state, row.attempts) for row in hall.rows(Inbox)} == {("done", 0)}

    def test_a_running_writer_lives_through_it(self, hall: Hall) -> None:
        messages = self.messages()
        with hall.open() as writer:
            with self.lost(hall):
                futures = [writer.submit(Lane.INBOUND, message) for message in messages]
                failed = [future for future in futures if future.exception(20)]
                assert failed
            again = [writer.submit(Lane.INBOUND, message) for message in messages]
            assert {future.result(20) for future in again} <= {Ending.DONE, Ending.SEEN}
        assert len(hall.rows(Inbox, state="done", attempts=0)) == 40

    @pytest.mark.parametrize("dialect", ["postgres"])
    def test_a_connection_that_broke_between_two_batches_is_not_even_noticed(self, hall: Hall) -> None:
        hall.take(says("sari", STORY))
        with hall.readers.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            )
        assert hall.take(says("sari", SEND)) == [Ending.DONE]


class TestTheOrderOfOnePersonsMessages:
    def test_is_kept_within_and_across_batches(self, hall: Hall) -> None:
        """Eight people type at once, 25 messages each, faster than they are written."""
        people = [f"citizen-{number}" for number in range(8)]
        texts = {
            who: [STORY, *(f"Tambahan ke-{n} dari {who}: antrean itu masih belum bergerak." for n in range(24))]
            for who in people
        }
        with hall.open() as writer:
            start = threading.Barrier(len(people))

            def type_all(who: str) -> None:
                start.wait()
                futures = [writer.submit(Lane.INBOUND, says(who, line)) for line in texts[who]]
                assert {future.result(30) for future in futures} == {Ending.DONE}

            threads = [threading.Thread(target=type_all, args=(who,)) for who in people]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert 200 / 64 < hall.commits < 150
        assert {who: hall.draft(who).split("\n") for who in people} == texts

    def test_is_kept_when_a_batch_is_full(self, hall: Hall) -> None:
        lines = [STORY, *(f"Tambahan ke-{n}: antrean itu masih belum juga bergerak." for n in range(99))]
        assert endings(hall.batch(*(says("sari", line) for line in lines))) == [Ending.DONE] * 100
        assert hall.commits == 2
        assert hall.draft("sari").split("\n") == lines


class TestANewPerson:
    def test_two_first_messages_in_one_batch_are_of_one_person(self, hall: Hall) -> None:
        futures = hall.batch(says("sari", STORY), says("sari", SEND))
        assert endings(futures) == [Ending.DONE, Ending.DONE]
        assert hall.commits == 1
        person, address, talk = hall.row(Person), hall.row(Address), hall.row(Conversation)
        assert (address.person_id, talk.address_id) == (person.id, address.id)
        assert hall.row(Ticket).reporter_id == person.id

    def test_only_the_first_answer_is_the_first(self, hall: Hall) -> None:
        hall.batch(says("sari", "/start"), says("sari", "/start"), says("togar", "/start"))
        first = [(row.person_id, hall.facts(row)["first"]) for row in hall.rows(Outbox)]
        sari, togar = dict.fromkeys(person for person, _ in first)
        assert first == [(sari, True), (sari, False), (togar, True)]

    def test_two_writers_who_meet_somebody_in_the_same_moment_meet_one_person(self, hall: Hall) -> None:
        other = Hall(hall.url)
        with hall.open() as here, other.open() as there:
            for number in range(10):
                futures = [writer.submit(Lane.INBOUND, says(f"new-{number}", "/start")) for writer in (here, there)]
                assert [future.result(20) for future in futures] == [Ending.DONE, Ending.DONE]
        other.close()
        counts = hall.counts()
        assert (counts["people"], counts["addresses"], counts["conversations"]) == (10, 10, 10)
        first = [hall.facts(row)["first"] for row in hall.rows(Outbox)]
        assert (first.count(True), first.count(False)) == (10, 10)

    def test_two_writers_who_get_the_same_event_do_it_once(self, hall: Hall) -> None:
        other = Hall(hall.url)
        with hall.open() as here, other.open() as there:
            for number in range(10):
                inbound = says(f"new-{number}", "/start")
                futures = [writer.submit(Lane.INBOUND, inbound) for writer in (here, there)]
                assert {future.result(20) for future in futures} == {Ending.DONE, Ending.SEEN}
        other.close()
        counts = hall.counts()
        assert (counts["inbox"], counts["outbox"], counts["people"]) == (10, 10, 10)


class TestAcknowledgement:
    def test_comes_only_when_everybody_can_see_the_row(self, hall: Hall) -> None:
        seen: list[bool] = []
        early: list[bool] = []
        futures: list[Any] = []
        event.listen(hall.engine, "commit", lambda _connection: early.append(any(f.done() for f in futures)))
        inbounds = [says(f"citizen-{number}", STORY) for number in range(64)]

        def look(inbound: Inbound) -> None:
            key = hall.vault.hash("inbox.key_hash", inbound.channel, inbound.account, inbound.event)
            seen.append([row.state for row in hall.rows(Inbox, key_hash=key)] == ["done"])

        writer = hall.writer()
        for inbound in inbounds:
            futures.append(writer.submit(Lane.INBOUND, inbound))
            futures[-1].add_done_callback(lambda _future, inbound=inbound: look(inbound))
        writer.start()
        writer.stop()
        assert early == [False]
        assert seen == [True] * 64

    def test_what_was_added_is_handed_on_after_the_commit(self, hall: Hall) -> None:
        hall.batch(says("sari", STORY), says("togar", STORY))
        (outcome,) = hall.committed
        assert sorted(outcome.outbox) == [row.id for row in hall.rows(Outbox)]
        assert outcome.work == ()

    def test_an_answer_that_nobody_waits_for_any_more_harms_nobody(self, hall: Hall) -> None:
        writer = hall.writer()
        given_up = writer.submit(Lane.INBOUND, says("sari", STORY))
        waiting = writer.submit(Lane.INBOUND, says("togar", STORY))
        assert given_up.cancel()
        writer.start()
        assert waiting.result(10) is Ending.DONE
        writer.stop()
        assert hall.draft("sari") == STORY

    def test_the_trail_of_a_batch_is_in_its_transaction(self, hall: Hall) -> None:
        hall.opens_case("sari")
        assert [row.action for row in hall.rows(AuditRow)] == ["open"]
