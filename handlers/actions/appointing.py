"""/undang: what administrators decide about posts, leaves and groups. Looked at first, done by one tap, taken back.

Each act is a row of `overrides`, which says what it stood on when it was proposed (`effect`) and what it made and ended
(`value`). Whoever signs holds the lock of what it is about; where that is not as it was, they look again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from domain.region import title
from domain.vocabulary import HoldingKind, Role
from handlers.actions import people
from handlers.actions.post import Letter, reply, to_person
from handlers.actions.views import is_admin
from handlers.flows.cases import Settled, Sitting
from handlers.flows.effects import ProposeAct, SignAct, UndoAct
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import moment, noon
from storage.plan import Record
from storage.queries import people as queries
from storage.queries import recounts
from storage.tables import Address, Group, Holding, Invitation, Leave, Override, Person, PostRow

#: What these decisions are filed under.
SUBJECT = "post"


class RefusedError(RuntimeError):
    """An act is not done; `why` is a word that officer/act_refused knows."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Stands(NamedTuple):
    """What an act stands on: rows that must be there and no others, and codes that may lapse but not be more."""

    rows: tuple[int, ...]
    codes: tuple[int, ...] = ()

    def still(self, now: Stands) -> bool:
        return self.rows == now.rows and set(now.codes) <= set(self.codes)


class Act(NamedTuple):
    """One kind of act. `stands` locks what it is about; `do` says what it made and ended; `undo` whether it could."""

    stands: Callable[[Session, Record], Stands]
    do: Callable[[Session, Record], dict[str, Any]]
    undo: Callable[[Session, Record], bool]


# --- in the chat


def propose(session: Session, effect: ProposeAct) -> None:
    """Write an act down and show what it would do: one tap does it."""
    assert session.writing is not None
    person = session.writing.person.id
    try:
        row = write_down(session, effect, person)
    except RefusedError as refused:
        reply(session, Reply("officer/act_refused", {"why": refused.why}))
        return
    sign = Choice("sign_act", (str(row.id),))
    ends = effect.what in ("end_holding", "hand_over", "unbind")  # the safe choice comes first
    choices = (Choice("cancel"), sign) if ends else (sign, Choice("cancel"))
    reply(session, Reply("officer/act_preview", _shown(session, row), choices))


def write_down(session: Session, effect: ProposeAct, person: int) -> Record:
    """A proposal, and what it stands on. RefusedError where it cannot be done as things are."""
    _check(session, effect, person)
    row = session.add(
        Override,
        subject=SUBJECT,
        code=effect.code,
        field=effect.what,
        value=dict(effect.paper),
        starts_on=date.fromisoformat(effect.first) if effect.first else session.today,
        ends_on=date.fromisoformat(effect.last) if effect.last else None,
        basis_sealed=effect.decree,
        by_person=person,
        at=session.now,
    )
    row.effect = _ACTS[effect.what].stands(session, row)._asdict()
    return row


def sign_tapped(session: Session, effect: SignAct) -> None:
    """The tap under a preview."""
    assert session.writing is not None
    person = session.writing.person.id
    row = session.plan.locked(Override, effect.override)
    if row is None or row.subject != SUBJECT or row.by_person != person:
        reply(session, Reply("officer/act_refused", {"why": "forgotten"}))
        return
    if row.signed_at is not None:
        _show_done(session, row)
        return
    try:
        code = sign(session, row, person)
    except RefusedError as refused:
        reply(session, Reply("officer/act_refused", {"why": refused.why}))
        return
    if code is None:
        _show_done(session, row)
    else:
        _show_code(session, row, code)


def sign(session: Session, row: Record, person: int) -> str | None:
    """Do what was proposed; returns the code that it made, which is kept nowhere. RefusedError with the reason."""
    act = _ACTS[row.field]
    now = act.stands(session, row)
    seen = Stands(tuple(row.effect["rows"]), tuple(row.effect["codes"]))
    _check(session, _proposed(row), person)
    if not seen.still(now):
        raise RefusedError("conflict")
    done = act.do(session, row)
    code: str | None = done.pop("code", None)
    row.value, row.signed_at = {**row.value, **done}, session.now
    _audit(session, f"post_{row.field}", row, person)
    return code


def undo_tapped(session: Session, effect: UndoAct) -> None:
    """Take an act back, if what it made is as it left it."""
    assert session.writing is not None
    person = session.writing.person.id
    row = session.plan.locked(Override, effect.override)
    if row is None or row.subject != SUBJECT or row.signed_at is None or not is_admin(session, person):
        reply(session, Reply("officer/act_refused", {"why": "forgotten"}))
        return
    act = _ACTS[row.field]
    act.stands(session, row)
    if row.undone_at is None:
        if not act.undo(session, row):
            reply(session, Reply("officer/act_refused", {"why": "too_late"}))
            return
        row.undone_at, row.undone_by = session.now, person
        _audit(session, "post_undo", row, person)
    _show_done(session, row)


def _proposed(row: Record) -> ProposeAct:
    """What a row proposes to do, and about what."""
    return ProposeAct(row.field, row.code, row.value)


