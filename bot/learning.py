"""Learning from a town's register which office a story goes to. Needs scikit-learn, which only this file imports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from domain.region import Region
from domain.understanding.learned import Model, beside, features, found
from domain.understanding.offices import offices
from domain.understanding.reading import SURE, words_and_unit

#: Fewer rows than this teach nothing.
LEAST_ROWS = 50
#: In how many stories a word, and letters in a row, have to be.
_WORD_IN, _LETTERS_IN = 2, 3
#: How closely the model follows the register (the C of the linear model).
_CLOSELY = 0.5
#: Parts of the register that are foretold from the others, to learn how far the model may be believed.
FOLDS = 5
_SHARPNESS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
_PRIOR = (0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
#: Routes without a question are to be right so often; and below this probability nothing goes without one.
_RIGHT, _LEAST_SURE = 0.95, 0.5
_NEVER = 1e-6
_SEED = 20260101


@dataclass(frozen=True)
class Row:
    """A story of the register, understood by the matters' words, and the group that it went to."""

    words: tuple[str, ...]
    groups: Mapping[str, float]
    evidence: Mapping[str, float]
    group: str


@dataclass(frozen=True)
class Lesson:
    """A model, and how well its rows were foretold from others: the right office first, and without a question."""

    model: Model
    rows: int
    top1: float
    coverage: float
    precision: float


def row_of(story: str, group: str, region: Region) -> Row:
    """A story as it is learned from."""
    words, unit = words_and_unit(story, region)
    said = offices(region).said(words, unit)
    return Row(tuple(words), said.groups, said.evidence, group)


def learn(rows: Sequence[Row], region: Region, step: Callable[[], object] = lambda: None) -> Lesson:
    """A model of all rows.

    How sharp it is, how much the matters' words still count and from which probability on it is believed are found by
    foretelling each fifth of the rows from the others. `step` is called after each part.
    """
    groups, matters = tuple(sorted(region.groups)), tuple(sorted(region.matters))
    place = np.random.default_rng(_SEED).permutation(len(rows)) % FOLDS
    score = np.full((len(rows), len(groups)), -np.inf)
    for fold in range(FOLDS):
        model = _fit([row for row, at in zip(rows, place, strict=True) if at != fold], matters)
        columns = [groups.index(group) for group in model.groups]
        for at in np.flatnonzero(place == fold).tolist():
            score[at, columns] = _score(model, rows[at])
        step()
    prior = np.array([[row.groups.get(group, 0.0) for group in groups] for row in rows])
    right = np.array([groups.index(row.group) for row in rows])
    sharpness, share = min(
        ((sharpness, share) for sharpness in _SHARPNESS for share in _PRIOR),
        key=lambda setting: _surprise(_blend(score, prior, *setting), right),
    )
    foretold = _blend(score, prior, sharpness, share)
    model = replace(_fit(rows, matters), sharpness=sharpness, prior=share)
    step()
    hit = foretold.argmax(axis=1) == right
    sure = _threshold(foretold.max(axis=1), hit)
    automatic = foretold.max(axis=1) >= sure
    return Lesson(
        model=replace(model, sure=sure),
        rows=len(rows),
        top1=float(hit.mean()),
        coverage=float(automatic.mean()),
        precision=float(hit[automatic].mean()) if automatic.any() else 0.0,
    )


def _fit(rows: Sequence[Row], matters: tuple[str, ...]) -> Model:
    from sklearn.svm import LinearSVC

    groups = tuple(sorted({row.group for row in rows}))
    seen, rarity = _seen(rows)
    known = _sparse([found(row.words, seen, rarity) for row in rows], len(seen))
    said = np.array([beside(row.groups, row.evidence, groups, matters) for row in rows], dtype=np.float32)
    machine = LinearSVC(C=_CLOSELY).fit(_side_by_side(known, said), [groups.index(row.group) for row in rows])
    weights, bias = machine.coef_, machine.intercept_
    if len(groups) == 2:  # one row of weights says both
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return Model(
        groups=groups,
        matters=matters,
        seen=seen,
        rarity=rarity,
        weights=weights[:, : len(seen)].T.astype(np.float16),
        beside=weights[:, len(seen) :].T.astype(np.float32),
        bias=bias.astype(np.float32),
        sharpness=1.0,
        prior=0.0,
        sure=SURE,
    )


def _seen(rows: Sequence[Row]) -> tuple[Any, Any]:
    """The words and letters that enough stories have, in order, and how rare each is."""
    words: Counter[int] = Counter()
    letters: Counter[int] = Counter()
    for row in rows:
        said, spelled = features(row.words)
        words.update(said.keys())
        letters.update(spelled.keys())
    often = {number: count for number, count in words.items() if count >= _WORD_IN}
    often |= {number: count for number, count in letters.items() if count >= _LETTERS_IN}
    seen = np.array(sorted(often), dtype=np.uint32)
    count = np.array([often[number] for number in seen.tolist()])
    return seen, (np.log((1 + len(rows)) / (1 + count)) + 1).astype(np.float32)


def _sparse(rows: Sequence[tuple[Any, Any]], width: int) -> Any:
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(at) for at, _ in rows)])
    at, value = (np.concatenate([row[part] for row in rows]) for part in (0, 1))
    return csr_matrix((value, at, ends), shape=(len(rows), width))


def _side_by_side(known: Any, said: Any) -> Any:
    from scipy.sparse import csr_matrix, hstack

    return hstack([known, csr_matrix(said)]).tocsr()


def _score(model: Model, row: Row) -> Any:
    return model.score(row.words, row.groups, row.evidence)


def _blend(score: Any, prior: Any, sharpness: float, share: float) -> Any:
    raised = np.exp(sharpness * (score - score.max(axis=1, keepdims=True)))
    return (1 - share) * raised / raised.sum(axis=1, keepdims=True) + share * prior


def _surprise(foretold: Any, right: Any) -> float:
    """How surprising what really happened is to what was foretold."""
    return float(-np.log(np.maximum(foretold[np.arange(len(right)), right], _NEVER)).mean())


def _threshold(believed: Any, hit: Any) -> float:
    """The lowest probability from which on the rows are right often enough; where there is none the usual one."""
    order = np.argsort(-believed)
    precise = np.cumsum(hit[order]) / np.arange(1, len(order) + 1) >= _RIGHT
    enough = np.flatnonzero(precise)
    found_at = float(believed[order[enough[-1]]]) if len(enough) else SURE
    return round(max(found_at, _LEAST_SURE), 4)
