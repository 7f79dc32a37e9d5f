"""What the files of a region say of each other: every name that one uses has to be written in another."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches

from domain.region import HEADS, Post
from domain.vocabulary import CITIZEN_KINDS, Conduct, Kind, Role
from storage.regions.faults import Fault
from storage.regions.models import DEFAULT_CALENDAR, ServiceEntry, SpeechFile, UnitEntry
from storage.regions.posts import RELATIVE, posts_of
from storage.regions.sources import Located, Sources, perhaps

Units = Mapping[str, Located[UnitEntry]]


def reference_faults(sources: Sources) -> list[Fault]:
    """Everything that is named and written nowhere, or written twice."""
    return [fault for check in _CHECKS for fault in check(sources)]


def units_of(sources: Sources) -> dict[str, Located[UnitEntry]]:
    """The units of all files; of one that two files define, the first."""
    units: dict[str, Located[UnitEntry]] = {}
    for file in sources.units:
        units.update((code, unit) for code, unit in file.items() if code not in units)
    return units


def merged_service(code: str, sources: Sources) -> ServiceEntry:
    """A service as all files together have it: of each key the last one's word, of the aliases all."""
    said: dict[str, object] = {}
    aliases: tuple[str, ...] = ()
    for layer in sources.services:
        if code in layer:
            entry = layer[code].entry
            aliases = (*aliases, *(alias for alias in entry.aliases if alias not in aliases))
            said |= {name: getattr(entry, name) for name in entry.model_fields_set}
    return ServiceEntry().model_copy(update={**said, "aliases": aliases})  # its parts were checked file by file


def _units_once(sources: Sources) -> Iterator[Fault]:
    first, *rest = sources.units
    for file in rest:
        for code in file.keys() & first.keys():
            yield file[code].fault(f"unit {code} is already written in {_at(first[code])}")


def _parents(sources: Sources) -> Iterator[Fault]:
    units = units_of(sources)
    orphans: dict[str, list[str]] = {}
    for code, unit in units.items():
        parent = unit.entry.parent
        if parent and parent not in units:
            orphans.setdefault(parent, []).append(code)
    for parent, (first, *others) in orphans.items():
        said = f"names parent {parent}, {_undefined(parent, units)}{_more(others)}"
        yield units[first].fault(f"unit {first} {said}", "parent")
    for circle in _circles(units):
        yield units[circle[0]].fault(f"unit {circle[0]} stands above itself: {' < '.join(circle)}", "parent")


def _circles(units: Units) -> set[tuple[str, ...]]:
    """Each circle of parents once, beginning and ending with its first code."""
    found = set()
    for start in units:
        path = [start]
        while (parent := _parent(units, path[-1])) and parent not in path:
            path.append(parent)
        if parent == start:
            turn = path.index(min(path))
            found.add((*path[turn:], *path[:turn], path[turn]))
    return found


def _parent(units: Units, code: str) -> str | None:
    return units[code].entry.parent if code in units else None


def _unit_names(sources: Sources) -> Iterator[Fault]:
    """The kind, area, calendar and groups of each unit."""
    calendars = {DEFAULT_CALENDAR, *(name for part in sources.calendars for name in part.content.calendars)}
    for code, unit in units_of(sources).items():
        if unit.entry.kind not in sources.unit_kinds:
            kind = unit.entry.kind
            yield unit.fault(f"unit {code} is of kind {kind}, {_undefined(kind, sources.unit_kinds)}", "kind")
        if unit.entry.area and unit.entry.area not in sources.areas:
            yield unit.fault(f"unit {code} lies in area {unit.entry.area}, which no file defines", "area")
        for number, area in enumerate(unit.entry.serves):
            if area not in sources.areas:
                yield unit.fault(f"unit {code} serves area {area}, which no file defines", "serves", number)
        if unit.entry.calendar not in calendars:
            calendar = unit.entry.calendar
            yield unit.fault(f"unit {code} keeps calendar {calendar}, {_undefined(calendar, calendars)}", "calendar")
        for group in unit.entry.groups:
            if group not in sources.groups:
                said = _undefined(group, sources.groups)
                if said == _undefined(group, ()):
                    said += f" ({next(iter(sources.groups.values())).document.label} lists them)"
                yield unit.fault(f"unit {code} carries group {group}, {said}", "groups")


