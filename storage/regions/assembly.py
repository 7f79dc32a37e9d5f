"""From checked files to the region that rules and flows read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from operator import attrgetter

from domain.borders import Borders
from domain.calendar import Calendar, Season
from domain.deadlines import Policy
from domain.region import (
    HEADS,
    Area,
    Body,
    Lexicon,
    Matter,
    PageWords,
    PlaceWords,
    Post,
    ReadyAnswer,
    Region,
    Rung,
    Unit,
)
from domain.services import Component, Place, Promise, Service, Tariff
from domain.understanding.forms import Affixes
from domain.understanding.sounds import Sounds
from domain.understanding.text import in_figures
from domain.vocabulary import Care, Conduct, Kind, Span
from storage.regions.models import (
    CalendarEntry,
    DurationEntry,
    EmergencyFile,
    FeeEntry,
    PolicyEntry,
    PromiseEntry,
    RungEntry,
    ServiceEntry,
    SpeechFile,
    UnitEntry,
)
from storage.regions.posts import HEAD_OF_REGION, kind_of, posts_of
from storage.regions.references import merged_service, units_of
from storage.regions.sources import Located, Sources


def assemble(sources: Sources, borders: Borders, elsewhere: Mapping[str, tuple[str, ...]]) -> Region:
    """`elsewhere`: other towns and what their areas are called, so that those are not taken for this town's."""
    town = sources.region.content
    posts = _posts(sources)
    top = next(post.code for post in posts.values() if post.unit == town.head_of_region and post.role in HEADS)
    return Region(
        code=town.code,
        name=town.name,
        zone=town.zone,
        units={code: _unit(code, found.entry, sources) for code, found in units_of(sources).items()},
        posts=posts,
        areas=_areas(sources),
        matters=_matters(sources),
        groups={code: found.entry.model_dump() for code, found in sources.groups.items()},
        lexicon=_lexicon(sources),
        calendars=_calendars(sources),
        policies={Kind(kind): tuple(map(_policy, found.entry)) for kind, found in sources.policies.items()},
        ladder={Kind(kind): tuple(_ladder(found.entry, posts, top)) for kind, found in sources.ladder.items()},
        front_desk=town.front_desk,
        inspectorate=town.inspectorate,
        head_of_region=town.head_of_region,
        emergency_numbers=_numbers(sources),
        care_numbers={care: _care_numbers(sources, care) for care in Care},
        outside={found.entry.name: found.entry.contact or "" for found in sources.referrals.values()},
        bodies=_bodies(sources),
        unit_kinds={code: kind_of(found.entry) for code, found in sources.unit_kinds.items()},
        replies={title: ReadyAnswer(title, **found.entry.model_dump()) for title, found in sources.replies.items()},
        pages={page: PageWords(**found.entry.model_dump()) for page, found in sources.pages.items()},
        borders=borders,
        place_words=_place_words(sources, elsewhere),
        services=_services(sources),
        places={
            code: Place(code, found.entry.name, found.entry.source, found.entry.address)
            for code, found in sources.places.items()
        },
        origins=dict(_origins(sources)),
    )


def _posts(sources: Sources) -> dict[str, Post]:
    found = (
        posts_of(code, unit.entry, sources.unit_kinds[unit.entry.kind].entry)
        for code, unit in units_of(sources).items()
    )
    return {post.code: post for post in chain.from_iterable(found)}


def _unit(code: str, entry: UnitEntry, sources: Sources) -> Unit:
    return Unit(
        code=code,
        name=entry.name,
        kind=entry.kind,
        parent=entry.parent,
        groups=entry.groups,
        aliases=entry.aliases,
        area=entry.area,
        serves=entry.serves,
        calendar=entry.calendar,
        source=entry.source,
        stands_for=sources.unit_kinds[entry.kind].entry.stands_for,
    )


