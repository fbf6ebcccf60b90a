"""Reading the ledger's entries in bulk, and their hashes from the columns' own values.

The only place that knows how entries lie in their table: sealing, proofs, export and verification read through it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    or_,
    select,
    text,
    tuple_,
)

from lapor_gateway.book.database import Query
from lapor_gateway.book.ledger import Entry, entry_hash
from lapor_gateway.book.tables import ledger_entries

_e = ledger_entries.c
COLUMNS: Final = (
    _e.subject, _e.seq, _e.kind, _e.from_state, _e.to_state, _e.at, _e.actor, _e.facts, _e.previous,
    _e.encoding, _e.id, _e.complaint, _e.written_in,
)  # fmt: skip
AT: Final = 5
ID: Final = 10
COMPLAINT: Final = 11
Row = tuple[Any, ...]
"""An entry's values in the order of `COLUMNS`."""

Position = tuple[int, int]
"""Where an entry stands in the ledger's order: the transaction that wrote it (PostgreSQL; 0 on SQLite), its id."""
START: Final[Position] = (-1, 0)

_SETTLED: Final = text("ledger_entries.written_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
PREFIX: Final = b"lapor-gateway/entry\0\x01"
"""What the hashed bytes of every entry of encoding 1 begin with."""
UNREADABLE: Final = (ValueError, TypeError, AttributeError, OverflowError, msgspec.MsgspecError)
"""What reading a row that was never an entry may raise."""
_FIELDS: Final = 9
_EARLIEST: Final = 10**15
_LATEST: Final = 10**16
_HASH: Final = 32


def entry_of(row: Row) -> Entry:
    """The entry that a row holds."""
    return Entry(*row[: _FIELDS + 1])


def hash_of(row: Row) -> bytes:
    """An entry's hash. Raises `ValueError` for an encoding this program does not know."""
    return entry_hash(entry_of(row))


def hashes(rows: Sequence[Row]) -> list[bytes]:
    """What `hash_of` gives for each row, in half the time: words that come again are spelt once.

    Raises `ValueError`, `TypeError`, `AttributeError` or `OverflowError` for a row that was never an entry.
    """
    sha256 = hashlib.sha256
    middles: dict[Row, bytes] = {}
    actors: dict[str, bytes] = {}
    found, last, begin = [], None, b""
    for row in rows:
        subject, seq, kind, source, target, at, actor, facts, previous, encoding, _, _, _ = row
        if (
            encoding != 1
            or not _EARLIEST <= at < _LATEST
            or at.__class__ is not int
            or len(previous) != _HASH
        ):
            found.append(hash_of(row))
            continue
        if subject != last:
            begin, last = PREFIX + field(subject.encode()), subject
        key = (seq, kind, source, target)
        middle = middles.get(key) or _remembered(middles, key)
        who = actors.get(actor) or actors.setdefault(actor, field(actor.encode()))
        said = facts.encode()
        text_ = b"%b%b\0\0\0\x10%d%b%b%b\0\0\0\x20%b" % (
            begin, middle, at, who, len(said).to_bytes(4), said, previous,
        )  # fmt: skip
        found.append(sha256(text_).digest())
    return found


def _remembered(middles: dict[Row, bytes], key: Row) -> bytes:
    """The fields seq, kind, from and to, which only few combinations fill."""
    middles[key] = fields_of(*key)
    return middles[key]


def fields_of(seq: int, *words: str | None) -> bytes:
    """A number and words as they are hashed."""
    fields = [b"%d" % seq, *(None if word is None else word.encode() for word in words)]
    return b"".join([field(one) for one in fields])


def field(value: bytes | None) -> bytes:
    """A value as it is hashed: its length, then its bytes."""
    return b"\xff\xff\xff\xff" if value is None else len(value).to_bytes(4) + value


def _ordered(*, is_sqlite: bool) -> Select[Any]:
    """Entries behind a position, in the ledger's order; PostgreSQL shows only those no running transaction can precede.

    SQLite has one writer, whose ids are in the order of commits. PostgreSQL gives ids before transactions commit.
    """
    if is_sqlite:
        return select(*COLUMNS).where(_e.id > bindparam("id")).order_by(_e.id)
    place = tuple_(_e.written_in, _e.id)
    behind = place > tuple_(bindparam("written_in", type_=BigInteger), bindparam("id", type_=BigInteger))
    return (
        select(*COLUMNS)
        .where(_SETTLED, behind, _e.written_in >= bindparam("written_in"))
        .order_by(_e.written_in, _e.id)
    )


_BEHIND: Final = {kind: Query(_ordered(is_sqlite=kind).limit(bindparam("most"))) for kind in (True, False)}


def behind(connection: Connection, position: Position, most: int) -> list[Row]:
    """Up to `most` entries behind a position whose place in the order is final."""
    written_in, identifier = position
    query = _BEHIND[connection.dialect.name == "sqlite"]
    return query.all(connection, written_in=written_in, id=identifier, most=most)


def position_of(row: Row) -> Position:
    """Where an entry stands in the ledger's order."""
    return row[-1] or 0, row[ID]


_BY_ID: Final = Query(select(*COLUMNS).where(_e.id.in_(bindparam("ids", expanding=True))))
_MOST_IDS: Final = 500


def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """Entries by id; those that are not there are left out."""
    found: dict[int, Row] = {}
    for start in range(0, len(ids), _MOST_IDS):
        rows = _BY_ID.all(connection, ids=list(ids[start : start + _MOST_IDS]))
        found |= {row[ID]: row for row in rows}
    return found


_OF_COMPLAINTS: Final = Query(
    select(*COLUMNS)
    .where(_e.complaint > bindparam("low"), _e.complaint <= bindparam("high"))
    .order_by(_e.complaint, _e.seq)
)


def of_complaints(connection: Connection, low: int, high: int) -> list[Row]:
    """Entries about the complaints with ids in (low, high], by complaint and number."""
    return _OF_COMPLAINTS.all(connection, low=low, high=high)


_OF_SUBJECT: Final = Query(
    select(*COLUMNS)
    .where(_e.complaint.is_(None), _e.subject == bindparam("subject"), _e.seq > bindparam("seq"))
    .order_by(_e.seq)
    .limit(bindparam("most"))
)
_NEXT_SUBJECT: Final = Query(
    select(_e.subject)
    .where(_e.complaint.is_(None), _e.subject > bindparam("subject"))
    .order_by(_e.subject)
    .limit(1)
)


def other_subjects(connection: Connection) -> Iterator[str]:
    """Every subject of the ledger that is no complaint."""
    subject = ""
    while found := _NEXT_SUBJECT.first(connection, subject=subject):
        subject = found[0]
        yield subject


def of_subject(connection: Connection, subject: str, most: int) -> Iterator[list[Row]]:
    """Entries about something that is no complaint, by number, `most` at a time."""
    seq = -1
    while rows := _OF_SUBJECT.all(connection, subject=subject, seq=seq, most=most):
        yield rows
        seq = rows[-1][1]


def is_up_to(connection: Connection, position: Position) -> ColumnElement[bool]:
    """The condition that an entry stands at or before a position of the ledger's order."""
    if connection.dialect.name == "sqlite":
        return _e.id <= position[1]
    return or_(_e.written_in < position[0], and_(_e.written_in == position[0], _e.id <= position[1]))
