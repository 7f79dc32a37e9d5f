"""A form asks its fields one after the other; what it asks and what it leads to is data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.dates import days_in
from handlers.flows.staff.forms import STATE, Answers, Field, Form, Option, answer, open_form
from handlers.flows.staff.postponing import today
from handlers.messages import Effect, Facts, Memory, Step
from tests.flows.talk import NOW, PERSON
from tests.kit.town import siantar

FACTS = Facts(siantar(), NOW, "id", PERSON, False, None, None, None)


@dataclass(frozen=True)
class Painted(Effect):
    """What the form is for."""

    answers: Any


def _colour(typed: str, answers: Answers, facts: Facts) -> str | None:
    return typed.lower() if typed.lower() in ("merah", "biru") else None


def _colours(typed: str, answers: Answers, facts: Facts) -> tuple[Option, ...]:
    return (Option("merah", "Merah"), Option("biru", "Biru"))


def _day(typed: str, answers: Answers, facts: Facts) -> str | None:
    days = days_in(typed, today(facts))
    return str(days[0]) if days else None


PAINT = Form(
    "paint",
    (
        Field("colour", _colour, "officer/colour", options=_colours),
        Field(
            "day", _day, "officer/day", lambda facts: "7/12", shown=lambda answers, facts: dict(answers), may_skip=True
        ),
    ),
    lambda answers, facts: Painted(dict(answers)),
)


def _codes(step: Step) -> list[str]:
    return [choice.code for choice in step.replies[0].choices]


def test_the_first_field_is_asked_with_its_values_and_a_way_out() -> None:
    step = open_form(PAINT, FACTS)
    assert step.replies[0].page == "officer/colour"
    assert step.replies[0].facts == {"again": False, "offered": 2, "example": ""}
    assert _codes(step) == ["pick", "pick", "cancel"]
    assert step.memory == Memory(state=STATE, purpose="paint")


def test_what_means_nothing_is_asked_again_and_nothing_is_lost() -> None:
    step = answer(PAINT, open_form(PAINT, FACTS, ["biru"]).memory, "kapan saja", FACTS)
    assert step.replies[0].page == "officer/day"
    assert step.replies[0].facts == {"again": True, "offered": 0, "example": "7/12", "colour": "biru"}
    assert _codes(step) == ["skip", "cancel"]
    assert step.memory.answers == {"colour": "biru"}


def test_the_last_answer_leads_to_the_effect_and_the_form_is_forgotten() -> None:
    step = answer(PAINT, open_form(PAINT, FACTS, ["biru"]).memory, "9 Desember 2026", FACTS)
    assert step == Step(Memory(), effects=(Painted({"colour": "biru", "day": str(date(2026, 12, 9))}),))


def test_a_form_that_begins_with_an_answer_that_means_nothing_asks_for_it() -> None:
    step = open_form(PAINT, FACTS, ["ungu", "7/12"])
    assert step.replies[0].page == "officer/colour"
    assert step.replies[0].facts["again"]
    assert step.memory.answers == {}


def test_a_form_whose_answers_are_all_given_goes_straight_to_its_effect() -> None:
    assert open_form(PAINT, FACTS, ["merah", "7/12"]).effects == (Painted({"colour": "merah", "day": "2026-12-07"}),)
