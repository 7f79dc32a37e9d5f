"""Many citizens who write at once, and officers who take some of what they are shown: a thread beside the test.

What they said is in `posted`, what became of it in the stand-in's log. Nobody waits for answers: a citizen's next
message follows after a pause, as long as the town keeps up.
"""

from __future__ import annotations

import random
import threading
import time
from typing import Any

from tests.kill.client import ROUNDS, STORIES, TAKES, TYPED, WEIGHTS
from tests.kit.standins import Log
from tests.telegram.people import Person, Update, somebody
from tests.telegram.standin import Bot
from tests.telegram.town import Telegram, staff

Event = dict[str, Any]

TICK = 0.02
#: As long as so many updates wait, nobody writes more.
FULL = 120


class Crowd:
    """The people. `with` it they talk until they are to `stop`; what they said is `posted`."""

    def __init__(self, telegram: Telegram, log: Log, *, seed: int, citizens: int, rate: float) -> None:
        self.posted: list[Event] = []
        self._telegram = telegram
        self._log = log
        self._dice = random.Random(seed)
        self._pause = citizens / rate
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._fault: BaseException | None = None
        self._looked = 0
        self._seen: set[str] = set()
        people = [somebody() for _ in range(citizens)]
        telegram.citizen.chats([{**person.chat, "started": True} for person in people])
        self._due = {person: time.monotonic() + self._dice.random() * self._pause for person in people}
        self._left: dict[Person, list[tuple[str, str, str]]] = {person: [] for person in people}
        self._officers = {person.id: person for person in staff().values()}

    def __enter__(self) -> Crowd:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()

    def stop(self) -> None:
        """Everybody ends his round and tells one story more that he leaves as it is."""
        self._stopping.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the citizens do not come to an end"
        self.check()

    def check(self) -> None:
        """Whether all is well in the thread."""
        if self._fault is not None:
            raise self._fault

    def confirmed(self) -> int:
        return self._log.count("confirmed")

    def rate(self, seconds: float = 0.5) -> float:
        """Updates that were confirmed in a second, over the last half."""
        self.check()
        since = time.monotonic() - seconds
        last = [line for line in self._log.look()[-2000:] if line["what"] == "confirmed" and line["at"] > since]
        return len(last) / seconds

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._speak()
                self._look()
                time.sleep(TICK)
            self._finish()
        except BaseException as fault:
            self._fault = fault

    def _finish(self) -> None:
        while any(self._left.values()):
            self._speak(only_begun=True)
            time.sleep(TICK)
        for person in self._left:
            self._tell(person, [self._say(person, "story", *self._story())])

    def _waiting(self) -> int:
        return self._log.count("injected") - self.confirmed()

    def _speak(self, *, only_begun: bool = False) -> None:
        """Whoever is due says the next thing, while the town keeps up."""
        room = FULL - self._waiting()
        now = time.monotonic()
        due = [person for person, at in self._due.items() if at <= now and (self._left[person] or not only_begun)]
        events = [self._next(person) for person in due[: max(0, room)]]
        if events:
            self._hand_in(self._telegram.citizen, events)

    def _next(self, person: Person) -> Event:
        if not self._left[person]:
            (steps,) = self._dice.choices(ROUNDS, WEIGHTS)
            token, text = self._story()
            self._left[person] = [("story", token, text), *((step, token, TYPED[step]) for step in steps)]
        self._due[person] = time.monotonic() + self._pause * (0.5 + self._dice.random())
        step, token, text = self._left[person].pop(0)
        return self._say(person, step, token, text)

    def _story(self) -> tuple[str, str]:
        token = f"zx{self._dice.getrandbits(60):015x}"
        return token, self._dice.choice(STORIES).format(token)

    def _say(self, person: Person, step: str, token: str, text: str) -> Event:
        return {
            "phone": f"citizen-{person.id}",
            "step": step,
            "token": token,
            "text": text,
            "update": person.says(text),
        }

    def _tell(self, person: Person, events: list[Event]) -> None:
        self._hand_in(self._telegram.citizen, events)

    def _hand_in(self, bot: Bot, events: list[Event]) -> None:
        updates: list[Update | None] = bot.tells(*(event["update"] for event in events), wait=None)
        for event, update in zip(events, updates, strict=True):
            assert update is not None
            self.posted.append({**event, "what": "posted", "bot": bot.id, "update": update})

    def _look(self) -> None:
        """Officers see what is new, and take some of it."""
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
