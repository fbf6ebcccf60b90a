"""The ledger's index for a reconciliation: the fold of every complaint's entries, beside its row in the book."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, case, select

from lapor_gateway.book.database import Book, Query
from lapor_gateway.book.sending import sent_mark
from lapor_gateway.book.streaming import by_complaint, streamed
from lapor_gateway.book.tables import complaints, ledger_entries
from lapor_gateway.domain.index_rows import DIGEST_BYTES, LedgerRow
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.reconciliation import is_same_standing

_c = complaints.c
_e = ledger_entries.c
_LOOK_UP: Final = 1_000
_SHOWN: Final = frozenset({"received", "shown"})
_SENT: Final = ("attempted", "given_out")  # by a machine, or to a person who types it
_SPLIT: Final = "split"
_TELLING: Final = (*_SENT, "taken", "found", "adopt", "number", "undo", _SPLIT)
"""Kinds whose facts the fold reads: what was sent, and the number that a complaint has from then on (or no more)."""
_ENTRIES: Final = (
    select(_e.complaint, _e.kind, _e.to_state, _e.at, case((_e.kind.in_(_TELLING), _e.facts)))
    .where(_e.complaint.is_not(None))
    .order_by(_e.complaint, _e.seq)
)
_FIRST_ENTRY: Final = select(_e.subject, _e.facts).where(_e.complaint == bindparam("complaint"), _e.seq == 1)
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


class _LedgerSide(msgspec.Struct):
    """A complaint by its entries alone. Instants in microseconds."""

    complaint: int
    state: str = ""
    since: int = 0
    shown_at: int = 0
    number: str | None = None
    sent: bytes = b""


_said: Final = msgspec.json.Decoder(_Said).decode


def fold_ledger(
    book: Book,
    connection: Connection,
    *,
    is_in_scope: Callable[[str, int], bool],
    home_of: Callable[[str], tuple[str, str] | None],
) -> Iterator[LedgerRow]:
    """Every complaint of the book in the order of its id, in bounded memory.

    `is_in_scope(channel, instant)` decides with the time of creation at the source, of receipt where there is none.
    `home_of(channel)` gives (origin, account) for a complaint that only the ledger still knows; None leaves it out.
    """
    rows = streamed(connection, _ROWS)
    row = next(rows, None)
    for side in _ledger_sides(book, connection):
        while row is not None and row[0] < side.complaint:
            row = next(rows, None)  # without any entry: the balance says so (`book_not_whole`)
        if row is not None and row[0] == side.complaint:
            yield _row_of(side, row, is_in_scope)
            row = next(rows, None)
        elif (lost := _lost_row(connection, side, is_in_scope, home_of)) is not None:
            yield lost


def current_records(book: Book, origin: str, source_ids: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    """(reference, digest of the current version's raw record) of the complaints with these ids at their source."""
    found: dict[str, tuple[str, bytes]] = {}
    with book.read() as connection:
        for start in range(0, len(source_ids), _LOOK_UP):
            part = list(source_ids[start : start + _LOOK_UP])
            for source_id, reference, digest in _CURRENT.all(connection, origin=origin, source_ids=part):
                found[source_id] = (reference, digest)
    return found


def _ledger_sides(book: Book, connection: Connection) -> Iterator[_LedgerSide]:
    for complaint, rows in by_complaint(connection, _ENTRIES):
        side = _LedgerSide(complaint)
        for _, kind, to_state, at, facts in rows:
            if to_state != side.state and to_state is not None:
                if not is_same_standing(side.state, to_state):
                    side.since = at
                side.state = to_state
            if facts is not None:
                _tell(book, side, kind, _said(facts))
            elif kind in _SHOWN:
                side.shown_at = at
        yield side


def _tell(book: Book, side: _LedgerSide, kind: str, said: _Said) -> None:
    if kind in _SENT:
        side.sent += _mark(book, said.sent or "")
    elif kind != _SPLIT or side.state != State.ACCEPTED:  # an accepted double keeps its own number
        side.number = said.tracking_id


def _mark(book: Book, sent: str) -> bytes:
    """The mark of a text that was sent. Entries of the first release have the text's bare digest in its place."""
    mark = bytes.fromhex(sent)
    return mark if len(mark) <= DIGEST_BYTES else sent_mark(book, mark)


def _row_of(side: _LedgerSide, row: tuple[Any, ...], is_in_scope: Callable[[str, int], bool]) -> LedgerRow:
    (_, reference, origin, channel, account, source_id, number, claimed, linked_to, reason, raw, canonical,
     status, updated_at, created_at, national_word, received_at, accepted_at, disappeared_at) = row  # fmt: skip
    return LedgerRow(
        reference=reference,
        origin=origin,
        channel=channel,
        account=account,
        source_id=source_id,
        state=side.state,
        since=side.since,
        shown_at=side.shown_at,
        in_scope=is_in_scope(channel, received_at if created_at is None else created_at),
        number=number,
        folded_number=side.number,
        claimed=claimed,
        linked=linked_to is not None or side.state == State.LINKED,
        reason=reason,
        raw=raw and raw[:DIGEST_BYTES],
        canonical=canonical and canonical[:DIGEST_BYTES],
        status=status,
        updated_at=updated_at,
        national_word=national_word,
        received_at=received_at,
        accepted_at=accepted_at,
        disappeared=disappeared_at is not None,
        sent=side.sent,
    )


def _lost_row(
    connection: Connection,
    side: _LedgerSide,
    is_in_scope: Callable[[str, int], bool],
    home_of: Callable[[str], tuple[str, str] | None],
) -> LedgerRow | None:
    """A complaint whose row is gone; its reference and channel are in its first entry, where that is left."""
    first = connection.execute(_FIRST_ENTRY, {"complaint": side.complaint}).first()
    channel = "" if first is None else _said(first.facts).channel or ""
    home = home_of(channel)
    if first is None or home is None:
        return None
    origin, account = home
    return LedgerRow(
        reference=first.subject,
        origin=origin,
        channel=channel,
        account=account,
        source_id="",
        state=side.state,
        since=side.since,
        shown_at=side.shown_at,
        in_scope=is_in_scope(channel, side.shown_at),
        is_whole=False,
        folded_number=side.number,
        received_at=side.shown_at,
        sent=side.sent,
    )
