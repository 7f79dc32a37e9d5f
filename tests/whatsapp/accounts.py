"""One WhatsApp Business account as Meta knows it: numbers, people, files, templates, and what became of messages."""

from __future__ import annotations

import json
import random
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kit.platforms import Bucket, Faults, Journal
from tests.whatsapp.bodies import Event, new_wamid
from tests.whatsapp.contents import Content
from tests.whatsapp.errors import GraphError, failure
from tests.whatsapp.hooks import Hook, Waiting
from tests.whatsapp.media import Media
from tests.whatsapp.templates import Template, Templates

WINDOW = 24 * 3_600.0
PER_SECOND = 80.0
#: A pair of numbers takes so many at once, and then one in six seconds.
PAIR = (45.0, 1 / 6)
#: So many free-form messages of a number and month cost nothing.
FREE = 1_000
#: What a test may set, beside the files', the hook's and the templates' own settings.
SETTINGS = (
    "token",
    "secret",
    "verify_token",
    "latency",
    "limits",
    "window",
    "skew",
    "at_once",
    "statuses",
    "disorder",
    "status_contacts",
    "revoked",
)


@dataclass(slots=True)
class Number:
    """One of our numbers. `heard`: when each person last wrote to it."""

    id: str
    display: str
    name: str = "Tanggap"
    heard: dict[str, float] = field(default_factory=dict)
    bucket: Bucket = field(default_factory=lambda: Bucket(PER_SECOND, PER_SECOND))
    pairs: dict[str, Bucket] = field(default_factory=dict)
    free: Counter[str] = field(default_factory=Counter)

    @property
    def metadata(self) -> dict[str, str]:
        return {"display_phone_number": self.display, "phone_number_id": self.id}

    @property
    def object(self) -> dict[str, Any]:
        """The documented phone number."""
        return {
            "id": self.id,
            "display_phone_number": f"+{self.display}",
            "verified_name": self.name,
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "STANDARD"},
            "status": "CONNECTED",
            "name_status": "APPROVED",
            "account_mode": "LIVE",
        }


@dataclass(slots=True)
class Known:
    """A person as the platform knows them. `on`: they are on WhatsApp at all; `hides`: their number is not told."""

    contact: dict[str, Any]
    phone: str
    on: bool = True
    hides: bool = False

    @property
    def id(self) -> str:
        return str(self.contact["user_id"])


