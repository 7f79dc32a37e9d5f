"""Every command explains itself, and what was typed wrong is one line that says what to do."""

from __future__ import annotations

import base64

import pytest

from bot.commands import ALL, name_of
from tests.cli.conftest import Run

CONTRACT = {
    "demo",
    "serve",
    "talk",
    "migrate",
    "new-key",
    "check",
    "invite",
    "tick",
    "deadline",
    "digest",
    "doctor",
    "evaluate",
    "explain",
    "export",
    "route",
    "audit",
    "backup",
    "bench",
    "restore",
    "standards",
    "train",
    "posts",
    "handover",
    "revoke",
}
NAMES = [name_of(command) for command in ALL]


def test_the_commands_of_this_release_are_there() -> None:
    assert set(NAMES) == CONTRACT


@pytest.mark.parametrize("command", ["", *NAMES])
def test_help_is_there_and_is_no_fault(run: Run, command: str) -> None:
    ran = run(*command.split(), "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "Usage: tanggap" in ran.out


def test_help_names_every_command(run: Run) -> None:
    shown = run("--help").out
    assert [name for name in NAMES if f" {name} " not in shown] == []


def test_no_command_at_all_shows_the_help_and_is_wrong_use(run: Run) -> None:
    ran = run()
    assert ran.code == 2
    assert "Commands" in ran.out


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("chekc", "No such command 'chekc'. Did you mean 'check'? See `tanggap --help`."),
        ("check --nothing", "No such option: --nothing. See `tanggap check --help`."),
        ("deadline --kind complaint", "Missing option '--received'. See `tanggap deadline --help`."),
        ("deadline --received 2026-03-13", "Missing option '--kind'."),
        ("deadline --kind complaints --received 2026-03-13", "Invalid value for '--kind': 'complaints' is not one of"),
        ("demo --port many", "Invalid value for '--port'"),
        ("serve --role cook", "Invalid value for '--role': 'cook' is not one of 'all', 'web', 'worker'."),
        ("invite --role boss --post SEKDA", "Invalid value for '--role': 'boss' is not one of 'officer',"),
        ("invite --role head", "Missing option '--post'."),
        ("route", "Invalid value: give --json TEXT or --jsonl FILE. See `tanggap route --help`."),
        ("audit", "Missing argument 'action'."),
        ("audit erase", "Invalid value: the one thing that can be done is: verify."),
        ("digest", "Missing option '--post'."),
        ("digest --post SEKDA --kind hourly", "Invalid value for '--kind': 'hourly' is not one of 'daily',"),
        ("export --from 2026-01-01", "Missing option '--to'."),
        ("export --from 2026-01-02 --to 2026-01-01", "Invalid value: --from is after --to."),
        (
            "export --from 2026-01-01 --to 2026-01-02 --format xlsx",
            "Invalid value: an XLSX is a file: give --out FILE.",
        ),
        ("standards --out standards.csv", "Invalid value: the table is an XLSX: give --out FILE.xlsx."),
        ("new-key please", "Got unexpected extra argument"),
    ],
)
def test_wrong_use_is_exit_2_and_one_line(run: Run, typed: str, line: str) -> None:
    ran = run(*typed.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.line.startswith(line)
    assert ran.line.endswith("--help`.")


def test_a_new_key_is_32_random_bytes_on_one_line(run: Run) -> None:
    first, second = run("new-key"), run("new-key")
    assert (first.code, first.err) == (0, "")
    assert [len(base64.urlsafe_b64decode(key.out.strip())) for key in (first, second)] == [32, 32]
    assert first.out != second.out


@pytest.mark.parametrize(
    "command",
    [
        "migrate",
        "serve",
        "tick",
        "audit verify",
        "backup town.tar",
        "handover --post SEKDA",
        "revoke --post SEKDA",
        "posts",
        "explain TGP-26-7K3QD8",
        "calendar show",
        "restore town.tar",
        "invite --role supervisor --post SEKDA",
    ],
)
def test_without_keys_nothing_runs_and_the_command_that_makes_one_is_named(run: Run, command: str) -> None:
    ran = run(*command.split())
    assert (ran.code, ran.out) == (1, "")
    assert "TANGGAP_ENCRYPTION_KEYS is not set" in ran.line
    assert "`tanggap new-key`" in ran.line


def test_a_past_of_less_than_nothing_is_wrong_use(run: Run) -> None:
    ran = run("demo", "--history", "-1")
    assert (ran.code, ran.out) == (2, "")
    assert "--history" in ran.line
