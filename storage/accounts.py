"""The names under which people find our bots, as the platform told them when it was last asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from storage.plan import table_of
from storage.queries.talk import insert_new
from storage.tables import BotAccount

accounts = table_of(BotAccount)

_THIS = (accounts.c.channel == bindparam("of_channel"), accounts.c.account == bindparam("of_account"))
_NAME = select(accounts.c.username).where(*_THIS)
_RENAME = update(accounts).where(*_THIS)


def name_of(connection: Connection, channel: str, account: str) -> str | None:
    """The name of one of our bots, without @; None where nobody has told it yet."""
    return connection.execute(_NAME, {"of_channel": channel, "of_account": account}).scalar()


def keep_name(connection: Connection, channel: str, account: str, username: str, at: datetime) -> None:
    """Write down what a bot is called now."""
    told = {"username": username, "seen_at": at}
    row = {"channel": channel, "account": account, **told}
    if not connection.execute(
        insert_new(BotAccount, connection.dialect.name, tuple(row)[:2], ("username",)), row
    ).first():
        connection.execute(_RENAME.values(told), {"of_channel": channel, "of_account": account})
