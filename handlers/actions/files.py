"""Files that people send: a row and its work when they come, and what became of them once they were looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.vocabulary import Desk
from handlers.actions.post import Letter, to_address
from handlers.messages import Choice, Inbound, Remote, count
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases, talk
from storage.tables import Address, Attachment, Message, Outbox, Ticket, Work

CLEAN, REFUSED = "clean", "refused"
#: Why a file is refused, as its sender hears it.
UNREADABLE, TOO_LARGE, NOT_FETCHED = "unreadable", "too_large", "not_fetched"
#: What a row of work asks for: to clean a file that is here, or to fetch it first, which only some processes can.
CLEAN_FILE = "clean_photo"
#: What a platform says of a file before anybody has looked at it.
_KINDS = frozenset({"photo", "document", "voice", "video"})
_SAID = {"audio": "voice", "video": "video"}


def fetch_from(channel: str, account: str) -> str:
    """The kind of work that fetches a file of this account."""
    return f"fetch:{channel}:{account}"


def register(session: Session, inbound: Inbound) -> Inbound:
    """Files of a message become rows, to be fetched and cleaned by work items after the commit.

    Returns the message with the ids of all its files, those among them that still lie with the platform.
    """
    for key in inbound.media:
        if session.plan.one(Attachment, key) is None:
            session.plan.add(Attachment, id=key, kind="photo", size=0, **_raw(session))
            session.add(Work, key=f"clean:{key}", kind=CLEAN_FILE, subject={"attachment": key})
    if not inbound.remote:
        return inbound
    fetched = tuple(_to_fetch(session, inbound, remote) for remote in inbound.remote)
    return replace(inbound, media=(*inbound.media, *fetched), remote=())


def _to_fetch(session: Session, inbound: Inbound, remote: Remote) -> int:
    size = max(0, remote.size)
    file = session.add(Attachment, kind=_kind_of(remote), size=size, ref_sealed=remote.ref, **_raw(session))
    subject = {"attachment": file.id, "channel": inbound.channel, "account": inbound.account}
    work = fetch_from(inbound.channel, inbound.account)
    session.add(Work, key=f"clean:{file.id}", kind=work, subject=subject)
    return int(file.id)


def _kind_of(remote: Remote) -> str:
    """What a file seems to be, so that pages count it well: a voice or video may come as a document."""
    if remote.kind == "document":
        return _SAID.get(remote.mime.partition("/")[0], "document")
    return remote.kind if remote.kind in _KINDS else "document"


def _raw(session: Session) -> dict[str, object]:
    """What all new files have in common. A mime type is what the sender's program says, so it is not kept."""
    assert session.writing is not None
    return {
        "address_id": session.writing.address.id,
        "mime": "",
        "state": "raw",
        "real_at": session.moment.real,
    }


def kinds_of(session: Session, keys: Iterable[int]) -> dict[int, str]:
    """What each file is, as far as it is known."""
    found = ((key, session.plan.one(Attachment, key)) for key in keys)
    return {key: file.kind for key, file in found if file is not None}


def counted(session: Session, keys: Sequence[int]) -> dict[str, int]:
    """How many photos, voices and videos there are among some files."""
    return count(keys, kinds_of(session, keys))


def fetched(session: Session, key: int) -> None:
    """A file is here, so nobody needs the platform's name of it any more."""
    file = session.plan.locked(Attachment, key)
    if file is not None:
        file.ref_sealed = None


def kept(session: Session, key: int, kind: str, mime: str, size: int) -> None:
    """A file is clean."""
    file = _looked_at(session, key, CLEAN)
    if file is not None:
        file.kind, file.mime, file.size = kind, mime, size


def refused(session: Session, key: int, why: str) -> None:
    """A file is not kept, and whoever sent it hears why."""
    file = _looked_at(session, key, REFUSED)
    if file is not None and (sender := _sender(session, file)) is not None:
        if lost := _lost_story(session, file):
            choice = Choice("write_it", (str(lost.id),))
            to_address(
                session, sender, Letter(f"file:{key}", "citizen/voice_lost", {"number": lost.number}, (choice,), lost)
            )
            return
        page = "officer/file_refused" if sender.account == "staff" else "citizen/file_refused"
        to_address(session, sender, Letter(f"file:{key}", page, {"why": why, "kind": file.kind}))


def _lost_story(session: Session, file: Record) -> Record | None:
    """The case that was nothing but this voice, and has no words yet."""
    ticket = session.plan.one(Ticket, file.ticket_id) if file.ticket_id is not None else None
    if ticket is None or ticket.desk != Desk.LISTENING or ticket.locked:
        return None
    files = session.plan.rows(cases.FILES, {"ticket": ticket.id})
    left = any(row.kind == "voice" and row.state in ("raw", CLEAN) and row.id != file.id for row in files)
    return None if left else ticket


def _looked_at(session: Session, key: int, state: str) -> Record | None:
    """The file in its new state; None for one that was looked at before, or that nobody wants any more."""
    file = session.plan.locked(Attachment, key)
    if file is None or file.state != "raw":
        return None
    file.state, file.ref_sealed = state, None
    if file.ticket_id is not None:  # a page of its case may have been waiting for it
        for letter in session.plan.fetch(Outbox, talk.RESTING_OF_CASE, {"ticket": file.ticket_id}):
            letter.retry_at = None
    return file


def _sender(session: Session, file: Record) -> Record | None:
    """The chat that a file came from, where it is still known: a draft's own, or that of the case's citizen."""
    if file.address_id is not None:
        return session.plan.one(Address, file.address_id)
    message = session.plan.one(Message, file.message_id) if file.message_id else None
    ticket = session.plan.one(Ticket, file.ticket_id) if file.ticket_id else None
    if message is None or ticket is None or message.author != "citizen" or ticket.address_id is None:
        return None
    return session.plan.one(Address, ticket.address_id)
