"""What is personal is kept as ciphertext (to use) and as a keyed hash (to look up); only this file makes either.

A sealed value is: version (1 byte), key id (4), nonce (12), AES-256-GCM ciphertext with its 16-byte tag. The tag also
covers the place of the value, "table.column:row id", so a ciphertext that is moved to another row does not open. The
plaintext is a 4-byte length, the value and zeros up to a multiple of 64 bytes, so that a size says little about a text.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.jsontext import Encoder

KEY_BYTES = 32
HASH_BYTES = 16

_VERSION = 1
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = 1 + _KEY_ID_BYTES + _NONCE_BYTES
_LENGTH_BYTES = 4
_BLOCK_BYTES = 64
#: Where the wrapped lookup key "stands", for the tag: there is one in a database.
_LOOKUP_COLUMN, _LOOKUP_ROW = "vault.lookup_key", 0

_JSON = Encoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Unreadable(ValueError):  # noqa: N818 - it says what the value is
    """A sealed value was altered, cut short, or belongs to another row or column."""


class WrongKey(Unreadable):
    """No encryption key in hand opens this; the sentence tells the operator which key to give back."""


def new_key() -> str:
    """Return a fresh encryption key as the operator writes it: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def parse_keys(text: str) -> tuple[bytes, ...]:
    """Read comma separated encryption keys, the one that seals first, older ones that still open after it.

    Raises ValueError with one sentence that names the position of a bad key and never the key.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise ValueError("No encryption key is set; one key is 32 random bytes in URL-safe base64.")
    keys = tuple(_parse_key(part, number) for number, part in enumerate(parts, start=1))
    for number, key in enumerate(keys, start=1):
        if key in keys[: number - 1]:
            raise ValueError(f"Encryption key number {number} is the same as an earlier one; list each key once.")
    return keys


def _parse_key(part: str, number: int) -> bytes:
    bare = part.rstrip("=").replace("-", "+").replace("_", "/")  # plain base64 is taken too: openssl writes it
    try:
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        # "from None" and no repr: the bad text may be a good key with one letter missing.
        raise ValueError(f"Encryption key number {number} is not 32 random bytes in URL-safe base64.") from None
    return key


class Vault:
    """Seals and opens personal values and hashes what must be found again. One per process; safe to share by threads.

    Nonces come from the system and nowhere else: a nonce that a caller may choose is a nonce that a replay repeats.
    """

    def __init__(self, keys: tuple[bytes, ...], lookup_key: bytes) -> None:
        """Take the encryption keys (the first one seals, all open) and the unwrapped 32-byte lookup key."""
        if len(lookup_key) != KEY_BYTES:
            raise ValueError("The lookup key is not 32 bytes long.")
        self._ciphers = _ciphers(keys)
        self._current = _key_id(keys[0])
        self._cipher = self._ciphers[self._current]
        self._header = bytes([_VERSION]) + self._current
        self._lookup_key = lookup_key

    @staticmethod
    def wrap(keys: tuple[bytes, ...], lookup_key: bytes) -> bytes:
        """Return the lookup key sealed under the first encryption key, as the database keeps it."""
        return Vault(keys, lookup_key).seal(_LOOKUP_COLUMN, _LOOKUP_ROW, lookup_key)

    @staticmethod
    def unwrap(keys: tuple[bytes, ...], wrapped: bytes) -> Vault:
        """Build the vault of a database from the operator's keys and the database's wrapped lookup key.

        Raises WrongKey with a sentence for the operator when these are not the keys of this database.
        """
        try:
            lookup_key = Vault(keys, bytes(KEY_BYTES)).open(_LOOKUP_COLUMN, _LOOKUP_ROW, wrapped)
        except Unreadable:
            raise WrongKey(
                "The encryption keys do not open this database: restore the key that it was made with"
                " (it may stand behind a newer one, separated by a comma) and start again."
            ) from None
        return Vault(keys, lookup_key)

    def seal(self, column: str, row: int, value: bytes | str) -> bytes:
        """Encrypt a value for one place, `column` as "table.column"; the same value never looks the same twice."""
        data = value.encode() if isinstance(value, str) else value
        nonce = os.urandom(_NONCE_BYTES)
        return self._header + nonce + self._cipher.encrypt(nonce, _pad(data), _place(column, row))

    def open(self, column: str, row: int, sealed: bytes) -> bytes:
        """Decrypt what `seal` made for the same place; raises Unreadable, or WrongKey when its key is not in hand."""
        key_id, nonce = _parse_header(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise WrongKey(
                f"{column} of row {row} is sealed under an encryption key that is no longer listed;"
                " add that key again behind the current one."
            )
        try:
            padded = cipher.decrypt(nonce, sealed[_HEADER_BYTES:], _place(column, row))
        except InvalidTag:
            raise Unreadable(f"{column} of row {row} was altered or belongs to another row.") from None
        return _unpad(padded)

    def open_text(self, column: str, row: int, sealed: bytes) -> str:
        """Decrypt a value that was sealed as text."""
        return self.open(column, row, sealed).decode()

    def seal_json(self, column: str, row: int, value: Any) -> bytes:
        """Encrypt anything JSON can say; the order of keys is kept. Raises TypeError or ValueError for the rest."""
        return self.seal(column, row, _JSON.encode(value))

    def open_json(self, column: str, row: int, sealed: bytes) -> Any:
        """Decrypt a value that was sealed as JSON."""
        return json.loads(self.open(column, row, sealed))

    def hash(self, purpose: str, channel: str, account: str, value: str) -> bytes:
        """Return the 16 bytes by which a personal value is found again; one purpose for each column.

        It depends on the lookup key alone, so it outlives every change of encryption key.
        """
        parts = (part.encode() for part in (purpose, channel, account, value))
        # Each part is led by its length: ("ab", "c") and ("a", "bc") must not meet.
        message = b"".join(len(part).to_bytes(_LENGTH_BYTES, "big") + part for part in parts)
        return hmac.digest(self._lookup_key, message, "sha256")[:HASH_BYTES]

    def needs_rotation(self, sealed: bytes) -> bool:
        """Tell whether a value is sealed under an older key than the first one (by its header, nothing is opened)."""
        return _parse_header(sealed)[0] != self._current

    def reseal(self, column: str, row: int, sealed: bytes) -> bytes:
        """Seal a value again under the first key; one that already is comes back as it was."""
        if not self.needs_rotation(sealed):
            return sealed
        return self.seal(column, row, self.open(column, row, sealed))

    def rewrap(self) -> bytes:
        """Return this vault's lookup key sealed under the first encryption key, for a change of key."""
        return self.seal(_LOOKUP_COLUMN, _LOOKUP_ROW, self._lookup_key)


def _ciphers(keys: tuple[bytes, ...]) -> dict[bytes, AESGCM]:
    if not keys:
        raise ValueError("A vault needs at least one encryption key.")
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError("An encryption key is not 32 bytes long.")
    ciphers = {_key_id(key): AESGCM(key) for key in keys}
    if len(ciphers) != len(keys):
        raise ValueError("Two encryption keys have the same id; list each key once.")
    return ciphers


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_KEY_ID_BYTES]


def _place(column: str, row: int) -> bytes:
    return f"{column}:{row}".encode()


def _parse_header(sealed: bytes) -> tuple[bytes, bytes]:
    """Return key id and nonce."""
    if len(sealed) < _HEADER_BYTES + _BLOCK_BYTES + _TAG_BYTES or sealed[0] != _VERSION:
        raise Unreadable("This is not a sealed value, or one of a newer release.")
    return sealed[1 : 1 + _KEY_ID_BYTES], sealed[1 + _KEY_ID_BYTES : _HEADER_BYTES]


def _pad(data: bytes) -> bytes:
    framed = len(data).to_bytes(_LENGTH_BYTES, "big") + data
    return framed + bytes(-len(framed) % _BLOCK_BYTES)


def _unpad(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]
