"""A video keeps its pictures and its sound, and says nothing of who took it, where and when."""

from __future__ import annotations

import random
import struct
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import videos
from storage.media import NotKept, clean_file, silent
from storage.videos import NotAVideo, clean_video
from tests.kit.recordings import PICTURES, VOICE, box, video

WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=30)
DATE = 3_912_345_678


@given(WORDS, st.sampled_from([b"isom", b"qt  ", b"3gp4", b"mp42"]))
def test_no_word_and_no_date_is_left_and_the_data_is(words: str, brand: bytes) -> None:
    raw = video(words, date=DATE, brand=brand)
    assert raw.count(words.encode()) > 12
    assert struct.pack(">I", DATE) in raw
    clean, mime = clean_video(raw)
    assert (mime, len(clean)) == ("video/mp4", len(raw))
    assert words.encode() not in clean
    assert struct.pack(">I", DATE) not in clean
    data = b"".join((*PICTURES, *VOICE))
    assert clean.index(data) == raw.index(data)
    assert clean_video(clean)[0] == clean


def test_a_track_that_says_where_the_phone_was_goes_with_what_it_points_at() -> None:
    raw = video("+02.95+099.05/")
    clean, _ = clean_video(raw)
    assert raw.count(b"trak") == 3
    assert clean.count(b"trak") == 2
    assert b"+02.95" not in clean


def test_in_which_language_somebody_filmed_is_not_said() -> None:
    clean, _ = clean_video(video("x"))
    place = clean.index(b"mdhd") + 4
    assert clean[place + 20 : place + 22] == b"\x55\xc4"


def test_sound_alone_is_a_voice() -> None:
    file = clean_file(video("Recorder", pictures=(), brand=b"M4A "))
    assert (file.kind, file.mime) == ("voice", "audio/mp4")
    assert b"Recorder" not in file.data


def test_a_video_whose_sound_is_taken_away_keeps_its_pictures() -> None:
    clean = clean_file(video("x")).data
    quiet = silent(clean)
    assert len(quiet) == len(clean)
    assert b"".join(PICTURES) in quiet
    assert not any(sample in quiet for sample in VOICE)
    assert b"soun" not in quiet
    with pytest.raises(NotAVideo):
        silent(clean_file(video("x", pictures=())).data)


def wide(raw: bytes) -> bytes:
    """The same with a header of 16 bytes on its last box."""
    at = raw.rindex(b"uuid") - 4
    (size,) = struct.unpack_from(">I", raw, at)
    return raw[:at] + struct.pack(">I4sQ", 1, b"uuid", size + 8) + raw[at + 8 :]


def test_a_box_with_a_long_header_or_up_to_the_end_is_emptied_too() -> None:
    raw = video("Rahasia-1")
    assert b"Rahasia" not in clean_video(wide(raw))[0]
    assert b"Rahasia" not in clean_video(raw + struct.pack(">I4s", 0, b"uuid") + b"Rahasia-2")[0]


def swapped(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert old in raw
    return raw.replace(old, new)


@pytest.mark.parametrize(
    "raw",
    [
        b"\0\0\0\x08ftyp",
        box(b"ftyp", b"heic", bytes(8)) + box(b"meta", bytes(90)),
        video()[:-20],
        video()[:200],
        video(pictures=(), sound=()),
        video() + box(b"moof", bytes(8)),
        video() + b"\0\0\0\x01uuid",
        video() + b"\0\0\0\x02uuid",
        swapped(video(), b"stco", b"stxo"),
        swapped(video(), b"stsz", b"stxz"),
        swapped(video(), b"stsc", b"stxc"),
        swapped(video(), b"avc1", b"xxxx"),
        swapped(video(), b"mdia", b"mdxa"),
        box(b"moov", *(box(b"trak") for _ in range(10))),
        box(b"ftyp") * 30_000 + video(),
        b"\x1aE\xdf\xa3" + bytes(100) + b"webm",
    ],
)
def test_what_is_damaged_or_another_video_is_refused(raw: bytes) -> None:
    with pytest.raises(NotKept):
        clean_file(raw)


def test_tables_that_claim_more_than_there_is_cost_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytearray(video())
    for table in (b"stco", b"stsc"):
        at = raw.index(table) + 8
        for claimed in (1 << 16, (1 << 32) - 1):
            struct.pack_into(">I", raw, at, claimed)
            begun = time.monotonic()
            with pytest.raises(NotAVideo):
                clean_video(bytes(raw))
            assert time.monotonic() - begun < 0.5
    monkeypatch.setattr(videos, "MOST_CHUNKS", 1)
    with pytest.raises(NotAVideo):
        clean_video(video())


def chunked(chunks: int) -> bytes:
    """A track of pictures in so many chunks of one byte, with a byte between them."""
    table = box(
        b"stbl",
        box(b"stsd", bytes(8), struct.pack(">I4s", 86, b"avc1"), bytes(78)),
        box(b"stsc", struct.pack(">5I", 0, 1, 1, 1, 1)),
        box(b"stsz", struct.pack(">3I", 0, 1, chunks)),
        box(b"stco", struct.pack(f">{2 + chunks}I", 0, chunks, *range(100, 100 + 2 * chunks, 2))),
    )
    return box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), b"vide"), box(b"minf", table)))


def test_many_chunks_in_many_pieces_cost_no_time() -> None:
    raw = box(b"ftyp", bytes(8)) + box(b"moov", chunked(20_000)) + box(b"mdat", bytes(4)) * 2_000
    begun = time.monotonic()
    clean_video(raw)
    assert time.monotonic() - begun < 1.5


def test_many_tracks_cost_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "MOST_CHUNKS", 30)
    clean_video(box(b"ftyp", bytes(8)) + box(b"moov", *[chunked(10)] * 3))
    with pytest.raises(NotAVideo):
        clean_video(box(b"ftyp", bytes(8)) + box(b"moov", *[chunked(10)] * 4))
    monkeypatch.setattr(videos, "MOST_NUMBERS", 9)
    with pytest.raises(NotAVideo):
        clean_video(box(b"ftyp", bytes(8)) + box(b"moov", chunked(10)))


@settings(max_examples=300)
@given(st.randoms(use_true_random=False))
def test_garbled_videos_are_cleaned_or_refused_and_nothing_else(source: random.Random) -> None:
    raw = bytearray(video("Recorder"))
    heads = [at for at in range(len(raw) - 8) if raw[at + 4 : at + 8].isalnum()]
    for _ in range(source.randint(1, 6)):
        at = source.choice((source.randrange(len(raw)), source.choice(heads) + source.randrange(12)))
        raw[min(at, len(raw) - 1)] = source.choice((0, 1, 2, 7, 8, 255, source.randrange(256)))
    del raw[source.choice((len(raw), len(raw), source.randrange(len(raw)))) :]
    with suppress(NotKept):
        clean_file(bytes(raw))
