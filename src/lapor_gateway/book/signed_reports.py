"""Months that were signed off: the report as it was, its digest, and what each complaint added then."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, insert, select

from lapor_gateway.book.database import Book
from lapor_gateway.book.people import name_of, pseudonym, write_audit
from lapor_gateway.book.tables import complaints, signed_reports
from lapor_gateway.book.writing import record
from lapor_gateway.domain.month_counts import Count, month_text
from lapor_gateway.errors import GatewayError, NotAllowedError

_s = signed_reports.c
_counts: Final = msgspec.json.Decoder(dict[int, list[tuple[int, str, str]]])


class Signed(msgspec.Struct, frozen=True):
    """A month as it was signed: `report` is JSON, `digest` its SHA-256 in hex, `counted` what each complaint added."""

    month: int
    report: bytes
    digest: str
    counted: dict[int, list[Count]]
    signed_at: int
    signed_by: str


def sign(
    book: Book,
    month: int,
    report: bytes,
    counted: Mapping[int, Sequence[Count]],
    *,
    by: str,
    facts: dict[str, object],
) -> str:
    """Freeze a month's report under a person's name; its digest. Commits.

    `facts` go into the ledger's entry beside the digest. Raises `NotAllowedError` for a month that is signed.
    """
    digest = hashlib.sha256(report).hexdigest()
    now = book.clock.now()
    with book.write() as connection:
        if connection.execute(select(_s.month).where(_s.month == month)).first() is not None:
            raise NotAllowedError(
                f"The month {month_text(month)} is signed off already.",
                cure="What later data change is shown as a restatement: `lapor-gateway report show`.",
            )
        actor = pseudonym(book, connection, by)
        connection.execute(
            insert(signed_reports).values(
                month=month,
                report=zlib.compress(report, 9),
                digest=digest,
                counted=zlib.compress(msgspec.json.encode(counted), 9),
                signed_at=now,
                signed_by=actor,
            )
        )
        subject = f"report:{month_text(month)}"
        record(connection, subject, "report_signed_off", {**facts, "digest": digest}, at=now, actor=actor)
        write_audit(book, connection, actor, "report_signed_off", subject, {"digest": digest})
    return digest


def signed_months(connection: Connection) -> list[int]:
    """The months that were signed off, in order."""
    return list(connection.execute(select(_s.month).order_by(_s.month)).scalars())


def signed(book: Book, connection: Connection, month: int) -> Signed | None:
    """A month as it was signed off; None where it was not. Raises `GatewayError` where the book's copy was altered."""
    row = connection.execute(select(signed_reports).where(_s.month == month)).first()
    if row is None:
        return None
    report = zlib.decompress(row.report)
    if hashlib.sha256(report).hexdigest() != row.digest:
        raise GatewayError(
            f"The signed report of {month_text(month)} is not what was signed.",
            cure="Its digest stands in the ledger (`report_signed_off`); restore the book from a backup.",
        )
    counts = _counts.decode(zlib.decompress(row.counted))
    return Signed(
        month,
        report,
        row.digest,
        {complaint: [Count(*one) for one in several] for complaint, several in counts.items()},
        row.signed_at,
        name_of(book, connection, row.signed_by) or "",
    )


def names_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """(reference, region) of these complaints."""
    c = complaints.c
    found: dict[int, tuple[str, str]] = {}
    for start in range(0, len(ids), 500):
        query = select(c.id, c.reference, c.region).where(c.id.in_(ids[start : start + 500]))
        found |= {row.id: (row.reference, row.region) for row in connection.execute(query)}
    return found
