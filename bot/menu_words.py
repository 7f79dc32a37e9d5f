"""What Telegram shows of our bots by itself (commands, what a bot is for), and to whom: words and rules, no network.

The words stand in templates/<language>/bot.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from domain.region import Region
from domain.vocabulary import Role
from handlers.messages import CITIZEN, STAFF

#: Languages that Telegram is given words for; what it holds for everybody else is FALLBACK's.
LANGUAGES = ("id", "en")
FALLBACK = "id"
EVERYBODY = ""

COMMANDS, DESCRIPTION, SHORT_DESCRIPTION = "Commands", "Description", "ShortDescription"

FOR_STRANGERS = ("start", "bantuan")
FOR_GROUPS = ("grup",)
#: Commands that only some roles see; every other command of the staff's is for whoever is enrolled.
FOR_ROLES: Mapping[str, frozenset[Role]] = {
    "rekap": frozenset({Role.HEAD, Role.SUPERVISOR}),
    "unit": frozenset({Role.HEAD, Role.SUPERVISOR, Role.FRONTDESK}),
    "kalender": frozenset({Role.ADMIN}),
    "atur": frozenset({Role.ADMIN}),
    "undang": frozenset({Role.ADMIN}),
    "surat": frozenset({Role.FRONTDESK}),
}

Menu = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in which Telegram keeps something of a bot: a description, or the commands of a scope, in a language."""

    account: str
    what: str
    language: str = EVERYBODY
    scope: str | None = None
    chat: int | None = None


@dataclass(frozen=True, slots=True)
class StaffChat:
    """A private chat of somebody who is or was enrolled; `roles` are those of today, none for who has left."""

    chat: int
    roles: frozenset[Role]
    language: str | None = None


class MenuWords:
    """The words of one town, in every language."""

    def __init__(self, templates: Path, region: Region) -> None:
        """Take the folder of the templates, and the town whose name and emergency numbers are said."""
        self._words: dict[str, dict[str, Any]] = {}
        for language in LANGUAGES:
            words = yaml.safe_load((templates / language / "bot.yaml").read_text(encoding="utf-8"))
            called = [f"{words['numbers'].get(name, name)} {at}" for name, at in region.emergency_numbers.items()]
            for account in (CITIZEN, STAFF):
                for text in ("about", "short"):
                    said = words[account][text].format(town=region.name, numbers=" · ".join(called))
                    words[account][text] = said.strip()
            self._words[language] = words

    def of_bot(self, account: str) -> dict[Spot, str | Menu]:
        """What a bot shows to everybody, in every language."""
        return {spot: value for language in (EVERYBODY, *LANGUAGES) for spot, value in self._shown(account, language)}

    def _shown(self, account: str, language: str) -> Iterable[tuple[Spot, str | Menu]]:
        words = self._words[language or FALLBACK][account]
        yield Spot(account, DESCRIPTION, language), words["about"]
        yield Spot(account, SHORT_DESCRIPTION, language), words["short"]
        if account == CITIZEN:
            yield Spot(account, COMMANDS, language, "all_private_chats"), self.menu(CITIZEN, language)
        else:
            yield Spot(account, COMMANDS, language, "default"), self.menu(STAFF, language, FOR_STRANGERS)
            yield Spot(account, COMMANDS, language, "all_group_chats"), self.menu(STAFF, language, FOR_GROUPS)

    def of_staff(self, chats: Iterable[StaffChat]) -> dict[Spot, Menu]:
        """What each member of staff sees beside: commands by role, in the chosen language; nothing for who has left."""
        return {
            Spot(STAFF, COMMANDS, language, "chat", found.chat): self._for(found, language)
            for found in chats
            for language in (EVERYBODY, *(other for other in LANGUAGES if other != FALLBACK))
        }

    def _for(self, found: StaffChat, language: str) -> Menu:
        if not found.roles:
            return ()
        chosen = found.language if found.language in LANGUAGES else language
        return self.menu(STAFF, chosen, self.commands_for(found.roles))

    def commands_for(self, roles: frozenset[Role]) -> tuple[str, ...]:
        """The commands of somebody who is enrolled with these roles, in the order of the words."""
        hidden = {name for name, only in FOR_ROLES.items() if not roles & only} | {"start", *FOR_GROUPS}
        return tuple(name for name in self._words[FALLBACK][STAFF]["commands"] if name not in hidden)

    def menu(self, account: str, language: str, names: Sequence[str] | None = None) -> Menu:
        """Commands with their words; all of the account's where none are named."""
        words: dict[str, str] = self._words[language or FALLBACK][account]["commands"]
        return tuple((name, words[name]) for name in (words if names is None else names))
