"""The composition root: builds each part once and hands it over by argument."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from bot.calendars import CalendarKeeper
from bot.channels.base import Channel
from bot.delivery import Delivery, Recipient
from bot.folders import find
from bot.message_templates import MessageTemplates
from bot.rendering import Renderer
from bot.scheduler import Beats
from bot.settings import Settings, SettingsError
from bot.work import Workshop
from domain.mornings import next_morning
from domain.region import Region
from handlers.actions import outcomes
from handlers.messages import Inbound
from handlers.receive import Committed, Errands, House, Receiver
from handlers.session import ALBUM_SECONDS, QUIET_SECONDS, Rules, Session
from storage.attachments import AttachmentStore
from storage.calendars import keep_versions
from storage.clock import TownClock
from storage.encryption import Vault
from storage.engine import make_engine
from storage.erasures import ErasureLog
from storage.migrations import runner
from storage.places import mirror_region, town_row
from storage.queries import due, talk, watching
from storage.regions import load_region
from storage.writer import Job, Lane, Writer, release_now

log = logging.getLogger(__name__)


class Program:
    """One running process: a writer, readers, channels, delivery, beats."""

    def __init__(
        self,
        settings: Settings,
        *,
        channels: Sequence[Channel] = (),
        region: Region | None = None,
        own: Recipient | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.settings = settings
        files = region or load_region(find(settings.region_dir))
        self.holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.channels = tuple(channels)
        #: When a platform's account was last heard (time.monotonic()); health names one that is silent for too long.
        self.heard: dict[str, float] = {}
        #: What became of updates since the process began, by channel and account (`bot.ingress`).
        self.ingress_counts: dict[tuple[str, str], Counter[str]] = {}
        self.engine = make_engine(settings.database_url)
        self.readers = make_engine(settings.database_url, read_only=True, pool_size=8)
        try:
            self.instance, vault = open_town(self.engine, settings.keys())
        except Exception:
            self.close()
            raise
        clock = TownClock(may_travel=settings.allow_time_travel)
        self.house = House(files, vault, clock, rules or rules_of(settings, self.channels))
        self.files = AttachmentStore(settings.data_dir / "attachments", vault)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.writer = Writer(
            self.engine,
            Receiver(self.house, self._committed),
            Errands(self.house, self._committed),
            release=self._release,
        )
        renderer = Renderer(find(Path("templates")), zone=files.zone, town=files.name)
        #: What may be said behind a channel's window; None where no channel has one.
        self.templates = MessageTemplates(find(Path("templates")), renderer) if self._has_window() else None
        self.delivery = Delivery(
            house=self.house,
            writer=self.writer,
            readers=self.readers,
            renderer=renderer,
            channels=self.channels,
            files=self.files,
            holder=self.holder,
            in_flight=settings.sends_in_flight,
            own=own,
            templates=self.templates,
        )
        self.workshop = Workshop(
            house=self.house,
            writer=self.writer,
            readers=self.readers,
            files=self.files,
            channels=self.channels,
        )
        self.calendars = CalendarKeeper(house=self.house, writer=self.writer, readers=self.readers)
        self.beats = Beats(
            house=self.house,
            writer=self.writer,
            readers=self.readers,
            workshop=self.workshop,
            calendars=self.calendars,
            holder=self.holder,
            erasures=ErasureLog(settings.data_dir),
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._works = True

    @property
    def region(self) -> Region:
        """The region as it is in force."""
        return self.house.region

    @contextlib.asynccontextmanager
    async def running(self, *, deliver: bool = True, beat: bool = True) -> AsyncIterator[Program]:
        """Run until the block ends, then finish what is in hand. A process that does not deliver does no slow work."""
        self._loop = asyncio.get_running_loop()
        self._works = deliver
        if self.house.region.learned:
            await asyncio.to_thread(self.house.region.learned.load)  # a file that is broken stops the start, no story
        self.writer.start()
        for channel in self.channels:
            await channel.start()
        await self.errand(_bring_home)
        sending = asyncio.create_task(self.delivery.run()) if deliver else None
        if beat:
            self.beats.start(deadlines_every=1.0 if self.settings.allow_time_travel else 5.0)
        try:
            yield self
        finally:
            self.beats.stop()
            await self.delivery.stop()
            if sending:
                await sending
            await self.workshop.stop()
            for channel in self.channels:
                await channel.stop()
            await asyncio.to_thread(self.writer.stop)
            self._loop = None
            self.close()

    def _has_window(self) -> bool:
        return any(channel.window is not None for channel in self.channels)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        self.readers.dispose()

    async def receive(self, inbounds: Sequence[Inbound]) -> list[Any]:
        """Take verified messages in; returns after the commit. An error means: hand them in again."""
        jobs = [self.writer.submit(Lane.INBOUND, inbound) for inbound in inbounds]
        return [await asyncio.wrap_future(job) for job in jobs]

    async def errand(self, body: Any, *, lane: Lane = Lane.OUTCOME) -> Any:
        """Run a function of a session as one job of the writer."""
        return await asyncio.wrap_future(self.writer.submit(lane, body))

    def arrived(self, account: str, value: str) -> None:
        """A reader who was away is back: what waited for them goes now."""
        task = asyncio.ensure_future(self._wake_reader(account, value))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def until_idle(self) -> None:
        """Return when nobody is just coming back, no slow work is under way and nothing is left to send."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self.delivery.until_idle()

    async def _wake_reader(self, account: str, value: str) -> None:
        await self.errand(lambda session: outcomes.reader_arrived(session, "phone", account, value))
        self.delivery.wake()

    async def next_due(self) -> datetime | None:
        """The next moment on the town's clock at which something happens by itself."""

        def read() -> datetime | None:
            with self.readers.begin() as connection:
                now = {"now": self.house.moment(connection).town}
                found = (connection.execute(statement, now).scalar() for statement in _NEXT)
                return min((at for at in found if at is not None), default=None)

        return await asyncio.to_thread(read)

    async def now(self) -> datetime:
        """The town's time."""

        def read() -> datetime:
            with self.readers.begin() as connection:
                return self.house.moment(connection).town

        return await asyncio.to_thread(read)

    async def next_stop(self) -> datetime | None:
        """The next moment at which a moving clock stops: something is due, or the digests of a morning are."""
        now = await self.now()
        morning = next_morning(self.region, now) if self.house.rules.digests else None
        return min((at for at in (await self.next_due(), morning) if at is not None), default=None)

    async def travel_to(self, moment: datetime, *, deliver: bool = True) -> int:
        """Move the town clock, stopping at every due moment on the way; returns how many steps spoke (decision 13)."""
        fired = 0
        await self.beats.digests()
        while (upcoming := await self.next_stop()) is not None and upcoming <= moment:
            fired += await self._stop_at(upcoming, deliver=deliver)
        return fired + await self._stop_at(moment, deliver=deliver)

    async def _stop_at(self, moment: datetime, *, deliver: bool) -> int:
        clock = self.house.clock
        await self.errand(lambda session: clock.move_to(session.plan.connection, moment))
        fired = await self.beats.deadlines()
        await self.beats.digests()  # after the steps of the same opening: they are what it tells of
        if deliver:
            await self.delivery.until_idle()
        return fired

    def _committed(self, outcome: Committed) -> None:
        """New rows are durable: delivery and the workshop look at them at once (called in the writer's thread)."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        if outcome.outbox:
            loop.call_soon_threadsafe(self.delivery.wake)
        if outcome.work and self._works:
            loop.call_soon_threadsafe(self._work_now)

    def _work_now(self) -> None:
        for does in (self.workshop.do_waiting, self.calendars.do_waiting):
            task = asyncio.ensure_future(does())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _release(self, jobs: Sequence[Job]) -> None:
        """Release the waiting futures once per batch, not one by one: the loop is woken a single time."""
        loop = self._loop
        if loop is None or loop.is_closed():
            release_now(jobs)
        else:
            loop.call_soon_threadsafe(release_now, list(jobs))


_NEXT = (due.NEXT, watching.NEXT_REMINDER, talk.NEXT_PAGE)


def rules_of(settings: Settings, channels: Sequence[Channel] = ()) -> Rules:
    """What actions obey: what the operator has set, and what the channels ask for."""
    undo = settings.undo_seconds
    return Rules(
        undo_seconds=undo,
        album_seconds=min(undo, ALBUM_SECONDS),  # a town that waits for no undo (a test) waits for nothing
        digests=settings.digests,
        billed=frozenset(channel.name for channel in channels if channel.billed),
        windowed=frozenset(channel.name for channel in channels if channel.window is not None),
        receipts=frozenset(channel.name for channel in channels if channel.receipts),
        quiet_seconds=QUIET_SECONDS if undo else 0,
        budget=settings.whatsapp_monthly_budget,
        shared=frozenset(channel.name for channel in channels if channel.shared),
        staff_bot=settings.staff_telegram_username or ("" if settings.staff_telegram_token else None),
        staff_number=settings.staff_whatsapp_number(),
        channels=tuple(sorted({channel.name for channel in channels})),
        privacy_contact=settings.privacy_contact,
        privacy_place=settings.privacy_place,
    )


def _bring_home(session: Session) -> None:
    """What the files say now, and what the calendars are: no promise moves by an update, so nothing is counted anew."""
    mirror_region(session.plan.connection, session.region)
    keep_versions(session.plan.connection, session.region, session.moment.real)


def check_schema(connection: Connection) -> None:
    """SettingsError where the schema is not this program's."""
    at, wanted = runner.current(connection), runner.newest()
    if at != wanted:
        raise SettingsError(
            f"The database is at schema {at or 'none'}, this program needs {wanted}: run `tanggap migrate`."
        )


def open_town(engine: Engine, keys: tuple[bytes, ...]) -> tuple[str, Vault]:
    """The database's name and its vault. SettingsError where the schema is not this program's."""
    with engine.connect() as connection:
        check_schema(connection)
        instance, wrapped = town_row(connection)
    return instance, Vault.unwrap(keys, wrapped)
