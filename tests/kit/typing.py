"""Names of places as hurried people type them: real names, with the slips that thumbs make. Always the same ones."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.region import Area, Region

#: What people write before the name of each level; "" is nothing.
CALLS = {
    "kelurahan": ("kelurahan ", "kel ", "Kel. ", "kel.", "di kelurahan ", "klurahan ", "lurah ", ""),
    "desa": ("desa ", "Desa ", "di desa ", "kades ", ""),
    "kecamatan": ("kecamatan ", "kec ", "Kec. ", "kec.", "kcamatan ", "camat ", ""),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, and the area that was meant."""

    text: str
    area: str


def typed_names(region: Region, count: int, seed: int = 20260907) -> Iterator[Typed]:
    """So many names of a town's areas, typed with a slip. Shared names have their kecamatan beside them."""
    chance = random.Random(f"{seed} {region.code}")
    shared = Counter(_plain(area.name) for area in region.areas.values())
    areas = sorted(region.areas.values(), key=lambda area: area.code)
    chosen = [area for _ in range(count // len(areas) + 1) for area in chance.sample(areas, len(areas))][:count]
    for area in chosen:
        yield Typed(_typed(area, region, chance, alone=shared[_plain(area.name)] == 1), area.code)


def _typed(area: Area, region: Region, chance: random.Random, *, alone: bool) -> str:
    plain = region.place_words.plain.issuperset(area.name.lower().split())
    calls = [call for call in CALLS[area.level] if call or not (plain and " " not in area.name)]
    if not alone:
        calls = calls[:3]
    slipped = chance.choice(SLIPS)(area.name, chance)
    text = f"{chance.choice(calls)}{chance.choice((str, str.lower, str.lower, str.upper))(slipped)}"
    if area.parent and (not alone or chance.random() < 0.2):
        text += f"{chance.choice((' kec ', ', kec. ', ' kecamatan '))}{region.areas[area.parent].name.lower()}"
    return text


def _plain(name: str) -> str:
    return name.lower().replace(" ", "")


def _letter(name: str, chance: random.Random) -> int:
    """Where a slip happens: not at the very beginning, which people look at, nor in a number."""
    return chance.choice([at for at, letter in enumerate(name) if at and letter.isalpha() and letter.islower()])


def _dropped(name: str, chance: random.Random) -> str:
    at = _letter(name, chance)
    return name[:at] + name[at + 1 :]


def _doubled(name: str, chance: random.Random) -> str:
    at = _letter(name, chance)
    return name[:at] + name[at] + name[at:]


def _swapped(name: str, chance: random.Random) -> str:
    at = _letter(name, chance)
    return name if at + 1 == len(name) else name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _joined(name: str, chance: random.Random) -> str:
    """Without its blanks; a name of one word gets one."""
    at = _letter(name, chance)
    return name.replace(" ", "") if " " in name else f"{name[:at]} {name[at:]}"


SLIPS: tuple[Callable[[str, random.Random], str], ...] = (_dropped, _doubled, _swapped, _joined)
