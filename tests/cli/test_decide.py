"""`tanggap decide`: seen with --dry-run, done, listed, taken back; and what `check` says of files that have changed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from bot.folders import find
from tests.cli.conftest import Run, Town

ALIAS = ("decide", "alias", "DISDUKCAPIL", "Loket Biru")
NEW = "12.72.01.1099: {name: Tomuan Baru, level: kelurahan}"
EVERY = {
    "closure": ("disdukcapil", "2026-06-19", "--basis", "SK 12/2026"),
    "alias": ALIAS[2:],
    "area": ("12.72.01.1099", "Tomuan Baru", "--basis", "Kepmendagri"),
    "unit": (
        *("kel-tomuan-baru", "Kelurahan Tomuan Baru", "--kind", "kelurahan"),
        *("--parent", "kec-siantar-timur", "--area", "12.72.01.1002"),
    ),
    "answer": ("Blangko habis", "Sedang kosong.", "--matter", "identity_card", "--state", "routed"),
    "wording": ("citizen/answer", "Dari {unit}: {text} ({number})", "--language", "en"),
}


def decided(run: Run, subject: str) -> str:
    """Decide something; the words that take it back."""
    ran = run("decide", subject, *EVERY[subject])
    assert ran.code == 0, ran.err
    (undo,) = re.findall(r"`tanggap (decide undo \w+)`", ran.out)
    return str(undo)


@pytest.mark.parametrize("subject", EVERY)
def test_a_dry_run_shows_what_a_decision_would_do_and_does_nothing(run: Run, town: Town, subject: str) -> None:
    ran = run("decide", subject, *EVERY[subject], "--dry-run")
    assert ran.code == 0, ran.err
    assert ran.out.endswith("Nothing is changed yet: the same without --dry-run does it.\n")
    assert town.ask("SELECT count(*) FROM overrides") == [(0,)]


@pytest.mark.parametrize("subject", EVERY)
def test_a_decision_is_listed_until_it_is_taken_back_and_each_act_is_in_the_trail(
    run: Run, town: Town, subject: str
) -> None:
    undo = decided(run, subject).split()
    assert undo[-1] in run("decide", "show").out
    assert run(*undo).out == "Taken back.\n"
    assert run("decide", "show").out == "0 decisions in force.\n"
    assert run(*undo).line == "No such decision is in force: `tanggap decide show` lists them."
    acts = town.ask(f"SELECT action, actor FROM audit WHERE action LIKE '{subject}_%' ORDER BY id")
    assert acts == [(f"{subject}_sign", "console"), (f"{subject}_undo", "console")]


def test_a_closure_moves_the_open_case_of_its_office_and_says_so_first(run: Run, town: Town) -> None:
    ((received, before),) = town.ask("SELECT received_at, binding_by FROM tickets")
    days = ("disdukcapil", str(received)[:10], str(before)[:10])
    assert "1 tickets move" in run("decide", "closure", *days, "--dry-run").out
    assert run("decide", "closure", *days).code == 0
    ((after, moved_from),) = town.ask("SELECT binding_by, moved_from FROM tickets")
    assert str(after) > str(before) == str(moved_from)


def test_another_name_is_known_to_route_and_a_new_unit_to_invite(run: Run, town: Town) -> None:
    story = "Petugas di loket biru lambat sekali"
    assert json.loads(run("route", "--json", story).out)["unit"] != "DISDUKCAPIL"
    decided(run, "alias")
    assert json.loads(run("route", "--json", story).out)["unit"] == "DISDUKCAPIL"
    lurah = ("invite", "--role", "head", "--post", "LURAH-TOMUAN-BARU")
    assert run(*lurah).line.startswith("There is no post LURAH-TOMUAN-BARU")
    undo = decided(run, "unit").split()
    assert "For: Lurah Tomuan Baru" in run(*lurah).out
    assert "LURAH-TOMUAN-BARU" in run("posts", "--unit", "KEL-TOMUAN-BARU").out
    assert run(*undo).line.startswith("Kelurahan Tomuan Baru is in use")


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (("alias", "DISDUKCAPIL", "puskesmas raya"), "That name already means something else: Puskesmas Raya."),
        (("alias", "DINAS-LAMA", "loket biru"), "There is no unit DINAS-LAMA."),
        (("closure", "disdukcapil", "2026-06-20"), "It is so already"),
        (("closure", "disdukcapil", "2026-06-19", "2026-06-18"), "The last day lies before the first one."),
        (("area", "12.73.01", "Sibolga"), "The code 12.73.01 is no code of an area in this region."),
        (("wording", "citizen/answer", "Halo {nik}"), "That page knows no fact {nik}."),
        (("wording", "citizen/answer", "Halo {{ text }}"), "Braces are only for facts that we know"),
        (("answer", "Habis", "Kosong.", "--matter", "kapal"), "There is no matter kapal."),
        (("undo", "U"), "U is no id of a decision"),
        (("undo", "1"), "No such decision is in force"),
    ],
)
def test_what_cannot_be_decided_is_one_line(run: Run, town: Town, typed: tuple[str, ...], line: str) -> None:
    ran = run("decide", *typed)
    assert ran.code == 1
    assert ran.line.startswith(line)
    assert town.ask("SELECT count(*) FROM overrides") == [(0,)]


# --- files that change below


def test_check_is_silent_while_all_that_was_decided_fits(run: Run, town: Town) -> None:
    for subject in EVERY.keys() - {"unit"}:  # whose posts nobody holds yet
        decided(run, subject)
    ran = run("check", "--at", "2026-06-01")
    assert ran.code == 0
    assert ran.err == ""


@pytest.mark.parametrize(
    ("subject", "file", "old", "new", "said"),
    [
        ("alias", "offices.yaml", "capil, ", "capil, loket biru, ", "It is so already"),
        ("alias", "units.yaml", "aliases: [", "aliases: [loket biru, ", "That name already means something else"),
        ("area", "areas.yaml", "12.72.01.1002:", f"{NEW}\n12.72.01.1002:", "so already"),
        ("answer", "../indonesia/matters.yaml", "identity_card:", "id_card:", "There is no matter identity_card"),
        ("wording", "../indonesia/pages.yaml", "citizen/answer:", "citizen/rated:", "cannot have other words"),
        ("wording", "../indonesia/pages.yaml", "may: {unit:", "may: {office:", "That page knows no fact {unit}"),
    ],
)  # fmt: skip
def test_check_names_a_decision_that_the_files_do_not_fit_and_what_to_do(
    run: Run, town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, subject: str, file: str, old: str, new: str,
    said: str,
) -> None:  # fmt: skip
    undo = decided(run, subject)
    assert run("check", "--at", "2026-06-01").err == ""
    monkeypatch.setenv("TANGGAP_REGION_DIR", changed(tmp_path, file, old, new))
    ran = run("check", "--at", "2026-06-01")
    assert ran.code == 0
    assert ran.line.startswith(f"warning: decision {undo.split()[-1]}, ")
    assert said in ran.line
    assert ran.line.endswith(f"It does not count. `tanggap {undo}` takes it back")
    assert run(*undo.split()).out == "Taken back.\n"


def changed(folder: Path, file: str, old: str, new: str) -> str:
    """The town's folder with one word of its files changed."""
    shutil.copytree(find(Path("regions")), folder / "regions")
    town = folder / "regions" / "pematangsiantar"
    path = (town / file).resolve()
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    for other in path.parent.glob("*.yaml") if file.endswith("matters.yaml") else ():  # what speaks of the matter
        other.write_text(other.read_text("utf-8").replace("identity_card", "id_card"), "utf-8")
    return str(town)


