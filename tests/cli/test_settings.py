"""Settings: where they are read from, what is refused, and what the operator's example file says of them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings, SettingsError, demo_settings, load_settings
from storage.encryption import new_key, parse_keys

EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(folder: Path) -> None: ...


@pytest.fixture
def key_file(folder: Path) -> Path:
    path = folder / "secret.key"
    path.write_text(f"{new_key()}\n")
    return path


def test_a_setting_may_stand_in_a_file_of_its_own(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS_FILE", str(key_file))
    assert load_settings().keys() == parse_keys(key_file.read_text())


def test_so_it_may_in_the_env_file(key_file: Path, folder: Path) -> None:
    (folder / ".env").write_text(f"TANGGAP_ENCRYPTION_KEYS_FILE={key_file}\nTANGGAP_UNDO_SECONDS=7\n")
    settings = load_settings()
    assert settings.keys() == parse_keys(key_file.read_text())
    assert settings.undo_seconds == 7


def test_the_environment_wins_over_the_env_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("TANGGAP_UNDO_SECONDS=7\nTANGGAP_SENDS_IN_FLIGHT=2\n")
    monkeypatch.setenv("TANGGAP_UNDO_SECONDS", "9")
    settings = load_settings()
    assert (settings.undo_seconds, settings.sends_in_flight) == (9, 2)


def test_what_is_empty_is_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("TANGGAP_UNDO_SECONDS=\nTANGGAP_ENCRYPTION_KEYS_FILE=\n")
    monkeypatch.setenv("TANGGAP_DATABASE_URL_FILE", "")
    assert load_settings() == Settings()


def test_a_setting_and_its_file_are_not_given_together(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS_FILE", str(key_file))
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS", new_key())
    with pytest.raises(SettingsError, match=r"^TANGGAP_ENCRYPTION_KEYS and \w+_FILE are both set: unset one\.$"):
        load_settings()


@pytest.mark.parametrize(
    ("path", "says"),
    [("nowhere.key", "No such file"), (".", "Is a directory"), ("picture.key", "which is not text")],
)
def test_a_file_that_is_no_value_is_a_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch, path: str, says: str
) -> None:
    (folder / "picture.key").write_bytes(bytes(range(128, 256)))
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS_FILE", path)
    with pytest.raises(SettingsError, match=says):
        load_settings()


@pytest.mark.parametrize(
    ("token", "secret"),
    [
        ("CITIZEN_TELEGRAM_TOKEN", "CITIZEN_TELEGRAM_SECRET"),
        ("STAFF_TELEGRAM_TOKEN", "STAFF_TELEGRAM_SECRET"),
        ("WHATSAPP_TOKEN", "WHATSAPP_APP_SECRET"),
    ],
)
def test_a_channel_is_off_whole_or_refused(monkeypatch: pytest.MonkeyPatch, token: str, secret: str) -> None:
    monkeypatch.setenv(f"TANGGAP_{token}", "123:abc")
    with pytest.raises(SettingsError, match=f"TANGGAP_{token} is set without TANGGAP_{secret}"):
        load_settings()
    monkeypatch.setenv(f"TANGGAP_{secret}", "hidden")
    if token.startswith("WHATSAPP"):
        for name in ("WHATSAPP_VERIFY_TOKEN", "WHATSAPP_PHONE_ID"):
            with pytest.raises(SettingsError, match=f"TANGGAP_{token} is set without TANGGAP_{name}"):
                load_settings()
            monkeypatch.setenv(f"TANGGAP_{name}", "1234")
    assert "hidden" not in repr(load_settings())
    monkeypatch.setenv("TANGGAP_ALLOW_TIME_TRAVEL", "1")
    with pytest.raises(SettingsError, match="TANGGAP_ALLOW_TIME_TRAVEL must not stand beside"):
        load_settings()


def test_addresses_lose_their_last_slash_and_names_their_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_PUBLIC_URL", "https://lapor.example.go.id/")
    monkeypatch.setenv("TANGGAP_TELEGRAM_API_URL", "http://botapi:8081/")
    monkeypatch.setenv("TANGGAP_STAFF_TELEGRAM_USERNAME", "@petugas_bot")
    settings = load_settings()
    assert settings.public_url == "https://lapor.example.go.id"
    assert settings.telegram_api_url == "http://botapi:8081"
    assert settings.staff_telegram_username == "petugas_bot"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"])
def test_on_this_machine_itself_an_address_needs_no_certificate(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("TANGGAP_PUBLIC_URL", f"http://{host}:8000")
    assert load_settings().public_url == f"http://{host}:8000"


@pytest.mark.parametrize("host", ["127.0.0.1.example", "localhost.example", "10.0.0.1"])
def test_what_only_looks_like_this_machine_needs_one(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("TANGGAP_PUBLIC_URL", f"http://{host}:8000")
    with pytest.raises(SettingsError, match="must begin with https://"):
        load_settings()


def test_a_clock_may_travel_beside_a_telegram_that_is_pretended_here(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"CITIZEN_TELEGRAM_TOKEN": "1:x", "CITIZEN_TELEGRAM_SECRET": "y", "ALLOW_TIME_TRAVEL": "1"}
    for name, value in {**given, "TELEGRAM_API_URL": "http://127.0.0.1:8081"}.items():
        monkeypatch.setenv(f"TANGGAP_{name}", value)
    assert load_settings().allow_time_travel
    monkeypatch.setenv("TANGGAP_TELEGRAM_API_URL", "http://botapi:8081")
    with pytest.raises(SettingsError, match="TANGGAP_ALLOW_TIME_TRAVEL must not stand beside"):
        load_settings()


def test_a_number_of_the_staff_is_another_one_and_given_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"TOKEN": "EAAB", "APP_SECRET": "x", "VERIFY_TOKEN": "y", "PHONE_ID": "1234", "STAFF_PHONE_ID": "1234"}
    for name, value in given.items():
        monkeypatch.setenv(f"TANGGAP_WHATSAPP_{name}", value)
    with pytest.raises(SettingsError, match="leave it empty where one number serves both"):
        load_settings()
    monkeypatch.setenv("TANGGAP_WHATSAPP_STAFF_PHONE_ID", "+62812")
    with pytest.raises(SettingsError, match="TANGGAP_WHATSAPP_STAFF_PHONE_ID: is Meta's id of a number"):
        load_settings()


def test_each_fault_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGGAP_LOG_FORMAT", "pretty")
    monkeypatch.setenv("TANGGAP_UNDO_SECONDS", "soon")
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert [line.partition(":")[0] for line in str(raised.value).splitlines()] == [
        "TANGGAP_LOG_FORMAT",
        "TANGGAP_UNDO_SECONDS",
    ]


@pytest.mark.parametrize("url", ["postgresql://tanggap:rahasia@db:port/x", "mysql://root:rahasia@db/tanggap"])
def test_a_fault_of_the_database_repeats_no_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TANGGAP_DATABASE_URL", url)
    with pytest.raises(SettingsError, match=r"^TANGGAP_DATABASE_URL: ") as raised:
        load_settings()
    assert "rahasia" not in str(raised.value)


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "sqlite:///x.db?mode=ro", "postgresql://db"])
def test_a_database_has_a_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TANGGAP_DATABASE_URL", url)
    with pytest.raises(SettingsError, match="must name a file"):
        load_settings()


def test_the_demo_listens_to_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("TANGGAP_REGION_DIR=regions/atlantis\nTANGGAP_CITIZEN_TELEGRAM_TOKEN=1:x\n")
    monkeypatch.setenv("TANGGAP_DATABASE_URL", "postgresql://db/tanggap")
    settings = demo_settings(folder / "demo")
    assert settings.database_url == f"sqlite:///{folder / 'demo' / 'tanggap.db'}"
    assert settings.region_dir == Path("regions/pematangsiantar")
    assert settings.citizen_telegram_token is None


def test_the_demo_keeps_its_key_for_itself(folder: Path) -> None:
    first, again = demo_settings(folder / "demo"), demo_settings(folder / "demo")
    assert first.keys() == again.keys()
    assert (folder / "demo" / "encryption.key").stat().st_mode & 0o777 == 0o600


# --- .env.example

EXAMPLE_LINES = EXAMPLE.read_text(encoding="utf-8").splitlines()
GIVEN = dict(line.split("=", 1) for line in EXAMPLE_LINES if "=" in line and not line.startswith("#"))


def test_the_example_has_every_setting_in_order() -> None:
    assert list(GIVEN) == sorted(f"TANGGAP_{name.upper()}" for name in Settings.model_fields)


def test_the_example_explains_each_in_one_to_three_lines() -> None:
    """A blank line, the comment, the setting: nothing else stands below the head of the file."""
    blocks = [list(block) for blank, block in itertools.groupby(EXAMPLE_LINES, lambda line: not line) if not blank]
    settings = [block for block in blocks if not block[-1].startswith("#")]
    assert len(settings) == len(GIVEN)
    for *comment, setting in settings:
        assert 1 <= len(comment) <= 3, setting
        assert all(line.startswith("# ") for line in comment), setting


def test_the_example_says_of_files_what_holds(key_file: Path, folder: Path) -> None:
    head = EXAMPLE.read_text(encoding="utf-8").partition("\n\n")[0]
    assert "_FILE" in head


def test_a_copy_of_the_example_sets_the_defaults(folder: Path) -> None:
    (folder / ".env").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_settings() == Settings.model_construct()


def test_the_example_holds_no_secret() -> None:
    secrets = [name for name, field in Settings.model_fields.items() if field.annotation == SecretStr | None]
    assert len(secrets) >= 9
    assert {GIVEN[f"TANGGAP_{name.upper()}"] for name in secrets} == {""}
