"""Values as JSON text, as the standard library writes them, at half the price.

`json.JSONEncoder.encode` makes its compiled half anew for each value, which costs more than a page's facts do.
"""

from __future__ import annotations

import json
from json import encoder
from typing import Any


class Encoder(json.JSONEncoder):
    """A JSONEncoder whose compiled half is made once. Safe to share by threads: it keeps nothing between two values."""

    def __init__(self, **options: Any) -> None:
        super().__init__(check_circular=False, **options)
        quoted = encoder.encode_basestring_ascii if self.ensure_ascii else encoder.encode_basestring
        self._parts = encoder.c_make_encoder(  # type: ignore[attr-defined]
            None,
            self.default,
            quoted,
            None,
            self.key_separator,
            self.item_separator,
            self.sort_keys,
            self.skipkeys,
            self.allow_nan,
        )

    def encode(self, o: Any) -> str:
        """The text of a value. Raises TypeError or ValueError for what JSON cannot say."""
        try:
            return "".join(self._parts(o, 0))
        except RecursionError:
            raise ValueError("The value holds itself, or too much inside each other.") from None


#: As `json.dumps` writes without options.
dumps = Encoder().encode
