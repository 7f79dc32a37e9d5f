"""A story may be long, but not endless: what no longer fits is not taken, and its writer is told so each time."""

from __future__ import annotations

import pytest

from handlers.flows.wording import LONGEST
from storage.tables import Attachment
from tests.journeys.stories import PLACELESS, PUNGLI, SLOW
from tests.journeys.test_photos import photo
from tests.kit.carriers import ON_PHONES
from tests.kit.town import LANGUAGES, Person, Town

pytestmark = pytest.mark.anyio

#: As long as a message of Telegram may be, and about nothing that has a matter of its own.
LONG = ("Saya sudah menunggu lama sekali di sana. " * 100)[:4_000].strip()
LAST = "Tolong dibantu, ini kata terakhir saya"
#: One message that no platform but the phone takes.
ENDLESS = (SLOW + ". ") * (20_000 // (len(SLOW) + 2))


async def _told_at_length(person: Person) -> list[str]:
    """A story that has room for little more."""
    said = [SLOW, LONG, f"{LONG} Lagi", LONG[: LONGEST - len(SLOW) - 2 * len(LONG) - 60].strip()]
    for text in said:
        await person.types(text)
    return said


async def test_a_long_story_is_taken_whole(town: Town) -> None:
    said = await _told_at_length(town.sari)
    assert "citizen/too_long" not in town.sari.page_names
    await town.sari.chooses("send")
    assert town.words("story") == ["\n".join(said)]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_no_longer_fits_is_not_taken_and_each_time_its_writer_is_told(town: Town, language: str) -> None:
    said = await _told_at_length(town.sari)
    for _ in range(2):
        await town.sari.types(LONG)
        assert town.sari.page_names[-2:] == ["citizen/too_long", "citizen/confirm"]
    await town.sari.chooses("send")
    assert town.words("story") == ["\n".join(said)]


async def test_what_did_not_fit_is_added_once_the_case_is_there(town: Town) -> None:
    await _told_at_length(town.sari)
    await town.sari.types(LONG)
    await town.sari.chooses("send")
    await town.sari.replies_to(town.ticket().number, LONG)
    assert town.words("addition") == [LONG]


async def test_a_short_word_still_fits_behind_one_that_did_not(town: Town) -> None:
    said = await _told_at_length(town.sari)
    await town.sari.types(LONG)
    await town.sari.types(LAST)
    assert town.sari.page_names[-1] == "citizen/confirm"
    assert town.sari.page_names.count("citizen/too_long") == 1
    await town.sari.chooses("send")
    assert town.words("story") == ["\n".join([*said, LAST])]


async def test_a_message_that_did_not_fit_is_taken_when_it_is_made_shorter(town: Town) -> None:
    said = await _told_at_length(town.sari)
    await town.sari.types(LONG)
    await town.sari.edits(LONG, LAST)
    await town.sari.chooses("send")
    assert town.words("story") == ["\n".join([*said, LAST])]


async def test_an_edit_that_makes_the_story_too_long_leaves_it_as_it_was(town: Town) -> None:
    said = await _told_at_length(town.sari)
    await town.sari.edits(SLOW, LONG)
    assert "citizen/too_long" in town.sari.page_names
    await town.sari.chooses("send")
    assert town.words("story") == ["\n".join(said)]


async def test_pictures_are_taken_where_their_words_are_not(town: Town) -> None:
    await _told_at_length(town.sari)
    file = await town.sari.sends_photo(photo(), LONG[:1_000])
    assert "citizen/too_long" in town.sari.page_names
    await town.sari.chooses("send")
    assert [row.id for row in town.rows(Attachment, ticket_id=town.ticket().id)] == [file]


@ON_PHONES
async def test_a_question_that_is_open_stays_open(town: Town) -> None:
    await town.sari.types(PLACELESS)
    assert town.sari.page_name == "citizen/place"
    await town.sari.edits(PLACELESS, ENDLESS)
    assert town.sari.page_names[-2:] == ["citizen/too_long", "citizen/place"]
    await town.sari.types("Jalan Sutomo")
    assert town.sari.page_name == "citizen/confirm"


@pytest.mark.parametrize("language", LANGUAGES)
@ON_PHONES
async def test_one_message_that_is_too_long_by_itself_begins_nothing(town: Town, language: str) -> None:
    await town.sari.types(ENDLESS)
    assert town.sari.page_names == ["citizen/too_long"]
    assert "/privasi" in town.sari.page, "the greeting of who writes for the first time"
    await town.sari.types(SLOW)
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    assert town.words("story") == [SLOW]


@ON_PHONES
async def test_pictures_that_wait_for_their_words_go_on_waiting(town: Town) -> None:
    file = await town.sari.sends_photo(photo())
    await town.sari.types(ENDLESS)
    assert town.sari.page_name == "citizen/too_long"
    await town.sari.types(SLOW)
    await town.sari.chooses("send")
    assert [row.id for row in town.rows(Attachment, ticket_id=town.ticket().id)] == [file]


@ON_PHONES
async def test_it_does_not_push_out_a_story_that_was_left(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types("/batal")
    await town.sari.types(ENDLESS)
    assert town.sari.page_name == "citizen/too_long"
    await town.sari.chooses("continue")
    await town.sari.chooses("send")
    assert town.words("story") == [SLOW]


@ON_PHONES
async def test_it_does_not_replace_the_story_that_shall_be_written_again(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("edit")
    await town.sari.types(ENDLESS)
    assert town.sari.page_name == "citizen/too_long"
    await town.sari.types(PUNGLI)
    await town.sari.chooses("send")
    assert town.words("story") == [PUNGLI]


@ON_PHONES
async def test_it_is_no_answer_to_a_case_and_the_next_message_still_is(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("add")
    await town.sari.types(ENDLESS)
    assert town.sari.page_name == "citizen/too_long"
    await town.sari.types(LAST)
    assert town.words("addition") == [LAST]


@ON_PHONES
async def test_it_is_no_answer_where_an_office_waits_for_one(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("ask_citizen")
    await town.budi.types("Kapan Anda datang?")
    await town.budi.chooses("send")
    await town.sari.types(ENDLESS)
    assert town.sari.page_name == "citizen/too_long"
    await town.sari.types("Kemarin pagi, sekitar jam sembilan")
    assert town.sari.page_name == "citizen/which_case"


# --- the staff


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_an_officer_takes_down_ends_there_too(town: Town, language: str) -> None:
    await town.budi.types("/catat")
    said = await _told_at_length(town.budi)
    await town.budi.types(LONG)
    assert town.budi.page_name == "officer/too_long"
    await town.budi.edits(SLOW, LONG)
    assert town.budi.page_name == "officer/too_long"
    await town.budi.chooses("record")
    assert town.words("story") == ["\n".join(said)]


async def test_an_officer_who_writes_again_replaces_the_answer_so_it_does_not_grow(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("answer")
    for text in (LONG, LONG, LONG, "Blanko sudah datang, silakan ke loket 2."):
        await town.budi.types(text)
    await town.budi.chooses("send")
    assert town.words("answer") == ["Blanko sudah datang, silakan ke loket 2."]
