"""One process alone: a named lease until a real moment by the database's clock."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from storage.engine import real_now
from storage.plan import table_of
from storage.queries.talk import insert_new
from storage.tables import Lease

leases = table_of(Lease)

#: Every process that serves holds one of its own, `serving:<holder>`.
SERVING = "serving:"

_HOLD = (
    update(leases)
    .where(
        leases.c.name == bindparam("lease"),
        or_(leases.c.holder == bindparam("who"), leases.c.until < real_now()),
    )
    .values(holder=bindparam("who"), until=real_now(bindparam("seconds")))
)
_FREE = delete(leases).where(leases.c.name == bindparam("lease"), leases.c.holder == bindparam("who"))
_HOLDER = select(leases.c.holder).where(leases.c.name == bindparam("lease"), leases.c.until >= real_now())

_OF_KIND = leases.c.name.startswith(bindparam("kind"), autoescape=False)
_ALIVE = select(leases.c.name).where(_OF_KIND, leases.c.until >= real_now()).order_by(leases.c.name)
_FORGET_DEAD = delete(leases).where(_OF_KIND, leases.c.until < real_now())


def acquire(connection: Connection, name: str, holder: str, life: timedelta) -> bool:
    """Take or renew a lease; False while another process holds it."""
    values = {"lease": name, "who": holder, "seconds": life.total_seconds()}
    if connection.execute(_HOLD, values).rowcount:
        return True
    now = connection.execute(select(real_now())).scalar_one()
    statement = insert_new(Lease, connection.dialect.name, ("name",), ("name",))
    return connection.execute(statement, {"name": name, "holder": holder, "until": now + life}).first() is not None


def release(connection: Connection, name: str, holder: str) -> None:
    """Give a lease back."""
    connection.execute(_FREE, {"lease": name, "who": holder})


def holder_of(connection: Connection, name: str) -> str | None:
    """Who holds a lease now."""
    return connection.execute(_HOLDER, {"lease": name}).scalar()


def alive(connection: Connection, kind: str) -> list[str]:
    """The leases whose name begins with `kind` and that somebody holds now."""
    return list(connection.execute(_ALIVE, {"kind": kind}).scalars())


def forget_dead(connection: Connection, kind: str) -> None:
    """Remove what processes that died have left of a kind."""
    connection.execute(_FORGET_DEAD, {"kind": kind})
