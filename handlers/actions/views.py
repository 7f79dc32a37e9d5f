"""Rows of a case turned into what rules and turns read; the name is masked here, once, for every reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from domain.access import may
from domain.region import Region, title
from domain.vocabulary import Action, Actor, Desk, Exclusions, Identity, Kind, Priority, Role, State, TicketView
from handlers.actions import breaches, pausing
from handlers.actions.incoming import letter_of
from handlers.flows.cases import Case, Contribution, Heard, Staff, Summary
from handlers.session import Session
from storage.media import PHOTO, VIDEO, VOICE
from storage.plan import Record
from storage.queries import cases, watching
from storage.tables import Deadline, ExclusionRow, Explanation, Message, Person

#: A voice that is the story of a case, and a line that somebody wrote down from it.
VOICE_STORY, HEARD_LINE = "voice", "heard"
#: The name and number that a walk-in left with the officer who took the words down.
CONTACT = "contact"
#: A question among staff.
WHY = "why"
#: How far words have come that have not reached anybody (handlers.actions.responses).
LOST = frozenset({"unreached", "failed"})
#: Kinds of message that stay among staff: notes, what supervisors ask and hear, and the way from desk to desk.
INTERNAL = frozenset({"note", WHY, "explanation", "handover", "undone", HEARD_LINE, CONTACT})
#: Whom most cases exclude.
_NOBODY = Exclusions()


def view_of(session: Session, ticket: Record) -> TicketView:
    """What the access rules need to know of a ticket, exclusions of this transaction included."""
    return TicketView(
        id=ticket.id,
        kind=Kind(ticket.kind),
        state=State(ticket.state),
        identity=Identity(ticket.identity),
        unit=ticket.unit_code,
        desk=Desk(ticket.desk),
        reporter=ticket.reporter_id,
        exclusions=exclusions_of(session, ticket),
        above=_above(session.region, ticket.unit_code),
    )


@lru_cache(maxsize=1024)
def _above(region: Region, unit: str) -> frozenset[str]:
    return frozenset(region.ancestors(unit))


def exclusions_of(session: Session, ticket: Record) -> Exclusions:
    """Who may not learn of a ticket."""
    rows = session.plan.of_case(ExclusionRow, cases.EXCLUSIONS, ticket)
    if not rows:
        return _NOBODY
    return Exclusions(
        units=frozenset(row.unit_code for row in rows if row.unit_code),
        posts=frozenset(row.post_code for row in rows if row.post_code),
        persons=frozenset(row.person_id for row in rows if row.person_id),
    )


def actor_of(session: Session, person: int) -> Actor:
    """A person with the posts held today."""
    return Actor(person=person, held=session.held_by(person))


def is_admin(session: Session, person: int) -> bool:
    """Whether a person holds an administrator's post today."""
    return actor_of(session, person).has(Role.ADMIN)


def staff_of(session: Session, person: int) -> Staff:
    actor = actor_of(session, person)
    acting = session.acting()
    titles = tuple(title(session.region.posts[held.post], acting.get(held.post)) for held in actor.held)
    return Staff(actor, tuple(held.post for held in actor.held), titles)


def staff_case(session: Session, person: int, ticket: Record | None) -> Case | None:
    """The case, if the person may read it now; else None, as for one that does not exist."""
    if ticket is None:
        return None
    view = view_of(session, ticket)
    if not may(actor_of(session, person), Action.READ, view):
        return None
    return replace(case_of(session, ticket, view, reader=person), to_know=_to_know(session, person, ticket))


def _to_know(session: Session, person: int, ticket: Record) -> tuple[int, ...]:
    """The steps that told a reader above the desk, and that nobody has acknowledged."""
    posts = {held.post for held in session.held_by(person)}
    above = {rung.code for rung in session.region.ladder.get(ticket.kind, ()) if rung.to != "officer"}
    rows = session.plan.of_case(Deadline, cases.DEADLINES, ticket)
    told = (row for row in rows if row.post_code in posts and row.step in above and row.cycle == ticket.cycle)
    return tuple(row.id for row in told if row.acknowledged_at is None)


def own_case(session: Session, person: int, ticket: Record | None) -> Case | None:
    """The citizen's own case."""
    if ticket is None or ticket.reporter_id != person:
        return None
    return for_citizen(case_of(session, ticket, view_of(session, ticket), reader=person, inside=False))


def opened_case(session: Session, ticket: Record | None) -> Case | None:
    """A case for whoever has shown its PIN."""
    if ticket is None:
        return None
    return for_citizen(case_of(session, ticket, view_of(session, ticket), inside=False))


def for_citizen(case: Case) -> Case:
    """A case as its citizen reads it: without what the staff says among itself."""
    return replace(case, thread=tuple(part for part in case.thread if part.kind not in INTERNAL))


