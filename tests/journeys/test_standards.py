"""/standar: what an office promises, told in chat; and a story beside that promise, for those who read the story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.services import Component, Promise
from domain.vocabulary import Kind
from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.town import LANGUAGES, Town, label

pytestmark = pytest.mark.anyio

DISDUKCAPIL = "Dinas Kependudukan dan Pencatatan Sipil"
LAW = "UU 24/2013 Ps 79A"


def fill_in(town: Town, code: str, **promises: Promise) -> None:
    """The office supplies components of one standard."""
    service = town.region.services[code]
    written = {Component(name): promise for name, promise in promises.items()}
    filled = replace(service, promises={**service.promises, **written})
    town.has(services={**town.region.services, code: filled})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_citizen_asks_what_a_family_card_costs_and_what_nobody_has_written_is_called_so(
    town: Town, language: str
) -> None:
    await town.sari.types("/standar kk")
    assert town.sari.page_name == "shared/standard"
    assert ("Rp0 (gratis)" if language == "id" else "Rp0 (free)") in town.sari.page
    assert LAW in town.sari.page
    assert DISDUKCAPIL in town.sari.page
    missing = "lama, syarat, hasil, dasar hukum." if language == "id" else "time, requirements, result, legal basis."
    assert town.sari.page.endswith(missing)


async def test_what_an_office_supplies_is_told_with_its_source(town: Town) -> None:
    source = "SK Kepala Dinas 1/2026"
    fill_in(
        town,
        "family_card",
        duration=Promise(source, working_days=3),
        requirements=Promise(source, ("Surat pengantar", "KTP lama")),
        product=Promise(source, ("Selembar KK",)),
        legal_basis=Promise(source, ("UU 24/2013",)),
    )
    await town.sari.types("/standar kartu kluarga")
    for words in ("• Surat pengantar", "• KTP lama", "Selembar KK", source, "3 "):
        town.sari.sees(words)
    assert "elum diisi" not in town.sari.page
    assert "ot filled" not in town.sari.page


async def test_several_are_offered_and_one_is_chosen_by_button_by_number_or_by_name(town: Town) -> None:
    for choose in ("button", "3", "akta kematian"):
        await town.sari.types("/standar akta")
        assert town.sari.page_name == "shared/standards"
        assert len(town.sari.buttons) == 4
        names = town.region.services["death_certificate"].name
        if choose == "button":
            await town.sari.presses(names[town.language])
        else:
            await town.sari.types(choose)
        assert town.sari.page_name == "shared/standard"
    assert names[town.language] in town.sari.page
    assert town.tickets() == []


async def test_without_a_name_it_asks_for_one_and_a_story_is_still_a_story(town: Town) -> None:
    await town.sari.types("/standar")
    assert town.sari.page_name == "shared/standard_ask"
    await town.sari.types("ktp")
    assert town.sari.page_name == "shared/standard"
    await town.sari.types("/standar")
    ticket = await town.sari.complains(SLOW)
    assert ticket.unit_code == "DISDUKCAPIL"
    assert SLOW in town.budi.page


async def test_an_accusation_in_few_words_is_no_search(town: Town) -> None:
    await town.sari.types("/standar")
    await town.sari.types("petugas capil minta uang ktp")
    assert town.sari.page_name == "citizen/confirm"
    assert "Inspektorat" in town.sari.page


async def test_what_is_not_known_is_answered_kindly_with_the_menu(town: Town) -> None:
    await town.sari.types("/standar sepatu terbang")
    assert town.sari.page_name == "citizen/standard_none"
    for command in ("/lapor", "/tanya", "/standar"):
        assert command in town.sari.page
    await town.budi.types("/standar sepatu terbang")
    assert town.budi.page_name == "officer/standard_none"


async def test_a_story_that_is_being_written_is_not_lost_by_a_look_at_a_standard(town: Town) -> None:
    await town.sari.types(SLOW)
    for typed in ("/standar kk", "/standar", "/standar akta"):
        await town.sari.types(typed)
    await town.sari.types("Berkas saya sudah lengkap")
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    assert "Berkas saya sudah lengkap" in town.budi.page


async def test_a_complaint_goes_on_from_the_page_to_its_office(town: Town) -> None:
    await town.sari.types("/standar kk")
    await town.sari.chooses("complain_about", "family_card")
    assert town.sari.page_name == "citizen/ask_story"
    assert town.region.services["family_card"].name[town.language] in town.sari.page
    ticket = await town.sari.complains("Sudah tiga minggu tidak jadi juga, padahal berkas lengkap")
    assert (ticket.kind, ticket.unit_code, ticket.matter_code) == (Kind.COMPLAINT, "DISDUKCAPIL", "family_card")


async def test_a_question_goes_on_from_the_page_too(town: Town) -> None:
    await town.sari.types("/standar kk")
    await town.sari.chooses("ask_about", "family_card")
    ticket = await town.sari.complains("Apakah boleh diwakilkan oleh anak saya")
    assert (ticket.kind, ticket.unit_code, ticket.matter_code) == (Kind.INFORMATION, "DISDUKCAPIL", "family_card")


async def test_the_office_of_the_page_gives_way_to_what_the_story_is_surely_about(town: Town) -> None:
    await town.sari.types("/standar kk")
    await town.sari.chooses("complain_about", "family_card")
    await town.sari.types("Sampah menumpuk di depan pasar, sudah lama tidak diangkut truk sampah")
    await town.sari.chooses("skip")
    await town.sari.chooses("send")
    assert (town.ticket().unit_code, town.ticket().matter_code) == ("DLH", "waste")


async def test_a_service_of_every_puskesmas_does_not_guess_which(town: Town) -> None:
    await town.sari.types("/standar surat sehat")
    await town.sari.chooses("complain_about", "health_letter")
    await town.sari.types("Di Puskesmas Raya saya menunggu lama sekali")
    await town.sari.chooses("send")
    assert town.ticket().unit_code == "PKM-RAYA"


async def test_staff_read_the_same_page_without_the_citizens_buttons(town: Town) -> None:
    await town.budi.types("/standar parkir")
    assert town.budi.page_name == "shared/standard"
    assert town.budi.buttons == ()
    await town.budi.types("/standar akta")
    names = town.region.services["birth_certificate"].name
    await town.budi.presses(names[town.language])
    assert LAW in town.budi.page
    stranger = town.stranger("stranger")
    await stranger.types("/standar kk")
    stranger.never_saw(LAW)


# --- a story beside the standard


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_inspector_sees_the_official_fee_beside_what_the_citizen_says(town: Town, language: str) -> None:
    await town.sari.complains(PUNGLI)
    said = {
        "id": f"Biaya resmi Rp0 ({LAW}); warga menyebut Rp50.000",
        "en": f"Official fee Rp0 ({LAW}); the citizen mentions Rp50,000",
    }[language]
    inspector = town.officer("PETUGAS-INSPEKTORAT")
    assert said in inspector.page
    for other in (town.budi, town.ratna, town.outsider, town.officer("SEKDA")):
        other.never_saw(said)
        other.never_saw(LAW)
    town.sari.never_saw(said)
    for verdict in ("pelaku", "terbukti", "guilty"):
        inspector.never_saw(verdict)


async def test_the_officer_sees_the_promised_time_beside_the_days_of_waiting(town: Town) -> None:
    fill_in(town, "identity_card", duration=Promise("SK Kepala Dinas 1/2026", working_days=5))
    ticket = await town.sari.complains(SLOW)
    line = {
        "id": "Waktu resmi 5 hari kerja (SK Kepala Dinas 1/2026); warga menyebut sekitar 21 hari",
        "en": "Official time 5 working days (SK Kepala Dinas 1/2026); the citizen mentions about 21 days",
    }[town.language]
    assert line in town.budi.page
    await town.outsider.types(f"/tiket {ticket.number}")
    town.outsider.never_saw("SK Kepala Dinas")


async def test_without_a_promise_nothing_is_compared(town: Town) -> None:
    await town.sari.complains(SLOW)
    assert town.budi.page_name == "officer/card"
    for words in ("Standar layanan", "Service standard"):
        town.budi.never_saw(words)


# --- before a visit


async def test_a_brief_says_how_much_of_the_units_standards_is_missing(town: Town) -> None:
    secretary = town.officer("SEKDA")
    await secretary.types("/unit capil")
    assert secretary.page_name == "supervisor/brief"
    secretary.sees(
        {"id": "8 dari 112 komponen terisi (8 layanan)", "en": "8 of 112 components filled (8 services)"}[town.language]
    )
    secretary.sees({"id": "syarat (8), prosedur (8)", "en": "requirements (8), procedure (8)"}[town.language])
    await secretary.types("/unit inspektorat")
    secretary.sees({"id": "belum ada layanan", "en": "no service is recorded"}[town.language])
    assert label("find", town.language) in secretary.buttons
