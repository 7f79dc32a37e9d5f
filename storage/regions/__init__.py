"""Region files -> `domain.region.Region`, with a fault for every line that is wrong."""

from __future__ import annotations

from pathlib import Path

from domain.region import Region
from storage.regions.assembly import assemble
from storage.regions.coverage import answering_unit, coverage_faults
from storage.regions.faults import Fault, RegionFaults
from storage.regions.models import RegionFile
from storage.regions.references import reference_faults
from storage.regions.sources import Folder, gather, part

__all__ = ["Fault", "RegionFaults", "answering_unit", "coverage_faults", "load_region"]


def load_region(directory: Path, *, base: Path | None = None) -> Region:
    """Read a town's folder over the country's (`base`: by default the sibling folder that region.yaml names).

    RegionFaults with every fault found: of region.yaml, else of all other files, else (when each file is sound by
    itself) of what the files say of each other.
    """
    town = Folder(directory.resolve())
    region = part(town, "region.yaml", RegionFile)
    country = base.resolve() if base else _base(town, region.content.base)
    if country and not country.is_dir():
        raise RegionFaults(
            [region.document.fault(f"base names the folder {country.name}, which does not exist", "base")]
        )
    sources = gather((Folder(country), town) if country else (town,), region)
    faults = reference_faults(sources)
    if faults:
        raise RegionFaults(faults)
    return assemble(sources)


def _base(town: Folder, name: str | None) -> Path | None:
    return town.path.parent / name if name else None
