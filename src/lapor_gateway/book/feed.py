"""The feed of changes: every ledger entry once, in the order in which it became visible."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, String, and_, literal, or_, select, text, true, tuple_

from lapor_gateway.book.cursors import decode_cursor, encode_cursor
from lapor_gateway.book.database import Book
from lapor_gateway.book.queries import EVERYTHING, MAXIMUM_LIMIT, Bounds
from lapor_gateway.book.tables import channels, complaints, ledger_entries
from lapor_gateway.clock import isoformat

_e = ledger_entries.c
_c = complaints.c
_CHANNEL = "channel:"


class ChangeView(msgspec.Struct, frozen=True, rename={"from_state": "from", "to_state": "to"}):
    """One entry of the ledger; `complaint`, `region` and `channel` where it is about a complaint."""

    cursor: str
    at: str
    kind: str
    subject: str
    seq: int
    complaint: int | None
    region: str | None
    channel: str | None
    from_state: str | None
    to_state: str | None
    actor: str
    facts: dict[str, Any]


def changes(
    book: Book, cursor: str | None = None, limit: int = MAXIMUM_LIMIT, *, bounds: Bounds = EVERYTHING
) -> tuple[list[ChangeView], str | None]:
    """Changes after `cursor`, and the cursor to ask with next time (the same one where nothing is new).

    PostgreSQL gives ids before transactions commit, in another order: there only entries older than the
    oldest running transaction are shown, so that none can appear behind a cursor already passed.
    Raises `WrongCursorError`.
    """
    query = _query(bounds).limit(limit)
    query = _in_sqlite(query, cursor) if book.is_sqlite else _in_postgresql(query, cursor)
    with book.read() as connection:
        rows = [_view(row, is_sqlite=book.is_sqlite) for row in connection.execute(query)]
    return rows, rows[-1].cursor if rows else cursor


def _in_sqlite(query: Select[Any], cursor: str | None) -> Select[Any]:
    """One writer: ids are in the order of commits."""
    (after,) = (0,) if cursor is None else decode_cursor(cursor, 1)
    return query.where(_e.id > after).order_by(_e.id)


def _in_postgresql(query: Select[Any], cursor: str | None) -> Select[Any]:
    after = (0, 0) if cursor is None else decode_cursor(cursor, 2)
    settled = text("ledger_entries.written_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    position = tuple_(_e.written_in, _e.id)
    return query.where(settled, position > after).order_by(_e.written_in, _e.id)


def _query(bounds: Bounds) -> Select[Any]:
    query = select(ledger_entries, _c.region, _c.channel).outerjoin(complaints, _c.id == _e.complaint)
    return query.where(_is_within(bounds))


def _is_within(bounds: Bounds) -> ColumnElement[bool]:
    if bounds.is_everything:
        return true()
    own = select(literal(_CHANNEL, String).concat(channels.c.id)).where(
        *bounds.of(channels.c.region, channels.c.id)
    )
    return or_(and_(*bounds.of(_c.region, _c.channel)), _e.subject.in_(own))


def _view(row: Row[Any], *, is_sqlite: bool) -> ChangeView:
    at = isoformat(row.at)
    assert at is not None
    return ChangeView(
        encode_cursor(row.id) if is_sqlite else encode_cursor(row.written_in, row.id),
        at,
        row.kind,
        row.subject,
        row.seq,
        row.complaint,
        row.region,
        row.channel,
        row.from_state,
        row.to_state,
        row.actor,
        msgspec.json.decode(row.facts, type=dict[str, Any]),
    )
