"""The monthly report on paper, section by section: a document that a head of service can read and sign."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reportlab.platypus import KeepTogether

from lapor_gateway.catalogue import is_known, text
from lapor_gateway.cli.report.charts import AMBER, GREEN, GREY, stacked_bars
from lapor_gateway.cli.report.paper import (
    BODY,
    CENTERED,
    SECTION,
    SMALL,
    SUBSECTION,
    TITLE,
    WARNING,
    WIDTH,
    paragraph,
    print_to,
    space,
    table,
    to_the_right,
)
from lapor_gateway.cli.report.wording import (
    GATEWAY,
    MINISTRY,
    briefly,
    compared,
    day_name,
    explanation_text,
    grouped,
    heading,
    month_name,
    named_values,
    obstacle_text,
    reasons_text,
    scope_name,
    shown,
    spoken,
    standing_text,
)
from lapor_gateway.cli.screen import moment
from lapor_gateway.domain.indicators import Figures, Level
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.monthly import MonthlyReport, Restatement, Shown

_MOST_CATEGORIES = 5
_MOST_CHANGED = 20
_NOTES = ("month", "sum", "unmeasured", "privacy")


def write_pdf(found: Shown, path: Path) -> None:
    """Write the report. Raises `ConfigurationError` where the file cannot be written."""
    _print(path, month_name(found.report.month), list(_story(found)))


def write_figures(figures: Sequence[Figures], path: Path) -> None:
    """Write figures alone, a table a scope. Raises `ConfigurationError` where the file cannot be written."""
    month = month_name(figures[0].month)
    story = [paragraph(text("paper.title"), TITLE), paragraph(text("paper.month", month=month), CENTERED)]
    for one in figures:
        title = paragraph(scope_name(one.scope), SUBSECTION)
        story.append(KeepTogether([title, _figures_table(one)]))
    _print(path, month, story)


def _print(path: Path, month: str, story: list[Any]) -> None:
    title = f"{text('paper.title').capitalize()} - {month}"
    footer = f"{text('paper.month', month=month)} · lapor-gateway"
    try:
        print_to(str(path), title, footer, story)
    except OSError as error:
        raise ConfigurationError(
            f"The report {path} cannot be written.", detail=error.strerror or "", cure="Name another file."
        ) from None


def _figures_table(one: Figures) -> Any:
    rows = [(text(f"indicator.{name}"), shown(value)) for name, value in named_values(one)]
    return table((heading("indicator"), heading("value")), rows, (11, 13))


def _story(found: Shown) -> Iterator[Any]:
    report = found.report
    yield from _head(report)
    yield from _summary(report)
    yield from _attention(report)
    yield from _regions(report)
    yield from _obstacles(report)
    yield from _differences(report)
    yield from _restatements(found)
    yield from _basis(report)
    yield from _signature(found)


def _head(report: MonthlyReport) -> Iterator[Any]:
    yield paragraph(text("paper.title"), TITLE)
    yield paragraph(text("paper.subtitle"), CENTERED)
    yield paragraph(text("paper.month", month=month_name(report.month)), CENTERED)
    yield paragraph(text("paper.as_of", at=day_name(report.made_at)), CENTERED)
    if report.environment == "training":
        yield paragraph(text("paper.training"), WARNING)


def _summary(report: MonthlyReport) -> Iterator[Any]:
    whole = report.figures[0]
    yield paragraph(text("paper.summary"), SECTION)
    for title, group, names in (
        ("paper.five", whole.ministry, MINISTRY),
        ("paper.own", whole.gateway, GATEWAY),
    ):
        rows = [(text(f"indicator.{name}"), shown(getattr(group, name))) for name in names]
        yield KeepTogether(
            [
                paragraph(text(title), SUBSECTION),
                table((heading("indicator"), heading("value")), rows, (11, 13)),
            ]
        )
    regions = _of(report.figures, Level.REGION)
    parts = [
        (standing_text("done"), GREEN),
        (standing_text("in_progress"), AMBER),
        (text("standing.rest"), GREY),
    ]
    charts = {
        "paper.chart": [(one.scope.name, _parted(one.standings)) for one in regions],
        "paper.trend": [(month_name(one.month), _parted(one.standings)) for one in report.trend],
    }
    for title, bars in charts.items():
        if any(sum(values) for _, values in bars):
            yield KeepTogether([paragraph(text(title), SUBSECTION), stacked_bars(WIDTH, parts, bars)])


def _parted(standings: Mapping[str, int]) -> tuple[int, int, int]:
    done, process = standings["done"], standings["in_progress"]
    return done, process, sum(standings.values()) - done - process


def _attention(report: MonthlyReport) -> Iterator[Any]:
    yield paragraph(text("paper.attention"), SECTION)
    if not report.attention:
        yield paragraph(text("paper.nothing"))
        return
    rows = [(one.who, text(f"attention.{one.what}", figure=spoken(one.figure))) for one in report.attention]
    yield table((heading("region"), heading("why")), rows, (8, 16))


def _regions(report: MonthlyReport) -> Iterator[Any]:
    yield paragraph(text("paper.regions"), SECTION)
    for title, figures in (("paper.compared", report.figures), ("paper.year", report.year)):
        rows = [compared(one) for one in figures if one.scope.level is not Level.CHANNEL]
        headings = ("scope", "reports", "done", "process", "both", "band", "days", "connected")
        yield paragraph(text(title), SUBSECTION)
        yield table(
            [heading(one) for one in headings], rows, (6.2, 2.5, 2.9, 2.9, 3.1, 4.2, 3.1, 3.5),
            numbers=(1, 2, 3, 4, 6, 7),
        )  # fmt: skip
    for one in _of(report.figures, Level.REGION):
        yield KeepTogether(list(_region(report, one)))


def _region(report: MonthlyReport, one: Figures) -> Iterator[Any]:
    yield paragraph(one.scope.name, SUBSECTION)
    yield _figures_table(one)
    if one.kinds:
        kinds = ", ".join(f"{_kind(name)} {grouped(count)}" for name, count in one.kinds.items())
        yield paragraph(text("paper.kinds", kinds=kinds), SMALL)
    if one.categories:
        top = sorted(one.categories.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_CATEGORIES]
        said = ", ".join(f"{name or text('paper.no_category')} {grouped(count)}" for name, count in top)
        yield paragraph(text("paper.categories", categories=said), SMALL)
    channels = [c for c in _of(report.figures, Level.CHANNEL) if c.scope.id.startswith(f"{one.scope.id}.")]
    if len(channels) > 1:
        several = [(c.scope.id, briefly(c.ministry.jumlah_laporan), briefly(c.ministry.penyelesaian),
                    briefly(c.gateway.tersambung)) for c in channels]  # fmt: skip
        titles = [heading(name) for name in ("channel", "reports", "done", "connected")]
        yield paragraph(text("paper.channels"), SUBSECTION)
        yield table(titles, several, (9, 5, 5, 5), numbers=(1, 2, 3))


def _kind(name: str) -> str:
    return text(f"kind.{name}") if is_known(f"kind.{name}") else name or "-"


def _obstacles(report: MonthlyReport) -> Iterator[Any]:
    yield paragraph(text("paper.obstacles"), SECTION)
    if not report.obstacles:
        yield paragraph(text("paper.nothing"))
        return
    names = _names(report)
    rows = [
        (names.get(one.region, one.region), obstacle_text(one) + (f" ({one.channel})" if one.channel else ""),
         moment(one.since)[:10], one.owner or "-", one.commitment or "-", one.due_on or "-")
        for one in report.obstacles
    ]  # fmt: skip
    headings = [heading("region"), heading("obstacle"), heading("since"), heading("owner"),
                heading("commitment"), heading("due")]  # fmt: skip
    yield table(headings, rows, (4, 7, 2.9, 3.8, 4.3, 2.9))


def _differences(report: MonthlyReport) -> Iterator[Any]:
    yield paragraph(text("paper.differences"), SECTION)
    if not report.differences:
        yield paragraph(text("paper.nothing"))
        return
    names = _names(report)
    rows = [
        (names.get(one.region, one.region), text(f"indicator.{one.indicator}"), _figure(one.theirs, one.unit),
         "-" if one.ours is None else _figure(one.ours, one.unit), f"{one.source}, {one.as_of}",
         "; ".join(explanation_text(cause, 0) for cause in one.explanations) or "=")
        for one in report.differences
    ]  # fmt: skip
    headings = [heading(one) for one in ("region", "indicator", "theirs", "ours", "source", "why")]
    yield table(headings, rows, (4, 4.5, 3, 3, 4, 8))


def _figure(value: str, unit: str) -> str:
    return f"{spoken(value)} {text(f'unit.{unit}')}"


def _names(report: MonthlyReport) -> dict[str, str]:
    return {one.scope.id: one.scope.name for one in report.figures if one.scope.level is Level.REGION}


def _restatements(found: Shown) -> Iterator[Any]:
    yield paragraph(text("paper.restatements"), SECTION)
    several = [*found.report.restatements, *([found.restatement] if found.restatement else [])]
    if not several:
        yield paragraph(text("paper.nothing"))
    for one in several:
        yield from _restatement(one, _names(found.report))


def _restatement(one: Restatement, names: Mapping[str, str]) -> Iterator[Any]:
    said = text(
        "paper.restated", month=month_name(one.month), by=one.signed_by, at=day_name(one.signed_at),
        count=sum(one.reasons.values()), reasons=reasons_text(one.reasons),
    )  # fmt: skip
    yield paragraph(said, BODY)
    moved = [
        (names.get(one_.region, one_.region), figure_text(one_.figure), str(one_.then), str(one_.now))
        for one_ in one.moved
    ]
    if moved:
        headings = [heading(name) for name in ("region", "indicator", "before", "after")]
        yield table(headings, moved, (6, 10, 4, 4), numbers=(2, 3))
        yield space()
    changed = [
        (line.reference, names.get(line.region, line.region), text(f"restated.{line.reason}"),
         standing_text(line.before), standing_text(line.after))
        for line in one.changed[:_MOST_CHANGED]
    ]  # fmt: skip
    headings = [heading(name) for name in ("complaint", "region", "why", "before", "after")]
    yield table(headings, changed, (6, 4, 6, 4, 4))
    yield space()


def figure_text(figure: str) -> str:
    """A figure of a restatement (`standing:done`) in words."""
    measure, _, key = figure.partition(":")
    if measure == "standing":
        return standing_text(key)
    return text(f"measure.{measure}")


def _basis(report: MonthlyReport) -> Iterator[Any]:
    yield paragraph(text("paper.balance"), SECTION)
    counts = ("count_source", "count_ledger", "count_national")
    rows = [
        (one.channel, grouped(one.seen), *("-" if count is None else grouped(count) for count in
         (one.source, one.ledger, one.national)), text(f"verdict.{one.verdict}"))
        for one in report.balance
    ]  # fmt: skip
    headings = [heading(name) for name in ("channel", "seen", *counts, "verdict")]
    yield table(headings, rows, (6, 3, 3, 3, 3, 6), numbers=(1, 2, 3, 4))
    yield space()
    one = report.checkpoint
    yield paragraph(
        text("paper.no_checkpoint") if one is None
        else text("paper.checkpoint", number=one.number, size=grouped(one.size), at=day_name(one.at), root=one.root)
    )  # fmt: skip


def _signature(found: Shown) -> Iterator[Any]:
    frozen = (
        text("paper.not_frozen") if found.digest is None
        else text("paper.frozen", by=found.signed_by, at=day_name(found.signed_at or ""), digest=found.digest)
    )  # fmt: skip
    dots = "." * 44
    block = [
        paragraph(text("paper.place")),
        paragraph(text("paper.signature")),
        paragraph(text("paper.office")),
        space(52),
        paragraph(dots),
        paragraph(f"{text('paper.nip')} {dots}"),
    ]
    notes = [paragraph(f"- {text(f'paper.note.{note}')}", SMALL) for note in _NOTES]
    title = paragraph(text("paper.notes"), SUBSECTION)
    yield KeepTogether([title, *notes, space(6), paragraph(frozen, SMALL), space(10), to_the_right(block)])


def _of(figures: Sequence[Figures], level: Level) -> list[Figures]:
    return [one for one in figures if one.scope.level is level]
