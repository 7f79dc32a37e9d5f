"""/catat: an officer takes down what somebody says at the counter; it goes where their own message would have gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.routing import Route, route
from domain.understanding.reading import read
from domain.vocabulary import Identity
from handlers.flows.citizen.story import reader_title
from handlers.flows.effects import RecordTicket
from handlers.flows.needs import Acting
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.turns import Decision, argument
from handlers.flows.wording import LONGEST, part_of, said, text_of
from handlers.messages import Choice, Draft, Facts, Goto, Inbound, Memory, Need, Part, Reply, Step

#: A name and a telephone number are a line.
LONGEST_CONTACT = 120


@staff_turn("staff.command.catat")
def ask_story(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if argument(inbound):
        return Goto("staff.text.recording", Memory(state="recording"))
    return Step(Memory(state="recording"), (Reply("officer/record", {}, (Choice("cancel"),)),))


def reading_needs(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """Who reads for which post."""
    return (Acting(),)


@staff_turn("staff.text.recording", needs=reading_needs)
def look(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What will be kept and who will read it: the same look that a citizen has before sending."""
    after = replace(memory, media=(*memory.media, *inbound.media))
    return take_down((*memory.parts, *part_of(inbound)), after, facts)


def take_down(parts: tuple[Part, ...], memory: Memory, facts: Facts) -> Step:
    """What is shown when these are the words; where they are too many, the words stay as they are."""
    if len(text_of(parts)) <= LONGEST:
        return shown(replace(memory, parts=parts, text=text_of(parts)), facts)
    choices = (Choice("record"), Choice("cancel")) if memory.text else (Choice("cancel"),)
    return Step(memory, (Reply("officer/too_long", {"begun": bool(memory.text)}, choices),))


def shown(memory: Memory, facts: Facts) -> Step:
    """What was taken down so far, and who will read it."""
    if not memory.text:
        return Step(memory, (Reply("officer/record", {}, (Choice("cancel"),)),))
    goes = _goes(memory, facts)
    told = _may_leave_contact(goes)
    page = {
        "story": memory.text,
        "contact": memory.purpose if told else "",
        "reader": reader_title(goes, facts),
        "unit": facts.region.units[goes.unit].name,
        "front_desk": goes.unit == facts.region.front_desk,
        "kept_from": facts.region.units[goes.reported].name if goes.reported else None,
        "oversight": goes.kind == "oversight",
    }
    choices = (Choice("record"), *((Choice("record_contact"),) if told else ()), Choice("cancel"))
    return Step(memory, (Reply("officer/confirm_record", page, choices),))


def _may_leave_contact(goes: Route) -> bool:
    """Whether the office may know who it was: nobody's name is taken down beside words that hide who said them."""
    return goes.identity is Identity.OPEN


def _goes(memory: Memory, facts: Facts) -> Route:
    return route(read(memory.text, facts.region), facts.region)


@staff_turn("staff.choice.record_contact")
def ask_contact(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if memory.state != "recording" or not memory.text or not _may_leave_contact(_goes(memory, facts)):
        return say(memory, "nothing_to_cancel")
    page = Reply("officer/record_contact", {}, (Choice("cancel"),))
    return Step(replace(memory, state="recording_contact"), (page,))


@staff_turn("staff.text.recording_contact", needs=reading_needs)
def take_contact(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A line by which the office may reach who came or called."""
    contact = " ".join(said(inbound).split())[:LONGEST_CONTACT]
    return shown(replace(memory, state="recording", purpose=contact), facts)


@staff_turn("staff.choice.record")
def record(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if memory.state != "recording" or not memory.text:
        return say(memory, "nothing_to_cancel")
    draft, goes = Draft(story=memory.text, media=memory.media), _goes(memory, facts)
    contact = memory.purpose if _may_leave_contact(goes) else ""
    return Step(Memory(), effects=(RecordTicket(draft, goes, contact),))
