"""What every channel must do, whatever its platform. A channel's tests give a `Subject` and inherit the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import pytest

from bot.channels.base import Button, Channel, File, Gone, Later, Moved, Outcome, Outgoing, Refused, Sent

EVENT, OTHER_EVENT = "7b0c4f6e-2f2f-4b55-9a11-0d3a5f7d1c11", "0d3a5f7d-2f2f-4b55-9a11-7b0c4f6e1c11"
OUTCOMES = (Sent, Later, Refused, Gone, Moved)
HOSTILE = "<b>&\"' {{ 7*7 }} *bintang* _garis_ \u202e 👍"


class Subject(ABC):
    """One channel, and a person at the other end of it."""

    channel: Channel
    account = "citizen"

    @abstractmethod
    def raw_text(self, event: str, text: str) -> dict[str, Any]:
        """The platform's own form of a text that the person sent."""

    def written(self, text: str) -> str:
        """A text as rendering writes it for this channel."""
        return text

    @abstractmethod
    async def show(self, outgoing: Outgoing) -> tuple[Outcome, list[dict[str, Any]]]:
        """Send while the person is there; also what arrived at their end: dicts with text and buttons."""

    @abstractmethod
    async def send_to_nobody(self, outgoing: Outgoing) -> Outcome:
        """Send while nobody is there."""


class ChannelContract(ABC):
    """The suite."""

    @pytest.fixture
    def subject(self) -> Subject:
        return self.make()

    @abstractmethod
    def make(self) -> Subject: ...

    def page(self, **changes: Any) -> Outgoing:
        values: dict[str, Any] = {"key": "3XZ", "account": "citizen", "to": "citizen", "text": "Halo", **changes}
        return Outgoing(**values)

    def test_a_text_arrives_as_it_was_typed(self, subject: Subject) -> None:
        (inbound,) = subject.channel.parse(subject.account, subject.raw_text(EVENT, HOSTILE))
        assert inbound.text == HOSTILE
        assert (inbound.channel, inbound.account) == (subject.channel.name, subject.account)

    def test_an_event_is_known_again_and_no_other_is_taken_for_it(self, subject: Subject) -> None:
        raws = [subject.raw_text(event, "Halo") for event in (EVENT, EVENT, OTHER_EVENT)]
        first, again, other = (subject.channel.parse(subject.account, raw)[0].event for raw in raws)
        assert first == again
        assert first != other

    def test_half_of_a_character_is_replaced(self, subject: Subject) -> None:
        (inbound,) = subject.channel.parse(subject.account, subject.raw_text(EVENT, "Halo \ud83d"))
        assert inbound.text == "Halo \N{REPLACEMENT CHARACTER}"

    def test_what_is_none_of_ours_is_a_value_error(self, subject: Subject) -> None:
        with pytest.raises((ValueError, KeyError)):
            subject.channel.parse(subject.account, {"hello": "world"})

    @pytest.mark.anyio
    async def test_a_page_reaches_the_person_with_its_buttons(self, subject: Subject) -> None:
        buttons = (Button("Kirim", "3XZ.1"), Button("Batal", "3XZ.2"))
        outcome, seen = await subject.show(self.page(text=subject.written(HOSTILE), buttons=buttons))
        assert isinstance(outcome, Sent)
        assert outcome.parts
        assert seen[0]["text"] == HOSTILE
        assert [button["label"] for button in seen[0]["choices"]] == ["Kirim", "Batal"]

    @pytest.mark.anyio
    async def test_a_person_who_is_not_there_costs_no_attempt(self, subject: Subject) -> None:
        outcome = await subject.send_to_nobody(self.page())
        assert isinstance(outcome, Later | Gone)
        assert isinstance(outcome, Gone) or outcome.blameless

    @pytest.mark.anyio
    async def test_a_picture_arrives_under_a_name_of_ours(self, subject: Subject) -> None:
        outcome, seen = await subject.show(self.page(files=(File("foto-1.jpg", "image/jpeg", b"\xff\xd8"),)))
        assert isinstance(outcome, Sent)
        assert [file["name"] for message in seen for file in message["files"]] == ["foto-1.jpg"]
