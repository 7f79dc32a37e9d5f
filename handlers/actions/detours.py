"""What becomes of a page that can't go freely: it moves, is announced, or waits until its reader writes."""

from __future__ import annotations

from datetime import timedelta

from domain.vocabulary import Action
from handlers.actions import desk, outcomes, reading, responses
from handlers.actions.post import PUSH, Letter, to_post
from handlers.actions.windows import ANNOUNCED, NUDGE, SEE, SHUT, Terms, Way, course_of, key_of
from handlers.messages import Choice
from handlers.session import Session
from storage.plan import Record
from storage.queries import talk
from storage.tables import Outbox, Ticket

#: How soon what waits is looked at again, ever more slowly: a message may be approved meanwhile, a chat be added.
LOOK_AGAIN, SELDOM = timedelta(hours=1), timedelta(days=1)
#: How long a page waits for a reader who never writes; then it has a reason, and its words are not kept any longer.
PATIENCE = timedelta(days=30)


def take(session: Session, row: int, terms: Terms) -> None:
    """Do what the row's course is now; where it may go after all, the next look sends it."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued":
        return
    letter.lease_until = None
    course = course_of(session, letter, terms)
    match course.way:
        case Way.ELSEWHERE:
            outcomes.readdress(letter, course.other)
        case Way.ANNOUNCE:
            _announce(session, letter)
            _rest(session, letter, ANNOUNCED)
        case Way.REST:
            _rest(session, letter, ANNOUNCED)
        case Way.STUCK:
            _rest(session, letter, SHUT)
            if letter.state == "queued":
                _tell_of(session, letter)


def refused(session: Session, row: int, why: str) -> None:
    """The platform does not take the approved message: the page waits, but one that says it does is given up."""
    letter = session.plan.locked(Outbox, row)
    if letter is None or letter.state != "queued" or letter.page == NUDGE:
        outcomes.refused(session, row, why)
        return
    outcomes.later(session, row, LOOK_AGAIN.total_seconds(), blameless=False)
    if letter.state == "queued":
        letter.error = SHUT
        _tell_of(session, letter)


def _announce(session: Session, letter: Record) -> None:
    """A row of its own says that the page waits; what it says is put together when it goes."""
    session.add(
        Outbox,
        dedupe_key=key_of(letter.id),
        page=NUDGE,
        facts_sealed={"row": str(letter.id)},
        choices=[[SEE.code, []]],
        lane=PUSH,
        created_at=session.moment.real,
        **{name: letter.values[name] for name in ("address_id", "person_id", "channel", "account", "ticket_id")},
    )


def _rest(session: Session, letter: Record, why: str) -> None:
    waited = session.moment.real - letter.created_at
    if waited > PATIENCE:
        outcomes.drop(session, letter.id, "never_heard")
    else:
        letter.error, letter.retry_at = why, session.moment.real + min(max(waited, LOOK_AGAIN), SELDOM)


def _tell_of(session: Session, letter: Record) -> None:
    """Nothing could be sent: a reminder goes higher, a question was not asked, the desk hears once that it waits."""
    outcomes.unheard(session, letter)
    if letter.page not in outcomes.WORDS_FOR_CITIZEN or letter.ticket_id is None:
        return
    ticket = session.plan.locked(Ticket, letter.ticket_id)
    assert ticket is not None
    posts = {post.code: f"waits:{letter.id}:{post.code}" for post in reading.readers(session, ticket)}
    if any(session.plan.rows(talk.DEDUPED, {"key": key}) for key in posts.values()):
        return
    if letter.page in outcomes.MAY_ASK:
        desk.unasked(session, ticket)
    responses.missed(session, letter, counts=True)
    shown = {"number": ticket.number, "what": letter.page.partition("/")[2], "waits": True}
    choices = (Choice("details", (str(ticket.id),)),)
    for post, key in posts.items():
        to_post(session, post, Letter(key, "officer/undelivered", shown, choices, ticket, Action.READ))
