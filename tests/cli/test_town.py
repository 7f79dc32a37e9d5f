"""Commands that work on a town's database: its schema, who may come in, what is due, and the trail of what was done."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Town

# --- migrate


def test_migrate_makes_the_database_and_says_where_it_is(run: Run, keys: str, folder: Path) -> None:
    ran = run("migrate")
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"The database is at schema \w+\.\n", ran.out)
    assert (folder / "data" / "tanggap.db").exists()


def test_migrate_twice_is_as_good_as_once(run: Run, keys: str) -> None:
    assert run("migrate") == run("migrate")


def test_no_other_command_runs_on_an_old_schema(run: Run, keys: str) -> None:
    ran = run("tick")
    assert (ran.code, ran.out) == (1, "")
    assert "run `tanggap migrate`" in ran.line


def test_a_database_that_does_not_answer_is_one_line(run: Run, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_DATABASE_URL", "postgresql://tanggap:rahasia@127.0.0.1:1/tanggap")
    ran = run("migrate")
    assert (ran.code, ran.out) == (1, "")
    assert "check TANGGAP_DATABASE_URL" in ran.line
    assert "rahasia" not in ran.line


# --- invite


@pytest.fixture
def empty_town(run: Run, keys: str, folder: Path) -> Town:
    assert run("migrate").code == 0
    return Town(folder / "data" / "tanggap.db")


def test_an_invitation_is_a_code_for_one_post_and_some_days(run: Run, empty_town: Town) -> None:
    ran = run("invite", "--role", "supervisor", "--post", "sekda")
    assert ran.code == 0
    code, title, until, link = ran.out.splitlines()
    assert re.fullmatch(r"Code: [0-9A-HJKMNP-TV-Z]{10}", code)
    assert title == "For: Sekretaris Daerah"
    expires = datetime.strptime(until, "Good until: %Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
    assert timedelta(days=3) - timedelta(minutes=5) < expires - datetime.now(UTC) <= timedelta(days=3)
    assert link == f"Type in the staff chat: /start {code.removeprefix('Code: ')}"
    assert empty_town.ask("SELECT post_code, used_at FROM invitations") == [("SEKDA", None)]


def test_two_invitations_are_two_codes(run: Run, empty_town: Town) -> None:
    codes = {run("invite", "--role", "head", "--post", "KEPALA-DLH").out.split()[1] for _ in range(2)}
    assert len(codes) == 2


def test_the_code_is_nowhere_in_the_database(run: Run, empty_town: Town) -> None:
    code = run("invite", "--role", "inspector", "--post", "PETUGAS-INSPEKTORAT").out.split()[1]
    for file in empty_town.database.parent.glob("tanggap.db*"):
        assert code.encode() not in file.read_bytes()


def test_the_deep_link_opens_the_staff_bot(run: Run, empty_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_STAFF_TELEGRAM_USERNAME", "TanggapStafBot")
    shown = run("invite", "--role", "frontdesk", "--post", "PETUGAS-MEJA-DEPAN").out
    assert re.search(r"^Link: https://t\.me/TanggapStafBot\?start=[0-9A-Z]{10}$", shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("role", "post", "says"),
    [
        ("head", "SEKDA", "SEKDA is a post of role supervisor, not head: say --role supervisor."),
        ("admin", "PETUGAS-DLH", "PETUGAS-DLH is a post of role officer, not admin: say --role officer."),
        ("head", "KEPALA-DINAS-X", "There is no post KEPALA-DINAS-X"),
    ],
)
def test_a_post_that_does_not_fit_is_refused(run: Run, empty_town: Town, role: str, post: str, says: str) -> None:
    ran = run("invite", "--role", role, "--post", post)
    assert (ran.code, ran.out) == (1, "")
    assert ran.line.startswith(says)
    assert empty_town.ask("SELECT * FROM invitations") == []


# --- tick

_LATER = (datetime.now(UTC) + timedelta(days=70)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
#: What was missed is written down in silence.
_SPEAKS = "step <> 'breach'"
_SPOKEN = "SELECT dedupe_key FROM outbox WHERE dedupe_key LIKE 'step:%' AND post_code IS NOT NULL"


def test_nothing_is_due_at_once(run: Run, town: Town) -> None:
    assert run("tick") == (0, "0 steps spoke.\n", "")


def test_tick_runs_what_is_due_once(run: Run, town: Town) -> None:
    waiting = town.ask(f"SELECT count(*) FROM deadlines WHERE state = 'waiting' AND {_SPEAKS}")[0][0]
    ran = run("tick", "--at", _LATER)
    assert (ran.code, ran.out) == (0, f"{waiting} steps spoke.\n")
    assert town.ask("SELECT count(*) FROM deadlines WHERE state = 'waiting'") == [(0,)]
    assert len(town.ask(_SPOKEN)) == waiting
    assert run("tick").out == "0 steps spoke.\n"
    assert len(town.ask(_SPOKEN)) == waiting


def test_the_clock_stops_at_every_due_moment_on_its_way(run: Run, town: Town) -> None:
    run("tick", "--at", _LATER)
    late = town.ask(
        "SELECT count(*) FROM deadlines"
        f" WHERE {_SPEAKS} AND (fired_at IS NULL OR fired_at > datetime(due_at, '+5 seconds'))"
    )
    assert late == [(0,)]


def test_the_clock_never_goes_back(run: Run, town: Town) -> None:
    run("tick", "--at", _LATER)
    ran = run("tick", "--at", "2026-01-01")
    assert (ran.code, ran.out) == (1, "")
    assert ran.line.startswith("The town clock never goes back")


def test_the_clock_moves_only_where_it_may(run: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANGGAP_ALLOW_TIME_TRAVEL")
    ran = run("tick", "--at", _LATER)
    assert (ran.code, ran.out) == (1, "")
    assert "TANGGAP_ALLOW_TIME_TRAVEL=1" in ran.line
    assert town.ask("SELECT clock_offset_ms FROM town") == [(0,)]


def test_a_moment_that_is_none_moves_nothing(run: Run, town: Town) -> None:
    ran = run("tick", "--at", "lusa")
    assert (ran.code, ran.line.startswith("lusa is no ISO time")) == (1, True)


# --- audit


def test_the_trail_of_a_fresh_town_is_whole(run: Run, town: Town) -> None:
    assert re.fullmatch(r"The audit trail is whole: \d+ rows chained, \d+ waiting\.\n", run("audit", "verify").out)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET action = 'finish' WHERE action = 'open'",
        "UPDATE audit SET person_id = person_id + 1 WHERE action = 'open'",
        "UPDATE audit SET town_at = datetime(town_at, '-1 day') WHERE action = 'open'",
        "UPDATE audit SET digest = zeroblob(32) WHERE action = 'open'",
        "UPDATE audit SET payload_sealed = NULL, digest = randomblob(32) WHERE action = 'open'",
        "UPDATE audit SET link = zeroblob(32) WHERE seq = (SELECT max(seq) FROM audit)",
        "DELETE FROM audit WHERE action = 'open'",
    ],
)
def test_a_row_that_was_altered_shows(run: Run, town: Town, change: str) -> None:
    run("tick", "--at", _LATER)
    whole = run("audit", "verify")
    assert (whole.code, " 0 waiting." in whole.out) == (0, True)
    assert town.change(change) == 1
    ran = run("audit", "verify")
    assert (ran.code, ran.out) == (1, "")
    assert ran.line.startswith("The audit trail was altered: ")
