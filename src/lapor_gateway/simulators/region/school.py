"""The vocational-school family: its four tables in a database, as copied from one office to the next."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import SQLAlchemyError

from lapor_gateway.simulators.region.acts import FIRST_BY_HAND
from lapor_gateway.simulators.region.page import Page
from lapor_gateway.simulators.region.report import Report
from lapor_gateway.simulators.region.truth import Pass
from lapor_gateway.simulators.region.world import World

ROWS_AT_ONCE = 500
SCHEMA = MetaData()
# A DATE that also takes what MySQL takes without its strict mode: 0000-00-00.
_DAY = String(10).with_variant(mysql.DATE(), "mysql", "mariadb")

REPORTERS = Table(
    "masyarakat",
    SCHEMA,
    Column("nik", String(16), primary_key=True),
    Column("nama", String(35), nullable=False),
    Column("username", String(25), nullable=False),
    Column("password", String(32), nullable=False),
    Column("telp", String(13), nullable=False),
    mysql_charset="utf8mb4",
)
COMPLAINTS = Table(
    "pengaduan",
    SCHEMA,
    Column("id_pengaduan", Integer, primary_key=True, autoincrement=True),
    Column("tgl_pengaduan", _DAY),
    Column("nik", String(16)),
    Column("isi_laporan", Text, nullable=False),
    Column("foto", String(255)),
    Column(
        "status", String(20)
    ),  # an enum('0','proses','selesai') in most copies; a varchar where someone altered it
    Column("id_sp4n", String(20)),
    mysql_charset="utf8mb4",
    sqlite_autoincrement=True,
)
OFFICERS = Table(
    "petugas",
    SCHEMA,
    Column("id_petugas", Integer, primary_key=True),
    Column("nama_petugas", String(35), nullable=False),
    Column("username", String(25), nullable=False),
    Column("password", String(32), nullable=False),
    Column("telp", String(13), nullable=False),
    Column("level", String(10), nullable=False),
    mysql_charset="utf8mb4",
)
ANSWERS = Table(
    "tanggapan",
    SCHEMA,
    Column("id_tanggapan", Integer, primary_key=True, autoincrement=True),
    Column("id_pengaduan", Integer, nullable=False),
    Column("tgl_tanggapan", _DAY, nullable=False),
    Column("tanggapan", Text, nullable=False),
    Column("id_petugas", Integer, nullable=False),
    mysql_charset="utf8mb4",
)


_id_pengaduan: ColumnElement[int] = COMPLAINTS.c.id_pengaduan


def engine_for(url: str) -> Engine:
    """Raises SQLAlchemy's errors for an address or a driver that is not there."""
    engine = create_engine(url)
    if engine.dialect.name in {"mysql", "mariadb"}:

        @event.listens_for(engine, "connect")
        def _lax(connection: Any, _record: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION sql_mode = ''")  # as on the shared hosting where these run

    return engine


class SchoolDatabase:
    """Writes the complaints once, and each later pass as the changes it made."""

    def __init__(self, world: World, directory: Path, url: str | None) -> None:
        """`url` is a SQLAlchemy URL; None means a SQLite file of the region's name in `directory`."""
        self.world = world
        directory.mkdir(parents=True, exist_ok=True)
        self.url = url or f"sqlite:///{directory.resolve() / (world.name + '.db')}"

    def settings(self) -> dict[str, str]:
        return {"database_url": self.url}

    def page(self) -> Page:
        from lapor_gateway.simulators.region.school_cases import SchoolCases  # noqa: PLC0415 - it reads these tables

        return Page(self.world.name, SchoolCases(engine_for(self.url), self.world.script), self.now)

    def now(self) -> datetime:
        return datetime.now(self.world.now.tzinfo)

    def prepare(self, passes: list[datetime]) -> None:
        """Create the tables and fill them, unless they hold complaints: what is there stays as it is.

        Raises `ConnectionError` for a database that cannot be used.
        """
        for at in passes:
            self.world.advance(at)
        try:
            self._fill()
        except SQLAlchemyError as fault:
            raise ConnectionError(f"the database cannot be used: {fault}") from fault

    def _fill(self) -> None:
        with engine_for(self.url).begin() as connection:
            SCHEMA.create_all(connection)
            if connection.scalar(select(func.count()).select_from(COMPLAINTS)):
                return
            _write(connection, self.world.reports.values())
            connection.execute(insert(OFFICERS), [_officer(1, "admin"), _officer(2, "petugas"), _GATEWAY])
            _count_on_from(connection, self.world.script.ids.first + FIRST_BY_HAND)

    def advance(self, at: datetime) -> Pass:
        done = self.world.advance(at)
        reports = self.world.reports
        with engine_for(self.url).begin() as connection:
            for id_ in sorted(done.changed()):
                report = reports[id_]
                values = {"isi_laporan": report.body, "status": report.status}
                connection.execute(update(COMPLAINTS).where(_id_pengaduan == report.number).values(values))
            for id_ in done.deleted:
                connection.execute(delete(COMPLAINTS).where(_id_pengaduan == int(id_)))
            moved = [_answer(reports[id_], at) for id_ in done.moved]
            if moved:
                connection.execute(insert(ANSWERS), moved)
            _write(connection, [reports[id_] for id_ in done.added])
        return done


def _count_on_from(connection: Connection, number: int) -> None:
    """What others insert is numbered from here on, so that the numbers of later passes stay free."""
    match connection.dialect.name:
        case "sqlite":
            counter = text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'pengaduan'")
            connection.execute(counter, {"last": number - 1})
        case "mysql" | "mariadb":
            connection.execute(text(f"ALTER TABLE pengaduan AUTO_INCREMENT = {number:d}"))


def _write(connection: Connection, reports: Iterable[Report]) -> None:
    rows = list(reports)
    known = set(connection.scalars(select(REPORTERS.c.nik)))
    people = {report.nik: _person(report) for report in rows if report.nik not in known}
    answered = [_answer(report, report.updated) for report in rows if report.meaning != "open"]
    for table, values in (
        (REPORTERS, list(people.values())),
        (COMPLAINTS, [_complaint(report) for report in rows]),
        (ANSWERS, answered),
    ):
        for start in range(0, len(values), ROWS_AT_ONCE):
            connection.execute(insert(table), values[start : start + ROWS_AT_ONCE])


def _complaint(report: Report) -> dict[str, Any]:
    return {
        "id_pengaduan": report.number,
        "tgl_pengaduan": report.impossible_date or report.created.date().isoformat(),
        "nik": report.nik,
        "isi_laporan": report.body,
        "foto": report.images[0] if report.images else "",
        "status": report.status,
        "id_sp4n": report.national_number,
    }


def _person(report: Report) -> dict[str, Any]:
    return {
        "nik": report.nik,
        "nama": report.name[:35],
        "username": report.email.partition("@")[0][:25],
        "password": "tidak-untuk-dibaca",
        "telp": report.phone[:13],
    }


def _answer(report: Report, at: datetime) -> dict[str, Any]:
    return {
        "id_pengaduan": report.number,
        "tgl_tanggapan": at.date().isoformat(),
        "tanggapan": "Terima kasih, laporan kami teruskan kepada petugas.",
        "id_petugas": 2,
    }


_GATEWAY = {
    "id_petugas": 3,
    "nama_petugas": "LAPOR!",
    "username": "lapor",
    "password": "tidak-untuk-dibaca",
    "telp": "",
    "level": "petugas",
}
"""Who stands beside the answers that come from LAPOR!."""


def _officer(number: int, level: str) -> dict[str, Any]:
    return {
        "id_petugas": number,
        "nama_petugas": f"Petugas Rekaan {number}",
        "username": f"{level}{number}",
        "password": "tidak-untuk-dibaca",
        "telp": "086000000000",
        "level": level,
    }
