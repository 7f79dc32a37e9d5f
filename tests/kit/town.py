"""A whole town for a test: the real program on a real database, with phones that the test types on.

    async with open_town(town_url, tmp_path) as town:
        await town.sari.types("KTP saya sudah tiga minggu belum jadi di capil")
        await town.sari.chooses("send")
        town.budi.sees("KTP elektronik")
        await town.travels(working_days=3)

Only the channel is pretended, and not even that where another carrier is given. The town's clock starts at `START`
whatever day the test runs on, and every action waits until all that it caused has been delivered.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import Connection, Row, func, or_, select, update
from sqlmodel import SQLModel

from bot import demo
from bot.app import Program
from bot.app import open_town as open_database
from bot.folders import find
from bot.rendering import FALLBACK, Renderer
from bot.settings import Settings
from domain.region import Region
from domain.vocabulary import OPEN_STATES, State
from handlers.actions import people
from handlers.messages import CITIZEN, STAFF, Choice, News
from handlers.session import Rules, Session
from storage.audit import verify
from storage.clock import TownClock
from storage.encryption import Vault
from storage.engine import make_engine, real_now
from storage.ids import from_text
from storage.lives import lives_of
from storage.places import mirror_region
from storage.plan import Plan, table_of
from storage.regions import load_region
from storage.source import Source
from storage.tables import (
    Address,
    Attachment,
    AuditRow,
    Deadline,
    Holding,
    Inbox,
    Message,
    Outbox,
    Quarantine,
    Ticket,
    Work,
)
from storage.tables import Person as PersonRow
from storage.tables import Town as TownRow
from tests.kit.carriers import Carrier, Page, PretendChannel
from tests.kit.databases import KEYS, migrate

#: Monday 7 September 2026, 09:00 in Siantar: no day off for weeks, and all days off of that year are known.
START = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
LANGUAGES = ("id", "en")
_outbox, _work = table_of(Outbox), table_of(Work)
_OPEN_ENDS = select(
    select(func.count())
    .select_from(_work)
    .where(_work.c.state == "waiting", or_(_work.c.retry_at.is_(None), _work.c.retry_at <= real_now()))
    .scalar_subquery()
    .label("work"),
    select(func.count()).select_from(_outbox).where(_outbox.c.error == "render").scalar_subquery().label("unshown"),
)
#: How long an action may take until everything that it caused is delivered.
PATIENCE = 20.0


@cache
def siantar() -> Region:
    """The real region, read once."""
    return load_region(find(Path("regions/pematangsiantar")))


# --- what the town says


def label(code: str, language: str = "id", *args: str) -> str:
    """What a choice is called on its button."""
    return _renderer().render("shared/language", {}, [Choice(code, args)], language=language, markup="plain").labels[0]


def words(page: str, language: str = "id", **facts: Any) -> str:
    """What a page says, given its facts."""
    return _renderer().render(page, facts, [], language=language, markup="plain").text


def day(moment: datetime, language: str = "id") -> str:
    """A moment as pages print a promise: "Jumat, 25 September 2026 pukul 16.30"."""
    return str(_figures(language).day(moment.astimezone(ZoneInfo(siantar().zone))))


def short_day(day: date, language: str = "id") -> str:
    """A day as lists print it: "Jum, 25 Sep 2026"."""
    return str(_figures(language).short_day(day))


@cache
def _renderer() -> Renderer:
    return Renderer(find(Path("templates")), zone=siantar().zone, town=siantar().name)


@cache
def _figures(language: str) -> Any:
    return _renderer()._environments[language, "plain"].get_template("figures.j2").module


# --- people


class Person:
    """Somebody with a phone. Actions wait until everything that they caused is delivered, also to others."""

    def __init__(self, town: Town, phone: str, account: str, language: str, carrier: Carrier | None = None) -> None:
        self.town = town
        self.carrier = carrier or town.channel
        self.phone = phone
        self.account = account
        self.language = language
        self.said: list[tuple[str, str]] = []

    def __repr__(self) -> str:
        return f"<{self.phone}>"

    # what is on the screen

    @property
    def received(self) -> list[Page]:
        """Every page that ever arrived, in order."""
        return self.carrier.received(self)

    @property
    def shown(self) -> list[Page]:
        """The pages on the screen now: an edited one stands only in its new form."""
        gone = {page.edits for page in self.received}
        return [page for page in self.received if page.key not in gone]

    @property
    def pages(self) -> list[str]:
        """The texts on the screen, oldest first."""
        return [page.text for page in self.shown]

    @property
    def page(self) -> str:
        """The newest text."""
        return self._newest().text

    @property
    def buttons(self) -> tuple[str, ...]:
        """The labels on the newest page."""
        return self._newest().buttons

    @property
    def page_name(self) -> str:
        """Which template the newest page is."""
        return self.town.page_name(self._newest())

    @property
    def page_names(self) -> list[str]:
        """Which template each page on the screen is."""
        return [self.town.page_name(page) for page in self.shown]

    def _newest(self) -> Page:
        if not self.received:
            raise AssertionError(f"{self!r} has received nothing.")
        return self.received[-1]

    def find(self, text: str) -> Page | None:
        """The newest page on the screen that contains a text, in any case."""
        wanted = text.casefold()
        return next((page for page in reversed(self.shown) if wanted in page.text.casefold()), None)

    def sees(self, text: str) -> Page:
        """Some page on the screen contains this; returns the newest one."""
        found = self.find(text)
        if found is None:
            raise AssertionError(f"{self!r} does not see {text!r}. On the screen:\n{self.screen()}")
        return found

    def never_saw(self, text: str) -> None:
        """No page that ever arrived contains this."""
        for page in self.received:
            if text.casefold() in str(page).casefold():
                raise AssertionError(f"{self!r} saw {text!r}:\n{page}")

    def saw_nothing(self) -> None:
        """Not a single page ever arrived."""
        if self.received:
            raise AssertionError(f"{self!r} has received something:\n{self.screen()}")

    def screen(self) -> str:
        """Everything on the screen, for a message about what went wrong."""
        return "\n---\n".join(str(page) for page in self.shown[-6:]) or "(nothing)"

    # what the thumb does

    async def types(self, text: str, *, language: str | None = None) -> None:
        await self.does(text=text, language=language or self.language)

    async def presses(self, *labels: str, on: Page | None = None) -> None:
        """Press the newest button with (one of) these labels. On a certain page: also one that an edit has replaced."""
        for page in [on] if on else reversed(self.shown):
            for name, data in zip(page.buttons, page.data, strict=True):
                if name in labels:
                    await self.does(choice=data)
                    return
        raise AssertionError(f"{self!r} finds no button {' or '.join(labels)!r}. On the screen:\n{self.screen()}")

    async def chooses(self, code: str, *args: str, on: Page | None = None) -> None:
        """Press the button of a choice, whatever it is called in the language of the page."""
        await self.presses(*(label(code, language, *args) for language in LANGUAGES), on=on)

    async def edits(self, old: str, new: str) -> None:
        """Put other words in the place of a message of one's own (the newest that said `old`)."""
        await self.does(text=new, edits=self._mine(old))

    async def replies_to_own(self, old: str, text: str) -> None:
        """Quote a message of one's own."""
        await self.does(text=text, reply_to=self._mine(old))

    def _mine(self, text: str) -> str:
        found = [message for message, said in self.said if said == text]
        if not found:
            raise AssertionError(f"{self!r} never said {text!r}: {[said for _, said in self.said]}")
        return found[-1]

    async def sends_place(self, place: str = "2.95950, 99.06870", **raw: Any) -> None:
        """Send a point, or a venue, as the phone's map does."""
        await self.does(place=place, **raw)

    async def sends_sticker(self) -> None:
        await self.sends_odd("sticker")

    async def sends_odd(self, what: str) -> None:
        """Send something that we can't read."""
        await self.does(odd=what)

    async def replies_to(self, page: str | Page, text: str, *, photo: bytes | None = None) -> None:
        """Quote the newest page that contains a text, and write something."""
        quoted = self.sees(page) if isinstance(page, str) else page
        await self.does(text=text, reply_to=quoted.message, files=[await self.uploads(photo)] if photo else [])

    async def sends_photo(self, photo: bytes, text: str = "") -> int:
        """Send a picture, with or without words; returns its attachment id. Waits until it is cleaned."""
        key = await self.uploads(photo)
        await self.does(text=text, files=[key])
        return self.carrier.attachment_of(key)

    async def sends_remote(self, kind: str, data: bytes, text: str = "", *faults: Exception, size: int = 0) -> int:
        """Send a file that stays with the platform until it is fetched; returns its attachment id."""
        kept = await self.carrier.keep(self, kind, data, size or len(data), faults)
        await self.does(text=text, remote=[kept])
        return max((int(row.id) for row in self.town.rows(Attachment)), default=0)

    async def sends_voice(self, data: bytes, text: str = "") -> int:
        return await self.sends_remote("voice", data, text)

    async def sends_video(self, data: bytes, text: str = "") -> int:
        return await self.sends_remote("video", data, text)

    async def sends_remote_photo(self, data: bytes, text: str = "") -> int:
        return await self.sends_remote("photo", data, text)

    async def uploads(self, photo: bytes) -> Any:
        """Bytes that the next message has among its `files`."""
        return await self.carrier.upload(self, photo)

    async def has_news(self, what: str, to: str | None = None) -> None:
        """Let the platform say what has become of the chat: gone, back, moved."""
        await self.carrier.tell(self, News(what, to))
        await self.town.idle()

    async def speaks(self, language: str) -> None:
        """Change the language by the town's own means."""
        await self.types("/bahasa")
        await self.presses(label(f"language_{language}"))
        self.language = language

    async def does(self, *, event: str | None = None, **raw: Any) -> None:
        """Hand in one message as the channel would; the same `event` again is the same message again."""
        message = {"language": self.language, **raw, "id": event or str(uuid4())}
        self.said.append((raw.get("edits") or message["id"], raw.get("text", "")))
        await self.carrier.hand_in(self, message)
        await self.town.idle()


