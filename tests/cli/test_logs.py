"""Logs: no token leaves in a line, whoever wrote it, and no body of a message."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from typing import Literal

import pytest

from bot.logs import set_up_logs

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
URL = f"https://api.telegram.org/bot{TOKEN}/getUpdates"


Said = Callable[[], str]


@pytest.fixture
def started(usual_logs: None, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Start the program's log in a test's own time; returns what tells what it has said so far."""

    def start(style: Literal["console", "json"] = "json", secrets: tuple[str, ...] = ()) -> Said:
        set_up_logs(style, secrets=secrets)
        return lambda: capsys.readouterr().err

    return start


@pytest.mark.parametrize(
    "text",
    [
        f"POST {URL}",
        f"Invalid token {TOKEN}!",
        f"token='{TOKEN}'",
        f"bot{TOKEN}",
        "https://tg.example/file/bot1:short/photos/file_1.jpg",
        "https://tg.example/bot110201543%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
    ],
)
def test_a_token_leaves_no_trace(started: Callable[..., Said], text: str) -> None:
    said = started()
    for log in (logging.getLogger("bot.somewhere"), logging.getLogger("uvicorn.error")):
        log.warning(text)
        log.warning("%s", text, extra={"kind": text, "more": {"at": [text]}})
    told = said()
    assert told.count("...") >= 4
    assert "AAHdqTcv" not in told
    assert "1:short" not in told


@pytest.mark.parametrize(
    "name",
    [
        "wamid.HBgNNjI4MTIwMDAwNDcxMRUCABEYEjgxQ0=",
        "ID.1502A34bcD9871203498",
        "ID.ENT.11815799212886844830",
        "6281200004711",
        "+6281200004711",
        "081200004711",
    ],
)
def test_nobodys_name_in_whatsapp_leaves_a_trace(started: Callable[..., Said], name: str) -> None:
    said = started()
    logging.getLogger("bot.somewhere").warning("to %s", name, extra={"chat": name})
    told = said()
    assert told.count("...") == 2
    assert name.lstrip("+") not in told


def test_what_is_known_to_be_secret_leaves_no_trace_and_nothing_else_is_hidden(started: Callable[..., Said]) -> None:
    said = started("json", ("kata.rahasia+kita", "tiga"))
    line = "kata.rahasia+kita of TGP-26-7K3QD8 in outbox 628123456789012345, tiga at 2026-11-22"
    logging.getLogger("bot.somewhere").warning(line)
    assert json.loads(said())["event"] == line.replace("kata.rahasia+kita", "...")


@pytest.mark.parametrize("style", ["json", "console"])
def test_an_error_that_quotes_a_token_is_its_class(started: Callable[..., Said], style: str) -> None:
    said = started(style)
    log = logging.getLogger("bot.somewhere")
    try:
        raise ConnectionError(URL)
    except ConnectionError as error:
        log.exception("not reached")
        log.warning("not reached: %s", error)
        log.warning("not reached", exc_info=error, extra={"trace": traceback.format_exc()})
    told = said()
    assert "AAHdqTcv" not in told
    assert "ConnectionError" in told


@pytest.mark.parametrize("name", ["telegram.Bot", "aiogram.event", "httpx", "telegram.request.BaseRequest"])
def test_what_a_library_fills_in_is_dropped(started: Callable[..., Said], name: str) -> None:
    said = started()
    log = logging.getLogger(name)
    body = [{"message": {"text": "suami saya dipukul", "chat": {"id": 7712345678}}}]
    log.critical("Error while parsing updates! Received data was %r", body, exc_info=ValueError(str(body)))
    log.info("HTTP Request: POST %s", URL)
    line = json.loads(said())
    assert line["event"] == "Error while parsing updates! Received data was %r"
    assert "dipukul" not in str(line)
    assert "7712345678" not in str(line)


def test_an_ordinary_line_stays_as_it_is(started: Callable[..., Said]) -> None:
    said = started()
    logging.getLogger("bot.somewhere").warning(
        "the robot7:30 train of %s", "12:30:59.123456", extra={"inbox": 12345678901234567890, "at": "poller.py:120"}
    )
    line = json.loads(said())
    assert line["event"] == "the robot7:30 train of 12:30:59.123456"
    assert (line["inbox"], line["at"]) == (12345678901234567890, "poller.py:120")
