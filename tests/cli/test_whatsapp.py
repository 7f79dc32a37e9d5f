"""`tanggap whatsapp templates`, and what `doctor` says of WhatsApp: against the stand-in of Meta's Graph API."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from bot.cli import main
from bot.doctor.bots import skew_findings
from bot.doctor.finding import Level
from bot.doctor.whatsapp import app_findings, number_findings
from bot.graphapi import VERSION
from bot.message_template_files import PREFIX
from storage.encryption import new_key
from tests.cli.conftest import Run, Town
from tests.whatsapp.standin import Account, Graph

ANSWER = f"{PREFIX}citizen_answer"
#: Every template in both languages.
ALL = 2 * len(list((Path(__file__).parents[2] / "templates" / "whatsapp").glob("[!w]*.yaml")))
ROWS = "SELECT name, language, status, category, reason FROM message_templates WHERE channel = 'whatsapp'"


class Office(NamedTuple):
    """A town whose WhatsApp is on, and the test's side of its account at Meta."""

    account: Account
    town: Town
    run: Run

    def push(self) -> list[str]:
        """The lines of a push that went well."""
        ran = self.run("whatsapp", "templates", "push")
        assert (ran.code, ran.err) == (0, "")
        return ran.out.splitlines()

    def status(self, code: int = 0) -> dict[str, str]:
        """The lines of a look, by template."""
        ran = self.run("whatsapp", "templates", "status")
        assert ran.code == code, ran.err
        assert bool(ran.err) is bool(code)
        return {line.partition(")")[0] + ")": line for line in ran.out.splitlines()}

    def kept(self) -> dict[tuple[Any, Any], tuple[Any, ...]]:
        return {(row[0], row[1]): row[2:] for row in self.town.ask(ROWS)}

    def doctor(self, about: str) -> list[tuple[str, str]]:
        told = json.loads(self.run("doctor", "--json").out)["findings"]
        return [(one["level"], one["says"]) for one in told if one["about"] == about]

    def calls(self, name: str) -> int:
        return int(self.account.counters["calls"].get(name, 0))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town's folder with an empty database, and its key beside it."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANGGAP_ENCRYPTION_KEYS", key := new_key())
        patch.setenv("TANGGAP_DATABASE_URL", f"sqlite:///{folder}/data/tanggap.db")
        patch.setenv("TANGGAP_DATA_DIR", str(folder / "data"))
        assert main(["migrate"]) == 0
    (folder / "key").write_text(key)
    return folder


