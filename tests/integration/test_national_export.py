"""The national export is read as administrators download it; what it lacks is named, never guessed."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.errors import ConfigurationError
from lapor_gateway.national.export import WIB, ExportedComplaint, NationalExport, RowFault
from tests.support.national_export import HEADINGS, row, write_export

NOON = datetime(2026, 8, 6, 12, 34, 56, tzinfo=WIB)
OURS = "[Rujukan LG-0000-0000-0000]\nLampu jalan padam.\n\nSudah seminggu."


def read(path: Path) -> list[ExportedComplaint]:
    return list(NationalExport(path).complaints())


def a_row(tracking_id: Any = 7000001, **cells: Any) -> dict[str, Any]:
    return row(tracking_id, NOON.timestamp(), "Lampu", OURS, **cells)


@pytest.mark.parametrize("name", ["unduhan.xlsx", "unduhan.csv"])
def test_a_row_is_read_as_it_stands_there(tmp_path: Path, name: str) -> None:
    cells = {
        "Tipe Laporan (Anonim/Rahasia)": "Anonim, Rahasia",
        "Isi Laporan Akhir": "Lampu jalan padam. Sudah ditangani.",
        "Kategori": "Jalan",
        "Nama Pelapor": "Warga Contoh",
        "Instansi Terdisposisi": "Dinas Contoh",
        "Status Laporan": "Ditutup oleh Admin",
    }
    [found] = read(write_export(tmp_path / name, [a_row(**cells)]))
    assert (found.tracking_id, found.created_at, found.title) == ("7000001", NOON, "Lampu")
    assert (found.first_text, found.last_text) == (OURS, "Lampu jalan padam. Sudah ditangani.")
    assert (found.is_anonymous, found.is_secret, found.status) == (True, True, "Ditutup oleh Admin")
    assert (found.category, found.institution, found.channel) == ("Jalan", "Dinas Contoh", "API")
    assert found.row == 5
    assert "Warga Contoh" not in repr(found)


def test_columns_are_found_by_their_headings_whatever_their_order(tmp_path: Path) -> None:
    few = ["status  laporan", "Isi Laporan Awal", "Kolom Baru", "TRACKING ID", "Tanggal Laporan Masuk"]
    cells = {"status  laporan": "Selesai", "TRACKING ID": "7000001", **a_row()}
    [found] = read(write_export(tmp_path / "a.xlsx", [cells], headings=few, preamble=[["Rekap"]] * 20))
    assert (found.tracking_id, found.status, found.first_text) == ("7000001", "Selesai", OURS)
    assert found.created_at == datetime(2026, 8, 6, tzinfo=WIB)
    assert found.title == ""


@pytest.mark.parametrize(
    ("day", "moment", "expected"),
    [
        ("3 Jan 2026", "07:05", datetime(2026, 1, 3, 7, 5, tzinfo=WIB)),
        ("06 Agu 2026", "07.05.09 WIB", datetime(2026, 8, 6, 7, 5, 9, tzinfo=WIB)),
        ("17 Agustus 2026", "-", datetime(2026, 8, 17, tzinfo=WIB)),
        (date(2026, 8, 6), time(9, 30), datetime(2026, 8, 6, 9, 30, tzinfo=WIB)),
        ("06 Agu 2026 10:11", "", datetime(2026, 8, 6, 10, 11, tzinfo=WIB)),
        ("2026-08-06", "25:99", datetime(2026, 8, 6, tzinfo=WIB)),
        (46240, 0.5, datetime(2026, 8, 6, 12, tzinfo=WIB)),
        ("-", "12:00", None),
    ],
)
def test_days_and_times_in_every_shape_that_is_seen(
    tmp_path: Path, day: Any, moment: Any, expected: datetime | None
) -> None:
    cells = {"Tanggal Laporan Masuk": day, "Waktu Laporan Masuk": moment}
    [found] = read(write_export(tmp_path / "a.xlsx", [a_row(**cells)]))
    assert found.created_at == expected


def test_repeated_and_garbled_rows_are_counted_and_named(tmp_path: Path) -> None:
    rows = [
        a_row("Total: 3 laporan"),
        a_row(7000001),
        {},
        a_row("7000001", **{"Isi Laporan Awal": "lain"}),
        a_row(7000002, **{"Tanggal Laporan Masuk": "kemarin"}),
        a_row("-"),
    ]
    export = NationalExport(write_export(tmp_path / "a.xlsx", rows))
    found = list(export.complaints())
    assert [(one.tracking_id, one.first_text) for one in found] == [("7000001", OURS), ("7000002", OURS)]
    assert found[1].created_at is None
    assert export.faults == {
        RowFault.NO_TRACKING_ID: 2,
        RowFault.REPEATED: 1,
        RowFault.UNREADABLE_DATE: 1,
    }
    assert [(one.row, one.fault, one.shown) for one in export.named] == [
        (5, RowFault.NO_TRACKING_ID, "Total: 3 laporan"),
        (8, RowFault.REPEATED, "7000001"),
        (9, RowFault.UNREADABLE_DATE, "kemarin"),
        (10, RowFault.NO_TRACKING_ID, ""),
    ]


def test_only_the_first_faulty_rows_are_named_and_all_are_counted(tmp_path: Path) -> None:
    export = NationalExport(write_export(tmp_path / "a.csv", [a_row(7)] * 500))
    assert len(list(export.complaints())) == 1
    assert export.faults[RowFault.REPEATED] == 499
    assert len(export.named) == 20


def test_a_carriage_return_of_the_citizen_is_no_part_of_the_text(tmp_path: Path) -> None:
    [found] = read(write_export(tmp_path / "a.xlsx", [a_row(**{"Isi Laporan Awal": "Satu_x000D_\nDua"})]))
    assert "x000D" not in found.first_text
    assert found.first_text.split() == ["Satu", "Dua"]


def test_an_export_without_rows_is_an_empty_export(tmp_path: Path) -> None:
    assert read(write_export(tmp_path / "a.xlsx", [])) == []


def test_a_sheet_that_is_not_the_export_is_one_clear_error(tmp_path: Path) -> None:
    path = write_export(tmp_path / "a.xlsx", [], headings=["Tracking ID", "Nama"])
    with pytest.raises(
        ConfigurationError, match=r"a\.xlsx lacks the headings Tanggal Laporan Masuk, "
    ) as error:
        read(path)
    assert error.value.cure == "Download it from LAPOR! again and leave its columns as they are."


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 bukan tabel", b"PK\x03\x04 terpotong"])
def test_a_file_that_is_no_spreadsheet_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    for name in ("a.xlsx", "a.csv", "a.xls"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigurationError):
            read(tmp_path / name)


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no file .*tidak-ada.xlsx"):
        read(tmp_path / "tidak-ada.xlsx")


def test_the_writer_for_tests_has_every_column_of_the_facts() -> None:
    assert len(HEADINGS) == len(set(HEADINGS)) == 25
