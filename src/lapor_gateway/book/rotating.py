"""Rotation of keys while the gateway runs: the master key, and the key of the blind index. Resumable at any moment.

Everything is rewrapped in small transactions, and only where it still is what was read: an erasure or another writer
that comes first wins.
"""

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Connection, Table, bindparam, delete, insert, select, tuple_, update

from lapor_gateway.book import tables as t
from lapor_gateway.book.archived import versions_of
from lapor_gateway.book.crypto import ERASED, KEY_BYTES
from lapor_gateway.book.database import FORMER_INDEX, Book, Statement
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.writing import record
from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.identity import known_by

BATCH: Final = 500
SETTLES_AFTER: Final = 120_000_000
"""Microseconds until every running process has read the keys anew; then nobody uses the former ones any more."""
_STARTED: Final = "index_rotated_at"
_c = t.complaints.c
_decoder = msgspec.json.Decoder(Complaint)
_Progress = Callable[[int], None]


class _Sealed(msgspec.Struct, frozen=True):
    """A column that the master key seals, the key of its rows, and what each value is bound to."""

    table: Table
    key: tuple[Column[Any], ...]
    column: Column[Any]
    purpose: Callable[[Any], bytes]
    statement: Statement
    bound_to: Column[Any] | None = None


def _sealed(
    table: Table,
    key: tuple[str, ...],
    column: str,
    purpose: Callable[[Any], bytes],
    bound_to: str | None = None,
) -> _Sealed:
    """`statement` puts a fresh value where the old one, read before, still stands."""
    parts = [table.c[name] == bindparam(f"of_{name}") for name in key]
    change = (
        update(table).where(*parts, table.c[column] == bindparam("old")).values({column: bindparam("fresh")})
    )
    statement = Statement(change, ("fresh", *(f"of_{name}" for name in key), "old"))
    bound = None if bound_to is None else table.c[bound_to]
    return _Sealed(table, tuple(table.c[name] for name in key), table.c[column], purpose, statement, bound)


_SEALED: Final = (
    _sealed(t.complaints, ("id",), "data_key", str.encode, "reference"),
    _sealed(t.secrets, ("name",), "value", lambda name: f"secret/{name}".encode(), "name"),
    _sealed(t.actors, ("pseudonym",), "name", lambda _: b"actor"),
    _sealed(t.deliveries, ("channel", "message_id"), "body", lambda _: b"refused delivery"),
    _sealed(t.repeats, ("key",), "body", lambda _: b"repeat"),
    _sealed(t.inbox, ("id",), "content", lambda _: b"inbox"),
)
_REINDEX: Final = Statement(
    update(t.complaints)
    .where(_c.id == bindparam("which"), _c.reporter_index == bindparam("old"))
    .values(reporter_index=bindparam("fresh")),
    ("fresh", "which", "old"),
)


def rewrap_all(book: Book, progress: _Progress) -> int:
    """Put everything that an older master key sealed under the newest; how many values. Commits in batches."""
    moved = book.transact(partial(_rewrap_own_keys, book))
    for sealed in _SEALED:
        after: tuple[Any, ...] | None = None
        while True:
            rows = _rows_after(book, sealed, after)
            if not rows:
                break
            after = tuple(rows[-1][: len(sealed.key)])
            older = [row for row in rows if not book.master.is_current(bytes(row[len(sealed.key)]))]
            moved += book.transact(partial(_rewrap, book, sealed, older)) if older else 0
            progress(moved)
    return moved


def note_rotation(book: Book, *, by: str, moved: int) -> None:
    """Write that the master key was rotated."""
    with book.write() as connection:
        actor = pseudonym(book, connection, by)
        facts = {"values": moved}
        record(connection, "book", "master_key_rotated", facts, at=book.clock.now(), actor=actor)
        write_audit(book, connection, actor, "rotate_master_key", "book", facts)


def _rows_after(book: Book, sealed: _Sealed, after: tuple[Any, ...] | None) -> Sequence[Any]:
    bound = [sealed.bound_to] if sealed.bound_to is not None else []
    query = select(*sealed.key, sealed.column, *bound).where(
        sealed.column.is_not(None), sealed.column != ERASED
    )
    if after is not None:
        query = query.where(tuple_(*sealed.key) > after if len(after) > 1 else sealed.key[0] > after[0])
    with book.read() as connection:
        return connection.execute(query.order_by(*sealed.key).limit(BATCH)).all()


def _rewrap(book: Book, sealed: _Sealed, rows: Sequence[Any], connection: Connection) -> int:
    width = len(sealed.key)
    changes = []
    for row in rows:
        bound = row[width + 1] if sealed.bound_to is not None else None
        fresh = book.master.rewrap(bytes(row[width]), sealed.purpose(bound))
        changes.append((fresh, *row[:width], row[width]))
    return sealed.statement.run(connection, changes)


