"""Message templates: every page that is pushed has one, none breaks a rule of Meta's, none can tell a story."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.message_template_folder import FOLDER, message_template_faults
from bot.message_templates import (
    SEE,
    UNKNOWN,
    MessageTemplates,
    MessageTemplateSpec,
    flat,
    payloads_for,
)
from bot.rendering import Renderer
from handlers.messages import Choice
from storage.regions import RegionFaults
from tests.kit.breaks import Break, swap
from tests.kit.sample_facts import DUE, HOSTILE, NUMBER, SAMPLES, STORY, str_of
from tests.pages.named_in_code import scan

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
RENDERER = Renderer(TEMPLATES, zone="Asia/Jakarta", town="Kota Pematangsiantar")
KNOWN = MessageTemplates(TEMPLATES, RENDERER)
#: Pushed pages that the source does not spell out beside their `Letter`.
PUSHED = {"officer/card", "supervisor/digest", "supervisor/report", "citizen/locked_news", "officer/bell"}
PUSHED |= {"officer/reminders"}
#: A number, a count, a day, or nothing.
PLAIN = re.compile(rf"TGP-\d\d-[0-9A-Z]{{6}}|\d{{1,6}}|\w{{3}}, \d{{1,2}} \w{{3}} \d{{4}}|{UNKNOWN}")
EACH = pytest.mark.parametrize("spec", KNOWN.every, ids=lambda spec: f"{spec.name}-{spec.language}")


def composed(spec: MessageTemplateSpec, facts: Any) -> tuple[str, ...]:
    return KNOWN.compose(spec, facts, [f"7.{n}" for n, _ in enumerate(spec.choices, start=1)]).variables


# --- which page goes as what


def test_every_page_that_may_be_pushed_has_a_template_or_a_reason_for_none() -> None:
    pushed = scan(ROOT / "handlers").pushed | PUSHED
    assert len(pushed) >= 29
    told = {page for spec in KNOWN.every for page in spec.pages} | KNOWN.without.keys()
    assert pushed - told == set()
    assert told - pushed == set(), "nobody pushes these"


def test_a_language_that_we_do_not_speak_gets_everybodys() -> None:
    english, other = KNOWN.templates_for("citizen/answer", "en"), KNOWN.templates_for("citizen/answer", "bbc")
    assert english is not None
    assert other is not None
    assert (english.language, other.language) == ("en", "id")
    assert english.name == other.name == "tanggap_citizen_answer"
    assert KNOWN.templates_for("citizen/menu", "id") is None


@EACH
def test_a_page_with_words_of_a_person_only_follows_the_press(spec: MessageTemplateSpec) -> None:
    """`whole` says that the page is not sent any more, so a page that tells somebody's words may never be whole."""
    told = {"text", "story", "question", "thread", "photos_of"}
    with_words = [page for page in spec.pages for sample in SAMPLES[page] if told & sample.facts.keys()]
    if spec.whole:
        assert [page for page in with_words if page != "citizen/lapsed"] == []
    else:
        assert spec.choices == (SEE,)


@EACH
def test_the_buttons_of_a_whole_template_are_choices_of_each_of_its_pages(spec: MessageTemplateSpec) -> None:
    if spec.whole:
        for page in spec.pages:
            assert any(set(spec.choices) <= {choice.code for choice in sample.choices} for sample in SAMPLES[page])


# --- what stands in a gap


@EACH
def test_a_gap_is_one_short_line_and_holds_nothing_that_anybody_typed(spec: MessageTemplateSpec) -> None:
    for page in spec.pages:
        for sample in SAMPLES[page]:
            for gap in composed(spec, sample.facts):
                assert re.fullmatch(
                    rf"TGP-\d\d-[0-9A-Z]{{6}}|\d{{1,6}}|\w{{3}}, \d{{1,2}} \w{{3}} \d{{4}}|{UNKNOWN}", gap
                )


