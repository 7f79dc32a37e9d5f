"""The demo's page in a real browser: by clicking and typing, on a desk's screen and on a telephone's."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.browser import Browser, Page
from tests.web.serving import Demo
from tests.web.window import Window

pytestmark = pytest.mark.browser

OFFICER = "petugas-disdukcapil"
SIZES = {"desk": (1280, 900), "telephone": (390, 844)}
ANSWER = "KTP Anda kami cetak hari ini."
TRAP = (
    '<img src=x onerror="window.trapped = 1"><script>window.trapped = 1</script>'
    " *KTP* <b>lama</b> sudah tiga minggu belum jadi di capil"
)


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return SIZES[request.param]


@pytest.fixture
def page(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    with browser.page(*size) as opened:
        yield opened


@pytest.fixture
def window(page: Page, demo: Demo) -> Iterator[Window]:
    opened = Window(page, demo.url)
    yield opened
    opened.is_in_order()


desk_only = pytest.mark.parametrize("size", [SIZES["desk"]], ids=["desk"])


def test_a_case_goes_from_a_story_to_an_answer_and_on_to_a_reminder(window: Window) -> None:
    window.is_in_order()
    number = window.complains("citizen", SLOW)
    window.sees(OFFICER, number)
    window.presses(OFFICER, "take", "answer")
    window.writes(OFFICER, ANSWER, enter=True)
    window.presses(OFFICER, "send")
    window.shows("citizen")
    window.sees("citizen", ANSWER)
    window.is_in_order()

    window.page.wait("document.querySelectorAll('.events li').length >= 3")
    assert window.page.js("document.querySelector('.ticket h3').textContent") == number
    assert not [event for event in window.events() if event["icon"] == "clock"]
    before = window.page.js("document.getElementById('clock-date').textContent")
    assert "pengingat terkirim" in window.moves("next_deadline")
    assert window.page.js("document.getElementById('clock-date').textContent") != before
    window.page.wait("document.querySelector('.events li[data-icon=clock]')")
    assert "mengingatkan Petugas pengaduan" in window.events()[-1]["text"]
    assert SLOW not in window.page.js("document.querySelector('.journey').textContent")


@desk_only
def test_a_story_of_the_guide_is_written_but_not_sent(window: Window, demo: Demo) -> None:
    window.page.click("document.querySelector('[data-story=\"1\"]')")
    assert "Rp50.000" in window.page.js("document.querySelector('#phone-citizen textarea').value")
    assert not demo.rows("SELECT 1 FROM inbox")
    window.page.press("Enter", 13)
    window.presses("citizen", "send")
    window.sees("inspektur", "Rp50.000")


def test_a_story_about_money_reaches_the_inspektur_and_nobody_else(window: Window) -> None:
    number = window.complains("citizen", PUNGLI)
    window.sees("inspektur", PUNGLI)
    window.sees("inspektur", number)
    window.moves("working_day")
    for phone in (OFFICER, "sekda"):
        assert number not in window.log(phone)
        assert PUNGLI not in window.log(phone)
        assert window.page.js(f"document.querySelectorAll('#phone-{phone} .message').length") == 0


@desk_only
def test_what_people_write_stays_text(window: Window) -> None:
    number = window.complains("citizen", TRAP)
    window.sees(OFFICER, number)
    for phone in ("citizen", OFFICER):
        assert "<img src=x onerror=" in window.log(phone)
        assert not window.page.js(f"document.querySelectorAll('#phone-{phone} .log :is(img, script, b)').length")
    assert window.page.js("window.trapped ?? 0") == 0


def test_loading_the_page_again_keeps_the_messages_and_the_choices(window: Window) -> None:
    window.writes("citizen", SLOW)
    window.sees("citizen", "Mohon dilihat sekali lagi")
    before = window.page.js("document.querySelectorAll('#phone-citizen .message').length")
    window.page.click("document.querySelector('#phone-citizen textarea')")
    window.page.type("belum selesai ditulis")
    window.page.reload()
    window.sees("citizen", SLOW)
    assert window.page.js("document.querySelectorAll('#phone-citizen .message').length") == before
    assert window.page.js("document.querySelector('#phone-citizen textarea').value") == "belum selesai ditulis"
    window.presses("citizen", "send")
    window.sees("citizen", "PIN")


@desk_only
def test_the_page_speaks_english_when_asked(page: Page, demo: Demo) -> None:
    window = Window(page, demo.url, "?lang=en")
    assert page.js("document.documentElement.lang") == "en"
    assert page.js("document.querySelector('[data-move=hour]').textContent") == "+1 hour"
    assert page.js("document.querySelector('#phone-citizen textarea').placeholder") == "Write a message…"
    window.moves("hour")
    assert page.js("document.getElementById('clock-date').textContent").startswith("Monday")
    page.click("document.querySelector('.language')")
    page.wait("document.documentElement.lang === 'id' && document.querySelectorAll('.phone').length >= 4")
    window.is_in_order()


@desk_only
def test_any_post_can_be_given_a_phone(window: Window) -> None:
    page = window.page
    for _ in range(2):
        page.click("document.getElementById('add')")
        page.wait("document.querySelectorAll('#dialog-list button').length > 20")
        page.type("kepala dinas kependudukan")
        page.wait("document.querySelectorAll('#dialog-list button').length === 1")
        page.click("document.querySelector('#dialog-list button')")
        page.wait("!document.getElementById('dialog').open")
    assert page.js("document.querySelectorAll('.phone').length") == 5
    page.click("document.getElementById('add')")
    page.wait("document.querySelectorAll('#dialog-list button').length > 20")
    page.click("document.querySelector('#dialog-list button')")
    page.wait("document.getElementById('phone-citizen-2')")
    assert window.complains("citizen-2", SLOW)


def test_everything_that_can_have_the_focus_has_a_name(window: Window) -> None:
    assert window.page.nameless() == []
    window.complains("citizen", SLOW)
    window.shows(OFFICER)
    window.presses(OFFICER, "take")
    window.page.wait("document.querySelectorAll('.events li').length >= 2")
    assert window.page.nameless() == []
    window.page.click("document.getElementById('add')")
    window.page.wait("document.querySelectorAll('#dialog-list button').length > 20")
    assert window.page.nameless() == []


@desk_only
def test_the_keyboard_alone_is_enough(window: Window) -> None:
    page = window.page
    page.js("document.querySelector('#phone-citizen textarea').focus()")
    page.type(SLOW)
    page.press("Enter", 13)
    window.sees("citizen", "Mohon dilihat sekali lagi")
    page.js("document.querySelector('#phone-citizen [data-choice]').focus()")
    page.press("Enter", 13)
    window.sees("citizen", "PIN")
    assert json.loads(page.js("localStorage.getItem(Object.keys(localStorage).find(k => k.endsWith(':citizen')))"))
