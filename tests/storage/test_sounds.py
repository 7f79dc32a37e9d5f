"""A recording keeps every packet of sound and not a word beside it."""

from __future__ import annotations

import random
import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import sounds
from storage.media import NotKept, clean_file
from storage.sounds import NotASound, clean_sound, crc
from tests.kit.recordings import SOUND, comment, lacing, mp3, page, voice

WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=60)


def pages(data: bytes) -> list[bytes]:
    """The pages of an Ogg file, split by their own lengths."""
    found = []
    while data:
        pieces = data[27 : 27 + data[26]]
        end = 27 + len(pieces) + sum(pieces)
        found.append(data[:end])
        data = data[end:]
    return found


def is_whole(one: bytes) -> bool:
    """Whether a page's checksum is right."""
    return int.from_bytes(one[22:26], "little") == crc(one[:22] + bytes(4) + one[26:])


def test_the_checksum_is_the_one_that_ogg_means() -> None:
    assert crc(b"123456789") == 0x89A1897F
    assert crc(b"") == 0


@given(WORDS, st.lists(WORDS, max_size=4))
def test_nothing_that_a_recorder_wrote_is_left_and_every_packet_is(vendor: str, words: list[str]) -> None:
    raw = voice(vendor, *(f"LOCATION={word}" for word in words))
    assert vendor.encode() in raw
    clean, mime = clean_sound(raw)
    assert mime == "audio/ogg"
    assert len(clean) == len(raw)
    assert not any(word.encode() in clean for word in (vendor, "LOCATION", *words) if words or word == vendor)
    assert clean.endswith(b"".join(pages(raw)[2:]))
    assert all(is_whole(one) for one in pages(clean))
    assert clean_sound(clean)[0] == clean


@pytest.mark.parametrize("length", [200, 255, 510, 65_025 - 16, 65_025, 70_000, 200_000])
def test_a_comment_may_be_longer_than_a_page(length: int) -> None:
    raw = voice("X" * length, "ARTIST=Somebody")
    clean, _ = clean_sound(raw)
    assert b"XX" not in clean
    assert b"Somebody" not in clean
    assert all(is_whole(one) for one in pages(clean))
    assert clean.endswith(SOUND[-1])


def test_the_comment_that_is_left_is_one_that_players_read_as_empty() -> None:
    clean, _ = clean_sound(voice("Recorder", "TITLE=Rahasia"))
    told = pages(clean)[1]
    assert told[28 : 28 + 16] == comment()
    assert not any(told[28 + 16 :])


def changed(raw: bytes, *, serial: int) -> bytes:
    """The last page as if it belonged to another stream."""
    *rest, last = pages(raw)
    return b"".join(rest) + last[:14] + struct.pack("<I", serial) + last[18:]


@pytest.mark.parametrize(
    "raw",
    [
        b"OggS",
        voice()[:-1],
        voice()[:40],
        voice() + b"more",
        voice() + voice(),
        changed(voice(), serial=1),
        voice().replace(b"OpusHead", b"vorbis--"),
        voice().replace(b"OpusTags", b"OpusFags"),
        page(b"OpusHead" + bytes(11), bytes([19]), number=0, flags=2),
        page(b"OpusHead" + bytes(11), bytes([19]), number=0, flags=2) + page(b"OpusTags", lacing(8), number=1),
        page(b"fLaC" + bytes(15), bytes([19]), number=0, flags=2) + page(comment(), lacing(16), number=1),
        voice("Y" * (1 << 20)),
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
        b"ID3",
        mp3(frames=1),
        b"ID3\x04\0\0\0\0\0\0" * 9 + mp3(),
        b"\xff\xfb\x90\x00",
        b"\xff\xf1\x50\x80" * 100,
    ],
)
def test_what_is_damaged_or_another_sound_is_refused(raw: bytes) -> None:
    with pytest.raises(NotASound):
        clean_sound(raw)
    with pytest.raises(NotKept):
        clean_file(raw)


def test_a_recording_in_too_many_pieces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = voice()
    monkeypatch.setattr(sounds, "MOST_PIECES", len(pages(raw)))
    clean_sound(raw)
    monkeypatch.setattr(sounds, "MOST_PIECES", len(pages(raw)) - 1)
    with pytest.raises(NotASound):
        clean_sound(raw)


@given(WORDS)
def test_of_an_mp3_only_the_frames_are_left(words: str) -> None:
    raw = mp3(words)
    clean, mime = clean_sound(raw)
    assert mime == "audio/mpeg"
    assert words.encode() not in clean
    assert len(clean) == 3 * 417
    assert clean in raw
    assert clean_sound(clean)[0] == clean


@settings(max_examples=200)
@given(st.randoms(use_true_random=False), st.booleans())
def test_garbled_recordings_are_cleaned_or_refused_and_nothing_else(source: random.Random, is_mp3: bool) -> None:
    raw = bytearray(mp3("words") if is_mp3 else voice("Recorder", "TITLE=x"))
    for _ in range(source.randint(1, 6)):
        raw[source.randrange(len(raw))] = source.choice((0, 1, 127, 254, 255, source.randrange(256)))
    del raw[source.choice((len(raw), source.randrange(len(raw)))) :]
    with suppress(NotKept):
        assert clean_file(bytes(raw)).kind == "voice"
