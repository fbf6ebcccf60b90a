"""What the archive holds, counted and checked: its files against the book's marks, and against the ledger's entries."""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, select

from lapor_gateway.batches import batches
from lapor_gateway.book.archived import Mark
from lapor_gateway.book.archiving import ARCHIVED, RECALLED, identity_of
from lapor_gateway.book.database import Book
from lapor_gateway.book.streaming import by_complaint, streamed
from lapor_gateway.book.tables import archived, complaints, ledger_entries
from lapor_gateway.book.year_files import ArchiveError, Part, Piece, Summary, digest_of

_a = archived.c
_c = complaints.c
_e = ledger_entries.c
_BATCH: Final = 500
_MOST_NAMED: Final = 10


class YearView(msgspec.Struct, frozen=True):
    """One closed year: complaints whose records the book moved there, and its file's bytes (None: it is missing)."""

    year: int
    file: str
    complaints: int
    bytes: int | None


class Verified(msgspec.Struct):
    """What `verify_archive` found: parts whose digest is the ledger's, and those where it is not (ten named)."""

    parts: int = 0
    good: int = 0
    faults: list[str] = []


class Standing(msgspec.Struct, frozen=True):
    """A complaint with archived records: how many raw records are in the files, and who showed the oldest."""

    complaint: int
    raw_records: int
    channel: str | None


def list_years(book: Book) -> list[YearView]:
    """Every year that the book or the folder knows of, oldest first."""
    with book.read() as connection:
        query = select(_a.year, func.count(_a.complaint.distinct())).group_by(_a.year)
        known: dict[int, int] = {row[0]: row[1] for row in connection.execute(query)}
    years = sorted({*known, *book.archive.years()})
    return [
        YearView(year, f"archive/{year:04d}.db", known.get(year, 0), book.archive.size(year))
        for year in years
    ]


def standings(book: Book, connection: Connection) -> Iterator[Standing]:
    """Every complaint that has archived raw records in files that can be read, by its id, in bounded memory."""
    for complaint, parts in groupby(_parts(book, connection), key=lambda one: one[0].complaint):
        found = [summary for _, summary in parts if summary is not None and summary.raw_records]
        if found:
            oldest = min(found, key=lambda one: one.oldest or 0)
            yield Standing(complaint, sum(one.raw_records for one in found), oldest.channel)


def file_faults(book: Book, connection: Connection) -> Iterator[tuple[str, str]]:
    """(channel, fault) for every file that is missing or short of what the book moved there."""
    short: dict[int, int] = {}
    for mark, summary in _parts(book, connection):
        if summary is None or summary.pieces != mark.pieces:
            short[mark.year] = short.get(mark.year, 0) + 1
    query = (
        select(_a.year, _c.channel)
        .join(complaints, _c.id == _a.complaint)
        .where(_a.year.in_(sorted(short)))
        .distinct()
    )
    for year, channel in connection.execute(query.order_by(_a.year, _c.channel)).all():
        yield channel, f"the archive {year}.db is missing or lacks the records of {short[year]} complaints"


def verify_archive(book: Book, year: int | None = None) -> Verified:
    """Compare every archived part (of `year`, or all) with the digest in the ledger's entry; needs no key."""
    verified = Verified()
    with book.read() as connection:
        for batch in batches(_told(connection), _BATCH):
            _verify_batch(book, connection, [one for one in batch if year in (None, one.year)], verified)
    return verified


class _Told(msgspec.Struct, frozen=True):
    """What the ledger says of one part that stands in the archive."""

    complaint: int
    entry: int
    reference: str
    year: int
    sha256: str

    @property
    def part(self) -> Part:
        return self.complaint, self.entry


def _told(connection: Connection) -> Iterator[_Told]:
    """Of every complaint the parts that its entries say are in the archive: what was recalled is there no more."""
    query = (
        select(_e.complaint, _e.seq, _e.subject, _e.kind, _e.facts)
        .where(_e.complaint.is_not(None), _e.kind.in_((ARCHIVED, RECALLED)))
        .order_by(_e.complaint, _e.seq)
    )
    for complaint, rows in by_complaint(connection, query):
        told: list[_Told] = []
        for _, seq, subject, kind, text in rows:
            if kind == RECALLED:
                told = []
            else:
                facts = msgspec.json.decode(text, type=dict[str, Any])
                told.append(_Told(complaint, seq, subject, facts["year"], facts["sha256"]))
        yield from told


def _verify_batch(book: Book, connection: Connection, told: Sequence[_Told], verified: Verified) -> None:
    query = select(_a.complaint, _a.entry, _a.year).where(_a.complaint.in_([one.complaint for one in told]))
    marks = {(row.complaint, row.entry): row.year for row in connection.execute(query)}
    troubled: dict[int, ArchiveError] = {}
    found: dict[int, dict[Part, list[Piece]]] = {}
    for year in sorted({one.year for one in told}):
        try:
            pieces = book.archive.pieces(year, [one.complaint for one in told if one.year == year])
        except ArchiveError as error:
            troubled[year] = error
        else:
            found[year] = {part: list(of) for part, of in groupby(pieces, key=lambda one: one.part)}
    for one in told:
        verified.parts += 1
        if one.year in troubled:
            _note(verified, troubled[one.year].message)
        elif digest_of(found[one.year].get(one.part, [])) != one.sha256:
            _note(
                verified, f"What {one.year}.db has of {one.reference} is not what the ledger says was moved."
            )
        elif marks.get(one.part) != one.year:
            _note(verified, f"The book has lost that {one.reference} stands in {one.year}.db.")
        else:
            verified.good += 1


def _note(verified: Verified, fault: str) -> None:
    if fault not in verified.faults and len(verified.faults) < _MOST_NAMED:
        verified.faults.append(fault)


def _parts(book: Book, connection: Connection) -> Iterator[tuple[Mark, Summary | None]]:
    """Every mark of the book with what its file holds, by complaint; None where the file has nothing, or is none."""
    query = select(_a.complaint, _a.entry, _a.year, _a.pieces).order_by(_a.complaint, _a.entry)
    book_id = identity_of(connection)
    years = connection.execute(select(_a.year).distinct()).scalars().all()
    summaries = merge(*(_readable(book, year, book_id) for year in years), key=lambda one: one[1].part)
    there = next(summaries, None)
    for row in streamed(connection, query):
        mark = Mark(*row)
        while there is not None and there[1].part < mark.part:
            there = next(summaries, None)
        found = None
        while there is not None and there[1].part == mark.part:
            found = there[1] if there[0] == mark.year else found
            there = next(summaries, None)
        yield mark, found


def _readable(book: Book, year: int, book_id: str) -> Iterator[tuple[int, Summary]]:
    """What a file holds, as far as it can be read: the marks beyond that tell what is missing."""
    try:
        for summary in book.archive.summaries(year, book_id):
            yield year, summary
    except ArchiveError:
        return
