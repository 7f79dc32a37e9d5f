"""How the site is served: headers of the page, health, and an end that does not hang."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.serving import Demo, Screen


@pytest.mark.parametrize("path", ["/demo", "/demo?lang=en", "/demo/demo.css", "/demo/demo.js", "/demo/demo-base.js"])
def test_the_page_lets_nothing_else_in(demo: Demo, path: str) -> None:
    answer = demo.http.get(path)
    assert answer.status_code == 200
    policy = dict(
        directive.strip().partition(" ")[::2] for directive in answer.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_the_page_loads_everything_from_itself_and_speaks_both_languages(demo: Demo) -> None:
    assert demo.http.get("/").headers["location"] == "/demo"
    for path, language in (("/demo", "id"), ("/demo?lang=en", "en"), ("/demo?lang=xx", "id")):
        page = demo.http.get(path).text
        assert f'<html lang="{language}">' in page
        assert 'src="http' not in page
        assert 'href="http' not in page


def test_what_is_not_there_is_not_found(demo: Demo) -> None:
    for path in ("/demo/demo.html.j2", "/demo/../bot/app.py", "/demo/timeline.id.yaml", "/nothing"):
        assert demo.http.get(path).status_code == 404


def test_the_process_lives_and_is_ready(demo: Demo) -> None:
    assert demo.http.get("/health/live").json() == {"ok": True}
    demo.until(lambda: demo.http.get("/health/ready").status_code == 200, "the clock has beaten")
    assert demo.http.get("/health/ready").json() == {"ok": True, "faults": [], "warnings": []}


def test_a_clock_that_stands_still_is_not_ready(demo: Demo) -> None:
    demo.until(lambda: demo.http.get("/health/ready").status_code == 200, "the clock has beaten")
    demo.loop.call_soon_threadsafe(demo.program.beats.stop)
    demo.until(lambda: not demo.program.beats._scheduler.running, "the beats have stopped")
    demo.does("UPDATE beats SET last_ok = datetime(last_ok, '-3 minutes') || '.000000'")
    answer = demo.http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["faults"] == ["the clock of deadlines stands still"]
    assert demo.http.get("/health/live").status_code == 200


@pytest.fixture
def command(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`tanggap demo` itself, in an empty folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = [sys.executable, "-c", "from bot.cli import main; main()"]
    root = str(Path(__file__).parents[2])
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*program, "demo", "--history", "2", "--no-browser", "--port", str(port)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": root},
            stdout=log,
            stderr=log,
        )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_the_command_serves_the_demo_and_ends_at_once_though_a_screen_is_open(
    command: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    process, url = command
    end = time.monotonic() + 60  # on a machine that does much else
    while True:
        try:
            assert httpx.get(f"{url}/health/live").json() == {"ok": True}
            break
        except httpx.TransportError:
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < end, "the demo did not start"
            time.sleep(0.1)
    screen = Screen(url, ("citizen", "inspektur"), acks=True)
    screen.types("citizen", "halo")
    screen.wait(lambda: screen.messages, "a welcome")
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    process.wait(10)
    assert time.monotonic() - asked < 3
    screen.close()
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert "2 invented cases in" in log
    assert (tmp_path / "data" / "demo" / "tanggap.db").exists()
