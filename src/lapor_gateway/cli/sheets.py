"""Sheets for people: rows written one by one, no cell that a program would take for a formula."""

from collections.abc import Iterable, Sequence
from typing import Any


def fill(sheet: Any, widths: Sequence[int], rows: Iterable[Sequence[object]]) -> None:
    """Write `rows` into a new sheet of a write-only workbook; `widths` are of its first columns, in characters."""
    from openpyxl.utils import get_column_letter

    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row in rows:
        sheet.append([cell(sheet, value) for value in row])


def cell(sheet: Any, value: object) -> Any:
    """A cell that no program takes for a formula, whatever a source has put into an id or a status."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value is None or isinstance(value, int | float):
        return value
    made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    made.data_type = "s"
    made.quotePrefix = True
    return made
