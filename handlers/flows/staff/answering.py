"""Words of the staff: an answer, a question, the closing words, a note, an explanation - typed, and with photos.

What goes to the citizen at once is shown once more before it is sent; "Selesai" can be undone instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from domain.access import may
from domain.lifecycle import possible
from domain.vocabulary import Action
from handlers.flows import effects
from handlers.flows.cases import Case
from handlers.flows.needs import StaffCase, StaffMember
from handlers.flows.staff.desk import is_stale, pressed, pressed_case, remembered, remembered_case, show
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.staff.explaining import ask_until
from handlers.flows.turns import Decision
from handlers.flows.wording import said, sources
from handlers.messages import Choice, Effect, Facts, Goto, Inbound, Memory, Need, Reply, Step

#: Ready answers on a page.
MOST_READY = 8


class Words(NamedTuple):
    """One thing that staff write: the state that waits for it, the page that asks, and what it becomes.

    `then`: what follows the words where they are not done at once.
    """

    state: str
    page: str
    action: Action
    then: Callable[[Case, Memory, Facts], Step] | None
    effect: Callable[[Memory], Effect] | None


def _said(memory: Memory) -> tuple[int, int, str]:
    assert memory.ticket is not None
    assert memory.version is not None
    return memory.ticket, memory.version, memory.text


def look(case: Case, memory: Memory, facts: Facts) -> Step:
    """What will be sent, and who reads it."""
    files = facts.counted(memory.media)
    shown = {
        "number": case.number,
        "text": memory.text,
        "identity": str(case.view.identity),
        "name": case.name,
        "question": _code(memory) == "ask_citizen",
        "stops": case.stops or case.waiting_since is not None,
        "photos_count": files["photos"],
        "voices_count": files["voices"],
        "videos_count": files["videos"],
    }
    key = (str(case.view.id),)
    choices = (Choice("send", key), Choice("edit", key), Choice("cancel"))
    page = Reply("officer/confirm_answer", shown, choices, ticket=case.view.id)
    return Step(replace(memory, state="confirming"), (page,))


#: By the choice that begins it.
WORDS = {
    "answer": Words(
        "answering",
        "ask_answer",
        Action.ANSWER,
        look,
        lambda m: effects.AnswerTicket(*_said(m), media=m.media, sources=sources(m.parts)),
    ),
    "ask_citizen": Words(
        "asking",
        "ask_question",
        Action.ASK,
        look,
        lambda m: effects.AskCitizen(*_said(m), sources=sources(m.parts)),
    ),
    "finish": Words(
        "finishing",
        "ask_finish",
        Action.FINISH,
        None,
        lambda m: effects.FinishTicket(*_said(m), media=m.media, sources=sources(m.parts)),
    ),
    "write_out": Words("hearing", "ask_heard", Action.HEAR, None, lambda m: effects.WriteHeard(*_said(m))),
    "note": Words("noting", "ask_note", Action.NOTE, None, lambda m: effects.NoteTicket(*_said(m), media=m.media)),
    "ask_why": Words("asking_why", "ask_why", Action.EXPLAIN, ask_until, None),
    "explain": Words(
        "explaining", "ask_explanation", Action.NOTE, None, lambda m: effects.Explain(_said(m)[0], m.text)
    ),
}
_BY_STATE = {words.state: code for code, words in WORDS.items()}


@staff_turn(*(f"staff.choice.{code}" for code in WORDS), needs=pressed)
def ask_words(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A tap that needs words: ask for them."""
    case = pressed_case(facts)
    assert facts.chosen is not None
    code = facts.chosen.choice.code
    if case is None or not _is_allowed(code, case, facts) or (code != "explain" and is_stale(case, facts)):
        return show(memory, case, facts, note="stale")
    return _ask(code, case, facts)


def _is_allowed(code: str, case: Case, facts: Facts) -> bool:
    actor = facts[StaffMember(facts.person)].actor
    action = WORDS[code].action
    return possible(action, case.view.state) and may(actor, action, case.view)


def _ask(code: str, case: Case, facts: Facts) -> Step:
    words = WORDS[code]
    memory = Memory(state=words.state, ticket=case.view.id, version=case.version, purpose=code)
    ready = code == "answer" and facts.region.ready_for(case.matter, case.view.state)
    choices = (*((Choice("ready_answers", (str(case.view.id),)),) if ready else ()), Choice("cancel"))
    page = Reply(f"officer/{words.page}", {"number": case.number}, choices, ticket=case.view.id)
    return Step(memory, (page,))


