"""What is true of a place: offices, units, posts, areas, matters, hours and the ladder, as frozen data.

`storage.regions` reads the files of regions/ into these classes; nothing here reads a file.
Codes are upper case (`DISDUKCAPIL`, `PKM-RAYA`, `KEPALA-PKM-RAYA`); an area's code is Kemendagri's (`12.72.01.1002`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cached_property

from domain.borders import Borders
from domain.calendar import Calendar
from domain.deadlines import Policy, policy_for
from domain.services import Place, Service
from domain.understanding.learned import Learned
from domain.understanding.sounds import Sounds
from domain.vocabulary import Care, Conduct, HoldingKind, Kind, Role


@dataclass(frozen=True, slots=True)
class Area:
    """A kelurahan, desa or kecamatan; `aliases` are its other names."""

    code: str
    name: str
    level: str
    parent: str | None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A named position in a unit, with the permission it carries. Persons hold posts; rules name posts.

    `digest_at`: the town's hour at which its digests come, where it is not the opening of its unit.
    """

    code: str
    title: str
    unit: str
    role: Role
    digest_at: time | None = None


def title(post: Post, held: HoldingKind | None) -> str:
    """A post's title as pages print it: with the prefix of whoever holds it for a time ("Plt. Sekretaris Daerah")."""
    return post.title if held in (None, HoldingKind.DEFINITIVE) else f"{held}. {post.title}"


@dataclass(frozen=True, slots=True)
class Unit:
    """What answers: an office, or a part of one (puskesmas, kelurahan, counter).

    `area` is where it lies; `serves` the areas that are its own where the town has said so.
    """

    code: str
    name: str
    kind: str
    parent: str | None
    groups: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    area: str | None = None
    serves: tuple[str, ...] = ()
    calendar: str = "office"
    source: str = ""
    stands_for: str | None = None

    def answers_as(self, kind: str | None) -> bool:
        """Whether it answers what units of a kind answer: a desa does what a kelurahan does elsewhere."""
        return kind is not None and kind in (self.kind, self.stands_for)


@dataclass(frozen=True, slots=True)
class UnitKind:
    """A kind of unit, and the posts that each of them brings: patterns, filled with the unit's code and name."""

    name: Mapping[str, str]
    posts: tuple[Post, ...]
    code_prefix: str = ""
    name_prefix: str = ""
    stands_for: str | None = None

    def posts_of(self, code: str, name: str, own: Iterable[Post] | None = None) -> tuple[Post, ...]:
        """The posts of a unit: by the patterns of its kind, or its `own` ones."""
        names = {
            "code": code,
            "name": name,
            "tail": code.removeprefix(self.code_prefix),
            "short": name.removeprefix(self.name_prefix).strip(),
        }
        return tuple(
            Post(post.code.format(**names), post.title.format(**names), code, post.role, post.digest_at)
            for post in (self.posts if own is None else own)
        )


#: A ready answer's title is the label of a button.
LONGEST_TITLE, LONGEST_ANSWER = 24, 1000


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    """Words that officers may send as they are, under a title of their own: for one matter or state, or for all."""

    title: str
    text: str
    matter: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class PageWords:
    """What a town's own words on a page may say, each fact with an example: they have to say what it `needs`."""

    needs: Mapping[str, str] = field(default_factory=dict)
    may: Mapping[str, str] = field(default_factory=dict)

    @property
    def examples(self) -> dict[str, str]:
        return {**self.needs, **self.may}


@dataclass(frozen=True, slots=True)
class Matter:
    """What a story may be about, the words that betray it, and what has to be asked."""

    code: str
    name: Mapping[str, str]
    group: str
    keywords: tuple[str, ...]
    unit_kind: str | None = None
    asks_place: bool = False
    #: Words that only tilt, and phrases in which its words mean something else.
    hints: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    #: Groups that carry it in some towns in place of `group`, and in how many of all (0 to 1).
    also: Mapping[str, float] = field(default_factory=dict)
    #: Danger whose victims its office looks after, whatever words they use.
    care: frozenset[Care] = frozenset()


