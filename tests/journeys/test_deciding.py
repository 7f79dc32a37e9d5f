"""/atur: an administrator decides over the region's files. Looked at first, done by one tap, taken back by another."""

from __future__ import annotations

import pytest

from domain.decisions import Subject
from storage.tables import Override, PostRow, UnitRow
from tests.journeys.stories import PLACELESS, SLOW
from tests.journeys.test_calendar import FRIDAY_25, MONDAY_28, admin, counted
from tests.kit.town import LANGUAGES, Officer, Town, label, short_day

pytestmark = pytest.mark.anyio

DECREE = "SK Wali Kota 100.3.3.3/301/2026"
CAPIL = "DISDUKCAPIL"
OWN_ANSWER = "{unit} menjawab {number}: {text} Salam dari kami."


async def proposes(town: Town, form: str, *answers: str | None, who: Officer | None = None) -> Officer:
    """A form from its beginning to what it would do; None skips a question."""
    who = who or admin(town)
    await who.types("/atur")
    assert who.page_name == "officer/decisions"
    await who.chooses(f"decide_{form}")
    for said in answers:
        await (who.chooses("skip") if said is None else who.types(said))
    await counted(town)
    return who


async def decides(town: Town, form: str, *answers: str | None) -> Officer:
    who = await proposes(town, form, *answers)
    assert who.page_name == "officer/decision_preview", who.page
    assert not [row for row in town.rows(Override) if row.signed_at and row.undone_at is None], "a look changes nothing"
    await who.chooses("decision_sign")
    await counted(town)
    assert who.page_name == "officer/decision_set", who.page
    return who


async def takes_back(town: Town, who: Officer) -> None:
    """Press the undo of the newest decision in the overview."""
    await who.types("/atur")
    words = {label("decision_undo", language, "", "").strip() for language in LANGUAGES}
    (undo, *_) = (button for button in who.buttons if any(button.startswith(word) for word in words))
    await who.presses(undo)
    await counted(town)


def acts(town: Town) -> list[str]:
    """What the audit trail has of decisions."""
    subjects = tuple(f"{subject}_" for subject in Subject)
    return [row.action for row, _ in town.audit() if row.action.startswith(subjects)]


NEW_UNIT = ("kelurahan", "Kelurahan Tomuan Baru", "Kecamatan Siantar Timur", None, DECREE)

#: What each form is answered, and what its decision is filed under.
EVERY: tuple[tuple[Subject, tuple[str | None, ...]], ...] = (
    (Subject.CLOSURE, ("capil", "14/9/2026", DECREE)),
    (Subject.ALIAS, ("capil", "loket biru")),
    (Subject.AREA, ("12.72.01.1099", "Tomuan Baru", None)),
    (Subject.UNIT, NEW_UNIT),
    (Subject.ANSWER, ("Blangko habis", "Blangko KTP sedang kosong, kami kabari begitu ada.", None)),
    (Subject.WORDING, ("thanks", "Sama-sama!")),
)


# --- what holds for every decision


@pytest.mark.parametrize(("subject", "answers"), EVERY)
async def test_a_decision_is_looked_at_signed_listed_taken_back_and_each_act_is_in_the_trail(
    town: Town, subject: Subject, answers: tuple[str | None, ...]
) -> None:
    who = await decides(town, str(subject), *answers)
    (row,) = town.rows(Override)
    assert (row.subject, row.undone_at) == (str(subject), None)
    await takes_back(town, who)
    assert who.page_name == "officer/decision_set", who.page
    (row,) = town.rows(Override)
    assert row.undone_at is not None
    assert acts(town) == [f"{subject}_sign", f"{subject}_undo"]
    await who.types("/atur")
    assert len(who.buttons) == len(EVERY), "nothing is left to be undone"


@pytest.mark.parametrize("post", ["PETUGAS-DISDUKCAPIL", "SEKDA", "INSPEKTUR"])
async def test_nobody_but_an_administrator_decides(town: Town, post: str) -> None:
    who = town.officer(post)
    await who.types("/atur")
    assert who.page_name == "officer/admin_only"
    assert not town.rows(Override)


@pytest.mark.parametrize("press", ["decision_sign", "decision_undo"])
async def test_an_administrator_who_was_replaced_signs_and_undoes_no_more(town: Town, press: str) -> None:
    who = await proposes(town, "alias", "capil", "loket biru")
    if press == "decision_undo":
        await who.chooses("decision_sign")
    page = who.shown[-1]
    await town.revokes("ADMIN-TANGGAP")
    await who.presses(page.buttons[0], on=page)
    (row,) = town.rows(Override)
    assert (row.signed_at is not None, row.undone_at) == (press == "decision_undo", None)


