"""What an action works with: the transaction's plan, the vault, the region, both clocks, and who is writing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from domain.calendar import Calendar
from domain.region import Region, title
from domain.vocabulary import Held, HoldingKind, Role
from storage import audit
from storage.clock import Moment
from storage.encryption import Vault
from storage.plan import Plan, Record, sealed_in, table_of
from storage.queries import people
from storage.source import Source
from storage.tables import AuditRow, Message

T = TypeVar("T")

#: How long a page waits for the rest of an album: pictures sent together arrive one by one.
ALBUM_SECONDS = 2
#: How long an office's words wait for more of them, where each message costs money.
QUIET_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator may set and actions obey.

    `billed` names the channels whose messages cost money, `windowed` those on which somebody who has not written lately
    must have agreed to be written to, `receipts` those that tell later what became of a message. `quiet_seconds`: how
    long an office's words wait where they cost money for more of them. `budget`: how many messages a month may cost
    (None: nobody said). `shared`: channels on which one number serves citizens and staff. `staff_bot`: the name of the
    staff's bot ("": it has one that is not set; None: there is no bot), `staff_number` the digits of their number.
    `channels`: what is on; `privacy_contact` and `privacy_place`: whom citizens may ask about their data, and where it
    lies.
    """

    undo_seconds: int = 60
    album_seconds: int = ALBUM_SECONDS
    digests: bool = True
    shared: frozenset[str] = frozenset()
    billed: frozenset[str] = frozenset()
    windowed: frozenset[str] = frozenset()
    receipts: frozenset[str] = frozenset()
    quiet_seconds: int = 0
    budget: int | None = None
    staff_bot: str | None = None
    staff_number: str = ""
    channels: tuple[str, ...] = ()
    privacy_contact: str = ""
    privacy_place: str = ""


@dataclass(slots=True)
class Writing:
    """The person whose message is being received: their rows, the event's inbox id (for dedupe keys), and the chat."""

    person: Record
    address: Record
    conversation: Record
    inbox: int
    chat: str = ""
    pressed: int | None = None
    said: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What holds for as long as one batch of due steps lasts: who reads for the posts of its cases, which of the cases
    excluded nobody when they were read, and what has been asked already that is the same for many of them."""

    readers: Collection[int]
    unrestricted: Collection[int]
    answers: dict[Hashable, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """One job's view of one transaction."""

    plan: Plan
    vault: Vault
    region: Region
    moment: Moment
    source: Source
    rules: Rules = field(default_factory=Rules)
    writing: Writing | None = None
    #: Set while many due steps speak; None: every question is asked each time.
    batch: Batch | None = None
    _today: date | None = field(default=None, init=False, repr=False)

    @property
    def now(self) -> datetime:
        """The town's time, read once at the job's start."""
        return self.moment.town

    @property
    def calendar(self) -> Calendar:
        return self.region.calendars["office"]

    @property
    def today(self) -> date:
        """The town's date."""
        if self._today is None:
            self._today = self.calendar.day_of(self.now)
        return self._today

    def once(self, question: Hashable, ask: Callable[[], T]) -> T:
        """What `ask` says; in a batch whoever asks the same `question` again is told the same."""
        if self.batch is None:
            return ask()
        answers = self.batch.answers
        if question not in answers:
            answers[question] = ask()
        answer: T = answers[question]
        return answer

    def add(self, model: Any, **values: Any) -> Record:
        """Plan a new row with an id of its own; `x_sealed` values given as text or JSON are sealed."""
        table = table_of(model)
        row = self.source.id(table.name)
        for name in sealed_in(table):
            if values.get(name) is not None:
                values[name] = self.seal(f"{table.name}.{name}", row, values[name])
        return self.plan.add(model, id=row, **values)

    def seal(self, column: str, row: int, value: Any) -> bytes:
        """Encrypt text, or anything else as JSON, for one place."""
        if isinstance(value, str):
            return self.vault.seal(column, row, value)
        return self.vault.seal_json(column, row, value)

    def held_by(self, person: int) -> tuple[Held, ...]:
        """The posts that a person acts in today, as holder or substitute; one that the files no longer know is none."""
        rows = self.plan.rows(people.HELD, {"person": person, "today": self.today})
        posts = [self.region.posts[row.post_code] for row in rows if row.post_code in self.region.posts]
        return tuple(Held(post.code, post.unit, Role(post.role)) for post in posts)

    def holders_of(self, post: str) -> tuple[int, ...]:
        """The persons who hold a post today, away or not."""
        rows = self.plan.rows(people.HOLDERS, {"post": post, "today": self.today})
        return tuple(row.person_id for row in rows)

    def present_of(self, post: str) -> tuple[int, ...]:
        """The persons who read for a post today: holders who are not away, and substitutes of those who are."""
        rows = self.plan.rows(people.PRESENT, {"post": post, "today": self.today})
        return tuple(row.person_id for row in rows)

    def acting(self) -> dict[str, HoldingKind]:
        """How those posts are held today that somebody holds for a time: Plt, Plh, Pj or Pjs."""
        rows = self.plan.rows(people.ACTING, {"today": self.today})
        return {row.post_code: HoldingKind(row.kind) for row in rows}

    def title_of(self, post: str) -> str:
        """The title of a post with the prefix of its present holding: "Plt. Sekretaris Daerah"."""
        return title(self.region.posts[post], self.acting().get(post))

    def audit(self, action: str, ticket: int | None, *, person: int | None, actor: str, payload: Any = None) -> Record:
        """Write down who did what; the payload is sealed with a salt, and a digest of all goes into the chain."""
        row = self.source.id("audit")
        salt = self.source.bytes("audit", 16)
        values: dict[str, Any] = {
            "ticket_id": ticket,
            "person_id": person,
            "actor": actor,
            "action": action,
            "town_at": self.now,
            "real_at": self.moment.real,
        }
        sealed = self.seal(audit.COLUMN, row, {"salt": salt.hex(), "payload": payload})
        covered = audit.digest(row, salt, values, payload)
        return self.plan.add(AuditRow, id=row, digest=covered, payload_sealed=sealed, **values)

    def write(self, ticket: Record, *, author: str, kind: str, text: str, person: int | None) -> Record:
        """Add a message to a case, in order: `seq` is taken under the ticket's lock."""
        ticket.last_seq = ticket.last_seq + 1
        return self.add(
            Message,
            ticket_id=ticket.id,
            seq=ticket.last_seq,
            author=author,
            kind=kind,
            person_id=person,
            text_sealed=text,
            town_at=self.now,
            real_at=self.moment.real,
        )
