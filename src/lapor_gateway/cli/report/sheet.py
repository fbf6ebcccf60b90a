"""The workbook behind the report: the same figures as on paper, as numbers that can be counted with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lapor_gateway.catalogue import text
from lapor_gateway.cli.report.wording import (
    explanation_text,
    heading,
    named_values,
    obstacle_text,
    scope_name,
    standing_text,
)
from lapor_gateway.cli.screen import moment
from lapor_gateway.cli.sheets import cell
from lapor_gateway.domain.indicators import Average, Figures, Share, Unmeasured
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.monthly import MonthlyReport, Restatement, Shown

Row = Sequence[object]
_WIDTH = 22


def write_workbook(found: Shown, path: Path) -> None:
    """Write the report's workbook. Raises `ConfigurationError` where the file cannot be written."""
    report = found.report
    sheets = {
        "indicators": _indicators(report.figures),
        "year": _indicators(report.year),
        "counts": _counts(report.figures),
        "obstacles": _obstacles(report),
        "differences": _differences(report),
        "restatements": _restatements(found),
        "basis": _basis(found),
    }
    _save(sheets, path)


def write_indicators(figures: Sequence[Figures], path: Path) -> None:
    """Write a workbook of figures alone. Raises `ConfigurationError` where the file cannot be written."""
    _save({"indicators": _indicators(figures), "counts": _counts(figures)}, path)


def _save(sheets: Mapping[str, Iterable[Row]], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet: Any = book.create_sheet(text(f"sheet.{name}"))
        for column in range(1, 13):
            sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
        for row in rows:
            sheet.append([cell(sheet, value) for value in row])
    try:
        book.save(path)
    except OSError as error:
        raise ConfigurationError(
            f"The report {path} cannot be written.", detail=error.strerror or "", cure="Name another file."
        ) from None


def _indicators(figures: Sequence[Figures]) -> Iterator[Row]:
    yield (
        text("sheet.level"), heading("scope"), text("sheet.id"), heading("indicator"), text("sheet.percent"),
        text("sheet.part"), text("sheet.whole"), text("sheet.mean"), text("sheet.median"), text("sheet.note"),
        heading("band"),
    )  # fmt: skip
    for one in figures:
        bands = {
            "penyelesaian": text(f"band.{one.band}"),
            "tindak_lanjut": text(f"band.{one.band_tindak_lanjut}"),
        }
        for name, value in named_values(one):
            start = (str(one.scope.level), scope_name(one.scope), one.scope.id, text(f"indicator.{name}"))
            yield (*start, *_numbers(value), bands.get(name))


def _numbers(value: Any) -> Row:
    """Percent, part, whole, mean, median, note."""
    match value:
        case Share(part, whole, percent):
            return (percent, part, whole, None, None, None)
        case Average(mean, median, of):
            return (None, None, of, mean, median, None)
        case Unmeasured(why):
            return (None, None, None, None, None, f"{text('unmeasured')}: {text(f'why.{why}')}")
    return (None, value.value, None, None, None, None)


def _counts(figures: Sequence[Figures]) -> Iterator[Row]:
    yield (
        text("sheet.level"), heading("scope"), text("sheet.id"), text("sheet.group"), heading("value"),
        text("sheet.count"),
    )  # fmt: skip
    for one in figures:
        groups = {
            "standings": one.standings,
            "kinds": one.kinds,
            "categories": one.categories,
            "seen": one.seen,
        }
        for group, counts in groups.items():
            for name, count in counts.items():
                start = (str(one.scope.level), scope_name(one.scope), one.scope.id)
                yield (*start, text(f"group.{group}"), name, count)


def _obstacles(report: MonthlyReport) -> Iterator[Row]:
    names = ("id", "region", "channel", "obstacle", "since", "owner", "commitment", "due")
    yield [heading(name) for name in names]
    for one in report.obstacles:
        yield (
            one.id, one.region, one.channel, obstacle_text(one), moment(one.since), one.owner, one.commitment,
            one.due_on,
        )  # fmt: skip


def _differences(report: MonthlyReport) -> Iterator[Row]:
    yield [
        *(heading(one) for one in ("region", "indicator", "theirs", "ours", "source", "why")),
        heading("complaint"),
    ]
    for one in report.differences:
        unit = text(f"unit.{one.unit}")
        start = (
            one.region, text(f"indicator.{one.indicator}"), f"{one.theirs} {unit}",
            None if one.ours is None else f"{one.ours} {unit}", f"{one.source}, {one.as_of}",
        )  # fmt: skip
        for cause in one.explanations:
            yield (*start, explanation_text(cause, 0), ", ".join(cause.complaints))
        if not one.explanations:
            yield (*start, "=")


def _restatements(found: Shown) -> Iterator[Row]:
    yield [heading("month"), *(heading(one) for one in ("complaint", "region", "why", "before", "after"))]
    for one in [*found.report.restatements, *([found.restatement] if found.restatement else [])]:
        yield from _restatement(one)


def _restatement(one: Restatement) -> Iterator[Row]:
    for line in one.changed:
        yield (
            one.month, line.reference, line.region, text(f"restated.{line.reason}"), standing_text(line.before),
            standing_text(line.after),
        )  # fmt: skip


def _basis(found: Shown) -> Iterator[Row]:
    report = found.report
    yield (heading("month"), report.month)
    yield (text("paper.as_of", at=""), moment(report.made_at))
    if found.digest is not None:
        yield (text("paper.frozen", by=found.signed_by, at=moment(found.signed_at), digest=found.digest),)
    if report.checkpoint is not None:
        one = report.checkpoint
        yield (text("paper.checkpoint", number=one.number, size=one.size, at=moment(one.at), root=one.root),)
    yield ()
    yield [
        heading(one)
        for one in ("channel", "seen", "count_source", "count_ledger", "count_national", "verdict")
    ]
    for balance in report.balance:
        yield (
            balance.channel, balance.seen, balance.source, balance.ledger, balance.national,
            text(f"verdict.{balance.verdict}"),
        )  # fmt: skip
