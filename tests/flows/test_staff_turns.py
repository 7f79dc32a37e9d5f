"""What staff may press, and what an old or a foreign button does: decided from a picture of the case alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.vocabulary import Actor, Desk, Exclusions, Held, Identity, Kind, Role, State, TicketView
from handlers.flows import TURNS
from handlers.flows.cases import Case, Contribution, Staff
from handlers.flows.effects import AnswerTicket, FinishTicket, ForwardTicket, TakeTicket
from handlers.flows.needs import StaffCase, StaffCaseByNumber, StaffMember
from handlers.flows.staff.card import MOST_CHOICES, card_choices
from handlers.messages import Choice, Memory, Need
from storage.ids import to_text
from tests.flows.talk import PERSON, Talk, nothing_known
from tests.kit.town import siantar

TICKET, VERSION = 11, 3
RECEIVED = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
POSTS = {
    "officer": Held("PETUGAS-DISDUKCAPIL", "DISDUKCAPIL", Role.OFFICER),
    "head": Held("KEPALA-DISDUKCAPIL", "DISDUKCAPIL", Role.HEAD),
    "above": Held("SEKDA", "SETDA", Role.SUPERVISOR),
}


def a_case(state: State = State.ROUTED, **changes: Any) -> Case:
    view = TicketView(
        id=TICKET,
        kind=changes.pop("kind", Kind.COMPLAINT),
        state=state,
        identity=Identity.OPEN,
        unit=changes.pop("unit", "DISDUKCAPIL"),
        desk=Desk.OFFICERS,
        reporter=99,
        exclusions=changes.pop("exclusions", Exclusions()),
        above=frozenset({"SETDA", "WALIKOTA"}),
    )
    picture: dict[str, Any] = {
        "view": view,
        "number": "TGP-26-7K3QD8",
        "version": VERSION,
        "matter": "identity_card",
        "reported": None,
        "taken_by": None,
        "taken_by_me": False,
        "name": None,
        "received_at": RECEIVED,
        "binding_by": RECEIVED,
        "first_response_by": RECEIVED,
        "provisional": False,
        "thread": (Contribution("citizen", "story", "KTP saya belum jadi", RECEIVED),),
        "photos": (),
    }
    return Case(**{**picture, "reaches": True, **changes})


def officer(case: Case | None, *held: Held) -> Talk:
    """A staff conversation in which the case can be found (None: it can't, or not by this person)."""
    actor = Actor(person=PERSON, held=held or (POSTS["officer"],))

    def known(need: Need[Any]) -> Any:
        if isinstance(need, StaffMember):
            return Staff(actor, tuple(post.post for post in actor.held))
        if isinstance(need, (StaffCase, StaffCaseByNumber)):
            return case
        return nothing_known(need)

    return Talk(account="staff", known=known)


ON_DESK = ["answer", "ask_citizen", "forward", "not_ours", "postpone", "finish", "remind", "note"]


@pytest.mark.parametrize(
    ("state", "choices"),
    [
        (State.RECEIVED, ["take", *ON_DESK]),
        (State.ROUTED, ["take", *ON_DESK]),
        (State.ACCEPTED, ON_DESK),
        (State.IN_PROGRESS, ON_DESK),
        (State.REOPENED, ["take", *ON_DESK]),
        (State.WAITING_CITIZEN, [code for code in ON_DESK if code not in ("postpone", "remind")]),
        (State.RESOLVED, ["note"]),
        (State.CLOSED, []),
        (State.WITHDRAWN, []),
        (State.MERGED, []),
        (State.REJECTED, []),
        (State.REFERRED, []),
    ],
)
@pytest.mark.parametrize("who", ["officer", "head"])
def test_a_card_offers_what_its_state_allows(state: State, choices: list[str], who: str) -> None:
    talk = officer(a_case(state), POSTS[who])
    talk.types("/tiket TGP-26-7K3QD8")
    assert talk.page == "officer/card"
    assert talk.codes == [code for code in choices if code != "remind" or who == "head"]


def test_who_only_watches_may_read_and_move_it_to_another_desk_but_never_speak() -> None:
    talk = officer(a_case(), POSTS["above"])
    talk.types("/tiket TGP-26-7K3QD8")
    assert talk.page == "officer/card"
    assert talk.codes == ["forward", "remind", "ask_why", "first", "note"]


def test_who_is_asked_why_explains_in_the_place_of_a_note_so_that_ten_choices_stay_enough() -> None:
    asked = a_case(explain_by=RECEIVED)
    for who, code in (("officer", "explain"), ("head", "explain"), ("above", "note")):
        talk = officer(asked, POSTS[who])
        talk.types("/tiket TGP-26-7K3QD8")
        assert {"explain", "note"} & set(talk.codes) == {code}
        assert len(talk.codes) < 10, "one more is there to take a tap back"


def test_a_case_that_goes_first_offers_to_go_first_no_longer() -> None:
    talk = officer(a_case(high=True), POSTS["above"])
    talk.types("/tiket TGP-26-7K3QD8")
    assert "not_first" in talk.codes
    assert "first" not in talk.codes


def test_an_accusation_offers_no_forwarding() -> None:
    inspector = Held("PETUGAS-INSPEKTORAT", "INSPEKTORAT", Role.INSPECTOR)
    talk = officer(a_case(kind=Kind.OVERSIGHT, unit="INSPEKTORAT"), inspector)
    talk.types("/tiket TGP-26-7K3QD8")
    assert "forward" not in talk.codes


def test_forwarding_proposes_no_office_that_is_kept_out() -> None:
    talk = officer(a_case(unit="DLH", exclusions=Exclusions(units=frozenset({"DISDUKCAPIL"}))), _held("DLH"))
    talk.types("/tiket TGP-26-7K3QD8")
    talk.presses("forward")
    assert talk.codes == ["cancel"]
    talk = officer(a_case(unit="DLH"), _held("DLH"))
    talk.types("/tiket TGP-26-7K3QD8")
    talk.presses("forward")
    assert [choice.args[-1] for choice in talk.replies[-1].choices[:-1]] == ["DISDUKCAPIL"]


def test_the_four_acts_carry_the_version_that_was_looked_at() -> None:
    for press, typed, effect in (
        ("take", None, TakeTicket(TICKET, VERSION)),
        ("answer", "Sudah jadi.", AnswerTicket(TICKET, VERSION, "Sudah jadi.")),
        ("finish", "Sudah diambil.", FinishTicket(TICKET, VERSION, "Sudah diambil.")),
        ("forward", "dishub", ForwardTicket(TICKET, VERSION, "DISHUB")),
    ):
        talk = officer(a_case())
        talk.types("/tiket TGP-26-7K3QD8")
        talk.presses(press)
        if typed:
            assert not talk.effects, "nothing is done before the words are there"
            talk.types(typed)
        if press == "answer":
            assert not talk.effects, "nothing goes before it was looked at"
            talk.presses("send")
        assert talk.effects == [effect]


@pytest.mark.parametrize("code", ["take", "answer", "forward", "finish", "forward_to"])
def test_a_button_of_an_older_version_shows_the_present_card(code: str) -> None:
    talk = officer(a_case())
    talk.choose(Choice(code, (str(TICKET), "DISHUB")), TICKET, VERSION - 1)
    assert talk.page == "officer/card"
    assert talk.replies[-1].facts["note"] == "stale"
    assert not talk.effects
    assert talk.memory.state == "idle"


@pytest.mark.parametrize(
    "code", ["take", "answer", "forward", "finish", "forward_to", "details", "send", "edit", "unheard_of"]
)
def test_a_case_that_may_not_be_read_is_not_found_whatever_is_pressed(code: str) -> None:
    talk = officer(None)
    talk.choose(Choice(code, (str(TICKET), "DISHUB")), TICKET, VERSION)
    assert talk.page == "officer/not_found"
    assert talk.replies[-1].facts == {}
    assert not talk.effects


def _meet(talk: Talk, kind: str, word: str) -> None:
    """Say what leads to a turn."""
    match kind:
        case "command":
            talk.types(f"/{word} TGP-26-7K3QD8")
        case "linked":
            talk.types(f"/start c-{to_text(TICKET)}")
        case "choice" | "stale":
            talk.choose(Choice(word or "unheard_of", (str(TICKET), "DISHUB")), TICKET, VERSION)
        case "quoted":
            talk.types("Sudah jadi.", quoted=TICKET)
        case "edited":
            talk.sends(text="Sudah", edited=True)
        case "odd":
            talk.sends(odd="sticker")
        case "place":
            talk.sends(place="2.95950, 99.06870")
        case "text":
            talk.memory = talk.memory.__class__(state=word, ticket=TICKET, version=VERSION, text="Sudah jadi.")
            talk.types("Sudah jadi.")


def test_whoever_holds_no_post_is_a_stranger_in_every_turn() -> None:
    names = sorted(name for name in TURNS if name.startswith("staff."))
    assert names
    free = {"staff.command.start", "staff.command.bahasa", "staff.choice.language_id", "staff.choice.language_en"}
    for name in names:
        if name in free:
            continue
        kind, _, word = name.removeprefix("staff.").partition(".")
        talk = Talk(account="staff", known=lambda need: Staff(Actor(person=PERSON), ()) if _asks_who(need) else None)
        _meet(talk, kind, word)
        assert [reply.page for reply in talk.replies] == ["officer/stranger"], name
        assert not talk.effects


@pytest.mark.parametrize("text", ["/grup", "/grup stop", "/start", "/kotak", "/start c-1", "1", "Sudah jadi.", ""])
def test_in_a_group_whoever_holds_no_post_gets_no_word(text: str) -> None:
    talk = Talk(account="staff", known=lambda need: Staff(Actor(person=PERSON), ()) if _asks_who(need) else None)
    step = talk.says_in_group(text, quoted=TICKET)
    assert not step.replies
    assert not step.effects
    assert step.memory == Memory()


@pytest.mark.parametrize("word", sorted(name.rpartition(".")[2] for name in TURNS if ".command." in name))
@pytest.mark.parametrize("account", ["citizen", "staff"])
def test_of_all_commands_a_group_knows_one(account: str, word: str) -> None:
    talk = officer(a_case())
    talk.account = account
    step = talk.says_in_group(f"/{word}", quoted=None)
    assert bool(step.effects) == (account == "staff" and word == "grup")
    assert not step.replies


def test_an_edited_command_in_a_group_does_nothing() -> None:
    step = officer(a_case()).says_in_group("/grup", quoted=None, edited=True)
    assert not step.effects


def test_an_answer_without_words_is_asked_for_again() -> None:
    for press in ("answer", "finish"):
        talk = officer(a_case())
        talk.types("/tiket TGP-26-7K3QD8")
        talk.presses(press)
        talk.types("   ")
        assert talk.page == "officer/text_please"
        assert not talk.effects


def test_leaving_forgets_the_words() -> None:
    talk = officer(a_case())
    talk.types("/tiket TGP-26-7K3QD8")
    talk.presses("answer")
    talk.types("Sudah jadi.")
    confirmation = talk.replies[-1]
    talk.types("/batal")
    assert talk.memory.text == ""
    talk.presses("send", on=confirmation)
    assert not talk.effects


def _held(unit: str) -> Held:
    return Held(f"PETUGAS-{unit}", unit, Role.OFFICER)


def _asks_who(need: Need[Any]) -> bool:
    return isinstance(need, StaffMember)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("high", [True, False])
def test_no_card_has_more_than_ten_choices_however_many_posts_its_reader_holds(state: State, high: bool) -> None:
    actor = Actor(PERSON, tuple(POSTS.values()))
    case = a_case(state, high=high, to_know=(5,), explain_by=RECEIVED)
    assert len(card_choices(case, actor, siantar())) <= MOST_CHOICES
