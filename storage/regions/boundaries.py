"""boundaries.geojson: a polygon for each kelurahan and desa of a town, by which a pin on the map is placed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from domain.borders import Borders
from storage.regions.faults import Fault, RegionFaults
from storage.regions.models import AreaCode, RegionFile
from storage.regions.sources import Folder, Sources, part

BOUNDARIES = "boundaries.geojson"

#: Indonesia lies between 95 and 141 degrees east, so a latitude in this place is a pair in the wrong order.
_East = Annotated[float, Field(ge=90, le=180)]
_North = Annotated[float, Field(ge=-15, le=15)]
_Ring = Annotated[tuple[tuple[_East, _North], ...], Field(min_length=4)]
_Rings = Annotated[tuple[_Ring, ...], Field(min_length=1)]


class _Polygon(BaseModel):
    type: Literal["Polygon"]
    coordinates: _Rings


class _MultiPolygon(BaseModel):
    type: Literal["MultiPolygon"]
    coordinates: Annotated[tuple[_Rings, ...], Field(min_length=1)]


class _Properties(BaseModel):
    code: AreaCode


class _Feature(BaseModel):
    properties: _Properties
    geometry: Annotated[_Polygon | _MultiPolygon, Field(discriminator="type")]


class _Collection(BaseModel):
    features: tuple[_Feature, ...]


def borders_of(town: Folder, sources: Sources) -> tuple[Borders, list[Fault]]:
    """The borders of a town, whether they are there for every kelurahan and desa, and what is wrong with them."""
    try:
        text, codes = _read(town)
    except RegionFaults as found:
        return Borders(), list(found.faults)
    around = {code.rpartition(".")[0] for code in sources.areas}
    borders = Borders(text, whole=bool(text) and set(codes) >= set(sources.areas) - around)
    label, faults = town.label(BOUNDARIES), _faults(codes, sources.areas)
    return borders, [Fault(label, _line(text, code), message) for code, message in faults]


def borders_around(own: str, folders: tuple[Path, ...]) -> Mapping[str, str]:
    """The borders of every other town in these folders, by its name. Whoever has faults of its own is passed over."""
    found: dict[str, tuple[str, str]] = {}
    for path in (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())):
        if not (path / BOUNDARIES).is_file():
            continue
        try:
            region = part(Folder(path), "region.yaml", RegionFile).content
            if region.code != own:
                found.setdefault(region.code, (region.name, _read(Folder(path))[0]))
        except RegionFaults:
            continue
    return dict(found.values())


def _read(town: Folder) -> tuple[str, tuple[str, ...]]:
    """The file and the areas that it is of, in its order; nothing if there is no such file."""
    try:
        text = (town.path / BOUNDARIES).read_text(encoding="utf-8")
        features = _Collection.model_validate_json(text).features
    except FileNotFoundError:
        return "", ()
    except (OSError, UnicodeDecodeError):
        raise RegionFaults([Fault(town.label(BOUNDARIES), 1, "this file cannot be read")]) from None
    except ValidationError as error:
        raise RegionFaults([_shape_fault(town, error)]) from None
    return text, tuple(feature.properties.code for feature in features)


def _shape_fault(town: Folder, error: ValidationError) -> Fault:
    """One line for the first thing that is wrong: where there is one there are thousands."""
    details = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in details["loc"][:4])
    wrong = f"{where}: {details['msg']}" if where else f"not valid JSON: {details['msg']}"
    message = f"this is no GeoJSON of areas with their codes, longitude before latitude ({wrong})"
    return Fault(town.label(BOUNDARIES), 1, message)


def _faults(codes: tuple[str, ...], areas: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for number, code in enumerate(codes):
        if code not in areas:
            yield code, f"borders of area {code}, which areas.yaml does not have"
        elif code in codes[:number]:
            yield code, f"area {code} has borders twice"


def _line(text: str, code: str) -> int:
    return text[: max(text.find(f'"{code}"'), 0)].count("\n") + 1
