"""From the first words to a draft that can be sent: the office if unsure, the place if the matter asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.borders import NOWHERE, Spot
from domain.placing import spot_of_place
from domain.region import Region, title
from domain.routing import Route, is_clear, proposals, route, unit_for
from domain.understanding.naming import AREA_KINDS, names_in, spot_named
from domain.understanding.reading import Reading, read, unit_named
from domain.understanding.text import words_of
from domain.vocabulary import OVERSIGHT_CONDUCT, STAFF_CONDUCT, Emergency, HoldingKind, Kind
from handlers.flows.cases import Case
from handlers.flows.citizen.again import again_facts, told_before
from handlers.flows.citizen.belonging import joinable, knows_own
from handlers.flows.citizen.elsewhere import body_of, elsewhere_page, offered_body
from handlers.flows.citizen.greeting import say
from handlers.flows.needs import Acting
from handlers.flows.turns import Decision, turn
from handlers.flows.wording import with_more
from handlers.messages import Ask, Choice, Draft, Facts, Goto, Inbound, Memory, Need, Reply, Step
from handlers.shown import roads

#: Fewer words than this tell nothing to route by.
LEAST_WORDS = 2
#: A typed office name is short; anything longer is more of the story.
LONGEST_NAME = 60


def is_writing(memory: Memory) -> bool:
    """Whether there is a story that waits to be sent."""
    return memory.draft is not None and bool(memory.draft.story) and not memory.draft.parked


@turn("citizen.story")
def tell(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Words are a story, or more of the one that is being written; photos wait for their words."""
    if is_writing(memory):
        return _tell_more(inbound, memory)
    kept = memory.draft if memory.draft and not memory.draft.story else Draft()
    draft = replace(with_more(kept, inbound), parked=False)
    after = replace(memory, state="idle", draft=draft, held=(), opened=None, opened_at="")
    if draft.story:
        return Goto("citizen.review", after)
    if draft.over and not inbound.media:
        return Step(memory, over(draft, facts))
    if not draft.media:
        return _welcome(memory)
    page = replace(kept_page(draft, facts), holds=True, replaces=True)
    return Step(told(after), (*over(draft, facts), page))


def over(draft: Draft, facts: Facts) -> tuple[Reply, ...]:
    """What is said where words did not fit: that they were not taken, and when they can come."""
    return (too_long(facts, begun=bool(draft.story)),) if draft.over else ()


def too_long(facts: Facts, *, begun: bool) -> Reply:
    """`begun`: there is a story, which goes first; else what was said is too long by itself."""
    return Reply("citizen/too_long", {"begun": begun, "first": facts.first and not begun})


def told(memory: Memory) -> Memory:
    """The memory once that is said."""
    assert memory.draft is not None
    return replace(memory, draft=replace(memory.draft, over=False))


def kept_page(draft: Draft, facts: Facts) -> Reply:
    """What is said of files that came without words: some are asked for, but a voice may be a story by itself."""
    region, counted = facts.region, facts.counted(draft.media)
    desks = {"listener": region.units[region.front_desk].name, "inspectorate": region.units[region.inspectorate].name}
    revision = (str(draft.revision),)
    alone = (Choice("voice_only", revision), Choice("voice_accuses", revision)) if counted["voices"] else ()
    return Reply("citizen/photo_kept", {"first": facts.first, **counted, **desks}, alone)


def _welcome(memory: Memory) -> Goto:
    return Goto("citizen.welcome", memory)


def small_talk(text: str, facts: Facts) -> str | None:
    """The turn that answers words which only greet or thank; None for a story."""
    lexicon = facts.region.lexicon
    words = words_of(text, lexicon)
    said = " ".join(words)
    plain = " ".join(text.lower().split()).strip(" .,!?🙏😊👍")
    if said in lexicon.thanks or plain in lexicon.thanks:
        return "citizen.thanks"
    if said in lexicon.greetings or plain in lexicon.greetings or len(words) < LEAST_WORDS:
        return "citizen.welcome"
    return None


