"""`tanggap export`: the register as CSV, XLSX and a list for SP4N-LAPOR!, without a story, a name or a formula."""

from __future__ import annotations

import csv
import io
import re
import stat
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.sheets import MOST_ROWS, TooLong, csv_file, fill, plain, xlsx_file
from domain.register import COLUMNS, Value
from tests.cli.conftest import STORY, Run, Town

EVER = ("--from", "2020-01-01", "--to", "2099-12-31")


@pytest.fixture
def number(town: Town) -> str:
    return str(town.ask("SELECT number FROM tickets")[0][0])


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def today(town: Town) -> str:
    (received,) = town.ask("SELECT datetime(received_at, '+7 hours') FROM tickets")[0]
    return str(received)[:10]


def test_the_case_of_today_is_a_line(run: Run, town: Town, number: str) -> None:
    day = today(town)
    ran = run("export", "--from", day, "--to", day, "--format", "csv")
    assert ran.code == 0
    assert ran.line == f"1 case from {day} to {day}."
    (found,) = lines(ran.out)
    assert tuple(found) == COLUMNS
    assert (found["number"], found["unit"], found["state"]) == (number, "DISDUKCAPIL", "routed")
    assert re.fullmatch(rf"{day} \d\d:\d\d", found["received"])
    assert (found["on_time"], found["late"], found["rating"]) == ("", "no", "")


@pytest.mark.parametrize(("first", "last"), [("2020-01-01", "2020-12-31"), ("2098-01-01", "9999-12-31")])
def test_other_days_are_a_heading_alone(run: Run, town: Town, first: str, last: str) -> None:
    ran = run("export", "--from", first, "--to", last)
    assert (ran.code, ran.out.splitlines()) == (0, [",".join(COLUMNS)])
    assert ran.line == f"0 cases from {first} to {last}."


def test_all_the_days_there_are(run: Run, town: Town) -> None:
    ran = run("export", "--from", "0001-01-01", "--to", "9999-12-31")
    assert (ran.code, len(lines(ran.out))) == (0, 1)


def test_a_file_is_its_owners_and_known_as_utf_8(run: Run, town: Town, folder: Path, number: str) -> None:
    ran = run("export", *EVER, "--out", "register.csv")
    assert (ran.code, ran.out) == (0, "")
    assert ran.line.endswith(", in register.csv.")
    file = folder / "register.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbfnumber,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert lines(file.read_text(encoding="utf-8-sig"))[0]["number"] == number
    assert [path.name for path in folder.iterdir() if "register" in path.name] == ["register.csv"]


def test_nothing_is_written_over(run: Run, town: Town, folder: Path) -> None:
    (folder / "register.csv").write_text("mine")
    ran = run("export", *EVER, "--out", "register.csv")
    assert (ran.code, ran.line) == (1, "register.csv: exists already; nothing is written over it.")
    assert (folder / "register.csv").read_text() == "mine"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sp4n"])
def test_no_word_of_the_story_is_in_any_of_them(run: Run, town: Town, folder: Path, number: str, kind: str) -> None:
    assert run("export", *EVER, "--format", kind, "--out", f"register.{kind}").code == 0
    said = text_of(folder / f"register.{kind}")
    assert number in said
    assert not [word for word in re.findall(r"\w{5,}", STORY) if word.lower() in said.lower() and word != "disdukcapil"]


def text_of(file: Path) -> str:
    if file.suffix != ".xlsx":
        return file.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(file) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def test_whoever_hides_is_a_day_and_an_office_and_is_counted(run: Run, town: Town) -> None:
    town.change("UPDATE tickets SET identity = 'confidential', area_code = '12.72.03.1005'")
    ran = run("export", *EVER)
    (found,) = lines(ran.out)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["received"])
    assert (found["area"], found["matter"], found["channel"]) == ("", "", "")
    assert ran.line.endswith("; 1 of them tell only day and office.")


