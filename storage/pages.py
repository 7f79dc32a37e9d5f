"""The child process that draws a document: a PDF on standard input, one JPEG of all its pages on standard output."""

from __future__ import annotations

import io
import resource
import sys

import pypdfium2
from PIL import Image

from storage.photos import QUALITY

#: Pages and pixels: what a phone still shows, and a messenger still takes as one picture.
MOST_PAGES, WIDTH, TALLEST = 6, 1000, 8800
SECONDS, MEMORY = 20, 1 << 30


def draw(data: bytes) -> bytes:
    """The pages as one JPEG. ValueError for too many pages or too tall a picture, PdfiumError for a damaged file."""
    document = pypdfium2.PdfDocument(data)
    if len(document) > MOST_PAGES:
        raise ValueError("too many pages")
    pages = [_page(document[number]) for number in range(len(document))]
    height = sum(page.height for page in pages)
    if not 0 < height <= TALLEST:
        raise ValueError("too tall")
    sheet = Image.new("RGB", (WIDTH, height), "white")
    top = 0
    for page in pages:
        sheet.paste(page, (0, top))
        top += page.height
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _page(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = page.get_size()
    if height / width * WIDTH > TALLEST:
        raise ValueError("too tall")
    drawn: Image.Image = page.render(scale=WIDTH / width).to_pil().convert("RGB")
    return drawn if drawn.width == WIDTH else drawn.resize((WIDTH, drawn.height))


def limit() -> None:
    """Little memory, time and files for whatever a document makes of this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


if __name__ == "__main__":
    limit()
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read()))
