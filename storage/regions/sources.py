"""The files of a region, read and checked for shape: the country's (`base`), and over them the town's.

A file of the same name in the town's folder adds to the country's: its entries win, its lists are appended. Of a
service the town says only what it knows: each key wins by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from storage.regions import documents, models
from storage.regions.documents import Document, Place
from storage.regions.faults import Fault, RegionFaults

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: Files that the country's folder has to hold (or the town's, where it names no `base`).
COUNTRY_FILES = (
    "groups.yaml",
    "unit_kinds.yaml",
    "matters.yaml",
    "conduct.yaml",
    "slang.yaml",
    "emergency.yaml",
    "greetings.yaml",
    "speech.yaml",
    "answers.yaml",
    "deadlines.yaml",
    "ladder.yaml",
    "referrals.yaml",
    "calendar.yaml",
)
#: Files that the town's folder has to hold, and those that it may.
TOWN_FILES = ("region.yaml", "areas.yaml", "offices.yaml")
OPTIONAL_FILES = (
    "units.yaml",
    "words.yaml",
    "holidays.yaml",
    "services.yaml",
    "places.yaml",
    "replies.yaml",
    "pages.yaml",
    "bodies.yaml",
)
#: How people name places; of the lists that a country has for new towns the one that the program needs later, too.
NAMES = "reference/names.yaml"


@dataclass(frozen=True)
class Folder:
    path: Path

    def label(self, name: str) -> str:
        """How a file of this folder is named to people: `regions/pematangsiantar/units.yaml`."""
        return f"{self.path.parent.name}/{self.path.name}/{name}"


@dataclass(frozen=True)
class Part(Generic[M]):
    """One file and what it says."""

    document: Document
    content: M


@dataclass(frozen=True)
class Located(Generic[T_co]):
    """An entry that remembers where it is written."""

    entry: T_co
    document: Document
    place: Place

    def fault(self, message: str, *more: str | int) -> Fault:
        return self.document.fault(message, *self.place, *more)

    @property
    def origin(self) -> tuple[str, int]:
        return self.document.label, self.document.line(*self.place)


@dataclass(frozen=True)
class Sources:
    """Everything that is written about a region, by file."""

    region: Part[models.RegionFile]
    groups: Mapping[str, Located[models.Names]]
    unit_kinds: Mapping[str, Located[models.UnitKindEntry]]
    units: tuple[Mapping[str, Located[models.UnitEntry]], ...]
    areas: Mapping[str, Located[models.AreaEntry]]
    matters: Mapping[str, Located[models.MatterEntry]]
    conduct: Mapping[str, Located[models.ConductEntry]]
    answers: Mapping[str, Located[tuple[str, ...]]]
    policies: Mapping[str, Located[tuple[models.PolicyEntry, ...]]]
    ladder: Mapping[str, Located[tuple[models.RungEntry, ...]]]
    referrals: Mapping[str, Located[models.ReferralEntry]]
    bodies: Mapping[str, Located[models.BodyEntry]]
    replies: Mapping[str, Located[models.ReplyEntry]]
    pages: Mapping[str, Located[models.PageEntry]]
    slang: tuple[Part[models.SlangFile], ...]
    emergency: tuple[Part[models.EmergencyFile], ...]
    greetings: tuple[Part[models.GreetingFile], ...]
    speech: tuple[Part[models.SpeechFile], ...]
    calendars: tuple[Part[models.CalendarFile], ...]
    holidays: tuple[Part[models.HolidayFile], ...]
    names: tuple[Part[models.PlaceNamesFile], ...]
    places: Mapping[str, Located[models.PlaceEntry]]
    services: tuple[Mapping[str, Located[models.ServiceEntry]], ...]


@dataclass
class _Reader:
    """Reads file after file and keeps the faults, so that one run shows them all."""

    folders: tuple[Folder, ...]
    faults: list[Fault] = field(default_factory=list)

    def parts(self, name: str, model: type[M]) -> tuple[Part[M], ...]:
        """The file `name` of every folder that has it or has to have it, the country's first."""
        wanted = (folder for folder in self.folders if self._must(folder, name) or (folder.path / name).exists())
        return tuple(part for folder in wanted if (part := self._part(folder, name, model)))

    def entries(self, name: str, model: type[RootModel[Mapping[Any, T]]]) -> dict[str, Located[T]]:
        """The entries of a file that is one mapping; where two folders have the same one, the town's stands."""
        return {key: entry for layer in self.layers(name, model) for key, entry in layer.items()}

    def layers(self, name: str, model: type[RootModel[Mapping[Any, T]]]) -> tuple[dict[str, Located[T]], ...]:
        """The entries of such a file, those of each folder by themselves, the country's first."""
        return tuple(
            {str(key): Located(entry, part.document, (str(key),)) for key, entry in part.content.root.items()}
            for part in self.parts(name, model)
        )

    def strangers(self) -> Iterator[Fault]:
        """Files that nobody reads: a misspelt name would otherwise be silence."""
        known = {*COUNTRY_FILES, *TOWN_FILES, *OPTIONAL_FILES}
        for folder in self.folders:
            for path in sorted(folder.path.glob("*.y*ml")):
                if path.name not in known:
                    like = perhaps(path.stem, (Path(name).stem for name in known))
                    said = f"{like}.yaml" if like else f": those that are read are {', '.join(sorted(known))}"
                    yield Fault(folder.label(path.name), 1, f"no file of this name is read here{said}")

    def _must(self, folder: Folder, name: str) -> bool:
        home = {**dict.fromkeys(COUNTRY_FILES, self.folders[0]), **dict.fromkeys(TOWN_FILES, self.folders[-1])}
        return home.get(name) == folder

    def _part(self, folder: Folder, name: str, model: type[M]) -> Part[M] | None:
        try:
            return part(folder, name, model)
        except RegionFaults as found:
            self.faults.extend(found.faults)
            return None


