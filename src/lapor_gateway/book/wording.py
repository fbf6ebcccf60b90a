"""What people type about a complaint, without its reporter's own values: an append-only ledger cannot forget them."""

from typing import Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.tables import complaint_versions, complaints
from lapor_gateway.domain.complaint import Complaint, Reporter
from lapor_gateway.domain.redaction import redact

_NOBODY: Final = frozenset({Reporter()})
_decoder = msgspec.json.Decoder(Complaint)


def reporters_of(book: Book, connection: Connection, complaint: int) -> frozenset[Reporter]:
    """The reporter as every version that can be read has them; nobody for an erased complaint."""
    c, v = complaints.c, complaint_versions.c
    rows = connection.execute(
        select(c.reference, c.data_key, v.canonical)
        .join(complaint_versions, v.complaint == c.id)
        .where(c.id == complaint, c.data_key != ERASED, v.canonical.is_not(None))
    ).all()
    return frozenset(
        _decoder.decode(book.data_key(row.reference, row.data_key).open(row.canonical, CANONICAL)).reporter
        for row in rows
    )


def without(text: str, reporters: frozenset[Reporter]) -> str:
    """`text` with `[disamarkan]` for the values of these reporters, and for every 16-digit number."""
    for reporter in reporters or _NOBODY:
        text = redact(text, reporter)
    return text
