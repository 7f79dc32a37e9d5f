"""No page for staff says who reported: never the phone, and the name only where it was given openly."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.channels.base import Outgoing
from domain.vocabulary import Identity
from handlers.messages import STAFF
from storage.ids import from_text
from tests.kit.databases import DIALECTS, Prepare
from tests.kit.town import Town, open_town, peopled, words
from tests.leaks.life import FATES, Life, Subject, pages_of
from tests.leaks.search import found_in
from tests.leaks.words import Inventor

#: Every fate with every identity.
CITIZENS = 3 * len(FATES)
#: Who binds a group to the own unit, before anything happens.
GROUPED = ("PETUGAS-DISDUKCAPIL", "PETUGAS-DLH", "INSPEKTUR", "SEKDA", "KABAG-ORGANISASI", "KEPALA-DINKES")


def _bytes(outgoing: Outgoing) -> bytes:
    """Everything of a page that leaves for the platform, but for whom."""
    said = [outgoing.key, outgoing.text, outgoing.edits or ""]
    said += [word for button in outgoing.buttons for word in (button.label, button.data)]
    said += [word for file in outgoing.files for word in (file.name, file.mime)]
    return b"\n".join([*(word.encode() for word in said), *(file.data for file in outgoing.files)])


async def _bind_groups(town: Town) -> None:
    for n, post in enumerate(GROUPED):
        await town.group(f"-{n}").hears(town.officer(post), "/grup")


def _check_bells(town: Town, subjects: list[Subject]) -> None:
    """Everything that went to a group is a bell made of three facts, of an ordinary open case."""
    asked = {outgoing.key: outgoing for outgoing in town.phones.asked if outgoing.to.startswith("-")}
    ordinary = (subject for subject in subjects if subject.kind == "complaint" or subject.fate == "placed")
    hearable = {subject.number for subject in ordinary if subject.identity is Identity.OPEN}
    assert asked, "no group was rung"
    for key, outgoing in asked.items():
        (row,) = town.outbox(id=from_text(key))
        facts = town.facts(row)
        assert set(facts) == {"number", "unit", "by"}
        assert outgoing.text == words("officer/bell", **facts)
        assert not outgoing.files
        assert facts["number"] in hearable


async def _staff_pages(url: str, folder: Path, inventor: Inventor) -> tuple[list[Subject], list[bytes]]:
    async with open_town(url, folder, digests=True) as town, pages_of(town) as http:
        await _bind_groups(town)
        life = Life(town, inventor, http)
        subjects = life.subjects(CITIZENS)
        with life.poisoning():
            await life.of_all(subjects)
        for post in ("INSPEKTUR", "SEKDA", "PETUGAS-DISDUKCAPIL"):
            await town.officer(post).types("/kotak")
        await town.travels(working_days=6)
        _check_bells(town, subjects)
        return subjects, [_bytes(outgoing) for outgoing in town.phones.asked if outgoing.account == STAFF]


@pytest.mark.parametrize("dialect", DIALECTS if os.environ.get("TANGGAP_SOAK") else ["sqlite"])
def test_no_page_for_staff_says_who_reported_unless_the_name_was_given_openly(
    new_database: Callable[[Prepare | None], str], tmp_path: Path
) -> None:
    inventor = Inventor(random.SystemRandom().getrandbits(32))
    print(f"seed {inventor.seed}: {[sort.marker for sort in inventor.sorts]}")  # noqa: T201
    subjects, pages = asyncio.run(_staff_pages(new_database(peopled), tmp_path, inventor))
    assert [page for page in pages if found_in(page, inventor.stories.marker)], "no staff page tells a story"
    assert not [page for page in pages if found_in(page, inventor.phones.marker)]
    for subject in subjects:
        own = [page for page in pages if subject.number and subject.number.encode() in page]
        others = [page for page in pages if page not in own]
        assert not [page for page in pages if subject.citizen.phone.encode() in page]
        assert not [page for page in others if found_in(page, subject.name)]
        named = [page for page in own if found_in(page, subject.name)]
        assert bool(named) == bool(subject.number and subject.identity is Identity.OPEN), subject.fate
