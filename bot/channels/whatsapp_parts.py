"""A page as the messages that WhatsApp makes of it, as few as can be: each one is billed.

Up to three short choices are buttons, more are a list, and where neither fits they are numbered lines that are
answered by their number.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.base import Button, File, Outgoing, Template
from bot.channels.characters import whole
from bot.channels.splitting import shortened, split, units

TEXT, BODY, CAPTION = 4_096, 1_024, 1_024
BUTTONS, BUTTON_TITLE = 3, 20
ROWS, ROW_TITLE, ROW_DESCRIPTION = 10, 24, 72
DATA = 200
PICTURE_BYTES, MEDIA_BYTES = 5_000_000, 16_000_000
#: What opens a list where the page brings no word of its own for it.
OPENER = "☰"
#: Types that are shown as what they are; every other file is a document.
_SHOWN = {
    "image/jpeg": ("image", PICTURE_BYTES),
    "image/png": ("image", PICTURE_BYTES),
    "video/mp4": ("video", MEDIA_BYTES),
    "video/3gpp": ("video", MEDIA_BYTES),
    "audio/ogg": ("audio", MEDIA_BYTES),
    "audio/mpeg": ("audio", MEDIA_BYTES),
    "audio/mp4": ("audio", MEDIA_BYTES),
    "audio/aac": ("audio", MEDIA_BYTES),
    "audio/amr": ("audio", MEDIA_BYTES),
}
_VOICE = "audio/ogg"


@dataclass(frozen=True, slots=True)
class Part:
    """One message: a text, buttons or a list under it, a file with a caption, or an approved template.

    `kind`: text | buttons | list | image | video | audio | document | template. Buttons may have a file above them.
    """

    kind: str
    text: str = ""
    file: File | None = None
    buttons: tuple[Button, ...] = ()
    template: Template | None = None


def parts_of(outgoing: Outgoing) -> list[Part]:
    """The messages of a page, in order; none for a page that says nothing."""
    if outgoing.template is not None:
        return [Part("template", template=outgoing.template)]
    text, buttons = whole(outgoing.text), tuple(map(_told, outgoing.buttons))
    files = [_filed(file) for file in outgoing.files]
    files.sort(key=lambda part: part.kind != "audio")  # the last one may carry the words, and a sound carries none
    before, last = (files[:-1], files[-1]) if files else ([], None)
    if last is not None and (together := _together(last, text, buttons)) is not None:
        return [*before, together]
    return [*files, *_texts(text, buttons)]


def _filed(file: File) -> Part:
    """A file alone, a picture with what it says to who cannot see it."""
    kind = media_of(file)
    return Part(kind, shortened(whole(file.alt), CAPTION) if kind == "image" else "", file)


def _told(button: Button) -> Button:
    return replace(button, label=" ".join(whole(button.label).split()))


def media_of(file: File) -> str:
    """What WhatsApp shows a file as."""
    kind, most = _SHOWN.get(file.mime, ("document", 0))
    return kind if len(file.data) <= most else "document"


def _together(file: Part, text: str, buttons: Sequence[Button]) -> Part | None:
    """A file and what is said about it as one message; None where they are two."""
    if file.kind == "audio":
        return None if text.strip() or buttons else file
    if _fit_as_buttons(text, buttons):
        return replace(file, kind="buttons", text=text, buttons=tuple(buttons))
    said = _with_numbers(text, buttons)
    return replace(file, text=said) if units(said) <= CAPTION else None


def _texts(text: str, buttons: tuple[Button, ...]) -> list[Part]:
    if _fit_as_buttons(text, buttons):
        return [Part("buttons", text, buttons=buttons)]
    if _fit_as_list(text, buttons):
        return [Part("list", text, buttons=buttons)]
    return [Part("text", piece) for piece in split_plain(_with_numbers(text, buttons), TEXT) if piece.strip()]


def split_plain(text: str, limit: int) -> list[str]:
    """Pieces of a plain text of at most `limit` UTF-16 units, cut where it reads best. Nothing is lost."""
    if units(text) <= limit:
        return [text]
    return [html.unescape(piece) for piece in split(html.escape(text, quote=False), limit)]


def _with_numbers(text: str, buttons: Iterable[Button]) -> str:
    lines = [f"{n}. {button.label}" for n, button in enumerate(buttons, start=1)]
    return "\n\n".join(filter(None, (text, "\n".join(lines))))


def _fit_as_buttons(text: str, buttons: Sequence[Button]) -> bool:
    labels = [button.label for button in buttons]
    return _is_body(text) and 1 <= len(labels) <= BUTTONS and _are_titles(labels, BUTTON_TITLE)


def _fit_as_list(text: str, buttons: Sequence[Button]) -> bool:
    labels = [button.label for button in buttons]
    titles = [_row(button)["title"] for button in buttons]
    fit = all(units(label) <= max(ROW_TITLE, ROW_DESCRIPTION) for label in labels)
    return _is_body(text) and 1 <= len(labels) <= ROWS and fit and _are_titles(titles, ROW_TITLE)


def _is_body(text: str) -> bool:
    return bool(text.strip()) and units(text) <= BODY


def _are_titles(titles: Sequence[str], longest: int) -> bool:
    """Whether they can stand on buttons: short, none empty, no two alike."""
    return all(1 <= units(title) <= longest for title in titles) and len(set(titles)) == len(titles)


def _row(button: Button) -> dict[str, str]:
    """A row of a list; the whole label stands under a title that had to be cut."""
    if units(button.label) <= ROW_TITLE:
        return {"id": button.data, "title": button.label}
    return {"id": button.data, "title": _cut(button.label, ROW_TITLE), "description": button.label}


def _cut(label: str, longest: int) -> str:
    while units(label) >= longest:
        label = label[:-1]
    return f"{label.rstrip()}…"


def has_a_wrong_button(outgoing: Outgoing) -> bool:
    """Whether a button carries more than the platform takes, or two carry the same."""
    data = [button.data for button in outgoing.buttons]
    return len(set(data)) != len(data) or any(not 1 <= len(one.encode()) <= DATA for one in data)


def message_of(part: Part, *, media: str = "", opener: str = "") -> tuple[str, dict[str, Any]]:
    """The type and the content of a message as the Cloud API takes them. `media` is the id of the uploaded file."""
    match part.kind:
        case "text":
            return "text", {"body": part.text, "preview_url": False}
        case "buttons":
            keys = [{"type": "reply", "reply": {"id": key.data, "title": key.label}} for key in part.buttons]
            return "interactive", {"type": "button", **_header(part, media), **_asked(part, {"buttons": keys})}
        case "list":
            rows = [_row(button) for button in part.buttons]
            action = {"button": _opener(opener), "sections": [{"rows": rows}]}
            return "interactive", {"type": "list", **_asked(part, action)}
        case "template":
            assert part.template is not None
            return "template", _template(part.template)
    return part.kind, _media(part, media)


def _asked(part: Part, action: dict[str, Any]) -> dict[str, Any]:
    return {"body": {"text": part.text}, "action": action}


def _header(part: Part, media: str) -> dict[str, Any]:
    if part.file is None:
        return {}
    kind = media_of(part.file)
    return {"header": {"type": kind, kind: {"id": media, **_named(kind, part.file)}}}


def _media(part: Part, media: str) -> dict[str, Any]:
    assert part.file is not None
    content: dict[str, Any] = {"id": media, **_named(part.kind, part.file)}
    if part.kind == "audio":
        return content | ({"voice": True} if part.file.mime == _VOICE else {})
    return content | ({"caption": part.text} if part.text.strip() else {})


def _named(kind: str, file: File) -> dict[str, str]:
    return {"filename": file.name} if kind == "document" else {}


def _opener(word: str) -> str:
    told = " ".join(whole(word).split())
    return told if 1 <= units(told) <= BUTTON_TITLE else OPENER


def _template(template: Template) -> dict[str, Any]:
    gaps = [{"type": "text", "text": _gap(value)} for value in template.variables]
    components: list[dict[str, Any]] = [{"type": "body", "parameters": gaps}] if gaps else []
    for n, payload in enumerate(template.payloads):
        data = [{"type": "payload", "payload": payload}]
        components.append({"type": "button", "sub_type": "quick_reply", "index": str(n), "parameters": data})
    return {"name": template.name, "language": {"code": template.language}, "components": components}


def _gap(value: str) -> str:
    """What stands in a gap: one line, never empty, as the platform asks."""
    return " ".join(whole(value).split()) or "-"
