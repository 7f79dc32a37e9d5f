"""Whether a message is one that the platform takes: its types, and their limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.whatsapp.errors import GraphError, invalid, missing
from tests.whatsapp.media import check_kind

if TYPE_CHECKING:
    from tests.whatsapp.accounts import Account

MOST_TEXT = 4096
MOST_BODY = 1024
MOST_FOOTER = MOST_HEADER = 60
MOST_BUTTONS, MOST_TITLE, MOST_ID = 3, 20, 256
MOST_ROWS, MOST_SECTIONS, MOST_ROW, MOST_DESCRIPTION, MOST_ROW_ID, MOST_LIST_BUTTON = 10, 10, 24, 72, 200, 20
MOST_TRACKER = 512
MOST_FILE_NAME = 240
WITH_FILE = ("image", "video", "audio", "document", "sticker")
CAPTIONED = ("image", "video", "document")


@dataclass(slots=True)
class Content:
    """What a message shows. `buttons`: (id, title) of reply buttons, `rows`: of a list."""

    text: str = ""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    category: str = "service"
    facts: dict[str, Any] = field(default_factory=dict)


def read(account: Account, number: str, call: dict[str, Any]) -> Content:
    """What a send shows; GraphError where the platform does not take it."""
    if call.get("messaging_product") != "whatsapp":
        raise missing("messaging_product")
    if not isinstance(call.get("to", call.get("recipient")), str):
        raise missing("to")
    if len(call.get("biz_opaque_callback_data", "")) > MOST_TRACKER:
        raise invalid("biz_opaque_callback_data is too long")
    kind = call.get("type", "text")
    if kind == "contacts":
        return _contacts(call.get("contacts"))
    if kind not in _READERS:
        raise GraphError(131051, f"{kind} is not supported")
    body = call.get(kind)
    if not isinstance(body, dict):
        raise missing(kind)
    return _READERS[kind](account, number, kind, body)


def within(value: Any, most: int, name: str, least: int = 1) -> str:
    """A text of the allowed length."""
    if value is None and least:
        raise missing(name)
    if not isinstance(value or "", str):
        raise invalid(f"{name} must be a string")
    text = str(value or "")
    if not least <= len(text) <= most or (least and not text.strip()):
        raise invalid(f"Param {name} must be {least} to {most} characters long, and not blank: it has {len(text)}")
    return text


def _text(account: Account, number: str, kind: str, body: dict[str, Any]) -> Content:
    return Content(within(body.get("body"), MOST_TEXT, "text['body']"))


def _media(account: Account, number: str, kind: str, body: dict[str, Any]) -> Content:
    caption = within(body.get("caption"), MOST_BODY, f"{kind}['caption']", 0)
    if caption and kind not in CAPTIONED:
        raise invalid(f"{kind} takes no caption")
    within(body.get("filename"), MOST_FILE_NAME, f"{kind}['filename']", 0)
    return Content(caption, files=[_file(account, number, kind, body)])


def _file(account: Account, number: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    if ("id" in body) == ("link" in body):
        raise invalid(f"{kind} needs an id or a link")
    if "link" in body:
        return {"link": str(body["link"]), "name": body.get("filename", "")}
    file = account.media.find(str(body["id"]))
    check_kind(kind, file)
    return {**file.note, "name": body.get("filename", file.name)}


def _interactive(account: Account, number: str, kind: str, body: dict[str, Any]) -> Content:
    shape = str(body.get("type"))
    if shape not in _SHAPES:
        raise invalid(f"interactive type {shape} is not one of {', '.join(_SHAPES)}")
    text = within((body.get("body") or {}).get("text"), MOST_BODY, "interactive['body']['text']")
    if "footer" in body:
        within(body["footer"].get("text"), MOST_FOOTER, "interactive['footer']['text']")
    content = Content(text)
    if "header" in body:
        _header(account, number, body["header"], shape, content)
    action = body.get("action")
    if not isinstance(action, dict):
        raise missing("interactive['action']")
    _SHAPES[shape](action, content)
    return content


def _header(account: Account, number: str, header: dict[str, Any], shape: str, content: Content) -> None:
    kind = header.get("type")
    if kind == "text":
        content.text = f"{within(header.get('text'), MOST_HEADER, 'header')}\n{content.text}"
    elif kind in CAPTIONED and shape == "button":
        content.files.append(_file(account, number, kind, header.get(kind) or {}))
    else:
        raise invalid(f"a {shape} takes no header of type {kind}")


def _buttons(action: dict[str, Any], content: Content) -> None:
    buttons = action.get("buttons") or []
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise invalid(f"Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {MOST_BUTTONS}")
    for button in buttons:
        reply = button.get("reply") or {}
        if button.get("type") != "reply":
            raise invalid("a button's type must be reply")
        title = within(reply.get("title"), MOST_TITLE, "button['reply']['title']")
        content.buttons.append((within(reply.get("id"), MOST_ID, "button['reply']['id']"), title))
    _differ([key for key, _ in content.buttons], "button ids")
    _differ([title for _, title in content.buttons], "button titles")


def _list(action: dict[str, Any], content: Content) -> None:
    within(action.get("button"), MOST_LIST_BUTTON, "action['button']")
    sections = action.get("sections") or []
    if not 1 <= len(sections) <= MOST_SECTIONS:
        raise invalid(f"a list has 1 to {MOST_SECTIONS} sections")
    for section in sections:
        within(section.get("title"), MOST_ROW, "section['title']", least=int(len(sections) > 1))
        content.rows += [_row(row) for row in section.get("rows") or []]
    if not 1 <= len(content.rows) <= MOST_ROWS:
        raise invalid(f"Total row count exceed max allowed count: {MOST_ROWS}")
    _differ([key for key, _, _ in content.rows], "row ids")


def _row(row: dict[str, Any]) -> tuple[str, str, str]:
    return (
        within(row.get("id"), MOST_ROW_ID, "row['id']"),
        within(row.get("title"), MOST_ROW, "row['title']"),
        within(row.get("description"), MOST_DESCRIPTION, "row['description']", 0),
    )


def _link(action: dict[str, Any], content: Content) -> None:
    parameters = action.get("parameters") or {}
    within(parameters.get("display_text"), MOST_TITLE, "display_text")
    content.facts["url"] = within(parameters.get("url"), 2000, "url")


def _nothing(action: dict[str, Any], content: Content) -> None:
    """A request for a place or a number has no choices."""


def _differ(values: list[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise invalid(f"{what} must be unique")


def _template(account: Account, number: str, kind: str, body: dict[str, Any]) -> Content:
    template, filled = account.templates.fill(body)
    files = [_file(account, number, one["type"], one[one["type"]]) for one in filled.files]
    said = {"template": template.name, "language": template.language, "variables": filled.variables}
    return Content(filled.text, filled.buttons, files=files, category=template.category.lower(), facts=said)


def _reaction(account: Account, number: str, kind: str, body: dict[str, Any]) -> Content:
    return Content(
        within(body.get("emoji"), 16, "emoji", 0), facts={"reacts_to": within(body.get("message_id"), 200, "id")}
    )


def _contacts(people: Any) -> Content:
    names = [str((one.get("name") or {}).get("formatted_name") or "") for one in people or ()]
    if not names or not all(names):
        raise missing("contacts['name']['formatted_name']")
    return Content(", ".join(names))


def _location(account: Account, number: str, kind: str, body: dict[str, Any]) -> Content:
    try:
        point = float(body["latitude"]), float(body["longitude"])
    except (KeyError, ValueError):
        raise missing("location['latitude'], location['longitude']") from None
    return Content(f"{body.get('name', '')} {point}".strip())


_SHAPES: dict[str, Callable[[dict[str, Any], Content], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "location_request_message": _nothing,
    "request_contact_info": _nothing,
}
_READERS: dict[str, Callable[[Account, str, str, dict[str, Any]], Content]] = {
    "text": _text,
    "interactive": _interactive,
    "template": _template,
    "reaction": _reaction,
    "location": _location,
    **dict.fromkeys(WITH_FILE, _media),
}
