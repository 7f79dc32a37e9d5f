"""More words or photos for a case: by the choice of its page, by quoting it, by its number, or asked which is meant.

An accusation never goes to the desk that it accuses: it becomes a story of its own, whose confirmation says who reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.numbers import parse_number
from handlers.flows.cases import Summary
from handlers.flows.citizen.belonging import fits, joinable, knows_own, mine, waiting
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.held import (
    Held,
    can_add,
    case_page,
    is_asked,
    own,
    pressed,
    pressed_case,
    remembered,
    remembered_case,
    unreadable,
)
from handlers.flows.citizen.story import (
    is_current,
    is_writing,
    kept_page,
    may_wait,
    over,
    revise,
    small_talk,
    told,
    too_long,
    warning_of,
)
from handlers.flows.effects import AddToTicket
from handlers.flows.needs import MyCase
from handlers.flows.turns import Decision, text_turn, turn
from handlers.flows.wording import LONGEST, said, sources, with_more
from handlers.messages import Ask, Choice, Draft, Facts, Goto, Inbound, Memory, Need, Reply, Step

#: A case is chosen from a list that leaves room for "a new report" among the ten choices of a page.
MOST_OFFERED = 8
#: The pictures of one album arrive one by one: until then a picture without words follows the one before.
ALBUM = timedelta(minutes=1)


@turn("citizen.choice.reply", "citizen.choice.add", needs=pressed)
def ask_words(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The next message goes to this case."""
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    if not can_add(held.case):
        return say(memory, "case_closed", number=held.case.number)
    page = _words_please(held)
    return Step(replace(memory, state="replying", held=held.key), (page,))


def _words_please(held: Held) -> Reply:
    shown = {"number": held.case.number, "asked": is_asked(held.case)}
    return Reply("citizen/reply_now", shown, (Choice("cancel"),), ticket=None if held.by_pin else held.case.view.id)


