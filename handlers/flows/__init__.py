"""Conversations. Importing this package registers every turn."""

from handlers.flows.citizen import cases, confirmation, greeting, story
from handlers.flows.staff import answering, desk, entrance, recap
from handlers.flows.turns import TURNS, first_turn

__all__ = [
    "TURNS",
    "answering",
    "cases",
    "confirmation",
    "desk",
    "entrance",
    "first_turn",
    "greeting",
    "recap",
    "story",
]
