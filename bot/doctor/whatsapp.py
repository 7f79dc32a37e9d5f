"""WhatsApp's part of `tanggap doctor`: what Meta says of token, numbers, webhook and message templates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import httpx

from bot.doctor.bots import note_skew, skew_findings
from bot.doctor.finding import Finding, fault, ok, warning
from bot.graphapi import GraphApi, GraphApiError
from bot.message_templates import MessageTemplates
from bot.settings import Settings
from bot.template_account import Compared, compare
from handlers.messages import CITIZEN, STAFF
from storage.message_templates import Known

ABOUT = "WhatsApp"
TEMPLATES = "templates"
PATH = "/hooks/whatsapp"
#: So many templates are named; the others are a number.
_MOST_NAMES = 3


def numbers_of(settings: Settings) -> dict[str, str]:
    """The ids of our numbers, by whom each is for."""
    staff = settings.whatsapp_staff_phone_id
    return {CITIZEN: settings.whatsapp_phone_id, **({STAFF: staff} if staff else {})}


async def examine(
    settings: Settings,
    templates: MessageTemplates | None,
    known: Collection[Known] | None,
    tell: Callable[[str], None],
) -> list[Finding]:
    """Ask Meta. `known`: what our database says of the templates (None: it was not asked)."""
    if not settings.whatsapp_token:
        return [ok(ABOUT, "it has no token, so it is off: docs/whatsapp.md says how to turn it on")]
    tell("asking Meta about WhatsApp ...")
    skews: list[timedelta] = []
    async with httpx.AsyncClient(timeout=None, event_hooks={"response": [note_skew(skews)]}) as client:  # noqa: S113
        api = GraphApi(settings.whatsapp_token.get_secret_value(), settings.whatsapp_api_url, client)
        found = await _ask(api, settings, templates, known)
    return [*found, *skew_findings(skews[-1:], "Meta")]


async def _ask(
    api: GraphApi, settings: Settings, templates: MessageTemplates | None, known: Collection[Known] | None
) -> list[Finding]:
    found: list[Finding] = []
    try:
        for account, number in numbers_of(settings).items():
            found += await _number(api, settings, account, number)
        if not settings.whatsapp_business_id:
            return [*found, warning(ABOUT, "TANGGAP_WHATSAPP_BUSINESS_ID is not set: without it no template is known")]
        found += app_findings(await api.subscribed_apps(settings.whatsapp_business_id))
        if templates:
            compared, _ = await compare(api, settings.whatsapp_business_id, templates)
            found += template_findings(compared, known)
    except GraphApiError as error:
        found.append(_no_answer(error))
    return found


async def _number(api: GraphApi, settings: Settings, account: str, number: str) -> list[Finding]:
    try:
        return list(number_findings(account, await api.number(number), settings.public_url))
    except GraphApiError as error:
        if error.code != 100:
            raise
        name = "TANGGAP_WHATSAPP_PHONE_ID" if account == CITIZEN else "TANGGAP_WHATSAPP_STAFF_PHONE_ID"
        says = (
            f"Meta knows no number {number} that the token may use: check {name}, it is an id and no telephone number"
        )
        return [fault(f"{account} number", says)]


def _no_answer(error: GraphApiError) -> Finding:
    if error.code == 0:
        return fault(ABOUT, f"{error.description}: check the network, and TANGGAP_WHATSAPP_API_URL")
    if error.code == 190 or error.status == 401:
        says = "its token is not valid any more: make a new one for the system user, and set TANGGAP_WHATSAPP_TOKEN"
        return fault(ABOUT, says)
    if error.code in (3, 10) or 200 <= error.code <= 299:
        says = "its token may not do this: the system user needs whatsapp_business_management and ..._messaging"
        return fault(ABOUT, f"{says} ({error.code})")
    if error.code in (4, 80008) or error.status == 429:
        return warning(ABOUT, "Meta asks to be left alone, because it was asked too often: try again in an hour")
    return fault(ABOUT, f"Meta did not answer as it should ({error}): check the ids in the settings, or try later")


def number_findings(account: str, told: dict[str, Any], public_url: str) -> Iterator[Finding]:
    """How Meta rates one of our numbers, and where its webhooks go."""
    about = f"{account} number"
    shown = told.get("display_phone_number") or told.get("id")
    status = str(told.get("status") or "CONNECTED")
    if status != "CONNECTED":
        yield fault(about, f"{shown} is {status}: nothing goes out; see WhatsApp Manager, Phone numbers")
    else:
        yield ok(about, f"{shown} ({told.get('verified_name') or 'without a name'}) answers{_limits(told)}")
    quality = told.get("quality_rating")
    if quality == "RED":
        yield fault(about, "its quality is RED, people block or report it: Meta may stop it; send fewer reminders")
    elif quality == "YELLOW":
        yield warning(about, "its quality is YELLOW, people block or report it: look at what they were sent last")
    yield from _webhook(about, told.get("webhook_configuration"), public_url)


def _limits(told: dict[str, Any]) -> str:
    tier = str(told.get("whatsapp_business_manager_messaging_limit") or "").removeprefix("TIER_")
    return f", {tier} people a day by template" if tier else ""


def _webhook(about: str, configured: Any, public_url: str) -> Iterator[Finding]:
    if not public_url:
        yield fault(about, "TANGGAP_PUBLIC_URL is not set: WhatsApp has no other way to reach us than a webhook")
    elif isinstance(configured, dict):
        wanted = f"{public_url}{PATH}"
        order = ("phone_number", "whatsapp_business_account", "application")
        actual = next((str(configured[name]) for name in order if configured.get(name)), "")
        if actual == wanted:
            yield ok(about, "its webhook is ours")
        else:
            says = f"its webhook is {actual or 'not set'}: in the app's WhatsApp, Configuration, set {wanted}"
            yield fault(about, f"{says} and TANGGAP_WHATSAPP_VERIFY_TOKEN")


def app_findings(apps: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    """Whether anybody hears what people write."""
    told = [app.get("whatsapp_business_api_data") for app in apps]
    names = [str(app.get("name") or app.get("id")) for app in told if isinstance(app, dict)]
    if apps:
        yield ok(ABOUT, f"what people write is brought to: {', '.join(names) or len(apps)}")
    else:
        says = "no app is subscribed to the business account, so nothing is brought to us: docs/whatsapp.md, webhook"
        yield fault(ABOUT, says)


def template_findings(compared: Sequence[Compared], known: Collection[Known] | None) -> Iterator[Finding]:
    """Whether each message template may be sent, and whether delivery knows."""
    sorts = {
        "cannot be sent": [one for one in compared if not one.is_well and not one.differs],
        "have other words at Meta": [one for one in compared if one.differs],
        "were put into another category by Meta": [one for one in compared if one.recategorised],
    }
    for says, sort in sorts.items():
        if sort:
            level = fault if says == "cannot be sent" else warning
            yield level(TEMPLATES, f"{_named(sort)} {says}: `tanggap whatsapp templates status` says what to do")
    if waiting := [one for one in compared if one.in_review]:
        yield warning(TEMPLATES, f"{_named(waiting)} wait for Meta, which takes minutes to a day")
    if not any((*sorts.values(), waiting)):
        yield ok(TEMPLATES, f"{len(compared)} message templates are approved, with our words")
    if known is not None:
        yield from _unknown(compared, known)


def _unknown(compared: Sequence[Compared], known: Collection[Known]) -> Iterator[Finding]:
    """Delivery goes by our database: what that has not heard is not sent, what it has not unlearned is refused."""
    ours = {(row.name, row.language): row.status for row in known}
    stale = [one for one in compared if ours.get((one.spec.name, one.spec.language)) != one.status]
    if stale:
        says = "stand otherwise in our database than at Meta: run `tanggap whatsapp templates status`"
        yield warning(TEMPLATES, f"{_named(stale)} {says}")


def _named(sort: Sequence[Compared]) -> str:
    more = len(sort) - _MOST_NAMES
    names: Iterable[str] = (one.label for one in sort[:_MOST_NAMES])
    return f"{', '.join(names)}{f' and {more} more' if more > 0 else ''}"
