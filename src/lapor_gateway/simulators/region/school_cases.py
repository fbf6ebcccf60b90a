"""The complaints of the vocational-school schema as officers see them: straight from the tables, where SQL writes."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update

from lapor_gateway.simulators.region.acts import Filed, UnknownComplaintError
from lapor_gateway.simulators.region.cases import Case, Line
from lapor_gateway.simulators.region.school import ANSWERS, COMPLAINTS, OFFICERS, REPORTERS
from lapor_gateway.simulators.region.script import Script

_OFFICER = 2
_NOBODY = "0000000000000000"


class SchoolCases:
    """Reads and writes the four tables; nothing is kept beside them, so the gateway's statements show at once."""

    knows_secrecy = False

    def __init__(self, engine: Engine, script: Script) -> None:
        self._engine = engine
        self.statuses = list(script.words.statuses.values())
        self.categories = [topic.category for topic in script.topics]

    def all(self) -> list[Case]:
        person = COMPLAINTS.outerjoin(REPORTERS, REPORTERS.c.nik == COMPLAINTS.c.nik)
        rows = (
            select(COMPLAINTS, REPORTERS.c.nama)
            .select_from(person)
            .order_by(COMPLAINTS.c.id_pengaduan.desc())
        )
        with self._engine.connect() as connection:
            answers = self._answers(connection.execute(_ANSWERED).mappings())
            return [
                _case(dict(row), answers[row["id_pengaduan"]]) for row in connection.execute(rows).mappings()
            ]

    @staticmethod
    def _answers(rows: Any) -> defaultdict[int, list[Line]]:
        found: defaultdict[int, list[Line]] = defaultdict(list)
        for row in rows:
            line = Line(row["tanggapan"], row["nama_petugas"] or "", str(row["tgl_tanggapan"]), "")
            found[row["id_pengaduan"]].append(line)
        return found

    def answer(self, id_: str, text: str) -> None:
        values = {
            "id_pengaduan": self._known(id_),
            "tgl_tanggapan": datetime.now().astimezone().date().isoformat(),
            "tanggapan": text,
            "id_petugas": _OFFICER,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(ANSWERS).values(values))

    def set_status(self, id_: str, status: str) -> None:
        self._change(id_, {"status": status})

    def edit(self, id_: str, text: str) -> None:
        self._change(id_, {"isi_laporan": text})

    def file(self, filed: Filed) -> str:
        nik = filed.nik[:16] or _NOBODY
        person = {
            "nik": nik,
            "nama": filed.name[:35],
            "username": "warga",
            "password": "tidak-untuk-dibaca",
            "telp": filed.phone[:13],
        }
        values = {
            "tgl_pengaduan": filed.at.date().isoformat(),
            "nik": nik,
            "isi_laporan": filed.body,
            "foto": "",
            "status": self.statuses[0],
        }
        with self._engine.begin() as connection:
            if connection.scalar(select(REPORTERS.c.nik).where(REPORTERS.c.nik == nik)) is None:
                connection.execute(insert(REPORTERS).values(person))
            key = connection.execute(insert(COMPLAINTS).values(values)).inserted_primary_key
        assert key is not None
        return str(key[0])

    def _change(self, id_: str, values: dict[str, Any]) -> None:
        number = self._known(id_)
        with self._engine.begin() as connection:
            connection.execute(update(COMPLAINTS).where(COMPLAINTS.c.id_pengaduan == number).values(values))

    def _known(self, id_: str) -> int:
        if id_.isascii() and id_.isdecimal():
            wanted = select(COMPLAINTS.c.id_pengaduan).where(COMPLAINTS.c.id_pengaduan == int(id_))
            with self._engine.connect() as connection:
                if connection.scalar(wanted) is not None:
                    return int(id_)
        raise UnknownComplaintError(id_)


_ANSWERED = (
    select(ANSWERS, OFFICERS.c.nama_petugas)
    .select_from(ANSWERS.outerjoin(OFFICERS, OFFICERS.c.id_petugas == ANSWERS.c.id_petugas))
    .order_by(ANSWERS.c.id_tanggapan)
)


def _case(row: dict[str, Any], answers: list[Line]) -> Case:
    return Case(
        id=str(row["id_pengaduan"]),
        title="",
        body=row["isi_laporan"],
        status=row["status"] or "",
        created=str(row["tgl_pengaduan"]),
        reporter=row["nama"] or "",
        visibility="",
        national_number=row["id_sp4n"] or "",
        national_status="",
        filed_by="",
        answers=answers,
    )
