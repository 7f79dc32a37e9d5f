"""What one account of the program has put before people, as the pages of the record that they are."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from typing import Any

from bot.channels.base import Channel, File, Outcome, Outgoing, Sent
from tests.kit.carriers import Page
from tests.whatsapp.standin import Account

#: The data of a choice that is answered by typing its number.
TYPED = "typed:"
_CHOICES = re.compile(r"(?:^|\n\n)((?:\d+\. [^\n]*\n?)+)\Z")


class Screens:
    """The pages of an account ("citizen" or "staff"), by the person. No page takes the place of another here."""

    def __init__(self, account: Account, through: str) -> None:
        self.account = account
        self.pages: dict[str, list[Page]] = defaultdict(list)
        self.shown: list[dict[str, Any]] = []
        self._calls: dict[str, dict[str, Any]] = {}
        self._through = through
        self._sent: deque[tuple[Outgoing, tuple[str, ...]]] = deque()
        self._looked = 0
        self._offers: dict[str, dict[str, Any]] = {}

    def watch(self, channel: Channel) -> None:
        """Note which messages each page has become."""
        send = channel.send

        async def watched(outgoing: Outgoing) -> Outcome:
            outcome = await send(outgoing)
            if isinstance(outcome, Sent) and outgoing.account == self._through:
                self._sent.append((outgoing, outcome.parts))
            return outcome

        channel.send = watched  # type: ignore[method-assign]

    def look(self) -> None:
        """Read what is new."""
        if not self._sent:
            return
        new = self.account.sent(since=self._looked)
        self._looked += len(new)
        self._calls |= {call["id"]: call for call in new}
        while self._sent:
            outgoing, parts = self._sent.popleft()
            calls = [self._calls[part] for part in parts]
            self.shown += calls
            self.pages[outgoing.to].append(self._page(outgoing, calls))

    def offering(self, data: str) -> dict[str, Any] | None:
        """The message with a choice."""
        self.look()
        return self._offers.get(data)

    def _page(self, outgoing: Outgoing, calls: list[dict[str, Any]]) -> Page:
        text = "\n".join(filter(None, (call["text"] for call in calls)))
        choices = _choices(calls[-1])
        self._offers |= {data: calls[-1] for data, _ in choices}
        if outgoing.buttons and not choices and (listed := _CHOICES.search(text)):
            text, lines = text[: listed.start()], listed[1].splitlines()
            choices = [(f"{TYPED}{n}", line.partition(". ")[2]) for n, line in enumerate(lines, start=1)]
        return Page(
            key=outgoing.key,
            text=text,
            buttons=tuple(label for _, label in choices),
            data=tuple(data for data, _ in choices),
            files=tuple(self._file(file) for call in calls for file in call["files"]),
            edits=None,
            message=calls[-1]["id"],
            opens=tuple(None for _ in choices),
        )

    def _file(self, note: dict[str, Any]) -> File:
        return File(note["name"], note["mime"], self.account.file(note["id"]))


def _choices(call: dict[str, Any]) -> list[tuple[str, str]]:
    """(data, label): of a row whose title was cut the whole label stands below it."""
    buttons = [(data, title) for data, title in call["buttons"]]
    return buttons + [(data, below if title.endswith("…") and below else title) for data, title, below in call["rows"]]
