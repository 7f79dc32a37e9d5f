"""Sentences that name a unit, of each town: how often the unit is found that a human reader would say is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.commands.town import routed
from domain.understanding.measuring import Tally
from tests.domain.regions import region_of

HERE = Path(__file__).parent / "units"
TOWNS = ("pematangsiantar", "asahan", "tanjungbalai", "dairi", "payakumbuh")


def sentences(town: str, part: str) -> list[tuple[str, str]]:
    """Each sentence of a part with the unit that is meant."""
    found = yaml.safe_load((HERE / f"{town}.yaml").read_text(encoding="utf-8"))[part]
    return [next(iter(entry.items())) for entry in found]


def is_found(text: str, unit: str, town: str) -> bool:
    """Whether `tanggap evaluate` would count the unit of a sentence as right."""
    tally = Tally(threshold=1)
    tally.add({"unit": unit}, routed(text, region_of(town)))
    return bool(tally.units[True])


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize(("part", "least"), [("tuned", 0.97), ("held_out", 0.93)])
def test_the_unit_that_is_meant_is_found(town: str, part: str, least: float) -> None:
    all_of_them = sentences(town, part)
    missed = [(text, unit) for text, unit in all_of_them if not is_found(text, unit, town)]
    assert len(missed) <= (1 - least) * len(all_of_them), missed


def test_every_town_has_its_sixty_sentences_and_half_of_them_were_never_looked_at() -> None:
    for town in TOWNS:
        assert len(sentences(town, "held_out")) >= 30
        assert len(sentences(town, "tuned")) >= 30
