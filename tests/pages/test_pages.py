"""Every page in every language and both markups, with what the code gives it and with what hostile people type."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from bot.rendering import (
    MARKUPS,
    MissingFactError,
    Rendered,
    Renderer,
    RenderingError,
    UnknownChoiceError,
    UnknownPageError,
    excerpt,
    in_language,
)
from domain.vocabulary import Identity, Kind, State
from handlers.flows import TURNS
from handlers.messages import Choice
from tests.kit import sample_facts
from tests.kit.sample_facts import DUE, HOSTILE, LONG, NAMES, NUMBER, SAMPLES, UNIT, Sample, str_of
from tests.pages.named_in_code import Named, scan

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
LANGUAGES = ("en", "id")
#: Pages that no code names (none: a page that nobody sees is removed).
UNNAMED: frozenset[str] = frozenset()
LONGEST_PAGE = 4096
LONGEST_LABEL = 24

RENDERER = Renderer(TEMPLATES, zone="Asia/Jakarta", town="Kota Pematangsiantar")
NAMED = scan(ROOT / "handlers")
EACH_PAGE = pytest.mark.parametrize("page", sorted(SAMPLES))
EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
_TAGS = re.compile(r"</?(?:b|i|code|a)>|<a href=\"[^\"<>]*\">")
#: A link, whose address the plain page says behind its words.
_LINK = re.compile(r"<a href=\"([^\"<>]*)\">(.*?)</a>")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
#: `stale` is what a button means that nobody offered: it is never shown.
_OFFERED = ({name.split(".")[2] for name in TURNS if ".choice." in name} | NAMED.choices) - {"stale"}


def show(page: str, sample: Sample, language: str = "id", markup: str = "plain") -> Rendered:
    return RENDERER.render(page, sample.facts, sample.choices, language=language, markup=markup, names=NAMES)


def shown(page: str, language: str = "id", **facts: Any) -> str:
    """The page's first sample with other facts."""
    return show(page, Sample({**SAMPLES[page][0].facts, **facts}), language).text


def every_way(page: str) -> Iterator[tuple[Sample, str, str, Rendered]]:
    for sample in SAMPLES[page]:
        for language in LANGUAGES:
            for markup in MARKUPS:
                yield sample, language, markup, show(page, sample, language, markup)


def visible(text: str) -> str:
    """What a reader of Telegram sees of an html page."""
    return html.unescape(_TAGS.sub("", _LINK.sub(r"\2 \1", text)))


# --- the set of pages


def test_both_languages_have_the_same_pages() -> None:
    assert RENDERER.languages == LANGUAGES
    assert RENDERER.pages("id") == RENDERER.pages("en")


def test_every_page_has_samples_and_every_sample_a_page() -> None:
    assert set(RENDERER.pages("id")) == set(SAMPLES)


def test_every_page_that_the_code_names_exists() -> None:
    assert len(NAMED.pages) > 40, "the scan has gone blind"
    assert sorted(NAMED.pages - set(SAMPLES)) == []


def test_every_pattern_of_names_in_the_code_finds_pages() -> None:
    assert [pattern for pattern in NAMED.patterns if not any(fnmatch(page, pattern) for page in SAMPLES)] == []


def test_every_page_is_named_in_the_code() -> None:
    unnamed = {page for page in SAMPLES if page not in NAMED.pages and not _matches(page, NAMED)}
    assert unnamed == UNNAMED


def _matches(page: str, named: Named) -> bool:
    return any(fnmatch(page, pattern) for pattern in named.patterns)


def test_samples_have_exactly_the_facts_that_the_code_gives() -> None:
    assert len(NAMED.facts) > 40, "the scan has gone blind"
    assert {page for page, facts in NAMED.facts if page in SAMPLES and facts not in _facts_of(page)} == set()


def _facts_of(page: str) -> set[frozenset[str]]:
    return {frozenset(sample.facts) for sample in SAMPLES[page]}


