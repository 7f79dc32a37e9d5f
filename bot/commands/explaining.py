"""`tanggap explain`: where every date of a case comes from, for whoever has to answer for it."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.commands.faults import Fault
from bot.commands.in_force import region_in_force
from bot.commands.people import started
from bot.commands.posts import reading
from domain.numbers import parse_number
from domain.region import plain_hours
from domain.vocabulary import OPEN_STATES, Kind, State
from handlers.actions import promises
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases
from storage.tables import Ticket

_DATES = ("verify_by", "first_response_by", "resolve_by", "statutory_by", "binding_by")


def explain(
    number: Annotated[str, typer.Argument(help="The ticket's number.")],
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """The dates of a case and what each was counted from: moments, rule, waiting, the calendar as it was. No story."""
    settings = started()
    region = region_in_force(settings)
    wanted = parse_number(number)
    with reading(settings, region) as session:
        found = session.plan.fetch(Ticket, cases.BY_NUMBER, {"number": wanted}) if wanted else []
        if not found:
            raise Fault(f"There is no ticket {number}.")
        facts = _facts_of(session, found[0])
    typer.echo(jsonlib.dumps(facts, default=str) if json else "\n".join(_lines_of(facts)))


def _facts_of(session: Session, ticket: Record) -> dict[str, Any]:
    desk = session.region.calendar_of(ticket.unit_code)

    def local(moment: datetime | None) -> str | None:
        return moment.astimezone(ZoneInfo(session.region.zone)).isoformat(timespec="minutes") if moment else None

    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "unit": ticket.unit_code,
        **{name: local(getattr(ticket, name)) for name in _DATES},
        "provisional": ticket.provisional,
        "counted_from": {
            "received_at": local(ticket.received_at),
            "reopened_at": local(ticket.reopened_at),
            "desk_since": local(ticket.desk_since),
        },
        "rule": _rule_of(session, ticket),
        "pauses": [
            {"since": local(row.since), "until": local(row.until)} for row in promises.pauses_of(session, ticket)
        ],
        "calendar": plain_hours(ticket.calendar or session.region.units[ticket.unit_code].calendar),
        "calendar_version": ticket.calendar_version,
        "desk_zone": desk.zone,
        "moved_from": local(ticket.moved_from),
        "moved_at": local(ticket.moved_at),
        "counts_the_same_now": _counts_the_same(session, ticket),
    }


def _rule_of(session: Session, ticket: Record) -> dict[str, Any] | None:
    """The days of the rule that the case came under; a letter has none, its date stands in it."""
    if ticket.kind == Kind.LETTER:
        return None
    policy = promises.policy_of(session, ticket)
    return {
        "verify": policy.verify,
        "first_response": policy.first_response,
        "resolve": policy.reopened if ticket.reopened_at else policy.resolve,
        "statutory_days": policy.statutory_days,
        "since": policy.since.isoformat(),
        "basis": policy.basis,
    }


def _counts_the_same(session: Session, ticket: Record) -> bool | None:
    """Whether its history gives the same dates by the calendars as they are now; those of an ended case stand."""
    is_alive = State(ticket.state) in OPEN_STATES | {State.WAITING_CITIZEN}
    return promises.counted(session, ticket) == promises.dates_of(ticket) if is_alive else None


def _lines_of(facts: dict[str, Any]) -> Iterator[str]:
    since = facts["counted_from"]
    yield f"{facts['number']}, {facts['kind']}, read by {facts['unit']}"
    yield f"Received {since['received_at']}" + (f", sent back {since['reopened_at']}" if since["reopened_at"] else "")
    reasons = _reasons_of(facts)
    yield from (f"{name} {facts[name]}: {why}" for name, why in reasons.items() if facts[name])
    yield f"binding_by {facts['binding_by']}" + (" (an estimate)" if facts["provisional"] else "")
    yield from (f"Waited for the citizen from {one['since']} until {one['until']}" for one in facts["pauses"])
    yield f"Calendar {facts['calendar']}, version {facts['calendar_version']}"
    if facts["rule"]:
        yield f"Rule since {facts['rule']['since']}: {facts['rule']['basis']}"
    if facts["moved_at"]:
        yield f"Moved on {facts['moved_at']} by a change of the calendar, before: {facts['moved_from']}"
    if facts["counts_the_same_now"] is not None:
        yield f"Counted again now it {'is the same' if facts['counts_the_same_now'] else 'would differ'}."


def _reasons_of(facts: dict[str, Any]) -> dict[str, str]:
    """How each date was counted."""
    rule, since = facts["rule"], facts["counted_from"]
    if rule is None:
        return {"resolve_by": "the letter's own day, or the working day before it"}
    start = since["reopened_at"] or since["received_at"]
    desk = since["desk_since"] or start
    waited = ", and what was waited" if facts["pauses"] else ""
    return {
        "verify_by": f"{rule['verify']} working days after {desk}",
        "first_response_by": f"{rule['first_response']} working days after {desk}",
        "resolve_by": f"{rule['resolve']} working days after {start}{waited}",
        "statutory_by": f"{rule['statutory_days']} calendar days after {since['received_at']}",
    }
