"""Spreadsheets as people make them are read whole, the newest one is right, and nothing is dropped in silence."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from lapor_gateway import spreadsheets
from lapor_gateway.clock import SystemClock
from lapor_gateway.errors import OutOfReachError, SourceFaultError
from lapor_gateway.sources.files import FilesSource
from lapor_gateway.sources.port import Checkpoint, Page
from lapor_gateway.sources.settings import FilesSettings

HEADINGS = ["No. Tiket", "Tgl Masuk", "Isi Laporan", "Status"]
LONG_AGO = datetime(2026, 8, 1, 5, 0, tzinfo=UTC)

Rows = list[list[Any]]


class Folder:
    """The inbox of a region, and the files that its people drop there; one a day, oldest first."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.path = data_dir / "inbox"
        self.path.mkdir()
        self.day = 0

    def dropped(self, name: str, content: bytes | Callable[[Path], None]) -> Path:
        path = self.path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content(path)
        self.day += 1
        moment = (LONG_AGO + timedelta(days=self.day)).timestamp()
        os.utime(path, (moment, moment))
        return path

    def xlsx(self, name: str, rows: Rows, *, sheets: dict[str, Rows] | None = None) -> Path:
        def save(path: Path) -> None:
            book = Workbook()
            first = book.active
            assert first is not None
            for row in rows:
                first.append(row)
            for title, more in (sheets or {}).items():
                sheet = book.create_sheet(title)
                for row in more:
                    sheet.append(row)
            book.save(path)

        return self.dropped(name, save)

    def csv(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        return self.dropped(name, text.encode(encoding))

    def source(self, clock: Any = None, **settings: Any) -> FilesSource:
        described = {"folder": "inbox", "pattern": ["*.xlsx", "*.csv"], "headings": HEADINGS, **settings}
        return FilesSource(
            FilesSettings.model_validate(described),
            data_dir=self.data_dir,
            source_id=lambda record: record.get("No. Tiket"),
            clock=clock or SystemClock(),
        )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


async def read(
    source: FilesSource, checkpoint: Checkpoint | None = None, *, full: bool = False
) -> list[Page]:
    return [page async for page in source.pages(checkpoint or Checkpoint(), full=full)]


async def read_into(pages: list[Page], source: FilesSource) -> None:
    """Reads as far as it goes; what came before a fault is in `pages`."""
    async for page in source.pages(Checkpoint()):
        pages.append(page)  # noqa: PERF401 - a comprehension would lose them


def values(pages: list[Page]) -> list[dict[str, Any]]:
    return [record.value for page in pages for record in page.records]


def tickets(pages: list[Page]) -> list[str]:
    return [value["No. Tiket"] for value in values(pages)]


def row(ticket: str, status: str = "Baru", text: str = "Jalan rusak") -> list[Any]:
    return [ticket, date(2026, 8, 6), text, status]


async def test_a_workbook_as_people_make_it(folder: Folder) -> None:
    def save(path: Path) -> None:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(["PEMERINTAH KOTA BATU"])
        sheet.merge_cells("A1:F1")
        sheet.append(["Rekapitulasi  Laporan"])
        sheet.append([])
        sheet.append(["No", "no.  tiket", None, "Tgl\nMasuk", " Isi Laporan ", "STATUS", "NIK", "Jam"])
        sheet.append(
            [1, "AW-1", None, date(2026, 8, 6), "Parkir liar", "Baru", 3579010101010001, time(9, 30)]
        )
        sheet.append([None, "   ", None, None, "", None, None, None])
        sheet.append([2, "AW-2", "catatan", 46240, "Sampah", None, "2147483647", 1.5])
        sheet.append(["TOTAL", None, None, None, "2 laporan", None, None, None])
        book.save(path)

    folder.dropped("rekap.xlsx", save)
    pages = await read(folder.source(ignore_rows=[{"column": "No", "equals": "total"}]))
    assert values(pages) == [
        {
            "No": 1, "No. Tiket": "AW-1", "Tgl Masuk": "2026-08-06", "Isi Laporan": "Parkir liar",
            "Status": "Baru", "NIK": 3579010101010001, "Jam": "09:30:00",
        },
        {
            "No": 2, "No. Tiket": "AW-2", "Tgl Masuk": 46240, "Isi Laporan": "Sampah",
            "Status": None, "NIK": "2147483647", "Jam": 1.5, "kolom 3": "catatan",
        },
    ]  # fmt: skip
    assert pages[-1].last
    assert pages[-1].complete_listing


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
async def test_a_csv_in_any_usual_encoding_and_delimiter(
    folder: Folder, encoding: str, delimiter: str
) -> None:
    rows = [
        ["Rekap Laporan"],
        ["No. Tiket", "Tgl Masuk", "Isi Laporan", "Status"],
        ["AW-1", "06/08/2026", f'"Kafé {delimiter} ""Ayu""\nbaris kedua"', "Baru"],
        ["", "", "", ""],
        ["AW-2", "06 Agu 2026", "Sampah", ""],
    ]
    folder.csv("lama.csv", "\r\n".join(delimiter.join(cells) for cells in rows), encoding)
    assert values(await read(folder.source())) == [
        {
            "No. Tiket": "AW-1", "Tgl Masuk": "06/08/2026",
            "Isi Laporan": f'Kafé {delimiter} "Ayu"\nbaris kedua', "Status": "Baru",
        },
        {"No. Tiket": "AW-2", "Tgl Masuk": "06 Agu 2026", "Isi Laporan": "Sampah", "Status": None},
    ]  # fmt: skip


async def test_a_row_longer_or_shorter_than_the_headings_keeps_its_cells(folder: Folder) -> None:
    folder.csv("a.csv", "No. Tiket,Tgl Masuk,Isi Laporan,Status\nAW-1,,teks,Baru,lebih\nAW-2\n")
    assert values(await read(folder.source())) == [
        {"No. Tiket": "AW-1", "Tgl Masuk": None, "Isi Laporan": "teks", "Status": "Baru", "kolom 5": "lebih"},
        {"No. Tiket": "AW-2", "Tgl Masuk": None, "Isi Laporan": None, "Status": None},
    ]


async def test_two_headings_of_one_name_hide_nothing(folder: Folder) -> None:
    folder.xlsx("a.xlsx", [[*HEADINGS, "Ket", "Ket"], [*row("AW-1"), "x", "y"]])
    [value] = values(await read(folder.source()))
    assert (value["Ket"], value["Ket (2)"]) == ("x", "y")


async def test_every_sheet_with_the_headings_is_read(folder: Folder) -> None:
    folder.xlsx(
        "a.xlsx", [["catatan"]], sheets={"Juli": [HEADINGS, row("AW-1")], "Agustus": [HEADINGS, row("AW-2")]}
    )
    assert tickets(await read(folder.source())) == ["AW-1", "AW-2"]
    assert tickets(await read(folder.source(sheet="Agustus"))) == ["AW-2"]


async def test_a_sheet_that_is_not_there_is_named_with_those_that_are(folder: Folder) -> None:
    folder.xlsx("a.xlsx", [HEADINGS, row("AW-1")])
    with pytest.raises(SourceFaultError, match="no sheet “Mei”; it has Sheet"):
        await read(folder.source(sheet="Mei"))


async def test_the_newest_file_is_right_about_a_row(folder: Folder) -> None:
    folder.xlsx("senin.xlsx", [HEADINGS, row("AW-1"), row("AW-2"), row("AW-3")])
    folder.xlsx("selasa.xlsx", [HEADINGS, row("AW-2", "Selesai"), row("AW-4")])
    pages = await read(folder.source())
    assert {value["No. Tiket"]: value["Status"] for value in values(pages)} == {
        "AW-2": "Selesai", "AW-4": "Baru", "AW-1": "Baru", "AW-3": "Baru"
    }  # fmt: skip
    assert len(values(pages)) == 4
    assert pages[-1].complete_listing


async def test_rows_of_one_file_with_one_id_and_rows_without_one_all_come(folder: Folder) -> None:
    folder.xlsx(
        "a.xlsx", [HEADINGS, row("AW-1"), row("AW-1", "Selesai"), [None, None, "tanpa nomor", "Baru"]]
    )
    assert len(values(await read(folder.source()))) == 3


async def test_only_files_new_since_the_watermark_are_read_and_all_newer_ones(folder: Folder) -> None:
    old = folder.xlsx("senin.xlsx", [HEADINGS, row("AW-1")])
    folder.xlsx("selasa.xlsx", [HEADINGS, row("AW-1", "Selesai"), row("AW-2")])
    later = datetime.now(UTC) + timedelta(hours=1)
    pages = await read(folder.source(), Checkpoint(watermark=later))
    assert values(pages) == []
    assert not pages[-1].complete_listing
    # A file copied with its old time has a new change time, and drags the newer ones along: AW-1 stays "Selesai".
    earlier = datetime.fromtimestamp(old.stat().st_ctime, UTC) - timedelta(seconds=1)
    again = values(await read(folder.source(), Checkpoint(watermark=earlier)))
    assert {(value["No. Tiket"], value["Status"]) for value in again} == {
        ("AW-1", "Selesai"),
        ("AW-2", "Baru"),
    }


async def test_a_full_pass_reads_every_file(folder: Folder) -> None:
    folder.xlsx("senin.xlsx", [HEADINGS, row("AW-1")])
    later = datetime.now(UTC) + timedelta(hours=1)
    pages = await read(folder.source(), Checkpoint(watermark=later), full=True)
    assert tickets(pages) == ["AW-1"]
    assert pages[-1].complete_listing


async def test_a_file_without_its_headings_stops_the_channel_after_the_good_ones(folder: Folder) -> None:
    folder.xlsx("a.xlsx", [HEADINGS, row("AW-1")])
    folder.xlsx("b.xlsx", [["Rekap"], ["No. Tiket", "Tanggal", "Isi Laporan"], row("AW-2")])
    folder.xlsx("c.xlsx", [HEADINGS, row("AW-3")])
    good: list[Page] = []
    with pytest.raises(SourceFaultError) as caught:
        await read_into(good, folder.source())
    assert tickets(good) == ["AW-3", "AW-1"]
    assert "b.xlsx lacks the headings Tgl Masuk, Status; found: No. Tiket, Tanggal, Isi Laporan" in str(
        caught.value
    )
    assert not any(page.last for page in good)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rusak.xlsx", b"PK\x03\x04 terpotong"),
        ("sandi.xlsx", b"\xd0\xcf\x11\xe0 encrypted"),
        ("kosong.xlsx", b""),
        ("kutip.csv", b'No. Tiket,Tgl Masuk,Isi Laporan,Status\nAW-1,,"tanpa akhir,Baru\nAW-2,,x,Baru\n'),
        ("salah.csv", b"\xff\xfeN\x00o\x00.\x00\x00\xd8"),
    ],
)
async def test_a_file_that_cannot_be_read_is_named(folder: Folder, name: str, content: bytes) -> None:
    folder.dropped(name, content)
    with pytest.raises(SourceFaultError, match=name):
        await read(folder.source())


