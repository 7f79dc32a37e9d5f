"""A real Chromium for tests of pages, driven by its own protocol over a pipe: no port, and it ends with its parent.

    with Browser(tmp_path) as browser, browser.page(1280, 900) as page:
        page.open(url)
        page.click("document.querySelector('#send')")
        assert not page.faults

The browser is the one that the environment's CHROMIUM names, or one on the path. Expressions are JavaScript.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 15.0
_LOOK_EVERY = 0.03
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
#: The browser reads commands from this descriptor and writes answers to the next one.
_READS, _WRITES = 3, 4
_SPARE_DESCRIPTOR = 20

Facts = dict[str, Any]


def find_chromium() -> str | None:
    """The browser's program; None where there is none."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class PageError(AssertionError):
    """What was asked of a page did not happen."""


class Browser:
    """A running browser. Its pages know nothing of each other: each has cookies and storage of its own."""

    def __init__(self, folder: Path) -> None:
        """Start it, with its files in a folder. Raises RuntimeError where there is no Chromium."""
        program = find_chromium()
        if program is None:
            raise RuntimeError("There is no Chromium: install one, or name it in the environment as CHROMIUM.")
        self._answers: dict[int, queue.SimpleQueue[Facts]] = {}
        self._pages: dict[str, Page] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._process, writing, reading = _launch(program, folder)
        self._commands = os.fdopen(writing, "wb", buffering=0)
        self._reader = threading.Thread(target=self._read, args=(os.fdopen(reading, "rb"),), daemon=True)
        self._reader.start()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and all its processes."""
        with contextlib.suppress(OSError):
            self._commands.close()  # it ends by itself when nobody holds the other end
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(PATIENCE)

    @contextlib.contextmanager
    def page(self, width: int, height: int) -> Iterator[Page]:
        """A new page of this size; below 600 pixels it is a telephone's."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        try:
            for domain in ("Runtime", "Log", "Page", "Network", "Accessibility"):
                page.call(f"{domain}.enable")
            page.resize(width, height)
            yield page
        finally:
            del self._pages[session]
            self.call("Target.disposeBrowserContext", browserContextId=context)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Facts:
        """One command of the protocol, and its result."""
        answer: queue.SimpleQueue[Facts] = queue.SimpleQueue()
        with self._lock:
            self._count += 1
            key = self._count
            self._answers[key] = answer
            command = {"id": key, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
            self._commands.write(json.dumps(command).encode() + b"\0")
        try:
            found = answer.get(timeout=PATIENCE)
        except queue.Empty:
            raise PageError(f"The browser does not answer {method}.") from None
        finally:
            del self._answers[key]
        if "error" in found:
            raise PageError(f"{method}: {found['error'].get('message')}")
        result: Facts = found["result"]
        return result

    def _read(self, pipe: Any) -> None:
        rest = b""
        with pipe:
            while read := pipe.read1(1 << 16):
                *whole, rest = (rest + read).split(b"\0")
                for message in whole:
                    self._take(json.loads(message))

    def _take(self, message: Facts) -> None:
        if answer := self._answers.get(message.get("id", 0)):
            answer.put(message)
        elif page := self._pages.get(message.get("sessionId", "")):
            page.happened(message["method"], message["params"])


def _launch(program: str, folder: Path) -> tuple[subprocess.Popen[bytes], int, int]:
    """The process, and our ends of the two pipes: for commands and for answers."""
    its_reading, writing = os.pipe()
    reading, its_writing = os.pipe()
    # High enough that moving the one to its place cannot overwrite the other.
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _SPARE_DESCRIPTOR) for end in (its_reading, its_writing)]
    os.close(its_reading)
    os.close(its_writing)
    profile = folder / "profile"
    arguments = [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    try:
        process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" {_READS}<&{moved[0]} {_WRITES}>&{moved[1]}', "bash", *arguments],
            pass_fds=moved,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "HOME": str(folder)},
        )
    except BaseException:
        os.close(writing)
        os.close(reading)
        raise
    finally:
        for end in moved:
            os.close(end)
    return process, writing, reading


