"""Which kelurahan, desa, kecamatan or puskesmas a text names, as people type it: "kel tomuann", "sigulang gulang".

Names are compared in one word, so that blanks do not count, and within a few wrong letters. A place is guessed more
freely where somebody was asked for one (`loose`) than in a story, where nearly every word is about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import chain, islice, product

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from domain.borders import NOWHERE, Spot
from domain.region import PlaceWords, Region
from domain.understanding.accused import is_addressed
from domain.understanding.text import LATIN, in_figures, plain_words

#: Units that are also areas: named in a story they may be just the place.
AREA_KINDS = frozenset({"kelurahan", "desa", "kecamatan"})
#: Kinds whose names are looked for; kelurahan and desa are taken for each other.
_TIERS = {"kelurahan": "below", "desa": "below", "kecamatan": "kecamatan", "puskesmas": "puskesmas"}
NAMED_KINDS = frozenset(_TIERS)
#: Length of what was typed -> wrong letters that are forgiven, behind a word like "kelurahan" and without one.
_CALLED, _BARE = ((4, 1), (7, 2), (12, 3)), ((6, 1), (9, 2), (14, 3))
#: A name without any word before it counts in a story if it is as long as this, or has two words.
LONG = 8
#: How much of a text may be guessed at; exact names are found in all of it.
MOST_GUESSES = 40
#: What a wrong letter costs against letters that are explained: a longer name must not win by guessing alone.
_WRONG = 3
#: So many words before a name an errand tells that its office is meant ("urus surat pindah di kelurahan tomuan").
ERRAND = 6
#: More words than this are no name, however short they are.
MOST_WORDS = 8
#: How freely a name is taken for one. "Baru" needs its word and a question for a place, or the kecamatan beside it;
#: "Janji" the word for a desa, not that for its kades; "Merdeka", and what only an alias says, any such word; "Tanjung
#: Pinggir" a question for a place; all others nothing.
ORDINARY, PLAIN, CALLED, LOOSE, FREE = range(5)
_COUNTED = ["satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"]
_IN_WORDS = {str(number): word for number, word in enumerate(_COUNTED, 1)}
_IN_FIGURES = {word: figure for figure, word in _IN_WORDS.items()}
_LENGTHENED = re.compile(r"([a-hj-z])\1{2,}")  # of "sitinjoiii" nobody knows how long it should be
_DOUBLED = re.compile(r"^([a-z]{3,})2$")
_ITS = re.compile(r"ny[ao]$")
_DIGITS = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Named:
    """A place that a text may mean, and how well it fits (0 to 100). `called`: it says what it is ("kelurahan ...")."""

    name: str
    level: str
    area: str | None
    unit: str | None
    score: float
    called: bool


class Stand(StrEnum):
    """As what a place is named: its office or people, or only where something lies or happened."""

    #: By the title of who leads it: "lurah tomuan".
    HEAD = "head"
    OFFICE = "office"
    #: Where a puskesmas stands: "puskesmas di kelurahan tomuan".
    CLINIC = "clinic"
    #: Near which it is: "di depan kantor lurah tomuan".
    BESIDE = "beside"
    #: Where something else stands that is no part of its office: "sekolah di kelurahan tomuan".
    HOUSE = "house"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Heard:
    """One name in a text: its best readings, which word it begins at, and as what it stands there; `told`: it is spoken
    to, or was told."""

    named: tuple[Named, ...]
    at: int
    stand: Stand
    told: bool = False


@dataclass(frozen=True)
class Names:
    """What a text names, from left to right, and towns that are not this one. `rest`: how many words are no name."""

    heard: tuple[Heard, ...] = ()
    foreign: frozenset[str] = frozenset()
    rest: int = 0

    @cached_property
    def mentions(self) -> tuple[tuple[Named, ...], ...]:
        """The best readings of each place, each once."""
        return tuple(dict.fromkeys(one.named for one in self.heard))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one spelling means, and how much has to stand before it: see `_freedom`. `town`: it is not of this one."""

    name: str
    level: str
    area: str | None
    unit: str | None
    freedom: int
    town: str = ""


def areas_named(text: str, region: Region) -> tuple[Named, ...]:
    """Everything that a typed place may mean, the best fitting first."""
    found = chain.from_iterable(names_in(text, region, loose=True).mentions)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (-one.score, one.level == "kecamatan", one.name)))


