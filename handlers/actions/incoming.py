"""What stands on a letter that came to the town and was filed as a case."""

from __future__ import annotations

from domain.vocabulary import Kind
from handlers.flows.cases import LetterSeen
from handlers.session import Session
from storage.plan import Record
from storage.queries import watching
from storage.tables import IncomingLetter


def letter_of(session: Session, ticket: Record) -> LetterSeen | None:
    """What stands on the letter that a case was filed for."""
    if ticket.kind != Kind.LETTER:
        return None
    row = next(iter(session.plan.of_case(IncomingLetter, watching.LETTER_OF, ticket)))
    sealed = row.reference_sealed
    reference = session.vault.open_text("incoming_letters.reference_sealed", row.id, sealed) if sealed else ""
    return LetterSeen(reference, row.dated_on, row.due_on)
