"""A peopled town whose staff are in Telegram: everybody has a chat with the staff bot."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.kit.town import move_staff, peopled, siantar
from tests.telegram.people import Person, invented
from tests.telegram.standin import Bot, StandIn

#: The chats of staff have ids from here on, so that each database has the same.
STAFF_CHATS = 7_100_000_000
CITIZEN_SECRET, STAFF_SECRET = "citizen-secret-1", "staff-secret-2"


@cache
def staff() -> dict[str, Person]:
    """Who holds which post."""
    posts = sorted(siantar().posts)
    return {post: Person(id=STAFF_CHATS + n, first_name=invented()) for n, post in enumerate(posts)}


def town_on_telegram(url: str) -> None:
    """A `Prepare` for `new_database`: the invented holders of all posts, in Telegram instead of on phones."""
    peopled(url)
    move_staff(url, "telegram", {post: str(person.id) for post, person in staff().items()})


class Telegram:
    """The two bots of a town on the stand-in."""

    def __init__(self, standin: StandIn, **settings: Any) -> None:
        self.url = standin.url
        self.citizen: Bot = standin.bot(**settings)
        self.staff: Bot = standin.bot(**settings)
        self.staff.chats([{**person.chat, "started": True} for person in staff().values()])

    @property
    def bots(self) -> tuple[Bot, Bot]:
        return self.citizen, self.staff

    def environment(self, mode: str) -> dict[str, str]:
        """What `serve` must know."""
        return {
            "TANGGAP_TELEGRAM_API_URL": self.url,
            "TANGGAP_TELEGRAM_MODE": mode,
            "TANGGAP_CITIZEN_TELEGRAM_TOKEN": self.citizen.token,
            "TANGGAP_CITIZEN_TELEGRAM_SECRET": CITIZEN_SECRET,
            "TANGGAP_CITIZEN_TELEGRAM_USERNAME": "tanggap_warga_bot",
            "TANGGAP_STAFF_TELEGRAM_TOKEN": self.staff.token,
            "TANGGAP_STAFF_TELEGRAM_SECRET": STAFF_SECRET,
            "TANGGAP_STAFF_TELEGRAM_USERNAME": "tanggap_petugas_bot",
        }
