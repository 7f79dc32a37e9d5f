"""The WhatsApp channel sends and fetches through the real pywa over HTTP, against a little Graph API of our own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.channels import whatsapp
from bot.channels.base import (
    Button,
    File,
    Gone,
    Later,
    NotFetchedError,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    Template,
    TooLargeError,
)
from bot.channels.rates import Rate
from bot.channels.whatsapp import WhatsAppChannel
from tests.channels.contract import ChannelContract, Subject
from tests.channels.graph import Graph
from tests.channels.meta import NUMBER, SECRET, STAFF_NUMBER, USER, as_bytes, said, signed, system, text

pytestmark = pytest.mark.anyio
TOKEN = "EAABsbCS1iHgBAO5ZA"
PICTURE = File("foto-1.jpg", "image/jpeg", b"\xff\xd8")
BUSY = Later(1.0, blameless=True)
LOCKED = Later(60.0, blameless=True)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def graph() -> Iterator[Graph]:
    graph = Graph()
    yield graph
    graph.end()


def channel_of(graph: Graph, **changes: Any) -> WhatsAppChannel:
    numbers = {"citizen": NUMBER, "staff": STAFF_NUMBER}
    return WhatsAppChannel(
        **{"numbers": numbers, "token": TOKEN, "app_secret": SECRET, "api_url": graph.url, **changes}
    )


@asynccontextmanager
async def running(channel: WhatsAppChannel) -> AsyncIterator[WhatsAppChannel]:
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


@pytest.fixture
async def channel(graph: Graph) -> AsyncIterator[WhatsAppChannel]:
    async with running(channel_of(graph)) as started:
        yield started


def page(words: str = "Halo", key: str = "3XZ", to: str = USER, **more: Any) -> Outgoing:
    return Outgoing(key, more.pop("account", "citizen"), to, words, **more)


# --- the contract


class WhatsAppSubject(Subject):
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.channel = self.whatsapp = channel_of(graph)

    def raw_text(self, event: str, text_: str) -> dict[str, Any]:
        return said(text(text_, f"wamid.{event}"))

    async def show(self, outgoing: Outgoing) -> tuple[Outcome, list[dict[str, Any]]]:
        before, names = len(self.graph.sent()), len(self.graph.uploads())
        outcome = await self._send(outgoing)
        files = [{"name": name} for name in self.graph.uploads()[names:]]
        return outcome, [{**_seen(given), "files": files} for given in self.graph.sent()[before:]]

    async def send_to_nobody(self, outgoing: Outgoing) -> Outcome:
        self.graph.fails(131026)
        return await self._send(outgoing)

    async def _send(self, outgoing: Outgoing) -> Outcome:
        async with running(self.whatsapp):
            return await self.whatsapp.send(page(outgoing.text, buttons=outgoing.buttons, files=outgoing.files))


def _seen(given: dict[str, Any]) -> dict[str, Any]:
    if given["type"] != "interactive":
        content = given[given["type"]]
        return {"text": content.get("body", content.get("caption")), "choices": []}
    content = given["interactive"]
    keys = [key["reply"] for key in content["action"]["buttons"]]
    return {"text": content["body"]["text"], "choices": [{"label": key["title"], "data": key["id"]} for key in keys]}


class TestContract(ChannelContract):
    @pytest.fixture
    def subject(self, graph: Graph) -> Subject:
        return WhatsAppSubject(graph)

    def make(self) -> Subject:
        raise NotImplementedError


# --- sending


async def test_a_message_goes_to_a_person_by_metas_name_of_them_and_carries_our_key(
    channel: WhatsAppChannel, graph: Graph
) -> None:
    assert await channel.send(page(buttons=(Button("Ya", "3XZ.1"),))) == Sent(("wamid.o1",), "service")
    ((path, given),) = graph.calls
    assert path.startswith("/v")
    assert path.endswith(f"/{NUMBER}/messages")
    assert (given["recipient"], given["recipient_type"]) == (USER, "individual")
    assert "to" not in given
    assert given["biz_opaque_callback_data"] == "3XZ"
    assert given["messaging_product"] == "whatsapp"
    assert graph.tokens == {f"Bearer {TOKEN}"}


async def test_a_person_known_by_number_only_is_written_to_at_it(channel: WhatsAppChannel, graph: Graph) -> None:
    await channel.send(page(to="6281200004711", account="staff"))
    ((path, given),) = graph.calls
    assert f"/{STAFF_NUMBER}/" in path
    assert (given["to"], "recipient" in given) == ("6281200004711", False)


async def test_the_last_message_of_a_page_alone_carries_its_key(channel: WhatsAppChannel, graph: Graph) -> None:
    outcome = await channel.send(page("kata " * 300, files=(PICTURE, PICTURE)))
    assert isinstance(outcome, Sent)
    assert [given.get("biz_opaque_callback_data") for given in graph.sent()] == [None, None, "3XZ"]
    assert len(set(outcome.parts)) == 3


async def test_a_template_is_billed_as_its_category(channel: WhatsAppChannel, graph: Graph) -> None:
    template = Template("kabar_laporan", "id", "UTILITY", ("TGP-26-7K3QD8",), ("3XZ.1",))
    outcome = await channel.send(page("Rahasia", files=(PICTURE,), template=template))
    assert isinstance(outcome, Sent)
    assert outcome.category == "utility"
    (given,) = graph.sent()
    assert (given["type"], given["template"]["name"]) == ("template", "kabar_laporan")
    assert graph.uploads() == []


async def test_half_of_a_character_is_replaced_before_it_goes(channel: WhatsAppChannel, graph: Graph) -> None:
    assert isinstance(await channel.send(page("Halo \ud83d")), Sent)
    assert graph.sent()[0]["text"]["body"] == "Halo \N{REPLACEMENT CHARACTER}"


async def test_what_says_nothing_or_carries_too_much_is_refused_without_asking(
    channel: WhatsAppChannel, graph: Graph
) -> None:
    assert await channel.send(page(" ")) == Refused("empty")
    assert await channel.send(page(buttons=(Button("Ya", "x" * 201),))) == Refused("button")
    assert graph.calls == []


async def test_a_channel_that_is_not_started_sends_later(graph: Graph) -> None:
    assert await channel_of(graph).send(page()) == BUSY


# --- what the platform does

FAULTS: dict[str, tuple[dict[str, Any], Outcome]] = {
    "the window is closed": ({"code": 131047}, Refused("window")),
    "nobody there": ({"code": 131026}, Gone("undeliverable")),
    "to ourselves": ({"code": 131021}, Gone("undeliverable")),
    "a type of ours": ({"code": 131051}, Refused("type")),
    "a parameter of ours": ({"code": 100}, Refused("parameter")),
    "no such template": ({"code": 132001}, Refused("template")),
    "a paused template": ({"code": 132015}, Refused("template")),
    "a file they do not take": ({"code": 131053}, Refused("media")),
    "a code to come": ({"code": 139999}, Refused("139999")),
    "too fast for one": ({"code": 131056}, Later(6.0, blameless=True)),
    "too fast for one, in their words": (
        {"code": 131056, "headers": {"Retry-After": "30"}},
        Later(30.0, blameless=True),
    ),
    "too fast": ({"code": 130429, "status": 429}, BUSY),
    "too fast, in their words": ({"code": 80007, "headers": {"Retry-After": "7"}}, Later(7.0, blameless=True)),
    "too many of somebody on the way": ({"status": 429, "raw": b"slow down"}, BUSY),
    "an expired token": ({"code": 190, "status": 401}, LOCKED),
    "no permission": ({"code": 10, "status": 403}, LOCKED),
    "a permission to come": ({"code": 294, "status": 403}, LOCKED),
    "an auth without a code": ({"status": 401, "raw": b"no"}, LOCKED),
    "not our number": ({"code": 100, "error": {"error_subcode": 33}}, LOCKED),
    "a locked account": ({"code": 131031}, LOCKED),
    "no money": ({"code": 131042}, LOCKED),
    "an unknown trouble with one": ({"code": 131000, "status": 500}, Later()),
    "unavailable for one": ({"code": 131016, "status": 503}, Later()),
    "ill": ({"status": 500, "raw": b"<html>"}, Later(20.0, blameless=True)),
    "ill on the way": ({"status": 502, "raw": b"<html>"}, Later(20.0, blameless=True)),
    "an answer that never came": ({"cut": True}, Later(20.0, blameless=True)),
    "half an answer": ({"status": 200, "raw": b'{"messages": [{"id'}, Later(20.0, blameless=True)),
    "an answer without an id": ({"status": 200, "raw": b'{"messages": []}'}, Later(20.0, blameless=True)),
    "an error without a code": ({"raw": b'{"error": {}}'}, Later(20.0, blameless=True)),
    "an error that is none": ({"raw": b'{"error": "no"}'}, Later(20.0, blameless=True)),
    "too large": ({"status": 413, "raw": b"too large"}, Refused("too_large")),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_what_goes_wrong_has_an_outcome(channel: WhatsAppChannel, graph: Graph, name: str) -> None:
    how, outcome = FAULTS[name]
    graph.fails(**how)
    assert await channel.send(page()) == outcome


async def test_nobody_listens_at_the_platforms_address() -> None:
    nowhere = WhatsAppChannel({"citizen": NUMBER}, token=TOKEN, app_secret=SECRET, api_url="http://127.0.0.1:9")
    async with running(nowhere):
        assert await nowhere.send(page()) == BUSY


async def test_an_answer_that_takes_too_long_may_have_been_done(
    channel: WhatsAppChannel, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert channel._session is not None
    channel._session.timeout = 0.05

    def late(*given: object) -> tuple[int, dict[str, Any]]:
        time.sleep(0.3)
        return 200, {}

    monkeypatch.setattr(graph, "answer", late)
    assert await channel.send(page()) == Later(20.0, blameless=True)


async def test_an_upload_that_failed_is_certain_not_to_have_gone(channel: WhatsAppChannel, graph: Graph) -> None:
    graph.fails(cut=True)
    assert await channel.send(page(files=(PICTURE,))) == BUSY
    assert graph.sent() == []


async def test_a_pair_that_must_wait_holds_up_nobody_else(channel: WhatsAppChannel, graph: Graph) -> None:
    graph.fails(131056)
    assert await channel.send(page()) == Later(6.0, blameless=True)
    assert 5 < channel.rest(USER) <= 6
    again = await channel.send(page())
    assert isinstance(again, Later)
    assert again.blameless
    assert isinstance(await channel.send(page(to="ID.9")), Sent)
    assert len(graph.sent()) == 2


@pytest.mark.parametrize("code", [130429, 190])
async def test_what_concerns_all_lets_all_rest(channel: WhatsAppChannel, graph: Graph, code: int) -> None:
    graph.fails(code)
    await channel.send(page())
    other = await channel.send(page(to="ID.9"))
    assert isinstance(other, Later)
    assert other.blameless
    assert len(graph.calls) == 1


async def test_a_token_that_is_not_taken_is_said_once_and_not_told(
    channel: WhatsAppChannel, graph: Graph, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.whatsapp_faults._LOCKED_REST", 0.0)
    for _ in range(3):
        graph.fails(190)
        await channel.send(page())
    own = [record for record in caplog.records if record.name.startswith("bot.")]
    assert [record.getMessage() for record in own] == [
        "WhatsApp does not take the token (code 190): renew TANGGAP_WHATSAPP_TOKEN"
    ]
    await channel.send(page())
    graph.fails(190)
    await channel.send(page())
    assert len([record for record in caplog.records if record.name.startswith("bot.")]) == 2
    assert "Rahasia" not in caplog.text
    assert TOKEN not in caplog.text


async def test_what_fails_for_everybody_is_nobodys_fault(channel: WhatsAppChannel, graph: Graph) -> None:
    found = []
    for n in range(3):
        graph.fails(131000)
        found.append(await channel.send(page(to=f"ID.{n}")))
    assert found[:2] == [Later(), Later()]
    assert isinstance(found[2], Later)
    assert found[2].blameless


async def test_failures_in_a_row_wait_ever_longer(graph: Graph) -> None:
    waits = []
    async with running(channel_of(graph)) as channel:
        for n in range(4):
            graph.fails(cut=True)
            outcome = await channel.send(page(to=f"ID.{n}", files=(PICTURE,)))
            assert isinstance(outcome, Later)
            waits.append(outcome.after)
    assert waits == [1.0, 2.0, 4.0, 8.0]


async def test_a_page_that_stops_in_the_middle_goes_on_there(channel: WhatsAppChannel, graph: Graph) -> None:
    long = page("kata " * 2_000)
    channel.pairs = Rate(burst=1, every=3.0)
    first = await channel.send(long)
    assert isinstance(first, Later)
    assert first.blameless
    channel.pairs = Rate.free()
    outcome = await channel.send(long)
    assert isinstance(outcome, Sent)
    assert len(outcome.parts) == len(graph.sent()) == 3


async def test_a_cancelled_send_stays_cancelled(
    channel: WhatsAppChannel, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.whole.hold(NUMBER, 5)
    sending = asyncio.create_task(channel.send(page()))
    await asyncio.sleep(0.02)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert graph.calls == []


async def test_a_burst_to_one_person_is_followed_by_a_rest(channel: WhatsAppChannel, graph: Graph) -> None:
    assert (whatsapp.PAIR_BURST, whatsapp.PAIR_EVERY) == (45, 6.0)
    channel.pairs = Rate(burst=3, every=6.0)
    for _ in range(3):
        assert isinstance(await channel.send(page()), Sent)
    assert 5 < channel.rest(USER) <= 6
    assert channel.rest("ID.9") == 0
    assert isinstance(await channel.send(page()), Later)
    assert len(graph.sent()) == 3


# --- signatures and acknowledgements


async def test_a_body_is_metas_only_with_its_signature_over_its_bytes(channel: WhatsAppChannel) -> None:
    raw = as_bytes(said(text("Halo \N{THUMBS UP SIGN}")))
    (signature,) = signed(raw).values()
    assert channel.is_signed(raw, signature)
    (other,) = signed(raw, "another secret").values()
    for wrong in (
        other,
        "",
        "sha256=",
        signature[:-1],
        signature.removeprefix("sha256="),
        "sha256=\xe9",
        signature.upper(),
    ):
        assert not channel.is_signed(raw, wrong)
    assert not channel.is_signed(raw + b" ", signature)


def test_without_the_app_secret_there_is_no_channel(graph: Graph) -> None:
    with pytest.raises(ValueError, match="without the app secret"):
        channel_of(graph, app_secret="")


async def test_a_message_that_was_taken_is_marked_as_read_and_nothing_else_is(
    channel: WhatsAppChannel, graph: Graph
) -> None:
    await channel.acknowledge(said(text("Halo", "wamid.1")))
    ((path, given),) = graph.calls
    assert f"/{NUMBER}/" in path
    assert (given["status"], given["message_id"]) == ("read", "wamid.1")
    await channel.acknowledge(system("user_changed_number"))
    await channel.acknowledge({"hello": "world"})
    assert len(graph.calls) == 1
    graph.fails(131000)
    await channel.acknowledge(said(text("Halo", "wamid.1")))


# --- files


async def test_a_file_is_fetched_with_the_token(channel: WhatsAppChannel, graph: Graph) -> None:
    graph.files["4711"] = b"\xff\xd8isi"
    assert await channel.fetch("4711") == b"\xff\xd8isi"
    assert graph.tokens == {f"Bearer {TOKEN}"}


async def test_a_file_that_has_expired_is_gone_for_good(channel: WhatsAppChannel) -> None:
    with pytest.raises(NotFetchedError) as raised:
        await channel.fetch("4711")
    assert raised.value.final


async def test_a_file_may_be_too_large_by_what_is_said_or_by_what_comes(
    channel: WhatsAppChannel, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whatsapp, "MOST_BYTES", 4)
    graph.files["4711"] = b"12345"
    with pytest.raises(TooLargeError):
        await channel.fetch("4711")
    assert len(graph.calls) == 1
    graph.failures.append({"status": 200, "json": {"url": f"{graph.url}/files/4711", "file_size": 4}})
    with pytest.raises(TooLargeError):
        await channel.fetch("4711")


@pytest.mark.parametrize("how", [{"code": 190, "status": 401}, {"status": 503, "raw": b""}, {"cut": True}])
async def test_a_file_that_cannot_be_had_now_is_asked_for_again(
    channel: WhatsAppChannel, graph: Graph, how: dict[str, Any]
) -> None:
    graph.files["4711"] = b"isi"
    graph.fails(**how)
    with pytest.raises(NotFetchedError) as raised:
        await channel.fetch("4711")
    assert not raised.value.final
    assert await channel.fetch("4711") == b"isi"


async def test_a_link_that_has_died_is_asked_for_anew(channel: WhatsAppChannel, graph: Graph) -> None:
    graph.failures.append({"status": 200, "json": {"url": f"{graph.url}/files/old"}})
    with pytest.raises(NotFetchedError) as raised:
        await channel.fetch("4711")
    assert not raised.value.final


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "http://lookaside.fbsbx.com/x", "https://fbsbx.com.evil.example"]
)
async def test_the_token_is_shown_to_nobody_else(channel: WhatsAppChannel, graph: Graph, url: str) -> None:
    graph.failures.append({"status": 200, "json": {"url": url}})
    with pytest.raises(NotFetchedError, match="somewhere else"):
        await channel.fetch("4711")


def test_metas_own_places_for_files_are_known(graph: Graph) -> None:
    channel = channel_of(graph, api_url="https://graph.facebook.com")
    assert channel._is_metas("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1")
    assert not channel._is_metas(f"{graph.url}/files/1")


async def test_a_channel_that_is_not_started_fetches_later(graph: Graph) -> None:
    with pytest.raises(NotFetchedError) as raised:
        await channel_of(graph).fetch("4711")
    assert not raised.value.final
