"""What people send, as it may be kept: by what the bytes are, never by what somebody says that they are."""

from __future__ import annotations

from dataclasses import dataclass

from storage.documents import is_document, picture_of
from storage.photos import NotAPhoto, clean_photo
from storage.sounds import NotASound, clean_sound, is_sound
from storage.videos import NotAVideo, clean_video, is_video

#: The kinds that are kept; a document becomes a photo of its pages.
PHOTO, VOICE, VIDEO = "photo", "voice", "video"
#: No platform lets a bot fetch more, and no chat needs it.
LARGEST = 20 * 1024 * 1024


class NotKept(ValueError):  # noqa: N818 - it says what becomes of the bytes
    """These bytes are nothing that we keep; the sentence quotes nothing of them."""


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file fit to keep and to pass on."""

    kind: str
    mime: str
    data: bytes


def clean_file(data: bytes) -> CleanFile:
    """A photo, a voice or a video without a word of who, where and when. NotKept for anything else."""
    try:
        return _clean(data)
    except (NotAPhoto, NotASound, NotAVideo) as error:
        raise NotKept(str(error)) from None


def _clean(data: bytes) -> CleanFile:
    if is_video(data):
        moving, mime = clean_video(data)
        return CleanFile(VIDEO if mime.startswith("video/") else VOICE, mime, moving)
    if is_sound(data):
        sound, mime = clean_sound(data)
        return CleanFile(VOICE, mime, sound)
    photo = picture_of(data) if is_document(data) else clean_photo(data)
    return CleanFile(PHOTO, photo.mime, photo.data)


def silent(data: bytes) -> bytes:
    """A kept video without its sound."""
    return clean_video(data, silent=True)[0]
