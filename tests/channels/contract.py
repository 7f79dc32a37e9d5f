"""What every channel must do, whatever its platform. A channel's tests give a `Subject` and inherit the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import pytest

from bot.channels.base import Button, Channel, Gone, Later, Moved, Outcome, Outgoing, Refused, Sent

OUTCOMES = (Sent, Later, Refused, Gone, Moved)
HOSTILE = "<b>&\"' {{ 7*7 }} *bintang* _garis_ \u202e 👍"


class Subject(ABC):
    """One channel, and a person at the other end of it."""

    channel: Channel
    account = "citizen"

    @abstractmethod
    def raw_text(self, event: str, text: str) -> dict[str, Any]:
        """The platform's own form of a text that the person sent."""

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
        event = "7b0c4f6e-2f2f-4b55-9a11-0d3a5f7d1c11"
        (inbound,) = subject.channel.parse(subject.account, subject.raw_text(event, HOSTILE))
        assert inbound.text == HOSTILE
        assert inbound.event == event
        assert (inbound.channel, inbound.account) == (subject.channel.name, subject.account)

    def test_what_is_none_of_ours_is_a_value_error(self, subject: Subject) -> None:
        with pytest.raises((ValueError, KeyError)):
            subject.channel.parse(subject.account, {"hello": "world"})

    @pytest.mark.anyio
    async def test_a_page_reaches_the_person_with_its_buttons(self, subject: Subject) -> None:
        buttons = (Button("Kirim", "3XZ.1"), Button("Batal", "3XZ.2"))
        outcome, seen = await subject.show(self.page(text=HOSTILE, buttons=buttons))
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
    async def test_the_same_page_sent_twice_has_the_same_id(self, subject: Subject) -> None:
        first, _ = await subject.show(self.page())
        second, _ = await subject.show(self.page())
        assert isinstance(first, Sent)
        assert isinstance(second, Sent)
        assert first.parts == second.parts
