"""Figures that others give for a month, and what the book knows that may explain a difference from ours."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, delete, func, insert, select

from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, FindingState
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.tables import channels, complaints, findings, imported_figures, ledger_entries
from lapor_gateway.book.writing import record
from lapor_gateway.domain.lifecycle import Event
from lapor_gateway.domain.month_counts import month_text
from lapor_gateway.domain.national_figures import Imported, Indicator, Unit

_i = imported_figures.c
_f = findings.c
_KEYS = ("month", "region", "indicator", "source")


def write_imported(book: Book, rows: Sequence[Imported], *, by: str) -> None:
    """Keep figures, each in the place of an earlier one of its month, region, indicator and source. Commits."""
    now = book.clock.now()
    with book.write() as connection:
        actor = pseudonym(book, connection, by)
        for one in rows:
            same = [_i[name] == getattr(one, name) for name in _KEYS]
            connection.execute(delete(imported_figures).where(*same))
            connection.execute(
                insert(imported_figures).values(
                    month=one.month,
                    region=one.region,
                    indicator=one.indicator,
                    source=one.source,
                    unit=one.unit,
                    value=str(one.value),
                    as_of=one.as_of.isoformat(),
                    imported_at=now,
                    imported_by=actor,
                )
            )
        for month in sorted({one.month for one in rows}):
            facts = {"figures": sum(one.month == month for one in rows)}
            subject = f"report:{month_text(month)}"
            record(connection, subject, "figures_imported", facts, at=now, actor=actor)
            write_audit(book, connection, actor, "figures_imported", subject, facts)


def imported_of(connection: Connection, month: int) -> list[Imported]:
    """What was imported for a month."""
    query = select(imported_figures).where(_i.month == month).order_by(_i.region, _i.indicator, _i.source)
    return [
        Imported(
            row.month,
            row.region,
            Indicator(row.indicator),
            Unit(row.unit),
            Decimal(row.value),
            row.source,
            date.fromisoformat(row.as_of),
        )
        for row in connection.execute(query)
    ]


def numbered_by_hand(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Of these complaints, those whose number was typed or adopted: LAPOR! took them before we knew."""
    e = ledger_entries.c
    found: list[int] = []
    for start in range(0, len(ids), 500):
        query = select(e.complaint).where(
            e.complaint.in_(ids[start : start + 500]), e.kind.in_((str(Event.ADOPT), str(Event.NUMBER)))
        )
        found += connection.execute(query.distinct()).scalars()
    return found


def unknown_here(connection: Connection, region: str) -> int:
    """Complaints that the last reconciliations saw at LAPOR! and that are none of ours, of a region's channels."""
    own = select(channels.c.id).where(channels.c.region == region)
    query = select(func.count()).where(
        _f.kind == FindingKind.UNKNOWN_AT_NATIONAL, _f.state == FindingState.OPEN, _f.channel.in_(own)
    )
    return int(connection.execute(query.select_from(findings)).scalar_one())


def gone_at_national(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Of these complaints, those that a reconciliation missed at LAPOR!."""
    query = (
        select(complaints.c.id)
        .join(findings, _f.subject == complaints.c.reference)
        .where(_f.kind == FindingKind.MISSING_AT_NATIONAL, _f.state == FindingState.OPEN)
    )
    return sorted(set(connection.execute(query).scalars()) & set(ids))
