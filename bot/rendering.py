"""Pages: the name of one, what is known, and the reader's language become the text and the labels of its buttons.

Every word stands in templates/<language>/. A page is plain text with a channel's markup: `plain` (phone, terminal,
WhatsApp) or `html` (Telegram's subset, where everything that people typed is escaped).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound, UndefinedError
from jinja2.runtime import Macro
from markupsafe import escape

from domain.decisions import filled
from handlers.messages import Choice

#: The language of a person whose own we do not speak.
FALLBACK = "id"
MARKUPS = ("plain", "html")
#: The folders of pages; what else lies in a language's folder are the macros that pages share.
READERS = ("citizen", "officer", "supervisor", "shared")

_TRAILING_SPACE = re.compile(r"[ \t]+$", re.MULTILINE)
#: A point as channels spell it, alone or in brackets behind a name.
_POINT = re.compile(r"(?:^|[\s(])(-?\d{1,2}\.\d{3,8}), ?(-?\d{1,3}\.\d{3,8})\)?\s*$", re.ASCII)
#: A moment among a page's facts, which are plain values.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00")
_MANY_BLANK_LINES = re.compile(r"\n{3,}")


class RenderingError(Exception):
    """A page that can't be shown: a fault of the code that queued it or of the templates, never of the reader."""


class UnknownPageError(RenderingError):
    """No template has this name."""


class MissingFactError(RenderingError):
    """The page says something that it was not told."""


class UnknownChoiceError(RenderingError):
    """No macro of choices.j2 has this code."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as it is sent; `labels` stand in the order of the choices and are never marked up.

    `opener` is the word behind which a channel may hide them.
    """

    text: str
    labels: tuple[str, ...]
    opener: str = ""


class Words:
    """The macros of a file as functions that give one line, or lines where there are several."""

    def __init__(self, macros: object) -> None:
        self._macros = macros

    def __call__(self, name: str, *said: Any) -> str:
        return _tidy(str(getattr(self._macros, name)(*said)))


class Renderer:
    """The templates of one installation. Compiled once and kept; safe to use from many threads."""

    def __init__(self, folder: Path, *, zone: str, town: str) -> None:
        """Take the folder of the templates, the zone in which moments are printed, and the town's name."""
        self._folder = folder
        self._zone = ZoneInfo(zone)
        self.languages = tuple(sorted(path.parent.name for path in folder.glob("*/choices.j2")))
        self._environments = {
            (language, markup): _environment(folder.resolve(), language, markup, ZoneInfo(zone), town)
            for language in self.languages
            for markup in MARKUPS
        }

    def pages(self, language: str) -> tuple[str, ...]:
        """The names of all pages of a language."""
        folder = self._folder / language
        found = (path for reader in READERS for path in (folder / reader).glob("*.j2"))
        return tuple(sorted(f"{path.parent.name}/{path.stem}" for path in found))

    def short_day(self, moment: str, language: str) -> str:
        """A moment (ISO) as a short date by the town's clock; what is none raises ValueError."""
        spoken = language if language in self.languages else FALLBACK
        return str(self._environments[spoken, "plain"].filters["short_day"](moment))

    def iso_day(self, moment: str) -> str:
        """The town's date of a moment, for the name of a file: 2026-09-14."""
        return _in_town(moment, self._zone).date().isoformat()

    def words(self, name: str, language: str) -> Words:
        """The macros of a shared file, for what is drawn: each becomes a plain text."""
        spoken = language if language in self.languages else FALLBACK
        return Words(self._environments[spoken, "plain"].get_template(f"{name}.j2").module)

    def render(
        self,
        page: str,
        facts: Mapping[str, Any],
        choices: Sequence[Choice],
        *,
        language: str,
        markup: str,
        names: Mapping[str, str] | None = None,
        wordings: Mapping[tuple[str, str], str] | None = None,
    ) -> Rendered:
        """Show a page. `names` gives the names of the codes that choices carry (units), `wordings` the words that the
        town has put in the place of a page's own; RenderingError if it can't."""
        spoken = language if language in self.languages else FALLBACK
        try:
            own = (wordings or {}).get((page, spoken))
            text = self._own(own, facts, spoken, markup) if own else None
            text = self._page(page, spoken, markup).render(facts) if text is None else text
            labels = self._labels(facts, choices, spoken, names or {})
        except UndefinedError as error:
            raise MissingFactError(f"page {page} ({spoken}): {error.message}") from error
        return Rendered(_tidy(text), labels, self._opener(spoken) if labels else "")

    def _page(self, page: str, language: str, markup: str) -> Template:
        try:
            environment = self._environments[language, markup]
        except KeyError:
            raise RenderingError(f"no markup {markup!r} in language {language!r}") from None
        try:
            return environment.get_template(f"{page}.j2")
        except TemplateNotFound as error:
            raise UnknownPageError(f"no template {error.name!r} for page {page!r} ({language})") from error

    def _own(self, text: str, facts: Mapping[str, Any], language: str, markup: str) -> str | None:
        """A town's own words with their facts; None where the page is not told one of them any more. Whoever writes for
        the first time is greeted as on every page: by what we are, and how a story is kept."""
        environment = self._environments[language, markup]
        try:
            said = environment.filters["worded"](text, facts)
        except KeyError:
            return None
        macros: Any = environment.get_template("words.j2").module
        greeting = macros.greeting(True) if facts.get("first") else ""
        return f"{greeting}{escape(said) if markup == 'html' else said}"

    def _opener(self, language: str) -> str:
        words: Any = self._environments[language, "plain"].get_template("words.j2").module
        return str(words.see_choices())

    def _labels(
        self, facts: Mapping[str, Any], choices: Sequence[Choice], language: str, names: Mapping[str, str]
    ) -> tuple[str, ...]:
        if not choices:
            return ()
        macros = self._environments[language, "plain"].get_template("choices.j2").module
        return tuple(
            _label(getattr(macros, choice.code, None), choice, _spoken_of(choice, place, facts, names))
            for place, choice in enumerate(choices)
        )


