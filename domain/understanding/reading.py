"""What a story says, by the region's words: matter, office, conduct, unit, amount, emergency. Pure; below 1 ms for
a chat message, about 2 ms for a letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from domain.borders import NOWHERE, Spot
from domain.region import Region
from domain.understanding.accused import titles_accused
from domain.understanding.conduct import signals_in
from domain.understanding.danger import danger_in
from domain.understanding.money import amount_in
from domain.understanding.naming import AREA_KINDS, Stand, names_in, spot_of, unit_of
from domain.understanding.offices import Candidate, Elsewhere, offices
from domain.understanding.subject import Subject, subject_of
from domain.understanding.text import normalise, placed_words
from domain.vocabulary import OVERSIGHT_CONDUCT, STAFF_CONDUCT, Care, Conduct, Emergency, Kind

#: From this probability on the office is taken without a question (the citizen still sees it before sending).
SURE = 0.83
#: The same where the story names the office itself.
SURE_OF_NAMED = 0.75
#: Below this nothing was understood: nobody is asked about it. Beside a better one an office is worth a button from
#: the second on, and there are so many buttons at most.
PLAUSIBLE, OFFERED, OFFERS = 0.3, 0.08, 3
#: From this probability on a story is for a body outside; below, it is offered beside our own offices.
SURE_ELSEWHERE = 0.75


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. `conduct` is certain enough to act on; `hints` are the weak signals beside it.

    `unit` is the unit that the story names as the one it is about; `place` the one that only says where it happened.
    `kind` is a question or a wish only where nothing sounds like a complaint. `spot` is the kelurahan, desa or
    kecamatan that it speaks of, whatever else it is about. `care`: danger that wants a careful page. `others`: signals
    that are no conduct. `accused`: kinds of unit whose head is accused by a title.
    """

    candidates: tuple[Candidate, ...]
    conduct: frozenset[Conduct]
    hints: frozenset[Conduct]
    unit: str | None
    place: str | None
    amount: int | None
    emergency: Emergency
    kind: Kind = Kind.COMPLAINT
    spot: Spot = NOWHERE
    care: Care | None = None
    others: frozenset[str] = frozenset()
    accused: frozenset[str] = frozenset()
    threshold: float = SURE
    elsewhere: Elsewhere | None = None

    @property
    def matter(self) -> str | None:
        return next((one.matter for one in self.plausible), None)

    @property
    def plausible(self) -> tuple[Candidate, ...]:
        """The offices that are worth a question, the likeliest first; none where nothing was understood."""
        if not self.candidates or self.candidates[0].share < PLAUSIBLE:
            return ()
        return tuple(one for one in self.candidates if one.share >= OFFERED)[:OFFERS]

    @property
    def referral(self) -> str | None:
        """The body outside that it is surely for. Nobody in danger is sent away, nor who speaks of our own staff or of
        an office of ours by its name."""
        is_theirs = self.elsewhere is not None and self.elsewhere.share >= SURE_ELSEWHERE
        return self.elsewhere.body if self.elsewhere and is_theirs and self._may_leave else None

    @property
    def perhaps_elsewhere(self) -> str | None:
        """The body outside that is worth a button beside our own offices."""
        likely = OFFERED if self.plausible else PLAUSIBLE
        is_offered = self.elsewhere is not None and self.elsewhere.share >= likely
        return self.elsewhere.body if self.elsewhere and is_offered and not self._accuses else None

    @property
    def _may_leave(self) -> bool:
        in_danger = self.care is not None or self.emergency is Emergency.NOW
        return not (in_danger or self.unit or self._accuses or self.hints & OVERSIGHT_CONDUCT)

    @property
    def _accuses(self) -> bool:
        return bool(self.conduct & (OVERSIGHT_CONDUCT | STAFF_CONDUCT))

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
    placed = placed_words(story, region.lexicon)
    words = [word for _, word in placed]
    text = f" {' '.join(words)} "
    names = names_in(story, region)
    subject = subject_of(placed, names, region)
    named = subject.unit
    area = next((region.units[unit].area for unit in (subject.area, named) if unit and _is_area(unit, region)), None)
    said = signals_in(words, region.lexicon)
    danger = danger_in(words, region.lexicon)
    seat = subject.stand is Stand.HOUSE
    scorer = offices(region)
    about = scorer.said(words, None if seat else named)
    candidates, elsewhere = scorer.candidates(words, about), about.elsewhere
    carer = None if said.conduct else region.carers.get(danger.care)
    if carer:  # whoever else is named: nobody in danger is asked which office it is, or sent away
        others = (one for one in candidates if one.group != carer.group)
        candidates, elsewhere = (Candidate(carer.code, carer.group, 1.0), *others), None
    just_place = seat or bool(carer) or index.is_just_place(candidates, subject, elsewhere)
    blamed = index.blamed(candidates, said.conduct)
    return Reading(
        candidates=candidates,
        elsewhere=elsewhere,
        conduct=said.conduct,
        hints=said.hints,
        others=said.others,
        accused=titles_accused(words, said.at, region.lexicon),
        unit=None if seat or (just_place and not blamed) else named,
        place=named if just_place else None,
        amount=amount_in(story),
        emergency=danger.emergency,
        care=danger.care,
        kind=Kind.COMPLAINT if said.conduct else index.kind_in(text),
        spot=Spot(area) if area else spot_of(names, region),
        threshold=_threshold(region, candidates, None if just_place else named),
    )


