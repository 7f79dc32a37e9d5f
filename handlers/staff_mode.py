"""One number for citizens and staff: as which of the two somebody writes, told by what they send.

Everything is a citizen's, also an officer's own complaint, but for: a command that only staff have or a code of theirs;
a press on, or a reply to, what went to them as staff; a typed choice of such a page where it is the last that they saw;
and what they write while they are in the middle of something as staff. A citizen's command ends that, as does anything
else that they do as a citizen, or half an hour of silence.

An event is hashed by the account of its number, so whatever it is taken for, it is the same event when it comes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from domain.codes import INVITATION, parse_code
from domain.region import Region
from handlers.flows.staff.entrance import CASE_LINK
from handlers.flows.turns import TURNS, command_of
from handlers.messages import CITIZEN, STAFF, Inbound
from handlers.prelude import is_said, meant_of, part_hash, place_of, row_of
from storage.encryption import Vault
from storage.plan import Plan, Record
from storage.queries import people, talk
from storage.tables import Outbox
from storage.writer import Job

#: How long (real time) somebody is in the middle of something after their last word.
QUIET = timedelta(minutes=30)
#: States of a conversation in which nothing is asked for.
AT_REST = frozenset({None, "idle", "new"})


@dataclass(frozen=True, slots=True)
class Side:
    """Where somebody stands as one of the two, since when, and which page with choices they saw last, since when."""

    address: int
    state: str | None = None
    touched_at: datetime | None = None
    offer: int | None = None
    offered_at: datetime | None = None


def account_of(
    inbound: Inbound,
    sides: Mapping[str, Side],
    now: datetime,
    *,
    meant: str | None = None,
    chooses: bool = False,
) -> str:
    """As whom somebody writes. `meant`: whose page they press or quote, where it is known; `chooses`: the words are a
    choice of the page that staff were offered last."""
    if command := command_of(inbound.text):
        return _of_command(*command, under_way=is_under_way(sides, now))
    if meant is not None or inbound.choice is not None:
        return meant or CITIZEN
    if chooses and _saw_last(sides):
        return STAFF
    return STAFF if is_under_way(sides, now) else CITIZEN


def _of_command(word: str, rest: str, *, under_way: bool) -> str:
    if word == "start":
        return STAFF if parse_code(rest, INVITATION) or rest.startswith(CASE_LINK) else CITIZEN
    if word in _commands(CITIZEN):
        return STAFF if under_way and word != "menu" and word in _commands(STAFF) else CITIZEN
    return STAFF if word in _commands(STAFF) else CITIZEN


@cache
def _commands(account: str) -> frozenset[str]:
    prefix = f"{account}.command."
    return frozenset(name.removeprefix(prefix) for name in TURNS if name.startswith(prefix))


def is_under_way(sides: Mapping[str, Side], now: datetime) -> bool:
    """Whether somebody is in the middle of something as staff, and has done nothing as a citizen since."""
    staff, citizen = sides.get(STAFF), sides.get(CITIZEN)
    if staff is None or staff.touched_at is None or staff.state in AT_REST or now - staff.touched_at >= QUIET:
        return False
    return citizen is None or citizen.touched_at is None or staff.touched_at > citizen.touched_at


def _saw_last(sides: Mapping[str, Side]) -> bool:
    """Whether the last page with choices that somebody saw was one for staff."""
    staff, citizen = sides.get(STAFF), sides.get(CITIZEN)
    if staff is None or staff.offered_at is None:
        return False
    return citizen is None or citizen.offered_at is None or staff.offered_at > citizen.offered_at


def one_each(jobs: Sequence[Job], shared: frozenset[str]) -> list[Job]:
    """The jobs of a batch, of each sender on a shared number the first alone: the next is read in the light of what
    that one has changed, so it opens the next batch."""
    taken: list[Job] = []
    senders: set[tuple[str, str]] = set()
    for job in jobs:
        sender = (job.body.channel, job.body.sender)
        if _is_mixed(job.body, shared):
            job.postponed = sender in senders
            senders.add(sender)
        if not job.postponed:
            taken.append(job)
    return taken


def _is_mixed(inbound: Inbound, shared: frozenset[str]) -> bool:
    """Whether it must be told apart: said in private, to a number that serves both."""
    return inbound.channel in shared and inbound.group is None and is_said(inbound)


class StaffMode:
    """Tells the messages of a batch apart, with a few reads for all of them."""

    def __init__(self, plan: Plan, vault: Vault, region: Region, now: datetime, shared: frozenset[str]) -> None:
        self._plan = plan
        self._vault = vault
        self._region = region
        self._now = now
        self._shared = shared

    def tell_apart(self, inbounds: Sequence[Inbound]) -> list[tuple[Inbound, int | None]]:
        """Each message from the account that it is for, and the sender's address as the other of the two."""
        mixed = [inbound for inbound in inbounds if _is_mixed(inbound, self._shared)]
        if not mixed:
            return [(inbound, None) for inbound in inbounds]
        sides = self._sides(mixed)
        offers = self._offers(mixed, sides.values())
        quoted = self._quoted(mixed)
        told = {id(inbound): self._tell(inbound, sides[inbound.sender], offers, quoted) for inbound in mixed}
        return [told.get(id(inbound), (inbound, None)) for inbound in inbounds]

    def _tell(
        self, inbound: Inbound, sides: Mapping[str, Side], offers: Mapping[int, Record], quoted: Mapping[bytes, Any]
    ) -> tuple[Inbound, int | None]:
        meant = self._meant(inbound, sides, offers, quoted)
        offer = offers.get(sides[STAFF].offer or 0) if STAFF in sides else None
        chooses = offer is not None and place_of(inbound.text, offer, self._region) is not None
        account = account_of(inbound, sides, self._now, meant=meant, chooses=chooses)
        other = sides.get(CITIZEN if account == STAFF else STAFF)
        return replace(inbound, account=account), other.address if other else None

    def _meant(
        self, inbound: Inbound, sides: Mapping[str, Side], offers: Mapping[int, Record], quoted: Mapping[bytes, Any]
    ) -> str | None:
        """Whose page is pressed or quoted. A press counts only at the address that the page went to."""
        pressed = offers.get(row_of(inbound.choice) or 0)
        if pressed is not None:
            own = sides.get(pressed.account)
            return str(pressed.account) if own and own.address == pressed.address_id else None
        return next((account for account in (STAFF, CITIZEN) if self._hash(inbound, account) in quoted), None)

    def _sides(self, mixed: Iterable[Inbound]) -> dict[str, dict[str, Side]]:
        """Both sides of each sender, as far as there are two."""
        found: dict[str, dict[str, Side]] = {inbound.sender: {} for inbound in mixed}
        owners = {
            self._vault.hash("addresses.key_hash", inbound.channel, account, inbound.sender): inbound.sender
            for inbound in mixed
            for account in (CITIZEN, STAFF)
        }
        for row in self._plan.rows(people.SIDES, {"hashes": sorted(owners)}):
            offered = row.sent_at or row.created_at
            side = Side(row.address_id, row.state, row.touched_at, row.last_offer, offered)
            found[owners[row.key_hash]][row.account] = side
        return found

    def _offers(self, mixed: Iterable[Inbound], sides: Iterable[Mapping[str, Side]]) -> dict[int, Record]:
        """The rows that are pressed, and those that staff were offered last."""
        wanted = {row for inbound in mixed if (row := row_of(inbound.choice))}
        wanted |= {offer for both in sides if STAFF in both and (offer := both[STAFF].offer)}
        rows = self._plan.fetch(Outbox, talk.OFFERS, {"ids": sorted(wanted)}) if wanted else []
        return {row.id: row for row in rows}

    def _quoted(self, mixed: Iterable[Inbound]) -> dict[bytes, Any]:
        """What is quoted, of either side."""
        hashes = {self._hash(inbound, account) for inbound in mixed for account in (CITIZEN, STAFF)} - {b""}
        rows = self._plan.rows(talk.QUOTED, {"hashes": sorted(hashes)}) if hashes else []
        return {row.external_hash: row for row in rows}

    def _hash(self, inbound: Inbound, account: str) -> bytes:
        meant = meant_of(inbound)
        return part_hash(self._vault, inbound.channel, account, inbound.sender, meant) if meant else b""
