"""Ticket numbers (`TGP-26-7K3QD8`) and PINs: made from random bits, read as people type them."""

from __future__ import annotations

import re

#: Crockford's base 32: no I L O U, so that a number read over the telephone is written down right.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BODY = 5
#: How many different bodies there are; draw a number below it.
BODIES = 32**BODY
PINS = 10**6

_TYPED = re.compile(r"^(?:TGP)?[\s-]*([0-9]{2})[\s-]*([0-9A-Z]{5})[\s-]*([0-9A-Z])$")
_LOOKALIKE = str.maketrans("OIL", "011")


def check_symbol(body: str) -> str:
    """Luhn modulo 32 over the body, factor 2 on its rightmost symbol: `7K3QD` -> `8`."""
    total = 0
    for place, symbol in enumerate(reversed(body)):
        value = SYMBOLS.index(symbol) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return SYMBOLS[-total % 32]


def ticket_number(year: int, drawn: int) -> str:
    """The number of a ticket received in the town's `year`; `drawn` is random, from 0 up to BODIES."""
    body = "".join(SYMBOLS[drawn >> 5 * place & 31] for place in reversed(range(BODY)))
    return f"TGP-{year % 100:02d}-{body}{check_symbol(body)}"


def parse_number(typed: str) -> str | None:
    """The number that was typed, or None. Small letters, missing dashes and O for 0, I or L for 1 are forgiven."""
    match = _TYPED.match(typed.strip().upper())
    if match is None:
        return None
    year, body, check = match[1], match[2].translate(_LOOKALIKE), match[3].translate(_LOOKALIKE)
    if "U" in body + check or check_symbol(body) != check:
        return None
    return f"TGP-{year}-{body}{check}"


def pin(drawn: int) -> str:
    """Six digits from a random number below PINS."""
    return f"{drawn:06d}"
