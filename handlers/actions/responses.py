"""When an officer's words count as an answer: not when they are written, but when the citizen's platform has them.

Each such message knows how far it has come (`Message.reach`). What counts, since when, and whether anybody is still
reminded of the first answer, follows from all of them together (`settle`), so it can be asked again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.ladder import MISSED
from domain.vocabulary import Clock
from handlers.actions import breaches, schedule
from handlers.actions.thrift import TOGETHER
from handlers.actions.windows import NUDGE
from handlers.messages import CITIZEN
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases, talk
from storage.tables import Message, Outbox, Ticket

#: Words of an officer that a citizen reads.
WORDS = frozenset({"answer", "question", "closing"})
#: How far they have come. `taken`: the platform took the request and will say later what became of it. `unreached`: it
#: was tried and can't arrive, through no fault of the office: it counts, and is marked. None: of a release that asked
#: no platform; written was answered.
ON_WAY, TAKEN, THERE, UNREACHED, FAILED = "on_way", "taken", "there", "unreached", "failed"
_COUNTS = frozenset({None, THERE, UNREACHED})
_PENDING = frozenset({ON_WAY, TAKEN})


def send_off(session: Session, ticket: Record, said: Record, letter: Record | None) -> None:
    """An officer's words are written. Where no platform carries them (a PIN case) the thread is where they arrive."""
    said.reach = ON_WAY if letter is not None else THERE
    said.reached_at = None if letter is not None else session.now
    settle(session, ticket)


def lock(session: Session, letter: Record | None) -> None:
    """Take the case before the page, as everywhere, where the page may be an officer's words."""
    if letter is not None and _may_carry_words(letter):
        session.plan.locked(Ticket, letter.ticket_id)


def accepted(session: Session, letter: Record) -> None:
    """The platform has a page: the words on it count from now, or from its receipt where the platform gives one."""
    asks = letter.channel in session.rules.receipts
    for said in _on(session, letter):
        if said.reach == UNREACHED:
            said.reach = UNREACHED if asks else THERE  # it counts already, since it was tried
        else:
            said.reach, said.reached_at = TAKEN if asks else THERE, session.now
    _settle_case_of(session, letter)


def confirmed(session: Session, letter: Record) -> None:
    """A receipt says that the platform has sent the page: its words count from the moment at which it took them."""
    for said in _on(session, letter):
        if said.reach in (TAKEN, UNREACHED):
            said.reach = THERE
    _settle_case_of(session, letter)


def taken_back(session: Session, letter: Record) -> None:
    """What looked sent was not: until another try has ended the words are on their way again."""
    for said in _on(session, letter):
        said.reach = ON_WAY
    _settle_case_of(session, letter)


def missed(session: Session, letter: Record, *, counts: bool) -> None:
    """A page can't arrive. `counts`: not through the office, so the attempt is the answer, and marked as unreached."""
    for said in _on(session, letter):
        said.reach = UNREACHED if counts else FAILED
        said.reached_at = (said.reached_at or session.now) if counts else None
        if counts:
            session.audit("unreached", letter.ticket_id, person=None, actor="delivery", payload={"message": said.id})
    _settle_case_of(session, letter)


def assume(session: Session, ticket: Record) -> bool:
    """The first answer is due and a receipt is still awaited: what the platform took counts. False if it took none."""
    taken = [said for said in _of_desk(session, ticket) if said.reach == TAKEN]
    for said in taken:
        said.reach = THERE
    settle(session, ticket)
    return bool(taken)


def settle(session: Session, ticket: Record) -> None:
    """Let the case say when it was first answered, and its reminders wait, rest or run as the words have come."""
    counted = [said for said in _words_of(session, ticket) if said.reach in _COUNTS]
    ticket.first_response_at = min(map(_moment, counted), default=None)
    ticket.unreached = bool(counted) and all(said.reach == UNREACHED for said in counted)
    mine = _of_desk(session, ticket)
    answered = min((_moment(said) for said in mine if said.reach in _COUNTS), default=None)
    pending = {said.reach for said in mine} & _PENDING
    for row in schedule.steps_of(session, ticket):
        if row.clock == Clock.FIRST_RESPONSE and row.cycle == ticket.cycle and schedule.may_speak(row):
            _place(session, ticket, row, answered, pending)


def _place(session: Session, ticket: Record, row: Record, answered: datetime | None, pending: set[str]) -> None:
    if answered is not None:
        if row.step == MISSED and row.state != "done" and row.due_at <= answered:
            breaches.record(session, ticket, row)  # late answers stay late
        else:
            row.state = "done"
    elif pending and not (row.step == MISSED and ON_WAY not in pending):  # a receipt may never come: `assume`
        row.state = "held"
    elif ticket.waiting_since is not None:
        row.state = "paused"
    else:
        schedule.release(session, ticket, row)


def _words_of(session: Session, ticket: Record) -> list[Record]:
    messages = session.plan.of_case(Message, cases.MESSAGES, ticket)
    return [row for row in messages if row.author == "staff" and row.kind in WORDS]


def _of_desk(session: Session, ticket: Record) -> list[Record]:
    """What the desk has said that owes the first answer now: since it has the case, or since the citizen's `belum`."""
    since = max(at for at in (ticket.received_at, ticket.reopened_at, ticket.desk_since) if at is not None)
    return [said for said in _words_of(session, ticket) if said.town_at >= since]


def _moment(said: Record) -> datetime:
    moment: datetime = said.reached_at or said.town_at
    return moment


def _settle_case_of(session: Session, letter: Record) -> None:
    if _may_carry_words(letter) and (ticket := session.plan.locked(Ticket, letter.ticket_id)) is not None:
        settle(session, ticket)


def _may_carry_words(letter: Record) -> bool:
    return letter.account == CITIZEN and letter.ticket_id is not None and letter.page in (*TOGETHER, NUDGE)


def _on(session: Session, letter: Record) -> list[Record]:
    """The officer's words that a page carries: its own, those that went with it, or those that it announces."""
    if not _may_carry_words(letter):
        return []
    messages = (session.plan.one(Message, key) for key in _keys(_rows(session, letter)))
    return [m for m in messages if m is not None and m.author == "staff" and m.kind in WORDS and m.reach is not None]


def _rows(session: Session, letter: Record) -> list[Record]:
    if letter.page == NUDGE:
        row = session.plan.one(Outbox, int(letter.dedupe_key.partition(":")[2]))
        return [row] if row is not None else []
    merged = session.plan.fetch(Outbox, talk.MERGED_ABOUT, {"ticket": letter.ticket_id})
    found, size = {letter.id: letter}, 0
    while len(found) > size:  # what went with a page may have had others with it
        size = len(found)
        found |= {row.id: row for row in merged if row.merged_into in found}
    return list(found.values())


def _keys(rows: Iterable[Record]) -> list[int]:
    """The messages that pages were made for, by their dedupe keys (decision 6)."""
    parts = (row.dedupe_key.split(":") for row in rows)
    return [int(key[1]) for key in parts if key[0] == "msg" and key[1].isdigit()]
