"""A post's view over its cases as a page: what a digest is sent as, and what /rekap shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.messages import Choice


@dataclass(frozen=True, slots=True)
class Brief:
    """A unit on one screen, before a visit. `may_find`: its reader may write down what a visit finds."""

    facts: Mapping[str, Any]
    may_find: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """A page, its facts, and the cases that it lists, in their order: each has a button with its number.

    `late` are those of them whose desks one more button reminds.
    """

    page: str
    facts: Mapping[str, Any]
    tickets: tuple[int, ...] = ()
    late: tuple[int, ...] = ()

    @property
    def choices(self) -> tuple[Choice, ...]:
        opens = tuple(Choice("details", (str(ticket),)) for ticket in self.tickets)
        return (*opens, Choice("remind_late", tuple(map(str, self.late)))) if self.late else opens