@dataclass(frozen=True, slots=True)
class Body:
    """A body that is not the local government's (PLN, BPN, the police), and the words by which it is meant.

    `where`: to which door one goes; `contact`: a number, an app or a site.
    """

    code: str
    name: Mapping[str, str]
    keywords: tuple[str, ...]
    where: Mapping[str, str] = field(default_factory=dict)
    contact: str | None = None
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: which clock it hangs on, when it fires relative to it, and whom it tells.

    `when` is `before`, `at` or `after`; `days` counts working days (see deadlines.rung_moment).
    `to` is `officer`, `unit_head`, `office_head`, or the code of a post. `in_digest`: no page of its own, a line of the
    reader's digest of that morning. `acknowledge`: how many working days its reader has to say "I know", before the
    next rung speaks early.
    """

    code: str
    clock: str
    when: str
    days: int
    to: str
    in_digest: bool = False
    acknowledge: int = 3


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words by which stories are understood (regions/indonesia)."""

    slang: Mapping[str, str]
    conduct: Mapping[Conduct, tuple[str, ...]]
    conduct_weak: Mapping[Conduct, tuple[str, ...]]
    emergency_now: tuple[str, ...]
    emergency_never: tuple[str, ...]
    greetings: frozenset[str]
    thanks: frozenset[str]
    answers: Mapping[str, frozenset[str]]
    negations: frozenset[str] = frozenset()
    selves: frozenset[str] = frozenset()
    asking: frozenset[str] = frozenset()
    #: What follows an asking of the citizen's own: "minta keringanan".
    pleas: frozenset[str] = frozenset()
    whether: frozenset[str] = frozenset()
    money: frozenset[str] = frozenset()
    staff: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()
    troubles: frozenset[str] = frozenset()
    inquiries: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()
    mattering: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    fears: frozenset[str] = frozenset()
    school: frozenset[str] = frozenset()
    officials: frozenset[str] = frozenset()
    served: frozenset[str] = frozenset()
    attendants: frozenset[str] = frozenset()
    honorifics: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    spoken_to: frozenset[str] = frozenset()
    #: Kind of unit -> what its head is called; `head`: that of whichever unit a story is about.
    titles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    emergency_ask: tuple[str, ...] = ()
    #: Patterns that are only believed in a few words, and words of somebody who writes at leisure.
    emergency_brief: tuple[str, ...] = ()
    emergency_calm: tuple[str, ...] = ()
    emergency_feared: tuple[str, ...] = ()
    emergency_doubt: tuple[str, ...] = ()
    emergency_present: tuple[str, ...] = ()
    emergency_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    care: Mapping[Care, tuple[str, ...]] = field(default_factory=dict)
    #: How sounds of the regions' languages are said in Indonesian: "uik" at the end of a word is "ut".
    sounds: Sounds = field(default_factory=Sounds)
    #: Parts that stand near each other, as in `emergency_now`: as certain as the phrases of `conduct`.
    conduct_patterns: Mapping[Conduct, tuple[str, ...]] = field(default_factory=dict)
    #: Words that have to stand near a sign of conduct: always, or only in stories with a word of `conduct_apart`.
    #: `conduct_around`: words of which one is enough where nobody of `conduct_apart` is spoken of.
    conduct_beside: Mapping[Conduct, tuple[str, ...]] = field(default_factory=dict)
    conduct_around: Mapping[Conduct, tuple[str, ...]] = field(default_factory=dict)
    conduct_apart: Mapping[Conduct, tuple[str, ...]] = field(default_factory=dict)
    #: Phrases in which the words of a sign mean something else.
    conduct_never: Mapping[Conduct, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class PlaceWords:
    """The words by which places are named (regions/indonesia/reference/names.yaml explains them).

    `called`: kind of unit -> what people call it, or who leads it (`titles`). `elsewhere`: towns that are not this one,
    with the names of their areas.
    """

    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    titles: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    ordinary: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    between: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    seats: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    doing: frozenset[str] = frozenset()
    errands: frozenset[str] = frozenset()
    clinics: frozenset[str] = frozenset()
    houses: frozenset[str] = frozenset()
    otherwise: frozenset[str] = frozenset()
    short: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Region:
    """One town: everything that is true of the place and that rules and flows may ask."""

    code: str
    name: str
    zone: str
    units: Mapping[str, Unit]
    posts: Mapping[str, Post]
    areas: Mapping[str, Area]
    matters: Mapping[str, Matter]
    groups: Mapping[str, Mapping[str, str]]
    lexicon: Lexicon
    calendars: Mapping[str, Calendar]
    policies: Mapping[Kind, tuple[Policy, ...]]
    ladder: Mapping[Kind, tuple[Rung, ...]]
    front_desk: str
    inspectorate: str
    head_of_region: str
    emergency_numbers: Mapping[str, str] = field(default_factory=dict)
    #: Who hears of violence at home, of children and of self-harm, beside the emergency numbers.
    care_numbers: Mapping[Care, Mapping[str, str]] = field(default_factory=dict)
    #: Who hears a citizen outside the local government: their names, and how to reach them where a source says it.
    outside: Mapping[str, str] = field(default_factory=dict)
    #: Whose it is where it is not the local government's.
    bodies: Mapping[str, Body] = field(default_factory=dict)
    unit_kinds: Mapping[str, UnitKind] = field(default_factory=dict)
    replies: Mapping[str, ReadyAnswer] = field(default_factory=dict)
    #: The pages that a town may put in its own words, and the words that it has decided on, by page and language.
    pages: Mapping[str, PageWords] = field(default_factory=dict)
    wordings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    borders: Borders = field(default_factory=Borders)
    place_words: PlaceWords = field(default_factory=PlaceWords)
    #: What its offices promise, and the houses in which several of them have counters.
    services: Mapping[str, Service] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    #: What the town's own register has taught, if it was asked (`tanggap train`).
    learned: Learned | None = None
    #: Where each thing is written (`matter waste` -> file, line), so that a later check can still name the line.
    origins: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @cached_property
    def unit_of_group(self) -> Mapping[str, str]:
        """The office that carries a group; a group that no office carries is not in it (the front desk reads those)."""
        return {group: unit.code for unit in self.units.values() for group in unit.groups}

    @cached_property
    def carers(self) -> Mapping[Care | None, Matter]:
        """The matter of those who look after the victims of a danger."""
        return {care: matter for matter in self.matters.values() for care in matter.care}

    @cached_property
    def rungs(self) -> Mapping[Kind, Mapping[str, Rung]]:
        """The rungs of each ladder by their codes."""
        return {kind: {rung.code: rung for rung in rungs} for kind, rungs in self.ladder.items()}

    def rung(self, kind: Kind, code: str) -> Rung | None:
        """The rung that a step of a case hangs on; None for a step of another origin."""
        return self.rungs.get(kind, {}).get(code)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for unit in self.units.values():
            if unit.parent:
                found.setdefault(unit.parent, []).append(unit.code)
        return {parent: tuple(sorted(codes)) for parent, codes in found.items()}

    @cached_property
    def posts_of(self) -> Mapping[str, tuple[Post, ...]]:
        found: dict[str, list[Post]] = {}
        for post in self.posts.values():
            found.setdefault(post.unit, []).append(post)
        return {unit: tuple(posts) for unit, posts in found.items()}

    def catchment(self, unit: Unit) -> frozenset[str]:
        """The areas that a unit answers for: those that the town has named; else the one that it is (a kelurahan), or
        the one that it lies in with the kecamatan around it (a puskesmas), which is only nearly so."""
        lies_in = self.areas.get(unit.area or "")
        if unit.serves or lies_in is None:
            return frozenset(unit.serves)
        around = None if unit.kind == lies_in.level else lies_in.parent
        return frozenset(filter(None, (lies_in.code, around)))

    @cached_property
    def _answering(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """The units of a kind that have an area in their catchment."""
        found: dict[tuple[str, str], list[str]] = {}
        for unit in self.units.values():
            for kind in filter(None, (unit.kind, unit.stands_for)):
                for area in self.catchment(unit):
                    found.setdefault((kind, area), []).append(unit.code)
        return {place: tuple(codes) for place, codes in found.items()}

    def unit_in(self, kind: str | None, area: str | None) -> str | None:
        """The unit of a kind that answers for an area or, nearest first, for what lies around it; None where several
        may."""
        while kind and area and area in self.areas:
            if found := self._answering.get((kind, area)):
                return found[0] if len(found) == 1 else None
            area = self.areas[area].parent
        return None

    def office_of(self, unit: str) -> str:
        """The office that a unit belongs to: the topmost unit above it that is not the region's own top (Setda)."""
        top = self.units[unit]
        while top.parent and self.units[top.parent].kind not in TOPS:
            top = self.units[top.parent]
        return top.code

    def ancestors(self, unit: str) -> Iterator[str]:
        """The units above `unit`, nearest first."""
        parent = self.units[unit].parent
        while parent:
            yield parent
            parent = self.units[parent].parent

    def carried(self, unit: str) -> frozenset[str]:
        """The groups that a unit or an office above it carries."""
        return frozenset(group for code in (unit, *self.ancestors(unit)) for group in self.units[code].groups)

    def answers_for(self, unit: str, matter: str) -> bool:
        """Whether a unit is there for a matter: by its kind, or by what it or an office above it carries."""
        about, carried = self.matters[matter], self.carried(unit)
        return self.units[unit].answers_as(about.unit_kind) or not carried.isdisjoint((about.group, *about.also))

    def within(self, unit: str) -> frozenset[str]:
        """`unit` and everything below it."""
        found = {unit}
        for child in self.children.get(unit, ()):
            found |= self.within(child)
        return frozenset(found)

    def parts_of(self, unit: str) -> frozenset[str]:
        """`unit` and what is a part of it: what a case about it is kept from.

        The whole government stands below its head and most of it below the Setda, but is no part of them: else nobody
        would be left to read what is said about the Sekda or the head of region.
        """
        if self.units[unit].kind not in TOPS:
            return self.within(unit)
        own = (part for part in self.children.get(unit, ()) if self.units[part].kind == "bagian")
        return frozenset({unit}).union(*(self.within(part) for part in own))

    def is_above_readers(self, unit: str | None) -> bool:
        """Whether a unit is the Inspektorat or stands over it, so that whoever reads what is said of it depends on it:
        then a road outside is named (decision 19)."""
        return unit is not None and (unit == self.inspectorate or self.units[unit].kind in TOPS)

    def head_of(self, unit: str) -> Post | None:
        """The post that leads a unit, or None where the files name none."""
        return next((post for post in self.posts_of.get(unit, ()) if post.role in HEADS), None)

    def desk_of(self, unit: str) -> tuple[Post, ...]:
        """The posts that answer for a unit day by day."""
        return tuple(post for post in self.posts_of.get(unit, ()) if post.role in DESKS)

    def policy(self, kind: Kind, received: datetime, matter: str | None = None, unit: str | None = None) -> Policy:
        """The rule by which the dates of a case are counted: the one in force on the town's day of receipt."""
        day = self.calendar_of(unit).day_of(received)
        return policy_for(self.policies[kind], day, matter, unit)

    def giver_of(self, service: Service) -> str | None:
        """The unit that answers for a service's standard; None where the files name no office for its group."""
        return service.unit or self.unit_of_group.get(service.group or "")

    def services_of(self, unit: str) -> tuple[Service, ...]:
        """What a unit gives: the own services, those of its kind, and as an office those of the units of its field."""
        kind = self.units[unit].kind
        return tuple(
            service
            for service in self.services.values()
            if self.giver_of(service) == unit or (service.unit is None and service.unit_kind == kind)
        )

    def calendar_of(self, unit: str | None) -> Calendar:
        return self.calendars[self.units[unit].calendar if unit else "office"]

    def hours_of(self, unit: str) -> str:
        """The name under which a case keeps the calendar of its promise: whose hours, and which unit gave it."""
        return f"{plain_hours(self.units[unit].calendar)}{OWN}{unit}"

    def kept_calendar(self, hours: str | None, unit: str) -> Calendar:
        """The calendar of such a name: the unit's own while it has one, else the hours that it shares with others.

        A case without a name keeps the calendar of the unit that has it.
        """
        named = hours or ""
        names = (named if OWN in named else f"{named}{OWN}{unit}", plain_hours(named))
        return next((self.calendars[name] for name in names if name in self.calendars), self.calendar_of(unit))

    def ready_for(self, matter: str | None, state: str) -> tuple[ReadyAnswer, ...]:
        """The ready answers that fit a case: those for its matter first."""
        fitting = (
            one for one in self.replies.values() if one.matter in (None, matter) and one.state in (None, str(state))
        )
        return tuple(sorted(fitting, key=lambda one: (one.matter is None, one.title)))

    @cached_property
    def unit_names(self) -> Mapping[str, str]:
        return {unit.code: unit.name for unit in self.units.values()}


#: Between the name of a calendar and the unit that has it for itself (closed on days on which others work).
OWN = "@"


def plain_hours(calendar: str) -> str:
    """The calendar that a unit shares with others, also where it has its own for the days on which it is closed."""
    return calendar.partition(OWN)[0]


#: Kinds of unit that stand over the offices without being one.
TOPS = frozenset({"region", "setda"})
#: Roles whose post leads its unit, and roles whose post answers for it.
HEADS = frozenset({Role.HEAD, Role.SUPERVISOR})
DESKS = frozenset({Role.OFFICER, Role.FRONTDESK, Role.INSPECTOR})
