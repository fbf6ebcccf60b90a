"""A small world: one region whose channel reads an SQLite table, a data folder, an account at some endpoint."""

import contextlib
import copy
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lapor_gateway.book import channels
from lapor_gateway.book.crypto import MasterKeys, write_key_file
from lapor_gateway.book.schema import create_book
from lapor_gateway.clock import Clock
from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.jobs.sync import Synced, chosen, sync
from lapor_gateway.settings import Settings, load_settings
from tests.support import sync_process
from tests.support.endpoint import AUTH, TOKEN, IndependentEndpoint
from tests.support.migrated import lay_tables

CHANNEL = "uji.tabel"
ACCOUNT = "uji"
# Short spans, so that doubts settle within a second or two; all of them are bounds, none is waited for.
SPANS = {"timeout": "500ms", "commits_within": "300ms"}
LOOK_UP = {"maximum_lag": "300ms"}
_MANIFEST = """
[region]
code = "35.99"
name = "Kabupaten Uji"
zone = "Asia/Jakarta"
account = "uji"

[channels.tabel]
source = "sql"
url = "sqlite:///{source}"
table = "aduan"
key = "id"
{more}

[channels.tabel.fields]
source_id = "id"
title = "judul"
body = "isi"
anonymous = "anonim"
reporter_name = "nama"
reporter_phone = "telepon"
created_at = {{ from = "dibuat", date = "iso" }}
regional_status = {{ from = "status", values = "regional_status", default = "open" }}
national_number = "nomor"

[channels.tabel.values.regional_status]
"baru" = "open"
"selesai" = "done"

[channels.tabel.national]
channel = 13
classification_id = 6
"""
_WORDS = [
    "jalan", "rusak", "berlubang", "lampu", "padam", "sampah", "menumpuk", "saluran", "air", "mampet", "warga",
]  # fmt: skip


@dataclass(frozen=True)
class Ours:
    """A complaint as the book's own table has it."""

    source_id: str
    reference: str
    state: str
    reason: str | None
    waiting_for: str
    tracking_id: str | None
    next_attempt_at: int


class World:
    """`account` are settings of the national account; `look_up=None` takes the listing away."""

    def __init__(
        self,
        root: Path,
        url: str,
        *,
        database_url: str | None = None,
        manifest: str = "",
        environment: str = "training",
        live: bool = True,
        witness: Path | None = None,
        **account: Any,
    ) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.source = root / "source.db"
        self._url, self._account = url, SPANS | {"look_up": LOOK_UP, "rate_per_second": 5000} | account
        self._database_url, self._environment, self._witness = database_url, environment, witness
        folder = root / "connectors" / "uji"
        folder.mkdir(parents=True)
        (folder / "connector.toml").write_text(_MANIFEST.format(source=self.source, more=manifest))
        self.configure()
        with self.rows() as table:
            table.execute(
                "CREATE TABLE aduan (id INTEGER PRIMARY KEY, judul TEXT, isi TEXT, anonim INTEGER, nama TEXT,"
                " dibuat TEXT, status TEXT, nomor TEXT, telepon TEXT)"
            )
        write_key_file(self.settings.key_file)
        keys = MasterKeys(self.settings.master_keys())
        lay_tables(self.settings.book_url)
        create_book(self.settings.book_url, keys, environment=environment, at=datetime.now(UTC))
        if live:
            with self.gateway() as gateway:
                channels.go_live(gateway.book, CHANNEL, by="Uji")

    def configure(self, **account: Any) -> None:
        """Write the settings anew, with these of the account changed."""
        self._account |= account
        values = {"url": self._url, "auth": AUTH, "token": TOKEN} | self._account
        lines = [f"{name} = {_toml(value)}" for name, value in values.items() if value is not None]
        database = f"database_url = {json.dumps(self._database_url)}\n" if self._database_url else ""
        database += f"witness = {json.dumps(str(self._witness))}\n" if self._witness else ""
        text = f'data_dir = "."\nenvironment = "{self._environment}"\n{database}[national.uji]\n' + "\n".join(
            lines
        )
        (self.root / "lapor-gateway.toml").write_text(text)
        self.settings: Settings = load_settings(self.root, {})

    def elsewhere(
        self, root: Path, *, database_url: str | None = None, environment: str | None = None
    ) -> "World":
        """The same installation in another folder that has no book yet: source, settings, key and witness are these."""
        other = copy.copy(self)
        shutil.copytree(self.root / "connectors", root / "connectors")
        other.root, other._database_url = root, database_url
        other._environment = environment or self._environment
        other.configure()
        shutil.copy(self.settings.key_file, other.settings.key_file)
        return other

    def set_reconcile(self, line: str) -> None:
        """One line more under [reconcile] in the settings."""
        path = self.root / "lapor-gateway.toml"
        path.write_text(f"{path.read_text()}\n[reconcile]\n{line}\n")
        self.settings = load_settings(self.root, {})

    # --- the source --------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def rows(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self.source)) as connection, connection:
            yield connection

    def add(self, count: int = 1, *, seed: int = 0, **columns: Any) -> list[str]:
        """New rows with invented texts, or with the given values; their ids."""
        with self.rows() as table:
            (last,) = table.execute("SELECT coalesce(max(id), 0) FROM aduan").fetchone()
            for number in range(last + 1, last + 1 + count):
                row = _row(number, seed) | columns
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                table.execute(f"INSERT INTO aduan ({names}) VALUES ({marks})", tuple(row.values()))
        return [str(number) for number in range(last + 1, last + 1 + count)]

    def change(self, source_id: str, **columns: Any) -> None:
        assigned = ", ".join(f"{name} = ?" for name in columns)
        with self.rows() as table:
            table.execute(f"UPDATE aduan SET {assigned} WHERE id = ?", (*columns.values(), int(source_id)))

    def remove(self, source_id: str) -> None:
        with self.rows() as table:
            table.execute("DELETE FROM aduan WHERE id = ?", (int(source_id),))

    # --- the gateway -------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def gateway(self, clock: Clock | None = None) -> Iterator[Gateway]:
        with opened(self.settings, clock) as gateway:
            yield gateway

    async def sync(self, patience: float = 8.0) -> Synced:
        with self.gateway() as gateway:
            return await sync(gateway, chosen(gateway, []), patience=patience)

    @contextlib.contextmanager
    def child(self, *words: str, patience: float = 8.0) -> Iterator[subprocess.Popen[str]]:
        """One sync in a process of its own; it prints a line when it begins and one when it has ended."""
        program = [sys.executable, sync_process.__file__, str(self.root), str(patience), *words]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
                    process.kill()

    def run_child(self, *words: str, patience: float = 8.0) -> tuple[int, list[dict[str, Any]]]:
        """A whole sync in another process: its exit code (negative: the signal) and the lines it printed."""
        with self.child(*words, patience=patience) as process:
            assert process.stdout is not None
            lines = [json.loads(line) for line in process.stdout]
            return process.wait(60), lines

    # --- the book, as its tables are ----------------------------------------------------------------------

    def query(self, statement: str, **values: Any) -> list[Any]:
        engine = sa.create_engine(sa.make_url(self.settings.book_url))
        try:
            with engine.begin() as connection:
                result = connection.execute(sa.text(statement), values)
                return list(result) if result.returns_rows else []
        finally:
            engine.dispose()

    def ours(self) -> dict[str, Ours]:
        """Every complaint of the book, by its id at the source."""
        columns = "source_id, reference, state, reason, waiting_for, tracking_id, next_attempt_at"
        return {row[0]: Ours(*row) for row in self.query(f"SELECT {columns} FROM complaints")}

    def states(self) -> dict[str, int]:
        return {row[0]: row[1] for row in self.query("SELECT state, count(*) FROM complaints GROUP BY state")}

    def ledger(self, reference: str) -> list[str]:
        """The kinds of a complaint's entries, oldest first."""
        rows = self.query("SELECT kind FROM ledger_entries WHERE subject = :of ORDER BY seq", of=reference)
        return [row[0] for row in rows]

    def entries(self, kind: str) -> int:
        (row,) = self.query("SELECT count(*) FROM ledger_entries WHERE kind = :kind", kind=kind)
        return int(row[0])

    def findings(self) -> list[tuple[str, str, str]]:
        """(kind, subject, state) of every finding."""
        return [tuple(row) for row in self.query("SELECT kind, subject, state FROM findings ORDER BY id")]


