"""Files that come back to a region that knows only spreadsheets: shown, and taken over row by row, once."""

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lapor_gateway.simulators.region.acts import LAPOR, Act, Acts, Answered, Changed, Filed
from lapor_gateway.simulators.region.report import Report
from lapor_gateway.simulators.region.script import Sheets

_STATUS = ("status lapor!", "status sp4n", "status di lapor!")
_ANSWER = ("tindak lanjut", "tindak lanjut lapor!", "tanggapan lapor!")
_LOOKED_AT = 20  # first rows among which the headings stand


class Exchange(Protocol):
    """The folders of a region that knows only files."""

    returned: Path

    def files(self) -> list["ReturnedFile"]: ...

    def take_over(self) -> int: ...

    def write_export(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """One file as it came: its headings and rows, as text."""

    name: str
    headings: list[str]
    rows: list[list[str]]


def returned_files(folder: Path, sheets: Sheets) -> list[ReturnedFile]:
    """Every readable file in the folder, oldest first."""
    paths = sorted(folder.glob("*")) if folder.is_dir() else []
    paths.sort(key=lambda path: path.stat().st_mtime)
    found = (_read(path, sheets) for path in paths if not path.name.startswith("."))
    return [file for file in found if file is not None]


def _read(path: Path, sheets: Sheets) -> ReturnedFile | None:
    """None for what is no spreadsheet, or has no row of headings that the application knows."""
    try:
        lines = list(_lines(path))
    except (OSError, ValueError):
        return None
    known = {heading for heading, value in sheets.columns if value in ("id", "national_number")}
    for place, line in enumerate(lines[:_LOOKED_AT]):
        if known & set(line):
            rows = [row for row in lines[place + 1 :] if any(row)]
            return ReturnedFile(path.name, line, rows)
    return None


def _lines(path: Path) -> Iterator[list[str]]:
    """Raises ValueError for a file that cannot be read."""
    if path.suffix == ".csv":
        text = path.read_text("utf-8-sig")
        delimiter = ";" if text.partition("\n")[0].count(";") else ","
        yield from csv.reader(text.splitlines(), delimiter=delimiter)
        return
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only where files come back

    try:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    except CalamineError as fault:
        raise ValueError(str(fault)) from fault
    for row in rows:
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


class TakeOver:
    """Turns the rows of returned files into acts; a row that was taken over before is left alone."""

    def __init__(
        self, acts: Acts, sheets: Sheets, do: Callable[[Act], Report], now: Callable[[], datetime]
    ) -> None:
        self._acts, self._do, self._now = acts, do, now
        self._headings = {value: heading for heading, value in sheets.columns if value}

    def take(self, files: list[ReturnedFile]) -> int:
        """The number of rows that brought something new."""
        return sum(
            self._row(dict(zip(file.headings, row, strict=False))) for file in files for row in file.rows
        )

    def _row(self, cells: dict[str, str]) -> bool:
        key = "row:" + hashlib.sha256(repr(sorted(cells.items())).encode()).hexdigest()
        if self._acts.done_under(key) is not None:
            return False
        number = self._cell(cells, "national_number")
        report = self._acts.world.reports.get(self._cell(cells, "id"))
        report = report or (self._acts.numbered(number) if number else None)
        if report is None:
            return self._new(cells, number, key)
        status = self._cell(cells, "status")
        answer = _named(cells, _ANSWER)
        if answer and all(told.text != answer for told in report.answers):
            self._do(Answered(at=self._now(), id=report.id, text=answer, by=LAPOR, author="LAPOR!"))
        known = self._acts.world.script.words.statuses.values()
        self._do(
            Changed(
                at=self._now(),
                id=report.id,
                by=LAPOR,
                key=key,
                national_number=number or None,
                national_status=_named(cells, _STATUS) or None,
                status=status if status in known else None,
            )
        )
        return True

    def _new(self, cells: dict[str, str], number: str, key: str) -> bool:
        """A complaint filed at LAPOR!, which the application now lists under a number of its own."""
        body = self._cell(cells, "body")
        if not body or not number:
            return False
        self._do(
            Filed(
                at=self._now(),
                by=LAPOR,
                key=key,
                title=self._cell(cells, "title") or None,
                body=body,
                kind=self._cell(cells, "kind"),
                category=self._cell(cells, "category"),
                name=self._cell(cells, "name"),
                phone=self._cell(cells, "phone"),
                national_number=number,
                national_status=_named(cells, _STATUS) or None,
            )
        )
        return True

    def _cell(self, cells: dict[str, str], value: str) -> str:
        return cells.get(self._headings.get(value, ""), "")


def _named(cells: dict[str, str], names: tuple[str, ...]) -> str:
    return next((text for heading, text in cells.items() if heading.casefold() in names and text), "")
