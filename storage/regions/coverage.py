"""Whether a region, with its overrides, answers everywhere: every matter in every area, every rung of a ladder."""

from __future__ import annotations

from collections.abc import Iterator

from domain.region import Matter, Region
from storage.regions.faults import Fault
from storage.regions.posts import RELATIVE

#: Units that lead and do not read cases, so that they need no desk of their own.
_TOP_KINDS = frozenset({"region", "setda"})


def coverage_faults(region: Region) -> list[Fault]:
    """Every matter that no unit answers in some area, and every rung that tells a post that does not exist."""
    return sorted({*_uncovered(region), *_rungs(region), *_desks(region)})


def answering_unit(region: Region, matter: Matter, area: str | None) -> str | None:
    """The unit that answers a matter in an area: of the matter's kind there, else the office of its group, else the
    front desk. None only where even the front desk is no unit."""
    candidates = (region.unit_in(matter.unit_kind, area), region.unit_of_group.get(matter.group), region.front_desk)
    return next((code for code in candidates if code in region.units), None)


def _uncovered(region: Region) -> Iterator[Fault]:
    for matter in region.matters.values():
        bare = [area for area in region.areas if answering_unit(region, matter, area) is None]
        if bare:
            message = f"matter {matter.code} has no unit in {len(bare)} of {len(region.areas)} areas, such as {bare[0]}"
            yield _fault(region, f"matter {matter.code}", message)


def _rungs(region: Region) -> Iterator[Fault]:
    for kind, ladder in region.ladder.items():
        for rung in ladder:
            if rung.to not in region.posts and rung.to not in RELATIVE:
                message = f"rung {rung.code} of {kind} tells post {rung.to}, which no unit has"
                yield _fault(region, f"rung {kind} {rung.code}", message)


def _desks(region: Region) -> Iterator[Fault]:
    """A rung that tells `officer` or `unit_head` needs such a post in every unit that reads."""
    for unit in region.units.values():
        if unit.kind in _TOP_KINDS:
            continue
        lacks = [
            *(["that leads it"] if region.head_of(unit.code) is None else []),
            *(["that answers for it"] if not region.desk_of(unit.code) else []),
        ]
        if lacks:
            yield _fault(region, f"unit {unit.code}", f"unit {unit.code} has no post {' and none '.join(lacks)}")


def _fault(region: Region, thing: str, message: str) -> Fault:
    file, line = region.origins.get(thing) or region.origins.get("region", (region.name, 1))
    return Fault(file, line, message)
