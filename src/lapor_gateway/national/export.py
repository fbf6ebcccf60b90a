"""The national spreadsheet export as LAPOR!'s administrators download it: typed rows, one at a time.

A preamble, a heading row with `Tracking ID`, columns in any order; "-" stands for nothing; dates are written as
"3 Jan 2026" or "06 Agu 2026" with the time in a column of its own, in WIB.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from lapor_gateway.domain.dates import UnreadableDateError, date_reader
from lapor_gateway.domain.outcomes import tracking_id_of
from lapor_gateway.domain.reference import Reference, carried_by
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
        self.unread: set[Reference] = set()  # ours, in rows that were left out

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
        self.named, self.unread = [], set()
        seen: set[int] = set()
        for table in Spreadsheet(self._path, _FORM).tables():
            columns = _columns(table.headings)
            for number, row in enumerate(table.rows, table.first_row):
                shown = _text(_at(row, columns.tracking_id))
                tracking_id = tracking_id_of(shown)
                if tracking_id is None:
                    if shown or not all(_is_blank(value) for value in row):
                        self._leave_out(number, row, RowFault.NO_TRACKING_ID, shown)
                elif int(tracking_id) in seen:
                    self._leave_out(number, row, RowFault.REPEATED, tracking_id)
                else:
                    seen.add(int(tracking_id))
                    yield self._complaint(number, tracking_id, row, columns)

    def _leave_out(self, number: int, row: Row, fault: RowFault, shown: str) -> None:
        """Whose row it was is remembered: what stands in it is not absent."""
        self._note(number, fault, shown)
        carried = (carried_by(_text(value)) for value in row)
        self.unread |= {reference for reference in carried if reference is not None}

    def _complaint(self, number: int, tracking_id: str, row: Row, columns: "_Columns") -> ExportedComplaint:
        kind = _text(_at(row, columns.kind)).casefold()
        return ExportedComplaint(
            row=number,
            tracking_id=tracking_id,
            created_at=self._instant(number, _at(row, columns.day), _at(row, columns.time)),
            title=_text(_at(row, columns.title)),
            first_text=_text(_at(row, columns.first_text)),
            last_text=_text(_at(row, columns.last_text)),
            status=_text(_at(row, columns.status)),
            is_anonymous="anonim" in kind,
            is_secret="rahasia" in kind,
            category=_text(_at(row, columns.category)),
            channel=_text(_at(row, columns.channel)),
            institution=_text(_at(row, columns.institution)),
        )

    def _instant(self, number: int, day_cell: Any, time_cell: Any) -> datetime | None:
        if _is_blank(day_cell):
            return None
        try:
            day = _day(day_cell.strip() if isinstance(day_cell, str) else day_cell)
        except UnreadableDateError as trouble:
            self._note(number, RowFault.UNREADABLE_DATE, str(trouble))
            return None
        moment = None if _is_blank(time_cell) else _time(time_cell)
        return datetime.combine(day, moment, WIB) if day is not None and moment is not None else day

    def _note(self, number: int, fault: RowFault, shown: str) -> None:
        self.faults[fault] += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(FaultyRow(number, fault, shown[:_LONGEST_SHOWN]))


class _Columns(msgspec.Struct, frozen=True):
    """Where each heading stands in the rows of one table; None where there is no such column."""

    tracking_id: int | None
    day: int | None
    time: int | None
    title: int | None
    first_text: int | None
    last_text: int | None
    status: int | None
    kind: int | None
    category: int | None
    channel: int | None
    institution: int | None


def _columns(headings: Sequence[str]) -> _Columns:
    places = {heading_key(name): place for place, name in reversed([*enumerate(headings)])}
    kinds = [places.get(heading_key(name)) for name in ("Tipe Laporan (Anonim/Rahasia)", "Tipe Laporan")]
    return _Columns(
        tracking_id=places.get("tracking id"),
        day=places.get("tanggal laporan masuk"),
        time=places.get("waktu laporan masuk"),
        title=places.get("judul laporan"),
        first_text=places.get("isi laporan awal"),
        last_text=places.get("isi laporan akhir"),
        status=places.get("status laporan"),
        kind=next((place for place in kinds if place is not None), None),
        category=places.get("kategori"),
        channel=places.get("sumber laporan"),
        institution=places.get("instansi terdisposisi"),
    )


def _at(row: Row, place: int | None) -> Any:
    """A cell; None where the row is too short for it or there is no such column."""
    return row[place] if place is not None and place < len(row) else None


def _text(value: Any) -> str:
    """A cell as trimmed text; "" for a blank one."""
    if not isinstance(value, str):
        value = cell_of(value)
        return "" if value is None else str(value)
    text = value.strip()
    if text == "-":
        return ""
    return text.replace(_ESCAPED_RETURN, "") if _ESCAPED_RETURN in text else text


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in ("", "-"))


@lru_cache(maxsize=4096)  # an export of years has a few thousand days and a million rows
def _day(value: Any) -> datetime | None:
    return _DATE(value)


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
