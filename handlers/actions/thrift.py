"""Thrift on channels whose messages cost money: what is only nice is left out, what comes together goes as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers.actions.letters import Letter
from handlers.flows.citizen.verdicts import DONE
from handlers.messages import CITIZEN, Choice
from handlers.session import Session
from storage.plan import Record
from storage.queries import talk
from storage.tables import Outbox

#: Pages for citizens that cost more than they say: thanks, and what the page before has said already (a billed closing
#: and a question for consent say what pressing does). Never a promise, an answer, a question, a closing, a warning.
LEFT_OUT = frozenset({"citizen/taken", "citizen/accepted", "citizen/rated", "citizen/agreed", "citizen/thanks"})
#: An office's words, which wait for each other for a while.
TOGETHER = frozenset({"citizen/answer", "citizen/question", "citizen/resolved", "citizen/locked_news"})
#: The closing page: there a rating closes the case, so that nothing has to be asked afterwards.
_CLOSING = "citizen/resolved"
_ACCEPTED = "citizen/accepted"
#: Of several pages in one message the one that the message counts as, if it is among them; else the last.
_LEADING = "citizen/question"


def is_billed(session: Session, channel: str | None) -> bool:
    """Whether a channel's messages cost money."""
    return channel in session.rules.billed


def spares(session: Session, channel: str | None, page: str) -> bool:
    """Whether a page is not worth its price there."""
    return page in LEFT_OUT and is_billed(session, channel) and (page != _ACCEPTED or _is_said_already(session))


def _is_said_already(session: Session) -> bool:
    """Whether the closing page is answered, which says that nothing will follow and lets the case be rated."""
    writing = session.writing
    assert writing is not None
    answered = writing.pressed or writing.conversation.last_offer
    row = session.plan.one(Outbox, answered) if answered is not None else None
    return row is not None and row.page == _CLOSING


def shaped(session: Session, channel: str | None, letter: Letter) -> Letter:
    """A page for the citizen of a case as it is where messages cost money: it waits for what may follow soon."""
    if letter.page not in TOGETHER or not is_billed(session, channel):
        return letter
    patient = replace(letter, hold=max(letter.hold, session.rules.quiet_seconds))
    if letter.page != _CLOSING or not letter.choices:
        return patient
    key = letter.choices[0].args
    rated = tuple(Choice(code, key) for code in DONE)
    return replace(patient, facts={**letter.facts, "rates": True}, choices=(*letter.choices, *rated))


def has_company(session: Session, letter: Any) -> bool:
    """Whether other words about the same case wait for the same citizen, to go in one message with these."""
    return len(company(session, letter)) > 1


def company(session: Session, letter: Any) -> list[Record]:
    """The words that would go in one message with these, themselves included."""
    if letter.page not in TOGETHER or letter.account != CITIZEN or letter.ticket_id is None:
        return []
    if not is_billed(session, letter.channel):
        return []
    about = {"ticket": letter.ticket_id, "address": letter.address_id}
    rows = session.plan.fetch(Outbox, talk.UNSENT_ABOUT, about)
    return [row for row in rows if row.page in TOGETHER and (row.id == letter.id or _may_join(session, row))]


def _may_join(session: Session, row: Record) -> bool:
    """Whether a page may go before its own time: nobody sends it, and nobody may take it back any more."""
    real = session.moment.real
    if row.lease_until is not None and row.lease_until >= real:
        return False
    longer = max(0, session.rules.quiet_seconds - session.rules.undo_seconds)
    return row.undo_of is None or row.hold_until is None or bool(row.hold_until - timedelta(seconds=longer) <= real)


def gather(session: Session, rows: list[Record]) -> None:
    """Let several pages become one row: it has the words of all in their order, and all their choices."""
    if len(rows) < 2:
        return
    said = next((one for one in rows if one.page == _LEADING), rows[-1])
    facts = {one.id: session.vault.open_json("outbox.facts_sealed", one.id, one.facts_sealed) for one in rows}
    together = [part for one in rows for part in facts[one.id].get("together") or [[one.page, facts[one.id]]]]
    said.facts_sealed = session.seal("outbox.facts_sealed", said.id, {**facts[said.id], "together": together})
    said.choices = _all_choices(rows)
    said.ticket_version = rows[-1].ticket_version
    said.hold_until, said.retry_at, said.lease_until = None, None, None
    for one in rows:
        if one.id != said.id:
            one.state, one.merged_into, one.facts_sealed = "merged", said.id, None
            one.hold_until, one.lease_until = None, None


def _all_choices(rows: list[Record]) -> list[Any]:
    found: list[Any] = []
    for choice in (choice for one in rows for choice in one.choices or ()):
        if choice not in found:
            found.append(choice)
    return found


def pages_of(page: str, facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The pages that go in one message, in their order, each with its facts: usually the one."""
    return [(name, own) for name, own in facts.get("together") or [[page, facts]]]
