"""The demo's page in a browser, as somebody uses it: which phone, which button, what stands where."""

from __future__ import annotations

import json
from typing import Any

from tests.kit.browser import Page
from tests.kit.town import LANGUAGES, label


class Window:
    """The page, opened."""

    def __init__(self, page: Page, url: str, query: str = "") -> None:
        self.page = page
        page.open(f"{url}/demo{query}")
        page.wait("document.querySelectorAll('.phone').length >= 4")

    # one phone

    def shows(self, phone: str) -> None:
        """Where only one phone has room, choose its tab."""
        if not self.page.js(f"document.getElementById('phone-{phone}').checkVisibility()"):
            self.page.click(f"document.getElementById('tab-{phone}')")

    def writes(self, phone: str, text: str, *, enter: bool = False) -> None:
        """Type into a phone and send it."""
        self.shows(phone)
        self.page.click(f"document.querySelector('#phone-{phone} textarea')")
        self.page.type(text)
        if enter:
            self.page.press("Enter", 13)
        else:
            self.page.click(f"document.querySelector('#phone-{phone} .send')")

    def presses(self, phone: str, *codes: str) -> None:
        """Press choices one after the other, each on the newest message that has it and is not used."""
        for code in codes:
            self.shows(phone)
            labels = json.dumps([label(code, language) for language in LANGUAGES])
            fresh = f"#phone-{phone} .choices:not([data-used]) button"
            self.page.click(
                f"[...document.querySelectorAll('{fresh}')].filter(b => {labels}.includes(b.textContent.trim())).at(-1)"
            )

    def closes(self, phone: str) -> None:
        """Put a phone away."""
        self.page.click(f"document.querySelector('#phone-{phone} .who button')")
        self.page.wait(f"!document.getElementById('phone-{phone}')")

    def adds(self, post: str) -> None:
        """Open the phone of a post from the list, found by its code."""
        self.page.click("document.getElementById('add')")
        self.page.wait("document.querySelectorAll('#dialog-list button').length > 20")
        self.page.type(post)
        self.page.wait("document.querySelectorAll('#dialog-list button').length === 1")
        self.page.click("document.querySelector('#dialog-list button')")
        self.page.wait(f"document.getElementById('phone-{post.lower()}')")

    def log(self, phone: str) -> str:
        """Everything that stands on a phone, visible or not."""
        return str(self.page.js(f"document.querySelector('#phone-{phone} .log').textContent"))

    def sees(self, phone: str, text: str) -> None:
        """Wait until a text stands on a phone."""
        self.page.wait(f"document.querySelector('#phone-{phone} .log').textContent.includes({json.dumps(text)})")

    def complains(self, phone: str, story: str) -> str:
        """Tell a story and send it; returns the number on the receipt."""
        self.writes(phone, story)
        self.presses(phone, "send")
        return str(self.page.wait(f"[...document.querySelectorAll('#phone-{phone} .number')].at(-1)?.textContent"))

    # the town

    def moves(self, how: str) -> str:
        """Move the clock by its button; returns what the page says about it when it has arrived."""
        self.page.click(f"document.querySelector('[data-move={how}]')")
        return str(
            self.page.wait(
                "!document.querySelector('#clock[data-moving]') && document.getElementById('clock-said').textContent"
            )
        )

    def events(self) -> list[dict[str, Any]]:
        """The timeline of the chosen report: icon and text of each event."""
        found = self.page.js(
            "[...document.querySelectorAll('.events li')].map(li => ({ icon: li.dataset.icon, text: li.innerText }))"
        )
        return list(found)

    # how it looks

    def is_in_order(self) -> None:
        """No fault was reported, nothing came from elsewhere, and nothing is wider than the window."""
        assert not self.page.faults
        origin = self.page.js("location.origin")
        assert all(address.startswith((origin, "data:", "blob:")) for address in self.page.requests)
        assert self.page.js("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
