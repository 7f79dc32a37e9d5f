"""`tanggap doctor`: each ill is one line that says what to do, and nothing secret is ever on it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from bot.channels import faults
from bot.doctor import house
from bot.doctor.bots import Bot as SetBot
from bot.doctor.bots import identity_findings, skew_findings, webhook_findings
from bot.doctor.finding import Finding, Level, span
from bot.settings import Settings
from handlers.messages import CITIZEN, STAFF
from tests.cli.conftest import Run, Town
from tests.kit.databases import KEYS
from tests.kit.town import settings_for, siantar
from tests.telegram.standin import Bot, StandIn

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OURS = "https://lapor.example.go.id/hooks/telegram/citizen"
SECRETS = {CITIZEN: "rahasia-warga-93751", STAFF: "rahasia-petugas-20846"}


class Seen(NamedTuple):
    """What the doctor said, as JSON gives it."""

    code: int
    findings: list[tuple[str, str, str]]

    def of(self, level: Level, about: str = "") -> list[str]:
        return [says for at, of, says in self.findings if at == level and about in ("", of)]


@pytest.fixture
def see(run: Run) -> Any:
    def look() -> Seen:
        ran = run("doctor", "--json")
        told = json.loads(ran.out)
        found = [(one["level"], one["about"], one["says"]) for one in told["findings"]]
        counted = (told["faults"], told["warnings"])
        assert counted == tuple(sum(level == name for level, _, _ in found) for name in ("fault", "warning"))
        assert ran.code == (1 if told["faults"] else 0)
        return Seen(ran.code, found)

    return look


@pytest.fixture
def empty_town(run: Run, keys: str, folder: Any) -> Town:
    assert run("migrate").code == 0
    return Town(folder / "data" / "tanggap.db")


# --- the house


def test_without_a_key_that_is_the_one_fault(run: Run) -> None:
    ran = run("doctor")
    assert ran.code == 1
    assert ran.out.startswith("fault    settings     TANGGAP_ENCRYPTION_KEYS is not set.")
    assert ran.line == "Faults: 1, warnings: 0. Each line says what to do."


def test_without_a_database_nothing_is_made_and_migrate_is_named(see: Any, keys: str, folder: Any) -> None:
    assert see().of(Level.FAULT) == ["data/tanggap.db is not there: run `tanggap migrate`"]
    assert not (folder / "data").exists()


def test_a_new_town_has_no_fault_and_is_told_that_nothing_runs(run: Run, empty_town: Town, see: Any) -> None:
    ran = run("doctor")
    assert (ran.code, ran.err) == (0, "")
    assert all(line.split()[0] in ("ok", "warning") for line in ran.out.splitlines())
    seen = see()
    assert "no `tanggap serve` runs on this database" in seen.of(Level.WARNING, "serve")[0]
    assert "neither bot has a token" in seen.of(Level.WARNING, "Telegram")[0]
    assert seen.of(Level.OK, "delivery") == ["no page has gone yet"]


def test_a_key_that_opens_nothing_is_a_fault(
    see: Any, run: Run, empty_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS", run("new-key").out.strip())
    assert len(see().of(Level.FAULT, "database")) == 1


def test_an_old_schema_and_a_database_that_is_away_are_faults(
    see: Any, empty_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_town.change("UPDATE alembic_version SET version_num = '0001'")
    assert "run `tanggap migrate`" in see().of(Level.FAULT, "database")[0]
    monkeypatch.setenv("TANGGAP_DATABASE_URL", "postgresql://tanggap:rahasia@127.0.0.1:1/tanggap")
    (said,) = see().of(Level.FAULT, "database")
    assert "check TANGGAP_DATABASE_URL" in said
    assert "rahasia" not in said


def test_settings_that_are_misspelt_and_region_files_that_are_broken_are_named(
    see: Any, empty_town: Town, monkeypatch: pytest.MonkeyPatch, folder: Any
) -> None:
    monkeypatch.setenv("TANGGAP_DATABSE_URL", "x")
    monkeypatch.setenv("TANGGAP_REGION_DIR", str(folder / "nowhere"))
    seen = see()
    assert seen.of(Level.WARNING, "settings") == ["TANGGAP_DATABSE_URL is no setting: what it says does nothing"]
    assert "`tanggap check`" in seen.of(Level.FAULT, "region")[0]


@pytest.mark.parametrize(("mebibytes", "level"), [(5000, Level.OK), (500, Level.WARNING), (50, Level.FAULT)])
def test_room_on_the_disk(
    see: Any, empty_town: Town, monkeypatch: pytest.MonkeyPatch, mebibytes: int, level: Level
) -> None:
    usage = shutil.disk_usage(empty_town.database.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=mebibytes << 20))
    assert len(see().of(level, "folder")) == 1


def _moment(ago: timedelta) -> str:
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%d %H:%M:%S.%f")


def _serves(town: Town, beat: timedelta) -> None:
    """A process serves, and its clock has beaten so long ago."""
    town.change(f"INSERT INTO leases VALUES ('serving:1', '1', '{_moment(-timedelta(seconds=30))}')")
    town.change("DELETE FROM beats")
    town.change(f"INSERT INTO beats (name, last_ok, runs) VALUES ('deadlines', '{_moment(beat)}', 1)")


def test_a_served_town_whose_clock_beats_is_well(see: Any, empty_town: Town) -> None:
    _serves(empty_town, timedelta(seconds=5))
    seen = see()
    assert seen.of(Level.OK, "serve") == ["1 process of `tanggap serve`"]
    assert seen.of(Level.OK, "clock") == ["beats: deadlines"]
    assert seen.of(Level.FAULT) == []


def test_a_served_town_whose_clock_stands_still_is_not(see: Any, empty_town: Town) -> None:
    _serves(empty_town, timedelta(minutes=5))
    assert see().of(Level.FAULT, "clock")[0].startswith("the beat `deadlines` stands still for 5 minutes")
    empty_town.change("DELETE FROM beats")
    assert "since it was started" in see().of(Level.FAULT, "clock")[0]


def test_pages_that_wait_too_long_are_a_fault_once_somebody_should_send_them(see: Any, town: Town) -> None:
    old = _moment(timedelta(minutes=10))
    assert see().of(Level.OK, "delivery")
    stuck = (
        f"UPDATE outbox SET state = 'queued', due_at = NULL, hold_until = NULL, retry_at = NULL, created_at = '{old}'"
    )
    count = town.change(f"{stuck} WHERE id = (SELECT max(id) FROM outbox)")
    assert see().of(Level.OK, "delivery")[0].endswith(f"{count} wait")
    _serves(town, timedelta())
    assert see().of(Level.FAULT, "delivery")[0].startswith(f"{count} pages wait for more than 2 minutes")


def test_what_was_lost_or_put_aside_in_the_last_day_is_counted(see: Any, town: Town) -> None:
    town.change("UPDATE outbox SET state = 'refused', error = 'too many attempts' WHERE state = 'sent'")
    moment = _moment(timedelta(hours=1))
    for n, at in enumerate((moment, moment, _moment(timedelta(days=2)))):
        town.change(
            "INSERT INTO quarantine (id, channel, account, reason, town_at, real_at)"
            f" VALUES ({n}, 'telegram', 'citizen', 'KeyError', '{at}', '{at}')"
        )
    seen = see()
    assert "refused (too many attempts)" in seen.of(Level.WARNING, "pages")[0]
    assert seen.of(Level.WARNING, "quarantine")[0].startswith("2 events of the last day")


def test_every_word_for_a_page_that_did_not_arrive_is_explained() -> None:
    told = (Path(__file__).parents[2] / "docs/telegram.md").read_text(encoding="utf-8")
    words = {
        "nobody_there",
        "address_dead",
        "access",
        "platform",
        "too many attempts",
        "render",
        *faults.CODES.values(),
    }
    assert {word for word in words if f"`{word}`" not in told} == set()


def test_staff_whose_every_chat_is_dead_are_counted(see: Any, town: Town) -> None:
    assert see().of(Level.WARNING, "staff") == []
    (person,) = town.ask("SELECT min(person_id) FROM addresses WHERE account = 'staff'")[0]
    town.change(f"UPDATE addresses SET state = 'dead' WHERE account = 'staff' AND person_id = {person}")
    assert see().of(Level.WARNING, "staff")[0].startswith("1 who hold a post have only dead chats")


def test_either_database_can_be_asked_everything(migrated_url: str, tmp_path: Path) -> None:
    town = house.town(settings_for(migrated_url, tmp_path), KEYS, siantar())
    assert town.serving == 0
    assert {finding.level for finding in town.findings} == {Level.OK, Level.WARNING}
    assert {"database", "serve", "delivery", "staff"} <= {finding.about for finding in town.findings}


# --- Telegram


@pytest.fixture
def bots(standin: StandIn, empty_town: Town, monkeypatch: pytest.MonkeyPatch) -> dict[str, Bot]:
    """A town with two bots that are on, nothing of them set up yet."""
    made = {account: standin.bot() for account in (CITIZEN, STAFF)}
    monkeypatch.setenv("TANGGAP_TELEGRAM_API_URL", standin.url)
    for account, bot in made.items():
        monkeypatch.setenv(f"TANGGAP_{account.upper()}_TELEGRAM_TOKEN", bot.token)
        monkeypatch.setenv(f"TANGGAP_{account.upper()}_TELEGRAM_SECRET", SECRETS[account])
    return made


def test_two_bots_that_answer_are_named_and_nothing_secret_is_said(run: Run, see: Any, bots: dict[str, Bot]) -> None:
    seen = see()
    assert seen.of(Level.FAULT) == []
    for account, bot in bots.items():
        assert f"@{bot.state['user']['username']} answers" in seen.of(Level.OK, f"{account} bot")
        assert "0 updates wait at Telegram" in seen.of(Level.OK, f"{account} bot")
        assert any("commands or descriptions" in says for says in seen.of(Level.WARNING, f"{account} bot"))
    assert seen.of(Level.OK, "time") == ["this machine's clock agrees with Telegram's"]
    ran = run("doctor")
    for secret in (*SECRETS.values(), *(bot.token for bot in bots.values()), *(_tail(bot) for bot in bots.values())):
        assert secret not in ran.out + ran.err + str(seen)


def _tail(bot: Bot) -> str:
    return bot.token.partition(":")[2]


def test_a_token_that_was_revoked_names_its_setting(see: Any, bots: dict[str, Bot]) -> None:
    bots[STAFF].set(revoked=True)
    assert "TANGGAP_STAFF_TELEGRAM_TOKEN" in see().of(Level.FAULT, "staff bot")[0]
    assert see().of(Level.FAULT, "citizen bot") == []


def test_a_name_that_is_another_bots_is_a_fault(
    see: Any, bots: dict[str, Bot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANGGAP_CITIZEN_TELEGRAM_USERNAME", "LaporSiantarBot")
    assert "TANGGAP_CITIZEN_TELEGRAM_USERNAME says LaporSiantarBot" in see().of(Level.FAULT, "citizen bot")[0]


def test_one_bot_for_both_is_a_fault(see: Any, bots: dict[str, Bot], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_STAFF_TELEGRAM_TOKEN", f"{bots[CITIZEN].id}:{'x' * 35}")
    assert "both tokens are of one bot" in see().of(Level.FAULT, "Telegram")[0]
    monkeypatch.setenv("TANGGAP_STAFF_TELEGRAM_TOKEN", bots[CITIZEN].token)
    assert see().of(Level.FAULT, "settings") != []


def test_one_bot_alone_is_a_warning(see: Any, bots: dict[str, Bot], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "SECRET"):
        monkeypatch.delenv(f"TANGGAP_STAFF_TELEGRAM_{name}")
    assert see().of(Level.WARNING, "Telegram") == [
        "the staff bot has no token: a town needs both, docs/telegram.md says how"
    ]


def test_nobody_there_is_a_fault_that_names_the_network(
    see: Any, bots: dict[str, Bot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANGGAP_TELEGRAM_API_URL", "http://127.0.0.1:9")
    assert "check the network, and TANGGAP_TELEGRAM_API_URL" in see().of(Level.FAULT, "citizen bot")[0]


def test_what_is_no_bot_api_is_a_fault_and_a_wish_for_rest_a_warning(see: Any, bots: dict[str, Bot]) -> None:
    bots[CITIZEN].fails("getMe", raw="<html>502</html>")
    bots[STAFF].fails("getMe", status=429, description="Too Many Requests", parameters={"retry_after": 7})
    seen = see()
    assert "did not answer as it should" in seen.of(Level.FAULT, "citizen bot")[0]
    assert seen.of(Level.WARNING, "staff bot") == ["Telegram asks to be left alone for 7 s: try again then"]


CITIZEN_BOT, STAFF_BOT = SetBot(CITIZEN, "1:a", "@Lapor_Bot"), SetBot(STAFF, "2:b", "")


@pytest.mark.parametrize(
    ("bot", "facts", "levels"),
    [
        (CITIZEN_BOT, {"username": "lapor_bot"}, [Level.OK]),
        (CITIZEN_BOT, {"username": "lapor_bot", "can_join_groups": True}, [Level.OK, Level.WARNING]),
        (CITIZEN_BOT, {"username": "other_bot"}, [Level.FAULT]),
        (STAFF_BOT, {"username": "any", "can_join_groups": True}, [Level.OK]),
        (STAFF_BOT, {"username": "any"}, [Level.OK, Level.WARNING]),
        (
            STAFF_BOT,
            {"username": "any", "can_join_groups": True, "can_read_all_group_messages": True},
            [Level.OK, Level.WARNING],
        ),
    ],
)
def test_who_a_bot_is(bot: SetBot, facts: dict[str, Any], levels: list[Level]) -> None:
    assert [finding.level for finding in identity_findings(bot, facts)] == levels


Mode = Literal["polling", "webhook"]


def _settings(mode: Mode) -> Settings:
    return Settings.model_construct(telegram_mode=mode, public_url="https://lapor.example.go.id")


def _webhook(mode: Mode, serving: int | None, **info: Any) -> list[Finding]:
    return list(webhook_findings(CITIZEN_BOT, _settings(mode), info, serving, NOW))


@pytest.mark.parametrize(
    ("mode", "serving", "url", "levels"),
    [
        ("polling", 1, "", [Level.OK]),
        ("polling", 1, "https://other.example/hook/secret-path", [Level.WARNING, Level.OK]),
        ("webhook", 1, OURS, [Level.OK, Level.OK]),
        ("webhook", 1, "https://other.example/hook", [Level.FAULT, Level.OK]),
        ("webhook", 1, "", [Level.FAULT, Level.OK]),
        ("webhook", 0, "", [Level.WARNING, Level.OK]),
        ("webhook", None, "", [Level.WARNING, Level.OK]),
    ],
)
def test_the_road_of_updates(mode: Mode, serving: int | None, url: str, levels: list[Level]) -> None:
    found = _webhook(mode, serving, url=url, pending_update_count=0)
    assert [finding.level for finding in found] == levels
    assert "secret-path" not in str(found)


@pytest.mark.parametrize(("count", "level"), [(100, Level.OK), (101, Level.WARNING), (1001, Level.FAULT)])
def test_updates_that_wait(count: int, level: Level) -> None:
    (found,) = _webhook("polling", 1, url="", pending_update_count=count)
    assert found.level is level


@pytest.mark.parametrize(("ago", "told"), [(timedelta(minutes=5), True), (timedelta(days=3), False)])
def test_an_error_of_the_webhook_is_told_with_its_age_while_it_is_new(ago: timedelta, told: bool) -> None:
    error = {"last_error_message": "Connection refused", "last_error_date": int((NOW - ago).timestamp())}
    found = [finding.says for finding in _webhook("webhook", 1, url=OURS, **error)]
    assert any("5 minutes ago (Connection refused)" in says for says in found) is told


@pytest.mark.parametrize(
    ("seconds", "level", "way"),
    [
        (0, Level.OK, "agrees"),
        (-30, Level.OK, "agrees"),
        (31, Level.WARNING, "31 seconds ahead of"),
        (-240, Level.WARNING, "4 minutes behind"),
        (301, Level.FAULT, "5 minutes ahead of"),
        (-7200, Level.FAULT, "2 hours behind"),
    ],
)
def test_a_clock_that_is_wrong(seconds: int, level: Level, way: str) -> None:
    (found,) = skew_findings([timedelta(seconds=seconds)])
    assert found.level is level
    assert way in found.says


def test_lengths_of_time_are_said_for_eyes() -> None:
    lengths = [0.4, 59, 119, 120, 7199, 7200, 172799, 172800]
    assert [span(timedelta(seconds=length)) for length in lengths] == [
        "0 seconds", "59 seconds", "119 seconds", "2 minutes", "119 minutes", "2 hours", "47 hours", "2 days",
    ]  # fmt: skip