class Citizen(Person):
    """Somebody who writes to the town."""

    @property
    def tickets(self) -> list[Row[Any]]:
        """The own cases, oldest first."""
        return self.town.tickets(reporter_id=self.town.person_id(self))

    async def complains(self, story: str, *answers: str) -> Row[Any]:
        """Tell a story, answer what is asked by typing, send it; returns the new ticket."""
        known = {row.id for row in self.town.tickets()}
        for text in (story, *answers):
            await self.types(text)
        await self.chooses("send")
        new = [row for row in self.town.tickets() if row.id not in known]
        if len(new) != 1:
            raise AssertionError(f"{len(new)} tickets were made. On the screen:\n{self.screen()}")
        return new[0]

    @property
    def pin(self) -> str:
        """The PIN on the newest receipt."""
        receipt = next(p for p in reversed(self.received) if self.town.page_name(p) == "citizen/receipt")
        line = next(line for line in receipt.text.splitlines() if line.startswith("PIN"))
        return "".join(letter for letter in line if letter.isdigit())[:6]


class Officer(Person):
    """Somebody who holds a post (or several)."""

    def __init__(self, town: Town, phone: str, language: str, post: str) -> None:
        super().__init__(town, phone, STAFF, language)
        self.post = post


class GroupChat(Person):
    """A chat of many in the staff's bot: bells arrive in it, and people say things there."""

    async def hears(self, person: Person, text: str, *, reply_to: Page | None = None, **raw: Any) -> None:
        """Let somebody say something in the group."""
        quoted = reply_to.message if reply_to else None
        said = {"text": text, "reply_to": quoted, "language": person.language, **raw}
        await self.carrier.hear(self, person, said)
        await self.town.idle()


