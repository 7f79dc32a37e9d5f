"""/kalender: what the town decides about its days off. Proposed, worked out, signed, undone; each of them once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.overrides import CalendarChange, ChangeKind
from handlers.actions import recounting
from handlers.actions.letters import Letter
from handlers.actions.post import reply, to_person
from handlers.actions.views import is_admin
from handlers.flows.decided import Decided
from handlers.flows.effects import ProposeCalendarChange, SignCalendarChange, UndoCalendarChange
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import decision_facts
from storage import calendars
from storage.calendars import SUBJECT
from storage.plan import Record
from storage.queries import recounts
from storage.tables import Override, Work

#: The work that finds out what a proposal would do.
PREVIEW = "calendar_preview"
#: Who signs at the console of the machine: the operator, whom the record knows as no person.
CONSOLE = "console"


class ConflictError(RuntimeError):
    """Somebody else decided about the calendars in between: look again before you sign."""


# --- in the chat


def propose(session: Session, effect: ProposeCalendarChange) -> None:
    """Write a proposal down; what it would do is worked out beside, and then shown to whoever made it."""
    assert session.writing is not None
    person = session.writing.person.id
    if not is_admin(session, person):
        reply(session, Reply("officer/calendar_refused"))
        return
    change = CalendarChange(
        ChangeKind(effect.kind), date.fromisoformat(effect.first), date.fromisoformat(effect.last), effect.calendar
    )
    row = write_down(session, change, effect.basis, session.moment.revision, person)
    session.add(Work, key=f"{PREVIEW}:{row.id}", kind=PREVIEW, subject={"override": str(row.id)})
    reply(session, Reply("officer/calendar_counting"))


def show_effect(session: Session, override: int, effect: recounting.Effect, revision: int) -> None:
    """What a proposal would do, for whoever made it: one tap does it."""
    row = session.plan.locked(Override, override)
    if row is None or row.signed_at is not None or row.by_person is None:
        return
    row.effect, row.revision = effect.facts(), revision
    shown = {**decision_facts(decided(session, row)), **effect.facts()}
    choices = (Choice("calendar_sign", (str(row.id),)), Choice("cancel"))
    to_person(session, row.by_person, Letter(f"calendar:{row.id}", "officer/calendar_preview", shown, choices))


def sign_tapped(session: Session, effect: SignCalendarChange) -> None:
    """The tap under a preview."""
    assert session.writing is not None
    person = session.writing.person.id
    row = session.plan.locked(Override, effect.override)
    if not is_admin(session, person) or row is None or row.by_person != person:
        reply(session, Reply("officer/calendar_refused"))
    elif row.signed_at is not None:
        _show_set(session, row)
    else:
        _decide(session, row, sign, person)


def undo_tapped(session: Session, effect: UndoCalendarChange) -> None:
    """Take a decision back: the files, and what else was decided, hold again."""
    assert session.writing is not None
    person = session.writing.person.id
    row = session.plan.locked(Override, effect.override)
    if not is_admin(session, person) or row is None or row.subject != SUBJECT or row.signed_at is None:
        reply(session, Reply("officer/calendar_refused"))
    else:
        _decide(session, row, undo, person)


def _decide(session: Session, row: Record, change: Callable[..., None], person: int) -> None:
    """Sign or undo, and show how it stands; where somebody else decided in between, nothing is done."""
    try:
        change(session, row, person=person)
    except ConflictError:
        reply(session, Reply("officer/calendar_conflict"))
    else:
        _show_set(session, row)


def _show_set(session: Session, row: Record) -> None:
    undone = row.undone_at is not None
    shown = {**decision_facts(decided(session, row)), "undone": undone}
    choices = () if undone else (Choice("calendar_undo", (str(row.id), row.starts_on.isoformat())),)
    reply(session, Reply("officer/calendar_set", shown, choices))


# --- wherever it is decided


def write_down(session: Session, change: CalendarChange, basis: str, revision: int, person: int | None) -> Record:
    """A proposal, and the state of the town's decisions that its effect was worked out for."""
    return session.add(
        Override,
        subject=SUBJECT,
        code=change.calendar or "",
        field=str(change.kind),
        starts_on=change.first,
        ends_on=change.last,
        basis_sealed=basis,
        revision=revision,
        by_person=person,
        at=session.now,
    )


def sign(session: Session, row: Record, *, person: int | None) -> None:
    """Put a proposal into force. ConflictError where another decision came after its preview."""
    _step_on(session, row.revision)
    row.signed_at = session.now
    _audit(session, "calendar_sign", row, person)
    recounting.begin(session)


def undo(session: Session, row: Record, *, person: int | None) -> None:
    """End what is in force, if it still is. ConflictError where another decision comes at the same moment."""
    if row.undone_at is not None:
        return
    _step_on(session, session.moment.revision)
    row.undone_at, row.undone_by = session.now, person
    _audit(session, "calendar_undo", row, person)
    recounting.begin(session)


def _step_on(session: Session, seen: int) -> None:
    if not calendars.step_on(session.plan.connection, seen):
        raise ConflictError


def _audit(session: Session, action: str, row: Record, person: int | None) -> None:
    found = decided(session, row)
    payload: dict[str, Any] = {
        "override": row.id,
        "what": str(found.kind),
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "calendar": found.calendar,
        "basis": found.basis,
        "effect": row.effect,
    }
    session.audit(action, None, person=person, actor="staff" if person else CONSOLE, payload=payload)


def decided(session: Session, row: Record) -> Decided:
    """A row as what it says."""
    basis = session.vault.open_text("overrides.basis_sealed", row.id, row.basis_sealed) if row.basis_sealed else ""
    return Decided(
        id=row.id,
        kind=ChangeKind(row.field),
        first=row.starts_on,
        last=row.ends_on or row.starts_on,
        calendar=row.code or None,
        basis=basis,
        signed_at=row.signed_at,
        undone_at=row.undone_at,
    )


def in_force(session: Session, most: int) -> tuple[Decided, ...]:
    """What is in force, the newest first."""
    rows = session.plan.fetch(Override, recounts.IN_FORCE, {"subject": SUBJECT, "most": most})
    return tuple(decided(session, row) for row in rows)