@pytest.fixture
def office(run: Run, migrated: Path, folder: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Office:
    shutil.copytree(migrated / "data", folder / "data")
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS", (migrated / "key").read_text())
    account = graph.account()
    account.set(approves=True)
    settings = {
        "API_URL": account.api,
        "APP_SECRET": account.secret,
        "BUSINESS_ID": account.id,
        "PHONE_ID": account.number,
        "STAFF_PHONE_ID": account.staff_number,
        "TOKEN": account.token,
        "VERIFY_TOKEN": account.verify_token,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"TANGGAP_WHATSAPP_{name}", value)
    monkeypatch.setenv("TANGGAP_PUBLIC_URL", "https://lapor.example.go.id")
    return Office(account, Town(folder / "data" / "tanggap.db"), run)


# --- push


def test_everything_is_submitted_once_taken_by_meta_and_known_to_delivery(office: Office) -> None:
    first = office.push()
    assert len(first) == ALL
    assert all(line.endswith(": submitted, APPROVED") for line in first)
    assert set(office.kept().values()) == {("APPROVED", "UTILITY", None)}
    assert len(office.kept()) == len(first)
    created = office.calls("templates")
    assert all(line.endswith(": as it is here, APPROVED") for line in office.push())
    assert (office.calls("templates"), office.calls("template"), office.calls("templates_delete")) == (created, 0, 0)
    assert all("push" not in line for line in office.status().values())


def test_words_that_differ_are_changed_and_what_others_made_is_left_alone(office: Office) -> None:
    office.account.has_template(ANSWER, "Ada jawaban.", language="id", buttons=["Lihat"])
    office.account.has_template("promo_ramadan", "Selamat berpuasa.")
    office.account.has_template(f"{PREFIX}citizen_old", "Kabar lama untuk Anda.")
    assert "its words are not those of this release" in office.status(1)[f"{ANSWER} (id)"]
    assert f"{ANSWER} (id): changed, Meta looks at it again" in office.push()
    found = office.status()
    assert found[f"{ANSWER} (id)"].split() == [ANSWER, "(id)", "APPROVED", "UTILITY"]
    assert found[f"{PREFIX}citizen_old (id)"].endswith("not used any more")
    assert not any("promo" in line for line in found.values())


def test_what_meta_still_looks_at_is_not_changed_meanwhile(office: Office) -> None:
    office.account.has_template(ANSWER, "Ada jawaban.", language="id", status="PENDING")
    ran = office.run("whatsapp", "templates", "push")
    assert (ran.code, ran.line) == (
        1,
        f"{ANSWER} (id): Meta is still looking at other words of it: push again when it has answered",
    )
    assert len(ran.out.splitlines()) == ALL - 1


def test_one_that_meta_refuses_does_not_hold_up_the_others(office: Office) -> None:
    office.account.fails("templates", status=400, code=100, message="Invalid parameter", details="too short")
    ran = office.run("whatsapp", "templates", "push")
    assert ran.code == 1
    assert "Meta did not take it: 100 Invalid parameter" in ran.line
    assert len(ran.out.splitlines()) == ALL - 1
    assert [key for key, row in office.kept().items() if row[0] == "MISSING"] == [(ANSWER, "id")]


# --- status


def test_before_a_push_everything_is_missing_and_that_is_a_fault(office: Office) -> None:
    found = office.status(1)
    assert all("MISSING" in line and line.endswith("`tanggap whatsapp templates push`") for line in found.values())
    assert {row[0] for row in office.kept().values()} == {"MISSING"}


JUDGED = (
    ("PAUSED", "", "Meta paused it", 1),
    ("REJECTED", "INVALID_FORMAT", "Meta refused it (INVALID_FORMAT)", 1),
    ("DISABLED", "", "turned it off for good", 1),
    ("LOCKED", "", "Meta says LOCKED", 1),
    ("PENDING", "", "PENDING", 0),
    ("FLAGGED", "", "APPROVED", 0),
    ("REINSTATED", "", "APPROVED", 0),
)


def test_what_became_of_a_template_is_said_and_kept(office: Office) -> None:
    office.push()
    for status, reason, says, code in JUDGED:
        office.account.judges(ANSWER, status, reason=reason)
        assert says in office.status(code)[f"{ANSWER} (id)"]
        kept = {"FLAGGED": "APPROVED", "REINSTATED": "APPROVED"}.get(status, status)
        assert office.kept()[ANSWER, "id"] == (kept, "UTILITY", reason or None)
        assert office.kept()[ANSWER, "en"][0] == "APPROVED"


def test_another_category_is_said_and_kept_for_the_price(office: Office) -> None:
    office.account.has_template(ANSWER, "Ada jawaban.", language="id", category="MARKETING")
    office.push()
    assert "Meta made it MARKETING, we asked for UTILITY" in office.status()[f"{ANSWER} (id)"]
    assert office.kept()[ANSWER, "id"][1] == "MARKETING"


def test_a_template_that_no_release_uses_is_forgotten(office: Office) -> None:
    office.push()
    office.town.change(f"UPDATE message_templates SET name = 'tanggap_old' WHERE name = '{ANSWER}'")
    office.status()
    assert not any(name == "tanggap_old" for name, _ in office.kept())


# --- what goes wrong with Meta

Way = Callable[[Office, pytest.MonkeyPatch], None]


def _token(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_WHATSAPP_TOKEN", "gantungan-kunci-lama")


def _network(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_WHATSAPP_API_URL", "http://127.0.0.1:9")


def _business(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_WHATSAPP_BUSINESS_ID", "12345")


def _rights(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.account.fails(status=403, code=200, message="Permissions error", times=99)


def _often(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.account.fails(status=400, code=80008, message="Too many calls", times=99)


def _no_json(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.account.fails(status=502, raw="<html>Bad gateway</html>", times=99)


WRONG: dict[str, tuple[Way, str, str]] = {
    "the token": (_token, "check TANGGAP_WHATSAPP_TOKEN", "its token is not valid any more"),
    "the network": (_network, "check the network", "check the network"),
    "the business id": (_business, "check TANGGAP_WHATSAPP_BUSINESS_ID", "check the ids in the settings"),
    "a right": (_rights, "check TANGGAP_WHATSAPP_TOKEN", "the system user needs whatsapp_business_management"),
    "too many calls": (_often, "Meta asks to be left alone", "Meta asks to be left alone"),
    "what answers": (_no_json, "Meta did not do it", "Meta did not answer as it should"),
}


@pytest.mark.parametrize(("way", "command", "doctor"), WRONG.values(), ids=WRONG.keys())
def test_each_ill_is_one_line_that_says_what_to_do_and_no_secret(
    office: Office, monkeypatch: pytest.MonkeyPatch, way: Way, command: str, doctor: str
) -> None:
    way(office, monkeypatch)
    ran = office.run("whatsapp", "templates", "push")
    assert ran.code == 1
    assert command in ran.line
    assert office.account.token not in ran.line
    assert "gantungan" not in ran.line
    said = [says for level, says in office.doctor("WhatsApp") if level != Level.OK]
    assert any(doctor in says for says in said), said
    assert "gantungan" not in str(said)


@pytest.mark.parametrize("name", ["TOKEN", "BUSINESS_ID"])
def test_without_its_settings_the_command_names_the_one_that_lacks(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for unset in ("TOKEN", "APP_SECRET") if name == "TOKEN" else (name,):
        monkeypatch.delenv(f"TANGGAP_WHATSAPP_{unset}")
    ran = office.run("whatsapp", "templates", "status")
    assert (ran.code, ran.line) == (
        1,
        f"TANGGAP_WHATSAPP_{name} is not set: docs/whatsapp.md says where Meta shows it.",
    )


# --- doctor


def test_a_town_that_is_well_hears_so(office: Office) -> None:
    office.push()
    bearer = {"Authorization": f"Bearer {office.account.token}"}
    httpx.post(f"{office.account.api}/{VERSION}/{office.account.id}/subscribed_apps", headers=bearer)
    for account in ("citizen", "staff"):
        ((level, says),) = office.doctor(f"{account} number")
        assert level == Level.OK
        assert "(Tanggap) answers" in says
    assert office.doctor("templates") == [("ok", f"{ALL} message templates are approved, with our words")]
    assert [level for level, _ in office.doctor("WhatsApp")] == ["ok"]
    (finding,) = skew_findings([timedelta(minutes=9)], "Meta")
    assert finding.says.startswith("this machine's clock is 9 minutes ahead of Meta's")


def test_missing_paused_waiting_and_recategorised_templates_are_told_apart(office: Office) -> None:
    ((level, says), *_) = office.doctor("templates")
    assert level == Level.FAULT
    assert f"and {ALL - 3} more cannot be sent" in says
    office.push()
    office.account.judges(ANSWER, "PAUSED")
    office.account.judges(ANSWER, "PENDING", language="en")
    found = office.doctor("templates")
    assert found[0] == (
        "fault",
        f"{ANSWER} (id) cannot be sent: `tanggap whatsapp templates status` says what to do",
    )
    assert found[1] == ("warning", f"{ANSWER} (en) wait for Meta, which takes minutes to a day")
    assert "stand otherwise in our database than at Meta" in found[2][1]
    office.status(1)
    assert len(office.doctor("templates")) == 2


def test_a_number_that_is_none_of_ours_is_named_by_its_setting(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_WHATSAPP_STAFF_PHONE_ID", "628110001")
    ((level, says),) = office.doctor("staff number")
    assert level == Level.FAULT
    assert "check TANGGAP_WHATSAPP_STAFF_PHONE_ID" in says
    assert office.doctor("citizen number")[0][0] == Level.OK


def test_without_a_token_whatsapp_is_off_and_nothing_is_wrong(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "APP_SECRET"):
        monkeypatch.delenv(f"TANGGAP_WHATSAPP_{name}")
    ((level, says),) = office.doctor("WhatsApp")
    assert level == Level.OK
    assert "it is off" in says


PUBLIC = "https://lapor.example.go.id"
HOOK = f"{PUBLIC}/hooks/whatsapp"
WELL = {"display_phone_number": "+62 811", "verified_name": "Tanggap", "status": "CONNECTED", "quality_rating": "GREEN"}


@pytest.mark.parametrize(
    ("told", "level", "says"),
    [
        ({"status": "FLAGGED"}, Level.FAULT, "+62 811 is FLAGGED: nothing goes out"),
        ({"quality_rating": "RED"}, Level.FAULT, "its quality is RED"),
        ({"quality_rating": "YELLOW"}, Level.WARNING, "its quality is YELLOW"),
        ({"webhook_configuration": {"application": HOOK}}, Level.OK, "its webhook is ours"),
        ({"webhook_configuration": {"application": "https://x.example"}}, Level.FAULT, f"set {HOOK} and TANGGAP_WHATS"),
        ({"webhook_configuration": {"application": HOOK, "phone_number": "https://x.example"}}, Level.FAULT, "set"),
        ({"webhook_configuration": {}}, Level.FAULT, "its webhook is not set"),
        ({"whatsapp_business_manager_messaging_limit": "TIER_2K"}, Level.OK, ", 2K people a day by template"),
    ],
)
def test_what_meta_says_of_a_number(told: dict[str, Any], level: Level, says: str) -> None:
    found = list(number_findings("citizen", {**WELL, **told}, PUBLIC))
    assert any(finding.level is level and says in finding.says for finding in found), found


def test_without_a_public_address_nothing_can_come_in() -> None:
    assert [finding.level for finding in number_findings("citizen", WELL, "")] == [Level.OK, Level.FAULT]


def test_an_account_that_nobody_listens_to_is_a_fault() -> None:
    (finding,) = app_findings([])
    assert finding.level is Level.FAULT
    (finding,) = app_findings([{"whatsapp_business_api_data": {"name": "Tanggap", "id": "7"}}])
    assert finding.says == "what people write is brought to: Tanggap"
