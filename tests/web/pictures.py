"""Makes the pictures of the README: `python -m tests.web.pictures` writes demo.png, demo-390.png and climbed.png.

A town some weeks old: a broken road that nobody answered has climbed to the Sekda, money asked at a counter is at the
Inspektur alone, and a slow family card has just been answered. In another one, that family card was left alone until
the Sekda heard of it. Needs a Chromium.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import yaml
from PIL import Image

from tests.kit.browser import Browser, Page
from tests.kit.databases import Databases
from tests.kit.town import peopled
from tests.web.serving import Demo, Screen, run_demo
from tests.web.window import Window

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "images"
MOST_BYTES = 400_000
OFFICER = "petugas-disdukcapil"
#: Fourteen for the promise, five for the Sekda, and one.
DAYS_TO_THE_SEKDA = 20
ANSWER = (
    "Selamat pagi, Bu. KK Anda tertahan karena akta kelahiran belum tersambung, hari ini sudah kami perbaiki."
    " KK bisa diambil besok mulai pukul 08.00 di loket 3, tanpa biaya."
)


def stories() -> list[str]:
    """The stories of the page's guide: the family card, the counter, the road."""
    words = yaml.safe_load((ROOT / "templates" / "web" / "demo.id.yaml").read_text(encoding="utf-8"))
    return [story["text"] for story in words["guide"]["stories"]]


def move(demo: Demo, how: str) -> None:
    demo.http.post("/demo/clock", json={"move": how}, timeout=120).raise_for_status()


def live(demo: Demo, window: Window) -> None:
    """Everything that has happened when the picture is taken."""
    slow, money, road = stories()
    others = demo.screen("citizen-2", "citizen-3")
    tell(others, "citizen-3", road)
    for _ in range(19):
        move(demo, "working_day")
    tell(others, "citizen-2", money)
    move(demo, "hour")

    window.writes("citizen", slow)
    window.presses("citizen", "send")
    window.presses(OFFICER, "take")
    window.sees("citizen", "Kabar baik")
    move(demo, "working_day")
    move(demo, "hour")
    window.presses(OFFICER, "answer")
    window.writes(OFFICER, ANSWER)
    window.presses(OFFICER, "send")
    window.sees("citizen", "loket 3")
    window.sees("sekda", "TGP-26")


def tell(screen: Screen, phone: str, story: str) -> None:
    """A story, sent."""
    screen.types(phone, story)
    screen.presses(phone, "send")
    screen.sees(phone, "PIN")


def quiet(page: Page) -> None:
    """Nothing has the focus, everything is loaded and stands still at its end."""
    page.js("document.activeElement.blur()")
    page.js("document.querySelectorAll('.log').forEach(log => { log.scrollTop = log.scrollHeight; })")
    page.js("document.fonts.ready.then(() => new Promise(done => setTimeout(done, 2600)))")


def save(picture: bytes, path: Path) -> None:
    """A small PNG: the page has few colours."""
    colours = Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    path.parent.mkdir(parents=True, exist_ok=True)
    colours.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name} is larger than {MOST_BYTES} bytes.")


def climb(demo: Demo, window: Window) -> None:
    """A family card that nobody finished: officer, head and Sekda are told in turn, and the citizen hears of it."""
    for phone in ("inspektur", "sekda"):
        window.closes(phone)
    for post in ("KEPALA-DISDUKCAPIL", "SEKDA"):
        window.adds(post)
    window.writes("citizen", stories()[0])
    window.presses("citizen", "send")
    window.sees("citizen", "PIN")
    window.presses(OFFICER, "take")
    for _ in range(DAYS_TO_THE_SEKDA):
        move(demo, "working_day")
    window.sees("sekda", "TGP-26")
    window.sees("citizen", "Sekretaris Daerah")


def whole_town(folder: Path, browser: Browser) -> None:
    with run_demo(Databases(folder).fresh("sqlite", folder, peopled), folder) as demo, browser.page(1280, 900) as page:
        still(page)
        window = Window(page, demo.url)
        live(demo, window)
        page.js("scrollTo(0, 0)")
        quiet(page)
        save(page.screenshot(whole=True), FOLDER / "demo.png")
        page.resize(390, 844)
        window.shows("citizen")
        page.js("scrollTo(0, document.querySelector('.desk').offsetTop)")
        quiet(page)
        save(page.screenshot(), FOLDER / "demo-390.png")


def one_that_climbed(folder: Path, browser: Browser) -> None:
    with run_demo(Databases(folder).fresh("sqlite", folder, peopled), folder) as demo, browser.page(1440, 860) as page:
        still(page)
        window = Window(page, demo.url)
        climb(demo, window)
        page.js("document.querySelector('.desk').scrollIntoView()")
        quiet(page)
        save(page.screenshot(), FOLDER / "climbed.png")


def still(page: Page) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])


def main() -> None:
    with tempfile.TemporaryDirectory() as name, Browser(Path(name)) as browser:
        for number, take in enumerate((whole_town, one_that_climbed)):
            folder = Path(name) / str(number)
            folder.mkdir()
            take(folder, browser)


if __name__ == "__main__":
    main()