@turn("citizen.text.replying", needs=remembered)
def typed_reply(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    held = remembered_case(memory, facts)
    if held is None or held.shut:
        # too late for its PIN: the words are kept as a story
        return Goto("citizen.place" if inbound.place else "citizen.story", rest(memory))
    if not said(inbound) and not inbound.media:
        return Step(memory, (_words_please(held),))
    return add(held, said(inbound), inbound, memory, facts)


@turn("citizen.text.replied", needs=remembered)
def follow_up(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The rest of an album goes where its first picture went; words are a message of their own."""
    held = remembered_case(memory, facts)
    is_rest = bool(inbound.media) and not inbound.text.strip()
    recent = memory.text and facts.now - datetime.fromisoformat(memory.text) < ALBUM
    if held is None or held.shut or not is_rest or not recent:
        return Goto("citizen.text.confirm" if is_writing(memory) else "citizen.text.idle", rest(memory))
    return add(held, "", inbound, memory, facts)


def _quoted(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (MyCase(facts.person, facts.quoted),) if facts.quoted is not None else ()


@turn("citizen.quoted", needs=_quoted)
def reply_by_quote(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A reply to a message about an own case is added to that case; to anything else it is plain text."""
    case = facts[MyCase(facts.person, facts.quoted)] if facts.quoted is not None else None
    if case is None or case.locked:
        after = rest(memory) if memory.state == "replied" else memory
        return Goto(text_turn(inbound, after), after)
    small = small_talk(inbound.text, facts) if not (inbound.media or inbound.place) else None
    if small == "citizen.thanks" or (small and not is_asked(case)):
        return Goto(small, memory)
    return add(own(case), said(inbound), inbound, memory, facts)


def add(held: Held, text: str, inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Words and photos for a case, if they may go there."""
    case = held.case
    if not can_add(case):
        return say(rest(memory), "case_closed", number=case.number)
    if len(text) > LONGEST:
        return Step(memory, (too_long(facts, begun=False),))
    if not fits(text, case.view.kind, facts):
        return Goto("citizen.story", rest(memory))
    after = rest(memory)
    if inbound.media and not is_writing(after):
        after = replace(after, state="replied", held=held.key, text=facts.now.isoformat())
    source = (inbound.message,) if inbound.message else ()
    corrects = inbound.edited and facts.said is not None
    effect = AddToTicket(case.view.id, text.strip(), inbound.media, held.key, source, corrects)
    return Step(after, warning_of(text, facts), (effect,))


def rest(memory: Memory) -> Memory:
    """Where the conversation stands once words for a case are written or left: at its draft, if it has one."""
    if memory.state not in ("replying", "replied", "which", "heard"):
        return memory
    return replace(memory, state="confirm" if is_writing(memory) else "idle", held=(), text="")


# --- words that do not say where they belong


def numbered(inbound: Inbound, memory: Memory, facts: Facts) -> Decision | None:
    """What a text means that begins with the number of an own case; None for any other."""
    first, _, words = inbound.text.strip().partition(" ")
    number = parse_number(first.rstrip(".,:;"))
    found = next((case for case in mine(facts) if case.number == number), None)
    if number is None or found is None:
        return None
    need = MyCase(facts.person, found.id)
    if need not in facts.known:
        return Ask((need,))
    case = facts[need]
    assert case is not None
    if not words.strip() and not inbound.media:
        return Step(memory, (case_page(own(case), facts),))
    return add(own(case), words, inbound, memory, facts)


def ask_which(memory: Memory, draft: Draft, facts: Facts, *, holds: bool) -> Step:
    """Ask once whether words (or a place) answer an office or begin a story; they are kept meanwhile."""
    warning = () if draft.warned else warning_of(draft.story, facts)
    draft = replace(draft, warned=draft.warned or bool(warning))
    after = revise(replace(memory, draft=draft, state="which", opened=None, opened_at=""), parked=False)
    choices = (*offers(after, waiting(draft.story, facts)), Choice("new_story", _revision(after)))
    page = Reply("citizen/which_case", {"story": draft.story, **facts.counted(draft.media)}, choices)
    page = replace(page, holds=holds, replaces=may_wait(draft), renews=holds)
    return Step(told(after), (*over(draft, facts), *warning, page))


def offers(memory: Memory, cases: Iterable[Summary]) -> tuple[Choice, ...]:
    revision = _revision(memory)
    return tuple(Choice("add_to", (str(case.id), case.number, *revision)) for case in cases)[:MOST_OFFERED]


def _revision(memory: Memory) -> tuple[str]:
    assert memory.draft is not None
    return (str(memory.draft.revision),)


@turn("citizen.text.which", needs=knows_own)
def still_which(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The rest of an album, or the first words to it, are asked about with it; more words are a story."""
    if memory.draft is None or (inbound.text.strip() and memory.draft.story):
        return Goto("citizen.story", rest(memory))
    kept = with_more(memory.draft, inbound)
    if kept.over or not waiting(kept.story, facts):
        return Goto("citizen.story", rest(memory))
    return ask_which(memory, kept, facts, holds=bool(inbound.media))


@turn("citizen.choice.new_story")
def new_story(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts) or memory.draft is None:
        return Goto("citizen.stale", memory)
    if not memory.draft.story:
        return Step(replace(memory, state="idle"), (kept_page(memory.draft, facts),))
    return Goto("citizen.review", revise(memory))


@turn("citizen.choice.add_to_old", needs=knows_own)
def ask_old(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What was told belongs to a case that is there already: to which one."""
    if not is_current(memory, facts) or memory.draft is None:
        return Goto("citizen.stale", memory)
    found = offers(memory, joinable(memory.draft, facts))
    if not found:
        return Goto("citizen.review", revise(memory))
    return say(memory, "which_old", *found, Choice("continue", _revision(memory)))


@turn("citizen.choice.add_to", "citizen.choice.same_case", needs=pressed)
def add_draft(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The draft joins a case and is gone."""
    held = pressed_case(memory, facts)
    draft = memory.draft
    if held is None or draft is None or not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    may_join = can_add(held.case) and fits(draft.story, held.case.view.kind, facts) and draft.identity is None
    if held.shut or not may_join:
        return Goto("citizen.review", revise(memory))
    text = "\n".join(part for part in (draft.story, draft.place) if part)
    made_of = sources((*draft.parts, (draft.place_from, "")))
    return Step(Memory(), effects=(AddToTicket(held.case.view.id, text, draft.media, sources=made_of),))
