"""Who would read a case that came now: posts without a holder, and desks and rungs where nobody can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from domain.region import Region
from domain.vocabulary import Role
from handlers.actions.posts import Filled

#: What to do about it, on every line.
_INVITE = "`tanggap invite`"


def faults_of(posts: Sequence[Filled], region: Region) -> list[str]:
    """One line a fault. What a vacancy says already is not said again of its unit and its rung."""
    filled = {found.post.code: found for found in posts}
    vacant = [_vacancy(found) for found in posts if not found.holders]
    return [*sorted(vacant), *_units(filled, region), *_rungs(filled, region)]


def summary_of(posts: Sequence[Filled], region: Region) -> str | None:
    """Before anybody is enrolled: one line for all that is missing."""
    vacant = sum(not found.holders for found in posts)
    if not vacant:
        return None
    filled = {found.post.code: found for found in posts}
    silent = sum(not _reads(filled, region, unit) for unit in region.units)
    return (
        f"{vacant} posts have no holder yet: `tanggap invite --role ROLE --post POST`"
        f" ({silent} units have nobody who reads)"
    )


def _vacancy(found: Filled) -> str:
    ended = f" since {found.ended_on}" if found.ended_on else ""
    return f"post {found.post.code} ({found.post.title}) has no holder{ended}: {_INVITE}"


def _reads(filled: Mapping[str, Filled], region: Region, unit: str) -> bool:
    return any(filled[post.code].reachable for post in region.posts_of.get(unit, ()) if post.role is not Role.ADMIN)


def _units(filled: Mapping[str, Filled], region: Region) -> Iterator[str]:
    """Units whose posts are held, but by nobody who can be reached; an administrator reads no cases."""
    for code, unit in region.units.items():
        posts = [filled[post.code] for post in region.posts_of.get(code, ()) if post.role is not Role.ADMIN]
        if any(found.holders for found in posts) and not _reads(filled, region, code):
            yield f"{_called(code, region)}{unit.name} has nobody who can be reached: {_mend(posts)}"


def _called(unit: str, region: Region) -> str:
    kind = {region.front_desk: "the front desk", region.inspectorate: "the inspectorate"}.get(unit, "unit")
    return f"{kind} {unit}, "


def _mend(posts: Sequence[Filled]) -> str:
    held = " ".join(found.post.code for found in posts if found.holders)
    return f"the holder of {held} has no living chat, or is away without a substitute"


def _rungs(filled: Mapping[str, Filled], region: Region) -> Iterator[str]:
    """Rungs that name a post which is held, but by nobody who can be reached: its step would climb past it."""
    named = {rung.to: rung for rungs in region.ladder.values() for rung in rungs}
    for code, rung in sorted(named.items()):
        found = filled.get(code)
        if found and found.holders and not found.reachable:
            yield f"rung {rung.code} tells post {code} ({found.post.title}), who cannot be reached: {_mend([found])}"
