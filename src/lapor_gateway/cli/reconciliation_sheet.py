"""The report of a reconciliation for the region: a workbook in Bahasa Indonesia, two sheets, no formula in it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lapor_gateway.catalogue import sentence
from lapor_gateway.catalogue.reconciliation import RECONCILIATION
from lapor_gateway.catalogue.words import WORDS
from lapor_gateway.cli.screen import moment
from lapor_gateway.cli.sheets import cell
from lapor_gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from lapor_gateway.book.reconciliations import DifferenceView, ReconciliationView
    from lapor_gateway.jobs.gateway import Gateway

_PAGE: Final = 1_000
_MOST_ROWS: Final = 1_000_000  # a sheet holds 1,048,576
_WIDTHS: Final = {"Ringkasan": (34, 26, 16, 22, 60), "Perbedaan": (6, 26, 24, 26, 14, 60, 60)}
_TEXTS: Final = RECONCILIATION | WORDS


def write_report(gateway: "Gateway", view: "ReconciliationView", path: Path) -> None:
    """Write the workbook, its rows one by one. Raises `ConfigurationError` where the file cannot be written."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    names = {region.region_id: region.name for region in gateway.regions.values()}
    _fill(book.create_sheet("Ringkasan"), _summary(view, names))
    _fill(book.create_sheet("Perbedaan"), _differences(gateway, view))
    try:
        book.save(path)
    except OSError as error:
        raise ConfigurationError(
            f"The report {path} cannot be written.",
            detail=error.strerror or "",
            cure="Name another file for --xlsx; the reconciliation itself is kept.",
        ) from None


def _summary(view: "ReconciliationView", names: dict[str, str]) -> Iterator[Sequence[object]]:
    regions = sorted({names.get(one.partition(".")[0], one) for one in view.channels})
    yield ("Laporan rekonsiliasi pengaduan", ", ".join(regions))
    yield ("Nomor rekonsiliasi", view.run)
    yield ("Dimulai", moment(view.started_at))
    yield ("Selesai", moment(view.finished_at))
    yield ("Kanal", ", ".join(view.channels))
    yield ("Pengaduan sejak", moment(view.since) if view.since else "awal")
    yield ("Pengaduan sampai sebelum", moment(view.until) if view.until else "akhir")
    yield ("Sisi LAPOR! dari", "unduhan lembar kerja" if view.national == "export" else "daftar LAPOR!")
    yield ("Putusan", _verdict(view))
    yield ()
    yield ("Yang dibandingkan", "Nama", "Banyak", "Dapat membuktikan", "Keterangan")
    for side in view.sides:
        proves = _text(f"proves.{side.proves}")
        yield (_text(f"side.{side.side}"), side.of, side.rows, proves, _why(side.why))
    yield ()
    yield ("Jenis perbedaan", "Ditemukan", "Diperbaiki", "Diterima dengan alasan", "Masih terbuka")
    for kind, states in sorted(view.differences.items()):
        yield (
            _text(f"difference.{kind}"),
            *(states.get(n, 0) for n in ("found", "repaired", "accepted", "open")),
        )


def _verdict(view: "ReconciliationView") -> str:
    is_open = any(states.get("open") for states in view.differences.values())
    key = "reconcile.verdict.open" if is_open else "reconcile.verdict.unproven"
    return _text("reconcile.verdict.clean" if view.is_clean else key)


def _differences(gateway: "Gateway", view: "ReconciliationView") -> Iterator[Sequence[object]]:
    yield ("No", "Jenis", "Kanal", "Pengaduan", "Keadaan", "Rincian", "Artinya")
    for one in _all_differences(gateway, view.run):
        details = "; ".join(f"{_text(f'fact.{name}')}: {value}" for name, value in one.facts.items())
        meaning = _text(f"finding.{one.kind}").partition(": ")[2]
        kind, state = _text(f"difference.{one.kind}"), _text(f"difference.state.{one.state}")
        yield (one.number, kind, one.channel, one.subject, state, details, meaning)


def _all_differences(gateway: "Gateway", run: int) -> Iterator["DifferenceView"]:
    from lapor_gateway.book.reconciliations import list_differences

    cursor: str | None = None
    shown = 0
    while shown < _MOST_ROWS:
        rows, cursor = list_differences(gateway.book, run, limit=_PAGE, cursor=cursor)
        yield from rows
        shown += len(rows)
        if cursor is None:
            return


def _fill(sheet: Any, rows: Iterable[Sequence[object]]) -> None:
    for place, width in enumerate(_WIDTHS[sheet.title]):
        sheet.column_dimensions["ABCDEFG"[place]].width = width
    for row in rows:
        sheet.append([cell(sheet, value) for value in row])


def _why(why: str | None) -> str:
    return "-" if why is None else sentence(why, "id")  # for the region, whatever the terminal speaks


def _text(key: str) -> str:
    return _TEXTS[key][0] if key in _TEXTS else key.rpartition(".")[2]
