"""What a complete listing no longer shows: a finding, or an entry where the channel's rule accepts it."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import (
    FindingKind,
    accepted_facts,
    open_subjects,
    raise_finding,
    settle_finding,
    use_up_acceptance,
)
from lapor_gateway.book.tables import complaints
from lapor_gateway.book.writing import SOURCE, SUBJECT_COLUMNS, Pen, Subject, subject_of
from lapor_gateway.clock import to_instant
from lapor_gateway.sources.manifest import ChannelManifest

_BATCH = 1000
_MANY = 20  # of so few any part may really have been deleted at once


class ShownIds:
    """The distinct source ids a listing has shown, in bounded memory: SQLite spills what is many to a file."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE shown (id TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, source_ids: Iterable[str]) -> None:
        self._database.executemany("INSERT OR IGNORE INTO shown VALUES (?)", [(one,) for one in source_ids])

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM shown").fetchone()[0])

    def __contains__(self, source_id: str) -> bool:
        return self._database.execute("SELECT 1 FROM shown WHERE id = ?", (source_id,)).fetchone() is not None

    def close(self) -> None:
        self._database.close()


class _Compared(msgspec.Struct):
    """The book beside a complete listing: how many complaints it should show, and which it does not."""

    known: int = 0
    fresh: int = 0
    missing: list[tuple[Subject, str]] = []
    returned: list[Subject] = []
    erased: set[int] = set()

    @property
    def is_incredible(self) -> bool:
        """Whether so much is missing at once that the listing is likelier to be wrong than the complaints gone."""
        return self.fresh > _MANY and 2 * self.fresh > self.known


def note_disappearances(book: Book, channel: ChannelManifest, shown: ShownIds, *, before: datetime) -> int:
    """Compare the book with a complete listing begun at `before`; how many complaints it no longer shows.

    With `deleted = "accept"` each is recorded; otherwise it is a finding until a person decides. One that the
    listing shows again closes its finding. A listing that lacks most of what is known is one finding by itself,
    and nothing is recorded by it, unless a person accepted that so many are gone.
    """
    compared = _compared(book, channel, shown, to_instant(before))
    shrank = FindingKind.LISTING_SHRANK
    if compared.is_incredible and not _is_believed(book, channel, compared.fresh):
        facts = {"known": compared.known, "missing": compared.fresh}
        with book.write() as connection:
            raise_finding(book, connection, shrank, channel.id, channel.id, facts)
    elif compared.missing or compared.returned or channel.id in open_subjects(book, shrank):
        with book.write() as connection:
            settle_finding(book, connection, shrank, channel.id)
            if compared.is_incredible:
                use_up_acceptance(book, connection, shrank, channel.id)
            _record(book, connection, channel, compared)
    return len(compared.missing)


def _compared(book: Book, channel: ChannelManifest, shown: ShownIds, before: int) -> _Compared:
    found = _Compared()
    known_missing = open_subjects(book, FindingKind.MISSING_AT_SOURCE)
    for subject, source_id, disappeared, erased in _of_origin(book, channel.origin, before):
        found.known += not disappeared
        if source_id in shown:
            found.returned += [subject] if subject.reference in known_missing else []
        elif not disappeared:
            found.missing.append((subject, source_id))
            found.erased |= {int(subject.id)} if erased else set()
            found.fresh += subject.reference not in known_missing
    return found


def _is_believed(book: Book, channel: ChannelManifest, missing: int) -> bool:
    with book.read() as connection:
        facts = accepted_facts(connection, FindingKind.LISTING_SHRANK, channel.id)
    return facts is not None and missing <= facts["missing"]


def _record(book: Book, connection: Connection, channel: ChannelManifest, compared: _Compared) -> None:
    kind = FindingKind.MISSING_AT_SOURCE
    pen = Pen(connection, book.clock.now(), SOURCE)
    for subject in compared.returned:
        settle_finding(book, connection, kind, subject.reference)
    for subject, source_id in compared.missing:
        if channel.deleted == "accept" or subject.id in compared.erased:
            rule = "erased" if subject.id in compared.erased else "accept"
            pen.note(subject, "disappeared", {"rule": rule}, disappeared_at=pen.at)
        else:
            raise_finding(book, connection, kind, subject.reference, channel.id, {"source_id": source_id})
    pen.flush()


def _of_origin(book: Book, origin: str, before: int) -> Iterator[tuple[Subject, str, bool, bool]]:
    """(complaint, its id at the source, whether it disappeared, whether it was erased) of every one, by id."""
    c = complaints.c
    last = 0
    while True:
        with book.read() as connection:
            rows = connection.execute(
                select(*SUBJECT_COLUMNS, c.source_id, c.disappeared_at, c.data_key)
                .where(c.origin == origin, c.received_at < before, c.id > last)
                .order_by(c.id)
                .limit(_BATCH)
            ).all()
        if not rows:
            return
        last = rows[-1].id
        for row in rows:
            gone = row.disappeared_at is not None
            yield subject_of(tuple(row)), row.source_id, gone, row.data_key == ERASED
