"""What a story says, by the region's words: matter, office, conduct, unit, amount, emergency. Pure and below 1 ms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.borders import NOWHERE, Spot
from domain.region import Lexicon, Region
from domain.understanding.naming import AREA_KINDS, names_in, spot_of, unit_of
from domain.understanding.offices import Candidate, offices
from domain.understanding.text import amount_in, normalise
from domain.vocabulary import Conduct, Kind

#: From this probability on the office is taken without a question (the citizen still sees it before sending).
SURE = 0.8
#: Below this nothing was understood: nobody is asked about it.
PLAUSIBLE = 0.3
_AMOUNT_WORD = re.compile(r"^(rp)?\d{2,}(rb|ribu|k|jt|juta)?$|^\d+(rb|ribu|k|jt|juta)$")
#: Conduct whose weak signs are enough once the story speaks of somebody who serves.
ABOUT_PERSONS = frozenset({Conduct.RUDE, Conduct.ABSENT})
#: How many words after "minta" an amount or a money word still belongs to it.
REACH = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. `conduct` is certain enough to act on; `hints` are the weak signals beside it.

    `unit` is the unit that the story names as the one it is about; `place` the one that only says where it happened.
    `kind` is a question or a wish only where nothing sounds like a complaint. `spot` is the kelurahan, desa or
    kecamatan that it speaks of, whatever else it is about.
    """

    candidates: tuple[Candidate, ...]
    conduct: frozenset[Conduct]
    hints: frozenset[Conduct]
    unit: str | None
    place: str | None
    amount: int | None
    emergency: bool
    kind: Kind = Kind.COMPLAINT
    spot: Spot = NOWHERE
    threshold: float = SURE

    @property
    def matter(self) -> str | None:
        return next((one.matter for one in self.plausible), None)

    @property
    def plausible(self) -> tuple[Candidate, ...]:
        """The offices that are worth a question."""
        return tuple(one for one in self.candidates if one.share >= PLAUSIBLE)

    @property
    def sure(self) -> bool:
        """Whether the office may be proposed without asking."""
        return bool(self.candidates) and self.candidates[0].share >= self.threshold

    @property
    def suspicious(self) -> frozenset[Conduct]:
        """Every conduct signal, however weak."""
        return self.conduct | self.hints


def read(story: str, region: Region) -> Reading:
    """Understand a story by the words of `region`."""
    index = _index(region)
    text = normalise(story, region.lexicon)
    names = names_in(story, region)
    named = index.unit_in(text) or unit_of(names, region)
    area = region.units[named].area if named and region.units[named].kind in AREA_KINDS else None
    words = text.split()
    candidates = offices(region).candidates(words, named)
    conduct = index.conduct_in(text, index.conduct)
    hints = index.conduct_in(text, index.hints) - conduct
    amount = amount_in(story)
    if asks_for_money(words, region.lexicon):
        conduct |= {Conduct.MONEY_ASKED}
    if region.lexicon.staff.intersection(words):
        conduct |= hints & ABOUT_PERSONS
    hints -= conduct
    return Reading(
        candidates=candidates,
        conduct=conduct,
        hints=hints,
        unit=None if index.is_just_place(candidates, named) and not conduct else named,
        place=named if index.is_just_place(candidates, named) else None,
        amount=amount,
        emergency=index.is_emergency(text),
        kind=Kind.COMPLAINT if conduct else index.kind_in(text),
        spot=Spot(area) if area else spot_of(names, region),
        threshold=region.learned.model.sure if region.learned else SURE,
    )


def words_and_unit(story: str, region: Region) -> tuple[list[str], str | None]:
    """What the office is understood by: the words of a story, and the unit that it names."""
    text = normalise(story, region.lexicon)
    return text.split(), _index(region).unit_in(text) or unit_of(names_in(story, region), region)


def unit_named(text: str, region: Region) -> str | None:
    """The unit that a typed name means: by its aliases, else a place that is typed nearly so."""
    exact = _index(region).unit_in(normalise(text, region.lexicon))
    return exact or unit_of(names_in(text, region, loose=True), region)


