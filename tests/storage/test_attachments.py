from __future__ import annotations

import io
import os
import random
import stat
import zlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from storage import photos
from storage.attachments import AttachmentStore
from storage.documents import is_document, picture_of
from storage.encryption import Unreadable, Vault
from storage.ids import made_at, new_id, to_text
from storage.photos import CleanPhoto, NotAPhoto, clean_photo

OLD, NEW, LOOKUP = bytes(32), b"\x01" * 32, b"\x02" * 32
DAY = timedelta(days=1)
RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "attachments"


@pytest.fixture
def store(folder: Path) -> AttachmentStore:
    return AttachmentStore(folder, Vault((OLD,), LOOKUP))


class TestStore:
    @pytest.mark.parametrize("size", [0, 1, 64, 3_000_000])
    def test_what_is_put_is_got(self, store: AttachmentStore, size: int) -> None:
        number, data = new_id(), random.Random(size).randbytes(size)
        store.put(number, data)
        assert store.get(number) == data

    def test_chunks_are_joined(self, store: AttachmentStore) -> None:
        number = new_id()
        store.put(number, (bytes([n]) * 10 for n in range(3)))
        assert store.get(number) == b"\0" * 10 + b"\1" * 10 + b"\2" * 10

    def test_the_file_is_unreadable_private_and_named_by_its_id(self, store: AttachmentStore, folder: Path) -> None:
        number = new_id()
        store.put(number, b"rahasia " * 100)
        (path,) = folder.iterdir()
        assert path.name == to_text(number)
        assert b"rahasia" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_a_repeated_upload_replaces_the_first(self, store: AttachmentStore) -> None:
        number = new_id()
        store.put(number, b"one")
        store.put(number, b"two")
        assert store.get(number) == b"two"
        assert list(store.stored()) == [number]

    def test_a_renamed_file_does_not_open(self, store: AttachmentStore, folder: Path) -> None:
        one, other = new_id(), new_id()
        store.put(one, b"one")
        (folder / to_text(one)).rename(folder / to_text(other))
        with pytest.raises(Unreadable):
            store.get(other)

    def test_an_altered_file_does_not_open(self, store: AttachmentStore, folder: Path) -> None:
        number = new_id()
        store.put(number, b"one")
        path = folder / to_text(number)
        *before, last = path.read_bytes()
        path.write_bytes(bytes([*before, last ^ 1]))
        with pytest.raises(Unreadable):
            store.get(number)

    def test_a_missing_file_is_said_to_be_missing(self, store: AttachmentStore) -> None:
        with pytest.raises(FileNotFoundError):
            store.get(new_id())

    def test_deleting_twice_does_no_harm(self, store: AttachmentStore) -> None:
        number = new_id()
        store.put(number, b"one")
        store.delete(number)
        store.delete(number)
        assert list(store.stored()) == []

    def test_a_failed_write_leaves_nothing_and_keeps_what_was_there(
        self, store: AttachmentStore, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = new_id()
        store.put(number, b"one")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            store.put(number, b"two")
        assert store.get(number) == b"one"
        assert len(list(folder.iterdir())) == 1

    def test_a_change_of_key_reseals_each_file_once(self, store: AttachmentStore, folder: Path) -> None:
        number = new_id()
        store.put(number, b"one")
        both = AttachmentStore(folder, Vault((NEW, OLD), LOOKUP))
        assert [both.reseal(number), both.reseal(number)] == [True, False]
        assert AttachmentStore(folder, Vault((NEW,), LOOKUP)).get(number) == b"one"


class TestSweep:
    def test_orphans_of_a_day_go_and_the_rest_stays(self, store: AttachmentStore) -> None:
        known, orphan = new_id(), new_id()
        store.put(known, b"known")
        store.put(orphan, b"orphan")
        later = made_at(orphan) + DAY + timedelta(seconds=1)
        assert store.sweep({known}.__contains__, DAY, later) == [orphan]
        assert list(store.stored()) == [known]

    def test_a_young_file_may_still_get_its_row(self, store: AttachmentStore) -> None:
        number = new_id()
        store.put(number, b"young")
        assert store.sweep(lambda _: False, DAY, made_at(number) + DAY) == []
        assert list(store.stored()) == [number]

    def test_unfinished_files_go_even_beside_a_known_one(self, store: AttachmentStore, folder: Path) -> None:
        number = new_id()
        store.put(number, b"known")
        (folder / f"{to_text(number)}.abc.part").write_bytes(b"half")
        assert list(store.stored()) == [number]
        assert store.sweep(lambda _: True, DAY, made_at(number) + 2 * DAY) == []
        assert [path.name for path in folder.iterdir()] == [to_text(number)]

    @pytest.mark.parametrize("name", ["README.md", ".gitkeep", "UUU", "10.txt", "l0", "00000000000000000000"])
    def test_what_is_not_ours_is_left_alone(self, store: AttachmentStore, folder: Path, name: str) -> None:
        (folder / name).write_text("not ours")
        assert store.sweep(lambda _: False, DAY, made_at(new_id()) + 100 * DAY) == []
        assert (folder / name).exists()


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def opened(photo: CleanPhoto) -> Image.Image:
    image = Image.open(io.BytesIO(photo.data))
    image.load()
    return image


def is_near(colour: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) < 40 for one, other in zip(colour, wanted, strict=True))


