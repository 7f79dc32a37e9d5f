"""What the operator can mend, and how it is said: one line that says what to do."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from bot.settings import SettingsError
from domain.understanding.learned import BadModel
from storage.archive import BadArchive
from storage.encryption import Unreadable
from storage.engine import is_busy, is_lost
from storage.regions import RegionFaults


class Fault(Exception):  # noqa: N818
    """Something that the operator can mend; the message is one line that says what to do."""


#: Errors whose text was written for the operator.
_TOLD = (BadArchive, BadModel, Fault, RegionFaults, SettingsError, Unreadable)
#: Every error that may be the operator's to mend.
MENDABLE = (*_TOLD, DBAPIError, sqlite3.Error, OSError)


def line_of(error: BaseException) -> str | None:
    """What the operator reads of an error; None where it is a fault of ours, which needs its traceback."""
    if isinstance(error, _TOLD):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}." if error.filename else None
    if is_lost(error) or is_busy(error):
        said = str(getattr(error, "orig", error)).splitlines()[0]
        return f"The database does not serve us ({said}): check TANGGAP_DATABASE_URL, and what it names."
    return None
