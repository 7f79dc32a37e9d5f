"""The one error that a command raises on purpose."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818
    """Something that the operator can mend; the message is one line that says what to do."""
