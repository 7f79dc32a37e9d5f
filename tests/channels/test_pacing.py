"""How fast a bot writes, by a clock that only moves when somebody waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import cycle, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Gone, Later, Moved, Outcome, Refused
from bot.channels.faults import CallError, Condition
from bot.channels.pacing import CATCH_UP, GROUP_REST, MOST, WITHIN, Pace


class Clock:
    """A moment, and a sleep that moves it; the n-th sleep ends too late by the n-th of `stalls`, over and over."""

    def __init__(self, stalls: Sequence[float] = (0.0,)) -> None:
        self.now = 1_000.0
        self._stalls = cycle(stalls)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until + next(self._stalls))


async def _moments(pace: Pace, clock: Clock, chats: list[str], messages: int = 1) -> list[float]:
    """When each chat had its turn, if all stand in line at once."""
    at: list[float] = []

    async def go(chat: str) -> None:
        await pace.turn(chat, messages)
        at.append(clock())

    await asyncio.gather(*(go(chat) for chat in chats))
    return at


def _most_in_a_second(moments: Sequence[float]) -> int:
    inside: deque[float] = deque()
    most = 0
    for moment in sorted(moments):
        inside.append(moment)
        while inside[0] <= moment - 1:
            inside.popleft()
        most = max(most, len(inside))
    return most


@given(
    stalls=st.lists(st.sampled_from([0.0, 0.002, 0.02, 0.1, 0.4, 1.5]), min_size=1, max_size=40),
    ways=st.lists(st.floats(0.0, 0.039), min_size=1, max_size=40),
    album=st.integers(1, 10),
)
def test_never_more_than_29_arrive_in_a_second_whatever_stalls_and_however_the_ways_differ(
    stalls: list[float], ways: list[float], album: int
) -> None:
    clock = Clock(stalls)
    pace = Pace(clock=clock, sleep=clock.sleep)
    sends = asyncio.run(_moments(pace, clock, [str(n) for n in range(150 // album)], album))
    arrivals = [moment + way for moment, way in zip(sends, cycle(ways), strict=False)]
    assert _most_in_a_second(arrivals * album) <= MOST == 29


@pytest.mark.parametrize("stalls", [(0.0,), (0.01,), (0.0, 0.0, 0.05), (0.0,) * 30 + (0.2,)])
def test_a_stall_of_ours_is_made_up_for(stalls: tuple[float, ...]) -> None:
    clock = Clock(stalls)
    at = asyncio.run(_moments(Pace(clock=clock, sleep=clock.sleep), clock, [str(n) for n in range(290)]))
    assert 290 / (at[-1] - at[0]) > 27.5


def test_no_more_than_a_handful_go_at_once_after_a_long_rest() -> None:
    clock = Clock()
    at = asyncio.run(_moments(Pace(clock=clock, sleep=clock.sleep), clock, [str(n) for n in range(20)]))
    assert sum(moment == at[0] for moment in at) <= 8
    gaps = [later - earlier for earlier, later in pairwise(at[8:])]
    assert gaps == pytest.approx([WITHIN / MOST] * len(gaps))


@pytest.mark.parametrize(("chat", "rest"), [("4711", 1.0), ("-100815", GROUP_REST)])
def test_one_chat_rests_between_two_messages(chat: str, rest: float) -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    at = asyncio.run(_moments(pace, clock, [chat] * 4))
    assert [later - earlier for earlier, later in pairwise(at)] == pytest.approx([rest] * 3)
    assert pace.rest(chat) == pytest.approx(rest)
    assert pace.rest("1") == 0.0


def test_an_album_counts_as_many_messages_as_it_has_pictures() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    first, second, third = asyncio.run(_moments(pace, clock, ["1", "2", "3"], messages=10))
    assert second - first == pytest.approx(10 * WITHIN / MOST - CATCH_UP)
    assert third - first == pytest.approx(WITHIN), "29 and one more"
    assert pace.rest("3") == pytest.approx(10.0)


def test_a_chat_that_waits_holds_up_nobody_else() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.hold("1", 30.0)

    async def both() -> float:
        waiting = asyncio.create_task(pace.turn("1"))
        await pace.turn("2")
        moment = clock()
        waiting.cancel()
        return moment

    began = clock()
    assert asyncio.run(both()) - began < 1


def test_a_free_pace_never_waits() -> None:
    clock = Clock()
    pace = Pace.free()
    asyncio.run(_moments(pace, clock, ["1"] * 100))
    assert pace.rest("1") == 0.0


# --- what follows from what went wrong


def judged(fault: CallError, to: str = "4711") -> Outcome:
    return Condition("citizen").judge(fault, to, began=0.0)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (CallError("flood", after=7), Later(7, blameless=True)),
        (CallError("moved", to="-100815"), Moved("-100815")),
        (CallError("forbidden", "Forbidden: bot was blocked by the user"), Gone("forbidden")),
        (CallError("bad", "Bad Request: chat not found"), Gone("chat")),
        (CallError("bad", "Bad Request: user is deactivated"), Gone("chat")),
        (CallError("bad", "PEER_ID_INVALID"), Gone("chat")),
        (CallError("bad", "Bad Request: not enough rights to send text messages to the chat"), Gone("chat")),
        (CallError("bad", "Bad Request: need administrator rights in the channel chat"), Gone("chat")),
        (CallError("bad", "Bad Request: CHAT_WRITE_FORBIDDEN"), Gone("chat")),
        (CallError("bad", "Bad Request: group chat was deactivated"), Gone("chat")),
        (CallError("bad", "Bad Request: message is too long"), Refused("too_long")),
        (CallError("bad", "Bad Request: BUTTON_DATA_INVALID"), Refused("button")),
        (CallError("bad", "Bad Request: something new"), Refused("Bad Request: something new")),
        (CallError("too_large"), Refused("too_large")),
        (CallError("token"), Later(60, blameless=True)),
        (CallError("network"), Later(1, blameless=True)),
        (CallError("strange"), Later()),
    ],
)
def test_each_fault_has_its_outcome(fault: CallError, outcome: Outcome) -> None:
    assert judged(fault) == outcome


def test_a_topic_that_is_gone_leaves_the_group() -> None:
    for text in ("message thread not found", "TOPIC_DELETED", "TOPIC_CLOSED"):
        assert judged(CallError("bad", f"Bad Request: {text}"), "-100815/7") == Moved("-100815")
    assert judged(CallError("bad", "Bad Request: message thread not found"), "-100815") == Gone("chat")


def _waits(condition: Condition, clock: Clock, times: int, *, together: bool = False) -> list[float | None]:
    found = []
    for _ in range(times):
        began = clock()
        clock.now += 0 if together else 1
        outcome = condition.judge(CallError("network"), "1", began=began - together)
        assert isinstance(outcome, Later)
        found.append(outcome.after)
    return found


def test_a_network_that_stays_away_is_asked_ever_more_seldom_until_something_arrives() -> None:
    clock = Clock()
    condition = Condition("citizen", clock=clock)
    assert _waits(condition, clock, 8) == [1, 2, 4, 8, 16, 32, 60, 60]
    condition.arrived()
    assert _waits(condition, clock, 1) == [1]


def test_sends_that_fail_together_are_one_failure() -> None:
    clock = Clock()
    assert _waits(Condition("citizen", clock=clock), clock, 8, together=True) == [1] * 8


def test_three_chats_in_a_row_that_are_told_to_wait_silence_the_whole_bot() -> None:
    clock = Clock()
    condition = Condition("citizen", clock=clock)
    for chat in ("1", "1", "2"):
        condition.judge(CallError("flood", after=5), chat, began=clock())
    assert condition.held() == 0
    condition.judge(CallError("flood", after=5), "3", began=clock())
    assert condition.held() == 5
    clock.now += 5
    assert condition.held() == 0


def test_a_success_between_them_means_that_only_chats_are_held() -> None:
    clock = Clock()
    condition = Condition("citizen", clock=clock)
    for chat in ("1", "2", "3", "4"):
        condition.judge(CallError("flood", after=5), chat, began=clock())
        condition.arrived()
    assert condition.held() == 0


def test_a_dead_token_is_complained_of_once(caplog: pytest.LogCaptureFixture) -> None:
    condition = Condition("staff")
    for _ in range(3):
        condition.judge(CallError("token"), "1", began=0.0)
    (said,) = caplog.messages
    assert said == "the token of the staff bot is not valid any more: set TANGGAP_STAFF_TELEGRAM_TOKEN"
