"""`tanggap check`: everything that an operator writes, read once before anybody depends on it."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment, TemplateSyntaxError, nodes

from bot.app import open_town
from bot.commands.faults import MENDABLE, line_of
from bot.folders import find
from bot.rendering import READERS, Renderer, RenderingError
from bot.settings import Settings, SettingsError, load_settings, misspelt, region_folder
from domain.region import Region
from storage.engine import make_engine
from storage.queries import people
from storage.regions import Fault, RegionFaults, coverage_faults, load_region
from storage.regions.documents import Document, read

TEMPLATES = Path("templates")
#: Pages of words for the web: one file a language, with the same keys.
WORD_FILES = ("demo", "timeline")
#: The macros that every language of the chat shares with the others.
MACRO_FILES = ("choices", "figures", "words")


def check(
    live: Annotated[bool, typer.Option("--live", help="Also count posts without a holder as faults.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Settings, region files, templates, routing: one clear line per fault, exit 1 if there is any."""
    errors: list[str] = []
    warnings = [f"{name} is no setting: what it says does nothing" for name in misspelt()]
    settings = _settings(errors)
    region = _region(settings.region_dir if settings else region_folder(), errors)
    errors += _template_faults(region)
    if settings and region:
        _people(settings, region, live, errors, warnings)
    _tell(errors, warnings, as_json=json)
    if errors:
        raise typer.Exit(1)


def _tell(errors: list[str], warnings: list[str], *, as_json: bool) -> None:
    if as_json:
        typer.echo(jsonlib.dumps({"errors": errors, "warnings": warnings}))
        return
    for line in [*errors, *(f"warning: {line}" for line in warnings)]:
        typer.echo(line, err=True)
    found = f"{len(errors)} fault{'' if len(errors) == 1 else 's'}."
    typer.echo(found if errors else "Everything is in order.")


def _settings(errors: list[str]) -> Settings | None:
    try:
        return load_settings()
    except SettingsError as error:
        errors += str(error).splitlines()
        return None


def _region(folder: Path, errors: list[str]) -> Region | None:
    try:
        region = load_region(find(folder))
    except RegionFaults as error:
        errors += [str(fault) for fault in error.faults]
        return None
    errors += [str(fault) for fault in coverage_faults(region)]
    return region


def _template_faults(region: Region | None) -> list[str]:
    """Every template can be read; every language has every page, every macro and every word."""
    folder = find(TEMPLATES)
    languages = sorted(path.parent.name for path in folder.glob("*/choices.j2"))
    if not languages:
        return [str(Fault(str(TEMPLATES), 1, "no language is here: a language is a folder with a choices.j2"))]
    faults = [*_syntax_faults(folder), *_language_faults(folder, languages), *_word_faults(folder, languages)]
    if region and not faults:
        faults += _compile_faults(folder, region)
    return [str(fault) for fault in sorted(set(faults))]


def _syntax_faults(folder: Path) -> Iterator[Fault]:
    """Templates that are no Jinja2, and templates that ask for one that is not there."""
    for path in sorted(folder.rglob("*.j2")):
        parsed = _parsed(path)
        if isinstance(parsed, Fault):
            yield parsed
            continue
        for asking in parsed.find_all((nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends)):
            wanted = asking.template.value if isinstance(asking.template, nodes.Const) else ""
            around = (folder / path.relative_to(folder).parts[0], folder)
            if wanted and not any((place / wanted).is_file() for place in around):
                yield Fault(_label(path, folder), asking.lineno, f"there is no template {wanted}")


def _parsed(path: Path) -> nodes.Template | Fault:
    folder = find(TEMPLATES)
    try:
        return Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    except TemplateSyntaxError as error:
        return Fault(_label(path, folder), error.lineno, str(error.message))
    except UnicodeDecodeError:
        return Fault(_label(path, folder), 1, "this file is not UTF-8 text")


