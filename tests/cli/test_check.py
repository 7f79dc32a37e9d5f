"""`tanggap check`: what ships is in order, and whatever an operator breaks is one line that names file and line."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.encryption import new_key
from tests.cli.conftest import Run, Town
from tests.kit.breaks import Break, append, swap

ROOT = Path(__file__).parents[2]
TOWN = "regions/pematangsiantar"


def test_what_ships_is_in_order(run: Run) -> None:
    assert run("check") == (0, "Everything is in order.\n", "")


def test_what_ships_is_in_order_as_json(run: Run) -> None:
    ran = run("check", "--json")
    assert (ran.code, json.loads(ran.out)) == (0, {"errors": [], "warnings": []})


# --- what is broken


REGIONS = {
    "unknown key": Break(f"{TOWN}/units.yaml", swap("  kind: puskesmas", "  sort: puskesmas"), "unknown key `sort`"),
    "unknown parent": Break(f"{TOWN}/offices.yaml", swap("parent: SETDA", "parent: SETDAH"), "names parent SETDAH"),
    "unknown kind": Break(f"{TOWN}/units.yaml", swap("kind: kelurahan", "kind: kelurahn"), "is of kind kelurahn"),
    "unknown area": Break(f"{TOWN}/units.yaml", swap("12.72.01.1001", "12.72.01.9999"), "lies in area 12.72.01.9999"),
    "unknown group": Break(f"{TOWN}/offices.yaml", swap("groups: [DLH]", "groups: [DHL]"), "carries group DHL"),
    "two owners of a word": Break(
        f"{TOWN}/units.yaml", swap("[puskesmas raya,", "[capil, puskesmas raya,"), "alias `capil` of unit PKM-RAYA"
    ),
    "a rung to nobody": Break("regions/indonesia/ladder.yaml", swap("to: SEKDA", "to: SEKTA"), "tells post SEKTA"),
    "a matter without an office": Break(
        "regions/indonesia/matters.yaml", swap("group: DISDUKCAPIL", "group: DUKCAPIL"), "names group DUKCAPIL"
    ),
    "a deadline of no days": Break("regions/indonesia/deadlines.yaml", swap("verify: 3", "verify: 0"), "verify"),
    "a town in no zone": Break(f"{TOWN}/region.yaml", swap("Asia/Jakarta", "Asia/Medan"), "no time zone `Asia/Medan`"),
    "hours that close first": Break(
        "regions/indonesia/calendar.yaml", swap("07:30-16:00", "16:00-07:30"), "close before they open"
    ),
    "no YAML": Break(f"{TOWN}/words.yaml", append("words: [a, b"), "not valid YAML"),
    "no front desk": Break(f"{TOWN}/region.yaml", swap("front_desk: ", "front_desks: "), "front_desk"),
    "a unit that nobody leads": Break(
        f"{TOWN}/offices.yaml",
        append("DINAS-X: {name: Dinas X, kind: dinas, parent: SETDA, posts: [], source: missing}"),
        "unit DINAS-X has no post",
    ),
    "a missing file": Break(f"{TOWN}/areas.yaml", None, "this file is missing"),
    "a file that nobody reads": Break(f"{TOWN}/unit.yaml", lambda text: "x: 1\n", "no file of this name is read here"),
}
TEMPLATES = {
    "an open block": Break("templates/id/citizen/receipt.j2", append("{% if by %}"), "Unexpected end of template"),
    "an open brace": Break("templates/en/officer/card.j2", append("{{ number }"), "unexpected '}'"),
    "an unknown filter": Break("templates/id/citizen/case.j2", append("{{ by|dya }}"), "there is no filter dya"),
    "an unknown filter in a shared macro": Break(
        "templates/en/words.j2", append("{% macro x(y) %}{{ y|dya }}{% endmacro %}"), "there is no filter dya"
    ),
    "a template that is not there": Break(
        "templates/en/citizen/case.j2", append('{% import "wrods.j2" as v %}'), "there is no template wrods.j2"
    ),
    "a page in one language only": Break("templates/en/citizen/parked.j2", None, "this template is missing"),
    "a button in one language only": Break(
        "templates/id/choices.j2", swap("{% macro take()", "{% macro tak()"), "the macro `take` is missing"
    ),
    "a word of the web in one language only": Break(
        "templates/web/timeline.en.yaml", lambda text: "".join(text.splitlines(True)[:-1]), "is missing"
    ),
    "words that are no YAML": Break("templates/web/demo.id.yaml", append("a: ["), "not valid YAML"),
    "a story in a message template": Break(
        "templates/whatsapp/citizen_answer.yaml",
        swap("ada jawaban", "ada {text}"),
        "citizen_answer.yaml:9: id.body: `{text}` may not stand in a template",
    ),
    "a page of a message template that is gone": Break(
        "templates/whatsapp/staff_case.yaml", swap("officer/card", "officer/kartu"), "there is no page officer/kartu"
    ),
    "no labels in one language": Break("templates/id/choices.j2", None, "templates/id/choices.j2:1: this template"),
}


@pytest.fixture
def files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Region and templates of one's own, in the folder that the command runs in."""
    for name in ("regions", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    monkeypatch.setenv("TANGGAP_REGION_DIR", str(folder / TOWN))
    return folder


def test_an_own_copy_is_in_order(run: Run, files: Path) -> None:
    assert run("check").code == 0


@pytest.mark.parametrize("what", REGIONS.values(), ids=REGIONS.keys())
def test_a_broken_region_is_a_line_that_names_file_and_line(run: Run, files: Path, what: Break) -> None:
    what.happens(files)
    ran = run("check")
    assert (ran.code, ran.out.split()[-1]) == (1, "fault." if ran.out.startswith("1 ") else "faults.")
    lines = ran.err.splitlines()
    assert any(what.says in line for line in lines)
    assert [line for line in lines if not re.fullmatch(r"regions/\w+/\w+\.yaml:\d+: [^\n]+", line)] == []
    assert len(lines) <= 2


@pytest.mark.parametrize("what", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_a_broken_template_is_a_line_that_names_file_and_line(run: Run, files: Path, what: Break) -> None:
    what.happens(files)
    ran = run("check", "--json")
    assert ran.code == 1
    lines = json.loads(ran.out)["errors"]
    assert any(what.says in line for line in lines)
    assert [line for line in lines if not re.fullmatch(r"templates/[\w./]+\.(j2|yaml):\d+: [^\n]+", line)] == []


def test_the_line_is_the_line(run: Run, files: Path) -> None:
    page = files / "templates" / "id" / "citizen" / "case.j2"
    lines = [*page.read_text().splitlines(), "{{ by|dya }}"]
    page.write_text("\n".join(lines))
    assert run("check").line == f"templates/id/citizen/case.j2:{len(lines)}: there is no filter dya"


def test_without_the_language_of_everybody_there_are_no_pages(run: Run, files: Path) -> None:
    shutil.rmtree(files / "templates" / "id")
    assert run("check").line.startswith("templates/id:1: there are no pages in the language")


def test_all_faults_are_told_at_once(run: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("unknown parent", "no YAML"):
        REGIONS[name].happens(files)
    TEMPLATES["an open block"].happens(files)
    monkeypatch.setenv("TANGGAP_LOG_FORMAT", "pretty")
    said = run("check").err
    assert all(part in said for part in ("TANGGAP_LOG_FORMAT", "words.yaml", "citizen/receipt.j2"))


SETTINGS = {
    "a log of no kind": ({"LOG_FORMAT": "pretty"}, "TANGGAP_LOG_FORMAT: "),
    "a number that is none": ({"UNDO_SECONDS": "a minute"}, "TANGGAP_UNDO_SECONDS: "),
    "less than nothing": ({"SENDS_IN_FLIGHT": "-1"}, "TANGGAP_SENDS_IN_FLIGHT: must not be negative"),
    "a mode of no kind": ({"TELEGRAM_MODE": "push"}, "TANGGAP_TELEGRAM_MODE: "),
    "no database": ({"DATABASE_URL": "mysql://root@db/tanggap"}, "TANGGAP_DATABASE_URL: must name a file"),
    "no URL": ({"DATABASE_URL": "tanggap.db"}, "TANGGAP_DATABASE_URL: is not the URL of a database"),
    "a key of the wrong length": ({"ENCRYPTION_KEYS": "c2hvcnQ="}, "TANGGAP_ENCRYPTION_KEYS: Encryption key number 1"),
    "a region that is not there": ({"REGION_DIR": "regions/atlantis"}, "regions/atlantis/region.yaml:1: this file is"),
    "a token without its secret": (
        {"CITIZEN_TELEGRAM_TOKEN": "1:x"},
        "TANGGAP_CITIZEN_TELEGRAM_TOKEN is set without TANGGAP_CITIZEN_TELEGRAM_SECRET",
    ),
    "a clock that travels beside a token": (
        {"STAFF_TELEGRAM_TOKEN": "1:x", "STAFF_TELEGRAM_SECRET": "y", "ALLOW_TIME_TRAVEL": "1"},
        "TANGGAP_ALLOW_TIME_TRAVEL must not stand beside a real platform's token",
    ),
    "a token that is none": ({"STAFF_TELEGRAM_TOKEN": "rahasia"}, "TANGGAP_STAFF_TELEGRAM_TOKEN: is not a token"),
    "a secret that Telegram would not take": (
        {"STAFF_TELEGRAM_TOKEN": "1:x", "STAFF_TELEGRAM_SECRET": "dua kata"},
        "TANGGAP_STAFF_TELEGRAM_SECRET: must be 1 to 256 letters, digits, _ or -",
    ),
    "a secret that is too long": (
        {"STAFF_TELEGRAM_TOKEN": "1:x", "STAFF_TELEGRAM_SECRET": "x" * 257},
        "TANGGAP_STAFF_TELEGRAM_SECRET: must be 1 to 256 letters, digits, _ or -",
    ),
    "one bot for both": (
        {
            **{f"{account}_TELEGRAM_TOKEN": "1:x" for account in ("CITIZEN", "STAFF")},
            **{f"{account}_TELEGRAM_SECRET": "y" for account in ("CITIZEN", "STAFF")},
        },
        "TANGGAP_CITIZEN_TELEGRAM_TOKEN and TANGGAP_STAFF_TELEGRAM_TOKEN are one bot",
    ),
    "a webhook without an address": (
        {"STAFF_TELEGRAM_TOKEN": "1:x", "STAFF_TELEGRAM_SECRET": "y", "TELEGRAM_MODE": "webhook"},
        "TANGGAP_TELEGRAM_MODE is webhook, but TANGGAP_PUBLIC_URL does not say where",
    ),
    "an address that everybody may listen to": (
        {"PUBLIC_URL": "http://lapor.example.go.id"},
        "TANGGAP_PUBLIC_URL: must begin with https://",
    ),
    "an address that is none": ({"PUBLIC_URL": "lapor.example.go.id"}, "TANGGAP_PUBLIC_URL: is not an address"),
    "another Telegram that is none": ({"TELEGRAM_API_URL": "ftp://tg"}, "TANGGAP_TELEGRAM_API_URL: is not an address"),
    "a file of a secret that is not there": (
        {"ENCRYPTION_KEYS_FILE": "nowhere.key"},
        "TANGGAP_ENCRYPTION_KEYS_FILE names nowhere.key, which can't be read: No such file or directory.",
    ),
}


@pytest.mark.parametrize(("given", "says"), SETTINGS.values(), ids=SETTINGS.keys())
def test_a_broken_setting_is_a_line_that_names_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], says: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"TANGGAP_{name}", value)
    ran = run("check")
    assert ran.code == 1
    assert says in ran.line


def test_a_name_that_is_no_setting_is_a_warning(run: Run, folder: Path) -> None:
    (folder / ".env").write_text("TANGGAP_DATABSE_URL=postgresql://db/tanggap\n")
    ran = run("check")
    assert (ran.code, ran.line) == (0, "warning: TANGGAP_DATABSE_URL is no setting: what it says does nothing")


def test_another_fault_does_not_change_which_region_is_read(run: Run, folder: Path) -> None:
    (folder / ".env").write_text("TANGGAP_REGION_DIR=regions/atlantis\nTANGGAP_LOG_FORMAT=pretty\n")
    said = run("check").err
    assert "regions/atlantis/region.yaml:1" in said


# --- the database and the people


def test_a_database_that_is_not_there_yet_is_a_warning_until_it_is_live(run: Run, keys: str) -> None:
    ran = run("check")
    assert (ran.code, ran.line) == (0, "warning: the database is not set up yet: run `tanggap migrate`")
    assert run("check", "--live").code == 1


def test_live_without_keys_is_a_fault(run: Run) -> None:
    assert "`tanggap new-key`" in run("check", "--live").line


def test_posts_without_a_holder_are_one_line_until_it_is_live(run: Run, keys: str) -> None:
    run("migrate")
    ran = run("check")
    assert ran.code == 0
    assert re.fullmatch(r"warning: \d+ posts have no holder yet: .*", ran.line)
    live = run("check", "--live")
    assert live.code == 1
    assert "post SEKDA (Sekretaris Daerah) has no holder: `tanggap invite`" in live.err.splitlines()


def test_once_somebody_is_enrolled_a_vacant_post_is_a_fault(run: Run, town: Town) -> None:
    assert run("check").code == 0
    town.change("UPDATE holdings SET revoked_at = created_at WHERE post_code = 'SEKDA'")
    ran = run("check")
    assert (ran.code, ran.line) == (1, "post SEKDA (Sekretaris Daerah) has no holder: `tanggap invite`")


def silence(town: Town, *posts: str) -> None:
    """The chats of these posts' holders are dead."""
    for code in posts:
        town.change(
            "UPDATE addresses SET state = 'dead' WHERE person_id IN"
            f" (SELECT person_id FROM holdings WHERE post_code = '{code}')"
        )


def test_a_unit_of_which_nobody_can_be_reached_is_a_fault(run: Run, town: Town) -> None:
    silence(town, "PETUGAS-PKM-RAYA")
    assert run("check", "--live").code == 0, "its head still reads"
    silence(town, "KEPALA-PKM-RAYA")
    ran = run("check", "--live")
    assert ran.code == 1
    assert ran.line.startswith("unit PKM-RAYA, ")
    assert "has nobody who can be reached: the holder of " in ran.line


def test_a_rung_whose_post_cannot_be_reached_is_a_fault(run: Run, town: Town) -> None:
    silence(town, "SEKDA")
    said = run("check", "--live").err.splitlines()
    assert any(line.startswith("rung ") and "tells post SEKDA (Sekretaris Daerah)" in line for line in said)


@pytest.mark.parametrize(
    ("posts", "says"),
    [
        (("INSPEKTUR", "PETUGAS-INSPEKTORAT"), "the inspectorate INSPEKTORAT, "),
        (("PETUGAS-MEJA-DEPAN", "KABAG-ORGANISASI"), "the front desk "),
    ],
)
def test_an_inspectorate_and_a_front_desk_that_nobody_reads_are_called_by_name(
    run: Run, town: Town, posts: tuple[str, ...], says: str
) -> None:
    silence(town, *posts)
    assert any(line.startswith(says) for line in run("check").err.splitlines())


def test_somebody_away_without_a_substitute_reads_nothing(run: Run, town: Town) -> None:
    (sekda,) = town.ask("SELECT person_id FROM holdings WHERE post_code = 'SEKDA'")
    columns = "(id, person_id, starts_on, ends_on, created_at)"
    town.change(f"INSERT INTO leaves {columns} VALUES (1, {sekda[0]}, '2020-01-01', '2099-01-01', '2026-01-01')")
    assert any("tells post SEKDA" in line for line in run("check", "--live").err.splitlines())


def test_a_holding_that_is_over_is_a_vacancy(run: Run, town: Town) -> None:
    town.change("UPDATE holdings SET starts_on = '2026-01-01', ends_on = '2026-02-01' WHERE post_code = 'SEKDA'")
    assert run("check").line == "post SEKDA (Sekretaris Daerah) has no holder since 2026-02-01: `tanggap invite`"


def test_another_key_does_not_open_the_database(run: Run, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS", new_key())
    ran = run("check")
    assert (ran.code, ran.line.startswith("The encryption keys do not open this database")) == (1, True)


def test_a_file_that_is_no_database_is_said_to_be_none(run: Run, keys: str, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "tanggap.db").write_text("This is a shopping list and not a database. " * 30)
    ran = run("check")
    assert ran.code == 1
    assert "file is not a database" in ran.line


def test_a_database_of_another_schema_is_said_to_be_old(run: Run, keys: str, folder: Path) -> None:
    (folder / "data").mkdir()
    with closing(sqlite3.connect(folder / "data" / "tanggap.db")) as connection:
        connection.execute("CREATE TABLE town (id INTEGER)")
    assert "run `tanggap migrate`" in run("check").line