def _areas(sources: Sources) -> dict[str, Area]:
    """An area lies in the one whose code it begins with; the town itself is not an area."""
    around = {code: code.rpartition(".")[0] for code in sources.areas}
    return {
        code: Area(code, found.entry.name, found.entry.level, around[code] if around[code] in sources.areas else None)
        for code, found in sources.areas.items()
    }


def _matters(sources: Sources) -> dict[str, Matter]:
    return {
        code: Matter(
            code=code,
            name=found.entry.name.model_dump(),
            group=found.entry.group,
            keywords=found.entry.keywords,
            unit_kind=found.entry.unit_kind,
            asks_place=found.entry.asks_place,
            hints=found.entry.hints,
            never=found.entry.never,
            also=found.entry.also,
            care=frozenset(found.entry.care),
        )
        for code, found in sources.matters.items()
    }


def _bodies(sources: Sources) -> dict[str, Body]:
    return {
        code: Body(
            code=code,
            name=found.entry.name.model_dump(),
            where=found.entry.where.model_dump() if found.entry.where else {},
            contact=found.entry.contact,
            keywords=found.entry.keywords,
            never=found.entry.never,
        )
        for code, found in sources.bodies.items()
    }


def _services(sources: Sources) -> dict[str, Service]:
    """Every service that is given here, in the order of the files."""
    merged = {code: merged_service(code, sources) for layer in sources.services for code in layer}
    return {code: _service(code, entry) for code, entry in merged.items() if entry.offered}


def _service(code: str, entry: ServiceEntry) -> Service:
    written = {component: getattr(entry, component.value) for component in Component}
    return Service(
        code=code,
        name=entry.name.model_dump() if entry.name else {},
        aliases=entry.aliases,
        group=entry.group,
        unit=entry.unit,
        unit_kind=entry.unit_kind,
        matter=entry.matter,
        places=entry.places,
        promises={component: _promise(found) for component, found in written.items() if found},
    )


def _promise(entry: PromiseEntry) -> Promise:
    tariffs: tuple[Tariff, ...] = ()
    if isinstance(entry, FeeEntry):
        only = () if entry.rupiah is None else (Tariff(entry.rupiah),)
        tariffs = (*only, *(Tariff(tariff.rupiah, tariff.what) for tariff in entry.tariffs))
    days = entry.working_days if isinstance(entry, DurationEntry) else None
    return Promise(entry.source, entry.text, tariffs, days)


#: The parts of `sounds`, as `Sounds` has them.
_SOUNDS = (attrgetter("start"), attrgetter("end"), attrgetter("within"))
#: Fields of speech.yaml that are no lists of words.
_GRAMMAR = frozenset({"titles", "voices", "nasals", "endings", "sounds"})
#: Lists of speech.yaml that are only named by patterns.
_NAMED = frozenset({"favoured", "powerful", "relatives", "deals", "slighted", "given"})


