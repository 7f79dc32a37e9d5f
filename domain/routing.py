"""Who reads a story: the rule of the contract ("Conversation" and `conduct` codes) as one pure function."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.borders import NOWHERE, Spot
from domain.region import Region
from domain.understanding.naming import AREA_KINDS
from domain.understanding.offices import Candidate
from domain.understanding.reading import Reading, read
from domain.vocabulary import OVERSIGHT_CONDUCT, STAFF_CONDUCT, Desk, Identity, Kind


@dataclass(frozen=True, slots=True)
class Route:
    """Where a story goes. `excluded` are the units that may not learn of it; `unit` reads it at `desk`.

    `post`: the post that is accused by its title, which may not learn of it either.
    `area`: the kelurahan, desa or kecamatan in which it happened, where that is known.
    """

    kind: Kind
    unit: str
    desk: Desk
    reported: str | None
    excluded: frozenset[str]
    identity: Identity
    matter: str | None
    area: str | None = None
    post: str | None = None

    @property
    def asks_protection(self) -> bool:
        """Whether somebody is kept from reading, so that the citizen is told who will and who will not."""
        return bool(self.excluded or self.post)


def unit_for(reading: Reading, region: Region, one: Candidate | None = None, *, area: str | None = None) -> str | None:
    """The unit that answers for what was understood: the one named, else the one of the matter's kind where it
    happened, else the office that carries the group. `one`: of the candidates another than the first."""
    if reading.unit and (one is None or region.answers_for(reading.unit, one.matter)):
        return reading.unit
    one = one or next(iter(reading.plausible), None)
    if one is None:
        return None
    subject = region.matters[one.matter]
    there = region.unit_in(subject.unit_kind, area)
    if there or subject.unit_kind in AREA_KINDS:
        return there  # which of them is known only by name or place
    return region.unit_of_group.get(one.group)


def proposals(reading: Reading, region: Region, spot: Spot = NOWHERE) -> tuple[str, ...]:
    """At most four units that the story may be for, the likeliest first; of several places the unit of each, and the
    one that it names in any case."""
    areas = (spot.area, *spot.among)
    found = [unit_for(reading, region, one, area=area) for one in reading.plausible for area in areas]
    offered = tuple(dict.fromkeys(unit for unit in found if unit))[:4]
    if reading.unit and reading.unit not in offered:
        return (*offered[:3], reading.unit)
    return offered


def route(
    reading: Reading,
    region: Region,
    *,
    chosen: str | None = None,
    unknown: bool = False,
    kind: Kind | None = None,
    spot: Spot | None = None,
) -> Route:
    """Decide who reads a story. `chosen` is the unit the citizen named; `unknown` = they were asked and do not know.

    `kind` is what the citizen said it is; an accusation is one whatever they called it, and so is what they called one.
    `spot` is where it happened, if somebody said so beside the story.
    """
    spot = spot or reading.spot
    goes = _route_by(reading, region, chosen=chosen, unknown=unknown, kind=kind, spot=spot)
    hidden = goes.identity is Identity.OPEN and ("fear" in reading.others or reading.care is not None)
    return replace(goes, area=spot.area, identity=Identity.CONFIDENTIAL if hidden else goes.identity)


def referred(reading: Reading, region: Region, *, kind: Kind | None, spot: Spot) -> Route:
    """Where a story is kept that is for a body outside: at the front desk, as open as its citizen wants it."""
    identity = Identity.CONFIDENTIAL if "fear" in reading.others else Identity.OPEN
    goes = _route(reading, region.front_desk, kind=kind or reading.kind, identity=identity)
    return replace(goes, area=spot.area, matter=None)


def is_clear(reading: Reading) -> bool:
    """Whether the office may be taken without a question: it is probable enough, or somebody in a unit that the story
    names is accused, whatever it is about."""
    return reading.sure or bool(reading.unit and reading.conduct & (OVERSIGHT_CONDUCT | STAFF_CONDUCT))


def _route_by(
    reading: Reading, region: Region, *, chosen: str | None, unknown: bool, kind: Kind | None, spot: Spot
) -> Route:
    clear = is_clear(reading) and not unknown
    subject = chosen or (unit_for(reading, region) if clear else None)
    if reading.conduct & OVERSIGHT_CONDUCT or kind is Kind.OVERSIGHT:
        return _oversight(reading, region, subject or unit_for(reading, region))
    if reading.conduct & STAFF_CONDUCT and subject:
        return _staff_conduct(reading, region, subject)
    accused = reading.conduct & STAFF_CONDUCT
    if not accused and not chosen and clear:  # where it happened says who serves there, and never who is accused
        elsewhere = _is_elsewhere(reading, region, spot)
        subject = region.front_desk if elsewhere else unit_for(reading, region, area=spot.area)
    if subject is None and reading.sure and not unknown and not accused and _has_no_office(reading, region):
        subject = region.front_desk
    if subject:
        post = head_accused(reading, region, subject) if reading.conduct else None
        return replace(_route(reading, subject, kind=kind or reading.kind), post=post)
    if reading.suspicious & (OVERSIGHT_CONDUCT | STAFF_CONDUCT):
        # Unsure, but somebody may be accused: not to a desk where colleagues read.
        return _route(reading, region.inspectorate, identity=Identity.CONFIDENTIAL)
    return _route(reading, region.front_desk, kind=kind or reading.kind)


def _is_elsewhere(reading: Reading, region: Region, spot: Spot) -> bool:
    """Whether it is about a place that is not the town's: only the front desk can say what becomes of it."""
    subject = region.matters.get(reading.matter or "")
    return (
        spot.outside and reading.unit is None and subject is not None and bool(subject.asks_place or subject.unit_kind)
    )


