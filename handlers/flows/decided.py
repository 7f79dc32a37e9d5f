"""A decision of the town as turns and pages know it: with its basis, and whether it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.decisions import Decision


@dataclass(frozen=True, slots=True)
class Decided:
    """What a row of `overrides` says."""

    decision: Decision
    basis: str
    signed_at: datetime | None = None
    undone_at: datetime | None = None

    @property
    def in_force(self) -> bool:
        return self.signed_at is not None and self.undone_at is None