def spot_named(text: str, region: Region) -> Spot:
    """Where a typed place is. What may be in another town as well is nowhere."""
    names = names_in(text, region, loose=True)
    if names.foreign:
        (whose, *more) = names.foreign
        return NOWHERE if names.mentions else Spot(outside=True, whose=None if more else whose)
    return spot_of(names, region)


def spot_of(names: Names, region: Region) -> Spot:
    """The area that all names together mean, or the few that they may mean."""
    if names.foreign:
        return NOWHERE
    sets = [_likely(mention, names, region) for mention in names.mentions]
    areas = tuple(dict.fromkeys(area for areas in _narrowest(sets, names, region) for area in areas))
    return Spot(areas[0]) if len(areas) == 1 else Spot(among=areas)


def units_heard(names: Names, region: Region) -> Iterator[tuple[Heard, str]]:
    """Each unit that is named with the word for what it is, where it is."""
    for one in names.heard:
        units = {found.unit for found in _fitting(one.named, names, region)}
        if one.named[0].called and len(units) == 1 and (unit := units.pop()):
            yield one, unit


def unit_of(names: Names, region: Region) -> str | None:
    """The one unit that is named, with the word for what it is."""
    called = [mention for mention in names.mentions if mention[0].called]
    below = [mention for mention in called if mention[0].level != "kecamatan"] or called
    units = {one.unit for mention in below for one in _fitting(mention, names, region)}
    return units.pop() if len(units) == 1 else None


def _narrowest(sets: list[tuple[str, ...]], names: Names, region: Region) -> Iterable[tuple[str, ...]]:
    """A kelurahan counts before any kecamatan, and an area before where a puskesmas lies."""
    places = [areas for areas, mention in zip(sets, names.mentions, strict=True) if mention[0].level in AREA_KINDS]
    found = [areas for areas in places or sets if areas]
    return [areas for areas in found if any(region.areas[area].level != "kecamatan" for area in areas)] or found


def _likely(mention: tuple[Named, ...], names: Names, region: Region) -> tuple[str, ...]:
    """The areas that one name may be; of a kecamatan and a desa in it that has its name the kecamatan."""
    areas = tuple(one.area for one in _fitting(mention, names, region) if one.area)
    around = tuple(area for area in areas if all(other == area or other.startswith(f"{area}.") for other in areas))
    return around or areas


def _fitting(mention: tuple[Named, ...], names: Names, region: Region) -> tuple[Named, ...]:
    """The readings of a name that lie in a kecamatan which is named beside it, if there are any."""
    around = {one.area for other in names.mentions if other is not mention for one in other if one.level == "kecamatan"}
    inside = tuple(one for one in mention if one.area and region.areas[one.area].parent in around)
    return inside or mention


def names_in(text: str, region: Region, *, loose: bool = False) -> Names:
    """Every place that a text names."""
    return _gazetteer(region).scan(text, loose=loose)


