"""How well a town's stories are understood, measured on a file of stories that people have sorted."""

from __future__ import annotations

import csv
import json as jsonlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from bot.commands.faults import Fault
from bot.commands.town import routed
from bot.folders import find
from bot.settings import load_settings
from domain.region import Region
from domain.understanding.learned import Learned
from domain.understanding.measuring import Tally
from domain.understanding.reading import SURE
from storage.learned import load
from storage.regions import load_region

#: One of these has to be there beside `text`, or there is nothing to compare with.
_LABELS = ("opd", "unit", "conduct", "emergency")
#: The longest story that a file may have; a channel brings less.
_LONGEST = 1_000_000


def evaluate(
    file: Annotated[Path, typer.Argument(help="CSV: text, opd, and if known alt_opd, unit, conduct, emergency.")],
    model: Annotated[Path | None, typer.Option(help="What `tanggap train` made; else the town's own, if any.")] = None,
    json: Annotated[bool, typer.Option("--json", help="All figures, as JSON.")] = False,
) -> None:
    """How often stories reach the right office, measured on a file that people have sorted."""
    region = load_region(find(load_settings().region_dir))
    if model:
        region = replace(region, learned=_of_this_country(model, region))
    tally = Tally(region.learned.model.sure if region.learned else SURE)
    for row in rows_of(file, _LABELS):
        tally.add(row, routed(row["text"], region))
    figures = tally.figures()
    if json:
        typer.echo(jsonlib.dumps(figures))
    else:
        for line in _lines(figures):
            typer.echo(line)


def _of_this_country(file: Path, region: Region) -> Learned:
    """A model that knows some of the region's groups; offices that have come or gone since do no harm."""
    learned = Learned(partial(load, file))
    if set(region.groups).isdisjoint(learned.model.groups):
        raise Fault(f"{file}: the model knows none of the groups of groups.yaml; train it on this town's register.")
    return learned


def rows_of(file: Path, labels: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The rows of a file one by one, with a bar on a terminal; never all of them at once."""
    csv.field_size_limit(_LONGEST)
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        try:
            yield from _rows(lines, file, labels)
        except csv.Error as error:
            raise Fault(f"{file}: this is no CSV that can be read ({error}).") from None


def _rows(lines: TextIO, file: Path, labels: tuple[str, ...]) -> Iterator[dict[str, str]]:
    length = sum(1 for _ in csv.reader(lines)) - 1
    lines.seek(0)
    reader = csv.DictReader(lines)
    named = set(reader.fieldnames or ())
    if "text" not in named or named.isdisjoint(labels):
        raise Fault(f"{file}: the first line has to name the columns text and {' or '.join(labels)}.")
    with typer.progressbar(reader, length, label=file.name, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for row in bar:
            yield {name: (cell or "").strip() for name, cell in row.items() if name in named}


def _lines(figures: dict[str, Any]) -> Iterator[str]:
    """The figures for people."""
    yield f"{figures['n']} stories"
    if figures["top1"] is not None:
        auto = figures["auto"]
        yield f"right office first {figures['top1']:.1%}, among three {figures['top3']:.1%}"
        right = "" if auto["precision"] is None else f", {auto['precision']:.1%} of them right"
        yield f"without a question {auto['coverage']:.1%}{right}"
    if figures["unit"]:
        yield f"right unit {figures['unit']['accuracy']:.1%}"
    if figures["conduct"]:
        yield f"conduct: macro-F1 {figures['conduct']['macro_f1']:.3f}"
    if figures["emergency"]:
        of = figures["emergency"]
        yield "emergencies: " + ", ".join(
            f"{name} {of[name]:.1%}" for name in of if name != "n" and of[name] is not None
        )
