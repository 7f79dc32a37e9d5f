"""Two officers at one desk, and taps taken back: within the time, before anybody acted, and wholly."""

from __future__ import annotations

from typing import Any

import pytest

from domain.vocabulary import State
from storage.tables import Deadline, Milestone
from tests.journeys.stories import SLOW, UNCLEAR
from tests.kit.carriers import WITHOUT_PRICE
from tests.kit.town import Officer, Town, label

pytestmark = pytest.mark.anyio

#: What of a ticket an undo brings back.
KEPT = (
    "state", "taken_by", "unit_code", "desk", "cycle", "verify_by", "first_response_by", "resolve_by", "statutory_by",
    "binding_by", "provisional", "first_response_at", "resolved_at", "closed_at", "waiting_since", "days_paused",
    "postponed_until", "handbacks",
)  # fmt: skip


@pytest.fixture
def undo_seconds() -> int:
    return 60


def standing(town: Town) -> dict[str, Any]:
    """A ticket as it stands, with the steps that wait for it, and the turns that figures are counted from."""
    ticket = town.ticket()
    waiting = {
        (row.cycle, row.clock, row.step, row.target, row.due_at)
        for row in town.rows(Deadline, ticket_id=ticket.id, state="waiting")
    }
    turns = [row.turn for row in town.rows(Milestone, ticket_id=ticket.id, undone=False)]
    return {"waiting": waiting, "turns": turns, **{name: getattr(ticket, name) for name in KEPT}}


async def finishes(officer: Officer, text: str = "Sudah selesai dicetak.") -> None:
    await officer.chooses("finish")
    await officer.types(text)


async def forwards(officer: Officer, to: str = "dlh") -> None:
    await officer.chooses("forward")
    await officer.types(to)


async def taps(officer: Officer, act: str) -> None:
    """One of the acts that can be taken back."""
    match act:
        case "take":
            await officer.chooses("take")
        case "finish":
            await finishes(officer)
        case "forward":
            await forwards(officer)
        case "not_ours":
            await officer.chooses("not_ours")
            await officer.types("dlh")
        case "postpone":
            await officer.chooses("postpone")
            await officer.types("16/9")
            await officer.types("Menunggu blanko")


# --- two at one desk


async def test_two_at_one_desk_both_get_the_card_and_the_second_tap_says_who_has_it(town: Town) -> None:
    rudi = await town.enrol("PETUGAS-DISDUKCAPIL", "rudi")
    await town.sari.complains(SLOW)
    assert rudi.page_name == town.budi.page_name == "officer/card"
    await town.budi.chooses("take")
    await rudi.chooses("take")
    assert town.ticket().taken_by == town.person_id(town.budi)
    assert rudi.page_name == "officer/card"
    assert {"id": "petugas lain", "en": "another officer"}[town.language] in rudi.page
    assert {"id": "Anda", "en": "you"}[town.language] in town.budi.page
    with pytest.raises(AssertionError, match="finds no button"):
        await rudi.presses("Ambil", "Take", on=rudi.shown[-1])


async def test_nobody_takes_back_what_another_tapped(town: Town) -> None:
    rudi = await town.enrol("PETUGAS-DISDUKCAPIL", "rudi")
    await town.sari.complains(SLOW)
    await town.budi.chooses("take")
    await rudi.does(choice=town.budi.shown[-1].data[-1])
    assert town.ticket().state == State.ACCEPTED


# --- taken back in time


@WITHOUT_PRICE
async def test_taking_is_taken_back_and_the_citizen_hears_of_neither(town: Town) -> None:
    await town.sari.complains(SLOW)
    before = standing(town)
    await town.budi.chooses("take")
    assert standing(town) != before
    await town.budi.chooses("undo")
    assert standing(town) == before
    await town.undo_time_passes()
    assert town.sari.page_name == "citizen/receipt"
    assert [row.state for row in town.outbox(page="citizen/taken")] == ["cancelled"]


async def test_finishing_is_taken_back_with_the_clocks_that_it_stopped(town: Town) -> None:
    await town.sari.complains(SLOW)
    before = standing(town)
    await finishes(town.budi)
    assert {step for _, _, step, _, _ in standing(town)["waiting"]} == {"close"}
    await town.budi.chooses("undo")
    assert standing(town) == before
    await town.undo_time_passes()
    assert town.sari.page_name == "citizen/receipt"


async def test_forwarding_is_taken_back_and_the_other_office_never_hears(town: Town) -> None:
    await town.sari.complains(SLOW)
    before = standing(town)
    await forwards(town.budi)
    assert town.ticket().unit_code == "DLH"
    await town.budi.chooses("undo")
    assert standing(town) == before
    assert SLOW in town.budi.page
    await town.undo_time_passes()
    town.outsider.saw_nothing()
    assert town.sari.page_name == "citizen/receipt"


async def test_what_was_taken_back_can_be_done_again(town: Town) -> None:
    await town.sari.complains(SLOW)
    before = standing(town)
    for act in ("take", "forward", "finish", "not_ours", "postpone") * 2:
        await taps(town.budi, act)
        await town.budi.chooses("undo")
        assert standing(town) == before
    await finishes(town.budi)
    await town.undo_time_passes()
    assert town.sari.page_name == "citizen/resolved"
    assert town.ticket().state == State.RESOLVED


