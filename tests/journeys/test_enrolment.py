"""Coming in by a code: once, in time, for one post; whoever has none learns nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from storage.engine import real_now
from storage.plan import table_of
from storage.tables import Holding, Invitation
from tests.journeys.stories import SLOW
from tests.kit.carriers import ON_PHONES
from tests.kit.town import LANGUAGES, Town, words

pytestmark = pytest.mark.anyio

POST = "PETUGAS-DISDUKCAPIL"


async def test_a_code_enrols_and_the_next_case_comes(town: Town) -> None:
    await town.revokes(POST)
    hadi = await town.enrol(POST, "hadi")
    assert hadi.page_names[0] == "officer/enrolled"
    assert "Petugas pengaduan Dinas Kependudukan" in hadi.pages[0]
    await town.sari.complains(SLOW)
    assert SLOW in hadi.page


async def test_a_code_is_good_once(town: Town) -> None:
    code = await town.invite(POST)
    hadi, thief = town.stranger("hadi"), town.stranger("pencuri")
    await hadi.types(f"/start {code}")
    await thief.types(f"/start {code}")
    assert thief.page_name == "officer/bad_code"
    await hadi.types(f"/start {code}")
    assert hadi.page_name == "officer/bad_code"
    assert len(town.rows(Holding, person_id=town.person_id(hadi))) == 1
    assert not town.rows(Holding, person_id=town.person_id(thief))


@ON_PHONES
async def test_two_who_type_one_code_at_once_do_not_both_come_in(town: Town) -> None:
    code = await town.invite(POST)
    phones = [town.stranger(f"hadi-{n}") for n in range(3)]
    messages = [{"phone": phone.phone, "id": str(uuid4()), "text": f"/start {code}"} for phone in phones]
    inbounds = [inbound for raw in messages for inbound in town.phones.parse("staff", raw)]
    await town.program.receive(inbounds)
    await town.idle()
    assert sorted(phone.page_name for phone in phones) == ["officer/bad_code", "officer/bad_code", "officer/enrolled"]


async def test_a_code_is_typed_in_any_case_with_spaces_around(town: Town) -> None:
    code = await town.invite(POST)
    hadi = town.stranger("hadi")
    await hadi.types(f"/start   {code.lower()}  ")
    assert hadi.page_name == "officer/enrolled"


async def test_a_wrong_code_says_nothing_but_that(town: Town) -> None:
    stranger = town.stranger("tamu")
    for typed in ("SALAH12345", "a", "' OR 1=1", "0" * 200, "😀"):
        await stranger.types(f"/start {typed}")
        assert stranger.page_name == "officer/bad_code", typed
    assert not town.rows(Holding, person_id=town.person_id(stranger))


async def test_a_code_that_is_too_old_is_as_good_as_a_wrong_one(town: Town) -> None:
    code = await town.invite(POST)
    table = table_of(Invitation)
    await town.program.errand(
        lambda session: (
            session.plan.connection.execute(update(table).values(expires_at=real_now(timedelta(seconds=-1)))) and None
        )
    )
    stranger = town.stranger("tamu")
    await stranger.types(f"/start {code}")
    assert stranger.page_name == "officer/bad_code"


async def test_a_stranger_in_the_staff_chat_learns_nothing_whatever_they_type(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    stranger = town.stranger("tamu")
    card = town.budi.shown[-1]
    for text in ("/start", "/kotak", f"/tiket {ticket.number}", "/bantuan", "halo", "1", "ambil", "/batal"):
        await stranger.types(text)
    for data in card.data:
        await stranger.does(choice=data)
    await stranger.replies_to(card, "Sudah kami cetak.")
    assert {stranger.town.page_name(page) for page in stranger.received} == {"officer/stranger"}
    assert len({page.text for page in stranger.received}) == 1
    stranger.never_saw("TGP-")
    assert town.ticket().version == ticket.version


async def test_a_stranger_is_told_where_citizens_write(town: Town) -> None:
    stranger = town.stranger("tamu")
    await stranger.types("KTP saya belum jadi")
    assert stranger.page in [words("officer/stranger", language, town=town.region.name) for language in LANGUAGES]
    assert not town.tickets()


async def test_one_person_holds_two_posts_and_sees_both_desks(town: Town) -> None:
    hadi = await town.enrol(POST, "hadi")
    await hadi.types(f"/start {await town.invite('PETUGAS-DLH')}")
    slow = await town.sari.complains(SLOW)
    waste = await town.sari.complains("Sampah menumpuk di Kelurahan Tomuan, bau sekali")
    await hadi.types("/kotak")
    assert set(hadi.buttons) == {slow.number, waste.number}
    await hadi.types("/menu")
    assert "Lingkungan Hidup" in hadi.page


async def test_a_citizens_chat_is_not_the_staff_chat(town: Town) -> None:
    code = await town.invite(POST)
    await town.sari.types(f"/start {code}")
    assert town.sari.page_name == "citizen/welcome"
    hadi = town.stranger("hadi")
    await hadi.types(f"/start {code}")
    assert hadi.page_name == "officer/enrolled"


async def test_the_code_is_not_kept(town: Town) -> None:
    code = await town.invite(POST)
    (row,) = town.rows(Invitation)
    assert code.encode() not in row.code_hash
    assert all(code not in str(payload) for _, payload in town.audit())
