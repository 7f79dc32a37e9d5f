"""What is known of every town before it has said anything: the lists of regions/indonesia/reference, and lists in the
form of a Kepmendagri that a town brings along."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from domain import founding
from domain.founding import Founding, Listed, NewPost, NewUnit, Wording, Words
from storage.regions.faults import Fault, RegionFaults
from storage.regions.models import PlaceNamesFile, UnitKindFile, UsualOffice, UsualOfficeFile
from storage.regions.sources import Folder, part

#: What a fact's source is called where nobody has said it yet.
MISSING = "missing"
AREA_SOURCE = "Kepmendagri 300.2.2-2138/2025"
HEALTH_SOURCE = "ubunteroz/satu-data"
OWN_SOURCE = "list of areas that the town gave"
_DIGITS = re.compile(r"\d{2}(\d{2}(\d{2}(\d{4})?)?)?")
_CODE, _NAME = ("code", "kode"), ("name", "nama")
_PUBLIC = re.compile(r"^(RSUD|RS Umum Daerah|Rumah Sakit Umum Daerah)\b", re.IGNORECASE)


class Reference:
    """The lists of a country's folder."""

    def __init__(self, country: Path) -> None:
        self.country = country
        self.path = country / "reference"

    def name_of(self, code: str) -> str | None:
        """What a region is called in the shipped list."""
        return next((name for listed, name in self._rows("areas.csv", "code", "name") if listed == code), None)

    def areas_elsewhere(self, code: str) -> dict[str, tuple[str, ...]]:
        """The other regions of the list, each with the names of its areas. No list, no regions."""
        if not (self.path / "areas.csv").exists():
            return {}
        rows = [row for row in self._rows("areas.csv", "code", "name") if not f"{row[0]}.".startswith(f"{code}.")]
        regions = {listed: name for listed, name in rows if len(listed) == len(code)}
        return {
            region: tuple(name for listed, name in rows if listed.startswith(f"{town}."))
            for town, region in regions.items()
        }

    def zone_of(self, code: str) -> str | None:
        """The time zone of a region, by its province; None where there is no such province."""
        province = code.partition(".")[0]
        return next((zone for listed, zone in self._rows("provinces.csv", "code", "zone") if listed == province), None)

    def local_words(self, code: str) -> str | None:
        """The file of words that are common in a region's province, to begin with."""
        path = self.path / "words" / f"{code.partition('.')[0]}.yaml"
        return path.read_text(encoding="utf-8") if path.exists() else None

    def found(self, code: str, name: str, areas: tuple[Listed, ...] | None = None) -> Founding:
        """What the lists say of a region; `areas` are the town's own, in place of the shipped ones."""
        return Founding(
            code=code,
            name=name,
            areas=self._areas(code) if areas is None else areas,
            offices=tuple(self._offices(founding.sort_of(code), founding.short_name(name))),
            health=tuple(self._listed("puskesmas.csv", code)),
            hospitals=tuple(one for one in self._listed("hospitals.csv", code) if _PUBLIC.match(one.name)),
            area_source=AREA_SOURCE if areas is None else OWN_SOURCE,
            health_source=HEALTH_SOURCE,
            words=self._words(),
        )

    def _areas(self, code: str) -> tuple[Listed, ...]:
        rows = self._rows("areas.csv", "code", "name")
        return tuple(Listed(area, name) for area, name in rows if area.startswith(f"{code}."))

    def _listed(self, file: str, code: str) -> Iterator[Listed]:
        """The lines of a list that are a region's; not every list says where a thing lies."""
        for row in self._table(file):
            if row["region"] == code:
                yield Listed(row["number"], row["name"], row.get("area") or None)

    def _rows(self, file: str, *columns: str) -> Iterator[tuple[str, ...]]:
        return (tuple(row[column] for column in columns) for row in self._table(file))

    def _table(self, file: str) -> list[dict[str, str]]:
        with (self.path / file).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def _offices(self, sort: str, town: str) -> Iterator[NewUnit]:
        usual = part(Folder(self.path), "offices.yaml", UsualOfficeFile).content.root
        top = next(code for code, office in usual.items() if office.kind == "region" and office.only in (None, sort))
        for code, office in usual.items():
            if office.only in (None, sort):
                yield _office(code, office, top, {"town": town, "sort": sort})

    def _words(self) -> Words:
        kinds = part(Folder(self.country), "unit_kinds.yaml", UnitKindFile).content.root
        names = part(Folder(self.path), "names.yaml", PlaceNamesFile).content
        wording = {
            kind: Wording(kinds[kind].name_prefix or "", kinds[kind].code_prefix or "", called.long, called.short)
            for kind, called in names.called.items()
        }
        return Words(wording, frozenset(names.plain), frozenset(names.ordinary))


