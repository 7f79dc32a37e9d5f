"""Where a place is that was sent or typed: by the point that it carries, else by the names in it."""

from __future__ import annotations

import re

from domain.borders import NOWHERE, Spot
from domain.region import Region
from domain.understanding.naming import spot_named

#: Degrees with three places or more are a point, in a pin as channels spell it and in the link of a map.
_POINT = re.compile(r"(?<![\d.])(-?\d{1,2}\.\d{3,})\s*,\s*(-?\d{1,3}\.\d{3,})(?![\d.])")


def spot_of_place(place: str, region: Region) -> Spot:
    """Where a pin, a venue or a typed place is."""
    point = _POINT.search(place)
    spot = region.borders.spot(float(point[1]), float(point[2])) if point else NOWHERE
    return spot if spot != NOWHERE else spot_named(_POINT.sub(" ", place), region)
