"""Cases as page facts: plain JSON values that still render after an upgrade. Moments are ISO strings in UTC."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from domain.decisions import Decision, Subject
from domain.region import Body, Region
from domain.services import Component, Promise, Service
from domain.understanding.services import differences
from domain.vocabulary import Kind, State
from handlers.flows.cases import Case, Contribution, LetterSeen, Summary
from handlers.flows.decided import Decided
from handlers.messages import Choice


def moment(value: datetime | None) -> str | None:
    """A moment as a fact."""
    return value.isoformat() if value else None


def noon(day: str | date | None) -> str | None:
    """A day as a fact: a moment that is that day in every zone of Indonesia."""
    return f"{day}T05:00:00+00:00" if day else None


def matter_names(code: str | None, region: Region) -> dict[str, str]:
    """A matter's name in every language; empty where the matter is not known."""
    matter = region.matters.get(code or "")
    return dict(matter.name) if matter else {}


def roads(kind: str, region: Region, reported: str | None = None) -> list[dict[str, str]]:
    """The ways outside the local government, named on each page about an accusation for its citizen, and wherever the
    unit that is reported stands above whoever reads; else none."""
    if kind != Kind.OVERSIGHT and not region.is_above_readers(reported):
        return []
    return [{"name": name, "contact": at} for name, at in region.outside.items()]


def body_facts(body: Body) -> dict[str, Any]:
    """A body outside: its name, and how to reach it."""
    return {"name": dict(body.name), "where": dict(body.where), "contact": body.contact}


def _body(case: Case, region: Region) -> dict[str, Any] | None:
    """The body that a case was referred to; None for one that has come back."""
    body = region.bodies.get(case.referred_to or "") if case.view.state is State.REFERRED else None
    return body_facts(body) if body else None


def case_facts(case: Case, region: Region) -> dict[str, Any]:
    """A case for a page: whoever made the `Case` has asked the access rules."""
    return {
        "number": case.number,
        "state": str(case.view.state),
        "kind": str(case.view.kind),
        "identity": str(case.view.identity),
        "name": case.name,
        "unit": region.units[case.view.unit].name,
        "reported": region.units[case.reported].name if case.reported else None,
        "matter": matter_names(case.matter, region),
        "received_at": moment(case.received_at),
        "binding_by": moment(case.binding_by or case.first_response_by),
        "provisional": case.provisional,
        "moved_from": moment(case.moved_from),
        "moved_at": moment(case.moved_at),
        "taken": case.taken_by is not None,
        "taken_by_me": case.taken_by_me,
        "photos": list(case.photos),
        "voices": list(case.voices),
        "videos": list(case.videos),
        "waiting_since": moment(case.waiting_since),
        "days_paused": case.days_paused,
        "pauses": case.pauses,
        "missed_at": moment(case.missed_at),
        "postponed_until": noon(case.postponed_until),
        "refusals": case.refusals,
        "listening": case.listening,
        "heard": case.heard.text if case.heard else None,
        "roads": roads(case.view.kind, region, case.reported),
        "body": _body(case, region),
        "high": case.high,
        "explain_by": moment(case.explain_by),
        "letter": _letter(case.letter),
        "journey": [_leg(part, region) for part in case.thread if part.kind == "handover"],
        "thread": [
            {"author": part.author, "kind": part.kind, "text": part.text, "at": moment(part.at), "missed": part.missed}
            for part in case.thread
            if part.kind not in ("handover", "undone")
        ],
    }


def service_facts(service: Service, region: Region) -> dict[str, Any]:
    """A service and what is promised of it; None for a component that nobody has written."""
    giver = None if service.unit_kind else region.giver_of(service)
    places = (region.places[code] for code in service.places)
    return {
        "name": dict(service.name),
        "office": region.units[giver].name if giver else None,
        "unit_kind": service.unit_kind,
        "places": [{"name": place.name, "address": place.address} for place in places],
        "standard": {str(part): promise_facts(service.promises.get(part)) for part in Component},
    }


