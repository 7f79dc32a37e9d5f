"""Message templates: what WhatsApp lets us say to somebody who has not written for a day.

Their words stand in templates/whatsapp/, one file each. In a gap stands only what `FACTS` names, and only what is
really of that kind: a number, a day, a count. So no story, no answer and no name can ever get into one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channels.base import Template
from bot.message_template_files import FACTS, LONGEST_GAP, PREFIX, SEE, TemplateFile, gaps_of
from bot.message_template_folder import FOLDER, read_folder
from bot.rendering import FALLBACK, Renderer
from domain.numbers import parse_number
from handlers.messages import Choice

#: What stands in a gap of which nothing is known: Meta takes no empty one.
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class MessageTemplateSpec:
    """One template in one language. `variables` are the facts of the page that stand in its gaps, in their order.

    `whole`: it says all that the page says, so it goes instead of it, and its buttons mean choices of the page. Else it
    only says that something waits, and its one button is SEE. `choices` and `labels` are of its buttons, in order.
    """

    name: str
    language: str
    category: str
    pages: tuple[str, ...]
    whole: bool
    body: str
    footer: str
    variables: tuple[str, ...]
    choices: tuple[str, ...]
    labels: tuple[str, ...]
    examples: Mapping[str, Any]

    @property
    def pattern(self) -> str:
        """The body as Meta keeps it: `{{1}}`, `{{2}}` for the gaps."""
        numbered = {fact: f"{{{{{n}}}}}" for n, fact in enumerate(self.variables, start=1)}
        return self.body.format_map(numbered)


class MessageTemplates:
    """All templates of one installation. Read once; safe to use from many threads."""

    def __init__(self, folder: Path, renderer: Renderer) -> None:
        """Take the folder of all templates, and what knows how a day is said. RegionFaults if a file is broken."""
        self._renderer = renderer
        files = read_folder(folder / FOLDER)
        self.without = files.without
        self.every = tuple(spec for stem, found in files.templates.items() for spec in _specs(stem, found.content))
        self._by_page = {(page, spec.language): spec for spec in self.every for page in spec.pages}

    def templates_for(self, page: str, language: str) -> MessageTemplateSpec | None:
        """The template of a page, in this language or else in everybody's; None for a page that has none."""
        return self._by_page.get((page, language)) or self._by_page.get((page, FALLBACK))

    def compose(
        self, spec: MessageTemplateSpec, facts: Mapping[str, Any], payloads: Sequence[str] = (), category: str = ""
    ) -> Template:
        """The template with its gaps filled; `payloads`: the data of its buttons, `category`: what Meta says it is."""
        if len(payloads) != len(spec.choices):
            raise ValueError(f"{spec.name} has {len(spec.choices)} buttons, but {len(payloads)} payloads")
        gaps = tuple(self.said(fact, facts.get(fact), spec.language) for fact in spec.variables)
        return Template(spec.name, spec.language, category.lower() or spec.category, gaps, tuple(payloads))

    def said(self, fact: str, value: Any, language: str) -> str:
        """A fact as it stands in a gap: one short line, UNKNOWN for what is not known or not of its kind."""
        kinds: Mapping[str, Callable[[Any], str | None]] = {
            "number": _number,
            "count": _count,
            "day": lambda moment: self._day(moment, language),
        }
        return flat(kinds[FACTS[fact]](value) or UNKNOWN)

    def _day(self, moment: Any, language: str) -> str | None:
        try:
            datetime.fromisoformat(moment)
        except (TypeError, ValueError):
            return None
        return self._renderer.short_day(moment, language)


def payloads_for(spec: MessageTemplateSpec, key: str, choices: Sequence[Choice]) -> tuple[str, ...] | None:
    """The data of a template's buttons, where it goes for the row `key` with these choices; None where one lacks."""
    places = {choice.code: n for n, choice in reversed([*enumerate(choices, start=1)])}
    found = [places.get(code) for code in spec.choices]
    return None if None in found else tuple(f"{key}.{n}" for n in found)


def flat(text: str) -> str:
    """One line without tabs and rows of blanks, cut where it is too long for a gap."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_GAP else f"{line[: LONGEST_GAP - 1]}…"


def _specs(stem: str, file: TemplateFile) -> Iterator[MessageTemplateSpec]:
    for language, words in file.languages.items():
        yield MessageTemplateSpec(
            name=f"{PREFIX}{stem}",
            language=language,
            category=file.category,
            pages=file.pages,
            whole=file.whole,
            body=words.body,
            footer=words.footer,
            variables=gaps_of(words.body),
            choices=file.choices,
            labels=words.buttons,
            examples=file.examples,
        )


def _number(value: Any) -> str | None:
    return parse_number(value) if isinstance(value, str) else None


def _count(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


__all__ = ["SEE", "MessageTemplateSpec", "MessageTemplates", "flat", "payloads_for"]
