"""Citizens who write to the citizens' bot, and officers who press what the staff's bot shows them."""

from __future__ import annotations

from typing import Any

from tests.kill import crowd
from tests.kill.client import TAKES
from tests.kill.crowd import Event
from tests.kit.standins import Log
from tests.telegram.people import Update, somebody
from tests.telegram.standin import Bot
from tests.telegram.town import Telegram, staff


class Crowd(crowd.Crowd):
    """The people of a town in Telegram."""

    def __init__(self, telegram: Telegram, log: Log, *, seed: int, citizens: int, rate: float) -> None:
        people = [somebody() for _ in range(citizens)]
        super().__init__(log, people, seed=seed, rate=rate)
        telegram.citizen.chats([{**person.chat, "started": True} for person in people])
        self._telegram = telegram
        self._looked = 0
        self._seen: set[str] = set()
        self._officers = {person.id: person for person in staff().values()}

    def _tell(self, events: list[Event]) -> None:
        self._hand_in(self._telegram.citizen, events)

    def _hand_in(self, bot: Bot, events: list[Event]) -> None:
        updates: list[Update | None] = bot.tells(*(event["update"] for event in events), wait=None)
        for event, update in zip(events, updates, strict=True):
            assert update is not None
            self.posted.append({**event, "what": "posted", "bot": bot.id, "update": update})

    def _look(self) -> None:
        new = self._telegram.staff.sent(self._looked)
        self._looked += len(new)
        presses = [event for call in new for event in self._taps(call)]
        if presses:
            self._hand_in(self._telegram.staff, presses)

    def _taps(self, call: dict[str, Any]) -> list[Event]:
        """Each page is answered at most once, however often it came."""
        for message in call["messages"] if call["method"] == "sendMessage" else ():
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            data = next((b.get("callback_data") for row in rows for b in row if b["text"] == "Ambil"), None)
            if data and data not in self._seen:
                self._seen.add(data)
                if self._dice.random() < TAKES:
                    officer = self._officers[call["chat"]]
                    token = data.partition(".")[0]
                    press = officer.presses_data(message, data)
                    return [{"phone": f"staff-{officer.id}", "step": "take", "token": token, "update": press}]
        return []
