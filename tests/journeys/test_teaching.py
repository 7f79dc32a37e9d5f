"""What a case teaches `tanggap train`: where it went in the end, and nothing of whoever must not be found out."""

from __future__ import annotations

import pytest

from handlers.actions.teaching import lessons
from storage.tables import AuditRow, Message
from tests.journeys.stories import PUNGLI, RUDE, SLOW, UNCLEAR
from tests.journeys.test_anonymous import anonymously
from tests.journeys.test_erasure import erases
from tests.kit.town import Officer, Town

pytestmark = pytest.mark.anyio


async def _taught(town: Town) -> list[tuple[str, str]]:
    return list(await town.program.errand(lambda session: list(lessons(session))))


async def _settles(officer: Officer) -> None:
    await officer.chooses("finish")
    await officer.types("Sudah kami selesaikan")


async def test_a_case_that_was_handed_back_teaches_the_office_that_settled_it(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("not_ours")
    await town.budi.types("DLH")
    assert await _taught(town) == []
    await _settles(town.officer("PETUGAS-DLH"))
    assert await _taught(town) == [(SLOW, "DLH")]


async def test_a_case_that_nobody_moved_teaches_that_the_first_office_was_right(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _settles(town.budi)
    assert await _taught(town) == [(SLOW, "DISDUKCAPIL")]


async def test_a_case_that_is_refused_teaches_nothing_any_more(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _settles(town.budi)
    await town.sari.chooses("not_done")
    await town.sari.types("Belum, KTP saya belum juga jadi")
    assert await _taught(town) == []


async def test_what_the_front_desk_settles_teaches_no_office(town: Town) -> None:
    await town.sari.complains(UNCLEAR)
    await _settles(town.officer("PETUGAS-MEJA-DEPAN"))
    assert await _taught(town) == []


@pytest.mark.parametrize(("story", "post"), [(PUNGLI, "PETUGAS-INSPEKTORAT"), (RUDE, "KEPALA-DINKES")])
async def test_a_case_that_accuses_somebody_teaches_nothing(town: Town, story: str, post: str) -> None:
    await town.sari.complains(story)
    await _settles(town.officer(post))
    assert town.ticket().state == "resolved"
    assert await _taught(town) == []


async def test_a_hidden_a_nameless_and_an_erased_citizen_teach_nothing(town: Town) -> None:
    await anonymously(town, town.sari)
    await _settles(town.budi)
    await town.sari.complains(SLOW)
    await _settles(town.budi)
    assert await _taught(town) == [(SLOW, "DISDUKCAPIL")]
    await erases(town.sari)
    assert await _taught(town) == []


async def test_nothing_that_was_learned_from_is_written_anywhere(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _settles(town.budi)
    before = town.rows(AuditRow), town.rows(Message)
    await _taught(town)
    assert (town.rows(AuditRow), town.rows(Message)) == before
