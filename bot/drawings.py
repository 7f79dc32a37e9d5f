"""Files that are drawn for a page when it is sent: pictures, and papers for the folder. The facts say whether."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.channels.base import File
from bot.papers import dead_letter, period
from bot.picture import picture
from bot.rendering import Renderer

PNG, PDF = "image/png", "application/pdf"

Facts = Mapping[str, Any]
#: What draws the files of a page in a language.
Draw = Callable[[Renderer, Facts, str], Iterator[File]]


def drawn(renderer: Renderer, page: str, facts: Facts, language: str) -> Iterator[File]:
    """The files of a page; the same facts give the same bytes, so that a page which stopped half-way goes on."""
    draw = _DRAWINGS.get(page)
    return draw(renderer, facts, language) if draw else iter(())


def _digest(renderer: Renderer, facts: Facts, language: str) -> Iterator[File]:
    shown = facts.get("picture")
    if shown:
        words = renderer.words("picture", language)
        alt = words("alt", shown["rows"], shown["rest"], shown["weeks"])
        name = words("file_name", renderer.iso_day(facts["at"]))
        yield File(f"{name}.png", PNG, picture(shown, facts["at"], facts["title"], words), alt)


def _report(renderer: Renderer, facts: Facts, language: str) -> Iterator[File]:
    if facts.get("paper"):
        words = renderer.words("paper", language)
        day = renderer.iso_day(facts["to_day"])
        name = words("report_file", facts["kind"], facts["paper"]["post"], day)
        yield File(f"{name}.pdf", PDF, period(facts, words, renderer.words("picture", language)))


def _dead_letter(renderer: Renderer, facts: Facts, language: str) -> Iterator[File]:
    if facts.get("date"):
        words = renderer.words("paper", language)
        name = words("letter_file", facts.get("number"), renderer.iso_day(facts["date"]))
        yield File(f"{name}.pdf", PDF, dead_letter(facts, words))


_DRAWINGS: Mapping[str, Draw] = {
    "supervisor/digest": _digest,
    "supervisor/report": _report,
    "officer/dead_letter": _dead_letter,
}
