"""Retention: which complaints have been kept long enough, by rules that a person has approved."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, String, and_, func, insert, literal, not_, or_, select, update

from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.book.tables import complaints, legal_holds
from lapor_gateway.book.writing import record
from lapor_gateway.clock import isoformat

Rules = Mapping[str, timedelta]
"""How long a class is kept, counted from the last entry about a complaint: `state`, or `state:kind`, which wins."""
BATCH: Final = 500
_APPROVED: Final = "retention_rules"
_MICROSECONDS: Final = 1_000_000
_c = complaints.c


class Due(msgspec.Struct, frozen=True):
    """How many complaints of a channel one rule would erase now."""

    rule: str
    region: str
    channel: str
    count: int
    oldest: str | None


def due(book: Book, rules: Rules) -> list[Due]:
    """What would be erased now, a line a rule and channel; a legal hold is respected."""
    found = []
    with book.read() as connection:
        for rule in rules:
            query = (
                select(_c.region, _c.channel, func.count(), func.min(_c.updated_at))
                .where(_is_due(book, rules, rule))
                .group_by(_c.region, _c.channel)
                .order_by(_c.region, _c.channel)
            )
            found += [
                Due(rule, region, channel, count, isoformat(oldest))
                for region, channel, count, oldest in connection.execute(query)
            ]
    return found


def due_ids(book: Book, rules: Rules, rule: str, limit: int) -> list[int]:
    """Up to `limit` complaints that a rule would erase now, oldest first."""
    with book.read() as connection:
        query = select(_c.id).where(_is_due(book, rules, rule)).order_by(_c.id).limit(limit)
        return list(connection.execute(query).scalars())


def approve(book: Book, rules: Rules, *, by: str) -> None:
    """A named person lets these rules erase by themselves from now on; changed rules need another approval."""
    text = _text(rules)
    with book.write() as connection:
        actor = pseudonym(book, connection, by)
        values = {"value": text}
        changed = connection.execute(
            update(book_table).where(book_table.c.name == _APPROVED).values(values)
        ).rowcount
        if not changed:
            connection.execute(insert(book_table).values(name=_APPROVED, **values))
        at = book.clock.now()
        record(connection, "book", "retention_approved", {"rules": text}, at=at, actor=actor)
        write_audit(book, connection, actor, "approve_retention", "book", {"rules": text})


def is_approved(book: Book, rules: Rules) -> bool:
    """Whether a person has approved exactly these rules."""
    with book.read() as connection:
        query = select(book_table.c.value).where(book_table.c.name == _APPROVED)
        return connection.execute(query).scalar() == _text(rules)


def _text(rules: Rules) -> str:
    return ", ".join(f"{name} {span.days}d" for name, span in sorted(rules.items()))


def _is_due(book: Book, rules: Rules, rule: str) -> ColumnElement[bool]:
    state, _, kind = rule.partition(":")
    own = [name.partition(":")[2] for name in rules if name.startswith(f"{state}:")]
    age = int(rules[rule].total_seconds()) * _MICROSECONDS
    of_kind: Any = _c.kind == kind if kind else or_(_c.kind.is_(None), not_(_c.kind.in_(own)))
    held = select(legal_holds.c.subject).where(
        or_(
            legal_holds.c.subject == _c.reference,
            legal_holds.c.subject == literal("channel:", String).concat(_c.channel),
        )
    )
    return and_(
        _c.state == state,
        of_kind,
        _c.data_key != ERASED,
        _c.updated_at < book.clock.now() - age,
        not_(held.exists()),
    )