class _Index:
    """A region's words, normalised once."""

    def __init__(self, region: Region) -> None:
        self.region = region
        lexicon = region.lexicon
        self.aliases = sorted(
            (
                (normalise(alias, lexicon), unit.code)
                for unit in region.units.values()
                for alias in (unit.name, *unit.aliases)
            ),
            key=lambda pair: (-len(pair[0]), pair),
        )
        self.conduct = _phrases(lexicon.conduct, lexicon)
        self.hints = _phrases(lexicon.conduct_weak, lexicon)
        self.troubles = [normalise(phrase, lexicon) for phrase in lexicon.troubles]
        self.questions = [normalise(phrase, lexicon) for phrase in lexicon.questions]
        self.wishes = [normalise(phrase, lexicon) for phrase in lexicon.wishes]
        self.now = [normalise(phrase, lexicon) for phrase in lexicon.emergency_now]
        self.never = [normalise(phrase, lexicon) for phrase in lexicon.emergency_never]

    def unit_in(self, text: str) -> str | None:
        """The unit with the longest name in the text; of a kecamatan and a place in it, the place."""
        named = [code for alias, code in self.aliases if alias in text]
        if not named or self.region.units[named[0]].kind not in AREA_KINDS:
            return next(iter(named), None)
        inside = self.region.within(named[0]) - {named[0]}
        return next((code for code in named if code in inside), named[0])

    def conduct_in(self, text: str, phrases: Iterable[tuple[str, Conduct]]) -> frozenset[Conduct]:
        return frozenset(code for phrase, code in phrases if _affirmed(phrase, text, self.region.lexicon))

    def kind_in(self, text: str) -> Kind:
        """What is wanted. One word that something is wrong makes it a complaint, whatever else is asked or wished."""
        if any(phrase in text for phrase in self.troubles):
            return Kind.COMPLAINT
        if any(phrase in text for phrase in self.wishes):
            return Kind.ASPIRATION
        return Kind.INFORMATION if any(phrase in text for phrase in self.questions) else Kind.COMPLAINT

    def is_emergency(self, text: str) -> bool:
        for phrase in self.never:
            text = text.replace(phrase, " ")
        return any(phrase in text for phrase in self.now)

    def is_just_place(self, candidates: tuple[Candidate, ...], unit: str | None) -> bool:
        """Whether a named kelurahan or kecamatan only says where: "sampah menumpuk di kelurahan Tomuan", "saya warga
        kelurahan Tomuan, bansos saya belum cair"."""
        if unit is None or not candidates or self.region.units[unit].kind not in AREA_KINDS:
            return False
        matter = self.region.matters[candidates[0].matter]
        return matter.asks_place or (candidates[0].share >= PLAUSIBLE and matter.unit_kind not in AREA_KINDS)


def _phrases(by_code: Mapping[Conduct, tuple[str, ...]], lexicon: Lexicon) -> list[tuple[str, Conduct]]:
    return [(normalise(phrase, lexicon), code) for code, phrases in by_code.items() for phrase in phrases]


def _affirmed(phrase: str, text: str, lexicon: Lexicon) -> bool:
    """Whether the phrase stands in the text at least once as said of others: not denied, not the own asking."""
    own = lexicon.selves if phrase.split()[0] in lexicon.asking else frozenset()
    start = text.find(phrase)
    while start >= 0:
        if text[:start].rsplit(" ", 1)[-1] not in lexicon.negations | own:
            return True
        start = text.find(phrase, start + 1)
    return False


def asks_for_money(words: list[str], lexicon: Lexicon) -> bool:
    """Whether somebody else asks, collects or makes pay, with an amount or a money word close behind.

    Rather too often than too seldom: a false alarm costs a citizen a look at who will read, a miss shows the story to
    the one it accuses.
    """
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        if word not in lexicon.asking or before in lexicon.selves or before in lexicon.negations:
            continue
        if any(near in lexicon.money or _AMOUNT_WORD.match(near) for near in words[at + 1 : at + 1 + REACH]):
            return True
    return False


@lru_cache(maxsize=16)
def _index(region: Region) -> _Index:
    return _Index(region)
