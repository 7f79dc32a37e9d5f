"""/standar NAME: what an office promises of a service, for citizens and staff alike; what is missing is called so."""

from __future__ import annotations

from dataclasses import replace

from domain.services import Service
from domain.understanding.reading import read
from domain.understanding.services import find
from domain.vocabulary import Kind
from handlers.flows.citizen.wanting import begin
from handlers.flows.staff.entrance import staff_turn
from handlers.flows.turns import Decision, argument, text_turn, turn
from handlers.messages import CITIZEN, Choice, Facts, Goto, Inbound, Memory, Reply, Step
from handlers.shown import service_facts

#: A service that is asked for by its name is short; anything longer is a story.
LONGEST_NAME, MOST_WORDS = 60, 6
#: How many services are offered at once.
MOST = 8
#: Where a conversation stands after something was asked that a name alone answers.
ASKED = "standard"


@turn("citizen.command.standar")
def of_citizen(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return _answer(argument(inbound), inbound, memory, facts)


@staff_turn("staff.command.standar")
def of_staff(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return _answer(argument(inbound), inbound, memory, facts)


@turn(f"citizen.text.{ASKED}")
def named(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A service's name, behind the question which one; whatever says more, or finds nothing, is a story as ever."""
    after = replace(memory, state="idle")
    if _is_a_name(inbound, facts) and find(inbound.text, facts.region):
        return _answer(inbound.text, inbound, after, facts)
    return Goto(text_turn(inbound, after), after)


def _is_a_name(inbound: Inbound, facts: Facts) -> bool:
    text = inbound.text
    short = len(text) <= LONGEST_NAME and len(text.split()) <= MOST_WORDS
    return short and not inbound.media and not read(text, facts.region).suspicious


def _answer(typed: str, inbound: Inbound, memory: Memory, facts: Facts) -> Step:
    if not typed:
        return Step(_waiting(memory, inbound), (Reply("shared/standard_ask"),))
    found = find(typed, facts.region)
    if not found:
        none = "citizen/standard_none" if inbound.account == CITIZEN else "officer/standard_none"
        return Step(memory, (Reply(none, {"typed": typed[:LONGEST_NAME]}),))
    if len(found) == 1:
        return _show(found[0], inbound, memory, facts)
    offered = tuple(Choice("standard", (service.code, _name(service, facts))) for service in found[:MOST])
    page = Reply("shared/standards", {"typed": typed[:LONGEST_NAME], "more": len(found) > MOST}, offered)
    return Step(_waiting(memory, inbound), (page,))


def _waiting(memory: Memory, inbound: Inbound) -> Memory:
    """What is typed next may be a name; but nothing that somebody is in the middle of is given up for that."""
    at_rest = memory.state in ("idle", ASKED)
    return replace(memory, state=ASKED) if at_rest and inbound.account == CITIZEN else memory


def _name(service: Service, facts: Facts) -> str:
    return service.name.get(facts.language) or service.name["id"]


def _show(service: Service, inbound: Inbound, memory: Memory, facts: Facts) -> Step:
    """The page of one service; a citizen may go on from it."""
    onward = ("complain_about", "ask_about") if inbound.account == CITIZEN else ()
    choices = tuple(Choice(code, (service.code,)) for code in onward)
    after = replace(memory, state="idle") if memory.state == ASKED else memory
    return Step(after, (Reply("shared/standard", service_facts(service, facts.region), choices),))


def _chosen(facts: Facts) -> Service | None:
    """The service of the pressed choice; None where the files have changed since."""
    assert facts.chosen is not None
    return facts.region.services.get(facts.chosen.choice.args[0])


def _show_chosen(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    service = _chosen(facts)
    if service is None:
        return Goto(f"{inbound.account}.command.standar", memory)
    return _show(service, inbound, memory, facts)


@turn("citizen.choice.standard")
def chosen_by_citizen(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return _show_chosen(inbound, memory, facts)


@staff_turn("staff.choice.standard")
def chosen_by_staff(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return _show_chosen(inbound, memory, facts)


@turn("citizen.choice.complain_about")
def complain(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return begin(Kind.COMPLAINT, inbound, memory, facts, service=_chosen(facts))


@turn("citizen.choice.ask_about")
def ask(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return begin(Kind.INFORMATION, inbound, memory, facts, service=_chosen(facts))
