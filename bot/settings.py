"""What the operator sets: environment or `.env`; any X may be given as X_FILE (a file that holds the value)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from storage.encryption import new_key, parse_keys

PREFIX = "TANGGAP_"
_FILE = "_file"
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_LONGEST_LINE = 160
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class SettingsError(RuntimeError):
    """A setting is wrong; the message is one sentence that says which and what to do."""


class Settings(BaseSettings):
    """Every setting, with its default. `.env.example` explains them to the operator in the same order."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore")

    allow_time_travel: bool = False
    citizen_telegram_secret: SecretStr | None = None
    citizen_telegram_token: SecretStr | None = None
    citizen_telegram_username: str = ""
    data_dir: Path = Path("data")
    database_url: str = "sqlite:///data/tanggap.db"
    digests: bool = True
    encryption_keys: SecretStr | None = None
    log_format: Literal["console", "json"] = "console"
    metrics_token: SecretStr | None = None
    privacy_contact: str = ""
    privacy_place: str = ""
    public_url: str = ""
    region_dir: Path = Path("regions/pematangsiantar")
    sends_in_flight: int = 8
    staff_telegram_secret: SecretStr | None = None
    staff_telegram_token: SecretStr | None = None
    staff_telegram_username: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    undo_seconds: int = 60
    whatsapp_api_url: str = "https://graph.facebook.com"
    whatsapp_app_secret: SecretStr | None = None
    whatsapp_business_id: str = ""
    whatsapp_monthly_budget: int | None = None
    whatsapp_number: str = ""
    whatsapp_phone_id: str = ""
    whatsapp_staff_phone_id: str = ""
    whatsapp_token: SecretStr | None = None
    whatsapp_verify_token: SecretStr | None = None

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):  # not `from`: its text repeats the URL, which may hold a password
            raise ValueError("is not the URL of a database, such as sqlite:///data/tanggap.db") from None
        backend = url.get_backend_name()
        named = url.database not in (None, "", ":memory:") and not (backend == "sqlite" and url.query)
        if backend not in ("sqlite", "postgres", "postgresql") or not named:
            raise ValueError("must name a file (sqlite:///data/tanggap.db) or a database (postgresql://host/name)")
        return value

    @field_validator("public_url", "telegram_api_url", "whatsapp_api_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        url = urlsplit(value)
        if value and (url.scheme not in ("https", "http") or not url.hostname or url.query or url.fragment):
            raise ValueError("is not an address such as https://lapor.example.go.id")
        return value.rstrip("/")

    @field_validator("privacy_contact", "privacy_place")
    @classmethod
    def _is_a_line(cls, value: str) -> str:
        line = " ".join(value.split())
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"is one line for citizens, of at most {_LONGEST_LINE} characters")
        return line

    @field_validator("public_url")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        if value.startswith("http:") and not is_loopback(value):
            raise ValueError("must begin with https:// (only this machine itself may be reached without)")
        return value

    @field_validator("citizen_telegram_token", "staff_telegram_token")
    @classmethod
    def _is_a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is not a token as BotFather shows it: a number, a colon, letters and digits")
        return value

    @field_validator("citizen_telegram_secret", "staff_telegram_secret")
    @classmethod
    def _is_a_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("must be 1 to 256 letters, digits, _ or - (a rule of Telegram's)")
        return value

    @field_validator("citizen_telegram_username", "staff_telegram_username")
    @classmethod
    def _without_at(cls, value: str) -> str:
        return value.removeprefix("@")

    @field_validator("whatsapp_phone_id", "whatsapp_staff_phone_id")
    @classmethod
    def _is_an_id_of_metas(cls, value: str) -> str:
        if value and not (value.isascii() and value.isdigit()):
            raise ValueError("is Meta's id of a number, digits only, and not the telephone number itself")
        return value

    @field_validator("sends_in_flight", "undo_seconds", "whatsapp_monthly_budget")
    @classmethod
    def _not_negative(cls, value: int | None) -> int | None:
        if value is not None and value < 0:
            raise ValueError("must not be negative")
        return value

    @model_validator(mode="after")
    def _channels_are_whole(self) -> Settings:
        pairs = (
            ("citizen_telegram_token", "citizen_telegram_secret"),
            ("staff_telegram_token", "staff_telegram_secret"),
            ("whatsapp_token", "whatsapp_app_secret"),
        )
        for token, secret in pairs:
            if getattr(self, token) and not getattr(self, secret):
                raise ValueError(f"{_name(token)} is set without {_name(secret)}: set both, or neither")
        if self.allow_time_travel and any(getattr(self, token) for token, _ in pairs) and not self._pretends():
            raise ValueError("TANGGAP_ALLOW_TIME_TRAVEL must not stand beside a real platform's token: unset one")
        return self

    @model_validator(mode="after")
    def _bots_are_whole(self) -> Settings:
        tokens = [token.get_secret_value() for token in self._telegram_tokens()]
        if len(tokens) != len(set(tokens)):
            raise ValueError(
                "TANGGAP_CITIZEN_TELEGRAM_TOKEN and TANGGAP_STAFF_TELEGRAM_TOKEN are one bot:"
                " citizens and staff need one each"
            )
        if tokens and self.telegram_mode == "webhook" and not self.public_url:
            raise ValueError(
                "TANGGAP_TELEGRAM_MODE is webhook, but TANGGAP_PUBLIC_URL does not say where Telegram finds us:"
                " set it, or use polling"
            )
        return self

    @model_validator(mode="after")
    def _numbers_are_whole(self) -> Settings:
        if not self.whatsapp_token:
            return self
        for field in ("whatsapp_verify_token", "whatsapp_phone_id"):
            if not getattr(self, field):
                raise ValueError(f"{_name('whatsapp_token')} is set without {_name(field)}: set both, or neither")
        if self.whatsapp_staff_phone_id == self.whatsapp_phone_id:
            raise ValueError(
                "TANGGAP_WHATSAPP_STAFF_PHONE_ID is the citizens' number: leave it empty where one number serves both"
            )
        return self

    def _telegram_tokens(self) -> list[SecretStr]:
        return [token for token in (self.citizen_telegram_token, self.staff_telegram_token) if token]

    def _pretends(self) -> bool:
        """Whether every platform that is on is a stand-in on this machine."""
        telegram = not self._telegram_tokens() or is_loopback(self.telegram_api_url)
        return telegram and (not self.whatsapp_token or is_loopback(self.whatsapp_api_url))

    def secrets(self) -> tuple[str, ...]:
        """What must never stand in a log."""
        found = (getattr(self, field) for field in type(self).model_fields)
        return tuple(value.get_secret_value() for value in found if isinstance(value, SecretStr))

    def staff_whatsapp_number(self) -> str:
        """The digits of the number that staff write to, for links; empty where it is not known, or WhatsApp is off."""
        digits = "".join(letter for letter in self.whatsapp_number if letter.isdigit())
        return digits if self.whatsapp_token and not self.whatsapp_staff_phone_id else ""

    def keys(self) -> tuple[bytes, ...]:
        """The encryption keys. SettingsError with the command that makes one where there is none."""
        if self.encryption_keys is None:
            raise SettingsError(
                "TANGGAP_ENCRYPTION_KEYS is not set. Make a key with `tanggap new-key`, keep a copy of it in a safe"
                " place, and set it in .env: without it nothing that people wrote can be read again."
            )
        try:
            return parse_keys(self.encryption_keys.get_secret_value())
        except ValueError as error:
            raise SettingsError(f"TANGGAP_ENCRYPTION_KEYS: {error}") from None


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own, seen from itself."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _name(field: str) -> str:
    return PREFIX + field.upper()


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; SettingsError with one line per fault."""
    try:
        return Settings(**{**_from_files(), **overrides})
    except ValidationError as error:
        raise SettingsError("\n".join(_fault(item) for item in error.errors())) from None


def _fault(item: Any) -> str:
    where = _name(str(item["loc"][0])) + ": " if item["loc"] else ""
    return where + str(item["msg"]).removeprefix("Value error, ")


def _from_files() -> dict[str, str]:
    """The settings that are given as X_FILE; a file that can't be read is a fault, never an empty value."""
    given = _given()
    found = {}
    for name, path in given.items():
        field = name.removeprefix(PREFIX.lower()).removesuffix(_FILE)
        if name.endswith(_FILE) and field in Settings.model_fields:
            if name.removesuffix(_FILE) in given:
                raise SettingsError(f"{_name(field)} and {name.upper()} are both set: unset one.")
            found[field] = _read(name.upper(), path)
    return found


