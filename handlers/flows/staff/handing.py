"""To another desk: Teruskan, and Bukan wewenang with the unit whose it is, suggested by the story or typed."""

from __future__ import annotations

from domain.lifecycle import MOST_HANDBACKS
from domain.routing import proposals
from domain.understanding.reading import read, unit_named
from handlers.flows.cases import Case
from handlers.flows.effects import ForwardTicket, HandBack
from handlers.flows.staff.desk import applies, is_stale, pressed, pressed_case, remembered, remembered_case, show
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.turns import Decision
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Reply, Step


def _offered(case: Case, facts: Facts) -> tuple[str, ...]:
    """Units that the story may be for, without those that may not learn of it and those that have had it."""
    had = {part.text for part in case.thread if part.kind == "handover"}
    barred = case.view.exclusions.units | {case.view.unit}
    found = (unit for unit in proposals(read(case.story, facts.region), facts.region) if unit not in barred)
    return tuple(unit for unit in found if not any(f'"{unit}"' in way for way in had))


def _ask_unit(case: Case, state: str, page: Reply) -> Step:
    return Step(Memory(state=state, ticket=case.view.id, version=case.version), (page,))


@staff_turn("staff.choice.forward", needs=pressed)
def ask_where(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None or not applies("forward", case, facts):
        return show(memory, case, facts, note="stale")
    key = str(case.view.id)
    choices = tuple(Choice("forward_to", (key, unit)) for unit in _offered(case, facts))
    shown = {"number": case.number, "any": bool(choices)}
    page = Reply("officer/forward", shown, (*choices, Choice("cancel")), ticket=case.view.id, version=case.version)
    return _ask_unit(case, "forwarding", page)


@staff_turn("staff.choice.not_ours", needs=pressed)
def ask_whose(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The suggestion costs one tap; who does not know says so, and the front desk finds out."""
    case = pressed_case(facts)
    if case is None or not applies("not_ours", case, facts):
        return show(memory, case, facts, note="stale")
    key = str(case.view.id)
    third = case.handbacks + 1 >= MOST_HANDBACKS
    units = () if third else _offered(case, facts)
    choices = (*(Choice("hand_back_to", (key, unit)) for unit in units), Choice("hand_back", (key,)), Choice("cancel"))
    shown = {"number": case.number, "any": bool(units), "third": third}
    page = Reply("officer/not_ours", shown, choices, ticket=case.view.id, version=case.version)
    return _ask_unit(case, "handing_back", page)


@staff_turn("staff.choice.forward_to", "staff.choice.hand_back_to", "staff.choice.hand_back", needs=pressed)
def to_chosen_unit(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    assert facts.chosen is not None
    if case is None or is_stale(case, facts):
        return show(memory, case, facts, note="stale")
    unit = facts.chosen.choice.args[1] if len(facts.chosen.choice.args) > 1 else None
    if facts.chosen.choice.code == "forward_to" and unit:
        return Step(Memory(), effects=(ForwardTicket(case.view.id, case.version, unit),))
    return Step(Memory(), effects=(HandBack(case.view.id, case.version, unit),))


@staff_turn("staff.text.forwarding", "staff.text.handing_back", needs=remembered)
def to_named_unit(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = remembered_case(memory, facts)
    if case is None:
        return Goto("staff.text.idle", Memory())
    unit = unit_named(inbound.text, facts.region)
    if unit is None or unit == case.view.unit:
        return say(memory, "unit_unknown", typed=inbound.text.strip()[:60])
    version = memory.version or case.version
    if memory.state == "forwarding":
        return Step(Memory(), effects=(ForwardTicket(case.view.id, version, unit),))
    return Step(Memory(), effects=(HandBack(case.view.id, version, unit),))
