"""What a complete listing no longer shows: a finding, or an entry where the channel's rule accepts it."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import select

from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, open_subjects, raise_finding, settle_finding
from lapor_gateway.book.tables import complaints
from lapor_gateway.book.writing import SOURCE, SUBJECT_COLUMNS, Pen, Subject, subject_of
from lapor_gateway.clock import to_instant
from lapor_gateway.sources.manifest import ChannelManifest

_BATCH = 1000


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


def note_disappearances(book: Book, channel: ChannelManifest, shown: ShownIds, *, before: datetime) -> int:
    """Compare the book with a complete listing begun at `before`; how many complaints it no longer shows.

    With `deleted = "accept"` each is recorded; otherwise it is a finding until a person decides. One that the
    listing shows again closes its finding.
    """
    kind = FindingKind.MISSING_AT_SOURCE
    missing: list[tuple[Subject, str]] = []
    returned: list[Subject] = []
    known_missing = open_subjects(book, kind)
    for subject, source_id, disappeared in _of_origin(book, channel.origin, to_instant(before)):
        if source_id in shown:
            returned += [subject] if subject.reference in known_missing else []
        elif not disappeared:
            missing.append((subject, source_id))
    if missing or returned:
        with book.write() as connection:
            pen = Pen(connection, book.clock.now(), SOURCE)
            for subject in returned:
                settle_finding(book, connection, kind, subject.reference)
            for subject, source_id in missing:
                if channel.deleted == "accept":
                    pen.note(subject, "disappeared", {"rule": "accept"}, disappeared_at=pen.at)
                else:
                    raise_finding(
                        book, connection, kind, subject.reference, channel.id, {"source_id": source_id}
                    )
            pen.flush()
    return len(missing)


def _of_origin(book: Book, origin: str, before: int) -> Iterator[tuple[Subject, str, bool]]:
    c = complaints.c
    last = 0
    while True:
        with book.read() as connection:
            rows = connection.execute(
                select(*SUBJECT_COLUMNS, c.source_id, c.disappeared_at)
                .where(c.origin == origin, c.received_at < before, c.id > last)
                .order_by(c.id)
                .limit(_BATCH)
            ).all()
        if not rows:
            return
        last = rows[-1].id
        for row in rows:
            yield subject_of(tuple(row)), row.source_id, row.disappeared_at is not None