async def test_files_too_large_to_be_meant_are_refused(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.xlsx("a.xlsx", [HEADINGS, row("AW-1")])
    with monkeypatch.context() as patched:
        patched.setattr(spreadsheets, "MAX_FILE_BYTES", 100)
        with pytest.raises(SourceFaultError, match="larger than"):
            await read(folder.source())
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(SourceFaultError, match="would unpack to"):
        await read(folder.source())


async def test_a_cell_of_ten_megabytes_is_read(folder: Folder) -> None:
    text = "x" * 10_000_000
    folder.csv("a.csv", f"No. Tiket,Tgl Masuk,Isi Laporan,Status\nAW-1,,{text},Baru\n")
    assert values(await read(folder.source()))[0]["Isi Laporan"] == text


async def test_unfinished_and_foreign_files_are_left_alone(folder: Folder) -> None:
    folder.xlsx("a.xlsx", [HEADINGS, row("AW-1")])
    for name in ("~$a.xlsx", ".b.xlsx", "c.xlsx.part", "d.tmp", "surat.docx"):
        folder.dropped(name, b"bukan")
    (folder.path / "arsip.xlsx").mkdir()
    assert tickets(await read(folder.source())) == ["AW-1"]
    assert len(list(folder.path.iterdir())) == 7


class Waiting(SystemClock):
    """A clock whose sleep is over at once, after something was done."""

    def __init__(self, during: Callable[[], None] = lambda: None) -> None:
        self.during = during
        self.slept = 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.during()


async def test_a_file_still_being_written_waits_for_the_next_pass(folder: Folder) -> None:
    folder.xlsx("a.xlsx", [HEADINGS, row("AW-1")])
    growing = folder.path / "b.csv"
    growing.write_text("No. Tiket,Tgl Masuk,Isi Laporan,Status\nAW-2,,x,Baru\n")
    clock = Waiting(during=lambda: growing.write_text(growing.read_text() + "AW-3,,x,Baru\n") and None)
    pages = await read(folder.source(clock))
    assert tickets(pages) == ["AW-1"]
    assert not pages[-1].complete_listing


async def test_a_file_just_written_is_read_once_it_rests(folder: Folder) -> None:
    (folder.path / "b.csv").write_text("No. Tiket,Tgl Masuk,Isi Laporan,Status\nAW-2,,x,Baru\n")
    clock = Waiting()
    assert tickets(await read(folder.source(clock))) == ["AW-2"]
    assert clock.slept > 0


async def test_a_workbook_shows_by_itself_that_it_is_whole(folder: Folder) -> None:
    path = folder.xlsx("a.xlsx", [HEADINGS, row("AW-1")])
    os.utime(path)
    clock = Waiting()
    assert tickets(await read(folder.source(clock))) == ["AW-1"]
    assert clock.slept == 0


async def test_a_missing_folder_is_out_of_reach_and_an_empty_one_claims_nothing(folder: Folder) -> None:
    [page] = await read(folder.source())
    assert page.last
    assert not page.complete_listing  # an unmounted share looks just like this
    with pytest.raises(OutOfReachError, match="cannot be read"):
        await read(folder.source(folder="tidak-ada"))


async def test_the_same_row_gives_the_same_bytes_in_another_file(folder: Folder) -> None:
    folder.xlsx("a.xlsx", [HEADINGS, row("AW-1")])
    [before] = (await read(folder.source()))[0].records
    folder.xlsx("b.xlsx", [["judul"], [], HEADINGS, row("AW-9"), row("AW-1")])
    [_, after] = (await read(folder.source()))[0].records
    assert after.raw == before.raw


async def test_many_rows_come_in_pages(folder: Folder) -> None:
    text = "\n".join(f"AW-{number},,x,Baru" for number in range(1201))
    folder.csv("a.csv", f"No. Tiket,Tgl Masuk,Isi Laporan,Status\n{text}\n")
    pages = await read(folder.source())
    assert [len(page.records) for page in pages] == [500, 500, 201, 0]
    assert all((page.cursor is None) == page.last for page in pages)


async def test_check_reads_the_newest_file_only(folder: Folder) -> None:
    assert "holds no *.xlsx or *.csv yet" in await folder.source().check()
    folder.csv("lama.csv", "bukan ini\n")
    folder.xlsx("baru.xlsx", [HEADINGS, row("AW-1")])
    assert "baru.xlsx, can be read" in await folder.source().check()
