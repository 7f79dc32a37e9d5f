"""What a town decides over its files: a closed day, another name, a new unit, words of its own. Pure.

The files are the reviewed base. A decision is dated, signed and can be taken back; the region in force is the files
under all decisions. One that does not fit, because it never did or because the files have changed beneath it, is left
out and named, so that neither a slip nor an update stops a town.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from domain.overrides import CalendarChange, ChangeKind, changed, says_nothing
from domain.region import (
    LONGEST_ANSWER,
    LONGEST_TITLE,
    OWN,
    TOPS,
    Area,
    Lexicon,
    ReadyAnswer,
    Region,
    Unit,
    plain_hours,
)
from domain.understanding.text import normalise
from domain.vocabulary import State

#: The languages that pages are written in.
LANGUAGES = ("id", "en")
#: A name is not longer; words on a page neither; and nothing is closed longer by one decision.
LONGEST_NAME, LONGEST_WORDING, LONGEST_CLOSURE = 80, 1500, 31
#: Shorter words would be found in half of all stories.
SHORTEST_ALIAS = 3
#: The source of a unit that stands in no file.
DECIDED = "decided"
_DAY = timedelta(days=1)
_UNIT_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)*")
_AREA_CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}(?:\.\d{4})?")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Subject(StrEnum):
    """What may be decided, in the order in which it is put over the files: a new unit before its other names."""

    CALENDAR = "calendar"
    AREA = "area"
    UNIT = "unit"
    ALIAS = "alias"
    CLOSURE = "closure"
    ANSWER = "answer"
    WORDING = "wording"


SUBJECTS = frozenset(map(str, Subject))
#: Decisions that may move what citizens were promised: open cases are counted anew.
MOVING = frozenset({Subject.CALENDAR, Subject.CLOSURE})


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: what it is about (`code`; a calendar's is empty for all of them), from when, and what it says.

    `what` tells kinds of one subject apart: changes of days, a new area and another name, languages. `row` is the key
    under which it is kept; 0 for one that nobody has written down.
    """

    subject: Subject
    code: str
    first: date
    last: date | None = None
    what: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)
    row: int = 0

    @property
    def days(self) -> frozenset[date]:
        return frozenset(self.first + n * _DAY for n in range(((self.last or self.first) - self.first).days + 1))


class UnfitError(Exception):
    """A decision that does not fit the region: why, in a word that pages know (`unfit` of words.j2), and about what."""

    def __init__(self, why: str, about: str = "") -> None:
        super().__init__(f"{why}: {about}" if about else why)
        self.why = why
        self.about = about


@dataclass(frozen=True, slots=True)
class Misfit:
    """A decision of which something must be said; `out`: it does not count."""

    decision: Decision
    why: str
    about: str
    out: bool = True


def in_force(files: Region, decisions: Iterable[Decision]) -> Region:
    """The region as it is: its files, under what the town has decided, the latest word last."""
    return _under(files, decisions)[0]


def misfits(files: Region, decisions: Iterable[Decision]) -> tuple[Misfit, ...]:
    """What somebody should take back or decide anew, because the files say otherwise by now."""
    return _under(files, decisions)[1]


def _under(files: Region, decisions: Iterable[Decision]) -> tuple[Region, tuple[Misfit, ...]]:
    region, found = files, list[Misfit]()
    for decision in sorted(decisions, key=lambda one: _ORDER[one.subject]):
        if _stands_over(decision) not in (None, region.replies.get(decision.code)):
            found.append(Misfit(decision, "base_changed", decision.code, out=False))
        try:
            region = put_over(region, decision)
        except UnfitError as error:
            found.append(Misfit(decision, error.why, error.about))
    return region, tuple(found)


def put_over(region: Region, decision: Decision) -> Region:
    """The region under one more decision. UnfitError where it cannot be decided, or says nothing new."""
    return _PUT[decision.subject](region, decision)


# --- days


def change_of(decision: Decision) -> CalendarChange:
    """A decision about calendars as the change that it is."""
    kind, last = ChangeKind(decision.what), decision.last or decision.first
    return CalendarChange(kind, decision.first, last, decision.code or None)


def calendar(change: CalendarChange) -> Decision:
    return Decision(Subject.CALENDAR, change.calendar or "", change.first, change.last, str(change.kind))


def _calendar(region: Region, decision: Decision) -> Region:
    change = change_of(decision)
    if change.calendar is not None and (change.calendar not in region.calendars or OWN in change.calendar):
        raise UnfitError("no_calendar", change.calendar)
    if says_nothing(change, region.calendars):
        raise UnfitError("already")
    return replace(region, calendars=changed(region.calendars, (change,)))


def closure(unit: str, first: date, last: date) -> Decision:
    """A unit, with what is a part of it, is closed from one day to another."""
    return Decision(Subject.CLOSURE, unit, first, last)


