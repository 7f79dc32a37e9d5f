"""Learning from a town's register which office a story goes to. Needs scikit-learn, which only this file imports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from domain.region import Region
from domain.understanding.learned import Model, believed, beside, features
from domain.understanding.offices import offices
from domain.understanding.personal import masked
from domain.understanding.reading import SURE, words_and_unit
from domain.understanding.text import words_of

#: Fewer rows than this teach nothing.
LEAST_ROWS = 50
#: In how many stories a word, and letters in a row, have to be: what only one person wrote is not kept.
_WORD_IN, _LETTERS_IN = 2, 3
#: How closely the model follows the register (the C of the linear model), and what is taken for seen of the unseen.
_CLOSELY, _UNSEEN = 0.5, 0.3
#: What the matters' words count at most of a group that no row has, and in how many rows that is halved: it is offered
#: among others, and never goes before what a register says plainly.
_UNHEARD, _FEW = 0.5, 500
#: Parts of the register that are foretold from the others, to learn how far the model may be believed.
FOLDS = 5
_SHARPNESS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
_PRIOR = (0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
#: Routes without a question are to be right so often, and not by luck: in how many standard errors more.
_RIGHT, _ERRORS = 0.95, 1.64
#: Below this probability nothing goes without a question.
_LEAST_SURE = 0.5
_NEVER = 1e-6
#: So long the weights may be searched for; some hundred rounds are usual.
_ROUNDS = 10_000
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
    """A story as it is learned from: of its words those that say nothing personal."""
    words, unit = words_and_unit(story, region)
    said = offices(region).said(words, unit)
    learned = words_of(masked(story, mark=" "), region.lexicon)
    return Row(tuple(learned), said.groups, said.evidence, group)


def learn(rows: Sequence[Row], region: Region, step: Callable[[], object] = lambda: None) -> Lesson:
    """A model of all rows.

    How sharp it is, how much the matters' words still count and from which probability on it is believed are found by
    foretelling each fifth of the rows from the others. `step` is called after each part.
    """
    counted = _count(rows, region)
    part = np.random.default_rng(_SEED).permutation(len(rows)) % FOLDS
    together, alone = (np.empty((len(rows), len(counted.groups))) for _ in range(2))
    for fold in range(FOLDS):
        unseen = np.flatnonzero(part == fold)
        together[unseen], alone[unseen] = _foretell(counted, np.flatnonzero(part != fold), unseen)
        step()
    model = _fit(counted, np.arange(len(rows)))
    step()
    return _calibrated(model, together, alone, rows, counted.right)


# --- the rows as numbers


@dataclass(frozen=True)
class _Counted:
    """How often each row has each word, and each row of letters: columns by number, in order; what the matters' words
    say of it; and which group it went to."""

    groups: tuple[str, ...]
    matters: tuple[str, ...]
    numbers: Any
    words: Any
    letters: Any
    said: Any
    right: Any


def _count(rows: Sequence[Row], region: Region) -> _Counted:
    groups, matters = tuple(sorted({row.group for row in rows})), tuple(sorted(region.matters))
    numbers, (words, letters) = _columns(features(row.words) for row in rows)
    return _Counted(
        groups=groups,
        matters=matters,
        numbers=numbers,
        words=words,
        letters=letters,
        said=np.array([beside(row.groups, row.evidence, groups, matters) for row in rows]),
        right=np.array([groups.index(row.group) for row in rows]),
    )


def _columns(features: Iterable[tuple[Counter[int], Counter[int]]]) -> tuple[Any, list[Any]]:
    """Numbers in order, and for words and for letters a matrix of what each row has of them."""
    from scipy.sparse import csr_matrix

    parts: list[list[Any]] = [[], []]
    times: list[list[Any]] = [[], []]
    for row in features:
        for which, counts in enumerate(row):
            parts[which].append(np.fromiter(counts, dtype=np.uint32, count=len(counts)))
            times[which].append(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
    numbers = np.unique(np.concatenate([*parts[0], *parts[1]]))
    found = []
    for ids, values in zip(parts, times, strict=True):
        ends = np.cumsum([0, *map(len, ids)])
        at = np.searchsorted(numbers, np.concatenate(ids))
        found.append(csr_matrix((np.concatenate(values), at, ends), shape=(len(ids), len(numbers))))
    return numbers, found


# --- from rows to weights


def _foretell(counted: _Counted, known: Any, unseen: Any) -> tuple[Any, Any]:
    """What a model of the known rows says of the others: of all words together, and of each alone."""
    model = _fit(counted, known)
    has = _weighed(counted, unseen, np.searchsorted(counted.numbers, model.seen), model.rarity)
    together = has @ model.weights.astype(np.float32) + counted.said[unseen] @ model.beside + model.bias
    return together, has @ model.alone.astype(np.float32)


def _fit(counted: _Counted, at: Any) -> Model:
    kept, rarity = _kept(counted, at)
    has = _weighed(counted, at, kept, rarity)
    weights, bias = _together(has, counted.said[at], counted.right[at], len(counted.groups))
    return Model(
        groups=counted.groups,
        matters=counted.matters,
        seen=counted.numbers[kept],
        rarity=rarity,
        weights=weights[: len(kept)].astype(np.float16),
        alone=_alone(has, counted.right[at], len(counted.groups)).astype(np.float16),
        beside=weights[len(kept) :].astype(np.float32),
        bias=bias.astype(np.float32),
        sharpness=1.0,
        prior=0.0,
        unheard=_UNHEARD * _FEW / (_FEW + len(at)),
        sure=SURE,
    )


def _kept(counted: _Counted, at: Any) -> tuple[Any, Any]:
    """The columns that enough of some rows have, and how rare each is."""
    words, letters = (matrix[at].getnnz(axis=0) for matrix in (counted.words, counted.letters))
    kept = np.flatnonzero((words >= _WORD_IN) | (letters >= _LETTERS_IN))
    often = np.maximum(words, letters)[kept]
    return kept, (np.log((1 + len(at)) / (1 + often)) + 1).astype(np.float32)


def _weighed(counted: _Counted, at: Any, kept: Any, rarity: Any) -> Any:
    """Some rows as `learned.found` has them: words and letters alike."""
    from sklearn.preprocessing import normalize

    blocks = []
    for matrix in (counted.words, counted.letters):
        block = matrix[at][:, kept]
        block.data = (1 + np.log(block.data)) * rarity[block.indices]
        blocks.append(normalize(block))
    return (blocks[0] + blocks[1]).tocsr()


def _together(has: Any, said: Any, right: Any, groups: int) -> tuple[Any, Any]:
    """Weights that are found for all that a story says at once; a group that no row has gets none."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=_CLOSELY, max_iter=_ROUNDS, random_state=_SEED)
    machine.fit(hstack([has, csr_matrix(said)]).tocsr(), right)
    found, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:  # one row of weights says both
        found, bias = np.vstack([-found, found]), np.concatenate([-bias, bias])
    weights, biases = np.zeros((found.shape[1], groups)), np.full(groups, bias.min() - 1)
    weights[:, machine.classes_], biases[machine.classes_] = found.T, bias
    return weights, biases