def _served_once(sources: Sources) -> Iterator[Fault]:
    """Two puskesmas that serve one desa would both be nobody's."""
    first: dict[tuple[str, str], str] = {}
    for code, unit in units_of(sources).items():
        for number, area in enumerate(unit.entry.serves):
            if (other := first.setdefault((unit.entry.kind, area), code)) != code:
                yield unit.fault(f"unit {code} serves area {area}, which {other} already serves", "serves", number)


def _kinds(sources: Sources) -> Iterator[Fault]:
    for code, kind in sources.unit_kinds.items():
        wanted = kind.entry.stands_for
        if wanted and wanted not in sources.unit_kinds:
            yield kind.fault(f"kind {code} stands for {wanted}, which no file defines", "stands_for")


def _groups_once(sources: Sources) -> Iterator[Fault]:
    carrier: dict[str, str] = {}
    for code, unit in units_of(sources).items():
        for group in unit.entry.groups:
            if carrier.setdefault(group, code) != code:
                yield unit.fault(f"unit {code} carries group {group}, which {carrier[group]} already carries", "groups")


def _aliases_once(sources: Sources) -> Iterator[Fault]:
    units = units_of(sources)
    owner: dict[str, str] = {unit.entry.name.lower(): code for code, unit in units.items()}
    for code, unit in units.items():
        for number, alias in enumerate(unit.entry.aliases):
            if owner.setdefault(alias, code) != code:
                other = f"{owner[alias]} ({_at(units[owner[alias]])})"
                yield unit.fault(f"alias `{alias}` of unit {code} already means {other}", "aliases", number)


def _aliases_are_names(sources: Sources) -> Iterator[Fault]:
    """An alias that is one ordinary word would be found in every other story."""
    plain = {word for names in sources.names for word in (*names.content.plain, *names.content.ordinary)}
    for code, unit in units_of(sources).items():
        for number, alias in enumerate(unit.entry.aliases):
            if alias in plain:
                said = f"alias `{alias}` of unit {code} is an ordinary word: add another one to it, or leave it out"
                yield unit.fault(said, "aliases", number)


def _posts_once(sources: Sources) -> Iterator[Fault]:
    owner: dict[str, str] = {}
    for code, unit in units_of(sources).items():
        for post in _posts(sources, code):
            if owner.setdefault(post.code, code) != code:
                yield unit.fault(f"post {post.code} of unit {code} is already a post of {owner[post.code]}")


def _posts(sources: Sources, unit: str) -> tuple[Post, ...]:
    entry = units_of(sources)[unit].entry
    kind = sources.unit_kinds.get(entry.kind)
    return posts_of(unit, entry, kind.entry) if kind else ()


def _areas(sources: Sources) -> Iterator[Fault]:
    town = sources.region.content.code
    homeless: dict[str, list[str]] = {}
    foreign: list[str] = []
    for code in sources.areas:
        around = code.rpartition(".")[0]
        if not code.startswith(f"{town}."):
            foreign.append(code)
        elif around != town and around not in sources.areas:
            homeless.setdefault(around, []).append(code)
    if foreign:
        first, *others = foreign
        yield sources.areas[first].fault(f"area {first} is not of region {town}{_more(others)}")
    for around, (first, *others) in homeless.items():
        yield sources.areas[first].fault(f"area {first} lies in {around}, which no file defines{_more(others)}")


def _sets(sources: Sources) -> Iterator[Fault]:
    """Danger is told with the sets that its files name; one set may name another that is written before it."""
    known: set[str] = set()
    for part in sources.emergency:
        file = part.content
        for name, words in file.sets.items():
            for unknown in _named(words) - known:
                yield part.document.fault(
                    f"the set {name} names the set ${unknown}, {_undefined(unknown, known)}", "sets"
                )
            known.add(name)
    for part in sources.emergency:
        file = part.content
        patterns = {"now": file.now, "ask": file.ask, "brief": file.brief}
        patterns |= {"care": tuple(one for care in file.care.values() for one in care.patterns)}
        for key, found in patterns.items():
            for unknown in _named(found) - known:
                yield part.document.fault(f"{key} names the set ${unknown}, {_undefined(unknown, known)}", key)