def _check(session: Session, act: ProposeAct, person: int) -> None:
    """Whether an act may be done at all, whatever it stands on."""
    about_post = act.what in ("appoint", "hand_over", "end_holding")
    if not is_admin(session, person) or (about_post and act.code not in session.region.posts):
        raise RefusedError("forgotten")
    if act.what in ("hand_over", "end_holding") and not _leaves_an_admin(session, act):
        raise RefusedError("last_admin")


def _leaves_an_admin(session: Session, act: ProposeAct) -> bool:
    """Whether somebody who can be reached still administers the town when these holdings are over."""
    if session.region.posts[act.code].role is not Role.ADMIN:
        return True
    ended = {one.id for one in _ending(session, act)}
    reached = {found.person_id for found in session.plan.rows(queries.REACHABLE)}
    return any(
        one.id not in ended and one.person in reached
        for one in sittings(session)
        if one.post in _admin_posts(session) and one.since <= session.today
    )


def _admin_posts(session: Session) -> tuple[str, ...]:
    return tuple(sorted(post.code for post in session.region.posts.values() if post.role is Role.ADMIN))


def _audit(session: Session, action: str, row: Record, person: int) -> None:
    payload = {"override": row.id, "what": row.field, "about": row.code, **row.value}
    session.audit(action, None, person=person, actor="staff", payload=payload)


# --- what is shown


def _shown(session: Session, row: Record) -> dict[str, Any]:
    """An act as its pages tell it."""
    value, region = row.value, session.region
    post = region.posts.get(row.code)
    unit = region.units.get(post.unit if post else row.code)
    decree = session.vault.open_text("overrides.basis_sealed", row.id, row.basis_sealed) if row.basis_sealed else None
    held = post is not None and row.field != "stand_in" and row.signed_at is None
    return {
        "what": row.field,
        "post": title(post, HoldingKind(value["kind"]) if value.get("kind") else None) if post else row.code,
        "unit": unit.name if unit else row.code,
        "kind": value.get("kind"),
        "since": noon(row.starts_on),
        "until": noon(row.ends_on),
        "decree": decree,
        "holders": [_holder(one) for one in _ending(session, _proposed(row))] if held else [],
        "codes": len((row.effect or {}).get("codes", ())),
        "instead": value.get("instead"),
    }


def _holder(one: Sitting) -> dict[str, Any]:
    return {"kind": str(one.kind), "since": noon(one.since), "until": noon(one.until)}


def _show_done(session: Session, row: Record) -> None:
    undone = row.undone_at is not None
    choices = () if undone else (Choice("undo_act", (str(row.id),)),)
    reply(session, Reply("officer/act_done", {**_shown(session, row), "undone": undone}, choices))


def _show_code(session: Session, row: Record, code: str) -> None:
    """The one page that has the code; its facts are erased as soon as it is sent."""
    invitation = session.plan.one(Invitation, row.value["made"])
    assert invitation is not None
    bot, number = people.doors(session)
    shown = {**_shown(session, row), "code": code, "bot": bot, "number": number}
    shown["expires"] = moment(invitation.expires_at)
    reply(session, Reply("officer/act_code", shown, (Choice("undo_act", (str(row.id),)),)))


def settled(session: Session, most: int) -> tuple[Settled, ...]:
    """What was decided and not taken back, the newest first."""
    rows = session.plan.fetch(Override, recounts.IN_FORCE, {"subjects": [SUBJECT], "most": most})
    return tuple(Settled(row.id, row.field, row.code, row.signed_at) for row in rows)


def sittings(session: Session) -> tuple[Sitting, ...]:
    """Who holds what, today or later."""
    rows = session.plan.rows(queries.NOT_OVER, {"today": session.today})
    return tuple(
        Sitting(row.id, row.person_id, row.post_code, HoldingKind(row.kind), row.starts_on, row.ends_on, row.decree)
        for row in rows
    )


# --- posts


def _of_post(session: Session, row: Record) -> Stands:
    """A post's holdings and open codes; who decides about an administrator's holds the locks of all of them."""
    admins = _admin_posts(session)
    for code in admins if row.code in admins else (row.code,):
        session.plan.locked(PostRow, code)
    found = session.plan.fetch(Holding, queries.TO_REVOKE, {"post": row.code, "today": session.today})
    codes = session.plan.fetch(Invitation, queries.OPEN_INVITATIONS, {"post": row.code, "real": session.moment.real})
    return Stands(tuple(sorted(one.id for one in found)), tuple(sorted(one.id for one in codes)))


def _ending(session: Session, act: ProposeAct) -> list[Sitting]:
    """The holdings that an act ends: all of the post, or those of the person whose holding was named."""
    person = act.paper.get("person") if act.what == "end_holding" else None
    return [one for one in sittings(session) if one.post == act.code and person in (None, one.person)]


def _appoint(session: Session, row: Record) -> dict[str, Any]:
    code, invitation = people.invite(session, row.code, **_paper(session, row))
    return {"made": invitation.id, "code": code}


