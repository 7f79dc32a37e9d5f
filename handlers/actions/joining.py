"""One person in two chats, by proof alone: a case's number and PIN, or a code shown in one chat and typed in the other.

The younger person's cases and chats go over to the older one; what was written and done keeps the name that it was
written under. Staff are never joined to citizens, so that an officer learns nothing and nobody becomes one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from domain import codes
from domain.vocabulary import Identity, Kind
from handlers.actions import pins
from handlers.actions.post import Letter, reply, to_address
from handlers.flows.cases import JoinTry
from handlers.flows.effects import CountJoinTry, JoinByCase, JoinByCode, LeaveOthers, ShowJoinCode
from handlers.messages import CITIZEN, Reply
from handlers.session import Session
from storage.plan import Record
from storage.queries import erasing, joining, people
from storage.tables import Address, Conversation, JoinCode, Outbox, Person, Ticket

#: How long a code is good for (real time): as long as it takes to open another chat.
CODE_LIFE = timedelta(minutes=15)


def show_code(session: Session, effect: ShowJoinCode) -> None:
    """A new code for this chat; an older one is void."""
    assert session.writing is not None
    here = session.writing.address.id
    for old in session.plan.fetch(JoinCode, joining.UNUSED, {"address": here}):
        old.expires_at = min(old.expires_at, session.moment.real)
    code = codes.code(codes.JOINING, lambda: session.source.below("join", 32))
    session.add(
        JoinCode,
        address_id=here,
        code_hash=_code_hash(session, code),
        expires_at=session.moment.real + CODE_LIFE,
        created_at=session.moment.real,
    )
    reply(session, Reply("citizen/join_code", {"code": code, "minutes": int(CODE_LIFE.total_seconds() // 60)}))


def _code_hash(session: Session, code: str) -> bytes:
    return session.vault.hash("join_codes.code_hash", "", "", code)


def try_code(session: Session, typed: str) -> JoinTry | None:
    """The chat that a code was shown in. None alike for a wrong, old, used or own code, and after too many tries."""
    code = codes.parse_code(typed, codes.JOINING)
    found = session.plan.fetch(JoinCode, joining.CODE, {"code": _code_hash(session, code or "")})
    if not code or not found or pins.is_closed(session, _tries(session)):
        return None
    other = _other_end(session, found[0])
    return JoinTry(found[0].id, other.channel) if other is not None else None


def _tries(session: Session) -> tuple[bytes, ...]:
    assert session.writing is not None
    return (session.vault.hash("throttles.joining", "", "", str(session.writing.address.id)),)


def count_try(session: Session, effect: CountJoinTry) -> None:
    pins.note_try(session, _tries(session), right=effect.right)


def _other_end(session: Session, code: Record) -> Record | None:
    """The chat of a code that is still good, where it may be joined to this one."""
    assert session.writing is not None
    if code.used_at is not None or code.expires_at <= session.moment.real:
        return None
    other = session.plan.one(Address, code.address_id)
    return other if other is not None and may_join(session, other.person_id) else None


def may_join(session: Session, person: int) -> bool:
    """Whether somebody is another person than the one who writes, and both are citizens and nothing else."""
    writing = session.writing
    if writing is None or person == writing.person.id or writing.address.account != CITIZEN:
        return False
    return not session.plan.rows(joining.OF_STAFF, {"persons": [person, writing.person.id]})


def may_join_case(session: Session, ticket: Record) -> bool:
    """Whether whoever has a case's PIN may be taken for its citizen: not of an anonymous or a locked one.

    A PIN may have been seen over a shoulder, at the very desk that another case of the citizen accuses. So it opens no
    door behind which such a case lies; there only a code that the citizen's own chat has shown is proof.
    """
    kept = ticket.reporter_id is not None and ticket.address_id is not None
    if not kept or ticket.locked or ticket.identity == Identity.ANONYMOUS:
        return False
    if not may_join(session, ticket.reporter_id):
        return False
    cases = session.plan.fetch(Ticket, erasing.OWN_TICKETS, {"person": ticket.reporter_id})
    return not any(_is_guarded(case) for case in cases if case.id != ticket.id)


def _is_guarded(ticket: Record) -> bool:
    """Whether somebody must not learn whose case it is."""
    return bool(ticket.kind == Kind.OVERSIGHT or ticket.identity != Identity.OPEN)


def join_by_code(session: Session, effect: JoinByCode) -> None:
    """The citizen said yes to what the code's page asked."""
    code = session.plan.locked(JoinCode, effect.code)
    other = _other_end(session, code) if code is not None else None
    if code is None or other is None:
        reply(session, Reply("citizen/bad_join_code"))
        return
    _join(session, other.person_id)
    code.used_at = session.moment.real


