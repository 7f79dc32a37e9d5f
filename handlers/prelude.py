"""The start of a batch: which events are new, who sent them, what they press or quote; rows locked in a fixed order.

Inbox rows by key hash, then people, addresses and conversations, then tickets by id: the same order in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.region import Region
from domain.understanding.text import words_of
from handlers.messages import CITIZEN, STAFF, Choice, Chosen, Inbound
from storage import ids
from storage.clock import Moment
from storage.encryption import Vault
from storage.plan import Model, Plan, Record, table_of
from storage.queries import people, talk
from storage.queries.talk import insert_new
from storage.tables import Address, Conversation, Inbox, MessageSource, Outbox, Person, Ticket
from storage.writer import Job

#: A typed choice is a number or a few words; anything longer is text.
LONGEST_ANSWER = 40
#: The state of a conversation in which nothing has been answered yet.
NEW = "new"

#: Tells the messages of a batch apart where one number has two accounts: each from its account, and the sender's other
#: address there.
Telling = Callable[[Sequence[Inbound]], Sequence[tuple[Inbound, int | None]]]


@dataclass(slots=True)
class Arrival:
    """What is known of one event before its turn. `inbound` is the message, from the account that it is for; `beside`
    the sender's address as the other of the two, where citizens and staff write to one number."""

    inbox: Record
    inbound: Inbound
    seen: bool = False
    copy_of: int | None = None
    person: Record | None = None
    address: Record | None = None
    conversation: Record | None = None
    chosen: Chosen | None = None
    quoted: int | None = None
    said: int | None = None
    ours: int | None = None
    meant: bytes = b""
    beside: int | None = None
    plan: Plan | None = field(default=None, repr=False)

    def people(self) -> tuple[Record, Record, Record]:
        """The sender's rows. What came before in the batch may have joined two persons."""
        assert self.person is not None
        assert self.address is not None
        assert self.conversation is not None
        if self.plan is not None and self.address.person_id != self.person.id:
            self.person = self.plan.one(Person, self.address.person_id)
            assert self.person is not None
        return self.person, self.address, self.conversation

    def about(self) -> tuple[int | None, int | None]:
        """The case that is quoted or edited, and the words in it; they may have joined it in this very batch."""
        for row in self.plan.records(MessageSource) if self.plan and self.meant and self.quoted is None else ():
            if row.external_hash == self.meant:
                return row.ticket_id, row.message_id
        return self.quoted, self.said

    def typed_choice(self, text: str, region: Region) -> Chosen | None:
        """A typed number or word that means a choice of the last page offered in this conversation (decision 10)."""
        if not _may_choose(text) or self.plan is None or self.conversation is None:
            return None
        if self.conversation.last_offer is None:
            return None
        row = self.plan.one(Outbox, self.conversation.last_offer)
        place = place_of(text, row, region) if row is not None else None
        return _chosen(row, place) if row is not None and place else None


def _may_choose(text: str) -> bool:
    typed = _typed(text)
    return bool(typed) and len(typed) <= LONGEST_ANSWER and not typed.startswith("/")


def _typed(text: str) -> str:
    return " ".join(text.lower().split()).strip(".!")


def place_of(text: str, offer: Record, region: Region) -> int | None:
    """Which choice of a page a typed number or word means; None where it means none."""
    if not _may_choose(text) or not offer.choices:
        return None
    return _nth(_typed(text), len(offer.choices)) or _worded(_typed(text), offer.choices, region)


def _nth(typed: str, count: int) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < 3 and 1 <= int(typed) <= count else None


def _worded(typed: str, choices: Sequence[Sequence[Any]], region: Region) -> int | None:
    spelled = " ".join(words_of(typed, region.lexicon))
    for place, (code, _) in enumerate(choices, start=1):
        words = region.lexicon.answers.get(code, frozenset())
        if typed in words or spelled in words:
            return place
    return None


def _chosen(row: Record, place: int) -> Chosen:
    code, args = row.choices[place - 1]
    return Chosen(Choice(code, tuple(args)), row.id, row.ticket_id, row.ticket_version)