def _office(code: str, office: UsualOffice, top: str, facts: dict[str, str]) -> NewUnit:
    name = office.name.format(**facts)
    return NewUnit(
        code=code,
        name=name,
        kind=office.kind,
        parent=top if office.parent == founding.TOP else office.parent,
        source=office.source,
        aliases=tuple(alias.format(**facts) for alias in office.aliases),
        groups=office.groups,
        posts=tuple(NewPost(post.code, post.title.format(name=name), post.role) for post in office.posts or ()),
    )


# --- a list that the town brings


def read_areas(path: Path, region: str) -> tuple[Listed, ...]:
    """The areas of a region in a file of codes and names; RegionFaults with a line for each that cannot be used."""
    lines = _text(path).splitlines()
    head = lines[0] if lines else ""
    delimiter = max(",;\t", key=head.count)
    columns = [column.strip().casefold() for column in next(csv.reader([head], delimiter=delimiter), [])]
    at_code, at_name = _column(columns, _CODE), _column(columns, _NAME)
    if at_code is None or at_name is None:
        said = f", and says `{head[:60]}`" if head.strip() else ""
        message = f"the first line has to name the columns: code,name or kode,nama{said}"
        raise RegionFaults([Fault(path.name, 1, message)])
    found: dict[str, Listed] = {}
    at: dict[str, int] = {}
    elsewhere: dict[str, None] = {}
    faults: list[Fault] = []
    for number, line in enumerate(lines[1:], start=2):
        row = next(csv.reader([line], delimiter=delimiter), [])
        if not any(cell.strip() for cell in row):
            continue
        try:
            area = _area(row, at_code, at_name, region)
            if not f"{area.code}.".startswith(f"{region}."):
                elsewhere[area.code[: len(region)]] = None
            elif area.code in found:
                raise ValueError(f"code {area.code} stands in the list twice (first in line {at[area.code]})")
            elif area.code != region:
                found[area.code], at[area.code] = area, number
        except ValueError as error:
            faults.append(Fault(path.name, number, str(error)))
    faults += _homeless(found, at, path)
    if not found and not faults:
        others = f", but with {', '.join(list(elsewhere)[:3])}: correct --code, or bring the list of {region}"
        faults.append(Fault(path.name, 1, f"no code in this list begins with {region}{others if elsewhere else ''}"))
    if faults:
        raise RegionFaults(faults)
    return tuple(found[code] for code in sorted(found))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RegionFaults(
            [Fault(path.name, 1, "there is no such file: give --areas the path of a CSV file")]
        ) from None
    except UnicodeDecodeError:
        raise RegionFaults([Fault(path.name, 1, "this file is not UTF-8 text: save it as CSV UTF-8")]) from None
    except OSError as error:
        raise RegionFaults([Fault(path.name, 1, f"this file cannot be read: {error.strerror}")]) from None


def _column(columns: list[str], names: Iterable[str]) -> int | None:
    return next((columns.index(name) for name in names if name in columns), None)


def _area(row: list[str], at_code: int, at_name: int, region: str) -> Listed:
    """What a line says of an area or region, of other regions' also without a name. ValueError says what is wrong."""
    if len(row) <= max(at_code, at_name):
        raise ValueError("this line has too few columns")
    digits, name = row[at_code].strip().replace(".", ""), founding.proper(row[at_name])
    if not _DIGITS.fullmatch(digits):
        raise ValueError(f"`{row[at_code].strip()}` is no code: they are written like 12.09.08 and 12.09.08.2002")
    code = ".".join(filter(None, (digits[:2], digits[2:4], digits[4:6], digits[6:])))
    if code.startswith(f"{region}.") and not founding.words_of(name):
        raise ValueError(f"code {code} has no name")
    return Listed(code, name)


def _homeless(found: dict[str, Listed], at: dict[str, int], path: Path) -> Iterator[Fault]:
    """Each kecamatan that is not in the list is one line, at the first area that lies in it."""
    seen: set[str] = set()
    for code in found:
        around = code.rpartition(".")[0]
        if len(code) > len("12.09.08") and around not in found and around not in seen:
            seen.add(around)
            message = f"area {code} lies in {around}, which is not in the list: add a line for that kecamatan"
            yield Fault(path.name, at[code], message)


__all__ = ["MISSING", "Reference", "read_areas"]
