"""Conversations. Importing this package registers every turn."""

from handlers.flows import oddities
from handlers.flows.citizen import (
    cases,
    confirmation,
    data,
    editing,
    greeting,
    hearing,
    locking,
    placing,
    replying,
    story,
    verdicts,
    wanting,
)
from handlers.flows.staff import (
    answering,
    desk,
    entrance,
    handing,
    leaving,
    postponing,
    recap,
    recording,
    rewording,
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
    "editing",
    "entrance",
    "first_turn",
    "greeting",
    "handing",
    "hearing",
    "leaving",
    "locking",
    "oddities",
    "placing",
    "postponing",
    "recap",
    "recording",
    "replying",
    "rewording",
    "searching",
    "story",
    "verdicts",
    "wanting",
]