def test_no_word_of_a_page_stands_in_a_file_of_the_other_language_by_mistake() -> None:
    same = [page for page in SAMPLES if _source("id", page) == _source("en", page)]
    assert same == ["officer/not_found"], "only a page that is one shared macro may be equal in both"


def _source(language: str, page: str) -> str:
    return (TEMPLATES / language / f"{page}.j2").read_text("utf-8")


# --- every page, every way


@EACH_PAGE
def test_a_page_renders_to_some_text_in_both_languages_and_markups(page: str) -> None:
    for _, _, _, rendered in every_way(page):
        assert rendered.text
        assert rendered.text == rendered.text.strip()
        assert "\n\n\n" not in rendered.text


@EACH_PAGE
def test_a_page_has_one_label_for_each_choice(page: str) -> None:
    for sample, _, _, rendered in every_way(page):
        assert len(rendered.labels) == len(sample.choices)
        assert all(rendered.labels)


@EACH_PAGE
def test_a_page_shows_no_none_no_template_code_and_no_empty_markup(page: str) -> None:
    for sample, _, _, rendered in every_way(page):
        text = rendered.text.replace(html.escape(HOSTILE), "").replace(HOSTILE, "")
        assert not re.search(r"\bNone\b|\bUndefined\b|\bTrue\b|\bFalse\b|<(b|i|code)>\s*</\1>", text)
        if not sample.is_hostile and "{{" not in str_of(sample.facts):
            assert not re.search(r"\{\{|\{%|\{#|\*\*|__", text)


@EACH_PAGE
def test_a_page_fits_into_one_message(page: str) -> None:
    for _, _, markup, rendered in every_way(page):
        text = visible(rendered.text) if markup == "html" else rendered.text
        assert len(text) <= LONGEST_PAGE


@EACH_PAGE
def test_an_html_page_holds_no_tag_and_no_entity_that_people_typed(page: str) -> None:
    for _, _, markup, rendered in every_way(page):
        if markup == "html":
            bare = _TAGS.sub("", rendered.text)
            assert "<" not in bare
            assert ">" not in bare
            assert not re.search(r"&(?!amp;|lt;|gt;|#\d+;)", bare)


@EACH_PAGE
def test_both_markups_say_the_same(page: str) -> None:
    for sample in SAMPLES[page]:
        for language in LANGUAGES:
            plain, marked = (show(page, sample, language, markup).text for markup in MARKUPS)
            assert re.sub(r"[*_]", "", plain) == re.sub(r"[*_]", "", visible(marked))


@EACH_PAGE
def test_html_tags_open_and_close_on_one_line_so_that_a_long_page_may_be_split(page: str) -> None:
    for _, _, markup, rendered in every_way(page):
        for line in rendered.text.splitlines() if markup == "html" else ():
            tags = [re.sub(r" href=\".*\"", "", tag) for tag in _TAGS.findall(line)]
            assert tags == [tag for name in _opened(line) for tag in (f"<{name}>", f"</{name}>")]


def _opened(line: str) -> list[str]:
    return re.findall(r"<(b|i|code|a)(?: href=\"[^\"]*\")?>", line)


@pytest.mark.parametrize("page", [page for page, samples in SAMPLES.items() if any(one.is_hostile for one in samples)])
def test_what_people_typed_arrives_unchanged(page: str) -> None:
    for language in LANGUAGES:
        plain, marked = (_all_of(page, language, markup) for markup in MARKUPS)
        assert HOSTILE in plain
        assert HOSTILE in visible(marked)
        assert "&lt;b&gt;tebal&lt;/b&gt; &amp; " in marked


def _all_of(page: str, language: str, markup: str) -> str:
    return "\n".join(show(page, sample, language, markup).text for sample in SAMPLES[page])


@pytest.mark.parametrize("page", [page for page, one in SAMPLES.items() if one[0].facts.keys() - {"town", "language"}])
def test_a_page_that_is_not_told_its_facts_fails_instead_of_guessing(page: str) -> None:
    with pytest.raises(MissingFactError, match=page):
        RENDERER.render(page, {}, (), language="id", markup="plain")


