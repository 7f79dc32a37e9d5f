"""A new town from lists: which units its areas, health centres and hospital are, with codes and aliases of their own.

Pure. `tanggap region new` reads the lists (storage/regions/reference.py) and writes the files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.understanding.text import LATIN, plain_words

#: Kemendagri numbers the kabupaten of a province from 01 and its kota from 71 on.
_FIRST_KOTA = 71
_SORTS = {"kota": "Kota", "kabupaten": "Kabupaten"}
#: What stands before a name on a hospital's sign and not in what people say.
_TITLES = frozenset({"dr", "drg", "h", "hj", "prof", "tk"})
_SORT_WORD = re.compile(r"^\s*(kota|kabupaten|kab\.?)\s+", re.IGNORECASE)
#: The head of the region, in the usual offices' `parent`.
TOP = "TOP"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list: an area by its code, a puskesmas or hospital by its number. `area` is where it lies."""

    code: str
    name: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """How a kind of unit is named: what its name and code begin with, and the words by which people call it."""

    name: str
    code: str
    long: tuple[str, ...]
    short: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewPost:
    code: str
    title: str
    role: str


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit as it will be written. `heading`: the line of comment that stands before it, if any."""

    code: str
    name: str
    kind: str
    parent: str | None
    source: str
    aliases: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    area: str | None = None
    posts: tuple[NewPost, ...] = ()
    heading: str = ""


@dataclass(frozen=True)
class Words:
    """What the names of a town are made with: the wording of each kind, and words that are not only names."""

    kinds: Mapping[str, Wording]
    plain: frozenset[str]
    ordinary: frozenset[str]


@dataclass(frozen=True)
class Founding:
    """All that is known of a town before somebody of the town has said anything."""

    code: str
    name: str
    areas: tuple[Listed, ...] = ()
    offices: tuple[NewUnit, ...] = ()
    health: tuple[Listed, ...] = ()
    hospitals: tuple[Listed, ...] = ()
    area_source: str = ""
    health_source: str = ""
    words: Words = field(default_factory=lambda: Words({}, frozenset(), frozenset()))


@dataclass(frozen=True)
class TownUnits:
    """The units of a new town, by the file and part in which they are written."""

    offices: tuple[NewUnit, ...]
    kecamatan: tuple[NewUnit, ...]
    below: tuple[NewUnit, ...]
    health: tuple[NewUnit, ...]

    def __iter__(self) -> Iterator[NewUnit]:
        return iter((*self.offices, *self.kecamatan, *self.below, *self.health))


def sort_of(code: str) -> str:
    """`kota` or `kabupaten`, by a region's code."""
    return "kota" if int(code.partition(".")[2]) >= _FIRST_KOTA else "kabupaten"


def full_name(name: str, code: str) -> str:
    """`asahan`, `KAB. ASAHAN` or `Kabupaten Asahan` as `Kabupaten Asahan`."""
    return f"{_SORTS[sort_of(code)]} {short_name(name)}"


def short_name(name: str) -> str:
    """A region's name without the word for what it is."""
    return proper(_SORT_WORD.sub("", name))


def says_sort(name: str) -> str | None:
    """The sort of region that a name speaks of, if it does."""
    first = name.casefold().split()[:1]
    return (
        {"kota": "kota", "kabupaten": "kabupaten", "kab.": "kabupaten", "kab": "kabupaten"}.get(*first)
        if first
        else None
    )


def proper(name: str) -> str:
    """A name as it is written on a sign: lists in capitals are brought to small letters, Roman numbers stay."""
    name = " ".join(name.split())
    if name.upper() != name and name.lower() != name:
        return name
    return re.sub(r"[^\W\d_]+", lambda word: _proper(word[0]), name)


def _proper(word: str) -> str:
    return word.upper() if word.lower() in LATIN else word.capitalize()


def level_of(code: str) -> str:
    """The level of an area: Kemendagri numbers kelurahan from 1001 and desa from 2001 on."""
    _, _, *below = code.split(".")
    if len(below) == 1:
        return "kecamatan"
    return "kelurahan" if below[1].startswith("1") else "desa"


