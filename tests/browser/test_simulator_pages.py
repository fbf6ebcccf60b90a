"""The simulators' pages as trainees use them, in a real browser: file, look, answer, forward, close."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, Page

from tests.support.browser import chromium
from tests.support.national import HEADERS, NationalSimulator
from tests.support.region import RegionSimulator, region_folder

NOW = ("--now", "2026-03-02T09:00:00+07:00")
WIDTHS = (500, 1300)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(params=WIDTHS)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window of each width; whatever a page asks of another host, or writes to the console, is a failure."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(5_000)
    faults: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    context.close()
    assert [fault for fault in faults if "favicon" not in fault and "404" not in fault] == []
    assert [url for url in asked if not url.startswith("http://127.0.0.1:")] == []


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right."""
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide <= (page.viewport_size or {"width": 0})["width"]


def test_an_officer_handles_what_the_gateway_sent(page: Page, tmp_path: Path) -> None:
    with NationalSimulator(tmp_path, plain=True) as national:
        body = {"title": "Jalan rusak", "content": "LG-7Q2M-0K3X-9ABC\nBerlubang", "disposition_id": 41234}
        number = httpx.post(
            f"{national.url}/complaints/complaint", json=body, headers=HEADERS, trust_env=False
        ).json()["complaint_id"]
        page.goto(national.url)
        assert fits(page)
        assert "LG-7Q2M-0K3X-9ABC" in page.inner_text("table")
        page.get_by_role("link", name="Jalan rusak").click()
        page.get_by_role("button", name="Verifikasi").click()
        page.get_by_label("Isi tanggapan").fill("Petugas turun besok.")
        page.locator("form", has=page.get_by_label("Isi tanggapan")).get_by_role("button").click()
        page.get_by_label("Instansi tujuan").select_option("41002")
        page.get_by_role("button", name="Disposisi").click()
        page.get_by_label("Tulis sebagai pelapor").fill("Terima kasih.")
        page.locator("form", has=page.get_by_label("Tulis sebagai pelapor")).get_by_role("button").click()
        page.get_by_role("button", name="Selesaikan").click()
        assert fits(page)
        kept = next(told for told in national.complaints() if told["id"] == number)
    assert (kept["status_name"], kept["disposition_id"]) == ("Selesai", 41002)
    assert [line["content"] for line in kept["follow_ups"]] == ["Petugas turun besok.", "Terima kasih."]


def test_a_citizen_files_directly_at_lapor_in_english(page: Page, tmp_path: Path) -> None:
    with NationalSimulator(tmp_path, plain=True) as national:
        page.goto(national.url)
        page.get_by_role("link", name="English").click()
        page.get_by_text("File a complaint directly at LAPOR!").click()
        page.get_by_label("Title", exact=True).fill("Tiang roboh")
        page.get_by_label("Text", exact=True).fill("Tiang listrik roboh di jalan.")
        page.get_by_label("By channel").select_option("SMS 1708")
        page.get_by_label("To the institution").select_option("41310")
        page.get_by_label("Secret").check()
        page.get_by_role("button", name="File it").click()
        assert "Tiang roboh" in page.inner_text("h1")
        (kept,) = national.complaints()
    assert (kept["via"], kept["disposition_id"], kept["body"]["is_secret"]) == ("SMS 1708", 41310, True)


@pytest.mark.parametrize("region", ["tuban", "sampang", "kota-batu", "kota-blitar"])
def test_a_region_is_filed_answered_and_moved_on_by_its_page(page: Page, tmp_path: Path, region: str) -> None:
    words = (region_folder(region), tmp_path, *NOW, "--page")
    with RegionSimulator(*words, complaints=20) as simulator:
        page.goto(f"{simulator.url}/")
        assert fits(page)
        page.get_by_text("Sampaikan pengaduan sebagai warga").click()
        page.get_by_label("Isi laporan").fill("Lampu jalan mati sejak kemarin.")
        page.get_by_label("Nama pelapor", exact=True).fill("Warga Rekaan")
        page.get_by_role("button", name="Kirim laporan").click()
        page.get_by_label("Isi tanggapan").fill("Sudah kami catat.")
        page.locator("form", has=page.get_by_label("Isi tanggapan")).get_by_role("button").click()
        status = page.locator("select[name=status]")
        status.select_option(index=1)
        page.locator("form", has=status).get_by_role("button").click()
        assert fits(page)
        shown = page.inner_text("main")
    assert "Sudah kami catat." in shown
    assert "Lampu jalan mati sejak kemarin." in shown
    with RegionSimulator(*words, complaints=20) as again:
        page.goto(f"{again.url}/?q=lampu+jalan+mati+sejak+kemarin")
        assert page.locator("td.main").count() == 1
        page.locator("td.main a").click()
        assert "Sudah kami catat." in page.inner_text("main")


def returned_file(folder: Path, *rows: list[Any]) -> None:
    folder.mkdir(exist_ok=True)
    book = Workbook()
    for line in (
        ["No. Tiket", "Judul Laporan", "Isi Laporan", "ID SP4N", "Status LAPOR!", "Tindak Lanjut LAPOR!"],
        *rows,
    ):
        book.active.append(line)
    book.save(folder / "kembali.xlsx")


def test_a_returned_spreadsheet_is_shown_and_taken_over_once(page: Page, tmp_path: Path) -> None:
    words = (region_folder("kota-batu"), tmp_path, *NOW, "--page")
    with RegionSimulator(*words, complaints=20) as simulator:
        folder = Path(simulator.ready["settings"]["returned"])
        returned_file(
            folder,
            ["AW-2026-000420", "", "", 4200001, "Dalam Proses", "Sedang dicek"],
            ["", "Dari LAPOR!", "Tiang roboh di jalan", 4200002, "Terverifikasi", ""],
        )
        page.goto(f"{simulator.url}/")
        assert "kembali.xlsx" in page.inner_text("main")
        for _ in range(2):
            page.get_by_role("button", name="Ambil isi berkas yang kembali").click()
        page.goto(f"{simulator.url}/pengaduan/AW-2026-000420")
        shown = page.inner_text("main")
        assert "4200001" in shown
        assert shown.count("Sedang dicek") == 1
        page.goto(f"{simulator.url}/?q=4200002")
        assert page.locator("td.main").count() == 1
        before = set(Path(simulator.ready["settings"]["folder"]).iterdir())
        page.goto(f"{simulator.url}/")
        page.get_by_role("button", name="Tulis ekspor hari ini").click()
        (written,) = set(Path(simulator.ready["settings"]["folder"]).iterdir()) - before
    assert written.suffix == ".xlsx"
