"""What people do with secrets in hand: sixty citizens, every identity and kind of case, every road that words take."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from bot.channels.base import Gone, Moved, Outcome, Refused
from bot.web.demo import DemoPages
from domain.vocabulary import Identity
from handlers import receive
from handlers.messages import STAFF, Facts, Inbound, Memory, Step
from handlers.receive import StepFailedError
from handlers.session import Session
from tests.kit.carriers import Page
from tests.kit.recordings import video, voice
from tests.kit.town import Citizen, Officer, Town
from tests.leaks.words import Inventor

#: What is told, by what it becomes: a complaint for a desk, one for a head alone, a case for the Inspektorat.
STORIES = {
    "complaint": "Antrean KTP di Disdukcapil lama sekali, kata {}",
    "rude": "Petugas loket Disdukcapil membentak saya dengan kasar, kata {}",
    "oversight": "Petugas loket Disdukcapil minta uang Rp50.000 untuk mengurus KTP, kata {}",
}
PLACELESS = "Sampah menumpuk di pinggir jalan, sudah lama tidak diangkut, kata {}"
_NUMBER = re.compile(r"TGP-\d\d-[0-9A-Z]{6}")
_IMAGE_DESCRIPTION, _ARTIST = 0x010E, 0x013B


@dataclass
class Subject:
    """One citizen with one story, and what becomes of it."""

    citizen: Citizen
    identity: Identity
    kind: str
    fate: str
    name: str
    story: str
    number: str = ""
    pin: str = ""


class Lockstep:
    """Waits for the town once for many people: when each of them waits for it, or has gone."""

    def __init__(self, idle: Callable[[], Awaitable[None]], members: int) -> None:
        self._idle = idle
        self._members = members
        self._waiting = 0
        self._turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def idle(self) -> None:
        """Take the place of `Town.idle`."""
        self._waiting += 1
        turn = self._turn
        await self._go_on()
        await turn

    async def leave(self) -> None:
        self._members -= 1
        await self._go_on()

    async def _go_on(self) -> None:
        if not self._waiting or self._waiting < self._members:
            return
        turn, self._turn = self._turn, asyncio.get_running_loop().create_future()
        self._waiting = 0
        try:
            await self._idle()
        except BaseException as error:
            turn.set_exception(error)
        else:
            turn.set_result(None)


class Life:
    """Everybody's doings in one town."""

    def __init__(self, town: Town, inventor: Inventor, http: httpx.AsyncClient) -> None:
        self.town = town
        self.inventor = inventor
        self.poison: Counter[str] = Counter()
        self._http = http

    # who there is

    def subjects(self, count: int) -> list[Subject]:
        """All pairs of identity and fate from 42 on, and every kind with every identity."""
        return [self._subject(n) for n in range(count)]

    def _subject(self, n: int) -> Subject:
        fate = tuple(FATES)[n % len(FATES)]
        kind = tuple(STORIES)[n // 3 % 3]
        told = PLACELESS if fate == "placed" else STORIES[kind]
        # Photos come in over HTTP, where the demo gives its citizens their numbers.
        phone = f"citizen-{9000 + n}" if fate == "pictured" else self.inventor.phone()
        return Subject(
            citizen=self.town.citizen(phone),
            identity=tuple(Identity)[n % 3],
            kind=kind,
            fate=fate,
            name=self.inventor.name(),
            story=told.format(self.inventor.words(self.inventor.stories)),
        )

    async def of_all(self, subjects: Sequence[Subject]) -> None:
        """Let everybody do what is theirs, all at once and step by step."""
        steps = Lockstep(self.town.idle, len(subjects))

        async def one(subject: Subject) -> None:
            try:
                await FATES[subject.fate](self, subject)
            finally:
                await steps.leave()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.town, "idle", steps.idle)
            async with asyncio.TaskGroup() as everybody:
                for subject in subjects:
                    everybody.create_task(one(subject))

    # what a citizen does

    async def tells(self, subject: Subject) -> None:
        """The story, the name, and the identity that is wanted: everything up to the last look."""
        await subject.citizen.types(subject.story)
        await self.appears(subject)

    async def appears(self, subject: Subject) -> None:
        citizen = subject.citizen
        await citizen.chooses("identity")
        await citizen.chooses("call_name")
        await citizen.types(subject.name)
        await citizen.chooses("identity")
        await citizen.chooses(subject.identity)

    async def sends(self, subject: Subject) -> None:
        await subject.citizen.chooses("send")
        found = _NUMBER.search(subject.citizen.page)
        assert found, f"no receipt for {subject.fate}:\n{subject.citizen.screen()}"
        subject.number, subject.pin = found[0], subject.citizen.pin

    async def complains(self, subject: Subject) -> None:
        await self.tells(subject)
        await self.sends(subject)

    def reader(self, subject: Subject) -> tuple[Officer, Page]:
        """Somebody who was shown the case, and the card."""
        for outgoing in self.town.phones.asked:
            in_group = outgoing.to.startswith("-")
            if outgoing.account == STAFF and subject.number in outgoing.text and not in_group:
                officer = self.town.officer(outgoing.to.upper())
                return officer, officer.sees(subject.number)
        raise AssertionError(f"nobody was shown {subject.number} ({subject.kind})")

    # what becomes of it

    async def drafted(self, subject: Subject) -> None:
        await self.tells(subject)

    async def thrown_away(self, subject: Subject) -> None:
        await self.tells(subject)
        await subject.citizen.types("/batal")
        await subject.citizen.chooses("discard")

    async def placed(self, subject: Subject) -> None:
        """A story that asks for its place."""
        await subject.citizen.types(subject.story)
        await subject.citizen.types(f"Gang {self.inventor.words(self.inventor.stories)}")
        await self.appears(subject)
        await self.sends(subject)

    async def answered(self, subject: Subject) -> None:
        await self.complains(subject)
        officer, card = self.reader(subject)
        await officer.replies_to(card, self.inventor.words(self.inventor.staff))
        await officer.chooses("send")

    async def finished(self, subject: Subject) -> None:
        await self.complains(subject)
        officer, card = self.reader(subject)
        await officer.chooses("take", on=card)
        await officer.chooses("finish", on=officer.sees(subject.number))
        await officer.types(self.inventor.words(self.inventor.staff))

    async def pictured(self, subject: Subject) -> None:
        """Files with telling names: photo, voice and video that know who took them, and something that is none."""
        words = self.inventor.words(self.inventor.stories)
        told = (voice(words, f"ARTIST={subject.name}"), video(f"{words} {subject.name}"))
        sent = (_photo(words, subject.name), words.encode(), *told)
        files = [await self._upload(subject, data) for data in sent]
        body = {"id": str(uuid4()), "text": subject.story, "files": files}
        answer = await self._http.post(f"/demo/phones/{subject.citizen.phone}/messages", json=body)
        assert answer.status_code == 200, answer.text
        await self.town.idle()
        await self.appears(subject)
        await self.sends(subject)

    async def _upload(self, subject: Subject, data: bytes) -> str:
        name = f"{self.inventor.words(self.inventor.stories)} {subject.name}.jpg"
        answer = await self._http.post(
            f"/demo/phones/{subject.citizen.phone}/files",
            params={"name": name},
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
            content=data,
        )
        return str(answer.json()["file"])

    async def added(self, subject: Subject) -> None:
        """More of it later: by quoting the receipt (to an anonymous case that can't be, so it is a new draft)."""
        await self.complains(subject)
        await subject.citizen.replies_to(subject.number, self.inventor.words(self.inventor.stories))

    async def followed(self, subject: Subject) -> None:
        """From another phone with number and PIN, right and wrong."""
        await self.complains(subject)
        other = self.town.citizen(self.inventor.phone())
        await other.types(f"/status {subject.number} {subject.pin}")
        other.sees(subject.number)
        await other.types(f"/status {subject.number} {int(subject.pin[::-1]):06}")

    async def poisoned(self, subject: Subject) -> None:
        """A message on which the program fails each time: in the end it lies in quarantine."""
        self.poison[subject.story] = receive.TRIES
        event = str(uuid4())
        for _ in range(receive.TRIES - 1):
            with pytest.raises(StepFailedError):
                await subject.citizen.does(text=subject.story, event=event)
        await subject.citizen.does(text=subject.story, event=event)

    async def stumbled(self, subject: Subject) -> None:
        """A message on which the program fails once."""
        self.poison[subject.story] = 1
        event = str(uuid4())
        with pytest.raises(StepFailedError):
            await subject.citizen.does(text=subject.story, event=event)
        await subject.citizen.does(text=subject.story, event=event)
        await self.appears(subject)
        await self.sends(subject)

    async def blocked(self, subject: Subject) -> None:
        await self._ends(subject, Gone(self._complaint_of_a_platform(subject)))

    async def refused(self, subject: Subject) -> None:
        await self._ends(subject, Refused(self._complaint_of_a_platform(subject)))

    async def moved(self, subject: Subject) -> None:
        await self._ends(subject, Moved(self.inventor.phone()))

    def _complaint_of_a_platform(self, subject: Subject) -> str:
        return f"Forbidden: bot was blocked by {subject.citizen.phone} ({subject.name}), message: {subject.story}"

    async def _ends(self, subject: Subject, outcome: Outcome) -> None:
        await self.complains(subject)
        self.town.channel.answers(subject.citizen.phone, outcome)
        await subject.citizen.types("/status")

    async def sent(self, subject: Subject) -> None:
        """And its reader says something to the program that it does not understand."""
        await self.complains(subject)
        officer, _ = self.reader(subject)
        await officer.types(self.inventor.words(self.inventor.staff))

    # what goes wrong in the program

    @contextlib.contextmanager
    def poisoning(self) -> Iterator[None]:
        """Let steps fail on the texts in `poison`, with an error that quotes everything."""
        decide = receive.decide

        def fail_or_decide(session: Session, inbound: Inbound, memory: Memory, facts: Facts) -> Step:
            if self.poison[inbound.text] > 0:
                self.poison[inbound.text] -= 1
                raise ValueError(f"{inbound.sender} wrote {inbound.text!r}")
            return decide(session, inbound, memory, facts)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(receive, "decide", fail_or_decide)
            yield

    async def fails(self) -> None:
        """An errand that fails with an error full of secrets."""
        words = " ".join(self.inventor.words(sort) for sort in self.inventor.sorts)

        def errand(session: Session) -> None:
            raise ValueError(words)

        with pytest.raises(ValueError, match=self.inventor.stories.marker):
            await self.town.program.errand(errand)


#: What may become of a story. Fourteen: with three identities every pair is met by 42 citizens.
FATES: dict[str, Callable[[Life, Subject], Awaitable[None]]] = {
    fate.__name__: fate
    for fate in (
        Life.drafted, Life.thrown_away, Life.placed, Life.sent, Life.answered, Life.finished, Life.pictured,
        Life.added, Life.followed, Life.poisoned, Life.stumbled, Life.blocked, Life.refused, Life.moved,
    )
}  # fmt: skip


def _photo(description: str, artist: str) -> bytes:
    """A photo that says what it shows and who took it."""
    exif = Image.Exif()
    exif[_IMAGE_DESCRIPTION], exif[_ARTIST] = description, artist
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG", exif=exif, comment=description.encode())
    return out.getvalue()


@contextlib.asynccontextmanager
async def pages_of(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """The demo's routes over this town, without a server."""
    web = Starlette(routes=DemoPages(town.program, town.phones).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://town") as http:
        yield http
