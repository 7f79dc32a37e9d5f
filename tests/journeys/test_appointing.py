"""/undang: an administrator fills posts, ends holdings, names substitutes. Looked at first, one tap, taken back."""

from __future__ import annotations

import json
import re

import pytest

from handlers.actions import people
from storage.tables import AuditRow, Group, Holding, Invitation, Leave, Outbox, Override
from tests.journeys.stories import SLOW
from tests.kit.carriers import ON_PHONES, WITH_GROUPS
from tests.kit.town import Officer, Town

pytestmark = pytest.mark.anyio

POST, HEAD, ADMIN = "PETUGAS-DISDUKCAPIL", "KEPALA-DISDUKCAPIL", "ADMIN-TANGGAP"
DECREE = "SK 800/12/BKPSDM/2026"


def admin(town: Town) -> Officer:
    return town.officer(ADMIN)


async def second_admin(town: Town) -> Officer:
    """The holder of another post administers too."""
    siti = await town.enrol(ADMIN, "siti")
    await siti.types("/menu")
    return siti


async def appoints(
    town: Town, post: str = "petugas capil", kind: str = "definitif", until: str | None = None
) -> Officer:
    """An invitation up to its preview."""
    who = admin(town)
    await who.types("/undang")
    assert who.page_name == "officer/acts"
    await who.chooses("appoint")
    await fills(who, post, kind, until)
    assert who.page_name == "officer/act_preview"
    return who


async def fills(who: Officer, post: str, kind: str = "definitif", until: str | None = None) -> None:
    """Post, kind, end and decree."""
    await who.types(post)
    assert who.page_name == "officer/act_kind", who.page
    await who.types(kind)
    assert who.page_name == "officer/act_until"
    if until:
        await who.types(until)
    else:
        await who.chooses("skip")
    assert who.page_name == "officer/act_decree"
    await who.types(DECREE)


def code_on(who: Officer) -> str:
    """The code on the newest page."""
    assert who.page_name == "officer/act_code", who.page
    found = re.search(r"/start[ =]?([0-9A-Z]{10})\b|start=([0-9A-Z]{10})\b", who.page)
    assert found is not None, who.page
    return found[1] or found[2]


async def ends(town: Town, who: Officer, post: str) -> None:
    """Revoking up to its preview."""
    await who.types("/undang")
    await who.chooses("end_holding")
    await who.types(post)


# --- inviting


async def test_a_code_made_in_the_chat_enrols_whoever_types_it(town: Town) -> None:
    who = await appoints(town, kind="plt", until="31/12/2026")
    who.sees("Plt")
    who.sees(DECREE)
    assert not town.rows(Invitation), "a look changes nothing"
    await who.chooses("sign_act")
    hadi = town.stranger("hadi")
    await hadi.types(f"/start {code_on(who)}")
    assert "officer/enrolled" in hadi.page_names
    (held,) = town.rows(Holding, person_id=town.person_id(hadi))
    assert (held.post_code, held.kind, str(held.ends_on), held.decree) == (POST, "Plt", "2026-12-31", DECREE)
    assert [row.action for row, _ in town.audit() if row.action.startswith("post_")] == ["post_appoint"]


async def test_the_code_is_shown_once_and_kept_nowhere(town: Town) -> None:
    who = await appoints(town)
    preview = who.shown[-1]
    await who.chooses("sign_act")
    code = code_on(who)
    await who.chooses("sign_act", on=preview)
    assert who.page_name == "officer/act_done"
    assert code not in who.page
    assert town.outbox(page="officer/act_code")[0].facts_sealed is None
    assert code not in json.dumps([payload for _, payload in town.audit()], default=str)
    for table in (Override, Outbox, AuditRow, Invitation):
        assert code not in str([tuple(row) for row in town.rows(table)])


async def test_several_posts_that_fit_are_offered_and_what_fits_none_is_asked_again(town: Town) -> None:
    who = admin(town)
    await who.types("/undang capil")
    assert who.page_name == "officer/act_post"
    assert len(who.buttons) == 3
    await who.types("tukang kebun")
    assert who.page_name == "officer/act_post"
    assert len(who.buttons) == 1
    await who.types(POST.lower())
    assert who.page_name == "officer/act_kind"
    await who.types("raja")
    assert who.page_name == "officer/act_kind"
    await who.types("/batal")
    assert who.page_name == "officer/cancelled"
    await who.types("Plt")
    assert who.page_name == "officer/which_case"


async def test_an_invitation_that_is_taken_back_enrols_nobody_and_a_used_one_is_not_taken_back(town: Town) -> None:
    who = await appoints(town)
    await who.chooses("sign_act")
    page, code = who.shown[-1], code_on(who)
    await who.chooses("undo_act", on=page)
    assert who.page_name == "officer/act_done"
    stranger = town.stranger("hadi")
    await stranger.types(f"/start {code}")
    assert stranger.page_name == "officer/bad_code"
    await appoints(town)
    await who.chooses("sign_act")
    page = who.shown[-1]
    await stranger.types(f"/start {code_on(who)}")
    await who.chooses("undo_act", on=page)
    assert who.page_name == "officer/act_refused"
    assert town.rows(Holding, person_id=town.person_id(stranger))[0].revoked_at is None