@staff_turn("staff.choice.ready_answers", needs=pressed)
def offer_ready(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The answers that fit the case and may be sent as they are, or written over."""
    case = _answered(memory, facts)
    if case is None:
        return show(memory, pressed_case(facts), facts, note="stale")
    found = facts.region.ready_for(case.matter, case.view.state)[:MOST_READY]
    shown = {"number": case.number, "answers": [{"title": one.title, "text": one.text} for one in found]}
    choices = (*(Choice("ready_answer", (str(case.view.id), one.title)) for one in found), Choice("cancel"))
    return Step(memory, (Reply("officer/ready_answers", shown, choices, ticket=case.view.id),))


@staff_turn("staff.choice.ready_answer", needs=pressed)
def take_ready(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """As if it had been typed: it is looked at once more before it goes."""
    case = _answered(memory, facts)
    assert facts.chosen is not None
    chosen = facts.region.replies.get(facts.chosen.choice.args[1])
    if case is None or chosen is None:
        return show(memory, pressed_case(facts), facts, note="stale")
    return look(case, replace(memory, text=chosen.text, parts=()), facts)


def _answered(memory: Memory, facts: Facts) -> Case | None:
    """The case that was pressed, if an answer to it is being written."""
    case = pressed_case(facts)
    writing = memory.state in ("answering", "confirming") and _code(memory) == "answer"
    return case if case is not None and writing and memory.ticket == case.view.id else None


def _quoted(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (StaffCase(facts.person, facts.quoted),) if facts.quoted is not None else ()


@staff_turn("staff.quoted", needs=_quoted)
def answer_by_reply(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A reply to a card is an answer to that case, once the officer has seen who will read it."""
    case = facts[StaffCase(facts.person, facts.quoted)] if facts.quoted is not None else None
    if case is None:
        return say(memory, "not_found")
    if memory.state in _BY_STATE and memory.ticket == case.view.id:
        return Goto(f"staff.text.{memory.state}", memory)
    code = "write_out" if case.listening else "answer"  # of a voice nothing can be answered yet
    if not _is_allowed(code, case, facts):
        return show(memory, case, facts, note="stale")
    state = WORDS[code].state
    memory = replace(memory, state=state, ticket=case.view.id, version=case.version, purpose=code, media=())
    return _take(case, inbound, memory, facts)


@staff_turn(*(f"staff.text.{state}" for state in (*_BY_STATE, "confirming")), needs=remembered)
def typed(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = remembered_case(memory, facts)
    if case is None or memory.version is None:
        return Goto("staff.text.idle", Memory())
    return _take(case, inbound, memory, facts)


def _take(case: Case, inbound: Inbound, memory: Memory, facts: Facts) -> Step:
    """Words or photos: a photo alone waits for its words."""
    code = _code(memory)
    memory = replace(memory, purpose=code, media=(*memory.media, *inbound.media))
    if text := said(inbound):
        memory = replace(memory, text=text, parts=((inbound.message or "", text),))
    elif memory.state != "confirming":
        files = facts.counted(inbound.media) if inbound.media else {}
        return say(memory, "photo_kept" if inbound.media else "text_please", number=case.number, **files)
    then = WORDS[code].then
    return then(case, memory, facts) if then else _do(memory)


def _code(memory: Memory) -> str:
    return memory.purpose or _BY_STATE.get(memory.state, "answer")


def _do(memory: Memory) -> Step:
    code = _code(memory)
    after = Memory(state="finished", ticket=memory.ticket) if code == "finish" else Memory()
    effect = WORDS[code].effect
    assert effect is not None
    return Step(after, effects=(effect(memory),))


@staff_turn("staff.choice.send", needs=pressed)
def send(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """One tap after the look at it: what was shown goes at once and is not undone (decision 9)."""
    case = pressed_case(facts)
    if case is None or memory.state != "confirming" or memory.ticket != case.view.id or memory.version is None:
        return show(memory, case, facts, note="stale")
    if memory.version != case.version and _is_allowed(_code(memory), case, facts):
        # Somebody added to the case meanwhile: the words are kept, and looked at once more.
        return look(case, replace(memory, version=case.version), facts)
    return _do(memory)


@staff_turn("staff.choice.edit", needs=pressed)
def write_again(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None or memory.ticket != case.view.id:
        return show(memory, case, facts, note="stale")
    step = _ask(_code(memory), case, facts)
    return replace(step, memory=replace(step.memory, media=memory.media))


@staff_turn("staff.text.finished")
def after_finish(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The rest of an album that began with the closing words belongs to them."""
    if inbound.media and not inbound.text.strip() and memory.ticket is not None:
        return Step(memory, effects=(effects.AddClosingPhotos(memory.ticket, inbound.media),))
    return Goto("staff.text.idle", Memory())