class Prelude:
    """Reads and locks what a batch needs, in as few statements as there are tables."""

    def __init__(
        self, plan: Plan, vault: Vault, moment: Moment, jobs: Sequence[Job], tell_apart: Telling | None = None
    ) -> None:
        self._tell_apart = tell_apart
        self._plan = plan
        self._vault = vault
        self._moment = moment
        self._jobs = jobs
        self._dialect = plan.connection.dialect.name

    def arrive(self) -> list[Arrival]:
        """Everything that is known of each event before its turn, in the order of the jobs."""
        arrivals = self.note()
        new = [(j, a) for j, a in zip(self._jobs, arrivals, strict=True) if not a.seen and a.copy_of is None]
        self._sort([arrival for _, arrival in new])
        fresh = [(arrival.inbound, job, arrival) for job, arrival in new]
        self._meet(fresh)
        self._resolve(fresh)
        self._lock_tickets(fresh)
        return arrivals

    def _sort(self, arrivals: Sequence[Arrival]) -> None:
        """Give each message the account that it is for."""
        if self._tell_apart is None or not arrivals:
            return
        told = self._tell_apart([arrival.inbound for arrival in arrivals])
        for arrival, (inbound, beside) in zip(arrivals, told, strict=True):
            arrival.inbound, arrival.beside = inbound, beside

    def note(self) -> list[Arrival]:
        """Write each event's inbox row; what is there already and done is `seen`, a copy in this batch `copy_of`."""
        hashes = [self._event_hash(job.body) for job in self._jobs]
        first_at = {key: number for number, key in reversed(list(enumerate(hashes)))}
        new = {key: self._jobs[number] for key, number in first_at.items()}
        rows = [self._inbox_row(key, new[key]) for key in sorted(new)]
        statement = insert_new(Inbox, self._dialect, ("key_hash",), ("key_hash",))
        written = {row.key_hash for row in self._plan.connection.execute(statement, rows)}
        records = {row["key_hash"]: self._plan.keep(Inbox, row) for row in rows if row["key_hash"] in written}
        if missing := sorted(set(new) - written):
            for record in self._plan.fetch(Inbox, talk.SEEN_LOCKED, {"hashes": missing}):
                records[record.key_hash] = record
        return [
            Arrival(
                inbox=records[key],
                inbound=self._jobs[number].body,
                seen=key not in written and records[key].state in ("done", "quarantined"),
                copy_of=first_at[key] if first_at[key] != number else None,
                plan=self._plan,
            )
            for number, key in enumerate(hashes)
        ]

    def _event_hash(self, inbound: Inbound) -> bytes:
        return self._vault.hash("inbox.key_hash", inbound.channel, inbound.account, inbound.event)

    def _inbox_row(self, key: bytes, job: Job) -> dict[str, Any]:
        return {
            "id": job.source.id("inbox"),
            "key_hash": key,
            "channel": job.body.channel,
            "state": "done",
            "attempts": 0,
            "error": None,
            "town_at": self._moment.town,
            "real_at": self._moment.real,
        }

    def _meet(self, fresh: Sequence[tuple[Inbound, Job, Arrival]]) -> None:
        """Find or make the sender's person, address and conversation. Who only speaks in a group is not made known."""
        heard = [(inbound, job) for inbound, job, _ in reversed(fresh) if is_said(inbound)]
        privately_last = sorted(heard, key=lambda pair: pair[0].group is None)
        hashes = {self._address_hash(inbound): (inbound, job) for inbound, job in privately_last}
        if not hashes:
            return
        known = self._addresses(hashes)
        talks = self._conversations(known)
        persons = self._persons(known)
        for inbound, _, arrival in fresh:
            address = known.get(self._address_hash(inbound))
            if address is None or not is_said(inbound):
                continue
            arrival.address = address
            arrival.person = persons[address.id]
            arrival.conversation = talks[arrival.address.id]
            if arrival.person.language is None and inbound.language:
                arrival.person.language = inbound.language

    def _address_hash(self, inbound: Inbound) -> bytes:
        return self._vault.hash("addresses.key_hash", inbound.channel, inbound.account, inbound.sender)

    def _addresses(self, hashes: dict[bytes, tuple[Inbound, Job]]) -> dict[bytes, Record]:
        found = {r.key_hash: r for r in self._plan.fetch(Address, people.BY_HASH, {"hashes": sorted(hashes)})}
        missing = sorted(key for key in set(hashes) - set(found) if hashes[key][0].group is None)
        if not missing:
            return found
        rows = [self._person_and_address(key, *hashes[key]) for key in missing]
        connection = self._plan.connection
        connection.execute(people.NEW_PEOPLE, [person for person, _ in rows])
        statement = insert_new(Address, self._dialect, ("key_hash", "channel", "account"), ("id",))
        written = {row.id for row in connection.execute(statement, [address for _, address in rows])}
        strangers = [person["id"] for person, address in rows if address["id"] not in written]
        if strangers:  # another process met them in the same moment
            connection.execute(people.FORGET_PEOPLE, {"ids": strangers})
        return {r.key_hash: r for r in self._plan.fetch(Address, people.BY_HASH, {"hashes": sorted(hashes)})}

    def _person_and_address(self, key: bytes, inbound: Inbound, job: Job) -> tuple[dict[str, Any], dict[str, Any]]:
        person = {
            "id": job.source.id("people"),
            "language": inbound.language,
            "name_sealed": None,
            "created_at": self._moment.real,
        }
        row = job.source.id("addresses")
        address = {
            "id": row,
            "person_id": person["id"],
            "channel": inbound.channel,
            "account": inbound.account,
            "key_hash": key,
            "value_sealed": self._vault.seal("addresses.value_sealed", row, inbound.sender),
            "state": "alive",
            "created_at": self._moment.real,
        }
        return person, address

    def _persons(self, known: dict[bytes, Record]) -> dict[int, Record]:
        """Whose the addresses are: read behind the lock of their conversations, for two may just have been joined."""
        addresses = {record.id: record for record in known.values()}
        found = {}
        for row in self._plan.rows(people.PEOPLE_AT, {"addresses": sorted(addresses)}):
            values = dict(row._mapping)
            key = values.pop("address_id")
            found[key] = self._plan.keep(Person, values)
            addresses[key].refresh({"person_id": row.id})
        return found

    def _conversations(self, known: dict[bytes, Record]) -> dict[int, Record]:
        """The conversations of the addresses, locked by id."""
        wanted = sorted(record.id for record in known.values())
        found = {r.address_id: r for r in self._plan.fetch(Conversation, people.TALKS, {"ids": wanted})}
        missing = [address for address in wanted if address not in found]
        if not missing:
            return found
        rows = [self._conversation_row(address) for address in missing]
        statement = insert_new(Conversation, self._dialect, ("address_id",), ("id",))
        self._plan.connection.execute(statement, rows)
        again = self._plan.fetch(Conversation, people.TALKS, {"ids": wanted})
        return {record.address_id: record for record in again}

    def _conversation_row(self, address: int) -> dict[str, Any]:
        return {
            "id": ids.new_id(),
            "address_id": address,
            "state": NEW,
            "memory_sealed": None,
            "last_offer": None,
            "touched_at": self._moment.real,
        }

    def _resolve(self, fresh: Sequence[tuple[Inbound, Job, Arrival]]) -> None:
        """What a button or a quoted message belongs to. A button counts only from the address it was sent to."""
        wanted = {a.conversation.last_offer for _, _, a in fresh if a.conversation} - {None}
        wanted |= {row for inbound, _, _ in fresh if (row := row_of(inbound.choice))}
        wanted |= self._receipted(fresh)
        if wanted:
            self._plan.fetch(Outbox, talk.OFFERS, {"ids": sorted(wanted)})
        quoted = self._quoted(fresh)
        for inbound, _, arrival in fresh:
            if arrival.address is None:
                continue
            arrival.chosen = self._pressed(inbound.choice, arrival.address.id)
            arrival.meant = self._meant(inbound)
            row = quoted.get(arrival.meant)  # the hash names the chat: in a group it is the group's row
            if row is not None and (inbound.group is not None or row.address_id in (None, arrival.address.id)):
                arrival.quoted, arrival.said = row.ticket_id, row.message_id

    def _receipted(self, fresh: Sequence[tuple[Inbound, Job, Arrival]]) -> set[int]:
        """The rows of ours that receipts are about: named by what was sent along, else found by the message."""
        unnamed: dict[bytes, list[Arrival]] = {}
        for inbound, _, arrival in fresh:
            if inbound.receipt is None:
                continue
            arrival.ours = _key_of(inbound.receipt.key)
            if arrival.ours is None:
                for account in (CITIZEN, STAFF) if self._tell_apart else (inbound.account,):
                    part = inbound.receipt.message
                    found = part_hash(self._vault, inbound.channel, account, inbound.sender, part)
                    unnamed.setdefault(found, []).append(arrival)
        for row in self._plan.rows(talk.ROWS_OF_PARTS, {"hashes": sorted(unnamed)}) if unnamed else ():
            for arrival in unnamed[row.external_hash]:
                arrival.ours = row.outbox_id
        return {arrival.ours for _, _, arrival in fresh if arrival.ours is not None}

    def _quoted(self, fresh: Sequence[tuple[Inbound, Job, Arrival]]) -> dict[bytes, Any]:
        """What replies answer and edits change: a page of ours, or a message that became part of a case."""
        hashes = sorted({meant for inbound, _, _ in fresh if (meant := self._meant(inbound))})
        rows = self._plan.rows(talk.QUOTED, {"hashes": hashes}) if hashes else []
        return {row.external_hash: row for row in rows}

    def _meant(self, inbound: Inbound) -> bytes:
        """The keyed hash of the platform message that is quoted or edited, in its chat; empty where none is."""
        meant = meant_of(inbound)
        if not meant:
            return b""
        chat = inbound.group or inbound.sender
        return part_hash(self._vault, inbound.channel, inbound.account, chat, meant)

    def _pressed(self, data: str | None, address: int) -> Chosen | None:
        row_id = row_of(data)
        row = self._plan.known(Outbox, row_id) if row_id else None
        if data is None:
            return None
        place = int(data.partition(".")[2]) if row_id else 0
        if row is None or row.address_id != address or not 1 <= place <= len(row.choices or ()):
            return Chosen(Choice("stale"), 0, None, None)
        return _chosen(row, place)

    def _lock_tickets(self, fresh: Sequence[tuple[Inbound, Job, Arrival]]) -> None:
        """Tickets known from the message are locked now, in the order of their ids."""
        wanted: set[tuple[Model, Any]] = set()
        for _, job, arrival in fresh:
            wanted |= job.wants
            tickets = (arrival.quoted, arrival.chosen.ticket if arrival.chosen else None)
            wanted |= {(Ticket, key) for key in tickets if key}
        wait_for(self._plan, wanted)