def folder_name(name: str) -> str:
    """What the folder of a town is called: `Kota Payakumbuh` -> payakumbuh."""
    return "_".join(words_of(short_name(name)))


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name as people type them: `Perkebunan Air Batu I/II` -> perkebunan, air, batu, i, ii."""
    return tuple(plain_words(name))


def units_of(town: Founding) -> TownUnits:
    """Every unit of a new town; no code and no alias twice."""
    kecamatan, below = _areas(town)
    parts = (_with_hospital(town), kecamatan, below, _health(town))
    units = iter(_unambiguous(_numbered([unit for part in parts for unit in part])))
    return TownUnits(*(tuple(next(units) for _ in part) for part in parts))


# --- areas


def _areas(town: Founding) -> tuple[list[NewUnit], list[NewUnit]]:
    around = {area.code: area for area in town.areas if level_of(area.code) == "kecamatan"}
    inside = [area for area in town.areas if area.code not in around]
    town_word = words_of(short_name(town.name))
    kecamatan = _numbered([_kecamatan(area, town, town_word) for area in around.values()])
    codes = {area.code: unit.code for area, unit in zip(around.values(), kecamatan, strict=True)}
    placed = _to_be_placed(inside, town.words.ordinary)
    below = []
    for area in inside:
        home = around[area.code.rpartition(".")[0]]
        named_with = home.name if (level_of(area.code), words_of(area.name)) in placed else None
        below.append(_below(area, town, parent=codes[home.code], kecamatan=named_with, heading=home.name))
    return kecamatan, below


def _kecamatan(area: Listed, town: Founding, town_word: tuple[str, ...]) -> NewUnit:
    wording, words = town.words.kinds["kecamatan"], words_of(area.name)
    aliases = list(_aliases(words, wording, _plain(town)))
    rest = words[len(town_word) :]
    if rest and words[: len(town_word)] == town_word:  # Payakumbuh Barat: "camat barat"
        aliases += [f"{call} {' '.join(rest)}" for call in ("kecamatan", "camat")]
    return NewUnit(
        code=_code(wording.code, area.name),
        name=f"{wording.name} {area.name}",
        kind="kecamatan",
        parent="SETDA",
        source=town.area_source,
        aliases=tuple(aliases),
        area=area.code,
    )


def _plain(town: Founding) -> frozenset[str]:
    """Words that are not only names; the town's own name is one ("lurah binjai" may be any lurah of Binjai)."""
    own = words_of(short_name(town.name))
    return town.words.plain | frozenset(own if len(own) == 1 else ())


def _to_be_placed(areas: Iterable[Listed], ordinary: Collection[str]) -> set[tuple[str, tuple[str, ...]]]:
    """Level and name of those that need their kecamatan beside them: a name that two areas have, one that is the
    beginning of such a name ("desa bangun" would be found in "desa bangun sari"), and one that says something of any
    desa ("desa baru")."""
    names = Counter((level_of(area.code), words_of(area.name)) for area in areas)
    shared = [name for name, count in names.items() if count > 1]
    return {
        (level, words)
        for level, words in names
        if any(level == other and longer[: len(words)] == words for other, longer in shared)
        or (len(words) == 1 and words[0] in ordinary)
    }


def _below(area: Listed, town: Founding, *, parent: str, kecamatan: str | None, heading: str) -> NewUnit:
    kind = level_of(area.code)
    wording, words = town.words.kinds[kind], words_of(area.name)
    if kecamatan is None:
        code, name, aliases = _code(wording.code, area.name), area.name, _aliases(words, wording, _plain(town))
    else:
        code, name = _code(wording.code, f"{area.name} {kecamatan}"), f"{area.name} Kecamatan {kecamatan}"
        aliases = _placed_aliases(words, words_of(kecamatan), wording)
    return NewUnit(
        code=code,
        name=f"{wording.name} {name}",
        kind=kind,
        parent=parent,
        source=town.area_source,
        aliases=tuple(aliases),
        area=area.code,
        heading=heading,
    )


# --- health


