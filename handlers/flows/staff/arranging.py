"""/atur: an administrator decides over the region's files - closed days, names, areas, units, answers, words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from domain import decisions
from domain.dates import days_in, typed
from domain.decisions import LONGEST_CLOSURE, LONGEST_NAME, LONGEST_WORDING, Subject
from domain.region import LONGEST_ANSWER, LONGEST_TITLE, TOPS
from domain.understanding.reading import read, unit_named
from handlers.flows.effects import Propose
from handlers.flows.needs import Decisions
from handlers.flows.staff.deciding import LONGEST_BASIS
from handlers.flows.staff.entrance import admin_turn
from handlers.flows.staff.forms import Answers, Field, Form, Option, register
from handlers.flows.staff.postponing import today
from handlers.flows.turns import Decision
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step
from handlers.shown import decision_facts, undo_choice

#: Decisions that the overview offers to undo, and a page of the list of all.
NEWEST, LISTED = 3, 8
_ALL = Decisions(tuple(Subject), most=200)
_PAGES = "citizen/"
Read = Callable[[str, Answers, Facts], Any]
About = Callable[[Answers, Facts], str]


def _decided(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (_ALL,)


@admin_turn("staff.command.atur", needs=_decided)
def overview(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What the town has decided, what it can decide, and the newest to be taken back."""
    found = facts[_ALL]
    shown = {"decided": [decision_facts(one, facts.region) for one in found[:LISTED]]}
    choices = (
        *(Choice(form.name) for form in _FORMS),
        *(undo_choice(one, facts.region) for one in found[:NEWEST]),
        *((Choice("decided", ("0",)),) if len(found) > NEWEST else ()),
    )
    return Step(Memory(), (Reply("officer/decisions", shown, choices),))


