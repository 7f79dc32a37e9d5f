"""What a settled case teaches: that its story was for the group of the office that settled it. Pure."""

from __future__ import annotations

from domain.region import Region
from domain.understanding.offices import offices
from domain.understanding.reading import words_and_unit


def group_taught(story: str, unit: str, region: Region) -> str | None:
    """The group that a story went to in the end; None where the last reader is no office's desk but the front desk, or
    a unit that is no more. Of an office's several groups it is the one that the story sounds like."""
    if unit == region.front_desk or unit not in region.units:
        return None
    groups = groups_of(unit, region)
    if len(groups) < 2:
        return next(iter(groups), None)
    words, named = words_and_unit(story, region)
    said = offices(region).said(words, named).groups
    return max(groups & said.keys(), key=lambda group: (said[group], group), default=None)


def groups_of(unit: str, region: Region) -> frozenset[str]:
    """What a unit answers for: what its kind does everywhere, else what it or the nearest office above it carries."""
    owner = region.units[unit]
    of_kind = frozenset(about.group for about in region.matters.values() if owner.answers_as(about.unit_kind))
    carried = (frozenset(region.units[code].groups) for code in (unit, *region.ancestors(unit)))
    return of_kind or next(filter(None, carried), frozenset())