# --- the town


class Town:
    """A running program with its people. Made by `open_town`."""

    def __init__(self, program: Program, channel: Carrier, language: str, beside: Sequence[Carrier] = ()) -> None:
        """`beside`: what carries messages of other channels."""
        self.program = program
        self.channel = channel
        self.beside = {carrier.name: carrier for carrier in beside}
        self.language = language
        self._people: dict[tuple[str, str], Person] = {}

    @property
    def phones(self) -> PretendChannel:
        """The channel, where it is the pretended one: a test that needs more of it than a carrier can do."""
        assert isinstance(self.channel, PretendChannel)
        return self.channel

    @property
    def region(self) -> Region:
        return self.program.region

    def has(self, **other: Any) -> None:
        """Another region from now on, for this town alone: what is remembered of the files is remembered by region."""
        house = self.program.house
        house.files = replace(self.region, **other)
        house._known = (house._known[0], house.files)

    @property
    def vault(self) -> Vault:
        return self.program.house.vault

    # the people

    def on(self, phone: str, account: str = CITIZEN) -> Citizen:
        """Somebody on the town's other channel, as whom its `account` writes to them."""
        (carrier,) = self.beside.values()
        return Citizen(self, phone, account, self.language, carrier)

    def citizen(self, phone: str, language: str | None = None) -> Citizen:
        """The citizen with this phone; met by the town when the first message comes."""
        found = self._people.setdefault((CITIZEN, phone), Citizen(self, phone, CITIZEN, language or self.language))
        assert isinstance(found, Citizen)
        return found

    def officer(self, post: str) -> Officer:
        """The invented holder of a post, in a town that is peopled."""
        phone = demo.phone_of(self.region, post).id
        found = self._people.setdefault((STAFF, phone), Officer(self, phone, self.language, post))
        assert isinstance(found, Officer)
        return found

    def stranger(self, phone: str, language: str | None = None) -> Officer:
        """Somebody in the staff chat who holds no post (yet)."""
        found = self._people.setdefault((STAFF, phone), Officer(self, phone, language or self.language, ""))
        assert isinstance(found, Officer)
        return found

    def group(self, chat: str) -> GroupChat:
        """A group chat; known to the town when somebody binds it."""
        return GroupChat(self, chat, STAFF, self.language)

    async def enrol(self, post: str, phone: str, language: str | None = None) -> Officer:
        """A new officer by a real invitation: the code is typed in the staff chat."""
        officer = self.stranger(phone, language)
        await officer.types(f"/start {await self.invite(post)}")
        officer.post = post
        if officer.language != FALLBACK:  # which no platform tells of staff
            await officer.speaks(officer.language)
        return officer

    async def invite(self, post: str) -> str:
        """A one-time code for a post."""
        code: str = await self.program.errand(lambda session: people.invite(session, post)[0])
        return code

    @cached_property
    def sari(self) -> Citizen:
        """The citizen."""
        return self.citizen("sari")

    @cached_property
    def budi(self) -> Officer:
        """The officer of the civil registry."""
        return self.officer("PETUGAS-DISDUKCAPIL")

    @cached_property
    def ratna(self) -> Officer:
        """The head of the civil registry."""
        return self.officer("KEPALA-DISDUKCAPIL")

    @cached_property
    def outsider(self) -> Officer:
        """An officer of another office, who must not learn anything."""
        return self.officer("PETUGAS-DLH")

    # posts change hands

    async def appoints(self, person: Person, post: str, *, kind: str = "definitif") -> None:
        """Give a person one more post, from today."""
        who = self.person_id(person)

        def hold(session: Session) -> None:
            session.add(
                Holding,
                person_id=who,
                post_code=post,
                kind=kind,
                starts_on=session.today,
                created_at=session.moment.real,
            )

        await self.program.errand(hold)

    async def revokes(self, post: str, person: Person | None = None) -> None:
        """End the holdings of a post (those of one person), at once."""
        table = table_of(Holding)
        statement = update(table).where(table.c.post_code == post, table.c.revoked_at.is_(None))
        if person is not None:
            statement = statement.where(table.c.person_id == self.person_id(person))
        await self.program.errand(
            lambda session: session.plan.connection.execute(statement.values(revoked_at=session.moment.real)) and None
        )

    async def holds_until(self, post: str, last: date) -> None:
        """Let the holdings of a post end on a day."""
        table = table_of(Holding)
        statement = update(table).where(table.c.post_code == post).values(ends_on=last)
        await self.program.errand(lambda session: session.plan.connection.execute(statement) and None)

    # time

    async def now(self) -> datetime:
        """The town's time."""
        return await self.program.now()

    async def today(self) -> date:
        """The town's date."""
        return self.region.calendars["office"].day_of(await self.now())

    async def travels(
        self, to: datetime | None = None, *, working_days: int | None = None, next_deadline: bool = False
    ) -> int:
        """Move the clock to a moment, to an opening some working days on, or to the next due step; returns how many
        steps spoke. It stops at every due moment on the way, as in the demo."""
        calendar = self.region.calendars["office"]
        if working_days is not None:
            to = calendar.opening(calendar.after(await self.today(), working_days))
        if next_deadline:
            to = await self.program.next_due()
        if to is None:
            raise AssertionError("There is nothing to travel to.")
        fired = await self.program.travel_to(to)
        await self.idle()
        return fired

    async def undo_time_passes(self) -> None:
        """What waits for the undo window goes out now (real time is not slept through)."""
        outbox = table_of(Outbox)
        held = update(outbox).where(outbox.c.hold_until.is_not(None)).values(hold_until=real_now(timedelta(seconds=-1)))
        await self.program.errand(lambda session: session.plan.connection.execute(held) and None)
        await self.idle()

    async def work_time_passes(self) -> None:
        """What waits for another try is tried now."""
        waiting = update(_work).where(_work.c.state == "waiting").values(retry_at=None)
        await self.program.errand(lambda session: session.plan.connection.execute(waiting) and None)
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing is on its way any more; a page that can't be rendered fails the test here."""
        async with asyncio.timeout(PATIENCE):
            await self.program.delivery.until_idle()
            while (open_ends := self._open_ends())["work"]:
                await self.program.workshop.do_waiting()
                await self.program.delivery.until_idle()
            await self.program.delivery.until_idle()  # work that ended during the last look may have woken a page
        assert not open_ends["unshown"], f"could not be rendered: {[row.page for row in self.outbox(error='render')]}"

    def _open_ends(self) -> dict[str, int]:
        with self.program.readers.begin() as connection:
            return dict(connection.execute(_OPEN_ENDS).one()._mapping)

    async def ends_in_order(self) -> None:
        """What holds whatever happened: every page went or has a reason, nothing failed, the audit trail is whole."""
        await self.idle()
        real = datetime.now(UTC)
        lost = [
            (row.page, row.error)
            for row in self.outbox(state="queued")
            if not any(until is not None and until > real for until in (row.hold_until, row.retry_at))
        ]
        assert not lost, f"never sent: {lost}"
        assert not [row for row in self.outbox(state="queued") if row.channel is None], "queued for no channel"
        assert not self.rows(Quarantine), "something is in quarantine"
        for carrier in (self.channel, *self.beside.values()):
            carrier.ends_in_order()
        assert {row.state for row in self.rows(Inbox)} <= {"done"}, "a message was not digested"
        while await self.program.beats.seal_audit():
            pass
        with self.program.readers.begin() as connection:
            assert not verify(connection, self.vault).broken, "the audit trail was altered"
        self._turns_tell_the_same()

    async def counts_as_answered(self) -> bool:
        """Whether an office has answered; WhatsApp says a moment later that it has taken the words."""
        for _ in range(100):
            if self.ticket().first_response_at is not None:
                return True
            await self.idle()
        return False

    def _turns_tell_the_same(self) -> None:
        """The turns of every case, of which figures are made, say of its end what the case says itself."""
        with self.program.readers.begin() as connection:
            rows = list(connection.execute(select(table_of(Ticket))))
            found = lives_of(lambda statement, values: list(connection.execute(statement, values)), rows)
        for row, life in zip(rows, found, strict=True):
            last = life.promises[-1]
            alive = row.state in OPEN_STATES | {State.WAITING_CITIZEN}
            assert (last.over_at is None) is alive, f"{row.state}, but its turns are {life.turns}"
            assert row.resolved_at in (None, last.over_at), (
                f"resolved {row.resolved_at}, but its turns are {life.turns}"
            )

    # what is in the record

    def rows(self, model: type[SQLModel], **where: Any) -> list[Row[Any]]:
        """Rows of a table by the values of its columns, oldest first."""
        table = table_of(model)
        statement = select(table).where(*(table.c[name] == value for name, value in where.items()))
        if "id" in table.c:
            statement = statement.order_by(table.c.id)
        with self.program.readers.begin() as connection:
            return list(connection.execute(statement))

    def tickets(self, **where: Any) -> list[Row[Any]]:
        """Cases, oldest first."""
        return self.rows(Ticket, **where)

    def ticket(self, number: str | None = None) -> Row[Any]:
        """The one case there is, or the one with this number, as it is now."""
        (found,) = self.tickets(number=number) if number else self.tickets()
        return found

    def words(self, kind: str, ticket: int | None = None) -> list[str]:
        """What was said of one kind in a case (an id), or the one case there is; oldest first."""
        rows = self.rows(Message, ticket_id=ticket or self.ticket().id, kind=kind)
        return [self.vault.open_text("messages.text_sealed", row.id, row.text_sealed) for row in rows]

    def steps(self, **where: Any) -> list[Row[Any]]:
        """The reminders of cases, oldest first."""
        return self.rows(Deadline, **where)

    def outbox(self, **where: Any) -> list[Row[Any]]:
        """Outbox rows, oldest first."""
        return self.rows(Outbox, **where)

    def audit(self, **where: Any) -> list[tuple[Row[Any], Any]]:
        """Audit rows with their opened payloads, oldest first."""
        rows = self.rows(AuditRow, **where)
        return [(row, self.opened("audit.payload_sealed", row.id, row.payload_sealed)["payload"]) for row in rows]

    def opened(self, column: str, row: int, sealed: bytes) -> Any:
        """What a sealed JSON value holds."""
        return self.vault.open_json(column, row, sealed)

    def facts(self, row: Row[Any]) -> dict[str, Any]:
        """What an outbox row knows; empty once it is erased."""
        return dict(self.opened("outbox.facts_sealed", row.id, row.facts_sealed)) if row.facts_sealed else {}

    def page_name(self, page: Page) -> str:
        """Which template a page is."""
        (row,) = self.rows(Outbox, id=from_text(page.key))
        return str(row.page)

    def address_id(self, person: Person) -> int:
        """The row behind a phone; an error where the town has not met it."""
        value = person.carrier.address_of(person)
        key = self.vault.hash("addresses.key_hash", person.carrier.name, person.account, value)
        found = self.rows(Address, key_hash=key)
        if not found:
            raise AssertionError(f"The town does not know {person!r}.")
        return int(found[0].id)

    def person_id(self, person: Person) -> int:
        """The person behind a phone."""
        (found,) = self.rows(Address, id=self.address_id(person))
        return int(found.person_id)


