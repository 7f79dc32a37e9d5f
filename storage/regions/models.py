"""The shape of each file of a region. Unknown keys are refused, so that a typing error is a fault and not a silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

from domain.calendar import Frame
from domain.deadlines import MOST_PAUSED_DAYS, MOST_PAUSES, REOPENED_DAYS
from domain.region import LONGEST_ANSWER, LONGEST_TITLE
from domain.vocabulary import Care, Clock, Conduct, Kind, Role, State


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone `{name}`") from None
    return name


def _written(day: object) -> date:
    if not isinstance(day, str):  # a bare number would be taken for a moment since 1970
        raise ValueError("a day is written like 2026-04-24")
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"`{day}` is no day; one is written like 2026-04-24") from None


def _clock(hour: object) -> object:
    if not isinstance(hour, str) or not re.fullmatch(r"\d\d:\d\d", hour):  # YAML takes 07:30 without quotes for text
        raise ValueError("an hour is written like 07:30, in quotes")
    return hour


def _phrase(text: str) -> str:
    if text != " ".join(text.lower().split()):
        raise ValueError(f"`{text}` must be in lower case, with single blanks")
    return text


def _once(words: tuple[str, ...]) -> tuple[str, ...]:
    for number, word in enumerate(words):
        if word in words[:number]:
            raise ValueError(f"`{word}` stands in the list twice")
    return words


def _some(entries: tuple[object, ...]) -> tuple[object, ...]:
    if not entries:
        raise ValueError("there must be at least one entry")
    return entries


def _written_or_missing(component: object) -> object:
    return None if component == MISSING else component


def _lines(text: object) -> object:
    return (text,) if isinstance(text, str) else text


def _hours(text: str) -> str:
    frame_of(text)
    return text


def _pattern(text: str) -> str:
    try:
        text.format(**dict.fromkeys(PATTERN_NAMES, ""))
    except (AttributeError, LookupError, ValueError):
        raise ValueError(f"`{text}` is no pattern; in braces stand only {', '.join(PATTERN_NAMES)}") from None
    return text


def frame_of(text: str) -> Frame:
    """`07:30-16:00` as office hours; ValueError otherwise."""
    match = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", text)
    if not match:
        raise ValueError(f"`{text}` is not written like 07:30-16:00")
    return Frame(time.fromisoformat(match[1]), time.fromisoformat(match[2]))


#: What stands where no source of ours has a fact, and the town has to supply it.
MISSING = "missing"
#: The calendar of a unit that names none.
DEFAULT_CALENDAR = "office"
#: What a post's code and title may borrow from its unit (indonesia/unit_kinds.yaml explains each).
PATTERN_NAMES = ("code", "name", "tail", "short")

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_CODE = r"^[A-Z][A-Z0-9]*([-_][A-Z0-9]+)*$"
_WORD = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
_AREA = r"^\d{2}\.\d{2}\.\d{2}(\.\d{4})?$"
_REGION = r"^\d{2}\.\d{2}$"
_NUMBER = r"^\d{3,15}$"
_FOLDER = r"^[a-z][a-z0-9_]*$"
#: How what has a pattern is written, for whoever wrote it otherwise.
_EXAMPLES = {
    _CODE: "{}, in capitals without blanks",
    _WORD: "{}, in small letters without blanks",
    _AREA: "12.72.01 or 12.72.01.1002",
    _REGION: "'12.72', in quotes",
    _NUMBER: "'112', three digits or more and nothing else",
    _FOLDER: "indonesia, in small letters without blanks",
}


def example_of(pattern: str, written: str) -> str | None:
    """How it is written, where possible with the very words that somebody wrote otherwise."""
    words = re.findall(r"[a-z0-9]+", written.lower())
    own, usual = ("-".join(words).upper(), "PKM-RAYA") if pattern == _CODE else ("_".join(words), "health_centre")
    example = _EXAMPLES.get(pattern)
    return example and example.format(own if re.match(pattern, own) else usual)


Code = Annotated[str, StringConstraints(pattern=_CODE)]
Word = Annotated[str, StringConstraints(pattern=_WORD)]
AreaCode = Annotated[str, StringConstraints(pattern=_AREA)]
Number = Annotated[str, StringConstraints(pattern=_NUMBER)]
Zone = Annotated[str, AfterValidator(_zone)]
Phrase = Annotated[Text, AfterValidator(_phrase)]
Phrases = Annotated[tuple[Phrase, ...], AfterValidator(_once)]
Hours = Annotated[str, AfterValidator(_hours)]
Pattern = Annotated[Text, AfterValidator(_pattern)]
Day = Annotated[date, BeforeValidator(_written)]
Clock24 = Annotated[time, BeforeValidator(_clock)]
Days = Annotated[StrictInt, Field(ge=1)]
Rupiah = Annotated[StrictInt, Field(ge=0)]
Lines = Annotated[tuple[Text, ...], BeforeValidator(_lines)]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Entry):
    id: Text
    en: Text


class RegionFile(Entry):
    code: Annotated[str, StringConstraints(pattern=_REGION)]
    name: Text
    zone: Zone
    base: Annotated[str, StringConstraints(pattern=_FOLDER)] | None = None
    front_desk: Code
    inspectorate: Code
    head_of_region: Code
    emergency_numbers: Mapping[Word, Number] = {}


class AreaEntry(Entry):
    name: Text
    level: Literal["kecamatan", "kelurahan", "desa"]


class PostEntry(Entry):
    code: Pattern
    title: Pattern
    role: Role
    digest_at: Clock24 | None = None


class UnitEntry(Entry):
    name: Text
    kind: Word
    parent: Code | None
    groups: tuple[Code, ...] = ()
    aliases: Phrases = ()
    area: AreaCode | None = None
    serves: tuple[AreaCode, ...] = ()
    calendar: Word = DEFAULT_CALENDAR
    posts: tuple[PostEntry, ...] | None = None
    source: Text


class UnitKindEntry(Entry):
    name: Names
    name_prefix: Text | None = None
    code_prefix: Text | None = None
    stands_for: Word | None = None
    posts: tuple[PostEntry, ...]


class MatterEntry(Entry):
    name: Names
    group: Code
    keywords: Annotated[Phrases, Field(min_length=1)]
    unit_kind: Word | None = None
    asks_place: StrictBool = False
    hints: Phrases = ()
    never: Phrases = ()
    also: dict[Code, Annotated[float, Field(gt=0, lt=1)]] = {}
    care: tuple[Care, ...] = ()


class ConductEntry(Entry):
    strong: Annotated[Phrases, Field(min_length=1)]
    weak: Phrases = ()
    patterns: Phrases = ()
    beside: Phrases = ()
    around: Phrases = ()
    apart: Phrases = ()
    never: Phrases = ()


class PolicyEntry(Entry):
    verify: Days
    first_response: Days
    resolve: Days | None
    statutory_days: Days | None
    basis: Text
    since: Day
    matter: Word | None = None
    unit: Text | None = None
    reopened: Days = REOPENED_DAYS
    pauses: Annotated[StrictInt, Field(ge=0)] = MOST_PAUSES
    paused_days: Days = MOST_PAUSED_DAYS


class RungEntry(Entry):
    code: Word
    clock: Clock
    when: Literal["before", "at", "after"]
    days: Annotated[StrictInt, Field(ge=0)]
    to: Text
    in_digest: StrictBool = False
    acknowledge: Days = 3
    optional: StrictBool = False

    @model_validator(mode="after")
    def _moment(self) -> RungEntry:
        if self.when == "at" and self.days:
            raise ValueError("`at` is the due day itself, so `days` is 0")
        if self.when == "before" and not self.days:
            raise ValueError("`before` needs at least one day")
        return self


class WeekEntry(Entry):
    monday: tuple[Hours, ...] = ()
    tuesday: tuple[Hours, ...] = ()
    wednesday: tuple[Hours, ...] = ()
    thursday: tuple[Hours, ...] = ()
    friday: tuple[Hours, ...] = ()
    saturday: tuple[Hours, ...] = ()
    sunday: tuple[Hours, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> WeekEntry:
        if not any(self.frames):
            raise ValueError("a week needs a working day")
        for earlier, later in (pair for day in self.frames for pair in pairwise(day)):
            if later.opens <= earlier.closes:
                raise ValueError(f"hours of one day are out of order at {later.opens:%H:%M}")
        return self

    @property
    def frames(self) -> tuple[tuple[Frame, ...], ...]:
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        return tuple(tuple(frame_of(text) for text in day) for day in days)


class SeasonEntry(Entry):
    first: Day
    last: Day
    week: WeekEntry
    source: Text

    @model_validator(mode="after")
    def _forward(self) -> SeasonEntry:
        if self.last < self.first:
            raise ValueError("a season ends before it begins")
        return self


class CalendarEntry(Entry):
    week: WeekEntry
    seasons: tuple[SeasonEntry, ...] = ()
    zone: Zone | None = None
    source: Text


class CalendarFile(Entry):
    confirmed_years: tuple[StrictInt, ...] = ()
    calendars: Mapping[Word, CalendarEntry]


class HolidayFile(Entry):
    added_off: tuple[Day, ...]
    removed_off: tuple[Day, ...]


class SlangFile(Entry):
    keep: Phrases = ()
    words: Mapping[Phrase, Phrase]


class CareEntry(Entry):
    """Violence at home, children, self-harm: what betrays it, and who hears it, by their numbers."""

    numbers: Mapping[Word, Number] = {}
    patterns: Phrases = ()


class EmergencyFile(Entry):
    numbers: Mapping[Word, Number] = {}
    sets: Mapping[Word, Phrases] = {}
    now: Phrases = ()
    ask: Phrases = ()
    brief: Phrases = ()
    never: Phrases = ()
    doubt: Phrases = ()
    present: Phrases = ()
    calm: Phrases = ()
    feared: Phrases = ()
    care: Mapping[Care, CareEntry] = {}


class GreetingFile(Entry):
    greetings: Phrases = ()
    thanks: Phrases = ()


class SoundEntry(Entry):
    start: Mapping[Word, tuple[Word, ...]] = {}
    end: Mapping[Word, tuple[Word, ...]] = {}
    within: Mapping[Word, tuple[Word, ...]] = {}


class SpeechFile(Entry):
    negations: Phrases = ()
    selves: Phrases = ()
    asking: Phrases = ()
    pleas: Phrases = ()
    whether: Phrases = ()
    money: Phrases = ()
    staff: Phrases = ()
    questions: Phrases = ()
    wishes: Phrases = ()
    troubles: Phrases = ()
    inquiries: Phrases = ()
    beside: Phrases = ()
    waiting: Phrases = ()
    papers: Phrases = ()
    mattering: Phrases = ()
    known: Phrases = ()
    fears: Phrases = ()
    school: Phrases = ()
    officials: Phrases = ()
    favoured: Phrases = ()
    powerful: Phrases = ()
    relatives: Phrases = ()
    deals: Phrases = ()
    slighted: Phrases = ()
    given: Phrases = ()
    served: Phrases = ()
    attendants: Phrases = ()
    honorifics: Phrases = ()
    told: Phrases = ()
    spoken_to: Phrases = ()
    titles: Mapping[Word, Phrases] = {}
    voices: Mapping[Word, tuple[Text, ...]] = {}
    nasals: Mapping[Word, tuple[Word, ...]] = {}
    endings: tuple[Word, ...] = ()
    sounds: SoundEntry = SoundEntry()


class ReferralEntry(Entry):
    name: Text
    contact: Text | None = None
    source: Text


class BodyEntry(Entry):
    """A body that is not the local government's: how to reach it, and the words by which it is meant."""

    name: Names
    where: Names | None = None
    contact: Text | None = None
    source: Text
    keywords: Annotated[Phrases, Field(min_length=1)]
    never: Phrases = ()


