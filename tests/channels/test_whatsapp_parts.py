"""A page becomes as few messages as can be, within Meta's limits, and nothing of it is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Button, File, Outgoing, Template
from bot.channels.characters import whole
from bot.channels.splitting import units
from bot.channels.whatsapp_parts import OPENER, Part, has_a_wrong_button, media_of, message_of, parts_of, split_plain
from tests.kit.sample_facts import SAMPLES
from tests.pages.test_pages import LANGUAGES, show

PICTURE = File("foto-1.jpg", "image/jpeg", b"\xff\xd8")
SOUND = File("suara-1.ogg", "audio/ogg", b"OggS")
CHART = File("rekap.png", "image/png", b"\x89PNG", "Gambar: 3 terlambat.")
PAPER = File("surat-1.pdf", "application/pdf", b"%PDF")
FILM = File("video-1.mp4", "video/mp4", b"ftyp")


def buttons(*labels: str) -> tuple[Button, ...]:
    return tuple(Button(label, f"3XZ.{n}") for n, label in enumerate(labels, start=1))


def page(text: str = "Halo", *labels: str, files: tuple[File, ...] = (), **more: Any) -> Outgoing:
    return Outgoing("3XZ", "citizen", "ID.1", text, buttons(*labels), files, **more)


def kinds(outgoing: Outgoing) -> list[str]:
    return [part.kind for part in parts_of(outgoing)]


def only(outgoing: Outgoing) -> dict[str, Any]:
    """The content of the one message that a page is."""
    (part,) = parts_of(outgoing)
    return message_of(part, media="77", opener=outgoing.opener)[1]


SEVEN = ("Ambil", "Jawab", "Tanya warga", "Teruskan", "Bukan wewenang", "Tunda", "Selesai")
PAGES: dict[str, tuple[Outgoing, list[str]]] = {
    "words": (page(), ["text"]),
    "many words": (page("kata " * 1_000), ["text", "text"]),
    "three short choices": (page("Halo", "Ya", "Tidak", "Batal"), ["buttons"]),
    "a longer label": (page("Halo", "Ya", "Ini label yang agak panjang"), ["list"]),
    "four choices": (page("Halo", *SEVEN[:4]), ["list"]),
    "ten choices": (page("Halo", *map(str, range(10))), ["list"]),
    "eleven choices": (page("Halo", *map(str, range(11))), ["text"]),
    "two that look alike": (page("Halo", "Ya", "Ya"), ["text"]),
    "one without a label": (page("Halo", "Ya", " "), ["text"]),
    "a label that fits nowhere": (page("Halo", "x" * 73), ["text"]),
    "a long text with choices": (page("kata " * 300, "Ya", "Tidak"), ["text"]),
    "choices alone": (page("", "Ya", "Tidak"), ["text"]),
    "nothing": (page(" \n"), []),
    "a picture": (page(files=(PICTURE,)), ["image"]),
    "a picture over buttons": (page("Halo", "Ya", files=(PICTURE,)), ["buttons"]),
    "a picture over many choices": (page("Halo", *SEVEN, files=(PICTURE,)), ["image"]),
    "a picture and a long text": (page("kata " * 300, files=(PICTURE,)), ["image", "text"]),
    "two pictures": (page("Halo", "Ya", files=(PICTURE, PICTURE)), ["image", "buttons"]),
    "a film and a paper": (page(files=(FILM, PAPER)), ["video", "document"]),
    "a sound": (page(files=(SOUND,)), ["audio", "text"]),
    "a sound alone": (page("", files=(SOUND,)), ["audio"]),
    "a sound and a picture": (page(files=(PICTURE, SOUND)), ["audio", "image"]),
    "a picture alone": (page("", files=(PICTURE,)), ["image"]),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_few_messages_as_can_be(name: str) -> None:
    outgoing, expected = PAGES[name]
    assert kinds(outgoing) == expected


def test_what_cannot_stand_on_buttons_is_numbered_at_the_end() -> None:
    text = "kata " * 300
    assert only(page(text, "Ya", "Tidak"))["body"] == f"{text}\n\n1. Ya\n2. Tidak"
    assert only(page("Foto", *SEVEN, files=(PICTURE,)))["caption"].startswith("Foto\n\n1. Ambil\n2. Jawab")


def test_a_row_whose_title_was_cut_says_the_whole_below() -> None:
    label = "Dinas Kependudukan dan Pencatatan Sipil"
    rows = only(page("Halo", label, "Lainnya"))["action"]["sections"][0]["rows"]
    assert rows[0] == {"id": "3XZ.1", "title": "Dinas Kependudukan dan…", "description": label}
    assert rows[1] == {"id": "3XZ.2", "title": "Lainnya"}


def test_a_list_is_opened_by_the_pages_own_word() -> None:
    openers = ("Pilihan", "", "x" * 21)
    found = [only(page("Halo", *SEVEN, opener=word))["action"]["button"] for word in openers]
    assert found == ["Pilihan", OPENER, OPENER]


def test_a_file_is_what_whatsapp_can_show_else_a_document() -> None:
    large = File("foto-1.png", "image/png", bytes(5_000_001))
    assert [media_of(file) for file in (PICTURE, large, SOUND, FILM, PAPER)] == [
        "image",
        "document",
        "audio",
        "video",
        "document",
    ]
    assert only(page(files=(PAPER,))) == {"id": "77", "filename": "surat-1.pdf", "caption": "Halo"}
    assert only(page("", files=(SOUND,))) == {"id": "77", "voice": True}
    header = only(page("Halo", "Ya", files=(PAPER,)))["header"]
    assert header == {"type": "document", "document": {"id": "77", "filename": "surat-1.pdf"}}


def test_a_template_takes_the_place_of_the_page_and_no_gap_has_a_line_break() -> None:
    template = Template("kabar_laporan", "id", "utility", ("TGP-26-7K3QD8", "Sudah\n\tdijawab     ya", ""), ("3XZ.1",))
    (part,) = parts_of(page("Halo", "Ya", files=(PICTURE,), template=template))
    kind, content = message_of(part)
    assert (kind, content["name"], content["language"]) == ("template", "kabar_laporan", {"code": "id"})
    said, button = content["components"]
    assert [gap["text"] for gap in said["parameters"]] == ["TGP-26-7K3QD8", "Sudah dijawab ya", "-"]
    assert button["parameters"] == [{"type": "payload", "payload": "3XZ.1"}]
    assert (button["sub_type"], button["index"]) == ("quick_reply", "0")


def test_a_button_carries_neither_too_much_nor_what_another_one_does() -> None:
    assert not has_a_wrong_button(page("Halo", "Ya", "Tidak"))
    for data in (("",), ("x" * 201,), ("a", "a")):
        wrong = tuple(Button(str(n), one) for n, one in enumerate(data))
        assert has_a_wrong_button(Outgoing("3XZ", "citizen", "ID.1", "Halo", wrong))


# --- whatever the page


def within_limits(part: Part) -> None:
    """Meta's own numbers, written down a second time."""
    kind, content = message_of(part, media="77", opener="Pilihan")
    if kind == "text":
        assert content["body"].strip()
        assert units(content["body"]) <= 4096
    elif kind == "interactive":
        assert content["body"]["text"].strip()
        assert units(content["body"]["text"]) <= 1024
        within_limits_of_choices(content)
    elif kind == "audio":
        assert "caption" not in content
    else:
        assert units(content.get("caption", "")) <= 1024


