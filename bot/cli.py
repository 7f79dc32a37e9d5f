"""The command line: `tanggap COMMAND`. Exit 0 done, 1 fault, 2 wrong use; one line on standard error says which."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from bot import commands
from bot.settings import SettingsError
from storage.encryption import Unreadable

app = typer.Typer(
    help="A town's complaints by chat: told in plain words, read by the right office, answered by the deadline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Faults end with exit code 1 and one clear line, not with a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (SettingsError, Unreadable, commands.Fault) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None

    return run


for _command in commands.ALL:
    app.command(name=commands.name_of(_command))(told(_command))


def main() -> None:
    """The program's entry."""
    app()


if __name__ == "__main__":
    main()
