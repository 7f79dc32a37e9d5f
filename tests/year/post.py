"""The platform of the simulated year, which has its bad days; and the post that hands every page to it.

Each page takes the record's own way (`envelope`, `open_post`, and what became of the send), many in one transaction.
How pages are sent side by side, and drawn, is shown elsewhere: tests/kill, tests/telegram, tests/pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.app import Program
from bot.channels.base import Gone, Later, Outcome, Sent
from bot.delivery import PATIENCE
from handlers.actions import delivering, outcomes
from handlers.actions.delivering import Company, Drop, Envelope, Wait
from handlers.messages import CITIZEN, STAFF
from handlers.session import Session
from storage.ids import to_text
from storage.plan import table_of
from storage.queries import talk
from storage.tables import Outbox

_BATCH = 200
_outbox = table_of(Outbox)
_WAITING = select(_outbox.c.id).where(_outbox.c.state == "queued", _outbox.c.retry_at.is_(None)).limit(1)
_AGAIN = update(_outbox).where(_outbox.c.state == "queued", _outbox.c.retry_at.is_not(None)).values(retry_at=None)


@dataclass(frozen=True)
class Handed:
    """A page was handed to the platform: which, to whom, when by the town's clock, and what it said."""

    row: int
    to: str
    at: datetime
    outcome: str


class Platform:
    """What the phones hang on."""

    def __init__(self) -> None:
        self.down = False
        self.gone: set[str] = set()

    def answer(self, account: str, to: str, row: int) -> Outcome:
        if self.down:
            return Later()
        if account == STAFF and to in self.gone:
            return Gone("blocked")
        return Sent((to_text(row),))


class Post:
    """Hands over what may go, until nothing more may."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.handed: list[Handed] = []

    async def deliver(self, program: Program) -> None:
        """Until nothing may go. What is noted is noted after the commit: an errand may run again."""
        with program.readers.begin() as connection:
            waits = connection.execute(_WAITING).first() is not None
        if waits:
            self.handed += await program.errand(self._rounds)

    def _rounds(self, session: Session) -> list[Handed]:
        """Round after round in one transaction; in each at most one page for each reader."""
        done: set[int] = set()
        noted: list[Handed] = []
        while found := [row for account in (CITIZEN, STAFF) for row in self._ready(session, account)]:
            assert not done.intersection(found), "a row that was handed over is ready again"
            handed = [handed for row in found if (handed := self._hand_over(session, row))]
            done.update(one.row for one in handed)
            noted += handed
            session.plan.mark()  # the round is finished: the next one must see it
            session.plan.flush()
        return noted

    def try_again(self, session: Session) -> None:
        """What waits for another try is tried now: real time does not pass in a year that is lived in a minute."""
        session.plan.connection.execute(_AGAIN)

    def _ready(self, session: Session, account: str) -> list[int]:
        real = session.moment.real
        moment = {"town": session.now, "real": real, "patience": real - PATIENCE, "most": _BATCH, "account": account}
        return [row.id for row in session.plan.rows(talk.READY, moment)]

    def _hand_over(self, session: Session, row: int) -> Handed | None:
        match delivering.envelope(session, row):
            case None:
                delivering.open_post(session, row)
            case Company():
                delivering.gather(session, row)
            case Wait():
                delivering.wait(session, row)
            case Drop(code):
                outcomes.drop(session, row, code)
            case Envelope() as envelope:
                outcome = self.platform.answer(envelope.account, envelope.to, row)
                self._settle(session, row, outcome)
                return Handed(row, envelope.to, session.now, type(outcome).__name__)
            case other:
                raise AssertionError(f"a phone needs no {other}")
        return None

    def _settle(self, session: Session, row: int, outcome: Outcome) -> None:
        match outcome:
            case Sent(parts):
                outcomes.sent(session, row, parts)
            case Later(after, blameless):
                outcomes.later(session, row, after, blameless=blameless)
            case Gone():
                outcomes.gone(session, row)