def within_limits_of_choices(content: dict[str, Any]) -> None:
    action = content["action"]
    if content["type"] == "button":
        keys = [key["reply"] for key in action["buttons"]]
        assert 1 <= len(keys) <= 3
        assert content.get("header", {}).get("type") in (None, "image", "video", "document")
        longest = 20
    else:
        (section,) = action["sections"]
        keys = section["rows"]
        assert 1 <= len(keys) <= 10
        assert 1 <= units(action["button"]) <= 20
        assert "header" not in content
        longest = 24
    titles = [key["title"] for key in keys]
    assert all(1 <= units(title) <= longest and title == title.strip() for title in titles)
    assert all(units(key.get("description", "")) <= 72 and 1 <= len(key["id"]) <= 200 for key in keys)
    assert len(set(titles)) == len(titles)


def said_by(part: Part) -> str:
    """Everything that a message says, without the numbers before choices."""
    _, content = message_of(part, media="77")
    match part.kind:
        case "buttons":
            labels = [key["reply"]["title"] for key in content["action"]["buttons"]]
        case "list":
            rows = content["action"]["sections"][0]["rows"]
            labels = [row.get("description", row["title"]) for row in rows]
        case _:
            return str(content.get("body", content.get("caption", "")))
    return "\n".join((content["body"]["text"], *labels))


FILES = st.sampled_from((PICTURE, SOUND, PAPER, FILM))
TEXTS = st.one_of(
    st.text(max_size=200),
    st.builds(lambda piece, n: piece * n, st.text(min_size=1, max_size=12), st.integers(1, 900)),
)
LABELS = st.lists(st.one_of(st.text(max_size=30), st.text(min_size=60, max_size=90)), max_size=12)


@given(TEXTS, LABELS, st.lists(FILES, max_size=4))
def test_any_page_keeps_to_the_limits_and_says_everything(text: str, labels: list[str], files: list[File]) -> None:
    parts = parts_of(page(text, *labels, files=tuple(files)))
    for part in parts:
        within_limits(part)
    sent = [part.file for part in parts if part.file]
    assert sorted(sent, key=id) == sorted(files, key=id)
    spoken = re.sub(r"\s+", "", "".join(map(said_by, parts)))
    wanted = [whole(text), *(f"{n}.{label}" for n, label in enumerate(map(whole, labels), start=1))]
    bare = [whole(text), *map(whole, labels)]
    assert spoken in ["".join(re.sub(r"\s+", "", one) for one in way) for way in (wanted, bare)]


@given(TEXTS, st.integers(20, 200))
def test_a_plain_text_is_cut_and_never_changed(text: str, limit: int) -> None:
    pieces = split_plain(text, limit)
    assert "".join(pieces) == text
    assert all(units(piece) <= limit for piece in pieces)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_page_of_ours_fits(name: str, language: str) -> None:
    for sample in SAMPLES[name]:
        shown = show(name, sample, language)
        outgoing = page(shown.text, *shown.labels, opener=shown.opener)
        (part,) = parts_of(outgoing)
        within_limits(part)
        if part.kind == "list":
            assert message_of(part, opener=shown.opener)[1]["action"]["button"] == shown.opener


def test_a_picture_alone_says_what_it_shows_and_one_over_words_says_these() -> None:
    alone, _ = parts_of(page("kata " * 300, files=(CHART,)))
    assert message_of(alone, media="77") == ("image", {"id": "77", "caption": CHART.alt})
    assert only(page("Halo", files=(CHART,)))["caption"] == "Halo"
