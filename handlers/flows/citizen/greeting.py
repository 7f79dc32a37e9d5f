"""Being welcomed, and the commands that any citizen may type at any time."""

from __future__ import annotations

from dataclasses import replace

from handlers.flows.effects import SetLanguage
from handlers.flows.turns import Decision, turn
from handlers.messages import Choice, Draft, Facts, Goto, Inbound, Memory, Reply, Step

LANGUAGES = ("id", "en")


def say(memory: Memory, page: str, *choices: Choice, **facts: object) -> Step:
    """One page, and nothing else changes."""
    return Step(memory, (Reply(f"citizen/{page}", facts, choices),))


@turn("citizen.welcome")
def welcome(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The greeting, with the privacy notice in the same message when we meet for the first time."""
    return say(memory, "welcome", town=facts.region.name, first=facts.first)


@turn("citizen.command.start", "citizen.command.lapor")
def start(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if memory.draft and memory.draft.story and not memory.draft.parked:
        return Goto("citizen.review", memory)
    if memory.draft and memory.draft.story:
        return Goto("citizen.parked", memory)
    media = memory.draft.media if memory.draft else ()
    return Goto("citizen.welcome", replace(memory, state="idle", draft=Draft(media=media) if media else None))


@turn("citizen.command.menu", "citizen.command.bantuan")
def menu(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return say(memory, "menu", town=facts.region.name)


@turn("citizen.command.privasi")
def privacy(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return say(memory, "privacy", town=facts.region.name)


@turn("citizen.thanks")
def thanks(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return say(memory, "thanks")


@turn("citizen.command.bahasa", "staff.command.bahasa")
def ask_language(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return Step(memory, (Reply("shared/language", {}, tuple(Choice(f"language_{code}") for code in LANGUAGES)),))


@turn("citizen.choice.language_id", "staff.choice.language_id")
def speak_indonesian(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return _speak(memory, "id")


@turn("citizen.choice.language_en", "staff.choice.language_en")
def speak_english(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return _speak(memory, "en")


def _speak(memory: Memory, language: str) -> Step:
    return Step(memory, (Reply("shared/language_set", {"language": language}),), (SetLanguage(language),))
