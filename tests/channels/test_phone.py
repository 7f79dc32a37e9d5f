"""The demo's phones keep the channels' contract."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from uuid import uuid4

import pytest

from bot.channels.base import File, Later, Outcome, Outgoing, Sent
from bot.channels.phone import PhoneChannel
from tests.channels.contract import ChannelContract, Subject


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class PhoneSubject(Subject):
    def __init__(self) -> None:
        self.channel = self.phones = PhoneChannel()

    def raw_text(self, event: str, text: str) -> dict[str, Any]:
        return {"phone": "citizen", "id": event, "text": text}

    async def show(self, outgoing: Outgoing) -> tuple[Outcome, list[dict[str, Any]]]:
        seen: list[dict[str, Any]] = []

        async def look() -> None:
            async for event in self.phones.listen([outgoing.to]):
                seen.append(event)
                self.phones.ack(outgoing.to, event["id"])

        looking = asyncio.create_task(look())
        await asyncio.sleep(0)
        outcome = await self.phones.send(outgoing)
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        return outcome, seen

    async def send_to_nobody(self, outgoing: Outgoing) -> Outcome:
        return await self.phones.send(outgoing)


class TestPhone(ChannelContract):
    def make(self) -> Subject:
        return PhoneSubject()

    @pytest.mark.anyio
    async def test_without_an_ack_the_page_is_not_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.channels.phone.ACK_TIMEOUT", 0.05)
        phones = PhoneChannel()
        deaf = phones.listen(["citizen"])
        waiting = asyncio.ensure_future(anext(deaf))
        await asyncio.sleep(0)
        outcome = await phones.send(self.page())
        assert isinstance(outcome, Later)
        assert not outcome.blameless
        await waiting
        await deaf.aclose()

    def test_an_edit_keeps_the_name_of_the_message_it_changes(self) -> None:
        event, old = str(uuid4()), str(uuid4())
        (plain,) = PhoneChannel().parse("citizen", {"phone": "citizen", "id": event, "text": "halo"})
        (edit,) = PhoneChannel().parse("citizen", {"phone": "citizen", "id": event, "text": "halo", "edits": old})
        assert (plain.message, plain.edited) == (event, False)
        assert (edit.event, edit.message, edit.edited) == (event, old, True)

    def test_a_place_or_an_odd_thing_needs_no_words_but_a_word_that_we_know(self) -> None:
        message = {"phone": "citizen", "id": str(uuid4())}
        assert PhoneChannel().parse("citizen", {**message, "place": " 2.95950, 99.06870 "})[0].place
        assert PhoneChannel().parse("citizen", {**message, "odd": "sticker"})[0].odd == "sticker"
        for wrong in ({"odd": "place"}, {"place": "x" * 301}, {"place": 7}, {"place": "  "}):
            with pytest.raises(ValueError, match=r"."):
                PhoneChannel().parse("citizen", {**message, **wrong})

    @pytest.mark.anyio
    async def test_an_ack_of_something_else_counts_for_nothing(self) -> None:
        assert PhoneChannel().ack("citizen", "3XZ") is False

    @pytest.mark.anyio
    async def test_a_picture_travels_inside_the_event_and_has_no_address(self) -> None:
        subject = PhoneSubject()
        outcome, seen = await subject.show(self.page(files=(File("foto-1.jpg", "image/jpeg", b"\xff\xd8"),)))
        assert isinstance(outcome, Sent)
        assert seen[0]["files"] == [{"name": "foto-1.jpg", "url": "data:image/jpeg;base64,/9g="}]

    @pytest.mark.anyio
    async def test_a_drawn_picture_brings_what_it_says_in_words(self) -> None:
        subject = PhoneSubject()
        _, seen = await subject.show(self.page(files=(File("rekap.png", "image/png", b"\x89PNG", "3 terlambat"),)))
        assert seen[0]["files"][0]["alt"] == "3 terlambat"

    @pytest.mark.anyio
    async def test_the_same_page_sent_twice_has_the_same_id(self, subject: Subject) -> None:
        first, _ = await subject.show(self.page())
        second, _ = await subject.show(self.page())
        assert isinstance(first, Sent)
        assert isinstance(second, Sent)
        assert first.parts == second.parts

    @pytest.mark.anyio
    async def test_an_edit_names_the_message_it_replaces(self) -> None:
        _, seen = await PhoneSubject().show(self.page(edits="2AB"))
        assert seen[0]["edit_of"] == "2AB"
