"""Files that lie with the platform: what people sent to a bot and what the bot sent; an id is good for one bot only."""

from __future__ import annotations

import hashlib
import io
import secrets
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from tests.kit.platforms import Upload
from tests.telegram.errors import bad

MIB = 1024 * 1024
MOST_DOWN = 20 * MIB
MOST_UP = 50 * MIB
MOST_PHOTO = 10 * MIB
MOST_EDGES, MOST_RATIO = 10_000, 20
THUMB = 320


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file. `size` is what the platform says it is, which for a large one of a test is not what it has."""

    id: str
    unique: str
    name: str
    mime: str
    data: bytes
    size: int
    width: int = 0
    height: int = 0

    @property
    def path(self) -> str:
        return f"files/{self.unique}"

    @property
    def object(self) -> dict[str, Any]:
        """The fields that every documented file object has."""
        return {"file_id": self.id, "file_unique_id": self.unique, "file_size": self.size}

    @property
    def note(self) -> dict[str, Any]:
        """The file in a log: no bytes."""
        digest = hashlib.sha256(self.data).hexdigest()
        return {"file_id": self.id, "name": self.name, "mime": self.mime, "size": self.size, "sha256": digest}

    def sizes(self) -> list[dict[str, Any]]:
        """The documented PhotoSizes, smallest first; only the largest can be fetched."""
        scale = min(1.0, THUMB / max(self.width, self.height))
        small = {"width": max(1, int(self.width * scale)), "height": max(1, int(self.height * scale))}
        thumb = {"file_id": f"{self.id}s", "file_unique_id": f"{self.unique}s", "file_size": 1000, **small}
        return [thumb, {**self.object, "width": self.width, "height": self.height}]


class Files:
    """The files of one bot."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}

    def keep(self, upload: Upload, *, size: int | None = None, photo: bool = False) -> StoredFile:
        width, height = _measure(upload.data) if photo else (0, 0)
        size = len(upload.data) if size is None else size
        key, unique = f"AgAC{secrets.token_urlsafe(36)}", f"AQAD{secrets.token_urlsafe(9)}"
        kept = StoredFile(key, unique, upload.name, upload.mime, upload.data, size, width, height)
        self._files[kept.id] = kept
        return kept

    def find(self, key: str) -> StoredFile:
        found = self._files.get(key)
        if found is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        return found

    def fetchable(self, key: str) -> StoredFile:
        """What getFile gives."""
        found = self.find(key)
        if found.size > MOST_DOWN:
            raise bad("file is too big")
        return found

    def at(self, path: str) -> StoredFile | None:
        return next((file for file in self._files.values() if file.path == path and file.size <= MOST_DOWN), None)

    def sent(self, upload: Upload | None, value: str, *, photo: bool = False) -> StoredFile:
        """The file that a bot sends: uploaded with the call, or one that lies here already."""
        if upload is None:
            return self.find(value)
        if not upload.data:
            raise bad("file must be non-empty")
        if len(upload.data) > (MOST_PHOTO if photo else MOST_UP):
            raise bad("file is too big")
        return self.keep(upload, photo=photo)


def _measure(data: bytes) -> tuple[int, int]:
    """Width and height of a picture; ApiError where the platform would not take it as a photo."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError):
        raise bad("IMAGE_PROCESS_FAILED") from None
    if width + height > MOST_EDGES or max(width, height) > MOST_RATIO * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return width, height
