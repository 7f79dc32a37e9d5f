"""The files of a new town, written by the templates of templates/region/ from what the lists say."""

from __future__ import annotations

import re
import shutil
import tempfile
import textwrap
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.folders import find
from domain.founding import Founding, TownUnits, level_of, sort_of
from storage.regions.reference import OWN_SOURCE, Reference

TEMPLATES = Path("templates/region")
#: The folder of JSON Schemas that editors read, beside the towns.
SCHEMAS = "schema"
_WIDTH = 120
#: Text that is the same in every reader of YAML without quotes; inside braces a comma ends it.
_PLAIN = re.compile(r"(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z](?:[^:#\n]|:(?! ))*(?<![ :])", re.IGNORECASE)
_PLAIN_INSIDE = re.compile(r"[^,\[\]{}'\"]*")


def files_of(town: Founding, units: TownUnits, reference: Reference, *, schemas: bool) -> dict[str, str]:
    """Name -> text of each file of a town. `schemas`: their folder stands beside the town's."""
    environment = Environment(
        loader=FileSystemLoader(find(TEMPLATES)),
        undefined=StrictUndefined,
        autoescape=select_autoescape(()),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(scalar=scalar, listed=listed, level_of=level_of)
    facts = {
        "town": town,
        "units": units,
        "sort": sort_of(town.code),
        "zone": reference.zone_of(town.code),
        "head": next(unit.code for unit in units.offices if unit.kind == "region"),
        "shipped": town.area_source != OWN_SOURCE,
        "local_words": reference.local_words(town.code),
        "schema": f"../{SCHEMAS}" if schemas else "",
    }
    left_out = set() if units.below or units.health else {"units.yaml.j2"}
    templates = sorted({name for name in environment.list_templates() if name.endswith(".yaml.j2")} - left_out)
    return {name.removesuffix(".j2"): environment.get_template(name).render(facts) for name in templates}


def scalar(text: str, *, inside: bool = False) -> str:
    """A text as YAML writes it, in quotes where it needs them. `inside`: between braces or brackets."""
    plain = _PLAIN.fullmatch(text) and (not inside or _PLAIN_INSIDE.fullmatch(text))
    return text if plain else "'{}'".format(text.replace("'", "''"))


def listed(key: str, entries: Iterable[str]) -> str:
    """A list in one or several lines."""
    return textwrap.fill(
        f"{key.strip()}: [{', '.join(entries)}]",
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def write(folder: Path, files: dict[str, str]) -> None:
    """Write a new folder: all of it, or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in files.items():
            (made / name).write_text(text, encoding="utf-8")
        made.chmod(0o755)
        made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
