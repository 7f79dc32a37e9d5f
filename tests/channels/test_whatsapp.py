"""The WhatsApp channel sends and fetches through the real pywa over HTTP, against the stand-in of Meta's Graph API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
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
from tests.channels.bots import picture
from tests.channels.contract import ChannelContract, Subject
from tests.channels.meta import NUMBER, SECRET, as_bytes, said, signed, system, text
from tests.whatsapp.people import Person, somebody
from tests.whatsapp.standin import Account, Graph

pytestmark = pytest.mark.anyio
PICTURE = File("foto-1.jpg", "image/jpeg", picture())
BUSY = Later(1.0, blameless=True)
LOCKED = Later(60.0, blameless=True)
UNCERTAIN = Later(20.0, blameless=True)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def account(graph: Graph) -> Account:
    return graph.account(at_once=True, statuses=[])


@pytest.fixture
def sari(account: Account) -> Person:
    person = somebody()
    account.knows(person, heard=0)
    return person


def channel_of(account: Account, **changes: Any) -> WhatsAppChannel:
    numbers = {"citizen": account.number, "staff": account.staff_number}
    about = {"numbers": numbers, "token": account.token, "app_secret": account.secret, "api_url": account.api}
    return WhatsAppChannel(**{**about, **changes})


@asynccontextmanager
async def running(channel: WhatsAppChannel) -> AsyncIterator[WhatsAppChannel]:
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


@pytest.fixture
async def channel(account: Account) -> AsyncIterator[WhatsAppChannel]:
    async with running(channel_of(account)) as started:
        yield started


def page(to: Person | str, words: str = "Halo", **more: Any) -> Outgoing:
    reached = to if isinstance(to, str) else to.id
    return Outgoing(more.pop("key", "3XZ"), more.pop("account", "citizen"), reached, words, **more)


def sends(account: Account) -> int:
    """How many messages were handed over, taken or not."""
    return int(account.counters["calls"].get("messages", 0)) - int(account.counters["calls"].get("read", 0))


# --- the contract


class WhatsAppSubject(Subject):
    def __init__(self, account: Account) -> None:
        self.whatsapp_account, self.person = account, somebody()
        self.channel = self.whatsapp = channel_of(account)
        account.knows(self.person, heard=0)

    def raw_text(self, event: str, text_: str) -> dict[str, Any]:
        return said(text(text_, f"wamid.{event}"))

    async def show(self, outgoing: Outgoing) -> tuple[Outcome, list[dict[str, Any]]]:
        before = len(self.whatsapp_account.sent())
        outcome = await self._send(outgoing, self.person.id)
        return outcome, [_seen(sent) for sent in self.whatsapp_account.sent(before)]

    async def send_to_nobody(self, outgoing: Outgoing) -> Outcome:
        return await self._send(outgoing, "ID.4242424242424242")

    async def _send(self, outgoing: Outgoing, to: str) -> Outcome:
        async with running(self.whatsapp):
            return await self.whatsapp.send(page(to, outgoing.text, buttons=outgoing.buttons, files=outgoing.files))


def _seen(sent: dict[str, Any]) -> dict[str, Any]:
    choices = [{"label": label, "data": data} for data, label in sent["buttons"]]
    return {"text": sent["text"], "choices": choices, "files": sent["files"]}


class TestContract(ChannelContract):
    @pytest.fixture
    def subject(self, account: Account) -> Subject:
        return WhatsAppSubject(account)

    def make(self) -> Subject:
        raise NotImplementedError


# --- sending


async def test_a_message_goes_to_a_person_by_metas_name_of_them_and_carries_our_key(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    outcome = await channel.send(page(sari, buttons=(Button("Ya", "3XZ.1"),)))
    (sent,) = account.sent()
    assert outcome == Sent((sent["id"],), "service")
    assert (sent["number"], sent["to"], sent["asked"]) == (account.number, sari.id, "recipient")
    assert (sent["tracker"], sent["buttons"]) == ("3XZ", [["3XZ.1", "Ya"]])


async def test_a_name_with_letters_is_a_person_too_and_no_group(channel: WhatsAppChannel, account: Account) -> None:
    ani = Person(id="ID.9fQ2x7LmZ0a1B2c3")
    account.knows(ani, heard=0)
    assert isinstance(await channel.send(page(ani)), Sent)
    assert account.sent()[0]["raw"]["recipient_type"] == "individual"


async def test_a_person_known_by_number_only_is_written_to_at_it(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    assert isinstance(await channel.send(page(sari.phone, account="staff")), Sent)
    (sent,) = account.sent()
    assert (sent["number"], sent["asked"]) == (account.staff_number, "to")


async def test_the_last_message_of_a_page_alone_carries_its_key(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    outcome = await channel.send(page(sari, "kata " * 300, files=(PICTURE, PICTURE)))
    assert isinstance(outcome, Sent)
    assert [sent["tracker"] for sent in account.sent()] == [None, None, "3XZ"]
    assert [sent["id"] for sent in account.sent()] == list(outcome.parts)


FORMS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "buttons under a picture": ({"buttons": ("Ya", "Tidak"), "files": (PICTURE,)}, ["interactive"]),
    "a list": ({"buttons": ("Satu", "Dua", "Tiga", "Dinas Kependudukan dan Pencatatan Sipil")}, ["interactive"]),
    "a sound": ({"files": (File("suara-1.ogg", "audio/ogg", b"OggS"),)}, ["audio", "text"]),
    "a paper": ({"files": (File("surat-1.pdf", "application/pdf", b"%PDF"),)}, ["document"]),
    "a film": ({"files": (File("video-1.mp4", "video/mp4", b"ftyp"),)}, ["video"]),
}


@pytest.mark.parametrize("name", FORMS)
async def test_every_form_is_one_that_the_platform_takes(
    channel: WhatsAppChannel, account: Account, sari: Person, name: str
) -> None:
    how, expected = FORMS[name]
    buttons = tuple(Button(label, f"3XZ.{n}") for n, label in enumerate(how.get("buttons", ()), start=1))
    assert isinstance(await channel.send(page(sari, buttons=buttons, files=how.get("files", ()))), Sent)
    assert [sent["type"] for sent in account.sent()] == expected


async def test_a_template_is_billed_as_its_category(channel: WhatsAppChannel, account: Account, sari: Person) -> None:
    body = "Laporan {{1}} sudah dijawab kantor."
    account.has_template("kabar", body, examples=["TGP-26-7K3QD8"], buttons=["Lihat"])
    template = Template("kabar", "id", "UTILITY", ("TGP-26-7K3QD8",), ("3XZ.1",))
    outcome = await channel.send(page(sari, "Rahasia", files=(PICTURE,), template=template))
    assert isinstance(outcome, Sent)
    assert outcome.category == "utility"
    (sent,) = account.sent()
    assert (sent["text"], sent["category"]) == ("Laporan TGP-26-7K3QD8 sudah dijawab kantor.", "utility")
    missing = Template("tidak_ada", "id", "UTILITY")
    assert await channel.send(page(sari, template=missing)) == Refused("template")


async def test_half_of_a_character_is_replaced_before_it_goes(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    assert isinstance(await channel.send(page(sari, "Halo \ud83d")), Sent)
    assert account.texts(sari) == ["Halo \N{REPLACEMENT CHARACTER}"]


async def test_what_says_nothing_or_carries_too_much_is_refused_without_asking(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    assert await channel.send(page(sari, " ")) == Refused("empty")
    assert await channel.send(page(sari, buttons=(Button("Ya", "x" * 201),))) == Refused("button")
    assert sends(account) == 0


async def test_a_channel_that_is_not_started_sends_later(account: Account, sari: Person) -> None:
    assert await channel_of(account).send(page(sari)) == BUSY


# --- what the platform does

FAULTS: dict[str, tuple[dict[str, Any], Outcome]] = {
    "the window is closed": ({"code": 131047, "status": 400}, Refused("window")),
    "nobody there": ({"code": 131026, "status": 400}, Gone("undeliverable")),
    "to ourselves": ({"code": 131021, "status": 400}, Gone("undeliverable")),
    "a type of ours": ({"code": 131051, "status": 400}, Refused("type")),
    "a parameter of ours": ({"code": 100, "status": 400}, Refused("parameter")),
    "no such template": ({"code": 132001, "status": 400}, Refused("template")),
    "a paused template": ({"code": 132015, "status": 400}, Refused("template")),
    "a file they do not take": ({"code": 131053, "status": 400}, Refused("media")),
    "a code to come": ({"code": 139999, "status": 400}, Refused("139999")),
    "too fast for one": ({"code": 131056, "status": 400}, Later(6.0, blameless=True)),
    "too fast for one, in their words": (
        {"code": 131056, "status": 400, "headers": {"Retry-After": "30"}},
        Later(30.0, blameless=True),
    ),
    "too fast": ({"code": 130429, "status": 429}, BUSY),
    "too fast, in their words": (
        {"code": 80007, "status": 400, "headers": {"Retry-After": "7"}},
        Later(7.0, blameless=True),
    ),
    "too many of somebody on the way": ({"status": 429, "raw": "slow down"}, BUSY),
    "an expired token": ({"code": 190, "status": 401}, LOCKED),
    "no permission": ({"code": 10, "status": 403}, LOCKED),
    "a permission to come": ({"code": 294, "status": 403}, LOCKED),
    "an auth without a code": ({"status": 401, "raw": "no"}, LOCKED),
    "not our number": ({"code": 100, "status": 400, "error_subcode": 33}, LOCKED),
    "a locked account": ({"code": 131031, "status": 400}, LOCKED),
    "no money": ({"code": 131042, "status": 400}, LOCKED),
    "an unknown trouble with one": ({"code": 131000, "status": 500}, Later()),
    "unavailable for one": ({"code": 131016, "status": 503}, Later()),
    "ill": ({"status": 500, "raw": "<html>"}, UNCERTAIN),
    "ill on the way": ({"status": 502, "raw": "<html>"}, UNCERTAIN),
    "slow on the way": ({"status": 408, "raw": "<html>"}, UNCERTAIN),
    "an answer that never came": ({"cut_before": True}, UNCERTAIN),
    "an answer that was lost": ({"cut_after": True}, UNCERTAIN),
    "half an answer": ({"status": 200, "raw": '{"messages": [{"id'}, UNCERTAIN),
    "an answer without an id": ({"status": 200, "raw": '{"messages": []}'}, UNCERTAIN),
    "an error without a code": ({"status": 400, "raw": '{"error": {}}'}, UNCERTAIN),
    "an error that is none": ({"status": 400, "raw": '{"error": "no"}'}, UNCERTAIN),
    "too large": ({"status": 413, "raw": "too large"}, Refused("too_large")),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_what_goes_wrong_has_an_outcome(
    channel: WhatsAppChannel, account: Account, sari: Person, name: str
) -> None:
    how, outcome = FAULTS[name]
    account.fails("messages", **how)
    assert await channel.send(page(sari)) == outcome


async def test_behind_a_closed_window_only_a_template_may_go(channel: WhatsAppChannel, account: Account) -> None:
    silent = somebody()
    account.knows(silent, heard=25 * 3600)
    assert await channel.send(page(silent)) == Refused("window")


async def test_nobody_listens_at_the_platforms_address(account: Account, sari: Person) -> None:
    async with running(channel_of(account, api_url="http://127.0.0.1:9")) as nowhere:
        assert await nowhere.send(page(sari)) == BUSY


async def test_an_answer_that_takes_too_long_may_have_been_done(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    assert channel._session is not None
    channel._session.timeout = 0.05
    account.fails("messages", delay=0.3)
    assert await channel.send(page(sari)) == UNCERTAIN


async def test_an_upload_that_failed_is_certain_not_to_have_gone(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    account.fails("media", cut_after=True)
    assert await channel.send(page(sari, files=(PICTURE,))) == BUSY
    assert sends(account) == 0


async def test_a_pair_that_must_wait_holds_up_nobody_else(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    other = somebody()
    account.knows(other, heard=0)
    account.fails("messages", status=400, code=131056)
    assert await channel.send(page(sari)) == Later(6.0, blameless=True)
    assert 5 < channel.rest(sari.id) <= 6
    again = await channel.send(page(sari))
    assert isinstance(again, Later)
    assert again.blameless
    assert isinstance(await channel.send(page(other)), Sent)
    assert sends(account) == 2


@pytest.mark.parametrize("code", [130429, 190])
async def test_what_concerns_all_lets_all_rest(
    channel: WhatsAppChannel, account: Account, sari: Person, code: int
) -> None:
    account.fails("messages", status=400, code=code)
    await channel.send(page(sari))
    other = await channel.send(page("ID.9"))
    assert isinstance(other, Later)
    assert other.blameless
    assert sends(account) == 1


async def test_a_token_that_is_not_taken_is_said_once_and_not_told(
    account: Account, sari: Person, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.whatsapp_faults._LOCKED_REST", 0.0)

    def own() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]

    async with running(channel_of(account)) as channel:
        account.set(revoked=True)
        for _ in range(3):
            assert isinstance(await channel.send(page(sari)), Later)
        assert own() == ["WhatsApp does not take the token (code 190): renew TANGGAP_WHATSAPP_TOKEN"]
        account.set(revoked=False)
        assert isinstance(await channel.send(page(sari)), Sent)
        account.set(revoked=True)
        await channel.send(page(sari))
    assert len(own()) == 2
    assert account.token not in caplog.text


async def test_what_fails_for_everybody_is_nobodys_fault(channel: WhatsAppChannel, account: Account) -> None:
    account.fails("messages", status=500, code=131000, times=3)
    found = [await channel.send(page(f"ID.{n}")) for n in range(3)]
    assert found[:2] == [Later(), Later()]
    assert isinstance(found[2], Later)
    assert found[2].blameless


async def test_failures_in_a_row_wait_ever_longer(channel: WhatsAppChannel, account: Account, sari: Person) -> None:
    account.fails("media", cut_before=True, times=4)
    found = [await channel.send(page(sari, files=(PICTURE,))) for _ in range(4)]
    assert found == [Later(seconds, blameless=True) for seconds in (1.0, 2.0, 4.0, 8.0)]


async def test_a_page_that_stops_in_the_middle_goes_on_there(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    long = page(sari, "kata " * 2_000)
    channel.pairs = Rate(burst=1, every=3.0)
    first = await channel.send(long)
    assert isinstance(first, Later)
    assert first.blameless
    channel.pairs = Rate.free()
    outcome = await channel.send(long)
    assert isinstance(outcome, Sent)
    assert [sent["id"] for sent in account.sent()] == list(outcome.parts)
    assert len(outcome.parts) == 3


async def test_a_cancelled_send_stays_cancelled(channel: WhatsAppChannel, account: Account, sari: Person) -> None:
    channel.whole.hold(account.number, 5)
    sending = asyncio.create_task(channel.send(page(sari)))
    await asyncio.sleep(0.02)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert sends(account) == 0


async def test_a_burst_to_one_person_is_followed_by_a_rest(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    assert (whatsapp.PAIR_BURST, whatsapp.PAIR_EVERY) == (44, 6.0)
    channel.pairs = Rate(burst=3, every=6.0)
    for _ in range(3):
        assert isinstance(await channel.send(page(sari)), Sent)
    assert 5 < channel.rest(sari.id) <= 6
    assert channel.rest("ID.9") == 0
    assert isinstance(await channel.send(page(sari)), Later)
    assert sends(account) == 3


async def test_what_the_platform_allows_is_never_exceeded(channel: WhatsAppChannel, account: Account) -> None:
    people = [somebody() for _ in range(60)]
    account.knows(*people, heard=0)
    account.set(limits=True)
    began = asyncio.get_running_loop().time()
    outcomes = await asyncio.gather(*(channel.send(page(person)) for person in people))
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert asyncio.get_running_loop().time() - began > (len(people) - whatsapp.NUMBER_BURST) * whatsapp.NUMBER_EVERY
    assert account.counters["refused"] == {}


# --- signatures and acknowledgements


def test_a_body_is_metas_only_with_its_signature_over_its_bytes() -> None:
    channel = WhatsAppChannel({"citizen": NUMBER}, token="EAAB", app_secret=SECRET)
    raw = as_bytes(said(text("Halo \N{THUMBS UP SIGN}")))
    (signature,) = signed(raw).values()
    assert channel.is_signed(raw, signature)
    (other,) = signed(raw, "another secret").values()
    bare = signature.removeprefix("sha256=")
    for wrong in (other, "", "sha256=", signature[:-1], bare, "sha256=\xe9", signature.upper()):
        assert not channel.is_signed(raw, wrong)
    assert not channel.is_signed(raw + b" ", signature)


def test_without_the_app_secret_there_is_no_channel() -> None:
    with pytest.raises(ValueError, match="without the app secret"):
        WhatsAppChannel({"citizen": NUMBER}, token="EAAB", app_secret="")


async def test_a_message_that_was_taken_is_marked_as_read_and_nothing_else_is(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    (event,) = account.tells(sari.says("Halo"), wait=None)
    raw = said(event["message"], number=account.number)
    await channel.acknowledge(raw)
    assert [read["message_id"] for read in account.state["reads"]] == [event["message"]["id"]]
    await channel.acknowledge(system("user_changed_number"))
    await channel.acknowledge({"hello": "world"})
    account.fails("read", cut_before=True)
    await channel.acknowledge(raw)
    assert len(account.state["reads"]) == 1


async def test_a_flood_is_not_marked_as_read_one_by_one(
    channel: WhatsAppChannel, account: Account, sari: Person
) -> None:
    events = account.tells(*(sari.says(f"{n}") for n in range(20)), wait=None)
    await asyncio.gather(*(channel.acknowledge(said(event["message"], number=account.number)) for event in events))
    assert len(account.state["reads"]) == whatsapp.MARKING


# --- files


async def test_a_file_is_fetched_as_it_lies_there(channel: WhatsAppChannel, account: Account) -> None:
    assert await channel.fetch(account.keeps(b"\xff\xd8isi")["id"]) == b"\xff\xd8isi"


async def test_a_file_that_has_expired_is_gone_for_good(channel: WhatsAppChannel, account: Account) -> None:
    key = account.keeps(b"isi")["id"]
    account.set(skew=8 * 86_400)
    for ref in (key, "4711"):
        with pytest.raises(NotFetchedError) as raised:
            await channel.fetch(ref)
        assert raised.value.final


async def test_a_file_may_be_too_large_by_what_is_said_or_by_what_comes(
    channel: WhatsAppChannel, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whatsapp, "MOST_BYTES", 4)
    for size in (5, 4):
        with pytest.raises(TooLargeError):
            await channel.fetch(account.keeps(b"12345", size=size)["id"])
    assert account.counters["calls"]["download"] == 1


HICCUPS: dict[str, dict[str, Any]] = {
    "a token": {"method": "media_info", "code": 190, "status": 401},
    "ill": {"method": "media_info", "status": 503, "raw": ""},
    "no answer": {"method": "media_info", "cut_before": True},
    "a dead link": {"method": "download", "status": 404, "raw": ""},
    "a download that ended early": {"method": "download", "cut_before": True},
}


@pytest.mark.parametrize("name", HICCUPS)
async def test_a_file_that_cannot_be_had_now_is_asked_for_again(
    channel: WhatsAppChannel, account: Account, name: str
) -> None:
    key = account.keeps(b"isi")["id"]
    account.fails(**HICCUPS[name])
    with pytest.raises(NotFetchedError) as raised:
        await channel.fetch(key)
    assert not raised.value.final
    assert await channel.fetch(key) == b"isi"


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "http://lookaside.fbsbx.com/x", "https://fbsbx.com.evil.example"]
)
async def test_the_token_is_shown_to_nobody_else(channel: WhatsAppChannel, account: Account, url: str) -> None:
    key = account.keeps(b"isi")["id"]
    account.fails("media_info", status=200, raw=f'{{"url": "{url}", "file_size": 3}}', mime="application/json")
    with pytest.raises(NotFetchedError, match="somewhere else"):
        await channel.fetch(key)


def test_metas_own_places_for_files_are_known(account: Account) -> None:
    channel = channel_of(account, api_url="https://graph.facebook.com")
    assert channel._is_metas("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1")
    assert not channel._is_metas(f"{account.api}/files/1")


async def test_a_channel_that_is_not_started_fetches_later(account: Account) -> None:
    with pytest.raises(NotFetchedError) as raised:
        await channel_of(account).fetch("4711")
    assert not raised.value.final
