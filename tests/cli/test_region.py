"""`tanggap region`: a town of files from a name and a code; whatever goes wrong is one line that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.commands.town import routed
from storage.regions import load_region
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def test_a_town_of_the_shipped_lists_is_there_in_one_line(run: Run, folder: Path) -> None:
    ran = run("region", "new", "--code", "13.76", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == [
        "Kota Payakumbuh (13.76) -> regions/payakumbuh: 29 offices, 5 kecamatan, 47 kelurahan, 8 puskesmas,"
        " 1 public hospital.",
        "Everything is in order.",
    ]
    assert ran.out.splitlines()[-1] == "To serve it, set TANGGAP_REGION_DIR=regions/payakumbuh."
    made = load_region(folder / "regions" / "payakumbuh")
    assert (made.name, made.zone, made.head_of_region) == ("Kota Payakumbuh", "Asia/Jakarta", "WALIKOTA")


def test_what_is_not_given_is_asked(run: Run, folder: Path) -> None:
    ran = run("region", "new", typed="12.11\n\ny\n")
    assert (ran.code, ran.err) == (0, "")
    assert "Name [Kabupaten Dairi]" in ran.out
    assert load_region(folder / "regions" / "dairi").name == "Kabupaten Dairi"


def test_a_town_that_is_not_listed_is_asked_for_its_list(run: Run, folder: Path) -> None:
    (folder / "list.csv").write_text("code,name\n12.75.01,Binjai Kota\n12.75.01.1007,Binjai\n")
    ran = run("region", "new", typed="12.75\nBinjai\n 'list.csv' \ny\n")
    assert (ran.code, ran.err) == (0, "")
    assert "- the puskesmas: 1" in ran.out
    made = load_region(folder / "regions" / "binjai")
    assert list(made.areas) == ["12.75.01", "12.75.01.1007"]
    assert made.units["KEL-BINJAI"].aliases == ("kelurahan binjai", "kel binjai")
    path = folder / "regions" / "binjai" / "units.yaml"
    path.write_text(path.read_text().replace("\n#PKM", "\nPKM").replace("\n#  ", "\n  "))  # as its comment says
    assert load_region(folder / "regions" / "binjai").units["PKM-TELADAN"].serves == ("12.75.01.1007",)


def test_the_town_s_own_name_is_no_kelurahan_s_unless_it_is_called_one(run: Run, folder: Path) -> None:
    (folder / "list.csv").write_text("code,name\n12.75.01,Binjai Kota\n12.75.01.1007,Binjai\n")
    run("region", "new", "--code", "12.75", "--name", "Binjai", "--areas", "list.csv", "--yes")
    made = load_region(folder / "regions" / "binjai")
    said = ("surat pengantar di binjai lama kali", "camat di binjai minta uang", "surat di kel binjai lama kali")
    assert [routed(story, made)["area"] for story in said] == [None, None, "12.75.01.1007"]


@pytest.mark.parametrize("typed", ["", "12.11\n", "12.11\n\n", "12.11\n\nn\n"])
def test_whoever_stops_answering_has_written_nothing(run: Run, folder: Path, typed: str) -> None:
    ran = run("region", "new", typed=typed)
    assert ran.code == 1
    assert "Nothing was written" in ran.err
    assert list(folder.iterdir()) == []


def test_the_town_that_was_made_can_be_checked_and_asked(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("region", "new", "--code", "12.74", "--yes")
    monkeypatch.setenv("TANGGAP_REGION_DIR", "regions/tanjungbalai")
    assert run("check") == (0, "Everything is in order.\n", "")
    answer = json.loads(run("route", "--json", "pegawai kelurahan perwira minta uang 50rb").out)
    assert (answer["reported"]["unit"], answer["reader"]) == ("KEL-PERWIRA", "INSPEKTORAT")


def test_a_folder_that_exists_is_left_alone(run: Run, folder: Path) -> None:
    (folder / "regions" / "dairi").mkdir(parents=True)
    (folder / "regions" / "dairi" / "note").write_text("mine")
    ran = run("region", "new", "--code", "12.11", "--yes")
    assert ran.code == 1
    assert ran.line == (
        "regions/dairi exists already, and nothing was changed: give another --dir, or move it away first."
    )
    assert [path.name for path in (folder / "regions" / "dairi").iterdir()] == ["note"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--code", "1376"), "`1376` is no code of a region. Kemendagri's codes are written like 13.76:"),
        (("--code", "13.76.01"), "`13.76.01` is no code of a region."),
        (("--code", "20.01", "--name", "Kabupaten X"), "There is no province 20: check the code 20.01."),
        (("--name", "Kota X"), "Nothing was written: give --code."),
        (("--code", "12.75"), "Nothing was written: give --name."),
        (("--code", "12.75", "--name", "Kota "), "The name is empty: give --name 'Kota Payakumbuh'."),
        (
            ("--code", "13.76", "--name", "Kabupaten Payakumbuh"),
            "13.76 is the code of a kota, and Kabupaten Payakumbuh",
        ),
        (
            ("--code", "12.74", "--name", "Kota Sibolga"),
            "12.74 is Kota Tanjungbalai in Kepmendagri 300.2.2-2138/2025, not",
        ),
        (
            ("--code", "12.73", "--name", "Sibolga", "--areas", "none.csv"),
            "none.csv:1: there is no such file: give --areas",
        ),
    ],
)
def test_a_slip_is_one_line_that_says_what_to_do(run: Run, folder: Path, options: tuple[str, ...], line: str) -> None:
    ran = run("region", "new", *options, "--yes")
    assert ran.code == 1
    assert ran.line.startswith(line)
    assert list(folder.iterdir()) == []


# --- a town that is in no shipped list


def test_without_a_list_a_town_has_its_offices_and_is_told_so(run: Run, folder: Path) -> None:
    ran = run("region", "new", "--code", "71.71", "--name", "manado", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert "Kota Manado (71.71) -> regions/manado: 29 offices." in ran.out
    assert "No list of areas is shipped for 71.71" in ran.out
    assert "- the list of kecamatan, kelurahan and desa: 1" in ran.out
    made = load_region(folder / "regions" / "manado")
    assert (made.zone, made.areas) == ("Asia/Makassar", {})


LIST = """\
kode;nama
12.73;KOTA SIBOLGA
12.73.01;SIBOLGA UTARA
12.73.01.1001;SIBOLGA ILIR
12.73.01.1002;HUTA TONGA II
12.74.01;TANJUNGBALAI SELATAN
"""


def test_a_list_that_the_town_brings_is_read_as_spreadsheets_write_it(run: Run, folder: Path) -> None:
    """Semicolons, capitals, a mark at the beginning, other regions in between."""
    (folder / "list.csv").write_text(LIST, encoding="utf-8-sig")
    ran = run("region", "new", "--code", "12.73", "--name", "Kota Sibolga", "--areas", "list.csv", "--yes")
    assert (ran.code, ran.err) == (0, "")
    made = load_region(folder / "regions" / "sibolga")
    assert [area.name for area in made.areas.values()] == ["Sibolga Utara", "Sibolga Ilir", "Huta Tonga II"]
    assert made.units["KEL-HUTA-TONGA-II"].source == "list of areas that the town gave"
    assert "camat utara" in made.units["KEC-SIBOLGA-UTARA"].aliases


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "12.73.01,Sibolga Utara\n",
            "list.csv:1: the first line has to name the columns: code,name or kode,nama, and says"
            " `12.73.01,Sibolga Utara`",
        ),
        ("", "list.csv:1: the first line has to name the columns: code,name or kode,nama"),
        (
            "code,name\n12.73.1,X\n",
            "list.csv:2: `12.73.1` is no code: they are written like 12.09.08 and 12.09.08.2002",
        ),
        ("code,name\n12.73.01\n", "list.csv:2: this line has too few columns"),
        ("code,name\n12.73.01,\n", "list.csv:2: code 12.73.01 has no name"),
        ("code,name\n12.73.01,X\n127301,Y\n", "list.csv:3: code 12.73.01 stands in the list twice (first in line 2)"),
        (
            "code,name\n12.74.01,\n12.73.01.1001,X\n12.73.01.1002,Y\n",
            "list.csv:3: area 12.73.01.1001 lies in 12.73.01, which is not in the list: add a line for that kecamatan",
        ),
        (
            "code,name\n12.74.01,X\n",
            "list.csv:1: no code in this list begins with 12.73, but with 12.74: correct --code,"
            " or bring the list of 12.73",
        ),
        ("code,name\n", "list.csv:1: no code in this list begins with 12.73"),
    ],
)
def test_a_slip_in_the_list_is_one_line_with_its_number(run: Run, folder: Path, text: str, line: str) -> None:
    (folder / "list.csv").write_text(text)
    ran = run("region", "new", "--code", "12.73", "--name", "Kota Sibolga", "--areas", "list.csv", "--yes")
    assert (ran.code, ran.line) == (1, line)
    assert [path.name for path in folder.iterdir()] == ["list.csv"]


def test_a_list_that_is_no_text_is_said_to_be_none(run: Run, folder: Path) -> None:
    (folder / "list.csv").write_bytes(b"PK\x03\x04\xff\xfe\x00")
    ran = run("region", "new", "--code", "12.73", "--name", "Kota Sibolga", "--areas", "list.csv", "--yes")
    assert (ran.code, ran.line) == (1, "list.csv:1: this file is not UTF-8 text: save it as CSV UTF-8")


def test_names_that_yaml_would_misread_are_quoted(run: Run, folder: Path) -> None:
    (folder / "list.csv").write_text(
        'code,name\n12.73.01,"No"\n12.73.01.1001,"Aek: Nauli #2"\n12.73.01.1002,"Ma\'ruf, A"\n'
    )
    ran = run("region", "new", "--code", "12.73", "--name", "Kota Sibolga", "--areas", "list.csv", "--yes")
    assert (ran.code, ran.err) == (0, "")
    areas = load_region(folder / "regions" / "sibolga").areas
    assert [area.name for area in areas.values()] == ["No", "Aek: Nauli #2", "Ma'ruf, A"]


# --- what is left, and schemas


def test_what_is_left_to_tell_is_a_line_each(run: Run, folder: Path) -> None:
    run("region", "new", "--code", "12.11", "--yes")
    said = run("region", "missing", "--dir", "regions/dairi").out.splitlines()
    assert said[-1] == f"{len(said) - 1} left to tell."
    for line in said[:-1]:
        file, number, _ = line.split(":", 2)
        assert (folder / file).read_text().splitlines()[int(number) - 1]
    found = json.loads(run("region", "missing", "--dir", "regions/dairi", "--json").out)
    assert [f"{one['file']}:{one['line']}: {one['message']}" for one in found] == said[:-1]


def test_a_town_whose_files_are_broken_is_mended_first(run: Run, folder: Path) -> None:
    run("region", "new", "--code", "12.11", "--yes")
    (folder / "regions" / "dairi" / "areas.yaml").unlink()
    ran = run("region", "missing", "--dir", "regions/dairi")
    assert (ran.code, ran.line) == (1, "regions/dairi/areas.yaml:1: this file is missing")


def test_schemas_are_named_where_they_are(run: Run, folder: Path) -> None:
    run("region", "new", "--code", "12.11", "--yes")
    assert run("region", "schema").code == 0
    run("region", "new", "--code", "12.74", "--yes")
    lines = [
        (folder / "regions" / town / "units.yaml").read_text().splitlines()[0] for town in ("dairi", "tanjungbalai")
    ]
    assert lines[0].startswith("# What answers")
    assert lines[1] == "# yaml-language-server: $schema=../schema/units.json"
    assert (folder / "regions" / "tanjungbalai" / "../schema/units.json").exists()
