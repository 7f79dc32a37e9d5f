"""The shipped town, loaded once for every test that reads by it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from domain.region import Region
from storage.regions import load_region


@cache
def siantar() -> Region:
    return load_region(Path(__file__).parents[2] / "regions" / "pematangsiantar")
