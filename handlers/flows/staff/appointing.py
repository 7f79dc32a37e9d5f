"""/undang: an administrator invites to a post, ends a holding, hands over, names a substitute, lets a group go.

Each is a form that ends in a preview; one tap does it, and what was done lately is listed with its undo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.dates import days_in
from domain.naming import matching, words_of_post
from domain.region import title
from domain.vocabulary import HoldingKind
from handlers.flows.cases import Settled, Sitting
from handlers.flows.effects import ProposeAct, SignAct, UndoAct
from handlers.flows.needs import GroupedUnits, SettledActs, Sittings
from handlers.flows.staff.entrance import admin_turn
from handlers.flows.staff.forms import Answers, Field, Form, Option, open_form, register
from handlers.flows.staff.postponing import today
from handlers.flows.turns import Decision, argument
from handlers.messages import Choice, Effect, Facts, Inbound, Memory, Need, Reply, Step
from handlers.shown import moment

#: The name of a decree is not longer.
LONGEST_DECREE = 200
#: A leave that is longer is a slip of the pen; who is away for longer is replaced.
LONGEST_LEAVE = 366
#: The letters by which the list names what can be taken back.
_LETTERS = "abcdefgh"


# --- what is typed


def _read_post(typed: str, answers: Answers, facts: Facts) -> str | None:
    return _only(_posts_named(typed, facts))


def _only(found: Sequence[str]) -> str | None:
    return found[0] if len(found) == 1 else None


def _posts_named(typed: str, facts: Facts) -> tuple[str, ...]:
    region = facts.region
    return matching(typed, {code: words_of_post(post, region) for code, post in region.posts.items()})


def _offer_posts(typed: str, answers: Answers, facts: Facts) -> list[Option]:
    return [Option(code, facts.region.posts[code].title) for code in _posts_named(typed, facts)]


def _read_kind(typed: str, answers: Answers, facts: Facts) -> str | None:
    said = typed.strip(" .").casefold()
    return next((str(kind) for kind in HoldingKind if kind.casefold() == said), None)


def _offer_kinds(typed: str, answers: Answers, facts: Facts) -> list[Option]:
    return [Option(str(kind), str(kind)) for kind in HoldingKind]


def _read_end(typed: str, answers: Answers, facts: Facts) -> str | None:
    days = [day for day in days_in(typed, today(facts)) if day >= today(facts)]
    return str(days[-1]) if days else None


def _example_end(facts: Facts) -> str:
    day = today(facts)
    return f"31/12/{day.year if day.month < 10 else day.year + 1}"


def _read_decree(typed: str, answers: Answers, facts: Facts) -> str | None:
    return " ".join(typed.split())[:LONGEST_DECREE] or None


def _sittings_named(typed: str, facts: Facts) -> list[Sitting]:
    """The holdings that some words mean; a number is the id of one, which a button brings."""
    every = {str(one.id): one for one in facts[Sittings()] if one.post in facts.region.posts}
    words = {key: _words_of(one, facts) for key, one in every.items()}
    return [every[key] for key in matching(typed, words)]


def _words_of(one: Sitting, facts: Facts) -> str:
    return f"{words_of_post(facts.region.posts[one.post], facts.region)} {one.kind}"


def _read_sitting(typed: str, answers: Answers, facts: Facts) -> dict[str, Any] | None:
    found = _sittings_named(typed, facts)
    return _plain(found[0], facts) if len(found) == 1 else None


def _plain(one: Sitting, facts: Facts) -> dict[str, Any]:
    """What a form remembers of a holding: it may be over when the next question is answered."""
    return {"id": one.id, "person": one.person, "post": one.post, "title": _title(one, facts)}


def _title(one: Sitting, facts: Facts) -> str:
    return title(facts.region.posts[one.post], one.kind)


def _offer_sittings(typed: str, answers: Answers, facts: Facts) -> list[Option]:
    return [_option(one, facts) for one in _sittings_named(typed, facts)]


def _option(one: Sitting, facts: Facts) -> Option:
    return Option(str(one.id), _title(one, facts), str(one.since))


def _read_days(typed: str, answers: Answers, facts: Facts) -> list[str] | None:
    days = days_in(typed, today(facts))
    if not days or days[-1] < days[0] or days[-1] < today(facts) or (days[-1] - days[0]).days > LONGEST_LEAVE:
        return None
    return [str(days[0]), str(days[-1])]


def _example_days(facts: Facts) -> str:
    calendar = facts.region.calendars["office"]
    first = calendar.after(today(facts), 1)
    last = calendar.after(first, 4)
    return f"{first.day}/{first.month} - {last.day}/{last.month}"


def _others(found: Sequence[Sitting], answers: Answers, facts: Facts) -> list[Sitting]:
    """Somebody else than who is away, each once."""
    away = answers["away"]["person"]
    return list({one.person: one for one in reversed(found) if one.person != away}.values())[::-1]


def _read_substitute(typed: str, answers: Answers, facts: Facts) -> dict[str, Any] | None:
    found = _others(_sittings_named(typed, facts), answers, facts)
    return _plain(found[0], facts) if len(found) == 1 else None


def _offer_substitutes(typed: str, answers: Answers, facts: Facts) -> list[Option]:
    """Whom the words mean; before there are any, whoever sits in the same unit or right above."""
    unit = facts.region.posts[answers["away"]["post"]].unit
    near = {unit, facts.region.units[unit].parent}
    sitting = [one for one in facts[Sittings()] if one.post in facts.region.posts]
    beside = [one for one in sitting if facts.region.posts[one.post].unit in near]
    found = _sittings_named(typed, facts) if typed else beside
    return [_option(one, facts) for one in _others(found, answers, facts)]


def _units_named(typed: str, facts: Facts) -> tuple[str, ...]:
    units = {code: facts.region.units[code] for code in facts[GroupedUnits()] if code in facts.region.units}
    return matching(typed, {code: " ".join((unit.name, *unit.aliases)) for code, unit in units.items()})


def _read_unit(typed: str, answers: Answers, facts: Facts) -> str | None:
    return _only(_units_named(typed, facts))


def _offer_units(typed: str, answers: Answers, facts: Facts) -> list[Option]:
    found = _units_named(typed, facts) if typed else facts[GroupedUnits()]
    return [Option(code, facts.region.units[code].name) for code in found if code in facts.region.units]


# --- what is asked


def _about(answers: Answers, facts: Facts) -> Mapping[str, Any]:
    """The post that was chosen, for the pages that follow."""
    return {"post": facts.region.posts[answers["post"]].title}


def _about_away(answers: Answers, facts: Facts) -> Mapping[str, Any]:
    return {"post": answers["away"]["title"]}


def _example_post(facts: Facts) -> str:
    return next(iter(facts.region.posts.values())).title


_POST = Field("post", _read_post, "officer/act_post", _example_post, _offer_posts)
_PAPER = (
    Field("kind", _read_kind, "officer/act_kind", options=_offer_kinds, shown=_about),
    Field("until", _read_end, "officer/act_until", _example_end, shown=_about, may_skip=True),
    Field("decree", _read_decree, "officer/act_decree", shown=_about, may_skip=True),
)


def _needs(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (Sittings(), GroupedUnits())


def _appoints(what: str) -> Form:
    def then(answers: Answers, facts: Facts) -> Effect:
        paper = {"kind": answers["kind"], "until": answers["until"]}
        return ProposeAct(what, answers["post"], paper, last=answers["until"], decree=answers["decree"])

    return Form(what, (_POST, *_PAPER), then)


def _end(answers: Answers, facts: Facts) -> Effect:
    one = answers["holding"]
    return ProposeAct("end_holding", one["post"], {"holding": one["id"], "person": one["person"]})


def _stand_in(answers: Answers, facts: Facts) -> Effect:
    away, instead = answers["away"], answers["substitute"]
    paper = {"person": away["person"], "substitute": instead["person"], "instead": instead["title"]}
    return ProposeAct("stand_in", away["post"], paper, *answers["days"])


def _unbind(answers: Answers, facts: Facts) -> Effect:
    return ProposeAct("unbind", answers["unit"], {})


APPOINT = register(_appoints("appoint"))
FORMS = (
    APPOINT,
    register(_appoints("hand_over")),
    register(
        Form(
            "end_holding",
            (Field("holding", _read_sitting, "officer/act_holding", _example_post, _offer_sittings),),
            _end,
            _needs,
        )
    ),
    register(
        Form(
            "stand_in",
            (
                Field("away", _read_sitting, "officer/act_away", _example_post, _offer_sittings),
                Field("days", _read_days, "officer/act_days", _example_days, shown=_about_away),
                Field(
                    "substitute",
                    _read_substitute,
                    "officer/act_substitute",
                    _example_post,
                    _offer_substitutes,
                    shown=_about_away,
                ),
            ),
            _stand_in,
            _needs,
        )
    ),
    register(Form("unbind", (Field("unit", _read_unit, "officer/act_group", options=_offer_units),), _unbind, _needs)),
)


# --- the menu, the tap, the undo


def _settled(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (SettledActs(),)


@admin_turn("staff.command.undang", needs=_settled)
def overview(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What can be done, and what was done lately; words behind the command are the post of an invitation."""
    if argument(inbound):
        return open_form(APPOINT, facts, (argument(inbound),))
    acts = facts[SettledActs()]
    lately = list(zip(_LETTERS, acts, strict=False))
    shown = [
        {"letter": letter, "what": act.what, "at": moment(act.at), **_called(act, facts)} for letter, act in lately
    ]
    choices = (
        *(Choice(form.name) for form in FORMS),
        *(Choice("undo_act", (str(act.id), letter)) for letter, act in lately),
    )
    return Step(Memory(), (Reply("officer/acts", {"acts": shown}, choices),))


def _called(act: Settled, facts: Facts) -> dict[str, str]:
    """What the post or the unit of an act is called; by its code where the files no longer know it."""
    post, unit = facts.region.posts.get(act.code), facts.region.units.get(act.code)
    return {"post": post.title if post else act.code, "unit": unit.name if unit else act.code}


@admin_turn("staff.choice.sign_act")
def sign(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(memory, effects=(SignAct(int(facts.chosen.choice.args[0])),))


@admin_turn("staff.choice.undo_act")
def undo(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(memory, effects=(UndoAct(int(facts.chosen.choice.args[0])),))