# --- manners


@EACH_PAGE
def test_a_page_has_at_most_one_emoji(page: str) -> None:
    for _, _, _, rendered in every_way(page):
        assert len(_EMOJI.findall(rendered.text)) <= 1


@pytest.mark.parametrize("page", [page for page in SAMPLES if page.startswith("citizen/")])
def test_a_citizen_is_asked_at_most_one_question_at_a_time(page: str) -> None:
    for _, _, _, rendered in every_way(page):
        assert rendered.text.count("?") <= 1


@EACH_PAGE
def test_no_page_judges_anybody(page: str) -> None:
    for _, _, _, rendered in every_way(page):
        assert not re.search(r"pelaku\b|bersalah|terbukti|perpetrator|culprit|guilty|Pasal", rendered.text)


@EACH_LANGUAGE
@pytest.mark.parametrize("page", [page for page, samples in SAMPLES.items() if "first" in samples[0].facts])
def test_the_first_page_greets_names_the_town_and_tells_about_privacy(page: str, language: str) -> None:
    first, later = (shown(page, language, first=first) for first in (True, False))
    assert "Kota Pematangsiantar" in first.splitlines()[0]
    assert "/privasi" in first.splitlines()[1]
    assert "/privasi" not in later
    assert len(first) > len(later)


# --- choices


def test_the_choices_of_the_code_are_found() -> None:
    assert {"send", "open", "office", "details", "forward_to", "undo", "language_en"} <= _OFFERED


@EACH_LANGUAGE
@pytest.mark.parametrize("code", sorted(_OFFERED))
def test_every_choice_of_the_code_has_a_short_label(code: str, language: str) -> None:
    label = show("citizen/thanks", Sample({}, (Choice(code, ("7", "X")),)), language).labels[0]
    assert 0 < len(label) <= LONGEST_LABEL


def test_every_pattern_of_choices_in_the_code_has_labels() -> None:
    assert {pattern for pattern in NAMED.choice_patterns if not any(fnmatch(c, pattern) for c in _OFFERED)} == set()


def test_an_office_is_offered_by_its_name() -> None:
    offered = (Choice("office", ("DISDUKCAPIL", "3")), Choice("forward_to", ("7", "KEL-TELADAN")))
    assert show("citizen/thanks", Sample({}, offered)).labels == (UNIT, "Kelurahan Teladan")


def test_an_office_that_the_town_no_longer_knows_is_offered_by_its_code() -> None:
    assert show("citizen/thanks", Sample({}, (Choice("office", ("DINAS-LAMA", "3")),))).labels == ("DINAS-LAMA",)


def test_cases_in_a_list_are_opened_by_their_numbers() -> None:
    numbers = ("TGP-26-AAAAAA", "TGP-26-BBBBBB")
    cases = [{**SAMPLES["officer/desk"][0].facts["cases"][0], "number": number} for number in numbers]
    sample = Sample({"cases": cases}, (Choice("details", ("1",)), Choice("details", ("2",))))
    assert show("officer/desk", sample).labels == numbers


def test_the_case_of_a_page_is_opened_by_a_word() -> None:
    samples = SAMPLES["officer/reminder"]
    assert show("officer/reminder", samples[0]).labels[0] == "Buka"
    assert show("officer/reminder", samples[0], "en").labels[0] == "Open"


def test_labels_are_never_marked_up() -> None:
    sample = Sample({}, (Choice("office", (HOSTILE, "3")), Choice("unknown", ("3",))))
    assert show("citizen/thanks", sample, "en", "html").labels == (HOSTILE, "I don't know")


# --- what pages promise


def test_the_number_and_the_pin_stand_on_the_receipt() -> None:
    text = shown("citizen/receipt")
    assert f"*{NUMBER}*" in text
    assert "*042917*" in text
    assert "Jumat, 10 April 2026 pukul 16.30*, 14 hari kerja" in text


