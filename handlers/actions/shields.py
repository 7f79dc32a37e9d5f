"""The numbers of shielded cases that pages print: town-wide, the same for every reader, renewed once a week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from domain.shields import Standing, all_renewed, are_due, total
from domain.vocabulary import Kind
from handlers.session import Session
from storage.queries import digests

#: The cells of accusations. They share no case, so that a sum of them tells no more than they do.
RUNNING, LATE = "accusations", "accusations.late"
#: What the other shielded cases of an office are kept under.
_OFFICE = "office:"

Cells = Mapping[str, Standing]


def standing(session: Session) -> dict[str, Standing]:
    """What stands now."""
    rows = session.plan.rows(digests.STANDING)
    return {row.cell: Standing(row.number, row.looked_on) for row in rows}


def to_come(session: Session) -> dict[str, Standing]:
    """What stands once today's digests are written. Counts only where a look is due."""
    before = standing(session)
    return all_renewed(before, _counts(session), session.today) if are_due(before, session.today) else before


def renew(session: Session) -> None:
    """Look at every number, if nobody has this week."""
    if not are_due(standing(session), session.today):
        return
    cells = sorted(to_come(session).items())
    rows = [{"cell": name, "number": cell.count, "looked_on": cell.looked_on} for name, cell in cells]
    connection = session.plan.connection
    connection.execute(digests.let_stand(connection.dialect.name), rows)


def _counts(session: Session) -> Counter[str]:
    found: Counter[str] = Counter({RUNNING: 0, LATE: 0})
    for row in session.plan.rows(digests.shielded(session.now)):
        if row.kind == Kind.OVERSIGHT:
            found[RUNNING] += row.alive - row.late
            found[LATE] += row.late
        else:
            found[_OFFICE + session.region.office_of(row.unit_code)] += row.alive
    return found


def accusations(cells: Cells) -> dict[str, int | None]:
    """The accusations of the town as a page may tell them."""
    return {"running": _printed(cells, RUNNING), "late": _printed(cells, LATE)}


def by_office(cells: Cells) -> dict[str, int]:
    """The offices of which a number of shielded cases is printed."""
    found = {name.removeprefix(_OFFICE): cell.printed for name, cell in cells.items() if name.startswith(_OFFICE)}
    return {office: count for office, count in found.items() if count is not None}


def _printed(cells: Cells, name: str) -> int | None:
    return cells[name].printed if name in cells else None


def standing_total(cells: Cells) -> int | None:
    """All shielded cases of which a number is printed anywhere, together."""
    return total(cells.values())
