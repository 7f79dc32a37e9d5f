"""What turns decide. handlers.actions does each of them in the transaction of the message that caused it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.decisions import Decision
from domain.routing import Route
from handlers.messages import Draft, Effect


@dataclass(frozen=True)
class OpenTicket(Effect):
    """The citizen sent the draft."""

    draft: Draft
    route: Route


@dataclass(frozen=True)
class ReferTicket(Effect):
    """What the draft tells is for a body outside, and its citizen knows the way there."""

    draft: Draft
    route: Route
    body: str


@dataclass(frozen=True)
class AddToTicket(Effect):
    """The citizen added something to an own case, or corrects it. `key`: how its choices name the case, where that is
    not its id; `sources`: the platform's ids of the messages that it was said in."""

    ticket: int
    text: str
    media: tuple[int, ...] = ()
    key: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    corrects: bool = False


@dataclass(frozen=True)
class ConfirmHeard(Effect):
    """The citizen says that the line which was written down from a voice is right."""

    ticket: int
    line: int
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class CorrectHeard(Effect):
    """The citizen writes what a voice said: the own words win."""

    ticket: int
    text: str
    key: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReopenTicket(Effect):
    """The citizen says that an answered case is not settled."""

    ticket: int
    text: str = ""
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class AcceptTicket(Effect):
    """The citizen says that an answered case is settled, and perhaps how good it was (1 to 4)."""

    ticket: int
    key: tuple[str, ...] = ()
    stars: int | None = None


@dataclass(frozen=True)
class RateTicket(Effect):
    """What the citizen thinks of how a case was handled, from 1 (bad) to 4 (very good)."""

    ticket: int
    stars: int


@dataclass(frozen=True)
class WithdrawTicket(Effect):
    """The citizen takes an own case back."""

    ticket: int


@dataclass(frozen=True)
class LockTicket(Effect):
    """From now on a shared phone shows nothing of the case without its PIN, or again everything."""

    ticket: int
    locked: bool


@dataclass(frozen=True)
class RenewPin(Effect):
    """The citizen lost the PIN of a case that is followed in this chat."""

    ticket: int


@dataclass(frozen=True)
class SetLanguage(Effect):
    language: str


@dataclass(frozen=True)
class AgreeToNews(Effect):
    """Whether the citizen wants news in this chat although she has not written lately."""

    yes: bool


@dataclass(frozen=True)
class SetName(Effect):
    """The name that the citizen wants to be shown with open cases."""

    name: str


@dataclass(frozen=True)
class DiscardMedia(Effect):
    """The citizen threw a draft away: its files go now."""

    media: tuple[int, ...]


@dataclass(frozen=True)
class EraseMe(Effect):
    """The citizen wants to be forgotten; the cases stay."""


@dataclass(frozen=True)
class CountPinTry(Effect):
    """A number and PIN were tried; `ticket` None = they opened nothing."""

    number: str
    opened: bool


@dataclass(frozen=True)
class ShowJoinCode(Effect):
    """The citizen wants to write from another chat too: a code to be typed there."""


@dataclass(frozen=True)
class CountJoinTry(Effect):
    """A code of another chat was typed, right or wrong."""

    right: bool


@dataclass(frozen=True)
class JoinByCode(Effect):
    """This chat and the one in which a code was shown are the same citizen's."""

    code: int


@dataclass(frozen=True)
class JoinByCase(Effect):
    """So are this chat and the one of a case whose PIN was typed here."""

    ticket: int


@dataclass(frozen=True)
class LeaveOthers(Effect):
    """This chat shall not be joined to any other."""


@dataclass(frozen=True)
class Enrol(Effect):
    invitation: int


@dataclass(frozen=True)
class TakeTicket(Effect):
    ticket: int
    version: int


@dataclass(frozen=True)
class AnswerTicket(Effect):
    ticket: int
    version: int
    text: str
    media: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class WriteHeard(Effect):
    """What a reader heard in a voice, for its citizen to confirm."""

    ticket: int
    version: int
    text: str