def _alone(has: Any, right: Any, groups: int) -> Any:
    """What each word says by itself, counted in what went to the other groups (complement naive Bayes)."""
    went = np.eye(groups, dtype=np.float32)[right]
    of_group = np.asarray(has.T @ went, dtype=np.float64)
    others = of_group.sum(axis=1, keepdims=True) - of_group + _UNSEEN
    says = -np.log(others / others.sum(axis=0))
    return says - says.mean(axis=1, keepdims=True)


# --- how far it is believed


def _calibrated(model: Model, together: Any, alone: Any, rows: Sequence[Row], right: Any) -> Lesson:
    prior = np.array([[row.groups.get(group, 0.0) for group in model.groups] for row in rows])
    unheard = np.array([sum(row.groups.values()) for row in rows]) - prior.sum(axis=1)
    left = 1 - model.unheard * unheard[:, None]
    sharpness, share = _setting(together, alone, prior, right)
    foretold = left * ((1 - share) * believed(together, alone, sharpness) + share * prior)
    surest, hit = foretold.max(axis=1), foretold.argmax(axis=1) == right
    sure = _threshold(surest, hit)
    automatic = surest >= sure
    return Lesson(
        model=replace(model, sharpness=sharpness, prior=share, sure=sure),
        rows=len(rows),
        top1=float(hit.mean()),
        coverage=float(automatic.mean()),
        precision=float(hit[automatic].mean()) if automatic.any() else 0.0,
    )


def _setting(together: Any, alone: Any, prior: Any, right: Any) -> tuple[float, float]:
    """The sharpness, and the share of the matters' words, by which what happened surprises least."""
    at = np.arange(len(right)), right
    surprise = {
        (sharpness, share): -np.log(np.maximum((1 - share) * learned + share * prior[at], _NEVER)).mean()
        for sharpness in _SHARPNESS
        for learned in [believed(together, alone, sharpness)[at]]
        for share in _PRIOR
    }
    return min(surprise, key=lambda setting: (surprise[setting], setting))


def _threshold(surest: Any, hit: Any) -> float:
    """The lowest probability from which on the rows are right often enough; where there is none the usual one."""
    order = np.argsort(-surest, kind="stable")
    asked = np.arange(1, len(order) + 1)
    wanted = _RIGHT + _ERRORS * np.sqrt(_RIGHT * (1 - _RIGHT) / asked)
    enough = np.flatnonzero(np.cumsum(hit[order]) / asked >= wanted)
    found_at = float(surest[order[enough[-1]]]) if len(enough) else SURE
    return round(max(found_at, _LEAST_SURE), 4)
