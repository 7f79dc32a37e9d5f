"""A citizen's photo as it may be kept: the picture alone, upright, no larger than needed, and not a word of metadata.

A phone writes place, time and owner into its photos, and an anonymous complaint must not carry them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

LONGEST_SIDE = 2048
QUALITY = 85
#: Above this a small file may fill the memory; phones of 50 megapixels stay below.
MOST_PIXELS = 64_000_000
#: A camera's JPEG has a dozen scans; each one goes over the whole picture, so a small file could take an hour.
MOST_SCANS = 500

_FORMATS = ("JPEG", "PNG", "WEBP")
_SCAN = b"\xff\xda"
_ORIENTATION = 0x0112
#: What each value of the EXIF orientation asks to be done.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class NotAPhoto(ValueError):  # noqa: N818 - it says what the bytes are
    """These bytes are no photo that we keep; the sentence says why."""


@dataclass(frozen=True)
class CleanPhoto:
    """A photo fit to keep and to pass on; width and height in pixels."""

    data: bytes
    mime: str
    width: int
    height: int


def clean_photo(data: bytes) -> CleanPhoto:
    """Return a JPEG, PNG or WebP picture (of a moving one the first frame) as a fresh JPEG without any metadata.

    Raises NotAPhoto for other files, damaged ones and pictures of too many pixels.
    """
    picture = _upright(_decode(data))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    picture = _on_white(picture)
    picture.info.clear()  # Pillow would write a comment back
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return CleanPhoto(out.getvalue(), "image/jpeg", picture.width, picture.height)


def _decode(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPhoto("The picture has too many pixels.")
        if picture.format == "JPEG" and data.count(_SCAN) > MOST_SCANS:
            raise NotAPhoto("The picture is in too many pieces.")
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded at the size we need
        picture.load()
    except NotAPhoto:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPhoto("The picture has too many pixels.") from None
    except Exception:
        # Decoders raise whatever their parser stumbles over, and the message may quote the file.
        raise NotAPhoto("The file is not a JPEG, PNG or WebP picture, or it is damaged.") from None
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    try:
        turn = _UPRIGHT.get(picture.getexif().get(_ORIENTATION, 1))
    except Exception:
        turn = None  # damaged metadata is no reason to refuse the picture
    return picture if turn is None else picture.transpose(turn)


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB, with white behind what was transparent."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    front = picture.convert("RGBA")
    white = Image.new("RGB", picture.size, "white")
    white.paste(front, mask=front.getchannel("A"))
    return white
