"""A visit to a unit: how it stands, on one screen; and what was found there, which comes up again on its day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from domain.access import looks_over
from domain.digest import Seen
from domain.figures import masked
from domain.region import Region
from domain.services import Component
from domain.vocabulary import OPEN_STATES, Held, Kind, State
from handlers.actions.overview import seen_of
from handlers.actions.post import Letter, reply, to_post
from handlers.actions.views import actor_of
from handlers.flows.effects import RecordFinding
from handlers.flows.needs import BriefOf
from handlers.flows.overviews import Brief
from handlers.messages import Reply
from handlers.session import Session
from handlers.shown import matter_names, moment, noon
from storage.plan import Record
from storage.queries import digests, watching
from storage.tables import Finding

#: How far back the brief looks for what a unit is asked about, and how much of it is named.
_RECENT = timedelta(days=90)
_MOST_MATTERS, _MOST_FINDINGS = 3, 3
#: Findings that come up again in one transaction.
BATCH = 50
_ALIVE = frozenset(str(state) for state in OPEN_STATES | {State.WAITING_CITIZEN})


def brief(session: Session, need: BriefOf) -> Brief | None:
    """The page, through the access rules of the post that looks over the unit; a missing standard is called missing."""
    held = overseer(session, need.person, need.unit)
    if held is None:
        return None
    seen = _cases(session, need.person, held, need.unit)
    facts = {
        "unit": session.region.units[need.unit].name,
        "at": moment(session.now),
        "open": sum(case.is_open for case in seen),
        "late": sum(case.is_late(session.now) for case in seen),
        "waiting": sum(case.state is State.WAITING_CITIZEN for case in seen),
        "refused": sum(case.is_open and case.refusals > 0 for case in seen),
        "matters": _matters(session, seen),
        "shielded": masked(sum(case.is_shielded and case.is_open for case in seen)),
        "standards": _standards(session.region, need.unit),
        "findings": [_finding(session, row) for row in _findings(session, need.unit)],
    }
    return Brief(facts, may_find=held.unit != need.unit)


def _standards(region: Region, unit: str) -> dict[str, Any]:
    """How much of the unit's standards is written, and of how many services each component is missing."""
    services = region.services_of(unit)
    missing = Counter(component for service in services for component in service.missing)
    return {
        "services": len(services),
        "filled": len(services) * len(Component) - missing.total(),
        "of": len(services) * len(Component),
        "missing": [{"component": str(part), "count": missing[part]} for part in Component if missing[part]],
    }


def overseer(session: Session, person: int, unit: str) -> Held | None:
    """The post under which a person looks over a unit, one from outside before the own head's."""
    if unit not in session.region.units:
        return None
    above = frozenset(session.region.ancestors(unit))
    found = [held for held in session.held_by(person) if looks_over(held, unit, above)]
    return min(found, key=lambda held: held.unit == unit, default=None)


def _cases(session: Session, person: int, held: Held, unit: str) -> list[Seen]:
    scope = digests.overseen(actor_of(session, person), held, session.region)
    statement = watching.of_units(scope, session.region.within(unit), _ALIVE, session.now - _RECENT)
    return seen_of(session, [row for row in session.plan.rows(statement) if row.kind != Kind.LETTER])


def _matters(session: Session, seen: Iterable[Seen]) -> list[dict[str, Any]]:
    """What citizens came with most; a case that somebody hides is in no such line, however many there are."""
    since = session.now - _RECENT
    came = Counter(case.matter for case in seen if case.matter and not case.is_shielded and case.received_at >= since)
    most = sorted(came.items(), key=lambda item: (-item[1], item[0]))[:_MOST_MATTERS]
    return [{"matter": matter_names(code, session.region), "count": count} for code, count in most]


def _findings(session: Session, unit: str) -> list[Record]:
    return session.plan.fetch(Finding, watching.FINDINGS, {"unit": unit, "most": _MOST_FINDINGS})


def _finding(session: Session, row: Record) -> dict[str, Any]:
    return {
        "day": noon(row.found_on),
        "post": session.title_of(row.post_code) if row.post_code in session.region.posts else None,
        "text": _words(session, row),
        "follow_up": noon(row.follow_up_on),
    }


def _words(session: Session, row: Record) -> str:
    return session.vault.open_text("findings.text_sealed", row.id, row.text_sealed) if row.text_sealed else ""


def record(session: Session, effect: RecordFinding) -> None:
    """What a visit found is kept with its day, and comes up again on the morning that was named."""
    assert session.writing is not None
    person = session.writing.person.id
    held = overseer(session, person, effect.unit)
    if held is None or held.unit == effect.unit:
        reply(session, Reply("officer/not_found"))
        return
    day = date.fromisoformat(effect.follow_up) if effect.follow_up else None
    row = session.add(
        Finding,
        unit_code=effect.unit,
        post_code=held.post,
        person_id=person,
        text_sealed=effect.text,
        found_on=session.today,
        follow_up_on=day,
        remind_at=_morning(session, day, effect.unit, held) if day else None,
        at=session.now,
    )
    payload = {"finding": row.id, "unit": effect.unit, "follow_up": effect.follow_up}
    session.audit("finding", None, person=person, actor="staff", payload=payload)
    shown = {"unit": session.region.units[effect.unit].name, "until": noon(day)}
    reply(session, Reply("supervisor/finding_kept", shown))


def _morning(session: Session, day: date, unit: str, held: Held) -> datetime:
    """The first opening from a day on at which both work: the unit, and whoever was there."""
    both = (session.region.calendar_of(unit), session.region.calendar_of(held.unit))
    while not all(calendar.is_working(day) for calendar in both):
        day += timedelta(days=1)
    return max(calendar.opening(day) for calendar in both)


def remind_due(session: Session) -> int:
    """Let findings whose day has come speak: to the post that found, and to the head of the unit."""
    keys = [row.id for row in session.plan.rows(watching.TO_REMIND, {"now": session.now, "most": BATCH})]
    rows = [row for key in keys if (row := session.plan.locked(Finding, key)) is not None]
    for row in rows:
        if row.reminded_at is None:
            row.reminded_at = session.now
            _remind(session, row)
    return len(keys)


def _remind(session: Session, row: Record) -> None:
    head = session.region.head_of(row.unit_code)
    shown = {"unit": session.region.units[row.unit_code].name, **_finding(session, row)}
    for post in dict.fromkeys((row.post_code, *((head.code,) if head else ()))):
        if post in session.region.posts:
            to_post(session, post, Letter(f"finding:{row.id}:{post}", "supervisor/finding", shown))
