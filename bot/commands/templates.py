"""What is wrong with the templates, as `tanggap check` tells it: one line a fault, with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.filters import FILTERS as JINJA_FILTERS

from bot.folders import find
from bot.message_template_folder import message_template_faults
from bot.rendering import FALLBACK, READERS
from domain.region import Region
from storage.regions import Fault, RegionFaults
from storage.regions.documents import Document, read

TEMPLATES = Path("templates")
#: What pages of one language share; each is there in every language, with the same macros.
MACRO_FILES = ("acts.j2", "choices.j2", "decisions.j2", "figures.j2", "words.j2")
#: Words that are no pages: one file a language, with the same keys.
WORD_FILES = ("web/demo.{}.yaml", "web/timeline.{}.yaml", "{}/bot.yaml")
#: What bot/rendering.py adds to Jinja2's own. A page that uses another filter fails `check`, so none is forgotten here.
FILTERS = JINJA_FILTERS.keys() | {
    "date",
    "day",
    "excerpt",
    "in_language",
    "long_date",
    "rupiah",
    "short_day",
    "with_map",
    "worded",
}
_ASKING = (nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends)


def template_faults() -> list[Fault]:
    """Every template that can't be read or used, and what one language has and another one lacks."""
    folder = find(TEMPLATES)
    languages = sorted({path.parent.name for reader in READERS for path in folder.glob(f"*/{reader}")})
    if FALLBACK not in languages:
        return [Fault(f"{TEMPLATES}/{FALLBACK}", 1, "there are no pages in the language that everybody falls back to")]
    found = {path: _parsed(path, folder) for path in sorted(folder.rglob("*.j2"))}
    faults = [fault for fault in found.values() if isinstance(fault, Fault)]
    good = {path.relative_to(folder): parsed for path, parsed in found.items() if isinstance(parsed, nodes.Template)}
    faults += [*_unknown(folder, good), *_unequal(languages, good), *_word_faults(folder, languages)]
    return sorted([*faults, *message_template_faults(folder)])


def page_faults(region: Region) -> list[Fault]:
    """Every page that the region says can have other words and that no template is."""
    pages = find(TEMPLATES) / FALLBACK
    gone = [page for page in region.pages if pages.is_dir() and not (pages / f"{page}.j2").is_file()]
    return [Fault(*region.origins[f"page {page}"], f"there is no page {page}") for page in gone]


def _parsed(path: Path, folder: Path) -> nodes.Template | Fault:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except TemplateSyntaxError as error:
        return Fault(_label(path.relative_to(folder)), error.lineno, str(error.message))
    except UnicodeDecodeError:
        return Fault(_label(path.relative_to(folder)), 1, "this file is not UTF-8 text")


def parse(text: str) -> nodes.Template:
    """What a template says. Raises TemplateSyntaxError."""
    return Environment(autoescape=True).parse(text)


def _label(path: Path) -> str:
    return str(TEMPLATES / path)


def _unknown(folder: Path, templates: dict[Path, nodes.Template]) -> Iterator[Fault]:
    """Filters and templates that a template names and that do not exist."""
    for path, template in templates.items():
        for used in template.find_all(nodes.Filter):
            if used.name not in FILTERS:
                yield Fault(_label(path), used.lineno, f"there is no filter {used.name}")
        for wanted, line in _asked(template):
            if not any((place / wanted).is_file() for place in (folder / path.parts[0], folder)):
                yield Fault(_label(path), line, f"there is no template {wanted}")


def _asked(template: nodes.Template) -> Iterator[tuple[str, int]]:
    """The templates that one imports or includes by name, and where."""
    for found in template.find_all(nodes.Stmt):
        if isinstance(found, _ASKING) and isinstance(found.template, nodes.Const):
            yield str(found.template.value), found.lineno


def _unequal(languages: list[str], templates: dict[Path, nodes.Template]) -> Iterator[Fault]:
    """Pages and macros that one language has and another one lacks."""
    pages = {path.relative_to(path.parts[0]) for path in templates if path.parts[0] in languages}
    for language in languages:
        for page in sorted(pages):
            if Path(language) / page not in templates:
                yield Fault(_label(Path(language) / page), 1, "this template is missing, or cannot be read")
    for name in MACRO_FILES:
        macros = {path: _macros(templates[path]) for path in templates if path.parts[1:] == (name,)}
        for path, own in macros.items():
            for macro in sorted(set().union(*macros.values()) - own):
                yield Fault(_label(path), 1, f"the macro `{macro}` is missing")


def _macros(template: nodes.Template) -> set[str]:
    return {macro.name for macro in template.find_all(nodes.Macro)}


def _word_faults(folder: Path, languages: list[str]) -> Iterator[Fault]:
    """Words that one language has and another one lacks."""
    for name in WORD_FILES:
        found: list[Document] = []
        for language in languages:
            path = folder / name.format(language)
            try:
                found.append(read(path, _label(path.relative_to(folder))))
            except RegionFaults as error:
                yield from error.faults
        every = {place for document in found for place in document.lines}
        for document in found:
            for place in sorted(every - document.lines.keys(), key=str):
                yield document.fault(f"the word `{'.'.join(map(str, place))}` is missing", *place)
