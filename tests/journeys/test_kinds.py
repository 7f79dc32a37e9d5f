"""Questions and wishes: their own words, their own dates; an accusation is one whatever it is called."""

from __future__ import annotations

import pytest

from domain.vocabulary import Kind
from tests.journeys.stories import PUNGLI, RUDE, SLOW
from tests.kit.town import Town, day

pytestmark = pytest.mark.anyio

QUESTION = "Berapa biaya bikin KTP di capil?"
WISH = "Saya usul ada bangku di taman kota"


async def test_a_question_is_answered_within_five_working_days(town: Town) -> None:
    await town.sari.types(QUESTION)
    assert town.sari.page_name == "citizen/confirm"
    assert "ertanyaan" in town.sari.page or "question" in town.sari.page
    await town.sari.chooses("send")
    ticket = town.ticket()
    assert (ticket.kind, ticket.unit_code) == (Kind.INFORMATION, "DISDUKCAPIL")
    calendar = town.region.calendars["office"]
    due = calendar.closing(calendar.after(await town.today(), 5))
    assert ticket.binding_by == due
    assert day(due, town.language) in town.sari.page
    assert QUESTION in town.budi.page


async def test_a_wish_is_promised_a_first_answer_and_no_result(town: Town) -> None:
    await town.sari.types(WISH)
    while town.sari.page_name != "citizen/confirm":
        await town.sari.presses(town.sari.buttons[0])
    await town.sari.chooses("send")
    ticket = town.ticket()
    assert (ticket.kind, ticket.binding_by, ticket.resolve_by) == (Kind.ASPIRATION, None, None)
    calendar = town.region.calendars["office"]
    assert ticket.first_response_by == calendar.closing(calendar.after(await town.today(), 14))
    assert day(ticket.first_response_by, town.language) in town.sari.page
    assert "usulan" in town.sari.page or "suggestion" in town.sari.page


async def test_the_commands_begin_a_question_and_a_wish(town: Town) -> None:
    for command, kind in (("/tanya", Kind.INFORMATION), ("/aspirasi", Kind.ASPIRATION)):
        await town.sari.types(command)
        assert town.sari.page_name == "citizen/ask_story"
        await town.sari.types("Pembuatan KTP di capil hari Sabtu")
        await town.sari.chooses("send")
        assert town.tickets()[-1].kind == kind


async def test_words_behind_the_command_are_the_story(town: Town) -> None:
    await town.sari.types("/tanya KTP di capil hari Sabtu")
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    assert town.ticket().kind == Kind.INFORMATION


async def test_what_was_taken_for_a_question_can_be_made_a_complaint(town: Town) -> None:
    await town.sari.types(QUESTION)
    await town.sari.chooses("as_complaint")
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    assert town.ticket().kind == Kind.COMPLAINT


async def test_a_command_given_up_for_another_leaves_no_trace(town: Town) -> None:
    await town.sari.types("/tanya")
    await town.sari.types("/lapor")
    await town.sari.types("Pembuatan KTP di capil hari Sabtu")
    await town.sari.chooses("send")
    assert town.ticket().kind == Kind.COMPLAINT


async def test_an_accusation_stays_one_under_any_command(town: Town) -> None:
    for command in ("/tanya", "/aspirasi"):
        await town.sari.types(f"{command} {PUNGLI}")
        await town.sari.chooses("send")
        assert town.tickets()[-1].kind == Kind.OVERSIGHT
        assert town.tickets()[-1].unit_code == "INSPEKTORAT"
        await town.sari.types(f"{command} {RUDE}")
        await town.sari.chooses("send")
        assert town.tickets()[-1].kind == Kind.COMPLAINT
    town.budi.saw_nothing()


async def test_an_accusation_added_to_a_question_makes_it_one(town: Town) -> None:
    await town.sari.types(QUESTION)
    await town.sari.types(PUNGLI)
    await town.sari.chooses("send")
    assert town.ticket().kind == Kind.OVERSIGHT
    town.budi.saw_nothing()


async def test_a_complaint_that_also_asks_stays_a_complaint(town: Town) -> None:
    await town.sari.types(SLOW + ", mau tanya kapan selesainya")
    await town.sari.chooses("send")
    assert town.ticket().kind == Kind.COMPLAINT
