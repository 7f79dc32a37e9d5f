"""The conversation as a table of turns. A turn is a pair: what it must know first, and what it then decides. Both pure.

A message finds its turn by name: `citizen.choice.send`, `staff.command.kotak`, `citizen.text.confirm` (text is read by
the state that the conversation is in).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from handlers.messages import Ask, Chosen, Facts, Goto, Inbound, Memory, Need, Step

Decision = Step | Ask | Goto
Decide = Callable[[Inbound, Memory, Facts], Decision]
Needs = Callable[[Inbound, Memory, Facts], tuple[Need[Any], ...]]


class Turn(NamedTuple):
    needs: Needs
    decide: Decide


TURNS: dict[str, Turn] = {}


def nothing(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """The needs of a turn that needs nothing."""
    return ()


def turn(*names: str, needs: Needs = nothing) -> Callable[[Decide], Decide]:
    """Register a `decide` under its names."""

    def register(decide: Decide) -> Decide:
        for name in names:
            assert name not in TURNS, f"two turns are called {name}"
            TURNS[name] = Turn(needs, decide)
        return decide

    return register


def command_of(text: str) -> tuple[str, str] | None:
    """A command and what stands behind it: "/status@bot TGP-26-7K3QD8 123456" -> ("status", "TGP-26-7K3QD8 123456")."""
    if not text.startswith("/") or len(text) < 2:
        return None
    word, *rest = text[1:].split(maxsplit=1) or [""]
    return word.partition("@")[0].lower(), rest[0].strip() if rest else ""


def first_turn(inbound: Inbound, memory: Memory, facts: Facts) -> str:
    """The name of the turn that a message starts with."""
    if inbound.group is not None:
        return _group_turn(inbound, facts)
    if inbound.edited or inbound.odd:
        return f"{inbound.account}.{'edited' if inbound.edited else 'odd'}"
    if facts.chosen and not _is_for_words(inbound, memory, facts.chosen):
        name = f"{inbound.account}.choice.{facts.chosen.choice.code}"
        return name if name in TURNS else f"{inbound.account}.stale"
    if command := command_of(inbound.text):
        name = f"{inbound.account}.command.{command[0]}"
        return name if name in TURNS else f"{inbound.account}.command.menu"
    if facts.quoted is not None and (inbound.text or inbound.media or inbound.place):
        return f"{inbound.account}.quoted"
    return text_turn(inbound, memory)


def _group_turn(inbound: Inbound, facts: Facts) -> str:
    """What is said in a group means next to nothing: two things have a turn, everything else is let alone."""
    command = command_of(inbound.text)
    said = f"command.{command[0]}" if command else "quoted" if facts.quoted is not None else ""
    name = f"group.{inbound.account}.{said}"
    return name if name in TURNS and not inbound.edited else "group.nothing"


def text_turn(inbound: Inbound, memory: Memory) -> str:
    """The name of the turn that reads plain words, or a place, where the conversation stands."""
    if inbound.place and memory.state not in ("replying", "heard"):
        return f"{inbound.account}.place"
    name = f"{inbound.account}.text.{memory.state}"
    return name if name in TURNS else f"{inbound.account}.text.idle"


def _is_for_words(inbound: Inbound, memory: Memory, chosen: Chosen) -> bool:
    """Whether what was typed ("2", "ya") is what an office waits for, and no choice of a page before; leaving is."""
    typed = inbound.choice is None
    return (
        typed
        and memory.state in ("replying", "heard")
        and (chosen.choice.code != "cancel" or inbound.text.strip().isdecimal())
    )


def argument(inbound: Inbound) -> str:
    """What stands behind a command."""
    command = command_of(inbound.text)
    return command[1] if command else ""
