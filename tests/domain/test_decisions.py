"""What a town decides over its files: what each decision makes of the region, what is refused, what fits no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain import decisions
from domain.decisions import Decision, Subject, UnfitError, code_for, in_force, level_of, misfits, put_over
from domain.overrides import CalendarChange, ChangeKind, version_of
from domain.region import ReadyAnswer, Region
from domain.understanding.naming import spot_named
from domain.understanding.reading import unit_named
from domain.vocabulary import State
from tests.domain.regions import siantar

TODAY, MONDAY = date(2026, 9, 7), date(2026, 9, 14)
CAPIL, EAST = "DISDUKCAPIL", "KEC-SIANTAR-TIMUR"
ALIAS = decisions.alias(CAPIL, "  Loket   Biru ", TODAY)
CLOSED = decisions.closure(CAPIL, MONDAY, MONDAY)
AREA = decisions.area("12.72.01.1099", "Tomuan Baru", TODAY)
OTHER_NAME = decisions.area_name("12.72.01.1002", "Kampung Kopi", TODAY)
UNIT = decisions.unit("KEL-TOMUAN-BARU", "Kelurahan Tomuan Baru", "kelurahan", EAST, "12.72.01.1099", TODAY)
THANKS = decisions.wording("citizen/thanks", "id", "Sama-sama!", TODAY)
DAY_OFF = decisions.calendar(CalendarChange(ChangeKind.LOCAL, MONDAY, MONDAY))


def answer(title: str = "Blangko habis", text: str = "Sedang kosong.", region: Region | None = None) -> Decision:
    return decisions.answer(region or siantar(), title, text, "identity_card", None, TODAY)


def wording(text: str, page: str = "citizen/answer", language: str = "id") -> Decision:
    return decisions.wording(page, language, text, TODAY)


def new_unit(**other: str | None) -> Decision:
    return replace(UNIT, value={**UNIT.value, "area": None, **other})


# --- what each makes of the region


def test_nothing_decided_is_the_region_of_the_files() -> None:
    assert in_force(siantar(), ()) is siantar()


def test_a_name_is_found_in_what_people_type() -> None:
    assert unit_named("saya ke loket biru kemarin", siantar()) is None
    assert unit_named("saya ke loket biru kemarin", in_force(siantar(), (ALIAS,))) == CAPIL


def test_a_closed_day_is_none_for_the_office_and_its_parts_and_stays_one_for_all_others() -> None:
    region = in_force(siantar(), (decisions.closure(EAST, MONDAY, MONDAY),))
    parts = {code for code, unit in region.units.items() if EAST in (code, unit.parent)}
    assert len(parts) > 1
    for code in region.units:
        assert region.calendar_of(code).is_working(MONDAY) is (code not in parts)


def test_the_head_of_region_closes_without_the_whole_government() -> None:
    region = in_force(siantar(), (decisions.closure(siantar().head_of_region, MONDAY, MONDAY),))
    assert region.calendar_of(CAPIL).is_working(MONDAY)


def test_two_closures_of_one_office_add_up_and_a_day_off_of_the_town_counts_beside() -> None:
    tuesday, friday = date(2026, 9, 15), date(2026, 9, 18)
    town = decisions.calendar(CalendarChange(ChangeKind.LOCAL, friday, friday))
    region = in_force(siantar(), (CLOSED, decisions.closure(CAPIL, tuesday, tuesday), town))
    calendar = region.calendar_of(CAPIL)
    assert [calendar.is_working(day) for day in (MONDAY, tuesday, date(2026, 9, 16), friday)] == [False] * 2 + [
        True,
        False,
    ]


def test_a_case_keeps_the_hours_of_the_unit_that_gave_its_promise() -> None:
    before, after = siantar(), in_force(siantar(), (CLOSED,))
    hours = before.hours_of(CAPIL)
    assert after.hours_of(CAPIL) == hours, "under one name, closed or not"
    assert not after.kept_calendar(hours, "INSPEKTORAT").is_working(MONDAY), "also at another desk"
    assert before.kept_calendar(hours, "INSPEKTORAT").is_working(MONDAY), "and the closure is taken back"
    assert after.kept_calendar(before.hours_of("INSPEKTORAT"), CAPIL).is_working(MONDAY), "another one's promise"


@pytest.mark.parametrize("hours", [None, "office", "gone"])
def test_a_case_of_an_earlier_release_keeps_the_hours_of_the_unit_that_has_it(hours: str | None) -> None:
    assert not in_force(siantar(), (CLOSED,)).kept_calendar(hours, CAPIL).is_working(MONDAY)
    assert version_of(siantar().kept_calendar(hours, CAPIL)) == version_of(siantar().calendar_of(CAPIL))


def test_a_new_unit_has_the_posts_and_the_hours_of_its_kind_and_lies_in_a_new_area() -> None:
    region = in_force(siantar(), (UNIT, AREA))
    assert [post.code for post in region.posts_of[UNIT.code]] == ["LURAH-TOMUAN-BARU", "PETUGAS-KEL-TOMUAN-BARU"]
    assert region.posts["LURAH-TOMUAN-BARU"].title == "Lurah Tomuan Baru"
    assert region.units[UNIT.code].calendar == siantar().units["KEL-TOMUAN"].calendar
    assert region.office_of(UNIT.code) == EAST
    assert region.areas[AREA.code].parent == "12.72.01"


def test_a_new_puskesmas_keeps_the_hours_of_the_others() -> None:
    made = decisions.unit("PKM-BARU", "Puskesmas Baru", "puskesmas", "DINKES", None, TODAY)
    assert in_force(siantar(), (made,)).units["PKM-BARU"].calendar == siantar().units["PKM-RAYA"].calendar


def test_another_name_of_an_area_and_a_new_one_are_places_that_people_type() -> None:
    region = in_force(siantar(), (OTHER_NAME, AREA))
    assert unit_named("kelurahan kampung kopi", region) == "KEL-TOMUAN"
    assert spot_named("kampung kopi", region).area == OTHER_NAME.code
    assert spot_named("Tomuan Baru", region).area == AREA.code


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("kelurahan", "Kelurahan Tomuan Baru", "KEL-TOMUAN-BARU"),
        ("puskesmas", "Puskesmas St. Maria", "PKM-ST-MARIA"),
        ("dinas", "Dinas Ketahanan Pangan", "DINAS-KETAHANAN-PANGAN"),
    ],
)
def test_a_unit_gets_a_code_like_those_of_its_kind(kind: str, name: str, code: str) -> None:
    assert code_for(siantar(), kind, name) == code


@pytest.mark.parametrize(
    ("code", "level"), [("12.72.09", "kecamatan"), ("12.72.01.1099", "kelurahan"), ("12.08.01.2001", "desa")]
)
def test_what_an_area_is_stands_in_its_code(code: str, level: str) -> None:
    assert level_of(code) == level


def test_an_answer_of_the_same_title_stands_over_the_one_of_the_files_and_those_of_a_matter_come_first() -> None:
    (*_, title) = siantar().replies
    region = in_force(siantar(), (answer(title, "Lain."), answer()))
    assert region.replies[title].text == "Lain."
    offered = [one.matter for one in region.ready_for("identity_card", State.ROUTED)]
    assert offered == sorted(offered, key=lambda matter: matter is None)
    assert offered.count("identity_card") > 1
    assert {one.matter for one in region.ready_for("drainage", State.ROUTED)} == {None}


def test_of_two_wordings_the_later_one_stands_and_the_earlier_one_when_it_is_taken_back() -> None:
    later = replace(THANKS, value={"text": "Kembali kasih."})
    place = ("citizen/thanks", "id")
    assert in_force(siantar(), (THANKS, later)).wordings[place] == "Kembali kasih."
    assert in_force(siantar(), (THANKS,)).wordings[place] == "Sama-sama!"


# --- what is refused


@pytest.mark.parametrize(
    ("decision", "why", "about"),
    [
        (decisions.alias("DINAS-LAMA", "loket biru", TODAY), "no_unit", "DINAS-LAMA"),
        (decisions.alias(CAPIL, "Puskesmas Raya", TODAY), "taken", "Puskesmas Raya"),
        (decisions.alias(CAPIL, "capil", TODAY), "already", None),
        (decisions.alias(CAPIL, "??", TODAY), "no_name", "??"),
        (decisions.alias(CAPIL, "si " + "x" * 90, TODAY), "no_name", None),
        (decisions.closure(CAPIL, date(2026, 9, 12), date(2026, 9, 13)), "already", None),
        (decisions.closure(CAPIL, MONDAY, date(2026, 10, 30)), "no_days", "31"),
        (decisions.closure(CAPIL, MONDAY, TODAY), "no_days", "31"),
        (decisions.area("12.72.01.1002", "Tomuan", TODAY), "already", None),
        (decisions.area("12.73.01.1001", "Sibolga", TODAY), "no_area_code", "12.73.01.1001"),
        (decisions.area("12.72.99.1001", "Entah", TODAY), "no_area", "12.72.99"),
        (decisions.area("12.72.01.1099", "  ", TODAY), "no_name", ""),
        (decisions.area_name("12.72.99", "Kampung Kopi", TODAY), "no_area", "12.72.99"),
        (decisions.area_name("12.72.01.1002", "puskesmas raya", TODAY), "taken", "Puskesmas Raya"),
        (UNIT, "no_area", "12.72.01.1099"),
        (replace(new_unit(), code="KEL-TOMUAN"), "already", None),
        (replace(new_unit(), code="kel tomuan"), "no_unit_code", "kel tomuan"),
        (new_unit(kind="setda"), "no_kind", "setda"),
        (new_unit(kind="kapal"), "no_kind", "kapal"),
        (new_unit(parent="DI-MANA"), "no_unit", "DI-MANA"),
        (new_unit(name="Puskesmas Raya"), "taken", "Puskesmas Raya"),
        (answer("x" * 25), "no_title", "24"),
        (answer(text=""), "too_long", "1000"),
        (replace(answer(), value={"text": "Ya.", "matter": "kapal"}), "no_matter", "kapal"),
        (wording("Halo", "citizen/receipt"), "no_page", "citizen/receipt"),
        (wording("Halo", "citizen/thanks", "jv"), "no_language", "jv"),
        (wording("", "citizen/thanks"), "too_long", "1500"),
        (wording("{number} {text} {nik}"), "unknown_fact", "nik"),
        (wording("{text}"), "missing_fact", "number"),
        (wording("{number} {text} {% if x %}"), "braces", ""),
        (wording("{number} {{ text }}"), "braces", ""),
        (wording("{number.__class__} {text}"), "braces", ""),
        (Decision(Subject.CALENDAR, "pantai", MONDAY, MONDAY, "local"), "no_calendar", "pantai"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_word(decision: Decision, why: str, about: str | None) -> None:
    with pytest.raises(UnfitError) as error:
        put_over(siantar(), decision)
    assert error.value.why == why
    assert about in (None, error.value.about)


@pytest.mark.parametrize("decision", [ALIAS, CLOSED, AREA, OTHER_NAME, new_unit(), answer(), THANKS, DAY_OFF])
def test_what_is_decided_already_says_nothing_new(decision: Decision) -> None:
    with pytest.raises(UnfitError, match="already"):
        put_over(put_over(siantar(), decision), decision)


# --- what fits no more, because the files have changed


@pytest.mark.parametrize(
    ("files", "decision", "why"),
    [
        (in_force(siantar(), (ALIAS,)), ALIAS, "already"),
        (in_force(siantar(), (decisions.alias("PKM-RAYA", "loket biru", TODAY),)), ALIAS, "taken"),
        (replace(siantar(), units={}), CLOSED, "no_unit"),
        (replace(siantar(), units={}), ALIAS, "no_unit"),
        (replace(siantar(), areas={}), AREA, "no_area"),
        (in_force(siantar(), (AREA,)), AREA, "already"),
        (in_force(siantar(), (AREA, UNIT)), UNIT, "already"),
        (replace(siantar(), unit_kinds={}), new_unit(), "no_kind"),
        (replace(siantar(), matters={}), answer(), "no_matter"),
        (replace(siantar(), pages={}), THANKS, "no_page"),
        (in_force(siantar(), (DAY_OFF,)), DAY_OFF, "already"),
    ],
)
def test_a_decision_that_the_files_do_not_fit_is_left_out_and_named(
    files: Region, decision: Decision, why: str
) -> None:
    (found,) = misfits(files, (decision,))
    assert (found.decision, found.why, found.out) == (decision, why, True)
    assert in_force(files, (decision,)).units.keys() == files.units.keys()


def test_the_others_count_beside_one_that_is_left_out() -> None:
    gone = decisions.alias("DINAS-LAMA", "loket merah", TODAY)
    assert unit_named("loket biru", in_force(siantar(), (gone, ALIAS))) == CAPIL


def test_an_answer_whose_base_has_changed_counts_and_is_named() -> None:
    (title, *_) = siantar().replies
    decision = answer(title, "Lain.")
    assert misfits(siantar(), (decision,)) == ()
    files = replace(siantar(), replies={**siantar().replies, title: ReadyAnswer(title, "Baru.")})
    (found,) = misfits(files, (decision,))
    assert (found.why, found.out) == ("base_changed", False)
    assert in_force(files, (decision,)).replies[title].text == "Lain."
