"""In which kelurahan or desa a point lies, by the borders of the town's areas and of the other towns that are shipped.

Borders are GeoJSON texts, whose polygons carry an area's code; `storage.regions` has checked the town's own. They are
made into a tree when the first point comes: most runs of the program never see one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shapely import STRtree

#: Simplified borders leave gaps between neighbours: a point so near to an area is still in it (150 metres).
NEAR = 150 / 111_320  # degrees; so near to the equator those of latitude and longitude are of one length


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is: in an area of the town, in one of several (`among`), or outside it.

    `whose`: the town that it belongs to instead, where its borders are known.
    """

    area: str | None = None
    among: tuple[str, ...] = ()
    outside: bool = False
    whose: str | None = None


#: A place of which nothing is known.
NOWHERE = Spot()


@dataclass(frozen=True, eq=False)
class Borders:
    """The borders of one town (`own`), whether they are there for all of it, and how to read those of other towns.

    A town without borders knows no point, and says of none that it is outside. `others`: name of a town -> its borders.
    """

    own: str = ""
    whole: bool = False
    others: Callable[[], Mapping[str, str]] = dict

    def spot(self, latitude: float, longitude: float) -> Spot:
        """Whose a point is. Never another town's by nearness: that it is near to us counts first."""
        if not self.own:
            return NOWHERE
        area = self._own.at(latitude, longitude)
        whose = None if area else next((name for name, theirs in self._others if theirs.at(latitude, longitude)), None)
        area = area or (None if whose else self._own.near(latitude, longitude))
        if area:
            return Spot(area)
        return Spot(outside=True, whose=whose) if whose or self.whole else NOWHERE

    def area_at(self, latitude: float, longitude: float) -> str | None:
        """The code of the town's area in which a point lies, or of the nearest if it lies hardly outside."""
        return self.spot(latitude, longitude).area

    @cached_property
    def _own(self) -> _Tree:
        return _Tree(self.own)

    @cached_property
    def _others(self) -> tuple[tuple[str, _Tree], ...]:
        return tuple((name, _Tree(text)) for name, text in self.others().items())


class _Tree:
    """The polygons of a GeoJSON text, to be asked for points."""

    def __init__(self, text: str) -> None:
        from shapely import STRtree, make_valid  # here: it costs half a second, and few runs meet a point
        from shapely.geometry import shape

        features = json.loads(text)["features"]
        self.codes = [str(feature["properties"]["code"]) for feature in features]
        self.tree: STRtree = STRtree([make_valid(shape(feature["geometry"])) for feature in features])

    def at(self, latitude: float, longitude: float) -> str | None:
        """The area that holds a point. Where simplified polygons overlap, the one in which it lies deepest."""
        point = _point(latitude, longitude)
        found = list(self.tree.query(point, predicate="intersects"))
        return self.codes[max(found, key=lambda at: self._depth(at, point))] if found else None

    def near(self, latitude: float, longitude: float) -> str | None:
        point = _point(latitude, longitude)
        found = sorted(self.codes[at] for at in self.tree.query_nearest(point, max_distance=NEAR))
        return found[0] if found else None

    def _depth(self, at: int, point: Any) -> tuple[int, float, str]:
        """How well an area fits: a kelurahan before the kecamatan around it."""
        code = self.codes[at]
        return len(code), float(self.tree.geometries[at].boundary.distance(point)), code


def _point(latitude: float, longitude: float) -> Any:
    from shapely import Point

    return Point(longitude, latitude)
