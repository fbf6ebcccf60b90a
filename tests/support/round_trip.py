"""A region whose officers answer in its own application, for every way in which it can be written back to."""

import sqlite3
from pathlib import Path
from typing import Any

from lapor_gateway.book.vault import set_secret
from tests.support.national import AUTH, TOKEN, NationalSimulator
from tests.support.world import World

FAST: dict[str, Any] = {
    "auth": AUTH,
    "token": TOKEN,
    "follow_ups": {"user_id": 77, "fields": {"institution_from_id": 41234, "institution_to_id": 1}},
    "refresh": {"per_hour": 1_000_000, "soonest": "0s", "latest": "1h"},
}
ANSWERS = """
[channels.tabel.answers]
query = "SELECT id_tanggapan, id_aduan, isi, waktu FROM tanggapan"
key = "id_tanggapan"
source_id = "id_aduan"
text = "isi"
at = "waktu"
"""
SQL = '''
[channels.tabel.write_back]
kind = "sql"
url = "sqlite:///{source}"
statuses = {{ "done" = "selesai", "*" = "baru" }}
accepted = "UPDATE aduan SET nomor_lapor = :tracking_id WHERE id = :source_id"
status = "UPDATE aduan SET status_lapor = :national_status, status = :status WHERE id = :source_id"
follow_up = {{ repeatable = true, statement = """
INSERT INTO tanggapan (id_aduan, isi, waktu) SELECT :source_id, :follow_up, :at
WHERE NOT EXISTS (SELECT 1 FROM tanggapan WHERE id_aduan = :source_id AND isi = :follow_up)
""" }}
'''


REST = """
[channels.tabel.write_back]
kind = "rest"
auth = {{ kind = "bearer", token = "secret:uji/tulis" }}

[channels.tabel.write_back.accepted]
url = "{app}/aduan/{{source_id}}"
body = {{ nomor_lapor = "{{tracking_id}}" }}

[channels.tabel.write_back.status]
url = "{app}/aduan/{{source_id}}"
body = {{ status_lapor = "{{national_status}}" }}
success = "ok"

[channels.tabel.write_back.follow_up]
method = "POST"
url = "{app}/aduan/{{source_id}}/tanggapan"
body = {{ isi = "{{follow_up}}", waktu = "{{at}}" }}
repeatable = {repeatable}

[channels.tabel.write_back.new]
method = "POST"
url = "{app}/aduan"
body = {{ judul = "{{title}}", isi = "{{body}}", nomor = "{{tracking_id}}" }}
id = "id"
repeatable = {repeatable}
"""
WEBHOOK = """
[channels.tabel.write_back]
kind = "webhook"
url = "{app}/kait"
secret = "secret:uji/kait"
"""
FILES = """
[channels.tabel.write_back]
kind = "files"
folder = "keluar"
"""
TOKEN_VALUE = "rahasia-tulis"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Office(World):
    """The region's application: a table of complaints, one of answers, and columns for what LAPOR! says."""

    def __init__(
        self, root: Path, url: str, *, write_back: str = "", answers: str = ANSWERS, **more: Any
    ) -> None:
        app = more.pop("app", "")
        repeatable = more.pop("repeatable", "true")
        filled = write_back.format(source=root / "source.db", app=app, repeatable=repeatable)
        manifest = filled + answers
        super().__init__(root, url, manifest=manifest, **(FAST | more))
        with self.rows() as table:
            for column in ("nomor_lapor", "status_lapor"):
                table.execute(f"ALTER TABLE aduan ADD COLUMN {column} TEXT")
            table.execute(
                "CREATE TABLE tanggapan (id_tanggapan INTEGER PRIMARY KEY AUTOINCREMENT, id_aduan INTEGER,"
                " isi TEXT, waktu TEXT)"
            )

    def remember_secrets(self) -> None:
        """What an operator would store with `secrets set`."""
        with self.gateway() as gateway:
            set_secret(gateway.book, "uji/tulis", TOKEN_VALUE)
            set_secret(gateway.book, "uji/kait", WEBHOOK_SECRET)

    def answer(self, source_id: str, text: str) -> None:
        """An officer answers in the region's application."""
        with self.rows() as table:
            table.execute(
                "INSERT INTO tanggapan (id_aduan, isi, waktu) VALUES (?, ?, '2026-11-20 09:00:00')",
                (int(source_id), text),
            )

    def answers(self, source_id: str) -> list[str]:
        """What the region's application shows as answers."""
        with self.rows() as table:
            rows = table.execute("SELECT isi FROM tanggapan WHERE id_aduan = ? ORDER BY 1", (int(source_id),))
            return [row[0] for row in rows]

    def shown(self, source_id: str) -> sqlite3.Row:
        with self.rows() as table:
            table.row_factory = sqlite3.Row
            found: sqlite3.Row = table.execute(
                "SELECT * FROM aduan WHERE id = ?", (int(source_id),)
            ).fetchone()
            return found


def follow_ups_at(national: NationalSimulator, number: str) -> list[str]:
    """The texts of a complaint's follow-ups as LAPOR! keeps them, oldest first."""
    store = sqlite3.connect(next(national.folder.glob("*.db")))
    try:
        import json

        (row,) = store.execute("SELECT follow_ups FROM complaints WHERE id = ?", (int(number),)).fetchall()
        return [one["content"] for one in json.loads(row[0])]
    finally:
        store.close()
