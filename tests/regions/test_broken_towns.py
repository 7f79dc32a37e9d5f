"""What an administrator may get wrong in a town's files: a small mistake is one clear line, with file and line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from storage.regions import RegionFaults, coverage_faults, load_region
from tests.kit.breaks import append, swap

REGIONS = Path(__file__).parents[2] / "regions"
TOWN = "dairi"


class Slip(NamedTuple):
    """A file, what becomes of its text (None: it is deleted), and what the line says; `at`: the text of that line."""

    file: str
    change: Callable[[str], str] | None
    says: str
    at: str = ""


def drop(line: str) -> Callable[[str], str]:
    return swap(f"{line}\n", "")


def whole(text: str) -> Callable[[str], str]:
    return lambda _: f"{text}\n"


NUMBERS = "emergency_numbers: {general: '112'}"
SLIPS = {
    # region.yaml
    "a code without its dot": Slip(
        "region.yaml", swap("'12.11'", "'1211'"), "code: `1211` is not written as it should be: like '12.72'", "code:"
    ),
    "no name": Slip("region.yaml", drop("name: Kabupaten Dairi"), "key `name` is missing"),
    "a key in Indonesian": Slip("region.yaml", swap("\nname:", "\nnama:"), "unknown key `nama`: it is `name`", "nama:"),
    "a zone as people say it": Slip("region.yaml", swap("Asia/Jakarta", "WIB"), "there is no time zone `WIB`", "zone:"),
    "a number that is no text": Slip(
        "region.yaml",
        swap(NUMBERS, "emergency_numbers: {general: 112}"),
        "a number as a text stands in quotes",
        NUMBERS[:9],
    ),
    "a number with blanks": Slip(
        "region.yaml", swap(NUMBERS, "emergency_numbers: {fire: '0627 21'}"), "`0627 21` is not written", NUMBERS[:9]
    ),
    "a number without its name": Slip(
        "region.yaml", swap(NUMBERS, "emergency_numbers: '112'"), "here belong lines like `key: value`", NUMBERS[:9]
    ),
    "a base that is not there": Slip(
        "region.yaml", swap("base: indonesia", "base: malaysia"), "the folder malaysia, which does not exist", "base:"
    ),
    "a head that is another town's": Slip(
        "region.yaml",
        swap("region: BUPATI", "region: WALIKOTA"),
        "head_of_region names unit WALIKOTA",
        "head_of_region:",
    ),
    "an inspectorate that is none": Slip(
        "region.yaml",
        swap("inspectorate: INSPEKTORAT", "inspectorate: DINKES"),
        "DINKES is the inspectorate",
        "DINKES:",
    ),
    "a front desk in small letters": Slip(
        "region.yaml",
        swap("BAGIAN-ORGANISASI", "bagian-organisasi"),
        "like BAGIAN-ORGANISASI, in capitals",
        "front_desk:",
    ),
    "a front desk that is not said": Slip(
        "region.yaml", swap(" BAGIAN-ORGANISASI", ""), "front_desk: nothing is written here", "front_desk:"
    ),
    "a forgotten colon": Slip("region.yaml", swap("front_desk: ", "front_desk "), "a colon is missing"),
    "no region.yaml": Slip("region.yaml", None, "this file is missing"),
    # areas.yaml
    "a level with a capital": Slip(
        "areas.yaml", swap("level: kecamatan", "level: Kecamatan"), "'kecamatan', 'kelurahan' or 'desa'", "12.11.01:"
    ),
    "a code with a digit too few": Slip(
        "areas.yaml", swap("12.11.01.1005:", "12.11.1.1005:"), "like 12.72.01 or 12.72.01.1002", "12.11.1.1005:"
    ),
    "a code twice": Slip(
        "areas.yaml", swap("12.11.01.1007:", "12.11.01.1005:"), "`12.11.01.1005` is written twice (first in line"
    ),
    "a name without its key": Slip(
        "areas.yaml",
        swap("{name: Kuta Gambir, level: kelurahan}", "Kuta Gambir"),
        "12.11.01.1005: here belong lines like `key: value`",
        "12.11.01.1005:",
    ),
    "a brace that does not close": Slip(
        "areas.yaml",
        swap("Gambir, level: kelurahan}", "Gambir, level: kelurahan"),
        "a bracket, brace or comma is missing",
    ),
    "a list for a mapping": Slip("areas.yaml", whole("- Sidikalang\n- Sumbul"), "here belong lines like `key: value`"),
    "an empty file": Slip("areas.yaml", whole(""), "this file is empty"),
    "an area of another town": Slip(
        "areas.yaml",
        append("12.09.08: {name: Meranti, level: kecamatan}"),
        "area 12.09.08 is not of region 12.11",
        "12.09",
    ),
    "kelurahan in no kecamatan": Slip(
        "areas.yaml",
        append("12.11.99.1001: {name: X, level: kelurahan}\n12.11.99.1002: {name: Y, level: kelurahan}"),
        "area 12.11.99.1001 lies in 12.11.99, which no file defines (1 more like it)",
        "12.11.99.1001",
    ),
    # offices.yaml
    "a kind that is misspelt": Slip(
        "offices.yaml",
        swap("kind: dinas", "kind: dines"),
        "unit DISDUKCAPIL is of kind dines, which no file defines: perhaps dinas",
        "  kind: dines",
    ),
    "a key that is misspelt": Slip(
        "offices.yaml", swap("  kind: dinas", "  knid: dinas"), "unknown key `knid`: it is `kind`", "  knid:"
    ),
    "a key that nobody knows": Slip(
        "offices.yaml",
        swap("  kind: dinas", "  phone: 0627\n  kind: dinas"),
        "unknown key `phone`: here may stand name, kind",
        "  phone:",
    ),
    "a kind that is not said": Slip(
        "offices.yaml", drop("  kind: dinas"), "DISDUKCAPIL: key `kind` is missing", "DISDUKCAPIL:"
    ),
    "a code in small letters": Slip(
        "offices.yaml", swap("DISDUKCAPIL:\n", "Disdukcapil:\n"), "`Disdukcapil` is not written", "Disdukcapil:"
    ),
    "a parent that is not there": Slip(
        "offices.yaml", swap("parent: SETDA", "parent: SETDAKAB"), "names parent SETDAKAB", "  parent: SETDAKAB"
    ),
    "one field without a list": Slip(
        "offices.yaml",
        swap("[DISDUKCAPIL]", "DISDUKCAPIL"),
        "here belongs a list: [one, another]",
        "  groups: DISDUKCAPIL",
    ),
    "a field that does not exist": Slip(
        "offices.yaml",
        swap("[DISDUKCAPIL]", "[CAPIL]"),
        "carries group CAPIL, which no file defines (regions/indonesia/groups.yaml lists them)",
        "  groups: [CAPIL]",
    ),
    "a field that two offices carry": Slip(
        "offices.yaml",
        swap("[DPMPTSP, DISNAKER]", "[DPMPTSP, DISDIK]"),
        "which DISDIK already carries",
        "  groups: [DPMPTSP",
    ),
    "an alias with a capital": Slip(
        "offices.yaml", swap("[dinsos,", "[Dinsos,"), "`Dinsos` must be in lower case", "  aliases: [Dinsos"
    ),
    "an alias that two offices have": Slip(
        "offices.yaml",
        swap("sicantik, sicantik cloud]", "sicantik, capil]"),
        "alias `capil` of unit DPMPTSPK already means DISDUKCAPIL (regions/dairi/offices.yaml:",
        "    sicantik, capil]",
    ),
    "an alias twice": Slip(
        "offices.yaml", swap("[dinsos,", "[dinsos, dinsos,"), "`dinsos` stands in the list twice", "  aliases: [dinsos"
    ),
    "an alias that is an ordinary word": Slip(
        "offices.yaml",
        swap("[dinsos,", "[jalan, dinsos,"),
        "`jalan` of unit DINSOS is an ordinary",
        "  aliases: [jalan",
    ),
    "a key that is misspelt and may be left out": Slip(
        "offices.yaml",
        swap("  aliases: [dinsos", "  alias: [dinsos"),
        "unknown key `alias`: perhaps aliases",
        "  alias:",
    ),
    "a parent of whom many are": Slip(
        "offices.yaml", swap("\nDINKES:", "\nDINKESS:"), "DINKES, which no file defines: perhaps DINKESS ("
    ),
    "a role that is none": Slip(
        "offices.yaml",
        swap("role: frontdesk", "role: clerk"),
        "'officer', 'head', 'supervisor'",
        "    - {code: PETUGAS-MEJA",
    ),
    "a post without a title": Slip(
        "offices.yaml",
        swap("title: Bupati Dairi, ", ""),
        "BUPATI.posts.0: key `title` is missing",
        "    - {code: BUPATI",
    ),
    "a post that two units have": Slip(
        "offices.yaml",
        swap("code: BUPATI, title", "code: KEPALA-DINKES, title"),
        "KEPALA-DINKES of unit DINKES",
        "DINKES:",
    ),
    "a title with an unknown name": Slip(
        "offices.yaml", swap("title: Bupati Dairi", "title: 'Bupati {nama}'"), "is no pattern", "    - {code: BUPATI"
    ),
    "a tab": Slip("offices.yaml", swap("  kind: dinas", "\tkind: dinas"), "lines are moved in with blanks"),
    "a tab before the first key": Slip("offices.yaml", swap("  name: Dinas", "\tname: Dinas"), "this line has a tab"),
    "a blank too many": Slip("offices.yaml", swap("  kind: dinas", "   kind: dinas"), "too many blanks before the key"),
    "a blank too few": Slip("offices.yaml", swap("  kind: dinas", " kind: dinas"), "too many or too few blanks"),
    "a source that is not said": Slip(
        "offices.yaml", swap("source: UU 23/2014", "source:"), "BUPATI.source: nothing is written here", "  source:"
    ),
    "a unit without posts": Slip(
        "offices.yaml",
        append("DINAS-X: {name: Dinas X, kind: dinas, parent: SETDA, posts: [], source: missing}"),
        "unit DINAS-X has no post that leads it and none that answers for it",
        "DINAS-X:",
    ),
    # units.yaml
    "a place that is not there": Slip(
        "units.yaml",
        swap("area: 12.11.01.1005", "area: 12.11.01.1006"),
        "KEL-KUTA-GAMBIR lies in area 12.11.01.1006",
        "  area:",
    ),
    "a calendar that is not there": Slip(
        "units.yaml", swap("  area: ", "  calendar: pasar\n  area: "), "keeps calendar pasar", "  calendar: pasar"
    ),
    "a unit of both files": Slip(
        "units.yaml",
        swap("KEL-KUTA-GAMBIR:", "KEC-SUMBUL:"),
        "unit KEC-SUMBUL is already written in regions/dairi/offices.yaml:",
        "KEC-SUMBUL:",
    ),
    "aliases of which the bracket is lost": Slip(
        "units.yaml", swap("    kutagambir]", "    kutagambir"), "a bracket, brace or comma is missing"
    ),
    "an alias without brackets": Slip(
        "units.yaml", swap("[desa kalang]", "desa kalang"), "here belongs a list", "  aliases: desa kalang"
    ),
    # holidays.yaml, words.yaml
    "a day as people write it": Slip(
        "holidays.yaml", swap("added_off: []", "added_off: [24-04-2026]"), "`24-04-2026` is no day; one is written like"
    ),
    "a day that no month has": Slip(
        "holidays.yaml", swap("added_off: []", "added_off: [2026-02-30]"), "`2026-02-30` is no day", "added_off:"
    ),
    "a day without brackets": Slip(
        "holidays.yaml", swap("added_off: []", "added_off: 2026-04-24"), "here belongs a list", "added_off:"
    ),
    "a list that is misspelt": Slip(
        "holidays.yaml", swap("\nadded_off:", "\nadded:"), "unknown key `added`: it is `added_off`", "added:"
    ),
    "a word with a capital": Slip(
        "words.yaml", swap("  pajak: ", "  Pajak: "), "`Pajak` must be in lower case", "  Pajak:"
    ),
    "a word with two meanings": Slip(
        "words.yaml", append("  pajak: balai"), "`pajak` is written twice (first in line", "  pajak: balai"
    ),
    "words under another name": Slip(
        "words.yaml", swap("\nwords:", "\nkata:"), "unknown key `kata`: it is `words`", "kata:"
    ),
    # files that a town may add
    "a rung for nobody": Slip(
        "ladder.yaml",
        whole("complaint:\n  - {code: first, clock: verify, when: at, days: 0, to: KEPALA}"),
        "rung first of complaint tells post KEPALA, which no unit has",
        "  - {code: first",
    ),
    "a deadline without its dash": Slip(
        "deadlines.yaml", whole("complaint:\n  verify: 3"), "complaint: here belongs a list", "complaint:"
    ),
    "hours without a nought": Slip(
        "calendar.yaml",
        whole("calendars:\n  office:\n    source: SK\n    week:\n      monday: ['7:30-16:00']"),
        "`7:30-16:00` is not written like 07:30-16:00",
        "      monday:",
    ),
    "a road outside without its source": Slip(
        "referrals.yaml", whole("saber: {name: Satgas}"), "saber: key `source` is missing", "saber:"
    ),
    "a service by what people call it": Slip(
        "services.yaml", whole("kk: {aliases: [kartu warga]}"), "perhaps family_card is meant", "kk:"
    ),
    "a service under another code": Slip(
        "services.yaml", whole("familycard: {aliases: [kartu warga]}"), "perhaps family_card is meant", "familycard:"
    ),
    "a part of a component that nobody knows": Slip(
        "services.yaml",
        whole("family_card:\n  duration: {days: 3, source: SK}"),
        "family_card.duration: unknown key `days`: here may stand text, source, working_days",
        "  duration:",
    ),
    "a file in Indonesian": Slip("layanan.yaml", whole("X: 1"), "read here: those that are read are answers.yaml"),
    "a file that is misspelt": Slip(
        "ofices.yaml", whole("X: 1"), "no file of this name is read here: perhaps offices.yaml"
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the town beside its country."""
    place = tmp_path_factory.mktemp("broken") / "regions"
    for name in ("indonesia", TOWN):
        shutil.copytree(REGIONS / name, place / name)
    return place / TOWN


def faults_of(folder: Path) -> list[str]:
    try:
        return [str(fault) for fault in coverage_faults(load_region(folder))]
    except RegionFaults as error:
        return [str(fault) for fault in error.faults]


def test_the_copy_is_in_order(folder: Path) -> None:
    assert faults_of(folder) == []


def test_there_are_many_ways_to_slip() -> None:
    assert len(SLIPS) >= 55


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS.keys())
def test_one_slip_is_one_line_that_says_where(folder: Path, slip: Slip) -> None:
    path = folder / slip.file
    before = path.read_bytes() if path.exists() else None
    try:
        if slip.change is None:
            path.unlink()
        else:
            path.write_text(slip.change(before.decode() if before else ""))
        (line,) = faults_of(folder)
        match = re.fullmatch(rf"regions/{TOWN}/(\w+\.yaml):(\d+): [^\n]+", line)
        assert match, line
        assert slip.says in line
        if slip.at:
            assert (folder / match[1]).read_text().splitlines()[int(match[2]) - 1].startswith(slip.at), line
    finally:
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)