@EACH
def test_every_gap_is_filled_from_the_first_sample_of_its_pages(spec: MessageTemplateSpec) -> None:
    for page in spec.pages:
        assert UNKNOWN not in composed(spec, SAMPLES[page][0].facts)


@pytest.mark.parametrize("fact", ["number", "by", "count"])
@given(value=st.one_of(st.text(), st.sampled_from([HOSTILE, STORY, "Siti", None, True, 1.5, [STORY], {"id": STORY}])))
def test_whatever_a_fact_holds_only_its_own_kind_gets_through(fact: str, value: Any) -> None:
    said = KNOWN.said(fact, value, "id")
    assert said == UNKNOWN or not str_of(value).strip() or said.replace("-", "") in str_of(value).upper()


def test_a_day_is_said_by_the_towns_clock_in_the_readers_language() -> None:
    assert KNOWN.said("by", DUE, "id") == "Jum, 10 Apr 2026"
    assert KNOWN.said("by", "2026-04-10T18:30:00+00:00", "en") == "Sat, 11 Apr 2026"
    assert KNOWN.said("by", None, "id") == UNKNOWN
    assert KNOWN.said("number", NUMBER.lower(), "id") == NUMBER
    assert KNOWN.said("count", 0, "id") == "0"


@given(text=st.text(max_size=200))
def test_a_gap_breaks_no_rule_of_metas(text: str) -> None:
    gap = flat(text)
    assert not re.search(r"[\n\t]| {2,}", gap)
    assert len(gap) <= 40


def test_buttons_get_the_data_of_the_rows_choices_wherever_they_stand() -> None:
    closed = KNOWN.templates_for("citizen/closed", "id")
    assert closed is not None
    there = [Choice("add", ("3",)), Choice("rate", ("3",)), Choice("not_done", ("3",))]
    assert payloads_for(closed, "ABC", there) == ("ABC.3", "ABC.2")
    assert payloads_for(closed, "ABC", there[:2]) is None
    template = KNOWN.compose(closed, {"number": NUMBER}, ("ABC.3", "ABC.2"), "MARKETING")
    assert (template.category, template.variables, template.payloads) == ("marketing", (NUMBER,), ("ABC.3", "ABC.2"))
    with pytest.raises(ValueError, match="has 2 buttons"):
        KNOWN.compose(closed, {"number": NUMBER})


# --- Meta's rules, asked once more by other words than the lint's


@EACH
def test_what_is_submitted_keeps_metas_limits(spec: MessageTemplateSpec) -> None:
    assert re.fullmatch(r"[a-z0-9_]{1,512}", spec.name)
    assert len(spec.pattern) <= 1024
    assert len(spec.footer) <= 60
    assert "{" not in spec.footer
    assert all(len(label) <= 25 and "{" not in label and "\n" not in label for label in spec.labels)
    assert len(spec.labels) == len(spec.choices) <= 3
    assert not re.search(r"\n{3}|\t| {5}|\}\}\s*\{\{|^\W*\{\{|\}\}\W*$", spec.pattern)
    assert re.findall(r"\{\{(\d)\}\}", spec.pattern) == [str(n + 1) for n, _ in enumerate(spec.variables)]
    assert not re.search(r"(?<!\{)\{(?!\{)", spec.pattern)


@EACH
def test_citizens_are_told_in_plain_words_what_to_press(spec: MessageTemplateSpec) -> None:
    """A body names the button that follows, so that nobody wonders what happens."""
    if spec.choices == (SEE,):
        assert spec.labels[0] in spec.body


# --- the lint


def body(text: str) -> Callable[[str], str]:
    """Another Indonesian body."""
    return lambda whole: re.sub(r"(?s)(\nid:\n  body:).*?\n  footer", lambda m: f"{m[1]} {text}\n  footer", whole)


