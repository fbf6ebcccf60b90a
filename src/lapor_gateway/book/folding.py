"""The ledger's index for a reconciliation: the fold of every complaint's entries, beside its row in the book."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, bindparam, select

from lapor_gateway.book.database import Book, Query
from lapor_gateway.book.tables import complaints, ledger_entries
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.reconciliation import DIGEST_BYTES, LedgerRow, is_same_standing

_c = complaints.c
_e = ledger_entries.c
_BATCH: Final = 10_000
_LOOK_UP: Final = 1_000
_SHOWN: Final = frozenset({"received", "shown"})
_NUMBERED: Final = frozenset({"taken", "found", "adopt", "number"})
_NUMBERLESS: Final = frozenset({"undo", "split"})
_ENTRIES: Final = (
    select(_e.complaint, _e.subject, _e.kind, _e.to_state, _e.at, _e.facts)
    .where(_e.complaint.is_not(None))
    .order_by(_e.complaint, _e.seq)
)
_ROWS: Final = select(
    _c.id,
    _c.reference,
    _c.origin,
    _c.channel,
    _c.account,
    _c.source_id,
    _c.tracking_id,
    _c.national_number,
    _c.linked_to,
    _c.reason,
    _c.raw_digest,
    _c.canonical_digest,
    _c.regional_word,
    _c.source_updated_at,
    _c.source_created_at,
    _c.national_word,
    _c.received_at,
    _c.accepted_at,
    _c.disappeared_at,
).order_by(_c.id)


_CURRENT: Final = Query(
    select(_c.source_id, _c.reference, _c.raw_digest).where(
        _c.origin == bindparam("origin"), _c.source_id.in_(bindparam("source_ids", expanding=True))
    )
)


class _Said(msgspec.Struct):
    """What of an entry's facts the fold needs."""

    tracking_id: str | None = None
    sent: str | None = None
    channel: str | None = None


class _Fold(msgspec.Struct):
    """A complaint by its entries alone. Instants in microseconds."""

    complaint: int
    reference: str
    channel: str = ""
    state: str = ""
    since: int = 0
    shown_at: int = 0
    number: str | None = None
    sent: bytes = b""


_said = msgspec.json.Decoder(_Said)


def fold_ledger(
    connection: Connection,
    *,
    is_in_scope: Callable[[str, int], bool],
    home_of: Callable[[str], tuple[str, str] | None],
) -> Iterator[LedgerRow]:
    """Every complaint of the book in the order of its id, in bounded memory.

    `is_in_scope(channel, instant)` decides with the time of creation at the source, of receipt where there is none.
    `home_of(channel)` gives (origin, account) for a complaint that only the ledger still knows; None leaves it out.
    """
    rows = _stream(connection, _ROWS)
    row = next(rows, None)
    for fold in _folds(connection):
        while row is not None and row[0] < fold.complaint:
            row = next(rows, None)  # without any entry: the balance says so (`book_not_whole`)
        if row is not None and row[0] == fold.complaint:
            yield _row_of(fold, row, is_in_scope)
            row = next(rows, None)
        elif (home := home_of(fold.channel)) is not None:
            yield _lost_row(fold, *home, is_in_scope(fold.channel, fold.shown_at))


def current_records(book: Book, origin: str, source_ids: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    """(reference, digest of the current version's raw record) of the complaints with these ids at their source."""
    found: dict[str, tuple[str, bytes]] = {}
    with book.read() as connection:
        for start in range(0, len(source_ids), _LOOK_UP):
            part = list(source_ids[start : start + _LOOK_UP])
            for source_id, reference, digest in _CURRENT.all(connection, origin=origin, source_ids=part):
                found[source_id] = (reference, digest)
    return found


def _folds(connection: Connection) -> Iterator[_Fold]:
    fold: _Fold | None = None
    for complaint, reference, *entry in _stream(connection, _ENTRIES):
        if fold is None or fold.complaint != complaint:
            if fold is not None:
                yield fold
            fold = _Fold(complaint, reference)
        _fold_in(fold, *entry)
    if fold is not None:
        yield fold


def _fold_in(fold: _Fold, kind: str, to_state: str | None, at: int, facts: str) -> None:
    if to_state is not None and to_state != fold.state:
        if not is_same_standing(fold.state, to_state):
            fold.since = at
        fold.state = to_state
    if kind in _SHOWN:
        fold.shown_at = at
        if not fold.channel:
            fold.channel = _said.decode(facts).channel or ""
    elif kind == "attempted":
        fold.sent += bytes.fromhex(_said.decode(facts).sent or "")[:DIGEST_BYTES]
    elif kind in _NUMBERED:
        fold.number = _said.decode(facts).tracking_id
    elif kind in _NUMBERLESS:
        fold.number = None


def _row_of(fold: _Fold, row: tuple[Any, ...], is_in_scope: Callable[[str, int], bool]) -> LedgerRow:
    (_, reference, origin, channel, account, source_id, number, claimed, linked_to, reason, raw, canonical,
     status, updated_at, created_at, national_word, received_at, accepted_at, disappeared_at) = row  # fmt: skip
    return LedgerRow(
        reference=reference,
        origin=origin,
        channel=channel,
        account=account,
        source_id=source_id,
        state=fold.state,
        since=fold.since,
        shown_at=fold.shown_at,
        in_scope=is_in_scope(channel, received_at if created_at is None else created_at),
        number=number,
        folded_number=fold.number,
        claimed=claimed,
        linked=linked_to is not None or fold.state == State.LINKED,
        reason=reason,
        raw=raw and raw[:DIGEST_BYTES],
        canonical=canonical and canonical[:DIGEST_BYTES],
        status=status,
        updated_at=updated_at,
        national_word=national_word,
        received_at=received_at,
        accepted_at=accepted_at,
        disappeared=disappeared_at is not None,
        sent=fold.sent,
    )


def _lost_row(fold: _Fold, origin: str, account: str, in_scope: bool) -> LedgerRow:
    return LedgerRow(
        reference=fold.reference,
        origin=origin,
        channel=fold.channel,
        account=account,
        source_id="",
        state=fold.state,
        since=fold.since,
        shown_at=fold.shown_at,
        in_scope=in_scope,
        is_whole=False,
        folded_number=fold.number,
        received_at=fold.shown_at,
        sent=fold.sent,
    )


def _stream(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query without holding them; on PostgreSQL through a cursor of the server's."""
    if connection.dialect.name == "sqlite":  # the driver itself: half the time of SQLAlchemy's rows
        cursor = connection.connection.cursor()
        try:
            cursor.execute(str(query.compile(dialect=connection.dialect)))
            while rows := cursor.fetchmany(_BATCH):
                yield from rows
        finally:
            cursor.close()
        return
    for part in connection.execution_options(yield_per=_BATCH).execute(query).partitions():
        yield from (tuple(row) for row in part)
