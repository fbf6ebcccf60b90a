"""The monthly report: one source for all outputs, frozen when it is signed, restated with reasons afterwards."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from openpyxl import load_workbook

from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.cli.report.pdf import write_pdf
from lapor_gateway.cli.report.sheet import write_workbook
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.indicators import Average, Figures, Level, Share, Unmeasured, Why, share
from lapor_gateway.domain.national_figures import Cause, Unit, value_of
from lapor_gateway.errors import ConfigurationError, GatewayError, NotAllowedError, NotFoundError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.indicators import figures_of
from lapor_gateway.jobs.monthly import show, show_signed, sign_off
from lapor_gateway.jobs.national_differences import differences_of, import_figures
from tests.support.books import Desk, ManualClock
from tests.support.command_line import lapor_gateway
from tests.support.national_life import follow_up, status, taken
from tests.support.waiting import eventually
from tests.support.world import World

MARCH, APRIL = 202603, 202604
JAKARTA = ZoneInfo("Asia/Jakarta")
NAME, NIK = "Siti Rahmawati", "3523014101900001"
BODY = "Lampu jalan di gang kenanga padam berminggu-minggu."


class Office:
    """A world whose clock a test moves, and what happens to its complaints."""

    def __init__(self, world: World, gateway: Gateway, clock: ManualClock) -> None:
        self.world, self.gateway, self.clock = world, gateway, clock
        self.desk = Desk(gateway.book)
        self.desk.go_live()

    def report(self, *ids: int) -> None:
        """Complaints that were brought and taken."""
        for one in ids:
            self.desk.bring({"id": one, "name": NAME, "nik": NIK, "body": BODY})
            taken(self.desk, one, 7_000_000 + one)

    def done(self, *ids: int) -> None:
        for one in ids:
            status(self.desk, one, "Selesai", "done")

    def month(self, month: int = MARCH) -> Figures:
        return figures_of(self.gateway, month, region="uji")[0]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 3, 2, 0, tzinfo=UTC))


@pytest.fixture
def office(tmp_path: Path, clock: ManualClock) -> Iterator[Office]:
    world = World(tmp_path / "data", "http://127.0.0.1:9")
    with world.gateway(clock) as gateway:
        yield Office(world, gateway, clock)


@pytest.fixture
def office_on_postgresql(tmp_path: Path, clock: ManualClock, fresh_postgres_url: str) -> Iterator[Office]:
    world = World(tmp_path / "data", "http://127.0.0.1:9", database_url=fresh_postgres_url)
    with world.gateway(clock) as gateway:
        yield Office(world, gateway, clock)


def test_the_same_on_postgresql(office_on_postgresql: Office) -> None:
    office = office_on_postgresql
    office.report(1, 2)
    office.done(1)
    eventually(lambda: office.month().ministry.penyelesaian == Share(1, 2, 50.0), within=60)
    office.clock.advance(days=30)
    sign_off(office.gateway, MARCH, by="Sri")
    office.done(2)
    eventually(lambda: show(office.gateway, MARCH).restatement is not None, within=60)
    restated = show(office.gateway, MARCH).restatement
    assert restated is not None
    assert restated.reasons == {"status_moved_on": 1}


def test_follow_up_times_are_working_days_with_the_holidays_of_idul_fitri(office: Office) -> None:
    office.report(1)
    office.clock.advance(days=13)  # Monday 16 March 2026
    office.report(2)
    office.clock.advance(days=10)  # Thursday 26 March: Nyepi, cuti bersama and Idul Fitri lie between
    follow_up(office.desk, 2)
    found = office.month().gateway.follow_up_days
    assert found == Average(3.0, 3.0, 1)  # 17, 25 and 26 March


def test_every_scope_has_its_figures_and_they_add_up(office: Office) -> None:
    office.report(1, 2, 3)
    office.done(1)
    found = {(one.scope.level, one.scope.id): one for one in figures_of(office.gateway, MARCH)}
    for scope in ((Level.ALL, ""), (Level.PROVINCE, "35"), (Level.REGION, "uji")):
        assert found[scope].ministry.penyelesaian == Share(1, 3, 33.33)
    assert found[Level.CHANNEL, "uji.tabel"].ministry.penyelesaian == Unmeasured(Why.NO_REPORTS)
    with pytest.raises(NotFoundError):
        figures_of(office.gateway, MARCH, region="lain")


def test_the_decree_counts_from_the_month_of_its_date(office: Office) -> None:
    manifest = office.world.root / "connectors" / "uji" / "connector.toml"
    decree = 'sk_tim_pengelola = { number = "188/1", date = 2026-03-31 }\naccount = "uji"'
    manifest.write_text(manifest.read_text().replace('account = "uji"', decree))
    with office.world.gateway(office.clock) as gateway:
        shares = [
            figures_of(gateway, month, region="uji")[0].ministry.keterhubungan for month in (202602, MARCH)
        ]
    assert shares == [Share(0, 1, 0.0), Share(1, 1, 100.0)]


def test_connected_are_the_scheduled_times_at_which_a_pull_succeeded(
    tmp_path: Path, clock: ManualClock
) -> None:
    world = World(tmp_path / "hourly", "http://127.0.0.1:9", manifest='schedule = "0 * * * *"')
    with world.gateway(clock) as gateway:
        with gateway.book.write() as connection:
            first = connection.exec_driver_sql(
                "SELECT min(at) FROM ledger_entries WHERE subject = 'channel:uji.tabel'"
            ).scalar_one()
        # The book was made by the machine's own clock: the month after it is one that it is known all through.
        known_in = datetime.fromtimestamp(first / 1e6, JAKARTA).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        begins = (known_in + timedelta(days=32)).replace(day=1)
        clock.advance(days=(to_instant(begins) - gateway.clock.now()) / 86_400e6 + 1)
        with gateway.book.write() as connection:
            for number, (minutes, state) in enumerate(
                ((70, "done"), (75, "done"), (130, "failed"), (200, "done"))
            ):
                at = to_instant(begins + timedelta(minutes=minutes))
                connection.exec_driver_sql(
                    "INSERT INTO runs (id, kind, subject, state, started_at, counts) VALUES "
                    f"({number + 1}, 'pull', 'uji.tabel', '{state}', {at}, '{{}}')"
                )
        found, before = (
            figures_of(gateway, int(month.strftime("%Y%m")), region="uji")[0].gateway.tersambung
            for month in (begins, known_in)
        )
    assert found == Share(2, 24, 8.33)
    hour = 3_600_000_000
    scheduled = (to_instant(begins) - 1) // hour - (first - 1) // hour  # since the channel is known
    assert before == share(0, scheduled, Why.NO_SCHEDULE)


def test_a_signed_month_stays_as_it_was_and_later_data_are_a_restatement(office: Office) -> None:
    office.report(1, 2, 3)
    office.done(1)
    with pytest.raises(NotAllowedError, match="not over"):
        sign_off(office.gateway, MARCH, by="Sri")
    office.clock.advance(days=30)
    signed = sign_off(office.gateway, MARCH, by="Sri")
    assert (signed.signed_by, signed.restatement) == ("Sri", None)
    with pytest.raises(NotAllowedError, match="already"):
        sign_off(office.gateway, MARCH, by="Budi")
    office.done(2)
    follow_up(office.desk, 3)
    decide(office.gateway.book, office.desk.row(1).reference, Verb.UNDO, by="Sri", reason="nomor salah")
    later = show(office.gateway, MARCH)
    assert (later.report, later.digest) == (signed.report, signed.digest)
    assert later.restatement is not None
    assert later.restatement.reasons == {"status_moved_on": 1, "answered_since": 1, "counts_no_more": 1}
    told = {one.reference: (one.reason, one.before, one.after) for one in later.restatement.changed}
    assert told[office.desk.row(2).reference] == ("status_moved_on", "unread", "done")
    assert told[office.desk.row(1).reference] == ("counts_no_more", "done", None)
    moved = {one.figure: (one.then, one.now) for one in later.restatement.moved}
    assert moved["reports"] == (3, 2)
    following = show(office.gateway, APRIL).report.restatements
    assert [one.month for one in following] == ["2026-03"]
    assert show_signed(office.gateway, MARCH).digest == signed.digest
    with pytest.raises(NotFoundError):
        show_signed(office.gateway, APRIL)


def test_the_signature_stands_in_the_ledger_and_an_altered_copy_is_refused(office: Office) -> None:
    office.report(1)
    office.clock.advance(days=40)
    signed = sign_off(office.gateway, MARCH, by="Sri")
    (entry,) = office.desk.query("SELECT * FROM ledger_entries WHERE kind = 'report_signed_off'")
    assert json.loads(entry.facts)["digest"] == signed.digest
    assert entry.subject == "report:2026-03"
    assert entry.actor.startswith("person:")
    office.desk.execute("UPDATE signed_reports SET digest = 'anders'")
    with pytest.raises(GatewayError, match="not what was signed"):
        show(office.gateway, MARCH)


FIGURES = """Bulan;Daerah;Indikator;Nilai;Satuan;Sumber;Per Tanggal
2026-03;35.99;jumlah laporan;{reports};;KemenPANRB;2026-03-10
2026-03;Kabupaten Uji;penyelesaian;50 %;;KemenPANRB;2026-03-31
2026-03;uji;keaktifan akun;100;persen;KemenPANRB;2026-03-31
"""


def test_figures_of_the_ministry_are_kept_beside_ours_and_each_difference_is_explained(
    office: Office, tmp_path: Path
) -> None:
    office.report(1)
    office.done(1)
    office.clock.advance(days=20)
    office.report(2, 3)
    office.desk.bring({"id": 4})
    file = tmp_path / "kemenpanrb.csv"
    file.write_text(FIGURES.format(reports=1))
    assert len(import_figures(office.gateway, file, by="Sri")) == 3
    found = {
        str(one.indicator): one
        for one in differences_of(office.gateway, MARCH, figures_of(office.gateway, MARCH))
    }
    reports = found["jumlah_laporan"]
    assert (reports.theirs, reports.ours) == ("1", "3")
    causes = {one.cause: one for one in reports.explanations}
    assert set(causes[Cause.AFTER_THEIR_DAY].complaints) == {office.desk.row(n).reference for n in (2, 3)}
    assert Cause.UNEXPLAINED not in causes
    assert [one.cause for one in found["keaktifan_akun"].explanations] == [Cause.NOT_MEASURED_HERE]
    assert Cause.STATUS_NOT_READ in {one.cause for one in found["penyelesaian"].explanations}
    file.write_text(FIGURES.format(reports=3))
    import_figures(office.gateway, file, by="Sri")
    again = {
        str(one.indicator): one
        for one in differences_of(office.gateway, MARCH, figures_of(office.gateway, MARCH))
    }
    assert again["jumlah_laporan"].explanations == ()


@pytest.mark.parametrize(
    "row",
    [
        "2026-13;uji;penyelesaian;81%;;K;2026-04-05",
        "2026-03;lain;penyelesaian;81%;;K;2026-04-05",
        "2026-03;uji;kecepatan;81%;;K;2026-04-05",
        "2026-03;uji;penyelesaian;181%;;K;2026-04-05",
        "2026-03;uji;penyelesaian;banyak;;K;2026-04-05",
        "2026-03;uji;penyelesaian;81%;;;2026-04-05",
        "2026-03;uji;penyelesaian;81%;;K;kemarin",
    ],
)
def test_one_wrong_row_imports_nothing_and_is_named(office: Office, tmp_path: Path, row: str) -> None:
    file = tmp_path / "salah.csv"
    file.write_text(FIGURES.format(reports=1) + row + "\n")
    with pytest.raises(ConfigurationError, match="Row 5"):
        import_figures(office.gateway, file, by="Sri")
    assert differences_of(office.gateway, MARCH, []) == []


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("81 %", "81", Unit.PERCENT),
        ("81,25%", "81.25", Unit.PERCENT),
        ("4.088", "4088", None),
        ("1.234.567", "1234567", None),
        ("4,5", "4.5", None),
        ("206", "206", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: str, unit: Unit | None) -> None:
    assert value_of(text) == (Decimal(value), unit)


def test_paper_and_workbook_say_the_same_and_neither_tells_of_a_citizen(
    office: Office, tmp_path: Path
) -> None:
    office.report(1, 2, 3)
    office.done(1, 2)
    office.clock.advance(days=40)
    sign_off(office.gateway, MARCH, by="Sri")
    office.done(3)
    found = show(office.gateway, MARCH)
    pdf, xlsx = tmp_path / "maret.pdf", tmp_path / "maret.xlsx"
    write_pdf(found, pdf)
    write_workbook(found, xlsx)
    said = words_of(pdf)
    book = load_workbook(xlsx)
    cells = [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]
    assert "66,67 % (2 dari 3)" in said
    assert [
        row[4:7]
        for row in book["Indikator"].values
        if row[:4] == ("all", "Semua daerah", None, "Penyelesaian")
    ] == [(66.67, 2, 3)]
    assert found.digest is not None
    assert found.digest in said.replace("\n", "").replace("\r", "").replace(" ", "")
    for text in (said, " ".join(map(str, cells))):
        assert "status di LAPOR! berubah" in text.replace("\r\n", " ")
        assert not any(secret in text for secret in (NAME, NIK, "kenanga"))
    write_pdf(found, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == pdf.read_bytes()


def test_every_page_is_a4_numbered_and_not_blank(office: Office, tmp_path: Path) -> None:
    office.report(1)
    office.done(1)
    pdf = tmp_path / "maret.pdf"
    write_pdf(show(office.gateway, MARCH), pdf)
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, 1):
        assert [round(side) for side in page.get_size()] == [595, 842]
        assert f"Halaman {number} dari {len(document)}" in page.get_textpage().get_text_range()
        picture = page.render(scale=1).to_pil().convert("L")
        dark = sum(picture.histogram()[:128])
        assert dark > 500, f"page {number} is all but blank"
    document.close()


def words_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return found


def test_the_commands_and_their_exit_codes(office: Office, tmp_path: Path) -> None:
    office.report(1)
    office.done(1)

    def run(*words: str | Path) -> tuple[int, str]:
        answered = lapor_gateway("--data", office.world.root, *words, cwd=tmp_path)
        return answered.code, answered.out + answered.err

    code, out = run("report", "indicators", "--month", "2026-03", "--json")
    assert code == 0, out
    shares = [one["ministry"]["penyelesaian"] for one in json.loads(out) if one["scope"]["level"] == "region"]
    assert shares == [{"type": "share", "part": 1, "whole": 1, "percent": 100.0}]
    assert run("report", "indicators", "--month", "maret")[0] == 2
    assert run("report", "monthly", "--month", "2026-03", "--pdf", "a.pdf", "--xlsx", "a.xlsx")[0] == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert run("report", "monthly", "--month", "2026-03", "--pdf", "tidak/ada.pdf")[0] == 2
    assert run("report", "indicators", "--month", "2026-03", "--pdf", "b.pdf", "--xlsx", "b.xlsx")[0] == 0
    assert run("report", "show", "--month", "2026-03")[0] == 2
    assert run("report", "sign-off", "--month", "2026-03", "--by", "Sri")[0] == 0
    assert run("report", "show", "--month", "2026-03")[0] == 0
    status(office.desk, 1, "Dalam Proses", "in_progress")
    code, out = run("report", "show", "--month", "2026-03")
    assert (code, office.desk.row(1).reference in out) == (1, True)
    assert run("obstacles", "add", "uji", "Operator pindah", "--due", "2026-12-01")[0] == 0
    code, out = run("obstacles", "list", "--json")
    typed = [one for one in json.loads(out) if one["kind"] == "typed"]
    assert [one["description"] for one in typed] == ["Operator pindah"]
    number = str(typed[0]["id"])
    assert run("obstacles", "assign", number, "--owner", "Budi")[0] == 0
    assert "Operator pindah" in run("status")[1]
    assert run("obstacles", "resolve", number, "--outcome", "Ada penggantinya")[0] == 0
    assert run("obstacles", "add", "lain", "Operator pindah")[0] == 2
    assert run("obstacles", "assign", number, "--due", "besok")[0] == 2
