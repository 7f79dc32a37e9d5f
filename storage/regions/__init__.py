"""Region files -> `domain.region.Region`, with a fault for every line that is wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from domain.region import Region
from storage.learned import learned_in
from storage.regions.assembly import assemble
from storage.regions.boundaries import borders_around, borders_of
from storage.regions.coverage import answering_unit, coverage_faults
from storage.regions.faults import Fault, RegionFaults
from storage.regions.models import RegionFile
from storage.regions.reference import Reference
from storage.regions.references import reference_faults
from storage.regions.sources import Folder, gather, part

#: Where regions lie in a checkout, and in an installed wheel.
_SHIPPED = tuple(Path(__file__).parents[2] / place for place in ("regions", "bot/_data/regions"))

__all__ = ["Fault", "RegionFaults", "answering_unit", "country_of", "coverage_faults", "load_region"]


def load_region(directory: Path, *, base: Path | None = None) -> Region:
    """Read a town's folder over the country's (`base`: by default the folder that region.yaml names).

    RegionFaults with every fault found: of region.yaml, else of all other files, else (when each file is sound by
    itself) of what the files say of each other.
    """
    town = Folder(directory.resolve())
    if not town.path.is_dir():
        raise RegionFaults([_no_folder(town)])
    region = part(town, "region.yaml", RegionFile)
    country = base.resolve() if base else country_of(town.path, region.content.base)
    if country and not country.is_dir():
        raise RegionFaults(
            [region.document.fault(f"base names the folder {country.name}, which does not exist", "base")]
        )
    sources = gather((Folder(country), town) if country else (town,), region)
    borders, wrong = borders_of(town, sources)
    faults = [*reference_faults(sources), *wrong]
    if faults:
        raise RegionFaults(faults)
    others = partial(borders_around, region.content.code, (town.path.parent, *_SHIPPED))
    elsewhere = Reference(country).areas_elsewhere(region.content.code) if country else {}
    assembled = assemble(sources, replace(borders, others=others), elsewhere)
    return replace(assembled, learned=learned_in(town.path))


def _no_folder(town: Folder) -> Fault:
    """A folder whose name is misspelt is one line, with what there is instead."""
    around = town.path.parent
    towns = sorted(path.parent.name for path in around.glob("*/region.yaml"))
    others = f" (towns in {around.name}: {', '.join(towns)})" if towns else ""
    return Fault(town.label("region.yaml"), 1, f"this file is missing: there is no such folder{others}")


def country_of(town: Path, name: str | None) -> Path | None:
    """The folder of a town's country: beside the town's, else the one that came with the program."""
    if name is None:
        return None
    beside = town.resolve().parent / name
    return next((path for path in (beside, *(place / name for place in _SHIPPED)) if path.is_dir()), beside)
