"""The morning's digest: what is late and whose it is, to each reader no more than he or she may know, each once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import update

from domain.mornings import DigestKind, subscribers
from handlers.actions import digests
from handlers.session import Session
from storage import message_templates
from storage.plan import table_of
from storage.tables import Digest, Holding, Leave, Ticket
from tests.journeys.stories import PLACELESS, PUNGLI, SLOW
from tests.kit.carriers import Page
from tests.kit.databases import Prepare, migrate
from tests.kit.town import Officer, Town, open_town

pytestmark = pytest.mark.anyio

DIGEST, REPORT = "supervisor/digest", "supervisor/report"


#: The posts that are sent digests in these journeys; a whole town's mornings take their time.
SUPERVISORS = ("WALI-KOTA", "SEKDA", "KABAG-ORGANISASI")
READERS = (
    "WALI-KOTA", "SEKDA", "KABAG-ORGANISASI", "INSPEKTUR", "KEPALA-DISDUKCAPIL", "KEPALA-DLH", "KEPALA-DISHUB",
)  # fmt: skip


@pytest.fixture
async def town(town_url: str, tmp_path: Path, language: str) -> AsyncIterator[Town]:
    """The usual town, with its mornings, and most heads of offices still to be appointed."""
    async with open_town(town_url, tmp_path, language=language, digests=True) as town:
        await _leave_empty(town, [post.code for post in subscribers(town.region) if post.code not in READERS])
        yield town
        await town.ends_in_order()


async def _leave_empty(town: Town, posts: list[str]) -> None:
    table = table_of(Holding)
    ended = update(table).where(table.c.post_code.in_(posts)).values(ends_on=date(2026, 9, 1))
    await town.program.errand(lambda session: session.plan.connection.execute(ended) and None)


def at(text: str) -> datetime:
    """A moment by the town's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Jakarta"))


def pages(town: Town, officer: Officer, page: str = DIGEST) -> list[Page]:
    return [one for one in officer.received if town.page_name(one) == page]


def facts(town: Town, officer: Officer, page: str = DIGEST) -> dict[str, Any]:
    """What the newest digest of an officer knows."""
    rows = [row for row in town.outbox(page=page, person_id=town.person_id(officer)) if row.facts_sealed]
    return town.facts(rows[-1])


def lines(town: Town, officer: Officer) -> dict[str, str]:
    """The cases that the newest digest lists, and why."""
    return {case["number"]: case["sort"] for case in facts(town, officer)["cases"]}


async def sets(town: Town, ticket: Any, **values: Any) -> None:
    """Bring a case into a state that it would take long to reach by talking."""
    table = table_of(Ticket)
    statement = update(table).where(table.c.id == ticket.id).values(**values)
    await town.program.errand(lambda session: session.plan.connection.execute(statement) and None)


async def four_cases(town: Town) -> dict[str, Any]:
    """One that will be late, one sent back, one that waits for its citizen, and an accusation of the registry."""
    late = await town.sari.complains(SLOW)
    refused = await refused_case(town)
    asked = await town.citizen("melati").complains(SLOW)
    await sets(town, asked, state="waiting_citizen", waiting_since=at("2026-09-08 10:00"))
    accusation = await town.citizen("wulan").complains(PUNGLI)
    return {"late": late, "refused": refused, "asked": asked, "accusation": accusation}


async def refused_case(town: Town) -> Any:
    """A case that its office calls finished and its citizen does not."""
    togar = town.citizen("togar")
    case = await togar.complains(PLACELESS, "Jalan Sutomo")
    await town.outsider.chooses("finish")
    await town.outsider.types("Sudah kami angkut.")
    await togar.chooses("not_done")
    assert town.ticket(case.number).refusals == 1
    return case


async def test_each_reader_learns_what_is_late_and_nothing_beyond_the_own_right(town: Town) -> None:
    cases = await four_cases(town)
    await town.travels(at("2026-09-29 07:30"))
    late, refused = cases["late"].number, cases["refused"].number

    for post in ("KABAG-ORGANISASI", "SEKDA", "WALI-KOTA"):
        supervisor = town.officer(post)
        assert lines(town, supervisor) == {late: "late", refused: "late", cases["asked"].number: "paused"}
        supervisor.never_saw(cases["accusation"].number)
        shown = facts(town, supervisor)
        assert (shown["open"], shown["late"]) == (2, 2)
        assert shown["oversight"] == {"running": None, "late": None}, "fewer than three are not told apart from none"
        assert shown["waiting"] == {"count": 1, "longest": 21}

    assert lines(town, town.ratna) == {late: "late", cases["asked"].number: "paused"}
    assert facts(town, town.ratna)["oversight"] is None
    assert lines(town, town.officer("KEPALA-DLH")) == {refused: "late"}
    inspector = town.officer("INSPEKTUR")
    assert lines(town, inspector) == {cases["accusation"].number: "silent"}
    assert facts(town, inspector)["cases"][0]["reported"] == "Dinas Kependudukan dan Pencatatan Sipil"
    for officer in (town.officer("KEPALA-DISHUB"), town.budi, town.outsider, town.officer("LURAH-TOMUAN")):
        assert not pages(town, officer), "a desk has its cards, and a part of an office its head's digest"