class ReplyEntry(Entry):
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ANSWER, strip_whitespace=True)]
    matter: Word | None = None
    state: State | None = None


class PageEntry(Entry):
    needs: Mapping[Word, Text] = {}
    may: Mapping[Word, Text] = {}


class UsualOffice(Entry):
    """An office as most towns have one: what `tanggap region new` writes, for the town to confirm."""

    name: Text
    kind: Word
    only: Literal["kota", "kabupaten"] | None = None
    parent: Code | None = "SETDA"
    groups: tuple[Code, ...] = ()
    aliases: Phrases = ()
    posts: tuple[PostEntry, ...] | None = None
    source: Text = "missing"


class Called(Entry):
    """How people call a unit of a kind; `short` only before a name that is no plain word, and so `heads`, which make no
    alias."""

    long: Annotated[Phrases, Field(min_length=1)]
    short: Phrases = ()
    heads: Phrases = ()


class PlaceNamesFile(Entry):
    called: Mapping[Word, Called]
    plain: Phrases
    ordinary: Phrases
    before: Phrases = ()
    between: Phrases = ()
    otherwise: Phrases = ()
    offices: Phrases = ()
    seats: Phrases = ()
    near: Phrases = ()
    doing: Phrases = ()
    errands: Phrases = ()
    clinics: Phrases = ()
    houses: Phrases = ()
    towns: Phrases = ()
    short: Mapping[Word, Word] = {}


