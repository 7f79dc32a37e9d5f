"""The town's own settled cases as `tanggap train` learns from them. Stories are opened here and written nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from domain.teaching import group_taught
from handlers.session import Session
from storage.queries import teaching

#: So many stories are read at a time.
_PAGE = 500


def lessons(session: Session) -> Iterator[tuple[str, str]]:
    """Stories, and the group of the office that settled each: what was handed back teaches where it went in the end."""
    last = 0
    while page := session.plan.rows(teaching.SETTLED, {"last": last, "most": _PAGE}):
        for row in page:
            story = session.vault.open_text("messages.text_sealed", row.id, row.text_sealed)
            group = group_taught(story, row.unit_code, session.region)
            if group:
                yield story, group
        last = page[-1].id
