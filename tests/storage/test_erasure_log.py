"""The log of erasures: what was written stays, whatever happens to the process that writes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from storage.erasures import Entry, ErasureLog

AT = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
FIRST, SECOND = (Entry(n, "citizen", bytes([n]) * 16, AT) for n in (1, 2))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert ErasureLog(tmp_path).add([FIRST, SECOND]) == 2
    assert ErasureLog(tmp_path).read() == [FIRST, SECOND]


def test_nothing_is_written_twice_also_by_a_later_process(tmp_path: Path) -> None:
    ErasureLog(tmp_path).add([FIRST])
    log = ErasureLog(tmp_path)
    assert (log.add([FIRST, SECOND]), log.add([SECOND])) == (1, 0)
    assert log.read() == [FIRST, SECOND]


def test_a_line_that_a_crash_cut_short_is_written_again_and_spoils_no_other(tmp_path: Path) -> None:
    log = ErasureLog(tmp_path)
    log.add([FIRST])
    log.path.write_text(FIRST.line() + SECOND.line()[:20])
    assert ErasureLog(tmp_path).add([FIRST, SECOND]) == 1
    assert ErasureLog(tmp_path).read() == [FIRST, SECOND]


def test_it_is_for_the_programs_user_alone(tmp_path: Path) -> None:
    log = ErasureLog(tmp_path)
    log.add([FIRST])
    assert log.path.stat().st_mode & 0o777 == 0o600
