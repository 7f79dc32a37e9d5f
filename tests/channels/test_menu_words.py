"""What Telegram shows by itself: within its limits in both languages, and only what the program really does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import handlers.flows  # noqa: F401  (registers every turn)
from bot.folders import find
from bot.menu_words import COMMANDS, EVERYBODY, FOR_GROUPS, FOR_STRANGERS, LANGUAGES, Menu, MenuWords, Spot, StaffChat
from domain.vocabulary import Role
from handlers.flows.turns import TURNS
from handlers.messages import CITIZEN, STAFF
from tests.kit.town import siantar

#: The citizens' commands of the outside contract; those that have no turn yet are not offered.
CONTRACT = {
    "start", "lapor", "status", "standar", "aspirasi", "tanya", "privasi", "dataku", "hapus", "bahasa", "bantuan",
    "batal", "menu",
}  # fmt: skip
#: Beside them: two chats become one citizen's, and part again.
BESIDE = {"gabung", "pisah"}
#: Typed by whoever likes, and answered as /bantuan is.
UNLISTED = {"menu"}
LIMITS = {"Description": 512, "ShortDescription": 120}
EVERY_LANGUAGE = (EVERYBODY, *LANGUAGES)
ACCOUNTS = (CITIZEN, STAFF)


@pytest.fixture(scope="module")
def words() -> MenuWords:
    return MenuWords(find(Path("templates")), siantar())


def _turns(account: str) -> set[str]:
    start = f"{account}.command."
    return {name.removeprefix(start) for name in TURNS if name.startswith(start)}


def _names(menu: str | Menu) -> tuple[str, ...]:
    assert not isinstance(menu, str)
    return tuple(name for name, _ in menu)


def test_every_text_keeps_within_what_telegram_takes(words: MenuWords) -> None:
    shown = {spot: value for account in ACCOUNTS for spot, value in words.of_bot(account).items()}
    texts = {spot: value for spot, value in shown.items() if isinstance(value, str)}
    assert len(texts) == len(ACCOUNTS) * len(LIMITS) * len(EVERY_LANGUAGE)
    assert [spot for spot, text in texts.items() if not 1 <= len(text) <= LIMITS[spot.what]] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_command_keeps_within_what_telegram_takes(words: MenuWords, account: str, language: str) -> None:
    menu = words.menu(account, language)
    assert 1 <= len(menu) <= 100
    assert [name for name, _ in menu if not re.fullmatch(r"[a-z0-9_]{1,32}", name)] == []
    assert [name for name, said in menu if not 3 <= len(said) <= 40] == []


def test_languages_have_the_same_commands_in_other_words(words: MenuWords) -> None:
    for account in ACCOUNTS:
        menus = [dict(words.menu(account, language)) for language in LANGUAGES]
        assert menus[0].keys() == menus[1].keys()
        assert menus[0] != menus[1]
        assert words.menu(account, EVERYBODY) == words.menu(account, "id")


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_command_that_is_shown_is_answered(words: MenuWords, account: str) -> None:
    assert {name for name, _ in words.menu(account, EVERYBODY)} - _turns(account) == set()


def test_every_command_of_the_contract_that_is_answered_is_shown(words: MenuWords) -> None:
    answered = (CONTRACT | BESIDE) & _turns(CITIZEN)
    assert len(answered) >= 14
    assert answered == {name for name, _ in words.menu(CITIZEN, EVERYBODY)}


def test_every_command_that_staff_may_type_is_shown(words: MenuWords) -> None:
    assert _turns(STAFF) - UNLISTED == {name for name, _ in words.menu(STAFF, EVERYBODY)}


def test_a_citizen_reads_what_it_is_for_that_it_is_free_and_whom_to_call_first(words: MenuWords) -> None:
    said = {spot.language: str(value) for spot, value in words.of_bot(CITIZEN).items() if spot.what == "Description"}
    for text in said.values():
        assert siantar().name in text
        assert [number for number in siantar().emergency_numbers.values() if number not in text] == []
    assert "Gratis" in said[EVERYBODY]
    assert "free" in said["en"]
    assert said[EVERYBODY] == said["id"]


def test_a_stranger_to_the_staff_bot_learns_two_commands_and_that_a_code_is_needed(words: MenuWords) -> None:
    shown = words.of_bot(STAFF)
    for language in EVERY_LANGUAGE:
        assert _names(shown[Spot(STAFF, COMMANDS, language, "default")]) == FOR_STRANGERS
        about, short = shown[Spot(STAFF, "Description", language)], shown[Spot(STAFF, "ShortDescription", language)]
        assert about == short
        assert "code" in str(about) or "kode" in str(about)


def test_in_groups_one_command_is_shown(words: MenuWords) -> None:
    shown = words.of_bot(STAFF)
    menus = [shown[Spot(STAFF, COMMANDS, language, "all_group_chats")] for language in EVERY_LANGUAGE]
    assert [_names(menu) for menu in menus] == [FOR_GROUPS] * 3


@pytest.mark.parametrize(
    ("roles", "more"),
    [
        ({Role.OFFICER}, set()),
        ({Role.INSPECTOR}, set()),
        ({Role.FRONTDESK}, {"unit", "surat"}),
        ({Role.HEAD}, {"unit", "rekap"}),
        ({Role.SUPERVISOR}, {"unit", "rekap"}),
        ({Role.OFFICER, Role.HEAD}, {"unit", "rekap"}),
    ],
    ids=lambda value: "+".join(sorted(value)) or "none",
)
def test_roles_see_their_commands(words: MenuWords, roles: set[Role], more: set[str]) -> None:
    common = {"kotak", "tiket", "cari", "standar", "catat", "cuti", "bahasa", "bantuan", "batal"}
    names = words.commands_for(frozenset(roles))
    assert set(names) == common | more
    assert names[0] == "kotak"


def test_a_chosen_language_holds_whatever_language_the_phone_has(words: MenuWords) -> None:
    officer = frozenset({Role.OFFICER})
    chats = [
        StaffChat(1, officer),
        StaffChat(2, officer, "id"),
        StaffChat(3, officer, "en"),
        StaffChat(4, officer, "jv"),
    ]
    shown = words.of_staff(chats)
    said = {(spot.chat, spot.language): dict(menu)["kotak"] for spot, menu in shown.items()}
    ours, theirs = said[1, EVERYBODY], said[1, "en"]
    assert ours != theirs
    assert [said[chat, EVERYBODY] for chat in (2, 3, 4)] == [ours, theirs, ours]
    assert [said[chat, "en"] for chat in (2, 3, 4)] == [ours, theirs, theirs]


def test_whoever_has_left_is_shown_nothing_of_their_own(words: MenuWords) -> None:
    assert set(words.of_staff([StaffChat(1, frozenset())]).values()) == {()}
