"""Tombstones: which complaints were erased, so that neither a restored book nor a re-scan brings them back.

A tombstone holds no content: a complaint's reference (which is a keyed digest of its origin and source id) and keyed
digests of its raw records. They stand in the book and, because a restored book may be older than the erasure, in a
file beside it.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from lapor_gateway.book.archived import raw_records_of
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book, Query
from lapor_gateway.book.tables import book as t_book
from lapor_gateway.book.tables import tombstone_digests, tombstones
from lapor_gateway.book.writing import Pen, Subject
from lapor_gateway.domain.lifecycle import Event
from lapor_gateway.durable import sync_folder
from lapor_gateway.errors import ConfigurationError

ERASURE: Final = "erased"
"""The kind of the ledger's entry, and the reason of a complaint that is entered without its text."""
_t = tombstones.c
_d = tombstone_digests.c
_ANY: Final = Query(select(_t.reference).limit(1))
_OF_REFERENCES: Final = Query(
    select(_t.reference).where(_t.reference.in_(bindparam("references", expanding=True)))
)
_OF_DIGESTS: Final = Query(select(_d.digest).where(_d.digest.in_(bindparam("digests", expanding=True))))
_CHUNK: Final = 500
_KEPT: Final = "tombstones"
_NOTHING: Final = "0/0"


class Tombstone(msgspec.Struct, frozen=True):
    """One erased complaint; `at` in microseconds, `digests` of its raw records in hex."""

    reference: str
    at: int
    digests: tuple[str, ...] = ()


_line = msgspec.json.Decoder(Tombstone)


def set_up(connection: Connection, stones: Sequence[Tombstone], *, settled: bool) -> None:
    """Keep tombstones in the book; one that is there already only becomes `settled`."""
    given = [stone.reference for stone in stones]
    there = set(connection.execute(select(_t.reference).where(_t.reference.in_(given))).scalars())
    rows = [
        {"reference": stone.reference, "at": stone.at, "settled": int(settled)}
        for stone in stones
        if stone.reference not in there
    ]
    if rows:
        connection.execute(insert(tombstones), rows)
    if settled:
        connection.execute(update(tombstones).where(_t.reference.in_(sorted(there))).values(settled=1))
    _keep_digests(connection, {bytes.fromhex(d): stone.reference for stone in stones for d in stone.digests})


def _keep_digests(connection: Connection, digests: dict[bytes, str]) -> None:
    there: set[bytes] = set()
    wanted = list(digests)
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        there |= {bytes(found) for (found,) in _OF_DIGESTS.all(connection, digests=chunk)}
    rows = [{"digest": d, "reference": reference} for d, reference in digests.items() if d not in there]
    if rows:
        connection.execute(insert(tombstone_digests), rows)


def digests_of(book: Book, connection: Connection, complaint: int) -> tuple[str, ...]:
    """The keyed digests of every raw record that a complaint has; of an archive that is not here none."""
    found = raw_records_of(book, connection, [complaint], absent=set()).get(complaint, [])
    return tuple(sorted({one.digest.hex() for one in found}))


def unsettled(book: Book) -> list[Tombstone]:
    """Those whose complaint this book has not erased yet, or does not know."""
    with book.read() as connection:
        rows = connection.execute(select(_t.reference, _t.at).where(_t.settled == 0)).all()
    return [Tombstone(row.reference, row.at) for row in rows]


def unscrubbed(book: Book) -> bool:
    """Whether the database's files may still hold what an erasure has overwritten."""
    with book.read() as connection:
        query = select(_t.reference).where(_t.settled == 1, _t.scrubbed_at.is_(None)).limit(1)
        return connection.execute(query).first() is not None


# --- the file beside the book -----------------------------------------------------------------------------


def is_in_step(book: Book, path: Path) -> bool:
    """Whether book and file hold the same tombstones as when the file was last written; neither is read through."""
    with book.read() as connection:
        kept = connection.execute(select(t_book.c.value).where(t_book.c.name == _KEPT)).scalar()
        held = connection.execute(select(func.count()).select_from(tombstones)).scalar_one()
    return (kept or _NOTHING) == f"{_size(path)}/{held}"


