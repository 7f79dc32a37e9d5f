"""Several reminders for one person at one time are one message. Each keeps its row, which says what it told of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.access import may
from domain.vocabulary import Action
from handlers.actions import outcomes, telling
from handlers.actions.post import PUSH
from handlers.actions.telling import LIST
from handlers.actions.views import actor_of, view_of
from handlers.messages import STAFF, Choice
from handlers.session import Session
from storage.plan import Record
from storage.queries import talk
from storage.tables import Outbox, Ticket

#: A page has at most ten choices: these, "I know" for all, and the desk for the rest.
MOST_LISTED = 8
#: What says most comes first.
_STAGES = ("late", "again", "due", "first_response", "verify", "postponed", "soon")
_COUNTS = "supervisor/late_count"
_ADDRESSED = ("address_id", "person_id", "channel", "account")


def has_company(session: Session, letter: Any) -> bool:
    """Whether a reminder goes in one message with others; of such a message, whether it has to be written anew."""
    if letter.account != STAFF or (letter.step_id is None and letter.page != LIST):
        return False
    rows = company(session, letter)
    return len(rows) > 1 or (letter.page == LIST and not all(_may(session, page) for page in _pages(session, rows)))


def opening(session: Session, letter: Any) -> datetime | None:
    """Until when (UTC) a reminder waits that would come outside its reader's hours; None where it may go, or is none.

    Its step spoke within them; but a platform may be up again at night.
    """
    if letter.account != STAFF or letter.address_id is None or (letter.step_id is None and letter.page != LIST):
        return None
    parents = (session.plan.one(Outbox, page.parent_id) for page in telling.said_by(session, letter))
    posts = {parent.post_code for parent in parents if parent is not None and parent.post_code in session.region.posts}
    hours = [session.region.calendar_of(session.region.posts[post].unit) for post in sorted(posts)]
    if any(one.is_open(session.now) for one in hours):
        return None
    return min((one.next_opening(session.now) for one in hours), default=None)


def company(session: Session, letter: Any) -> list[Record]:
    """The reminders that would go in one message with this one, itself included."""
    about = {"address": letter.address_id, "page": LIST}
    rows = session.plan.fetch(Outbox, talk.UNSENT_REMINDERS, about)
    return [row for row in rows if row.id == letter.id or _may_go(session, row)]


def _may_go(session: Session, row: Record) -> bool:
    """Whether a page waits for nothing but its turn, and nobody sends it."""
    moments = (row.lease_until, row.hold_until, row.retry_at)
    return all(moment is None or moment <= session.moment.real for moment in moments)


def _pages(session: Session, rows: Iterable[Record]) -> list[Record]:
    return [page for row in rows for page in telling.said_by(session, row)]


def _may(session: Session, page: Record) -> bool:
    ticket = session.plan.one(Ticket, page.ticket_id)
    assert ticket is not None
    return may(actor_of(session, page.person_id), Action(page.action), view_of(session, ticket))


def gather(session: Session, letter: Record, rows: list[Record]) -> None:
    """Let what waits for one reader become one message; a case that may not be read any more drops from it."""
    lists = [one for one in rows if one.page == LIST]
    pages = sorted((page for page in _pages(session, rows) if _is_kept(session, page)), key=lambda page: int(page.id))
    if lists or len(pages) > 1:
        _write(session, letter, lists, pages)


def _is_kept(session: Session, page: Record) -> bool:
    """Whether its reader still may know of the case; else the page ends, and the step goes to whoever may."""
    if _may(session, page):
        return True
    page.state, page.merged_into = "queued", None
    outcomes.drop(session, page.id, "access")
    return False


def _write(session: Session, letter: Record, lists: list[Record], pages: list[Record]) -> None:
    for one in lists[1:]:
        one.state = "cancelled"  # the first says it all
    if not pages:
        outcomes.drop(session, lists[0].id, "access")
        return
    shown, choices = _content(session, pages)
    if lists:
        lists[0].facts_sealed = session.seal("outbox.facts_sealed", lists[0].id, shown)
        lists[0].choices, lists[0].due_at = choices, None
    into = lists[0] if lists else _new(session, letter, pages[0], shown, choices)
    for page in pages:
        page.state, page.merged_into, page.lease_until = "merged", into.id, None


def _new(session: Session, letter: Record, first: Record, shown: dict[str, Any], choices: list[Any]) -> Record:
    return session.add(
        Outbox,
        dedupe_key=f"steps:{first.id}",
        page=LIST,
        facts_sealed=shown,
        choices=choices,
        lane=PUSH,
        created_at=session.moment.real,
        **{name: letter.values[name] for name in _ADDRESSED},
    )


def _content(session: Session, pages: list[Record]) -> tuple[dict[str, Any], list[Any]]:
    """The facts and choices of a message that says these pages: a line a case, the most pressing first."""
    said = {page.id: session.vault.open_json("outbox.facts_sealed", page.id, page.facts_sealed) for page in pages}
    cases = sorted((page for page in pages if page.page != _COUNTS), key=lambda page: _presses(page, said[page.id]))
    lines = {page.ticket_id: said[page.id] for page in reversed(cases)}
    ordered = list(dict.fromkeys(page.ticket_id for page in cases))
    counts = [said[page.id] for page in pages if page.page == _COUNTS]
    shown = {
        "cases": [{**lines[ticket], "stage": _stage(lines[ticket])} for ticket in ordered[:MOST_LISTED]],
        "more": len(ordered[MOST_LISTED:]),
        "count": len(ordered) + len(counts),
        "hidden": max(counts, key=lambda one: one["count"] or 0, default=None),
    }
    choices = [Choice("details", (str(ticket),)) for ticket in ordered[:MOST_LISTED]]
    known = tuple(dict.fromkeys(_steps_to_know(pages)))
    if known:
        choices.append(Choice("acknowledge", known))
    if ordered:
        choices.append(Choice("desk"))
    return shown, [[choice.code, list(choice.args)] for choice in choices]


def _steps_to_know(pages: Iterable[Record]) -> Iterable[str]:
    return (step for page in pages for code, args in page.choices or () if code == "acknowledge" for step in args)


def _presses(page: Record, facts: Any) -> tuple[int, int, str, int]:
    return _STAGES.index(_stage(facts)), -int(facts["days_late"]), facts["by"] or "", int(page.ticket_id)


def _stage(facts: Any) -> str:
    return str(facts["stage"]) if facts["stage"] in _STAGES else _STAGES[0]