# --- revoking and handing over


async def test_who_is_revoked_is_a_stranger_and_comes_back_when_it_is_undone(town: Town) -> None:
    await town.sari.complains(SLOW)
    who = admin(town)
    await ends(town, who, POST)
    assert who.page_name == "officer/act_preview"
    await town.budi.types("/kotak")
    assert town.budi.page_name == "officer/desk"
    await who.chooses("sign_act")
    await town.budi.types("/kotak")
    assert town.budi.page_name == "officer/stranger"
    await who.types("/undang")
    await who.chooses("undo_act", "", "a")
    await town.budi.types("/kotak")
    assert town.budi.page_name == "officer/desk"
    await who.types("/undang")
    assert not [name for name in who.buttons if name.endswith(" a")]


async def test_a_handover_ends_the_one_and_invites_the_other_and_is_undone_until_somebody_came(town: Town) -> None:
    who = admin(town)
    await who.types("/undang")
    await who.chooses("hand_over")
    await fills(who, POST, "Plh", "30/9/2026")
    assert who.page_name == "officer/act_preview"
    await who.chooses("sign_act")
    page, code = who.shown[-1], code_on(who)
    await town.budi.types("/kotak")
    assert town.budi.page_name == "officer/stranger"
    await who.chooses("undo_act", on=page)
    await town.budi.types("/kotak")
    assert town.budi.page_name == "officer/desk"
    hadi = town.stranger("hadi")
    await hadi.types(f"/start {code}")
    assert hadi.page_name == "officer/bad_code"
    await who.types("/undang")
    await who.chooses("hand_over")
    await fills(who, POST)
    await who.chooses("sign_act")
    page = who.shown[-1]
    await hadi.types(f"/start {code_on(who)}")
    await who.chooses("undo_act", on=page)
    assert who.page_name == "officer/act_refused"
    await town.budi.types("/kotak")
    assert town.budi.page_name == "officer/stranger"


async def test_a_revocation_is_not_undone_once_somebody_else_has_come_in(town: Town) -> None:
    who = admin(town)
    await ends(town, who, POST)
    await who.chooses("sign_act")
    page = who.shown[-1]
    await town.enrol(POST, "hadi")
    await who.chooses("undo_act", on=page)
    assert who.page_name == "officer/act_refused"
    assert town.rows(Holding, person_id=town.person_id(town.budi))[0].revoked_at is not None


async def test_the_last_administrator_cannot_be_revoked_or_handed_over_and_one_of_two_can(town: Town) -> None:
    who = admin(town)
    await ends(town, who, ADMIN)
    assert who.page_name == "officer/act_refused"
    await who.types("/undang")
    await who.chooses("hand_over")
    await fills(who, ADMIN)
    assert who.page_name == "officer/act_refused"
    siti = await second_admin(town)
    await ends(town, siti, ADMIN)
    assert siti.page_name == "officer/act_holding"
    assert len(siti.buttons) == 3
    await siti.types("1")
    assert siti.page_name == "officer/act_preview"
    await siti.chooses("sign_act")
    await who.types("/undang")
    assert who.page_name == "officer/stranger"


async def test_of_two_who_revoke_each_other_one_stays(town: Town) -> None:
    who, siti = admin(town), await second_admin(town)
    for officer, other in ((who, siti), (siti, who)):
        await ends(town, officer, ADMIN)
        held = town.rows(Holding, person_id=town.person_id(other))[-1].id
        places = [n for n, one in enumerate(_offered(town, officer), start=1) if one == str(held)]
        await officer.types(str(places[0]))
        assert officer.page_name == "officer/act_preview"
    await who.chooses("sign_act")
    assert who.page_name == "officer/act_done"
    await siti.chooses("sign_act")
    assert siti.page_name == "officer/stranger"
    assert len([row for row in town.rows(Holding, post_code=ADMIN) if row.revoked_at is None]) == 1


def _offered(town: Town, officer: Officer) -> list[str]:
    """The values of the newest page's buttons."""
    row = town.outbox(person_id=town.person_id(officer), page="officer/act_holding")[-1]
    return [args[-1] for code, args in row.choices if code == "pick"]


# --- who, and two at once


async def test_nobody_but_an_administrator_may_do_any_of_it(town: Town) -> None:
    for officer in (town.budi, town.officer("SEKDA"), town.officer("INSPEKTUR")):
        await officer.types("/undang")
        assert officer.page_name == "officer/admin_only"
        await officer.types(f"/undang {POST}")
        assert officer.page_name == "officer/admin_only"
    assert not town.rows(Override)


