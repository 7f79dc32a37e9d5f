"""Messages in, and pages out: each as a rate beside the ceiling that was found in the same run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from bot.app import Program
from bot.bench.phones import BenchPhones
from bot.settings import Settings
from domain.region import Region
from handlers.messages import CITIZEN, Inbound
from storage.ceiling import commits
from storage.engine import make_engine

#: How many citizens wait for an answer at one time; what a batch of the writer takes.
WAITING = 64
#: What a platform needs for a send, in seconds.
LATENCY = 0.15
#: Something to understand, and to confirm.
STORY = "KTP saya sudah tiga minggu belum jadi, selalu disuruh kembali lagi"


class Rate(NamedTuple):
    """Something in a second, and what would be possible at most."""

    what: str
    rate: float
    ceiling: float
    of: str


async def measure(settings: Settings, region: Region, citizens: int, seconds: float) -> Sequence[Rate]:
    """Receive from so many citizens, answer as many, and let pages go to a platform that takes its time."""
    single, grouped = await asyncio.to_thread(_ceilings, settings, seconds)
    received = await _receive(settings, region, citizens)
    pages = max(8, citizens // 4)
    drained = await _drain(settings, region, pages)
    answered = await _answer(settings, region, citizens)
    pace = settings.sends_in_flight / LATENCY
    return (
        Rate("received", received, grouped, f"bare commits of {WAITING} messages"),
        Rate("received", received, single, "bare commits of one message"),
        Rate("received and answered", answered, grouped, f"bare commits of {WAITING} messages"),
        Rate("pages drained", drained, pace, f"{settings.sends_in_flight} sends in flight, {LATENCY * 1000:.0f} ms"),
    )


def _ceilings(settings: Settings, seconds: float) -> tuple[float, float]:
    engine = make_engine(settings.database_url)
    try:
        return commits(engine, 1, seconds), commits(engine, WAITING, seconds)
    finally:
        engine.dispose()


async def _receive(settings: Settings, region: Region, citizens: int) -> float:
    """Durable, and not answered yet. The pages that this leaves are what `_drain` finds."""
    program = Program(settings, channels=[BenchPhones()], region=region)
    async with program.running(deliver=False, beat=False):
        started = time.perf_counter()
        await _all_tell(program, "in", citizens)
        return citizens / (time.perf_counter() - started)


async def _drain(settings: Settings, region: Region, pages: int) -> float:
    phones = BenchPhones(LATENCY)
    program = Program(settings, channels=[phones], region=region)
    async with program.running(beat=False):
        await phones.until_sent(1)  # the account's lease is ours, and the first look has been taken
        started, before = time.perf_counter(), phones.sent
        await phones.until_sent(before + pages)
        return (phones.sent - before) / (time.perf_counter() - started)


async def _answer(settings: Settings, region: Region, citizens: int) -> float:
    phones = BenchPhones()
    program = Program(settings, channels=[phones], region=region)
    async with program.running(beat=False):
        await program.delivery.until_idle()
        started, before = time.perf_counter(), phones.sent
        await _all_tell(program, "out", citizens)
        await phones.until_sent(before + citizens)
        return citizens / (time.perf_counter() - started)


async def _all_tell(program: Program, name: str, citizens: int) -> None:
    """Everybody writes once; never more than WAITING at a time."""
    numbers = iter(range(citizens))

    async def some() -> None:
        for number in numbers:
            said = Inbound(str(uuid4()), BenchPhones.name, CITIZEN, f"bench-{name}-{number}", STORY)
            await program.receive([said])

    await asyncio.gather(*(some() for _ in range(WAITING)))
