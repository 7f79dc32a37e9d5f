"""Message templates of the stand-in: handed in, judged, and filled as Meta fills them."""

from __future__ import annotations

from typing import Any

import pytest
from pywa.types.templates import BodyText, Buttons, QuickReplyButton, Template, TemplateCategory, TemplateLanguage
from pywa_async.client import WhatsApp

from tests.whatsapp.calling import Door, call, refused, send, with_pywa
from tests.whatsapp.people import Person
from tests.whatsapp.standin import Account

KABAR = "Laporan {{1}} sudah dijawab pada hari {{2}}, silakan buka."


def filled(*values: str, name: str = "kabar", code: str = "id", payload: str = "") -> dict[str, Any]:
    body = {"type": "body", "parameters": [{"type": "text", "text": value} for value in values]}
    quick = {
        "type": "button",
        "sub_type": "quick_reply",
        "index": "0",
        "parameters": [{"type": "payload", "payload": payload}],
    }
    return {"name": name, "language": {"code": code}, "components": [body, *([quick] if payload else [])]}


@pytest.fixture
def kabar(account: Account) -> None:
    account.has_template("kabar", KABAR, examples=["7K3QD8", "Senin"], buttons=["Lihat"])


def test_pywa_hands_a_template_in_and_it_waits_until_it_is_judged(account: Account, sari: Person, door: Door) -> None:
    account.subscribe(door.url, verify=False)

    async def hand_in(client: WhatsApp) -> None:
        template = Template(
            name="kabar",
            language=TemplateLanguage.INDONESIAN,
            category=TemplateCategory.UTILITY,
            components=[BodyText(KABAR, "7K3QD8", "Senin"), Buttons(buttons=[QuickReplyButton(text="Lihat")])],
        )
        made = await client.create_template(template, waba_id=account.id)
        assert made.status.value == "PENDING"

    with_pywa(account, hand_in)
    assert refused(account, sari.id, "template", filled("a", "b")) == 132001
    account.judges("kabar", "APPROVED", wait=10)
    assert send(account, sari.id, "template", filled("a", "b"))[0] == 200
    account.judges("kabar", "PAUSED", wait=10)
    assert refused(account, sari.id, "template", filled("a", "b")) == 132015
    told = [value for value in door.values if "message_template_name" in value]
    assert [(one["event"], one["message_template_name"]) for one in told] == [
        ("APPROVED", "kabar"),
        ("PAUSED", "kabar"),
    ]


def test_a_template_arrives_outside_the_window_with_its_variables_and_button(
    account: Account, sari: Person, kabar: None
) -> None:
    account.set(skew=30 * 3600, at_once=True)
    assert send(account, sari.id, "template", filled("7K3QD8", "Senin", payload="x.1"))[0] == 200
    (arrived,) = account.messages(sari)
    assert arrived["text"] == "Laporan 7K3QD8 sudah dijawab pada hari Senin, silakan buka."
    assert (arrived["template"], arrived["category"], arrived["variables"]) == ("kabar", "utility", ["7K3QD8", "Senin"])
    tapped = sari.presses(arrived, "Lihat")["message"]
    assert (tapped["type"], tapped["button"]) == ("button", {"payload": "x.1", "text": "Lihat"})


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (filled("a"), 132000),
        (filled("a", "b", "c"), 132000),
        (filled("a", "b", name="other"), 132001),
        (filled("a", "b", code="en"), 132001),
        (filled("a", "b\nc"), 132018),
        (filled("a", "b     c"), 132018),
        (filled("a", "x" * 1000), 132005),
        (filled("a", "b", payload="x" * 257), 131009),
        ({**filled(), "components": [{"type": "body", "parameters": [{"type": "image"}] * 2}]}, 132012),
    ],
)
def test_what_does_not_fit_a_template_has_its_code(
    account: Account, sari: Person, kabar: None, template: dict[str, Any], code: int
) -> None:
    assert refused(account, sari.id, "template", template) == code


def proposed(text: str = "Laporan Anda sudah dijawab.", **more: Any) -> dict[str, Any]:
    body = {
        "type": "BODY",
        "text": text,
        **({"example": {"body_text": [more.pop("examples")]}} if "examples" in more else {}),
    }
    rest = more.pop("rest", [])
    return {"name": "kabar", "language": "id", "category": "UTILITY", "components": [body, *rest], **more}


@pytest.mark.parametrize(
    "template",
    [
        proposed("x" * 1025),
        proposed("{{1}} sudah dijawab hari ini juga", examples=["a"]),
        proposed("Laporan Anda sudah dijawab {{1}}", examples=["a"]),
        proposed("Laporan {{1}} sudah dijawab."),
        proposed("Laporan {{2}} sudah dijawab.", examples=["a"]),
        proposed("Oke {{1}} ya {{2}} ya.", examples=["a", "b"]),
        proposed(name="Kabar"),
        proposed(category="NEWS"),
        proposed(rest=[{"type": "FOOTER", "text": "x" * 61}]),
        proposed(rest=[{"type": "HEADER", "format": "TEXT", "text": "x" * 61}]),
        proposed(rest=[{"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "x" * 26}]}]),
        proposed(rest=[{"type": "BUTTONS", "buttons": []}]),
    ],
)
def test_what_could_never_be_approved_is_not_taken(account: Account, template: dict[str, Any]) -> None:
    status, error = call(account, "POST", f"{account.id}/message_templates", json=template)
    assert (status, error["code"]) == (400, 100)
    assert error["error_user_msg"]


def test_templates_are_listed_in_pages_changed_and_taken_away(account: Account) -> None:
    path = f"{account.id}/message_templates"
    made = [call(account, "POST", path, json=proposed(name=f"kabar_{n}"))[1] for n in range(3)]
    assert call(account, "POST", path, json=proposed(name="kabar_0"))[1]["error_subcode"] == 2388024
    _, page = call(account, "GET", path, params={"limit": 2, "fields": "name,status"})
    assert page["data"][0] == {"id": made[0]["id"], "name": "kabar_0", "status": "PENDING"}
    _, rest = call(account, "GET", path, params={"limit": 2, "after": page["paging"]["cursors"]["after"]})
    assert [one["name"] for one in rest["data"]] == ["kabar_2"]
    assert "next" not in rest["paging"]
    assert call(account, "POST", made[0]["id"], json={"components": proposed()["components"]})[0] == 400
    account.judges("kabar_0", "APPROVED")
    assert call(account, "POST", made[0]["id"], json={"components": proposed("Baru saja.")["components"]})[0] == 200
    assert call(account, "GET", made[0]["id"])[1]["status"] == "PENDING"
    assert call(account, "DELETE", path, params={"name": "kabar_0"})[0] == 200
    assert call(account, "GET", path, params={"name": "kabar_0"})[1]["data"] == []
