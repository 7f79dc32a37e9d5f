"""As whom somebody writes to the one number of citizens and staff: a table of what they send and where they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.messages import CITIZEN, STAFF, Inbound
from handlers.staff_mode import QUIET, Side, account_of

NOW = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
NOBODY: dict[str, Side] = {}


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def stands(
    staff: str, at: float, *, citizen_at: float = 600, offered: float = 600, shown: float = 600
) -> dict[str, Side]:
    """Somebody who did something as staff `at` minutes ago; both sides saw a page with choices so long ago."""
    return {
        STAFF: Side(1, staff, ago(at), 11, ago(offered)),
        CITIZEN: Side(2, "idle", ago(citizen_at), 12, ago(shown)),
    }


ANSWERING = stands("answering", 5)


@pytest.mark.parametrize(
    ("text", "sides", "account"),
    [
        ("/kotak", NOBODY, STAFF),
        ("/tiket TGP-26-7K3QD8", NOBODY, STAFF),
        ("/cari KTP", NOBODY, STAFF),
        ("/unit disdukcapil", NOBODY, STAFF),
        ("/catat", NOBODY, STAFF),
        ("/cuti", NOBODY, STAFF),
        ("/rekap", NOBODY, STAFF),
        ("/KOTAK", NOBODY, STAFF),
        ("/start 7K3QD8ZM2A", NOBODY, STAFF),
        ("/start 7k3qd-8zm2a", NOBODY, STAFF),
        ("/start c-3F3832VDJ2VY", NOBODY, STAFF),
        ("/start", NOBODY, CITIZEN),
        ("/start u-DISDUKCAPIL", NOBODY, CITIZEN),
        ("/start TGP-26-7K3QD8", NOBODY, CITIZEN),
        ("/lapor", ANSWERING, CITIZEN),
        ("/menu", ANSWERING, CITIZEN),
        ("/status", ANSWERING, CITIZEN),
        ("/start", ANSWERING, CITIZEN),
        ("/gabung", ANSWERING, CITIZEN),
        ("/batal", NOBODY, CITIZEN),
        ("/batal", ANSWERING, STAFF),
        ("/bahasa", ANSWERING, STAFF),
        ("/tidakada", ANSWERING, CITIZEN),
        ("Sudah kami cetak.", ANSWERING, STAFF),
        ("Lampu jalan mati", NOBODY, CITIZEN),
        ("Lampu jalan mati", stands("idle", 1), CITIZEN),
        ("Lampu jalan mati", stands("answering", 30), CITIZEN),
        ("Sudah kami cetak.", stands("answering", 29.9), STAFF),
        ("Lampu jalan mati", stands("answering", 5, citizen_at=4), CITIZEN),
        ("Lampu jalan mati", stands("answering", 5, citizen_at=5), CITIZEN),
    ],
)
def test_words(text: str, sides: dict[str, Side], account: str) -> None:
    assert account_of(_said(text), sides, NOW) == account


@pytest.mark.parametrize("sides", [NOBODY, ANSWERING, stands("idle", 1)], ids=["stranger", "answering", "idle"])
@pytest.mark.parametrize("meant", [STAFF, CITIZEN])
def test_what_is_pressed_or_quoted_says_it_whatever_else_goes_on(meant: str, sides: dict[str, Side]) -> None:
    assert account_of(_said("", choice="3F3832VDJ2VY.1"), sides, NOW, meant=meant) == meant
    assert account_of(_said("Sudah", reply_to="wamid.1"), sides, NOW, meant=meant) == meant


def test_a_press_on_what_nobody_knows_is_a_citizens_and_a_quote_of_it_goes_by_what_is_under_way() -> None:
    assert account_of(_said("", choice="3F3832VDJ2VY.1"), ANSWERING, NOW) == CITIZEN
    assert account_of(_said("Sudah", reply_to="wamid.1"), ANSWERING, NOW) == STAFF
    assert account_of(_said("Sudah", reply_to="wamid.1"), NOBODY, NOW) == CITIZEN


def test_a_typed_choice_is_of_the_page_that_was_seen_last() -> None:
    card_last = stands("idle", 600, offered=1, shown=2)
    confirmation_last = stands("idle", 600, offered=2, shown=1)
    assert account_of(_said("1"), card_last, NOW, chooses=True) == STAFF
    assert account_of(_said("1"), confirmation_last, NOW, chooses=True) == CITIZEN
    assert account_of(_said("jalan rusak"), card_last, NOW, chooses=False) == CITIZEN
    assert account_of(_said("1"), NOBODY, NOW, chooses=True) == CITIZEN


def test_half_an_hour() -> None:
    assert timedelta(minutes=30) == QUIET


def _said(text: str, *, choice: str | None = None, reply_to: str | None = None) -> Inbound:
    return Inbound("event", "whatsapp", CITIZEN, "somebody", text=text, choice=choice, reply_to=reply_to)