def _given() -> Mapping[str, str]:
    """What the environment and `.env` set for this program, names in lower case; the environment wins."""
    sources = (DotEnvSettingsSource(Settings), EnvSettingsSource(Settings))
    every = {name: value for source in sources for name, value in source.env_vars.items()}
    return {name: value for name, value in every.items() if name.startswith(PREFIX.lower()) and value}


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name} names {path}, which can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name} names {path}, which is not text.") from None


def region_folder() -> Path:
    """The region's folder as it is set, for a look at its files while another setting is at fault."""
    return Path(_given().get(f"{PREFIX.lower()}region_dir") or Settings.model_fields["region_dir"].default)


def misspelt() -> list[str]:
    """Names that begin like ours and are no setting, so that their value does nothing."""
    known = {f"{PREFIX.lower()}{field}{end}" for field in Settings.model_fields for end in ("", _FILE)}
    return sorted(name.upper() for name in set(_given()) - known)


def demo_settings(folder: Path, region: Path | None = None) -> Settings:
    """The demo ignores `.env` and the environment: its own folder, its own key, kept between runs."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "encryption.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(new_key(), encoding="utf-8")
    return Settings.model_construct(
        allow_time_travel=True,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'tanggap.db'}",
        encryption_keys=SecretStr(key.read_text(encoding="utf-8").strip()),
        undo_seconds=5,
        region_dir=region or Settings.model_fields["region_dir"].default,
    )
