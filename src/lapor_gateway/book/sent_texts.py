"""What was sent in a complaint's attempts: each attempt's digest, and the version whose text it is."""

from collections.abc import Callable
from typing import Final

import msgspec
from sqlalchemy import select

from lapor_gateway.book.archived import versions_of
from lapor_gateway.book.database import Book
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.sending import COMPLAINT, text_digest
from lapor_gateway.book.tables import complaints, outbound
from lapor_gateway.domain.complaint import Complaint, ComplaintId
from lapor_gateway.domain.reference import Reference

_decoder: Final = msgspec.json.Decoder(Complaint)


class Sent(msgspec.Struct, frozen=True):
    """One attempt: what it sent (None where no version has that text any more), and what came of it.

    Instants in microseconds.
    """

    number: int
    sent_at: int
    outcome: str | None
    tracking_id: str | None
    digest: bytes
    complaint: Complaint | None
    text: str | None


class Sending(msgspec.Struct, frozen=True):
    """A complaint as it stands now, and its attempts, oldest first. `current` None: no version could be read."""

    reference: Reference
    account: str
    claimed_number: str | None
    tracking_id: str | None
    current: Complaint | None
    attempts: list[Sent]


def sending_of(
    book: Book, complaint: ComplaintId, sent_text: Callable[[Complaint, Reference], str]
) -> Sending:
    """The attempts of a complaint, with the texts that `sent_text` makes of its versions."""
    c, o = complaints.c, outbound.c
    with book.read() as connection:
        row = connection.execute(
            select(
                c.reference, c.account, c.national_number, c.tracking_id, c.current_version, c.data_key
            ).where(c.id == complaint)
        ).one()
        versions = versions_of(book, connection, [complaint]).get(complaint, [])
        attempts = connection.execute(
            select(outbound).where(o.complaint == complaint, o.kind == COMPLAINT).order_by(o.id)
        ).all()
    key = book.data_key(row.reference, row.data_key)
    read = {
        one.version: _decoder.decode(key.open(one.canonical, CANONICAL))
        for one in versions
        if one.canonical is not None
    }
    texts = {version: sent_text(canonical, row.reference) for version, canonical in read.items()}
    by_digest = {text_digest(text): version for version, text in sorted(texts.items())}

    return Sending(
        row.reference,
        row.account,
        row.national_number,
        row.tracking_id,
        read.get(row.current_version),
        [
            Sent(
                one.number,
                one.sent_at,
                one.outcome,
                one.tracking_id,
                one.sent_digest,
                read.get(by_digest.get(one.sent_digest, 0)),
                texts.get(by_digest.get(one.sent_digest, 0)),
            )
            for one in attempts
        ],
    )


def owner_of(book: Book, account: str, tracking_id: str) -> Reference | None:
    """The complaint that a number of this account belongs to already."""
    c = complaints.c
    query = select(c.reference).where(
        c.account == account, c.tracking_id == tracking_id, c.linked_to.is_(None)
    )
    with book.read() as connection:
        return connection.execute(query).scalar()
