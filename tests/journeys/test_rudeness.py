"""Somebody was rude: the head of the office above reads it alone, and is skipped when concerned himself."""

from __future__ import annotations

import re

import pytest

from domain.vocabulary import Desk, Identity, Kind
from tests.journeys.stories import RUDE
from tests.kit.town import Officer, Town

pytestmark = pytest.mark.anyio


@pytest.fixture
def head(town: Town) -> Officer:
    """The Kepala Dinas Kesehatan."""
    return town.officer("KEPALA-DINKES")


@pytest.fixture
def others(town: Town) -> list[Officer]:
    """Everybody else who might be thought of: the puskesmas, and the officers of the office above."""
    return [town.officer(post) for post in ("KEPALA-PKM-RAYA", "PETUGAS-PKM-RAYA", "PETUGAS-DINKES", "SEKDA")]


async def test_the_confirmation_names_the_head_as_reader_and_the_unit_as_kept_out(town: Town) -> None:
    await town.sari.types(RUDE)
    assert "Kepala Dinas Kesehatan" in town.sari.page
    assert re.search(r"^\*.*Puskesmas Raya.*\*$", town.sari.page, re.MULTILINE)


async def test_rudeness_is_read_by_the_head_above_and_by_nobody_else(
    town: Town, head: Officer, others: list[Officer]
) -> None:
    ticket = await town.sari.complains(RUDE)
    assert (ticket.kind, ticket.desk, ticket.identity) == (Kind.COMPLAINT, Desk.HEAD, Identity.CONFIDENTIAL)
    assert RUDE in head.page
    assert "Kepala Dinas Kesehatan" in town.sari.page
    for other in others:
        other.saw_nothing()
    for other in others[:3]:
        await other.types(f"/tiket {ticket.number}")
        assert other.page_name == "officer/not_found"
        await other.types("/kotak")
        assert not other.buttons


async def test_the_head_handles_it_and_the_unit_hears_of_nothing(
    town: Town, head: Officer, others: list[Officer]
) -> None:
    await town.sari.complains(RUDE)
    await head.chooses("take")
    await town.sari.replies_to("TGP-26", "Kejadiannya di loket pendaftaran")
    head.sees("loket pendaftaran")
    await head.replies_to("loket pendaftaran", "Petugasnya sudah kami tegur.")
    await head.chooses("send")
    town.sari.sees("sudah kami tegur")
    await town.travels(working_days=30)
    for other in others[:3]:
        other.saw_nothing()


async def test_a_silent_head_is_reminded_without_the_unit_learning_of_it(
    town: Town, head: Officer, others: list[Officer]
) -> None:
    await town.sari.complains(RUDE)
    await town.travels(working_days=40)
    assert "officer/reminder" in head.page_names
    for other in others[:3]:
        other.saw_nothing()


async def test_a_head_who_also_acts_as_the_reported_one_is_skipped_upward(town: Town) -> None:
    acting = town.officer("KEPALA-PKM-RAYA")
    await town.revokes("KEPALA-DINKES")
    await town.appoints(acting, "KEPALA-DINKES", kind="Plt")
    ticket = await town.sari.complains(RUDE)
    acting.saw_nothing()
    await acting.types(f"/tiket {ticket.number}")
    assert acting.page_name == "officer/not_found"
    assert RUDE in town.officer("SEKDA").page
    await town.travels(working_days=40)
    acting.never_saw(ticket.number)


async def test_the_receipt_names_the_one_who_really_reads(town: Town) -> None:
    acting = town.officer("KEPALA-PKM-RAYA")
    await town.revokes("KEPALA-DINKES")
    await town.appoints(acting, "KEPALA-DINKES", kind="Plt")
    await town.sari.complains(RUDE)
    assert "Sekretaris Daerah" in town.sari.page
    assert "Kepala Dinas Kesehatan" not in town.sari.page


async def test_beside_a_second_holder_the_concerned_one_gets_nothing(town: Town, head: Officer) -> None:
    acting = town.officer("KEPALA-PKM-RAYA")
    await town.appoints(acting, "KEPALA-DINKES", kind="Plh")
    await town.sari.complains(RUDE)
    assert RUDE in head.page
    acting.saw_nothing()


async def test_the_head_may_give_it_to_an_office_but_never_to_the_unit(town: Town, head: Officer) -> None:
    await town.sari.complains(RUDE)
    await head.chooses("forward")
    assert "Puskesmas Raya" not in head.buttons
    await head.types("Puskesmas Raya")
    assert head.page_name == "officer/forward_refused"
    assert town.ticket().unit_code == "DINKES"
    town.officer("KEPALA-PKM-RAYA").saw_nothing()


async def test_the_citizen_may_show_the_name_and_the_unit_still_reads_nothing(
    town: Town, head: Officer, others: list[Officer]
) -> None:
    await town.sari.types(RUDE)
    await town.sari.chooses("identity")
    await town.sari.chooses("call_name")
    await town.sari.types("Sari Nauli")
    assert "Sari Nauli" in town.sari.page
    await town.sari.chooses("send")
    assert town.ticket().identity == Identity.OPEN
    assert "Sari Nauli" in head.page
    for other in others:
        other.saw_nothing()
