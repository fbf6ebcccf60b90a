"""How the report's pages look: A4, styles, tables, page numbers. Nothing here knows what a report says."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from lapor_gateway.catalogue import text
from lapor_gateway.cli.report.charts import BOLD, FONT, GREEN

MARGIN: Final = 18 * mm
_PADDING: Final = 6  # of the frame that ReportLab lays the story in
WIDTH: Final = A4[0] - 2 * MARGIN - 2 * _PADDING
_LINE: Final = HexColor(0xB9C0C6)
_SHADE: Final = HexColor(0xF3F5F6)
_INK: Final = HexColor(0x2B2F33)

BODY: Final = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=12, textColor=_INK, spaceAfter=3)
CELL: Final = ParagraphStyle("cell", parent=BODY, fontSize=8, leading=10, spaceAfter=0)
HEAD: Final = ParagraphStyle("head", parent=CELL, fontName=BOLD)
NUMBER: Final = ParagraphStyle("number", parent=CELL, alignment=2)
NUMBER_HEAD: Final = ParagraphStyle("number-head", parent=HEAD, alignment=2)
SMALL: Final = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=9.5)
TITLE: Final = ParagraphStyle(
    "title", parent=BODY, fontName=BOLD, fontSize=13, leading=17, alignment=TA_CENTER
)
CENTERED: Final = ParagraphStyle("centered", parent=BODY, alignment=TA_CENTER)
WARNING: Final = ParagraphStyle("warning", parent=CENTERED, fontName=BOLD, textColor=HexColor(0xA03020))
SECTION: Final = ParagraphStyle(
    "section", parent=BODY, fontName=BOLD, fontSize=11, leading=14, textColor=GREEN, spaceBefore=10, spaceAfter=4,
    keepWithNext=1,
)  # fmt: skip
SUBSECTION: Final = ParagraphStyle(
    "subsection", parent=BODY, fontName=BOLD, fontSize=9, spaceBefore=6, spaceAfter=3, keepWithNext=1
)


def paragraph(words: str, style: ParagraphStyle = BODY) -> Paragraph:
    """Plain words, none of them markup; letters that the standard fonts lack become a question mark."""
    return Paragraph(escape(words.encode("cp1252", "replace").decode("cp1252"), quote=False), style)


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    numbers: Sequence[int] = (),
) -> Table:
    """A table that repeats its headings on every page; `widths` are shares, `numbers` the columns set to the right."""
    whole = sum(widths)
    body = [
        [paragraph(cell, NUMBER if place in numbers else CELL) for place, cell in enumerate(row)]
        for row in rows
    ]
    head = [paragraph(one, NUMBER_HEAD if place in numbers else HEAD) for place, one in enumerate(headings)]
    made = Table([head, *body], colWidths=[WIDTH * one / whole for one in widths], repeatRows=1)
    made.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, _INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, _LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return made


def to_the_right(parts: Sequence[Any]) -> Table:
    """Parts in the right half of the page."""
    return Table([["", list(parts)]], colWidths=[WIDTH / 2, WIDTH / 2])


def space(height: float = 4) -> Spacer:
    return Spacer(1, height)


def print_to(path: str, title: str, footer: str, story: list[Any]) -> None:
    """Lay the story out on A4 and write it; the same story gives the same bytes. Raises `OSError`."""
    document = SimpleDocTemplate(
        path,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=16 * mm,
        bottomMargin=20 * mm,
        title=title,
        author="lapor-gateway",
        invariant=1,
    )
    document.build(story, canvasmaker=lambda *args, **options: _Numbered(footer, *args, **options))


class _Numbered(Canvas):  # type: ignore[misc]
    """Writes the page's number of all pages, which are known only at the end."""

    def __init__(self, footer: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._footer = footer
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - ReportLab's own name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(FONT, 7.5)
            self.setFillColor(_INK)
            self.drawString(MARGIN + _PADDING, 11 * mm, self._footer)
            shown = text("paper.page", page=number, pages=len(self._pages))
            self.drawRightString(A4[0] - MARGIN - _PADDING, 11 * mm, shown)
            super().showPage()
        super().save()
