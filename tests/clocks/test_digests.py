"""Two processes beat over one database: a digest is written once, and worked out once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.mornings import DigestKind
from handlers.actions import digests
from tests.clocks.case import Case


def test_a_digest_that_another_process_has_written_is_not_worked_out_again(
    case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = case().opens()
    assert story.digest("SEKDA", DigestKind.DAILY) == 1
    monkeypatch.setattr(digests, "digest_for", lambda *_: pytest.fail("worked out for nobody"))
    assert story.digest("SEKDA", DigestKind.DAILY) == 0
