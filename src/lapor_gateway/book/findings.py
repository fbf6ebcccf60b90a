"""Findings: what a person should know or decide; each lives until it is repaired or accepted, and can come back."""

from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.ledger import Facts, facts_text
from lapor_gateway.book.tables import findings


class FindingKind(StrEnum):
    """What can be amiss; the reconciliation's classes and the gateway's own."""

    MISSING_HERE = "missing_here"
    MISSING_AT_NATIONAL = "missing_at_national"
    MISSING_AT_SOURCE = "missing_at_source"
    TWICE_AT_NATIONAL = "twice_at_national"
    UNKNOWN_AT_NATIONAL = "unknown_at_national"
    STATUS_DIFFERS = "status_differs"
    CONTENT_DIFFERS = "content_differs"
    STUCK = "stuck"
    SUSPECTED_DOUBLE = "suspected_double"
    SAME_ID_TWICE = "same_id_twice"
    NUMBER_WRONG = "number_wrong"
    UNMAPPED_STATUS = "unmapped_status"
    SECRECY_TIGHTENED = "secrecy_tightened"
    DELIVERY_CONFLICT = "delivery_conflict"
    BOOK_NOT_WHOLE = "book_not_whole"
    LISTING_SHRANK = "listing_shrank"
    TALLY_DIFFERS = "tally_differs"
    BALANCE_GAP = "balance_gap"
    FILE_LEFT_OUT = "file_left_out"


class FindingState(StrEnum):
    OPEN = "open"
    REPAIRED = "repaired"
    ACCEPTED = "accepted"


def raise_finding(
    book: Book, connection: Connection, kind: FindingKind, subject: str, channel: str, facts: Facts
) -> bool:
    """Open a finding, or see it again; one that was repaired re-opens, one accepted for these facts stays so.

    Whether it is open since now.
    """
    now = book.clock.now()
    text = facts_text(facts)
    found = connection.execute(
        select(findings.c.id, findings.c.state, findings.c.facts).where(
            findings.c.kind == kind, findings.c.subject == subject
        )
    ).first()
    if found is None:
        (identifier,) = book.ids(connection, "findings", 1)
        connection.execute(
            insert(findings).values(
                id=identifier,
                kind=kind,
                subject=subject,
                channel=channel,
                state=FindingState.OPEN,
                opened_at=now,
                seen_at=now,
                facts=text,
            )
        )
        return True
    values: dict[str, object] = {"seen_at": now, "facts": text}
    opens: bool = found.state == FindingState.REPAIRED or (
        found.state == FindingState.ACCEPTED and found.facts != text
    )
    if opens:
        values |= {"state": FindingState.OPEN, "opened_at": now, "closed_at": None}
    connection.execute(update(findings).where(findings.c.id == found.id).values(values))
    return opens


def settle_finding(
    book: Book,
    connection: Connection,
    kind: FindingKind,
    subject: str,
    state: FindingState = FindingState.REPAIRED,
) -> bool:
    """Close an open finding as repaired or accepted; whether there was one."""
    result = connection.execute(
        update(findings)
        .where(findings.c.kind == kind, findings.c.subject == subject, findings.c.state == FindingState.OPEN)
        .values(state=state, closed_at=book.clock.now())
    )
    return result.rowcount > 0


def accepted_facts(connection: Connection, kind: FindingKind, subject: str) -> dict[str, Any] | None:
    """The facts for which a person accepted a finding; None where no acceptance stands."""
    query = select(findings.c.facts).where(
        findings.c.kind == kind, findings.c.subject == subject, findings.c.state == FindingState.ACCEPTED
    )
    text = connection.execute(query).scalar()
    return None if text is None else msgspec.json.decode(text, type=dict[str, Any])


def use_up_acceptance(book: Book, connection: Connection, kind: FindingKind, subject: str) -> None:
    """An acceptance was for one event, which is dealt with: the next of its kind is a finding again."""
    connection.execute(
        update(findings)
        .where(
            findings.c.kind == kind, findings.c.subject == subject, findings.c.state == FindingState.ACCEPTED
        )
        .values(state=FindingState.REPAIRED, closed_at=book.clock.now())
    )


def open_subjects(book: Book, kind: FindingKind) -> frozenset[str]:
    """The subjects of all open findings of a kind."""
    with book.read() as connection:
        query = select(findings.c.subject).where(
            findings.c.kind == kind, findings.c.state == FindingState.OPEN
        )
        return frozenset(connection.execute(query).scalars())
