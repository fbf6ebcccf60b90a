"""The national spreadsheet export as LAPOR!'s administrators download it: typed rows, one at a time.

A preamble, a heading row with `Tracking ID`, columns in any order; "-" stands for nothing; dates are written as
"3 Jan 2026" or "06 Agu 2026" with the time in a column of its own, in WIB.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from lapor_gateway.domain.dates import UnreadableDateError, date_reader
from lapor_gateway.domain.outcomes import tracking_id_of
from lapor_gateway.errors import ConfigurationError, SourceFaultError
from lapor_gateway.spreadsheets import Form, Row, Spreadsheet, cell_of, heading_key

WIB: Final = timezone(timedelta(hours=7), "WIB")
_FORM: Final = Form(
    headings=("Tracking ID", "Tanggal Laporan Masuk", "Isi Laporan Awal", "Status Laporan"),
    cure="Download it from LAPOR! again and leave its columns as they are.",
)
_DATE: Final = date_reader(("indonesian", "iso", "%d/%m/%Y", "%d-%m-%Y", "excel"), WIB)
_TIME: Final = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*WIB)?", re.IGNORECASE)
_ESCAPED_RETURN: Final = "_x000D_"  # how a workbook writes a carriage return inside a text
_MOST_NAMED: Final = 20  # faulty rows named; all are counted
_LONGEST_SHOWN: Final = 40  # characters of a faulty cell


class ExportedComplaint(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `created_at` is when LAPOR! says it came, in WIB, cut to what the row gives (day, minute or second).

    `first_text` is the text as it arrived, our line included; `last_text` what it is now. "" stands for blank.
    The reporter's name is never read.
    """

    row: int
    tracking_id: str
    created_at: datetime | None
    title: str
    first_text: str
    last_text: str
    status: str
    is_anonymous: bool
    is_secret: bool
    category: str
    channel: str
    institution: str


class RowFault(StrEnum):
    """What is wrong with a row of the export."""

    NO_TRACKING_ID = "no_tracking_id"
    REPEATED = "repeated"
    UNREADABLE_DATE = "unreadable_date"


class FaultyRow(msgspec.Struct, frozen=True):
    """A row that was left out, or (`UNREADABLE_DATE`) given without its date; `shown` is the cell at fault."""

    row: int
    fault: RowFault
    shown: str


class NationalExport:
    """The file of one download. `faults` and `named` are whole once `complaints` has been read to its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.faults: dict[RowFault, int] = dict.fromkeys(RowFault, 0)
        self.named: list[FaultyRow] = []  # the first of them

    def complaints(self) -> Iterator[ExportedComplaint]:
        """Every row with a tracking id, the first of each, in the file's order; one row in memory at a time.

        Raises `ConfigurationError` where the file is missing or is no such export.
        """
        if not self._path.is_file():
            raise ConfigurationError(
                f"There is no file {self._path}.", cure="Name the spreadsheet downloaded from LAPOR!."
            )
        try:
            yield from self._rows()
        except SourceFaultError as fault:
            raise ConfigurationError(fault.message, cure=fault.cure, detail=fault.detail) from None

    def _rows(self) -> Iterator[ExportedComplaint]:
        self.faults = dict.fromkeys(RowFault, 0)
        self.named = []
        seen: set[int] = set()
        for table in Spreadsheet(self._path, _FORM).tables():
            places = {heading_key(name): place for place, name in reversed([*enumerate(table.headings)])}
            for number, row in enumerate(table.rows, table.first_row):
                cells = _Cells(places, row)
                if cells.are_blank:
                    continue
                tracking_id = tracking_id_of(cells.text("Tracking ID"))
                if tracking_id is None:
                    self._note(number, RowFault.NO_TRACKING_ID, cells.text("Tracking ID"))
                elif int(tracking_id) in seen:
                    self._note(number, RowFault.REPEATED, tracking_id)
                else:
                    seen.add(int(tracking_id))
                    yield self._complaint(number, tracking_id, cells)

    def _complaint(self, number: int, tracking_id: str, cells: "_Cells") -> ExportedComplaint:
        kind = cells.text("Tipe Laporan (Anonim/Rahasia)", "Tipe Laporan").casefold()
        return ExportedComplaint(
            row=number,
            tracking_id=tracking_id,
            created_at=self._instant(number, cells),
            title=cells.text("Judul Laporan"),
            first_text=cells.text("Isi Laporan Awal"),
            last_text=cells.text("Isi Laporan Akhir"),
            status=cells.text("Status Laporan"),
            is_anonymous="anonim" in kind,
            is_secret="rahasia" in kind,
            category=cells.text("Kategori"),
            channel=cells.text("Sumber Laporan"),
            institution=cells.text("Instansi Terdisposisi"),
        )

    def _instant(self, number: int, cells: "_Cells") -> datetime | None:
        try:
            day = _DATE(cells.value("Tanggal Laporan Masuk"))
        except UnreadableDateError as trouble:
            self._note(number, RowFault.UNREADABLE_DATE, str(trouble))
            return None
        moment = _time(cells.value("Waktu Laporan Masuk"))
        return datetime.combine(day, moment, WIB) if day is not None and moment is not None else day

    def _note(self, number: int, fault: RowFault, shown: str) -> None:
        self.faults[fault] += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(FaultyRow(number, fault, shown[:_LONGEST_SHOWN]))


class _Cells:
    """One row's cells by heading."""

    def __init__(self, places: Mapping[str, int], row: Row) -> None:
        self._places = places
        self._row = row

    @property
    def are_blank(self) -> bool:
        return all(_is_blank(value) for value in self._row)

    def value(self, heading: str) -> Any:
        """The cell as it stands; None for a blank one and where there is no such column."""
        place = self._places.get(heading_key(heading))
        value = self._row[place] if place is not None and place < len(self._row) else None
        return None if _is_blank(value) else value

    def text(self, *headings: str) -> str:
        """The first filled cell under one of `headings` as trimmed text, else ""."""
        filled = (value for value in map(self.value, headings) if value is not None)
        value = cell_of(next(filled, None))
        return "" if value is None else str(value).replace(_ESCAPED_RETURN, "").strip()


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in ("", "-"))


def _time(value: Any) -> time | None:
    """A time of day; None where the cell is blank or is none, for then the day alone is known."""
    match value:
        case datetime():
            return value.time()
        case time():
            return value
        case timedelta() if timedelta() <= value < timedelta(days=1):
            return _after_midnight(value)
        case float() if 0 <= value < 1:  # a workbook's own way: the share of the day
            return _after_midnight(timedelta(seconds=round(value * 86_400) % 86_400))
        case str():
            return _clock_time(_TIME.fullmatch(value.strip()))
        case _:
            return None


def _after_midnight(span: timedelta) -> time:
    return (datetime(1, 1, 1, tzinfo=WIB) + span).time()


def _clock_time(match: re.Match[str] | None) -> time | None:
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
