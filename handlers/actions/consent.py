"""A citizen's leave to be written to behind a platform's window. It belongs to one chat, and may be taken back."""

from __future__ import annotations

from handlers.actions.post import reply
from handlers.flows.effects import AgreeToNews
from handlers.messages import Choice, Reply
from handlers.session import Session
from storage.plan import Record

CHOICES = (Choice("agree"), Choice("disagree"))


def is_asked(session: Session, ticket: Record) -> bool:
    """Whether the receipt of a case should ask: news of it will come here, and may come when the window is closed."""
    assert session.writing is not None
    address = session.writing.address
    return (
        ticket.address_id == address.id and address.channel in session.rules.windowed and address.consented_at is None
    )


def give(session: Session) -> None:
    """They agree, in the chat that is being written in."""
    assert session.writing is not None
    address = session.writing.address
    if address.consented_at is None and address.channel in session.rules.windowed:
        address.consented_at = session.moment.real
        session.audit("agree", None, person=address.person_id, actor="citizen")


def settle(session: Session, effect: AgreeToNews) -> None:
    """Write down what a citizen has pressed, and say so where that is worth a message."""
    assert session.writing is not None
    address = session.writing.address
    if effect.yes:
        give(session)
    elif address.consented_at is not None:
        address.consented_at = None
        session.audit("disagree", None, person=address.person_id, actor="citizen")
        reply(session, Reply("citizen/disagreed"))
        return
    reply(session, Reply("citizen/agreed", {"yes": effect.yes}))
