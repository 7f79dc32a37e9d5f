"""Who has left a post reads nothing any more, not even what was already on its way."""

from __future__ import annotations

import pytest

from bot.channels.base import Later
from handlers.actions import people
from handlers.actions.post import Letter, to_post
from handlers.session import Session
from tests.journeys.stories import SLOW
from tests.kit.carriers import ON_PHONES
from tests.kit.town import Town

pytestmark = pytest.mark.anyio

POST = "PETUGAS-DISDUKCAPIL"


async def leaves(town: Town, post: str = POST) -> None:
    await town.program.errand(lambda session: len(people.revoke(session, post)))


async def test_a_command_or_a_button_after_leaving_is_a_strangers(town: Town) -> None:
    await town.sari.complains(SLOW)
    card = town.budi.shown[-1]
    await leaves(town)
    await town.budi.types("/kotak")
    assert town.budi.page_name == "officer/stranger"
    await town.budi.chooses("take", on=card)
    assert town.budi.page_name == "officer/stranger"
    assert town.ticket().taken_by is None


async def test_pages_on_their_way_are_dropped_and_the_successor_finds_the_case(town: Town) -> None:
    town.channel.answers(town.budi.phone, *[Later(600.0, blameless=True)] * 9)
    ticket = await town.sari.complains(SLOW)
    await leaves(town)
    assert [row.state for row in town.outbox(person_id=town.person_id(town.budi))] == ["dropped"]
    hadi = await town.enrol(POST, "hadi")
    await hadi.types("/kotak")
    assert ticket.number in str(hadi.shown[-1])


async def test_a_page_that_is_about_no_case_is_dropped_too(town: Town) -> None:
    town.channel.answers(town.budi.phone, *[Later(600.0, blameless=True)] * 9)
    await town.program.errand(lambda session: _counts(session))
    await town.idle()
    await leaves(town)
    assert [row.state for row in town.outbox(person_id=town.person_id(town.budi))] == ["dropped"]


def _counts(session: Session) -> None:
    to_post(session, POST, Letter("digest:test", "supervisor/late_count", {"unit": "Disdukcapil", "count": 1}))


@ON_PHONES
async def test_who_holds_another_post_keeps_its_pages(town: Town) -> None:
    await town.appoints(town.budi, "PETUGAS-DLH")
    town.channel.answers(town.budi.phone, *[Later(600.0, blameless=True)] * 9)
    await town.program.errand(lambda session: _two(session))
    await town.idle()
    await leaves(town)
    states = {row.dedupe_key.split(":")[1]: row.state for row in town.outbox(person_id=town.person_id(town.budi))}
    assert states == {"mine": "dropped", "other": "queued"}


def _two(session: Session) -> None:
    for key, post in (("mine", POST), ("other", "PETUGAS-DLH")):
        shown = {"unit": "Dinas", "count": 1}
        to_post(session, post, Letter(f"digest:{key}", "supervisor/late_count", shown))
