"""What a channel hands in and what a conversation hands back: plain values that know no channel and no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from domain.region import Region
from domain.vocabulary import Identity, Kind

T = TypeVar("T")

#: The account of a channel that citizens meet, and the one that staff meet.
CITIZEN, STAFF = "citizen", "staff"


@dataclass(frozen=True, slots=True)
class Remote:
    """A file that still lies with the platform, to be fetched after the commit: a photo, document, voice or video."""

    kind: str
    ref: str
    mime: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What a platform says of the chat itself: it is `gone` (blocked, removed), `back`, or `moved` to a new address."""

    what: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a platform says later of a message of ours: it was sent, delivered, read, or has failed (with its code).

    `message` is the platform's id of it; `key` the outbox row's, where the platform gives back what we sent along with
    the last message of a page (so that whoever hears of it knows that the whole page is out). `code`: a platform's own.
    """

    status: str
    message: str
    key: str | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event of one sender, already verified. `event` is the platform's own id of it; `choice` a button's data.

    `message` is the platform's id of the message in its chat; `edited` says that the text takes the place of that
    message's. `place` is a point or a name of a place that was sent as such, `odd` the word for something that we can't
    read (a sticker, a contact). `group`: said in that group chat. `news`: nothing was said; it is about the chat, and
    `receipt` about a message of ours. `phone` is the sender's number, where the platform tells it beside its own name.
    """

    event: str
    channel: str
    account: str
    sender: str
    text: str = ""
    choice: str | None = None
    reply_to: str | None = None
    media: tuple[int, ...] = ()
    language: str | None = None
    message: str | None = None
    edited: bool = False
    remote: tuple[Remote, ...] = ()
    place: str | None = None
    odd: str | None = None
    group: str | None = None
    news: News | None = None
    receipt: Receipt | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it means (`code`), and of what. Its label is a macro of templates/<language>/choices.j2."""

    code: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice that was pressed or typed, and the page that offered it."""

    choice: Choice
    outbox: int
    ticket: int | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A page for the person who wrote. `ticket` ties it to a case, so that an answer to it finds the case again.

    `edits`: it takes the place of the page that was pressed; `renews`: that of the same page about the draft as it was
    before. `holds`: it waits for the rest of an album or burst; `replaces`: what an earlier part was answered goes.
    `once`: not again where the same was said to the same burst.
    """

    page: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    ticket: int | None = None
    version: int | None = None
    edits: bool = False
    renews: bool = False
    holds: bool = False
    replaces: bool = False
    once: bool = False


#: The platform's id of a message ("" where it has none), and its words.
Part = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A complaint that is being written. `revision` makes the buttons of an earlier version of it stale.

    `parts` are the messages that the story was made of, `place_from` the one that named the place. `linked`: the unit
    was not chosen but comes from the link that led here. `over`: words did not fit, and their writer is not told yet.
    `service`: whose standard was being read when the writing began. `body`: a body outside that its citizen chose;
    `ours`: it shall come to us, whosever it is. `urgent`: its citizen says that the danger is there now.
    """

    revision: int = 1
    kind: Kind | None = None
    story: str = ""
    parts: tuple[Part, ...] = ()
    media: tuple[int, ...] = ()
    unit: str | None = None
    linked: bool = False
    unit_unknown: bool = False
    office_asked: bool = False
    place: str | None = None
    place_from: str = ""
    place_asked: bool = False
    identity: Identity | None = None
    notify: bool = False
    warned: bool = False
    parked: bool = False
    over: bool = False
    service: str | None = None
    body: str | None = None
    ours: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What one conversation remembers between two messages. Sealed in the database: a draft holds a story.

    `held` names the case that words are being written for (as choices name it); `opened` is the one that a PIN opened
    here, at `opened_at`. `parts` are the messages that `text` was made of. `answers`: what was said to a form so far,
    by the names of its fields.
    """

    state: str = "idle"
    draft: Draft | None = None
    ticket: int | None = None
    version: int | None = None
    text: str = ""
    parts: tuple[Part, ...] = ()
    purpose: str = ""
    held: tuple[str, ...] = ()
    opened: int | None = None
    opened_at: str = ""
    media: tuple[int, ...] = ()
    days: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)


def count(media: Iterable[int], kinds: Mapping[int, str]) -> dict[str, int]:
    """How many photos, voices and videos there are among some files; a document counts as the picture it becomes."""
    found = [kinds.get(key, "photo") for key in media]
    voices, videos = found.count("voice"), found.count("video")
    return {"photos": len(found) - voices - videos, "voices": voices, "videos": videos}


def in_hand(memory: Memory) -> tuple[int, ...]:
    """The files that wait in a conversation."""
    return (*(memory.draft.media if memory.draft else ()), *memory.media)


@dataclass(frozen=True)
class Need(Generic[T]):
    """A question about the record whose answer `decide` waits for; actions.answers knows how to find it."""


@dataclass(frozen=True)
class Facts:
    """What a turn may know beside the message: the town, the moment, who writes, and the answers to its needs.

    `quoted` is the case that a reply answers, or of which an edited message became a part: then `said` is that part.
    `files` says what the files of the message and of the memory are: photo, document, voice or video.
    `shared`: citizens and staff write to one number.
    """

    region: Region
    now: datetime
    language: str
    person: int
    first: bool
    name: str | None
    chosen: Chosen | None
    quoted: int | None
    known: Mapping[Need[Any], Any] = field(default_factory=dict)
    said: int | None = None
    files: Mapping[int, str] = field(default_factory=dict)
    shared: bool = False

    def counted(self, media: Iterable[int]) -> dict[str, int]:
        """How many photos, voices and videos there are among some files, as pages speak of them."""
        return count(media, self.files)

    def __getitem__(self, need: Need[T]) -> T:
        return cast("T", self.known[need])


@dataclass(frozen=True)
class Effect:
    """Something a turn decided, to be done by handlers.actions in the same transaction."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a turn decided: what to remember, what to say, what to do. Effects may say more (a receipt, a card)."""

    memory: Memory
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """`decide` must know more first (two more rounds at most)."""

    needs: tuple[Need[Any], ...]


@dataclass(frozen=True, slots=True)
class Goto:
    """Another turn shall decide about the same message (three hops at most), from this memory."""

    turn: str
    memory: Memory