def settings_for(
    url: str, folder: Path, *, undo_seconds: int = 0, may_travel: bool = True, digests: bool = False
) -> Settings:
    """Settings as `demo_settings` makes them, without digests: nothing is read from the environment."""
    return Settings.model_construct(
        allow_time_travel=may_travel,
        data_dir=folder,
        database_url=url,
        digests=digests,
        encryption_keys=SecretStr(",".join(base64.urlsafe_b64encode(key).decode() for key in KEYS)),
        undo_seconds=undo_seconds,
    )


def peopled(url: str) -> None:
    """A `Prepare` for `new_database`: migrated, with an invented holder on every post of the region."""
    migrate(url)
    with _transaction(url) as session:
        mirror_region(session.plan.connection, session.region)
        _set_clock(session.plan.connection, START)
    with _transaction(url) as session:
        demo.people_the_town(session)


def move_staff(url: str, channel: str, chats: Mapping[str, str]) -> None:
    """The holders of posts in a peopled database have another channel: each an address, from which they just wrote."""
    with _transaction(url) as session:
        for post, chat in chats.items():
            _move(session, demo.phone_of(session.region, post).id, channel, chat)


def _move(session: Session, phone: str, channel: str, chat: str) -> None:
    connection, vault, addresses = session.plan.connection, session.vault, table_of(Address)
    known = addresses.c.key_hash == vault.hash("addresses.key_hash", "phone", STAFF, phone)
    row = connection.execute(select(addresses.c.id).where(known)).scalar()
    if row is not None:
        values = {
            "channel": channel,
            "heard_at": session.moment.real,
            "key_hash": vault.hash("addresses.key_hash", channel, STAFF, chat),
            "value_sealed": vault.seal("addresses.value_sealed", row, chat),
        }
        connection.execute(update(addresses).where(addresses.c.id == row).values(**values))


