"""What is known of message templates: the last word counts, and only about what it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from storage import message_templates
from storage.engine import make_engine
from storage.message_templates import Known, note_status

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
WHATSAPP, NAME = "whatsapp", "tanggap_citizen_answer"


@pytest.fixture
def connection(migrated_url: str) -> Iterator[Connection]:
    engine = make_engine(migrated_url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def of(connection: Connection, language: str = "id") -> Known:
    found = message_templates.of(connection, WHATSAPP, NAME, language)
    assert found is not None
    return found


def test_of_what_nobody_has_told_nothing_is_known(connection: Connection) -> None:
    assert message_templates.of(connection, WHATSAPP, NAME, "id") is None
    assert message_templates.known(connection, WHATSAPP) == ()


def test_the_last_word_counts_and_what_it_does_not_speak_of_stays(connection: Connection) -> None:
    note_status(connection, WHATSAPP, NAME, "id", NOW, status="APPROVED", category="utility")
    assert of(connection) == Known(NAME, "id", "APPROVED", "UTILITY", None, NOW)
    assert of(connection).usable
    later = NOW + timedelta(hours=1)
    note_status(connection, WHATSAPP, NAME, "id", later, status="PAUSED", reason="people complained")
    assert of(connection) == Known(NAME, "id", "PAUSED", "UTILITY", "people complained", later)
    note_status(connection, WHATSAPP, NAME, "id", later, category="MARKETING")
    assert (of(connection).status, of(connection).category) == ("PAUSED", "MARKETING")
    assert of(connection).reason == "people complained"
    assert not of(connection).usable
    note_status(connection, WHATSAPP, NAME, "id", later, status="APPROVED", reason="NONE")
    assert of(connection) == Known(NAME, "id", "APPROVED", "MARKETING", None, later)


@pytest.mark.parametrize(
    ("told", "usable"),
    [("REINSTATED", True), ("flagged", True), ("UNPAUSED", True), ("PENDING", False), ("DELETED", False), ("X", False)],
)
def test_metas_words_for_the_same_are_one_word_here(connection: Connection, told: str, usable: bool) -> None:
    note_status(connection, WHATSAPP, NAME, "id", NOW, status=told)
    assert of(connection).usable is usable
    assert (of(connection).status == "APPROVED") is usable


def test_a_category_alone_makes_nothing_usable(connection: Connection) -> None:
    note_status(connection, WHATSAPP, NAME, "id", NOW, category="UTILITY")
    assert (of(connection).status, of(connection).usable) == ("UNKNOWN", False)


def test_languages_and_channels_are_apart_and_can_be_forgotten(connection: Connection) -> None:
    for channel, language in ((WHATSAPP, "id"), (WHATSAPP, "en"), ("other", "id")):
        note_status(connection, channel, NAME, language, NOW, status="APPROVED")
    note_status(connection, WHATSAPP, NAME, "en", NOW, status="PAUSED")
    assert [row.language for row in message_templates.known(connection, WHATSAPP)] == ["en", "id"]
    assert of(connection).usable
    message_templates.forget(connection, WHATSAPP, [(NAME, "id")])
    assert [row.language for row in message_templates.known(connection, WHATSAPP)] == ["en"]
    assert len(message_templates.known(connection, "other")) == 1
