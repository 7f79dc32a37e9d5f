"""Which question comes for which story: only what is missing, two at most, and the first choice leads on."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.vocabulary import Identity
from handlers.flows.effects import OpenTicket, ReferTicket
from handlers.messages import Choice
from tests.flows.talk import Talk
from tests.kit.town import siantar

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
#: What leads on; on these pages alone the safe choice stands first instead.
FORWARD = {"send", "office", "skip", "unknown", "continue", "emergency_yes", "body"}
#: Where a story is ready: for us, or for a body outside.
READY = {"citizen/confirm", "citizen/elsewhere"}
ACCUSATION = "Petugas capil minta uang 50 ribu"


@pytest.mark.parametrize(
    ("story", "page"),
    [
        ("KTP saya sudah tiga minggu belum jadi di capil", "citizen/confirm"),
        ("Surat kartu keluarga dan akta lahir di capil", "citizen/confirm"),
        ("Sampah menumpuk di pinggir jalan, tidak diangkut", "citizen/place"),
        ("Sampah menumpuk di pinggir jalan, sudah lama tidak diangkut", "citizen/place"),
        ("Sampah menumpuk di Kelurahan Tomuan, bau sekali", "citizen/confirm"),
        ("Lampu jalan mati dekat rumah saya", "citizen/place"),
        ("Petugas capil minta uang 50 ribu supaya KTP saya cepat jadi", "citizen/confirm"),
        ("Perawat di puskesmas membentak saya", "citizen/office"),
        ("Petugas Puskesmas Raya membentak saya", "citizen/confirm"),
        ("Sudah beberapa kali saya menunggu di sana tetapi tidak ada yang menjawab", "citizen/confirm"),
        ("Tolong diperiksa, saya tidak tahu harus ke mana lagi mengadu", "citizen/confirm"),
    ],
)
def test_only_what_is_missing_is_asked(story: str, page: str) -> None:
    talk = Talk()
    talk.types(story)
    assert talk.page == page


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("halo", "citizen/welcome"),
        ("Horas!", "citizen/welcome"),
        ("terima kasih 🙏", "citizen/thanks"),
        ("?", "citizen/welcome"),
        ("/start", "citizen/welcome"),
        ("/lapor", "citizen/welcome"),
        ("/MENU", "citizen/menu"),
        ("/menu@TanggapBot", "citizen/menu"),
        ("/apa saja", "citizen/menu"),
        ("/status", "citizen/no_cases"),
        ("/status TGP-26-7K3QD8", "citizen/not_found"),
        ("/", "citizen/welcome"),
    ],
)
def test_what_is_no_story_is_not_made_one(text: str, page: str) -> None:
    talk = Talk()
    talk.types(text)
    assert talk.page == page
    assert talk.memory.draft is None
    assert not talk.effects


def test_every_matter_is_sent_after_two_questions_at_most() -> None:
    for matter in siantar().matters.values():
        for keyword in matter.keywords[: None if SOAK else 5]:
            talk = Talk()
            talk.types(f"Mohon perhatian, {keyword} di tempat kami bermasalah")
            questions = []
            while talk.page not in READY:
                questions.append(talk.page)
                assert len(questions) <= 2, f"{keyword}: {questions}"
                assert talk.codes[0] in FORWARD, talk.replies[-1]
                talk.presses(talk.codes[0])
            assert len(set(questions)) == len(questions), f"{keyword}: {questions}"
            talk.presses(talk.codes[0])
            assert [type(effect) for effect in talk.effects] in ([OpenTicket], [ReferTicket]), keyword


def test_a_question_can_always_be_skipped() -> None:
    talk = Talk()
    talk.types("Perawat di puskesmas membentak saya")
    assert talk.codes[-1] == "unknown"
    talk.presses("unknown")
    assert talk.page == "citizen/confirm"
    talk = Talk()
    talk.types("Lampu jalan mati dekat rumah saya")
    talk.presses("skip")
    assert talk.page == "citizen/confirm"


def test_the_first_choice_sends_except_where_it_would_reveal_or_delete() -> None:
    talk = Talk()
    talk.types(ACCUSATION)
    assert talk.codes[0] == "send"
    talk.presses("identity")
    assert talk.codes[0] == "confidential"
    talk.presses("anonymous")
    talk.presses("identity")
    assert talk.codes[0] == "anonymous"
    talk.types("/batal")
    assert talk.codes == ["continue", "discard"]


@pytest.mark.parametrize(
    ("story", "identity"),
    [
        ("KTP saya belum jadi di capil", Identity.OPEN),
        (ACCUSATION, Identity.CONFIDENTIAL),
        ("Petugas Puskesmas Raya membentak saya", Identity.CONFIDENTIAL),
        ("Oknum di kantor itu pilih pilih orang, mohon diperiksa", Identity.CONFIDENTIAL),
    ],
)
def test_how_the_citizen_appears_unless_they_say_otherwise(story: str, identity: Identity) -> None:
    talk = Talk()
    talk.types(story)
    assert talk.replies[-1].facts["identity"] == identity
    talk.presses("send")
    (effect,) = talk.effects
    assert isinstance(effect, OpenTicket)
    assert effect.route.identity == identity


def test_an_identity_once_chosen_is_kept_when_the_story_becomes_an_accusation() -> None:
    talk = Talk()
    talk.types("KTP saya belum jadi di capil")
    talk.presses("identity")
    talk.presses("anonymous")
    talk.types("Petugasnya minta uang 50 ribu")
    assert talk.replies[-1].facts["identity"] == Identity.ANONYMOUS
    assert talk.replies[-1].facts["oversight"] is True


def test_an_office_typed_by_name_is_chosen() -> None:
    talk = Talk()
    talk.types("Perawat di puskesmas membentak saya")
    talk.types("puskesmas raya")
    assert talk.memory.draft is not None
    assert talk.memory.draft.unit == "PKM-RAYA"
    assert "raya" not in talk.memory.draft.story
    assert talk.replies[-1].facts["kept_from"] == "Puskesmas Raya"


@pytest.mark.parametrize("typed", [ACCUSATION, "di capil, petugasnya minta uang", "petugas capil kasar"])
def test_an_accusation_typed_at_the_question_for_the_office_is_heard(typed: str) -> None:
    talk = Talk()
    talk.types("Pelayanan di sana lambat, KTP saya dan sampah di depan rumah belum beres")
    assert talk.page == "citizen/office"
    talk.types(typed)
    assert talk.memory.draft is not None
    assert typed in talk.memory.draft.story
    assert talk.replies[-1].facts["kept_from"] == siantar().units["DISDUKCAPIL"].name


@pytest.mark.parametrize(
    "typed", ["Jalan Kartini, petugasnya minta uang 20 ribu", "depan kantor, petugasnya membentak saya"]
)
def test_an_accusation_typed_at_the_question_for_the_place_is_heard(typed: str) -> None:
    talk = Talk()
    talk.types("Sampah menumpuk di pinggir jalan, tidak diangkut")
    assert talk.page == "citizen/place"
    talk.types(typed)
    assert talk.replies[-1].facts["kept_from"] == siantar().units["DLH"].name


def test_an_accusation_typed_at_the_question_for_the_name_is_no_name() -> None:
    talk = Talk()
    talk.types("KTP saya belum jadi di capil")
    talk.presses("identity")
    talk.presses("call_name")
    talk.types("Petugasnya minta uang 50 ribu")
    assert talk.name is None
    assert talk.replies[-1].facts["oversight"] is True


def test_an_old_choice_never_acts() -> None:
    talk = Talk()
    talk.types("KTP saya belum jadi di capil")
    old = talk.replies[-1]
    talk.types("Sudah dua bulan")
    before = talk.memory
    for choice in old.choices:
        talk.presses(choice.code, on=old)
        if choice.code == "cancel":
            talk.presses("continue")
        assert not talk.effects, choice
        assert talk.memory.draft is not None
        assert talk.memory.draft.story == before.draft.story if before.draft else False


def test_a_choice_that_no_turn_knows_is_answered_as_stale() -> None:
    talk = Talk()
    talk.choose(Choice("apa_saja", ("1",)))
    assert talk.page == "citizen/stale"


WORDS = (
    "KTP saya belum jadi di capil",
    "Lampu jalan mati dekat rumah saya",
    ACCUSATION,
    "Perawat di puskesmas membentak saya",
    "Sudah dua bulan begini terus tanpa kabar",
    "Jalan Kartini nomor dua belas",
    "puskesmas raya",
    "halo",
    "terima kasih",
    "/batal",
    "/lapor",
    "/menu",
    "/bahasa",
    "/status",
    "",
)
MOVES = st.lists(st.one_of(st.sampled_from(WORDS), st.integers(0, 5)), max_size=14)


@settings(max_examples=2000 if SOAK else 60, deadline=None)
@given(MOVES)
def test_no_order_of_words_and_taps_breaks_the_conversation(moves: list[str | int]) -> None:
    talk = Talk()
    for move in moves:
        before = len(talk.replies) + len(talk.effects)
        if isinstance(move, str):
            talk.types(move, media=() if move else (before,))
        elif talk.replies and talk.replies[-1].choices:
            choices = talk.replies[-1].choices
            talk.choose(choices[move % len(choices)])
        else:
            continue
        assert len(talk.replies) + len(talk.effects) > before, f"{move!r} was answered with silence"
        assert len(talk.replies[-1].choices) <= 10
        if talk.memory.state in ("office", "place", "confirm", "identity", "name", "rewrite"):
            assert talk.memory.draft is not None


@settings(max_examples=2000 if SOAK else 60, deadline=None)
@given(st.lists(st.sampled_from([word for word in WORDS if word and not word.startswith("/")]), max_size=6))
def test_every_word_typed_before_sending_goes_along(typed: list[str]) -> None:
    talk = Talk()
    for text in typed:
        talk.types(text)
    draft = talk.memory.draft
    if draft is None:
        assert set(typed) <= {"halo", "terima kasih", "puskesmas raya"}
        return
    for text in typed:
        kept = (draft.story, draft.place or "", siantar().units[draft.unit].name.lower() if draft.unit else "")
        assert any(text in part for part in kept) or text in ("halo", "terima kasih"), text
