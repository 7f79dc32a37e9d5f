"""A story that is not ours to settle: whose it is, and how its citizen reaches them. No door is closed by it."""

from __future__ import annotations

from domain.region import Body
from domain.understanding.reading import Reading
from domain.vocabulary import Kind
from handlers.messages import Choice, Draft, Facts, Reply
from handlers.shown import body_facts


def body_of(draft: Draft, reading: Reading, facts: Facts) -> Body | None:
    """The body outside that a draft is for: the one chosen, or the one understood. None where its citizen wants it sent
    all the same, has named an office of ours, accuses somebody, or is in danger."""
    if draft.ours or draft.urgent or draft.kind is Kind.OVERSIGHT:
        return None
    understood = None if draft.unit else reading.referral
    return facts.region.bodies.get(draft.body or understood or "")


def offered_body(draft: Draft, reading: Reading, facts: Facts) -> tuple[Choice, ...]:
    """The body outside that may be meant, after our own offices."""
    body = None if draft.ours else facts.region.bodies.get(reading.perhaps_elsewhere or "")
    name = body.name.get(facts.language, body.name["id"]) if body else ""
    return (Choice("body", (body.code, name, str(draft.revision))),) if body else ()


def elsewhere_page(body: Body, draft: Draft, facts: Facts) -> Reply:
    """Whose it is and how to reach them; the case is kept, or sent all the same."""
    revision = (str(draft.revision),)
    shown = {"first": facts.first, "body": body_facts(body)}
    return Reply("citizen/elsewhere", shown, (Choice("refer", revision), Choice("send_anyway", revision)))
