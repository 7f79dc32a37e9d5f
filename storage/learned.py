"""A town's learned model as a file: arrays in an .npz and nothing that could run."""

from __future__ import annotations

import os
import zipfile
from functools import partial
from io import BytesIO
from pathlib import Path

from domain.understanding.learned import BadModel, Learned, Model, from_arrays, to_arrays

#: What the model of a town is called in its folder.
NAME = "model.npz"
#: A part that would be larger than this, unpacked, is no model of ours.
_LARGEST = 512 * 1024 * 1024


def learned_in(town: Path) -> Learned | None:
    """The model that lies in a town's folder, read when it is first needed."""
    file = town / NAME
    return Learned(partial(load, file)) if file.is_file() else None


def load(file: Path) -> Model:
    """A model from its file; BadModel, with the file's name, where it is none."""
    with file.open("rb") as written:  # a file that is not there is told by its own error
        whole = BytesIO(written.read(_LARGEST))
    try:
        return _read(whole)
    except Exception as error:  # whatever zip, numpy and JSON make of bytes that are not theirs
        said = error if isinstance(error, BadModel) else "it is no model"
        raise BadModel(f"{file.name} cannot be used: {said}. `tanggap train` makes a new one.") from error


def _read(whole: BytesIO) -> Model:
    import numpy as np

    with zipfile.ZipFile(whole) as parts:
        if sum(part.file_size for part in parts.infolist()) > _LARGEST:
            raise BadModel("it is too large")
    with np.load(whole, allow_pickle=False) as arrays:
        return from_arrays(arrays)


def save(model: Model, file: Path) -> None:
    """Write a model so that the file is whole or not there at all."""
    import numpy as np

    aside = file.with_name(f".{file.name}.new")
    try:
        with aside.open("wb") as out:
            np.savez_compressed(out, allow_pickle=False, **to_arrays(model))
        os.replace(aside, file)  # noqa: PTH105 - the name says what is meant
    finally:
        aside.unlink(missing_ok=True)
