"""Moving closed complaints' raw records and versions out of the working tables, and back when one is needed again.

A batch is copied into its years' files and read back from the disk before the working tables let go of it, in one
transaction with the ledger's entries. Killed between the two, the copies are passed over and made again.
"""

from collections.abc import Sequence
from datetime import tzinfo
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, or_, select, update

from lapor_gateway.book import archived as a
from lapor_gateway.book.crypto import ERASED, DataKey, WrongKeyError
from lapor_gateway.book.database import Book, Statement
from lapor_gateway.book.findings import FindingState
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.tables import (
    archived,
    complaint_versions,
    complaints,
    findings,
    outbound,
    raw_records,
)
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.book.writing import Pen, Subject, load_subjects
from lapor_gateway.book.year_files import ArchiveError, Part, Piece, digest_of
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.lifecycle import State

ARCHIVED: Final = "archived"
RECALLED: Final = "recalled"
BATCH: Final = 200
_SETTLED: Final = (State.HISTORICAL, State.REJECTED, State.LINKED, State.WITHDRAWN)
_CLOSED: Final = [str(meaning) for meaning in StatusMeaning if meaning.is_closed]
_c = complaints.c
_CREATED: Final = func.coalesce(_c.source_created_at, _c.received_at)
_PUT_BACK_TIME: Final = Statement(
    update(complaints).where(_c.id == bindparam("which")).values(updated_at=bindparam("as_it_was")),
    ("as_it_was", "which"),
)


class Moved(msgspec.Struct, frozen=True):
    """What one batch did: complaints moved by year, and the last id that was looked at."""

    last: int
    by_year: dict[int, int]


class _Leaving(msgspec.Struct, frozen=True):
    """One complaint on its way: the entry that will say so, its year, and its rows."""

    id: int
    entry: int
    year: int
    updated_at: int
    key: DataKey
    raw_records: list[a.RawRecord]
    versions: list[a.Version]

    @property
    def part(self) -> Part:
        return self.id, self.entry

    @property
    def rows(self) -> list[a.RawRecord | a.Version]:
        return [*self.raw_records, *self.versions]


def due_by_year(book: Book, before: int, zone: tzinfo) -> dict[int, int]:
    """How many complaints would be moved, by the year of their creation in `zone`; `before` in microseconds."""
    counted: dict[int, int] = {}
    with book.read() as connection:
        query = select(_CREATED).where(*_is_due(before))
        for created in connection.execution_options(yield_per=5000).execute(query).scalars():
            year = _year(created, zone)
            counted[year] = counted.get(year, 0) + 1
    return dict(sorted(counted.items()))


def move_batch(book: Book, lease: Lease, before: int, zone: tzinfo, *, by: str, after: int) -> Moved | None:
    """Move up to `BATCH` complaints created before `before` with an id beyond `after`; None where there is none left.

    One that changed meanwhile stays and is due again. Raises `ArchiveError` where a file cannot be written or does
    not hold afterwards what was written, `LeaseLostError`; then the working tables still have everything.
    """
    with book.read() as connection:
        leaving = _leaving(book, connection, before, zone, after)
        book_id = identity_of(connection)
    if not leaving:
        return None
    digests: dict[Part, tuple[int, str]] = {}
    for year in sorted({one.year for one in leaving}):
        digests |= _copied(book, book_id, year, [one for one in leaving if one.year == year])
    by_year = book.transact(partial(_let_go, book, lease, leaving, digests, by))
    return Moved(leaving[-1].id, by_year)


def note_run(book: Book, *, by: str, before: str, moved: int) -> None:
    """Write, in the audit, who moved how much."""
    with book.write() as connection:
        facts = {"before": before, "complaints": moved}
        write_audit(book, connection, pseudonym(book, connection, by), "archive", "book", facts)


def recall(book: Book, pen: Pen, subject: Subject) -> None:
    """Bring an archived complaint's rows back into the working tables, for what is about to need them.

    The file keeps its copy, which nothing speaks of any more. Raises `ArchiveError`, and then changes nothing.
    """
    marks = a.marks_of(pen.connection, [subject.id])
    if not marks:
        return
    here = {row.id for row in a.working_raw_records(pen.connection, [subject.id])}
    versions_here = {row.version for row in a.working_versions(pen.connection, [subject.id])}
    raws = a.raw_records_of(book, pen.connection, [subject.id]).get(subject.id, [])
    versions = a.versions_of(book, pen.connection, [subject.id]).get(subject.id, [])
    _insert(pen.connection, raw_records, [row for row in raws if row.id not in here])
    _insert(pen.connection, complaint_versions, [row for row in versions if row.version not in versions_here])
    pen.connection.execute(delete(archived).where(archived.c.complaint == subject.id))
    pen.note(subject, RECALLED, {"years": sorted({mark.year for mark in marks})})


def identity_of(connection: Connection) -> str:
    """The book's own id, which its archive carries, too."""
    query = select(book_table.c.value).where(book_table.c.name == "id")
    return str(connection.execute(query).scalar_one())


