"""A video as it may be kept: its pictures and its sound, and nothing that says where, when or by whom it was taken.

MP4, MOV, 3GP and M4A are boxes in boxes. A box that playing does not need becomes a free one of the same size, full of
zeros, so that no offset moves; of the data only what a kept track points at remains.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

#: Phones write some dozens of boxes and some thousands of chunks; a table has a number for each picture at most.
MOST_BOXES, MOST_CHUNKS, MOST_NUMBERS, DEEPEST = 20_000, 200_000, 1_000_000, 12
_HEADER, _LONG_HEADER = 8, 16

#: What stays, by the box around it; any other box is emptied.
_KEPT: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"moov", b"mdat"}),
    b"moov": frozenset({b"mvhd", b"trak"}),
    b"trak": frozenset({b"tkhd", b"edts", b"mdia"}),
    b"edts": frozenset({b"elst"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"stbl": frozenset(
        {
            b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sgpd", b"sbgp", b"sdtp",
            b"cslg",
        }
    ),
}  # fmt: skip
#: How pictures and sound may be coded, and of that description the boxes that playing needs.
_CODED = {
    **dict.fromkeys((b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"av01", b"vp08", b"vp09"), 86),
    **dict.fromkeys((b"mp4v", b"s263"), 86),
    **dict.fromkeys((b"mp4a", b"samr", b"sawb", b"Opus", b"alac", b"ac-3", b"ec-3", b"sowt", b"twos", b"lpcm"), 36),
}  # fmt: skip
_CODED_PARTS = frozenset(
    {
        b"avcC", b"hvcC", b"av1C", b"vpcC", b"dvcC", b"dvvC", b"d263", b"colr", b"pasp", b"clap", b"btrt", b"esds",
        b"damr", b"dOps", b"alac", b"dac3", b"dec3", b"wave", b"chan",
    }
)  # fmt: skip
#: QuickTime has two longer descriptions of sound, by the version that stands in them.
_VERSION_AT, _LONGER = 16, {1: 16, 2: 36}
_PICTURE_ENTRY, _NAME_AT, _NAME_SIZE = 86, 50, 32
_STARTS = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free"})
#: Written where a box said in which language its owner speaks: "und".
_NO_LANGUAGE = 0x55C4
_PICTURES, _SOUND = b"vide", b"soun"


class NotAVideo(ValueError):  # noqa: N818 - it says what the bytes are
    """These bytes are no video, and no sound in such a file, that we keep."""


@dataclass(frozen=True, slots=True)
class _Box:
    """One box: its kind, where it starts, where what it holds starts, and where it ends."""

    kind: bytes
    start: int
    inside: int
    end: int


def is_video(data: bytes) -> bool:
    """Whether these bytes begin as MP4, MOV, 3GP and M4A do."""
    return len(data) >= _HEADER and data[4:8] in _STARTS


def clean_video(data: bytes, *, silent: bool = False) -> tuple[bytes, str]:
    """The video without any word beside it, and its mime type: that of a sound where it has no pictures.

    `silent`: its sound goes too. NotAVideo for other files, damaged ones, and those that are made of fragments.
    """
    out = bytearray(data)
    try:
        kinds = _clean(out, _PICTURES if silent else None)
    except (struct.error, IndexError):
        raise NotAVideo("The video is damaged.") from None
    return bytes(out), "video/mp4" if _PICTURES in kinds else "audio/mp4"


def _clean(out: bytearray, only: bytes | None) -> frozenset[bytes]:
    """Clean in place; returns what kinds of track remain."""
    budget = [MOST_BOXES]
    whole = _Box(b"", 0, 0, len(out))
    wanted = frozenset({only} if only else {_PICTURES, _SOUND})
    tracks = [track for movie in _of(out, whole, b"moov", budget) for track in _of(out, movie, b"trak", budget)]
    kept = [track for track in tracks if _handler(out, track, budget) in wanted]
    kinds = frozenset(_handler(out, track, budget) for track in kept)
    if not kept or any(box.kind == b"moof" for box in _boxes(out, whole, budget)):
        raise NotAVideo("There is nothing in it that can be played.")
    every = (span for track in kept for span in _spans(out, track, budget))
    spans = list(islice(every, MOST_CHUNKS + 1))
    if len(spans) > MOST_CHUNKS:
        raise NotAVideo("The video is in too many pieces.")
    for track in set(tracks).difference(kept):
        _empty(out, track)
    _visit(out, whole, budget, 0)
    _keep_only(out, _of(out, whole, b"mdat", budget), spans)
    return kinds


def _boxes(data: bytearray, parent: _Box, budget: list[int]) -> Iterator[_Box]:
    start = parent.inside
    while start + _HEADER <= parent.end:
        size, kind = struct.unpack_from(">I4s", data, start)
        inside = start + _HEADER
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, inside)
            inside = start + _LONG_HEADER
        elif size == 0 and not parent.kind:
            size = parent.end - start
        budget[0] -= 1
        if size < inside - start or start + size > parent.end or budget[0] < 0:
            raise NotAVideo("The video is damaged.")
        yield _Box(kind, start, inside, start + size)
        start += size


def _of(data: bytearray, parent: _Box, kind: bytes, budget: list[int]) -> list[_Box]:
    return [box for box in _boxes(data, parent, budget) if box.kind == kind]


def _within(data: bytearray, box: _Box, budget: list[int], *path: bytes) -> _Box | None:
    for kind in path:
        found = _of(data, box, kind, budget)
        if len(found) != 1:
            return None
        box = found[0]
    return box


def _handler(data: bytearray, track: _Box, budget: list[int]) -> bytes:
    """What a track is: pictures, sound, or something else."""
    box = _within(data, track, budget, b"mdia", b"hdlr")
    return bytes(data[box.inside + 8 : min(box.inside + 12, box.end)]) if box else b""


# --- what is emptied


def _visit(data: bytearray, parent: _Box, budget: list[int], depth: int) -> None:
    """Empty what is not needed in a box, and go on in those that hold others."""
    if depth > DEEPEST:
        raise NotAVideo("The video is damaged.")
    last = parent.inside
    for box in list(_boxes(data, parent, budget)):
        last = box.end
        if box.kind not in _KEPT[parent.kind]:
            _empty(data, box)
        elif box.kind in _KEPT:
            _visit(data, box, budget, depth + 1)
        elif box.kind in _RULES:
            _RULES[box.kind](data, box)
    _blank(data, last, parent.end)


def _empty(data: bytearray, box: _Box) -> None:
    data[box.start + 4 : box.start + 8] = b"free"
    _blank(data, box.inside, box.end)


def _blank(data: bytearray, start: int, end: int) -> None:
    if end > start:
        data[start:end] = bytes(end - start)


def _dates(data: bytearray, box: _Box) -> None:
    """Nothing of when it was taken, and of a track not in which language."""
    wide = data[box.inside] == 1
    _check(box, 36 if wide else 24)
    _blank(data, box.inside + 4, box.inside + (20 if wide else 12))
    if box.kind == b"mdhd":
        struct.pack_into(">H", data, box.inside + (32 if wide else 20), _NO_LANGUAGE)


def _name(data: bytearray, box: _Box) -> None:
    """A handler keeps its kind; who made it and what it is called goes."""
    _check(box, 12)
    _blank(data, box.inside + 12, box.end)


def _check(box: _Box, least: int) -> None:
    if box.end - box.inside < least:
        raise NotAVideo("The video is damaged.")


def _sources(data: bytearray, box: _Box) -> None:
    """Where the data lies: in this file. Old programs write paths and disks here."""
    _check(box, 8)
    for source in list(_boxes(data, _Box(b"dref", box.start, box.inside + 8, box.end), [MOST_BOXES])):
        _check(source, 4)
        _blank(data, source.inside + 4, source.end)


def _descriptions(data: bytearray, box: _Box) -> None:
    """How samples are coded; of pictures without the name of whoever coded them."""
    _check(box, 8)
    for entry in list(_boxes(data, _Box(b"stsd", box.start, box.inside + 8, box.end), [MOST_BOXES])):
        head = _CODED.get(entry.kind, 0)
        if not head or entry.end - entry.start < head:
            raise NotAVideo("The video is coded in a way that is not kept.")
        if head == _PICTURE_ENTRY:
            _blank(data, entry.start + _NAME_AT, entry.start + _NAME_AT + _NAME_SIZE)
        else:
            head += _LONGER.get(int.from_bytes(data[entry.start + _VERSION_AT : entry.start + _VERSION_AT + 2]), 0)
        _keep_parts(data, _Box(entry.kind, entry.start, entry.start + head, entry.end))


def _keep_parts(data: bytearray, coded: _Box) -> None:
    last = coded.inside
    for part in list(_boxes(data, coded, [MOST_BOXES])):
        last = part.end
        if part.kind not in _CODED_PARTS:
            _empty(data, part)
    _blank(data, last, coded.end)


_RULES = {
    b"mvhd": _dates, b"tkhd": _dates, b"mdhd": _dates, b"hdlr": _name, b"dref": _sources, b"stsd": _descriptions,
}  # fmt: skip


# --- what is kept of the data


def _spans(data: bytearray, track: _Box, budget: list[int]) -> Iterator[tuple[int, int]]:
    """Where in the file the chunks of a track lie, first and past the last byte."""
    table = _within(data, track, budget, b"mdia", b"minf", b"stbl")
    if table is None:
        raise NotAVideo("The video is damaged.")
    offsets = _offsets(data, table, budget)
    sizes = _sizes(data, table, budget)
    at = 0
    for offset, count in zip(offsets, _counts(data, table, budget, len(offsets)), strict=True):
        size = count * sizes if isinstance(sizes, int) else sum(sizes[at : at + count])
        at += count
        yield offset, offset + size


def _numbers(data: bytearray, box: _Box, head: int, width: int) -> tuple[int, ...]:
    """The numbers of a table: how many they are stands before them."""
    (count,) = struct.unpack_from(">I", data, box.inside + head - 4)
    each = {4: "I", 8: "Q", 12: "III"}[width]
    if box.inside + head + count * width > box.end:
        raise NotAVideo("The video is damaged.")
    if count > MOST_NUMBERS:
        raise NotAVideo("The video is in too many pieces.")
    return struct.unpack_from(f">{count * len(each)}{each[0]}", data, box.inside + head)


def _offsets(data: bytearray, table: _Box, budget: list[int]) -> tuple[int, ...]:
    short, long = _within(data, table, budget, b"stco"), _within(data, table, budget, b"co64")
    box = short or long
    if box is None:
        raise NotAVideo("The video is damaged.")
    return _numbers(data, box, 8, 4 if short else 8)


def _sizes(data: bytearray, table: _Box, budget: list[int]) -> int | tuple[int, ...]:
    """The size of every sample, or of each."""
    box = _within(data, table, budget, b"stsz")
    if box is None:
        raise NotAVideo("The video is damaged.")
    (same,) = struct.unpack_from(">I", data, box.inside + 4)
    return int(same) or _numbers(data, box, 12, 4)


def _counts(data: bytearray, table: _Box, budget: list[int], chunks: int) -> Iterator[int]:
    """How many samples each chunk holds: an entry speaks for its chunk and those behind it, up to the next one's."""
    box = _within(data, table, budget, b"stsc")
    runs = _numbers(data, box, 8, 12) if box else ()
    firsts, counts = runs[0::3], runs[1::3]
    entry = -1
    for chunk in range(1, chunks + 1):
        while entry + 1 < len(firsts) and firsts[entry + 1] <= chunk:
            entry += 1
        if entry < 0:
            raise NotAVideo("The video is damaged.")
        yield counts[entry]


def _keep_only(data: bytearray, boxes: Sequence[_Box], spans: Sequence[tuple[int, int]]) -> None:
    """Zeros over what no kept track points at: other tracks say where the phone was while it filmed."""
    before, at = bytes(data), 0
    for start, end in _gaps(sorted(spans), len(data)):
        _blank(data, start, end)
    for box in boxes:  # beside the data all is clean already
        data[at : box.inside] = before[at : box.inside]
        at = box.end
    data[at:] = before[at:]


def _gaps(spans: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in spans:
        if start > at:
            yield at, min(start, size)
        at = max(at, end)
    yield at, size
