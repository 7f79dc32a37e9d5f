"""The answers to what turns need to know: one function per Need, each through the access rules where it is staff's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from domain.vocabulary import OPEN_STATES, HoldingKind, State
from handlers.actions import appointing, deciding, erasing, joining, pins, visiting
from handlers.actions.digests import recap
from handlers.actions.groups import groups_today
from handlers.actions.people import code_hash
from handlers.actions.views import message_text, opened_case, own_case, staff_case, staff_of, summary_of
from handlers.flows import needs
from handlers.flows.cases import Absence, Case, Colleague, JoinTry, Offered, Settled, Sitting, Staff, Summary
from handlers.flows.decided import Decided
from handlers.flows.overviews import Overview
from handlers.messages import Need
from handlers.session import Session
from storage import ids
from storage.plan import Record
from storage.queries import cases, people, talk
from storage.tables import Invitation, Leave, Message, Ticket


def answer(session: Session, need: Need[Any]) -> Any:
    """The answer to a need. KeyError is a fault of ours: a need that nobody can answer."""
    return _ANSWERS[type(need)](session, need)


def _waits(session: Session, need: needs.Waits) -> bool:
    return bool(session.plan.rows(talk.WAITING_FOR, {"person": need.person}))


def _my_cases(session: Session, need: needs.MyCases) -> tuple[Summary, ...]:
    return tuple(summary_of(row) for row in session.plan.fetch(Ticket, cases.OF_REPORTER, {"person": need.person}))


def _my_case(session: Session, need: needs.MyCase) -> Case | None:
    return own_case(session, need.person, session.plan.one(Ticket, need.ticket))


def _opened_case(session: Session, need: needs.OpenedCase) -> Case | None:
    return _joining(session, opened_case(session, session.plan.one(Ticket, need.ticket)))


def _joining(session: Session, case: Case | None) -> Case | None:
    """A case that its PIN has opened, and whether that may join this chat to its citizen's."""
    ticket = session.plan.one(Ticket, case.view.id) if case else None
    return replace(case, joins=joining.may_join_case(session, ticket)) if case and ticket else case


def _said(session: Session, need: needs.Said) -> str:
    row = session.plan.one(Message, need.message)
    return message_text(session, row) if row is not None else ""


def _case_by_pin(session: Session, need: needs.CaseByPin) -> Any:
    found = pins.try_pin(session, need.number, need.pin)
    return replace(found, case=_joining(session, found.case))


def _join_code(session: Session, need: needs.JoinCodeTyped) -> JoinTry | None:
    return joining.try_code(session, need.code)


def _invitation(session: Session, need: needs.InvitationFor) -> Offered | None:
    found = session.plan.fetch(Invitation, people.INVITATION, {"code": code_hash(session, need.code)})
    if not found or found[0].used_at is not None or found[0].expires_at <= session.moment.real:
        return None
    return Offered(found[0].id, found[0].post_code)


def _staff(session: Session, need: needs.StaffMember) -> Staff:
    return staff_of(session, need.person)


def _staff_case(session: Session, need: needs.StaffCase) -> Case | None:
    return staff_case(session, need.person, session.plan.one(Ticket, need.ticket))


def _staff_case_by_number(session: Session, need: needs.StaffCaseByNumber) -> Case | None:
    return staff_case(session, need.person, _numbered(session, need.number))


def _staff_case_by_link(session: Session, need: needs.StaffCaseByLink) -> Case | None:
    try:
        ticket = ids.from_text(need.link)
    except ValueError:
        return None
    return staff_case(session, need.person, session.plan.one(Ticket, ticket))


def _numbered(session: Session, number: str) -> Record | None:
    found = session.plan.fetch(Ticket, cases.BY_NUMBER, {"number": number})
    return found[0] if found else None


