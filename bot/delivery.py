"""Outbox -> access check -> rendering -> channel -> outcome. Each row is sent at least once, or ends with a reason.

One process sends for an account (a lease); a few sends are in flight, one per recipient, answers before bulk. A row is
claimed and its outcome written by the process's one writer, so at most the sends in flight can be sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot.channels.base import CLOSED, Button, Channel, File, Gone, Later, Moved, Outcome, Outgoing, Refused, Sent
from bot.drawings import drawn
from bot.message_templates import MessageTemplates, payloads_for
from bot.rendering import Rendered, Renderer
from handlers.actions import delivering, detours, outcomes
from handlers.actions.delivering import Company, Detour, Drop, Envelope, Wait
from handlers.actions.windows import Standing, Terms
from handlers.flows.staff.entrance import CASE_LINK
from handlers.messages import CITIZEN, STAFF, Choice
from handlers.receive import House
from handlers.session import Session
from storage import leases
from storage.attachments import AttachmentStore
from storage.ids import to_text
from storage.media import silent
from storage.plan import Plan
from storage.queries import talk
from storage.source import Source
from storage.videos import NotAVideo
from storage.writer import Lane, Stopped, Writer

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
#: How long a reminder may wait for the others of its moment.
PATIENCE = timedelta(seconds=60)
MOST = 200
LEASE = timedelta(seconds=10)
RENEW_AFTER = 3.0
#: How many seconds what is in flight may take to end when the process stops.
LANDING = 15.0

ACCOUNTS = (CITIZEN, STAFF)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One chat of one account on one channel."""

    channel: str
    account: str
    value: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that may go now."""

    row: int
    address: int | None
    account: str


class Delivery:
    """The sending half of a process."""

    def __init__(
        self,
        *,
        house: House,
        writer: Writer,
        readers: Engine,
        renderer: Renderer,
        channels: Sequence[Channel],
        files: AttachmentStore,
        holder: str,
        in_flight: int,
        own: Recipient | None = None,
        templates: MessageTemplates | None = None,
    ) -> None:
        """`own` is the one recipient whom this process serves even while another process delivers (a terminal).

        `templates`: what goes through a channel with a window when that is closed.
        """
        self._house = house
        self._writer = writer
        self._readers = readers
        self._renderer = renderer
        self._channels = {(channel.name, account): channel for channel in channels for account in channel.accounts}
        self._files = files
        self._templates = templates
        windows = {channel.name: channel.window for channel in channels}
        self._terms = Terms(windows, self._standing) if templates else Terms(windows)
        self._holder = holder
        self._room = {account: asyncio.Semaphore(max(1, in_flight)) for account in ACCOUNTS}
        self._busy: set[Any] = set()
        self._resting: set[Any] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun = 0
        self._news = asyncio.Event()
        self._own = own
        self._leased_at: dict[str, float] = {}
        self._stopping = False

    def wake(self) -> None:
        """New rows are committed (call in the loop's thread)."""
        self._news.set()

    async def run(self) -> None:
        """Send what is ready, whenever there is news and at least every second, until stopped."""
        while not self._stopping:
            self._news.clear()
            try:
                for account in ACCOUNTS:
                    await self._renew(account)
                await self._send_ready()
            except Exception as error:
                log.warning("delivery stumbled", extra={"kind": type(error).__name__}, exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_EVERY)
        await self._give_back()

    async def _give_back(self) -> None:
        """Leave the accounts to whoever starts next, who would else wait for the leases to run out."""
        await self._landed()
        for account in () if self._tasks else tuple(self._leased_at):
            with contextlib.suppress(DBAPIError):
                await self._errand(partial(_leave_lease, account=account, holder=self._holder))

    async def stop(self) -> None:
        """Start nothing new; let what is in flight end."""
        self._stopping = True
        self._news.set()
        await self._landed()

    async def _landed(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LANDING)

    async def until_idle(self) -> None:
        """Return when nothing is ready and nothing is in flight (the demo's clock waits for this)."""
        while not self._stopping:
            if self._tasks:  # before the look: a send that ends during it may leave new rows
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                continue
            begun = self._begun  # and one that begins and ends during it: a post's row that was opened
            if not await self._waiting_rows() and begun == self._begun:
                return
            self._news.set()
            await asyncio.sleep(0.02)

    async def _waiting_rows(self) -> bool:
        """Whether any row may go that is not in hand already."""
        rows = await asyncio.to_thread(self._ready, *ACCOUNTS)
        return any(self._key(row) not in self._busy for row in rows)

    async def _renew(self, account: str) -> None:
        """Take or keep the account's lease, well before it ends: then this process alone sends for it."""
        now = asyncio.get_running_loop().time()
        if now - self._leased_at.get(account, float("-inf")) < RENEW_AFTER:
            return
        if await self._errand(partial(_take_lease, account=account, holder=self._holder)):
            self._leased_at[account] = now
        else:
            self._leased_at.pop(account, None)

    async def _send_ready(self) -> None:
        """Start what may go while there is room; a send that ends brings us back: answers never queue behind bulk."""
        roomy = [account for account in ACCOUNTS if not self._room[account].locked()]
        if not roomy:
            return
        busy = set(self._busy)  # before the look: a send that ends during it may leave a row that goes first
        for row in await asyncio.to_thread(self._ready, *roomy):
            room = self._room[row.account]
            if self._stopping:
                return
            if room.locked() or self._key(row) in busy or self._key(row) in self._resting:
                continue
            await room.acquire()  # there is room, so this does not wait
            busy.add(self._key(row))
            self._busy.add(self._key(row))
            self._begun += 1
            task = asyncio.create_task(self._deliver(row))
            self._tasks.add(task)
            task.add_done_callback(self._done(self._key(row), room))

    def _key(self, row: Ready) -> tuple[str, int]:
        """What only one send at a time may touch: the recipient, or a post's row itself."""
        return ("to", row.address) if row.address is not None else ("row", row.row)

    def _done(self, key: Any, room: asyncio.Semaphore) -> Callable[[asyncio.Task[None]], None]:
        def done(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self._busy.discard(key)
            room.release()
            self._news.set()
            if not task.cancelled() and task.exception() is not None:
                log.warning("a send failed", extra={"kind": type(task.exception()).__name__}, exc_info=task.exception())

        return done

    def _ready(self, *accounts: str) -> list[Ready]:
        """What this process may send now: everything of an account that it holds, else only its own recipient's."""
        with self._readers.begin() as connection:
            moment = self._house.moment(connection)
            values: dict[str, Any] = {
                "town": moment.town,
                "real": moment.real,
                "patience": moment.real - PATIENCE,
                "most": MOST,
            }
            return [ready for account in accounts for ready in self._ready_of(connection, account, values)]

    def _ready_of(self, connection: Connection, account: str, values: dict[str, Any]) -> list[Ready]:
        own = self._own
        if account in self._leased_at:
            rows = connection.execute(talk.READY, {**values, "account": account})
        elif own and own.account == account:
            key = self._house.vault.hash("addresses.key_hash", own.channel, own.account, own.value)
            rows = connection.execute(talk.READY_FOR, {**values, "key": key})
        else:
            return []
        return [Ready(row.id, row.address_id, account) for row in rows]

    async def _deliver(self, ready: Ready) -> None:
        if not await self._errand(lambda session: delivering.claim(session, ready.row)):
            return
        try:
            await self._hand_over(ready)
        except (DBAPIError, Stopped):
            raise  # nobody's fault: the row goes when its lease has run out
        except Exception as error:  # ours, and perhaps for ever: ever more slowly, and in the end refused
            log.error("a page could not be sent", extra={"outbox": ready.row, "kind": type(error).__name__})
            await self._settle(ready.row, Later())

    async def _hand_over(self, ready: Ready) -> None:
        row = ready.row
        found = await asyncio.to_thread(self._read, row)
        if found is None:
            await self._errand(lambda session: delivering.open_post(session, row))
        elif isinstance(found, Wait):
            await self._errand(lambda session: delivering.wait(session, row))
        elif isinstance(found, Company):
            await self._errand(lambda session: delivering.gather(session, row))
        elif isinstance(found, Detour):
            await self._errand(lambda session: detours.take(session, row, self._terms))
        elif isinstance(found, Drop):
            await self._errand(lambda session: outcomes.drop(session, row, found.code))
        else:
            outcome = await self._send(found)
            self._let_rest(ready, found)
            await self._settle(row, outcome, found.standing)

    def _let_rest(self, ready: Ready, envelope: Envelope) -> None:
        """Leave the recipient alone for as long as the channel asks, while others are written to."""
        channel = self._channels.get((envelope.channel, envelope.account))
        seconds = channel.rest(envelope.to) if channel else 0.0
        if seconds > 0:
            self._resting.add(self._key(ready))
            asyncio.get_running_loop().call_later(seconds, self._rested, self._key(ready))

    def _rested(self, key: Any) -> None:
        self._resting.discard(key)
        self._news.set()

    def _read(self, row: int) -> Envelope | Drop | Wait | Detour | Company | None:
        """The row and the ticket as they are now, through a read-only connection."""
        with self._readers.begin() as connection:
            house = self._house
            moment = house.moment(connection)
            session = Session(Plan(connection), house.vault, house.region, moment, Source(), house.rules)
            return delivering.envelope(session, row, self._terms)

    async def _send(self, envelope: Envelope) -> Outcome:
        channel = self._channels.get((envelope.channel, envelope.account))
        if channel is None:
            return Later(60.0, blameless=True)
        try:
            outgoing = await asyncio.to_thread(self._render, envelope, channel.markup)
        except Exception as error:
            log.error("a page could not be rendered", extra={"page": envelope.page, "kind": type(error).__name__})
            return Refused("render")
        return await channel.send(outgoing)

    def _standing(self, page: str, language: str, codes: Collection[str]) -> Standing | None:
        """What there is for a page in templates/whatsapp/; one whose buttons the page has not is none."""
        assert self._templates is not None
        spec = self._templates.templates_for(page, language)
        if spec is None or (spec.whole and payloads_for(spec, "", [Choice(code) for code in codes]) is None):
            return None
        return Standing(spec.name, spec.language, spec.whole)

    def _compose(self, envelope: Envelope, standing: Standing) -> Outgoing:
        """The approved message for a page, with the text that its reader sees."""
        assert self._templates is not None
        spec = self._templates.templates_for(envelope.page, standing.language)
        assert spec is not None
        key, choices = to_text(envelope.row), [Choice(code, args) for code, args in envelope.choices]
        payloads = payloads_for(spec, key, choices) or ()
        template = self._templates.compose(spec, envelope.facts, payloads, standing.category)
        text = spec.body.format_map(dict(zip(spec.variables, template.variables, strict=True)))
        buttons = tuple(Button(label, data) for label, data in zip(spec.labels, payloads, strict=True))
        return Outgoing(key, envelope.account, envelope.to, text, buttons, template=template)

    def _render(self, envelope: Envelope, markup: str) -> Outgoing:
        if envelope.standing is not None:
            return self._compose(envelope, envelope.standing)
        choices = [Choice(code, args) for code, args in envelope.choices]
        page = self._show(envelope.page, envelope.facts, choices, envelope.language, markup)
        key = to_text(envelope.row)
        labelled = zip(page.labels, choices, strict=True)
        buttons = tuple(
            Button(label, f"{key}.{n}", _link(choice)) for n, (label, choice) in enumerate(labelled, start=1)
        )
        files = (*self._enclosed(envelope), *drawn(self._renderer, envelope.page, envelope.facts, envelope.language))
        text, stands, opener = self._together(envelope, markup) or page.text, envelope.stands, page.opener
        edits = stands[-1] if stands else None
        return Outgoing(key, envelope.account, envelope.to, text, buttons, files, edits, stands=stands, opener=opener)

    def _show(
        self, page: str, facts: Mapping[str, Any], choices: Sequence[Choice], language: str, markup: str
    ) -> Rendered:
        """A page in the words of the town as it is now."""
        region = self._house.region
        return self._renderer.render(
            page,
            facts,
            choices,
            language=language,
            markup=markup,
            names=region.unit_names,
            wordings=region.wordings,
        )

    def _together(self, envelope: Envelope, markup: str) -> str:
        """The words of several pages that go in one message, in their order; what several say is said once."""
        pages = envelope.facts.get("together") or ()
        language = envelope.language
        shown = (self._show(page, facts, (), language, markup) for page, facts in pages)
        return "\n\n".join(dict.fromkeys(page.text for page in shown))

    def _enclosed(self, envelope: Envelope) -> Iterable[File]:
        """Cleaned files of the case: new names, no metadata."""
        for file in envelope.files:
            try:
                data = self._files.get(file.key)
                yield File(file.name, file.mime, silent(data) if file.silent else data)
            except (FileNotFoundError, NotAVideo):
                log.warning("a file is missing", extra={"attachment": file.key})

    async def _pause(self) -> None:
        """Nothing. Only where the town clock may travel (tests and demos, never beside a real platform) and
        TANGGAP_TEST_PAUSE is set, stand still so many seconds between a send and its outcome, to be killed there.
        """
        if self._house.clock.may_travel and (seconds := os.environ.get("TANGGAP_TEST_PAUSE")):
            await asyncio.sleep(float(seconds))

    async def _settle(self, row: int, outcome: Outcome, standing: Standing | None = None) -> None:
        """Write down what became of a send, however long the database takes: else the page would go a second time."""
        await self._pause()
        while True:
            try:
                return await self._write_down(row, outcome, standing.name if standing else None)
            except DBAPIError:
                if self._stopping:
                    raise
                await asyncio.sleep(LOOK_EVERY)

    async def _write_down(self, row: int, outcome: Outcome, template: str | None) -> None:
        match outcome:
            case Sent(parts, category):
                await self._errand(lambda session: outcomes.sent(session, row, parts, template, category))
            case Later(after, blameless):
                await self._errand(lambda session: outcomes.later(session, row, after, blameless=blameless))
            case Refused(why) if why == CLOSED:
                await self._errand(lambda session: outcomes.shut(session, row))
            case Refused(why) if template is not None:
                log.error("an approved message was refused", extra={"kind": template})
                await self._errand(lambda session: detours.refused(session, row, why))
            case Refused(why):
                await self._errand(lambda session: outcomes.refused(session, row, why))
            case Gone():
                await self._errand(lambda session: outcomes.gone(session, row))
            case Moved(to):
                await self._errand(lambda session: outcomes.moved(session, row, to))

    async def _errand(self, body: Callable[[Session], Any]) -> Any:
        return await asyncio.wrap_future(self._writer.submit(Lane.OUTCOME, body))


def _link(choice: Choice) -> str | None:
    """What a bell's button opens in the private chat; None for every other choice."""
    return f"{CASE_LINK}{to_text(int(choice.args[0]))}" if choice.code == "open_case" else None


def _take_lease(session: Session, account: str, holder: str) -> bool:
    return leases.acquire(session.plan.connection, f"delivery:{account}", holder, LEASE)


def _leave_lease(session: Session, account: str, holder: str) -> None:
    leases.release(session.plan.connection, f"delivery:{account}", holder)
