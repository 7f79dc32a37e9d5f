"""The same complaint twice by one person: the confirmation names the case that is open already, and offers to add."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.borders import NOWHERE
from domain.placing import spot_of_place
from domain.understanding.alike import RECENT, Told, is_same
from domain.understanding.reading import Reading, read
from domain.vocabulary import Kind
from handlers.flows.cases import Case, Summary
from handlers.flows.citizen.belonging import joinable
from handlers.flows.needs import MyCase
from handlers.messages import Ask, Draft, Facts
from handlers.shown import matter_names, moment

#: So many of the newest open cases are looked at.
LOOKED_AT = 3


def told_before(draft: Draft, reading: Reading, area: str | None, facts: Facts) -> Case | Ask | None:
    """The own open case that the draft tells again; Ask for the stories that may be the same; None for a new thing.

    `area`: where the draft happened.
    """
    if draft.kind not in (None, Kind.COMPLAINT):
        return None
    needs = tuple(MyCase(facts.person, case.id) for case in _likely(draft, reading, facts))
    missing = tuple(need for need in needs if need not in facts.known)
    if missing:
        return Ask(missing)
    now = Told(draft.story, reading.matter, area)
    cases = (facts[need] for need in needs)
    return next((case for case in cases if case and is_same(now, _told(case, facts), facts.region.lexicon)), None)


def _likely(draft: Draft, reading: Reading, facts: Facts) -> Iterator[Summary]:
    """The own open cases of late that this chat may show, and that are about the same as far as their rows say."""
    recent = [case for case in joinable(draft, facts) if facts.now - case.received_at <= RECENT]
    about = (case for case in recent if case.matter == reading.matter or None in (case.matter, reading.matter))
    return (case for case, _ in zip(about, range(LOOKED_AT), strict=False))


def _told(case: Case, facts: Facts) -> Told:
    """What the citizen has told of a case, what was added included."""
    parts = [part for part in case.thread if part.author == "citizen"]
    words = "\n".join(part.text for part in parts if part.kind != "place")
    places = (spot_of_place(part.text, facts.region) for part in parts if part.kind == "place")
    spot = next((spot for spot in places if spot != NOWHERE), None) or read(words, facts.region).spot
    return Told(words, case.matter, spot.area)


def again_facts(case: Case, facts: Facts) -> dict[str, Any]:
    """The open case as the confirmation speaks of it."""
    names = matter_names(case.matter, facts.region)
    return {
        "number": case.number,
        "kind": str(case.view.kind),
        "matter": names,
        "received_at": moment(case.received_at),
    }