class PlaceEntry(Entry):
    name: Text
    address: Text | None = None
    source: Text


class PromiseEntry(Entry):
    """One component of a standard: a text, or lines of it, and where it is written."""

    text: Lines = ()
    source: Text

    @model_validator(mode="after")
    def _says_something(self) -> PromiseEntry:
        if not any(getattr(self, name) not in (None, ()) for name in type(self).model_fields if name != "source"):
            raise ValueError("nothing is written here; what nobody knows is `missing`")
        return self


class TariffEntry(Entry):
    what: Text
    rupiah: Rupiah


class FeeEntry(PromiseEntry):
    rupiah: Rupiah | None = None
    tariffs: tuple[TariffEntry, ...] = ()

    @model_validator(mode="after")
    def _one_or_many(self) -> FeeEntry:
        if self.rupiah is not None and self.tariffs:
            raise ValueError("a fee is one amount (`rupiah`) or several (`tariffs`), not both")
        return self


class DurationEntry(PromiseEntry):
    working_days: Days | None = None


PromiseOrMissing = Annotated[PromiseEntry | None, BeforeValidator(_written_or_missing)]
FeeOrMissing = Annotated[FeeEntry | None, BeforeValidator(_written_or_missing)]
DurationOrMissing = Annotated[DurationEntry | None, BeforeValidator(_written_or_missing)]


