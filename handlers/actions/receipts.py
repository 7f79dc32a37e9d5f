"""What a platform says later of a message of ours: it settles a send that was uncertain, or undoes one that failed.

A receipt makes nobody known and opens no window. Of what was not ours it says nothing to us.
"""

from __future__ import annotations

import logging

from handlers.actions import outcomes, responses
from handlers.actions.windows import ANNOUNCED
from handlers.messages import Receipt
from handlers.session import Session
from storage.plan import Record
from storage.tables import Address, Outbox

log = logging.getLogger(__name__)

FAILED = "failed"
#: How far a message has come; a receipt that comes late takes nothing back.
_ORDER = {"sent": 1, "delivered": 2, "read": 3}
_THERE = frozenset({"delivered", "read"})
#: Codes that mean more than "not this message": the window was closed, the reader is nowhere to be found.
_SHUT, _GONE = "131047", "131026"


def hear(session: Session, channel: str, receipt: Receipt, row: int | None) -> None:
    """Take a channel's receipt for an outbox row; None, or one that went another way since, is nothing that we know."""
    letter = session.plan.one(Outbox, row) if row is not None else None
    if letter is None or letter.address_id is None or letter.channel != channel:
        log.info("a receipt for nothing that we know", extra={"kind": receipt.status})
    elif receipt.status == FAILED:
        _failed(session, letter, receipt)
    elif receipt.status in _ORDER:
        _arrived(session, letter, receipt)


def _arrived(session: Session, letter: Record, receipt: Receipt) -> None:
    if letter.state == "queued" and not _settled(session, letter, receipt):
        return
    if letter.arrival != FAILED and _ORDER[receipt.status] > _ORDER.get(letter.arrival or "", 0):
        session.plan.locked(Outbox, letter.id)
        letter.arrival, letter.arrival_code = receipt.status, None
        responses.confirmed(session, letter)


def _settled(session: Session, letter: Record, receipt: Receipt) -> bool:
    """An uncertain send has reached the platform after all; False for word of a try that has failed since."""
    if receipt.key is not None:
        outcomes.sent(session, letter.id, (receipt.message,))
    return bool(letter.state == "sent")


def _failed(session: Session, letter: Record, receipt: Receipt) -> None:
    """One message of the page did not arrive, so the page did not: what happened of the send is taken back."""
    if letter.state == "queued" and not _settled(session, letter, receipt):
        return
    if session.plan.locked(Outbox, letter.id) is None or letter.state != "sent" or letter.arrival == FAILED:
        return
    if letter.arrival in _THERE and len(outcomes.parts_of(session, letter)) == 1:
        return  # the other way round: it is there
    again = receipt.code in (_SHUT, _GONE) and letter.facts_sealed is not None
    sent_at, letter.state, letter.sent_at = letter.sent_at, "queued", None
    letter.arrival, letter.arrival_code = (None if again else FAILED), receipt.code
    responses.taken_back(session, letter)
    if not again:
        outcomes.refused(session, letter.id, receipt.code)
    elif receipt.code == _GONE:
        outcomes.gone(session, letter.id)
    else:
        _behind_the_window(session, letter, sent_at)


def _behind_the_window(session: Session, letter: Record, sent_at: object) -> None:
    """It goes again when its reader can be written to, who may have written since."""
    address = session.plan.one(Address, letter.address_id)
    assert address is not None
    if address.heard_at is None or address.heard_at < sent_at:
        outcomes.close(session, address.id)
    letter.retry_at, letter.lease_until, letter.error = None, None, ANNOUNCED
