"""The two bots' half of `tanggap doctor`: what Telegram says of them, against what is set here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.botapi import BotApi, BotApiError
from bot.doctor.finding import Finding, fault, ok, span, warning
from bot.menu_words import MenuWords
from bot.menus import shown
from bot.settings import Settings
from handlers.messages import CITIZEN, STAFF

#: Updates that wait at Telegram: many, and so many that people are not answered.
MANY, TOO_MANY = 100, 1000
#: How far our clock may be from Telegram's.
SKEW, TOO_MUCH_SKEW = timedelta(seconds=30), timedelta(seconds=300)
#: An error of a webhook that is older has been told of often enough: Telegram never forgets the last one.
RECENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Bot:
    """One bot as it is set here; `about` is how a finding calls it."""

    account: str
    token: str
    username: str

    @property
    def about(self) -> str:
        return f"{self.account} bot"

    def setting(self, name: str) -> str:
        return f"TANGGAP_{self.account.upper()}_TELEGRAM_{name}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one bot's questions gave: its id at Telegram (None: no answer), and the findings."""

    id: int | None
    findings: tuple[Finding, ...]


def bots_of(settings: Settings) -> list[Bot]:
    """The bots that are on."""
    tokens = ((CITIZEN, settings.citizen_telegram_token), (STAFF, settings.staff_telegram_token))
    names = {CITIZEN: settings.citizen_telegram_username, STAFF: settings.staff_telegram_username}
    return [Bot(account, token.get_secret_value(), names[account]) for account, token in tokens if token]


async def examine(
    settings: Settings, words: MenuWords | None, serving: int | None, tell: Callable[[str], None]
) -> list[Finding]:
    """Ask Telegram about every bot that is on; `tell` hears what is being asked."""
    bots, skews = bots_of(settings), list[timedelta]()
    async with httpx.AsyncClient(timeout=None, event_hooks={"response": [note_skew(skews)]}) as client:  # noqa: S113
        answers = []
        for bot in bots:
            tell(f"asking Telegram about the {bot.about} ...")
            api = BotApi(bot.token, settings.telegram_api_url, client)
            answers.append(await _ask(api, bot, settings, words, serving))
    ids = [answer.id for answer in answers if answer.id is not None]
    found = [finding for answer in answers for finding in answer.findings]
    return [*_pair(bots, ids), *found, *skew_findings(skews[-1:])]


def note_skew(skews: list[timedelta]) -> Callable[[httpx.Response], Any]:
    """Notes how far our clock is before a platform's, by every answer's date."""

    async def note(answer: httpx.Response) -> None:
        with suppress(KeyError, ValueError, TypeError):
            skews.append(datetime.now(UTC) - parsedate_to_datetime(answer.headers["date"]))

    return note


def skew_findings(skews: Iterable[timedelta], platform: str = "Telegram") -> Iterator[Finding]:
    """What a clock's distance from a platform's means (positive: ours is ahead)."""
    for skew in skews:
        far, way = abs(skew), "ahead of" if skew > timedelta() else "behind"
        says = f"this machine's clock is {span(far)} {way} {platform}'s: turn on time synchronisation (NTP)"
        if far > TOO_MUCH_SKEW:
            yield fault("time", says)
        elif far > SKEW:
            yield warning("time", says)
        else:
            yield ok("time", f"this machine's clock agrees with {platform}'s")


def _pair(bots: list[Bot], ids: list[int]) -> Iterator[Finding]:
    on = {bot.account for bot in bots}
    if not on:
        yield warning("Telegram", "neither bot has a token, so it is off: docs/telegram.md says how to make the two")
    elif len(on) == 1:
        (missing,) = {CITIZEN, STAFF} - on
        yield warning("Telegram", f"the {missing} bot has no token: a town needs both, docs/telegram.md says how")
    elif len(ids) != len(set(ids)):
        yield fault("Telegram", "both tokens are of one bot: make a second one in BotFather, and set its token")


