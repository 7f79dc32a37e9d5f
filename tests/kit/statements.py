"""Each statement of SQL is compiled once a run, not again by the engines of every test."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import create_engine as create

from storage import engine as engines

Key = tuple[Any, ...]


class Compiled(dict[Key, Any]):
    """What the engines of a dialect have compiled. A key begins with the dialect object of one engine, which is cut."""

    def get(self, key: Key, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Key, compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


_compiled: defaultdict[str, Compiled] = defaultdict(Compiled)


def create_engine(*arguments: Any, **options: Any) -> Engine:
    made = create(*arguments, **options)
    made._compiled_cache = _compiled[made.dialect.name]
    return made


def compile_once() -> None:
    """From now on, for every engine that the program makes in this process."""
    engines.create_engine = create_engine  # type: ignore[attr-defined]
