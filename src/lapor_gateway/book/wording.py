"""What people type about a complaint, without its reporter's own values: an append-only ledger cannot forget them."""

from typing import Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.archived import versions_of
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.tables import complaints
from lapor_gateway.domain.complaint import Complaint, Reporter
from lapor_gateway.domain.redaction import redact

_NOBODY: Final = frozenset({Reporter()})
_decoder = msgspec.json.Decoder(Complaint)


def reporters_of(
    book: Book, connection: Connection, complaint: int, *, absent: set[int] | None = None
) -> frozenset[Reporter]:
    """The reporter as every version that can be read has them; nobody for an erased complaint.

    Raises `ArchiveError` where a version is in an archive that is not here: what a person types could not be cleaned.
    With `absent` such years are added to it instead.
    """
    c = complaints.c
    row = connection.execute(
        select(c.reference, c.data_key).where(c.id == complaint, c.data_key != ERASED)
    ).first()
    if row is None:
        return frozenset()
    key = book.data_key(row.reference, row.data_key)
    return frozenset(
        _decoder.decode(key.open(one.canonical, CANONICAL)).reporter
        for one in versions_of(book, connection, [complaint], absent=absent).get(complaint, [])
        if one.canonical is not None
    )


def without(text: str, reporters: frozenset[Reporter]) -> str:
    """`text` with `[disamarkan]` for the values of these reporters, and for every 16-digit number."""
    for reporter in reporters or _NOBODY:
        text = redact(text, reporter)
    return text
