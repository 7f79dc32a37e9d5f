"""What goes wrong between us and the Cloud API, and what follows from it. Codes are Meta's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bot.channels.base import Gone, Later, Outcome, Refused

log = logging.getLogger(__name__)

#: So many seconds a send that may have gone is left alone: its receipt brings our key back before that.
UNCERTAIN = 20.0
#: The pair of a number of ours and a person has had too much.
_PAIR, _PAIR_REST = 131056, 6.0
#: A number of ours, the account or the app has sent too fast.
_BUSY = frozenset({4, 80007, 80008, 130429})
_WINDOW = 131047
_NOBODY = frozenset({131021, 131026})
#: Their side is ill, or one message makes it so.
_ILL = frozenset({1, 2, 131000, 131016, 131057, 133004, 135000})
_TEMPLATES = range(132000, 132100)
#: What a message of ours is refused for, as the record names it.
_REFUSALS = {
    100: "parameter",
    130472: "experiment",
    131008: "parameter",
    131009: "parameter",
    131030: "not_allowed",
    131049: "ecosystem",
    131050: "stopped",
    131051: "type",
    131052: "media",
    131053: "media",
    131062: "recipient",
}
#: Nothing goes until somebody has seen to it: the sentence for the operator.
_TOKEN = "WhatsApp does not take the token (code %s): renew TANGGAP_WHATSAPP_TOKEN"  # noqa: S105
_NUMBER = "WhatsApp does not know our number (code %s): check TANGGAP_WHATSAPP_PHONE_ID and what the token may do"
_ACCOUNT = "WhatsApp has restricted the account or the number (code %s): WhatsApp Manager says why"
_PAYMENT = "WhatsApp could not charge for messages (code %s): check the payment method in WhatsApp Manager"
_SENTENCES = {
    **dict.fromkeys((0, 3, 10, 190, 401, 403, 131005, *range(200, 300)), _TOKEN),
    **dict.fromkeys((404, 131037, 131045, 133010), _NUMBER),
    **dict.fromkeys((368, 130497, 131031, 131048, 131064), _ACCOUNT),
    131042: _PAYMENT,
}
#: With 100: the object of the address does not exist, or not for us.
_NO_OBJECT = 33
#: So many people to whom one after the other nothing could be sent: it is their side, not a message.
_ILL_FOR = 3
_LOCKED_REST = 60.0
_LONGEST_REST = 60.0


class GraphError(Exception):
    """A call that failed: Meta's code, or none where there was no answer of theirs.

    `after` are the seconds that they ask to wait; `uncertain`: it may have been done all the same.
    """

    def __init__(
        self,
        code: int | None = None,
        *,
        subcode: int | None = None,
        status: int = 0,
        after: float | None = None,
        uncertain: bool = False,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.subcode = subcode
        self.status = status
        self.after = after
        self.uncertain = uncertain

    @property
    def is_busy(self) -> bool:
        return self.code in _BUSY or self.status == 429

    @property
    def is_about_pair(self) -> bool:
        return self.code == _PAIR

    @property
    def is_missing(self) -> bool:
        """What was asked for is not there, or not any more."""
        return self.code in (100, 131052) or self.status == 410

    @property
    def sentence(self) -> str | None:
        """What the operator must see to; None where it is nothing of that kind."""
        if self.code == 100 and self.subcode == _NO_OBJECT:
            return _NUMBER
        return _SENTENCES.get(self.code) if self.code is not None else None


class Condition:
    """How the connection is: what failed lately, so that we neither hammer nor complain twice. Seconds of `clock`."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._failed_at = float("-inf")
        self._ill_for: set[str] = set()
        self._held_until = float("-inf")
        self._said = ""

    def held(self) -> float:
        """How many seconds nothing may be sent at all."""
        return max(0.0, self._held_until - self._clock())

    def arrived(self) -> None:
        """A call succeeded."""
        self._failures, self._said = 0, ""
        self._ill_for.clear()

    def judge(self, fault: GraphError, to: str, *, began: float) -> Outcome:
        """What follows for a message to somebody, whose call began at this moment of the clock."""
        if (sentence := fault.sentence) is not None:
            return self._locked_out(sentence, fault.code)
        if fault.is_about_pair:
            return Later(max(_PAIR_REST, fault.after or 0.0), blameless=True)
        if fault.is_busy:
            return self._hold(fault.after or self._backoff(began))
        if fault.code in _ILL:
            return self._ill(to, began)
        if fault.code is None or fault.status >= 500 or fault.status == 408:
            after = max(self._backoff(began), fault.after or 0.0, UNCERTAIN if fault.uncertain else 0.0)
            return Later(after, blameless=True)
        return _refusal(fault)

    def _locked_out(self, sentence: str, code: int | None) -> Outcome:
        if sentence != self._said:
            self._said = sentence
            log.error(sentence, code)
        return self._hold(_LOCKED_REST)

    def _hold(self, seconds: float) -> Outcome:
        self._held_until = max(self._held_until, self._clock() + seconds)
        return Later(seconds, blameless=True)

    def _ill(self, to: str, began: float) -> Outcome:
        """Nobody's fault where it happens with everybody; with one person only, it may be the message."""
        self._ill_for.add(to)
        return Later(self._backoff(began), blameless=True) if len(self._ill_for) >= _ILL_FOR else Later()

    def _backoff(self, began: float) -> float:
        """Ever longer. Calls that failed together are one failure, however many were under way."""
        if began >= self._failed_at:
            self._failures += 1
            self._failed_at = self._clock()
        return min(2.0 ** (self._failures - 1), _LONGEST_REST)


def _refusal(fault: GraphError) -> Outcome:
    code = fault.code or 0
    if code == _WINDOW:
        return Refused("window")
    if code in _NOBODY:
        return Gone("undeliverable")
    if code in _TEMPLATES:
        return Refused("template")
    return Refused("too_large" if fault.status == 413 else _REFUSALS.get(code, str(code)))