def join_by_case(session: Session, effect: JoinByCase) -> None:
    """The same for the citizen of a case whose PIN was typed here."""
    ticket = session.plan.one(Ticket, effect.ticket)
    if ticket is None or not may_join_case(session, ticket):
        reply(session, Reply("citizen/stale"))
        return
    _join(session, ticket.reporter_id)


def _join(session: Session, person: int) -> None:
    """Make one person of two. Every other chat of theirs is told, and may leave again."""
    writing = session.writing
    assert writing is not None
    both = {"persons": sorted((person, writing.person.id))}
    chats = session.plan.fetch(Address, joining.ADDRESSES, both)
    if not _may_go_on(session, chats) or len(session.plan.rows(joining.ADDRESSES, both)) != len(chats):
        reply(session, Reply("citizen/stale"))
        return
    other = session.plan.one(Person, person)
    assert other is not None
    older, younger = sorted((writing.person, other), key=lambda row: int(row.id))
    cases = session.plan.fetch(Ticket, erasing.OWN_TICKETS, {"person": younger.id})
    _give_cases(session, (case.id for case in cases), older.id)
    _give_chats(session, [chat for chat in chats if chat.person_id == younger.id], older.id)
    older.language = older.language or younger.language
    if older.name_sealed is None and younger.name_sealed is not None:
        older.name_sealed = _name_for(session, younger, older.id)
    younger.name_sealed, younger.language = None, None
    writing.person = older
    session.audit("join", None, person=older.id, actor="citizen", payload={"chats": len(chats), "cases": len(cases)})
    others = [chat for chat in chats if chat.id != writing.address.id]
    reply(session, Reply("citizen/joined", {"channels": sorted({chat.channel for chat in others})}))
    shown = {"channel": writing.address.channel}
    for chat in (chat for chat in others if chat.state == "alive"):
        to_address(session, chat, Letter(f"joined:{writing.inbox}:{chat.id}", "citizen/joined_other", shown))


def _may_go_on(session: Session, chats: Iterable[Record]) -> bool:
    """Lock where the chats stand, so that none goes on as somebody who is no more; False where one is being erased."""
    found = [row.id for row in session.plan.rows(people.TALKS_AT, {"ids": [chat.id for chat in chats]})]
    talks = [session.plan.locked(Conversation, key) for key in sorted(found)]
    return all(talk is not None and talk.state != erasing.LEAVING for talk in talks)


def _give_cases(session: Session, cases: Iterable[int], person: int) -> None:
    for key in sorted(cases):
        ticket = session.plan.locked(Ticket, key)
        assert ticket is not None
        ticket.reporter_id = person


def _give_chats(session: Session, chats: Iterable[Record], person: int) -> None:
    """The chats, and what waits to be said in them."""
    keys = []
    for chat in chats:
        chat.person_id = person
        keys.append(chat.id)
    for letter in session.plan.fetch(Outbox, joining.WAITING_AT, {"addresses": keys}):
        letter.person_id = person


def _name_for(session: Session, whose: Record, person: int) -> bytes:
    name = session.vault.open_text("people.name_sealed", whose.id, whose.name_sealed)
    return session.seal("people.name_sealed", person, name)


def leave(session: Session, effect: LeaveOthers) -> None:
    """This chat is somebody's of its own again, with the cases that began here; the others keep theirs."""
    writing = session.writing
    assert writing is not None
    chats = session.plan.fetch(Address, joining.ADDRESSES, {"persons": [writing.person.id]})
    if len(chats) < 2:
        reply(session, Reply("citizen/parted", {"alone": True, "cases": 0}))
        return
    before = writing.person
    began = session.plan.rows(joining.BEGAN_AT, {"person": before.id, "address": writing.address.id})
    anew = session.add(Person, language=before.language, created_at=session.moment.real)
    if before.name_sealed is not None:
        anew.name_sealed = _name_for(session, before, anew.id)
    _give_cases(session, (row.id for row in began), anew.id)
    _give_chats(session, [writing.address], anew.id)
    writing.person = anew
    session.audit("part", None, person=anew.id, actor="citizen", payload={"cases": len(began)})
    reply(session, Reply("citizen/parted", {"alone": False, "cases": len(began)}))