def _lexicon(sources: Sources) -> Lexicon:
    emergency = [part.content for part in sources.emergency]
    affixes = _affixes(sources)
    greetings = [part.content for part in sources.greetings]
    return Lexicon(
        slang=_slang(sources),
        conduct={Conduct(code): found.entry.strong for code, found in sources.conduct.items()},
        conduct_weak={Conduct(code): found.entry.weak for code, found in sources.conduct.items()},
        emergency_now=tuple(affixes.pattern(pattern) for file in emergency for pattern in file.now),
        conduct_beside={
            Conduct(code): _spelled_out(found.entry.beside, sources) for code, found in sources.conduct.items()
        },
        conduct_patterns={
            Conduct(code): tuple(affixes.pattern(_listed(pattern, sources)) for pattern in found.entry.patterns)
            for code, found in sources.conduct.items()
        },
        conduct_around={
            Conduct(code): _spelled_out(found.entry.around, sources) for code, found in sources.conduct.items()
        },
        conduct_apart={Conduct(code): found.entry.apart for code, found in sources.conduct.items()},
        conduct_never={Conduct(code): found.entry.never for code, found in sources.conduct.items()},
        emergency_ask=tuple(affixes.pattern(pattern) for file in emergency for pattern in file.ask),
        emergency_brief=tuple(affixes.pattern(pattern) for file in emergency for pattern in file.brief),
        emergency_never=tuple(phrase for file in emergency for phrase in file.never),
        emergency_doubt=tuple(phrase for file in emergency for phrase in file.doubt),
        emergency_present=tuple(phrase for file in emergency for phrase in file.present),
        emergency_feared=tuple(phrase for file in emergency for phrase in file.feared),
        emergency_calm=tuple(phrase for file in emergency for phrase in file.calm),
        emergency_sets=_sets(emergency, affixes),
        care={care: tuple(map(affixes.pattern, _care(emergency, care))) for care in Care},
        greetings=frozenset(word for file in greetings for word in file.greetings),
        thanks=frozenset(word for file in greetings for word in file.thanks),
        answers={code: frozenset(found.entry) for code, found in sources.answers.items()},
        titles={kind: titles for part in sources.speech for kind, titles in part.content.titles.items()},
        sounds=_sounds(sources),
        **{name: _words(sources, name) for name in SpeechFile.model_fields if name not in _GRAMMAR | _NAMED},
    )


def _spelled_out(words: Iterable[str], sources: Sources) -> tuple[str, ...]:
    """Words in which "$served" stands for the list of that name in speech.yaml."""
    lists = ((_words(sources, word[1:]) if word.startswith("$") else (word,)) for word in words)
    return tuple(dict.fromkeys(chain.from_iterable(lists)))


def _listed(pattern: str, sources: Sources) -> str:
    """A pattern with the lists of speech.yaml that it names spelled out."""
    parts = (part.strip().split("|") for part in pattern.split(" + "))
    return " + ".join("|".join(_spelled_out(map(str.strip, part), sources)) for part in parts)


def _sets(files: Iterable[EmergencyFile], affixes: Affixes) -> dict[str, tuple[str, ...]]:
    """The named sets of words, each verb in all its forms; a set may name one before it, and a town adds to them."""
    found: dict[str, tuple[str, ...]] = {}
    for file in files:
        for name, words in file.sets.items():
            spread = (found[word[1:]] if word.startswith("$") else affixes.spread(word) for word in words)
            found[name] = (*found.get(name, ()), *chain.from_iterable(spread))
    return found


def _sounds(sources: Sources) -> Sounds:
    files = [part.content.sounds for part in sources.speech]
    return Sounds(*({heard: said for file in files for heard, said in part(file).items()} for part in _SOUNDS))


def _affixes(sources: Sources) -> Affixes:
    files = [part.content for part in sources.speech]
    return Affixes(
        voices={voice: made for file in files for voice, made in file.voices.items()},
        nasals={first: made for file in files for first, made in file.nasals.items()},
        endings=tuple(ending for file in files for ending in file.endings),
    )


def _care(files: Iterable[EmergencyFile], care: Care) -> tuple[str, ...]:
    return tuple(pattern for file in files if care in file.care for pattern in file.care[care].patterns)


def _words(sources: Sources, name: str) -> frozenset[str]:
    return frozenset(word for part in sources.speech for word in getattr(part.content, name))


def _place_words(sources: Sources, elsewhere: Mapping[str, tuple[str, ...]]) -> PlaceWords:
    files = [part.content for part in sources.names]
    return PlaceWords(
        called={
            kind: (*called.long, *called.short, *called.heads) for file in files for kind, called in file.called.items()
        },
        titles=frozenset(
            word for file in files for called in file.called.values() for word in (*called.short, *called.heads)
        ),
        plain=frozenset(word for file in files for word in (*file.plain, *file.ordinary)),
        ordinary=frozenset(word for file in files for word in file.ordinary),
        towns=frozenset(word for file in files for word in file.towns),
        before=frozenset(word for file in files for word in file.before),
        between=frozenset(word for file in files for word in file.between),
        offices=frozenset(word for file in files for word in (*file.offices, *file.seats)),
        seats=frozenset(word for file in files for word in file.seats),
        near=frozenset(word for file in files for word in file.near),
        doing=frozenset(word for file in files for word in file.doing),
        errands=frozenset(word for file in files for word in file.errands),
        clinics=frozenset(word for file in files for word in file.clinics),
        houses=frozenset(word for file in files for word in file.houses),
        otherwise=frozenset(word for file in files for word in (*file.otherwise, *file.towns)),
        short={short: word for file in files for short, word in file.short.items()},
        elsewhere=elsewhere,
    )