def _hand_over(session: Session, row: Record) -> dict[str, Any]:
    ended = [one.id for one in people.revoke(session, row.code)]
    return {**_appoint(session, row), "ended": ended}


def _end_holding(session: Session, row: Record) -> dict[str, Any]:
    return {"ended": [one.id for one in people.revoke(session, row.code, person=row.value["person"])]}


def _paper(session: Session, row: Record) -> dict[str, Any]:
    decree = session.vault.open_text("overrides.basis_sealed", row.id, row.basis_sealed) if row.basis_sealed else None
    return {"kind": HoldingKind(row.value["kind"]), "ends_on": row.ends_on, "decree": decree}


def _uninvite(session: Session, row: Record) -> bool:
    """The code is void; one that was used is a holding, which is ended, not undone."""
    invitation = session.plan.locked(Invitation, row.value["made"])
    if invitation is None or invitation.used_at is not None:
        return False
    invitation.expires_at = session.moment.real
    return True


def _hold_again(session: Session, row: Record) -> bool:
    """The ended holdings hold again, if nobody has come in since."""
    before = set(row.effect["rows"])
    now = session.plan.fetch(Holding, queries.TO_REVOKE, {"post": row.code, "today": session.today})
    if any(one.id not in before for one in now) or ("made" in row.value and not _uninvite(session, row)):
        return False
    for key in sorted(row.value["ended"]):
        holding = session.plan.locked(Holding, key)
        if holding is not None:
            holding.revoked_at = None
    return True


# --- leaves


def _of_leave(session: Session, row: Record) -> Stands:
    """What a person holds, the leaves that are noted, and that the substitute is still there."""
    session.plan.locked(Person, row.value["person"])
    held = {one.id for one in sittings(session) if one.person in (row.value["person"], row.value["substitute"])}
    return Stands(tuple(sorted(held | {leave.id for leave in _leaves(session, row)})))


def _leaves(session: Session, row: Record) -> list[Record]:
    return session.plan.fetch(Leave, queries.LEAVES_OF, {"person": row.value["person"], "today": session.today})


def _stand_in(session: Session, row: Record) -> dict[str, Any]:
    """The leave is noted with its substitute, in the place of what was noted of these days."""
    over = [one for one in _leaves(session, row) if one.starts_on <= row.ends_on and one.ends_on >= row.starts_on]
    for leave in over:
        leave.revoked_at = session.now
    made = session.add(
        Leave,
        person_id=row.value["person"],
        substitute_id=row.value["substitute"],
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        created_at=session.moment.real,
    )
    days = {"since": noon(row.starts_on), "until": noon(row.ends_on)}
    posts = [session.title_of(held.post) for held in session.held_by(row.value["person"])]
    told = Letter(f"leave:{made.id}:{made.substitute_id}", "officer/substituting", {"posts": posts, **days})
    to_person(session, made.substitute_id, told)
    own = {"instead": row.value["instead"], **days}
    to_person(session, made.person_id, Letter(f"leave:{made.id}:{made.person_id}", "officer/leave_told", own))
    return {"made": made.id, "ended": [one.id for one in over]}


def _as_before(session: Session, row: Record) -> bool:
    leave = session.plan.locked(Leave, row.value["made"])
    if leave is None or leave.revoked_at is not None or leave.ends_on < session.today:
        return False
    leave.revoked_at = session.now
    for key in sorted(row.value["ended"]):
        before = session.plan.locked(Leave, key)
        if before is not None:
            before.revoked_at = None
    return True


# --- groups


def _of_unit(session: Session, row: Record) -> Stands:
    found = [session.plan.locked(Group, one.id) for one in _bound(session, row)]
    return Stands(tuple(one.id for one in found if one is not None))


def _bound(session: Session, row: Record) -> list[Record]:
    return session.plan.fetch(Group, queries.GROUPS_BOUND, {"unit": row.code})


def _unbind(session: Session, row: Record) -> dict[str, Any]:
    ended = _bound(session, row)
    for group in ended:
        group.ended_at = session.moment.real
    return {"ended": [group.id for group in ended]}


def _bind_again(session: Session, row: Record) -> bool:
    """Groups that nobody has bound since, and in which the bot still is, hear bells again."""
    found = [session.plan.locked(Group, key) for key in sorted(row.value["ended"])]
    back = [group for group in found if group is not None and _waits(session, row, group)]
    for group in back:
        group.ended_at = None
    return bool(back)


def _waits(session: Session, row: Record, group: Record) -> bool:
    address = session.plan.one(Address, group.address_id)
    ours = group.ended_at is not None and group.unit_code == row.code
    return ours and address is not None and address.state == "alive"


_ACTS = {
    "appoint": Act(_of_post, _appoint, _uninvite),
    "hand_over": Act(_of_post, _hand_over, _hold_again),
    "end_holding": Act(_of_post, _end_holding, _hold_again),
    "stand_in": Act(_of_leave, _stand_in, _as_before),
    "unbind": Act(_of_unit, _unbind, _bind_again),
}
