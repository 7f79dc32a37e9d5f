"""/kalender and /atur: what the town decides over its files. Proposed, looked at, signed, undone; each of them once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.decisions import DECIDED, MOVING, SUBJECTS, Decision, Subject, UnfitError, put_over
from domain.region import Region
from handlers.actions import recounting
from handlers.actions.letters import Letter
from handlers.actions.post import reply, to_person
from handlers.actions.views import is_admin
from handlers.flows.decided import Decided
from handlers.flows.effects import Propose, SignDecision, UndoDecision
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import decision_facts, decision_preview, undo_choice
from storage import overrides
from storage.places import mirror_region
from storage.plan import Record
from storage.queries import recounts
from storage.tables import Override, Work

#: The work that finds out what a proposal would do to open cases.
PREVIEW = "decision_preview"
#: Who signs at the console of the machine: the operator, whom the record knows as no person.
CONSOLE = "console"


class ConflictError(RuntimeError):
    """Somebody else decided something in between: look again before you sign."""


# --- in the chat


def propose(session: Session, effect: Propose) -> None:
    """Write a proposal down and show what it would do; what that is for open cases is worked out beside."""
    assert session.writing is not None
    person = session.writing.person.id
    if not is_admin(session, person):
        reply(session, Reply("officer/decision_refused"))
        return
    try:
        put_over(session.region, effect.decision)
    except UnfitError as error:
        _say_unfit(session, error)
        return
    row = write_down(session, effect.decision, effect.basis, session.moment.revision, person)
    if effect.decision.subject in MOVING:
        session.add(Work, key=f"{PREVIEW}:{row.id}", kind=PREVIEW, subject={"override": str(row.id)})
        reply(session, Reply("officer/decision_counting"))
    else:
        reply(session, Reply("officer/decision_preview", _preview(session, row, None), _to_sign(row)))


def show_effect(session: Session, override: int, effect: recounting.Effect, revision: int) -> None:
    """What a proposal would do to open cases, for whoever made it: one tap does it."""
    row = _written(session, override)
    if row is None or row.signed_at is not None or row.by_person is None:
        return
    row.effect, row.revision = effect.facts(), revision
    shown = _preview(session, row, effect.facts())
    to_person(session, row.by_person, Letter(f"decision:{row.id}", "officer/decision_preview", shown, _to_sign(row)))


def _preview(session: Session, row: Record, effect: dict[str, Any] | None) -> dict[str, Any]:
    return {**decision_preview(decided(session, row), session.region), "effect": effect}


def _to_sign(row: Record) -> tuple[Choice, ...]:
    return (Choice("decision_sign", (str(row.id),)), Choice("cancel"))


def sign_tapped(session: Session, effect: SignDecision) -> None:
    """The tap under a preview."""
    assert session.writing is not None
    person = session.writing.person.id
    row = _written(session, effect.override)
    if not is_admin(session, person) or row is None or row.by_person != person:
        reply(session, Reply("officer/decision_refused"))
    elif row.signed_at is not None:
        _show_set(session, row)
    else:
        _decide(session, row, sign, person)


def undo_tapped(session: Session, effect: UndoDecision) -> None:
    """Take a decision back: the files, and what else was decided, hold again."""
    assert session.writing is not None
    person = session.writing.person.id
    row = _written(session, effect.override)
    if not is_admin(session, person) or row is None or row.signed_at is None:
        reply(session, Reply("officer/decision_refused"))
    else:
        _decide(session, row, undo, person)


def _written(session: Session, override: int) -> Record | None:
    """A decision, to be changed; what else is kept beside them is none."""
    row = session.plan.locked(Override, override)
    return row if row is not None and row.subject in SUBJECTS else None


def _decide(session: Session, row: Record, change: Callable[..., None], person: int) -> None:
    """Sign or undo, and show how it stands; where somebody else decided in between, nothing is done."""
    try:
        change(session, row, person=person)
    except ConflictError:
        reply(session, Reply("officer/decision_conflict"))
    except UnfitError as error:
        _say_unfit(session, error)
    else:
        _show_set(session, row)


def _show_set(session: Session, row: Record) -> None:
    found = decided(session, row)
    undone = row.undone_at is not None
    counted = found.decision.subject in MOVING
    shown = {**decision_facts(found, session.region), "undone": undone, "counted": counted}
    reply(session, Reply("officer/decision_set", shown, () if undone else (undo_choice(found, session.region),)))


def _say_unfit(session: Session, error: UnfitError) -> None:
    reply(session, Reply("officer/decision_unfit", {"why": error.why, "about": error.about}))


# --- wherever it is decided


def write_down(session: Session, decision: Decision, basis: str, revision: int, person: int | None) -> Record:
    """A proposal, and the state of the town's decisions that its effect was worked out for."""
    return session.add(
        Override,
        subject=str(decision.subject),
        code=decision.code,
        field=decision.what,
        value=dict(decision.value) or None,
        starts_on=decision.first,
        ends_on=decision.last,
        basis_sealed=basis or None,
        revision=revision,
        by_person=person,
        at=session.now,
    )


