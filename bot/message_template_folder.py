"""The folder templates/whatsapp/: one file a template, read and checked by itself, and against what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.message_template_files import LONGEST_NAME, PREFIX, SEE, TemplateFile, WithoutFile
from bot.rendering import FALLBACK
from storage.regions.faults import Fault, RegionFaults
from storage.regions.sources import Folder, Part, part

FOLDER = "whatsapp"
#: The file that names the pages which deliberately have no template, with the reason.
WITHOUT = "without.yaml"

_STEM = re.compile(r"[a-z][a-z0-9_]*")
_MACRO = re.compile(r"{%-? *macro (\w+)\(")


@dataclass(frozen=True, slots=True)
class Files:
    """What the folder holds: templates by the names of their files, and the pages without one."""

    templates: Mapping[str, Part[TemplateFile]]
    without: Mapping[str, str]


def read_folder(path: Path) -> Files:
    """Read and check every file. RegionFaults with everything that is wrong, and where."""
    folder, faults = Folder(path), list[Fault]()
    templates: dict[str, Part[TemplateFile]] = {}
    without: Mapping[str, str] = {}
    for name in sorted({WITHOUT, *(found.name for found in path.glob("*.y*ml"))}):
        try:
            if name == WITHOUT:
                without = part(folder, name, WithoutFile).content.root
            else:
                stem = _stem(folder, name)
                templates[stem] = part(folder, name, TemplateFile)
        except RegionFaults as found:
            faults += found.faults
    faults += _twice(templates, without)
    if faults:
        raise RegionFaults(faults)
    return Files(templates, without)


def message_template_faults(templates: Path) -> list[Fault]:
    """What is wrong with the message templates below the folder of all templates, and with what they name."""
    try:
        files = read_folder(templates / FOLDER)
    except RegionFaults as error:
        return list(error.faults)
    return [fault for found in files.templates.values() for fault in _strangers(templates, found)]


def _strangers(templates: Path, found: Part[TemplateFile]) -> Iterator[Fault]:
    """Pages and choices that do not exist."""
    for n, page in enumerate(found.content.pages):
        if not (templates / FALLBACK / f"{page}.j2").is_file():
            yield found.document.fault(f"there is no page {page}", "pages", n)
    labels = templates / FALLBACK / "choices.j2"
    known = {SEE, *_MACRO.findall(labels.read_text(encoding="utf-8"))} if labels.is_file() else None
    for n, code in enumerate(found.content.choices):
        if known is not None and code not in known:
            yield found.document.fault(f"there is no choice {code}", "choices", n)


def _stem(folder: Folder, name: str) -> str:
    stem = name.removesuffix(".yaml")
    if not _STEM.fullmatch(stem) or len(PREFIX + stem) > LONGEST_NAME:
        said = "a template's file is named in small letters, figures and _, and ends with .yaml"
        raise RegionFaults([Fault(folder.label(name), 1, said)])
    return stem


def _twice(templates: Mapping[str, Part[TemplateFile]], without: Mapping[str, str]) -> Iterator[Fault]:
    """Pages of which two places say what they go as."""
    owner = dict.fromkeys(without, WITHOUT)
    for stem, found in templates.items():
        for n, page in enumerate(found.content.pages):
            if page in owner:
                yield found.document.fault(f"the page {page} stands in {owner[page]} too", "pages", n)
            owner.setdefault(page, f"{stem}.yaml")
