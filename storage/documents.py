"""A PDF as it may be kept: a picture of its pages, one below the other, and nothing else of it.

A document carries names, places and programs that nobody sees; a picture does not. The library that draws it reads a
stranger's bytes in a language without safety, so it runs in a process of its own, with little memory and time.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys

from PIL import Image

from storage.photos import CleanPhoto, NotAPhoto

MAGIC = b"%PDF-"
SECONDS = 30


def is_document(data: bytes) -> bool:
    """Whether these bytes say that they are a PDF."""
    return data[:1024].lstrip().startswith(MAGIC)


def picture_of(data: bytes) -> CleanPhoto:
    """Draw a PDF in a child process. NotAPhoto for one that is damaged, locked, too long or too slow."""
    command = [sys.executable, "-m", "storage.pages"]
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    try:
        child = subprocess.run(  # noqa: S603 - our own module; the stranger's bytes are its input only
            command, input=data, capture_output=True, timeout=SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotAPhoto("The document took too long to draw.") from None
    if child.returncode != 0:
        raise NotAPhoto("The document is damaged, locked or too long.")
    picture = Image.open(io.BytesIO(child.stdout), formats=("JPEG",))
    return CleanPhoto(child.stdout, "image/jpeg", picture.width, picture.height)
