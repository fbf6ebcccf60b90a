"""Unmistakable markers of an invented reporter, and where bytes of a book may stand: files, tables, anything dumped."""

from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from lapor_gateway.book.database import Book

NIK = "3523014101900077"
PHONE = "+6281377700077"
EMAIL = "zzqmarker@contoh.example"
WORD = "zzqkatapenanda"
REPORTER = {
    "name": "Zzqnama Rekaan",
    "nik": NIK,
    "phone": PHONE,
    "email": EMAIL,
    "address": "Jalan Zzqalamat Nomor 77",
}
MARKERS = ("zzqnama", NIK, "81377700077", "zzqmarker", "zzqalamat", WORD)


def record(number: int, **changed: Any) -> dict[str, Any]:
    """A record of that reporter, their identity in its text as well."""
    body = f"Saya {REPORTER['name']}, NIK {NIK}, mengadukan {WORD} nomor {number} di {REPORTER['address']}."
    return {"id": number, "title": f"Perihal {WORD}", "body": body, **REPORTER, **changed}


def holding(content: bytes) -> list[str]:
    """The markers that stand in some bytes, in any case, as text or as PostgreSQL writes bytes."""
    lowered = content.lower()
    return [
        one for one in MARKERS if one.lower().encode() in lowered or one.encode().hex().encode() in lowered
    ]


def bytes_of(book: Book) -> bytes:
    """All that the database holds: its files (SQLite: log and free pages included), or every row of every table."""
    if book.is_sqlite:
        path = Path(str(make_url(str(book.engine.url)).database))
        return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    with book.read() as connection:
        tables = inspect(connection).get_table_names()
        rows = [row for name in tables for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
    return "\n".join(_spelt(value) for row in rows for value in row).encode()


def _spelt(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
