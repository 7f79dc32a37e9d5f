"""One process of a busy town: `python -m tests.transaction.player` reads its part as a line of JSON, says "ready",
waits for another line, plays, and prints what it did as JSON.
"""

from __future__ import annotations

import json
import logging
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from handlers.actions import clocks, outcomes
from handlers.messages import STAFF, Inbound
from handlers.session import Session
from storage import audit, leases
from storage.plan import table_of
from storage.tables import Address, Outbox
from storage.writer import Lane, Writer
from tests.transaction.hall import CHANNEL, SEND, STORY, Hall

PATIENCE = 60.0
#: How often an event is handed in again before the player gives up.
DELIVERIES = 5


@dataclass
class Part:
    """What a process is told to play. `tickets` are [id, number] of the cases that all officers share."""

    url: str
    name: str
    tickets: list[tuple[int, str]]
    citizens: int
    officers: int
    rounds: int
    moves_clock: bool
    seed: int


@dataclass
class Report:
    """What a process did: its events as [account, id], drafts sent by each citizen, and what went wrong on the way."""

    events: list[tuple[str, str]] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    redelivered: int = 0
    refused: list[str] = field(default_factory=list)
    sealed: int = 0
    fired: int = 0
    failed: list[str] = field(default_factory=list)


Role = Callable[[Writer, str, random.Random], None]


