"""Links that lead here: from the sign on a counter, or to a case."""

from __future__ import annotations

import pytest

from domain.vocabulary import Kind
from tests.journeys.stories import PUNGLI, SLOW, UNCLEAR
from tests.kit.town import Town

pytestmark = pytest.mark.anyio

REGISTRY = "Dinas Kependudukan dan Pencatatan Sipil"
#: Somebody takes money, and nothing says where.
NOWHERE = "Petugasnya minta uang 50 ribu supaya cepat"


async def test_a_link_from_a_counter_chooses_its_office(town: Town) -> None:
    await town.sari.types("/start u-DISDUKCAPIL")
    assert town.sari.page_name == "citizen/welcome"
    assert REGISTRY in town.sari.page
    await town.sari.types(UNCLEAR)
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    assert town.ticket().unit_code == "DISDUKCAPIL"


@pytest.mark.parametrize("payload", ["u-", "u-NOWHERE", "x-DISDUKCAPIL", "DISDUKCAPIL", "../../etc", "u-" + "A" * 62])
async def test_an_unknown_payload_is_a_plain_welcome(town: Town, payload: str) -> None:
    await town.sari.types(f"/start {payload}")
    assert town.sari.page_name == "citizen/welcome"
    assert REGISTRY not in town.sari.page
    await town.sari.types(SLOW)
    assert town.sari.page_name == "citizen/confirm"


async def test_the_office_that_the_story_names_goes_before_the_links(town: Town) -> None:
    await town.sari.types("/start u-DLH")
    await town.sari.types(SLOW)
    await town.sari.chooses("send")
    assert town.ticket().unit_code == "DISDUKCAPIL"


@pytest.mark.parametrize(("story", "accused"), [(PUNGLI, "DISDUKCAPIL"), (NOWHERE, "DLH")])
async def test_an_accusation_goes_to_the_inspectorate_and_excludes_whom_it_is_about(
    town: Town, story: str, accused: str
) -> None:
    await town.sari.types("/start u-DLH")
    await town.sari.types(story)
    await town.sari.chooses("send")
    assert town.ticket().kind == Kind.OVERSIGHT
    assert town.ticket().unit_code == "INSPEKTORAT"
    assert town.ticket().reported_unit == accused
    town.budi.saw_nothing()
    town.outsider.saw_nothing()


async def test_a_link_leaves_a_story_that_is_being_written_alone(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types("/start u-DLH")
    assert town.sari.page_name == "citizen/confirm"
    assert REGISTRY in town.sari.page


async def test_another_office_may_be_chosen_than_the_links(town: Town) -> None:
    await town.sari.types("/start u-DLH")
    await town.sari.types(UNCLEAR)
    await town.sari.chooses("other_office")
    await town.sari.types("capil")
    await town.sari.chooses("send")
    assert town.ticket().unit_code == "DISDUKCAPIL"


async def test_a_link_to_a_case_asks_for_its_pin(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    pin = town.sari.pin
    other = town.citizen("togar")
    await other.types(f"/start {ticket.number}")
    assert other.page_name == "citizen/ask_pin"
    await other.types(f"{pin[:3]} {pin[3:]}")
    assert other.page_name == "citizen/case"
    assert ticket.number in other.page


async def test_a_link_to_no_case_or_a_wrong_pin_look_alike(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    for number in (ticket.number, "TGP-26-7K3QD8"):
        other = town.citizen(f"togar-{number}")
        await other.types(f"/start {number}")
        asked = other.page.replace(number, "")
        await other.types("000000" if town.sari.pin != "000000" else "111111")
        assert other.page_names == ["citizen/ask_pin", "citizen/not_found"]
        assert asked.strip()


async def test_whoever_tells_a_story_instead_of_a_pin_is_heard(town: Town) -> None:
    await town.sari.types("/start TGP-26-7K3QD8")
    await town.sari.types(SLOW)
    assert town.sari.page_name == "citizen/confirm"


@pytest.mark.parametrize("typed", ["/MENU", "/Menu@tanggap_bot", "/menu@tanggap_bot", "/menu\n"])
async def test_commands_work_however_they_are_spelled(town: Town, typed: str) -> None:
    await town.sari.types(typed)
    assert town.sari.page_name == "citizen/menu"
