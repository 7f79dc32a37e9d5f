"""Citizens who write to the citizens' number, and officers who press what the staff's number shows them."""

from __future__ import annotations

from typing import Any

from tests.kill import crowd
from tests.kill.client import TAKES
from tests.kill.crowd import Event
from tests.kit.standins import Log
from tests.whatsapp.people import somebody
from tests.whatsapp.standin import Account
from tests.whatsapp.town import staff


class Crowd(crowd.Crowd):
    """The people of a town in WhatsApp."""

    def __init__(self, account: Account, log: Log, *, seed: int, citizens: int, rate: float) -> None:
        super().__init__(log, [somebody() for _ in range(citizens)], seed=seed, rate=rate)
        self._account = account
        self._looked = 0
        self._seen: set[str] = set()
        self._officers = {person.id: person for person in staff().values()}

    def _tell(self, events: list[Event]) -> None:
        self._hand_in(self._account.number, events)

    def _hand_in(self, number: str, events: list[Event]) -> None:
        told = self._account.tells(*(event["update"] for event in events), number=number, wait=None)
        for event, update in zip(events, told, strict=True):
            self.posted.append({**event, "what": "posted", "update": update, "event": update["message"]["id"]})

    def _look(self) -> None:
        new = self._account.sent(self._looked)
        self._looked += len(new)
        presses = [event for call in new if call["number"] == self._account.staff_number for event in self._taps(call)]
        if presses:
            self._hand_in(self._account.staff_number, presses)

    def _taps(self, call: dict[str, Any]) -> list[Event]:
        """Each page is answered at most once, however often it came."""
        data = next((key for key, title, *_ in [*call["buttons"], *call["rows"]] if title == "Ambil"), None)
        if data is None or data in self._seen:
            return []
        self._seen.add(data)
        if self._dice.random() >= TAKES:
            return []
        officer = self._officers[call["to"]]
        press = officer.presses(call, data)
        return [{"phone": f"staff-{officer.id}", "step": "take", "token": data.partition(".")[0], "update": press}]