def promise_facts(promise: Promise | None) -> dict[str, Any] | None:
    """What a standard says of one component."""
    if promise is None:
        return None
    return {
        "text": list(promise.text),
        "tariffs": [{"what": tariff.what, "rupiah": tariff.rupiah} for tariff in promise.tariffs],
        "working_days": promise.working_days,
        "source": promise.source,
    }


def difference_facts(case: Case, region: Region) -> dict[str, Any] | None:
    """Where a case's story and the standard of its service do not say the same, for whoever reads the case."""
    found = differences(case.story, case.matter, region)
    if found is None:
        return None
    service, rows = found
    return {
        "service": dict(service.name),
        "rows": [
            {
                "component": str(row.component),
                "promise": promise_facts(row.promise),
                "said": list(row.said) if isinstance(row.said, tuple) else row.said,
            }
            for row in rows
        ],
    }


def _letter(letter: LetterSeen | None) -> dict[str, Any] | None:
    if letter is None:
        return None
    return {"reference": letter.reference, "dated": noon(letter.dated), "due": noon(letter.due)}


def _leg(part: Contribution, region: Region) -> dict[str, Any]:
    """One stretch of a ticket's way from desk to desk."""
    told: dict[str, str] = json.loads(part.text)
    names = {place: region.units[told[place]].name for place in ("from", "to") if told[place] in region.units}
    return {
        "from": told["from"],
        "to": told["to"],
        **names,
        "why": told["why"],
        "text": told["text"],
        "at": moment(part.at),
    }


def summary_facts(case: Summary, region: Region) -> dict[str, Any]:
    """A case as one line of a list."""
    return {
        "number": case.number,
        "state": case.state,
        "kind": case.kind,
        "unit": region.units[case.unit].name,
        "matter": matter_names(case.matter, region),
        "received_at": moment(case.received_at),
        "binding_by": moment(case.binding_by),
        "high": case.high,
    }


def decision_facts(found: Decided, region: Region) -> dict[str, Any]:
    """A decision for a page: what it is about by name, what it says, and from when to when."""
    one = found.decision
    return {
        "subject": str(one.subject),
        "what": one.what,
        "name": _subject_name(one, region),
        "said": str(one.value.get("words") or one.value.get("text") or ""),
        "since": noon(one.first),
        "until": noon(one.last or one.first),
        "year": one.first.year,
        "basis": found.basis,
    }


def decision_preview(found: Decided, region: Region) -> dict[str, Any]:
    """The same with what follows of it: the posts of a unit, where a place lies, the examples of a page."""
    one, value = found.decision, found.decision.value
    kind, page = region.unit_kinds.get(str(value.get("kind"))), region.pages.get(one.code)
    above = value.get("parent") or one.code.rpartition(".")[0]
    around = region.unit_names.get(above) or (region.areas[above].name if above in region.areas else "")
    return {
        **decision_facts(found, region),
        "code": one.code,
        "posts": [post.title for post in kind.posts_of(one.code, str(value["name"]))] if kind else [],
        "around": around,
        "matter": matter_names(value.get("matter"), region),
        "state": value.get("state"),
        "examples": page.examples if page else {},
    }


def undo_choice(found: Decided, region: Region) -> Choice:
    """The button that takes a decision back: it names the day, the words or the place."""
    one = found.decision
    says_day = one.subject is Subject.CALENDAR
    named = one.first.isoformat() if says_day else one.value.get("words") or _subject_name(one, region)
    return Choice("decision_undo", (str(one.row), str(named)))


def _subject_name(one: Decision, region: Region) -> str:
    """What a decision is about, as people call it."""
    known = region.areas[one.code].name if one.code in region.areas and one.subject is Subject.AREA else None
    if one.subject is Subject.AREA and one.what == "name":
        return f"{known or one.code} ({one.value.get('name')})"
    return str(one.value.get("name") or region.unit_names.get(one.code) or one.code)