async def test_after_an_undo_the_ladder_speaks_as_if_nothing_had_happened(town: Town) -> None:
    await town.sari.complains(SLOW)
    await finishes(town.budi)
    await town.budi.chooses("undo")
    await town.travels(working_days=30)
    assert len(town.audit(action="step")) == 11
    assert town.officer("SEKDA").page_name == "supervisor/late"


@WITHOUT_PRICE
async def test_the_notice_waits_until_it_can_not_be_taken_back_any_more(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("take")
    assert town.sari.page_name == "citizen/receipt"
    await town.undo_time_passes()
    assert town.sari.page_name == "citizen/taken"


async def test_finishing_while_the_citizen_is_asked_is_taken_back_to_the_waiting(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("ask_citizen")
    await town.budi.types("Nomor antreannya berapa?")
    await town.budi.chooses("send")
    await town.travels(working_days=2)
    before = standing(town)
    await town.budi.types(f"/tiket {town.ticket().number}")
    await finishes(town.budi)
    assert town.ticket().days_paused == 2
    await town.budi.chooses("undo")
    assert standing(town) == before
    await town.travels(working_days=18)
    assert town.sari.page_name == "citizen/still_asked"


async def test_what_spoke_before_the_tap_was_taken_back_does_not_speak_again(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("postpone")
    await town.budi.types("16/9")
    await town.budi.types("Menunggu blanko")
    await town.travels(next_deadline=True)
    spoken = len(town.audit(action="step"))
    await town.budi.chooses("undo")
    await town.travels(await town.now())
    assert len(town.audit(action="step")) == spoken == 1


async def test_closing_words_that_were_taken_back_are_told_to_nobody(town: Town) -> None:
    await town.sari.complains(SLOW)
    await finishes(town.budi, "Sudah dicetak, silakan ambil.")
    await town.budi.chooses("undo")
    await town.undo_time_passes()
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    town.sari.never_saw("Sudah dicetak")


# --- too late


@pytest.mark.parametrize("act", ["take", "finish", "forward", "not_ours", "postpone"])
@WITHOUT_PRICE
async def test_after_the_time_a_tap_can_not_be_taken_back(town: Town, act: str) -> None:
    await town.sari.complains(SLOW)
    await taps(town.budi, act)
    await town.undo_time_passes()
    after = standing(town)
    await town.budi.chooses("undo")
    assert town.budi.page_name == "officer/undo_too_late"
    assert standing(town) == after


async def test_a_tap_is_not_taken_back_behind_the_citizens_back(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await finishes(town.budi)
    await town.sari.replies_to(ticket.number, "Tunggu, ada yang kurang")
    after = standing(town)
    await town.budi.chooses("undo")
    assert town.budi.page_name == "officer/undo_too_late"
    assert standing(town) == after


async def test_a_tap_is_not_taken_back_behind_a_colleagues_back(town: Town) -> None:
    rudi = await town.enrol("PETUGAS-DISDUKCAPIL", "rudi")
    ticket = await town.sari.complains(SLOW)
    await town.budi.chooses("take")
    taken = town.budi.shown[-1]
    await rudi.types(f"/tiket {ticket.number}")
    await finishes(rudi)
    await town.budi.chooses("undo", on=taken)
    assert town.budi.page_name == "officer/undo_too_late"
    assert town.ticket().state == State.RESOLVED


async def test_a_tap_is_taken_back_once(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("take")
    taken = town.budi.shown[-1]
    await town.budi.chooses("undo")
    await town.budi.chooses("undo", on=taken)
    assert town.budi.page_name == "officer/undo_too_late"
    assert town.ticket().state == State.ROUTED


@WITHOUT_PRICE
async def test_an_answer_goes_at_once_and_is_not_taken_back(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", "Sudah kami cetak.")
    await town.budi.chooses("send")
    assert town.sari.page_name == "citizen/answer"
    assert label("undo", town.language) not in town.budi.buttons


async def test_the_front_desk_takes_a_forward_back_although_it_reads_no_more(town: Town) -> None:
    await town.sari.complains(UNCLEAR)
    before = standing(town)
    front_desk = town.officer("PETUGAS-MEJA-DEPAN")
    await forwards(front_desk)
    assert front_desk.page_name == "officer/done"
    await front_desk.chooses("undo")
    assert standing(town) == before
    assert UNCLEAR in front_desk.page
    await town.undo_time_passes()
    town.outsider.saw_nothing()


async def test_a_case_passed_on_within_the_time_rings_only_where_it_ends(town: Town) -> None:
    ticket = await town.sari.complains(UNCLEAR)
    await forwards(town.officer("PETUGAS-MEJA-DEPAN"))
    await town.outsider.types(f"/tiket {ticket.number}")
    await forwards(town.outsider, "dishub")
    await town.undo_time_passes()
    assert UNCLEAR in town.officer("PETUGAS-DISHUB").page
    for post in ("KEPALA-DLH", "SEKDA", "KABAG-ORGANISASI", "WALI-KOTA"):
        town.officer(post).saw_nothing()
    assert "officer/card" not in [town.page_name(page) for page in town.outsider.received[3:]]


async def test_an_anonymous_case_can_be_taken_back_too_though_nobody_is_told(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses("anonymous")
    await town.sari.chooses("send")
    before = standing(town)
    await town.budi.chooses("take")
    await town.budi.chooses("undo")
    assert standing(town) == before