class Account:
    """All that belongs to one business. `window`: whether it matters when somebody wrote last.

    `at_once`: a message that can't arrive is refused at once, instead of failing later; `statuses`: what is reported of
    one that can; `disorder`: in any order; `status_contacts`: which of them name the person ("failed" does not, as a
    rule); `skew`: how many seconds the platform's clock is ahead.
    """

    def __init__(self, key: str, log: Path | None = None) -> None:
        self.id = key
        self.app = str(random.randrange(10**14, 10**15))
        self.token = f"EAA{secrets.token_urlsafe(60)}"
        self.secret = secrets.token_hex(16)
        self.verify_token = secrets.token_urlsafe(12)
        self.latency = self.skew = 0.0
        self.limits = self.at_once = self.disorder = self.revoked = False
        self.window = True
        self.statuses = ["sent", "delivered"]
        self.status_contacts = ["sent", "delivered", "read"]
        self.numbers: dict[str, Number] = {}
        self.people: dict[str, Known] = {}
        self.faults = Faults()
        self.failing = Faults()
        self.calls: Counter[str] = Counter()
        self.sends: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.billed: Counter[str] = Counter()
        self.duplicates = 0
        self.sent: list[dict[str, Any]] = []
        self.reads: list[dict[str, Any]] = []
        self.subscribed = False
        self.journal = Journal(log, account=key)
        self.media = Media(self.now)
        self.templates = Templates()
        self.hook = Hook(key, lambda: self.secret, self.now, self.journal.note)
        self._messages: set[str] = set()
        self._seen: set[str] = set()

    def now(self) -> float:
        """What time it is on the platform."""
        return time.time() + self.skew

    @property
    def counters(self) -> dict[str, Any]:
        return {
            "calls": dict(self.calls),
            "sends": dict(self.sends),
            "refused": dict(self.refused),
            "failed": dict(self.failed),
            "billed": dict(self.billed),
            "duplicates": self.duplicates,
            "deliveries": self.hook.deliveries,
            "redeliveries": self.hook.redeliveries,
            "given_up": self.hook.given_up,
            "most_at_once": self.hook.most_at_once,
        }

    # what people do

    def receive(self, event: Event, number: str | None = None, *, keep: bool = False) -> Waiting:
        """Something happens; a message comes in now (unless `keep`) and opens the window."""
        ours = self.numbers[number] if number else next(iter(self.numbers.values()))
        if "status" in event:
            return self.hook.put({**event, "metadata": event.get("metadata") or ours.metadata}, "")
        if "message" not in event:
            return self.hook.put(event, "")
        message = event["message"]
        if not keep:
            message = {**message, "timestamp": str(int(self.now()))}
        if contact := event.get("contact"):
            who = self.meet(contact)
            ours.heard[who.id] = float(message["timestamp"])
        self._messages.add(str(message.get("id")))
        sender = str((contact or {}).get("user_id", message.get("from", "")))
        return self.hook.put({**event, "metadata": event.get("metadata") or ours.metadata, "message": message}, sender)

    def meet(self, contact: dict[str, Any], **more: Any) -> Known:
        """Somebody whom the platform knows, by their contact as webhooks have it."""
        key = contact.get("user_id") or contact.get("wa_id") or ""
        known = self.people.setdefault(key, Known({**contact, "user_id": key}, str(contact.get("wa_id", ""))))
        known.contact |= contact
        known.phone = str(contact.get("wa_id") or known.phone)
        for name, value in more.items():
            setattr(known, name, value)
        return known

    def tell(self, field_name: str, value: dict[str, Any]) -> Waiting:
        """A webhook of another field."""
        return self.hook.put({"field": field_name, "value": value}, "")

    def judge(self, template: Template, status: str, reason: str = "") -> Waiting:
        """Meta approves, rejects, pauses or disables a template, and says so."""
        template.status = status
        template.reason = reason or ("NONE" if status != "REJECTED" else "INVALID_FORMAT")
        value = {
            "event": status,
            "message_template_id": int(template.id),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "message_template_category": template.category,
            "reason": template.reason,
        }
        if status == "PAUSED":
            value["other_info"] = {"title": "FIRST_PAUSE", "description": "because of its quality"}
        return self.tell("message_template_status_update", value)

    # what we do

    def person(self, call: dict[str, Any]) -> Known | None:
        """Whom a send is for: by number, else by BSUID."""
        if to := str(call.get("to", "")).lstrip("+"):
            return next((known for known in self.people.values() if to in (known.phone, known.id)), None)
        return self.people.get(str(call.get("recipient", "")))

    def paced(self, number: Number, who: str) -> GraphError | None:
        """What to answer where messages come too fast."""
        if not self.limits:
            return None
        now = time.monotonic()
        pair = number.pairs.setdefault(who, Bucket(*PAIR))
        for bucket, code in ((number.bucket, 130429), (pair, 131056)):
            if bucket.waits(1, now):
                return GraphError(code)
        for bucket in (number.bucket, pair):
            bucket.left -= 1
        return None

    def trouble(self, number: Number, who: Known | None, content: Content) -> int | None:
        """Why a message of the right form does not arrive."""
        if who is None or not who.on:
            return 131026
        free = content.category == "service"
        if free and self.window and self.now() - number.heard.get(who.id, 0.0) > WINDOW:
            return 131047
        return None

    def accept(self, number: Number, call: dict[str, Any], content: Content, failing: int | None) -> dict[str, Any]:
        """A message is taken; returns the answer. `failing`: the code with which it fails later."""
        who, wamid = self.person(call), new_wamid(str(call.get("to") or call.get("recipient")))
        self._messages.add(wamid)
        asked = str(call.get("to") or call.get("recipient"))
        same = json.dumps([number.id, asked, content.text, content.files, content.buttons, content.rows])
        self.duplicates += same in self._seen
        self._seen.add(same)
        self.sends[who.id if who else asked] += 1
        self.sent.append(self._entry(number, call, content, who, asked, wamid, failing))
        self.journal.note("call", **{name: value for name, value in self.sent[-1].items() if name not in ("raw", "at")})
        self._report(number, who, self.sent[-1], failing)
        name = {"user_id": who.id} if who and call.get("to") != who.phone else {"wa_id": asked.lstrip("+")}
        answer = {"id": wamid, **({"message_status": "accepted"} if "template" in call else {})}
        return {"messaging_product": "whatsapp", "contacts": [{"input": asked, **name}], "messages": [answer]}

    def _entry(
        self,
        number: Number,
        call: dict[str, Any],
        content: Content,
        who: Known | None,
        asked: str,
        wamid: str,
        failing: Any,
    ) -> dict[str, Any]:
        return {
            "n": len(self.sent) + 1,
            "at": time.monotonic(),
            "number": number.id,
            "to": who.id if who else asked,
            "asked": "to" if call.get("to") else "recipient",
            "id": wamid,
            "type": call.get("type", "text"),
            "text": content.text,
            "buttons": content.buttons,
            "rows": content.rows,
            "files": content.files,
            "category": content.category,
            "quotes": (call.get("context") or {}).get("message_id"),
            "tracker": call.get("biz_opaque_callback_data"),
            "failing": failing,
            **content.facts,
            "raw": call,
        }

    def _report(self, number: Number, who: Known | None, entry: dict[str, Any], failing: int | None) -> None:
        if failing:
            self.failed[str(failing)] += 1
            self.status(number, who, entry, "failed", failing)
            return
        price = self._price(number, entry["category"])
        names = random.sample(self.statuses, len(self.statuses)) if self.disorder else self.statuses
        for name in names:
            self.status(number, who, entry, name, price=price)

    def _price(self, number: Number, category: str) -> dict[str, Any]:
        """Since October 2026 free-form messages cost what utility ones do, but for the first of a month."""
        month = time.strftime("%Y-%m", time.gmtime(self.now()))
        number.free[month] += category == "service"
        billable = category != "service" or number.free[month] > FREE
        self.billed[category if billable else "free"] += 1
        kind = "regular" if billable else "free_customer_service"
        return {"billable": billable, "pricing_model": "PMP", "category": category, "type": kind}

    def status(
        self,
        number: Number,
        who: Known | None,
        entry: dict[str, Any],
        name: str,
        code: int | None = None,
        price: dict[str, Any] | None = None,
    ) -> Waiting:
        """Report what has become of a message."""
        phone = who.phone if who and not who.hides else None
        tracker = {"biz_opaque_callback_data": entry["tracker"]} if entry["tracker"] else {}
        status = {
            "id": entry["id"],
            "status": name,
            "timestamp": str(int(self.now())),
            **({"recipient_id": phone} if phone else {}),
            "recipient_user_id": entry["to"],
            **tracker,
            **({"pricing": price} if price else {}),
            **({"errors": [failure(code)]} if code else {}),
        }
        contact = who.contact if who and name in self.status_contacts else None
        event = {"metadata": number.metadata, "contact": contact, "status": status}
        return self.hook.put(event, "" if self.disorder else entry["id"])

    def knows(self, wamid: str) -> bool:
        """Whether there is such a message."""
        return wamid in self._messages


class Accounts:
    """Every account there is; a test makes its own."""

    def __init__(self, log: Path | None = None) -> None:
        self._accounts: dict[str, Account] = {}
        self._log = log

    def find(self, key: str) -> Account:
        """The account of a control call, made when it is first spoken of."""
        if key not in self._accounts:
            self._accounts[key] = Account(key, self._log)
        return self._accounts[key]

    def caller(self, authorization: str) -> Account:
        """Whose token a call has; GraphError 190 where it is nobody's."""
        token = authorization.removeprefix("Bearer ")
        for account in self._accounts.values():
            if secrets.compare_digest(account.token.encode(), token.encode()) and not account.revoked:
                return account
        raise GraphError(190, message="Invalid OAuth access token - Cannot parse access token")
