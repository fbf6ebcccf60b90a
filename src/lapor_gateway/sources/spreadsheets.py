"""One spreadsheet (xlsx, csv) as records: the heading row found, every filled row kept, nothing guessed."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from lapor_gateway.errors import SourceFaultError
from lapor_gateway.sources.port import RawRecord
from lapor_gateway.sources.settings import FilesSettings

MAX_FILE_BYTES = 100 * 1024 * 1024
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
_HEADING_WITHIN = 50  # rows
_MOST_SHOWN, _LONGEST_SHOWN = 12, 30  # headings in an error's sentence, letters of each
_DELIMITERS = (";", ",", "\t", "|")
_TEXT_SUFFIXES = frozenset({".csv", ".txt", ".tsv"})
_ZIPPED_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".ods"})
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Cell = str | int | float | bool | None
_Row = Sequence[Any]


class Spreadsheet:
    """A file of one of the kinds people export. `left_out` counts the rows that `ignore_rows` names."""

    def __init__(self, path: Path, settings: FilesSettings) -> None:
        self._path = path
        self._settings = settings
        self.left_out = 0

    def records(self) -> Iterator[RawRecord]:
        """Every filled row under the headings, sheet after sheet. Raises `SourceFaultError`."""
        size = self._path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise self._fault(f"is larger than {MAX_FILE_BYTES // 1024**2} MB", "Split it.")
        try:
            if self._path.suffix.lower() in _TEXT_SUFFIXES:
                yield from self._read_text()
            else:
                yield from self._read_workbook()
        except (CalamineError, csv.Error, UnicodeError) as trouble:
            raise self._fault(
                "cannot be read to its end", "Export it again.", detail=str(trouble)[:200]
            ) from None

    def _read_workbook(self) -> Iterator[RawRecord]:
        if self._path.suffix.lower() in _ZIPPED_SUFFIXES:
            self._refuse_bomb()
        with closing(CalamineWorkbook.from_path(self._path)) as workbook:
            names = workbook.sheet_names
            if self._settings.sheet is not None and self._settings.sheet not in names:
                raise self._fault(
                    f"has no sheet “{self._settings.sheet}”; it has {', '.join(names)}",
                    "Mend `sheet` in the manifest, or the file.",
                )
            chosen = names if self._settings.sheet is None else [self._settings.sheet]
            nearest: _Search | None = None
            found = False
            for name in chosen:
                search = _Search(self._settings.headings, workbook.get_sheet_by_name(name).iter_rows())
                if search.headings:
                    found = True
                    yield from self._table(search.headings, search.rows)
                elif nearest is None or search.nearness > nearest.nearness:
                    nearest = search
            if not found and nearest:
                raise self._no_headings(nearest)

    def _read_text(self) -> Iterator[RawRecord]:
        encoding, errors = self._encoding()
        delimiter = self._delimiter(encoding, errors)
        with self._path.open(encoding=encoding, errors=errors, newline="") as text:
            search = _Search(self._settings.headings, _csv_rows(text, delimiter, strict=True))
            if not search.headings:
                raise self._no_headings(search)
            yield from self._table(search.headings, search.rows)

    def _table(self, headings: list[str], rows: Iterable[_Row]) -> Iterator[RawRecord]:
        names = self._names(headings)
        ignored = [(_key(rule.column), _key(rule.equals)) for rule in self._settings.ignore_rows]
        places = {_key(name): place for place, name in reversed(list(enumerate(names))) if name}
        for row in rows:
            cells = [_cell(value) for value in row]
            if all(cell is None for cell in cells):
                continue
            if any(
                (place := places.get(column)) is not None
                and place < len(cells)
                and _key(str(cells[place])) == equals
                for column, equals in ignored
            ):
                self.left_out += 1
                continue
            yield _record(names, cells)

    def _names(self, headings: list[str]) -> list[str]:
        """A record's keys: headings as the manifest spells them, else as they stand; "" for a blank one."""
        known = [*self._settings.headings, *(rule.column for rule in self._settings.ignore_rows)]
        spelling = {_key(name): name for name in known}
        names: list[str] = []
        for heading in headings:
            name = spelling.get(_key(heading), heading)
            times = names.count(name) + 1
            names.append(f"{name} ({times})" if name and times > 1 else name)
        return names

    def _encoding(self) -> tuple[str, str]:
        """The encoding, and what to do with bytes it lacks; "auto" is UTF-8, else what old programs write."""
        if self._settings.encoding != "auto":
            return self._settings.encoding, "strict"
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
        if self._settings.delimiter != "auto":
            return self._settings.delimiter
        with self._path.open(encoding=encoding, errors=errors, newline="") as text:
            start = text.read(64 * 1024)

        def nearness(delimiter: str) -> int:
            rows = _csv_rows(io.StringIO(start, newline=""), delimiter, strict=False)
            return _Search(self._settings.headings, rows).nearness

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
            "Export it with these headings, or mend `headings` in the manifest.",
        )

    def _fault(self, what: str, cure: str, *, detail: str = "") -> SourceFaultError:
        return SourceFaultError(f"The file {self._path.name} {what}.", cure=cure, detail=detail)


class _Search:
    """The search for the heading row: `headings` and the `rows` below it, or how near it came."""

    def __init__(self, required: Sequence[str], rows: Iterable[_Row]) -> None:
        self._required = {_key(name): name for name in required}
        self.headings: list[str] = []
        self.nearest: list[str] = []
        self.missing: list[str] = list(required)
        below = iter(rows)
        for row in islice(below, _HEADING_WITHIN):
            squeezed = [_squeezed(cell) for cell in row]
            missing = self._required.keys() - {_key(name) for name in squeezed}
            if not missing:
                self.headings, self.missing = squeezed, []
                break
            if len(missing) < len(self.missing) or not self.nearest:
                self.nearest = [name for name in squeezed if name][:_MOST_SHOWN]
                self.missing = [name for key, name in self._required.items() if key in missing]
        self.rows: Iterable[_Row] = below

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


def _record(names: Sequence[str], cells: Sequence[Cell]) -> RawRecord:
    """Heading → cell. A filled cell without a heading keeps its column's number as name."""
    value: dict[str, Cell] = {name: None for name in names if name}
    for place, cell in enumerate(cells):
        name = names[place] if place < len(names) else ""
        if name:
            value[name] = cell
        elif cell is not None:
            value[f"kolom {place + 1}"] = cell
    return RawRecord(msgspec.json.encode(value), value)


def _cell(value: Any) -> Cell:
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


def _key(text: str) -> str:
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
