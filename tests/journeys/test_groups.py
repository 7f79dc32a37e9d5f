"""Groups of units: they hear bells and nothing else, of ordinary open cases only, and no answer is taken from them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.channels.base import Gone, Moved
from storage.ids import to_text
from storage.plan import table_of
from storage.tables import Address, Attachment, Group, Outbox, Ticket
from storage.tables import Person as PersonRow
from tests.journeys.stories import PUNGLI, RUDE, SLOW, UNCLEAR
from tests.kit.carriers import ON_PHONES, WITH_GROUPS
from tests.kit.town import GroupChat, Town

pytestmark = [pytest.mark.anyio, WITH_GROUPS]

CHAT = "-1001234"
UNIT = "DISDUKCAPIL"


async def _bound(town: Town, chat: str = CHAT) -> GroupChat:
    group = town.group(chat)
    await group.hears(town.budi, "/grup")
    return group


def _group(town: Town) -> Any:
    (row,) = town.rows(Group)
    return row


def _counts(town: Town) -> dict[str, int]:
    """Rows of every table but of the events that were seen."""
    tables = [
        table for table in table_of(Group).metadata.sorted_tables if table.name not in ("inbox", "beats", "leases")
    ]
    with town.program.readers.begin() as connection:
        return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


# --- binding


async def test_an_officer_binds_the_group_of_the_own_unit_and_hears_so_in_private(town: Town) -> None:
    group = await _bound(town)
    assert _group(town).unit_code == UNIT
    assert _group(town).bound_by == town.person_id(town.budi)
    assert town.budi.page_name == "officer/group_bound"
    group.saw_nothing()


async def test_a_group_is_told_of_a_case_by_number_unit_and_deadline_alone(town: Town) -> None:
    group = await _bound(town)
    ticket = await town.sari.complains(SLOW)
    (page,) = group.received
    (row,) = town.outbox(page="officer/bell")
    assert set(town.facts(row)) == {"number", "unit", "by"}
    assert ticket.number in page.text
    assert page.opens == (f"c-{to_text(ticket.id)}",)
    assert row.lane == 1
    for word in SLOW.split():
        if len(word) > 4:
            group.never_saw(word)


async def test_the_button_of_a_bell_opens_the_case_in_private(town: Town) -> None:
    group = await _bound(town)
    ticket = await town.sari.complains(SLOW)
    (link,) = group.received[0].opens
    await town.budi.types(f"/start {link}")
    assert town.budi.page_name == "officer/card"
    assert ticket.number in town.budi.page
    count = len(group.received)
    await town.ratna.types(f"/start {link}")
    assert town.ratna.page_name == "officer/card"
    assert len(group.received) == count


async def test_not_found_malformed_and_not_allowed_get_one_sentence(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    said = set()
    for link in (f"c-{to_text(ticket.id)}", "c-", "c-!", "c-ZZZZZZZZZZZZZZZZZZ", "c-1", "c-c-1"):
        await town.outsider.types(f"/start {link}")
        said.add((town.outsider.page_name, town.outsider.page))
    assert len(said) == 1
    assert town.outsider.page_name == "officer/not_found"
    stranger = town.stranger("asing")
    await stranger.types(f"/start c-{to_text(ticket.id)}")
    assert stranger.page_name == "officer/stranger"


async def test_who_holds_posts_of_two_units_is_asked_which_one_in_private(town: Town) -> None:
    await town.appoints(town.budi, "PETUGAS-DLH")
    group = await _bound(town)
    assert town.budi.page_name == "officer/group_unit"
    await town.sari.complains(SLOW)
    group.saw_nothing()
    await town.budi.chooses("group_unit", "", town.region.units["DLH"].name)
    assert _group(town).unit_code == "DLH"
    assert _group(town).ended_at is None
    group.saw_nothing()


async def test_a_unit_that_is_no_longer_held_is_not_bound_by_an_old_button(town: Town) -> None:
    await town.appoints(town.budi, "PETUGAS-DLH")
    await _bound(town)
    await town.revokes("PETUGAS-DLH")
    await town.budi.chooses("group_unit", "", town.region.units["DLH"].name)
    assert town.budi.page_name == "officer/group_none"
    assert _group(town).ended_at is not None


async def test_a_group_binds_to_another_unit_when_that_ones_officer_says_so(town: Town) -> None:
    group = await _bound(town)
    await group.hears(town.outsider, "/grup@tanggap_bot")
    assert _group(town).unit_code == "DLH"
    await town.sari.complains(SLOW)
    group.saw_nothing()


@pytest.mark.parametrize("word", ["berhenti", "stop", "STOP"])
async def test_somebody_of_the_unit_ends_it_and_nobody_else(town: Town, word: str) -> None:
    group = await _bound(town)
    await group.hears(town.outsider, f"/grup {word}")
    assert town.outsider.page_name == "officer/group_none"
    assert _group(town).ended_at is None
    await group.hears(town.ratna, f"/grup {word}")
    assert town.ratna.page_name == "officer/group_ended"
    await town.sari.complains(SLOW)
    group.saw_nothing()
    await group.hears(town.budi, "/grup")
    await town.citizen("tini").complains(SLOW)
    assert len(group.received) == 1


# --- nothing else


@pytest.mark.parametrize("text", ["/grup", "/grup stop", "/start", "/start ABCDE12345", "halo", "1", "/lapor"])
async def test_a_stranger_in_a_group_gets_no_answer_and_leaves_no_row(town: Town, text: str) -> None:
    before = _counts(town)
    group, stranger = town.group(CHAT), town.stranger("asing")
    await group.hears(stranger, text)
    await group.hears(stranger, text, media=(1,))
    for account in ("citizen", "staff"):
        group.account = account
        await group.hears(stranger, text)
    assert _counts(town) == before
    stranger.saw_nothing()
    group.saw_nothing()


async def test_what_an_officer_says_or_sends_in_a_group_is_no_answer(town: Town) -> None:
    group = await _bound(town)
    ticket = await town.sari.complains(SLOW)
    (bell,) = group.received
    pages = len(town.sari.received)
    await town.budi.replies_to(ticket.number, "Sudah jadi")  # what the group must not disturb: a draft in private
    assert town.budi.page_name == "officer/confirm_answer"
    await group.hears(town.budi, "Sudah kami kerjakan", reply_to=bell, media=(77,))
    assert town.budi.page_name == "officer/group_not_recorded"
    assert ticket.number in town.budi.page
    assert not town.rows(Attachment)
    await town.budi.chooses("details")
    assert town.budi.page_name == "officer/card"
    for text in ("kirim", "1", "/kotak", f"/tiket {ticket.number}", "Sudah beres"):
        count = len(town.budi.received)
        await group.hears(town.budi, text)
        assert len(town.budi.received) == count
    assert len(town.sari.received) == pages
    assert len(group.received) == 1


async def test_a_reply_to_a_bell_by_somebody_of_another_unit_tells_no_number(town: Town) -> None:
    group = await _bound(town)
    ticket = await town.sari.complains(SLOW)
    await group.hears(town.outsider, "Ini apa?", reply_to=group.received[0])
    assert town.outsider.page_name == "officer/group_not_recorded"
    assert not town.outsider.buttons
    town.outsider.never_saw(ticket.number)


@ON_PHONES
async def test_a_stranger_and_then_the_same_one_in_private_in_one_batch(town: Town) -> None:
    code = await town.invite("PETUGAS-DISDUKCAPIL")
    group, hadi = town.group(CHAT), town.stranger("hadi")
    raw = {"phone": "hadi", "id": "8d5a7c6e-5f0e-4c87-9f4e-3f0cbb0a4f10", "text": f"/start {code}"}
    (private,) = town.phones.parse("staff", raw)
    in_group = type(private)("e1", private.channel, "staff", "hadi", text="halo", group=CHAT)
    await town.program.receive([in_group, private])
    await town.idle()
    assert hadi.page_name == "officer/enrolled"
    group.saw_nothing()


# --- bells


@pytest.mark.parametrize("story", [PUNGLI, RUDE])
async def test_no_group_hears_of_conduct(town: Town, story: str) -> None:
    groups = [town.group(f"-{n}") for n in range(4)]
    posts = ("PETUGAS-DISDUKCAPIL", "INSPEKTUR", "KEPALA-DINKES", "SEKDA")
    for group, post in zip(groups, posts, strict=True):
        await group.hears(town.officer(post), "/grup")
    assert len(town.rows(Group, ended_at=None)) == len(groups)
    await town.sari.complains(story)
    await town.travels(working_days=20)
    for group in groups:
        group.saw_nothing()
    assert not town.outbox(page="officer/bell")


@pytest.mark.parametrize("identity", ["confidential", "anonymous"])
async def test_no_group_hears_of_a_case_whose_citizen_is_hidden(town: Town, identity: str) -> None:
    group = await _bound(town)
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses(identity)
    await town.sari.chooses("send")
    assert town.ticket().identity == identity
    await town.travels(working_days=20)
    group.saw_nothing()


@pytest.mark.parametrize("column", ["identity", "kind", "desk", "secret", "unit_code", "state"])
async def test_a_bell_is_dropped_when_the_case_has_become_another_before_it_goes(town: Town, column: str) -> None:
    values = {"identity": "confidential", "kind": "oversight", "desk": "head", "secret": True, "unit_code": "DLH"}
    values["state"] = "waiting_citizen"
    group = await _bound(town)
    await town.sari.complains(SLOW)
    (sent,) = town.outbox(page="officer/bell")
    tickets, outbox = table_of(Ticket), table_of(Outbox)
    again = update(outbox).where(outbox.c.id == sent.id).values(state="queued", sent_at=None)
    changed = update(tickets).values({column: values[column]})
    await town.program.errand(
        lambda session: [session.plan.connection.execute(statement) for statement in (changed, again)] and None
    )
    await town.idle()
    assert len(group.received) == 1
    (row,) = town.outbox(page="officer/bell")
    assert (row.state, row.error) == ("dropped", "access")


async def test_no_other_page_ever_goes_to_a_group(town: Town) -> None:
    group = await _bound(town)
    await town.sari.complains(SLOW)
    outbox = table_of(Outbox)
    (bell,) = town.outbox(page="officer/bell")
    (card,) = town.outbox(page="officer/card", address_id=town.address_id(town.budi))
    turned = update(outbox).where(outbox.c.id == card.id)
    turned = turned.values(state="queued", sent_at=None, address_id=bell.address_id, person_id=bell.person_id)
    await town.program.errand(lambda session: session.plan.connection.execute(turned) and None)
    await town.idle()
    assert len(group.received) == 1
    assert town.outbox(id=card.id)[0].error == "access"


async def test_officer_and_head_who_are_reminded_at_one_moment_are_one_bell(town: Town) -> None:
    group = await _bound(town)
    await town.sari.complains(SLOW)
    moments: set[Any] = set()
    for _ in range(12):
        if not await town.program.next_due():
            break
        await town.travels(next_deadline=True)
    for step in town.steps():
        if step.fired_at and step.post_code and town.region.posts[step.post_code].unit == UNIT and step.state == "done":
            moments.add(step.fired_at)
    assert len([s for s in town.steps() if s.post_code and s.fired_at in moments]) > len(moments), "two at one moment"
    assert len(group.received) == 1 + len(moments)


async def test_a_case_that_is_forwarded_rings_at_its_new_desk(town: Town) -> None:
    group, other = await _bound(town), town.group("-2")
    await other.hears(town.outsider, "/grup")
    await town.sari.complains(UNCLEAR)
    group.saw_nothing()
    desk = town.officer(town.region.desk_of(town.region.front_desk)[0].code)
    await desk.chooses("forward")
    await desk.types("Dinas Kependudukan dan Pencatatan Sipil")
    assert town.ticket().unit_code == UNIT
    assert len(group.received) == 1
    other.saw_nothing()


# --- what becomes of a group


@pytest.mark.parametrize("value", [CHAT, f"{CHAT}/7"])
async def test_a_group_that_the_bot_was_removed_from_hears_nothing_more(town: Town, value: str) -> None:
    group = await _bound(town, value)
    await group.has_news("gone")
    assert _group(town).ended_at is not None
    await town.sari.complains(SLOW)
    group.saw_nothing()
    await group.has_news("back")
    await town.citizen("tini").complains(SLOW)
    group.saw_nothing()
    await group.hears(town.budi, "/grup")
    await town.citizen("wati").complains(SLOW)
    assert len(group.received) == 1


async def test_a_bell_that_finds_the_bot_removed_ends_the_group(town: Town) -> None:
    group = await _bound(town)
    town.channel.answers(CHAT, Gone("kicked"))
    await town.sari.complains(SLOW)
    assert _group(town).ended_at is not None
    assert [row.error for row in town.outbox(page="officer/bell")] == ["address_dead"]
    await town.citizen("tini").complains(SLOW)
    group.saw_nothing()


async def test_a_group_that_has_become_a_supergroup_hears_bells_there(town: Town) -> None:
    await _bound(town)
    await town.group(CHAT).has_news("moved", "-1009")
    await town.sari.complains(SLOW)
    town.group(CHAT).saw_nothing()
    assert len(town.group("-1009").received) == 1


async def test_a_bell_is_sent_again_to_where_its_group_has_moved(town: Town) -> None:
    await _bound(town, f"{CHAT}/7")
    town.channel.answers(f"{CHAT}/7", Moved(CHAT))
    await town.sari.complains(SLOW)
    assert len(town.group(CHAT).received) == 1
    await town.citizen("tini").complains(SLOW)
    assert len(town.group(CHAT).received) == 2


@pytest.mark.parametrize("ended", [True, False])
async def test_a_thread_whose_chat_is_bound_already_is_one_with_it(town: Town, ended: bool) -> None:
    chat = await _bound(town)
    thread = await _bound(town, f"{CHAT}/7")
    if ended:
        await chat.hears(town.budi, "/grup stop")
    town.channel.answers(thread.phone, Moved(CHAT))
    await town.sari.complains(SLOW)
    assert len(chat.received) == 1
    assert len(town.rows(Group, ended_at=None)) == 1
    await town.citizen("tini").complains(SLOW)
    assert len(chat.received) == 2
    thread.saw_nothing()


async def test_a_chat_that_moves_in_a_circle_is_not_asked_for_ever(town: Town) -> None:
    await _bound(town)
    town.channel.answers(CHAT, *[Moved(CHAT)] * 100)
    await town.sari.complains(SLOW)
    assert [row.state for row in town.outbox(page="officer/bell")] == ["refused"]


async def test_a_group_is_nobody(town: Town) -> None:
    await _bound(town)
    (address,) = town.rows(Address, id=_group(town).address_id)
    (nobody,) = town.rows(PersonRow, id=address.person_id)
    assert nobody.name_sealed is None

    def held(session: Any) -> Any:
        return session.held_by(nobody.id)

    assert await town.program.errand(held) == ()
