"""`tanggap backup` while the town goes on, and `tanggap restore` into an empty place, on both databases and across."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, select

from bot.cli import main
from bot.serving import serving
from storage.archive import ArchiveReader, ArchiveWriter
from storage.encryption import new_key
from storage.engine import make_engine
from storage.plan import table_of
from storage.tables import Attachment, Erasure, Lease, Message, Ticket
from tests.journeys.stories import PUNGLI, SLOW
from tests.journeys.test_photos import photo
from tests.kit.carriers import ON_PHONES
from tests.kit.databases import KEYS, Databases, Prepare
from tests.kit.town import Town, open_town

pytestmark = [pytest.mark.anyio, ON_PHONES]

Set = Callable[[str, Path], None]


@pytest.fixture
def placed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Set:
    """Let the commands work on a database and a folder."""

    def place(url: str, folder: Path) -> None:
        monkeypatch.setenv("TANGGAP_DATABASE_URL", url)
        monkeypatch.setenv("TANGGAP_DATA_DIR", str(folder))
        monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS", ",".join(base64.urlsafe_b64encode(k).decode() for k in KEYS))
        monkeypatch.setenv("TANGGAP_ALLOW_TIME_TRAVEL", "1")
        monkeypatch.setattr(logging.getLogger(), "handlers", logging.getLogger().handlers[:])

    return place


async def tanggap(*arguments: str | Path) -> int:
    """A command, beside the town that runs in this process."""
    return await asyncio.to_thread(main, [str(argument) for argument in arguments])


async def lives(town: Town) -> Any:
    """Some cases: one answered, one accusing, one with a photo; returns the last."""
    await town.sari.complains(SLOW)
    await town.budi.replies_to("KTP saya", "Silakan datang besok.")
    await town.budi.chooses("send")
    await town.citizen("togar").complains(PUNGLI)
    await town.citizen("melati").sends_photo(photo(), SLOW)
    await town.citizen("melati").chooses("send")
    while await town.program.beats.seal_audit():
        pass
    return town.tickets()[-1]


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of what matters, in order."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            tables = [table_of(model) for model in (Ticket, Message, Attachment)]
            return {table.name: [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]
                    for table in tables}  # fmt: skip
    finally:
        engine.dispose()


async def test_a_town_comes_back_whole(
    town: Town,
    town_url: str,
    tmp_path: Path,
    placed: Set,
    new_database: Callable[[Prepare | None], str],
    language: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ticket = await lives(town)
    pin = town.citizen("melati").pin
    placed(town_url, tmp_path)
    assert await tanggap("backup", tmp_path / "town.tar") == 0
    assert "tickets: 3 rows" in capsys.readouterr().err
    url, folder = new_database(None), tmp_path / "elsewhere"
    placed(url, folder)
    assert await tanggap("restore", tmp_path / "town.tar") == 0
    assert contents(url) == contents(town_url)
    assert await tanggap("audit", "verify") == 0
    async with open_town(url, folder, language=language) as again:
        await again.citizen("warnet").types(f"/status {ticket.number} {pin}")
        assert SLOW in again.citizen("warnet").page
        await again.budi.types(f"/tiket {ticket.number}")
        (file,) = again.rows(Attachment)
        assert [shown.data for shown in again.budi.shown[-1].files] == [again.program.files.get(file.id)]
        await again.sari.types("/status")
        assert town.tickets()[0].number in again.sari.page


async def test_a_backup_goes_from_one_kind_of_database_into_the_other(
    town: Town, town_url: str, tmp_path: Path, placed: Set, databases: Databases
) -> None:
    await lives(town)
    placed(town_url, tmp_path)
    assert await tanggap("backup", tmp_path / "town.tar") == 0
    other = "postgres" if town_url.startswith("sqlite") else "sqlite"
    url = databases.fresh(other, tmp_path)
    placed(url, tmp_path / "elsewhere")
    assert await tanggap("restore", tmp_path / "town.tar") == 0
    assert contents(url) == contents(town_url)
    assert await tanggap("audit", "verify") == 0


async def test_messages_keep_arriving_while_it_is_backed_up(
    town: Town, town_url: str, tmp_path: Path, placed: Set, new_database: Callable[[Prepare | None], str]
) -> None:
    await lives(town)
    placed(town_url, tmp_path)
    backing = asyncio.create_task(tanggap("backup", tmp_path / "town.tar"))
    written = 0
    while not backing.done():
        await town.citizen(f"warga-{written}").complains(SLOW)
        written += 1
    assert await backing == 0
    url = new_database(None)
    placed(url, tmp_path / "elsewhere")
    assert await tanggap("restore", tmp_path / "town.tar") == 0
    kept, all_of_it = contents(url), contents(town_url)
    assert 3 <= len(kept["tickets"]) <= len(all_of_it["tickets"]) == 3 + written
    with_story = {row[1] for row in kept["messages"]}
    assert {row[0] for row in kept["tickets"]} == with_story, "a case without its story: not one moment"


async def test_an_erasure_after_the_backup_is_done_again(
    town: Town, town_url: str, tmp_path: Path, placed: Set, new_database: Callable[[Prepare | None], str], language: str
) -> None:
    await lives(town)
    placed(town_url, tmp_path)
    assert await tanggap("backup", tmp_path / "town.tar") == 0
    await town.sari.types("/hapus")
    await town.sari.chooses("erase_data")
    await town.program.beats.erase()
    (entry,) = town.rows(Erasure)
    folder, url = tmp_path / "elsewhere", new_database(None)
    folder.mkdir()
    shutil.copy(tmp_path / "erasures.log", folder)
    placed(url, folder)
    assert await tanggap("restore", tmp_path / "town.tar") == 0
    assert [row[0] for row in contents(url)["tickets"]] == [row[0] for row in contents(town_url)["tickets"]]
    assert await tanggap("audit", "verify") == 0
    async with open_town(url, folder, language=language) as again:
        first = again.tickets()[0]
        assert (first.reporter_id, first.address_id) == (None, None)
        with pytest.raises(AssertionError, match="does not know"):
            again.address_id(again.sari)
        assert [row.id for row in again.rows(Erasure)] == [entry.id]
        assert all(row.reporter_id for row in again.tickets()[1:])
    assert len((folder / "erasures.log").read_text().splitlines()) == 1


async def test_an_erasure_before_the_backup_is_not_done_to_who_came_back(
    town: Town, town_url: str, tmp_path: Path, placed: Set, new_database: Callable[[Prepare | None], str]
) -> None:
    await town.sari.complains(SLOW)
    await town.sari.types("/hapus")
    await town.sari.chooses("erase_data")
    await town.program.beats.erase()
    new = await town.sari.complains(SLOW)
    placed(town_url, tmp_path)
    assert await tanggap("backup", tmp_path / "town.tar") == 0
    url = new_database(None)
    placed(url, tmp_path / "elsewhere")
    assert await tanggap("restore", tmp_path / "town.tar") == 0
    kept = {row[0]: row for row in contents(url)["tickets"]}
    assert kept[new.id] == tuple(new)


# --- refused


@pytest.fixture
async def kept(town: Town, town_url: str, tmp_path: Path, placed: Set) -> Path:
    """A backup of a small town."""
    await town.sari.complains(SLOW)
    placed(town_url, tmp_path)
    assert await tanggap("backup", tmp_path / "town.tar") == 0
    return tmp_path / "town.tar"


@pytest.fixture
def elsewhere(
    kept: Path, tmp_path: Path, placed: Set, new_database: Callable[[Prepare | None], str]
) -> tuple[str, Path]:
    """An empty place, set for the commands."""
    url, folder = new_database(None), tmp_path / "elsewhere"
    placed(url, folder)
    return url, folder


def line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.splitlines()[-1]


def tables_in(url: str) -> list[str]:
    engine: Engine = make_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def whole(file: Path) -> bytes:
    return file.read_bytes()


def cut_short(file: Path, share: float) -> None:
    file.write_bytes(whole(file)[: int(len(whole(file)) * share)])


def alter(file: Path, old: bytes, new: bytes) -> None:
    """Change some bytes of a file, and nothing else of it."""
    assert old in whole(file)
    file.write_bytes(whole(file).replace(old, new))


async def test_a_backup_never_overwrites_and_leaves_nothing_half_done(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = whole(kept)
    assert await tanggap("backup", kept) == 1
    assert "never overwrites" in line(capsys)
    assert whole(kept) == before
    assert not kept.with_name("town.tar.part").exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
async def test_a_backup_that_was_cut_short_is_refused(
    kept: Path, elsewhere: tuple[str, Path], capsys: pytest.CaptureFixture[str], share: float
) -> None:
    cut_short(kept, share)
    assert await tanggap("restore", kept) == 1
    assert "no backup of Tanggap, or it was cut short" in line(capsys)
    assert tables_in(elsewhere[0]) == []


async def test_a_backup_that_was_altered_is_refused(
    kept: Path, elsewhere: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    alter(kept, b'"routed"', b'"closed"')
    assert await tanggap("restore", kept) == 1
    assert "tables/tickets.jsonl is not what was written" in line(capsys)
    assert tables_in(elsewhere[0]) == []


async def test_a_manifest_that_somebody_else_wrote_is_refused(
    kept: Path, elsewhere: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    alter(kept, b'"dialect"', b'"dialekt"')
    assert await tanggap("restore", kept) == 1
    assert "its manifest is not the one that was written" in line(capsys)
    assert tables_in(elsewhere[0]) == []


async def test_other_keys_do_not_open_a_backup(
    kept: Path,
    elsewhere: tuple[str, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS", new_key())
    assert await tanggap("restore", kept) == 1
    assert line(capsys).startswith("The encryption keys do not open")
    assert tables_in(elsewhere[0]) == []


async def test_a_town_is_replaced_only_by_force_and_kept_beside(
    kept: Path, town: Town, town_url: str, placed: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    placed(town_url, kept.parent)
    await town.sari.complains(SLOW)
    assert await tanggap("restore", kept) == 1
    assert "--force" in line(capsys)
    async with serving(town.program):
        assert await tanggap("restore", kept, "--force") == 1
        assert "`tanggap serve` runs" in line(capsys)


async def test_by_force_the_earlier_town_is_kept_beside(
    kept: Path, town: Town, town_url: str, placed: Set, new_database: Callable[[Prepare | None], str]
) -> None:
    """A second town, restored twice into one place."""
    url, folder = new_database(None), kept.parent / "elsewhere"
    placed(url, folder)
    assert await tanggap("restore", kept) == 0
    assert await tanggap("restore", kept) == 1
    assert await tanggap("restore", kept, "--force") == 0
    assert contents(url) == contents(town_url)
    if url.startswith("sqlite"):
        beside = list(Path(url.removeprefix("sqlite:///")).parent.glob("test*.db.before-*"))
        assert [contents(f"sqlite:///{path}") for path in beside] == [contents(url)]
    else:
        assert len(_schemas(url)) == 1


def _schemas(url: str) -> list[str]:
    engine = make_engine(url)
    try:
        return [name for name in inspect(engine).get_schema_names() if name.startswith("before_")]
    finally:
        engine.dispose()


async def test_a_process_that_serves_says_so_until_it_ends(town: Town) -> None:
    async with serving(town.program):
        assert [name for name in _leases(town) if name.startswith("serving:")]
    assert not [name for name in _leases(town) if name.startswith("serving:")]


def _leases(town: Town) -> list[str]:
    return [row.name for row in town.rows(Lease)]


# --- what is in it


async def test_nothing_personal_stands_in_it_in_the_clear_and_no_key(kept: Path, town: Town) -> None:
    data = whole(kept)
    for word in (SLOW, "belum jadi", base64.urlsafe_b64encode(KEYS[0]).decode()):
        assert word.encode() not in data
    with tarfile.open(kept) as archive:
        member = archive.extractfile("manifest.json")
        assert member is not None
        manifest = json.load(member)
    assert manifest["rows"]["tickets"] == 1
    assert manifest["instance"] == town.program.instance
    assert "tables/leases.jsonl" not in manifest["members"]


async def test_an_older_schema_is_brought_up_while_it_is_restored(
    kept: Path, elsewhere: tuple[str, Path], town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of the first release: its manifest says so, and its rows lack what came later."""
    older = kept.with_name("older.tar")
    _as_of_first_schema(kept, older, town)
    assert await tanggap("restore", older) == 0
    kept_rows = [row._mapping for row in town.tickets()]
    expected = [tuple(None if name in PROMISED else value for name, value in row.items()) for row in kept_rows]
    assert contents(elsewhere[0])["tickets"] == expected