def _label(macro: object, choice: Choice, spoken: tuple[str, ...]) -> str:
    """A label's macro takes as many of the choice's arguments as it speaks of."""
    if not isinstance(macro, Macro):
        raise UnknownChoiceError(f"choices.j2 has no label for the choice {choice.code!r}")
    return str(macro(*spoken[: len(macro.arguments)])).strip()


def _spoken_of(choice: Choice, place: int, facts: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    """What a label may say of its choice: names for codes, and in a list of cases the number instead of the id."""
    if choice.code == "details":
        cases = facts.get("cases", ())
        return (str(cases[place]["number"]),) if place < len(cases) else ()
    return tuple(names.get(arg, arg) for arg in choice.args)


@cache  # to compile a page takes longer than to send it, and a process may have several renderers
def _environment(folder: Path, language: str, markup: str, zone: ZoneInfo, town: str) -> Environment:
    # Plain text has nothing to escape; `html` escapes every fact (there is no third markup).
    environment = Environment(
        loader=FileSystemLoader([folder / language, folder]),
        undefined=StrictUndefined,
        autoescape=markup == "html",  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.globals["town"] = town
    environment.filters["excerpt"] = excerpt
    environment.filters["in_language"] = lambda name: in_language(name, language)
    marks: Any = environment.get_template(f"markup/{markup}.j2").module
    environment.globals["m"] = marks
    environment.filters["with_map"] = lambda text: marks.on_map(*with_map(text))
    figures: Any = environment.get_template("figures.j2").module
    environment.filters["day"] = lambda moment: figures.day(_in_town(moment, zone))
    environment.filters["short_day"] = lambda moment: figures.short_day(_in_town(moment, zone))
    environment.filters["long_date"] = lambda moment: figures.long_date(_in_town(moment, zone))
    environment.filters["date"] = lambda day: _date(day, figures)
    environment.filters["rupiah"] = figures.rupiah
    environment.filters["worded"] = lambda text, facts: worded(text, facts, environment.filters["day"])
    return environment


def _in_town(moment: str, zone: ZoneInfo) -> datetime:
    """An ISO moment (UTC where it names no offset) by the town's clock."""
    at = datetime.fromisoformat(str(moment))  # str: a fact that is missing says so here
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)


def _date(day: str, figures: Any) -> str:
    """A day of the calendar (ISO) as a short date; what is none stays as it is."""
    try:
        return str(figures.short_day(date.fromisoformat(day)))
    except ValueError:
        return day


def in_language(name: Mapping[str, str], language: str) -> str:
    """A name in the reader's language, else in Indonesian, else in any; empty where there is none."""
    return name.get(language) or name.get(FALLBACK) or next(iter(name.values()), "")


def with_map(text: str) -> tuple[str, str, str]:
    """The lines of a text but the last, the last, and a map of the point that it ends with ("" where there is none)."""
    before, newline, last = str(text).rstrip().rpartition("\n")
    found = _POINT.search(last)
    if found is None:
        return str(text), "", ""
    latitude, longitude = found.groups()
    url = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"
    return before + newline, last, url


def worded(text: str, facts: Mapping[str, Any], day: Callable[[str], str]) -> str:
    """A town's own words with a fact in the place of each name in braces; KeyError for one that is not told."""

    def say(name: str) -> str:
        fact = facts[name]
        return "" if fact is None else day(fact) if _MOMENT.fullmatch(str(fact)) else str(fact)

    return filled(text, say)


def excerpt(text: str, longest: int) -> str:
    """The beginning of a text, cut between two words where there is one to cut at."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    whole, _, rest = kept.rpartition(" ")
    return f"{(whole if whole and len(rest) < longest // 2 else kept).rstrip()}…"


def _tidy(text: str) -> str:
    return _MANY_BLANK_LINES.sub("\n\n", _TRAILING_SPACE.sub("", text)).strip()