def test_an_aspirations_receipt_promises_an_answer_and_not_a_result() -> None:
    assert "Jawaban pertama paling lambat" in shown("citizen/receipt", binding=False)
    assert "First answer by" in shown("citizen/receipt", "en", binding=False)


def test_an_anonymous_receipt_says_that_only_number_and_pin_lead_back() -> None:
    text = shown("citizen/receipt", identity="anonymous", followed=False)
    assert "Obrolan ini tidak disimpan bersama laporan" in text
    assert f"/status {NUMBER} PIN" in text
    assert "Balas pesan ini" not in text


def test_a_provisional_date_is_called_an_estimate() -> None:
    assert "perkiraan" in shown("citizen/receipt", provisional=True)
    assert "perkiraan" in shown("officer/card", provisional=True)
    assert "estimate" in shown("citizen/case", "en", provisional=True)


def test_the_confirmation_names_who_reads_and_who_does_not() -> None:
    text = shown("citizen/confirm", reader="Inspektur", unit="Inspektorat", kept_from=UNIT, oversight=True)
    assert "Dibaca oleh: *Inspektur* (Inspektorat)" in text
    assert f"*{UNIT} dan jajarannya tidak dapat membaca laporan ini.*" in text
    assert text.endswith("*Kirim laporan ini?*")


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"identity": "open", "name": "Siti"}, "Nama: Siti"),
        ({"identity": "open", "name": None}, "Nama: Warga (tanpa nama)"),
        ({"identity": "confidential", "name": "Siti"}, "Identitas dirahasiakan"),
        ({"identity": "anonymous", "name": "Siti"}, "Anonim: nama dan nomor Anda tidak disimpan bersama laporan ini"),
        ({"identity": "anonymous", "notify": True}, "obrolan ini disimpan hanya untuk mengabari Anda"),
    ],
)
def test_the_confirmation_says_how_the_citizen_will_appear(facts: dict[str, Any], line: str) -> None:
    text = shown("citizen/confirm", **facts)
    assert line in text
    assert ("Siti" in text) is (facts["identity"] == "open" and facts.get("name") == "Siti")


def test_a_long_story_is_shortened_where_it_is_only_looked_at_again() -> None:
    assert LONG not in shown("citizen/confirm", story=LONG)
    assert LONG in shown("officer/card", thread=[{"author": "citizen", "kind": "story", "text": LONG, "at": DUE}])


def test_emergency_numbers_come_first_and_in_three_lines() -> None:
    for language in LANGUAGES:
        lines = show("citizen/emergency", SAMPLES["citizen/emergency"][0], language).text.splitlines()
        assert len(lines) == 3
        assert all(number in lines[0] for number in ("110", "113", "119"))


def test_a_citizen_never_sees_what_staff_write_to_each_other() -> None:
    notes = [{"author": "staff", "kind": "note", "text": "hanya untuk petugas", "at": DUE}]
    assert "hanya untuk petugas" not in shown("citizen/case", thread=notes)
    assert "Kantor belum menulis jawaban" in shown("citizen/case", thread=notes)


def test_a_citizen_sees_the_answers_of_the_office_whole_and_in_order() -> None:
    kinds = (("answer", LONG), ("closing", "Sudah diganti."))
    said = [{"author": "staff", "kind": kind, "text": text, "at": DUE} for kind, text in kinds]
    text = shown("citizen/case", thread=said)
    assert text.index(LONG.strip()) < text.index("Sudah diganti.")


def test_a_card_shows_a_name_only_where_the_identity_is_open() -> None:
    assert "Siti" in shown("officer/card", identity="open", name="Siti")
    for identity, said in (("confidential", "identitas dirahasiakan"), ("anonymous", "anonim")):
        text = shown("officer/card", identity=identity, name="Siti")
        assert said in text
        assert "Siti" not in text


def test_a_card_calls_an_accusation_an_accusation() -> None:
    assert f"Terlapor menurut warga: {UNIT} (dugaan)" in shown("officer/card", reported=UNIT)
    assert f"Reported by the citizen: {UNIT} (alleged)" in shown("officer/card", "en", reported=UNIT)


