"""Many citizens who write at once, and officers who take some of what they are shown: a thread beside the test.

What they said is in `posted`, what became of it in the stand-in's log. Nobody waits for answers: a citizen's next
message follows after a pause, as long as the town keeps up.
"""

from __future__ import annotations

import os
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from tests.kill.client import ROUNDS, STORIES, TYPED, WEIGHTS
from tests.kill.test_kill import until
from tests.kit.standins import Log

Event = dict[str, Any]


class Talker(Protocol):
    """A citizen on a platform."""

    @property
    def id(self) -> Any: ...

    def says(self, text: str) -> dict[str, Any]: ...


Self = TypeVar("Self", bound="Crowd")

TICK = 0.02
#: As long as so many updates wait, nobody writes more.
FULL = 120
#: Messages in a second that must have been confirmed just before a kill, and for the short form, where others have the
#: machine too: after so many seconds.
ENOUGH, FEW, GRACE = 50, 20, 5.0
SOAK = bool(os.environ.get("TANGGAP_SOAK"))


class Crowd(ABC):
    """The people. `with` it they talk until they are to `stop`; what they said is `posted`."""

    def __init__(self, log: Log, people: Sequence[Talker], *, seed: int, rate: float) -> None:
        self.posted: list[Event] = []
        self._log = log
        self._dice = random.Random(seed)
        self._pause = len(people) / rate
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._fault: BaseException | None = None
        self._due = {person: time.monotonic() + self._dice.random() * self._pause for person in people}
        self._left: dict[Talker, list[tuple[str, str, str]]] = {person: [] for person in people}

    @abstractmethod
    def _tell(self, events: list[Event]) -> None:
        """Let citizens' messages happen, and note them as posted."""

    @abstractmethod
    def _look(self) -> None:
        """Officers see what is new, and take some of it."""

    def __enter__(self: Self) -> Self:
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
            self._tell([self._say(person, "story", *self._story())])

    def _waiting(self) -> int:
        return self._log.count("injected") - self.confirmed()

    def _speak(self, *, only_begun: bool = False) -> None:
        """Whoever is due says the next thing, while the town keeps up."""
        room = FULL - self._waiting()
        now = time.monotonic()
        due = [person for person, at in self._due.items() if at <= now and (self._left[person] or not only_begun)]
        events = [self._next(person) for person in due[: max(0, room)]]
        if events:
            self._tell(events)

    def _next(self, person: Talker) -> Event:
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

    def _say(self, person: Talker, step: str, token: str, text: str) -> Event:
        return {
            "phone": f"citizen-{person.id}",
            "step": step,
            "token": token,
            "text": text,
            "update": person.says(text),
        }


def busy(crowd: Crowd) -> float:
    """Wait until enough is confirmed in a second; returns how much."""
    asked = time.monotonic()

    def enough() -> int:
        return FEW if not SOAK and time.monotonic() - asked > GRACE else ENOUGH

    until(lambda: crowd.rate() >= enough(), f"{ENOUGH} messages/s")
    return crowd.rate()