def _label(path: Path, folder: Path) -> str:
    return str(TEMPLATES / path.relative_to(folder))


def _language_faults(folder: Path, languages: list[str]) -> Iterator[Fault]:
    """What one language has and another one lacks."""
    pages = {language: _pages(folder / language) for language in languages}
    for language in languages:
        for page in sorted(set().union(*pages.values()) - pages[language]):
            yield Fault(str(TEMPLATES / language / page), 1, "this page is missing")
    for name in MACRO_FILES:
        macros = {language: _macros(folder / language / f"{name}.j2") for language in languages}
        for language in languages:
            for macro in sorted(set().union(*macros.values()) - macros[language]):
                yield Fault(str(TEMPLATES / language / f"{name}.j2"), 1, f"the macro `{macro}` is missing")


def _pages(folder: Path) -> set[str]:
    return {f"{reader}/{path.name}" for reader in READERS for path in (folder / reader).glob("*.j2")}


def _macros(path: Path) -> set[str]:
    parsed = _parsed(path) if path.is_file() else None
    return {macro.name for macro in parsed.find_all(nodes.Macro)} if isinstance(parsed, nodes.Template) else set()


def _word_faults(folder: Path, languages: list[str]) -> Iterator[Fault]:
    """The words of the web pages: one file a language, all with the same keys."""
    for name in WORD_FILES:
        found: dict[str, Document] = {}
        for language in languages:
            path = folder / "web" / f"{name}.{language}.yaml"
            try:
                found[language] = read(path, _label(path, folder))
            except RegionFaults as error:
                yield from error.faults
        every = {place for document in found.values() for place in document.lines}
        for document in found.values():
            for place in sorted(every - set(document.lines), key=str):
                yield document.fault(f"the word `{'.'.join(map(str, place))}` is missing", *place)


def _compile_faults(folder: Path, region: Region) -> Iterator[Fault]:
    """What shows only when a page is used: filters that do not exist. Without facts no page can be shown whole."""
    try:
        renderer = Renderer(folder, zone=region.zone, town=region.name)
    except TemplateSyntaxError as error:
        yield _compile_fault(error, folder)
        return
    for language in renderer.languages:
        for page in renderer.pages(language):
            try:
                renderer.render(page, {}, (), language=language, markup="html")
            except RenderingError:
                continue
            except TemplateSyntaxError as error:
                yield _compile_fault(error, folder)


def _compile_fault(error: TemplateSyntaxError, folder: Path) -> Fault:
    label = _label(Path(error.filename), folder) if error.filename else str(error.name)
    return Fault(label, error.lineno, str(error.message))


def _people(settings: Settings, region: Region, live: bool, errors: list[str], warnings: list[str]) -> None:
    """Posts without a holder: warnings until --live or the first enrolled officer (decision 27)."""
    if settings.encryption_keys is None and not live:
        return
    try:
        held = _held(settings)
    except MENDABLE as error:
        errors.append(line_of(error) or type(error).__name__)
        return
    if held is None:
        (errors if live else warnings).append("the database is not set up yet: run `tanggap migrate`")
        return
    vacant = sorted(set(region.posts) - held)
    if vacant and (live or held):
        errors += [f"post {code} ({region.posts[code].title}) has no holder: `tanggap invite`" for code in vacant]
    elif vacant:
        warnings.append(f"{len(vacant)} posts have no holder yet: `tanggap invite --role ROLE --post POST`")


def _held(settings: Settings) -> set[str] | None:
    """The posts that somebody holds; None where there is no database yet."""
    keys = settings.keys()
    path = settings.database_url.removeprefix("sqlite:///")
    if settings.database_url.startswith("sqlite") and not Path(path).exists():
        return None
    engine = make_engine(settings.database_url, read_only=True)
    try:
        open_town(engine, keys)
        with engine.connect() as connection:
            return set(connection.execute(people.HELD_POSTS).scalars())
    finally:
        engine.dispose()