def test_a_card_begins_with_why_it_is_shown() -> None:
    assert shown("officer/card", note="new").startswith("*Tiket baru*")
    assert shown("officer/card", note="stale").startswith("*Tiket sudah berubah, ini keadaan sekarang*")
    assert shown("officer/card", note=None).startswith(f"*{NUMBER}*")


def test_a_stranger_learns_nothing_of_cases_codes_or_commands() -> None:
    for language in LANGUAGES:
        text = show("officer/stranger", Sample({}), language).text
        assert not re.search(r"/|kode|code|tiket|ticket|TGP", text)


def test_not_found_and_not_yours_are_one_sentence() -> None:
    for language in LANGUAGES:
        citizen, officer = (show(f"{who}/not_found", Sample({}), language).text for who in ("citizen", "officer"))
        assert citizen.startswith(officer)
        assert len(officer.splitlines()) == 1


def test_a_count_of_late_oversight_cases_names_none_of_them() -> None:
    sample = Sample({**SAMPLES["supervisor/late_count"][0].facts, "number": NUMBER})
    assert NUMBER not in show("supervisor/late_count", sample).text


@EACH_LANGUAGE
@pytest.mark.parametrize("state", [str(state) for state in State])
def test_every_state_has_plain_words(state: str, language: str) -> None:
    assert not re.search(rf"\b(Keadaan|Now): {state}$", shown("citizen/case", language, state=state), re.MULTILINE) or (
        language == "en" and state in ("closed", "withdrawn")
    )
    assert "_" not in shown("officer/card", language, state=state, thread=[])


@EACH_LANGUAGE
@pytest.mark.parametrize("kind", [str(kind) for kind in Kind])
def test_every_kind_has_a_name(kind: str, language: str) -> None:
    assert not re.search(rf"^{kind}$", shown("officer/card", language, kind=kind, matter={}, thread=[]), re.MULTILINE)


@pytest.mark.parametrize("identity", [str(identity) for identity in Identity])
def test_every_identity_is_tried_on_a_card(identity: str) -> None:
    assert any(sample.facts["identity"] == identity for sample in SAMPLES["officer/card"])


def test_a_promise_is_not_repeated_once_the_case_is_over() -> None:
    assert "Dijanjikan" in shown("citizen/case", state="in_progress")
    assert "Dijanjikan" not in shown("citizen/case", state="closed")


# --- the renderer


@pytest.mark.parametrize("page", ["citizen/nowhere", "nowhere/welcome", "../pyproject", ""])
def test_an_unknown_page_is_a_clear_fault(page: str) -> None:
    with pytest.raises(UnknownPageError, match="no template"):
        RENDERER.render(page, {}, (), language="id", markup="plain")


def test_an_unknown_choice_is_a_clear_fault() -> None:
    with pytest.raises(UnknownChoiceError, match="'fly'"):
        RENDERER.render("citizen/thanks", {}, (Choice("fly"),), language="id", markup="plain")


def test_an_unknown_markup_is_a_clear_fault() -> None:
    with pytest.raises(RenderingError, match="markdown"):
        RENDERER.render("citizen/thanks", {}, (), language="id", markup="markdown")


def test_a_language_that_we_do_not_speak_is_answered_in_indonesian() -> None:
    facts = {"number": NUMBER}
    spoken = RENDERER.render("citizen/case_closed", facts, (Choice("cancel"),), language="bbc", markup="plain")
    assert spoken == RENDERER.render("citizen/case_closed", facts, (Choice("cancel"),), language="id", markup="plain")


def test_facts_that_a_page_does_not_know_do_no_harm() -> None:
    assert shown("citizen/added", later="fact") == shown("citizen/added")


