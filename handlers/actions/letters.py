"""A page for somebody who did not just write, before it is queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.vocabulary import Action
from handlers.messages import Choice
from storage.plan import Record


@dataclass(frozen=True, slots=True)
class Letter:
    """One page for somebody who did not just write."""

    key: str
    page: str
    facts: Mapping[str, Any]
    choices: Sequence[Choice] = ()
    ticket: Record | None = None
    action: Action | None = None
    hold: int = 0
    undo_of: int | None = None
    step: int | None = None
