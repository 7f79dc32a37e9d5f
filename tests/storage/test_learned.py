"""A learned model as a file: it comes back as it was, and what was altered, cut or made by others is refused."""

from __future__ import annotations

import json
import pickle
import random
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.understanding.learned import BadModel, Model
from storage.learned import NAME, learned_in, load, save


def _model(**other: Any) -> Model:
    given = {
        "groups": ("DLH", "PDAM"),
        "matters": ("waste", "water_supply", "drainage"),
        "seen": np.array([3, 5, 900, 4_000_000_000], dtype=np.uint32),
        "rarity": np.ones(4, dtype=np.float32),
        "weights": np.arange(8, dtype=np.float16).reshape(4, 2),
        "alone": np.ones((4, 2), dtype=np.float16),
        "beside": np.ones((5, 2), dtype=np.float32),
        "bias": np.zeros(2, dtype=np.float32),
        "sharpness": 3.0,
        "prior": 0.1,
        "unheard": 0.3,
        "sure": 0.8,
    }
    return Model(**{**given, **other})


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    save(_model(), tmp_path / NAME)
    found = load(tmp_path / NAME)
    for field in fields(Model):
        assert np.array_equal(getattr(found, field.name), getattr(_model(), field.name)), field.name
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_model_is_read_when_it_is_first_needed(tmp_path: Path) -> None:
    assert learned_in(tmp_path) is None
    (tmp_path / NAME).write_bytes(b"no model")
    learned = learned_in(tmp_path)
    assert learned is not None
    with pytest.raises(BadModel):
        learned.load()


@pytest.mark.parametrize(
    "other",
    [
        {"sharpness": 0.0},
        {"sharpness": float("nan")},
        {"prior": 1.5},
        {"unheard": -0.1},
        {"sure": 0.0},
        {"groups": ()},
        {"groups": ("DLH",)},
        {"matters": ("waste",)},
        {"seen": np.array([5, 3, 900, 1000], dtype=np.uint32)},
        {"seen": np.array([3, 3, 900, 1000], dtype=np.uint32)},
        {"rarity": np.ones(3, dtype=np.float32)},
        {"rarity": np.array([1, 1, 1, np.inf], dtype=np.float32)},
        {"weights": np.ones((4, 3), dtype=np.float16)},
        {"weights": np.full((4, 2), np.nan, dtype=np.float16)},
        {"alone": np.ones((3, 2), dtype=np.float16)},
        {"bias": np.array(["a", "b"])},
    ],
)
def test_numbers_that_can_not_be_are_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    save(_model(**other), tmp_path / NAME)
    with pytest.raises(BadModel, match=r"^model\.npz cannot be used: .* `tanggap train` makes a new one\.$"):
        load(tmp_path / NAME)


class _Harm:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("harmed"),)


def test_a_file_that_would_run_something_is_refused_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(_model(), tmp_path / NAME)
    with np.load(NAME) as arrays:
        parts = dict(arrays)
    np.savez("array.npz", allow_pickle=True, **{**parts, "bias": np.array([_Harm(), _Harm()], dtype=object)})
    Path("plain.npz").write_bytes(pickle.dumps(_Harm()))
    for name in ("array.npz", "plain.npz"):
        with pytest.raises(BadModel):
            load(Path(name))
    assert not Path("harmed").exists()


def test_a_model_of_another_version_says_so(tmp_path: Path) -> None:
    save(_model(), tmp_path / NAME)
    with np.load(tmp_path / NAME) as arrays:
        parts = dict(arrays)
    header = {**json.loads(parts["header"].tobytes()), "version": 0}
    parts["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    np.savez(tmp_path / NAME, **parts)
    with pytest.raises(BadModel, match="it was made by another version"):
        load(tmp_path / NAME)


def test_what_was_cut_or_altered_is_refused_or_still_a_model(tmp_path: Path) -> None:
    """Whatever byte is another: never an error that says nothing."""
    save(_model(), tmp_path / NAME)
    whole = (tmp_path / NAME).read_bytes()
    dice = random.Random(1)
    for _ in range(300):
        at = dice.randrange(len(whole))
        altered = whole[:at] if dice.random() < 0.3 else whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        (tmp_path / NAME).write_bytes(altered)
        try:
            load(tmp_path / NAME)
        except BadModel:
            continue


def test_a_file_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / NAME, "w", zipfile.ZIP_DEFLATED) as parts, parts.open("seen.npy", "w") as part:
        for _ in range(520):
            part.write(bytes(1024 * 1024))
    with pytest.raises(BadModel, match="it is too large"):
        load(tmp_path / NAME)
