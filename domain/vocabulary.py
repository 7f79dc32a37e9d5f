"""The words of the record: enums that everybody shares, and the frozen snapshots that rules read.

The values are fixed by the outside contract; see docs/glossary.md for what each word means.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a citizen wants; each kind has its own deadlines. A letter of the Ombudsman comes with its own date."""

    COMPLAINT = "complaint"
    OVERSIGHT = "oversight"
    INFORMATION = "information"
    ASPIRATION = "aspiration"
    LETTER = "letter"


#: What citizens bring: a policy counts its dates, and figures count nothing else.
CITIZEN_KINDS = tuple(kind for kind in Kind if kind is not Kind.LETTER)


class State(StrEnum):
    """Where a ticket is in its life (lifecycle.py says who may move it)."""

    RECEIVED = "received"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    WAITING_CITIZEN = "waiting_citizen"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    REFERRED = "referred"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


#: States in which an office still owes something, so that clocks run and steps fire.
OPEN_STATES = frozenset({State.RECEIVED, State.ROUTED, State.ACCEPTED, State.IN_PROGRESS, State.REOPENED})


class Identity(StrEnum):
    """Who may learn the citizen's name: the reader, nobody of the staff, or nobody at all."""

    OPEN = "open"
    CONFIDENTIAL = "confidential"
    ANONYMOUS = "anonymous"


class Emergency(StrEnum):
    """Whether somebody is in danger: at this moment, perhaps (they are asked), or not."""

    NOW = "now"
    ASK = "ask"
    NO = "no"


class Care(StrEnum):
    """Danger that wants a careful page, and no reminder that the wrong person could read; the first that fits."""

    CHILD = "child"
    HOME = "home"
    SELF = "self"


class Conduct(StrEnum):
    """How officials behaved; together the ten forms of maladministration (Peraturan Ombudsman 26/2017, Pasal 11)."""

    LATE = "late"
    RUDE = "rude"
    ABSENT = "absent"
    PROCEDURE = "procedure"
    EXTRA_REQUIREMENT = "extra_requirement"
    MONEY_ASKED = "money_asked"
    PARTIAL = "partial"
    DISCRIMINATION = "discrimination"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    ABUSE = "abuse"
    INCOMPETENT = "incompetent"


#: Conduct that makes a story `oversight`: the Inspektorat reads it and nobody of the reported unit does.
OVERSIGHT_CONDUCT = frozenset(
    {Conduct.MONEY_ASKED, Conduct.ABUSE, Conduct.CONFLICT_OF_INTEREST, Conduct.PARTIAL, Conduct.DISCRIMINATION}
)
#: Conduct of staff: the head of the unit's parent office reads it, the unit does not.
STAFF_CONDUCT = frozenset({Conduct.RUDE, Conduct.ABSENT, Conduct.INCOMPETENT})


class Role(StrEnum):
    """A permission that a post carries."""

    OFFICER = "officer"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    INSPECTOR = "inspector"
    FRONTDESK = "frontdesk"
    ADMIN = "admin"


class HoldingKind(StrEnum):
    """How a person holds a post: for good, acting (pelaksana tugas, pelaksana harian) or as a caretaker (penjabat)."""

    DEFINITIVE = "definitif"
    PLT = "Plt"
    PLH = "Plh"
    PJ = "Pj"
    PJS = "Pjs"


class Clock(StrEnum):
    """A deadline that runs; docs/clocks.md defines each in one sentence."""

    VERIFY = "verify"
    FIRST_RESPONSE = "first_response"
    RESOLVE = "resolve"
    STATUTORY = "statutory"
    BINDING = "binding"
    AUTO_CLOSE = "auto_close"
    COMPLETION = "completion"
    POSTPONED = "postponed"
    HEARD = "heard"
    ACKNOWLEDGE = "acknowledge"
    EXPLANATION = "explanation"


#: Clocks that belong to a question among staff, not to the case: nothing that is done to the case stops them.
STAFF_CLOCKS = frozenset({Clock.EXPLANATION})


class Action(StrEnum):
    """What an actor may ask of a ticket; `access.may` answers."""

    READ = "read"
    # the desk
    TAKE = "take"
    ANSWER = "answer"
    ASK = "ask"
    FINISH = "finish"
    FORWARD = "forward"
    HAND_BACK = "hand_back"
    POSTPONE = "postpone"
    NOTE = "note"
    HEAR = "hear"
    # whoever watches over the desk
    REMIND = "remind"
    EXPLAIN = "explain"
    PRIORITIZE = "prioritize"
    # the citizen whose case it is
    ADD = "add"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    REFUSE = "refuse"
    RATE = "rate"
    # groups and counts
    RING = "ring"
    COUNT = "count"


class Outcome(StrEnum):
    """How a case ended, where its state alone does not say: who closed or withdrew it; a letter is just answered."""

    ACCEPTED = "accepted"
    ANSWERED = "answered"
    SILENCE = "silence"
    CITIZEN = "citizen"
    LAPSED = "lapsed"


class Turn(StrEnum):
    """A turn of a case that figures are counted from (domain/figures.py); what it was before is written with it."""

    HANDED = "handed"
    SETTLED = "settled"
    REFUSED = "refused"
    RESUMED = "resumed"
    ACCEPTED = "accepted"
    SILENCE = "silence"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    REFERRED = "referred"


class Priority(StrEnum):
    """Whether a case goes before the others; whoever watches says so, and its citizen never hears of it."""

    NORMAL = "normal"
    HIGH = "high"


class Desk(StrEnum):
    """Who of the reading unit reads a ticket: its officers and head, or its head alone (a case about staff conduct).

    `listening`: its officers and head too, but the story is a voice whose words nobody has confirmed yet. Until then
    it can be heard, written down and asked about, and goes nowhere: whom it accuses is not known.
    """

    OFFICERS = "officers"
    HEAD = "head"
    LISTENING = "listening"


@dataclass(frozen=True, slots=True)
class Held:
    """One post that a person holds today: the post, its unit, and the permission it carries."""

    post: str
    unit: str
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person with the posts held now, a unit's group, or the program itself for a named reason.

    There is no system user: a beat acts as `Actor.system("reminder")` and is audited under that name.
    """

    person: int | None = None
    held: tuple[Held, ...] = ()
    group: str | None = None
    reason: str | None = None

    @classmethod
    def system(cls, reason: str) -> Actor:
        return cls(reason=reason)

    def has(self, *roles: Role) -> bool:
        """Whether any post held now carries one of `roles`."""
        return any(held.role in roles for held in self.held)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Units, posts and persons that may not learn of a ticket, whatever else they hold."""

    units: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    persons: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.units or self.posts or self.persons)


@dataclass(frozen=True, slots=True)
class TicketView:
    """What the access rules need to know of a ticket. `above` are the units over the one that reads it."""

    id: int
    kind: Kind
    state: State
    identity: Identity
    unit: str
    desk: Desk
    reporter: int | None
    exclusions: Exclusions
    above: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included; `last` None = without end."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)