def wait_for(plan: Plan, wanted: set[tuple[Model, Any]]) -> None:
    """Lock rows in the order of all locks: conversations, tickets, then the rest; each by id."""
    rest = {model for model, _ in wanted} - {Conversation, Ticket}
    order: list[Model] = [Conversation, Ticket, *sorted(rest, key=lambda model: table_of(model).name)]
    for model in order:
        plan.lock_all(model, {key for of, key in wanted if of is model})


def meant_of(inbound: Inbound) -> str | None:
    """The platform's id of the message that is quoted or edited."""
    return inbound.message if inbound.edited else inbound.reply_to


def part_hash(vault: Vault, channel: str, account: str, chat: str, message: str) -> bytes:
    """The keyed hash by which a platform message is found again: chat and message together."""
    return vault.hash("outbox_parts.external_hash", channel, account, f"{chat}\n{message}")


def is_said(inbound: Inbound) -> bool:
    """Whether somebody speaks: not news of a chat, nor a receipt."""
    return inbound.news is None and inbound.receipt is None


def _key_of(text: str | None) -> int | None:
    """The outbox row that a platform was told of; None for what is no such key."""
    try:
        return ids.from_text(text) if text else None
    except ValueError:
        return None


def row_of(data: str | None) -> int | None:
    """The outbox row in a button's data `<outbox id>.<n>`; None for what is no such data."""
    row, dot, place = (data or "").partition(".")
    if not dot or not place.isdecimal() or len(place) > 2:
        return None
    try:
        return ids.from_text(row)
    except ValueError:
        return None
