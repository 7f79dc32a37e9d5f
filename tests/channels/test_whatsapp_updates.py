"""Meta's bodies become messages: every documented type, every part by itself, and nothing vanishes."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp import WhatsAppChannel
from bot.channels.whatsapp_updates import is_about_messages, split
from handlers.messages import Inbound, News, Receipt, Remote
from tests.channels.meta import (
    NUMBER,
    PHONE,
    SECRET,
    STAFF_NUMBER,
    USER,
    WHEN,
    Body,
    body,
    change,
    contact,
    file,
    message,
    said,
    status,
    system,
    text,
    told,
)

CHANNEL = WhatsAppChannel({"citizen": NUMBER, "staff": STAFF_NUMBER}, token="EAAB", app_secret=SECRET)


def read(raw: Body, account: str = "citizen") -> list[Inbound]:
    return CHANNEL.parse(account, raw)


def one(raw: Body) -> Inbound:
    (found,) = read(raw)
    return found


def pressed(kind: str, **reply: str) -> Body:
    return message("interactive", {"type": kind, kind: reply}, context={"from": "15550783881", "id": "wamid.HBgLours"})


def test_a_text_has_its_sender_its_id_and_the_number_beside() -> None:
    found = one(said(text("Lampu jalan mati")))
    assert found == Inbound(
        "wamid.HBgL1", "whatsapp", "citizen", USER, "Lampu jalan mati", message="wamid.HBgL1", phone=PHONE
    )
    assert one(said(text("Halo", phone=None), contacts=[contact(phone=None)])).phone is None


REF = "1003383421387256"
KINDS: dict[str, tuple[Body, dict[str, Any]]] = {
    "photo": (file("image", "image/jpeg"), {"remote": (Remote("photo", REF, "image/jpeg"),)}),
    "photo with words": (
        file("image", "image/jpeg", caption="Berlubang"),
        {"remote": (Remote("photo", REF, "image/jpeg"),), "text": "Berlubang"},
    ),
    "document": (
        file("document", "application/pdf", filename="KTP Sari.pdf"),
        {"remote": (Remote("document", REF, "application/pdf"),)},
    ),
    "voice": (
        file("audio", "audio/ogg; codecs=opus", voice=True),
        {"remote": (Remote("voice", REF, "audio/ogg"),)},
    ),
    "song": (file("audio", "audio/mpeg", voice=False), {"remote": (Remote("voice", REF, "audio/mpeg"),)}),
    "video": (file("video", "video/mp4"), {"remote": (Remote("video", REF, "video/mp4"),)}),
    "point": (
        message("location", {"latitude": 2.9595, "longitude": 99.0687}),
        {"place": "2.95950, 99.06870"},
    ),
    "venue": (
        message("location", {"latitude": 2.9595, "longitude": 99.0687, "name": "Pasar\nHoras", "address": "Jl. A"}),
        {"place": "Pasar Horas, Jl. A (2.95950, 99.06870)"},
    ),
    "button": (pressed("button_reply", id="3XZ.1", title="Kirim"), {"choice": "3XZ.1"}),
    "row": (pressed("list_reply", id="3XZ.7", title="Kirim", description="..."), {"choice": "3XZ.7"}),
    "button of a template": (message("button", {"payload": "3XZ.1", "text": "Lihat"}), {"choice": "3XZ.1"}),
    "its words": (message("button", {"payload": "Lihat", "text": "Lihat"}), {"text": "Lihat"}),
    "quote": (
        text("Sudah", context={"from": "15550783881", "id": "wamid.ours"}),
        {"text": "Sudah", "reply_to": "wamid.ours"},
    ),
    "forwarded": (text("Halo", context={"forwarded": True}), {"text": "Halo"}),
    "edit": (
        message("edit", {"original_message_id": "wamid.first", "message": {"type": "text", "text": {"body": "Baru"}}}),
        {"text": "Baru", "edited": True, "message": "wamid.first"},
    ),
    "contact": (message("contacts", [{"name": {"formatted_name": "Budi"}, "phones": []}]), {"odd": "contact"}),
    "sticker": (file("sticker", "image/webp", animated=False), {"odd": "sticker"}),
    "order": (message("order", {"catalog_id": "1", "product_items": []}), {"odd": "unreadable"}),
    "form": (message("interactive", {"type": "nfm_reply", "nfm_reply": {}}), {"odd": "unreadable"}),
    "unsupported": (message("unsupported", errors=[{"code": 131051, "title": "x"}]), {"odd": "unreadable"}),
    "new kind": (message("hologram", {}), {"odd": "unreadable"}),
    "no words": (text(""), {"odd": "unreadable"}),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_documented_kind_is_what_it_is(name: str) -> None:
    raw, expected = KINDS[name]
    plain: dict[str, Any] = {"text": "", "choice": None, "reply_to": None, "remote": (), "place": None, "odd": None}
    found = one(said(raw))
    assert {field: getattr(found, field) for field in (plain | expected)} == plain | expected
    assert found.sender == USER


SILENT: dict[str, Body] = {
    "a thumb": said(message("reaction", {"message_id": "wamid.ours", "emoji": "\U0001f44d"})),
    "a thumb taken away": said(message("reaction", {"message_id": "wamid.ours"})),
    "a message taken back": said(message("revoke", {"original_message_id": "wamid.x"})),
    "a chat that was opened": said(message("request_welcome")),
    "a group": said(text("Halo semua", group_id="Y2FwaV9ncm91cDo")),
    "a picture that was edited": said(
        message("edit", {"original_message_id": "wamid.x", "message": file("image", "image/jpeg")})
    ),
    "another field": body(change(field="message_template_status_update", event="PAUSED")),
    "an error of theirs": body(change(errors=[{"code": 130429}])),
    "a key that changed": system("customer_identity_changed"),
    "a number that changed, told by numbers only": system("user_changed_number", wa_id="6281300001111"),
    "a status of a group": told(status(recipient_type="group")),
    "a status of a kind to come": told(status("deleted")),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_concerns_nobody_is_silent(name: str) -> None:
    assert read(SILENT[name]) == []


@pytest.mark.parametrize("kind", ["user_changed_number", "user_changed_user_id"])
def test_somebody_with_a_new_name_has_moved(kind: str) -> None:
    found = one(system(kind, previous_user_id=USER, user_id="ID.99999999999999", wa_id="6281300001111"))
    assert (found.sender, found.news, found.phone) == (USER, News("moved", "ID.99999999999999"), "6281300001111")


def test_so_they_have_where_a_field_of_its_own_says_it() -> None:
    renamed = {"user_id": {"previous": USER, "current": "ID.99999999999999"}, "wa_id": "6281300001111"}
    found = one(body(change(field="user_id_update", user_id_update=[renamed])))
    assert (found.sender, found.news, found.phone) == (USER, News("moved", "ID.99999999999999"), "6281300001111")
    with pytest.raises(ValueError, match="not an update"):
        read(body(change(field="user_id_update", user_id_update=[{"user_id": "ID.9"}])))


# --- statuses


@pytest.mark.parametrize(
    ("what", "known"),
    [("sent", "sent"), ("delivered", "delivered"), ("read", "read"), ("played", "read"), ("failed", "failed")],
)
def test_a_status_is_a_receipt(what: str, known: str) -> None:
    more: Body = {"errors": [{"code": 131047, "title": "Re-engagement message"}]} if what == "failed" else {}
    found = one(told(status(what, biz_opaque_callback_data="3XZ", **more)))
    code = "131047" if what == "failed" else ""
    assert found.receipt == Receipt(known, "wamid.HBgLo", "3XZ", code)
    assert (found.sender, found.event) == (USER, f"wamid.HBgLo:{known}:{WHEN}")


def test_a_status_needs_no_contacts_and_not_even_a_recipient() -> None:
    assert one(told(status(user=None), contacts=[contact()])).sender == USER
    found = one(told(status(user=None)))
    assert (found.sender, found.phone) == ("", None)
    assert found.receipt == Receipt("delivered", "wamid.HBgLo")


def test_a_list_reply_needs_no_context() -> None:
    raw = message("interactive", {"type": "list_reply", "list_reply": {"id": "3XZ.2", "title": "Dua"}})
    assert one(said(raw)).choice == "3XZ.2"


# --- bodies with many parts


def crowd() -> Body:
    """Two entries, three changes, three people, four messages and two statuses."""
    ani, budi = contact("ID.aaaaaaaaaaaaaa1", "62811"), contact("ID.bbbbbbbbbbbbbb2", "62812")
    found = body(
        change(
            contacts=[ani, budi],
            messages=[
                text("satu", "w1", phone="62812"),
                text("dua", "w2", phone="62811"),
                text("tiga", "w3", phone="62812"),
            ],
        ),
        change(contacts=[contact(phone=None)], messages=[text("empat", "w4", phone=None)], statuses=[status("read")]),
    )
    found["entry"][1]["changes"].append(change(statuses=[status("sent")]))
    return found


def test_every_message_and_status_of_a_body_is_read_in_its_order() -> None:
    found = read(crowd())
    assert [(one.text, one.sender) for one in found if not one.receipt] == [
        ("satu", "ID.bbbbbbbbbbbbbb2"),
        ("dua", "ID.aaaaaaaaaaaaaa1"),
        ("tiga", "ID.bbbbbbbbbbbbbb2"),
        ("empat", USER),
    ]
    assert [one.receipt.status for one in found if one.receipt] == ["read", "sent"]


def test_the_parts_by_themselves_say_the_same_as_the_whole() -> None:
    pieces = split(crowd())
    assert [inbound for piece in pieces for inbound in read(piece.raw)] == read(crowd())
    assert {piece.number for piece in pieces} == {NUMBER}
    assert all(len(piece.raw["entry"]) == 1 for piece in pieces)


def test_a_part_holds_nobody_else_who_wrote_in_the_same_body() -> None:
    first = split(crowd())[0]
    assert "ID.aaaaaaaaaaaaaa1" not in str(first.raw)


@pytest.mark.parametrize(
    "raw",
    [
        {"hello": "world"},
        {"object": "page", "entry": [{"id": "1"}]},
        {"object": "whatsapp_business_account"},
        {"object": "whatsapp_business_account", "entry": []},
        {"object": "whatsapp_business_account", "entry": "x"},
        {"object": "whatsapp_business_account", "entry": [None]},
        {"object": "whatsapp_business_account", "entry": [{"changes": None}]},
        {"object": "whatsapp_business_account", "entry": [{"changes": [7]}]},
        body({"field": "messages", "value": None}),
        body({"field": "messages", "value": {}}),
        body(change(messages="x")),
        body(change(messages=[None], contacts=[contact()])),
        said(text("Halo"), contacts=[]),
        said(text("Halo"), contacts=[contact(user=None)]),
        said(text("Halo", phone="62819"), contacts=[contact("ID.a" * 9, "62811"), contact("ID.b" * 9, "62812")]),
        said(text("Halo"), contacts=[contact("ID." + "9" * 158)]),
        said(text("Halo", wamid="")),
        said(message("text", {"body": 7})),
        said(message("image", {"mime_type": "image/jpeg"})),
        said(message("image", {"id": "../../me", "mime_type": "image/jpeg"})),
        said(message("location", {"latitude": 200, "longitude": 0})),
        said(message("location", {"latitude": float("nan"), "longitude": 0})),
        told({"status": "sent"}),
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(raw: Body) -> None:
    (piece,) = split(raw)
    with pytest.raises(ValueError, match="not an update that can be read"):
        read(piece.raw)


def test_a_part_that_cannot_be_read_leaves_the_others_alone() -> None:
    raw = said(text("satu", "w1"), message("image", {}, wamid="w2"), text("tiga", "w3"))
    first, second, third = split(raw)
    assert one(first.raw).text == "satu"
    with pytest.raises(ValueError, match="not an update"):
        read(second.raw)
    assert one(third.raw).text == "tiga"


def test_an_update_for_an_account_that_is_not_ours_is_none() -> None:
    with pytest.raises(ValueError, match="another number"):
        read(said(text("Halo")), "warga")


def test_only_messages_and_statuses_are_about_messages() -> None:
    assert is_about_messages(said(text("Halo")))
    assert not is_about_messages(body(change(field="account_update")))
    assert not is_about_messages({"hello": "world"})


def test_numbers_belong_to_accounts_and_one_may_serve_both() -> None:
    assert [CHANNEL.account_of(number) for number in (NUMBER, STAFF_NUMBER, "1", "")] == [
        "citizen",
        "staff",
        None,
        None,
    ]
    shared = WhatsAppChannel({"staff": NUMBER, "citizen": NUMBER}, token="EAAB", app_secret=SECRET)
    assert shared.account_of(NUMBER) == "citizen"


# --- whatever comes

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
WHOLE = [raw for raw, _ in KINDS.values()]


def places(found: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to everything in a body."""
    inside: Any = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [above, *(way for key, value in inside for way in places(value, (*above, key)))]


@given(st.data())
def test_a_body_that_is_bent_anywhere_is_read_or_refused_and_never_breaks_us(data: st.DataObject) -> None:
    raw = json.loads(json.dumps(crowd() if data.draw(st.booleans()) else said(data.draw(st.sampled_from(WHOLE)))))
    *above, last = data.draw(st.sampled_from(places(raw)[1:]))
    inside = raw
    for key in above:
        inside = inside[key]
    inside[last] = data.draw(JSON)
    for piece in split(raw):
        with contextlib.suppress(ValueError):
            for inbound in read(piece.raw):
                assert inbound.sender or inbound.receipt
                assert inbound.event
                json.dumps([inbound.text, inbound.place, inbound.choice, inbound.phone]).encode()