def judge(world: World, endpoint: IndependentEndpoint, *, in_doubt: int = 0, pulled: bool = True) -> None:
    """Complaint by complaint: ours and theirs agree. `in_doubt`: how many may still be ambiguous or on their way;
    `pulled`: whether every row of the source must have been taken in by now.
    """
    ours, theirs = world.ours(), endpoint.by_reference()
    with world.rows() as table:
        shown = {str(number) for (number,) in table.execute("SELECT id FROM aduan")}
    assert not pulled or shown <= ours.keys(), f"lost: {sorted(shown - ours.keys())}"
    by_reference = {one.reference: one for one in ours.values()}
    assert len(by_reference) == len(ours)
    twice = {
        reference: [t.tracking_id for t in there] for reference, there in theirs.items() if len(there) > 1
    }
    assert not twice, f"there twice: {twice}"
    unknown = sorted(str(reference) for reference in theirs.keys() - by_reference.keys())
    assert not unknown, f"there, and unknown here: {unknown}"
    doubtful = [one for one in ours.values() if one.state in ("ambiguous", "submitting")]
    assert len(doubtful) <= in_doubt, doubtful
    for one in ours.values():
        there = [their.tracking_id for their in theirs.get(one.reference, [])]
        if one.state == "accepted":
            assert there == [one.tracking_id], f"{one} is there as {there}"
        elif one.state not in ("ambiguous", "submitting"):
            assert not there, f"{one} is there as {there}"
            on_its_way = one.state in ("received", "ready")
            assert on_its_way or one.reason or one.waiting_for != "nobody", f"{one} does not say why"


def _row(number: int, seed: int) -> dict[str, Any]:
    chance = random.Random(f"{seed}/{number}")
    words = " ".join(chance.choices(_WORDS, k=12))
    return {
        "id": number,
        "judul": f"Aduan {number}: {chance.choice(_WORDS)} & {chance.choice(_WORDS)}",
        "isi": f'{words}.\nNomor rumah {chance.randrange(200)} <dekat> pasar, "mohon" segera ditangani.',
        "anonim": chance.randrange(2),
        "nama": f"Warga Rekaan {number}",
        "dibuat": f"2026-01-{chance.randrange(1, 29):02d}T08:00:00+07:00",
        "status": "baru",
        "nomor": None,
    }


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(part)}" for name, part in value.items()) + " }"
    return json.dumps(value)
