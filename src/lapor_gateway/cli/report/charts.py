"""The report's charts, drawn as vectors: bars whose parts are named beside them, readable in black and white."""

from collections.abc import Sequence
from typing import Any, Final

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor, black, white

from lapor_gateway.cli.report.wording import grouped

FONT: Final = "Helvetica"
BOLD: Final = "Helvetica-Bold"
GREEN: Final = HexColor(0x2E6B4F)
AMBER: Final = HexColor(0xD9A441)
GREY: Final = HexColor(0xC9CED3)
_INK: Final = HexColor(0x2B2F33)
_BAR: Final = 12.0
_GAP: Final = 8.0
_LABELS: Final = 120.0
_FIGURES: Final = 92.0
_LEGEND: Final = 22.0
_SMALL: Final = 7.5

Part = tuple[str, Color]
"""What a part of a bar is, and its colour."""


def stacked_bars(width: float, parts: Sequence[Part], rows: Sequence[tuple[str, Sequence[int]]]) -> Drawing:
    """One bar a row, as long as its whole is of the longest; the share of each part that has room stands in it."""
    height = len(rows) * (_BAR + _GAP) + _LEGEND
    drawing = Drawing(width, height)
    longest = max((sum(values) for _, values in rows), default=0) or 1
    room = width - _LABELS - _FIGURES
    for place, (name, values) in enumerate(rows):
        bottom = height - _LEGEND - (place + 1) * (_BAR + _GAP) + _GAP
        drawing.add(_label(_LABELS - 6, bottom + 3, name, "end"))
        _bar(drawing, _LABELS, bottom, [value * room / longest for value in values], values, parts)
        drawing.add(
            _label(_LABELS + room * sum(values) / longest + 5, bottom + 3, grouped(sum(values)), "start")
        )
    drawing.add(Line(_LABELS, 0, _LABELS, height - _LEGEND, strokeColor=_INK, strokeWidth=0.6))
    _legend(drawing, _LABELS, height - 11, parts)
    return drawing


def _bar(
    drawing: Any,
    left: float,
    bottom: float,
    widths: Sequence[float],
    values: Sequence[int],
    parts: Sequence[Part],
) -> None:
    whole = sum(values) or 1
    for width, value, (_, colour) in zip(widths, values, parts, strict=True):
        if not value:
            continue
        drawing.add(Rect(left, bottom, width, _BAR, fillColor=colour, strokeColor=white, strokeWidth=0.4))
        written = f"{(200 * value + whole) // (2 * whole)} %"
        if width > 26:
            ink = white if colour == GREEN else black
            drawing.add(
                String(left + width / 2, bottom + 3.2, written, fontName=FONT, fontSize=7, fillColor=ink,
                       textAnchor="middle")
            )  # fmt: skip
        left += width


def _legend(drawing: Any, left: float, bottom: float, parts: Sequence[Part]) -> None:
    for name, colour in parts:
        drawing.add(Rect(left, bottom, 8, 8, fillColor=colour, strokeColor=_INK, strokeWidth=0.3))
        drawing.add(_label(left + 12, bottom + 1, name, "start"))
        left += 26 + 4.2 * len(name)


def _label(left: float, bottom: float, words: str, anchor: str) -> String:
    shown = words if len(words) <= 30 else words[:29] + "…"
    return String(left, bottom, shown, fontName=FONT, fontSize=_SMALL, fillColor=_INK, textAnchor=anchor)
