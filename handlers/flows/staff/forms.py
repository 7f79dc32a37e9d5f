"""Forms of administrators: what is asked, one thing after the other, is data; their end is an effect that previews.

A form begins by the choice of its name (`staff.choice.<name>`), whose arguments are taken as if they had been typed for
its first fields. What was answered is kept in the memory; `/batal` leaves it. A press is as good as typing its word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from handlers.flows.staff.entrance import admin_turn, say
from handlers.flows.turns import Decision, Needs, nothing
from handlers.messages import Choice, Effect, Facts, Inbound, Memory, Need, Reply, Step

#: The state of a conversation in which a form is being answered; its name is the purpose.
STATE = "form"
#: Values of one field that are offered on one page, beside skipping and leaving.
MOST = 8

#: What was answered so far: plain JSON values by the names of the fields, None for one that was skipped.
Answers = Mapping[str, Any]


class Option(NamedTuple):
    """A value that can be pressed: what pressing it is as good as typing, and what its button says (of which day)."""

    value: str
    name: str
    day: str = ""


def _no_options(typed: str, answers: Answers, facts: Facts) -> Sequence[Option]:
    return ()


def _no_facts(answers: Answers, facts: Facts) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `read` makes a plain JSON value of what was typed, or None where it means nothing.

    `page` asks it, told whether it asks again, how many values it offers, an example as people type one, and `shown`.
    `options` offers values, also those that words may mean which `read` alone cannot settle.
    """

    name: str
    read: Callable[[str, Answers, Facts], Any]
    page: str
    example: Callable[[Facts], str] = lambda facts: ""
    options: Callable[[str, Answers, Facts], Sequence[Option]] = _no_options
    shown: Callable[[Answers, Facts], Mapping[str, Any]] = _no_facts
    may_skip: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """Fields in their order, and what the answers lead to. `needs` is what any of them must know of the record."""

    name: str
    fields: tuple[Field, ...]
    then: Callable[[Answers, Facts], Effect]
    needs: Needs = nothing

    def waiting(self, answers: Answers) -> Field | None:
        """The field that is asked now; None when all are answered."""
        return next((field for field in self.fields if field.name not in answers), None)


FORMS: dict[str, Form] = {}


def register(form: Form) -> Form:
    """Let a form begin by the choice of its name."""
    assert form.name not in FORMS, f"two forms are called {form.name}"
    FORMS[form.name] = form

    def begin(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
        assert facts.chosen is not None
        return open_form(form, facts, facts.chosen.choice.args)

    admin_turn(f"staff.choice.{form.name}", needs=form.needs)(begin)
    return form


def open_form(form: Form, facts: Facts, typed: Sequence[str] = ()) -> Step:
    """Begin a form; `typed` answers its first fields, as far as it can be read."""
    answers: dict[str, Any] = {}
    for field, text in zip(form.fields, typed, strict=False):
        value = field.read(text, answers, facts)
        if value is None:
            return _ask(form, field, answers, facts, typed=text)
        answers[field.name] = value
    return _go_on(form, answers, facts)


def _go_on(form: Form, answers: Answers, facts: Facts) -> Step:
    field = form.waiting(answers)
    if field is None:
        return Step(Memory(), effects=(form.then(answers, facts),))
    return _ask(form, field, answers, facts)


def _ask(form: Form, field: Field, answers: Answers, facts: Facts, *, typed: str | None = None) -> Step:
    """The field's page; `typed` is what could not be read."""
    options = field.options(typed or "", answers, facts)[:MOST]
    choices = (
        *(Choice("pick", (field.name, one.name, one.day, one.value)) for one in options),
        *((Choice("skip", (field.name,)),) if field.may_skip else ()),
        Choice("cancel"),
    )
    told = {"again": typed is not None, "offered": len(options), "example": field.example(facts)}
    page = Reply(field.page, {**told, **field.shown(answers, facts)}, choices)
    return Step(Memory(state=STATE, purpose=form.name, answers=dict(answers)), (page,))


def answer(form: Form, memory: Memory, text: str, facts: Facts) -> Step:
    """What somebody says to the field that is asked: the next one, or the same again where it means nothing."""
    field = form.waiting(memory.answers)
    if field is None:
        return _go_on(form, memory.answers, facts)
    value = field.read(text, memory.answers, facts)
    if value is None:
        return _ask(form, field, memory.answers, facts, typed=text)
    return _go_on(form, {**memory.answers, field.name: value}, facts)


def _needs(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    form = FORMS.get(memory.purpose) if memory.state == STATE else None
    return form.needs(inbound, memory, facts) if form else ()


@admin_turn(f"staff.text.{STATE}", needs=_needs)
def typed(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    form = FORMS.get(memory.purpose)  # none: the program is another one than yesterday's
    return answer(form, memory, inbound.text.strip(), facts) if form else say(Memory(), "nothing_to_cancel")


@admin_turn("staff.choice.pick", "staff.choice.skip", needs=_needs)
def pressed(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A value of the field that is asked now; one of another page means nothing any more."""
    assert facts.chosen is not None
    form = FORMS.get(memory.purpose) if memory.state == STATE else None
    if form is None:
        return say(memory, "nothing_to_cancel")
    name, *value = facts.chosen.choice.args
    field = form.waiting(memory.answers)
    if field is None or field.name != name:
        return _go_on(form, memory.answers, facts)
    if value:
        return answer(form, memory, value[-1], facts)
    return _go_on(form, {**memory.answers, name: None}, facts)
