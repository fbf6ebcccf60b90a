"""Spreadsheets as people export them (xlsx, csv): the heading row found in each sheet, and the rows below it."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile, ZipFile

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from lapor_gateway.errors import SourceFaultError

MAX_FILE_BYTES = 100 * 1024 * 1024
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
_HEADING_WITHIN = 50  # rows
_MOST_SHOWN, _LONGEST_SHOWN = 12, 30  # headings in an error's sentence, letters of each
_DELIMITERS = (";", ",", "\t", "|")
_TEXT_SUFFIXES = frozenset({".csv", ".txt", ".tsv"})
_ZIPPED_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".ods"})
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Cell = str | int | float | bool | None
Row = Sequence[Any]
_Part = TypeVar("_Part")


class Table(msgspec.Struct, frozen=True):
    """The headings of one sheet, white space squeezed, "" for a blank one; and the rows below, read when taken."""

    headings: list[str]
    rows: Iterable[Row]
    first_row: int  # the number of the first of `rows` in its sheet, from 1


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What a file must look like: the headings it must have, in any order; "auto" is told by the file itself.

    Without `sheet` every sheet that has the headings is a table. `cure` says what to do where none has them.
    """

    headings: tuple[str, ...]
    cure: str
    sheet: str | None = None
    delimiter: str = "auto"
    encoding: str = "auto"


class Spreadsheet:
    """A file of one of the kinds people export."""

    def __init__(self, path: Path, form: Form) -> None:
        self._path = path
        self._form = form

    def tables(self) -> Iterator[Table]:
        """Every sheet that has the headings; a table's rows before the next table. Raises `SourceFaultError`."""
        size = self._path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise self._fault(f"is larger than {MAX_FILE_BYTES // 1024**2} MB", "Split it.")
        is_text = self._path.suffix.lower() in _TEXT_SUFFIXES
        yield from self._readable(self._read_text() if is_text else self._read_workbook())

    def _readable(self, parts: Iterable[_Part]) -> Iterator[_Part]:
        try:
            yield from parts
        except (CalamineError, csv.Error, UnicodeError) as trouble:
            raise self._fault(
                "cannot be read to its end", "Export it again.", detail=str(trouble)[:200]
            ) from None

    def _read_workbook(self) -> Iterator[Table]:
        if self._path.suffix.lower() in _ZIPPED_SUFFIXES:
            self._refuse_bomb()
        with closing(CalamineWorkbook.from_path(self._path)) as workbook:
            names = workbook.sheet_names
            if self._form.sheet is not None and self._form.sheet not in names:
                raise self._fault(
                    f"has no sheet “{self._form.sheet}”; it has {', '.join(names)}",
                    "Mend `sheet` in the manifest, or the file.",
                )
            chosen = names if self._form.sheet is None else [self._form.sheet]
            nearest: _Search | None = None
            found = False
            for name in chosen:
                search = _Search(self._form.headings, workbook.get_sheet_by_name(name).iter_rows())
                if search.headings:
                    found = True
                    yield Table(search.headings, self._readable(search.rows), search.taken + 1)
                elif nearest is None or search.nearness > nearest.nearness:
                    nearest = search
            if not found and nearest:
                raise self._no_headings(nearest)

    def _read_text(self) -> Iterator[Table]:
        encoding, errors = self._encoding()
        delimiter = self._delimiter(encoding, errors)
        with self._path.open(encoding=encoding, errors=errors, newline="") as text:
            search = _Search(self._form.headings, _csv_rows(text, delimiter, strict=True))
            if not search.headings:
                raise self._no_headings(search)
            yield Table(search.headings, self._readable(search.rows), search.taken + 1)

    def _encoding(self) -> tuple[str, str]:
        """The encoding, and what to do with bytes it lacks; "auto" is UTF-8, else what old programs write."""
        if self._form.encoding != "auto":
            return self._form.encoding, "strict"
        with self._path.open("rb") as file:
            start = file.read(4)
            for bom, encoding in _BOMS:
                if start.startswith(bom):
                    return encoding, "strict"
            decoder = codecs.getincrementaldecoder("utf-8")()
            try:
                decoder.decode(start)
                while part := file.read(1024 * 1024):
                    decoder.decode(part)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return "windows-1252", "replace"
        return "utf-8", "strict"

    def _delimiter(self, encoding: str, errors: str) -> str:
        """The delimiter that shows the headings, or most of them."""
        if self._form.delimiter != "auto":
            return self._form.delimiter
        with self._path.open(encoding=encoding, errors=errors, newline="") as text:
            start = text.read(64 * 1024)

        def nearness(delimiter: str) -> int:
            rows = _csv_rows(io.StringIO(start, newline=""), delimiter, strict=False)
            return _Search(self._form.headings, rows).nearness

        return max(_DELIMITERS, key=nearness)

    def _refuse_bomb(self) -> None:
        try:
            with ZipFile(self._path) as packed:
                unpacked = sum(entry.file_size for entry in packed.infolist())
        except BadZipFile:
            raise self._fault(
                "is no spreadsheet that can be opened", "Export it again, without a password."
            ) from None
        if unpacked > MAX_UNPACKED_BYTES:
            raise self._fault(f"would unpack to {unpacked // 1024**2:,} MB", "Split it, or look who sent it.")

    def _no_headings(self, search: "_Search") -> SourceFaultError:
        shown = ", ".join(_printable(name) for name in search.nearest) or "none"
        return self._fault(
            f"lacks the headings {', '.join(search.missing)}; found: {shown}",
            self._form.cure,
        )

    def _fault(self, what: str, cure: str, *, detail: str = "") -> SourceFaultError:
        return SourceFaultError(f"The file {self._path.name} {what}.", cure=cure, detail=detail)