def _slang(sources: Sources) -> dict[str, str]:
    """Spelling -> word, in the order of reading: the longest first. What is kept stands as an entry for itself.

    Numbered places are read in figures, so that both ways to type them are one, and "Sitinjo I minta uang" is not taken
    for the English "I".
    """
    names = (*(area.entry.name for area in sources.areas.values()), *(u.entry.name for u in units_of(sources).values()))
    merged: dict[str, str] = dict(filter(None, map(in_figures, names)))
    for part in sources.slang:
        merged |= {**part.content.words, **{phrase: phrase for phrase in part.content.keep}}
    return dict(sorted(merged.items(), key=lambda entry: (-len(entry[0].split()), -len(entry[0]), entry[0])))


def _calendars(sources: Sources) -> dict[str, Calendar]:
    entries: dict[str, CalendarEntry] = {}
    for part in sources.calendars:
        entries |= part.content.calendars
    return {name: _calendar(entry, sources) for name, entry in entries.items()}


def _calendar(entry: CalendarEntry, sources: Sources) -> Calendar:
    return Calendar(
        zone=entry.zone or sources.region.content.zone,
        week=entry.week.frames,
        added_off=frozenset(day for part in sources.holidays for day in part.content.added_off),
        removed_off=frozenset(day for part in sources.holidays for day in part.content.removed_off),
        confirmed_years=frozenset(year for part in sources.calendars for year in part.content.confirmed_years),
        seasons=tuple(Season(Span(season.first, season.last), season.week.frames) for season in entry.seasons),
    )


def _policy(entry: PolicyEntry) -> Policy:
    return Policy(**entry.model_dump())


def _ladder(entries: Iterable[RungEntry], posts: Collection[str], top: str) -> Iterator[Rung]:
    """The rungs of one ladder; one for a post that not every town has is left out where it is missing."""
    return (_rung(entry, top) for entry in entries if entry.to in posts or not entry.optional)


def _rung(entry: RungEntry, top: str) -> Rung:
    to = top if entry.to == HEAD_OF_REGION else entry.to
    return Rung(entry.code, entry.clock.value, entry.when, entry.days, to, entry.in_digest, entry.acknowledge)


def _numbers(sources: Sources) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for part in sources.emergency:
        numbers |= part.content.numbers
    return {**numbers, **sources.region.content.emergency_numbers}


def _origins(sources: Sources) -> Iterator[tuple[str, tuple[str, int]]]:
    yield "region", (sources.region.document.label, 1)
    yield from _named("unit", units_of(sources))
    yield from _named("matter", sources.matters)
    yield from _named("page", sources.pages)
    for kind, ladder in sources.ladder.items():
        for number, rung in enumerate(ladder.entry):
            line = ladder.document.line(*ladder.place, number)
            yield f"rung {kind} {rung.code}", (ladder.document.label, line)


def _named(word: str, entries: Mapping[str, Located[object]]) -> Iterator[tuple[str, tuple[str, int]]]:
    return ((f"{word} {code}", found.origin) for code, found in entries.items())


def _care_numbers(sources: Sources, care: Care) -> dict[str, str]:
    files = [part.content for part in sources.emergency if care in part.content.care]
    return {name: number for file in files for name, number in file.care[care].numbers.items()}
