"""A peopled town whose staff are in WhatsApp: everybody has just written to the number of the staff."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.kit.town import move_staff, peopled, siantar
from tests.whatsapp.people import Person, invented
from tests.whatsapp.standin import Account, Graph

#: Staff have these names with Meta, so that each database has the same.
STAFF_IDS = 7_100_000_000_000_000


@cache
def staff() -> dict[str, Person]:
    """Who holds which post."""
    posts = sorted(siantar().posts)
    return {post: Person(id=f"ID.{STAFF_IDS + n}", name=invented()) for n, post in enumerate(posts)}


def town_on_whatsapp(url: str) -> None:
    """A `Prepare` for `new_database`: the invented holders of all posts, in WhatsApp instead of on phones."""
    peopled(url)
    move_staff(url, "whatsapp", {post: person.id for post, person in staff().items()})


def account_of_a_town(graph: Graph, numbers: int = 2, **settings: Any) -> Account:
    """A business whose staff have just written to it."""
    account = graph.account(numbers, **settings)
    account.knows(*staff().values(), heard=0)
    return account


def environment(account: Account) -> dict[str, str]:
    """What `serve` must know."""
    own = {"TANGGAP_WHATSAPP_STAFF_PHONE_ID": account.staff_number} if account.staff_number != account.number else {}
    return {
        "TANGGAP_WHATSAPP_API_URL": account.api,
        "TANGGAP_WHATSAPP_APP_SECRET": account.secret,
        "TANGGAP_WHATSAPP_BUSINESS_ID": account.id,
        "TANGGAP_WHATSAPP_PHONE_ID": account.number,
        "TANGGAP_WHATSAPP_TOKEN": account.token,
        "TANGGAP_WHATSAPP_VERIFY_TOKEN": account.verify_token,
        **own,
    }