def case_of(
    session: Session, ticket: Record, view: TicketView, *, reader: int | None = None, inside: bool = True
) -> Case:
    """The picture of a case. Ask `may` first: this only masks the name.

    `inside`: with the files of internal notes, and with what only a desk has to know of its clocks.
    """
    files = clean_files(session, ticket, inside=inside)
    return Case(
        view=view,
        number=ticket.number,
        version=ticket.version,
        matter=ticket.matter_code,
        reported=ticket.reported_unit,
        taken_by=ticket.taken_by,
        taken_by_me=reader is not None and ticket.taken_by == reader,
        name=_name(session, ticket),
        received_at=ticket.received_at,
        binding_by=ticket.binding_by,
        first_response_by=ticket.first_response_by,
        provisional=ticket.provisional,
        thread=thread_of(session, ticket),
        photos=files[PHOTO],
        voices=files[VOICE],
        videos=files[VIDEO],
        reaches=ticket.address_id is not None,
        locked=ticket.locked,
        cycle=ticket.cycle,
        waiting_since=ticket.waiting_since,
        days_paused=ticket.days_paused,
        postponed_until=ticket.postponed_until,
        handbacks=ticket.handbacks,
        refusals=ticket.refusals,
        outcome=ticket.outcome,
        heard=heard_of(session, ticket, inside=inside),
        moved_from=ticket.moved_from,
        moved_at=ticket.moved_at,
        high=inside and ticket.priority == Priority.HIGH,
        explain_by=_explain_by(session, ticket) if inside else None,
        letter=letter_of(session, ticket) if inside else None,
        missed_at=breaches.missed_at(session, ticket),
        pauses=pausing.counted(session, ticket) if inside else 0,
        referred_to=ticket.referred_to,
        stops=inside and pausing.stops_until(session, ticket) is not None,
    )


def _explain_by(session: Session, ticket: Record) -> datetime | None:
    """Until when the oldest question among staff wants its answer."""
    if not any(row.kind == WHY for row in messages_of(session, ticket)):
        return None
    return min((row.due_at for row in questions(session, ticket)), default=None)


def questions(session: Session, ticket: Record) -> list[Record]:
    """What was asked about a case and not explained yet, this transaction's own included."""
    rows = session.plan.of_case(Explanation, watching.UNANSWERED, ticket)
    return [row for row in rows if row.answered_at is None]


def heard_of(session: Session, ticket: Record, *, inside: bool) -> Heard | None:
    """The line that waits for the citizen. Nobody else reads it: whom it accuses is settled only with it."""
    if ticket.desk != Desk.LISTENING:
        return None
    last = max((row for row in messages_of(session, ticket) if row.kind == HEARD_LINE), key=_in_order, default=None)
    return Heard(int(last.id), "" if inside else message_text(session, last)) if last is not None else None


def clean_files(session: Session, ticket: Record, *, inside: bool) -> dict[str, tuple[int, ...]]:
    """The clean files of a case by their kind; without `inside` none that a message among staff brought."""
    rows = [] if ticket.new else session.plan.rows(cases.FILES, {"ticket": ticket.id})
    shown = [row for row in rows if row.state == "clean" and (inside or row.said not in INTERNAL)]
    return {kind: tuple(row.id for row in shown if row.kind == kind) for kind in (PHOTO, VOICE, VIDEO)}


def thread_of(session: Session, ticket: Record) -> tuple[Contribution, ...]:
    """What was said in a case, in order."""
    ordered = sorted(messages_of(session, ticket), key=_in_order)
    return tuple(
        Contribution(row.author, row.kind, message_text(session, row), row.town_at, row.reach in LOST)
        for row in ordered
        if row.kind != HEARD_LINE
    )


def messages_of(session: Session, ticket: Record) -> list[Record]:
    """What was said in a case, as rows."""
    return session.plan.of_case(Message, cases.MESSAGES, ticket)


def _in_order(row: Record) -> int:
    return int(row.seq)


def message_text(session: Session, row: Record) -> str:
    """The words of a message; empty once they are erased."""
    return session.vault.open_text("messages.text_sealed", row.id, row.text_sealed) if row.text_sealed else ""


def _name(session: Session, ticket: Record) -> str | None:
    """The name that the citizen typed, only where the identity is open."""
    if ticket.identity != Identity.OPEN or ticket.reporter_id is None:
        return None
    person = session.plan.one(Person, ticket.reporter_id)
    return name_of(session, person) if person else None


def name_of(session: Session, person: Record) -> str | None:
    """What a person typed as the own name."""
    sealed = person.name_sealed
    return session.vault.open_text("people.name_sealed", person.id, sealed) if sealed else None


def summary_of(ticket: Record, *, inside: bool = False) -> Summary:
    """A case as one line; `inside`: for staff."""
    return Summary(
        id=ticket.id,
        number=ticket.number,
        state=ticket.state,
        kind=ticket.kind,
        unit=ticket.unit_code,
        matter=ticket.matter_code,
        binding_by=ticket.binding_by,
        received_at=ticket.received_at,
        locked=ticket.locked,
        high=inside and ticket.priority == Priority.HIGH,
    )
