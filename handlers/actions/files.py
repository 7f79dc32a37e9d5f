"""What became of a file that somebody sent, once it was looked at."""

from __future__ import annotations

from handlers.actions.post import Letter, to_address
from handlers.session import Session
from storage.plan import Record
from storage.queries import talk
from storage.tables import Address, Attachment, Message, Outbox, Ticket

CLEAN, REFUSED = "clean", "refused"


def looked_at(session: Session, key: int, state: str, mime: str, size: int) -> None:
    """A clean picture is kept; whoever sent anything else hears that it was not."""
    file = session.plan.locked(Attachment, key)
    if file is None or file.state != "raw":
        return
    file.state, file.mime, file.size = state, mime, size
    if file.ticket_id is not None:  # a page of its case may have been waiting for it
        for letter in session.plan.fetch(Outbox, talk.RESTING_OF_CASE, {"ticket": file.ticket_id}):
            letter.retry_at = None
    if state == REFUSED and (sender := _sender(session, file)) is not None:
        page = "officer/file_refused" if sender.account == "staff" else "citizen/file_refused"
        to_address(session, sender, Letter(f"file:{key}", page, {}))


def _sender(session: Session, file: Record) -> Record | None:
    """The chat that a file came from, where it is still known: a draft's own, or that of the case's citizen."""
    if file.address_id is not None:
        return session.plan.one(Address, file.address_id)
    message = session.plan.one(Message, file.message_id) if file.message_id else None
    ticket = session.plan.one(Ticket, file.ticket_id) if file.ticket_id else None
    if message is None or ticket is None or message.author != "citizen" or ticket.address_id is None:
        return None
    return session.plan.one(Address, ticket.address_id)