def reviewing(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """What a confirmation says beside the draft: the own open cases, and how the reader holds the post."""
    return (*knows_own(inbound, memory, facts), Acting())


@turn("citizen.review", needs=reviewing)
def review(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Ask the next thing that is missing, else show what would be sent."""
    return _review(inbound, memory, facts, waits=False)


@turn("citizen.review.more", needs=reviewing)
def review_more(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The same when something was added: who writes in many messages is shown all of them at once."""
    return _review(inbound, memory, facts, waits=True)


def _review(inbound: Inbound, memory: Memory, facts: Facts, *, waits: bool) -> Decision:
    draft = memory.draft
    if draft is None or not draft.story:
        return _welcome(replace(memory, state="idle", draft=None))
    reading = read(draft.story, facts.region)
    warning = over(draft, facts)
    draft = replace(draft, parked=False, over=False)
    if reading.emergency is not Emergency.NO and not draft.warned:
        draft = replace(draft, warned=True)
        if _may_be_now(draft, reading):
            draft = replace(draft, office_asked=True)  # of two questions this is one, and where it is the other
            return Step(replace(memory, state="danger", draft=draft), (*warning, _ask_now(draft, reading, facts)))
        warning = (*warning, help_page(reading, facts.region, now=draft.urgent))
    before = _told_before(draft, reading, facts)
    if isinstance(before, Ask):
        return before
    state, reply = _next_question(draft, reading, facts, before)
    written = facts.chosen is None and not inbound.edited  # not pressed: more may be on its way
    reply = replace(
        reply,
        holds=written and (waits or bool(draft.media)),
        replaces=may_wait(draft),
        renews=bool(inbound.media) or inbound.edited,
    )
    if state == "confirm":
        draft = replace(draft, office_asked=True, place_asked=True)  # what is added now only changes the confirmation
    return Step(replace(memory, state=state, draft=draft), (*warning, reply))


def _told_before(draft: Draft, reading: Reading, facts: Facts) -> Case | Ask | None:
    """The own open case that the draft tells again; none where it is for a body outside."""
    if body_of(draft, reading, facts):
        return None
    return told_before(draft, reading, draft_spot(draft, reading, facts).area, facts)


def _may_be_now(draft: Draft, reading: Reading) -> bool:
    """Whether the citizen is asked if the danger is there now; never where the wrong person could read the question."""
    return reading.emergency is Emergency.ASK and reading.care is None and not draft.urgent


def _ask_now(draft: Draft, reading: Reading, facts: Facts) -> Reply:
    """The numbers, and one tap; the story waits, and any other word goes on with it."""
    page, revision = help_page(reading, facts.region), (str(draft.revision),)
    shown = {**page.facts, "asks": True, "first": facts.first}
    return replace(page, facts=shown, choices=(Choice("emergency_yes", revision), Choice("emergency_no", revision)))


def warning_of(text: str, facts: Facts) -> tuple[Reply, ...]:
    """Who helps at once, where words that are no story of their own speak of danger."""
    reading = read(text, facts.region)
    return (help_page(reading, facts.region),) if reading.emergency is not Emergency.NO else ()


def help_page(reading: Reading, region: Region, *, now: bool = False) -> Reply:
    """Who helps at once, before anything else: with care where the wrong person could be beside the reader.

    `now`: its citizen has said so.
    """
    numbers = dict(region.emergency_numbers)
    if reading.care:
        return Reply(
            "citizen/care", {"care": str(reading.care), "numbers": {**numbers, **region.care_numbers[reading.care]}}
        )
    return Reply("citizen/emergency", {"numbers": numbers, "now": now or reading.emergency is Emergency.NOW})


def may_wait(draft: Draft) -> bool:
    """Whether a page about the draft may still wait for the rest of an album or burst."""
    return bool(draft.media) or draft.revision > 1


def _next_question(draft: Draft, reading: Reading, facts: Facts, before: Case | None) -> tuple[str, Reply]:
    if body := body_of(draft, reading, facts):
        return "elsewhere", elsewhere_page(body, draft, facts)
    if _office_is_missing(draft, reading, facts):
        return "office", _office_question(draft, reading, facts)
    if _place_is_missing(draft, reading, facts):
        return "place", Reply("citizen/place", {"first": facts.first}, (Choice("skip", (str(draft.revision),)),))
    return "confirm", confirmation(draft, reading, facts, before)


def _office_is_missing(draft: Draft, reading: Reading, facts: Facts) -> bool:
    """Only asked when the answer can matter, and never twice."""
    if chosen_unit(draft, reading, facts) or draft.office_asked or (reading.unit and is_clear(reading)):
        return False
    if reading.conduct & (OVERSIGHT_CONDUCT | STAFF_CONDUCT):
        return not (reading.sure and unit_for(reading, facts.region)) or _may_be_one_of_many(reading, facts)
    if _answers_by_place(reading, facts):
        spot = draft_spot(draft, reading, facts)
        return not spot.outside and unit_for(reading, facts.region, area=spot.area) is None
    return not reading.sure and bool(proposals(reading, facts.region) or offered_body(draft, reading, facts))


def _office_question(draft: Draft, reading: Reading, facts: Facts, spot: Spot | None = None) -> Reply:
    """`spot`: what was typed in its place, if it may be one of several."""
    revision = str(draft.revision)
    spot = spot or draft_spot(draft, reading, facts)
    ours = (Choice("office", (code, revision)) for code in proposals(reading, facts.region, spot))
    offices = (*ours, *offered_body(draft, reading, facts))
    return Reply(
        "citizen/office", {"first": facts.first, "any": bool(offices)}, (*offices, Choice("unknown", (revision,)))
    )


def _place_is_missing(draft: Draft, reading: Reading, facts: Facts) -> bool:
    if draft.place_asked or reading.matter is None or reading.care:
        return False
    if reading.suspicious & (OVERSIGHT_CONDUCT | STAFF_CONDUCT):
        return False
    if draft_route(draft, reading, facts).kind is Kind.INFORMATION:
        return False
    matter = facts.region.matters[reading.matter]
    return matter.asks_place and not (reading.unit or reading.place or reading.spot.area)


def draft_route(draft: Draft, reading: Reading, facts: Facts) -> Route:
    """Where the draft would go if it were sent now; a story that does not say its matter has the one of its service."""
    chosen, spot = chosen_unit(draft, reading, facts), draft_spot(draft, reading, facts)
    found = route(reading, facts.region, chosen=chosen, unknown=draft.unit_unknown, kind=draft.kind, spot=spot)
    service = facts.region.services.get(draft.service or "")
    return replace(found, matter=found.matter or service.matter) if service else found


def draft_spot(draft: Draft, reading: Reading, facts: Facts) -> Spot:
    """Where it happened: by the place that was sent or typed, else by the story. Who names a kelurahan of ours is not
    sent away because of the point at which they stood."""
    sent = spot_of_place(draft.place, facts.region) if draft.place else NOWHERE
    return reading.spot if sent == NOWHERE or (sent.outside and reading.spot.area) else sent


def spot_shown(spot: Spot, facts: Facts) -> dict[str, object]:
    """A spot as pages speak of it: the area with what it lies in, and whose it is where that is not ours."""
    area = facts.region.areas.get(spot.area or "")
    around = facts.region.areas.get(area.parent or "") if area else None
    shown = {"level": area.level, "name": area.name, "around": around.name if around else None} if area else None
    return {"area": shown, "outside": spot.outside, "whose": spot.whose}


def chosen_unit(draft: Draft, reading: Reading, facts: Facts) -> str | None:
    """The unit that the citizen chose. One that only a link brought gives way to the one that the story names.

    Of an accusation also to the one that it is about: or the sign on a counter would say who is kept out. The office of
    a service, whose page may have been read long ago, gives way to what the story is surely about.
    """
    accuses = reading.suspicious & (OVERSIGHT_CONDUCT | STAFF_CONDUCT)
    about = reading.sure and (draft.service or (accuses and unit_for(reading, facts.region)))
    if draft.linked and (reading.unit or about):
        return None
    return draft.unit


def confirmation(draft: Draft, reading: Reading, facts: Facts, before: Case | None = None) -> Reply:
    """What will be sent, who will read it and who will not, and how the citizen appears.

    `before`: the own open case that seems to be about the same.
    """
    goes = draft_route(draft, reading, facts)
    identity = draft.identity or goes.identity
    shown = {
        "first": facts.first,
        "kind": str(goes.kind),
        "story": draft.story,
        "place": draft.place,
        **spot_shown(draft_spot(draft, reading, facts), facts),
        **facts.counted(draft.media),
        "reader": reader_title(goes, facts),
        "unit": facts.region.units[goes.unit].name,
        "kept_from": facts.region.units[goes.reported].name if goes.reported else None,
        "oversight": goes.kind == "oversight",
        "front_desk": goes.unit == facts.region.front_desk,
        "identity": str(identity),
        "name": facts.name,
        "notify": draft.notify,
        "again": again_facts(before, facts) if before else None,
        "roads": roads("", facts.region, goes.reported),
    }
    revision = (str(draft.revision),)
    choices = [Choice("send", revision), Choice("identity", revision)]
    if identity == "anonymous" and not draft.notify:
        choices.append(Choice("notify_me", revision))
    if not goes.reported:
        choices.append(Choice("other_office", revision))
    if goes.kind in (Kind.INFORMATION, Kind.ASPIRATION):
        choices.append(Choice("as_complaint", revision))
    if before:
        choices.append(Choice("same_case", (str(before.view.id), before.number, *revision)))
    if joinable(draft, facts):
        choices.append(Choice("add_to_old", revision))
    choices += [Choice("edit", revision), Choice("cancel", revision)]
    return Reply("citizen/confirm", shown, tuple(choices))


def reader_title(goes: Route, facts: Facts) -> str:
    """The post that will read: the head where only the head may, else the post at the unit's desk."""
    head = facts.region.head_of(goes.unit)
    desk = facts.region.desk_of(goes.unit)
    post = head if goes.desk == "head" or not desk else desk[0]
    if post is None:
        return facts.region.units[goes.unit].name
    held: HoldingKind | None = facts.known.get(Acting(), {}).get(post.code)
    return title(post, held)


def is_current(memory: Memory, facts: Facts) -> bool:
    """Whether the pressed choice belongs to the draft as it is now."""
    assert facts.chosen is not None
    return memory.draft is not None and facts.chosen.choice.args[-1:] == (str(memory.draft.revision),)


def revise(memory: Memory, **changes: object) -> Memory:
    """The draft with changes, as a new revision: older buttons become stale."""
    assert memory.draft is not None
    return replace(memory, draft=replace(memory.draft, revision=memory.draft.revision + 1, **changes))  # type: ignore[arg-type]


@turn("citizen.stale")
def stale(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A choice of an earlier page: answered with the present state, and nothing is done."""
    if memory.draft and memory.draft.story and not memory.draft.parked:
        return Goto("citizen.review", memory)
    return say(memory, "stale")


@turn("citizen.choice.emergency_yes")
def danger_now(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The numbers once more, as for danger that the story itself calls present; the case will go before others."""
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return Goto("citizen.review", revise(memory, urgent=True, warned=False))


@turn("citizen.choice.emergency_no")
def no_danger(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return Goto("citizen.review", revise(memory))


@turn("citizen.text.danger")
def tell_in_danger(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Who types on has no time for a question: it is more of the story."""
    return tell(inbound, memory, facts)


@turn("citizen.choice.office")
def choose_office(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    assert facts.chosen is not None
    return Goto("citizen.review", revise(memory, unit=facts.chosen.choice.args[0], linked=False, unit_unknown=False))


@turn("citizen.choice.unknown")
def office_unknown(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return Goto("citizen.review", revise(memory, unit=None, unit_unknown=True, office_asked=True))


@turn("citizen.choice.other_office")
def other_office(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The proposed office is wrong: ask, also when the program was sure."""
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    changed = revise(memory, unit=None, linked=False, unit_unknown=False)
    assert changed.draft is not None
    question = _office_question(changed.draft, read(changed.draft.story, facts.region), facts)
    return Step(replace(changed, state="office"), (question,))


@turn("citizen.text.office")
def name_office(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A typed name chooses; whatever says more than a name belongs to the story, or an accusation would be lost."""
    short = len(inbound.text) <= LONGEST_NAME
    unit = (unit_named(inbound.text, facts.region) or _unit_there(inbound.text, facts)) if short else None
    if unit is None:
        several = short and memory.draft is not None and _one_of_several(memory, memory.draft, inbound.text, facts)
        return several or _tell_more(inbound, memory, office_asked=True)
    if _is_only_a_name(inbound.text, unit, facts):
        return Goto("citizen.review", revise(memory, unit=unit, linked=False, unit_unknown=False))
    return _tell_more(inbound, memory, unit=unit, linked=False, unit_unknown=False, office_asked=True)


def _unit_there(text: str, facts: Facts) -> str | None:
    """The kelurahan, desa or kecamatan of a name that is alone: "tomuan"."""
    area = spot_named(text, facts.region).area
    alone = area is not None and not names_in(text, facts.region, loose=True).rest
    return facts.region.unit_in(facts.region.areas[area].level, area) if area and alone else None


def _one_of_several(memory: Memory, draft: Draft, text: str, facts: Facts) -> Step | None:
    """A name that several have is asked about again, with each of them as a choice; nothing where it says more."""
    reading, spot = read(draft.story, facts.region), spot_named(text, facts.region)
    if not spot.among or names_in(text, facts.region, loose=True).rest or not _answers_by_place(reading, facts):
        return None
    after = revise(memory)
    assert after.draft is not None
    return Step(after, (_office_question(after.draft, reading, facts, spot),))


def _is_only_a_name(text: str, unit: str, facts: Facts) -> bool:
    lexicon = facts.region.lexicon
    named = facts.region.units[unit]
    words = {word for name in (named.name, *named.aliases) for word in words_of(name, lexicon)}
    return words.issuperset(words_of(text, lexicon)) or not names_in(text, facts.region, loose=True).rest


@turn("citizen.choice.skip")
def skip_place(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return Goto("citizen.review", revise(memory, place_asked=True))


@turn("citizen.text.place")
def name_place(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not inbound.text.strip():
        return _tell_more(inbound, memory)
    if read(inbound.text, facts.region).conduct & (OVERSIGHT_CONDUCT | STAFF_CONDUCT):
        return _tell_more(inbound, memory, place_asked=True)  # an accusation counts only in the story
    place = {"place": inbound.text.strip(), "place_from": inbound.message or "", "place_asked": True}
    return Goto("citizen.review", revise(memory, **place))


def _may_be_one_of_many(reading: Reading, facts: Facts) -> bool:
    """Whether a matter is answered by units of a kind, a puskesmas say, and nothing tells which of them is meant."""
    matter = facts.region.matters.get(reading.matter or "")
    return (
        matter is not None
        and bool(matter.unit_kind)
        and facts.region.unit_in(matter.unit_kind, reading.spot.area) is None
    )


def _answers_by_place(reading: Reading, facts: Facts) -> bool:
    """Whether the matter is answered by a kelurahan or kecamatan, so that only its name says which."""
    matter = facts.region.matters.get(reading.matter or "")
    return matter is not None and matter.unit_kind in AREA_KINDS


def _tell_more(inbound: Inbound, memory: Memory, **changes: object) -> Decision:
    """More of the story or more photos, before it is sent."""
    if memory.draft is None:
        return Goto("citizen.story", replace(memory, state="idle"))
    return Goto("citizen.review.more", revise(replace(memory, draft=with_more(memory.draft, inbound)), **changes))
