"""What a platform's stand-in got from a town that was killed, held against the record."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from tests.kill.crowd import Event
from tests.kill.invariants import Kill, Record

#: A message that the platform took: the account that it went through, and the log's line (`at`, `chat`, `ids`).
Send = tuple[str, Event]


def rows_of(record: Record, account: str, line: Event) -> set[int]:
    return {row for key in line["ids"] for row in record.rows_of(account, line["chat"], key)}


def copies(record: Record, sends: Sequence[Send], kills: Sequence[Kill]) -> Counter[tuple[int, str]]:
    """Messages that no row knows of, by the kill that they were in flight at (-1: none) and the account."""
    found: Counter[tuple[int, str]] = Counter()
    for account, line in sends:
        if not rows_of(record, account, line):
            kill = next((n for n, kill in enumerate(kills) if line["at"] < kill.over), -1)
            found[kill, account] += 1
    return found


def every_page_arrived(record: Record, sends: Sequence[Send]) -> None:
    """Each row that was sent is a message, and each message was sent by a row, or again by one."""
    arrived: set[int] = set()
    last: dict[tuple[str, int | str], float] = defaultdict(float)
    unknown: list[Send] = []
    for account, line in sends:
        if rows := rows_of(record, account, line):
            arrived |= rows
            last[account, line["chat"]] = line["at"]
        else:
            unknown.append((account, line))
    sent = {row.id for row in record.outbox.values() if row.state == "sent"}
    assert sent <= arrived, f"{len(sent - arrived)} pages never arrived"
    assert all(line["at"] < last[account, line["chat"]] for account, line in unknown), "a page that no row sent again"


def done_but_not_confirmed(
    record: Record, posted: Sequence[Event], confirmed_at: Callable[[Event], float], kills: Sequence[Kill]
) -> int:
    """Messages that one process wrote down and the platform handed to the next one too."""
    by_the_wall = time.time() - time.monotonic()
    doubtful = 0
    for event in posted:
        row, told = record.seen(event), confirmed_at(event)
        doubtful += row is not None and any(row.real_at.timestamp() - by_the_wall < kill.over <= told for kill in kills)
    return doubtful