def part(folder: Folder, name: str, model: type[M]) -> Part[M]:
    """One file, read and checked for shape; RegionFaults if it is not what it should be."""
    document = documents.read(folder.path / name, folder.label(name))
    try:
        return Part(document, model.model_validate(document.data))
    except ValidationError as error:
        raise RegionFaults(_faults(document, model, error.errors(include_url=False))) from None


def gather(folders: tuple[Folder, ...], region: Part[models.RegionFile]) -> Sources:
    """Read all files; RegionFaults with every fault of every file."""
    reader = _Reader(folders)
    sources = _sources(reader, region)
    faults = [*reader.faults, *reader.strangers()]
    if faults:
        raise RegionFaults(faults)
    return sources


def _sources(reader: _Reader, region: Part[models.RegionFile]) -> Sources:
    return Sources(
        region=region,
        groups=reader.entries("groups.yaml", models.GroupFile),
        unit_kinds=reader.entries("unit_kinds.yaml", models.UnitKindFile),
        units=(reader.entries("offices.yaml", models.UnitFile), reader.entries("units.yaml", models.UnitFile)),
        areas=reader.entries("areas.yaml", models.AreaFile),
        matters=reader.entries("matters.yaml", models.MatterFile),
        conduct=reader.entries("conduct.yaml", models.ConductFile),
        answers=reader.entries("answers.yaml", models.AnswerFile),
        policies=reader.entries("deadlines.yaml", models.PolicyFile),
        ladder=reader.entries("ladder.yaml", models.LadderFile),
        referrals=reader.entries("referrals.yaml", models.ReferralFile),
        bodies=reader.entries("bodies.yaml", models.BodyFile),
        replies=reader.entries("replies.yaml", models.ReplyFile),
        pages=reader.entries("pages.yaml", models.PageFile),
        slang=(*reader.parts("slang.yaml", models.SlangFile), *reader.parts("words.yaml", models.SlangFile)),
        emergency=reader.parts("emergency.yaml", models.EmergencyFile),
        greetings=reader.parts("greetings.yaml", models.GreetingFile),
        speech=reader.parts("speech.yaml", models.SpeechFile),
        calendars=reader.parts("calendar.yaml", models.CalendarFile),
        holidays=reader.parts("holidays.yaml", models.HolidayFile),
        names=reader.parts(NAMES, models.PlaceNamesFile),
        places=reader.entries("places.yaml", models.PlaceFile),
        services=reader.layers("services.yaml", models.ServiceFile),
    )


