"""The stand-in as a test holds it: its process, and each account on it.

    account = graph.account()                            # a business with two numbers
    account.subscribe(f"{url}/hooks/whatsapp")           # it must echo the challenge
    account.tells(sari.says("KTP saya belum jadi"), wait=5)   # until the program has answered 200
    account.texts(sari)

All calls here wait for their answer; a test that runs the program in its own loop makes them through `account.aside`.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import httpx

from tests.kit.standins import PATIENCE, Control, StandInProcess
from tests.whatsapp.bodies import SIGNATURE, Event, pack, raw_of, sign
from tests.whatsapp.people import Person, placed

Sent = dict[str, Any]


class Account(Control):
    """The test's side of one WhatsApp Business account: what happens to it, and what the program did."""

    def __init__(self, url: str, http: httpx.Client, numbers: int) -> None:
        key = _some_id()
        super().__init__(http, f"/control/{key}")
        self.api, self.id = url, key
        self._made = [{"id": _some_id(), "display": f"62811{random.randrange(10**7, 10**8)}"} for _ in range(numbers)]
        state = self.set(numbers=self._made)
        self.token, self.secret, self.verify_token = state["token"], state["secret"], state["verify_token"]
        self.app = state["app"]

    @property
    def number(self) -> str:
        """The id of the first number, which citizens write to."""
        return self._made[0]["id"]

    @property
    def staff_number(self) -> str:
        """The id of the last: the same where there is only one."""
        return self._made[-1]["id"]

    def metadata(self, number: str | None = None) -> dict[str, str]:
        """What webhooks say of a number."""
        made = next(one for one in self._made if one["id"] == (number or self.number))
        return {"display_phone_number": made["display"], "phone_number_id": made["id"]}

    def set(self, **settings: Any) -> dict[str, Any]:
        """token, secret, verify_token, revoked, latency, limits (pace), window, skew (seconds that the clock is ahead),
        at_once, statuses, disorder, status_contacts, log; of webhooks pause, longest, batch, shape, ordered, repeats,
        signature, deaf, held; of media link_seconds, inbound_seconds, uploaded_seconds; of templates approves, most.
        """
        return super().set(**settings)

    def fails(self, method: str = "*", *, to: str | None = None, times: int = 1, **does: Any) -> None:
        """The next calls go wrong: status (with code, details, headers), delay, cut_before, cut_after, raw.

        `method`: messages, read, media (an upload), media_info, download, templates, number ... `fails`=code: the next
        message is accepted, and reported as failed.
        """
        self._ask("POST", "/faults", json={"method": method, "to": to, "times": times, **does})

    # webhooks

    def subscribe(self, url: str, **more: Any) -> str:
        """Post what happens there; returns why not, or "". `verify`=False: without asking, `token`: with another."""
        answer = self._ask("POST", "/hook", json={"url": url, **more}).json()
        return "" if answer["verified"] else str(answer["why"])

    def tells(
        self, *events: Event, number: str | None = None, wait: float | None = PATIENCE, keep: bool = False
    ) -> list[Event]:
        """Let things happen; returns the events as the program gets them.

        `wait`: so many seconds at most until the program has taken them all, or the test fails; None = don't.
        `keep`: as they are, with their own moment (a second copy, or something old).
        """
        body = {"events": events, "number": number, "wait": wait, "keep": keep}
        answer = self._ask("POST", "/events", json=body, timeout=(wait or 0) + PATIENCE).json()
        assert answer["confirmed"] or not wait, f"not confirmed within {wait} s"
        told: list[Event] = answer["events"]
        return told

    def posts(self, url: str, *events: Event, shape: str = "values", signature: str | None = "") -> httpx.Response:
        """Post these as one body, once, from here; `signature` None: unsigned, "": rightly signed."""
        raw = raw_of(pack(self.id, [placed(event, self.metadata()) for event in events], shape))
        return self.posts_raw(url, raw, signature)

    def posts_raw(self, url: str, raw: bytes, signature: str | None = "") -> httpx.Response:
        """Any bytes, signed like that."""
        headers = {} if signature is None else {SIGNATURE: signature or sign(self.secret, raw)}
        return httpx.post(url, content=raw, headers={"Content-Type": "application/json", **headers}, timeout=PATIENCE)

    def shuffle(self) -> None:
        """What waits gets another order (`held` keeps it waiting)."""
        self._ask("POST", "/shuffle")

    # people and files

    def knows(self, *people: Person, **more: Any) -> None:
        """They are on WhatsApp. `on`=False: they are not; `heard`: they last wrote so many seconds ago."""
        known = [{**who.contact, "phone": who.phone, "hides": who.hides, **more} for who in people]
        self._ask("POST", "/people", json={"people": known})

    def keeps(self, data: bytes, *, name: str = "", mime: str = "", size: int | None = None) -> dict[str, Any]:
        """A file that somebody is about to send. `size`: pretended."""
        asked = {"name": name, "mime": mime or "application/octet-stream", **({} if size is None else {"size": size})}
        file: dict[str, Any] = self._ask("POST", "/files", content=data, params=asked).json()
        return file

    def file(self, key: str) -> bytes:
        """The bytes of a file that was sent, by whomever."""
        data: bytes = self._ask("GET", f"/files/{key}").content
        return data

    # templates

    def has_template(
        self, name: str, body: str, *, language: str = "id", status: str = "APPROVED", **more: Any
    ) -> None:
        """A template that is there. `buttons`: labels of quick replies; `category`; `examples` for the variables."""
        components: list[dict[str, Any]] = [{"type": "BODY", "text": body}]
        if examples := more.get("examples"):
            components[0]["example"] = {"body_text": [list(examples)]}
        if buttons := more.get("buttons"):
            quick = [{"type": "QUICK_REPLY", "text": label} for label in buttons]
            components.append({"type": "BUTTONS", "buttons": quick})
        about = {"name": name, "language": language, "category": more.get("category", "UTILITY"), "status": status}
        self._ask("POST", "/templates", json={**about, "components": components})

    def judges(
        self, name: str, status: str, *, language: str = "id", reason: str = "", wait: float | None = None
    ) -> None:
        """Meta approves, rejects, pauses or disables one, and tells the program."""
        body = {"status": status, "reason": reason, "wait": wait}
        answer = self._ask("POST", f"/templates/{name}/{language}", json=body, timeout=(wait or 0) + PATIENCE).json()
        assert answer["confirmed"] or not wait, f"not confirmed within {wait} s"

    # what the program did

    def reports(self, wamid: str, status: str, *, code: int | None = None, wait: float | None = None) -> None:
        """Something becomes of a message later."""
        body = {"id": wamid, "status": status, "code": code, "wait": wait}
        answer = self._ask("POST", "/status", json=body, timeout=(wait or 0) + PATIENCE).json()
        assert answer["confirmed"] or not wait, f"not confirmed within {wait} s"

    def messages(self, who: Person | str, number: str | None = None) -> list[Sent]:
        """What has arrived at somebody (from one of our numbers), oldest first."""
        key = who if isinstance(who, str) else who.id
        return [
            one for one in self.sent() if one["to"] == key and not one["failing"] and number in (None, one["number"])
        ]

    def texts(self, who: Person | str) -> list[str]:
        return [one["text"] for one in self.messages(who)]

    def sees(self, who: Person | str, text: str, seconds: float = PATIENCE) -> Sent:
        """The newest message to somebody that contains a text, as soon as it is there."""
        found: Sent = self.until(lambda: self._find(who, text), f"{text!r} in a chat", seconds)
        return found

    def _find(self, who: Person | str, text: str) -> Sent | None:
        return next((one for one in reversed(self.messages(who)) if text in one["text"]), None)


def _some_id() -> str:
    return str(random.randrange(10**14, 10**15))


class Graph(StandInProcess):
    """The server's process, on which each test makes accounts of its own."""

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        super().__init__("tests.whatsapp.server", folder, log)

    def account(self, numbers: int = 2, **settings: Any) -> Account:
        """An account of this test alone. Its window counts, its pace does not, unless `limits` is set."""
        account = Account(self.url, self._http, numbers)
        if settings:
            account.set(**settings)
        return account
