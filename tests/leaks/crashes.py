"""A process in which everything goes wrong at once, with the words that it was given: `... crashes STYLE WORDS`."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import warnings

from bot.logs import set_up_logs


class Careless:
    """Raises where Python can only print what happened."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __del__(self) -> None:
        raise ValueError(self._words)


async def _fail(words: str) -> None:
    raise ValueError(words)


async def _forget_a_task(words: str) -> None:
    task = asyncio.create_task(_fail(words))
    await asyncio.wait([task])
    del task
    gc.collect()


def _log_it(words: str) -> None:
    try:
        raise ValueError(words) from KeyError(words)
    except ValueError as error:
        logging.getLogger("crashes").exception("logged with its traceback")
        logging.getLogger("crashes").error("logged by hand", exc_info=error)


def main(style: str, words: str) -> None:
    set_up_logs("json" if style == "json" else "console")
    _log_it(words)
    asyncio.run(_forget_a_task(words))
    thread = threading.Thread(target=lambda: asyncio.run(_fail(words)), name="thread")
    thread.start()
    thread.join()
    Careless(words)
    warnings.warn(words, stacklevel=1)
    raise ValueError(words)


if __name__ == "__main__":
    main(*sys.argv[1:])
