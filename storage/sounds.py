"""A voice as it may be kept: the sound as it was spoken, and nothing of what the recorder wrote beside it.

Ogg with Opus keeps its size, the comments in it become nothing; of an MP3 the frames remain and every tag is cut away.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

#: Nobody needs more words about a voice message, or more blocks of it.
LONGEST_COMMENT, MOST_PIECES, MOST_TAGS = 1 << 20, 200_000, 8

_OGG, _HEAD, _COMMENT = b"OggS", b"OpusHead", b"OpusTags"
_PAGE = struct.Struct("<4sBBqIIIB")
_CRC_AT, _CONTINUED, _FIRST = 22, 1, 2
#: A head for one or two channels; a longer one could say anything.
_HEAD_SIZE = 19
_ID3 = b"ID3"
#: Kilobits a second of a layer III frame, for MPEG 1 and for 2 and 2.5.
_RATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_HERTZ = (44_100, 48_000, 32_000)
#: What an encoder writes about itself and the file, in a first frame without sound.
_ABOUT = (b"Xing", b"Info", b"VBRI")
_LEAST_FRAMES = 2


class NotASound(ValueError):  # noqa: N818 - it says what the bytes are
    """These bytes are no recording that we keep."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of an Ogg file: where it starts, where its body lies, and how long its pieces are."""

    start: int
    body: int
    end: int
    flags: int
    serial: int
    pieces: bytes


def is_sound(data: bytes) -> bool:
    """Whether these bytes say that they are an Ogg file or an MP3."""
    return data.startswith((_OGG, _ID3)) or _frame_size(data, 0) > 0


def clean_sound(data: bytes) -> tuple[bytes, str]:
    """The recording without any word beside it, and its mime type. NotASound for other files and damaged ones."""
    if data.startswith(_OGG):
        return _clean_ogg(data), "audio/ogg"
    return _clean_mp3(data), "audio/mpeg"


def _clean_ogg(data: bytes) -> bytes:
    pages = list(islice(_pages(data), MOST_PIECES))
    heads = [page for page in pages if page.flags & _FIRST]
    if len(pages) < 2 or pages[-1].end < len(data) or len({page.serial for page in pages}) != 1 or heads != pages[:1]:
        raise NotASound("The recording is damaged, or not one alone.")
    head = data[pages[0].body : pages[0].end]
    if len(head) != _HEAD_SIZE or not head.startswith(_HEAD):
        raise NotASound("Of Ogg files only Opus is kept.")
    out = bytearray(data)
    _empty_comment(out, pages[1:])
    return bytes(out)


def _pages(data: bytes) -> Iterator[_Page]:
    start = 0
    while start < len(data):
        body = start + _PAGE.size
        if body > len(data):
            raise NotASound("The recording ends too early.")
        mark, version, flags, _, serial, _, _, count = _PAGE.unpack_from(data, start)
        pieces = data[body : body + count]
        body += count
        end = body + sum(pieces)
        if mark != _OGG or version or len(pieces) != count or end > len(data):
            raise NotASound("The recording is damaged.")
        yield _Page(start, body, end, flags, serial, pieces)
        start = end


def _empty_comment(out: bytearray, pages: list[_Page]) -> None:
    """Write a comment without words over the one there is, as long as it was: no page has to move."""
    spans = list(_first_packet(pages))
    size = sum(end - start for _, start, end in spans)
    empty = _COMMENT + bytes(8)
    if size < len(empty) or size > LONGEST_COMMENT:
        raise NotASound("The recording says too much about itself.")
    rest = empty + bytes(size - len(empty))
    old = b"".join(out[start:end] for _, start, end in spans)
    if not old.startswith(_COMMENT):
        raise NotASound("The recording is damaged.")
    for page, start, end in spans:
        out[start:end], rest = rest[: end - start], rest[end - start :]
        _seal(out, page)


def _first_packet(pages: list[_Page]) -> Iterator[tuple[_Page, int, int]]:
    """Where the packet lies that begins the first of these pages; a piece of less than 255 bytes ends it."""
    for n, page in enumerate(pages):
        if bool(page.flags & _CONTINUED) != bool(n):
            break
        length = 0
        for piece in page.pieces:
            length += piece
            if piece < 255:
                yield page, page.body, page.body + length
                return
        yield page, page.body, page.body + length
    raise NotASound("The recording ends too early.")


def _seal(out: bytearray, page: _Page) -> None:
    place = page.start + _CRC_AT
    out[place : place + 4] = bytes(4)
    struct.pack_into("<I", out, place, crc(out[page.start : page.end]))


def _table_entry(value: int) -> int:
    for _ in range(8):
        value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
    return value & 0xFFFFFFFF


_TABLE = tuple(_table_entry(n << 24) for n in range(256))


def crc(page: bytes | bytearray) -> int:
    """The checksum of an Ogg page whose own four bytes for it are zero."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value


def _clean_mp3(data: bytes) -> bytes:
    at = _after_tags(data)
    frames: list[bytes] = []
    while (size := _frame_size(data, at)) and at + size <= len(data) and len(frames) < MOST_PIECES:
        frames.append(data[at : at + size])
        at += size
    if frames and any(word in frames[0] for word in _ABOUT):
        frames = frames[1:]
    if len(frames) < _LEAST_FRAMES:
        raise NotASound("The recording is damaged, or of a kind that is not kept.")
    return b"".join(frames)


def _after_tags(data: bytes) -> int:
    at = 0
    for _ in range(MOST_TAGS):
        if data[at : at + 3] != _ID3 or len(data) < at + 10:
            break
        flags, size = data[at + 5], data[at + 6 : at + 10]
        at += 10 + sum((byte & 0x7F) << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True))
        at += 10 if flags & 0x10 else 0
    return at


def _frame_size(data: bytes, at: int) -> int:
    """How many bytes the frame of sound takes that begins here; 0 where none does."""
    if len(data) < at + 4:
        return 0
    head = int.from_bytes(data[at : at + 4])
    version, layer, rate, hertz = (head >> 19) & 3, (head >> 17) & 3, (head >> 12) & 15, (head >> 10) & 3
    if head >> 21 != 0x7FF or version == 1 or layer != 1 or rate in (0, 15) or hertz == 3:
        return 0
    slower = {3: 0, 2: 1, 0: 2}[version]
    samples = 72 if slower else 144
    return samples * _RATES[bool(slower)][rate] * 1000 // (_HERTZ[hertz] >> slower) + ((head >> 9) & 1)
