"""How one talks with the town: nothing typed is lost, old buttons do nothing, and a draft waits for its writer."""

from __future__ import annotations

from typing import Any

import pytest

from storage.tables import Conversation, Message
from tests.journeys.stories import PLACELESS, PUNGLI, SLOW
from tests.kit.carriers import WITHOUT_PRICE, Page
from tests.kit.town import LANGUAGES, Town, label

pytestmark = pytest.mark.anyio

MORE = "Petugasnya bilang blangko habis terus"


async def _story(town: Town) -> str:
    """Send what is on the screen; what the case then says."""
    await town.sari.chooses("send")
    return "\n".join(_texts(town, town.tickets()[-1].id))


def _texts(town: Town, ticket: int) -> list[str]:
    rows = town.rows(Message, ticket_id=ticket)
    return [town.vault.open_text("messages.text_sealed", row.id, row.text_sealed) for row in rows]


def _memory(town: Town) -> Any:
    (talk,) = town.rows(Conversation, address_id=town.address_id(town.sari))
    return talk.memory_sealed and town.opened("conversations.memory_sealed", talk.id, talk.memory_sealed)


def _confirmations(town: Town) -> list[Page]:
    return [page for page in town.sari.received if town.page_name(page) == "citizen/confirm"]


# --- leaving and coming back