def _lists(sources: Sources) -> Iterator[Fault]:
    """Signs of conduct are told with the lists of speech.yaml."""
    known = set(SpeechFile.model_fields)
    for code, sign in sources.conduct.items():
        entry = sign.entry
        for unknown in _named((*entry.beside, *entry.around, *entry.patterns)) - known:
            yield sign.fault(f"conduct {code} names the list ${unknown}, {_undefined(unknown, known)}")


def _named(patterns: Iterable[str]) -> set[str]:
    """The sets or lists that words or patterns name: "$weapon|parang + $others"."""
    parts = (part.strip() for pattern in patterns for part in re.split(r"[+|]", pattern))
    return {part[1:] for part in parts if part.startswith("$")}


def _matters(sources: Sources) -> Iterator[Fault]:
    for code, matter in sources.matters.items():
        kind = matter.entry.unit_kind
        if matter.entry.group not in sources.groups:
            yield matter.fault(f"matter {code} names group {matter.entry.group}, which no file defines", "group")
        for group in matter.entry.also:
            if group not in sources.groups:
                yield matter.fault(f"matter {code} names group {group}, which no file defines", "also")
        if kind and kind not in sources.unit_kinds:
            yield matter.fault(f"matter {code} names unit kind {kind}, which no file defines", "unit_kind")


def _replies(sources: Sources) -> Iterator[Fault]:
    for title, reply in sources.replies.items():
        if reply.entry.matter and reply.entry.matter not in sources.matters:
            yield reply.fault(f"answer `{title}` is for matter {reply.entry.matter}, which no file defines", "matter")


def _services(sources: Sources) -> Iterator[Fault]:
    """Each service has a name and somebody who gives it, and what it names exists."""
    units = units_of(sources)
    known: tuple[tuple[str, str, Collection[str]], ...] = (
        ("group", "group", sources.groups),
        ("unit", "unit", units),
        ("unit_kind", "unit kind", sources.unit_kinds),
        ("matter", "matter", sources.matters),
    )
    for code, found in _last_services(sources).items():
        entry = merged_service(code, sources)
        if entry.name is None and (meant := _called_so(code, sources)):
            yield found.fault(f"service {code} is new and has no name: perhaps {meant} is meant")
            continue
        if entry.name is None:
            yield found.fault(f"service {code} has no name")
        if entry.group is None and entry.unit is None:
            yield found.fault(f"service {code} has neither a group nor a unit that gives it")
        for key, word, names in known:
            named = getattr(entry, key)
            if named and named not in names:
                yield found.fault(f"service {code} names {word} {named}, which no file defines", key)
        for place in entry.places:
            if place not in sources.places:
                yield found.fault(f"service {code} names place {place}, which no file defines", "places")


def _called_so(word: str, sources: Sources) -> str | None:
    """The service that a code which no file explains may mean: one that people call so."""
    named = {code: merged_service(code, sources) for code in _last_services(sources)}
    spoken = word.replace("_", " ")
    return next((code for code, entry in named.items() if code != word and spoken in entry.aliases), None) or next(
        iter(get_close_matches(word, [code for code, entry in named.items() if entry.name], n=1, cutoff=0.7)), None
    )


def _last_services(sources: Sources) -> dict[str, Located[ServiceEntry]]:
    """Where each service is written last."""
    return {code: found for layer in sources.services for code, found in layer.items()}


def _service_words_once(sources: Sources) -> Iterator[Fault]:
    owner: dict[str, str] = {}
    for code, found in _last_services(sources).items():
        for alias in merged_service(code, sources).aliases:
            if owner.setdefault(alias, code) != code:
                yield found.fault(f"alias `{alias}` of service {code} already means {owner[alias]}", "aliases")


def _rungs(sources: Sources) -> Iterator[Fault]:
    known = {post.code for unit in units_of(sources) for post in _posts(sources, unit)} | RELATIVE
    for kind, ladder in sources.ladder.items():
        codes: set[str] = set()
        for number, rung in enumerate(ladder.entry):
            if rung.to not in known and not rung.optional:
                yield ladder.fault(f"rung {rung.code} of {kind} tells post {rung.to}, which no unit has", number, "to")
            if rung.code in codes:
                yield ladder.fault(f"rung {rung.code} of {kind} is written twice", number, "code")
            codes.add(rung.code)


