"""What happens is brought to the program: signed, again until it is taken, in batches, in disorder."""

from __future__ import annotations

import json

from tests.whatsapp.bodies import sign
from tests.whatsapp.calling import Door, send
from tests.whatsapp.people import Person, everything, somebody
from tests.whatsapp.standin import Account


def test_a_hook_must_echo_the_challenge(account: Account, door: Door) -> None:
    assert "403" in account.subscribe(door.url)
    door.token = account.verify_token
    assert account.subscribe(door.url) == ""
    assert account.state["webhook"] == door.url


def test_a_message_comes_signed_over_the_bytes_with_both_names_of_the_sender(account: Account, door: Door) -> None:
    account.subscribe(door.url, verify=False)
    sari = somebody()
    account.tells(sari.says("halo 👍 é"), number=account.staff_number)
    ((signature, raw),) = door.raw
    assert signature == sign(account.secret, raw)
    assert raw.isascii()
    (value,) = door.values
    assert value["metadata"] == account.metadata(account.staff_number)
    assert value["contacts"] == [sari.contact]
    assert value["contacts"][0]["user_id"] == value["messages"][0]["from_user_id"] == sari.id
    assert value["messages"][0]["text"] == {"body": "halo 👍 é"}


def test_whoever_hides_the_number_has_a_bsuid_alone(account: Account, door: Door) -> None:
    account.subscribe(door.url, verify=False)
    sari = somebody(hides=True, username="zqsari")
    account.tells(sari.says("halo"))
    (value,) = door.values
    assert value["contacts"] == [{"profile": {"name": sari.name, "username": "zqsari"}, "user_id": sari.id}]
    assert "from" not in value["messages"][0]
    send(account, sari.id, "text", {"body": "halo juga"})
    account.until(lambda: len(door.statuses()) == 2, "two statuses")
    assert all(sari.phone not in raw.decode() for _, raw in door.raw)
    assert all(status["recipient_user_id"] == sari.id for status in door.statuses())


def test_a_body_comes_again_as_it_was_until_it_is_taken(account: Account, door: Door) -> None:
    door.answers = [500, 403, 404]
    account.set(pause=0.005)
    account.subscribe(door.url, verify=False)
    account.tells(somebody().says("halo"))
    assert len({raw for _, raw in door.raw}) == 1
    assert len(door.raw) == 4
    assert account.counters["redeliveries"] == 3
    assert account.pending == 0


def test_after_a_week_the_platform_gives_up(account: Account, door: Door) -> None:
    door.answers = [500] * 50
    account.set(pause=0.005)
    account.subscribe(door.url, verify=False)
    account.tells(somebody().says("halo"), wait=None)
    account.until(lambda: account.counters["redeliveries"], "a second try")
    account.set(skew=8 * 86_400)
    account.until(lambda: account.pending == 0, "the end")
    assert account.counters["given_up"] == 1


def test_while_one_persons_message_is_not_taken_others_go_on_and_hers_stay_in_order(
    account: Account, door: Door
) -> None:
    door.answers = [500, 500]
    account.set(held=True, pause=0.02)
    account.subscribe(door.url, verify=False)
    sari, budi = somebody(), somebody()
    account.tells(sari.says("satu"), sari.says("dua"), budi.says("tiga"), wait=None)
    account.set(held=False)
    account.until(lambda: account.pending == 0, "all to be taken")
    texts = [message["text"]["body"] for message in door.messages()]
    assert texts.index("dua") > max(n for n, text in enumerate(texts) if text == "satu")
    assert "tiga" in texts


def test_what_waits_comes_in_one_body_of_entries_changes_or_messages(account: Account, door: Door) -> None:
    account.subscribe(door.url, verify=False)
    sari, budi = somebody(), somebody()
    counts = {"entries": (3, 3, 3), "changes": (1, 3, 3), "values": (1, 1, 3)}
    for shape, expected in counts.items():
        account.set(batch=10, shape=shape)
        door.bodies.clear()
        account.tells(sari.says("satu"), sari.says("dua"), budi.says("tiga"))
        (body,) = door.bodies
        changes = [change for entry in body["entry"] for change in entry["changes"]]
        messages = [message for change in changes for message in change["value"]["messages"]]
        assert (len(body["entry"]), len(changes), len(messages)) == expected
    assert door.values[-1]["contacts"] == [sari.contact, budi.contact]


def test_statuses_carry_the_tracker_and_come_in_any_order(account: Account, door: Door, sari: Person) -> None:
    account.set(statuses=["sent", "delivered", "read"], disorder=True, batch=10)
    account.subscribe(door.url, verify=False)
    for n in range(8):
        send(account, sari.id, "text", {"body": f"{n}"}, biz_opaque_callback_data=f"row-{n}")
    account.until(lambda: len(door.statuses()) == 24, "all statuses")
    orders = {
        tuple(s["status"] for s in door.statuses() if s["biz_opaque_callback_data"] == f"row-{n}") for n in range(8)
    }
    assert len(orders) > 1
    assert all(sorted(order) == ["delivered", "read", "sent"] for order in orders)


def test_a_failed_message_is_told_with_its_code_and_without_contacts(
    account: Account, door: Door, sari: Person
) -> None:
    account.subscribe(door.url, verify=False)
    account.set(skew=25 * 3600)
    send(account, sari.id, "text", {"body": "x"}, biz_opaque_callback_data="7")
    account.until(lambda: door.statuses(), "a status")
    (value,) = door.values
    assert "contacts" not in value
    status = value["statuses"][0]
    assert (status["status"], status["errors"][0]["code"], status["biz_opaque_callback_data"]) == (
        "failed",
        131047,
        "7",
    )


def test_a_status_may_come_later(account: Account, door: Door, sari: Person) -> None:
    account.set(statuses=[])
    send(account, sari.id, "text", {"body": "x"})
    account.subscribe(door.url, verify=False)
    account.reports(account.messages(sari)[0]["id"], "read", wait=10)
    assert [status["status"] for status in door.statuses()] == ["read"]


def test_bodies_repeat_and_are_signed_wrongly_where_a_test_wants_it(account: Account, door: Door) -> None:
    account.set(repeats=2)
    account.subscribe(door.url, verify=False)
    account.tells(somebody().says("halo"))
    account.until(lambda: len(door.raw) == 3, "two more")
    account.set(repeats=0, signature="wrong")
    account.tells(somebody().says("halo"))
    account.set(signature="none")
    account.tells(somebody().says("halo"))
    signatures = [signature == sign(account.secret, raw) for signature, raw in door.raw]
    assert signatures == [True, True, True, False, False]
    assert door.raw[-1][0] == ""


def test_everything_that_can_happen_comes_as_it_was_built(account: Account, door: Door) -> None:
    account.subscribe(door.url, verify=False)
    built = [event for events in everything().values() for event in events]
    account.tells(*built)
    came = json.dumps(door.bodies)
    for event in built:
        inside = event.get("message") or event.get("status") or event["value"]
        assert inside["type"] in came if "type" in inside else inside
    assert len(door.values) == len(built)