def at_start(url: str) -> str:
    """The same database, whose clock stands at `START` again: it was peopled a while ago."""
    with _transaction(url) as session:
        _set_clock(session.plan.connection, START)
    return url


@contextlib.contextmanager
def _transaction(url: str) -> Iterator[Session]:
    """A session on a database that no program runs on."""
    engine = make_engine(url)
    try:
        _, vault = open_database(engine, KEYS)
        with engine.begin() as connection:
            plan = Plan(connection)
            moment = TownClock(may_travel=True).read(connection)
            yield Session(plan, vault, siantar(), moment, Source(), Rules())
            plan.close()
    finally:
        engine.dispose()


def _set_clock(connection: Connection, moment: datetime) -> None:
    """Put the town clock anywhere, also back: only before a town has any history."""
    real = connection.execute(select(real_now())).scalar_one()
    ahead = round((moment - real) / timedelta(milliseconds=1))
    connection.execute(update(table_of(TownRow)).values(clock_offset_ms=ahead))


@contextlib.asynccontextmanager
async def open_town(
    url: str,
    folder: Path,
    *,
    undo_seconds: int = 0,
    may_travel: bool = True,
    people: bool = True,
    channel: Carrier | None = None,
    language: str = "id",
    start: datetime = START,
    beat: bool = False,
    digests: bool = False,
    beside: Sequence[Carrier] = (),
) -> AsyncIterator[Town]:
    """Run the program on a migrated (or `peopled`) database.

    `undo_seconds` 0: notices go at once and nothing can be undone. `language`: that of citizens by their phones, and
    of every holder. `beat`: let the beats run by themselves too; `travels` fires due steps anyway. `digests`: mornings
    bring them, and the clock stops there. `beside`: what carries messages of other channels.
    """
    carrier: Carrier = channel or PretendChannel()
    settings = settings_for(url, folder, undo_seconds=undo_seconds, may_travel=may_travel, digests=digests)
    for each in (carrier, *beside):
        settings = each.settings(settings)
    with patch("bot.app.Renderer", lambda *_, **__: _renderer()):  # templates are compiled once for all towns
        channels = [channel for each in (carrier, *beside) for channel in each.channels]
        program = Program(settings, channels=channels, region=siantar())
    with _faults_in_the_log():
        async with program.running(beat=beat):
            await program.errand(lambda session: _furnish(session, start if may_travel else None, people, language))
            await _delivering(program)
            async with contextlib.AsyncExitStack() as hearing:
                for each in (carrier, *beside):
                    await hearing.enter_async_context(each.hearing(program))
                yield Town(program, carrier, language, beside)


async def _delivering(program: Program) -> None:
    """Delivery has its accounts; before that it would call itself idle whatever waits."""
    async with asyncio.timeout(PATIENCE):
        while not program.delivery._leased_at.keys() >= {CITIZEN, STAFF}:  # noqa: ASYNC110 - the program tells nobody
            await asyncio.sleep(0.002)


def _furnish(session: Session, start: datetime | None, people: bool, language: str) -> None:
    connection = session.plan.connection
    fresh = not connection.execute(select(func.count()).select_from(table_of(Ticket))).scalar_one()
    if start is not None and fresh:
        _set_clock(connection, start)
    if people and not connection.execute(select(func.count()).select_from(table_of(Holding))).scalar_one():
        demo.people_the_town(session)
        session.plan.mark()
        session.plan.flush()
    if language != "id":
        connection.execute(update(table_of(PersonRow)).values(language=language))


@contextlib.contextmanager
def _faults_in_the_log() -> Iterator[None]:
    """Let the log that a failing test prints say why a step failed, not only its class."""
    log = logging.getLogger("handlers.receive")
    before = log.level
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.setLevel(before)