async def test_leaving_keeps_the_draft_and_going_on_is_the_first_choice(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types("/batal")
    assert town.sari.page_name == "citizen/parked"
    assert town.sari.buttons == (label("continue", town.language), label("discard", town.language))
    assert SLOW[:40] in town.sari.page
    await town.sari.chooses("continue")
    assert town.sari.page_name == "citizen/confirm"
    assert SLOW in await _story(town)


async def test_throwing_away_erases_at_once(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types("/batal")
    await town.sari.chooses("discard")
    assert town.sari.page_name == "citizen/discarded"
    assert _memory(town) is None
    await town.sari.types("/lapor")
    assert town.sari.page_name == "citizen/welcome"
    assert not town.tickets()


async def test_a_kept_draft_is_offered_when_one_comes_back(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types("/batal")
    await town.travels(working_days=2)
    await town.sari.types("/lapor")
    assert town.sari.page_name == "citizen/parked"
    await town.sari.chooses("continue")
    assert SLOW in await _story(town)


async def test_leaving_where_nothing_is_written_is_answered_kindly(town: Town) -> None:
    await town.sari.types("/batal")
    assert town.sari.page_name == "citizen/nothing_to_cancel"


async def test_looking_elsewhere_loses_no_draft(town: Town) -> None:
    await town.sari.types(SLOW)
    for command in ("/menu", "/bantuan", "/privasi", "/status", "/bahasa"):
        await town.sari.types(command)
        assert town.sari.page_name != "citizen/confirm", command
        await town.sari.types("/lapor")
        assert town.sari.page_name == "citizen/confirm", command
        assert SLOW in town.sari.page, command


async def test_a_command_that_nobody_knows_shows_the_menu(town: Town) -> None:
    await town.sari.types("/semua")
    assert town.sari.page_name == "citizen/menu"


# --- languages


async def test_the_language_changes_at_once_and_stays(town: Town) -> None:
    for language in (*LANGUAGES, "id"):
        await town.sari.speaks(language)
        await town.sari.types("/menu")
        words = {"id": "Ada yang bisa kami bantu", "en": "How can we help"}
        assert words[language] in town.sari.page


async def test_the_language_changes_in_the_middle_of_a_draft(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.speaks("en")
    await town.sari.types("/lapor")
    assert label("send", "en") in town.sari.buttons
    await town.sari.chooses("send")
    assert "Number:" in town.sari.page


# --- free text


async def test_more_words_at_the_last_look_join_the_story(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types(MORE)
    assert MORE in town.sari.page
    said = await _story(town)
    assert SLOW in said
    assert MORE in said


async def test_words_at_the_question_for_the_office_join_the_story(town: Town) -> None:
    await town.sari.types("Pelayanan di sana lambat, KTP saya dan sampah di depan rumah belum beres")
    assert town.sari.page_name == "citizen/office"
    await town.sari.types(MORE + ", dan saya sudah datang lima kali dengan berkas yang lengkap")
    while town.sari.page_name != "citizen/confirm":
        await town.sari.chooses("unknown" if town.sari.page_name == "citizen/office" else "skip")
    assert MORE in await _story(town)


async def test_words_at_the_question_for_the_place_are_the_place(town: Town) -> None:
    await town.sari.types(PLACELESS)
    assert town.sari.page_name == "citizen/place"
    await town.sari.types("Jalan Kartini, depan toko roti")
    assert "Jalan Kartini" in town.sari.page
    assert "Jalan Kartini, depan toko roti" in await _story(town)


async def test_words_at_the_question_for_the_identity_join_the_story(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.types(MORE)
    assert MORE in await _story(town)


async def test_words_at_the_question_for_the_name_are_the_name(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses("call_name")
    await town.sari.types("Sari Nauli")
    assert "Sari Nauli" in town.sari.page
    await _story(town)
    assert "Sari Nauli" in town.budi.page


async def test_a_story_at_the_question_for_the_name_is_not_cut_short(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses("call_name")
    long = f"{MORE}. Saya sudah lima kali datang ke loket dan selalu ditolak tanpa alasan, terakhir hari Kamis"
    await town.sari.types(long)
    assert town.sari.page_name in ("citizen/confirm", "citizen/name")
    assert long in await _story(town)


async def test_writing_again_replaces_the_story_and_the_old_one_stays_until_then(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("edit")
    await town.sari.types("/batal")
    assert SLOW[:40] in town.sari.page
    await town.sari.chooses("continue")
    await town.sari.chooses("edit")
    await town.sari.types("Kartu keluarga saya belum jadi di capil")
    said = await _story(town)
    assert "Kartu keluarga" in said
    assert SLOW not in said


async def test_words_after_leaving_are_a_new_story(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types("/batal")
    await town.sari.types("Kartu keluarga saya belum jadi di capil")
    assert town.sari.page_name == "citizen/confirm"
    assert "Kartu keluarga" in await _story(town)


async def test_an_amount_of_money_said_later_changes_the_reader(town: Town) -> None:
    await town.sari.types(SLOW)
    assert "Inspektorat" not in town.sari.page
    await town.sari.types("Petugasnya minta uang 50 ribu")
    assert "Petugas pengaduan Inspektorat" in town.sari.page
    await town.sari.chooses("send")
    assert town.ticket().unit_code == "INSPEKTORAT"
    town.budi.saw_nothing()


# --- buttons, old and new


async def test_an_old_button_sends_nothing_and_shows_how_things_stand(town: Town) -> None:
    await town.sari.types(SLOW)
    old = town.sari.shown[-1]
    await town.sari.types(MORE)
    await town.sari.chooses("send", on=old)
    assert not town.tickets()
    assert town.sari.page_name == "citizen/confirm"
    assert MORE in town.sari.page


async def test_sending_twice_makes_one_case(town: Town) -> None:
    await town.sari.types(SLOW)
    page = town.sari.shown[-1]
    await town.sari.chooses("send", on=page)
    await town.sari.chooses("send", on=page)
    assert len(town.tickets()) == 1
    assert town.sari.page_name == "citizen/stale"


async def test_the_same_event_twice_has_one_effect(town: Town) -> None:
    event = "6f1d9a40-0000-4000-8000-000000000001"
    await town.sari.does(text=SLOW, event=event)
    await town.sari.does(text=SLOW, event=event)
    assert town.sari.page_names == ["citizen/confirm"]


async def test_every_old_choice_is_answered_and_makes_no_case(town: Town) -> None:
    await town.sari.types(SLOW)
    page = town.sari.shown[-1]
    await town.sari.chooses("send", on=page)
    for code in ("send", "identity", "edit", "cancel", "other_office"):
        before = len(town.sari.received)
        await town.sari.chooses(code, on=page)
        assert len(town.sari.received) == before + 1, code
    assert len(town.tickets()) == 1


async def test_data_that_no_button_has_is_answered_and_harms_nobody(town: Town) -> None:
    await town.sari.types(SLOW)
    last = town.sari.shown[-1].data[-1]
    forged = ("0.1", "ZZZZ.9", "apa saja", "1.", ".1", "7.7.7", "É.1", "9" * 40 + ".1", f"{last}0", f"{last}²", "1.٣")
    for data in forged:
        before = len(town.sari.received)
        await town.sari.does(choice=data)
        assert len(town.sari.received) == before + 1, data
        assert town.sari.page_name == "citizen/confirm", data
    assert not town.tickets()


async def test_a_number_or_a_word_chooses_as_well_as_a_thumb(town: Town) -> None:
    for typed in ("1", " 1 ", "kirim", "Ya", "ok", "send", "yes", "KIRIM."):
        writer = town.citizen(f"warga {typed}")
        await writer.types(SLOW)
        await writer.types(typed)
        assert len(writer.tickets) == 1, typed
        assert writer.page_name == "citizen/receipt", typed


async def test_other_choices_are_typed_too(town: Town) -> None:
    await town.sari.types(SLOW)
    for typed in ("2", "rahasia", "3"):
        await town.sari.types("2")
        assert town.sari.page_name == "citizen/identity"
        await town.sari.types(typed)
        assert town.sari.page_name == "citizen/confirm", typed
    assert not town.tickets()


async def test_a_number_that_no_choice_has_is_no_choice(town: Town) -> None:
    await town.sari.types(SLOW)
    for typed in ("9", "0", "100", "²"):
        await town.sari.types(typed)
        assert town.sari.page_name == "citizen/confirm", typed
    assert not town.tickets()


async def test_officers_type_their_choices_too(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.types("ambil")
    assert town.ticket().taken_by == town.person_id(town.budi)


async def test_danger_to_life_shows_the_numbers_first_once_and_the_story_goes_on(town: Town) -> None:
    await town.sari.types("Ada kebakaran di dekat pasar, petugas damkar belum datang")
    assert town.sari.page_names[0] == "citizen/emergency"
    assert "113" in town.sari.pages[0]
    await town.sari.types("Apinya membesar")
    assert town.sari.page_names.count("citizen/emergency") == 1


async def test_at_most_two_questions_stand_before_the_confirmation(town: Town) -> None:
    await town.sari.types("Pelayanan di sana lambat, KTP saya dan sampah di depan rumah belum beres")
    questions = 0
    while town.sari.page_name != "citizen/confirm":
        questions += 1
        assert questions <= 2, town.sari.page_names
        await town.sari.presses(town.sari.buttons[0])
    assert not town.tickets()


@WITHOUT_PRICE
async def test_thanks_are_no_story(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.sari.types("terima kasih banyak")
    assert town.sari.page_name == "citizen/thanks"
    assert len(town.tickets()) == 1


async def test_two_cases_of_one_citizen_stay_apart(town: Town) -> None:
    first = await town.sari.complains(SLOW)
    second = await town.sari.complains(PUNGLI)
    await town.sari.types("/status")
    assert set(town.sari.buttons) == {first.number, second.number}
    await town.sari.replies_to(first.number, "Tambahan untuk yang pertama")
    assert "Tambahan untuk yang pertama" not in "\n".join(_texts(town, second.id))