@admin_turn("staff.choice.decided", needs=_decided)
def listed(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """All that is in force, a page of it at a time, each to be taken back."""
    assert facts.chosen is not None
    first, found = int(facts.chosen.choice.args[0]), facts[_ALL]
    page = found[first : first + LISTED]
    shown = {"decided": [decision_facts(one, facts.region) for one in page]}
    more = (Choice("decided", (str(first + LISTED),)),) if len(found) > first + LISTED else ()
    choices = (*(undo_choice(one, facts.region) for one in page), *more)
    return Step(Memory(), (Reply("officer/decided", shown, choices),))


# --- how what is typed is read; None = asked once more


def _unit(said: str, answers: Answers, facts: Facts) -> str | None:
    """A unit by its code or by its name."""
    code = said.strip().upper()
    return code if code in facts.region.units else unit_named(said, facts.region)


def _days(said: str, answers: Answers, facts: Facts) -> list[str] | None:
    days = days_in(said, today(facts))
    is_span = days and days[0] <= days[-1] and (days[-1] - days[0]).days < LONGEST_CLOSURE
    return [days[0].isoformat(), days[-1].isoformat()] if is_span else None


def _line(longest: int, said: str) -> str | None:
    line = " ".join(said.split())
    return line if 0 < len(line) <= longest else None


def _name(said: str, answers: Answers, facts: Facts) -> str | None:
    return _line(LONGEST_NAME, said)


def _basis(said: str, answers: Answers, facts: Facts) -> str | None:
    return _line(LONGEST_BASIS, said)


def _title(said: str, answers: Answers, facts: Facts) -> str | None:
    return _line(LONGEST_TITLE, said)


def _answer_text(said: str, answers: Answers, facts: Facts) -> str | None:
    return said if 0 < len(said) <= LONGEST_ANSWER else None


def _wording_text(said: str, answers: Answers, facts: Facts) -> str | None:
    return said if 0 < len(said) <= LONGEST_WORDING else None


def _area_code(said: str, answers: Answers, facts: Facts) -> str | None:
    """A code of the ministry, or the name of an area that is known."""
    if re.fullmatch(r"[\d.]+", said):
        return said
    return _area(said, answers, facts)


def _area(said: str, answers: Answers, facts: Facts) -> str | None:
    wanted, areas = said.casefold(), facts.region.areas
    return said if said in areas else next((code for code, one in areas.items() if one.name.casefold() == wanted), None)


def _kind(said: str, answers: Answers, facts: Facts) -> str | None:
    """A kind of unit by its code, or as it is called in any language."""
    wanted = said.casefold()
    names = {code: {code, *(name.casefold() for name in kind.name.values())} for code, kind in _kinds(facts).items()}
    return next((code for code, called in names.items() if wanted in called), None)


def _kinds(facts: Facts) -> Mapping[str, Any]:
    return {code: kind for code, kind in facts.region.unit_kinds.items() if code not in TOPS}


def _usual_kinds(said: str, answers: Answers, facts: Facts) -> Sequence[Option]:
    """The kinds of which there are most units, first."""
    many = Counter(unit.kind for unit in facts.region.units.values())
    kinds = sorted(_kinds(facts).items(), key=lambda one: -many[one[0]])
    return [Option(code, kind.name.get(facts.language, code)) for code, kind in kinds]


def _matter(said: str, answers: Answers, facts: Facts) -> str | None:
    return said if said in facts.region.matters else read(said, facts.region).matter


def _page(said: str, answers: Answers, facts: Facts) -> str | None:
    page = said if said.startswith(_PAGES) else f"{_PAGES}{said}"
    return page if page in facts.region.pages else None


# --- what the pages are told


def _of_unit(answers: Answers, facts: Facts) -> str:
    return facts.region.units[answers["unit"]].name


def _of_area(answers: Answers, facts: Facts) -> str:
    known = facts.region.areas.get(answers["code"])
    return known.name if known else ""


def _example_days(facts: Facts) -> str:
    day = facts.region.calendars["office"].after(today(facts), 5)
    return typed(day, year=True)


def _pages(answers: Answers, facts: Facts) -> Mapping[str, Any]:
    return {"pages": [page.removeprefix(_PAGES) for page in facts.region.pages]}


def _page_now(answers: Answers, facts: Facts) -> Mapping[str, Any]:
    """What the page says now, with its examples for facts; and what has to stand in other words, and what may."""
    page = answers["page"]
    words = facts.region.pages[page]
    needs, may = ([f"{{{name}}}" for name in names] for names in (words.needs, words.may))
    return {**words.examples, "page": page, "needs": needs, "may": may}


def _nobody(answers: Answers, facts: Facts) -> str:
    return ""


def _asked(asked: str, name: str, reads: Read, about: About = _nobody, **more: Any) -> Field:
    """A field that needs no more than a sentence, about something that was answered before."""

    def shown(answers: Answers, facts: Facts) -> Mapping[str, Any]:
        return {"asked": asked, "about": about(answers, facts)}

    return Field(name, reads, "officer/decide", shown=shown, **more)


_BASIS = _asked("basis", "basis", _basis, may_skip=True)


def _basis_in(answers: Answers) -> str:
    return str(answers.get("basis") or "")


# --- the forms


def _closure(answers: Answers, facts: Facts) -> Propose:
    first, last = map(date.fromisoformat, answers["days"])
    return Propose(decisions.closure(answers["unit"], first, last), _basis_in(answers))


def _alias(answers: Answers, facts: Facts) -> Propose:
    return Propose(decisions.alias(answers["unit"], answers["words"], today(facts)))


def _area_of(answers: Answers, facts: Facts) -> Propose:
    decide = decisions.area_name if answers["code"] in facts.region.areas else decisions.area
    return Propose(decide(answers["code"], answers["name"], today(facts)), _basis_in(answers))


def _new_unit(answers: Answers, facts: Facts) -> Propose:
    kind, name = answers["kind"], answers["name"]
    code = decisions.code_for(facts.region, kind, name)
    decision = decisions.unit(code, name, kind, answers["parent"], answers.get("area"), today(facts))
    return Propose(decision, _basis_in(answers))


def _ready_answer(answers: Answers, facts: Facts) -> Propose:
    title, text, matter = answers["title"], answers["text"], answers.get("matter")
    return Propose(decisions.answer(facts.region, title, text, matter, None, today(facts)))


def _wording(answers: Answers, facts: Facts) -> Propose:
    """In the language that the administrator reads: it is the one that the page was shown in."""
    return Propose(decisions.wording(answers["page"], facts.language, answers["text"], today(facts)))


_FORMS = (
    Form(
        "decide_closure",
        (
            _asked("closure_unit", "unit", _unit),
            _asked("closure_days", "days", _days, _of_unit, example=_example_days),
            _BASIS,
        ),
        _closure,
    ),
    Form(
        "decide_alias", (_asked("alias_unit", "unit", _unit), _asked("alias_words", "words", _name, _of_unit)), _alias
    ),
    Form(
        "decide_area",
        (
            _asked("area_code", "code", _area_code, example=lambda facts: max(facts.region.areas, default="")),
            _asked("area_name", "name", _name, _of_area),
            _BASIS,
        ),
        _area_of,
    ),
    Form(
        "decide_unit",
        (
            _asked("unit_kind", "kind", _kind, options=_usual_kinds),
            _asked("unit_name", "name", _name),
            _asked("unit_parent", "parent", _unit, lambda answers, facts: str(answers["name"])),
            _asked("unit_area", "area", _area, may_skip=True),
            _BASIS,
        ),
        _new_unit,
    ),
    Form(
        "decide_answer",
        (
            _asked("answer_title", "title", _title),
            _asked("answer_text", "text", _answer_text),
            _asked("answer_matter", "matter", _matter, may_skip=True),
        ),
        _ready_answer,
    ),
    Form(
        "decide_wording",
        (
            Field("page", _page, "officer/decide_page", lambda facts: "welcome", shown=_pages),
            Field("text", _wording_text, "officer/decide_wording", shown=_page_now),
        ),
        _wording,
    ),
)
for _form in _FORMS:
    register(_form)
