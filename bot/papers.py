"""Papers for the folder, as PDF: the week or month of a post, and a letter to whom nothing could be sent.

A4, in the letters that every reader of PDF has; the same facts are always the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table
from reportlab.platypus.tables import TableStyle

from bot.picture import picture
from bot.rendering import Words

#: As text, for printers of the nineties, a picture takes ten times as long as it does as bytes.
rl_config.useA85 = 0

EDGE = 2.2 * cm
#: A frame keeps 6 points on either side for itself.
INSIDE = A4[0] - 2 * EDGE - 12
_FOOT = 1.2 * cm
_GREY = colors.HexColor("#57606a")
_TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=10.5, leading=15)
_SMALL = ParagraphStyle("small", parent=_TEXT, fontSize=9, leading=12, textColor=_GREY)
_COLUMN = ParagraphStyle("column", parent=_SMALL, alignment=TA_RIGHT)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontName="Helvetica-Bold", fontSize=17, leading=22)
_HEAD = ParagraphStyle("head", parent=_TEXT, fontName="Helvetica-Bold", fontSize=12, spaceBefore=12, spaceAfter=4)
_LINES = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#d0d7de")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("FONT", (1, 0), (-1, -1), "Helvetica", 10.5),
    ]
)
#: The figures of a period, in the order in which they stand (docs/figures.md): counts, shares of so many, days.
_COUNTS = frozenset({"received", "settled", "open", "late"})
_SHARES = {"in_time": "counted", "unanswered": "owed", "refused": "judged"}
_FIGURES = ("received", "settled", "in_time", "unanswered", "refused", "open", "late", "median_days", "p90_days")

Facts = Mapping[str, Any]
Story = Iterator[Flowable]


def period(facts: Facts, words: Words, drawn: Words) -> bytes:
    """The paper of a week or month; `drawn` are the words of its picture."""
    foot = words("printed", facts["paper"]["at"])
    heading = f"{words('report_title', facts['kind'])}, {words('period', facts['from_day'], facts['to_day'])}"
    return _printed(_period(facts, words, drawn), heading, lambda n, of: (foot, words("page", n, of)))


def _period(facts: Facts, words: Words, drawn: Words) -> Story:
    paper, told = facts["paper"], facts["oversight"] is not None
    yield _said(words("town_name"), _SMALL)
    yield _said(words("report_title", facts["kind"]), _TITLE)
    yield _said(words("period", facts["from_day"], facts["to_day"]))
    yield _said(words("reader", facts["title"]))
    yield from _figures(paper, words)
    yield _said(words("whole" if _is_whole(paper) else "apart"), _SMALL)
    yield from _offices(paper["offices"], words)
    yield from _shielded(facts, words) if told else ()
    if paper["picture"]:
        yield Spacer(0, 0.5 * cm)
        yield _pictured(picture(paper["picture"], paper["at"], facts["title"], drawn))


def _is_whole(paper: Facts) -> bool:
    return bool(paper["picture"] and paper["picture"]["whole"])


def _figures(paper: Facts, words: Words) -> Story:
    yield _said(words("figures_head"), _HEAD)
    told = [(name, _figure(paper, name, words)) for name in _FIGURES]
    rows = [(_said(words("figure", name)), number) for name, number in told if number]
    yield _table(rows, (INSIDE - 3 * cm, 3 * cm))


def _figure(paper: Facts, name: str, words: Words) -> str:
    """A figure as it is printed; empty where there is none to be told."""
    if name in _COUNTS:
        return str(paper[name])
    if name in _SHARES:
        return words("of", paper[name], paper[_SHARES[name]]) if paper[_SHARES[name]] else ""
    return words("number", paper[name]) if paper[name] is not None else ""


def _offices(rows: Sequence[Facts], words: Words) -> Story:
    yield _said(words("offices_head"), _HEAD)
    if not rows:
        yield _said(words("nothing"))
        return
    first, *columns = words("columns").splitlines()
    lines: list[tuple[Any, ...]] = [(_said(first, _SMALL), *(_said(name, _COLUMN) for name in columns))]
    for row in rows:
        in_time = words("of", row["in_time"], row["counted"]) if row["counted"] else "-"
        lines.append((_said(row["name"]), row["received"], row["settled"], in_time, row["late"]))
    yield _table(lines, (INSIDE - 9.2 * cm, 2 * cm, 2 * cm, 2.9 * cm, 2.3 * cm), heads=1)


def _shielded(facts: Facts, words: Words) -> Story:
    oversight = facts["oversight"]
    yield _said(words("shielded_head"), _HEAD)
    for name, count in facts["shielded"]["rows"]:
        yield _said(words("shielded_row", name, count))
    yield _said(words("oversight", oversight["running"], oversight["late"]))
    yield _said(words("standing"), _SMALL)


def _pictured(png: bytes) -> Flowable:
    """The picture in half the paper's width and a bit, never cut by the end of a page."""
    image = Image(io.BytesIO(png))
    image.drawWidth, image.drawHeight = _fitting(image.imageWidth, image.imageHeight)
    return KeepTogether([image])


