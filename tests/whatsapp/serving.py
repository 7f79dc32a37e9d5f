"""A town on WhatsApp as the nursery forks it."""

from __future__ import annotations

from functools import partial

from tests.kit import serving

warm_up = partial(serving.warm_up, "whatsapp")
run = serving.run
