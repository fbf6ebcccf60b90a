"""A region's application on loopback that can be written to, over the same table that the gateway reads."""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from tests.support.http_application import Answered, Application, Asked
from tests.support.round_trip import TOKEN_VALUE, WEBHOOK_SECRET

BAD = ("500-before", "500-after", "cut-after", "429", "html-after", "503-before")


class RegionalApplication:
    """Takes calls and signed messages; `bad` is the share of answers that go wrong, before or after it has acted.

    A message id is acted on once, as Standard Webhooks asks of a receiver; so is an answer of the same text, since the
    manifest calls that repeatable. With `edits` its officers rewrite a complaint from LAPOR! at once.
    """

    def __init__(self, source: Path, *, bad: float = 0.0, seed: int = 0) -> None:
        self.source = source
        self.bad = bad
        self.chance = random.Random(seed)
        self.messages: dict[str, dict[str, Any]] = {}
        self.refused: list[str] = []
        self.tried: list[str] = []
        self.edits = False
        self.application = Application(self.serve)

    @property
    def url(self) -> str:
        return self.application.url

    def close(self) -> None:
        self.application.close()

    def serve(self, asked: Asked) -> Answered:
        fate = self.chance.choice(BAD) if self.chance.random() < self.bad else "good"
        if fate.endswith("-before") or fate == "429":
            return Answered({"message": "maaf"}, status=int(fate[:3]))
        answer = self.act(asked)
        if answer.status >= 400:
            return answer
        match fate:
            case "500-after":
                return Answered({"message": "maaf"}, status=500)
            case "cut-after":
                return Answered(answer.body, cut=1)
            case "html-after":
                return Answered(b"<html>kesalahan</html>", status=502, headers={"content-type": "text/html"})
            case _:
                return answer

    def act(self, asked: Asked) -> Answered:
        if asked.path == "/kait":
            return self.message(asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN_VALUE}":
            return Answered({"message": "masuk dahulu"}, status=401)
        body = json.loads(asked.body)
        parts = asked.path.strip("/").split("/")
        with sqlite3.connect(self.source, timeout=30) as table:
            if parts == ["aduan"]:
                return Answered({"id": self.create(table, body)}, status=201)
            if parts[-1] == "tanggapan":
                self.answered(table, parts[1], body["isi"], body.get("waktu"))
            else:
                for column, value in body.items():
                    assert column in ("nomor_lapor", "status_lapor")
                    table.execute(f"UPDATE aduan SET {column} = ? WHERE id = ?", (value, int(parts[1])))
        return Answered({"ok": True})

    def message(self, asked: Asked) -> Answered:
        try:
            told = Webhook(WEBHOOK_SECRET).verify(asked.body, asked.headers)
        except Exception as error:
            self.refused.append(str(error))
            return Answered({"message": "tanda tangan salah"}, status=401)
        identifier = asked.headers["webhook-id"]
        self.tried.append(identifier)
        if identifier not in self.messages:
            self.messages[identifier] = told
            with sqlite3.connect(self.source, timeout=30) as table:
                self.hear(table, told)
        return Answered(b"", status=204)

    def hear(self, table: sqlite3.Connection, told: dict[str, Any]) -> None:
        news = told["data"]
        which = int(news["source_id"])
        match told["type"]:
            case "complaint.accepted":
                table.execute("UPDATE aduan SET nomor_lapor = ? WHERE id = ?", (news["tracking_id"], which))
            case "complaint.status":
                table.execute(
                    "UPDATE aduan SET status_lapor = ? WHERE id = ?", (news["national_status"], which)
                )
            case "complaint.follow_up":
                self.answered(table, str(which), news["follow_up"], told["timestamp"])

    def answered(self, table: sqlite3.Connection, which: str, text: str, moment: str | None) -> None:
        known = table.execute("SELECT 1 FROM tanggapan WHERE id_aduan = ? AND isi = ?", (int(which), text))
        if known.fetchone():
            return
        table.execute(
            "INSERT INTO tanggapan (id_aduan, isi, waktu) VALUES (?, ?, ?)", (int(which), text, moment)
        )

    def create(self, table: sqlite3.Connection, body: dict[str, Any]) -> int:
        known = table.execute("SELECT id FROM aduan WHERE nomor_lapor = ?", (body["nomor"],)).fetchone()
        if known:
            return int(known[0])
        text = "Genangan di pasar; warga minta pompa. (Disunting petugas.)" if self.edits else body["isi"]
        made = table.execute(
            "INSERT INTO aduan (judul, isi, anonim, status, dibuat, nomor_lapor) VALUES (?, ?, 0, 'baru', ?, ?)",
            (body["judul"], text, "2026-11-20T08:00:00+07:00", body["nomor"]),
        )
        assert made.lastrowid is not None
        return made.lastrowid
