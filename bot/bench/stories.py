"""How many messages a complaint costs: invented citizens live through whole stories, and what they get is counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.app import Program, rules_of
from bot.bench.phones import BenchPhones
from bot.history import Past, Tell
from bot.settings import Settings
from domain.region import Region
from storage.queries import counts

#: What one act of an officer says goes together: moments of the story are further apart than a quiet window.
_WHOLE_ACT = 3600


@dataclass(frozen=True, slots=True)
class Bill:
    """What so many complaints cost: pages by name, and complaints by how many messages they took."""

    complaints: int
    pages: Counter[str]
    by_cost: Counter[int]

    @property
    def mean(self) -> float:
        """Messages for a complaint."""
        return sum(self.pages.values()) / max(1, self.complaints)


async def count(settings: Settings, region: Region, complaints: int, tell: Tell) -> Bill:
    """Let a town that has no past yet have one, with phones that are billed."""
    phones = BenchPhones()
    rules = replace(rules_of(settings, [phones]), quiet_seconds=_WHOLE_ACT)
    program = Program(settings, channels=[phones], region=region, rules=rules)
    async with program.running(beat=False):
        await _BilledPast(program, tell).live(complaints)
        return await asyncio.to_thread(_bill, program)


class _BilledPast(Past):
    """Pages are really delivered; between two moments every quiet window ends."""

    async def _read_everything(self) -> None:
        await self._program.errand(lambda session: session.plan.connection.execute(counts.END_HOLDS) and None)
        await self._program.delivery.until_idle()


def _bill(program: Program) -> Bill:
    with program.readers.begin() as connection:
        pages = Counter({row.page: row.pages for row in connection.execute(counts.PAGES_SENT)})
        costs = Counter(int(cost) for cost in connection.execute(counts.COSTS).scalars())
    return Bill(sum(costs.values()), pages, costs)


def lines_of(bill: Bill) -> Iterator[str]:
    """The bill for whoever reads a terminal."""
    yield f"{bill.mean:.2f} messages a complaint, over {bill.complaints} invented ones, by page:"
    most = max(bill.pages.values(), default=1)
    for page, number in bill.pages.most_common():
        bar = "#" * round(30 * number / most)
        yield f"  {page:<24} {number / max(1, bill.complaints):5.2f}  {bar}"
    shown = ", ".join(f"{cost}: {number}" for cost, number in sorted(bill.by_cost.items()))
    yield f"complaints by the pages that are tied to them, from the receipt on (0: anonymous): {shown}"