def _insert(connection: Connection, table: Any, rows: Sequence[msgspec.Struct]) -> None:
    if rows:
        connection.execute(insert(table), [msgspec.structs.asdict(row) for row in rows])


def _is_due(before: int) -> list[ColumnElement[bool]]:
    """Finished, old enough, and nothing open about it; what is erased has no key to be sealed with, and stays."""
    closed = or_(_c.regional_status.in_(_CLOSED), _c.national_status.in_(_CLOSED), _c.updated_at < before)
    found = select(findings.c.subject).where(findings.c.state == FindingState.OPEN)
    tried = select(outbound.c.complaint).where(outbound.c.outcome.is_(None))
    return [
        before > _CREATED,
        or_(_c.state.in_(_SETTLED), (_c.state == State.ACCEPTED) & closed),
        _c.gate_due == 0,
        _c.data_key != ERASED,
        select(raw_records.c.id).where(raw_records.c.complaint == _c.id).exists(),
        _c.reference.not_in(found),  # both are short lists, read once
        _c.id.not_in(tried),
    ]


def _year(created: int, zone: tzinfo) -> int:
    return to_datetime(created).astimezone(zone).year


def _leaving(book: Book, connection: Connection, before: int, zone: tzinfo, after: int) -> list[_Leaving]:
    columns = (_c.id, _c.reference, _c.ledger_seq, _c.updated_at, _c.data_key, _CREATED.label("created"))
    query = select(*columns).where(*_is_due(before), _c.id > after).order_by(_c.id).limit(BATCH)
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    raws, versions = a.working_raw_records(connection, ids), a.working_versions(connection, ids)
    return [
        _Leaving(
            row.id,
            row.ledger_seq + 1,
            _year(row.created, zone),
            row.updated_at,
            book.data_key(row.reference, row.data_key),
            [raw for raw in raws if raw.complaint == row.id],
            [version for version in versions if version.complaint == row.id],
        )
        for row in rows
    ]


def _copied(book: Book, book_id: str, year: int, leaving: Sequence[_Leaving]) -> dict[Part, tuple[int, str]]:
    """Put these into the year's file and read them back: pieces and digest of each part as it stands on the disk."""
    pieces = [a.seal(one.key, one.entry, row) for one in leaving for row in one.rows]
    book.archive.put(book_id, year, pieces)
    found = _read_back(book, year, leaving)
    strangers = [one.part for one in leaving if not _is_copy(one, found.get(one.part, []))]
    if strangers:  # of a book that was put back and went another way since: this one does not speak of them
        book.archive.forget(book_id, year, strangers)
        book.archive.put(book_id, year, [piece for piece in pieces if piece.part in set(strangers)])
        found = _read_back(book, year, leaving)
    if not all(_is_copy(one, found.get(one.part, [])) for one in leaving):
        raise ArchiveError(
            f"The archive {year}.db does not hold what was just written into it.",
            cure="Check the disk; nothing has left the working tables.",
        )
    return {part: (len(there), digest_of(there)) for part, there in found.items()}


def _read_back(book: Book, year: int, leaving: Sequence[_Leaving]) -> dict[Part, list[Piece]]:
    wanted = {one.part for one in leaving}
    found: dict[Part, list[Piece]] = {}
    for piece in book.archive.pieces(year, [one.id for one in leaving]):
        if piece.part in wanted:
            found.setdefault(piece.part, []).append(piece)
    return found


def _is_copy(one: _Leaving, pieces: Sequence[Piece]) -> bool:
    try:
        there = {(piece.kind, piece.number): a.unseal(one.key, piece) for piece in pieces}
    except WrongKeyError:
        return False
    return there == {a.place_of(row): msgspec.msgpack.encode(row) for row in one.rows}


def _let_go(
    book: Book,
    lease: Lease,
    leaving: Sequence[_Leaving],
    digests: dict[Part, tuple[int, str]],
    by: str,
    connection: Connection,
) -> dict[int, int]:
    lease.require(connection)
    pen = Pen(connection, book.clock.now(), pseudonym(book, connection, by))
    subjects = load_subjects(connection, [one.id for one in leaving])
    gone = [one for one in leaving if one.id in subjects and subjects[one.id].seq + 1 == one.entry]
    by_year: dict[int, int] = {}
    marks = []
    for one in gone:
        count, digest = digests[one.part]
        counts = {"raw_records": len(one.raw_records), "versions": len(one.versions)}
        pen.note(subjects[one.id], ARCHIVED, {"year": one.year, **counts, "sha256": digest})
        marks.append({"complaint": one.id, "entry": one.entry, "year": one.year, "pieces": count})
        by_year[one.year] = by_year.get(one.year, 0) + 1
    if gone:
        ids = [one.id for one in gone]
        connection.execute(delete(raw_records).where(raw_records.c.complaint.in_(ids)))
        connection.execute(delete(complaint_versions).where(complaint_versions.c.complaint.in_(ids)))
        connection.execute(insert(archived), marks)
        pen.flush()
        # Moving is no news of the complaint: retention goes on counting from what happened to it last.
        _PUT_BACK_TIME.run(connection, [(one.updated_at, one.id) for one in gone])
    return by_year
