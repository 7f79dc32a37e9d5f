"""Whatever breaks, and wherever Python prints it: the log says where, and not a word of what somebody typed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.leaks.search import found_in
from tests.leaks.words import Inventor

ROOT = Path(__file__).parents[2]


def crash(style: str, words: str) -> str:
    """What a process says in which everything goes wrong."""
    command = [sys.executable, "-m", "tests.leaks.crashes", style, words]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60)
    assert ended.returncode == 1
    assert not ended.stdout
    return ended.stderr.decode()


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_crash_is_told_without_the_words_of_its_error(style: str) -> None:
    inventor = Inventor(random.SystemRandom().getrandbits(32))
    said = crash(style, inventor.words(inventor.stories))
    assert not found_in(said.encode(), inventor.stories.marker), said
    assert said.count("crashed") == 3, said
    assert said.count("ValueError") == 6, said
    assert "UserWarning" in said
    assert "Traceback" not in said


def test_each_line_of_the_json_log_is_one_event_that_says_where() -> None:
    lines = [json.loads(line) for line in crash("json", "secret").splitlines()]
    assert [line["event"] for line in lines] == [
        "logged with its traceback",
        "logged by hand",
        "Task exception was never retrieved",
        "crashed",
        "crashed",
        "warned",
        "crashed",
    ]
    assert all(line["at"].startswith("crashes.py:") for line in lines)