def sign(session: Session, row: Record, *, person: int | None) -> None:
    """Put a proposal into force. ConflictError where another decision came after its preview, UnfitError where it does
    not fit the files any more."""
    decision = overrides.decision_of(row)
    if row.revision != session.moment.revision:  # before the region is asked: it knows what came between
        raise ConflictError
    then = put_over(session.region, decision)
    _step_on(session, row.revision)
    row.signed_at = session.now
    _audit(session, "sign", row, person)
    _follow(session, decision, then)


def undo(session: Session, row: Record, *, person: int | None) -> None:
    """End what is in force, if it still is. ConflictError where another decision comes at the same moment, UnfitError
    for a place that others refer to by now."""
    if row.undone_at is not None:
        return
    decision = overrides.decision_of(row)
    _keep_what_is_used(session, decision)
    _step_on(session, session.moment.revision)
    row.undone_at, row.undone_by = session.now, person
    _audit(session, "undo", row, person)
    _follow(session, decision, _without(session.region, decision))


def _follow(session: Session, decision: Decision, then: Region) -> None:
    """What has to be done besides: open cases are counted anew, and the record gets to know a unit."""
    if decision.subject in MOVING:
        recounting.begin(session)
    if decision.subject is Subject.UNIT:
        mirror_region(session.plan.connection, then)


def _without(region: Region, decision: Decision) -> Region:
    """The region without a unit that was decided; one that stands in the files by now stays."""
    if not _is_made(region, decision):
        return region
    units = {code: one for code, one in region.units.items() if code != decision.code}
    posts = {code: post for code, post in region.posts.items() if post.unit != decision.code}
    return replace(region, units=units, posts=posts)


def _is_made(region: Region, decision: Decision) -> bool:
    """Whether there is a unit because of this decision."""
    made = region.units.get(decision.code) if decision.subject is Subject.UNIT else None
    return made is not None and made.source == DECIDED


def _keep_what_is_used(session: Session, decision: Decision) -> None:
    """A unit that has cases, holders or parts cannot be unmade, nor an area in which one lies that was decided."""
    region, code = session.region, decision.code
    if _is_made(region, decision):
        used = any(session.plan.rows(mention, {"unit": code}) for mention in overrides.MENTIONS)
        if used or code in region.children:
            raise UnfitError("in_use", region.units[code].name)
    if decision.subject is Subject.AREA and decision.what == "new":
        _keep_area(region, code)


def _keep_area(region: Region, code: str) -> None:
    for one in region.units.values():
        if one.area == code and one.source == DECIDED:
            raise UnfitError("in_use", one.name)


def _step_on(session: Session, seen: int) -> None:
    if not overrides.step_on(session.plan.connection, seen):
        raise ConflictError


def _audit(session: Session, act: str, row: Record, person: int | None) -> None:
    found = decided(session, row)
    decision = found.decision
    payload: dict[str, Any] = {
        "override": row.id,
        "code": decision.code,
        "what": decision.what,
        "value": dict(decision.value),
        "first": decision.first.isoformat(),
        "last": decision.last.isoformat() if decision.last else None,
        "basis": found.basis,
        "effect": row.effect,
    }
    action = f"{decision.subject}_{act}"
    session.audit(action, None, person=person, actor="staff" if person else CONSOLE, payload=payload)


def decided(session: Session, row: Record) -> Decided:
    """A row as what it says."""
    basis = session.vault.open_text("overrides.basis_sealed", row.id, row.basis_sealed) if row.basis_sealed else ""
    return Decided(overrides.decision_of(row), basis, row.signed_at, row.undone_at)


def in_force(session: Session, subjects: tuple[Subject, ...], most: int) -> tuple[Decided, ...]:
    """What is in force of some subjects, the newest first."""
    rows = session.plan.fetch(Override, recounts.IN_FORCE, {"subjects": list(map(str, subjects)), "most": most})
    return tuple(decided(session, row) for row in rows)
