"""A complaint's raw records and versions, wherever they stand: in the working tables, or in a closed year's archive."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.crypto import ERASED, DataKey
from lapor_gateway.book.database import Book
from lapor_gateway.book.tables import archived, complaint_versions, complaints, raw_records
from lapor_gateway.book.year_files import ArchiveError, Part, Piece, PieceKind, missing

_a = archived.c
_c = complaints.c


class RawRecord(msgspec.Struct, frozen=True, array_like=True):
    """A row of `raw_records`, as its table has it."""

    id: int
    complaint: int
    channel: str
    delivery: str | None
    credential: str | None
    digest: bytes
    body: bytes
    received_at: int


class Version(msgspec.Struct, frozen=True, array_like=True):
    """A row of `complaint_versions`, as its table has it."""

    complaint: int
    version: int
    raw_record: int
    manifest_digest: str
    canonical_digest: bytes | None
    canonical: bytes | None
    faults: bytes | None
    mapped_at: int


_RAW_COLUMNS: Final = tuple(raw_records.c[name] for name in RawRecord.__struct_fields__)
_VERSION_COLUMNS: Final = tuple(complaint_versions.c[name] for name in Version.__struct_fields__)
_raw_decoder = msgspec.msgpack.Decoder(RawRecord)
_version_decoder = msgspec.msgpack.Decoder(Version)


class Mark(NamedTuple):
    """One part of a complaint that was moved: in which year's file, and how many pieces."""

    complaint: int
    entry: int
    year: int
    pieces: int

    @property
    def part(self) -> Part:
        return self.complaint, self.entry


def raw_records_of(
    book: Book, connection: Connection, ids: Sequence[int], *, absent: set[int] | None = None
) -> dict[int, list[RawRecord]]:
    """Every raw record of these complaints, oldest first. What was archived and erased cannot be read any more.

    Raises `ArchiveError` for a year whose file is missing or short; with `absent` such years are added to it instead.
    """
    found = [
        _raw_decoder.decode(plain)
        for plain in _from_files(book, connection, ids, PieceKind.RAW_RECORD, absent)
    ]
    return _grouped([*found, *working_raw_records(connection, ids)], lambda one: one.id)


def versions_of(
    book: Book, connection: Connection, ids: Sequence[int], *, absent: set[int] | None = None
) -> dict[int, list[Version]]:
    """Every version of these complaints, in order; otherwise as `raw_records_of`."""
    found = [
        _version_decoder.decode(plain)
        for plain in _from_files(book, connection, ids, PieceKind.VERSION, absent)
    ]
    return _grouped([*found, *working_versions(connection, ids)], lambda one: one.version)


def working_raw_records(connection: Connection, ids: Sequence[int]) -> list[RawRecord]:
    """Those that stand in the working tables."""
    query = select(*_RAW_COLUMNS).where(raw_records.c.complaint.in_(ids)).order_by(raw_records.c.id)
    return [RawRecord(*row) for row in connection.execute(query)]


def working_versions(connection: Connection, ids: Sequence[int]) -> list[Version]:
    """Those that stand in the working tables."""
    v = complaint_versions.c
    query = select(*_VERSION_COLUMNS).where(v.complaint.in_(ids)).order_by(v.complaint, v.version)
    return [Version(*row) for row in connection.execute(query)]


def marks_of(connection: Connection, ids: Sequence[int]) -> list[Mark]:
    """What of these complaints was moved into the archive."""
    query = select(_a.complaint, _a.entry, _a.year, _a.pieces).where(_a.complaint.in_(ids))
    return [Mark(*row) for row in connection.execute(query.order_by(_a.complaint, _a.entry))]


def seal(key: DataKey, entry: int, row: RawRecord | Version) -> Piece:
    """A row as it stands in the archive: whole, under its complaint's data key, bound to its place."""
    channel = row.channel if isinstance(row, RawRecord) else None
    piece = Piece(row.complaint, entry, *place_of(row), channel, b"")
    sealed = key.seal(msgspec.msgpack.encode(row), _purpose(piece))
    return msgspec.structs.replace(piece, sealed=sealed)


def place_of(row: RawRecord | Version) -> tuple[int, int]:
    """(kind, number) of a row among its complaint's pieces."""
    if isinstance(row, RawRecord):
        return int(PieceKind.RAW_RECORD), row.id
    return int(PieceKind.VERSION), row.version


def unseal(key: DataKey, piece: Piece) -> bytes:
    """The row's own bytes. Raises `WrongKeyError`."""
    return key.open(piece.sealed, _purpose(piece))


def _purpose(piece: Piece) -> bytes:
    return f"archive/{piece.complaint}/{piece.kind}/{piece.number}".encode()


def _from_files(
    book: Book, connection: Connection, ids: Sequence[int], kind: PieceKind, absent: set[int] | None
) -> Iterator[bytes]:
    marks = marks_of(connection, ids)
    if not marks:
        return
    keys = _keys(book, connection, sorted({mark.complaint for mark in marks}))
    by_year: dict[int, list[Mark]] = {}
    for mark in marks:
        if mark.complaint in keys:
            by_year.setdefault(mark.year, []).append(mark)
    for year, of_year in by_year.items():
        try:
            pieces = whole_parts(book, year, of_year)
        except ArchiveError:
            if absent is None:
                raise
            absent.add(year)
            continue
        yield from (unseal(keys[one.complaint], one) for one in pieces if one.kind == kind)


def whole_parts(book: Book, year: int, marks: Sequence[Mark]) -> list[Piece]:
    """The pieces of these parts. Raises `ArchiveError` where the file is missing, or has fewer or more of them."""
    wanted = {mark.part: mark.pieces for mark in marks}
    complaint_ids = sorted({mark.complaint for mark in marks})
    pieces = [one for one in book.archive.pieces(year, complaint_ids) if one.part in wanted]
    for piece in pieces:
        wanted[piece.part] -= 1
    if any(wanted.values()):
        raise missing(year)
    return pieces


def _keys(book: Book, connection: Connection, ids: Sequence[int]) -> dict[int, DataKey]:
    """The data keys that have not been destroyed."""
    query = select(_c.id, _c.reference, _c.data_key).where(_c.id.in_(ids), _c.data_key != ERASED)
    return {row.id: book.data_key(row.reference, row.data_key) for row in connection.execute(query)}


def _grouped(rows: Iterable[Any], order: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in sorted(rows, key=order):
        found.setdefault(row.complaint, []).append(row)
    return found