async def test_a_line_says_whose_it_is_since_when_and_what_to_press(town: Town) -> None:
    late = await town.sari.complains(SLOW)
    await town.budi.chooses("take")
    await sets(town, late, binding_by=at("2026-09-08 16:00"))
    await town.travels(at("2026-09-10 07:30"))
    (line,) = facts(town, town.officer("SEKDA"))["cases"]
    assert line["unit"] == "Dinas Kependudukan dan Pencatatan Sipil"
    assert (line["days"], line["taken"], line["refused"], line["fresh"]) == (2, True, False, False)
    assert datetime.fromisoformat(line["since"]) == at("2026-09-08 16:00")
    secretary = town.officer("SEKDA")
    assert secretary.buttons[0] == late.number
    await secretary.presses(late.number)
    assert secretary.page_name == "officer/card"
    assert SLOW in secretary.page


async def test_one_press_reminds_the_desks_of_all_late_cases_once_a_day(town: Town) -> None:
    late = [await town.citizen(name).complains(SLOW) for name in ("sari", "togar")]
    for case in late:
        await sets(town, case, binding_by=at("2026-09-08 16:00"))
    await town.travels(at("2026-09-10 07:30"))
    secretary = town.officer("SEKDA")
    for again in (0, 2):
        await secretary.chooses("remind_late")
        (shown,) = [town.facts(row) for row in town.outbox(page="supervisor/reminded_late")][-1:]
        assert (len(shown["numbers"]), shown["again"]) == (2 - again, again)
    assert len(pages(town, town.budi, "officer/pushed")) == 2
    assert not pages(town, town.outsider, "officer/pushed")


async def test_the_post_that_was_told_last_is_named(town: Town) -> None:
    """The steps of an opening are told before its digest, so that it can say who was."""
    await town.sari.complains(SLOW)
    await town.travels(at("2026-09-29 07:30"))
    assert [case["told"] for case in facts(town, town.officer("SEKDA"))["cases"]] == ["Kepala Bagian Organisasi"]


async def test_what_the_citizen_sent_back_is_told_apart(town: Town) -> None:
    case = await refused_case(town)
    await town.travels(working_days=1)
    for officer in (town.officer("SEKDA"), town.officer("KEPALA-DLH")):
        shown = facts(town, officer)
        assert shown["changes"] == {**dict.fromkeys(_STILL, 0), "new": 1, "answered": 1, "refused": 1}
        assert [(line["number"], line["sort"], line["days"]) for line in shown["cases"]] == [
            (case.number, "refused", 1)
        ]


async def test_a_digest_is_written_once_however_many_write_it(town: Town) -> None:
    await town.travels(working_days=1)
    again: int = await town.program.errand(lambda session: digests.write(session, "SEKDA", DigestKind.DAILY))
    assert again == 0
    assert len(pages(town, town.officer("SEKDA"))) == 1


