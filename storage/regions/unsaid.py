"""What only the town can tell: whatever its files call `missing`, and what they leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.regions import country_of
from storage.regions.faults import Fault
from storage.regions.models import RegionFile
from storage.regions.reference import MISSING
from storage.regions.references import units_of
from storage.regions.sources import Folder, Sources, gather, part

#: The field that no office carries anywhere: its cases go to kelurahan and kecamatan by name or area.
_BY_PLACE = "KECAMATAN_KELURAHAN"


@dataclass(frozen=True, slots=True, order=True)
class Unsaid:
    """One thing to tell. `topic` is the same for all of its sort, `fault` says where it has to be written."""

    topic: str
    fault: Fault


#: Each sort of thing to tell, as one line for all of them.
TOPICS = {
    "areas": "the list of kecamatan, kelurahan and desa",
    "unit": "offices and units to confirm (name, fields, aliases), each with its source",
    "group": "fields that no office carries, so that the front desk reads their cases",
    "health": "the puskesmas",
    "place": "puskesmas of which nobody has said in which kelurahan or desa they lie",
    "hours": "calendars whose hours no decree confirms",
    "emergency": "emergency numbers: whether the town runs 112, and its fire brigade's",
    "holidays": "regional days off",
}


def unsaid(directory: Path) -> tuple[Unsaid, ...]:
    """What a town whose files are sound has still to tell, in the order of the files. RegionFaults if they are not."""
    town = Folder(directory.resolve())
    region = part(town, "region.yaml", RegionFile)
    country = country_of(town.path, region.content.base)
    sources = gather((Folder(country), town) if country else (town,), region)
    found = [Unsaid(topic, fault) for topic, check in _CHECKS.items() for fault in check(sources)]
    return tuple(sorted(found, key=lambda one: one.fault))


def _units(sources: Sources) -> Iterator[Fault]:
    for code, unit in units_of(sources).items():
        if unit.entry.source == MISSING:
            yield unit.fault(f"{code} ({unit.entry.name}): confirm name, groups and aliases", "source")


def _groups(sources: Sources) -> Iterator[Fault]:
    carried = {group for unit in units_of(sources).values() for group in unit.entry.groups}
    for code, group in sources.groups.items():
        if code not in carried | {_BY_PLACE}:
            label = next(iter(units_of(sources).values())).document.label
            yield Fault(label, 1, f"no office carries {code} ({group.entry.id}): which one does?")


def _health(sources: Sources) -> Iterator[Fault]:
    if not any(unit.entry.kind == "puskesmas" for unit in units_of(sources).values()):
        last = [unit.document for file in sources.units for unit in file.values()][-1]
        yield Fault(last.label, 1, "no puskesmas is written: which are there, and which areas does each serve?")


def _places(sources: Sources) -> Iterator[Fault]:
    for code, unit in units_of(sources).items():
        if unit.entry.kind == "puskesmas" and unit.entry.area is None and not unit.entry.serves:
            yield unit.fault(f"{code} ({unit.entry.name}): in which kelurahan or desa does it lie (`area`)?")


def _hours(sources: Sources) -> Iterator[Fault]:
    used = {unit.entry.calendar for unit in units_of(sources).values()}
    for file in sources.calendars:
        for name, calendar in file.content.calendars.items():
            if name in used and calendar.source == MISSING:
                yield file.document.fault(
                    f"calendar {name}: write its hours into the town's own calendar.yaml, with the decree as source",
                    "calendars",
                    name,
                    "source",
                )


def _areas(sources: Sources) -> Iterator[Fault]:
    if not sources.areas:
        label = sources.region.document.label.replace("region.yaml", "areas.yaml")
        yield Fault(label, 1, "no kecamatan, kelurahan or desa is known: write them, or make the town with --areas")


def _emergency(sources: Sources) -> Iterator[Fault]:
    if not sources.region.content.emergency_numbers:
        yield sources.region.document.fault(
            "does the town run 112, and what is its fire brigade's number?", "emergency_numbers"
        )


def _holidays(sources: Sources) -> Iterator[Fault]:
    for file in sources.holidays:
        if not file.content.added_off and not file.content.removed_off:
            yield file.document.fault("which days are free in this town alone, by which decree?", "added_off")


_CHECKS = {
    "unit": _units,
    "group": _groups,
    "health": _health,
    "place": _places,
    "hours": _hours,
    "areas": _areas,
    "emergency": _emergency,
    "holidays": _holidays,
}
