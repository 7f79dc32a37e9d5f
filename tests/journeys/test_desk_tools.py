"""What a busy officer has at hand: a photo with the closing words, putting off, a note, search, several units."""

from __future__ import annotations

import pytest

from storage.tables import Message
from tests.journeys.stories import PUNGLI, SLOW, UNCLEAR
from tests.journeys.test_photos import photo
from tests.kit.town import Town, day

pytestmark = pytest.mark.anyio


async def test_photos_go_with_the_closing_words_whether_they_come_before_or_with_them(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("finish")
    await town.budi.sends_photo(photo())
    assert town.budi.page_name == "officer/photo_kept"
    await town.budi.sends_photo(photo(), "Sudah selesai, ini buktinya.")
    assert town.sari.page_name == "citizen/resolved"
    assert len(town.sari.shown[-1].files) == 2


async def test_the_officer_s_photos_are_not_shown_as_the_citizen_s(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("answer")
    await town.budi.sends_photo(photo(), "Antrean hari ini seperti di foto.")
    await town.budi.chooses("send")
    assert town.sari.page_name == "citizen/answer"
    assert len(town.sari.shown[-1].files) == 1


async def test_putting_off_gives_a_reason_and_a_date_and_stops_no_clock(town: Town) -> None:
    await town.sari.complains(SLOW)
    promised = town.ticket().binding_by
    await town.budi.chooses("postpone")
    await town.budi.types("16/9")
    await town.budi.types("Menunggu blanko dari pusat")
    assert town.ticket().binding_by == promised
    assert str(town.ticket().postponed_until) == "2026-09-16"
    assert town.sari.page_name == "citizen/postponed"
    town.sari.sees("Menunggu blanko dari pusat")
    town.sari.sees(day(promised, town.language))
    told = town.budi.page_names.count("officer/reminder")
    await town.travels(working_days=7)
    assert town.budi.page_names.count("officer/reminder") > told


async def test_a_day_that_is_no_day_is_asked_again_and_cancelling_keeps_the_case_as_it_was(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("postpone")
    await town.budi.types("kapan-kapan")
    assert town.budi.page_name == "officer/date_unknown"
    await town.budi.types("1/9/2026")
    assert town.budi.page_name == "officer/date_unknown", "a day that is over"
    await town.budi.types("/batal")
    assert town.ticket().postponed_until is None
    assert town.sari.page_name == "citizen/receipt"


async def test_a_note_is_read_by_the_desk_and_the_head_and_never_by_the_citizen(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("note")
    await town.budi.types("Berkas hilang di loket dua")
    await town.ratna.types(f"/tiket {town.ticket().number}")
    town.ratna.sees("Berkas hilang di loket dua")
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    town.sari.never_saw("Berkas hilang")
    assert town.rows(Message, kind="note")


async def test_search_finds_by_unit_matter_and_day_what_one_may_read_and_nothing_else(town: Town) -> None:
    slow = await town.sari.complains(SLOW)
    await town.sari.complains(PUNGLI)
    for words in ("KTP", "capil", "7/9", "KTP 7/9", slow.number):
        await town.budi.types(f"/cari {words}")
        assert slow.number in town.budi.page, words
    for words in ("sampah", "6/9", "KTP 6/9"):
        await town.budi.types(f"/cari {words}")
        assert town.budi.page_name == "officer/found", words
        assert slow.number not in town.budi.page, words
    await town.outsider.types("/cari KTP")
    town.outsider.never_saw(slow.number)
    await town.budi.types("/cari 7/9")
    assert "TGP-26" in town.budi.page
    assert len(town.budi.buttons) == 1, "the accusation is not among what the registry finds"


async def test_who_holds_posts_in_two_units_has_one_desk_and_may_look_at_one_unit(town: Town) -> None:
    await town.appoints(town.budi, "PETUGAS-MEJA-DEPAN")
    slow = await town.sari.complains(SLOW)
    unclear = await town.sari.complains(UNCLEAR)
    await town.budi.types("/kotak")
    assert slow.number in town.budi.page
    assert unclear.number in town.budi.page
    await town.budi.types("/unit capil")
    assert slow.number in town.budi.page
    assert unclear.number not in town.budi.page


async def test_a_walk_in_goes_where_its_words_send_it_and_keeps_number_and_pin(town: Town) -> None:
    front = town.officer("PETUGAS-MEJA-DEPAN")
    await front.types("/catat")
    await front.types(SLOW)
    assert "Kependudukan" in front.page
    await front.chooses("record")
    assert front.page_name == "officer/recorded"
    ticket = town.ticket()
    assert (ticket.unit_code, ticket.channel, ticket.reporter_id, ticket.address_id) == (
        "DISDUKCAPIL",
        "desk",
        None,
        None,
    )
    line = next(line for line in front.page.splitlines() if line.startswith("PIN"))
    pin = "".join(letter for letter in line if letter.isdigit())[:6]
    town.budi.sees(SLOW)
    await town.sari.types(f"/status {ticket.number} {pin}")
    town.sari.sees("KTP elektronik" if town.language == "id" else "Identity card")


async def test_what_is_read_out_at_the_counter_says_the_number_the_day_and_who_is_next(town: Town) -> None:
    front = town.officer("PETUGAS-MEJA-DEPAN")
    await front.types(f"/catat {SLOW}")
    await front.chooses("record")
    front.sees(day(town.ticket().binding_by, town.language))
    front.sees("Kepala Dinas Kependudukan")
    front.sees("/status")


async def test_a_name_and_number_that_a_walk_in_leaves_are_sealed_and_read_by_the_office_alone(town: Town) -> None:
    front = town.officer("PETUGAS-MEJA-DEPAN")
    await front.types(f"/catat {SLOW}")
    await front.chooses("record_contact")
    assert front.page_name == "officer/record_contact"
    await front.types("Ibu Melati, 0811-5550-1234")
    assert front.page_name == "officer/confirm_record"
    front.sees("Ibu Melati")
    await front.chooses("record")
    pin = "".join(letter for letter in front.page.partition("PIN: ")[2] if letter.isdigit())[:6]
    town.budi.sees("0811-5550-1234")
    await town.outsider.types(f"/tiket {town.ticket().number}")
    town.outsider.never_saw("Melati")
    await town.sari.types(f"/status {town.ticket().number} {pin}")
    assert town.sari.page_name == "citizen/case"
    town.sari.never_saw("Melati")
    assert all(b"Melati" not in bytes(row.text_sealed) for row in town.rows(Message))


async def test_who_accuses_at_the_counter_is_not_asked_for_a_name_and_one_that_was_given_is_not_kept(
    town: Town,
) -> None:
    await town.budi.types(f"/catat {SLOW}")
    await town.budi.chooses("record_contact")
    await town.budi.types("Ibu Melati")
    await town.budi.types(PUNGLI)
    assert town.budi.page_name == "officer/confirm_record"
    assert "Melati" not in town.budi.page
    assert len(town.budi.buttons) == 2
    await town.budi.chooses("record")
    assert town.words("story")
    assert not town.words("contact")


async def test_an_accusation_at_the_counter_is_kept_from_the_accused_who_took_it_down(town: Town) -> None:
    await town.budi.types(f"/catat {PUNGLI}")
    await town.budi.chooses("record")
    number = town.ticket().number
    assert town.ticket().unit_code == "INSPEKTORAT"
    await town.budi.types(f"/tiket {number}")
    assert town.budi.page_name == "officer/not_found"
