"""Voices and videos made by hand, byte by byte, with whatever somebody wants to be written into them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from storage.sounds import crc

#: Packets of sound and samples of pictures: nothing plays them, but they have the shape.
SOUND = (b"\xf8sound-1" * 9, b"\xf8sound-2" * 60, b"\xf8sound-3" * 3)
PICTURES, VOICE = (b"picture-1" * 50, b"picture-2" * 40, b"picture-3" * 7), (b"voice-1" * 30, b"voice-2" * 20)
SERIAL = 4711


# --- Ogg


def page(body: bytes, pieces: bytes, *, number: int, flags: int = 0, serial: int = SERIAL) -> bytes:
    """One page of an Ogg file."""
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 960 * number, serial, number, 0, len(pieces)) + pieces
    return head[:22] + struct.pack("<I", crc(head + body)) + head[26:] + body


def lacing(size: int) -> bytes:
    """How long a packet is, in pieces of 255."""
    return bytes([255] * (size // 255) + [size % 255])


def comment(*words: str) -> bytes:
    """What a recorder says of itself and of the recording."""
    said = [word.encode() for word in words]
    listed = b"".join(struct.pack("<I", len(word)) + word for word in said[1:])
    vendor = said[0] if said else b""
    return b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(said[1:])) + listed


def voice(*words: str, packets: Sequence[bytes] = SOUND) -> bytes:
    """A voice message as a chat records it: Ogg with Opus. The first word is the recorder's name."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
    pages = [page(head, bytes([len(head)]), number=0, flags=2)]
    told = comment(*words)
    whole = lacing(len(told))
    for start in range(0, len(whole), 255):  # a long comment goes on on the next page
        pieces = whole[start : start + 255]
        body, told = told[: sum(pieces)], told[sum(pieces) :]
        pages.append(page(body, pieces, number=len(pages), flags=1 if start else 0))
    for packet in packets:
        pages.append(page(packet, lacing(len(packet)), number=len(pages)))
    return b"".join(pages)


# --- MP3


def mp3(words: str = "", frames: int = 3) -> bytes:
    """Frames of 128 kbit/s at 44,100 Hz, between all the tags there are."""
    said = words.encode()
    frame = [b"\xff\xfb\x90\x00" + bytes([n]) * 413 for n in range(1, frames + 1)]
    info = b"\xff\xfb\x90\x00" + (bytes(32) + b"Info" + said).ljust(413, b"\0")
    size = bytes((len(said) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    front = b"ID3\x04\x00\x00" + size + said
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(said), 1, 0) + bytes(8) + said
    return front + info + b"".join(frame) + ape + b"TAG" + said[:125].ljust(125, b"\0")


# --- MP4


def box(kind: bytes, *parts: bytes) -> bytes:
    """One box with what it holds."""
    inside = b"".join(parts)
    return struct.pack(">I4s", 8 + len(inside), kind) + inside


def _numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def _dates(kind: bytes, rest: bytes, at: int) -> bytes:
    return box(kind, _numbers(0, at, at), rest)


def _described(handler: bytes, said: bytes) -> bytes:
    if handler == b"vide":
        coder = bytes([min(31, len(said))]) + said[:31].ljust(31, b"\0")
        entry = bytes(6) + b"\0\1" + bytes(34) + coder + b"\0\x18\xff\xff"
        return box(b"avc1", entry, box(b"avcC", b"\1\x64\0\x1f"), box(b"uuid", said))
    if handler == b"soun":
        return box(b"mp4a", bytes(28), box(b"esds", b"\0\0\0\0\3\0"), box(b"udta", said))
    return box(b"mebx", bytes(8), said)


def track(handler: bytes, samples: Sequence[bytes], at: int, said: bytes, date: int) -> bytes:
    """A track with two chunks: its first sample, and all the others behind it."""
    first = len(samples[0])
    table = box(
        b"stbl",
        box(b"stsd", _numbers(0, 1), _described(handler, said)),
        box(b"stts", _numbers(0, 1, len(samples), 1)),
        box(b"stsc", _numbers(0, 2, 1, 1, 1, 2, len(samples) - 1, 1)),
        box(b"stsz", _numbers(0, 0, len(samples), *map(len, samples))),
        box(b"stco", _numbers(0, 2, at, at + first)),
    )
    named = box(b"hdlr", bytes(8), handler, bytes(12), said + b"\0")
    source = box(b"dinf", box(b"dref", _numbers(0, 1), box(b"url ", _numbers(1), said)))
    media = box(
        b"mdia", _dates(b"mdhd", _numbers(1000, 3000) + b"\x21\x2e\0\0", date), named, box(b"minf", source, table)
    )
    return box(b"trak", _dates(b"tkhd", bytes(68), date), media, box(b"udta", box(b"name", said)))


def video(
    words: str = "",
    *,
    pictures: Sequence[bytes] = PICTURES,
    sound: Sequence[bytes] = VOICE,
    date: int = 3_900_000_000,
    brand: bytes = b"isom",
) -> bytes:
    """A film of a phone: pictures, sound, a track that says where it was, and words in every place that has room."""
    said = words.encode()
    told = (said.ljust(40, b"."), said.ljust(30, b".")) if said else ()
    tracks = [(h, s) for h, s in ((b"vide", pictures), (b"soun", sound), (b"meta", told)) if s]
    front = box(b"ftyp", brand, bytes(4), brand) + box(b"free", said)
    data = front + box(b"mdat", *(sample for _, samples in tracks for sample in samples), said)
    at, made = len(front) + 8, []
    for handler, samples in tracks:
        made.append(track(handler, samples, at, said, date))
        at += sum(map(len, samples))
    about = box(b"udta", box(b"\xa9xyz", said), box(b"meta", bytes(4), box(b"ilst", said)))
    movie = box(b"moov", _dates(b"mvhd", bytes(88), date), *made, about, box(b"uuid", said), box(b"meta", said))
    return data + movie + box(b"uuid", said)