class _Gazetteer:
    """A region's names of places, spelled for comparing, by the sort of word that calls them ("": none is needed)."""

    def __init__(self, region: Region) -> None:
        self.words = region.place_words
        calls = {call: kind for kind, calls in self.words.called.items() for call in calls if kind in _TIERS}
        self.lexicon = region.lexicon
        self.slang = region.lexicon.slang
        chat = {typed: calls[word] for typed, word in self.slang.items() if word in calls}
        self.kind_of = {**chat, **calls}
        self.long_calls = [call for call in self.kind_of if len(call) >= LONG]
        self.common = self._common(region)
        self.own = self._key(_short(region.name))
        self.exact = set[str]()  # names with a number in letters, where a wrong letter is another number
        self.entries: dict[str, dict[str, list[_Entry]]] = {"": {}, **{tier: {} for tier in _TIERS.values()}}
        for key, entry in dict.fromkeys(chain(self._entries(region), self._strangers())):
            self._enter(key, entry)
        self.keys = {tier: [key for key in keys if key not in self.exact] for tier, keys in self.entries.items()}
        self.begun = {tier: _beginnings(keys) for tier, keys in self.entries.items()}
        self.most = max((len(key) for keys in self.entries.values() for key in keys), default=0)
        self.towns = {self._key(_short(town)): town for town in self.words.elsewhere}

    def _enter(self, key: str, entry: _Entry) -> None:
        """One more spelling. What another town's area is called is kept only where none of ours has the name."""
        for tier in (_TIERS[entry.level], *([""] if entry.freedom >= LOOSE else [])):
            there = self.entries[tier].setdefault(key, [])
            if not entry.town or all(other.town for other in there):
                there.append(entry)

    # --- what there is

    def _entries(self, region: Region) -> Iterator[tuple[str, _Entry]]:
        units = {unit.area: unit.code for unit in region.units.values() if unit.kind in AREA_KINDS}
        for area in region.areas.values():
            for name in (area.name, *area.aliases):
                entry = _Entry(area.name, area.level, area.code, units.get(area.code), self._freedom(name))
                yield from ((key, entry) for key in self._keys(name))
        for unit in region.units.values():
            if unit.kind in _TIERS:
                own = region.areas[unit.area].name if unit.kind in AREA_KINDS and unit.area else unit.name
                for name in (unit.name, *unit.aliases):
                    if words := self._without_call(name, unit.kind):
                        entry = _Entry(own, unit.kind, unit.area, unit.code, min(CALLED, self._freedom(words)))
                        yield from ((key, entry) for key in self._keys(words))

    def _strangers(self) -> Iterator[tuple[str, _Entry]]:
        """The areas of other towns: what is typed like one of them is no wrongly typed name of ours."""
        for town, names in self.words.elsewhere.items():
            for name, level in product(names, ("kelurahan", "kecamatan")):
                yield self._key(name), _Entry(name, level, None, None, self._freedom(name), town)

    def _freedom(self, name: str) -> int:
        """How freely a name is taken for one: the plainer its words, the more has to say that it is. Who says the
        town's own name alone means the town, also where a kelurahan has it ("di binjai")."""
        if self._key(name) == self.own:
            return PLAIN
        words = [word for word in plain_words(name) if word not in LATIN]
        if not self.words.plain.issuperset(words):
            return FREE
        if len(words) > 1:
            return LOOSE
        if self.words.ordinary.issuperset(words):
            return ORDINARY
        return PLAIN if self.words.doing.issuperset(words) else CALLED

    def _without_call(self, name: str, kind: str) -> str:
        """`kantor camat siantar timur` -> siantar timur; nothing where no word says what it is."""
        words = plain_words(name)
        at = next((at for at, word in enumerate(words) if self.kind_of.get(word) == kind), None)
        return "" if at is None else " ".join(words[at + 1 :])

    def _common(self, region: Region) -> frozenset[str]:
        """Words that mean something by themselves, so that none of them is a name with a wrong letter."""
        lexicon = region.lexicon
        names = [area.name for area in region.areas.values()] + [unit.name for unit in region.units.values()]
        numbered = dict(filter(None, map(in_figures, names)))
        chat = {typed: word for typed, word in lexicon.slang.items() if typed not in numbered}
        phrases = chain(
            self.words.plain,
            self.words.before,
            self.words.otherwise,
            chat,
            chat.values(),
            lexicon.staff,
            lexicon.troubles,
            lexicon.questions,
            (pattern.replace("|", " ") for pattern in (*lexicon.emergency_now, *lexicon.emergency_ask)),
            chain.from_iterable(lexicon.conduct.values()),
            chain.from_iterable(lexicon.conduct_weak.values()),
            chain.from_iterable(matter.keywords for matter in region.matters.values()),
        )
        return frozenset(word for phrase in phrases for word in phrase.split())

    def _keys(self, name: str) -> set[str]:
        """A name in one word: in full, and as it is joined by whoever leaves out its blanks ("sitinjoii")."""
        words = plain_words(name)
        numbers = sum(word in LATIN for word in words)
        joined = ["".join(words)] if numbers < 2 else []  # "I/II" and "III" would be one
        otherwise = self._other_numbers(name)
        self.exact |= {*(joined if numbers else []), *otherwise}
        return {self._key(name), *joined, *otherwise}

    def _other_numbers(self, name: str) -> set[str]:
        """A numbered name with its last number the other way: `parbuluan satu`, `simpang 4`."""
        *words, last = map(self._spelled, plain_words(name))
        other = _IN_WORDS.get(last) or _IN_FIGURES.get(last)
        return {"".join((*words, other))} if words and other else set()

    def _key(self, name: str) -> str:
        return "".join(map(self._spelled, plain_words(name)))

    def _spelled(self, word: str) -> str:
        """A word in full, numbers in figures, and none longer than it is: `tj`, `II`, `tomuaaan`, `sigulang2`."""
        word = LATIN.get(word) or _LENGTHENED.sub(r"\1", word)
        return self.words.short.get(word) or _DOUBLED.sub(r"\1\1", word)

    # --- what a text says

    def scan(self, text: str, *, loose: bool) -> Names:
        """Name after name, from left to right."""
        words = [self._spelled(word) for word in plain_words(text)]
        heard = list[Heard]()
        ended = -1
        foreign: set[str] = set()
        at, rest, guesses = 0, 0, MOST_GUESSES
        while at < len(words):
            kind = self._call(words[at])
            start = at + 1 if kind else at
            guess = guesses > 0 and (loose or kind is not None)
            guesses -= guess
            entries, wrong, end = self._at(words, start, kind, loose=loose, guess=guess)
            if kind and not entries:
                start = self._past(words, start, self.words.between)
                entries, wrong, end = self._behind(words, at, start, kind, guess=guess)
            own = [entry for entry in entries if not entry.town]
            if own:
                named = tuple(_named(own, kind, wrong, sum(map(len, words[start:end]))))
                told = is_addressed(words, at, end - at, self.lexicon)
                stand = self._stand(words, at, end, kind, told=told)
                if ended == at and stand is Stand.OFFICE and heard[-1].stand is Stand.PLACE:
                    heard[-1] = replace(heard[-1], stand=stand)  # "kelurahan tomuan kecamatan siantar timur petugasnya"
                heard.append(Heard(named, at, stand, told))
                ended = end
            elif entries and kind:
                foreign |= {entry.town for entry in entries}
            elif not entries:
                foreign |= self._town(words, at)
                rest += kind is None and words[at] not in self.words.before
            at = end if entries else at + 1
        return Names(tuple(heard), frozenset(foreign), rest)

    def _behind(
        self, words: Sequence[str], at: int, start: int, kind: str, *, guess: bool
    ) -> tuple[list[_Entry], int, int]:
        """The same behind small words: "lurah kami di bane". A plain word is then none but a puskesmas's name."""
        if start in (at + 1, len(words)) or self._call(words[start]):
            return [], 0, start
        found, wrong, end = self._at(words, start, kind, loose=False, guess=guess)
        least = PLAIN if kind == "puskesmas" else CALLED
        return [entry for entry in found if entry.freedom >= least], wrong, end

    def _past(self, words: Sequence[str], at: int, small: frozenset[str]) -> int:
        return next((n for n in range(at, len(words)) if words[n] not in small), len(words))

    def _stand(self, words: Sequence[str], at: int, end: int, kind: str | None, *, told: bool) -> Stand:
        """As what a name stands there, by its call and the words around it."""
        if is_beside(words, at, self.words):
            return Stand.BESIDE
        before = words[at - 1] if at else ""
        if kind == "puskesmas" or self._is_title(words[at]):
            return Stand.OFFICE if told or before in self.words.seats else Stand.HEAD
        if end < len(words) and self._is_title(words[end]):
            return Stand.OFFICE
        return self._stand_of_place(words, at, end, kind)

    def _stand_of_place(self, words: Sequence[str], at: int, end: int, kind: str | None) -> Stand:
        before = [self.slang.get(word, word) for word in words[max(0, at - ERRAND) : at]]
        nearest = next((word for word in reversed(before) if not self._is_small(word)), "")
        if self.kind_of.get(nearest) == "puskesmas" or nearest in self.words.clinics:
            return Stand.CLINIC
        if nearest in self.words.houses:
            return Stand.HOUSE
        behind = _ITS.sub("", words[end]) if end < len(words) else ""
        spoken_of = not self.words.offices.isdisjoint((nearest, before[-1] if before else "", behind))
        errand = kind is not None and not self.words.errands.isdisjoint(before)
        return Stand.OFFICE if spoken_of or errand else Stand.PLACE

    def _is_small(self, word: str) -> bool:
        small = word in self.words.between or word.isdecimal()
        return small or (self.kind_of.get(word) in AREA_KINDS and not self._is_title(word))

    def _is_title(self, word: str) -> bool:
        return _ITS.sub("", word) in self.words.titles

    def _call(self, word: str) -> str | None:
        """The kind that a word calls, also with a wrong letter or two: "kelurhan"."""
        word = word if word in self.kind_of else _ITS.sub("", word)
        if word in self.kind_of:
            return self.kind_of[word]
        if not LONG - 1 <= len(word) <= LONG + 3 or word in self.common:
            return None
        near = (call for call in self.long_calls if OSA.distance(word, call, score_cutoff=2) <= 2)
        return next((self.kind_of[call] for call in near), None)

    def _at(
        self, words: Sequence[str], start: int, kind: str | None, *, loose: bool, guess: bool
    ) -> tuple[list[_Entry], int, int]:
        """What the words from `start` on are best read as, how many letters are wrong then, and where it ends."""
        tier = _TIERS[kind] if kind else ""
        before = words[start - 1] if start else ""
        if kind is None and before in self.words.otherwise:
            return [], 0, start
        least = _least(called=kind is not None, title=before in self.words.titles, loose=loose)
        best, worth, ends, off = list[_Entry](), 0, start, 0
        for end, typed in self._windows(words, start, None if guess else self.begun[tier]):
            wrong, keys = self._like(typed, words[start:end], tier, guess=guess)
            entries = [entry for key in keys for entry in self.entries[tier][key] if entry.freedom >= least]
            clear = kind or loose or before in self.words.before or (end - start > 1 and len(typed) >= LONG)
            explained = max(map(len, (typed, *keys))) - _WRONG * wrong
            if entries and clear and explained > worth:
                best, worth, ends, off = entries, explained, end, wrong
        return best, off, ends

    def _windows(self, words: Sequence[str], start: int, begun: frozenset[str] | None) -> Iterator[tuple[int, str]]:
        """One word after `start`, two in one, and so on while it may become a name (`begun`: beginnings of names)."""
        typed = ""
        for end in range(start, min(start + MOST_WORDS, len(words))):
            typed += words[end]
            if len(typed) > self.most + _CALLED[-1][1] or (begun is not None and typed not in begun):
                return
            yield end + 1, typed

    def _like(self, typed: str, words: Sequence[str], tier: str, *, guess: bool) -> tuple[int, list[str]]:
        """The names nearest to what was typed, and how many letters are wrong."""
        if typed in self.entries[tier]:
            return 0, [typed]
        most = next((wrong for length, wrong in reversed(_CALLED if tier else _BARE) if len(typed) >= length), 0)
        if not guess or not most or self.common.issuperset(words):
            return 0, []
        near = extract(typed, self.keys[tier], scorer=OSA.distance, score_cutoff=most, limit=8)
        fitting = [(int(wrong), key) for key, wrong, _ in near if _same_start(typed, key, tier)]
        least = min((wrong for wrong, _ in fitting), default=0)
        return least, [key for wrong, key in fitting if wrong == least]

    def _town(self, words: Sequence[str], at: int) -> set[str]:
        """The other town that "kab" or "kota" names here."""
        if words[at] not in self.words.towns:
            return set()
        typed = (typed for _, typed in self._windows(words, at + 1, None))
        return {self.towns[name] for name in islice(typed, 2) if name in self.towns}


