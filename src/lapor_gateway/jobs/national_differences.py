"""KemenPANRB's own figures: read from a spreadsheet, kept, and each difference from ours explained."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from lapor_gateway.batches import batches
from lapor_gateway.book.connecting import first_known
from lapor_gateway.book.imported_figures import (
    gone_at_national,
    imported_of,
    numbered_by_hand,
    unknown_here,
    write_imported,
)
from lapor_gateway.book.indicators import complaints_of_month, counted
from lapor_gateway.book.signed_reports import names_of
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.indicators import Figures, Level
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.month_counts import Count, Measure, bounds_of_month, month_number, month_text
from lapor_gateway.domain.national_figures import (
    Difference,
    Evidence,
    Imported,
    Indicator,
    Unit,
    explained,
    ours,
    value_of,
)
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.calendars import Calendars
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.indicators import rules_of
from lapor_gateway.sources.manifest import RegionManifest
from lapor_gateway.spreadsheets import Cell, Form, Spreadsheet, cell_of, heading_key

_HEADINGS: Final = ("Bulan", "Daerah", "Indikator", "Nilai", "Sumber", "Per Tanggal")
_UNIT: Final = "Satuan"
_AT_ONCE: Final = 500
_FORM: Final = Form(
    headings=_HEADINGS, cure="Write one figure a row, under these headings; Satuan may stand beside them."
)
_UNITS: Final = {"%": Unit.PERCENT, "persen": Unit.PERCENT, "percent": Unit.PERCENT}
_SHARES: Final = frozenset({Indicator.KETERHUBUNGAN, Indicator.KEAKTIFAN_AKUN})
_DATES: Final = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")
_SETTLED: Final = frozenset(map(str, (State.ACCEPTED, State.LINKED, State.HISTORICAL, State.WITHDRAWN)))


def import_figures(gateway: Gateway, path: Path, *, by: str) -> list[Imported]:
    """Read a spreadsheet of figures and keep them all, or none. Commits.

    Raises `ConfigurationError` naming the row and what is wrong with it, `SourceFaultError`.
    """
    if not path.is_file():
        raise ConfigurationError(f"There is no file {path}.", cure="Name the spreadsheet with the figures.")
    rows = [
        _figure(gateway, number, cells)
        for table in Spreadsheet(path, _FORM).tables()
        for number, cells in _cells(table.headings, table.rows, table.first_row)
    ]
    if not rows:
        raise ConfigurationError(
            f"{path.name} holds no figure.", cure="Write one figure a row under the headings."
        )
    write_imported(gateway.book, rows, by=by)
    return rows


def _cells(headings: Sequence[str], rows: object, first: int) -> Iterator[tuple[int, dict[str, Cell]]]:
    assert isinstance(rows, Iterator) or hasattr(rows, "__iter__")
    keys = [heading_key(one) for one in headings]
    for number, row in enumerate(rows, first):
        cells = {key: cell_of(value) for key, value in zip(keys, row, strict=False)}
        if any(value is not None for value in cells.values()):
            yield number, cells


def _figure(gateway: Gateway, number: int, cells: Mapping[str, Cell]) -> Imported:
    def cell(heading: str) -> str:
        value = cells.get(heading_key(heading))
        return "" if value is None else str(value).strip()

    try:
        indicator = Indicator(cell("Indikator").casefold().replace(" ", "_"))
        unit, value = _value(cells.get(heading_key("Nilai")), cell(_UNIT).casefold(), indicator)
        month = month_number(cell("Bulan")[:7])
        as_of = _day(cell("Per Tanggal"))
    except ValueError as error:
        raise _wrong(number, str(error)) from None
    source = cell("Sumber")
    if not source:
        raise _wrong(number, _HEADINGS[4])
    return Imported(month, _region(gateway, number, cell("Daerah")), indicator, unit, value, source, as_of)


def _value(cell: Cell, said: str, indicator: Indicator) -> tuple[Unit, Decimal]:
    """A number with its unit: as said, by its %, else a share where it can only be one.

    A cell that a program formats as percent holds 0.81: so does whatever is not whole and at most 1.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        value, unit = Decimal(str(cell)), None
        is_part = value <= 1 and value != value.to_integral_value()
    else:
        value, unit = value_of("" if cell is None else str(cell))
        is_part = False
    is_share = unit is Unit.PERCENT or said in _UNITS or indicator in _SHARES or is_part
    if is_part:
        value *= 100
    if value < 0 or (is_share and value > 100):
        raise ValueError(str(cell))
    is_share = is_share or value != value.to_integral_value()
    return (Unit.PERCENT if is_share else Unit.COUNT), value


