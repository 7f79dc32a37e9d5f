"""/surat: a letter of the Ombudsman becomes a case of Bagian Organisasi, with the date that stands in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.dates import days_in, typed
from handlers.flows.effects import FileLetter
from handlers.flows.needs import StaffMember
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.staff.explaining import coming_day
from handlers.flows.staff.postponing import example, today
from handlers.flows.turns import Decision
from handlers.flows.wording import part_of, said
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Reply, Step
from handlers.shown import noon

#: What is asked, one after the other; then everything is shown once before it is filed.
REFERENCE, DATED, SUBJECT, DUE, LOOK = (f"letter_{what}" for what in ("reference", "dated", "subject", "due", "look"))
#: Days that are offered as the date until which the letter asks, in working days from today.
OFFERED = (14, 10, 5)
#: A number is a line; what a letter is about a few.
LONGEST = {REFERENCE: 100, SUBJECT: 1000}
#: Nobody files a letter that is older.
OLDEST = timedelta(days=730)


@staff_turn("staff.command.surat")
def begin(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """For who holds a post of Bagian Organisasi; to everybody else it is no command."""
    actor = facts[StaffMember(facts.person)].actor
    if not any(held.unit == facts.region.front_desk for held in actor.held):
        return Goto("staff.command.menu", memory)
    return _asks(Memory(state=REFERENCE), "letter_reference")


def _asks(memory: Memory, page: str, *choices: Choice, **shown: object) -> Step:
    return Step(memory, (Reply(f"officer/{page}", shown, (*choices, Choice("cancel"))),))


@staff_turn(f"staff.text.{REFERENCE}")
def take_reference(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    memory = replace(memory, media=(*memory.media, *inbound.media))
    if not _is_fit(inbound, REFERENCE):
        return _asks(memory, "letter_reference")
    after = replace(memory, state=DATED, parts=part_of(inbound))
    return _asks(after, "letter_dated", Choice("dated", (str(today(facts)),)), example=_past(facts))


def _is_fit(inbound: Inbound, state: str) -> bool:
    return 0 < len(said(inbound)) <= LONGEST[state]


def _past(facts: Facts) -> str:
    return typed(facts.region.calendars["office"].before(today(facts), 3))


@staff_turn("staff.choice.dated")
def choose_dated(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    if memory.state != DATED:
        return say(memory, "nothing_to_cancel")
    return _dated(memory, facts.chosen.choice.args[0])


@staff_turn(f"staff.text.{DATED}")
def take_dated(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    memory = replace(memory, media=(*memory.media, *inbound.media))
    now = today(facts)
    days = [day for day in days_in(inbound.text, now, coming=False) if now - OLDEST <= day <= now]
    return _dated(memory, str(days[0])) if days else say(memory, "past_date_unknown", example=_past(facts))


def _dated(memory: Memory, day: str) -> Step:
    return _asks(replace(memory, state=SUBJECT, days=(day,)), "letter_subject")


@staff_turn(f"staff.text.{SUBJECT}")
def take_subject(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    memory = replace(memory, media=(*memory.media, *inbound.media))
    if not _is_fit(inbound, SUBJECT):
        return _asks(memory, "letter_subject")
    calendar = facts.region.calendar_of(facts.region.front_desk)
    choices = (Choice("letter_due", (str(calendar.after(today(facts), n)),)) for n in OFFERED)
    after = replace(memory, state=DUE, parts=(*memory.parts, *part_of(inbound)))
    return _asks(after, "letter_due", *choices, example=example(facts))


@staff_turn("staff.choice.letter_due")
def choose_due(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    if memory.state != DUE:
        return say(memory, "nothing_to_cancel")
    return _due(memory, facts.chosen.choice.args[0], facts)


@staff_turn(f"staff.text.{DUE}")
def take_due(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    memory = replace(memory, media=(*memory.media, *inbound.media))
    day = coming_day(inbound.text, today(facts))
    return _due(memory, str(day), facts) if day else say(memory, "date_unknown", example=example(facts))


def _due(memory: Memory, day: str, facts: Facts) -> Step:
    return look(replace(memory, state=LOOK, days=(memory.days[0], day)), facts)


def look(memory: Memory, facts: Facts, *, album: bool = False) -> Step:
    """Everything once more; photos or a PDF may still be sent."""
    (_, reference), (_, subject) = memory.parts
    dated, due = memory.days
    files = facts.counted(memory.media)
    shown = {"reference": reference, "subject": subject, "dated": noon(dated), "due": noon(due), **files}
    choices = (Choice("file_letter"), Choice("cancel"))
    return Step(memory, (Reply("officer/letter_look", shown, choices, holds=album, replaces=album),))


@staff_turn(f"staff.text.{LOOK}")
def take_files(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Files of the letter; words change nothing any more."""
    return look(replace(memory, media=(*memory.media, *inbound.media)), facts, album=bool(inbound.media))


@staff_turn("staff.choice.file_letter")
def file(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if memory.state != LOOK:
        return say(memory, "nothing_to_cancel")
    (_, reference), (_, subject) = memory.parts
    dated, due = memory.days
    return Step(Memory(), effects=(FileLetter(reference, dated, subject, due, memory.media),))
