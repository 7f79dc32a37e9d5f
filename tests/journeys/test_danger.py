"""Who is in danger reads first who helps, and nothing comes later that the wrong person could read."""

from __future__ import annotations

import pytest

from tests.journeys.stories import SLOW
from tests.kit.town import LANGUAGES, Town, label

pytestmark = pytest.mark.anyio

AT_HOME = "Suami saya memukul saya lagi, saya takut. Sudah lapor ke kelurahan tomuan"
#: It burned, or it burns: only who writes knows.
PERHAPS = "Kemarin malam ada kebakaran di rumah tetangga, sampah di kelurahan tomuan dibakar orang"
CARELESS = "Rumah tetangga terbakar sekarang, parit di kelurahan tomuan kering"


async def test_violence_at_home_has_a_page_of_its_own_and_stays_confidential(town: Town) -> None:
    await town.sari.types(AT_HOME)
    assert town.sari.page_names[0] == "citizen/care"
    assert "129" in town.sari.pages[0]
    assert town.sari.page_name == "citizen/confirm", "whoever is in danger is asked nothing"
    await town.sari.chooses("send")
    assert town.ticket().identity == "confidential"
    assert town.ticket().unit_code == "DPPKB", "those who protect women and children, not the kelurahan that is named"


async def test_after_a_story_of_violence_at_home_no_reminder_comes(town: Town) -> None:
    await town.sari.complains(AT_HOME)
    before = len(town.sari.received)
    await town.travels(working_days=30)
    assert len(town.sari.received) == before


async def test_a_story_of_danger_at_this_moment_goes_before_the_others(town: Town) -> None:
    await town.sari.types(CARELESS)
    assert town.sari.page_names[0] == "citizen/emergency"
    while town.sari.page_name != "citizen/confirm":
        await town.sari.chooses("unknown" if town.sari.page_name == "citizen/office" else "skip")
    await town.sari.chooses("send")
    assert town.ticket().priority == "high"


async def _sends(town: Town) -> None:
    while town.sari.page_name != "citizen/confirm":
        await town.sari.chooses("unknown" if town.sari.page_name == "citizen/office" else "skip")
    await town.sari.chooses("send")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_where_danger_may_be_past_one_tap_asks_with_the_numbers_in_sight(town: Town) -> None:
    await town.sari.types(PERHAPS)
    assert town.sari.page_names == ["citizen/emergency"]
    assert "113" in town.sari.page
    assert town.sari.buttons == (label("emergency_yes", town.language), label("emergency_no", town.language))
    assert "/privasi" in town.sari.page, "whoever meets us here first is told what is kept"


async def test_yes_shows_the_numbers_first_and_the_case_goes_before_others(town: Town) -> None:
    await town.sari.types(PERHAPS)
    await town.sari.chooses("emergency_yes")
    assert town.sari.page_names[1] == "citizen/emergency"
    assert not town.sari.shown[1].buttons
    await _sends(town)
    assert (town.ticket().priority, town.words("story")) == ("high", [PERHAPS])


async def test_no_goes_on_with_the_story(town: Town) -> None:
    await town.sari.types(PERHAPS)
    await town.sari.chooses("emergency_no")
    assert town.sari.page_names.count("citizen/emergency") == 1
    await _sends(town)
    assert (town.ticket().priority, town.words("story")) == ("normal", [PERHAPS])


async def test_who_types_on_is_not_held_up_and_is_not_asked_again(town: Town) -> None:
    await town.sari.types(PERHAPS)
    await town.sari.types("Baunya sampai ke rumah kami")
    assert town.sari.page_names.count("citizen/emergency") == 1
    await _sends(town)
    assert town.words("story") == [f"{PERHAPS}\nBaunya sampai ke rumah kami"]


async def test_the_question_is_answered_in_words_too(town: Town) -> None:
    await town.sari.types(PERHAPS)
    await town.sari.types("ya darurat" if town.language == "id" else "yes now")
    await _sends(town)
    assert (town.ticket().priority, town.words("story")) == ("high", [PERHAPS])


async def test_violence_at_home_is_never_asked_whether_it_is_now(town: Town) -> None:
    await town.sari.types(AT_HOME)
    assert label("emergency_yes", town.language) not in [name for page in town.sari.shown for name in page.buttons]


async def test_danger_in_words_for_a_case_shows_the_numbers_and_loses_no_word(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.replies_to(ticket.number, "Tolong, rumah kami terbakar sekarang")
    assert "citizen/emergency" in town.sari.page_names
    assert town.words("addition") == ["Tolong, rumah kami terbakar sekarang"]
