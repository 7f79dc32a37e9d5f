"""Whatever people do is something that both libraries can read."""

from __future__ import annotations

import aiogram
import aiogram.types
import pytest
import telegram

from tests.telegram.people import everything
from tests.telegram.standin import new_token

TOKEN = new_token()
AIOGRAM = aiogram.Bot(TOKEN)
PTB = telegram.Bot(TOKEN)
ALL = everything({"id": int(TOKEN.split(":")[0]), "is_bot": True, "first_name": "Tanggap", "username": "tanggap_bot"})


@pytest.mark.parametrize("what", ALL)
def test_both_libraries_read_what_people_do_and_lose_nothing_known(what: str) -> None:
    for update in ALL[what]:
        one = aiogram.types.Update.model_validate(update, context={"bot": AIOGRAM})
        other = telegram.Update.de_json(update, PTB)
        assert one.update_id == other.update_id == update["update_id"]
        kind = next(name for name in update if name != "update_id")
        assert one.event_type == kind
        assert getattr(other, kind) is not None
        assert not other.api_kwargs
        assert not getattr(other, kind).api_kwargs
