"""A decision of the town about its calendars, as turns and pages know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.overrides import CalendarChange, ChangeKind


@dataclass(frozen=True, slots=True)
class Decided:
    """What a row of `overrides` says about calendars; `calendar` None = every one."""

    id: int
    kind: ChangeKind
    first: date
    last: date
    calendar: str | None
    basis: str
    signed_at: datetime | None = None
    undone_at: datetime | None = None

    @property
    def change(self) -> CalendarChange:
        return CalendarChange(self.kind, self.first, self.last, self.calendar)

    @property
    def in_force(self) -> bool:
        return self.signed_at is not None and self.undone_at is None
