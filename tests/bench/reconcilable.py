"""Writes a book in which everything is accepted, straight into its tables: `reconcilable FOLDER COUNT NATIONAL-URL`."""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table, insert

from lapor_gateway.book.crypto import MasterKeys, write_key_file
from lapor_gateway.book.ledger import ENCODING
from lapor_gateway.book.schema import create_book
from lapor_gateway.book.sending import text_digest
from lapor_gateway.book.tables import complaints, ledger_entries
from lapor_gateway.domain.national_status import meaning_of
from lapor_gateway.domain.reference import with_reference
from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.jobs.pull import incoming_of
from lapor_gateway.jobs.sealing import seal_ledger
from lapor_gateway.settings import load_settings
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.port import Checkpoint
from lapor_gateway.sources.registry import open_source
from tests.bench.listing import FIRST_NUMBER, WORD

HOUR = 3_600_000_000
_MANIFEST = """\
[region]
code = "99.99"
name = "Kabupaten Contoh"
zone = "Asia/Jakarta"
account = "contoh"

[channels.tabel]
source = "sql"
url = "sqlite:///{source}"
table = "complaint"
key = "id"

[channels.tabel.fields]
source_id = "id"
title = "title"
body = "body"
created_at = {{ from = "created", date = "iso" }}
regional_status = {{ from = "status", values = "regional_status" }}

[channels.tabel.values.regional_status]
"pending" = "open"
"""
_SETTINGS = """\
connectors_dir = "connectors"

[national.contoh]
url = "{url}"
auth = "contoh-auth"
token = "contoh-token"
rate_per_second = 100000
look_up = {{ page_size = 1000, maximum_lag = "1m" }}

[reconcile]
stuck_after = "1d"
"""


def main(folder: Path, url: str) -> None:
    region = folder / "connectors" / "contoh"
    region.mkdir(parents=True)
    (region / "connector.toml").write_text(_MANIFEST.format(source=folder / "source.db"))
    (folder / "lapor-gateway.toml").write_text(_SETTINGS.format(url=url))
    settings = load_settings(folder)
    write_key_file(settings.key_file)
    keys = MasterKeys(settings.master_keys())
    create_book(settings.book_url, keys, environment="training", at=datetime.now(UTC))
    with opened(settings) as gateway:
        asyncio.run(fill(gateway, folder))
        asyncio.run(seal_ledger(gateway))  # as a running gateway has done long ago


async def fill(gateway: Gateway, folder: Path) -> None:
    (channel,) = gateway.channels.values()
    source = open_source(
        channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
    )
    lines = sqlite3.connect(folder / "source.db")
    async for page in source.pages(Checkpoint(), full=True):
        accepted = list(_accepted(gateway, channel, page.records))
        with gateway.book.write() as connection:
            connection.execute(insert(complaints), [_filled(complaints, row) for row, _, _ in accepted])
            entries = [entry for _, found, _ in accepted for entry in found]
            connection.execute(
                insert(ledger_entries), [_filled(ledger_entries, e, without="id") for e in entries]
            )
        with lines:
            lines.executemany("INSERT INTO line VALUES (?, ?)", [line for _, _, line in accepted])
    await source.close()
    lines.close()


def _accepted(
    gateway: Gateway, channel: ChannelManifest, records: Any
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], tuple[int, str]]]:
    """A complaint's row, its four entries, and the line on top of its text."""
    book, at = gateway.book, gateway.clock.now() - HOUR
    for one in incoming_of(channel, records):
        number = one.value["id"]
        reference = book.reference(channel.origin, str(number))
        text = with_reference(reference, one.value["body"])
        row = {
            "id": number,
            "reference": reference,
            "origin": channel.origin,
            "source_id": str(number),
            "channel": channel.id,
            "region": channel.region,
            "account": channel.account,
            "state": "accepted",
            "waiting_for": "nobody",
            "attempts": 1,
            "tracking_id": str(FIRST_NUMBER + number),
            "national_word": WORD,
            "national_status": str(meaning_of(WORD)),
            "regional_word": "pending",
            "regional_status": "open",
            "received_at": at,
            "updated_at": at,
            "accepted_at": at,
            "raw_digest": book.digest(one.compared),
            "ledger_seq": 4,
        }
        facts = (
            ("received", None, "received", {"channel": channel.id, "raw": number, "content": "0" * 64}),
            ("mapped", "received", "ready", {"version": 1, "content": "0" * 64}),
            ("attempted", "ready", "submitting", _attempt(channel, text)),
            ("taken", "submitting", "accepted", {"attempt": 1, "tracking_id": row["tracking_id"]}),
        )
        entries = [
            {
                "subject": reference,
                "complaint": number,
                "seq": seq,
                "encoding": ENCODING,
                "kind": kind,
                "from_state": before,
                "to_state": after,
                "at": at,
                "actor": "gateway",
                "facts": msgspec.json.encode(said).decode(),
            }
            for seq, (kind, before, after, said) in enumerate(facts, 1)
        ]
        yield row, entries, (number, text.partition("\n")[0])


def _attempt(channel: ChannelManifest, text: str) -> dict[str, Any]:
    return {"attempt": 1, "account": channel.account, "sent": text_digest(text).hex()}


def _filled(table: Table, values: Mapping[str, Any], without: str = "") -> dict[str, Any]:
    """All columns of a row: what is not given is NULL, or an empty value where that is refused."""
    empty = {int: 0, str: "", bytes: bytes(32)}
    return {
        column.name: values.get(column.name, None if column.nullable else empty[column.type.python_type])
        for column in table.columns
        if column.name != without
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[3])
