"""One spreadsheet of a region as records: every filled row kept under the manifest's headings, nothing guessed."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from lapor_gateway.sources.port import RawRecord
from lapor_gateway.sources.settings import FilesSettings
from lapor_gateway.spreadsheets import Cell, Form, Row, Spreadsheet, cell_of, heading_key


class RecordSheet:
    """A file dropped into a channel's folder. `left_out` counts the rows that `ignore_rows` names."""

    def __init__(self, path: Path, settings: FilesSettings) -> None:
        self._settings = settings
        self._spreadsheet = Spreadsheet(
            path,
            Form(
                headings=settings.headings,
                sheet=settings.sheet,
                delimiter=settings.delimiter,
                encoding=settings.encoding,
                cure="Export it with these headings, or mend `headings` in the manifest.",
            ),
        )
        self.left_out = 0

    def records(self) -> Iterator[RawRecord]:
        """Every filled row under the headings, sheet after sheet. Raises `SourceFaultError`."""
        for table in self._spreadsheet.tables():
            yield from self._table(table.headings, table.rows)

    def _table(self, headings: list[str], rows: Iterable[Row]) -> Iterator[RawRecord]:
        names = self._names(headings)
        ignored = [
            (heading_key(rule.column), heading_key(rule.equals)) for rule in self._settings.ignore_rows
        ]
        places = {heading_key(name): place for place, name in reversed(list(enumerate(names))) if name}
        for row in rows:
            cells = [cell_of(value) for value in row]
            if all(cell is None for cell in cells):
                continue
            if any(
                (place := places.get(column)) is not None
                and place < len(cells)
                and heading_key(str(cells[place])) == equals
                for column, equals in ignored
            ):
                self.left_out += 1
                continue
            yield _record(names, cells)

    def _names(self, headings: list[str]) -> list[str]:
        """A record's keys: headings as the manifest spells them, else as they stand; "" for a blank one."""
        known = [*self._settings.headings, *(rule.column for rule in self._settings.ignore_rows)]
        spelling = {heading_key(name): name for name in known}
        names: list[str] = []
        for heading in headings:
            name = spelling.get(heading_key(heading), heading)
            times = names.count(name) + 1
            names.append(f"{name} ({times})" if name and times > 1 else name)
        return names


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