#: What belongs where something else stands, by pydantic's name for the error.
_WANTED = {
    "string_type": "here belongs a text; a number as a text stands in quotes",
    "tuple_type": "here belongs a list: [one, another]",
    "date_from_datetime_parsing": "a day is written like 2026-04-24",
    **dict.fromkeys(("dict_type", "model_type", "mapping_type"), "here belong lines like `key: value`"),
}


def perhaps(name: str, known: Iterable[str]) -> str:
    """What may be meant by a name that nobody knows, as the end of a line; nothing where nothing is like it."""
    like = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    return f": perhaps {like[0]}" if like else ""


def _faults(document: Document, model: type[BaseModel], errors: Iterable[ErrorDetails]) -> Iterator[Fault]:
    """One fault a mistake: a key that is misspelt is not also one that is missing."""
    around: dict[Place, tuple[list[str], list[str]]] = {}
    for error in errors:
        if error["type"] not in ("missing", "extra_forbidden"):
            yield _fault(document, error)
            continue
        missing, unknown = around.setdefault(error["loc"][:-1], ([], []))
        (missing if error["type"] == "missing" else unknown).append(str(error["loc"][-1]))
    for place, (missing, unknown) in around.items():
        found = _key_faults(missing, unknown, _keys_at(model, place))
        yield from (document.fault(f"{_path(place)}{said}", *place, key) for key, said in found)


def _keys_at(model: object, place: Place) -> tuple[str, ...]:
    """The keys that may stand at a place of a file, in the order of its model."""
    if isinstance(model, type) and issubclass(model, RootModel):
        return _keys_at(model.model_fields["root"].annotation, place)
    if isinstance(model, type) and issubclass(model, BaseModel):
        fields = model.model_fields
        return _keys_at(fields[str(place[0])].annotation, place[1:]) if place else tuple(fields)
    inner = get_args(model)
    if isinstance(model, UnionType) or hasattr(model, "__metadata__"):
        return next((keys for one in inner if (keys := _keys_at(one, place))), ())
    mapping = get_origin(model) is Mapping
    return _keys_at(inner[1 if mapping else 0], place[1:]) if inner and place else ()


def _key_faults(missing: list[str], unknown: list[str], known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Keys that are missing and keys that nobody knows, each unknown one with the missing one that it must mean."""
    for key in unknown:
        like = missing if len(missing) == len(unknown) == 1 else get_close_matches(key, missing, n=1, cutoff=0.5)
        if like:
            yield key, f"unknown key `{key}`: it is `{like[0]}`"
            missing = [other for other in missing if other != like[0]]
        else:
            yield key, f"unknown key `{key}`{_instead(key, known)}"
    yield from ((key, f"key `{key}` is missing") for key in missing)


def _instead(key: str, known: tuple[str, ...]) -> str:
    return perhaps(key, known) or (f": here may stand {', '.join(known)}" if known else "")


def _fault(document: Document, details: ErrorDetails) -> Fault:
    place = details["loc"]
    if place and place[-1] == "[key]":
        return document.fault(_key_message(details), *place[:-1])
    around, key = _path(place[:-1]), place[-1] if place else ""
    match details["type"]:
        case "string_pattern_mismatch":
            message = f"{_path(place)}{_pattern_message(details)}"
        case "too_short":
            message = f"{around}`{key}` needs at least one entry"
        case kind if details["input"] is None and kind in _WANTED:
            message = f"{_path(place)}nothing is written here"
        case kind if kind in _WANTED:
            message = f"{_path(place)}{_WANTED[kind]}"
        case _:
            message = f"{_path(place)}{_said(details)}"
    return document.fault(message, *place)


def _key_message(details: ErrorDetails) -> str:
    if details["type"] == "string_pattern_mismatch":
        return _pattern_message(details)
    return f"`{details['input']}` is not known here: {_said(details)}"


def _pattern_message(details: ErrorDetails) -> str:
    example = models.example_of(details.get("ctx", {}).get("pattern", ""), str(details["input"]))
    written = f"`{details['input']}` is not written as it should be"
    return f"{written}: like {example}" if example else written


def _path(place: Iterable[str | int]) -> str:
    path = ".".join(map(str, place))
    return f"{path}: " if path else ""


def _said(details: ErrorDetails) -> str:
    text = details["msg"].removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
