"""Every row's id is made here: 42 bits of real milliseconds since 2025 and 21 random bits, a positive 64-bit number.

So ids are known before the row is written, sort by age, and say nothing of how many there are. Outside the database
they are Crockford base 32: no I, L, O or U, at most 13 characters, safe in a URL, a button and a file name.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)

_EPOCH_MS = int(EPOCH.timestamp()) * 1000
_TIME_BITS = 42
_RANDOM_BITS = 21
#: Steps inside one millisecond are 1 to 1024: hundreds fit before they run into the next one.
_STEP_BITS = 10
#: Random bits are asked of the system for many ids at a time: the question costs more than all the rest of an id.
_POOL_BITS = 4096
_ID_LIMIT = 1 << (_TIME_BITS + _RANDOM_BITS)
_NANOSECONDS_PER_MS = 1_000_000

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TEXT_LIMIT = 13
#: Spelled out rather than str.upper(), which also turns letters of other scripts into ours.
_VALUES = (
    {symbol: value for value, symbol in enumerate(_ALPHABET)}
    | {symbol.lower(): value for value, symbol in enumerate(_ALPHABET)}
    | dict.fromkeys("Oo", 0)
    | dict.fromkeys("IiLl", 1)
)


class IdFactory:
    """Makes ids that strictly increase within a process, whatever its threads and its clock do."""

    def __init__(
        self, *, clock: Callable[[], int] = time.time_ns, random: Callable[[int], int] = secrets.randbits
    ) -> None:
        """Take the real clock in nanoseconds since 1970 and a source of that many random bits."""
        self._clock = clock
        self._random = random
        self._pool = self._pooled = 0
        self._last = -1
        self._lock = threading.Lock()

    def new(self) -> int:
        """Return the next id; raises ValueError when the machine's clock stands before 2025.

        Within one millisecond, or while the clock runs backwards, it takes a small random step from the last id.
        """
        with self._lock:
            milliseconds = self._milliseconds()
            if milliseconds > self._last >> _RANDOM_BITS:
                self._last = (milliseconds << _RANDOM_BITS) | self._bits(_RANDOM_BITS)
            else:
                self._last += 1 + self._bits(_STEP_BITS)
            return self._last

    def _bits(self, count: int) -> int:
        if self._pooled < count:
            self._pool, self._pooled = self._random(_POOL_BITS), _POOL_BITS
        bits = self._pool & ((1 << count) - 1)
        self._pool >>= count
        self._pooled -= count
        return bits

    def _milliseconds(self) -> int:
        milliseconds = self._clock() // _NANOSECONDS_PER_MS - _EPOCH_MS
        if not 0 <= milliseconds < 1 << _TIME_BITS:
            raise ValueError("This machine's clock is wrong: it stands before 2025 or after 2164.")
        return milliseconds


#: The one function that makes ids in this process.
new_id = IdFactory().new


def made_at(number: int) -> datetime:
    """Return the real moment (UTC, to the millisecond) at which an id was made."""
    return EPOCH + timedelta(milliseconds=_checked(number) >> _RANDOM_BITS)


def first_id(moment: datetime) -> int:
    """Return the lowest id that can have been made at a real moment (by the millisecond)."""
    return _checked(int((moment - EPOCH) / timedelta(milliseconds=1)) << _RANDOM_BITS)


def to_text(number: int) -> str:
    """Return an id as the outside sees it, without leading zeros; raises ValueError for what is no id."""
    rest, symbols = _checked(number), ""
    while rest or not symbols:
        rest, value = divmod(rest, len(_ALPHABET))
        symbols = _ALPHABET[value] + symbols
    return symbols


def from_text(text: str) -> int:
    """Read an id back, in any case and with O, I or L for the digits they resemble; raises ValueError for the rest."""
    if not 0 < len(text) <= _TEXT_LIMIT:
        raise ValueError(f"An id has 1 to {_TEXT_LIMIT} characters.")
    number = 0
    for symbol in text:
        value = _VALUES.get(symbol)
        if value is None:
            raise ValueError("An id has digits and Latin letters without U only.")
        number = number * len(_ALPHABET) + value
    return _checked(number)


def _checked(number: int) -> int:
    if not 0 <= number < _ID_LIMIT:
        raise ValueError("An id is a number from 0 to 2^63 - 1.")
    return number
