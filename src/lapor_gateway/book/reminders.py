"""Reminders of deadlines: what has not been sent to whom yet, what was sent, and how every address fares."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, and_, bindparam, exists, func, insert, select, update

from lapor_gateway.batches import batches
from lapor_gateway.book.database import Book, Statement
from lapor_gateway.book.deadline_lists import URGENT, DeadlineFilter, DeadlineView, list_deadlines
from lapor_gateway.book.tables import reminder_targets, reminders

_AT_ONCE: Final = 500
_r, _t = reminders.c, reminder_targets.c
_COLUMNS: Final = ("complaint", "clock", "stage", "target", "sent_at")
_insert = Statement(insert(reminders).values({name: bindparam(name) for name in _COLUMNS}), _COLUMNS)


class TargetState(msgspec.Struct, frozen=True):
    """How one address fares, by the name of its secret; instants in microseconds."""

    region: str
    target: str
    tried_at: int
    sent_at: int | None
    failing_since: int | None
    failure: str | None


def urgent(book: Book, region: str) -> list[DeadlineView]:
    """Everything a region owes that is due soon, due today or breached, the one due first first."""
    found: list[DeadlineView] = []
    cursor: str | None = None
    wanted = DeadlineFilter(region=region, owed_by="region", states=URGENT)
    while True:
        rows, cursor = list_deadlines(book, wanted, limit=_AT_ONCE, cursor=cursor)
        found += rows
        if cursor is None:
            return found


def unsent(connection: Connection, found: Sequence[DeadlineView], target: str) -> list[DeadlineView]:
    """Those whose present stage this target has not been told yet."""
    told: set[tuple[int, str, str]] = set()
    for part in batches({one.complaint for one in found}, _AT_ONCE):
        query = select(_r.complaint, _r.clock, _r.stage).where(_r.target == target, _r.complaint.in_(part))
        told |= {(row[0], row[1], row[2]) for row in connection.execute(query)}
    return [one for one in found if (one.complaint, one.clock, one.state) not in told]


def note_sent(book: Book, region: str, target: str, found: Sequence[DeadlineView]) -> None:
    """The target has taken a message about these. Commits."""
    now = book.clock.now()
    rows = [(one.complaint, one.clock, one.state, target, now) for one in found]

    def write(connection: Connection) -> None:
        still = {(one.complaint, one.clock, one.state) for one in unsent(connection, found, target)}
        _insert.run(connection, [row for row in rows if row[:3] in still])
        _note(
            connection,
            region,
            target,
            {"tried_at": now, "sent_at": now, "failing_since": None, "failure": None},
        )

    book.transact(write)


def note_failure(book: Book, region: str, target: str, failure: str) -> None:
    """The target could not be told; `failure` must not hold its address. Commits."""
    now = book.clock.now()
    since = func.coalesce(_t.failing_since, now)

    def write(connection: Connection) -> None:
        _note(
            connection,
            region,
            target,
            {"tried_at": now, "failing_since": since, "failure": failure},
            since=now,
        )

    book.transact(write)


def targets(connection: Connection) -> dict[tuple[str, str], TargetState]:
    """How every address that was ever tried fares."""
    rows = connection.execute(select(reminder_targets))
    return {(row.region, row.target): TargetState(**row._asdict()) for row in rows}


def _note(
    connection: Connection, region: str, target: str, values: dict[str, object], *, since: int | None = None
) -> None:
    same = and_(_t.region == region, _t.target == target)
    if connection.execute(select(exists().where(same))).scalar():
        connection.execute(update(reminder_targets).where(same).values(values))
    else:
        first = values | {"failing_since": since}
        connection.execute(insert(reminder_targets).values({"region": region, "target": target, **first}))
