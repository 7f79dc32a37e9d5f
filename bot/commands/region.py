"""`tanggap region`: a town as files, made from what is known of every town, and what only the town can tell."""

from __future__ import annotations

import json as jsonlib
import re
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.checking import region_at, told
from bot.commands.faults import Fault
from bot.folders import find
from bot.founding import SCHEMAS, files_of, write
from bot.settings import region_folder
from domain import founding
from domain.founding import Founding, TownUnits
from storage.regions import country_of, load_region
from storage.regions.reference import Reference, read_areas
from storage.regions.schemas import schema_files
from storage.regions.unsaid import TOPICS, Unsaid, unsaid

HELP = "A town as files: make a new one, see what it has still to tell."

_BASE = "indonesia"
_CODE = re.compile(r"\d\d\.\d\d")
_WRITTEN = "Kemendagri's codes are written like 13.76: the province, a dot, the kota or kabupaten."


def new(
    name: Annotated[str | None, typer.Option("--name", help="Its name, such as 'Kota Payakumbuh'.")] = None,
    code: Annotated[str | None, typer.Option("--code", help="Its Kemendagri code, such as 13.76.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where to write it; without this, regions/ and its name.")
    ] = None,
    areas: Annotated[
        Path | None, typer.Option("--areas", help="A CSV file of its kecamatan, kelurahan and desa: code,name.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Write the files of a new town, check them, and say what is left for the town to tell."""
    ask = _refuses if yes else _asks
    code = _checked_code(code or ask("code", "Kemendagri code (such as 13.76)", None))
    reference = Reference(_country(folder))
    if reference.zone_of(code) is None:
        raise Fault(f"There is no province {code[:2]}: check the code {code}.")
    listed = reference.name_of(code)
    name = _checked_name(name or (listed if yes and listed else ask("name", "Name", listed)), code, listed)
    folder = folder or Path("regions") / founding.folder_name(name)
    if folder.exists():
        raise Fault(f"{folder} exists already, and nothing was changed: give another --dir, or move it away first.")
    if areas is None and not yes and listed is None:
        areas = _asked_list()
    town = reference.found(code, name, read_areas(areas, code) if areas else None)
    units = founding.units_of(town)
    typer.echo(f"{name} ({code}) -> {folder}: {_counted(town, units)}.")
    if not (yes or _agrees()):
        raise Fault("Nothing was written.")
    write(folder, files_of(town, units, reference, schemas=(folder.parent / SCHEMAS).is_dir()))
    _after(folder, town)


def missing(
    folder: Annotated[Path | None, typer.Option("--dir", help="The town's folder; else TANGGAP_REGION_DIR.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As one JSON list.")] = False,
) -> None:
    """What the town has still to tell: a line each, with the file and line where it has to be written."""
    folder = find(folder or region_folder())
    load_region(folder)
    found = unsaid(folder)
    if json:
        typer.echo(jsonlib.dumps([{"topic": one.topic, **_placed(one)} for one in found]))
        return
    for one in found:
        typer.echo(str(one.fault))
    typer.echo(f"{len(found)} left to tell." if found else "Nothing is left to tell.")


def schema(
    folder: Annotated[Path, typer.Option("--dir", help="Where to write them: beside the towns' folders.")] = Path(
        "regions", SCHEMAS
    ),
) -> None:
    """Write the JSON Schema of each region file, for editors that complete keys and underline what is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    files = schema_files()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    typer.echo(f"{len(files)} schemas are in {folder}.")


# --- what is asked, and what may be answered


def _asks(option: str, question: str, default: str | None, *, shown: bool = True) -> str:
    try:
        return str(typer.prompt(question, default=default, show_default=shown))
    except typer.Abort:
        return _refuses(option, question, default)


def _asked_list() -> Path | None:
    """The file with the areas of a town that is in no shipped list; an empty line is none."""
    said = _asks("areas", "CSV file of its kecamatan, kelurahan and desa (Enter: none yet)", "", shown=False)
    path = said.strip().strip("'\"")
    return Path(path).expanduser() if path else None


def _refuses(option: str, question: str, default: str | None) -> str:
    raise Fault(f"Nothing was written: give --{option}.")


def _agrees() -> bool:
    try:
        return typer.confirm("Write it?", default=True)
    except typer.Abort:
        return False


def _checked_code(code: str) -> str:
    if not _CODE.fullmatch(code.strip()):
        raise Fault(f"`{code}` is no code of a region. {_WRITTEN}")
    return code.strip()


def _checked_name(name: str, code: str, listed: str | None) -> str:
    """The full name of a region; Fault where it is not that of the code."""
    said, sort = founding.says_sort(name), founding.sort_of(code)
    if said and said != sort:
        raise Fault(f"{code} is the code of a {sort}, and {name} is a {said}: correct --name or --code.")
    if not founding.words_of(founding.short_name(name)):
        raise Fault("The name is empty: give --name 'Kota Payakumbuh'.")
    full = founding.full_name(name, code)
    if listed and founding.words_of(full) != founding.words_of(listed):
        raise Fault(f"{code} is {listed} in Kepmendagri 300.2.2-2138/2025, not {full}: correct --name or --code.")
    return listed or full


def _country(folder: Path | None) -> Path:
    country = country_of(find(folder or Path("regions", "new")), _BASE)
    if country is None or not (country / "reference").is_dir():
        raise Fault(f"The folder regions/{_BASE} with its lists is missing: install the program again.")
    return country


# --- what is said


def _counted(town: Founding, units: TownUnits) -> str:
    kinds = Counter(unit.kind for unit in units)
    parts = [f"{kinds[kind]} {kind}" for kind in ("kecamatan", "kelurahan", "desa", "puskesmas") if kinds[kind]]
    hospitals = f"{len(town.hospitals)} public hospital{'' if len(town.hospitals) == 1 else 's'}"
    return ", ".join([f"{len(units.offices)} offices", *parts, *([hospitals] if town.hospitals else [])])


def _after(folder: Path, town: Founding) -> None:
    """Check what was written, and say what is left."""
    errors: list[str] = []
    region_at(folder, errors)
    if not town.areas:
        typer.echo(
            f"No list of areas is shipped for {town.code}, so the town has its offices alone. With a CSV file of codes"
            f" and names (Kepmendagri 300.2.2-2138/2025): remove {folder} and make it again with --areas FILE.csv."
        )
    told(errors, [], as_json=False)
    if errors:
        raise typer.Exit(1)
    left = Counter(one.topic for one in unsaid(folder))
    typer.echo(f"Left for the town to tell (`tanggap region missing --dir {folder}` names each line):")
    for topic in (topic for topic in TOPICS if left[topic]):
        typer.echo(f"- {TOPICS[topic]}: {left[topic]}")
    typer.echo(f"To serve it, set TANGGAP_REGION_DIR={folder}.")


def _placed(one: Unsaid) -> dict[str, object]:
    return {"file": one.fault.file, "line": one.fault.line, "message": one.fault.message}
