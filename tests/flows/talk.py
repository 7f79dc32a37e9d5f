"""A conversation without a database: turns are run as `handlers.receive` runs them, needs answered by a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from domain.region import Region
from handlers.flows import TURNS, first_turn
from handlers.flows.effects import SetName
from handlers.flows.needs import Acting, Desk, MyCases
from handlers.messages import Ask, Choice, Chosen, Effect, Facts, Goto, Inbound, Memory, Need, Reply, Step
from handlers.receive import HOPS
from tests.kit.town import siantar

NOW = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
PERSON = 7

Known = Callable[[Need[Any]], Any]


def nothing_known(need: Need[Any]) -> Any:
    """The answers of a town where nothing has happened."""
    if isinstance(need, Acting):
        return {}
    return () if isinstance(need, (MyCases, Desk)) else None


@dataclass
class Talk:
    """One conversation, from its first message."""

    account: str = "citizen"
    known: Known = nothing_known
    region: Region = field(default_factory=siantar)
    memory: Memory = field(default_factory=Memory)
    name: str | None = None
    replies: list[Reply] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    first: bool = True

    @property
    def page(self) -> str:
        """The newest page."""
        return self.replies[-1].page

    @property
    def codes(self) -> list[str]:
        """What the newest page offers."""
        return [choice.code for choice in self.replies[-1].choices]

    def types(self, text: str, *, media: tuple[int, ...] = (), quoted: int | None = None) -> Step:
        return self._take(Inbound("1", "phone", self.account, "sari", text=text, media=media), None, quoted)

    def says_in_group(self, text: str, *, quoted: int | None, edited: bool = False) -> Step:
        inbound = Inbound("1", "phone", self.account, "sari", text=text, group="-1001", edited=edited)
        return self._take(inbound, None, quoted)

    def sends(self, **parts: Any) -> Step:
        """A message of another kind: a place, a sticker, an edit."""
        return self._take(Inbound("1", "phone", self.account, "sari", **parts), None, None)

    def presses(self, code: str, *, on: Reply | None = None, version: int | None = None) -> Step:
        """Press a choice of the newest page that offers it (or of a certain one)."""
        pages = [on] if on else list(reversed(self.replies))
        for page in pages:
            for choice in page.choices:
                if choice.code == code:
                    return self.choose(choice, page.ticket, version if version is not None else page.version)
        raise AssertionError(f"no page offers {code}; the newest is {self.replies[-1:]}")

    def choose(self, choice: Choice, ticket: int | None = None, version: int | None = None) -> Step:
        inbound = Inbound("1", "phone", self.account, "sari", choice="1.1")
        return self._take(inbound, Chosen(choice, 1, ticket, version), None)

    def _take(self, inbound: Inbound, chosen: Chosen | None, quoted: int | None) -> Step:
        facts = Facts(self.region, NOW, "id", PERSON, self.first, self.name, chosen, quoted)
        step = self._decide(inbound, facts)
        self.memory, self.first = step.memory, False
        self.replies += step.replies
        self.effects += step.effects
        for effect in step.effects:
            if isinstance(effect, SetName):
                self.name = effect.name
        return step

    def _decide(self, inbound: Inbound, facts: Facts) -> Step:
        name, memory = first_turn(inbound, self.memory, facts), self.memory
        known: dict[Need[Any], Any] = {}
        for _ in range(1 + HOPS):
            turn = TURNS[name]
            decision: Step | Ask | Goto = Ask(turn.needs(inbound, memory, facts))
            while isinstance(decision, Ask):
                known |= {need: self.known(need) for need in decision.needs if need not in known}
                decision = turn.decide(inbound, memory, replace(facts, known=known))
            if isinstance(decision, Step):
                return decision
            name, memory = decision.turn, decision.memory
        raise AssertionError(f"turn {name} never decides")