def _policies(sources: Sources) -> Iterator[Fault]:
    """Each day has one rule, and every matter and unit that a rule is for exists."""
    units = units_of(sources)
    for kind, rules in sources.policies.items():
        first: dict[tuple[str | None, str | None, date], int] = {}
        if all(rule.matter or rule.unit for rule in rules.entry):
            yield rules.fault(f"{kind} has no rule for every matter and unit, so most cases would have no dates")
        for number, rule in enumerate(rules.entry):
            if rule.matter and rule.matter not in sources.matters:
                yield rules.fault(f"a rule of {kind} is for matter {rule.matter}, which no file defines", number)
            if rule.unit and rule.unit not in units:
                yield rules.fault(f"a rule of {kind} is for unit {rule.unit}, which no file defines", number)
            place = (rule.matter, rule.unit, rule.since)
            if first.setdefault(place, number) != number:
                line = rules.document.line(*rules.place, first[place])
                yield rules.fault(f"two rules of {kind} begin on {rule.since} (the other one in line {line})", number)


def _complete(sources: Sources) -> Iterator[Fault]:
    """Lists that the program needs whole: deadlines of what citizens bring, a ladder for every kind, phrases for every
    conduct."""
    wanted: tuple[tuple[Mapping[str, Located[object]], Iterable[Kind | Conduct], str], ...] = (
        (sources.policies, CITIZEN_KINDS, "deadlines.yaml"),
        (sources.ladder, Kind, "ladder.yaml"),
        (sources.conduct, Conduct, "conduct.yaml"),
    )
    for entries, words, name in wanted:
        for word in words:
            if word.value not in entries:
                label = next((entry.document.label for entry in entries.values()), name)
                yield Fault(label, 1, f"nothing is written for `{word.value}`")


def _calendars(sources: Sources) -> Iterator[Fault]:
    if not any(DEFAULT_CALENDAR in part.content.calendars for part in sources.calendars):
        message = f"the calendar `{DEFAULT_CALENDAR}`, which is everybody's default, is missing"
        yield sources.calendars[0].document.fault(message, "calendars")
    for part in sources.holidays:
        for day in sorted(set(part.content.added_off) & set(part.content.removed_off)):
            yield part.document.fault(f"{day} is both added and removed", "removed_off")


def _named_units(sources: Sources) -> Iterator[Fault]:
    """The front desk, the inspectorate and the head of region exist and have the post that makes them so."""
    region, units = sources.region, units_of(sources)
    needed: tuple[tuple[str, str, frozenset[Role]], ...] = (
        ("front_desk", region.content.front_desk, frozenset({Role.FRONTDESK})),
        ("inspectorate", region.content.inspectorate, frozenset({Role.INSPECTOR})),
        ("head_of_region", region.content.head_of_region, HEADS),
    )
    for key, code, roles in needed:
        if code not in units:
            yield region.document.fault(f"{key} names unit {code}, which no file defines", key)
        elif not any(post.role in roles for post in _posts(sources, code)):
            yield units[code].fault(f"unit {code} is the {key} and has no post of role {' or '.join(sorted(roles))}")


def _undefined(name: str, known: Iterable[str]) -> str:
    return f"which no file defines{perhaps(name, known)}"


def _more(others: Collection[str]) -> str:
    return f" ({len(others)} more like it)" if others else ""


def _at(thing: Located[UnitEntry]) -> str:
    return "{}:{}".format(*thing.origin)


_CHECKS: tuple[Callable[[Sources], Iterator[Fault]], ...] = (
    _units_once,
    _parents,
    _kinds,
    _unit_names,
    _served_once,
    _groups_once,
    _aliases_once,
    _aliases_are_names,
    _posts_once,
    _areas,
    _sets,
    _lists,
    _matters,
    _replies,
    _services,
    _service_words_once,
    _rungs,
    _policies,
    _complete,
    _calendars,
    _named_units,
)
