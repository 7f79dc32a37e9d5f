"""What a turn may learn of a case: a frozen picture, already allowed by the access rules for the one who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.vocabulary import Actor, Desk, HoldingKind, TicketView


@dataclass(frozen=True, slots=True)
class Contribution:
    """One message of a case. `missed`: an officer's words that have not reached the citizen."""

    author: str
    kind: str
    text: str
    at: datetime
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The line that was written down from a voice and waits for its citizen; no `text` for anybody else."""

    line: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its reader may see it, its `name` masked. `reaches`: the case keeps an address to write to; `joins`:
    who has opened it by its PIN may be taken for its citizen. `missed_at`: since when its promise is broken; `pauses`:
    how often its clock has stood still, and `stops`: whether a question would stop it."""

    view: TicketView
    number: str
    version: int
    matter: str | None
    reported: str | None
    taken_by: int | None
    taken_by_me: bool
    name: str | None
    received_at: datetime
    binding_by: datetime | None
    first_response_by: datetime | None
    provisional: bool
    thread: tuple[Contribution, ...]
    photos: tuple[int, ...]
    reaches: bool = False
    locked: bool = False
    cycle: int = 1
    waiting_since: datetime | None = None
    days_paused: int = 0
    postponed_until: date | None = None
    handbacks: int = 0
    refusals: int = 0
    outcome: str | None = None
    voices: tuple[int, ...] = ()
    videos: tuple[int, ...] = ()
    heard: Heard | None = None
    joins: bool = False
    missed_at: datetime | None = None
    pauses: int = 0
    stops: bool = True

    @property
    def story(self) -> str:
        return next((part.text for part in self.thread if part.kind == "story"), "")

    @property
    def listening(self) -> bool:
        """Whether the story is a voice whose words are not settled."""
        return self.view.desk is Desk.LISTENING


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of a list of cases."""

    id: int
    number: str
    state: str
    kind: str
    unit: str
    matter: str | None
    binding_by: datetime | None
    received_at: datetime
    locked: bool = False


@dataclass(frozen=True, slots=True)
class PinTry:
    """What a number and a PIN opened: a case, or the moment until which no more tries are taken (town time)."""

    case: Case | None
    ticket: int | None


@dataclass(frozen=True, slots=True)
class JoinTry:
    """A code that was shown in another chat, and on which channel that is."""

    code: int
    channel: str


@dataclass(frozen=True, slots=True)
class Offered:
    """An invitation whose code was typed."""

    id: int
    post: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A leave that is noted."""

    id: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may stand in, by the post that they hold and how."""

    person: int
    post: str
    kind: HoldingKind


@dataclass(frozen=True, slots=True)
class Staff:
    """Who a staff member is now."""

    actor: Actor
    posts: tuple[str, ...]
    titles: tuple[str, ...] = ()
