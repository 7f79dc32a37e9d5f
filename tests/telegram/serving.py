"""A town on Telegram as the nursery forks it."""

from __future__ import annotations

from functools import partial

from tests.kit import serving

warm_up = partial(serving.warm_up, "telegram_citizen", "telegram_staff")
run = serving.run
