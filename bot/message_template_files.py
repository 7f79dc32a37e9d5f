"""The shape of the files in templates/whatsapp/, and what Meta asks of a message template before it approves one."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StrictBool,
    StringConstraints,
    model_validator,
)

from domain.numbers import parse_number

#: Before the names of our templates, so that others of the same account are left alone.
PREFIX = "tanggap_"

#: The facts that may stand in a gap, and what each has to be. Nothing that a person wrote is among them.
FACTS: Mapping[str, str] = MappingProxyType(
    {
        "number": "number",
        "by": "day",
        "binding_by": "day",
        "until": "day",
        "count": "count",
        "days_late": "count",
        "open": "count",
        "late": "count",
        "received": "count",
    }
)

LONGEST_NAME, LONGEST_BODY, LONGEST_FOOTER, LONGEST_LABEL, MOST_BUTTONS = 512, 1024, 60, 25, 3
#: What stands in a gap is never longer, in characters.
LONGEST_GAP = 40
#: Words of our own for each gap: Meta refuses a template that is nearly all gaps.
WORDS_A_GAP = 3
#: The choice of a button that only opens the window: what has waited for it follows by itself.
SEE = "see"

_WORD = re.compile(r"[^\W_]+")
_PAGE = r"^(citizen|officer|supervisor|shared)/[a-z_]+$"


def gaps_of(body: str) -> tuple[str, ...]:
    """The facts that a body has gaps for, in order. ValueError where its braces are not in order."""
    return tuple(name for _, name in _pieces(body) if name is not None)


def _pieces(body: str) -> list[tuple[str, str | None]]:
    """Words, and the gap that follows them (None after the last words)."""
    try:
        found = [(words, name, form, how) for words, name, form, how in string.Formatter().parse(body)]
    except ValueError:
        raise ValueError("a brace stands alone: a gap is written {number}") from None
    if any(form or how for _, _, form, how in found):
        raise ValueError("a gap holds a name and nothing else, such as {number}")
    return [(words, name) for words, name, _, _ in found]


def _line(text: str) -> str:
    if text != " ".join(text.split()):
        raise ValueError("must be one line, with single blanks and none at its ends")
    if "{" in text or "}" in text:
        raise ValueError("has no gaps: braces stand in the body only")
    return text


def _label(text: str) -> str:
    if any(not (char.isalnum() or char in " ,.?!'-") for char in text):
        raise ValueError(f"`{text}`: a button has letters and figures only, Meta takes no emoji and no markup there")
    return text


def _at_most(longest: int) -> AfterValidator:
    def check(text: str) -> str:
        if not 0 < len(text) <= longest:
            raise ValueError(f"must have 1 to {longest} characters, not {len(text)}")
        return text

    return AfterValidator(check)


def _body(text: str) -> str:
    pieces = _pieces(text)
    if any("{" in words or "}" in words for words, _ in pieces):
        raise ValueError("braces stand for gaps only, once on each side: {number}")
    gaps = [name for _, name in pieces if name is not None]
    _known(gaps)
    if "\t" in text or " " * 5 in text or "\n\n\n" in text or text != text.strip():
        raise ValueError("no tabs, no rows of blanks or empty lines, no blanks at its ends")
    if len("".join(words for words, _ in pieces)) + LONGEST_GAP * len(gaps) > LONGEST_BODY:
        raise ValueError(f"has more than {LONGEST_BODY} characters, or would have with its gaps filled")
    if gaps:
        _around(pieces)
    words = sum(len(_WORD.findall(part)) for part, _ in pieces)
    if words < WORDS_A_GAP * len(gaps) or not words:
        raise ValueError(f"needs {WORDS_A_GAP} words of its own for each gap, or Meta refuses it")
    return text


def _known(gaps: list[str]) -> None:
    for gap in gaps:
        if gap not in FACTS:
            raise ValueError(f"`{{{gap}}}` may not stand in a template: only {', '.join(FACTS)} may")
    if len(gaps) != len(set(gaps)):
        raise ValueError("a gap may stand in a body once only")


def _around(pieces: list[tuple[str, str | None]]) -> None:
    """Meta wants words of ours before the first gap, behind the last, and something between two."""
    last = pieces[-1]
    if not _WORD.search(pieces[0][0]) or last[1] is not None or not _WORD.search(last[0]):
        raise ValueError("must not begin or end with a gap: a word has to stand before and behind")
    for (_, gap), (between, follows) in pairwise(pieces):
        if gap and follows and not between.strip():
            raise ValueError(f"{{{gap}}} and {{{follows}}} stand side by side: put words between them")


def _some(pages: tuple[str, ...]) -> tuple[str, ...]:
    if not pages:
        raise ValueError("needs at least one page that it stands for")
    return pages


Line = Annotated[str, StringConstraints(strict=True), AfterValidator(_line)]
Label = Annotated[Line, _at_most(LONGEST_LABEL), AfterValidator(_label)]
Body = Annotated[str, StringConstraints(strict=True), AfterValidator(_body)]
Page = Annotated[str, StringConstraints(pattern=_PAGE)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z_0-9]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """What a template says in one language; `buttons` are the labels of its choices, in their order."""

    body: Body
    footer: Annotated[Line, _at_most(LONGEST_FOOTER)] = ""
    buttons: tuple[Label, ...] = ()


class TemplateFile(_Strict):
    """One template."""

    category: Literal["utility", "authentication", "marketing"]
    pages: Annotated[tuple[Page, ...], AfterValidator(_some)]
    whole: StrictBool = False
    examples: Mapping[str, str | int] = {}
    choices: Annotated[tuple[Code, ...], Field(max_length=MOST_BUTTONS)] = ()
    id: Words
    en: Words

    @model_validator(mode="after")
    def _is_of_one_piece(self) -> TemplateFile:
        gaps = {language: set(gaps_of(words.body)) for language, words in self.languages.items()}
        if len({frozenset(found) for found in gaps.values()}) > 1:
            raise ValueError("both languages must have the same gaps")
        _examples(set(self.examples), set().union(*gaps.values()))
        if self.category != "utility":
            raise ValueError("only utility templates go to people whom we answer: nobody asked for another kind")
        return self

    @model_validator(mode="after")
    def _has_its_buttons(self) -> TemplateFile:
        for language, words in self.languages.items():
            if len(words.buttons) != len(self.choices):
                raise ValueError(f"`{language}` has {len(words.buttons)} buttons for {len(self.choices)} choices")
            if len(set(words.buttons)) != len(words.buttons):
                raise ValueError(f"`{language}` has two buttons of one label")
        if self.whole and SEE in self.choices:
            raise ValueError(f"is whole, so nothing waits that the choice `{SEE}` would show")
        if not self.whole and self.choices != (SEE,):
            raise ValueError(f"is not whole, so its one choice is `{SEE}`: the page itself follows, with its own")
        return self

    @model_validator(mode="after")
    def _has_examples_of_their_kind(self) -> TemplateFile:
        for fact, example in self.examples.items():
            if not _fits(FACTS.get(fact, ""), example):
                raise ValueError(f"`{example}` is no example of {fact}")
        return self

    @property
    def languages(self) -> Mapping[str, Words]:
        """The words of each language."""
        return {"id": self.id, "en": self.en}


def _examples(given: set[str], gaps: set[str]) -> None:
    if missing := sorted(gaps - given):
        raise ValueError(f"needs an example for {', '.join(missing)}: Meta asks for it")
    if idle := sorted(given - gaps):
        raise ValueError(f"has an example for {', '.join(idle)}, which no body names")


def _fits(kind: str, example: Any) -> bool:
    match kind, example:
        case "number", str():
            return parse_number(example) == example
        case "day", str():
            return re.fullmatch(r"\d{4}-\d{2}-\d{2}", example) is not None
        case "count", int():
            return not isinstance(example, bool)
    return False


class WithoutFile(RootModel[Mapping[Page, Annotated[str, Field(min_length=10)]]]):
    """Pages that deliberately have no template, and why."""