def is_beside(words: Sequence[str], at: int, places: PlaceWords) -> bool:
    """Whether something only lies near what is named: "di depan kantor lurah"."""
    while at and words[at - 1] in places.seats:
        at -= 1
    return at > 0 and words[at - 1] in places.near


def _short(town: str) -> str:
    """A town's name without the word for what it is."""
    return town.partition(" ")[2]


def _beginnings(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key[:end] for key in keys for end in range(1, len(key) + 1))


def _least(*, called: bool, title: bool, loose: bool) -> int:
    """The least freedom of a name that is taken for one behind what stands before it."""
    if loose:
        return ORDINARY if called else LOOSE
    if called:
        return CALLED if title else PLAIN
    return FREE


def _same_start(typed: str, key: str, tier: str) -> bool:
    """Without a word before it a name begins as it should; and Sitinjo II is not Sitinjo I with a wrong letter."""
    return _DIGITS.findall(typed) == _DIGITS.findall(key) and (bool(tier) or typed[0] == key[0])


def _named(entries: list[_Entry], kind: str | None, wrong: int, length: int) -> Iterator[Named]:
    """What was found; of a kelurahan and a desa the one that is called so."""
    found = [entry for entry in entries if entry.level == kind] or entries
    score = 100.0 * (1 - wrong / max(length, 1)) - (0 if kind else 5)
    for entry in {(entry.area, entry.unit): entry for entry in found}.values():
        yield Named(entry.name, entry.level, entry.area, entry.unit, round(score, 1), called=kind is not None)


@lru_cache(maxsize=16)
def _gazetteer(region: Region) -> _Gazetteer:
    return _Gazetteer(region)
