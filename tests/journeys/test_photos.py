"""A photo before the words: one complaint, the picture kept with it, and nothing in it that tells on the sender."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from storage.tables import Attachment
from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.carriers import WITH_EDITS
from tests.kit.town import Town
from tests.storage.test_attachments import document

pytestmark = pytest.mark.anyio

OWNER = "Sari Nauli, Jalan Kartini 12"


def photo(colour: str = "red") -> bytes:
    """A picture as a phone takes it, with its owner written into it."""
    picture = Image.new("RGB", (640, 480), colour)
    exif = Image.Exif()
    exif[0x010E] = OWNER  # ImageDescription
    exif[0x8298] = OWNER  # Copyright
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=OWNER.encode())
    return out.getvalue()


async def test_a_photo_and_then_words_are_one_complaint_with_a_clean_picture(town: Town) -> None:
    raw = photo()
    assert OWNER.encode() in raw
    key = await town.sari.sends_photo(raw)
    assert town.sari.page_names == ["citizen/photo_kept"]
    await town.sari.types(SLOW)
    assert town.sari.page_name == "citizen/confirm"
    assert "1" in next(line for line in town.sari.page.splitlines() if line.startswith(("Foto", "Photo")))
    await town.sari.chooses("send")

    ticket = town.ticket()
    (kept,) = town.rows(Attachment)
    assert (kept.id, kept.ticket_id, kept.state, kept.address_id) == (key, ticket.id, "clean", None)
    clean = town.program.files.get(key)
    assert OWNER.encode() not in clean
    picture = Image.open(io.BytesIO(clean))
    assert not picture.getexif()
    assert picture.size == (640, 480)


async def test_the_officer_sees_the_clean_picture_under_a_name_that_says_nothing(town: Town) -> None:
    await town.sari.sends_photo(photo())
    await town.sari.types(SLOW)
    await town.sari.chooses("send")
    (file,) = town.budi.shown[-1].files
    assert OWNER.encode() not in file.data
    assert (file.name, file.mime) == ("foto-1.jpg", "image/jpeg")


async def test_several_photos_and_one_with_words_are_still_one_complaint(town: Town) -> None:
    keys = [
        await town.sari.sends_photo(photo("red")),
        await town.sari.sends_photo(photo("green")),
        await town.sari.sends_photo(photo("blue"), SLOW),
    ]
    await town.sari.chooses("send")
    assert {row.id for row in town.rows(Attachment, ticket_id=town.ticket().id)} == set(keys)
    assert len(town.budi.shown[-1].files) == 3


async def test_a_photo_sent_at_the_last_look_goes_along(town: Town) -> None:
    await town.sari.types(SLOW)
    key = await town.sari.sends_photo(photo())
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    assert [row.ticket_id for row in town.rows(Attachment, id=key)] == [town.ticket().id]


async def test_what_is_no_picture_is_refused_and_the_complaint_goes_on(town: Town) -> None:
    key = await town.sari.sends_photo(b"MZ this is a program and no photo")
    await town.sari.types(SLOW)
    await town.sari.chooses("send")
    (row,) = town.rows(Attachment, id=key)
    assert row.state == "refused"
    assert town.budi.shown[-1].files == ()
    assert SLOW in town.budi.page


async def test_a_photo_added_later_reaches_the_case(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.replies_to(ticket.number, "Ini fotonya", photo=photo())
    town.budi.sees("Ini fotonya")
    await town.budi.types(f"/tiket {ticket.number}")
    assert len(town.budi.shown[-1].files) == 1
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    assert town.sari.page_name == "citizen/case"


async def test_a_photo_of_an_accusation_stays_with_the_inspectorate(town: Town) -> None:
    key = await town.sari.sends_photo(photo())
    await town.sari.types(PUNGLI)
    await town.sari.chooses("send")
    assert len(town.officer("PETUGAS-INSPEKTORAT").shown[-1].files) == 1
    assert [row.address_id for row in town.rows(Attachment, id=key)] == [None]
    town.budi.saw_nothing()


async def test_an_anonymous_photo_leads_to_nobody(town: Town) -> None:
    key = await town.sari.sends_photo(photo())
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses("anonymous")
    await town.sari.chooses("send")
    (row,) = town.rows(Attachment, id=key)
    assert (row.ticket_id, row.address_id) == (town.ticket().id, None)


async def test_a_draft_thrown_away_takes_its_photos_along(town: Town) -> None:
    key = await town.sari.sends_photo(photo())
    await town.sari.types(SLOW)
    await town.sari.types("/batal")
    await town.sari.chooses("discard")
    (row,) = town.rows(Attachment, id=key)
    assert (row.state, row.address_id, row.ticket_id) == ("discarded", None, None)


async def test_a_document_is_read_by_the_officer_as_a_picture_of_its_pages(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.sends_photo(document())
    await town.sari.chooses("send")
    (file,) = town.budi.shown[-1].files
    assert (file.name, file.mime) == ("foto-1.jpg", "image/jpeg")
    assert b"Wijaya" not in file.data
    assert Image.open(io.BytesIO(file.data)).height > 2000


async def test_a_document_that_can_not_be_read_is_said_and_the_words_are_kept(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.sends_photo(document(9))
    assert town.sari.find("PDF")
    await town.sari.chooses("send")
    town.budi.sees(SLOW)


@pytest.mark.parametrize("count", [1, 2])
@WITH_EDITS
async def test_a_card_that_was_tapped_keeps_its_photos_and_shows_them_once(town: Town, count: int) -> None:
    for colour in ("red", "blue")[:count]:
        await town.sari.sends_photo(photo(colour))
    await town.sari.types(SLOW)
    await town.sari.chooses("send")
    before = town.budi.shown[-1]
    await town.budi.chooses("take")
    after = town.budi.shown[-1]
    assert after.edits == before.key
    assert after.files == before.files
    assert len(after.files) == count
