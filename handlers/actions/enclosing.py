"""Which files go along with a page, decided when it is delivered, by the case as it is then and by who reads.

A voice tells who speaks. Where the reader may not hear the citizen, voice messages stay here, videos lose their sound,
and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.access import hears, hears_story
from handlers.actions.views import INTERNAL, VOICE_STORY, actor_of, view_of
from handlers.messages import CITIZEN
from handlers.session import Session
from storage.media import PHOTO, VIDEO, VOICE
from storage.queries import cases
from storage.tables import Ticket

#: The name of a kind of file in a page's facts, and what the files themselves are called.
_FACTS = {PHOTO: "photos", VOICE: "voices", VIDEO: "videos"}
_NAMES = {PHOTO: "foto", VOICE: "suara", VIDEO: "video"}
_ENDINGS = {"audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "video/mp4": "mp4"}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along: its id, a name that says nothing, and what it is. `silent`: a video without its sound."""

    key: int
    name: str
    mime: str
    silent: bool = False


def enclose(session: Session, letter: Any, facts: dict[str, Any]) -> tuple[Enclosure, ...]:
    """The files of a page as they are by now, not when it was written; tells `facts` which these are."""
    if not (facts.get("photos_of") or isinstance(facts.get("photos"), list)):
        return ()
    files = [file for file in files_of(session, letter, facts) if file.state == "clean"]
    if letter.account == CITIZEN:
        files = [file for file in files if file.said not in INTERNAL]
    hears_it = _hears(session, letter)
    quiet = [file for file in files if file.author != "staff" and not hears_it(file)]
    shown = [file for file in files if file.kind != VOICE or file not in quiet]
    for kind, name in _FACTS.items():
        facts[name] = [file.id for file in shown if file.kind == kind]
    facts["withheld"] = len(files) - len(shown)
    facts["silenced"] = sum(file.kind == VIDEO for file in quiet)
    return tuple(_named(shown, {file.id for file in quiet}))


def files_of(session: Session, letter: Any, facts: dict[str, Any]) -> Sequence[Any]:
    """The files that a page speaks of: those of some words, of its case, or - where it is tied to none - named ones."""
    if facts.get("photos_of"):
        place = {"ticket": letter.ticket_id, "message": int(facts["photos_of"])}
        return session.plan.rows(cases.FILES_OF, place)
    if letter.ticket_id is not None:
        return session.plan.rows(cases.FILES, {"ticket": letter.ticket_id})
    named = [key for name in _FACTS.values() for key in facts.get(name) or ()]
    return session.plan.rows(cases.FILES_NAMED, {"ids": named}) if named else ()


def _hears(session: Session, letter: Any) -> Callable[[Any], bool]:
    """Which files of the citizen the reader may hear, by the case as it is now; a citizen reads only own cases."""
    if letter.account == CITIZEN:
        return lambda file: True
    ticket = session.plan.one(Ticket, letter.ticket_id) if letter.ticket_id is not None else None
    if ticket is None or letter.person_id is None:
        return lambda file: False
    region = session.region
    asked = actor_of(session, letter.person_id), view_of(session, ticket), region.inspectorate
    all_but_story, story = hears(*asked), hears_story(*asked, region.front_desk)
    return lambda file: story if file.said == VOICE_STORY else all_but_story


def _named(files: Sequence[Any], quiet: set[int]) -> list[Enclosure]:
    found = []
    for kind, name in _NAMES.items():
        for n, file in enumerate((file for file in files if file.kind == kind), start=1):
            full = f"{name}-{n}.{_ENDINGS.get(file.mime, 'jpg')}"
            found.append(Enclosure(file.id, full, file.mime, silent=kind == VIDEO and file.id in quiet))
    return found
