"""Message templates of an account: handed in, approved or not, paused, and filled when they are sent."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import dataclass, field
from typing import Any

from tests.whatsapp.errors import GraphError, no_such

NAME = re.compile(r"[a-z0-9_]{1,512}")
GAP = re.compile(r"\{\{\s*(\w+)\s*\}\}")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
BUTTONS = ("QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE")
MOST_BODY, MOST_HEADER, MOST_FOOTER, MOST_BUTTON, MOST_BUTTONS = 1024, 60, 60, 25, 10
MOST_PAYLOAD = 256
#: A variable needs so many words of the body for itself.
WORDS_A_GAP = 3
_BAD_SPACE = re.compile(r"[\n\t]| {5}")


@dataclass(slots=True)
class Template:
    """One template in one language."""

    id: str
    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    status: str = "PENDING"
    reason: str = "NONE"
    parameter_format: str = "POSITIONAL"

    @property
    def object(self) -> dict[str, Any]:
        names = ("id", "name", "language", "category", "components", "status", "parameter_format")
        rejected = {"rejected_reason": self.reason}
        return {**{name: getattr(self, name) for name in names}, **rejected, "quality_score": {"score": "UNKNOWN"}}

    def part(self, kind: str) -> dict[str, Any]:
        return next((one for one in self.components if one["type"].upper() == kind), {})

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return list(self.part("BUTTONS").get("buttons", ()))


@dataclass(slots=True)
class Filled:
    """A template as it arrives."""

    text: str
    variables: list[str]
    buttons: list[tuple[str, str]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)


class Templates:
    """The templates of one account. `approves`: whether what is handed in is approved at once."""

    def __init__(self) -> None:
        self.approves = False
        self.most = 250
        self._all: dict[str, Template] = {}

    def __iter__(self) -> Any:
        return iter(self._all.values())

    def has(self, key: str) -> bool:
        return key in self._all

    def find(self, key: str) -> Template:
        if key not in self._all:
            raise no_such(key)
        return self._all[key]

    def named(self, name: str, language: str) -> Template | None:
        return next((one for one in self if (one.name, one.language) == (name, language)), None)

    def create(self, body: dict[str, Any]) -> Template:
        """POST message_templates."""
        name, language, category = (str(body.get(key, "")) for key in ("name", "language", "category"))
        if not NAME.fullmatch(name):
            raise _wrong("name must be 1 to 512 lower-case letters, digits and underscores")
        if category.upper() not in CATEGORIES:
            raise _wrong(f"category must be one of {', '.join(CATEGORIES)}")
        if not language:
            raise _wrong("language is required")
        if self.named(name, language):
            raise _wrong("Content in this language already exists", 2388024)
        if len(self._all) >= self.most:
            raise _wrong("the account has too many templates", 2388019)
        check(body.get("components"))
        key = str(random.randrange(10**14, 10**15))
        template = Template(key, name, language, category.upper(), body["components"])
        template.parameter_format = str(body.get("parameter_format", "POSITIONAL")).upper()
        template.status = "APPROVED" if self.approves else "PENDING"
        self._all[key] = template
        return template

    def edit(self, key: str, body: dict[str, Any]) -> None:
        """POST of a template's id: it must be looked at again."""
        template = self.find(key)
        if template.status == "PENDING":
            raise _wrong("a template in review can not be edited", 2388025)
        if "components" in body:
            check(body["components"])
            template.components = body["components"]
        template.category = str(body.get("category", template.category)).upper()
        template.status = "APPROVED" if self.approves else "PENDING"

    def delete(self, name: str, key: str | None) -> None:
        gone = [one.id for one in self if one.name == name and key in (None, one.id)]
        if not gone:
            raise _wrong(f"there is no template {name}", 2593002)
        for one in gone:
            del self._all[one]

    def page(self, asked: dict[str, str], url: str) -> dict[str, Any]:
        """GET message_templates."""
        exact = {name: asked[name] for name in ("name", "language", "status", "category") if name in asked}
        found = [one for one in self if all(getattr(one, name) == value for name, value in exact.items())]
        first, size = int(asked.get("after") or 0), int(asked.get("limit") or 25)
        shown = [_fields(one.object, asked.get("fields")) for one in found[first : first + size]]
        paging: dict[str, Any] = {"cursors": {"before": str(first), "after": str(first + size)}}
        if len(found) > first + size:
            paging["next"] = f"{url}?after={first + size}&limit={size}"
        return {"data": shown, "paging": paging}

    def fill(self, body: dict[str, Any]) -> tuple[Template, Filled]:
        """A template as a send fills it; GraphError where it can't."""
        name, language = str(body.get("name", "")), str((body.get("language") or {}).get("code", ""))
        template = self.named(name, language)
        if template is None or template.status in ("PENDING", "REJECTED"):
            raise GraphError(132001, f"template name ({name}) does not exist in {language}")
        if template.status in ("PAUSED", "DISABLED"):
            raise GraphError(132015 if template.status == "PAUSED" else 132016, f"{name} is {template.status}")
        return template, _filled(template, body.get("components") or [])


