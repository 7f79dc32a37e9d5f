"""The command line: `tanggap COMMAND`. Exit 0 done, 1 fault, 2 wrong use; one line on standard error says which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import typer

from bot import commands
from bot.commands.faults import MENDABLE, line_of

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
        except MENDABLE as error:
            line = line_of(error)
            if line is None:
                raise
            typer.echo(line, err=True)
            raise typer.Exit(1) from None

    return run


for _command in commands.ALL:
    app.command(name=commands.name_of(_command))(told(_command))


def _group(words: Sequence[str], text: str, group: Sequence[Callable[..., Any]]) -> None:
    """Commands that are typed behind some words, such as `tanggap whatsapp templates push`."""
    inner = typer.Typer(help=text, no_args_is_help=True)
    for command in group:
        inner.command(name=commands.name_of(command))(told(command))
    for word in reversed(words[1:]):
        outer = typer.Typer(help=text, no_args_is_help=True)
        outer.add_typer(inner, name=word)
        inner = outer
    app.add_typer(inner, name=words[0], help=text)


for _words, _help, _commands in commands.GROUPS:
    _group(_words, _help, _commands)


def main(arguments: Sequence[str] | None = None) -> int:
    """The program's entry; returns the exit code. What was typed wrong is one line too."""
    try:
        code = app(arguments, prog_name="tanggap", standalone_mode=False)
    except typer.TyperException as error:
        if said := " ".join(error.format_message().replace("Value error, ", "").split()):
            typer.echo(f"{said if said.endswith(('.', '?')) else f'{said}.'} {_see(error)}", err=True)
        return error.exit_code
    return int(code or 0)


def _see(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"See `{context.command_path if context else 'tanggap'} --help`."


if __name__ == "__main__":
    raise SystemExit(main())