def _with_hospital(town: Founding) -> list[NewUnit]:
    """The usual offices, the first public hospital under its own name, and any further one."""
    offices = list(town.offices)
    at = next((number for number, unit in enumerate(offices) if unit.kind == "rsud"), None)
    if at is None or not town.hospitals:
        return offices
    first, *further = town.hospitals
    offices[at] = _hospital(first, town, offices[at])
    bare = replace(offices[at], groups=(), aliases=(), heading="")
    offices[at + 1 : at + 1] = [
        _hospital(one, town, replace(bare, code=_code("RSUD-", _said(one.name)))) for one in further
    ]
    return offices


def _said(hospital: str) -> str:
    """A hospital's own name: `RS Umum Daerah Dr. Adnaan WD` -> Dr. Adnaan WD."""
    return re.sub(r"^(RSUD|RS Umum Daerah|Rumah Sakit Umum Daerah)\s+", "", hospital, flags=re.IGNORECASE)


def _hospital(hospital: Listed, town: Founding, usual: NewUnit) -> NewUnit:
    wording, name = town.words.kinds["rsud"], _said(hospital.name)
    every = words_of(name)
    spoken = tuple(word for word in every if word not in _TITLES)
    aliases = [f"{call} {' '.join(words)}" for words in dict.fromkeys((spoken, every)) for call in wording.long]
    source = f"{town.health_source}, rumah sakit {hospital.code}"
    return replace(usual, name=f"RSUD {name}", aliases=(*usual.aliases, *aliases), source=source)


def _health(town: Founding) -> list[NewUnit]:
    return [
        NewUnit(
            code=_code(town.words.kinds["puskesmas"].code, centre.name),
            name=f"{town.words.kinds['puskesmas'].name} {centre.name}",
            kind="puskesmas",
            parent="DINKES",
            source=f"{town.health_source}, puskesmas {centre.code}",
            aliases=tuple(_aliases(words_of(centre.name), town.words.kinds["puskesmas"], town.words.plain)),
            area=centre.area,
        )
        for centre in town.health
    ]


# --- codes and aliases


def _code(prefix: str, name: str) -> str:
    return f"{prefix}{'-'.join(words_of(name))}".upper()


def _numbered(units: Sequence[NewUnit]) -> list[NewUnit]:
    """The units, with a number behind a code that an earlier one has."""
    seen: Counter[str] = Counter()
    found = []
    for unit in units:
        seen[unit.code] += 1
        found.append(unit if seen[unit.code] == 1 else replace(unit, code=f"{unit.code}-{seen[unit.code]}"))
    return found


def _aliases(words: tuple[str, ...], wording: Wording, plain: frozenset[str]) -> Iterator[str]:
    """What people type for a name that is alone in the town."""
    own = [word for word in words if word not in LATIN]
    calls = wording.long if len(own) <= 1 and plain.issuperset(own) else (*wording.long, *wording.short)
    for spelled in _spellings(words):
        yield from (f"{call} {spelled}" for call in calls)


def _spellings(words: tuple[str, ...]) -> Iterator[str]:
    """A name as it is written, and in one word if it has two. That `i` may be typed as `1` is known elsewhere."""
    yield " ".join(words)
    if len(words) == 2 and words[1] not in LATIN:
        yield "".join(words)


def _placed_aliases(words: tuple[str, ...], kecamatan: tuple[str, ...], wording: Wording) -> Iterator[str]:
    name, place = " ".join(words), " ".join(kecamatan)
    for call in (*wording.long, *wording.short):
        yield from (f"{call} {name} {between}{place}" for between in ("", "kecamatan ", "kec "))


def _unambiguous(units: Sequence[NewUnit]) -> list[NewUnit]:
    """The units with the aliases that are theirs alone; one that is another unit's name is that unit's."""
    names = {unit.name.casefold(): unit.code for unit in units}
    wished = Counter(alias for unit in units for alias in dict.fromkeys(unit.aliases))
    return [
        replace(
            unit,
            aliases=tuple(
                alias
                for alias in dict.fromkeys(unit.aliases)
                if wished[alias] == 1 and names.get(alias, unit.code) == unit.code
            ),
        )
        for unit in units
    ]
