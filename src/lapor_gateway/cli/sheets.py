"""Cells of the workbooks we write."""

from typing import Any


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
