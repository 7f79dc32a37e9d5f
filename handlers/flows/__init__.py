"""Conversations. Importing this package registers every turn."""

from handlers.flows.citizen import (
    cases,
    confirmation,
    data,
    greeting,
    hearing,
    locking,
    replying,
    story,
    verdicts,
    wanting,
)
from handlers.flows.staff import (
    answering,
    desk,
    entrance,
    grouping,
    handing,
    leaving,
    postponing,
    recap,
    recording,
    searching,
)
from handlers.flows.turns import TURNS, first_turn

__all__ = [
    "TURNS",
    "answering",
    "cases",
    "confirmation",
    "data",
    "desk",
    "entrance",
    "first_turn",
    "greeting",
    "grouping",
    "handing",
    "hearing",
    "leaving",
    "locking",
    "postponing",
    "recap",
    "recording",
    "replying",
    "searching",
    "story",
    "verdicts",
    "wanting",
]