#: What the dates of a case were counted from; the first release did not keep it.
PROMISED = ("reopened_at", "desk_since", "calendar", "terms")


def _as_of_first_schema(kept: Path, older: Path, town: Town) -> None:
    """Write the backup again without the columns and tables that later migrations added."""

    gone = {"ratings", "leaves", "digests", "bot_accounts", "groups", "message_sources"}
    gone |= {"join_codes", "message_templates", "message_counts", "pauses", "breaches", "milestones"}
    new = {
        "tickets": {
            "outcome",
            "waiting_since",
            "days_paused",
            "postponed_until",
            "handbacks",
            "refusals",
            "recorded_by",
            "unreached",
            *PROMISED,
        },
        "deadlines": {"counted_from", "post_code", "acknowledged_at", "acknowledged_by"},
        "outbox": {"parent_id", "step_id", "arrival", "arrival_code", "template"},
        "messages": {"reach", "reached_at"},
        "addresses": {"heard_at", "phone_sealed", "consented_at"},
        "attachments": {"ref_sealed"},
    }
    with ArchiveReader(kept) as source, ArchiveWriter(older) as target:
        for name in source.names("tables"):
            table = name.removeprefix("tables/").removesuffix(".jsonl")
            if table in gone:
                continue
            lines = [json.loads(line) for line in source.lines(name)]
            places = [n for n, column in enumerate(lines[0]) if column not in new.get(table, ())]
            kept_lines = ("[" + ",".join(json.dumps(line[n]) for n in places) + "]\n" for line in lines)
            target.add_stream(name, (line.encode() for line in kept_lines))
        target.add("erasures.log", b"")
        manifest = {key: value for key, value in source.manifest.items() if key not in ("members", "format")}
        target.finish({**manifest, "schema": "0001"}, town.vault)


async def test_a_backup_of_a_newer_release_is_refused(
    kept: Path, elsewhere: tuple[str, Path], town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = kept.with_name("newer.tar")
    with ArchiveWriter(newer) as archive:
        archive.finish({"schema": "9999", "version": "9.9", "made_at": "2030-01-01"}, town.vault)
    assert await tanggap("restore", newer) == 1
    assert "newer Tanggap (9.9)" in line(capsys)
