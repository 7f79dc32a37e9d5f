"""Teaching the program a town's own ways from its register."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.evaluating import rows_of
from bot.commands.faults import Fault
from bot.commands.in_force import in_force
from bot.commands.people import region_of, started
from bot.commands.posts import reading
from bot.folders import find
from bot.settings import load_settings
from domain.region import Region
from handlers.actions.teaching import lessons
from storage.learned import save
from storage.regions import load_region

if TYPE_CHECKING:
    from bot.learning import Row

#: What was told, and the group that it went to.
Story = tuple[str, str]


def train(
    out: Annotated[Path, typer.Option(help="The model; model.npz in the town's folder is used by itself.")],
    file: Annotated[
        Path | None, typer.Argument(help="CSV of the town's register: text and opd, a group's code.")
    ] = None,
    register: Annotated[
        bool,
        typer.Option(
            "--register",
            help="Learn from the town's own settled cases (too): the office that settled one, after every hand-back.",
        ),
    ] = False,
) -> None:
    """Learn from a town's register which office a story goes to. Needs tanggap[learn]; nothing leaves this machine.

    Of the own cases only open ones are read that nobody is kept from, and no story is written anywhere.
    """
    if file is None and not register:
        raise typer.BadParameter("give FILE.csv, --register or both")
    if find_spec("sklearn") is None:
        raise Fault("To train, scikit-learn is needed: install tanggap[learn].")
    if not out.absolute().parent.is_dir():
        raise Fault(f"{out}: there is no folder {out.parent}.")
    from bot.learning import FOLDS, learn

    region, told = _told(file, register)
    rows = _read(told, region, " and ".join([*([str(file)] if file else []), *(["the own cases"] if register else [])]))
    with _bar(FOLDS + 1, "Learning") as bar:
        lesson = learn(rows, region, _step(bar.update))
    save(lesson.model, out)
    typer.echo(
        f"{lesson.rows} stories learned. Of stories it had not seen {lesson.top1:.1%} went to the right office; "
        f"{lesson.coverage:.1%} would go without a question, {lesson.precision:.1%} of them right."
    )


def _told(file: Path | None, register: bool) -> tuple[Region, list[Story]]:
    """The region, and every story with its group: of the file, then of the town's own cases."""
    if not register:
        return load_region(find(load_settings().region_dir)), _of_file(file)
    settings = started()
    region = in_force(settings, region_of(settings)).region
    with reading(settings, region) as session:
        return region, [*_of_file(file), *lessons(session)]


def _of_file(file: Path | None) -> list[Story]:
    rows = rows_of(file, ("opd",)) if file else ()
    return [(row["text"], row["opd"]) for row in rows if row["text"] and row["opd"]]


def _read(told: list[Story], region: Region, where: str) -> list[Row]:
    from bot.learning import LEAST_ROWS, row_of

    _refuse(where, [group for _, group in told], region, LEAST_ROWS)
    with _bar(len(told), "Reading") as bar:
        rows = []
        for story, group in told:
            rows.append(row_of(story, group, region))
            bar.update(1)
    return rows


def _refuse(where: str, groups: list[str], region: Region, least: int) -> None:
    unknown = sorted(set(groups) - set(region.groups))
    if unknown:
        raise Fault(f"{where}: opd {unknown[0]} is no group of groups.yaml.")
    if len(groups) < least:
        raise Fault(f"{where}: at least {least} stories are needed to learn from, not {len(groups)}.")
    if len(set(groups)) < 2:
        raise Fault(f"{where}: all stories went to {groups[0]}, so there is nothing to tell apart.")


def _step(update: Callable[[int], None]) -> Callable[[], None]:
    return lambda: update(1)


def _bar(length: int, label: str) -> AbstractContextManager[Any]:
    return typer.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())
