"""The posts of a unit: its own list, or the patterns of its kind filled with its names."""

from __future__ import annotations

from collections.abc import Iterable

from domain.region import Post, UnitKind
from storage.regions.models import PostEntry, UnitEntry, UnitKindEntry

#: Whom a rung may tell without naming a post; the last one is turned into the town's own post when a region is built.
HEAD_OF_REGION = "head_of_region"
RELATIVE = frozenset({"officer", "unit_head", "office_head", HEAD_OF_REGION})


def kind_of(entry: UnitKindEntry) -> UnitKind:
    """A kind of unit as rules know it: its posts belong to no unit yet."""
    return UnitKind(
        name=entry.name.model_dump(),
        posts=_patterns(entry.posts),
        code_prefix=entry.code_prefix or "",
        name_prefix=entry.name_prefix or "",
        stands_for=entry.stands_for,
    )


def posts_of(code: str, unit: UnitEntry, kind: UnitKindEntry) -> tuple[Post, ...]:
    return kind_of(kind).posts_of(code, unit.name, None if unit.posts is None else _patterns(unit.posts))


def _patterns(entries: Iterable[PostEntry]) -> tuple[Post, ...]:
    return tuple(Post(entry.code, entry.title, "", entry.role, entry.digest_at) for entry in entries)
