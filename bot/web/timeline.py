"""A ticket's journey for the demo page: who did what and when, and the track of its deadlines. No word of the story."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Connection

from bot.app import Program
from bot.folders import find
from domain.deadlines import breached
from domain.region import Region
from storage.audit import COLUMN
from storage.queries import cases, timeline

MOST = 2000
_CITIZENS = ("open", "complete", "reopen", "accept", "rate", "withdraw")
_ICONS = {
    **dict.fromkeys(_CITIZENS, "in"),
    **dict.fromkeys(("take", "forward", "hand_back", "postpone", "note", "record"), "staff"),
    **dict.fromkeys(("remind", "explain", "explained", "acknowledge"), "staff"),
    **dict.fromkeys(("answer", "ask"), "out"),
    **dict.fromkeys(("step", "lapse", "run_again", "breach"), "clock"),
}


def latest(program: Program) -> list[dict[str, Any]]:
    """The newest tickets, one line each."""
    with program.readers.begin() as connection:
        rows = connection.execute(timeline.LATEST, {"most": MOST})
        return [{"number": r.number, "state": r.state, "kind": r.kind, "unit": _unit(program, r)} for r in rows]


def _unit(program: Program, row: Any) -> str:
    return program.region.units[row.unit_code].name


def of_ticket(program: Program, number: str, language: str) -> dict[str, Any] | None:
    """One ticket's deadlines and events; None for an unknown number."""
    with program.readers.begin() as connection:
        row = connection.execute(cases.BY_NUMBER, {"number": number}).first()
        if row is None:
            return None
        now = program.house.clock.read(connection).town
        return {
            "number": row.number,
            "state": row.state,
            "kind": row.kind,
            "unit_name": _unit(program, row),
            "deadlines": _deadlines(program, row, now),
            "events": _events(program, connection, row, _words(language)),
        }


def _words(language: str) -> dict[str, str]:
    text = find(Path("templates") / "web" / f"timeline.{language}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def _deadlines(program: Program, row: Any, now: datetime) -> list[dict[str, Any]]:
    verified = row.state != "received" and (row.taken_by is not None or row.first_response_at is not None)
    track = (
        ("verify", row.verify_by, row.first_response_at if verified else None, verified),
        ("first_response", row.first_response_by, row.first_response_at, row.first_response_at is not None),
        ("binding", row.binding_by, row.resolved_at, row.resolved_at is not None),
    )
    return [_stop(program, name, by, at, now, done=done) for name, by, at, done in track if by]


def _stop(
    program: Program, name: str, by: datetime, at: datetime | None, now: datetime, *, done: bool
) -> dict[str, Any]:
    late = breached(by, at or now) if at or not done else False
    return {"name": name, "at": _local(program, by), "done": done, "late": late}


def _local(program: Program, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(program.region.zone)).isoformat(timespec="seconds")


def _events(program: Program, connection: Connection, row: Any, words: dict[str, str]) -> list[dict[str, Any]]:
    acts = connection.execute(timeline.ACTS, {"ticket": row.id})
    found = [_event(program, connection, act, words) for act in acts if act.action in words]
    for added in connection.execute(timeline.ADDITIONS, {"ticket": row.id}):
        event = {"who": words["citizen"], "what": words["addition"], "icon": "in"}
        found.append({"at": _local(program, added.town_at), **event})
    return sorted(found, key=lambda event: str(event["at"]))


def _event(program: Program, connection: Connection, act: Any, words: dict[str, str]) -> dict[str, Any]:
    payload = program.house.vault.open_json(COLUMN, act.id, act.payload_sealed)["payload"] if act.payload_sealed else {}
    return {
        "at": _local(program, act.town_at),
        "who": _who(program, connection, act, words),
        "what": words[act.action].replace("{to}", _named(program.region, payload or {})),
        "icon": _ICONS.get(act.action, "flag"),
    }


def _named(region: Region, payload: dict[str, Any]) -> str:
    """The post or unit that an act names."""
    code = str(payload.get("post") or payload.get("unit") or "")
    if code in region.posts:
        return region.posts[code].title
    return region.units[code].name if code in region.units else ""


def _who(program: Program, connection: Connection, act: Any, words: dict[str, str]) -> str:
    if act.actor == "citizen":
        return words["citizen"]
    if act.person_id is None:
        return words["clock"]
    posts = connection.execute(timeline.POSTS_OF, {"person": act.person_id}).scalars()
    return next((program.region.posts[post].title for post in posts if post in program.region.posts), words["staff"])