ANSWER, CLOSED, LATE = "citizen_answer.yaml", "citizen_closed.yaml", "staff_late.yaml"
WORDS = "satu dua tiga empat lima enam tujuh"
BROKEN = {
    "no YAML": Break(ANSWER, lambda text: f"{text}\na: [", "not valid YAML"),
    "an unknown key": Break(ANSWER, lambda text: f"{text}\nheader: Halo\n", "unknown key `header`"),
    "no pages": Break(ANSWER, swap("pages:\n  - citizen/answer", "pages: []"), "needs at least one page"),
    "a page that is none": Break(ANSWER, swap("citizen/answer", "Citizen answer"), "is not written as"),
    "a page that is not there": Break(ANSWER, swap("citizen/answer", "citizen/anwser"), "no page citizen/anwser"),
    "a page of two templates": Break(ANSWER, swap("citizen/answer", "citizen/closed"), "stands in citizen_answer.yaml"),
    "a page with a template and without": Break(
        "without.yaml", lambda text: f"{text}citizen/answer: It was never needed.\n", "stands in without.yaml too"
    ),
    "no reason for none": Break("without.yaml", lambda text: f"{text}citizen/menu: no\n", "at least 10 characters"),
    "no list of pages without": Break("without.yaml", None, "without.yaml:1: this file is missing"),
    "a category that is none": Break(ANSWER, swap("utility", "service"), "category"),
    "a category that nobody asked for": Break(ANSWER, swap("utility", "marketing"), "only utility templates"),
    "a language that lacks": Break(ANSWER, lambda text: text.partition("en:\n")[0], "key `en` is missing"),
    "a gap at the beginning": Break(ANSWER, body(f'"{{number}} {WORDS}"'), "must not begin or end with a gap"),
    "a gap behind a quote": Break(ANSWER, body(f"'\"{{number}}\" {WORDS}'"), "must not begin or end with a gap"),
    "a gap at the end": Break(ANSWER, body(f'"{WORDS} {{number}}"'), "must not begin or end with a gap"),
    "a gap before the full stop": Break(ANSWER, body(f'"{WORDS} {{number}}."'), "must not begin or end with a gap"),
    "two gaps side by side": Break(LATE, body(f'"{WORDS} {{number}} {{by}} a {{days_late}} {WORDS}"'), "side by side"),
    "more gaps than words": Break(LATE, body('"Tiket {number}, {by}, {days_late} hari"'), "words of its own for each"),
    "no words at all": Break(ANSWER, body('"🙏"'), "words of its own"),
    "a gap twice": Break(ANSWER, body(f'"Laporan {{number}} {WORDS} {{number}} {WORDS}"'), "once only"),
    "a story in a gap": Break(ANSWER, body(f'"Jawaban: {{text}} {WORDS}"'), "`{text}` may not stand in a template"),
    "a name in a gap": Break(ANSWER, body(f'"Dari {{unit}} {WORDS}"'), "`{unit}` may not stand in a template"),
    "a matter in a gap": Break(ANSWER, body(f'"Tentang {{matter}} {WORDS}"'), "`{matter}` may not stand"),
    "a gap without a name": Break(ANSWER, body(f'"Laporan {{}} {WORDS}"'), "`{}` may not stand"),
    "Meta's own gap": Break(ANSWER, body(f'"Laporan {{{{1}}}} {WORDS}"'), "braces stand for gaps only"),
    "a gap that does more": Break(ANSWER, body(f'"Laporan {{number!r}} {WORDS}"'), "a name and nothing else"),
    "a brace alone": Break(ANSWER, body(f'"Laporan {{number {WORDS}"'), "a brace stands alone"),
    "a closing brace alone": Break(ANSWER, body(f'"Laporan number}} {WORDS}"'), "a brace stands alone"),
    "a body too long": Break(ANSWER, body(f'"Laporan {{number}} {WORDS * 40}"'), "has more than 1024 characters"),
    "too long once it is filled": Break(
        ANSWER, body(f'"Laporan {{number}} {"satu " * 197}dua"'), "would have with its gaps filled"
    ),
    "an empty body": Break(ANSWER, body('""'), "words of its own"),
    "empty lines in a row": Break(ANSWER, body(f'"{WORDS}\\n\\n\\n{{number}} {WORDS}"'), "no rows of blanks or empty"),
    "a tab": Break(ANSWER, body(f'"{WORDS}\\t{{number}} {WORDS}"'), "no tabs"),
    "five blanks": Break(ANSWER, body(f'"{WORDS}     {{number}} {WORDS}"'), "no rows of blanks"),
    "another gap in the other language": Break(
        ANSWER, body(f'"Jawaban pada {{by}} {WORDS}"'), "both languages must have the same gaps"
    ),
    "a gap without an example": Break(ANSWER, swap("examples:\n  number: TGP-26-7K3QD8\n", ""), "needs an example for"),
    "an example for nothing": Break(ANSWER, swap("examples:\n", "examples:\n  late: 3\n"), "which no body names"),
    "a number that is none": Break(ANSWER, swap("TGP-26-7K3QD8", "TGP-26-7K3QD9"), "is no example of number"),
    "a day that is none": Break(LATE, swap("2026-11-24", "besok"), "is no example of by"),
    "a count that is none": Break(LATE, swap("days_late: 2", 'days_late: "dua"'), "is no example of days_late"),
    "a footer too long": Break(ANSWER, swap("Layanan pengaduan Tanggap", "a" * 61), "1 to 60 characters"),
    "a gap in the footer": Break(ANSWER, swap("Layanan pengaduan Tanggap", '"Nomor {number}"'), "has no gaps"),
    "a button too long": Break(CLOSED, swap("Belum beres, buka", "Belum beres, tolong buka"), "1 to 25 char"),
    "an emoji on a button": Break(CLOSED, swap("Beri nilai", "Beri nilai 😊"), "Meta takes no emoji"),
    "markup on a button": Break(CLOSED, swap("Beri nilai", '"*Beri nilai*"'), "no markup there"),
    "a gap on a button": Break(CLOSED, swap("Beri nilai", '"Nilai {number}"'), "has no gaps"),
    "two lines on a button": Break(CLOSED, swap("Beri nilai", '"Beri\\nnilai"'), "must be one line"),
    "two buttons of one label": Break(CLOSED, swap("Rate it", '"Not settled, reopen"'), "two buttons of one label"),
    "a button too few": Break(CLOSED, swap(", Rate it]", "]"), "`en` has 1 buttons for 2 choices"),
    "four buttons": Break(CLOSED, swap("[not_done, rate]", "[not_done, rate, done, reply]"), "at most 3 items"),
    "a choice that is none": Break(CLOSED, swap("[not_done, rate]", "[not_done, rat]"), "there is no choice rat"),
    "a nudge with other buttons": Break(ANSWER, swap("[see]", "[reply]"), "so its one choice is `see`"),
    "a whole one that shows more": Break(CLOSED, swap("[not_done, rate]", "[not_done, see]"), "nothing waits"),
    "a name in capitals": Break("Citizen_New.yaml", lambda _: "", "named in small letters"),
    "another ending": Break("citizen_new.yml", lambda _: "", "ends with .yaml"),
}


def test_the_lint_is_asked_more_than_twenty_ways() -> None:
    assert len(BROKEN) > 40


@pytest.mark.parametrize("what", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_message_template_is_one_line_that_names_file_and_line(tmp_path: Path, what: Break) -> None:
    copy = tmp_path / "templates"
    shutil.copytree(TEMPLATES, copy)
    what.happens(copy / FOLDER)
    (line,) = [str(fault) for fault in message_template_faults(copy)]
    assert what.says in line
    assert re.fullmatch(r"templates/whatsapp/\w+\.ya?ml:\d+: [^\n]+", line)


def test_the_shipped_ones_are_in_order() -> None:
    assert message_template_faults(TEMPLATES) == []


def test_a_program_does_not_start_with_a_broken_one(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES / FOLDER, tmp_path / FOLDER)
    (tmp_path / FOLDER / ANSWER).write_text("pages: []\n", "utf-8")
    with pytest.raises(RegionFaults, match=ANSWER):
        MessageTemplates(tmp_path, RENDERER)