def _rewrap_own_keys(book: Book, connection: Connection) -> int:
    moved = 0
    for name, value in _own_keys(connection).items():
        sealed = bytes.fromhex(value)
        if not book.master.is_current(sealed):
            fresh = book.master.rewrap(sealed, f"book/{name.removeprefix('key:')}".encode())
            connection.execute(update(t.book).where(t.book.c.name == name).values(value=fresh.hex()))
            moved += 1
    return moved


def _own_keys(connection: Connection) -> dict[str, str]:
    query = select(t.book.c.name, t.book.c.value).where(t.book.c.name.startswith("key:")).with_for_update()
    return {row.name: row.value for row in connection.execute(query)}


# --- the blind index --------------------------------------------------------------------------------------


class Indexing(msgspec.Struct, frozen=True):
    """How far an index rotation is: complaints indexed anew by this call, and whether the former key is gone."""

    changed: int
    done: bool


def begin_index_rotation(book: Book, *, by: str) -> bool:
    """A new key for the blind index; the former one stays valid until all is indexed anew. False if one goes on."""

    def begin(connection: Connection) -> bool:
        keys = _own_keys(connection)
        if f"key:{FORMER_INDEX}" in keys:
            return False
        plain = book.master.unwrap(bytes.fromhex(keys["key:index"]), b"book/index")
        former = book.master.wrap(plain, f"book/{FORMER_INDEX}".encode()).hex()
        fresh = book.master.wrap(secrets.token_bytes(KEY_BYTES), b"book/index").hex()
        at = book.clock.now()
        rows = [
            {"name": f"key:{FORMER_INDEX}", "value": former},
            {"name": _STARTED, "value": str(at)},
        ]
        connection.execute(insert(t.book), rows)
        connection.execute(update(t.book).where(t.book.c.name == "key:index").values(value=fresh))
        actor = pseudonym(book, connection, by)
        record(connection, "book", "index_key_rotated", {}, at=at, actor=actor)
        write_audit(book, connection, actor, "rotate_index_key", "book", {})
        return True

    begun = book.transact(begin)
    book.forget_keys()
    return begun


def index_anew(book: Book, progress: _Progress) -> Indexing:
    """Index every reporter under the newest key, from the complaints' own text, in batches.

    The former key is destroyed once a whole pass, begun when every running process knew the new key, has found
    nothing left under it.
    """
    book.forget_keys()
    with book.read() as connection:
        started = connection.execute(select(t.book.c.value).where(t.book.c.name == _STARTED)).scalar()
    if started is None:
        return Indexing(0, done=True)
    known_everywhere = book.clock.now() >= int(started) + SETTLES_AFTER
    changed = _index_pass(book, progress)
    left = _index_pass(book, progress) if changed else 0
    done = known_everywhere and not left
    if done:
        with book.write() as connection:
            names = (f"key:{FORMER_INDEX}", _STARTED)
            connection.execute(delete(t.book).where(t.book.c.name.in_(names)))
        book.forget_keys()
    return Indexing(changed, done)


def _index_pass(book: Book, progress: _Progress) -> int:
    changed, after = 0, 0
    while True:
        last, count = book.transact(partial(_index_batch, book, after))
        if last is None:
            return changed
        changed, after = changed + count, last
        progress(changed)


def _index_batch(book: Book, after: int, connection: Connection) -> tuple[int | None, int]:
    rows = connection.execute(
        select(_c.id, _c.reference, _c.region, _c.data_key, _c.reporter_index)
        .where(_c.reporter_index.is_not(None), _c.id > after)
        .order_by(_c.id)
        .limit(BATCH)
    ).all()
    sealed = _newest_read(book, connection, [row.id for row in rows])
    changes = []
    for row in rows:
        if row.id in sealed:
            key = book.data_key(row.reference, row.data_key)
            who = known_by(_decoder.decode(key.open(sealed[row.id], CANONICAL)))
            index = None if who is None else book.blind_index(row.region, who)
            if index != row.reporter_index:
                changes.append((index, row.id, row.reporter_index))
    return (rows[-1].id if rows else None), _REINDEX.run(connection, changes)


def _newest_read(book: Book, connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """Of each complaint the newest version, up to the current one, that could be read. Raises `ArchiveError`."""
    query = select(_c.id, _c.current_version).where(_c.id.in_(ids))
    current = {row.id: row.current_version for row in connection.execute(query)}
    return {
        one.complaint: one.canonical
        for versions in versions_of(book, connection, ids).values()
        for one in versions
        if one.canonical is not None and one.version <= current[one.complaint]
    }
