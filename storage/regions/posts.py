"""The posts of a unit: its own list, or the patterns of its kind filled with its names."""

from __future__ import annotations

from domain.region import Post
from storage.regions.models import UnitEntry, UnitKindEntry

#: Whom a rung may tell without naming a post; the last one is turned into the town's own post when a region is built.
HEAD_OF_REGION = "head_of_region"
RELATIVE = frozenset({"officer", "unit_head", "office_head", HEAD_OF_REGION})


def posts_of(code: str, unit: UnitEntry, kind: UnitKindEntry) -> tuple[Post, ...]:
    names = {
        "code": code,
        "name": unit.name,
        "tail": code.removeprefix(kind.code_prefix or ""),
        "short": unit.name.removeprefix(kind.name_prefix or "").strip(),
    }
    entries = kind.posts if unit.posts is None else unit.posts
    return tuple(Post(p.code.format(**names), p.title.format(**names), code, p.role, p.digest_at) for p in entries)
