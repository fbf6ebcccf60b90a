"""The spreadsheet that LAPOR!'s administrators download: a preamble, Indonesian dates, "-" for what is blank."""

import html
import time
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from lapor_gateway.simulators.national.clock import WIB
from lapor_gateway.simulators.national.office import Office
from lapor_gateway.simulators.national.store import Complaint

MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
COLUMNS = (
    *("Tracking ID", "Tanggal Laporan Masuk", "Waktu Laporan Masuk", "Nama Pelapor", "Klasifikasi Laporan"),
    *("ID Kategori", "Kategori", "Judul Laporan", "Isi Laporan Awal", "Isi Laporan Akhir"),
    *("Tipe Laporan (Anonim/Rahasia)", "Sumber Laporan", "Instansi Induk", "ID Instansi Terdisposisi"),
    *("Instansi Terdisposisi", "Status Laporan", "Alasan Tunda/Arsip", "Provinsi", "Kota/Kabupaten"),
    *("Kecamatan", "Kelurahan", "Nomor SK", "Url SK", "Url Dokumen Laporan Tahunan", "Rating"),
)
_LONGEST_CELL = 32_767
_ILLEGAL = {code: None for code in range(32) if code not in (9, 10, 13)}  # what a workbook cannot hold


class ExportWish(msgspec.Struct, forbid_unknown_fields=True):
    """Where a download is written, and what of: one account's, one institution's, or everything."""

    path: str
    account: str | None = None
    institution: int | None = None


def write_file(office: Office, wish: ExportWish) -> int:
    """Write the download to a file that appears whole; the number of its rows."""
    path = Path(wish.path)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        rows = write(office, file, wish.account, wish.institution)
    fresh.replace(path)
    return rows


def download(office: Office, account: str | None, institution: int | None) -> bytes:
    """The download as bytes."""
    file = BytesIO()
    write(office, file, account, institution)
    return file.getvalue()


def write(office: Office, file: BinaryIO, account: str | None, institution: int | None) -> int:
    """Write what is visible now, newest first; the number of rows."""
    # A start without a download does without these.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    now = time.time()
    chosen = [
        complaint
        for complaint in office.store
        if complaint.visible_at <= now
        and (account is None or complaint.account in (None, account))
        and (institution is None or complaint.disposition_id == institution)
    ]
    chosen.sort(key=lambda complaint: (complaint.committed_at, complaint.id), reverse=True)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Laporan")
    for line in _preamble(office, now, len(chosen)):
        sheet.append(line)
    sheet.append(COLUMNS)
    for complaint in chosen:
        cells = _cells(office, complaint)
        row: list[Any] = [_written(cells.get(name)) for name in COLUMNS]
        for place, cell in enumerate(row):
            if isinstance(cell, str) and cell.startswith("="):
                row[place] = WriteOnlyCell(sheet, cell)
                row[place].data_type = "s"  # a citizen's text is no formula
        sheet.append(row)
    book.save(file)
    return len(chosen)


def _preamble(office: Office, now: float, count: int) -> Iterator[list[str]]:
    yield ["SP4N-LAPOR! (simulasi): semua isi rekaan"]
    yield [f"Diunduh {_day(now + office.clock.offset)}", f"{count} laporan"]
    yield []


def _cells(office: Office, complaint: Complaint) -> dict[str, Any]:
    """One row by its headings; what is missing is blank."""
    fields, masters = complaint.fields, office.masters
    at = complaint.committed_at + complaint.skew
    kinds = [
        word for name, word in (("is_anonymous", "Anonim"), ("is_secret", "Rahasia")) if fields.get(name)
    ]
    location = masters.name_of("locations", fields.get("location_id"))
    return {
        "Tracking ID": complaint.id,
        "Tanggal Laporan Masuk": _day(at),
        "Waktu Laporan Masuk": datetime.fromtimestamp(at, WIB).strftime("%H:%M:%S"),
        "Nama Pelapor": None if fields.get("is_anonymous") else fields.get("nameUser"),
        "Klasifikasi Laporan": masters.name_of("classifications", fields.get("classification_id")),
        "ID Kategori": fields.get("category_id"),
        "Kategori": masters.name_of("categories", fields.get("category_id")),
        "Judul Laporan": complaint.title,
        "Isi Laporan Awal": complaint.content,
        "Isi Laporan Akhir": html.unescape(complaint.shown),
        "Tipe Laporan (Anonim/Rahasia)": " & ".join(kinds),
        "Sumber Laporan": complaint.via,
        "ID Instansi Terdisposisi": complaint.disposition_id,
        "Instansi Terdisposisi": masters.institution(complaint.disposition_id),
        "Status Laporan": complaint.status_name,
        "Provinsi": "Jawa Timur" if location else None,
        "Kota/Kabupaten": location,
    }


def _day(seconds: float) -> str:
    """ "3 Jan 2026" or "06 Agu 2026": both are seen in downloads."""
    day = datetime.fromtimestamp(seconds, WIB)
    number = f"{day.day:02}" if day.month % 2 == 0 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def _written(cell: object) -> object:
    """A cell as a workbook holds it: nothing that it cannot hold, "-" for blank."""
    if cell in (None, ""):
        return "-"
    return cell.translate(_ILLEGAL)[:_LONGEST_CELL] if isinstance(cell, str) else cell