async def test_of_two_administrators_who_decide_at_once_the_second_is_told_to_look_again(town: Town) -> None:
    one, other = admin(town), await town.enrol("ADMIN-TANGGAP", "siti")
    await proposes(town, "alias", "capil", "loket biru", who=one)
    await proposes(town, "wording", "thanks", "Sama-sama!", who=other)
    await one.chooses("decision_sign")
    await other.chooses("decision_sign")
    assert one.page_name == "officer/decision_set"
    assert other.page_name == "officer/decision_conflict"
    assert [row.subject for row in town.rows(Override) if row.signed_at] == ["alias"]


async def test_a_proposal_is_signed_by_nobody_but_whoever_made_it_and_undone_by_any_administrator(town: Town) -> None:
    one, other = admin(town), await town.enrol("ADMIN-TANGGAP", "siti")
    await proposes(town, "alias", "capil", "loket biru", who=one)
    await one.chooses("decision_sign")
    await takes_back(town, other)
    assert other.page_name == "officer/decision_set"
    (row,) = town.rows(Override)
    assert (row.by_person, row.undone_by) == (town.person_id(one), town.person_id(other))


async def test_more_decisions_than_fit_are_listed_page_by_page(town: Town) -> None:
    for number in range(10):
        who = await proposes(town, "alias", "capil", f"loket nomor {number + 20}")
        await who.chooses("decision_sign")
    await who.types("/atur")
    await who.chooses("decided")
    assert "loket nomor 29" in who.page
    assert "loket nomor 20" not in who.page
    await who.chooses("decided")
    assert "loket nomor 20" in who.page


# --- closed days


