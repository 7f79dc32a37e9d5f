"""What goes wrong between us and Telegram, in words of both libraries, and what follows from it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Literal

from bot.channels.base import Gone, Later, Moved, Outcome, Refused

log = logging.getLogger(__name__)

Trouble = Literal["flood", "moved", "forbidden", "bad", "token", "missing", "too_large", "network", "strange"]

#: A 400 that says: nothing will ever be read in this chat.
_GONE = (
    "chat not found",
    "user is deactivated",
    "input_user_deactivated",
    "peer_id_invalid",
    "not enough rights to send",
    "no rights to send",
    "need administrator rights",
    "chat_write_forbidden",
    "group chat was deactivated",
    "bot is not a member",
)
#: A 400 that says: the topic is gone, the group is still there.
_NO_TOPIC = ("message thread not found", "topic_deleted", "topic_closed")
_NO_MARKUP = "can't parse entities"
_SAME = "message is not modified"
#: Faults of a message of ours, as the record names them.
CODES = {
    "too long": "too_long",
    "text is empty": "empty",
    "button_data_invalid": "button",
    "too big": "too_large",
    "too large": "too_large",
    "wrong file": "file",
}
#: So many chats told one after the other to slow down: it is the whole bot.
_FLOODED_CHATS = 3
_TOKEN_REST = 60.0
_LONGEST_REST = 60.0


class CallError(Exception):
    """A call that failed. `text` is the platform's own; `after` its seconds of waiting, `to` a chat's new id."""

    def __init__(self, trouble: Trouble, text: str = "", *, after: float = 0.0, to: str = "") -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.text = text
        self.after = after
        self.to = to

    def says(self, *words: str) -> bool:
        """Whether a refusal (400) speaks of one of these."""
        return self.trouble == "bad" and any(word in self.text.casefold() for word in words)

    @property
    def is_about_markup(self) -> bool:
        return self.says(_NO_MARKUP)

    @property
    def is_about_chat(self) -> bool:
        return self.says(*_GONE, *_NO_TOPIC)

    @property
    def changes_nothing(self) -> bool:
        """An edit that says what already stands there."""
        return self.says(_SAME)


class Condition:
    """How a bot's connection is: what failed lately, so that we neither hammer nor complain twice."""

    def __init__(self, account: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._account = account
        self._clock = clock
        self._failures = 0
        self._failed_at = float("-inf")
        self._flooded: set[str] = set()
        self._held_until = float("-inf")
        self._complained = False

    def held(self) -> float:
        """How many seconds the whole bot must still be silent."""
        return max(0.0, self._held_until - self._clock())

    def arrived(self) -> None:
        """A call succeeded."""
        self._failures, self._complained = 0, False
        self._flooded.clear()

    def judge(self, fault: CallError, to: str, *, began: float) -> Outcome:
        """What follows for a message to a chat, whose call began at this moment of the clock."""
        if fault.trouble not in ("network", "strange"):
            self._failures = 0
        match fault.trouble:
            case "flood":
                return self._flood(fault, to)
            case "moved":
                return Moved(fault.to)
            case "forbidden":
                return Gone("forbidden")
            case "too_large":
                return Refused("too_large")
            case "token" | "missing":
                return self._locked_out()
            case "network":
                return self._cut_off(began)
            case "strange":
                return Later()
        return _refusal(fault, to)

    def _flood(self, fault: CallError, to: str) -> Outcome:
        after = max(1.0, fault.after)
        self._flooded.add(to)
        if len(self._flooded) >= _FLOODED_CHATS:
            self._held_until = max(self._held_until, self._clock() + after)
        return Later(after, blameless=True)

    def _locked_out(self) -> Outcome:
        if not self._complained:
            self._complained = True
            setting = f"TANGGAP_{self._account.upper()}_TELEGRAM_TOKEN"
            log.error("the token of the %s bot is not valid any more: set %s", self._account, setting)
        return Later(_TOKEN_REST, blameless=True)

    def _cut_off(self, began: float) -> Outcome:
        """Ever longer. Calls that failed together are one failure, however many were under way."""
        if began >= self._failed_at:
            self._failures += 1
            self._failed_at = self._clock()
        return Later(min(2.0 ** (self._failures - 1), _LONGEST_REST), blameless=True)


def _refusal(fault: CallError, to: str) -> Outcome:
    if fault.says(*_NO_TOPIC) and "/" in to:
        return Moved(to.partition("/")[0])
    if fault.is_about_chat:
        return Gone("chat")
    text = fault.text.casefold()
    return Refused(next((code for words, code in CODES.items() if words in text), fault.text[:200] or "bad request"))