class ServiceEntry(Entry):
    """A service, or what a town says of one that the country's file has: key by key."""

    name: Names | None = None
    aliases: Phrases = ()
    group: Code | None = None
    unit: Code | None = None
    unit_kind: Word | None = None
    matter: Word | None = None
    places: tuple[Code, ...] = ()
    offered: StrictBool = True
    requirements: PromiseOrMissing = None
    procedure: PromiseOrMissing = None
    duration: DurationOrMissing = None
    fee: FeeOrMissing = None
    product: PromiseOrMissing = None
    complaints: PromiseOrMissing = None
    legal_basis: PromiseOrMissing = None
    facilities: PromiseOrMissing = None
    competence: PromiseOrMissing = None
    supervision: PromiseOrMissing = None
    staff: PromiseOrMissing = None
    guarantee: PromiseOrMissing = None
    safety: PromiseOrMissing = None
    evaluation: PromiseOrMissing = None


UsualOfficeFile = RootModel[Mapping[Code, UsualOffice]]
ReplyFile = RootModel[
    Mapping[
        Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TITLE, strip_whitespace=True)], ReplyEntry
    ]
]
PageFile = RootModel[Mapping[Annotated[str, StringConstraints(pattern=r"^citizen/[a-z_]+$")], PageEntry]]
GroupFile = RootModel[Mapping[Code, Names]]
UnitKindFile = RootModel[Mapping[Word, UnitKindEntry]]
UnitFile = RootModel[Mapping[Code, UnitEntry]]
AreaFile = RootModel[Mapping[AreaCode, AreaEntry]]
MatterFile = RootModel[Mapping[Word, MatterEntry]]
ConductFile = RootModel[Mapping[Conduct, ConductEntry]]
AnswerFile = RootModel[Mapping[Word, Annotated[Phrases, Field(min_length=1)]]]
#: A kind has one rule, or several: from different days on, or for one matter or unit alone.
Policies = Annotated[tuple[PolicyEntry, ...], AfterValidator(_some)]
PolicyFile = RootModel[Mapping[Kind, Policies]]
LadderFile = RootModel[Mapping[Kind, tuple[RungEntry, ...]]]
ReferralFile = RootModel[Mapping[Word, ReferralEntry]]
BodyFile = RootModel[Mapping[Code, BodyEntry]]
PlaceFile = RootModel[Mapping[Code, PlaceEntry]]
ServiceFile = RootModel[Mapping[Word, ServiceEntry]]
