"""Voices, videos and files that still lie with a platform: fetched, cleaned, and passed on to whom they may."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import work
from bot.channels.base import NotFetchedError, Refused
from bot.work import TRIES
from handlers.actions import files
from handlers.messages import Remote
from storage.media import LARGEST, clean_file
from storage.tables import Attachment, Ticket, Work
from tests.journeys.stories import PUNGLI, RUDE, SLOW
from tests.journeys.test_photos import OWNER, photo
from tests.kit.carriers import ON_PHONES, WITH_SIZES
from tests.kit.recordings import PICTURES, VOICE, video, voice
from tests.kit.town import LANGUAGES, Officer, Town, words

pytestmark = pytest.mark.anyio

READER = {SLOW: "PETUGAS-DISDUKCAPIL", PUNGLI: "PETUGAS-INSPEKTORAT", RUDE: "KEPALA-DINKES"}
IDENTITIES = ("open", "confidential", "anonymous")
WITHHELD = {"id": "tidak kami teruskan", "en": "do not pass on"}
HEARD_THERE = {"id": "hanya dapat didengar", "en": "can hear your voice"}
LATER = NotFetchedError("busy", final=False)


def a_voice(seed: int = 7) -> bytes:
    """A voice like no other."""
    source = random.Random(seed)
    return voice("Recorder", f"ARTIST={OWNER}", packets=[source.randbytes(source.randint(40, 700)) for _ in range(5)])


def names(officer: Officer) -> list[str]:
    return [file.name for file in officer.shown[-1].files]


async def _appears(town: Town, identity: str) -> None:
    await town.sari.chooses("identity")
    await town.sari.chooses(identity)


# --- fetching


async def test_a_photo_that_lies_with_the_platform_is_fetched_cleaned_and_forgotten_there(town: Town) -> None:
    key = await town.sari.sends_remote_photo(photo(), SLOW)
    await town.sari.chooses("send")
    (row,) = town.rows(Attachment)
    assert (row.id, row.kind, row.mime, row.state, row.ref_sealed) == (key, "photo", "image/jpeg", "clean", None)
    assert row.size == len(town.program.files.get(key))
    assert town.channel.fetches == 1
    (file,) = town.budi.shown[-1].files
    assert (file.name, file.mime) == ("foto-1.jpg", "image/jpeg")
    assert OWNER.encode() not in file.data


async def test_work_in_the_clear_names_nothing_personal(town: Town) -> None:
    key = await town.sari.sends_voice(a_voice(), SLOW)
    (row,) = town.rows(Work)
    assert row.subject == {"attachment": key, "channel": town.channel.name, "account": "citizen"}
    assert row.state == "done"


async def test_a_file_that_is_gone_is_said_and_the_words_go_on(town: Town) -> None:
    gone = NotFetchedError("gone", final=True)
    await town.sari.sends_remote("photo", photo(), SLOW, gone)
    assert town.sari.find("tidak sampai") or town.sari.find("did not reach")
    await town.sari.chooses("send")
    assert [row.state for row in town.rows(Attachment)] == ["refused"]
    assert town.rows(Attachment)[0].ref_sealed is None
    assert town.budi.shown[-1].files == ()


@pytest.mark.parametrize("said", [pytest.param(True, marks=WITH_SIZES), False])
async def test_a_file_that_is_too_large_has_a_sentence_of_its_own(town: Town, said: bool) -> None:
    data = b"x" if said else bytes(LARGEST + 1)
    await town.sari.sends_remote("video", data, SLOW, size=LARGEST + 1 if said else 9)
    assert town.sari.find("20 MB")
    assert town.channel.fetches == (0 if said else 1)


async def test_a_busy_platform_is_asked_again_and_ever_more_slowly(town: Town) -> None:
    waits = []
    await town.sari.sends_remote("photo", photo(), SLOW, LATER, LATER, RuntimeError("https://api/botTOKEN"), LATER)
    for _ in range(4):
        (row,) = town.rows(Work)
        waits.append((row.retry_at - datetime.now(UTC)).total_seconds())
        await town.work_time_passes()
    assert [round(wait / 10) for wait in waits] == [1, 4, 16, 64]
    assert [row.state for row in town.rows(Attachment)] == ["clean"]


async def test_a_platform_that_never_answers_is_given_up_and_the_sender_told_once(town: Town) -> None:
    await town.sari.sends_remote("photo", photo(), SLOW, *([LATER] * 20))
    for _ in range(TRIES + 3):
        await town.work_time_passes()
    assert town.channel.fetches == TRIES
    assert [row.state for row in town.rows(Work)] == ["failed"]
    assert [row.state for row in town.rows(Attachment)] == ["refused"]
    assert town.sari.page_names.count("citizen/file_refused") == 1


@ON_PHONES
async def test_a_slow_download_stops_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, quick = asyncio.Event(), town.phones.fetch

    async def fetch(ref: str) -> bytes:
        if ref.startswith("video"):
            await go_on.wait()
        return await quick(ref)

    monkeypatch.setattr(town.phones, "fetch", fetch)
    slow = asyncio.create_task(town.sari.sends_video(video("x"), SLOW))
    async with asyncio.timeout(10):
        while not town.rows(Attachment):  # noqa: ASYNC110 - the program tells nobody
            await asyncio.sleep(0.01)
        while len(town.program.workshop._in_hand) != 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        key = await town.citizen("tono").uploads(photo())
        other = asyncio.create_task(town.citizen("tono").does(text=SLOW, files=[key]))
        while [row.state for row in town.rows(Attachment, id=key)] != ["clean"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert [row.state for row in town.rows(Attachment, kind="video")] == ["raw"]
        go_on.set()
        await asyncio.gather(slow, other)
    assert [row.state for row in town.rows(Attachment, kind="video")] == ["clean"]


@pytest.mark.parametrize("place", ["put", "fetched", "clean", "kept"])
async def test_whatever_a_crash_leaves_is_done_once_more_and_comes_out_the_same(
    town: Town, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = a_voice()

    owner, name = {
        "put": (town.program.files, "put"),
        "fetched": (files, "fetched"),
        "clean": (work, "clean_file"),
        "kept": (files, "kept"),
    }[place]
    monkeypatch.setattr(work, "LEASE", timedelta(seconds=-1))  # as if it had run out by the next look
    real = getattr(owner, name)
    killed_once: list[bool] = []

    def once(*args: Any, **named: Any) -> Any:
        if not killed_once:
            killed_once.append(True)
            raise RuntimeError("killed")
        return real(*args, **named)

    monkeypatch.setattr(owner, name, once)
    key = await town.sari.sends_voice(raw, SLOW)
    assert killed_once
    assert [(row.state, row.attempts) for row in town.rows(Work)] == [("done", 2)]
    assert [(row.state, row.kind) for row in town.rows(Attachment)] == [("clean", "voice")]
    assert town.program.files.get(key) == clean_file(raw).data
    assert town.channel.fetches == (2 if place in ("put", "fetched") else 1)


@ON_PHONES
async def test_a_process_that_ends_in_a_slow_download_leaves_it_to_the_next(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LANDING", 0.01)
    begun, never = asyncio.Event(), asyncio.Event()

    async def fetch(_: str) -> bytes:
        begun.set()
        await never.wait()
        return b""

    monkeypatch.setattr(town.phones, "fetch", fetch)
    message = {"phone": "sari", "id": "0" * 31 + "2", "text": SLOW, "remote": [_remote(town)]}
    await town.program.receive(town.phones.parse("citizen", message))
    await asyncio.wait_for(begun.wait(), 10)
    await town.program.workshop.stop()
    (row,) = town.rows(Work)
    assert (row.state, row.lease_until) == ("waiting", None)
    monkeypatch.undo()
    town.program.workshop._stopping = False
    await town.idle()
    assert [row.state for row in town.rows(Attachment)] == ["clean"]


@ON_PHONES
async def test_work_of_a_channel_that_this_process_lacks_waits_for_one_that_has_it(town: Town) -> None:
    workshop = town.program.workshop
    channels, kinds = workshop._channels, workshop._kinds
    workshop._channels, workshop._kinds = {}, []
    await town.program.receive(
        town.phones.parse("citizen", {"phone": "sari", "id": "0" * 31 + "1", "text": SLOW, "remote": [_remote(town)]})
    )
    await town.program.delivery.until_idle()
    assert await workshop.do_waiting() == 0
    assert [row.attempts for row in town.rows(Work)] == [0]
    workshop._channels, workshop._kinds = channels, kinds
    await town.idle()
    assert [row.state for row in town.rows(Attachment)] == ["clean"]


async def test_work_that_nobody_can_do_any_more_is_ended_after_a_day(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = town.program.workshop
    workshop._channels, workshop._kinds = {}, []
    monkeypatch.setattr(work, "ABANDONED", timedelta(seconds=-5))
    await town.sari.sends_voice(a_voice(), SLOW)
    assert [row.state for row in town.rows(Attachment)] == ["refused"]
    assert "citizen/file_refused" in town.sari.page_names


def _remote(town: Town) -> Any:

    town.phones.remote["one"] = photo()
    return Remote("photo", "one")


async def test_a_draft_that_is_thrown_away_takes_the_platforms_name_along(town: Town) -> None:
    await town.sari.sends_remote("photo", photo(), SLOW, LATER)
    await town.sari.types("/batal")
    await town.sari.chooses("discard")
    (row,) = town.rows(Attachment)
    assert (row.state, row.ref_sealed) == ("discarded", None)
    await town.work_time_passes()
    assert [row.state for row in town.rows(Work)] == ["done"]
    assert town.channel.fetches == 1


# --- what pages say


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_voice_alone_is_kept_and_some_written_words_are_asked_for(town: Town) -> None:
    await town.sari.sends_voice(a_voice())
    assert town.sari.page_name == "citizen/photo_kept"
    assert town.sari.find("suaranya") or town.sari.find("voice message")
    await town.sari.types(SLOW)
    assert town.sari.find("Suara: 1") or town.sari.find("Voice messages: 1")
    await town.sari.chooses("send")
    assert names(town.budi) == ["suara-1.ogg"]


@ON_PHONES
async def test_a_document_counts_as_what_it_says_it_is_until_it_was_looked_at(town: Town) -> None:
    mimes = ("audio/ogg", "video/mp4", "application/pdf", "")
    remote = [Remote("document", str(n), mime) for n, mime in enumerate(mimes)]
    await town.sari.does(text=SLOW, remote=remote)
    assert town.sari.find("Foto: 2, suara: 1, video: 1") or town.sari.find("Photos: 2, voice messages: 1, videos: 1")
    assert {row.mime for row in town.rows(Attachment)} == {""}


async def test_files_of_all_kinds_are_one_draft_and_counted_by_kind(town: Town) -> None:
    await town.sari.sends_remote_photo(photo())
    await town.sari.sends_voice(a_voice())
    await town.sari.sends_remote("document", photo("blue"))
    await town.sari.sends_video(video("Recorder"), SLOW)
    assert town.sari.find("Foto: 2, suara: 1, video: 1") or town.sari.find("Photos: 2, voice messages: 1, videos: 1")
    await town.sari.chooses("send")
    assert sorted(names(town.budi)) == ["foto-1.jpg", "foto-2.jpg", "suara-1.ogg", "video-1.mp4"]
    assert {file.mime for file in town.budi.shown[-1].files} == {"image/jpeg", "audio/ogg", "video/mp4"}
    assert town.budi.find("Foto: 2, suara: 1, video: 1") or town.budi.find("Photos: 2, voice messages: 1, videos: 1")


async def test_what_is_sent_as_a_video_and_holds_only_sound_is_a_voice(town: Town) -> None:
    await town.sari.sends_video(video("x", pictures=()), SLOW)
    await _appears(town, "confidential")
    await town.sari.chooses("send")
    assert town.budi.shown[-1].files == ()
    town.budi.sees(WITHHELD[town.language])


# --- who hears a voice


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("story", [SLOW, PUNGLI, RUDE])
async def test_a_voice_goes_only_where_the_citizen_is_open_or_the_inspectorate_reads(
    town: Town, story: str, identity: str
) -> None:
    raw = a_voice(random.randrange(1 << 30))
    heard = clean_file(raw).data
    await town.sari.sends_voice(raw, story)
    await _appears(town, identity)
    told = HEARD_THERE[town.language] in town.sari.shown[-1].text
    assert told is (identity != "open" and story == PUNGLI)
    await town.sari.chooses("send")
    reader = town.officer(READER[story])
    may_hear = identity == "open" or story == PUNGLI
    assert [file.data for file in reader.shown[-1].files] == ([heard] if may_hear else [])
    assert bool(reader.find(WITHHELD[town.language])) is not may_hear
    if not may_hear:
        for pages in town.channel.seen("staff").values():
            assert not any(file.data == heard for page in pages for file in page.files)
    if story != SLOW:
        town.budi.saw_nothing()


async def test_a_video_of_somebody_who_is_not_named_loses_its_sound(town: Town) -> None:
    await town.sari.sends_video(video("x"), SLOW)
    await _appears(town, "confidential")
    await town.sari.chooses("send")
    (file,) = town.budi.shown[-1].files
    assert b"".join(PICTURES) in file.data
    assert not any(sample in file.data for sample in VOICE)
    assert town.budi.find("Suara dalam video") or town.budi.find("sound of the videos")


async def test_a_case_that_was_open_is_asked_again_when_its_card_is_shown_again(town: Town) -> None:
    await town.sari.sends_voice(a_voice(), SLOW)
    await town.sari.chooses("send")
    assert names(town.budi) == ["suara-1.ogg"]
    town_ticket = town.ticket()
    await town.program.errand(lambda session: _hide(session, town_ticket.id))
    await town.budi.types(f"/tiket {town_ticket.number}")
    assert names(town.budi) == []
    town.budi.sees(WITHHELD[town.language])


def _hide(session: Any, key: int) -> None:

    session.plan.locked(Ticket, key).identity = "confidential"


async def test_a_voice_added_later_is_withheld_too_and_the_citizen_still_has_it(town: Town) -> None:
    await town.sari.types(SLOW)
    await _appears(town, "confidential")
    await town.sari.chooses("send")
    ticket = town.ticket()
    await town.sari.does(
        text="",
        remote=[],
        reply_to=town.sari.sees(ticket.number).message,
        choice=None,
        files=[await town.sari.uploads(a_voice())],
    )
    await town.budi.types(f"/tiket {ticket.number}")
    assert names(town.budi) == []
    town.budi.sees(WITHHELD[town.language])


# --- the other direction


async def test_an_officers_files_go_to_the_citizen_as_clean_bytes_under_new_names(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    card = town.budi.sees(ticket.number)
    await town.budi.chooses("answer", on=card)
    await town.budi.sends_voice(a_voice(3))
    assert town.budi.page_name == "officer/photo_kept"
    await town.budi.sends_video(video("Recorder"))
    await town.budi.sends_remote_photo(photo(), "Sudah kami cek")
    assert town.budi.find("1 foto, 1 pesan suara, 1 video") or town.budi.find("1 photo, 1 voice message, 1 video")
    await town.budi.chooses("send")
    assert town.sari.page_name == "citizen/answer"
    sent = sorted(town.sari.shown[-1].files, key=lambda file: file.name)
    assert [file.name for file in sent] == ["foto-1.jpg", "suara-1.ogg", "video-1.mp4"]
    assert sent[1].data == clean_file(a_voice(3)).data
    assert not any(OWNER.encode() in file.data or b"Recorder" in file.data for file in sent)


async def test_what_a_note_among_staff_brought_stays_among_staff(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.chooses("note", on=town.budi.sees(ticket.number))
    await town.budi.sends_remote_photo(photo(), "Lihat ini")
    await town.budi.types(f"/tiket {ticket.number}")
    assert names(town.budi) == ["foto-1.jpg"]
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    assert town.sari.page_name == "citizen/case"
    assert town.sari.shown[-1].files == ()


@pytest.mark.parametrize(
    ("why", "kind"),
    [
        *(("too_large", kind) for kind in ("document", "voice", "video")),
        *((why, kind) for why in ("unreadable", "not_fetched") for kind in ("photo", "document", "voice", "video")),
    ],
)
async def test_a_file_that_is_not_kept_is_named_and_the_words_typed_stay(town: Town, kind: str, why: str) -> None:
    faults = [NotFetchedError("gone", final=True)] if why == "not_fetched" else []
    size = LARGEST + 1 if why == "too_large" else 9
    await town.sari.sends_remote(kind, b"nothing that is known", SLOW, *faults, size=size)
    if "citizen/odd" in town.sari.page_names:  # a platform that says the size beforehand
        assert why == "too_large"
        town.sari.sees("20 MB")
        await town.sari.types(SLOW)
    else:
        town.sari.sees(words("citizen/file_refused", town.language, why=why, kind=kind).splitlines()[0])
    await town.sari.chooses("send")
    town.budi.sees(SLOW)


@ON_PHONES
@pytest.mark.parametrize("why", ["too_large", "media"])
async def test_a_file_that_the_citizens_messenger_refuses_is_told_to_the_officer_with_its_reason(
    town: Town, why: str
) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.chooses("answer", on=town.budi.sees(ticket.number))
    await town.budi.sends_video(video("Recorder"), "Sudah kami cek")
    town.channel.answers(town.sari.phone, Refused(why))
    await town.budi.chooses("send")
    facts = {"number": ticket.number, "what": "answer", "by_file": True}
    assert words("officer/undelivered", town.language, **facts) in town.budi.pages
    assert words("officer/undelivered", town.language, **{**facts, "by_file": False}) not in town.budi.pages
