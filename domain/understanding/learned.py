"""What a town's own register has taught: a linear model over words and letters, blended with the matters' words.

The file (`tanggap train`) is arrays and a header of JSON, never code. Words and letters are kept as 32-bit numbers made
of them, so that no word of a complaint can be read in it. numpy is loaded with the first story that is read by it.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy import float32, uint32
    from numpy.typing import NDArray

    Floats = NDArray[float32]
    Ids = NDArray[uint32]

#: The shape of the file; another one is refused.
VERSION = 2
#: Letters in a row that are looked at, within a word and the blanks around it.
_LETTERS = (3, 4, 5)
#: So much of a story is read.
_WORDS = 600
#: What the length of nothing is taken for.
_NOTHING = 1e-9
#: What a probability of nought is taken for, and the scales of what the matters' words say beside the learned words.
_LEAST, _SCALE, _EVIDENCE = 0.01, 0.05, 0.4
#: How much of what was learned is what each word and row of letters says by itself, whatever stands beside it, and how
#: sharply: the weights, which are found for all together, are surer of the first office, this of the first three.
ALONE, ALONE_SHARPNESS = 0.2, 1.5


class BadModel(Exception):  # noqa: N818
    """The file is no model of ours; the message says why."""


class Arrays(Protocol):
    """What is in the file, by name."""

    def __getitem__(self, name: str, /) -> Any: ...


@dataclass(frozen=True)
class Model:
    """Weights for each group. `seen` are the numbers of known words and letters, in order; `alone` is what each says by
    itself; `matters` those whose evidence is weighed; `sharpness` and `prior` were found by cross-validation, and so
    was the threshold `sure`. `unheard`: what the matters' words count of a group that no story of the register had."""

    groups: tuple[str, ...]
    matters: tuple[str, ...]
    seen: Ids
    rarity: Floats
    weights: Floats
    alone: Floats
    beside: Floats
    bias: Floats
    sharpness: float
    prior: float
    unheard: float
    sure: float

    def probabilities(
        self, words: Sequence[str], groups: Mapping[str, float], evidence: Mapping[str, float]
    ) -> dict[str, float]:
        """Each group's probability; `groups` and `evidence` are what the matters' words say."""
        import numpy as np

        at, value = found(words, self.seen, self.rarity)
        said = beside(groups, evidence, self.groups, self.matters)
        together = value @ self.weights[at].astype(np.float32) + said @ self.beside + self.bias
        alone = value @ self.alone[at].astype(np.float32)
        learned = believed(together[None], alone[None], self.sharpness)[0]
        blend = {group: self.unheard * share for group, share in groups.items() if group not in self.groups}
        left = 1 - sum(blend.values())
        for group, share in zip(self.groups, learned.tolist(), strict=True):
            blend[group] = left * (self.prior * groups.get(group, 0.0) + (1 - self.prior) * share)
        return blend


class Learned:
    """A model that is read when it is first needed."""

    def __init__(self, load: Callable[[], Model]) -> None:
        self._load = load

    @cached_property
    def model(self) -> Model:
        return self._load()

    def load(self) -> None:
        """Read it now; BadModel where it can't be used."""
        assert self.model


def believed(together: Any, alone: Any, sharpness: float) -> Any:
    """Rows of probabilities, of what all words say together and of what each says alone."""
    return (1 - ALONE) * _shares(sharpness * together) + ALONE * _shares(ALONE_SHARPNESS * alone)


