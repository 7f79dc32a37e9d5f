"""Tables into files, row by row: CSV and XLSX. A file has its name once it is whole, and only its owner reads it."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Protocol

import xlsxwriter

from domain.register import Value

#: A cell that begins with one of these would be run as a formula by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: A sheet of a spreadsheet has so many rows, its heading among them.
MOST_ROWS = 1_048_576
_DAY, _MOMENT = "%Y-%m-%d", "%Y-%m-%d %H:%M"
_WIDTHS = (10, 44)


class TooLong(ValueError):  # noqa: N818
    """The table has more rows than the format holds."""


class Sheet(Protocol):
    """A table that is being written."""

    def add(self, row: Sequence[Value]) -> None:
        """Write one row."""


class CsvSheet:
    """RFC 4180: comma, CRLF, quoted where needed."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file)

    def add(self, row: Sequence[Value]) -> None:
        self._writer.writerow([plain(value) for value in row])


class XlsxSheet:
    """One sheet with typed cells and a heading that stays; rows go to the disk as they come."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        heading: Sequence[str],
        name: str | None = None,
        widths: Mapping[int, int] | None = None,
    ) -> None:
        """`widths`: of columns with sentences, whose lines are broken there; the others are as wide as their name."""
        self._page = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._rows = 0
        self._page.freeze_panes(1, 0)
        for column, name in enumerate(heading):
            self._page.set_column(column, column, min(max(len(name) + 2, _WIDTHS[0]), _WIDTHS[1]))
        broken = book.add_format({"text_wrap": True, "valign": "top"}) if widths else None
        for column, width in (widths or {}).items():
            self._page.set_column(column, column, width, broken)

    def add(self, row: Sequence[Value]) -> None:
        """Raises TooLong for a row that no sheet has room for."""
        if self._rows >= MOST_ROWS:
            raise TooLong(f"An XLSX holds {MOST_ROWS:,} rows: write CSV, or fewer days.")
        for column, value in enumerate(row):
            self._write(column, value)
        self._rows += 1

    def _write(self, column: int, value: Value) -> None:
        place = (self._rows, column)
        if isinstance(value, bool):
            self._page.write_string(*place, plain(value))
        elif isinstance(value, int):
            self._page.write_number(*place, value)
        elif isinstance(value, datetime):
            self._page.write_datetime(*place, value, self._moment)
        elif isinstance(value, date):
            self._page.write_datetime(*place, value, self._day)
        elif value:  # as text, whatever it looks like
            self._page.write_string(*place, value, None if self._rows else self._bold)


def plain(value: Value) -> str:
    """A value as a cell of text; what a spreadsheet would take for a formula is text too."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime(_MOMENT)
    if isinstance(value, date):
        return value.strftime(_DAY)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


@contextmanager
def csv_file(path: Path) -> Iterator[Sheet]:
    """A CSV that spreadsheets know as UTF-8 (it begins with a byte order mark). FileExistsError if it is there."""
    with _whole(path) as file, os.fdopen(os.dup(file.fileno()), "w", encoding="utf-8-sig", newline="") as text:
        yield CsvSheet(text)


@contextmanager
def xlsx_file(path: Path, heading: Sequence[str]) -> Iterator[Sheet]:
    """An XLSX of one sheet. FileExistsError if it is there."""
    with xlsx_book(path) as book:
        yield XlsxSheet(book, heading)


@contextmanager
def xlsx_book(path: Path) -> Iterator[xlsxwriter.Workbook]:
    """An XLSX of several sheets, filled one after the other (`XlsxSheet`). FileExistsError if it is there."""
    with _whole(path) as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        try:
            yield book
        finally:
            book.close()


def fill(sheet: Sheet, heading: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    """Write the heading and every row; returns how many rows there were."""
    sheet.add(heading)
    count = 0
    for row in rows:
        sheet.add(row)
        count += 1
    return count


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    if path.exists():
        raise FileExistsError(17, "exists already; nothing is written over it", str(path))
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            yield file
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
