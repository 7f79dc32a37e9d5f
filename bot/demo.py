"""The demo's town: invented people on every post, phones for any of them, and a clock to move.

Its people exist only here, never in regions/. A phone enrols by the same code and the same conversation as everybody.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from domain.region import Region
from handlers.actions.people import hold
from handlers.session import Session
from storage.plan import table_of
from storage.queries import people
from storage.tables import Address, Conversation, Person

CHANNEL = "phone"
#: Invented; no family name of one people is set beside a post on purpose.
_FIRST = (
    "Sari Budi Ratna Tigor Melati Anton Dewi Togar Lestari Rudi Intan Bonar Maya Hotman Nurul Ferry Rosmaida Hadi"
    " Lina Jonggi Wulan Parlin Sinta Marihot Yuni Darwis Tiur Eka Poltak Rahma"
)
_LAST = (
    "Wijaya Nauli Pratama Sihombang Kurnia Harahupa Santoso Manurang Lubisa Purbana Siregaran Hutasuhuta Saragiha"
    " Damanika Nasutian Halimah Permata Cahyani Setiawan Maharani"
)
#: The phones that the page opens with, and the citizens who write from them.
CITIZENS = {"citizen": "Sari", "citizen-2": "Togar", "citizen-3": "Melati"}
OPENED = ("citizen", "PETUGAS-DISDUKCAPIL", "INSPEKTUR", "SEKDA")


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of the demo: a citizen's, or that of whoever holds a post."""

    id: str
    title: str
    name: str
    post: str | None

    @property
    def account(self) -> str:
        return "staff" if self.post else "citizen"


def phone_of(region: Region, post: str) -> Phone:
    """The phone of a post's holder."""
    found = region.posts[post]
    return Phone(post.lower(), found.title, invented_name(post), post)


def short_title(region: Region, post: str) -> str:
    """What tells a post from others where there is little room: "Kepala DLH", "Wali Kota"."""
    first, *rest = post.split("-")
    return " ".join([first.capitalize(), *(word if word in region.units else word.capitalize() for word in rest)])


def citizen_phone(number: int) -> Phone:
    """The n-th citizen's phone."""
    key = "citizen" if number == 1 else f"citizen-{number}"
    return Phone(key, "", CITIZENS.get(key) or invented_name(key).split()[0], None)


def invented_name(seed: str) -> str:
    """A name that no list of real people gave: the same for the same seed."""
    chooser = random.Random(seed)  # noqa: S311 - a made-up name is no secret
    return f"{chooser.choice(_FIRST.split())} {chooser.choice(_LAST.split())}"


def people_the_town(session: Session) -> int:
    """Give every post an invented holder with a phone, once; returns how many were made. Who has left stays away."""
    made = 0
    for post in session.region.posts.values():
        if session.holders_of(post.code) or _has_phone(session, post.code):
            continue
        _hold(session, post.code)
        made += 1
    return made


def _has_phone(session: Session, post: str) -> bool:
    key = session.vault.hash("addresses.key_hash", CHANNEL, "staff", phone_of(session.region, post).id)
    return bool(session.plan.rows(people.BY_HASH, {"hashes": [key]}))


def _hold(session: Session, post: str) -> None:
    phone = phone_of(session.region, post)
    person = session.add(Person, language="id", name_sealed=None, created_at=session.moment.real)
    row = session.source.id(table_of(Address).name)
    session.plan.add(
        Address,
        id=row,
        person_id=person.id,
        channel=CHANNEL,
        account="staff",
        key_hash=session.vault.hash("addresses.key_hash", CHANNEL, "staff", phone.id),
        value_sealed=session.vault.seal("addresses.value_sealed", row, phone.id),
        created_at=session.moment.real,
    )
    session.add(Conversation, address_id=row, touched_at=session.moment.real)
    hold(session, person.id, post)
