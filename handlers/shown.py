"""Cases as page facts: plain JSON values that still render after an upgrade. Moments are ISO strings in UTC."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from domain.region import Region
from handlers.flows.cases import Case, Contribution, Summary


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
        "journey": [_leg(part, region) for part in case.thread if part.kind == "handover"],
        "thread": [
            {"author": part.author, "kind": part.kind, "text": part.text, "at": moment(part.at), "missed": part.missed}
            for part in case.thread
            if part.kind not in ("handover", "undone")
        ],
    }


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
    }