def _day(text: str) -> date:
    for form in _DATES:
        try:
            return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(text)


def _region(gateway: Gateway, number: int, name: str) -> str:
    wanted = name.casefold()
    for region in gateway.regions.values():
        if wanted in (region.region_id.casefold(), region.code, region.name.casefold()):
            return region.region_id
    raise _wrong(number, name)


def _wrong(number: int, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"Row {number} of the figures cannot be read: {what!r}.",
        cure="A row reads: 2026-03, 35.23, penyelesaian, 81%, KemenPANRB, 2026-04-05. Nothing was imported.",
    )


def differences_of(gateway: Gateway, month: int, found: Sequence[Figures]) -> list[Difference]:
    """Every imported figure of a month beside ours, with what makes it differ. The counts must be brought up."""
    with gateway.book.read() as connection:
        several = imported_of(connection, month)
    if not several:
        return []
    own = {one.scope.id: one for one in found if one.scope.level is Level.REGION}
    return [_difference(gateway, one, own.get(one.region)) for one in several]


def _difference(gateway: Gateway, one: Imported, figures: Figures | None) -> Difference:
    value = None if figures is None else ours(figures, one.indicator, one.unit)
    region = gateway.regions.get(one.region)
    evidence = _evidence(gateway, one, region) if region else Evidence({}, {}, {})
    return Difference(
        month_text(one.month),
        one.region,
        one.indicator,
        one.unit,
        str(one.value),
        None if value is None else str(value),
        one.source,
        one.as_of.isoformat(),
        explained(one, value, evidence),
    )


def _evidence(gateway: Gateway, one: Imported, region: RegionManifest) -> Evidence:
    start, _ = bounds_of_month(one.month, region.zone)
    with gateway.book.read() as connection:
        every = complaints_of_month(connection, one.month)
        names = names_of(connection, sorted(every))
        ids = [complaint for complaint, (_, where) in names.items() if where == region.region_id]
        then = _on_their_day(gateway, connection, one, region, ids)
        known = [first_known(connection, channel.id) for channel in region.channels.values()]
        by_hand, gone = numbered_by_hand(connection, ids), gone_at_national(connection, ids)
        unknown = unknown_here(connection, region.region_id)
    now = {complaint: _reported(every[complaint], one.month) for complaint in ids}
    waiting = [complaint for complaint in ids if _is_waiting(every[complaint])]

    def named(several: Sequence[int]) -> list[str]:
        return [names[complaint][0] for complaint in several]

    return Evidence(
        then=then,
        now=now,
        references={complaint: names[complaint][0] for complaint in ids},
        waiting=named(waiting),
        typed_later=named([complaint for complaint in by_hand if now[complaint]]),
        began_later=any(at is not None and at > to_instant(start) for at in known),
        unknown_here=unknown,
        gone=named(gone),
    )


def _on_their_day(
    gateway: Gateway, connection: Connection, one: Imported, region: RegionManifest, ids: list[int]
) -> dict[int, list[Count]]:
    """What each complaint added by the end of the day on which the source counted."""
    day = datetime(one.as_of.year, one.as_of.month, one.as_of.day, tzinfo=region.zone)
    until = to_instant(day + timedelta(days=1)) - 1
    rules = rules_of(gateway, Calendars(gateway.settings.deadlines.calendar), region.region_id)
    return {
        complaint: _reported(counts, one.month)
        for batch in batches(ids, _AT_ONCE)
        for complaint, _, _, counts in counted(connection, lambda _: rules, list(batch), until)
    }


def _is_waiting(counts: Sequence[Count]) -> bool:
    return any(one.measure == Measure.SEEN and one.key not in _SETTLED for one in counts)


def _reported(counts: Sequence[Count], month: int) -> list[Count]:
    return sorted(one for one in counts if one.month == month and one.measure != Measure.SEEN)