@dataclass(frozen=True)
class AskCitizen(Effect):
    """A question to the citizen, which stops the clock."""

    ticket: int
    version: int
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class FinishTicket(Effect):
    ticket: int
    version: int
    text: str
    media: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class PostponeTicket(Effect):
    """Until which day (ISO) and why; stops nothing."""

    ticket: int
    version: int
    until: str
    reason: str


@dataclass(frozen=True)
class NoteTicket(Effect):
    """Words for the staff alone."""

    ticket: int
    version: int
    text: str
    media: tuple[int, ...] = ()


@dataclass(frozen=True)
class ForwardTicket(Effect):
    ticket: int
    version: int
    unit: str
    text: str = ""


@dataclass(frozen=True)
class HandBack(Effect):
    """ "Not ours", with the unit whose it is; None = the officer does not know."""

    ticket: int
    version: int
    unit: str | None
    text: str = ""


@dataclass(frozen=True)
class AddClosingPhotos(Effect):
    """More photos for closing words that have not gone yet."""

    ticket: int
    media: tuple[int, ...]


@dataclass(frozen=True)
class RemindDesk(Effect):
    """A supervisor reminds the desk by hand."""

    ticket: int


@dataclass(frozen=True)
class RemindLate(Effect):
    """A supervisor reminds the desks of a digest's late cases."""

    tickets: tuple[int, ...]


@dataclass(frozen=True)
class AskExplanation(Effect):
    """A supervisor asks the head of the reading unit why, and wants to know it by a day (ISO)."""

    ticket: int
    text: str
    by: str


@dataclass(frozen=True)
class Explain(Effect):
    """The explanation, for everybody who asked and has not heard yet."""

    ticket: int
    text: str


@dataclass(frozen=True)
class SetPriority(Effect):
    """A supervisor says whether a case goes before the others."""

    ticket: int
    high: bool


@dataclass(frozen=True)
class FileLetter(Effect):
    """A letter of the Ombudsman: its number, its date and the day until which it asks (ISO), what it is about."""

    reference: str
    dated: str
    subject: str
    due: str
    media: tuple[int, ...] = ()


@dataclass(frozen=True)
class RecordFinding(Effect):
    """What was found on a visit to a unit, and the day (ISO) on which it is looked at again, if any."""

    unit: str
    text: str
    follow_up: str | None


@dataclass(frozen=True)
class Acknowledge(Effect):
    """The posts that these steps told know it."""

    steps: tuple[int, ...]


@dataclass(frozen=True)
class GoOnLeave(Effect):
    """From which day to which (ISO), and who stands in."""

    first: str
    last: str
    substitute: int | None


@dataclass(frozen=True)
class EndLeave(Effect):
    leave: int


@dataclass(frozen=True)
class RecordTicket(Effect):
    """An officer took down what somebody said at the counter or on the phone; `contact`: who that was, if known."""

    draft: Draft
    route: Route
    contact: str = ""


@dataclass(frozen=True)
class BindGroup(Effect):
    """A chat of many shall hear the bells of one of these units, which are the presser's."""

    chat: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class BindUnit(Effect):
    """The unit of a group was chosen."""

    group: int
    unit: str


@dataclass(frozen=True)
class UnbindGroup(Effect):
    """A chat of many shall hear no bells of these units any more."""

    chat: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class UndoTap(Effect):
    """Take back the tap that audit row `tap` records."""

    tap: int


@dataclass(frozen=True)
class ProposeAct(Effect):
    """What an administrator wants to do about a post, a leave or a unit's group (`code`), by which decree."""

    what: str
    code: str
    paper: Mapping[str, Any]
    first: str | None = None
    last: str | None = None
    decree: str | None = None


@dataclass(frozen=True)
class SignAct(Effect):
    """The one tap under the preview of such an act."""

    override: int


@dataclass(frozen=True)
class UndoAct(Effect):
    """Such an act is taken back."""

    override: int


@dataclass(frozen=True)
class Propose(Effect):
    """What an administrator wants to decide, and by which decree."""

    decision: Decision
    basis: str = ""


@dataclass(frozen=True)
class SignDecision(Effect):
    """The one tap under the preview of a proposal."""

    override: int


@dataclass(frozen=True)
class UndoDecision(Effect):
    """A decision is taken back."""

    override: int
