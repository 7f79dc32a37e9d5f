"""The questions that turns ask of the record. handlers.actions.answers knows how to find each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.decisions import Subject
from domain.vocabulary import HoldingKind
from handlers.flows.cases import Absence, Case, Colleague, JoinTry, Offered, PinTry, Settled, Sitting, Staff, Summary
from handlers.flows.decided import Decided
from handlers.flows.kept import Kept, Terms
from handlers.flows.overviews import Brief, Overview
from handlers.messages import Need


@dataclass(frozen=True)
class Waits(Need[bool]):
    """Whether any page waits for this person to write."""

    person: int


@dataclass(frozen=True)
class MyCases(Need[tuple[Summary, ...]]):
    """The citizen's own cases, newest first, ten at most."""

    person: int


@dataclass(frozen=True)
class MyCase(Need[Case | None]):
    """One of the citizen's own cases."""

    person: int
    ticket: int


@dataclass(frozen=True)
class OpenedCase(Need[Case | None]):
    """A case that its PIN has opened in this conversation a short while ago: whoever asks has looked at the memory."""

    ticket: int


@dataclass(frozen=True)
class Said(Need[str]):
    """The words of one message of a case: whoever asks has found it by a message of the own chat."""

    message: int


@dataclass(frozen=True)
class MyData(Need[Kept]):
    """What is kept of a citizen."""

    person: int


@dataclass(frozen=True)
class DataTerms(Need[Terms]):
    """What holds for everybody's data."""


@dataclass(frozen=True)
class CaseByPin(Need[PinTry]):
    """A case by its number and PIN, for whoever knows both. Unknown number, wrong PIN and too many tries look alike."""

    number: str
    pin: str


@dataclass(frozen=True)
class JoinCodeTyped(Need[JoinTry | None]):
    """The chat in which this code was shown. Wrong, old, used, one's own, and too many tries look alike."""

    code: str


@dataclass(frozen=True)
class InvitationFor(Need[Offered | None]):
    """The unused, unexpired invitation with this code."""

    code: str


@dataclass(frozen=True)
class StaffMember(Need[Staff]):
    """The posts that a person holds today."""

    person: int


@dataclass(frozen=True)
class StaffCase(Need[Case | None]):
    """A case, if the person may read it now; None is also the answer for a case that does not exist."""

    person: int
    ticket: int


@dataclass(frozen=True)
class StaffCaseByNumber(Need[Case | None]):
    """The same by its number."""

    person: int
    number: str


@dataclass(frozen=True)
class StaffCaseByLink(Need[Case | None]):
    """The same by what the link of a bell names; None also for what is no link of ours."""

    person: int
    link: str


#: Cases that one page lists; one more is asked for, to know whether there are more.
ON_ONE_PAGE = 10


@dataclass(frozen=True)
class Desk(Need[tuple[Summary, ...]]):
    """The open cases on the desks of a person's posts, or of one unit, the most urgent first.

    `within`: and of what belongs to the unit; `late`: only those whose promise was broken.
    """

    person: int
    unit: str | None = None
    within: bool = False
    late: bool = False


@dataclass(frozen=True)
class BriefOf(Need[Brief | None]):
    """How a unit stands, for who looks over it; None for everybody else."""

    person: int
    unit: str


@dataclass(frozen=True)
class Search(Need[tuple[Summary, ...]]):
    """The cases that a person may read, by unit, matters and day of receipt, the newest first."""

    person: int
    unit: str | None = None
    matters: tuple[str, ...] = ()
    day: date | None = None
    most: int = 10


@dataclass(frozen=True)
class MyLeaves(Need[tuple[Absence, ...]]):
    """A person's leaves that are not over, the first one first."""

    person: int


@dataclass(frozen=True)
class Colleagues(Need[tuple[Colleague, ...]]):
    """Who may stand in for a person: holders of posts in the own units and right above, the nearest first."""

    person: int


@dataclass(frozen=True)
class Acting(Need[Mapping[str, HoldingKind]]):
    """How those posts are held today that somebody holds for a time (Plt, Plh, Pj, Pjs)."""


@dataclass(frozen=True)
class Recap(Need[tuple[Overview, ...]]):
    """What a person's posts look like now, a page each."""

    person: int


@dataclass(frozen=True)
class Decisions(Need[tuple[Decided, ...]]):
    """What the town has decided about some subjects and is in force, the newest first."""

    subjects: tuple[Subject, ...]
    most: int = 5


@dataclass(frozen=True)
class Sittings(Need[tuple[Sitting, ...]]):
    """Who holds which post, today or later."""


@dataclass(frozen=True)
class SettledActs(Need[tuple[Settled, ...]]):
    """What administrators have decided about posts, leaves and groups and not taken back, the newest first."""

    most: int = 4


@dataclass(frozen=True)
class GroupedUnits(Need[tuple[str, ...]]):
    """The units that have a group which hears their bells."""