def _fields(found: dict[str, Any], fields: str | None) -> dict[str, Any]:
    wanted = {*(fields or "").split(","), "id"}
    return {name: value for name, value in found.items() if name in wanted} if fields else found


def _wrong(why: str, subcode: int = 2388042) -> GraphError:
    return GraphError(100, message="Invalid parameter", error_subcode=subcode, error_user_title=why, error_user_msg=why)


# what may be handed in


def check(components: Any) -> None:
    """GraphError where a template could never be approved."""
    if not isinstance(components, list) or not components:
        raise _wrong("components are required")
    kinds = [str(one.get("type", "")).upper() for one in components]
    if kinds.count("BODY") != 1 or len(set(kinds)) != len(kinds) or set(kinds) - _CHECKS.keys():
        raise _wrong("a template has one BODY, and at most one HEADER, FOOTER and BUTTONS")
    for kind, one in zip(kinds, components, strict=True):
        _CHECKS[kind](one)


def _body(one: dict[str, Any]) -> None:
    text = str(one.get("text", ""))
    gaps = GAP.findall(text)
    if not 1 <= len(text) <= MOST_BODY:
        raise _wrong(f"the body has {len(text)} characters, of at most {MOST_BODY}", 2388040)
    if re.match(r"\s*\{\{", text) or re.search(r"\}\}\s*$", text):
        raise _wrong("Variables can't be at the start or end of the template", 2388299)
    if (
        gaps
        and all(gap.isdigit() for gap in gaps)
        and sorted({int(gap) for gap in gaps}) != [*range(1, len(set(gaps)) + 1)]
    ):
        raise _wrong("variables must be numbered from 1 without a hole", 2388073)
    if gaps and len(re.findall(r"\w+", GAP.sub("", text))) < WORDS_A_GAP * len(gaps):
        raise _wrong("This template has too many variables for its length", 2388293)
    if re.search(r"\}\}\s*\{\{", text):
        raise _wrong("two variables stand next to each other", 2388073)
    if gaps and len(_examples(one)) != len(set(gaps)):
        raise _wrong("every variable needs an example", 2388043)
    if re.search(r"\n{3,}|\t| {5}", text):
        raise _wrong("a body has no more than two line breaks, four spaces or any tab in a row", 2388072)


def _examples(one: dict[str, Any]) -> list[Any]:
    example = one.get("example") or {}
    named = example.get("body_text_named_params")
    return list(named or (example.get("body_text") or [[]])[0])


def _header(one: dict[str, Any]) -> None:
    if str(one.get("format", "")).upper() not in ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"):
        raise _wrong("a header has a format")
    text = str(one.get("text", ""))
    if one["format"].upper() == "TEXT" and not (1 <= len(text) <= MOST_HEADER and len(GAP.findall(text)) <= 1):
        raise _wrong(f"a header has 1 to {MOST_HEADER} characters and at most one variable", 2388041)


def _footer(one: dict[str, Any]) -> None:
    text = str(one.get("text", ""))
    if not 1 <= len(text) <= MOST_FOOTER or GAP.search(text):
        raise _wrong(f"a footer has 1 to {MOST_FOOTER} characters and no variable", 2388044)


