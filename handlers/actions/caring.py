"""A case of violence at home, of a child or of self-harm: the chat says nothing by itself that another could read."""

from __future__ import annotations

from domain.understanding.reading import read
from handlers.actions.views import thread_of
from handlers.session import Session
from storage.plan import Record

#: Pages that come because time passed, not because somebody answered.
REMINDERS = frozenset(
    {"citizen/still_asked", "citizen/climbed", "citizen/date_moved", "citizen/lapsed", "citizen/closed"}
)


def spares(session: Session, ticket: Record, page: str) -> bool:
    """Whether a page is left out because the wrong person may be holding the phone."""
    if page not in REMINDERS:
        return False
    told = (part.text for part in thread_of(session, ticket) if part.author == "citizen")
    return any(read(text, session.region).care for text in told)