class _Search:
    """The search for the heading row: `headings` and the `rows` below it, or how near it came."""

    def __init__(self, required: Sequence[str], rows: Iterable[Row]) -> None:
        self._required = {heading_key(name): name for name in required}
        self.headings: list[str] = []
        self.nearest: list[str] = []
        self.missing: list[str] = list(required)
        self.taken = 0  # rows up to the headings, they included
        below = iter(rows)
        for row in islice(below, _HEADING_WITHIN):
            self.taken += 1
            squeezed = [_squeezed(cell) for cell in row]
            missing = self._required.keys() - {heading_key(name) for name in squeezed}
            if not missing:
                self.headings, self.missing = squeezed, []
                break
            if len(missing) < len(self.missing) or not self.nearest:
                self.nearest = [name for name in squeezed if name][:_MOST_SHOWN]
                self.missing = [name for key, name in self._required.items() if key in missing]
        self.rows: Iterable[Row] = below

    @property
    def nearness(self) -> int:
        return len(self._required) - len(self.missing)


def _csv_rows(text: Iterable[str], delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    """Rows of a csv; `strict`, because a stray quotation mark would otherwise swallow the rows behind it."""
    csv.field_size_limit(MAX_FILE_BYTES)
    reader = csv.reader(text, delimiter=delimiter, strict=strict)
    try:
        yield from reader
    except csv.Error as trouble:
        raise csv.Error(f"line {reader.line_num}: {trouble}") from None


def cell_of(value: Any) -> Cell:
    match value:
        case bool():
            return value
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case str():
            return value if value.strip() else None
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case int() | float() | None:
            return value
        case _:
            return str(value)


def _squeezed(cell: Any) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""


def _printable(heading: str) -> str:
    """A heading as an error may show it: a file that is no spreadsheet has bytes in its place."""
    shown = "".join(letter if letter.isprintable() else "·" for letter in heading)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…"


def heading_key(text: str) -> str:
    return _squeezed(text).casefold()


def is_whole(path: Path) -> bool:
    """Whether a file is surely written to its end: a zip's directory comes last; a text tells nothing."""
    if path.suffix.lower() not in _ZIPPED_SUFFIXES:
        return False
    try:
        with ZipFile(path):
            return True
    except (BadZipFile, OSError):
        return False