def _buttons(one: dict[str, Any]) -> None:
    buttons = one.get("buttons") or []
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise _wrong(f"1 to {MOST_BUTTONS} buttons")
    for button in buttons:
        if button.get("type", "").upper() not in BUTTONS:
            raise _wrong(f"a button is one of {', '.join(BUTTONS)}")
        text = str(button.get("text", ""))
        if not 1 <= len(text) <= MOST_BUTTON or GAP.search(text) or "\n" in text:
            raise _wrong(f"a button has 1 to {MOST_BUTTON} characters and no variable or line break", 2388060)
    replies = [button["type"].upper() == "QUICK_REPLY" for button in buttons]
    if sum(before != after for before, after in itertools.pairwise(replies)) > 1:
        raise _wrong("quick replies and other buttons must stand together", 2388061)


_CHECKS = {"BODY": _body, "HEADER": _header, "FOOTER": _footer, "BUTTONS": _buttons}


# how it is filled


def _filled(template: Template, components: list[dict[str, Any]]) -> Filled:
    given = {
        str(one.get("type", "")).upper(): one for one in components if str(one.get("type", "")).upper() != "BUTTON"
    }
    body, variables = _text(template, "BODY", given)
    header, more = _text(template, "HEADER", given)
    files = [one for one in given.get("HEADER", {}).get("parameters", ()) if one.get("type") != "text"]
    wants = template.part("HEADER").get("format", "TEXT").upper()
    if [wants.lower()] != [one["type"] for one in files] and (files or wants != "TEXT"):
        raise GraphError(132012, f"header: Format mismatch, expected {wants}")
    if len(body) > MOST_BODY:
        raise GraphError(132005, f"the body has {len(body)} characters, of at most {MOST_BODY}")
    footer = template.part("FOOTER").get("text", "")
    text = "\n".join(filter(None, (header, body, footer)))
    return Filled(text, [*more, *variables], _payloads(template, components), files)


def _text(template: Template, kind: str, given: dict[str, dict[str, Any]]) -> tuple[str, list[str]]:
    text = template.part(kind).get("text", "")
    gaps = list(dict.fromkeys(GAP.findall(text)))
    parameters = [
        one for one in given.get(kind, {}).get("parameters", ()) if kind == "BODY" or one.get("type") == "text"
    ]
    if len(parameters) != len(gaps):
        raise GraphError(
            132000, f"{kind.lower()}: number of localizable_params ({len(parameters)}) does not match {len(gaps)}"
        )
    values = [_value(one) for one in parameters]
    names = [one.get("parameter_name") for one in parameters]
    if template.parameter_format == "NAMED":
        if set(names) != set(gaps):
            raise GraphError(132012, f"{kind.lower()}: parameter names {names} do not match {gaps}")
        filling = dict(zip(names, values, strict=True))
    else:
        filling = dict(zip(sorted(gaps, key=int), values, strict=True))
    return GAP.sub(lambda gap: filling[gap[1]], text), values


def _value(one: dict[str, Any]) -> str:
    value = one.get("text")
    if one.get("type") != "text" or not isinstance(value, str):
        raise GraphError(132012, "body: Format mismatch, expected TEXT")
    if not value:
        raise GraphError(131008, "Parameter of type text is missing text value")
    if _BAD_SPACE.search(value):
        why = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        raise GraphError(132018, why)
    return value


def _payloads(template: Template, components: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(payload, title) of each button; the title comes back where no payload was given."""
    buttons = [(button["text"], button["text"]) for button in template.buttons]
    for one in components:
        if str(one.get("type", "")).upper() == "BUTTON":
            place = int(one.get("index", -1))
            if not 0 <= place < len(buttons):
                raise GraphError(132012, f"button: there is no button {place}")
            if str(one.get("sub_type", "")).upper() != template.buttons[place]["type"].upper():
                raise GraphError(132012, f"button {place}: the sub_type does not match")
            payload = str(one["parameters"][0].get("payload", one["parameters"][0].get("text", "")))
            if not 1 <= len(payload) <= MOST_PAYLOAD:
                raise GraphError(131009, f"button {place}: the payload has {len(payload)} characters")
            buttons[place] = payload, buttons[place][1]
    return buttons
