"""That a process serves, as a lease that everybody can see: a restore must not pull the database from under it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from bot.alongside import alongside
from bot.app import Program
from handlers.session import Session
from storage import leases

log = logging.getLogger(__name__)

LIFE = timedelta(seconds=30)
RENEW_EVERY = 10.0


@contextlib.asynccontextmanager
async def serving(program: Program) -> AsyncIterator[None]:
    """Hold a lease of one's own as long as the block runs; several processes may serve at once."""
    name = f"{leases.SERVING}{program.holder}"
    await program.errand(lambda session: _take(session, name, program.holder))
    try:
        async with alongside(_keep(program, name)):
            yield
    finally:
        with contextlib.suppress(DBAPIError):
            await program.errand(lambda session: leases.release(session.plan.connection, name, program.holder))


async def _keep(program: Program, name: str) -> None:
    while True:
        await asyncio.sleep(RENEW_EVERY)
        try:
            await program.errand(lambda session: _take(session, name, program.holder))
        except DBAPIError as error:  # the database is ill: the next round tries again
            log.warning("the lease of a serving process could not be renewed", extra={"kind": type(error).__name__})


def _take(session: Session, name: str, holder: str) -> bool:
    leases.forget_dead(session.plan.connection, leases.SERVING)
    return leases.acquire(session.plan.connection, name, holder, LIFE)
