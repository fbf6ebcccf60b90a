"""The spreadsheet family: daily exports in a folder, xlsx and csv, as people make them."""

import csv
import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from lapor_gateway.simulators.region.acts import Acts, replay
from lapor_gateway.simulators.region.cases import WorldCases
from lapor_gateway.simulators.region.page import Page
from lapor_gateway.simulators.region.report import MONTHS, VALUES, Report
from lapor_gateway.simulators.region.returned import ReturnedFile, TakeOver, returned_files
from lapor_gateway.simulators.region.script import ScriptError
from lapor_gateway.simulators.region.truth import Pass
from lapor_gateway.simulators.region.world import World

OLD_WINDOWS = "cp1252"
DAY_IN_CSV = "%d/%m/%Y"


class SpreadsheetFolder:
    """Three days' exports at first, the next day's at each pass; a file once written is left alone."""

    def __init__(self, world: World, directory: Path) -> None:
        """Files go to a folder of the region's name in `directory`. Raises `ScriptError` without [sheets]."""
        if world.script.sheets is None:
            raise ScriptError(f"{world.name}/simulator.toml: the spreadsheet family needs [sheets]")
        self.world = world
        self.sheets = world.script.sheets
        self.folder = directory / world.name
        self.returned = directory / f"{world.name}-kembali"
        self.acts = Acts(world, directory)

    def settings(self) -> dict[str, str]:
        return {"folder": str(self.folder.resolve()), "returned": str(self.returned.resolve())}

    def page(self) -> Page:
        return Page(self.world.name, WorldCases(self.acts, self.acts.do, self.now), self.now, self)

    def now(self) -> datetime:
        return datetime.now(self.world.now.tzinfo)

    def files(self) -> list[ReturnedFile]:
        """What came back, as it lies in the folder."""
        return returned_files(self.returned, self.sheets)

    def take_over(self) -> int:
        """Do what the returned files say; the number of rows that brought something new."""
        return TakeOver(self.acts, self.sheets, self.acts.do, self.now).take(self.files())

    def write_export(self) -> Path:
        """Today's window and whatever was touched since, in a file of its own."""
        now = self.now()
        rows = [r for r in self.world.reports.values() if r.touched or self._within(r, now.date())]
        path = self.folder / f"laporan-{now.strftime('%Y-%m-%d-%H%M%S-%f')}.xlsx"
        self._workbook(now.date(), rows, path)
        return path

    def prepare(self, passes: list[datetime]) -> None:
        """Write the files of the first days and of `passes`, as far as they are missing."""
        self._first()
        replay(self.acts, passes, self.advance)

    def _first(self) -> None:
        """Everything up to two days ago, yesterday's window as an old program's csv, today's window."""
        today = self.world.now.date()
        reports = list(self.world.reports.values())
        yesterday = today - timedelta(days=1)
        earlier = today - timedelta(days=2)
        self._workbook(earlier, [r for r in reports if r.created.date() <= earlier])
        recent = [r for r in reports if self._within(r, yesterday)]
        self._old_csv(yesterday, [r for r in recent if _encodable(self._row(r, 0))])
        self._workbook(today, [r for r in reports if self._within(r, today) or r.created.date() > earlier])

    def advance(self, at: datetime) -> Pass:
        """The next day's export: its window, and whatever was changed or added."""
        done = self.world.advance(at)
        day = self.world.now.date() + timedelta(days=len(self.world.passes))
        touched = done.changed() | set(done.added)
        rows = [r for r in self.world.reports.values() if r.id in touched or self._within(r, day)]
        self._workbook(day, rows)
        return done

    def _within(self, report: Report, day: date) -> bool:
        """Whether a day's export shows the complaint: entered in the window that ends with that day."""
        return timedelta(0) <= day - report.created.date() <= timedelta(days=self.sheets.window_days)

    def _twice(self, reports: list[Report]) -> list[Report]:
        """With the careless copies of some rows."""
        double = set(self.world.dirt.get("listed_twice", []))
        return [report for report in reports for _ in range(2 if report.id in double else 1)]

    def _row(self, report: Report, number: int) -> list[Any]:
        return [
            _cell(name, report, number, self.world.script.words.visibility) for _, name in self.sheets.columns
        ]

    def _preamble(self, day: date, count: int) -> list[str]:
        written = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        return [title.format(date=written, count=count) for title in self.sheets.titles]

    def _total(self, count: int) -> list[str]:
        return [self.sheets.total.get(heading, "").format(count=count) for heading, _ in self.sheets.columns]

    def _workbook(self, day: date, reports: list[Report], named: Path | None = None) -> None:
        path = named or self.folder / f"laporan-{day.isoformat()}.xlsx"
        if path.exists():
            return
        book = Workbook()
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        rows = self._twice(reports)
        for place, title in enumerate(self._preamble(day, len(rows)), 1):
            sheet.cell(place, 1, title)
            sheet.merge_cells(
                start_row=place, end_row=place, start_column=1, end_column=len(self.sheets.columns)
            )
        sheet.append([])
        sheet.append([heading or None for heading, _ in self.sheets.columns])
        for number, report in enumerate(rows, 1):
            sheet.append(self._row(report, number))
        sheet.append([None, None])
        sheet.append([text or None for text in self._total(len(rows))])
        self._place(path, book.save, day)

    def _old_csv(self, day: date, reports: list[Report]) -> None:
        path = self.folder / f"laporan-{day.isoformat()}.csv"
        if path.exists():
            return

        def save(fresh: Path) -> None:
            with fresh.open("w", encoding=OLD_WINDOWS, newline="") as file:
                writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
                width = len(self.sheets.columns)
                for title in self._preamble(day, len(reports)):
                    writer.writerow([title] + [""] * (width - 1))
                writer.writerow([heading for heading, _ in self.sheets.columns])
                for number, report in enumerate(reports, 1):
                    writer.writerow([_as_text(cell) for cell in self._row(report, number)])
                writer.writerow(self._total(len(reports)))

        self._place(path, save, day)

    def _place(self, path: Path, save: Callable[[Path], None], day: date) -> None:
        """Write beside, then rename: a reader never meets half a file. Dated that day, 05:00, or now."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        save(fresh)
        written = datetime.combine(day, time(5), self.world.now.tzinfo)
        stamp = min(written, datetime.now(UTC)).timestamp()
        os.utime(fresh, (stamp, stamp))
        fresh.replace(path)


def _cell(name: str, report: Report, number: int, visibility: Mapping[str, str]) -> Any:
    """One cell: strings, whole numbers, dates, or None for a blank one."""
    match name:
        case "":
            return None
        case "row":
            return number
        case "visibility":
            return visibility[_visibility(report)]
        case "nik" if report.number % 10 == 3 and report.nik.isdigit():
            return int(report.nik)  # Excel took it for a number
        case "phone" if report.number % 10 == 4:
            return int(report.phone)  # and lost the leading zero
        case _:
            return VALUES[name](report)


def _visibility(report: Report) -> str:
    match report.anonymous, report.secret:
        case False, False:
            return "open"
        case True, False:
            return "anonymous"
        case False, True:
            return "secret"
        case _:
            return "both"


def _as_text(cell: Any) -> str:
    """A cell as the old program writes it; day numbers are written as days there."""
    match cell:
        case None:
            return ""
        case date():
            return cell.strftime(DAY_IN_CSV)
        case _:
            return str(cell)


def _encodable(row: list[Any]) -> bool:
    """Whether the old program can write the row at all: it knows no emoji, and would spoil them."""
    try:
        "".join(map(str, row)).encode(OLD_WINDOWS)
    except UnicodeEncodeError:
        return False
    return True
