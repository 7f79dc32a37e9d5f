"""Which service somebody means: typed in a few words, perhaps misspelt, or named in a story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from domain.region import Region
from domain.services import Difference, Service, compare
from domain.understanding.reading import Reading, read
from domain.understanding.text import normalise, words_of
from domain.understanding.waits import days_waited
from domain.vocabulary import Conduct

#: Scores from 0 to 100. A name that is typed whole ends the search; one that stands in longer words is nearly as good.
_WHOLE, _NAMED, _ENOUGH = 100.0, 90.0, 70.0
#: What is this much worse than the best is not offered beside it.
_BESIDE = 8.0
#: Two words are one misspelt from this likeness on; shorter words than these letters are never taken for another.
_ALIKE, _LETTERS = 75.0, 4
#: Whole names that were written without a blank, or with several letters wrong.
_RUN_TOGETHER = 85.0
_PLAIN = re.compile(r"[a-z0-9]+")

Words = tuple[str, ...]


def find(typed: str, region: Region) -> tuple[Service, ...]:
    """The services that some typed words may mean, the likeliest first; one alone where the words are its name."""
    asked = _spellings(typed, region)
    scored = [
        (max((_score(words, name) for words in asked for name in names), default=0.0), service)
        for service, names in _index(region).names
    ]
    best = max((score for score, _ in scored), default=0.0)
    least = best if best == _WHOLE else max(_ENOUGH, best - _BESIDE)
    found = [(score, service) for score, service in scored if score >= least]
    return tuple(service for _, service in sorted(found, key=lambda pair: (-pair[0], pair[1].code)))


def service_in(story: str, region: Region, matter: str | None = None) -> Service | None:
    """The service that a story about a matter is about: the longest name in it, else the one that the matter has.

    Only of the matter's own field, where the matter is known: in a story about a drain "KK" is no family card.
    """
    text = normalise(story, region.lexicon)
    subject = region.matters.get(matter or "")
    group = subject.group if subject else None
    named = [
        (service.matter == matter, len(alias), service)
        for alias, service in _index(region).aliases
        if alias in text and group in (None, service.group)
    ]
    if named:
        return max(named, key=lambda one: one[:2])[2]
    fitting = [service for service in region.services.values() if matter and service.matter == matter]
    return fitting[0] if len(fitting) == 1 else None


def differences(story: str, matter: str | None, region: Region) -> tuple[Service, tuple[Difference, ...]] | None:
    """What a story says beside the standard of the service that it is about; None where nothing differs."""
    service = service_in(story, region, matter)
    if service is None or not service.promises:
        return None
    reading = read(story, region)
    words = words_of(story, region.lexicon)
    waited = days_waited(words, region.lexicon.waiting)
    found = compare(service, amount=reading.amount, days=waited, asked=_asked(story, reading, region))
    return (service, found) if found else None


def _asked(story: str, reading: Reading, region: Region) -> tuple[str, ...]:
    """The papers that a story names, where it complains of requirements; the longest name of each."""
    if Conduct.EXTRA_REQUIREMENT not in reading.suspicious:
        return ()
    text, found = normalise(story, region.lexicon), []
    for paper in sorted(region.lexicon.papers, key=lambda paper: (-len(paper), paper)):
        name = normalise(paper, region.lexicon)
        if name in text:
            found.append(paper)
            text = text.replace(name, " | ")
    return tuple(found)


class _Index:
    """The names of a region's services, as words and as phrases."""

    def __init__(self, region: Region) -> None:
        self.names: list[tuple[Service, frozenset[Words]]] = [
            (service, frozenset(words for name in _called(service) for words in _spellings(name, region, whole=True)))
            for service in region.services.values()
        ]
        self.aliases = [
            (normalise(alias, region.lexicon), service)
            for service in region.services.values()
            for alias in service.aliases
        ]


def _called(service: Service) -> tuple[str, ...]:
    return (*service.name.values(), *service.aliases)


def _spellings(text: str, region: Region, *, whole: bool = False) -> frozenset[Words]:
    """The words of a name as they are typed and as they are meant ("kartu keluarga" is "kk"); unless `whole` without
    those around a name by which somebody asks."""
    found = {tuple(_PLAIN.findall(text.lower())), tuple(words_of(text, region.lexicon))}
    if not whole:
        inquiries = region.lexicon.inquiries
        found = {tuple(word for word in words if word not in inquiries) or words for words in found}
    return frozenset(words for words in found if words)


def _score(typed: Words, name: Words) -> float:
    if typed == name:
        return _WHOLE
    if _stands_in(name, typed):
        return _NAMED + min(len(name), 9)
    each = sum(max(_likeness(word, other) for other in name) for word in typed) / len(typed)
    together, called = "".join(typed), "".join(name)
    run = fuzz.ratio(together, called) if min(len(together), len(called)) > _LETTERS else 0.0
    return max(each, run if run >= _RUN_TOGETHER else 0.0) * _NAMED / _WHOLE


def _stands_in(name: Sequence[str], typed: Sequence[str]) -> bool:
    return any(tuple(typed[at : at + len(name)]) == tuple(name) for at in range(len(typed) - len(name) + 1))


def _likeness(word: str, other: str) -> float:
    if word == other:
        return _WHOLE
    if len(word) < _LETTERS:
        return 0.0
    alike = fuzz.ratio(word, other)
    return alike if alike >= _ALIKE else 0.0


@lru_cache(maxsize=16)
def _index(region: Region) -> _Index:
    return _Index(region)
