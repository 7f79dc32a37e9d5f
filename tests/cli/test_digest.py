"""`tanggap digest`: what a post would be sent, on the screen or in a file, and nothing is changed by looking."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Town
from tests.kit.town import short_day, siantar

NUMBER = r"TGP-\d\d-[0-9A-Z]{6}"
OFFICE = siantar().calendars["office"]
#: Working days from now on: one on which the case is late, and one for which it is worth waiting.
LATE_DAY, SOON = (OFFICE.after(datetime.now(UTC).date(), days) for days in (40, 6))
LATER = f"{LATE_DAY}T08:00"


def test_a_post_is_shown_what_its_holder_would_be_sent(run: Run, town: Town) -> None:
    ran = run("digest", "--post", "sekda", "--at", LATER)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == [f"*Rekap pagi, {short_day(LATE_DAY)}*", "Sekretaris Daerah"]
    assert re.search(rf"\*{NUMBER}\* – Dinas Kependudukan dan Pencatatan Sipil", ran.out)
    assert "hari kerja lewat tenggat" in ran.out
    assert re.fullmatch(rf"  1\. {NUMBER}", ran.out.splitlines()[-2])
    assert ran.out.splitlines()[-1] == "  2. Ingatkan yang terlambat"


def test_the_head_of_another_office_has_nothing_to_read(run: Run, town: Town) -> None:
    shown = run("digest", "--post", "KEPALA-DLH").out
    assert "Tidak ada yang terlambat" in shown
    assert not re.search(NUMBER, shown)


@pytest.mark.parametrize(("kind", "title"), [("weekly", "Rekap mingguan"), ("monthly", "Rekap bulanan")])
def test_a_week_and_a_month_are_numbers(run: Run, town: Town, kind: str, title: str) -> None:
    ran = run("digest", "--post", "WALI-KOTA", "--kind", kind, "--at", LATER)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"*{title}, ")
    assert "Terlambat sekarang: *1*" in ran.out


def test_a_file_has_the_kind_the_post_and_the_day_in_its_name(run: Run, town: Town, folder: Path) -> None:
    shown = run("digest", "--post", "SEKDA", "--at", LATER).out
    ran = run("digest", "--post", "SEKDA", "--at", LATER, "--out", "digests/today")
    assert (ran.code, ran.err) == (0, "")
    file = folder / "digests" / "today" / f"daily-SEKDA-{LATE_DAY}.txt"
    drawn = file.with_suffix(".png")
    assert ran.out.split() == [str(one.relative_to(folder)) for one in (file, drawn)]
    assert file.read_text(encoding="utf-8") == shown
    assert drawn.read_bytes().startswith(b"\x89PNG")


def test_the_paper_of_a_week_lies_beside_its_words(run: Run, town: Town, folder: Path) -> None:
    assert run("digest", "--post", "SEKDA", "--kind", "weekly", "--at", LATER, "--out", "digests").code == 0
    paper = folder / "digests" / f"weekly-SEKDA-{LATE_DAY}.pdf"
    assert paper.read_bytes().startswith(b"%PDF-")


def test_looking_changes_nothing(run: Run, town: Town) -> None:
    counts = " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in ("digests", "outbox", "audit", "town"))
    clock = "SELECT clock_offset_ms FROM town"
    before = town.ask(counts), town.ask(clock)
    for kind in ("daily", "weekly", "monthly"):
        assert run("digest", "--post", "SEKDA", "--kind", kind, "--at", LATER).code == 0
    assert (town.ask(counts), town.ask(clock)) == before


def test_a_post_that_nobody_holds_is_shown_and_said_to_be_empty(run: Run, town: Town) -> None:
    town.change("DELETE FROM holdings WHERE post_code = 'SEKDA'")
    ran = run("digest", "--post", "SEKDA")
    assert ran.code == 0
    assert "Sekretaris Daerah" in ran.out
    assert ran.line.startswith("Nobody who can be reached holds SEKDA today: nothing would be sent.")


def test_a_post_that_is_sent_none_by_itself_is_told_so(run: Run, town: Town) -> None:
    ran = run("digest", "--post", "PETUGAS-DISDUKCAPIL")
    assert ran.code == 0
    assert ran.line == "PETUGAS-DISDUKCAPIL is sent no digest by itself: those go to supervisors and heads of offices."


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("--post LURAH-ATLANTIS", "There is no post LURAH-ATLANTIS: each unit's posts stand in"),
        ("--post SEKDA --at tomorrow", "tomorrow is no ISO time"),
    ],
)
def test_what_can_not_be_shown_is_one_line(run: Run, town: Town, typed: str, line: str) -> None:
    ran = run("digest", *typed.split())
    assert (ran.code, ran.out) == (1, "")
    assert ran.line.startswith(line)


def test_tick_stops_at_every_morning_on_the_way(run: Run, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_DIGESTS", "1")
    town.change("DELETE FROM holdings WHERE post_code NOT IN ('SEKDA', 'KEPALA-DLH')")
    assert run("tick", "--at", f"{SOON}T08:00").code == 0
    written = town.ask("SELECT on_date FROM digests WHERE post_code = 'SEKDA' AND kind = 'daily' ORDER BY id")
    days = [date.fromisoformat(str(day)) for (day,) in written]
    assert days == [OFFICE.before(SOON, n) for n in range(len(days) - 1, -1, -1)]
    assert len(days) >= 5
    assert town.ask("SELECT count(*) FROM digests WHERE post_code = 'KEPALA-DLH' AND kind = 'weekly'")[0] >= (1,)


def test_digests_can_be_switched_off(run: Run, town: Town) -> None:
    assert run("tick", "--at", LATER).code == 0
    assert town.ask("SELECT count(*) FROM digests") == [(0,)]