def _fitting(wide: float, tall: float) -> tuple[float, float]:
    scale = min(INSIDE / wide, (A4[1] - 3 * EDGE) / tall, 0.55)
    return wide * scale, tall * scale


def _table(rows: Sequence[Sequence[Any]], widths: Sequence[float], *, heads: int = 0) -> Flowable:
    table = Table([list(row) for row in rows], colWidths=list(widths), repeatRows=heads)
    table.setStyle(_LINES)
    return table


# --- the letter


def dead_letter(facts: Facts, words: Words) -> bytes:
    """A letter to a post that no message reaches, to be printed, signed and carried there."""
    return _printed(_letter(facts, words), words("letter_title"), None)


def _letter(facts: Facts, words: Words) -> Story:
    yield _said(words("town_name"), _SMALL)
    yield _said(words("letter_title"), _TITLE)
    yield Spacer(0, 0.3 * cm)
    yield _said(words("letter_place", facts["date"]))
    yield Spacer(0, 0.8 * cm)
    for line in words("letter_to", facts["post"], facts["unit"]).splitlines():
        yield _said(line)
    yield Spacer(0, 0.6 * cm)
    text = words("letter_text", facts["number"], facts["unit"], facts.get("by"), facts.get("since"))
    for paragraph in text.split("\n\n"):
        yield _said(paragraph)
        yield Spacer(0, 0.3 * cm)
    yield Spacer(0, 0.8 * cm)
    yield _signatures(words)


def _signatures(words: Words) -> Flowable:
    """A place to sign for who sends it, and one for who takes it."""
    blank, room = "." * 40, Spacer(0, 2 * cm)
    sender = [_said(words("letter_sender")), room, _said(blank), _said(words("letter_sign"), _SMALL)]
    taker = [_said(f"{words('letter_received')} {'.' * 18}"), room, _said(blank), _said(words("letter_sign"), _SMALL)]
    return Table([[sender, taker]], colWidths=[INSIDE / 2] * 2, style=[("LEFTPADDING", (0, 0), (0, 0), 0)])


# --- sheets


def _said(text: str, style: ParagraphStyle = _TEXT) -> Paragraph:
    return Paragraph(escape(text), style)


#: What stands at the foot of page n of so many: at the left, and at the right.
_Feet = Callable[[int, int], tuple[str, str]]


def _printed(story: Story, title: str, feet: _Feet | None) -> bytes:
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, title=title, author="Tanggap", invariant=1,
        leftMargin=EDGE, rightMargin=EDGE, topMargin=EDGE, bottomMargin=EDGE,
    )  # fmt: skip

    class Numbered(Canvas):  # type: ignore[misc]
        """Keeps its pages until all are known: only then can each say of how many it is one."""

        def __init__(self, *told: Any, **named: Any) -> None:
            super().__init__(*told, **named)
            self._sheets: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802
            self._sheets.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for n, sheet in enumerate(self._sheets, start=1):
                self.__dict__.update(sheet)
                _draw_foot(self, feet(n, len(self._sheets)) if feet else ("", ""))
                super().showPage()
            super().save()

    document.build(list(story), canvasmaker=Numbered)
    return out.getvalue()


def _draw_foot(canvas: Canvas, foot: tuple[str, str]) -> None:
    canvas.setFont("Helvetica", 8.5)
    canvas.setFillColor(_GREY)
    canvas.drawString(EDGE + 6, _FOOT, foot[0])
    canvas.drawRightString(A4[0] - EDGE - 6, _FOOT, foot[1])