class TestPhotos:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_the_three_formats_become_jpeg(self, kind: str) -> None:
        photo = clean_photo(picture(kind))
        image = opened(photo)
        assert (photo.mime, image.format, image.mode) == ("image/jpeg", "JPEG", "RGB")
        assert (photo.width, photo.height) == image.size == (40, 20)
        assert is_near(image.getpixel((2, 10)), RED)
        assert is_near(image.getpixel((37, 10)), BLUE)

    @pytest.mark.parametrize(
        ("kind", "mode"),
        [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "1"), ("PNG", "LA"), ("PNG", "I;16"), ("WEBP", "RGBA")],
    )
    def test_every_mode_is_taken(self, kind: str, mode: str) -> None:
        data = picture(kind, mode="L" if mode == "I;16" else mode)
        if mode == "I;16":
            out = io.BytesIO()
            Image.new("I;16", (40, 20), 300).save(out, kind)
            data = out.getvalue()
        assert opened(clean_photo(data)).mode == "RGB"

    def test_what_was_transparent_becomes_white(self) -> None:
        out = io.BytesIO()
        Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
        assert is_near(opened(clean_photo(out.getvalue())).getpixel((5, 5)), (255, 255, 255))

    def test_a_large_photo_shrinks_to_2048_and_keeps_its_shape(self) -> None:
        photo = clean_photo(picture(size=(5000, 2500)))
        assert (photo.width, photo.height) == (2048, 1024)

    def test_a_very_narrow_photo_keeps_at_least_one_pixel(self) -> None:
        assert clean_photo(picture("PNG", size=(9000, 1))).height == 1

    def test_a_small_photo_is_not_enlarged(self) -> None:
        assert clean_photo(picture(size=(2, 2))).width == 2

    @pytest.mark.parametrize(
        ("orientation", "size", "red_at"),
        [
            (1, (40, 20), (2, 10)),
            (2, (40, 20), (37, 10)),
            (3, (40, 20), (37, 10)),
            (4, (40, 20), (2, 10)),
            (5, (20, 40), (10, 2)),
            (6, (20, 40), (10, 2)),
            (7, (20, 40), (10, 37)),
            (8, (20, 40), (10, 37)),
            (99, (40, 20), (2, 10)),
        ],
    )
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_a_turned_photo_stands_upright(
        self, kind: str, orientation: int, size: tuple[int, int], red_at: tuple[int, int]
    ) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        image = opened(clean_photo(picture(kind, exif=exif)))
        assert image.size == size
        assert is_near(image.getpixel(red_at), RED)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_no_metadata_is_left(self, kind: str) -> None:
        exif = Image.Exif()
        exif[0x010F] = "Kamera Rahasia"
        exif[0x8825] = {1: "N", 2: (2.0, 57.0, 0.0)}
        options: dict[str, Any] = {"exif": exif, "icc_profile": b"Profil Rahasia", "xmp": b"<x>Xmp Rahasia</x>"}
        if kind == "JPEG":
            options["comment"] = b"Catatan Rahasia"
        if kind == "PNG":
            options["pnginfo"] = info = PngImagePlugin.PngInfo()
            info.add_text("Author", "Nama Rahasia")
        data = picture(kind, **options)
        assert b"Rahasia" in data

        photo = clean_photo(data)
        assert b"Rahasia" not in photo.data
        assert b"Exif" not in photo.data
        assert set(opened(photo).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not opened(photo).getexif()

    @pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
    def test_damaged_metadata_does_not_refuse_a_photo(self) -> None:
        assert clean_photo(picture(exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\xff\xff")).width == 40

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_a_truncated_photo_is_refused(self, kind: str) -> None:
        data = picture(kind, size=(300, 300))
        for part in (0.1, 0.5, 0.9):
            with pytest.raises(NotAPhoto, match=r"damaged\.$"):
                clean_photo(data[: int(len(data) * part)])

    @pytest.mark.parametrize("data", [b"", b"rahasia", b"%PDF-1.7", b"<svg/>", picture("GIF"), picture("TIFF")])
    def test_another_file_is_refused_without_quoting_it(self, data: bytes) -> None:
        with pytest.raises(NotAPhoto, match="not a JPEG, PNG or WebP") as caught:
            clean_photo(data)
        assert caught.value.__suppress_context__

    @pytest.mark.parametrize("size", [(8001, 8001), (30_000, 30_000)])
    def test_a_bomb_is_refused_before_it_is_unpacked(self, size: tuple[int, int]) -> None:
        out = io.BytesIO()
        Image.new("1", (1, 1)).save(out, "PNG")
        png = bytearray(out.getvalue())
        # Width and height stand in the first chunk, whose checksum is made anew.
        png[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
        png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
        with pytest.raises(NotAPhoto, match="too many pixels"):
            clean_photo(bytes(png))

    def test_a_picture_that_is_drawn_over_and_over_is_refused_before_it_is_unpacked(self) -> None:
        assert clean_photo(scanned(photos.MOST_SCANS)).width == 8
        with pytest.raises(NotAPhoto, match="too many pieces"):
            clean_photo(scanned(photos.MOST_SCANS + 1))

    def test_garbled_photos_are_cleaned_or_refused_and_nothing_else(self) -> None:
        source = random.Random(2026)
        for kind in ("JPEG", "PNG", "WEBP"):
            good = picture(kind, size=(64, 64))
            for _ in range(200):
                data = bytearray(good)
                for _ in range(source.randint(1, 8)):
                    data[source.randrange(len(data))] = source.randrange(256)
                with suppress(NotAPhoto):
                    assert clean_photo(bytes(data)).mime == "image/jpeg"

    def test_a_photo_larger_than_any_phone_makes_is_the_limit(self) -> None:
        assert 8160 * 6120 < photos.MOST_PIXELS < (Image.MAX_IMAGE_PIXELS or 0)


def scanned(times: int) -> bytes:
    """A progressive JPEG of one block that is told in so many scans."""

    def segment(mark: int, *body: int) -> bytes:
        return bytes([0xFF, mark]) + (len(body) + 2).to_bytes(2, "big") + bytes(body)

    frame = segment(0xDB, 0, *[1] * 64) + segment(0xC2, 8, 0, 8, 0, 8, 1, 1, 0x11, 0)
    codes = segment(0xC4, 0, 1, *[0] * 15, 0) + segment(0xC4, 0x10, 1, *[0] * 15, 0)
    first = segment(0xDA, 1, 1, 0, 0, 0, 0) + b"\x7f"
    more = [segment(0xDA, 1, 1, 0, band, band, 0) + b"\x7f" for band in (1 + n % 63 for n in range(times - 1))]
    return b"\xff\xd8" + frame + codes + first + b"".join(more) + b"\xff\xd9"


def document(pages: int = 2, words: str = "Surat keterangan") -> bytes:
    """A small PDF, made by hand so that its metadata is ours."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n in range(pages):
        text = f"BT /F1 24 Tf 72 700 Td ({words} {n}) Tj ET"
        parts.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {5 + 2 * n} 0 R>>"
        )
        parts.append(f"<</Length {len(text)}>>stream\n{text}\nendstream")
    parts.append("<</Author(Sari Wijaya)/Title(Rahasia)>>")
    body = "%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += f"{number} 0 obj{part}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(body)
    body += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}"
    body += f"trailer<</Size {len(parts) + 1}/Root 1 0 R/Info {len(parts)} 0 R>>\nstartxref\n{start}\n%%EOF"
    return body.encode()


class TestADocument:
    def test_becomes_one_picture_of_its_pages_below_each_other(self) -> None:
        assert is_document(document())
        kept = picture_of(document(3))
        assert kept.mime == "image/jpeg"
        assert kept.width == 1000
        assert abs(kept.height - 3 * 1415) < 6
        assert min(opened(kept).convert("L").tobytes()) < 64, "there are words on it"

    def test_leaves_its_author_and_title_behind(self) -> None:
        assert b"Wijaya" in document()
        kept = picture_of(document()).data
        assert b"Wijaya" not in kept
        assert b"Rahasia" not in kept

    @pytest.mark.parametrize(
        "data", [document(7), b"%PDF-1.4 nothing more", document()[:200], b"%PDF-" + b"\0" * 5000], ids=range(4)
    )
    def test_that_is_too_long_or_damaged_is_refused(self, data: bytes) -> None:
        with pytest.raises(NotAPhoto):
            picture_of(data)

    def test_is_not_what_a_picture_is(self) -> None:
        assert not is_document(picture("JPEG"))
        assert not is_document(b"")