def _closure(region: Region, decision: Decision) -> Region:
    days, unit = decision.days, _unit(region, decision.code)
    if not 0 < len(days) <= LONGEST_CLOSURE:
        raise UnfitError("no_days", str(LONGEST_CLOSURE))
    if not any(region.calendar_of(unit.code).is_working(day) for day in days):
        raise UnfitError("already", unit.name)
    units, calendars = dict(region.units), dict(region.calendars)
    for code in region.parts_of(unit.code):
        own, shared = region.hours_of(code), region.calendar_of(code)
        calendars[own] = replace(shared, added_off=shared.added_off | days, removed_off=shared.removed_off - days)
        units[code] = replace(units[code], calendar=own)
    return replace(region, units=units, calendars=calendars)


# --- places and names


def alias(unit: str, words: str, day: date) -> Decision:
    """Words by which people name a unit."""
    return Decision(Subject.ALIAS, unit, day, value={"words": phrase(words)})


def phrase(words: str) -> str:
    """Words as the files write what people type: small letters, single blanks."""
    return " ".join(words.lower().split())


def _alias(region: Region, decision: Decision) -> Region:
    unit = _unit(region, decision.code)
    words = _free(region, str(decision.value.get("words", "")), unit.code)
    return replace(region, units={**region.units, unit.code: replace(unit, aliases=(*unit.aliases, words))})


def _unit(region: Region, code: str) -> Unit:
    if code not in region.units:
        raise UnfitError("no_unit", code)
    return region.units[code]


def _free(region: Region, words: str, owner: str | None = None) -> str:
    """A name that means nothing else in the town yet, and not its owner either."""
    plain = _plain(words, region.lexicon)
    if len(plain.strip()) < SHORTEST_ALIAS or len(words) > LONGEST_NAME:
        raise UnfitError("no_name", words)
    for code, called, names in _named(region):
        if any(_plain(name, region.lexicon) == plain for name in names):
            raise UnfitError("already" if code == owner else "taken", called)
    return words


