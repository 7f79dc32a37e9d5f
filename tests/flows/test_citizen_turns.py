"""What a citizen may press and write, decided from a picture of the case alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.vocabulary import Outcome, State
from handlers.flows.cases import Case, PinTry, Summary
from handlers.flows.citizen.held import GOOD_FOR, Held, case_choices, own
from handlers.flows.effects import AcceptTicket, AddToTicket, RateTicket, ReopenTicket, WithdrawTicket
from handlers.flows.needs import CaseByPin, MyCase, MyCases, OpenedCase
from handlers.messages import Choice, Draft, Memory, Need
from tests.flows import talk as talking
from tests.flows.talk import Talk
from tests.flows.test_staff_turns import RECEIVED, TICKET, a_case

STORY = "KTP saya sudah tiga minggu belum jadi di capil"
IN_HAND = [State.RECEIVED, State.ROUTED, State.ACCEPTED, State.IN_PROGRESS, State.REOPENED]
OWN_PAGE = {
    **{state: ["add", "withdraw", "lock", "new_pin"] for state in IN_HAND},
    State.WAITING_CITIZEN: ["reply", "withdraw", "lock", "new_pin"],
    State.RESOLVED: ["add", "not_done", "done", "withdraw", "lock", "new_pin"],
    State.CLOSED: ["add", "not_done", "rate", "lock", "new_pin"],
    State.REFERRED: ["add", "lock", "new_pin"],
    State.REJECTED: ["add", "lock", "new_pin"],
    State.WITHDRAWN: ["lock", "new_pin"],
    State.MERGED: ["lock", "new_pin"],
}


def citizen(*cases: Case) -> Talk:
    """A conversation whose citizen has these cases; a PIN opens the first."""

    def known(need: Need[Any]) -> Any:
        match need:
            case MyCases():
                return tuple(_line(case) for case in cases)
            case MyCase(ticket=key) | OpenedCase(ticket=key):
                return next((case for case in cases if case.view.id == key), None)
            case CaseByPin():
                return PinTry(cases[0], cases[0].view.id)
        return talking.nothing_known(need)

    return Talk(known=known, first=False)


def _line(case: Case) -> Summary:
    view = case.view
    return Summary(view.id, case.number, view.state, view.kind, view.unit, None, None, RECEIVED, case.locked)


def _codes(held: Held) -> list[str]:
    return [choice.code for choice in case_choices(held)]


@pytest.mark.parametrize("state", list(State))
def test_the_page_of_an_own_case_offers_what_its_state_allows(state: State) -> None:
    assert _codes(own(a_case(state))) == OWN_PAGE[state]


def test_a_lapsed_case_is_answered_and_one_taken_back_is_not() -> None:
    assert _codes(own(a_case(State.WITHDRAWN, outcome=Outcome.LAPSED)))[0] == "reply"
    assert "reply" not in _codes(own(a_case(State.WITHDRAWN, outcome=Outcome.CITIZEN)))


def test_a_case_without_an_address_can_be_acted_on_but_not_locked() -> None:
    held = Held(a_case(State.RESOLVED, reaches=False), ("pin", "x"))
    assert _codes(held) == ["add", "not_done", "done", "withdraw"]


def test_a_pin_gives_no_new_pin_and_unlocks_only_what_is_locked() -> None:
    assert _codes(Held(a_case(), ("pin", "x")))[-1] == "lock"
    assert _codes(Held(a_case(locked=True), ("pin", "x")))[-1] == "unlock"


def test_choices_of_a_case_that_its_pin_opened_do_not_name_it() -> None:
    talk = citizen(a_case(reaches=False))
    talk.types("/status TGP-26-7K3QD8 123456")
    assert talk.page == "citizen/case"
    assert talk.replies[-1].ticket is None
    assert all(str(TICKET) not in choice.args for choice in talk.replies[-1].choices)


def test_a_pin_is_good_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = citizen(a_case(reaches=False))
    talk.types("/status TGP-26-7K3QD8 123456")
    page = talk.replies[-1]
    monkeypatch.setattr(talking, "NOW", talking.NOW + GOOD_FOR - timedelta(seconds=1))
    talk.presses("add", on=page)
    assert talk.page == "citizen/reply_now"
    monkeypatch.setattr(talking, "NOW", talking.NOW + timedelta(seconds=1))
    talk.presses("add", on=page)
    assert talk.page == "citizen/not_found"


def test_words_after_the_pin_has_run_out_are_kept_as_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = citizen(a_case(reaches=False))
    talk.types("/status TGP-26-7K3QD8 123456")
    talk.presses("add")
    monkeypatch.setattr(talking, "NOW", talking.NOW + GOOD_FOR)
    talk.types(STORY)
    assert not [effect for effect in talk.effects if isinstance(effect, AddToTicket)]
    assert talk.memory.draft is not None
    assert talk.memory.draft.story == STORY


def test_a_locked_case_answers_every_choice_with_its_number_alone() -> None:
    talk = citizen(a_case(State.RESOLVED, locked=True))
    for code in ("details", "reply", "add", "done", "not_done", "rate", "rate_1", "withdraw", "withdraw_now", "lock"):
        talk.choose(Choice(code, (str(TICKET),)))
        assert talk.page == "citizen/locked", code
        assert dict(talk.replies[-1].facts) == {"number": "TGP-26-7K3QD8"}
    assert not talk.effects


@pytest.mark.parametrize(
    ("code", "state", "effect"),
    [
        ("done", State.RESOLVED, AcceptTicket),
        ("not_done", State.RESOLVED, ReopenTicket),
        ("not_done", State.CLOSED, ReopenTicket),
        ("rate_4", State.CLOSED, RateTicket),
        ("withdraw_now", State.IN_PROGRESS, WithdrawTicket),
    ],
)
def test_a_verdict_does_one_thing_in_its_state(code: str, state: State, effect: type) -> None:
    talk = citizen(a_case(state))
    talk.choose(Choice(code, (str(TICKET),)))
    assert [type(one) for one in talk.effects] == [effect]


@pytest.mark.parametrize("code", ["done", "not_done", "rate", "rate_1", "withdraw", "withdraw_now"])
def test_a_verdict_that_comes_too_late_shows_how_things_stand(code: str) -> None:
    talk = citizen(a_case(State.MERGED))
    talk.choose(Choice(code, (str(TICKET),)))
    assert talk.page == "citizen/case"
    assert not talk.effects


def test_taking_back_has_the_safe_choice_first() -> None:
    talk = citizen(a_case())
    talk.choose(Choice("withdraw", (str(TICKET),)))
    assert talk.codes == ["keep", "withdraw_now"]


def test_a_rating_is_offered_from_bad_to_very_good() -> None:
    talk = citizen(a_case(State.CLOSED))
    talk.choose(Choice("rate", (str(TICKET),)))
    assert talk.codes == ["rate_1", "rate_2", "rate_3", "rate_4"]


def test_words_while_an_office_waits_keep_their_photos_whichever_case_is_chosen() -> None:
    talk = citizen(a_case(State.WAITING_CITIZEN))
    talk.types("Ini buktinya, pak", media=(5,))
    assert talk.page == "citizen/which_case"
    talk.presses("add_to")
    (added,) = talk.effects
    assert added == AddToTicket(TICKET, "Ini buktinya, pak", (5,))
    assert talk.memory.draft is None


def test_an_old_button_of_which_case_is_meant_adds_nothing() -> None:
    talk = citizen(a_case(State.WAITING_CITIZEN))
    talk.types("Ini buktinya, pak", media=(5,))
    old = talk.replies[-1]
    talk.types("", media=(6,))
    talk.presses("add_to", on=old)
    assert not talk.effects


def test_without_a_question_nobody_is_asked_which_case_is_meant() -> None:
    talk = citizen(a_case(State.IN_PROGRESS))
    talk.types(STORY)
    assert talk.page == "citizen/confirm"
    assert {"same_case", "add_to_old"} <= set(talk.codes)
    assert talk.codes[0] == "send"


def test_a_page_never_offers_more_than_ten_choices() -> None:
    talk = citizen(*[a_case(State.WAITING_CITIZEN) for _ in range(10)])
    talk.types("Ini buktinya, pak")
    assert len(talk.codes) <= 10
    talk = citizen(a_case())
    talk.types("Berapa biaya bikin KTP di capil?")
    assert {"other_office", "as_complaint", "add_to_old"} <= set(talk.codes)
    assert len(talk.codes) <= 10


def test_a_story_with_an_identity_of_its_own_is_not_offered_to_join_a_case() -> None:
    talk = citizen(a_case())
    talk.types(STORY)
    old = talk.replies[-1]
    talk.presses("identity")
    talk.presses("anonymous")
    assert not {"same_case", "add_to_old"} & set(talk.codes)
    talk.presses("add_to_old", on=old)
    talk.presses("same_case", on=old)
    assert talk.page == "citizen/confirm"


@pytest.mark.parametrize(
    "state",
    ["idle", "confirm", "identity", "name", "office", "place", "rewrite", "which", "gone", "danger", "elsewhere"],
)
@pytest.mark.parametrize("words", [STORY, "TGP-26-7K3QD8 sudah saya kirim", "Petugas capil minta uang 50 ribu", ""])
@pytest.mark.parametrize("quoted", [None, 12])
@pytest.mark.parametrize("case", [State.WAITING_CITIZEN, State.IN_PROGRESS])
def test_whatever_is_asked_words_are_answered_within_three_hops(
    state: str, words: str, quoted: int | None, case: State
) -> None:
    talk = citizen(a_case(case))
    draft = Draft(story=STORY)
    talk.memory = Memory(state=state, draft=None if state == "idle" else draft)
    talk.types(words, media=(5,), quoted=quoted)
    assert talk.replies or talk.effects


@pytest.mark.parametrize("words", [STORY, "Petugas capil minta uang 50 ribu", ""])
@pytest.mark.parametrize("state", ["replying", "replied"])
@pytest.mark.parametrize("quoted", [None, 12, TICKET])
def test_words_for_a_case_are_answered_within_three_hops(state: str, words: str, quoted: int | None) -> None:
    talk = citizen(a_case(State.WAITING_CITIZEN))
    for draft in (None, Draft(story=STORY)):
        for key in ((str(TICKET),), ("pin", "gone")):
            talk.memory = Memory(state=state, draft=draft, held=key, text=talking.NOW.isoformat())
            before = len(talk.replies) + len(talk.effects)
            talk.types(words, media=(5,), quoted=quoted)
            assert len(talk.replies) + len(talk.effects) > before
