"""A page as the messages that Telegram makes of it: albums, pictures, pieces of text, and buttons under the last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.channels.base import Button, File, Outgoing
from bot.channels.faults import CallError
from bot.channels.splitting import plain, shortened, split, units

TEXT, CAPTION = 4_096, 1_024
ALBUM = 10
PHOTO_BYTES = 10_000_000
BUTTON_BYTES = 64
#: Labels of so many characters stand two in a row and are still read whole on a small screen.
_SHORT = 14


@dataclass(frozen=True, slots=True)
class Part:
    """One message, or an album of several files: text | photo | document | voice | audio | video."""

    kind: str
    text: str = ""
    files: tuple[File, ...] = ()
    buttons: tuple[Button, ...] = ()
    edits: str | None = None
    marked_up: bool = True

    def instead(self, fault: CallError) -> Part | None:
        """What to try where the platform refused it; None where there is nothing else."""
        if fault.is_about_markup and self.marked_up:
            return replace(self, marked_up=False, text=plain(self.text))
        if self.edits is not None and fault.trouble == "bad" and not fault.is_about_chat:
            return replace(self, edits=None)
        if self.files and self.kind != "document" and fault.trouble == "bad" and not fault.is_about_chat:
            return replace(self, kind="document")  # an odd shape, or a reader who lets nobody send voice messages
        return None


@dataclass(frozen=True, slots=True)
class Key:
    """A button as it is shown: it sends data or opens a link."""

    label: str
    data: str | None = None
    url: str | None = None


def parts_of(outgoing: Outgoing) -> list[Part]:
    """The messages of a page, in order. Of one that replaces a page of the same files only the words and buttons."""
    parts = _all_parts(outgoing)
    stands = outgoing.stands or tuple(filter(None, (outgoing.edits,)))
    return [replace(parts[-1], edits=stands[-1])] if stands and _fit(parts, len(stands)) else parts


def _fit(parts: Sequence[Part], messages: int) -> bool:
    """Whether so many messages are the same files as these, and below them the words that may change."""
    as_many = sum(len(part.files) or 1 for part in parts) == messages
    return as_many and bool(parts[-1].text) and not any(part.text for part in parts[:-1])


def _all_parts(outgoing: Outgoing) -> list[Part]:
    files, text = outgoing.files, outgoing.text
    if len(files) == 1 and units(text) <= CAPTION:
        return [Part(_kind(files[0]), text, files, outgoing.buttons)]
    texts = [Part("text", piece) for piece in split(text, TEXT) if plain(piece).strip()]
    parts = [*_file_parts(files), *texts]
    return [*parts[:-1], *(replace(last, buttons=outgoing.buttons) for last in parts[-1:])]


def _file_parts(files: Iterable[File]) -> list[Part]:
    """Pictures together in albums, everything else alone."""
    pictures = [file for file in files if _kind(file) == "photo"]
    albums = [_album(pictures[n : n + ALBUM]) for n in range(0, len(pictures), ALBUM)]
    return albums + [Part(_kind(file), files=(file,)) for file in files if _kind(file) != "photo"]


def _album(pictures: Sequence[File]) -> Part:
    """Several pictures, or one with what it says to who cannot see it."""
    alt = pictures[0].alt if len(pictures) == 1 else ""
    return Part("photo", shortened(alt, CAPTION), tuple(pictures), marked_up=not alt)


def _kind(file: File) -> str:
    family = file.mime.partition("/")[0]
    if family == "image" and len(file.data) <= PHOTO_BYTES:
        return "photo"
    if family == "audio":
        return "voice" if file.mime in ("audio/ogg", "audio/opus") else "audio"
    return "video" if family == "video" else "document"


def keys_of(buttons: Iterable[Button], username: str) -> list[list[Key]]:
    """The rows of a keyboard. A button that opens our private chat is left out while we don't know our own name."""
    rows: list[list[Key]] = []
    for key in filter(None, (_key(button, username) for button in buttons)):
        beside = rows[-1] if rows else []
        if len(beside) == 1 and max(len(beside[0].label), len(key.label)) <= _SHORT:
            beside.append(key)
        else:
            rows.append([key])
    return rows


def _key(button: Button, username: str) -> Key | None:
    if button.opens is None:
        return Key(button.label, data=button.data)
    return Key(button.label, url=f"https://t.me/{username}?start={button.opens}") if username else None


def has_a_wrong_button(outgoing: Outgoing) -> bool:
    """Whether a button carries more than the platform takes."""
    sizes = (len(button.data.encode()) for button in outgoing.buttons if button.opens is None)
    return any(not 1 <= size <= BUTTON_BYTES for size in sizes)
