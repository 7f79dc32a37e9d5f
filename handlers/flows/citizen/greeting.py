"""Being welcomed, and the commands that any citizen may type at any time."""

from __future__ import annotations

from dataclasses import replace

from domain.numbers import parse_number
from handlers.flows.effects import SetLanguage
from handlers.flows.turns import Decision, argument, turn
from handlers.messages import Choice, Draft, Facts, Goto, Inbound, Memory, Reply, Step

LANGUAGES = ("id", "en")
#: How the payload of a link begins that names a unit.
UNIT_LINK = "u-"
#: What may come before the story and outlives a greeting.
_KEPT = ("media", "parts", "place", "place_from", "place_asked")


def say(memory: Memory, page: str, *choices: Choice, **facts: object) -> Step:
    """One page, and nothing else changes."""
    return Step(memory, (Reply(f"citizen/{page}", facts, choices),))


@turn("citizen.welcome")
def welcome(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The greeting, with the privacy notice in the same message when we meet for the first time."""
    draft = memory.draft
    unit = facts.region.units[draft.unit].name if draft and draft.unit and draft.linked and not draft.story else None
    return say(memory, "welcome", town=facts.region.name, first=facts.first, unit=unit)


@turn("citizen.command.start", "citizen.command.lapor")
def start(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What a link names (`TGP-26-7K3QD8`), a story that is being written, or a new one, to a link's unit."""
    if number := parse_number(argument(inbound)):
        return say(replace(memory, state="pin", text=number), "ask_pin", number=number, first=facts.first)
    if memory.draft and memory.draft.story:
        return Goto("citizen.parked" if memory.draft.parked else "citizen.review", memory)
    unit = linked_unit(argument(inbound), facts)
    draft = replace(begun(memory), unit=unit, linked=unit is not None)
    return Goto("citizen.welcome", replace(memory, state="idle", draft=draft if draft != Draft() else None))


def begun(memory: Memory) -> Draft:
    """What came before a story: pictures and a place."""
    return replace(Draft(), **{name: getattr(memory.draft, name) for name in _KEPT}) if memory.draft else Draft()


def linked_unit(payload: str, facts: Facts) -> str | None:
    """The unit of a link (`u-DISDUKCAPIL`, on a counter's sign); None for any other payload."""
    if payload[: len(UNIT_LINK)].lower() != UNIT_LINK:
        return None
    code = payload[len(UNIT_LINK) :].upper()
    return code if code in facts.region.units else None


@turn("citizen.command.menu", "citizen.command.bantuan")
def menu(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return say(memory, "menu", town=facts.region.name)


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
