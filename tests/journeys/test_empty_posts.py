"""Posts change hands: nothing stays unread at an empty one, and who has left sees nothing from that moment on."""

from __future__ import annotations

import pytest

from bot.channels.base import Gone, Later, Refused
from tests.journeys.stories import PUNGLI, RUDE, SLOW
from tests.kit.town import Town

pytestmark = pytest.mark.anyio


async def test_a_card_for_an_empty_post_goes_to_the_head_of_the_unit(town: Town) -> None:
    await town.revokes("PETUGAS-DISDUKCAPIL")
    await town.sari.complains(SLOW)
    town.budi.saw_nothing()
    assert town.ratna.page_names == ["officer/card"]
    assert SLOW in town.ratna.page


async def test_with_nobody_in_the_unit_the_bell_climbs_on(town: Town) -> None:
    await town.revokes("PETUGAS-DISDUKCAPIL")
    await town.revokes("KEPALA-DISDUKCAPIL")
    await town.sari.complains(SLOW)
    assert SLOW in town.officer("SEKDA").page
    town.outsider.saw_nothing()


async def test_an_accusation_climbs_inside_the_inspectorate_only(town: Town) -> None:
    await town.revokes("PETUGAS-INSPEKTORAT")
    await town.sari.complains(PUNGLI)
    inspector = town.officer("INSPEKTUR")
    assert PUNGLI in inspector.page
    assert inspector.page_names == ["officer/card"]


async def test_an_accusation_that_nobody_can_read_waits_and_is_told_to_nobody_else(town: Town) -> None:
    await town.revokes("PETUGAS-INSPEKTORAT")
    await town.revokes("INSPEKTUR")
    await town.sari.complains(PUNGLI)
    for post in ("WALI-KOTA", "SEKDA", "KEPALA-DISDUKCAPIL", "PETUGAS-DISDUKCAPIL", "PETUGAS-MEJA-DEPAN"):
        town.officer(post).saw_nothing()
    assert town.audit(action="unreachable")
    newcomer = await town.enrol("PETUGAS-INSPEKTORAT", "hadi")
    await newcomer.types("/kotak")
    await newcomer.presses(town.ticket().number)
    assert PUNGLI in newcomer.page


async def test_rudeness_with_no_head_of_the_office_is_read_above_it(town: Town) -> None:
    await town.revokes("KEPALA-DINKES")
    await town.sari.complains(RUDE)
    assert RUDE in town.officer("SEKDA").page
    for post in ("PETUGAS-DINKES", "KEPALA-PKM-RAYA", "PETUGAS-PKM-RAYA"):
        town.officer(post).saw_nothing()


async def test_who_has_left_sees_nothing_from_that_moment_on(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    card = town.budi.shown[-1]
    await town.revokes("PETUGAS-DISDUKCAPIL")
    for text in ("/kotak", f"/tiket {ticket.number}", "halo"):
        await town.budi.types(text)
        assert town.budi.page_name == "officer/stranger"
    for code in ("take", "answer", "forward", "finish"):
        await town.budi.chooses(code, on=card)
        assert town.budi.page_name == "officer/stranger"
    await town.budi.replies_to(card, "Sudah kami cetak.")
    assert town.budi.page_name == "officer/stranger"
    assert town.ticket().version == ticket.version


async def test_what_was_on_its_way_to_who_has_left_goes_to_the_successor(town: Town) -> None:
    town.channel.answers(town.budi.phone, Later(1.0))
    await town.sari.complains(SLOW)
    await town.revokes("PETUGAS-DISDUKCAPIL")
    successor = await town.enrol("PETUGAS-DISDUKCAPIL", "hadi")
    await _retried(town)
    town.budi.saw_nothing()
    assert [row.error for row in town.outbox(page="officer/card", state="dropped")] == ["access"]
    await successor.types("/kotak")
    await successor.presses(town.ticket().number)
    assert SLOW in successor.page


async def test_words_written_before_leaving_are_not_sent_after_it(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("answer")
    await town.budi.types("Sudah kami cetak.")
    await town.revokes("PETUGAS-DISDUKCAPIL")
    await town.budi.chooses("send")
    assert town.budi.page_name == "officer/stranger"
    town.sari.never_saw("Sudah kami cetak.")


async def test_a_case_forwarded_meanwhile_is_not_shown_to_the_former_desk(town: Town) -> None:
    rudi = await town.enrol("PETUGAS-DISDUKCAPIL", "rudi")
    await town.sari.complains(SLOW)
    card = rudi.shown[-1]
    await town.budi.chooses("forward")
    await town.budi.types("dlh")
    await rudi.chooses("take", on=card)
    assert rudi.page_name == "officer/not_found"


async def test_a_reader_whose_chat_is_dead_is_not_waited_for(town: Town) -> None:
    town.channel.answers(town.budi.phone, Gone("blocked"))
    await town.sari.complains(SLOW)
    assert [row.error for row in town.outbox(page="officer/card", state="dropped")] == ["address_dead"]
    await town.travels(working_days=14)
    assert "supervisor/late" in town.ratna.page_names


async def test_a_refused_page_is_written_down_and_holds_up_nothing(town: Town) -> None:
    town.channel.answers(town.sari.phone, Refused("too_long"))
    await town.sari.types("halo")
    town.sari.saw_nothing()
    assert [row.error for row in town.outbox(state="refused")] in (["too_long"], ["parameter"])
    assert town.audit(action="refused")
    await town.sari.types("halo")
    assert town.sari.page_name == "citizen/welcome"


async def test_what_could_not_go_now_goes_later_and_once(town: Town) -> None:
    town.channel.answers(town.budi.phone, Later(0.05), Later(0.05))
    await town.sari.complains(SLOW)
    await _retried(town)
    assert town.budi.page_names == ["officer/card"]


async def _retried(town: Town) -> None:
    while any(row.state == "queued" for row in town.outbox(page="officer/card")):
        await town.idle()