async def test_an_administrator_who_was_replaced_signs_and_undoes_nothing_any_more(town: Town) -> None:
    who = await appoints(town)
    preview = who.shown[-1]
    await who.chooses("sign_act")
    done = who.shown[-1]
    await appoints(town, "kepala capil")
    await town.revokes(ADMIN)
    await town.appoints(who, HEAD)
    for page, code in ((preview, "sign_act"), (done, "undo_act"), (who.shown[-1], "sign_act")):
        await who.chooses(code, on=page)
        assert who.page_name == "officer/admin_only"
    assert len(town.rows(Invitation)) == 1


async def test_of_two_who_decide_at_once_the_second_is_told_to_look_again(town: Town) -> None:
    who, siti = admin(town), await second_admin(town)
    for officer in (who, siti):
        await officer.types("/undang")
        await officer.chooses("hand_over")
        await fills(officer, POST)
    await who.chooses("sign_act")
    await siti.chooses("sign_act")
    assert siti.page_name == "officer/act_refused"
    assert len([row for row in town.rows(Override) if row.signed_at]) == 1
    assert len(town.rows(Invitation, post_code=POST)) == 1


@ON_PHONES
async def test_a_code_that_was_offered_before_a_handover_is_void_at_once(town: Town) -> None:
    old: str = await town.program.errand(lambda session: people.invite(session, POST)[0])
    who = admin(town)
    await who.types("/undang")
    await who.chooses("hand_over")
    await fills(who, POST)
    who.sees("(1)")
    await who.chooses("sign_act")
    stranger = town.stranger("hadi")
    await stranger.types(f"/start {old}")
    assert stranger.page_name == "officer/bad_code"


# --- leaves


async def stands_in(town: Town, away: str, days: str, substitute: str) -> Officer:
    who = admin(town)
    await who.types("/undang")
    await who.chooses("stand_in")
    await who.types(away)
    await who.types(days)
    assert who.page_name == "officer/act_substitute", who.page
    await who.types(substitute)
    assert who.page_name == "officer/act_preview", who.page
    return who


async def test_a_substitute_named_by_an_administrator_reads_and_is_let_go_when_it_is_undone(town: Town) -> None:
    who = await stands_in(town, POST, "7/9/2026 - 11/9/2026", HEAD)
    await who.chooses("sign_act")
    page = who.shown[-1]
    town.ratna.sees("Dinas Kependudukan")
    assert town.ratna.page_name == "officer/substituting"
    assert town.budi.page_name == "officer/leave_told"
    (leave,) = town.rows(Leave)
    assert (leave.person_id, leave.substitute_id) == (town.person_id(town.budi), town.person_id(town.ratna))
    await who.chooses("undo_act", on=page)
    assert town.rows(Leave)[0].revoked_at is not None


async def test_a_substitute_takes_the_place_of_the_leave_that_was_noted_and_undo_brings_that_back(town: Town) -> None:
    await town.budi.types("/cuti 7/9/2026 - 18/9/2026")
    await town.budi.chooses("no_substitute")
    who = await stands_in(town, POST, "7/9/2026 - 18/9/2026", HEAD)
    await who.chooses("sign_act")
    assert [row.revoked_at is None for row in town.rows(Leave)] == [False, True]
    await who.chooses("undo_act")
    assert [row.revoked_at is None for row in town.rows(Leave)] == [True, False]


async def test_who_came_back_has_ended_the_leave_and_nothing_is_left_to_undo(town: Town) -> None:
    who = await stands_in(town, POST, "7/9/2026 - 11/9/2026", HEAD)
    await who.chooses("sign_act")
    page = who.shown[-1]
    await town.budi.types("/cuti")
    await town.budi.chooses("end_leave")
    await who.chooses("undo_act", on=page)
    assert who.page_name == "officer/act_refused"


async def test_nobody_stands_in_for_themselves(town: Town) -> None:
    who = admin(town)
    await who.types("/undang")
    await who.chooses("stand_in")
    await who.types(POST)
    await who.types("besok")
    await who.types(POST)
    assert who.page_name == "officer/act_substitute"
    assert not town.rows(Override)


# --- groups


@WITH_GROUPS
async def test_a_units_group_is_let_go_and_bound_again(town: Town) -> None:
    group = town.group("-100200300")
    await group.hears(town.budi, "/grup")
    who = admin(town)
    await who.types("/undang")
    await who.chooses("unbind")
    await who.types("capil")
    assert who.page_name == "officer/act_preview", who.page
    await who.chooses("sign_act")
    assert town.rows(Group)[0].ended_at is not None
    await town.sari.complains(SLOW)
    group.saw_nothing()
    await who.chooses("undo_act")
    assert town.rows(Group)[0].ended_at is None


async def test_where_no_unit_has_a_group_that_is_said(town: Town) -> None:
    who = admin(town)
    await who.types("/undang")
    await who.chooses("unbind")
    assert who.page_name == "officer/act_group"
    assert len(who.buttons) == 1