def test_a_decision_that_does_not_fit_stops_no_command(run: Run, town: Town) -> None:
    decided(run, "alias")
    town.change("UPDATE overrides SET code = 'DINAS-LAMA'")
    assert "There is no unit DINAS-LAMA. It does not count." in run("check", "--at", "2026-06-01").err
    assert run("route", "--json", "KTP saya lama sekali").code == 0
    assert "1 decision in force." in run("decide", "show").out


def test_a_page_that_can_have_other_words_and_is_none_is_a_fault_of_its_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = changed(tmp_path, "../indonesia/pages.yaml", "citizen/thanks:", "citizen/thank_you:")
    monkeypatch.setenv("TANGGAP_REGION_DIR", files)
    ran = run("check")
    assert ran.code == 1
    (line,) = [line for line in ran.err.splitlines() if "pages.yaml" in line]
    assert re.fullmatch(r"\S*indonesia/pages.yaml:\d+: there is no page citizen/thank_you", line)


def test_a_unit_that_stands_in_the_files_by_now_is_taken_back_although_it_is_used_and_stays(
    run: Run, town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    undo = decided(run, "unit").split()
    assert run("invite", "--role", "head", "--post", "LURAH-TOMUAN-BARU").code == 0
    entry = "{name: Kelurahan Tomuan Baru, kind: kelurahan, parent: KEC-SIANTAR-TIMUR, source: review}"
    files = changed(tmp_path, "units.yaml", "KEL-KEBUN-SAYUR:", f"KEL-TOMUAN-BARU: {entry}\nKEL-KEBUN-SAYUR:")
    monkeypatch.setenv("TANGGAP_REGION_DIR", files)
    assert "It is so already (Kelurahan Tomuan Baru)" in run("check", "--at", "2026-06-01").err
    assert run(*undo).out == "Taken back.\n"
    assert town.ask("SELECT retired FROM units WHERE code = 'KEL-TOMUAN-BARU'") == [(0,)]
    assert run("posts", "--unit", "KEL-TOMUAN-BARU").code == 0