class Player:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.hall = Hall(part.url, may_travel=True)
        self.report = Report()
        self._lock = threading.Lock()
        self._numbers = iter(range(10**9))

    def inbound(self, account: str, sender: str, text: str = "", **more: Any) -> Inbound:
        with self._lock:
            event = f"{self.part.name}-{next(self._numbers)}"
            self.report.events.append((account, event))
        return Inbound(event, CHANNEL, account, sender, text, **more)

    def hand_in(self, writer: Writer, inbound: Inbound) -> None:
        """As a platform does it: an event that was answered with an error comes again."""
        for _ in range(DELIVERIES):
            if writer.submit(Lane.INBOUND, inbound).exception(PATIENCE) is None:
                return
            with self._lock:
                self.report.redelivered += 1
        raise RuntimeError("an event never came through")

    # the opening: everybody takes every case, in the order of this process, in one batch

    def officer(self, number: int) -> str:
        return f"officer-{self.part.name}-{number}"

    def look_at_cards(self) -> list[Inbound]:
        """Every officer has a card in hand; the taps on "take" that they are about to make."""
        taps = []
        for number, (_, typed) in enumerate(self.part.tickets):
            self.hall.take(self.inbound(STAFF, self.officer(number), f"/tiket {typed}"))
            data = self.hall.button(self.officer(number), "take", STAFF)
            taps.append(self.inbound(STAFF, self.officer(number), choice=data))
        return taps

    # the play

    def play(self, taps: list[Inbound]) -> None:
        writer = self.hall.writer()
        opening = [writer.submit(Lane.INBOUND, tap) for tap in taps]
        writer.start()
        parts: list[tuple[Role, str]] = []
        parts += [(self.citizen, f"citizen-{self.part.name}-{n}") for n in range(self.part.citizens)]
        parts += [(self.clerk, self.officer(n)) for n in range(self.part.officers)]
        threads = [threading.Thread(target=self._guarded, args=(role, writer, who)) for role, who in parts]
        done = threading.Event()
        beat = threading.Thread(target=self._guarded, args=(self._beat(done), writer, "beats"))
        for thread in (*threads, beat):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        beat.join()
        for future in opening:
            future.result(PATIENCE)
        writer.stop()

    def _guarded(self, role: Role, writer: Writer, who: str) -> None:
        try:
            role(writer, who, random.Random(f"{self.part.seed} {who}"))
        except BaseException as error:
            with self._lock:
                self.report.failed.append(f"{who}: {error!r}")
            raise

    def _beat(self, done: threading.Event) -> Role:
        """Everywhere the trail is sealed and due steps speak; in one process the town's clock runs on."""

        def seal(session: Session) -> int:
            connection = session.plan.connection
            held = leases.acquire(connection, "audit", self.part.name, timedelta(seconds=1))
            return audit.chain_some(connection) if held else 0

        def move(session: Session) -> None:
            self.hall.house.clock.move_to(session.plan.connection, session.now + timedelta(days=4))

        def beat(writer: Writer, who: str, chance: random.Random) -> None:
            while not done.wait(0.1):
                if self.part.moves_clock:
                    writer.submit(Lane.BEAT, move).result(PATIENCE)
                self.report.fired += writer.submit(Lane.BEAT, clocks.fire_due).result(PATIENCE)
                self.report.sealed += writer.submit(Lane.BEAT, seal).result(PATIENCE)

        return beat

    def citizen(self, writer: Writer, who: str, chance: random.Random) -> None:
        """Tell a story, send it (perhaps twice at once), look at the list, quote the receipt and add something."""
        for number in range(self.part.rounds):
            self.hand_in(writer, self.inbound("citizen", who, f"{STORY} Ini yang ke-{number} dari {who}."))
            send = self.inbound("citizen", who, SEND)
            if chance.random() < 0.3:
                writer.submit(Lane.INBOUND, send)
            self.hand_in(writer, send)
            with self._lock:
                self.report.sent[who] += 1
            self.hand_in(writer, self.inbound("citizen", who, "/status"))
            receipt = self._last(who, "citizen/receipt")

            def arrived(session: Session, receipt: int = receipt) -> None:
                outcomes.sent(session, receipt, (f"message-{receipt}",))

            writer.submit(Lane.OUTCOME, arrived).result(PATIENCE)
            more = f"Tambahan untuk yang ke-{number} dari {who}, tolong dibaca juga."
            self.hand_in(writer, self.inbound("citizen", who, more, reply_to=f"message-{receipt}"))

    def clerk(self, writer: Writer, who: str, chance: random.Random) -> None:
        """Open a shared case by its number, answer it, and send the answer by button or by typing 1."""
        for number in range(self.part.rounds):
            ticket, typed = chance.choice(self.part.tickets)
            self.hand_in(writer, self.inbound(STAFF, who, f"/tiket {typed}"))
            try:
                data = self.hall.button(who, "answer", STAFF)
            except KeyError:
                continue
            self.hand_in(writer, self.inbound(STAFF, who, choice=data))
            try:
                self.hall.button(who, "cancel", STAFF)  # the tap was not stale
            except KeyError:
                continue
            self.hand_in(writer, self.inbound(STAFF, who, f"Jawaban {number} dari {who}."))
            before = self._count(who, "officer/answer_sent")
            if chance.random() < 0.5:
                last = self.inbound(STAFF, who, SEND)
            else:
                last = self.inbound(STAFF, who, choice=self.hall.button(who, "send", STAFF))
            self.hand_in(writer, last)
            if self._count(who, "officer/answer_sent") > before:
                with self._lock:
                    self.report.answered[ticket] += 1

    def _pages(self, who: str, account: str, page: str) -> list[int]:
        addresses, outbox = table_of(Address), table_of(Outbox)
        key = self.hall.vault.hash("addresses.key_hash", CHANNEL, account, who)
        statement = (
            select(outbox.c.id)
            .join(addresses, addresses.c.id == outbox.c.address_id)
            .where(addresses.c.key_hash == key, outbox.c.page == page)
            .order_by(outbox.c.id)
        )
        with self.hall.readers.begin() as connection:
            return list(connection.execute(statement).scalars())

    def _last(self, who: str, page: str) -> int:
        return self._pages(who, "citizen", page)[-1]

    def _count(self, who: str, page: str) -> int:
        return len(self._pages(who, STAFF, page))


class Refusals(logging.Handler):
    """Which errors of the database made a writer run a batch again."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        self._report.refused.append(f"{record.getMessage()}: {getattr(record, 'kind', '')}")


def main() -> None:
    player = Player(Part(**json.loads(sys.stdin.readline())))
    logging.getLogger("storage.writer").addHandler(Refusals(player.report))
    taps = player.look_at_cards()
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    player.play(taps)
    player.hall.close()
    print(json.dumps(vars(player.report)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
