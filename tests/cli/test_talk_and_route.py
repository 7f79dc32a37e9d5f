"""A story told on the command line: in the terminal's conversation, and to `route`, which only says who would read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import STORY, Run, Town

# --- talk


def test_a_story_typed_in_the_terminal_becomes_a_case(run: Run, town: Town) -> None:
    ran = run("talk", typed=f"{STORY}\n1\n\nnever read\n")
    assert ran.code == 0
    shown = ran.out
    assert f"“{STORY}”" in shown
    assert "  1. Kirim" in shown
    number = re.search(r"TGP-\d\d-[0-9A-Z]{6}", shown)
    assert number is not None
    assert (number[0],) in town.ask("SELECT number FROM tickets")
    assert re.search(r"PIN: \*\d{6}\*", shown)
    assert len(town.ask("SELECT id FROM tickets")) == 2


def test_an_officer_sees_the_desk_in_the_terminal(run: Run, town: Town) -> None:
    shown = run("talk", "--as", "petugas-disdukcapil", typed="/kotak\n").out
    (number,) = town.ask("SELECT number FROM tickets")[0]
    assert str(number) in shown
    assert STORY in shown


def test_talk_keeps_its_town_between_two_runs(run: Run, town: Town) -> None:
    shown = run("talk", typed="/status\n").out
    (number,) = town.ask("SELECT number FROM tickets")[0]
    assert str(number) in shown


def test_another_town_is_talked_to_in_a_folder_of_its_own(run: Run, folder: Path) -> None:
    ran = run("talk", "--region", "regions/dairi", typed="surat domisili di desa silalahi 3 belum selesai\n1\n")
    assert ran.code == 0
    assert "Kabupaten Dairi" in ran.out
    assert "Petugas pengaduan Desa Silalahi III" in ran.out
    assert "Camat Silahisabungan" in ran.out
    assert [path.name for path in (folder / "data").iterdir()] == ["demo-dairi"]


def test_nobody_holds_a_post_that_does_not_exist(run: Run) -> None:
    ran = run("talk", "--as", "KEPALA-DINAS-X", typed="/kotak\n")
    assert (ran.code, ran.out) == (1, "")
    assert "There is no post KEPALA-DINAS-X" in ran.err.splitlines()[-1]


# --- route

CODES = {"late", "rude", "absent", "procedure", "extra_requirement", "money_asked", "partial", "discrimination",
         "conflict_of_interest", "abuse", "incompetent"}  # fmt: skip
SHAPE: dict[str, type | tuple[type, ...]] = {
    "kind": str,
    "conduct": list,
    "matter": (str, type(None)),
    "service": (str, type(None)),
    "agency": (str, type(None)),
    "referral": (str, type(None)),
    "unit": (str, type(None)),
    "reported": (dict, type(None)),
    "reader": str,
    "unit_name": str,
    "confidence": float,
    "decision": str,
    "top": list,
    "signals": list,
    "emergency": str,
    "identity_default": str,
    "amount": (int, type(None)),
    "official_fee": (int, type(None)),
    "days_said": (int, type(None)),
    "area": (str, type(None)),
}
STORIES = (
    STORY,
    "Petugas loket disdukcapil minta uang Rp50.000 supaya KTP cepat jadi",
    "Petugas puskesmas raya judes dan membentak ibu saya",
    "Jalan di Kelurahan Teladan berlubang besar",
    "halo",
    "",
)


@pytest.mark.parametrize("story", STORIES)
def test_route_answers_in_the_promised_shape(run: Run, story: str) -> None:
    ran = run("route", "--json", story)
    assert (ran.code, ran.err) == (0, "")
    shown = json.loads(ran.out)
    assert set(shown) == set(SHAPE)
    assert [name for name, kind in SHAPE.items() if not isinstance(shown[name], kind)] == []
    assert set(shown["conduct"]) <= CODES
    assert shown["kind"] in ("complaint", "oversight", "information", "aspiration")
    assert shown["decision"] in ("auto", "ask", "desk", "refer")
    assert shown["emergency"] in ("now", "ask", "no")
    assert shown["identity_default"] in ("open", "confidential", "anonymous")
    assert 0 <= shown["confidence"] <= 1
    assert [set(place) for place in shown["top"]] == [{"agency", "unit", "p"}] * len(shown["top"])
    assert shown["reported"] is None or set(shown["reported"]) == {"unit", "post"}


def test_route_knows_the_office_and_who_may_not_read(run: Run) -> None:
    late, bribe = (json.loads(run("route", "--json", story).out) for story in STORIES[:2])
    assert (late["kind"], late["unit"], late["reader"]) == ("complaint", "DISDUKCAPIL", "DISDUKCAPIL")
    assert (bribe["kind"], bribe["reader"], bribe["reported"]["unit"]) == ("oversight", "INSPEKTORAT", "DISDUKCAPIL")
    assert "money_asked" in bribe["conduct"]
    assert bribe["amount"] == 50_000
    assert bribe["identity_default"] == "confidential"
    assert (bribe["service"], bribe["official_fee"], bribe["days_said"]) == ("identity_card", 0, None)
    assert (late["service"], late["days_said"]) == ("family_card", 21)


def test_a_file_is_answered_line_by_line_in_order(run: Run, folder: Path) -> None:
    lines = [json.dumps({"text": story}, ensure_ascii=False) for story in (*STORIES, "baris\u2028baru", 'kutip "ini"')]
    (folder / "stories.jsonl").write_text("\n".join([*lines, "", ""]), encoding="utf-8")
    ran = run("route", "--jsonl", "stories.jsonl")
    assert (ran.code, ran.err) == (0, "")
    alone = [run("route", "--json", json.loads(line)["text"]).out for line in lines]
    assert ran.out == "".join(alone)


@pytest.mark.parametrize("line", ["not JSON", "[]", "3", '{"story": "x"}', '{"text": 3}', '{"text": null}', '{"text":'])
def test_a_line_that_is_no_story_is_named(run: Run, folder: Path, line: str) -> None:
    (folder / "stories.jsonl").write_text(f'{{"text": "ktp"}}\n{line}\n')
    ran = run("route", "--jsonl", "stories.jsonl")
    assert ran.code == 1
    assert ran.line == 'stories.jsonl:2: this line is not like {"text": "a story"} in UTF-8.'


def test_a_line_in_another_encoding_is_named(run: Run, folder: Path) -> None:
    (folder / "stories.jsonl").write_bytes('{"text": "caf\u00e9"}\n'.encode("latin-1"))
    ran = run("route", "--jsonl", "stories.jsonl")
    assert (ran.code, ran.line.startswith("stories.jsonl:1: ")) == (1, True)


def test_a_file_that_is_not_there_is_one_line(run: Run) -> None:
    ran = run("route", "--jsonl", "nowhere.jsonl")
    assert (ran.code, ran.line) == (1, "nowhere.jsonl: No such file or directory.")


@pytest.mark.parametrize("command", ["route --json ktp", "deadline --kind complaint --received 2026-03-13"])
def test_a_region_that_cannot_be_read_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("TANGGAP_REGION_DIR", "regions/atlantis")
    ran = run(*command.split())
    assert ran.code == 1
    assert ran.line.startswith("regions/atlantis/region.yaml:1: this file is missing: there is no such folder")