async def _ask(api: BotApi, bot: Bot, settings: Settings, words: MenuWords | None, serving: int | None) -> Asked:
    try:
        me = await api.get_me()
    except BotApiError as error:
        return Asked(None, (_no_answer(bot, error),))
    found = list(identity_findings(bot, me))
    try:
        found += webhook_findings(bot, settings, await api.webhook_info(), serving, datetime.now(UTC))
        found += await _menu(api, bot, words)
    except BotApiError as error:
        found.append(_no_answer(bot, error))
    return Asked(me.get("id"), tuple(found))


def _no_answer(bot: Bot, error: BotApiError) -> Finding:
    if error.code in (401, 404):
        return fault(bot.about, f"its token is not valid: ask BotFather (/token), and set {bot.setting('TOKEN')}")
    if error.code == 429:
        return warning(bot.about, f"Telegram asks to be left alone for {error.retry_after or 0:.0f} s: try again then")
    if error.code == 0:
        return fault(bot.about, f"{error.description}: check the network, and TANGGAP_TELEGRAM_API_URL")
    return fault(bot.about, f"Telegram did not answer as it should ({error}): try again later")


def identity_findings(bot: Bot, me: dict[str, Any]) -> Iterator[Finding]:
    """Who the bot is, and what BotFather was told about groups."""
    name, wanted = str(me.get("username", "")), bot.username.removeprefix("@")
    if wanted and wanted.casefold() != name.casefold():
        yield fault(bot.about, f"its name is @{name}, but {bot.setting('USERNAME')} says {wanted}: correct or empty it")
    else:
        yield ok(bot.about, f"@{name} answers")
    joins = bool(me.get("can_join_groups"))
    if bot.account == CITIZEN and joins:
        yield warning(
            bot.about, "it can be added to groups, where others would read along: /setjoingroups in BotFather"
        )
    if bot.account == STAFF and not joins:
        yield warning(bot.about, "it cannot be added to groups, so none hears bells: /setjoingroups in BotFather")
    if me.get("can_read_all_group_messages"):
        yield warning(
            bot.about, "privacy mode is off, it is sent all that its groups say: /setprivacy in BotFather, Enable"
        )


def webhook_findings(
    bot: Bot, settings: Settings, info: dict[str, Any], serving: int | None, now: datetime
) -> Iterator[Finding]:
    """How updates reach us, against how they should."""
    yield from _road(bot, settings, str(info.get("url") or ""), serving)
    if said := info.get("last_error_message"):
        at = datetime.fromtimestamp(int(info.get("last_error_date") or 0), UTC)
        if now - at < RECENT and settings.telegram_mode == "webhook":
            yield warning(bot.about, f"Telegram could not deliver {span(now - at)} ago ({said}): see docs/telegram.md")
    waiting = int(info.get("pending_update_count") or 0)
    says = f"{waiting} updates wait at Telegram"
    if waiting > TOO_MANY:
        yield fault(bot.about, f"{says}, which keeps them for 24 hours: is `tanggap serve` running, and well?")
    elif waiting > MANY:
        yield warning(bot.about, f"{says}: look again in a minute, they should become fewer")
    else:
        yield ok(bot.about, says)


def _road(bot: Bot, settings: Settings, url: str, serving: int | None) -> Iterator[Finding]:
    if settings.telegram_mode == "polling":
        if url:
            host = urlsplit(url).hostname
            yield warning(
                bot.about,
                f"a webhook is set ({host}), so polling gets nothing: `tanggap serve` removes it at its start;"
                " if another program uses this bot, make one of your own",
            )
        return
    wanted = f"{settings.public_url.rstrip('/')}/hooks/telegram/{bot.account}"
    if url == wanted:
        yield ok(bot.about, "its webhook is ours")
    elif url:
        yield fault(bot.about, f"its webhook is not {wanted}: restart `tanggap serve`, and see who else has the token")
    else:
        yield (fault if serving else warning)(bot.about, "no webhook is set: `tanggap serve` sets it, see its log")


async def _menu(api: BotApi, bot: Bot, words: MenuWords | None) -> list[Finding]:
    """Whether commands and descriptions are there, as they should be."""
    if words is None:
        return []
    differing = [spot for spot, value in words.of_bot(bot.account).items() if await shown(api, spot) != value]
    if differing:
        says = "its commands or descriptions are not the town's: `tanggap serve` sets them within a minute"
        return [warning(bot.about, says)]
    return [ok(bot.about, "commands and descriptions are set")]