def _named(region: Region) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Everything that has names of its own: two areas may be called alike, in different kecamatan."""
    yield from ((unit.code, unit.name, (unit.name, *unit.aliases)) for unit in region.units.values())
    yield from ((area.code, area.name, area.aliases) for area in region.areas.values())


@lru_cache(maxsize=8192)
def _plain(name: str, lexicon: Lexicon) -> str:
    return normalise(name, lexicon)


def area(code: str, name: str, day: date) -> Decision:
    """A kelurahan, desa or kecamatan that the files do not know yet, under its code of the ministry."""
    return Decision(Subject.AREA, code, day, what="new", value={"name": " ".join(name.split())})


def area_name(code: str, name: str, day: date) -> Decision:
    """Another name of an area."""
    return Decision(Subject.AREA, code, day, what="name", value={"name": phrase(name)})


def _area(region: Region, decision: Decision) -> Region:
    code, name = decision.code, str(decision.value.get("name", ""))
    if decision.what == "new":
        return replace(region, areas={**region.areas, code: _new_area(region, code, name)})
    if code not in region.areas:
        raise UnfitError("no_area", code)
    found = region.areas[code]
    if _plain(name, region.lexicon) == _plain(found.name, region.lexicon):
        raise UnfitError("already", found.name)
    words = _free(region, name, code)
    return replace(region, areas={**region.areas, code: replace(found, aliases=(*found.aliases, words))})


def _new_area(region: Region, code: str, name: str) -> Area:
    around = code.rpartition(".")[0]
    if not _AREA_CODE.fullmatch(code) or not code.startswith(f"{region.code}."):
        raise UnfitError("no_area_code", code)
    if code in region.areas:
        raise UnfitError("already", region.areas[code].name)
    if around != region.code and around not in region.areas:
        raise UnfitError("no_area", around)
    if not 0 < len(name) <= LONGEST_NAME:
        raise UnfitError("no_name", name)
    return Area(code, name, level_of(code), around if around in region.areas else None)


def level_of(code: str) -> str:
    """What an area is by its code: three parts are a kecamatan; of four, the last begins with 1 for a kelurahan."""
    last = code.split(".")[3:]
    return "kecamatan" if not last else "kelurahan" if last[0].startswith("1") else "desa"


def unit(code: str, name: str, kind: str, parent: str, area: str | None, day: date) -> Decision:
    """A new unit, with the posts that its kind brings."""
    value = {"name": " ".join(name.split()), "kind": kind, "parent": parent, "area": area}
    return Decision(Subject.UNIT, code, day, value=value)


def code_for(region: Region, kind: str, name: str) -> str:
    """The code that a new unit of a name gets: KEL-TOMUAN-BARU for Kelurahan Tomuan Baru."""
    brings = region.unit_kinds[kind]
    short = name.removeprefix(brings.name_prefix) if brings.code_prefix else name
    return brings.code_prefix + "-".join(re.findall(r"[A-Z0-9]+", short.upper()))


def _new_unit(region: Region, decision: Decision) -> Region:
    code, value = decision.code, decision.value
    kind, parent, place = str(value.get("kind")), str(value.get("parent")), value.get("area")
    if code in region.units:
        raise UnfitError("already", region.units[code].name)
    if not _UNIT_CODE.fullmatch(code):
        raise UnfitError("no_unit_code", code)
    if kind not in region.unit_kinds or kind in TOPS:
        raise UnfitError("no_kind", kind)
    if place and place not in region.areas:
        raise UnfitError("no_area", str(place))
    above, name = _unit(region, parent), _free(region, str(value.get("name", "")))
    brings = region.unit_kinds[kind]
    posts = brings.posts_of(code, name)
    if held := [post.code for post in posts if post.code in region.posts]:
        raise UnfitError("taken", held[0])
    new = Unit(
        code=code,
        name=name,
        kind=kind,
        parent=above.code,
        area=place or None,
        calendar=_usual_hours(region, kind),
        source=DECIDED,
        stands_for=brings.stands_for,
    )
    return replace(
        region, units={**region.units, code: new}, posts={**region.posts, **{post.code: post for post in posts}}
    )


def _usual_hours(region: Region, kind: str) -> str:
    """The hours that units of a kind keep in this town."""
    return next((plain_hours(unit.calendar) for unit in region.units.values() if unit.kind == kind), "office")


# --- words


def answer(region: Region, title: str, text: str, matter: str | None, state: State | None, day: date) -> Decision:
    """Words that officers may send as they are; one of the same title is replaced."""
    title = " ".join(title.split())
    below = region.replies.get(title)
    over = None if below is None else {"text": below.text, "matter": below.matter, "state": below.state}
    value = {"text": text.strip(), "matter": matter, "state": str(state) if state else None, "over": over}
    return Decision(Subject.ANSWER, title, day, value=value)


def _answer(region: Region, decision: Decision) -> Region:
    title, value = decision.code, decision.value
    matter, text = value.get("matter"), str(value.get("text", ""))
    if not 0 < len(title) <= LONGEST_TITLE:
        raise UnfitError("no_title", str(LONGEST_TITLE))
    if not 0 < len(text) <= LONGEST_ANSWER:
        raise UnfitError("too_long", str(LONGEST_ANSWER))
    if matter and matter not in region.matters:
        raise UnfitError("no_matter", str(matter))
    new = ReadyAnswer(title, text, matter, value.get("state"))
    if region.replies.get(title) == new:
        raise UnfitError("already", title)
    return replace(region, replies={**region.replies, title: new})


def _stands_over(decision: Decision) -> ReadyAnswer | None:
    """The answer that a decision replaced when it was made."""
    over = decision.value.get("over") if decision.subject is Subject.ANSWER else None
    return ReadyAnswer(decision.code, **over) if over else None


def wording(page: str, language: str, text: str, day: date) -> Decision:
    """The town's own words on a page that citizens read; its choices stay."""
    return Decision(Subject.WORDING, page, day, what=language, value={"text": text.strip()})


def _wording(region: Region, decision: Decision) -> Region:
    page, language, text = decision.code, decision.what, str(decision.value.get("text", ""))
    if page not in region.pages:
        raise UnfitError("no_page", page)
    if language not in LANGUAGES:
        raise UnfitError("no_language", language)
    if not 0 < len(text) <= LONGEST_WORDING:
        raise UnfitError("too_long", str(LONGEST_WORDING))
    said = frozenset(_PLACEHOLDER.findall(text))
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        raise UnfitError("braces")
    if unknown := sorted(said - region.pages[page].examples.keys()):
        raise UnfitError("unknown_fact", unknown[0])
    if missing := sorted(region.pages[page].needs.keys() - said):
        raise UnfitError("missing_fact", missing[0])
    if region.wordings.get((page, language)) == text:
        raise UnfitError("already", page)
    return replace(region, wordings={**region.wordings, (page, language): text})


def filled(text: str, say: Callable[[str], str]) -> str:
    """Own words with a fact in the place of each name in braces."""
    return _PLACEHOLDER.sub(lambda found: say(found[1]), text)


_ORDER = {subject: place for place, subject in enumerate(Subject)}
_PUT: Mapping[Subject, Callable[[Region, Decision], Region]] = {
    Subject.CALENDAR: _calendar,
    Subject.AREA: _area,
    Subject.UNIT: _new_unit,
    Subject.ALIAS: _alias,
    Subject.CLOSURE: _closure,
    Subject.ANSWER: _answer,
    Subject.WORDING: _wording,
}