def _desk(session: Session, need: needs.Desk) -> tuple[Summary, ...]:
    actor = staff_of(session, need.person).actor
    if not actor.held:
        return ()
    states = [str(state) for state in sorted(OPEN_STATES | {State.WAITING_CITIZEN})]
    if need.late:
        states = [str(state) for state in sorted(OPEN_STATES)]
    own = [held.unit for held in actor.held]
    units = own if need.unit is None else session.region.within(need.unit) if need.within else [need.unit]
    late_at = session.now if need.late else None
    most = needs.ON_ONE_PAGE + 1
    statement = cases.desk_of(actor, session.region, states, sorted(units), limit=most, late_at=late_at)
    return tuple(summary_of(row, inside=True) for row in session.plan.fetch(Ticket, statement))


def _recap(session: Session, need: needs.Recap) -> tuple[Overview, ...]:
    return recap(session, need.person)


def _search(session: Session, need: needs.Search) -> tuple[Summary, ...]:
    actor = staff_of(session, need.person).actor
    if not actor.held:
        return ()
    calendar = session.calendar
    span = (calendar.at(need.day, time.min), calendar.at(need.day + timedelta(days=1), time.min)) if need.day else None
    statement = cases.found_by(actor, session.region, need.unit, need.matters, span, limit=need.most)
    return tuple(summary_of(row, inside=True) for row in session.plan.fetch(Ticket, statement))


def _my_leaves(session: Session, need: needs.MyLeaves) -> tuple[Absence, ...]:
    rows = session.plan.fetch(Leave, people.LEAVES_OF, {"person": need.person, "today": session.today})
    return tuple(Absence(row.id, row.starts_on, row.ends_on) for row in rows)


def _colleagues(session: Session, need: needs.Colleagues) -> tuple[Colleague, ...]:
    """The own units' posts first, then the heads above: whoever is there today, each once."""
    own = [held.unit for held in session.held_by(need.person)]
    above = [unit for code in own for unit in session.region.ancestors(code)]
    posts = [post.code for unit in own for post in session.region.posts_of.get(unit, ())]
    posts += [head.code for unit in above if (head := session.region.head_of(unit))]
    acting = session.acting()
    found: dict[int, Colleague] = {}
    for post in posts:
        for person in session.present_of(post):
            if person != need.person:
                found.setdefault(person, Colleague(person, post, acting.get(post, HoldingKind.DEFINITIVE)))
    return tuple(found.values())


def _acting(session: Session, need: needs.Acting) -> dict[str, HoldingKind]:
    return session.acting()


def _decisions(session: Session, need: needs.Decisions) -> tuple[Decided, ...]:
    return deciding.in_force(session, need.subjects, need.most)


def _sittings(session: Session, need: needs.Sittings) -> tuple[Sitting, ...]:
    return appointing.sittings(session)


def _settled_acts(session: Session, need: needs.SettledActs) -> tuple[Settled, ...]:
    return appointing.settled(session, need.most)


def _grouped_units(session: Session, need: needs.GroupedUnits) -> tuple[str, ...]:
    return groups_today(session)


_ANSWERS: dict[type[Need[Any]], Callable[[Session, Any], Any]] = {
    needs.Waits: _waits,
    needs.MyCases: _my_cases,
    needs.MyCase: _my_case,
    needs.Said: _said,
    needs.OpenedCase: _opened_case,
    needs.MyData: erasing.kept_of,
    needs.DataTerms: erasing.terms_of,
    needs.CaseByPin: _case_by_pin,
    needs.JoinCodeTyped: _join_code,
    needs.InvitationFor: _invitation,
    needs.StaffMember: _staff,
    needs.StaffCase: _staff_case,
    needs.StaffCaseByNumber: _staff_case_by_number,
    needs.StaffCaseByLink: _staff_case_by_link,
    needs.Desk: _desk,
    needs.BriefOf: visiting.brief,
    needs.Recap: _recap,
    needs.Search: _search,
    needs.MyLeaves: _my_leaves,
    needs.Colleagues: _colleagues,
    needs.Acting: _acting,
    needs.Decisions: _decisions,
    needs.Sittings: _sittings,
    needs.SettledActs: _settled_acts,
    needs.GroupedUnits: _grouped_units,
}
