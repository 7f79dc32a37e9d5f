"""Teaching the program a town's own ways from its register."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.evaluating import rows_of
from bot.commands.faults import Fault
from bot.folders import find
from bot.settings import load_settings
from domain.region import Region
from storage.learned import save
from storage.regions import load_region


def train(
    file: Annotated[Path, typer.Argument(help="CSV of the town's register: text and opd, a group's code.")],
    out: Annotated[Path, typer.Option(help="The model; model.npz in the town's folder is used by itself.")],
) -> None:
    """Learn from a town's register which office a story goes to. Needs tanggap[learn]; nothing leaves this machine."""
    if find_spec("sklearn") is None:
        raise Fault("To train, scikit-learn is needed: install tanggap[learn].")
    if not out.absolute().parent.is_dir():
        raise Fault(f"{out}: there is no folder {out.parent}.")
    from bot.learning import FOLDS, LEAST_ROWS, learn, row_of

    region = load_region(find(load_settings().region_dir))
    labelled = [row for row in rows_of(file, ("opd",)) if row["text"] and row["opd"]]
    _refuse(file, labelled, region, LEAST_ROWS)
    with _bar(len(labelled), "Reading") as bar:
        rows = []
        for row in labelled:
            rows.append(row_of(row["text"], row["opd"], region))
            bar.update(1)
    with _bar(FOLDS + 1, "Learning") as bar:
        lesson = learn(rows, region, _step(bar.update))
    save(lesson.model, out)
    typer.echo(
        f"{lesson.rows} stories learned. Of stories it had not seen {lesson.top1:.1%} went to the right office; "
        f"{lesson.coverage:.1%} would go without a question, {lesson.precision:.1%} of them right."
    )


def _refuse(file: Path, rows: list[dict[str, str]], region: Region, least: int) -> None:
    unknown = sorted({row["opd"] for row in rows} - set(region.groups))
    if unknown:
        raise Fault(f"{file}: opd {unknown[0]} is no group of groups.yaml.")
    if len(rows) < least or len({row["opd"] for row in rows}) < 2:
        raise Fault(f"{file}: at least {least} stories of two groups are needed, not {len(rows)}.")


def _step(update: Callable[[int], None]) -> Callable[[], None]:
    return lambda: update(1)


def _bar(length: int, label: str) -> AbstractContextManager[Any]:
    return typer.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())
