"""Files that lie with the platform: what people sent and what was uploaded; ids and links grow old."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.kit.platforms import Upload
from tests.whatsapp.errors import GraphError, no_such

MIB = 1024 * 1024
DAY = 86_400
#: Which files may be sent as what, and how large.
KINDS: dict[str, tuple[tuple[str, ...], int]] = {
    "image": (("image/jpeg", "image/png"), 5 * MIB),
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MIB),
    "video": (("video/mp4", "video/3gpp"), 16 * MIB),
    "sticker": (("image/webp",), 500 * 1024),
    "document": (
        (
            "application/pdf",
            "text/plain",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        100 * MIB,
    ),
}


@dataclass(slots=True)
class StoredFile:
    """One file. `size` is what the platform says it is; `until` when its id is forgotten."""

    id: str
    name: str
    mime: str
    data: bytes
    size: int
    until: float
    link_until: float = 0.0
    link_key: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def note(self) -> dict[str, Any]:
        """The file in a log: no bytes."""
        return {"id": self.id, "name": self.name, "mime": self.mime, "size": self.size, "sha256": self.sha256}


class Media:
    """The files of one account. Settings: how many seconds a link and the two kinds of id live."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.link_seconds = 300.0
        self.inbound_seconds = 7.0 * DAY
        self.uploaded_seconds = 30.0 * DAY
        self._now = now
        self._files: dict[str, StoredFile] = {}

    def keep(self, upload: Upload, *, size: int | None = None, inbound: bool = False) -> StoredFile:
        key = str(secrets.randbelow(9 * 10**15) + 10**15)
        until = self._now() + (self.inbound_seconds if inbound else self.uploaded_seconds)
        size = len(upload.data) if size is None else size
        self._files[key] = StoredFile(key, upload.name, upload.mime, upload.data, size, until)
        return self._files[key]

    def upload(self, upload: Upload, mime: str) -> StoredFile:
        """POST media; GraphError where it is not taken."""
        allowed = [one for mimes, _ in KINDS.values() for one in mimes]
        if mime.partition(";")[0] not in allowed:
            raise GraphError(
                100, message=f"(#100) Param file must be a file with one of the types: {', '.join(allowed)}"
            )
        _, most = next(kind for kind in KINDS.values() if mime.partition(";")[0] in kind[0])
        if not upload.data or len(upload.data) > most:
            raise GraphError(131053, f"the file has {len(upload.data)} bytes, of at most {most}")
        return self.keep(Upload(upload.name, mime, upload.data))

    def find(self, key: str) -> StoredFile:
        found = self._files.get(key)
        if found is None or found.until < self._now():
            raise no_such(key)
        return found

    def has(self, key: str) -> bool:
        return key in self._files

    def link(self, key: str, url: str) -> dict[str, Any]:
        """GET media: where it can be fetched for a while."""
        file = self.find(key)
        file.link_until, file.link_key = self._now() + self.link_seconds, secrets.token_urlsafe(16)
        asked = f"mid={file.id}&ext={int(file.link_until)}&hash={file.link_key}"
        about = {"url": f"{url}?{asked}", "mime_type": file.mime, "sha256": file.sha256, "file_size": file.size}
        return {**about, "id": file.id, "messaging_product": "whatsapp"}

    def fetch(self, key: str, link: str) -> StoredFile:
        """GET of such a link."""
        file = self._files.get(key)
        if file is None or file.link_key != link or file.link_until < self._now():
            raise GraphError(100, status=404, message="Not Found")
        return file

    def delete(self, key: str) -> None:
        self.find(key)
        del self._files[key]


def check_kind(kind: str, file: StoredFile) -> None:
    """Whether a file may be sent as such."""
    mimes, most = KINDS[kind]
    if file.mime.partition(";")[0] not in mimes or file.size > most:
        raise GraphError(131053, f"{file.mime} of {file.size} bytes can not be sent as {kind}")