def test_pages_that_an_earlier_release_queued_still_render() -> None:
    for page in ("citizen/confirm", "citizen/receipt"):
        older = {name: value for name, value in SAMPLES[page][0].facts.items() if name != "kind"}
        assert show(page, Sample(older)).text == shown(page)
    cases = [{name: value for name, value in line.items() if name != "locked"} for line in _lines()]
    assert show("citizen/cases", Sample({"cases": cases})).text == shown("citizen/cases")


def _lines() -> list[dict[str, Any]]:
    return list(SAMPLES["citizen/cases"][0].facts["cases"])


@pytest.mark.parametrize(
    ("kind", "thing"), [("complaint", "laporan"), ("information", "pertanyaan"), ("aspiration", "usulan")]
)
def test_a_question_and_a_wish_are_called_by_their_names(kind: str, thing: str) -> None:
    assert shown("citizen/confirm", kind=kind).endswith(f"*Kirim {thing} ini?*")
    assert f"{thing} Anda sudah kami terima" in shown("citizen/receipt", kind=kind)


def test_a_locked_case_is_a_number_in_the_list() -> None:
    for language in LANGUAGES:
        lines = show("citizen/cases", SAMPLES["citizen/cases"][-1], language).text.splitlines()
        assert len([line for line in lines if line]) == 3
        assert any(NUMBER in line for line in lines)


@pytest.fixture
def scratch(tmp_path: Path) -> Renderer:
    """Both languages with one page that uses every filter."""
    for language in LANGUAGES:
        (tmp_path / language / "citizen").mkdir(parents=True)
        for shared in ("choices.j2", "figures.j2"):
            (tmp_path / language / shared).write_text((TEMPLATES / language / shared).read_text("utf-8"), "utf-8")
        page = "{{ at|day }}|{{ at|short_day }}|{{ amount|rupiah }}|{{ name|in_language }}|{{ name.id|excerpt(6) }}"
        (tmp_path / language / "citizen" / "all.j2").write_text(page, "utf-8")
    (tmp_path / "markup").mkdir()
    for markup in MARKUPS:
        (tmp_path / "markup" / f"{markup}.j2").write_text((TEMPLATES / f"markup/{markup}.j2").read_text(), "utf-8")
    return Renderer(tmp_path, zone="Asia/Jakarta", town="Kota Uji")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("id", "Jumat, 10 April 2026 pukul 16.30|Jum, 10 Apr 2026|Rp1.250.000|Kartu keluarga|Kartu…"),
        ("en", "Friday, 10 April 2026, 16:30|Fri, 10 Apr 2026|Rp1,250,000|Family card|Kartu…"),
    ],
)
def test_dates_money_and_names_are_written_as_the_language_writes_them(
    scratch: Renderer, language: str, text: str
) -> None:
    facts = {"at": DUE, "amount": 1_250_000, "name": sample_facts.MATTER}
    for markup in MARKUPS:
        assert scratch.render("citizen/all", facts, (), language=language, markup=markup).text == text


def test_a_moment_without_an_offset_is_utc(scratch: Renderer) -> None:
    facts = {"at": "2026-01-20T16:59:59", "amount": 0, "name": sample_facts.MATTER}
    text = scratch.render("citizen/all", facts, (), language="id", markup="plain").text
    assert text.startswith("Selasa, 20 Januari 2026 pukul 23.59|Sel, 20 Jan 2026|Rp0|")


def test_a_name_falls_back_to_indonesian_then_to_any_then_to_nothing() -> None:
    assert in_language({"id": "KTP", "en": "Identity card"}, "en") == "Identity card"
    assert in_language({"id": "KTP"}, "en") == "KTP"
    assert in_language({"jv": "KTP"}, "en") == "KTP"
    assert in_language({}, "en") == ""


def test_an_excerpt_ends_between_two_words_where_there_is_one() -> None:
    assert excerpt("lampu jalan mati", 16) == "lampu jalan mati"
    assert excerpt("lampu jalan mati", 15) == "lampu jalan…"
    assert excerpt("a" * 40, 10) == "a" * 9 + "…"
    assert all(len(excerpt(LONG, most)) <= most for most in range(1, 200))