def _has_no_office(reading: Reading, region: Region) -> bool:
    """Whether the matter is clear but the files name no office for it: then the front desk reads (decision 28)."""
    one = reading.candidates[0]
    return one.group not in region.unit_of_group and region.matters[one.matter].unit_kind is None


def _route(reading: Reading, unit: str, *, kind: Kind = Kind.COMPLAINT, identity: Identity = Identity.OPEN) -> Route:
    return Route(kind, unit, Desk.OFFICERS, None, frozenset(), identity, reading.matter)


def _oversight(reading: Reading, region: Region, subject: str | None) -> Route:
    """Read by the Inspektorat, never by the reported unit or a part of it; about the Inspektorat: by the unit above."""
    if subject == region.inspectorate and reading.unit != subject:
        subject = None  # what it is about is the Inspektorat's to examine, and not the Inspektorat that is accused
    reported, excluded = _reported(reading, region, subject)
    reader = above(region, region.inspectorate, excluded)
    desk = Desk.OFFICERS if reader == region.inspectorate else Desk.HEAD
    post = head_accused(reading, region, reported)
    goes = Route(Kind.OVERSIGHT, reader, desk, reported, excluded, Identity.CONFIDENTIAL, reading.matter)
    return replace(goes, post=post)


def _staff_conduct(reading: Reading, region: Region, subject: str) -> Route:
    """Read by the head of the unit's parent office, not by the unit (contract: rude, absent, incompetent)."""
    reported, excluded = _reported(reading, region, subject)
    reported = reported or subject
    parent = next((unit for unit in region.ancestors(reported) if unit not in excluded), region.inspectorate)
    desk = Desk.OFFICERS if parent == region.inspectorate else Desk.HEAD
    post = head_accused(reading, region, reported)
    goes = Route(Kind.COMPLAINT, parent, desk, reported, excluded, Identity.CONFIDENTIAL, reading.matter)
    return replace(goes, post=post)


def _reported(reading: Reading, region: Region, subject: str | None) -> tuple[str | None, frozenset[str]]:
    """The unit that is accused and all that may not learn of it. Whose head is accused is accused itself; where that
    leaves a doubt, both the one and the other are kept out."""
    units = [*_units_of_titles(reading, region, subject), *([subject] if subject else [])]
    unknown = reading.accused - {region.units[unit].kind for unit in units} - {"head"}
    some = frozenset(
        unit.code for unit in region.units.values() if unit.kind in unknown
    )  # one of these, and which is open
    return next(iter(units), None), some.union(*(region.parts_of(unit) for unit in units))


def _units_of_titles(reading: Reading, region: Region, subject: str | None) -> list[str]:
    """The units whose heads are accused, as far as titles tell: there is one Sekda; which camat, the unit says."""
    tops = {"region": region.head_of_region, "inspectorate": region.inspectorate, "setda": _secretariat(region)}
    found = [unit for title, unit in tops.items() if title in reading.accused and unit]
    around = [subject, *region.ancestors(subject)] if subject else []
    return found + [unit for unit in around if region.units[unit].kind in reading.accused and unit not in found]


def _secretariat(region: Region) -> str | None:
    return next((unit.code for unit in region.units.values() if unit.kind == "setda"), None)


def head_accused(reading: Reading, region: Region, subject: str | None) -> str | None:
    """The post that a story accuses by its title."""
    units = _units_of_titles(reading, region, subject)
    if not units and "head" in reading.accused and subject:
        units = [subject]
    head = region.head_of(units[0]) if units else None
    return head.code if head else None


def for_listening(region: Region, kind: Kind | None) -> Route:
    """Where a voice goes that is the whole story: an accusation to the Inspektorat, all else to the front desk.

    Open, because a voice tells who speaks; an accusation confidential, as every one.
    """
    return replace(route(read("", region), region, unknown=True, kind=kind), desk=Desk.LISTENING)


def above(region: Region, unit: str, excluded: frozenset[str]) -> str:
    """`unit`, or the nearest unit above it that is not excluded; past the top the Inspektorat."""
    if unit not in excluded:
        return unit
    return next((code for code in region.ancestors(unit) if code not in excluded), region.inspectorate)
