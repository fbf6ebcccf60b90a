"""Writes the national spreadsheet export as LAPOR!'s administrators download it; from the facts alone, for tests."""

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

WIB = timezone(timedelta(hours=7))
PREAMBLE = (
    ("LAPORAN MASYARAKAT",),
    ("SP4N-LAPOR!",),
    (),
)
HEADINGS = (
    "Tracking ID",
    "Tanggal Laporan Masuk",
    "Waktu Laporan Masuk",
    "Nama Pelapor",
    "Klasifikasi Laporan",
    "ID Kategori",
    "Kategori",
    "Judul Laporan",
    "Isi Laporan Awal",
    "Isi Laporan Akhir",
    "Tipe Laporan (Anonim/Rahasia)",
    "Sumber Laporan",
    "Instansi Induk",
    "ID Instansi Terdisposisi",
    "Instansi Terdisposisi",
    "Status Laporan",
    "Alasan Tunda/Arsip",
    "Provinsi",
    "Kota/Kabupaten",
    "Kecamatan",
    "Kelurahan",
    "Nomor SK",
    "Url SK",
    "Url Dokumen Laporan Tahunan",
    "Rating",
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


def row(tracking_id: Any, committed_at: float, title: str, content: str, **cells: Any) -> dict[str, Any]:
    """One complaint's cells by heading; `committed_at` in seconds since the epoch, `cells` by their headings."""
    moment = datetime.fromtimestamp(committed_at, WIB)
    day = f"{moment.day:02}" if moment.day % 2 else f"{moment.day}"  # both shapes are seen
    return {
        "Tracking ID": tracking_id,
        "Tanggal Laporan Masuk": f"{day} {_MONTHS[moment.month - 1]} {moment.year}",
        "Waktu Laporan Masuk": moment.strftime("%H:%M:%S"),
        "Judul Laporan": title,
        "Isi Laporan Awal": content,
        "Isi Laporan Akhir": content,
        "Sumber Laporan": "API",
        "Status Laporan": "Belum Terverifikasi",
    } | cells


def write_export(
    path: Path,
    rows: Iterable[Mapping[str, Any]],
    *,
    headings: Iterable[str] = HEADINGS,
    preamble: Iterable[Iterable[Any]] = PREAMBLE,
) -> Path:
    """Writes `rows` (cells by heading; what is missing is "-") as .xlsx or .csv, by the path's ending."""
    columns = list(headings)
    lines = [*map(list, preamble), columns, *([one.get(name, "-") for name in columns] for one in rows)]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(lines)
        return path
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Laporan")
    for line in lines:
        sheet.append(line)
    book.save(path)
    return path