def _is_area(unit: str, region: Region) -> bool:
    return region.units[unit].kind in AREA_KINDS


def _threshold(region: Region, candidates: tuple[Candidate, ...], named: str | None) -> float:
    """From which probability on the office is taken: a lower one where the story names an office that fits."""
    usual = region.learned.model.sure if region.learned else SURE
    if named and candidates and region.answers_for(named, candidates[0].matter):
        return min(usual, SURE_OF_NAMED)
    return usual


def words_and_unit(story: str, region: Region) -> tuple[list[str], str | None]:
    """What the office is understood by: the words of a story, and the unit that it names."""
    placed = placed_words(story, region.lexicon)
    subject = subject_of(placed, names_in(story, region), region)
    return [word for _, word in placed], None if subject.stand is Stand.HOUSE else subject.unit


def unit_named(text: str, region: Region) -> str | None:
    """The unit that a typed name means: by its aliases, else a place that is typed nearly so."""
    exact = _index(region).unit_in(normalise(text, region.lexicon))
    if exact:
        return exact
    names = names_in(text, region, loose=True)
    return unit_of(names, region) or subject_of(placed_words(text, region.lexicon), names, region).unit


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
        self.troubles = [normalise(phrase, lexicon) for phrase in lexicon.troubles]
        self.questions = [normalise(phrase, lexicon) for phrase in lexicon.questions]
        self.wishes = [normalise(phrase, lexicon) for phrase in lexicon.wishes]

    def unit_in(self, text: str) -> str | None:
        """The unit with the longest name in the text; of a kecamatan and a place in it, the place."""
        named = [code for alias, code in self.aliases if alias in text]
        if not named or self.region.units[named[0]].kind not in AREA_KINDS:
            return next(iter(named), None)
        inside = self.region.within(named[0]) - {named[0]}
        return next((code for code in named if code in inside), named[0])

    def kind_in(self, text: str) -> Kind:
        """What is wanted. One word that something is wrong makes it a complaint, whatever else is asked or wished."""
        if any(phrase in text for phrase in self.troubles):
            return Kind.COMPLAINT
        if any(phrase in text for phrase in self.wishes):
            return Kind.ASPIRATION
        return Kind.INFORMATION if any(phrase in text for phrase in self.questions) else Kind.COMPLAINT

    def blamed(self, candidates: tuple[Candidate, ...], conduct: frozenset[Conduct]) -> frozenset[Conduct]:
        """What the place itself is blamed for: a street lamp that is long out is not the delay of the lurah there."""
        somewhere = bool(candidates) and self.region.matters[candidates[0].matter].asks_place
        return conduct & (OVERSIGHT_CONDUCT | STAFF_CONDUCT) if somewhere else conduct

    def is_just_place(self, candidates: tuple[Candidate, ...], subject: Subject, elsewhere: Elsewhere | None) -> bool:
        """Whether a named kelurahan or kecamatan only says where: "sampah menumpuk di kelurahan Tomuan", "saya warga
        kelurahan Tomuan, bansos saya belum cair", "listrik padam di kelurahan Tomuan"."""
        if subject.unit is None or not _is_area(subject.unit, self.region) or subject.stand is Stand.HEAD:
            return False
        if elsewhere and elsewhere.share > max((one.share for one in candidates), default=PLAUSIBLE):
            return True
        if not candidates:
            return False
        matter = self.region.matters[candidates[0].matter]
        if subject.stand is Stand.OFFICE:
            return matter.asks_place and candidates[0].share >= PLAUSIBLE
        return matter.asks_place or (candidates[0].share >= PLAUSIBLE and matter.unit_kind not in AREA_KINDS)


@lru_cache(maxsize=16)
def _index(region: Region) -> _Index:
    return _Index(region)