def test_the_list_for_lapor_has_open_cases_only(run: Run, town: Town, number: str) -> None:
    (found,) = lines(run("export", *EVER, "--format", "sp4n").out)
    assert found["Nomor Tanggap"] == number
    assert (found["Klasifikasi laporan"], found["Status"]) == ("Pengaduan", "Diteruskan ke instansi")
    assert found["Instansi tujuan"] == "Dinas Kependudukan dan Pencatatan Sipil"
    assert found["Tracking ID LAPOR! (diisi admin)"] == ""
    town.change("UPDATE tickets SET identity = 'anonymous'")
    ran = run("export", *EVER, "--format", "sp4n")
    assert lines(ran.out) == []
    assert ran.line.endswith("; 1 that are not open to everybody stay out.")


def test_working_days_are_counted_under_what_the_town_has_decided(run: Run, town: Town) -> None:
    town.change("UPDATE tickets SET received_at = '2026-06-17 03:00:00.000000'")
    town.change("UPDATE tickets SET resolved_at = '2026-06-22 03:00:00.000000', state = 'closed'")
    assert lines(run("export", *EVER).out)[0]["working_days"] == "3"
    assert run("calendar", "local", "2026-06-19", "--basis", "SK Wali Kota 12/2026", "--yes").code == 0
    assert lines(run("export", *EVER).out)[0]["working_days"] == "2"


def test_no_key_is_needed(run: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANGGAP_ENCRYPTION_KEYS_FILE")
    assert run("export", *EVER).code == 0


def test_an_old_schema_is_one_line(run: Run, keys: str, folder: Path) -> None:
    ran = run("export", *EVER)
    assert (ran.code, ran.out) == (1, "")
    assert "run `tanggap migrate`" in ran.line


# --- the files


@pytest.mark.parametrize("typed", ["=1+1", "+62", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_looks_like_a_formula_is_text(typed: str, tmp_path: Path) -> None:
    assert plain(typed) == f"'{typed}"
    with xlsx_file(tmp_path / "a.xlsx", ["x"]) as sheet:
        fill(sheet, ["x"], [[typed]])
    assert "<f>" not in text_of(tmp_path / "a.xlsx")


def test_days_and_moments_are_typed_and_the_heading_stays(tmp_path: Path) -> None:
    row: Sequence[Value] = [date(2026, 3, 13), datetime.fromisoformat("2026-03-13T12:00"), 7, True, None, "x"]
    with xlsx_file(tmp_path / "a.xlsx", list("abcdef")) as sheet:
        assert fill(sheet, list("abcdef"), [row]) == 1
    said = text_of(tmp_path / "a.xlsx")
    assert "<v>46094</v>" in said
    assert "<v>46094.5</v>" in said
    assert "<v>7</v>" in said
    assert 'state="frozen"' in said
    assert '<row r="2"' in said


def test_a_file_that_was_cut_short_is_not_there(tmp_path: Path) -> None:
    def rows() -> Iterator[Sequence[Value]]:
        yield ["x"]
        raise RuntimeError("the database is gone")

    for made in (csv_file(tmp_path / "a"), xlsx_file(tmp_path / "a", ["a"])):
        with pytest.raises(RuntimeError), made as sheet:
            fill(sheet, ["a"], rows())
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_has_are_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sheets.MOST_ROWS", 3)
    assert MOST_ROWS == 2**20
    with xlsx_file(tmp_path / "a.xlsx", ["a"]) as sheet, pytest.raises(TooLong, match="write CSV"):
        fill(sheet, ["a"], ([n] for n in range(9)))


def test_a_long_register_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        with xlsx_file(tmp_path / f"{count}.xlsx", COLUMNS) as sheet:
            fill(sheet, COLUMNS, ([f"TGP-{n}"] * len(COLUMNS) for n in range(count)))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(600) < 1.5 * peak(60) + 500_000
