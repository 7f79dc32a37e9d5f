"""Posts change hands on the command line: invite with its paper, handover, revoke, and who holds what."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, Town

#: What somebody reads who holds no post.
STRANGER = (Path(__file__).parents[2] / "templates/id/officer/stranger.j2").read_text("utf-8").partition("{{")[0]
TODAY = datetime.now(UTC).date()
_IN_FORCE = "SELECT count(*) FROM holdings WHERE post_code = '{}' AND revoked_at IS NULL"


def post(run: Run, code: str) -> dict[str, Any]:
    (found,) = [shown for shown in json.loads(run("posts", "--json").out) if shown["post"] == code]
    return dict(found)


def code_of(out: str) -> str:
    found = re.search(r"^Code: (\w+)$", out, re.MULTILINE)
    assert found
    return found.group(1)


def enrol(run: Run, out: str, post: str) -> None:
    """The code of a command's output, typed on the phone of a post's holder."""
    assert run("talk", "--as", post, typed=f"/start {code_of(out)}\n").code == 0


def test_an_invitation_opens_the_staff_bot_by_the_name_that_telegram_told(
    run: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite = ("invite", "--role", "officer", "--post", "PETUGAS-DLH")
    town.change(f"INSERT INTO bot_accounts VALUES ('telegram', 'staff', 'petugas_kota_bot', '{TODAY} 00:00:00.000000')")
    assert "Type in the staff chat: /start " in run(*invite).out, "there is no such bot without its token"
    given = {"TOKEN": "1:x", "SECRET": "y"}
    for name, value in given.items():
        monkeypatch.setenv(f"TANGGAP_STAFF_TELEGRAM_{name}", value)
    monkeypatch.setenv("TANGGAP_TELEGRAM_API_URL", "http://127.0.0.1:1")
    said = run(*invite).out
    assert f"Link: https://t.me/petugas_kota_bot?start={code_of(said)}" in said
    monkeypatch.setenv("TANGGAP_STAFF_TELEGRAM_USERNAME", "petugas_bot")
    assert "https://t.me/petugas_bot?start=" in run("handover", "--post", "PETUGAS-DLH").out


@pytest.mark.parametrize(("own", "told"), [("", True), ("2002", False)])
def test_an_invitation_opens_the_one_whatsapp_number_too(
    run: Run, town: Town, monkeypatch: pytest.MonkeyPatch, own: str, told: bool
) -> None:
    values = {"TOKEN": "x", "APP_SECRET": "y", "VERIFY_TOKEN": "z", "PHONE_ID": "1001", "STAFF_PHONE_ID": own}
    for name, value in {**values, "NUMBER": "+62 812-0000-0001", "API_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(f"TANGGAP_WHATSAPP_{name}", value)
    said = run("invite", "--role", "officer", "--post", "PETUGAS-DLH").out
    assert (f"WhatsApp: https://wa.me/6281200000001?text=%2Fstart%20{code_of(said)}" in said) is told
    assert "Type in the staff chat: /start " in said


# --- who holds what


def test_it_is_said_who_holds_what_without_a_name(run: Run, town: Town) -> None:
    shown = run("posts", "--unit", "disdukcapil")
    assert (shown.code, shown.err) == (0, "")
    first, *_, last = shown.out.splitlines()
    assert re.fullmatch(r"[A-Z-]+  .+: definitif from \d{4}-\d\d-\d\d, person [0-9A-Z]+", first)
    assert re.fullmatch(r"(\d+) of \1 posts are held\.", last)


def test_units_with_a_group_are_named_and_others_are_not(run: Run, town: Town) -> None:
    address = "(SELECT min(id) FROM addresses)"
    for n, (unit, ended) in enumerate((("DLH", "NULL"), ("DISHUB", "'2026-01-01 00:00:00'"))):
        town.change(
            "INSERT INTO groups (id, unit_code, address_id, created_at, ended_at)"
            f" VALUES ({n + 1}, '{unit}', {address} + 0, '2026-01-01 00:00:00', {ended})"
        )
        address = "(SELECT max(id) FROM addresses)"
    assert run("posts").out.splitlines()[-1] == "Units with a group that hears bells: DLH."


def test_as_json_there_is_everything(run: Run, town: Town) -> None:
    found = post(run, "SEKDA")
    assert (found["title"], found["state"], found["reachable"]) == ("Sekretaris Daerah", "held", True)
    (holder,) = found["holders"]
    assert (holder["kind"], holder["until"], holder["decree"]) == ("definitif", None, None)


def test_a_holding_whose_time_is_over_is_a_vacancy_and_says_since_when(run: Run, town: Town) -> None:
    ended = TODAY - timedelta(days=2)
    town.change(f"UPDATE holdings SET starts_on = '2026-01-01', ends_on = '{ended}' WHERE post_code = 'SEKDA'")
    found = post(run, "SEKDA")
    assert (found["state"], found["holders"], found["ended_on"]) == ("expired", [], ended.isoformat())
    assert f"SEKDA  Sekretaris Daerah: vacant since {ended} (expired)" in run("posts").out


def test_a_holder_without_a_living_chat_cannot_be_reached(run: Run, town: Town) -> None:
    town.change(
        "UPDATE addresses SET state = 'dead' WHERE person_id IN"
        " (SELECT person_id FROM holdings WHERE post_code = 'SEKDA')"
    )
    assert post(run, "SEKDA")["reachable"] is False
    assert re.search(r"^SEKDA .*, cannot be reached$", run("posts").out, re.MULTILINE)


def test_who_is_away_is_reached_through_the_substitute(run: Run, town: Town) -> None:
    (sekda,), (other,) = (
        town.ask(f"SELECT person_id FROM holdings WHERE post_code = '{code}'") for code in ("SEKDA", "INSPEKTUR")
    )
    today = TODAY
    leave = "INSERT INTO leaves (id, person_id, substitute_id, starts_on, ends_on, created_at) VALUES"
    span = f"'{today - timedelta(days=1)}', '{today + timedelta(days=1)}', '2026-01-01 00:00:00.000000'"
    town.change(f"{leave} (1, {sekda[0]}, NULL, {span})")
    assert post(run, "SEKDA")["reachable"] is False
    town.change(f"UPDATE leaves SET substitute_id = {other[0]}")
    assert post(run, "SEKDA")["reachable"] is True


def test_a_unit_that_is_not_there_is_said_to_be_none(run: Run, town: Town) -> None:
    assert run("posts", "--unit", "DINAS-X").line.startswith("There is no unit DINAS-X")


# --- the paper of an invitation


def test_an_acting_holder_comes_in_with_kind_end_and_decree(run: Run, town: Town) -> None:
    until = (TODAY + timedelta(days=90)).isoformat()
    paper = ("--kind", "plt", "--until", until, "--decree", "800/12/BKD/2026")
    run("revoke", "--post", "SEKDA")
    ran = run("invite", "--role", "supervisor", "--post", "SEKDA", *paper)
    assert (ran.code, ran.err) == (0, "")
    enrol(run, ran.out, "SEKDA")
    found = post(run, "SEKDA")
    (holder,) = found["holders"]
    assert found["title"] == "Plt. Sekretaris Daerah"
    assert (holder["kind"], holder["until"], holder["decree"]) == ("Plt", until, "800/12/BKD/2026")


def test_an_acting_holder_without_an_end_is_taken_with_a_warning(run: Run, town: Town) -> None:
    ran = run("invite", "--role", "supervisor", "--post", "SEKDA", "--kind", "Plh")
    assert ran.code == 0
    assert ran.line.startswith("warning: Plh without --until")


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("--until 2020-01-01", 1, "--until 2020-01-01 is over already."),
        ("--until besok", 2, "Invalid value for '--until'"),
        ("--kind Pls", 2, "Invalid value for '--kind'"),
    ],
)
def test_a_paper_that_cannot_be_is_refused(run: Run, town: Town, typed: str, code: int, says: str) -> None:
    ran = run("invite", "--role", "supervisor", "--post", "SEKDA", *typed.split())
    assert (ran.code, ran.line.startswith(says)) == (code, True)
    assert town.ask("SELECT * FROM invitations") == []


# --- handing over, leaving


def test_a_handover_ends_the_holding_and_gives_the_successor_a_code(run: Run, town: Town) -> None:
    (before,) = town.ask("SELECT person_id FROM holdings WHERE post_code = 'KEPALA-DLH'")
    ran = run("handover", "--post", "kepala-dlh")
    assert ran.code == 0
    assert ran.out.startswith("Ended: 1 holding of Kepala Dinas")
    assert town.ask(_IN_FORCE.format("KEPALA-DLH")) == [(0,)]
    enrol(run, ran.out, "PETUGAS-DLH")  # the successor was an officer there, and is both from now on
    (after,) = town.ask("SELECT person_id FROM holdings WHERE post_code = 'KEPALA-DLH' AND revoked_at IS NULL")
    assert after != before


@pytest.mark.parametrize("command", ["handover", "revoke"])
def test_a_dry_run_says_what_would_end_and_ends_nothing(run: Run, town: Town, command: str) -> None:
    ran = run(command, "--post", "KEPALA-DLH", "--dry-run")
    assert (ran.code, ran.out.startswith("Would end: 1 holding of Kepala Dinas")) == (0, True)
    assert "Code" not in ran.out
    assert town.ask(_IN_FORCE.format("KEPALA-DLH")) == [(1,)]
    assert town.ask("SELECT * FROM invitations") == []


def test_a_handover_makes_earlier_codes_worthless(run: Run, town: Town) -> None:
    early = run("invite", "--role", "head", "--post", "KEPALA-DLH").out
    run("handover", "--post", "KEPALA-DLH")
    enrol(run, early, "KEPALA-DLH")
    assert town.ask(_IN_FORCE.format("KEPALA-DLH")) == [(0,)]


def test_who_is_revoked_is_a_stranger_at_once(run: Run, town: Town) -> None:
    ran = run("revoke", "--post", "PETUGAS-DLH")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Ended: 1 holding of Petugas pengaduan")
    said = run("talk", "--as", "PETUGAS-DLH", typed="/kotak\n").out
    assert STRANGER in said


def test_only_the_one_who_is_named_leaves(run: Run, town: Town) -> None:
    enrol(run, run("invite", "--role", "head", "--post", "KEPALA-DLH").out, "PETUGAS-DLH")
    first, second = (holder["person"] for holder in post(run, "KEPALA-DLH")["holders"])
    assert run("revoke", "--post", "KEPALA-DLH", "--person", first).code == 0
    assert [holder["person"] for holder in post(run, "KEPALA-DLH")["holders"]] == [second]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("--post KEPALA-DLH --person 7K3QD8", "Nobody of that id holds KEPALA-DLH"),
        ("--post KEPALA-DLH --person u-u", "u-u is no id of a person"),
        ("--post KEPALA-DINAS-X", "There is no post KEPALA-DINAS-X"),
    ],
)
def test_who_is_not_there_cannot_be_revoked(run: Run, town: Town, typed: str, says: str) -> None:
    ran = run("revoke", *typed.split())
    assert (ran.code, ran.line.startswith(says)) == (1, True)
    assert town.ask(_IN_FORCE.format("KEPALA-DLH")) == [(1,)]


def test_every_change_of_hands_is_in_the_trail(run: Run, town: Town) -> None:
    run("handover", "--post", "KEPALA-DLH")
    run("revoke", "--post", "SEKDA")
    acts = town.ask("SELECT action, actor FROM audit WHERE action IN ('revoke', 'invite') ORDER BY id")
    assert acts == [("revoke", "admin"), ("invite", "admin"), ("revoke", "admin")]