def _shares(score: Any) -> Any:
    import numpy as np

    raised = np.exp(score - score.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def found(words: Sequence[str], seen: Ids, rarity: Floats) -> tuple[Any, Floats]:
    """Where the known words and letters of a text stand in `seen`, and what each counts: words and letters alike."""
    import numpy as np

    places, values = [], []
    for counts in features(words):
        ids = np.fromiter(counts, dtype=np.uint32, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        at = np.searchsorted(seen, ids)
        at[at == len(seen)] = 0
        known = seen[at] == ids if len(seen) else np.zeros(len(ids), dtype=bool)
        at = at[known]
        value = (1 + np.log(times[known])) * rarity[at]
        places.append(at)
        values.append(value / max(float(np.sqrt((value * value).sum())), _NOTHING))
    return np.concatenate(places), np.concatenate(values).astype(np.float32)


def features(words: Sequence[str]) -> tuple[Counter[int], Counter[int]]:
    """The words and pairs of words of a text, and its letters in a row, as numbers, each with how often it is there."""
    words = words[:_WORDS]
    pairs = (f"{first} {second}" for first, second in pairwise(words))
    return (
        Counter(_number("w", said) for said in (*words, *pairs)),
        Counter(_number("c", letters) for word in words for letters in _rows(f" {word[:40]} ")),
    )


def _rows(word: str) -> Iterator[str]:
    for length in _LETTERS:
        for at in range(max(1, len(word) - length + 1)):
            yield word[at : at + length]


def _number(sort: str, said: str) -> int:
    return zlib.crc32(f"{sort}{said}".encode())


def beside(
    groups: Mapping[str, float], evidence: Mapping[str, float], known: Sequence[str], matters: Sequence[str]
) -> Floats:
    """What the matters' words say, as numbers: of each group, then of each matter."""
    import numpy as np

    said = np.array([groups.get(group, 0.0) for group in known])
    each = np.log1p([evidence.get(matter, 0.0) for matter in matters])
    length = float(np.sqrt((each * each).sum()))
    scaled = each * (_EVIDENCE / length) if length else each
    return np.concatenate([_SCALE * (np.log(said + _LEAST) - np.log(_LEAST)), scaled]).astype(np.float32)


def to_arrays(model: Model) -> dict[str, Any]:
    """A model as it is written."""
    import numpy as np

    header = {
        "version": VERSION,
        "groups": model.groups,
        "matters": model.matters,
        "sharpness": model.sharpness,
        "prior": model.prior,
        "unheard": model.unheard,
        "sure": model.sure,
    }
    return {
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "seen": model.seen,
        "rarity": model.rarity,
        "weights": model.weights,
        "alone": model.alone,
        "beside": model.beside,
        "bias": model.bias,
    }


def from_arrays(arrays: Arrays) -> Model:
    """A model as it was written; BadModel where anything in it does not fit."""
    import numpy as np

    try:
        header = json.loads(arrays["header"].tobytes())
        if header["version"] != VERSION:
            raise BadModel("it was made by another version: train it again")
        model = Model(
            groups=tuple(map(str, header["groups"])),
            matters=tuple(map(str, header["matters"])),
            seen=arrays["seen"].astype(np.uint32),
            rarity=arrays["rarity"].astype(np.float32),
            weights=arrays["weights"].astype(np.float16),
            alone=arrays["alone"].astype(np.float16),
            beside=arrays["beside"].astype(np.float32),
            bias=arrays["bias"].astype(np.float32),
            sharpness=float(header["sharpness"]),
            prior=float(header["prior"]),
            unheard=float(header["unheard"]),
            sure=float(header["sure"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadModel("it is no model") from error
    wide, high = len(model.groups), len(model.seen)
    numbers = (model.rarity, model.weights, model.alone, model.beside, model.bias)
    shapes = tuple(part.shape for part in numbers)
    fits = shapes == ((high,), (high, wide), (high, wide), (wide + len(model.matters), wide), (wide,))
    if not (wide and fits and all(np.isfinite(each).all() for each in numbers) and _is_ordered(model.seen)):
        raise BadModel("its parts do not fit each other")
    if not (model.sharpness > 0 and 0 <= model.prior <= 1 and 0 <= model.unheard <= 1 and 0 < model.sure <= 1):
        raise BadModel("its numbers are out of range")
    return model


def _is_ordered(seen: Ids) -> bool:
    return bool((seen[1:] > seen[:-1]).all())