async def test_a_closed_day_moves_the_promises_of_that_office_alone_and_undoing_it_moves_them_back(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    other = await town.citizen("dewi").complains(PLACELESS, "Jalan Merdeka")
    assert ticket.unit_code == CAPIL
    who = await proposes(town, "closure", "capil", "14/9/2026", DECREE)
    who.sees("1 ti")
    who.sees(DECREE)
    assert town.ticket(ticket.number).binding_by == FRIDAY_25, "a look changes nothing"
    await who.chooses("decision_sign")
    await counted(town)
    assert town.ticket(ticket.number).binding_by == MONDAY_28
    assert town.ticket(other.number).binding_by == other.binding_by
    assert town.sari.page_names.count("citizen/date_moved") == 1
    await takes_back(town, who)
    assert town.ticket(ticket.number).binding_by == FRIDAY_25


async def test_a_case_that_comes_while_an_office_is_closed_keeps_its_date_when_it_is_forwarded(town: Town) -> None:
    await decides(town, "closure", "capil", "14/9/2026", None)
    ticket = await town.sari.complains(SLOW)
    assert ticket.binding_by == MONDAY_28
    await town.budi.chooses("forward")
    await town.budi.types("Satpol PP")
    await town.budi.presses(town.budi.buttons[0])
    moved = town.ticket()
    assert (moved.unit_code != CAPIL, moved.binding_by) == (True, MONDAY_28)


async def test_the_parts_of_a_closed_office_are_closed_too(town: Town) -> None:
    await decides(town, "closure", "kecamatan siantar timur", "14/9/2026", None)
    parts = [unit for unit in town.region.units.values() if unit.parent == "KEC-SIANTAR-TIMUR"]
    assert parts
    closed = town.rows(Override)[0].starts_on
    assert not any(town.region.calendar_of(unit.code).is_working(closed) for unit in parts)
    assert town.region.calendar_of(CAPIL).is_working(closed)


async def test_a_closure_of_a_weekend_says_nothing_and_is_refused(town: Town) -> None:
    who = await proposes(town, "closure", "capil", "12/9/2026", None)
    assert who.page_name == "officer/decision_unfit"
    assert not town.rows(Override)


# --- names and places


async def test_a_story_with_the_new_words_is_understood_from_the_next_message_on(town: Town) -> None:
    await decides(town, "alias", "puskesmas raya", "Klinik  Bu Mantri")
    ticket = await town.sari.complains("Di klinik bu mantri obat selalu habis dan antre lama sekali")
    assert ticket.unit_code == "PKM-RAYA"


async def test_words_that_mean_another_unit_already_are_refused_and_it_is_named(town: Town) -> None:
    who = await proposes(town, "alias", "capil", "Puskesmas Raya")
    assert who.page_name == "officer/decision_unfit"
    who.sees(town.region.units["PKM-RAYA"].name)
    assert not town.rows(Override)


async def test_another_name_of_a_kelurahan_is_found_in_stories(town: Town) -> None:
    seat = next(unit for unit in town.region.units.values() if unit.kind == "kelurahan" and unit.area)
    await decides(town, "area", str(seat.area), "Kampung Kopi", None)
    ticket = await town.sari.complains("Petugas kantor lurah kampung kopi lambat sekali melayani surat pengantar")
    assert ticket.unit_code == seat.code


async def test_a_new_unit_has_its_posts_reads_its_cases_and_can_then_not_be_unmade(town: Town) -> None:
    who = await proposes(town, "unit", *NEW_UNIT)
    who.sees("Lurah Tomuan Baru")
    await who.chooses("decision_sign")
    assert [row.name for row in town.rows(UnitRow, code="KEL-TOMUAN-BARU")] == ["Kelurahan Tomuan Baru"]
    assert {row.code for row in town.rows(PostRow, unit_code="KEL-TOMUAN-BARU")} == {
        "LURAH-TOMUAN-BARU",
        "PETUGAS-KEL-TOMUAN-BARU",
    }
    rini = await town.enrol("PETUGAS-KEL-TOMUAN-BARU", "rini")
    ticket = await town.sari.complains("Surat pengantar di Kelurahan Tomuan Baru lama sekali, petugasnya lambat")
    assert ticket.unit_code == "KEL-TOMUAN-BARU"
    rini.sees(ticket.number)
    await takes_back(town, who)
    assert who.page_name == "officer/decision_unfit"
    who.sees("Kelurahan Tomuan Baru")
    assert "KEL-TOMUAN-BARU" in town.region.units


async def test_a_new_unit_that_nobody_uses_is_unmade(town: Town) -> None:
    who = await decides(town, "unit", *NEW_UNIT)
    await takes_back(town, who)
    assert "KEL-TOMUAN-BARU" not in town.region.units
    assert [row.retired for row in town.rows(UnitRow, code="KEL-TOMUAN-BARU")] == [True]


async def test_a_new_area_is_known_by_its_code_and_stays_while_a_new_unit_lies_in_it(town: Town) -> None:
    who = await decides(town, "area", "12.72.01.1099", "Tomuan Baru", DECREE)
    assert town.region.areas["12.72.01.1099"].parent == "12.72.01"
    area = who.shown[-1]
    await proposes(town, "unit", "kelurahan", "Kelurahan Tomuan Baru", "Kecamatan Siantar Timur", "Tomuan Baru", None)
    await who.chooses("decision_sign")
    assert town.region.units["KEL-TOMUAN-BARU"].area == "12.72.01.1099"
    await who.presses(area.buttons[0], on=area)
    assert who.page_name == "officer/decision_unfit"


# --- words


async def test_a_ready_answer_is_picked_on_the_card_looked_at_and_sent_by_one_tap(town: Town) -> None:
    text = "Blangko KTP sedang kosong, kami kabari begitu ada."
    await decides(town, "answer", "Blangko habis", text, "KTP")
    await town.sari.complains(SLOW)
    budi = town.budi
    await budi.chooses("answer")
    await budi.chooses("ready_answers")
    budi.sees(text)
    await budi.presses("Blangko habis")
    assert budi.page_name == "officer/confirm_answer"
    town.sari.never_saw(text)
    await budi.chooses("send")
    town.sari.sees(text)
    assert town.words("answer") == [text]


async def test_a_ready_answer_of_one_matter_is_not_offered_for_another(town: Town) -> None:
    await decides(town, "answer", "Soal sampah", "Truknya lewat besok pagi.", "sampah")
    await town.sari.complains(SLOW)
    await town.budi.chooses("answer")
    await town.budi.chooses("ready_answers")
    assert "Soal sampah" not in town.budi.buttons
    assert "Sedang kami periksa" in town.budi.buttons, "a ready answer of the files, for all matters"


async def test_the_towns_own_words_stand_on_the_page_until_they_are_taken_back(town: Town) -> None:
    await town.sari.complains(SLOW)
    who = await proposes(town, "wording", "answer", OWN_ANSWER)
    who.sees("TGP-26-7K3QD8: ")  # the example, in the place of the number
    await who.chooses("decision_sign")
    await answers(town, "Sudah <b>jadi</b> & bisa diambil.")
    number = town.ticket().number
    town.sari.sees(f"menjawab {number}: Sudah <b>jadi</b> & bisa diambil. Salam dari kami.")
    await takes_back(town, who)
    await answers(town, "Silakan datang.")
    assert "Salam dari kami" not in town.sari.page
    town.sari.sees("Silakan datang.")


async def answers(town: Town, text: str) -> None:
    await town.budi.types(f"/tiket {town.ticket().number}")
    await town.budi.chooses("answer")
    await town.budi.types(text)
    await town.budi.chooses("send")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Jawaban {number}: {text} {nik}", "{nik}"),
        ("Jawaban: {text}", "{number}"),
        ("Jawaban {number}: {{ text }}", "{"),
    ],
)
async def test_own_words_with_unknown_or_missing_facts_or_code_are_refused(town: Town, text: str, named: str) -> None:
    who = await proposes(town, "wording", "answer", text)
    assert who.page_name == "officer/decision_unfit"
    assert named in who.page
    assert not town.rows(Override)


async def test_a_page_that_cannot_be_put_otherwise_is_asked_for_again(town: Town) -> None:
    who = await proposes(town, "wording", "receipt")
    assert who.page_name == "officer/decide_page"


async def test_what_is_closed_is_told_by_its_days(town: Town) -> None:
    who = await decides(town, "closure", "capil", "14/9/2026 - 15/9/2026", DECREE)
    first = town.rows(Override)[0].starts_on
    who.sees(short_day(first, town.language))
