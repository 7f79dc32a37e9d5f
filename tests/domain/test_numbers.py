"""Ticket numbers as the contract writes them and as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.numbers import BODIES, PINS, SYMBOLS, check_symbol, parse_number, pin, ticket_number


def test_the_contracts_example_has_its_check_symbol() -> None:
    assert check_symbol("7K3QD") == "8"


@pytest.mark.parametrize("typed", ["TGP-26-7K3QD8", "tgp 26 7k3qd8", "26-7K3QD8", "tgp267k3qd8", " TGP-26-7K3QD8 "])
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_number(typed) == "TGP-26-7K3QD8"


@pytest.mark.parametrize("typed", ["TGP-26-7K3QD9", "TGP-26-7K3Q8", "", "123456", "TGP-26-7K3QU8", "halo"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert parse_number(typed) is None


@given(st.integers(0, BODIES - 1), st.integers(2024, 2099))
def test_every_number_reads_back_also_with_letters_for_lookalike_digits(drawn: int, year: int) -> None:
    number = ticket_number(year, drawn)
    assert parse_number(number) == number
    body = number[7:]
    assert parse_number(number[:7] + body.replace("0", "O").replace("1", "l")) == number


@given(st.integers(0, BODIES - 1), st.integers(0, 5), st.sampled_from(SYMBOLS))
def test_one_wrong_symbol_never_reads_as_another_number(drawn: int, place: int, symbol: str) -> None:
    number = ticket_number(2026, drawn)
    body = number[7:]
    wrong = body[:place] + symbol + body[place + 1 :]
    assert wrong == body or parse_number(number[:7] + wrong) is None


def test_a_pin_has_six_digits() -> None:
    assert pin(7) == "000007"
    assert len(pin(PINS - 1)) == 6
