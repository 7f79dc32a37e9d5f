"""Words for the citizen: typed after "Jawab" or as a reply to a card, shown once more, then sent. And "Selesai"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.lifecycle import possible
from domain.vocabulary import Action
from handlers.flows.cases import Case
from handlers.flows.effects import AnswerTicket, FinishTicket
from handlers.flows.needs import StaffCase
from handlers.flows.staff.desk import applies, pressed, pressed_case, show
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.turns import Decision
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Need, Reply, Step


def _remembered(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (StaffCase(facts.person, memory.ticket),) if memory.ticket is not None else ()


def _quoted(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (StaffCase(facts.person, facts.quoted),) if facts.quoted is not None else ()


@staff_turn("staff.choice.answer", needs=pressed)
def ask_answer(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return _ask_text("answer", "answering", memory, facts)


@staff_turn("staff.choice.finish", needs=pressed)
def ask_closing(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Selesai asks for words: a case is never finished without telling the citizen what was done."""
    return _ask_text("finish", "finishing", memory, facts)


def _ask_text(code: str, state: str, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None or not applies(code, case, facts):
        return show(memory, case, facts, note="stale")
    after = replace(memory, state=state, ticket=case.view.id, version=case.version, text="")
    page = Reply(f"officer/ask_{code}", {"number": case.number}, (Choice("cancel"),), ticket=case.view.id)
    return Step(after, (page,))


@staff_turn("staff.quoted", needs=_quoted)
def answer_by_reply(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A reply to a card is an answer to that case, once the officer has seen who will read it."""
    case = facts[StaffCase(facts.person, facts.quoted)] if facts.quoted is not None else None
    if case is None:
        return say(memory, "not_found")
    if memory.state == "finishing" and memory.ticket == case.view.id:
        return Goto("staff.text.finishing", memory)
    return _confirm(case, inbound, replace(memory, ticket=case.view.id, version=case.version))


@staff_turn("staff.text.answering", "staff.text.confirming", needs=_remembered)
def typed_answer(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = facts[StaffCase(facts.person, memory.ticket)] if memory.ticket is not None else None
    if case is None:
        return Goto("staff.text.idle", Memory())
    return _confirm(case, inbound, memory)


def _confirm(case: Case, inbound: Inbound, memory: Memory) -> Step:
    text = inbound.text.strip()
    if not text:
        return say(memory, "text_please", number=case.number)
    after = replace(memory, state="confirming", text=text)
    shown = {"number": case.number, "text": text, "identity": str(case.view.identity), "name": case.name}
    choices = (Choice("send", (str(case.view.id),)), Choice("edit", (str(case.view.id),)), Choice("cancel"))
    return Step(after, (Reply("officer/confirm_answer", shown, choices, ticket=case.view.id),))


@staff_turn("staff.choice.send", needs=pressed)
def send_answer(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """One tap after the look at it: an answer goes at once and is not undone (decision 9)."""
    case = pressed_case(facts)
    if case is None or memory.state != "confirming" or memory.ticket != case.view.id or memory.version is None:
        return show(memory, case, facts, note="stale")
    if memory.version != case.version and possible(Action.ANSWER, case.view.state):
        # Somebody added to the case meanwhile: the words are kept, and looked at once more.
        return _confirm(case, replace(inbound, text=memory.text), replace(memory, version=case.version))
    return Step(Memory(), effects=(AnswerTicket(case.view.id, memory.version, memory.text),))


@staff_turn("staff.choice.edit", needs=pressed)
def answer_again(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None or memory.ticket != case.view.id:
        return show(memory, case, facts, note="stale")
    page = Reply("officer/ask_answer", {"number": case.number}, (Choice("cancel"),), ticket=case.view.id)
    return Step(replace(memory, state="answering", text=""), (page,))


@staff_turn("staff.text.finishing", needs=_remembered)
def finish(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = facts[StaffCase(facts.person, memory.ticket)] if memory.ticket is not None else None
    if case is None or memory.version is None:
        return Goto("staff.text.idle", Memory())
    text = inbound.text.strip()
    if not text:
        return say(memory, "text_please", number=case.number)
    return Step(Memory(), effects=(FinishTicket(case.view.id, memory.version, text),))
