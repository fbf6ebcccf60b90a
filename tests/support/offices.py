"""Two regions whose message desks send webhooks, one of them also with a table to read: the API's small world."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from standardwebhooks import Webhook

from lapor_gateway.api.app import create_app
from lapor_gateway.book.crypto import MasterKeys, write_key_file
from lapor_gateway.book.schema import create_book
from lapor_gateway.book.vault import set_secret
from lapor_gateway.jobs.engine import Engine
from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.jobs.hooks import HookAnswer, receive
from lapor_gateway.jobs.pull import pass_gate
from lapor_gateway.settings import Settings
from tests.support.migrated import lay_tables
from tests.support.national import AUTH, TOKEN

SECRET = "whsec_Y29udG9oLWt1bmNpLXJhaGFzaWEtdW50dWstdWppYW4="
_FIELDS = """
source_id = "id"
title = "title"
body = "text"
reporter_name = "sender.name"
reporter_nik = "sender.nik"
reporter_phone = "sender.phone"
anonymous = "hide_name"
secret = "private"
created_at = { from = "at", date = "iso" }
attachments = "media[].url"
"""
_MANIFEST = """
[region]
code = "{code}"
name = "{name}"
zone = "Asia/Jakarta"
account = "{region}"
contact = {{ name = "Petugas {name}", phone = "0341000000" }}

[channels.pesan]
source = "webhook"
verify = {{ kind = "standard-webhooks", secret = "secret:{region}/webhook" }}
[channels.pesan.fields]
{fields}
"""
_TABLE = """
[channels.tabel]
source = "sql"
url = "sqlite:///{file}"
table = "aduan"
key = "id"
schedule = "0 1 * * *"
[channels.tabel.fields]
source_id = "id"
title = "judul"
body = "isi"
"""


def message(identifier: str, **changed: Any) -> dict[str, Any]:
    """A record as a desk sends it; the person in it is invented."""
    return {
        "id": identifier,
        "title": f"Lampu jalan padam {identifier}",
        "text": f"Mohon diperbaiki, lampu jalan {identifier} padam. Hubungi Budi Santoso di 081234567890.",
        "sender": {"name": "Budi Santoso", "nik": "3572010101900001", "phone": "081234567890"},
        "hide_name": False,
        "private": False,
        "at": "2026-08-21T10:00:00+07:00",
        "media": [{"url": "https://desk.example/media/1.jpg?token=abc"}],
    } | changed


@dataclass
class Offices:
    """The world while it is open: an opened gateway, and the application over it."""

    root: Path
    gateway: Gateway
    engine: Engine | None = None
    sent: int = field(default=0)

    @property
    def app(self) -> FastAPI:
        return create_app(self.gateway, self.engine)

    def client(
        self, app: FastAPI | None = None, *, peer: str = "127.0.0.1", **options: Any
    ) -> httpx.AsyncClient:
        """A client without a network between; `peer` is the address it seems to call from."""
        transport = httpx.ASGITransport(app or self.app, client=(peer, 1234), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", **options)

    def add_rows(self, count: int) -> None:
        """More rows in the table of the region `satu`."""
        with contextlib.closing(sqlite3.connect(self.root / "source.db")) as table, table:
            table.executemany(
                "INSERT INTO aduan (judul, isi) VALUES (?, ?)",
                [(f"Jalan rusak {n}", f"Jalan berlubang di RT {n}, sudah lama.") for n in range(count)],
            )

    def signed(self, body: bytes, identifier: str | None = None) -> dict[str, str]:
        """Headers of a message whose signature verifies."""
        self.sent += 1
        told = identifier or f"msg_{self.sent}"
        now = datetime.now(UTC)
        signature = Webhook(SECRET).sign(told, now, body.decode())
        return {
            "webhook-id": told,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
            "content-type": "application/json",
        }

    def deliver(self, channel: str, *records: dict[str, Any]) -> list[HookAnswer]:
        """Take records in as a desk's webhooks, and through the gate."""
        bodies = [json.dumps(record).encode() for record in records]
        answers = [receive(self.gateway, channel, self.signed(body), body) for body in bodies]
        pass_gate(self.gateway)
        return answers


@contextlib.contextmanager
def open_offices(
    root: Path, *, database_url: str | None = None, national_url: str = "http://127.0.0.1:9"
) -> Iterator[Offices]:
    """The world, new and empty, for the length of a block."""
    for region, code, name in (("satu", "35.01", "Kabupaten Satu"), ("dua", "35.02", "Kabupaten Dua")):
        folder = root / "connectors" / region
        folder.mkdir(parents=True)
        text = _MANIFEST.format(region=region, code=code, name=name, fields=_FIELDS)
        more = _TABLE.format(file=root / "source.db") if region == "satu" else ""
        (folder / "connector.toml").write_text(text + more)
    with contextlib.closing(sqlite3.connect(root / "source.db")) as table, table:
        table.execute("CREATE TABLE aduan (id INTEGER PRIMARY KEY, judul TEXT, isi TEXT)")
    account = {"url": national_url, "auth": AUTH, "token": TOKEN, "timeout": "2s", "rate_per_second": 5000}
    settings = Settings.model_validate(
        {
            "data_dir": root,
            "connectors_dir": root / "connectors",
            "database_url": database_url,
            "national": {"satu": account, "dua": account},
        }
    )
    write_key_file(settings.key_file)
    keys = MasterKeys(settings.master_keys())
    lay_tables(settings.book_url)
    create_book(settings.book_url, keys, environment="training", at=datetime.now(UTC))
    with opened(settings) as gateway:
        for region in gateway.regions:
            set_secret(gateway.book, f"{region}/webhook", SECRET)
        yield Offices(root, gateway)