def read_file(path: Path) -> list[Tombstone]:
    """The tombstones kept beside the book; none where there is no file. Raises `ConfigurationError`."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError(f"The file {path} cannot be read.", detail=type(error).__name__) from None
    try:
        return [_line.decode(line) for line in lines if line.strip()]
    except msgspec.MsgspecError as error:
        raise ConfigurationError(
            f"The tombstones in {path} cannot be read; without them erased people may come back.",
            detail=str(error),
            cure="Put back the file as it was; it belongs to no backup and no other program writes it.",
        ) from None


def write_file(book: Book, path: Path) -> None:
    """Write the book's tombstones and those the file has already; the old file stays whole until the new one is."""
    stones = {stone.reference: stone for stone in read_file(path)}
    known = {stone.reference: stone for stone in _all(book)}
    if not known.keys() <= stones.keys():
        _replace(path, sorted((stones | known).values(), key=lambda stone: (stone.at, stone.reference)))
    _note_step(book, f"{_size(path)}/{len(known)}")


def _replace(path: Path, stones: Sequence[Tombstone]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.writelines(msgspec.json.encode(stone) + b"\n" for stone in stones)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _note_step(book: Book, kept: str) -> None:
    with book.write() as connection:
        this = t_book.c.name == _KEPT
        if connection.execute(update(t_book).where(this).values(value=kept)).rowcount == 0:
            connection.execute(insert(t_book).values(name=_KEPT, value=kept))


def _all(book: Book) -> list[Tombstone]:
    with book.read() as connection:
        digests: dict[str, list[str]] = {}
        for row in connection.execute(select(_d.digest, _d.reference)):
            digests.setdefault(row.reference, []).append(bytes(row.digest).hex())
        rows = connection.execute(select(_t.reference, _t.at)).all()
    return [Tombstone(row.reference, row.at, tuple(sorted(digests.get(row.reference, ())))) for row in rows]


# --- at the door ------------------------------------------------------------------------------------------


def are_there(connection: Connection) -> bool:
    """Whether the book holds any tombstone at all: one short question on the way in."""
    return _ANY.first(connection) is not None


def buried(connection: Connection, records: Sequence[tuple[str, bytes]]) -> set[str]:
    """Of records (reference, raw digest) that seem new: the references whose complaint was erased before."""
    found: set[str] = set()
    for start in range(0, len(records), _CHUNK):
        chunk = records[start : start + _CHUNK]
        by_name = {reference for reference, _ in chunk}
        digests = {digest: reference for reference, digest in chunk}
        found |= {name for (name,) in _OF_REFERENCES.all(connection, references=sorted(by_name))}
        found |= {digests[bytes(d)] for (d,) in _OF_DIGESTS.all(connection, digests=sorted(digests))}
    return found


def bury(pen: Pen, subject: Subject, columns: dict[str, Any], channel: str, raw_id: int) -> None:
    """Enter an erased complaint that this book does not know, without its text: it counts, and says nothing.

    `columns` are a newcomer's; the caller stores the raw record `raw_id` with an empty body.
    """
    empty = {"data_key": ERASED, "title": "", "body": "", "gate_due": 0}
    seen = {"latest_raw": raw_id, "gated_raw": raw_id, "disappeared_at": None}
    pen.receive(subject, {**columns, **empty, **seen}, {"channel": channel, "raw": raw_id})
    pen.transition(subject, Event.WITHDRAW, {"reason": ERASURE}, reason=ERASURE)
    pen.note(subject, ERASURE, {"by": "tombstone"})
    set_up(pen.connection, [Tombstone(subject.reference, pen.at)], settled=True)


def mark_scrubbed(book: Book) -> None:
    """The database's files hold nothing any more of what was erased so far."""
    with book.write() as connection:
        connection.execute(
            update(tombstones)
            .where(_t.settled == 1, _t.scrubbed_at.is_(None))
            .values(scrubbed_at=book.clock.now())
        )
