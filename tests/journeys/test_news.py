"""What a platform tells of a person's chat: gone, back, moved. The plan goes on without a dead address."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from bot.channels.base import Gone, Later, Moved
from handlers.messages import Inbound, News
from storage.plan import table_of
from storage.tables import Address, Conversation
from storage.tables import Person as PersonRow
from tests.journeys.stories import SLOW
from tests.kit.carriers import ON_PHONES, WITH_FAREWELLS
from tests.kit.town import Person, Town

pytestmark = pytest.mark.anyio


def _news(town: Town, person: Person, what: str, to: str | None = None) -> Inbound:
    value = town.channel.address_of(person)
    return Inbound(str(uuid4()), town.channel.name, person.account, value, news=News(what, to))


async def _told(town: Town, *news: Inbound) -> list[Any]:
    endings = await town.program.receive(news)
    await town.idle()
    return endings


def _state(town: Town, person: Person) -> str:
    (row,) = town.rows(Address, id=town.address_id(person))
    return str(row.state)


def _known(town: Town) -> list[int]:
    tables = [table_of(model) for model in (PersonRow, Address, Conversation)]
    with town.program.readers.begin() as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


@ON_PHONES
@pytest.mark.parametrize("news", [News("gone"), News("back"), News("moved", "-77"), News("moved"), News("unheard of")])
@pytest.mark.parametrize("account", ["citizen", "staff"])
async def test_news_of_a_chat_that_nobody_knows_leave_no_one(town: Town, account: str, news: News) -> None:
    before = _known(town)
    await _told(town, Inbound("e1", town.channel.name, account, "asing", news=news))
    assert _known(town) == before


@WITH_FAREWELLS
async def test_a_blocked_chat_is_dead_and_its_step_goes_to_the_next_above(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(town.ticket().binding_by)
    town.channel.answers(town.ratna.phone, Later(3600.0, blameless=True))
    await town.travels(working_days=1)
    assert "supervisor/late" not in town.officer("KABAG-ORGANISASI").page_names
    await town.ratna.has_news("gone")
    assert _state(town, town.ratna) == "dead"
    assert "supervisor/late" in town.officer("KABAG-ORGANISASI").page_names
    ((row, _),) = town.audit(action="address_dead")
    assert row.person_id == town.person_id(town.ratna)


@WITH_FAREWELLS
async def test_the_desk_hears_of_words_that_wait_for_a_citizen_who_has_gone(town: Town) -> None:
    await town.sari.complains(SLOW)
    town.channel.answers(town.sari.phone, Later(3600.0, blameless=True))
    await town.budi.chooses("answer")
    await town.budi.types("KTP Anda sudah jadi")
    await town.budi.chooses("send")
    assert "officer/undelivered" not in town.budi.page_names
    await town.sari.has_news("gone")
    assert "officer/undelivered" in town.budi.page_names


@ON_PHONES
async def test_the_same_news_twice_are_one(town: Town) -> None:
    await town.sari.types("/menu")
    once = _news(town, town.sari, "gone")
    await _told(town, once, once)
    await _told(town, once)
    assert len(town.audit(action="address_dead")) == 1


async def test_a_page_takes_the_older_address_of_the_same_person(town: Town) -> None:
    other = town.stranger("budi-kedua")
    await other.types("/menu")
    first, second = town.address_id(town.budi), town.address_id(other)
    table = table_of(Address)
    statement = table.update().where(table.c.id == second).values(person_id=town.person_id(town.budi))
    await town.program.errand(lambda session: session.plan.connection.execute(statement) and None)
    assert first < second, "the newer address is asked first"
    town.channel.answers("budi-kedua", Gone("blocked"))
    await town.sari.complains(SLOW)
    town.budi.sees(SLOW)


@pytest.mark.parametrize("writes", [True, pytest.param(False, marks=WITH_FAREWELLS)])
async def test_who_is_back_is_written_to_again(town: Town, writes: bool) -> None:
    await town.sari.complains(SLOW)
    town.channel.answers(town.budi.phone, Gone("blocked"))
    await town.citizen("tini").complains(SLOW)
    assert _state(town, town.budi) == "dead"
    if writes:
        await town.budi.types("/kotak")
        assert town.budi.page_name == "officer/desk"
    else:
        await town.budi.has_news("back")
    assert _state(town, town.budi) == "alive"
    await town.citizen("wati").complains(SLOW)
    assert town.budi.page_name == "officer/card"


@ON_PHONES
async def test_what_rests_for_a_chat_that_is_back_goes_at_once(town: Town) -> None:
    town.channel.answers(town.sari.phone, Later(3600.0, blameless=True))
    await town.sari.types("/menu")
    town.sari.saw_nothing()
    await town.sari.has_news("back")
    assert len(town.sari.received) == 1


@ON_PHONES
async def test_a_chat_that_has_moved_keeps_its_person_and_cases(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    person = town.person_id(town.sari)
    await town.sari.has_news("moved", "sari-baru")
    moved = town.citizen("sari-baru")
    assert town.person_id(moved) == person
    await moved.types("/status")
    assert ticket.number in moved.page


@ON_PHONES
@pytest.mark.parametrize("by_news", [True, False])
async def test_a_chat_that_moves_to_where_somebody_else_is_gives_nobody_the_others_pages(
    town: Town, by_news: bool
) -> None:
    tini = town.citizen("tini")
    await tini.types("/menu")
    ticket = await town.sari.complains(SLOW)
    if by_news:
        await town.sari.has_news("moved", "tini")
    else:
        town.channel.answers(town.sari.phone, Moved("tini"))
        await town.sari.types("/status")
    assert _state(town, town.sari) == "dead"
    assert _state(town, tini) == "alive"
    tini.never_saw(ticket.number)
    await town.sari.types("/status")
    assert ticket.number in town.sari.page
