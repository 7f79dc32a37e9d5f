"""The shipped towns, each loaded once for every test that reads by it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from domain.region import Region
from storage.regions import load_region

REGIONS = Path(__file__).parents[2] / "regions"


@cache
def region_of(town: str) -> Region:
    return load_region(REGIONS / town)


def siantar() -> Region:
    return region_of("pematangsiantar")
