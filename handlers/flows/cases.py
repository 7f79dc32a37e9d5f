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
class LetterSeen:
    """What stands on a letter of the Ombudsman."""

    reference: str
    dated: date
    due: date


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its reader may see it, its `name` masked. `reaches`: the case keeps an address to write to; `joins`:
    who has opened it by its PIN may be taken for its citizen. `high`: it goes before others. `explain_by`: until when
    somebody of the staff wants it explained. `missed_at`: since when its promise is broken; `pauses`: how often its
    clock has stood still, and `stops`: whether a question would stop it. `referred_to`: the body outside whose it
    is."""

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
    to_know: tuple[int, ...] = ()
    moved_from: datetime | None = None
    moved_at: datetime | None = None
    high: bool = False
    explain_by: datetime | None = None
    letter: LetterSeen | None = None
    missed_at: datetime | None = None
    pauses: int = 0
    stops: bool = True
    referred_to: str | None = None

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
    high: bool = False


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


@dataclass(frozen=True, slots=True)
class Sitting:
    """That somebody holds a post: an id of the holding and of the person, never a name."""

    id: int
    person: int
    post: str
    kind: HoldingKind
    since: date
    until: date | None
    decree: str | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What an administrator has lately decided about a post, a leave or a unit's group; `code` names post or unit."""

    id: int
    what: str
    code: str
    at: datetime
