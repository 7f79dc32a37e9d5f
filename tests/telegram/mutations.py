"""Updates that Telegram would never send: those of people, bent at random."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from tests.telegram.people import Update, invented

Path = tuple[str | int, ...]

#: What may stand where something else is expected. Words hold one that is searched for afterwards.
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    2**63,
    -(2**63) - 1,
    10**40,
    0.5,
    1e308,
    "",
    " ",
    "0",
    f"{invented()} <b>&amp;<script>",
    f"/start {invented()}",
    f"/{invented()}",
    f"/status {invented()} 123456",
    f"{invented()}\x00\x1b[2J\u202e",
    f"{invented()} \ud83d",
    f"\udc4d{invented()}",
    f"{invented()} 👍🏿👨‍👩‍👧‍👦",
    f"{invented()}\n" * 200,
    f"{invented()} " * 400,
    "{{ 7 * 7 }}{% raw %}",
    "'; DROP TABLE tickets; --",
    "../../etc/passwd",
    [],
    [None],
    [[[[[]]]]],
    {},
    {"id": 1},
    {"type": "private", "id": 5},
    {"": {"": None}},
)
#: Fields that some update has and another might.
FIELDS = (
    "message", "edited_message", "callback_query", "my_chat_member", "channel_post", "inline_query", "poll_answer",
    "chat", "from", "sender_chat", "via_bot", "reply_to_message", "forward_origin", "media_group_id", "text", "caption",
    "entities", "photo", "voice", "video", "document", "sticker", "contact", "location", "venue", "dice", "story",
    "quote", "external_reply", "is_topic_message", "message_thread_id", "migrate_to_chat_id", "migrate_from_chat_id",
    "new_chat_members", "pinned_message", "data", "game_short_name", "inline_message_id", "edit_date", "quote_position",
    "business_connection_id", "paid_media", "gift", "checklist", "giveaway", "no_such_field",
)  # fmt: skip
HOWS = ("replace", "replace", "drop", "wrap", "rename", "add", "nest")
#: How many have an id of their own; the others may be second copies.
ANEW = 0.95

_ids = itertools.count(10**9)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _bend(update: Update, how: str, path: Path, odd: Any, field: str) -> None:
    """Change one place."""
    parent, key = at(update, path[:-1]), path[-1]
    match how:
        case "replace":
            parent[key] = odd
        case "drop":
            del parent[key]
        case "wrap":
            parent[key] = [parent[key]]
        case "rename" if isinstance(parent, dict):
            parent[field] = parent.pop(key)
        case "add" if isinstance(parent, dict):
            parent[field] = odd
        case "nest" if isinstance(parent, dict):
            parent[field] = copy.deepcopy(parent)


def bent(dice: Random, updates: Sequence[Update], most: int = 4) -> Update:
    """One of these updates, with a few places changed; mostly under an id that none had before."""
    update = copy.deepcopy(dice.choice(updates))
    for _ in range(dice.randint(0, most)):
        paths = [path for path in places(update) if path]
        if paths:
            _bend(update, dice.choice(HOWS), dice.choice(paths), copy.deepcopy(dice.choice(ODD)), dice.choice(FIELDS))
    if dice.random() < ANEW and "update_id" in update:
        update["update_id"] = next(_ids)
    return update


def as_body(update: Update) -> bytes:
    """As Telegram writes it; halves of characters stay what they are."""
    return json.dumps(update).encode()
