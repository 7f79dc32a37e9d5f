"""`tanggap standards`: what Bagian Organisasi works with - which components are written, and which are missing."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.commands import checking
from domain.services import ALL
from tests.cli.conftest import Run
from tests.domain.regions import siantar

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets_of(file: Path) -> dict[str, list[list[str]]]:
    """The cells of every sheet, by its name."""
    with zipfile.ZipFile(file) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        pages = [ElementTree.fromstring(book.read(f"xl/worksheets/sheet{n}.xml")) for n in range(1, len(names) + 1)]
    rows = [[["".join(cell.itertext()) for cell in row] for row in page.iter(f"{_NAMESPACE}row")] for page in pages]
    return dict(zip(names, rows, strict=True))


def test_each_service_is_a_line_with_what_is_missing(run: Run) -> None:
    ran = run("standards", "--unit", "capil")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 8
    assert all(
        line.startswith("DISDUKCAPIL  ") and "1 of 14  missing: requirements," in line for line in ran.out.splitlines()
    )
    assert ran.line == "8 services, 8 of 112 components are written."


def test_a_unit_is_named_by_code_or_name_and_an_unknown_one_is_said_so(run: Run) -> None:
    assert run("standards", "--unit", "pkm-raya").out == run("standards", "--unit", "Puskesmas Raya").out != ""
    ran = run("standards", "--unit", "nowhere")
    assert (ran.code, ran.out) == (1, "")
    assert ran.line == "No unit is called nowhere: give a code of offices.yaml or units.yaml."


def test_the_table_has_an_overview_and_every_component_of_every_service(run: Run, folder: Path) -> None:
    ran = run("standards", "--out", "standards.xlsx")
    assert (ran.code, ran.out) == (0, "")
    assert ran.line.endswith("components are written, in standards.xlsx.")
    sheets = sheets_of(folder / "standards.xlsx")
    assert list(sheets) == ["Ringkasan", "Komponen"]
    overview, details = sheets["Ringkasan"], sheets["Komponen"]
    services = len(siantar().services)
    assert len(overview) == services + 1
    assert len(details) == services * len(ALL) + 1
    (card,) = [row for row in overview if row[1] == "Kartu keluarga (KK)"]
    assert card[:5] == ["Dinas Kependudukan dan Pencatatan Sipil", "Kartu keluarga (KK)", "1", "1", "0"]
    assert (card.count("ada"), card.count("belum")) == (1, 13)
    fee, basis = (
        next(row for row in details if row[2] == "family_card" and row[4] == name)
        for name in ("Biaya atau tarif", "Dasar hukum")
    )
    assert fee[3:] == ["4", "Biaya atau tarif", "Penyampaian pelayanan", "Rp0 (gratis)", "UU 24/2013 Ps 79A"]
    assert basis[3:7] == ["7", "Dasar hukum", "Pengelolaan internal", "belum diisi"]


def test_an_office_that_the_files_do_not_name_is_listed_by_its_field(run: Run, folder: Path) -> None:
    assert run("standards", "--out", "a.xlsx").code == 0
    offices = {row[0] for row in sheets_of(folder / "a.xlsx")["Ringkasan"][1:]}
    assert {"Pendidikan", "Dinas Perhubungan", "Kecamatan dan kelurahan"} <= offices


def test_the_table_of_one_unit_has_its_own_services_only(run: Run, folder: Path) -> None:
    assert run("standards", "--unit", "DISHUB", "--out", "a.xlsx").code == 0
    sheets = sheets_of(folder / "a.xlsx")
    assert {row[0] for row in sheets["Ringkasan"][1:]} == {"Dinas Perhubungan"}
    (parking,) = [row for row in sheets["Komponen"] if row[2] == "street_parking" and row[3] == "4"]
    assert "roda dua dan becak bermotor: Rp2.000" in parking[6].splitlines()
    assert run("standards", "--out", "a.xlsx").line == "a.xlsx: exists already; nothing is written over it."


def test_check_says_in_one_line_how_much_the_offices_have_not_supplied() -> None:
    (line,) = checking.unwritten(siantar())
    assert re.fullmatch(
        r"service standards: [\d,]+ of [\d,]+ components are not written yet: `tanggap standards` lists them", line
    )


@pytest.mark.parametrize("name", ["a.csv", "a"])
def test_the_table_is_an_xlsx_or_nothing(run: Run, folder: Path, name: str) -> None:
    assert run("standards", "--out", name).code == 2
    assert list(folder.iterdir()) == []
