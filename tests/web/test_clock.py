"""The town's clock, the tickets and their timelines over HTTP."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from typing import Any

import pytest

from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.town import LANGUAGES
from tests.web.serving import Demo

OFFICER = "petugas-disdukcapil"


def move(demo: Demo, how: str) -> dict[str, Any]:
    answer = demo.http.post("/demo/clock", json={"move": how}, timeout=60)
    answer.raise_for_status()
    moved: dict[str, Any] = answer.json()
    return moved


def test_the_clock_stands_where_the_town_is(demo: Demo) -> None:
    clock = demo.http.get("/demo/clock").json()
    assert clock["now"].startswith("2026-09-07T09:0")
    assert clock["now"].endswith("+07:00")
    assert clock["open"] is True
    assert clock["next"] is None


def test_the_clock_moves_by_an_hour_and_to_the_next_opening(demo: Demo) -> None:
    assert move(demo, "hour")["now"].startswith("2026-09-07T10:0")
    for _ in range(7):
        later = move(demo, "hour")
    assert later["now"].startswith("2026-09-07T17:0")
    assert later["open"] is False
    tuesday = move(demo, "working_day")
    assert tuesday["now"].startswith("2026-09-08T07:30")
    assert tuesday["open"] is True
    days = [move(demo, "working_day")["now"][:10] for _ in range(4)]
    assert days == ["2026-09-09", "2026-09-10", "2026-09-11", "2026-09-14"]


def test_the_next_morning_is_that_of_the_next_digests(demo: Demo) -> None:
    assert move(demo, "morning")["now"].startswith("2026-09-08T07:30")
    for _ in range(16):
        late = move(demo, "hour")
    assert late["now"].startswith("2026-09-08T23:3")
    assert move(demo, "morning")["now"].startswith("2026-09-09T07:30")


@pytest.mark.parametrize("body", [{"move": "back"}, {"move": None}, {}, {"move": -1}, {"move": "next_deadline"}])
def test_a_move_that_is_none_is_refused(demo: Demo, body: dict[str, Any]) -> None:
    answer = demo.http.post("/demo/clock", json=body)
    assert answer.status_code == 400
    assert "next_deadline" in answer.json()["error"]
    assert demo.http.get("/demo/clock").json()["now"].startswith("2026-09-07T09:0")


def test_the_clock_never_goes_back(demo: Demo) -> None:
    screen = demo.screen("citizen", OFFICER, "kepala-disdukcapil")
    screen.complains("citizen", SLOW)
    seen = [demo.http.get("/demo/clock").json()["now"]]
    for how in ("hour", "next_deadline", "next_deadline", "working_day", "next_deadline", "hour"):
        seen += [move(demo, how)["now"], demo.http.get("/demo/clock").json()["now"]]
    moments = [datetime.fromisoformat(moment) for moment in seen]
    assert moments == sorted(moments)


def test_the_next_deadline_is_reached_fired_and_told_to_everybody(demo: Demo) -> None:
    screen = demo.screen("citizen", OFFICER, "kepala-disdukcapil")
    number = screen.complains("citizen", SLOW)
    upcoming = screen.wait(
        lambda: next(
            (data["next"] for kind, data in reversed(screen.events) if kind == "clock" and data["next"]), None
        ),
        "a clock that knows the new deadline",
    )
    assert demo.http.get("/demo/clock").json()["next"] == upcoming
    screen.sees(OFFICER, number)
    before = len(screen.of(OFFICER))
    moved = move(demo, "next_deadline")
    assert moved["fired"] >= 1
    assert moved["now"] == upcoming
    assert moved["next"] > upcoming
    assert len(screen.of(OFFICER)) > before, "the reminder is there when the move is answered"
    screen.wait(lambda: screen.hears("clock")["now"] >= moved["now"], "the clock on the stream")
    assert number in screen.of(OFFICER)[-1]["text"]
    screen.hears("ticket")


def test_a_move_does_not_wait_for_a_phone_that_is_off(demo: Demo) -> None:
    screen = demo.screen("citizen")
    screen.complains("citizen", SLOW)
    assert move(demo, "next_deadline")["fired"] >= 1


def test_two_moves_at_once_follow_one_another(demo: Demo) -> None:
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(move(demo, "hour")["now"])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moment[:13] for moment in answers) == ["2026-09-07T10", "2026-09-07T11", "2026-09-07T12"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tickets_and_timelines_tell_acts_and_no_word_of_the_story(demo: Demo, language: str) -> None:
    screen = demo.screen("citizen", "citizen-2", OFFICER, "inspektur", "kepala-disdukcapil")
    told = {"citizen": f"{SLOW} zebra", "citizen-2": f"{PUNGLI} zebra"}
    numbers = [screen.complains(phone, story) for phone, story in told.items()]
    screen.presses(OFFICER, "take", "answer")
    screen.types(OFFICER, "jawaban zebra")
    screen.presses(OFFICER, "send")
    answer = screen.sees("citizen", "jawaban zebra")["id"]
    answered = "SELECT 1 FROM outbox WHERE page = 'citizen/answer' AND state = 'sent'"
    demo.until(lambda: demo.rows(answered), "the answer can be quoted")
    screen.types("citizen", "tambahan zebra", reply_to=answer)
    move(demo, "next_deadline")

    tickets = demo.http.get("/demo/tickets").json()["tickets"]
    assert [ticket["number"] for ticket in tickets] == numbers[::-1]
    assert {ticket["kind"] for ticket in tickets} == {"complaint", "oversight"}
    assert all(set(ticket) == {"number", "state", "kind", "unit"} for ticket in tickets)

    shown = [demo.http.get(f"/demo/tickets/{number}", params={"lang": language}).json() for number in numbers]
    slow = shown[0]
    assert slow["unit_name"] == "Dinas Kependudukan dan Pencatatan Sipil"
    assert [stop["name"] for stop in slow["deadlines"]] == ["verify", "first_response", "binding"]
    assert [stop["done"] for stop in slow["deadlines"]] == [True, True, False]
    assert len(slow["events"]) >= 4
    assert [event["at"] for event in slow["events"]] == sorted(event["at"] for event in slow["events"])
    citizen = {"id": "Warga", "en": "Citizen"}[language]
    assert slow["events"][0]["who"] == citizen
    everything = json.dumps([tickets, shown])
    for word in ("zebra", b"zebra".hex(), "tiga minggu", "50 ribu", "Sari"):
        assert word.casefold() not in everything.casefold()


def test_the_timeline_shows_a_reminder(demo: Demo) -> None:
    screen = demo.screen("citizen", OFFICER)
    number = screen.complains("citizen", SLOW)
    before = demo.http.get(f"/demo/tickets/{number}").json()["events"]
    move(demo, "next_deadline")
    events = demo.http.get(f"/demo/tickets/{number}").json()["events"]
    assert len(events) > len(before)
    assert (events[-1]["icon"], events[-1]["who"]) == ("clock", "Jam kota")


def test_an_unknown_ticket_is_not_found(demo: Demo) -> None:
    for number in ("TGP-26-000000", "x", "%00", "🙂"):
        assert demo.http.get(f"/demo/tickets/{number}").status_code == 404
