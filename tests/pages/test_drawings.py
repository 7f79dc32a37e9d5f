"""Pictures and papers: what stands on them, in both languages, and that hostile words and odd numbers do no harm."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from bot.channels.base import File
from bot.drawings import drawn
from bot.picture import LATE, LATE_STRIPE, shortened, wrapped
from bot.rendering import Renderer
from tests.kit.sample_facts import DUE, EARLIER, HOSTILE, LONG, NUMBER, PICTURE, SAMPLES, UNIT

RENDERER = Renderer(Path(__file__).resolve().parents[2] / "templates", zone="Asia/Jakarta", town="Kota Pematangsiantar")
DIGEST, REPORT = SAMPLES["supervisor/digest"][0].facts, SAMPLES["supervisor/report"][0].facts
LETTER: dict[str, Any] = {"number": NUMBER, "unit": UNIT, "post": "Kepala Dinas Teladan", "by": DUE, "since": EARLIER}
LETTER |= {"date": DUE, "town": "Kota Pematangsiantar"}
EACH_LANGUAGE = pytest.mark.parametrize("language", ["id", "en"])


def drawing(page: str, facts: Any, language: str = "id") -> File:
    (file,) = drawn(RENDERER, page, facts, language)
    return file


def picture(language: str = "id", **changes: Any) -> Image.Image:
    facts = {**DIGEST, "picture": {**PICTURE, **changes}}
    return Image.open(io.BytesIO(drawing("supervisor/digest", facts, language).data)).convert("RGB")


def colours(image: Image.Image) -> set[str]:
    found = image.getcolors(1 << 20)
    assert found is not None
    return {f"#{bytes(colour).hex()}" for _, colour in found if isinstance(colour, tuple)}


def sheets(file: File) -> list[str]:
    """The words on each sheet of a paper."""
    return [sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(file.data)]


# --- the picture


@EACH_LANGUAGE
def test_a_picture_is_as_wide_as_a_phone_shows_and_not_much_longer(language: str) -> None:
    row = PICTURE["rows"][0]
    most = picture(language, rows=[row] * 8, rest={**row, "offices": 30})
    assert most.width == 800
    assert picture(language).height < most.height <= 1_300


def test_what_is_late_is_striped_and_not_told_by_its_colour_alone() -> None:
    assert {LATE, LATE_STRIPE} <= colours(picture())


def test_a_bar_is_as_long_as_its_number() -> None:
    """The late half of a bar takes half of its width."""
    image = picture(rows=[{"name": UNIT, "ages": [5, 0, 0], "late": 5}], rest=None)
    red = max(sum(image.getpixel((x, y)) in _REDS for x in range(image.width)) for y in range(170, 300))
    assert 350 < red < 372


_REDS = tuple(tuple(bytes.fromhex(colour[1:])) for colour in (LATE, LATE_STRIPE))


def test_the_same_facts_are_the_same_bytes() -> None:
    for page, facts in (("supervisor/digest", DIGEST), ("supervisor/report", REPORT), ("officer/dead_letter", LETTER)):
        assert drawing(page, facts).data == drawing(page, facts).data


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": [], "rest": None},
        {"weeks": [{"day": DUE, "in_time": 0, "counted": 0}] * 8},
        {"rows": [{"name": name, "ages": [100_000, 1, 1], "late": 1} for name in (HOSTILE, LONG, "W" * 300, "")]},
        {"apart": None},
        {"whole": True},
    ],
)
def test_odd_facts_are_drawn_too(changes: dict[str, Any]) -> None:
    changed = {"rest": {"name": "", "ages": [0, 0, 0], "late": 0, "offices": 2}} | changes
    assert picture(**changed).width == 800


@EACH_LANGUAGE
def test_a_picture_says_in_words_what_it_shows(language: str) -> None:
    alt = drawing("supervisor/digest", DIGEST, language).alt
    assert "15" in alt
    assert UNIT in alt
    assert "{" not in alt


def test_a_picture_has_no_name_of_anybody_in_its_own() -> None:
    assert drawing("supervisor/digest", DIGEST).name == "rekap-2026-04-10.png"


@pytest.mark.parametrize("facts", [{**DIGEST, "picture": None}, {n: v for n, v in DIGEST.items() if n != "picture"}])
def test_a_page_without_a_picture_has_none(facts: dict[str, Any]) -> None:
    assert not list(drawn(RENDERER, "supervisor/digest", facts, "id"))
    assert not list(drawn(RENDERER, "citizen/receipt", {}, "id"))


def test_lines_fit_into_their_room() -> None:
    assert len(wrapped(LONG, 20, 700)) > 1
    assert wrapped("pendek", 20, 700) == ["pendek"]
    assert shortened("pendek", 20, 700) == "pendek"
    assert shortened("W" * 300, 20, 700).endswith("W…")


# --- papers


@EACH_LANGUAGE
def test_the_paper_of_a_week_says_for_whom_it_is_which_week_and_how_many_sheets(language: str) -> None:
    found = sheets(drawing("supervisor/report", REPORT, language))
    assert "Wali Kota Pematangsiantar" in found[0]
    assert UNIT in found[0]
    words = RENDERER.words("paper", language)
    for n, sheet in enumerate(found, start=1):
        assert words("page", n, len(found)) in sheet
    assert words("period", REPORT["from_day"], REPORT["to_day"]) in found[0]
    assert words("apart").split(":")[0] in found[0].replace("\r\n", " ")


def test_many_offices_fill_several_sheets_with_the_columns_named_on_each() -> None:
    row = REPORT["paper"]["offices"][0]
    paper = {**REPORT["paper"], "offices": [{**row, "name": f"{UNIT} {n}"} for n in range(60)], "picture": None}
    found = sheets(drawing("supervisor/report", {**REPORT, "paper": paper}))
    assert len(found) > 2
    assert sum("Terlambat" in sheet for sheet in found) == len(found)


def test_what_people_typed_stands_on_a_paper_as_it_is() -> None:
    facts = {**REPORT, "title": "<b>Kepala</b> & <para>"}
    assert "<b>Kepala</b> & <para>" in sheets(drawing("supervisor/report", facts))[0]


def test_a_report_of_an_earlier_release_has_no_paper() -> None:
    older = {name: value for name, value in REPORT.items() if name != "paper"}
    assert not list(drawn(RENDERER, "supervisor/report", older, "id"))


@EACH_LANGUAGE
def test_the_letter_that_nobody_could_be_sent_names_case_deadline_and_post_on_one_sheet(language: str) -> None:
    (sheet,) = sheets(drawing("officer/dead_letter", LETTER, language))
    for words in (NUMBER, UNIT, "Kepala Dinas Teladan", "Kota Pematangsiantar, 10 April 2026", "....."):
        assert words in sheet.replace("\r\n", " ")


@EACH_LANGUAGE
def test_the_letter_of_a_case_that_may_not_be_known_has_no_number(language: str) -> None:
    facts = {**LETTER, "number": None, "since": None, "by": None}
    file = drawing("officer/dead_letter", facts, language)
    (sheet,) = sheets(file)
    assert "TGP" not in sheet + file.name.upper()
    assert "None" not in sheet


def every_drawing() -> Iterator[File]:
    for page in ("supervisor/digest", "supervisor/report"):
        for sample in SAMPLES[page]:
            for language in ("id", "en"):
                yield from drawn(RENDERER, page, sample.facts, language)


def test_every_sample_is_drawn() -> None:
    found = list(every_drawing())
    assert len(found) > 10
    assert all(len(file.data) < 300_000 for file in found)