async def test_what_changed_is_told_once(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(working_days=1)
    secretary = town.officer("SEKDA")
    assert facts(town, secretary)["changes"]["new"] == 1
    await town.budi.replies_to("KTP saya", "Kami periksa dulu.")
    await town.budi.chooses("send")
    await town.travels(working_days=1)
    assert facts(town, secretary)["changes"] == {**dict.fromkeys(_STILL, 0), "answered": 1}
    await town.travels(working_days=1)
    assert facts(town, secretary)["changes"] == dict.fromkeys(_STILL, 0)


_STILL = ("new", "late", "answered", "resolved", "closed", "refused")


async def test_who_is_excluded_is_not_told_in_whatever_post_he_acts(town: Town) -> None:
    """The head of the accused office acts for the Sekda: neither the case nor its count is in the digest."""
    await town.revokes("SEKDA")
    await town.appoints(town.ratna, "SEKDA", kind="Plt")
    accusation = await town.sari.complains(PUNGLI)
    ordinary = await town.citizen("togar").complains(PLACELESS, "Jalan Sutomo")
    await town.travels(working_days=3)
    rows = town.outbox(page=DIGEST, person_id=town.person_id(town.ratna))
    as_secretary = [town.facts(row) for row in rows if ":SEKDA:" in row.dedupe_key]
    assert [shown["title"] for shown in as_secretary] == ["Plt. Sekretaris Daerah"] * 3
    assert [case["number"] for case in as_secretary[-1]["cases"]] == [ordinary.number]
    town.ratna.never_saw(accusation.number)
    told = facts(town, town.officer("KABAG-ORGANISASI"))["oversight"]
    assert [shown["oversight"] for shown in as_secretary] == [told] * 3, "what others are told tells no more either"


async def test_what_a_case_is_kept_from_a_person_for_is_not_in_the_digest_either(town: Town) -> None:
    """A complaint of rudeness excludes the unit and its people; one of them now acts for the Kabag."""
    nurse = town.officer("KEPALA-PKM-RAYA")
    await town.revokes("KABAG-ORGANISASI")
    await town.appoints(nurse, "KABAG-ORGANISASI", kind="Plh")
    rude = await town.sari.complains("Petugas Puskesmas Raya membentak saya, kasar sekali")
    await town.travels(working_days=2)
    assert facts(town, nurse)["quiet"]
    nurse.never_saw(rude.number)
    assert lines(town, town.officer("SEKDA")) == {rude.number: "silent"}


async def test_a_page_that_waited_is_asked_about_once_more(town: Town) -> None:
    case = await town.sari.complains(SLOW)
    secretary = town.officer("SEKDA")
    who, listed = town.person_id(secretary), [["details", [str(case.id)]]]
    assert await town.program.errand(lambda session: digests.still_allowed(session, who, listed))
    await town.revokes("SEKDA")
    assert not await town.program.errand(lambda session: digests.still_allowed(session, who, listed))


async def test_a_unit_without_anybody_to_write_to_is_named(town: Town) -> None:
    await town.revokes("PETUGAS-DISDUKCAPIL")
    await town.revokes("KEPALA-DISDUKCAPIL")
    await town.sari.complains(SLOW)
    await town.travels(working_days=1)
    shown = facts(town, town.officer("SEKDA"))["unreachable"]
    assert shown == {"names": ["Dinas Kependudukan dan Pencatatan Sipil"], "more": 0}


async def test_message_templates_that_cannot_be_sent_are_an_alarm_for_whom_the_front_desk_answers_to(
    town: Town,
) -> None:
    def told(session: Session) -> None:
        for name, status in (("a", "PAUSED"), ("b", "MISSING"), ("c", "APPROVED"), ("d", "PENDING")):
            message_templates.note_status(session.plan.connection, "whatsapp", name, "id", session.now, status=status)

    await town.program.errand(told)
    await town.travels(working_days=1)
    alarmed = {post: facts(town, town.officer(post))["unsendable"] for post in SUPERVISORS}
    assert alarmed == {"WALI-KOTA": 0, "SEKDA": 0, "KABAG-ORGANISASI": 2}
    assert pages(town, town.officer("KABAG-ORGANISASI"))[-1].text.count("WhatsApp") == 1
    assert "WhatsApp" not in pages(town, town.officer("SEKDA"))[-1].text


# --- accusations beyond the Inspektorat


async def test_a_single_accusation_changes_nothing_on_any_page_but_the_inspektorats(town: Town) -> None:
    """Not its coming, not its being late: a town with one prints what a town with none prints."""
    told = []
    for n in range(3):
        if n == 1:
            accusation = await town.sari.complains(PUNGLI)
        if n == 2:
            await sets(town, accusation, binding_by=at("2026-08-20 16:30"))
        await town.travels(at(f"2026-09-{14 + 7 * n:02d} 07:30"))
        told.append([_untimed(facts(town, town.officer(post))) for post in SUPERVISORS])
        told[-1] += [_untimed(facts(town, town.officer(post), REPORT)) for post in SUPERVISORS]
    assert told[0] == told[1] == told[2]
    assert lines(town, town.officer("INSPEKTUR")) == {accusation.number: "late"}


def _untimed(shown: dict[str, Any]) -> dict[str, Any]:
    times = ("at", "since", "from_day", "to_day")
    paper = {"paper": {**shown["paper"], "at": ""}} if "paper" in shown else {}
    return {name: value for name, value in (shown | paper).items() if name not in times}


async def test_a_number_of_accusations_is_renewed_on_a_weeks_first_morning_and_is_the_same_for_everybody(
    town: Town,
) -> None:
    await town.travels(at("2026-09-08 07:30"))
    for name in ("sari", "togar", "melati"):
        await town.citizen(name).complains(PUNGLI)
    printed = []
    for day in ("2026-09-11", "2026-09-14"):
        await town.travels(at(f"{day} 07:30"))
        printed.append([facts(town, town.officer(post))["oversight"]["running"] for post in SUPERVISORS])
        await town.officer("SEKDA").types("/rekap")
        printed[-1].append(facts(town, town.officer("SEKDA"))["oversight"]["running"])
    assert printed == [[None] * 4, [3] * 4]


# --- what goes with it


async def test_the_morning_brings_a_picture_and_the_week_a_paper(town: Town) -> None:
    secretary = town.officer("SEKDA")
    await town.travels(at("2026-09-08 07:30"))
    assert not pages(town, secretary)[-1].files, "where there is nothing to show there is no picture"
    await town.sari.complains(SLOW)
    await town.travels(at("2026-09-14 07:30"))
    (drawn,) = pages(town, secretary)[-1].files
    with Image.open(io.BytesIO(drawn.data)) as picture:
        assert (picture.format, picture.width) == ("PNG", 800)
    assert "1" in drawn.alt
    (paper,) = pages(town, secretary, REPORT)[-1].files
    assert (paper.mime, paper.data[:5]) == ("application/pdf", b"%PDF-")
    await secretary.types("/rekap")
    assert not secretary.received[-1].files, "it is asked for as often as one likes"


# --- when


async def test_a_post_with_an_hour_of_its_own_is_written_to_at_it(town: Town) -> None:
    posts = {**town.region.posts, "SEKDA": replace(town.region.posts["SEKDA"], digest_at=time(6, 45))}
    early = replace(town.region, posts=posts)
    found = []
    for hour in ("06:44", "06:45"):
        await town.travels(at(f"2026-09-08 {hour}"))
        found.append(await town.program.errand(lambda session: digests.due_now(replace(session, region=early))))
    assert [[one.post for one in due] for due in found] == [[], ["SEKDA"]]


async def test_the_first_morning_is_that_of_the_day_after_and_a_second_beat_writes_nothing(town: Town) -> None:
    assert await town.program.beats.digests() == 0, "on the day on which a town begins there was no morning"
    await town.travels(working_days=1)
    once = len(town.outbox(page=DIGEST))
    assert once == len(SUPERVISORS), "a head who has nothing open is not written to every morning"
    assert await town.program.beats.digests() == 0
    assert sum(await asyncio.gather(*(town.program.beats.digests() for _ in range(3)))) == 0
    assert len(town.outbox(page=DIGEST)) == once


async def test_no_digest_comes_on_a_free_day(town: Town) -> None:
    await town.travels(at("2026-09-11 23:00"))
    before = len(town.outbox(page=DIGEST))
    await town.travels(at("2026-09-14 07:29"))
    assert len(town.outbox(page=DIGEST)) == before
    await town.travels(at("2026-09-14 07:30"))
    assert len(town.outbox(page=DIGEST)) > before


async def test_an_empty_post_gets_none_until_somebody_holds_it(town: Town) -> None:
    await town.revokes("WALI-KOTA")
    await town.travels(working_days=1)
    assert not town.rows(Digest, post_code="WALI-KOTA")
    acting = town.officer("KEPALA-DLH")
    await town.appoints(acting, "WALI-KOTA", kind="Plt")
    await town.travels(working_days=1)
    assert len(town.rows(Digest, post_code="WALI-KOTA")) == 1
    assert [shown for shown in map(str, pages(town, acting)) if "Plt. Wali Kota" in shown]


async def test_the_substitute_reads_for_who_is_away(town: Town) -> None:
    secretary, substitute = town.officer("SEKDA"), town.officer("KEPALA-DLH")
    await goes_on_leave(town, secretary, substitute, days=3)
    await town.sari.complains(SLOW)
    await town.travels(working_days=1)
    assert not pages(town, secretary)
    assert [shown for shown in map(str, pages(town, substitute)) if "Sekretaris Daerah" in shown]
    await town.travels(working_days=5)
    assert pages(town, secretary)


async def goes_on_leave(town: Town, person: Officer, substitute: Officer, *, days: int) -> None:
    who, instead = town.person_id(person), town.person_id(substitute)

    def leave(session: Session) -> None:
        until = session.today + timedelta(days=days)
        at = session.moment.real
        session.add(Leave, person_id=who, substitute_id=instead, starts_on=session.today, ends_on=until, created_at=at)

    await town.program.errand(leave)


async def test_the_week_comes_on_monday_and_the_month_on_its_first_working_day(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(at("2026-10-01 08:00"))
    secretary = town.officer("SEKDA")
    kinds = [(row.kind, f"{row.on_date}") for row in town.rows(Digest, post_code="SEKDA") if row.kind != "daily"]
    assert kinds == [
        ("weekly", "2026-09-14"),
        ("weekly", "2026-09-21"),
        ("weekly", "2026-09-28"),
        ("monthly", "2026-10-01"),
    ]
    shown = [town.facts(row) for row in town.outbox(page=REPORT, person_id=town.person_id(secretary))]
    assert [one["received"] for one in shown] == [1, 0, 0, 1]
    assert [(one["in_time"], one["counted"]) for one in shown] == [(0, 0), (0, 0), (0, 1), (0, 1)]


# --- /rekap


async def test_rekap_shows_a_supervisor_the_town_and_an_officer_the_own_desk(town: Town) -> None:
    case = await town.sari.complains(SLOW)
    for officer, opened in ((town.officer("SEKDA"), 1), (town.ratna, 1), (town.budi, 1), (town.outsider, 0)):
        await officer.types("/rekap")
        assert officer.page_name == DIGEST
        shown = facts(town, officer)
        assert (shown["kind"], shown["open"], shown["changes"]["new"]) == ("now", opened, opened)
    await town.travels(working_days=2)
    await town.budi.types("/rekap")
    assert town.budi.buttons == (case.number,)
    await town.budi.presses(case.number)
    assert town.budi.page_name == "officer/card"


async def test_a_stranger_gets_no_rekap(town: Town) -> None:
    stranger = town.stranger("hadi")
    await stranger.types("/rekap")
    assert stranger.page_name == "officer/stranger"


# --- one jump


@pytest.fixture
def small_town_url(new_database: Callable[[Prepare | None], str]) -> Callable[[], str]:
    """Databases without anybody on any post."""
    return lambda: new_database(migrate)


async def test_ten_days_in_one_jump_are_ten_single_days(
    small_town_url: Callable[[], str], tmp_path: Path, language: str
) -> None:
    told = []
    for number, jumps in enumerate(([1] * 10, [10])):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with open_town(small_town_url(), folder, language=language, people=False, digests=True) as town:
            told.append(await _told(town, jumps))
    assert told[0] == told[1]
    assert len([page for page in told[0] if page[0] == DIGEST]) == 30
    assert len([page for page in told[0] if page[0] == REPORT]) == 6


async def _told(town: Town, jumps: list[int]) -> list[tuple[str, str, Any]]:
    """Every page of three posts after these jumps, without what differs from town to town."""
    posts = ("KABAG-ORGANISASI", "SEKDA", "KEPALA-DISDUKCAPIL")
    readers = [await town.enrol(post, f"reader-{n}") for n, post in enumerate(posts)]
    await town.sari.complains(SLOW)
    for days in jumps:
        await town.travels(working_days=days)
    rows = [row for row in town.outbox(state="sent") if row.page in (DIGEST, REPORT)]
    names = {town.person_id(reader): reader.post for reader in readers}
    return [(row.page, names[row.person_id], _same(town.facts(row))) for row in rows]


def _same(shown: dict[str, Any]) -> dict[str, Any]:
    """Facts without ticket numbers, and without the parts of a second by which clocks run on."""
    if "paper" in shown:
        return shown | {"paper": {**shown["paper"], "at": shown["paper"]["at"][:16]}}
    clocks: dict[str, Any] = {name: shown[name][:16] for name in ("since", "at") if name in shown}
    return shown | clocks | {"cases": [(case["sort"], case["days"]) for case in shown.get("cases", ())]}


async def test_the_head_of_region_finds_a_long_late_case_in_the_digest_and_gets_no_page_of_its_own(
    small_town_url: Callable[[], str], tmp_path: Path, language: str
) -> None:
    posts = ("PETUGAS-DISDUKCAPIL", "KEPALA-DISDUKCAPIL", "KABAG-ORGANISASI", "SEKDA", "WALI-KOTA")
    async with open_town(small_town_url(), tmp_path, language=language, people=False, digests=True) as town:
        readers = {post: await town.enrol(post, post.lower()) for post in posts}
        ticket = await town.sari.complains(SLOW)
        await town.travels(working_days=25)
        mayor, secretary = readers["WALI-KOTA"], readers["SEKDA"]
        assert "supervisor/late" in secretary.page_names
        assert "supervisor/late" not in mayor.page_names
        mayor.sees(ticket.number)
        town.sari.sees("Wali Kota")
