"""A supervisor's picture: what is open by office and age, and the share in time of the last weeks.

Drawn without a display and with nothing of the machine: the letters are Pillow's own. The same facts are always the
same bytes. Late is told by its colour, by its stripes and by its number.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from bot.rendering import Words

WIDTH, MARGIN = 800, 32
INSIDE = WIDTH - 2 * MARGIN
PAPER, INK, FAINT, RULE = "#ffffff", "#1b1f24", "#57606a", "#d0d7de"
#: Ages from young to old, each clearly darker than the one before, with letters that can be read on it.
AGES = (("#c6ddf5", INK), ("#7fb0e0", INK), ("#2b5f9e", PAPER))
LATE, LATE_STRIPE = "#b42318", "#8a1a12"
GOOD, TRACK = "#2e7d5b", "#e6eaef"
TITLE, HEAD, TEXT, SMALL = 34, 25, 23, 20
BAR, ROW = 30, 70
COLUMN = 190
#: Signs that the letters lack, and what stands for them.
_PLAINER = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})
#: A share of fewer cases is chance: it is shown as a fraction alone.
LEAST_SHARE = 5
#: A narrower piece of a bar has no room for its number.
_ROOM = 8

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class _Sheet:
    """A sheet that is drawn from top to bottom. `y` is where the next thing goes."""

    image: Image.Image
    draw: ImageDraw.ImageDraw
    y: float = MARGIN

    def write(self, x: float, y: float, text: str, size: int, ink: str = INK, *, bold: bool = False) -> None:
        self.draw.text(
            (x, y),
            text.translate(_PLAINER),
            fill=ink,
            font=_font(size),
            stroke_width=0.5 if bold else 0,
            stroke_fill=ink,
        )

    def line(self, text: str, size: int, ink: str = INK, *, bold: bool = False) -> None:
        for piece in wrapped(text, size, INSIDE):
            self.write(MARGIN, self.y, piece, size, ink, bold=bold)
            self.y += round(size * 1.35)


@lru_cache(maxsize=8)
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _wide(text: str, size: int) -> float:
    return float(_font(size).getlength(text.translate(_PLAINER)))


def wrapped(text: str, size: int, room: float) -> list[str]:
    """The lines of a text that fit into so many dots; a word that is wider stands alone."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _wide(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def shortened(text: str, size: int, room: float) -> str:
    """A text that fits, cut at its end where it must be."""
    if _wide(text, size) <= room:
        return text
    fitting = bisect_right(range(len(text)), room, key=lambda n: _wide(f"{text[:n]}…", size)) - 1
    return f"{text[: max(fitting, 0)].rstrip()}…"


def picture(facts: Mapping[str, Any], at: str, title: str, words: Words) -> bytes:
    """The picture as a PNG. `facts` as `handlers.actions.picturing.facts` makes them, `title` the post's."""
    sheet = _sheet(_height(facts))
    sheet.line(words("title", at), TITLE, bold=True)
    sheet.line(title, TEXT, FAINT)
    sheet.y += 14
    _draw_bars(sheet, facts, words)
    if facts["apart"] is not None:
        sheet.line(words("apart", facts["apart"]), SMALL, FAINT)
    sheet.y += 18
    _draw_weeks(sheet, facts["weeks"], words)
    return _as_png(sheet.image.crop((0, 0, WIDTH, round(sheet.y) + MARGIN)))


def _height(facts: Mapping[str, Any]) -> int:
    """More than enough: what stays empty is cut off."""
    return 1_100 + ROW * len(facts["rows"])


def _sheet(height: int) -> _Sheet:
    image = Image.new("RGB", (WIDTH, height), PAPER)
    return _Sheet(image, ImageDraw.Draw(image))


def _as_png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", compress_level=6)
    return out.getvalue()


# --- the bars


def _draw_bars(sheet: _Sheet, facts: Mapping[str, Any], words: Words) -> None:
    sheet.line(words("by_office", facts["whole"]), HEAD, bold=True)
    rows = [*facts["rows"], *([facts["rest"]] if facts["rest"] else [])]
    if not rows:
        sheet.line(words("nothing_open"), TEXT, FAINT)
        return
    _draw_key(sheet, words)
    longest = max(sum(row["ages"]) + row["late"] for row in rows)
    for row in rows:
        name = words("rest", row["offices"]) if row.get("offices") else row["name"]
        _draw_row(sheet, name, row, longest)