class Page:
    """One page: what it says, and a finger and a keyboard on it."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        #: Every console error, exception, and request that failed.
        self.faults: list[str] = []
        #: Every address that the page asked for.
        self.requests: list[str] = []

    def call(self, method: str, **parameters: Any) -> Facts:
        return self._browser.call(method, self._session, **parameters)

    def happened(self, method: str, facts: Facts) -> None:
        """An event of the browser (in the reader's thread)."""
        match method:
            case "Runtime.exceptionThrown":
                details = facts["exceptionDetails"]
                self.faults.append(str(details.get("exception", {}).get("description") or details["text"]))
            case "Runtime.consoleAPICalled" if facts["type"] in ("error", "warning", "assert"):
                self.faults.append(" ".join(str(part.get("value", part.get("description"))) for part in facts["args"]))
            case "Log.entryAdded" if facts["entry"]["level"] in ("error", "warning"):
                self.faults.append(f"{facts['entry']['text']} {facts['entry'].get('url', '')}".strip())
            case "Network.requestWillBeSent":
                self.requests.append(facts["request"]["url"])

    # what it is

    def resize(self, width: int, height: int) -> None:
        mobile = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def open(self, url: str) -> None:
        """Go there; returns when the page is loaded."""
        self.call("Page.navigate", url=url)
        self.wait(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def reload(self) -> None:
        """Load the page again; returns when it is loaded."""
        self.js("window.isOld = true")
        self.call("Page.reload")
        self.wait("!window.isOld && document.readyState === 'complete'")

    def js(self, expression: str) -> Any:
        """The value of an expression; a promise is awaited."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise PageError(f"{expression}: {details.get('exception', {}).get('description') or details['text']}")
        return found["result"].get("value")

    def wait(self, expression: str, seconds: float = PATIENCE) -> Any:
        """Wait until an expression is true or an element; returns its value. While a page loads, it may also fail."""
        plain = f"(found => found instanceof Node || found)({expression})"
        return self._until(lambda: self.js(plain), expression, seconds)

    def _until(self, look: Callable[[], Any], what: str, seconds: float) -> Any:
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(PageError):
                if found := look():
                    return found
            if time.monotonic() > end:
                raise PageError(f"Not within {seconds} s: {what}. Faults: {self.faults}")
            time.sleep(_LOOK_EVERY)

    def screenshot(self, *, whole: bool = False) -> bytes:
        """A picture (PNG) of what is in the window, or of the whole page."""
        options: Facts = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            options = {"captureBeyondViewport": True, "clip": {**size, "x": 0, "y": 0, "scale": 1}}
        picture: str = self.call("Page.captureScreenshot", format="png", **options)["data"]
        return base64.b64decode(picture)

    def nameless(self) -> list[str]:
        """What can have the focus and has no name that a screen reader could say: its role and its HTML."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [self._outline(node) for node in nodes if _focusable(node) and not _text(node, "name").strip()]

    def _outline(self, node: Facts) -> str:
        html = self.call("DOM.getOuterHTML", backendNodeId=node["backendDOMNodeId"])["outerHTML"]
        return f"{_text(node, 'role')}: {html[:120]}"

    # what is done to it

    def click(self, element: str) -> None:
        """Press the middle of an element, given as an expression, once it is there and nothing lies on it."""
        x, y = self._until(lambda: self.js(_MIDDLE % element), f"{element} can be pressed", PATIENCE)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Write where the focus is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press a key by its name and its Windows code, such as Enter and 13."""
        facts: Facts = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        if key == "Enter":
            facts["text"] = "\r"
        self.call("Input.dispatchKeyEvent", type="keyDown", **facts)
        self.call("Input.dispatchKeyEvent", type="keyUp", **facts)


#: Where to press an element: null until it stands still, in view, with nothing on it.
_MIDDLE = """(async () => {
  const element = %s;
  if (!element) return null;
  const box = () => { const { x, y, width, height } = element.getBoundingClientRect(); return [x, y, width, height]; };
  element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  const before = box();
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const [x, y, width, height] = box();
  if (!width || String(before) !== String([x, y, width, height])) return null;
  const middle = [x + width / 2, y + height / 2];
  return element.contains(document.elementFromPoint(...middle)) ? middle : null;
})()"""


def _focusable(node: Facts) -> bool:
    if node.get("ignored") or _text(node, "role") in ("RootWebArea", "WebArea"):
        return False
    return any(
        found["name"] == "focusable" and found["value"].get("value") is True for found in node.get("properties", ())
    )


def _text(node: Facts, name: str) -> str:
    return str(node.get(name, {}).get("value") or "")
