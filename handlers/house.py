"""What every transaction of a process needs to know of its town."""

from __future__ import annotations

from sqlalchemy import Connection

from domain.region import Region
from handlers.session import Rules
from storage.clock import Moment, TownClock
from storage.encryption import Vault
from storage.overrides import effective


class House:
    """The region, the keys, the clock and the rules.

    The region is the files', under the decisions that the town has signed since. It is read anew when a transaction
    finds that their number has changed; `moment` looks, with the same query that reads the clock.
    """

    def __init__(self, files: Region, vault: Vault, clock: TownClock, rules: Rules) -> None:
        self.files = files
        self.vault = vault
        self.clock = clock
        self.rules = rules
        self._known: tuple[int, Region] = (0, files)

    @property
    def region(self) -> Region:
        """The region as this process last saw it in force."""
        return self._known[1]

    def moment(self, connection: Connection) -> Moment:
        """Both clocks now; from here on `region` is at least as new as what this transaction sees."""
        moment = self.clock.read(connection)
        # Readers that began earlier may see an older state: they never take a newer one back.
        if moment.revision > self._known[0]:
            self._known = (moment.revision, effective(connection, self.files))
        return moment