def _draw_key(sheet: _Sheet, words: Words) -> None:
    """What the colours mean."""
    x: float = MARGIN
    sheet.y += 4
    entries = [(words("late"), LATE), *((words("age", n), colour) for n, (colour, _) in enumerate(AGES))]
    for label, colour in entries:
        box = (x, sheet.y + 3, x + 22, sheet.y + 25)
        _fill(sheet, box, colour)
        sheet.write(x + 30, sheet.y, label, SMALL)
        x += 30 + _wide(label, SMALL) + 24
    sheet.y += 40


def _draw_row(sheet: _Sheet, name: str, row: Mapping[str, Any], longest: int) -> None:
    """An office: its name with how much is open, and below it the bar, what is late first."""
    total = sum(row["ages"]) + row["late"]
    number = str(total)
    room = INSIDE - _wide(number, TEXT) - 20
    sheet.write(MARGIN, sheet.y, shortened(name, TEXT, room), TEXT)
    sheet.write(WIDTH - MARGIN - _wide(number, TEXT), sheet.y, number, TEXT, bold=True)
    x, top = float(MARGIN), sheet.y + 30
    pieces = [(row["late"], LATE, PAPER), *((n, *look) for n, look in zip(row["ages"], AGES, strict=True))]
    for count, colour, ink in pieces:
        wide = INSIDE * count / longest
        if count:
            _draw_piece(sheet, (x, top, x + wide, top + BAR), str(count), colour, ink)
        x += wide
    sheet.y += ROW


def _draw_piece(sheet: _Sheet, box: Box, number: str, colour: str, ink: str) -> None:
    left, top, right, bottom = box
    _fill(sheet, (left, top, max(right - 2, left + 1), bottom), colour)
    if right - left < _wide(number, SMALL) + _ROOM:
        return
    x = (left + right - 2 - _wide(number, SMALL)) / 2
    if colour == LATE:  # the stripes stay away from the number
        sheet.draw.rectangle((x - 5, top + 3, x + _wide(number, SMALL) + 5, bottom - 3), fill=colour)
    sheet.write(x, top + 3, number, SMALL, ink, bold=True)


def _fill(sheet: _Sheet, box: Box, colour: str) -> None:
    """A piece of a bar; what is late is striped too, for who sees no red."""
    left, top, right, bottom = (round(edge) for edge in box)
    sheet.draw.rectangle((left, top, right, bottom), fill=colour)
    if colour != LATE:
        return
    stripes = Image.new("RGB", (right - left + 1, bottom - top + 1), LATE)
    pen, tall = ImageDraw.Draw(stripes), stripes.height
    for x in range(-tall, stripes.width, 10):
        pen.line((x, tall, x + tall, 0), fill=LATE_STRIPE, width=3)
    sheet.image.paste(stripes, (left, top))


# --- the weeks


def _draw_weeks(sheet: _Sheet, weeks: Sequence[Mapping[str, Any]], words: Words) -> None:
    """A column for each week, as high as its share; the number above, the fraction and the week below."""
    sheet.line(words("in_time"), HEAD, bold=True)
    sheet.y += 34
    top, step = sheet.y, INSIDE / len(weeks)
    for n, week in enumerate(weeks):
        _draw_week(sheet, MARGIN + n * step, step, top, week, words)
    sheet.draw.line((MARGIN, top + COLUMN, WIDTH - MARGIN, top + COLUMN), fill=INK, width=2)
    sheet.y = top + COLUMN + 62


def _draw_week(sheet: _Sheet, left: float, step: float, top: float, week: Mapping[str, Any], words: Words) -> None:
    counted, bottom = week["counted"], top + COLUMN
    box = (left + 10, top, left + step - 10, bottom)
    sheet.draw.rectangle(box, fill=TRACK if counted else PAPER, outline=None if counted else RULE)
    share = week["in_time"] / counted if counted else 0
    if counted:
        sheet.draw.rectangle((box[0], bottom - COLUMN * share, box[2], bottom), fill=GOOD)
    if counted >= LEAST_SHARE:
        _centred(sheet, left, step, top - 30, words("percent", round(100 * share)), TEXT, INK)
    _centred(sheet, left, step, bottom + 6, words("of", week["in_time"], counted) if counted else "-", 17, INK)
    _centred(sheet, left, step, bottom + 32, words("week", week["day"]), 18, FAINT)


def _centred(sheet: _Sheet, left: float, step: float, y: float, text: str, size: int, ink: str) -> None:
    sheet.write(left + (step - _wide(text, size)) / 2, y, text, size, ink)
