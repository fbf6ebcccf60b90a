"""The archive's files: one SQLite file a closed year, with sealed pieces of complaints.

A piece is a raw record or a version, sealed whole under its complaint's data key, filed under the complaint, the number
of the ledger's entry that says it left, and its own number. Files are only ever added to: a piece that no entry of the
book speaks of (a killed move, a complaint that came back, a newer file beside an older book) is passed over.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from lapor_gateway.durable import sync_folder
from lapor_gateway.errors import ConfigurationError, GatewayError

_BUSY_SECONDS: Final = 60
_FORMAT: Final = "1"
_NAME: Final = "[0-9][0-9][0-9][0-9].db"
_ABOUT: Final = "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
_PIECES: Final = """
CREATE TABLE IF NOT EXISTS pieces (
    complaint INTEGER NOT NULL, entry INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL,
    channel TEXT, sealed BLOB NOT NULL, PRIMARY KEY (complaint, entry, kind, number)
)
"""
Part = tuple[int, int]
"""What one entry of the ledger speaks of: (complaint, number of the entry in its chain)."""


class PieceKind(IntEnum):
    RAW_RECORD = 1
    VERSION = 2


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """One sealed raw record (`number` is its id, `channel` who showed it) or version (`number` is the version)."""

    complaint: int
    entry: int
    kind: int
    number: int
    channel: str | None
    sealed: bytes

    @property
    def part(self) -> Part:
        return self.complaint, self.entry


class Summary(msgspec.Struct, frozen=True):
    """What a file holds of one part: pieces in all, raw records, and the oldest of these with its channel."""

    complaint: int
    entry: int
    pieces: int
    raw_records: int
    oldest: int | None
    channel: str | None

    @property
    def part(self) -> Part:
        return self.complaint, self.entry


class ArchiveError(GatewayError):
    """The file of an archived year is not there, or is not what the book says it is."""

    kind = "archive"


def missing(year: int) -> ArchiveError:
    return ArchiveError(
        f"The archive {year}.db is not there, or lacks what the book moved into it.",
        cure=f"Put {year}.db back into the folder archive of the data folder, from the newest copy there is.",
    )


def digest_of(pieces: Sequence[Piece]) -> str:
    """SHA-256 of a part as it stands in the file, in hex: needs no key, and says nothing of what is sealed."""
    rows = sorted((p.kind, p.number, p.channel or "", p.sealed) for p in pieces)
    return hashlib.sha256(msgspec.msgpack.encode(rows)).hexdigest()


class YearFiles:
    """The folder of the files; None for a book that was opened without one: then every file is missing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def years(self) -> list[int]:
        """The years that have a file, oldest first."""
        return [] if self.folder is None else sorted(int(path.stem) for path in self.folder.glob(_NAME))

    def size(self, year: int) -> int | None:
        """Bytes of a year's file; None where it is missing."""
        path = self._path(year)
        return path.stat().st_size if path is not None and path.is_file() else None

    def put(self, book_id: str, year: int, pieces: Sequence[Piece]) -> None:
        """Add pieces; those that are there stay as they are. On the disk when this returns."""
        with self._writing(book_id, year) as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO pieces (complaint, entry, kind, number, channel, sealed)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [msgspec.structs.astuple(piece) for piece in pieces],
            )

    def forget(self, book_id: str, year: int, parts: Sequence[Part]) -> None:
        """Take away parts that the book does not speak of, so that others can stand in their place."""
        with self._writing(book_id, year) as connection:
            connection.executemany("DELETE FROM pieces WHERE complaint = ? AND entry = ?", parts)

    def pieces(self, year: int, complaints: Sequence[int]) -> list[Piece]:
        """Every piece of these complaints, in order. Raises `ArchiveError`."""
        with self._reading(year) as connection:
            rows = connection.execute(
                "SELECT complaint, entry, kind, number, channel, sealed FROM pieces"
                " WHERE complaint IN (SELECT value FROM json_each(?)) ORDER BY complaint, entry, kind, number",
                (msgspec.json.encode(complaints).decode(),),
            )
            return [Piece(*row) for row in rows]

    def summaries(self, year: int, book_id: str) -> Iterator[Summary]:
        """Every part in the order of complaint and entry, in bounded memory. Raises `ArchiveError`."""
        with self._reading(year) as connection:
            _require_own(connection, book_id, year)
            # SQLite takes a bare column from the row that holds the one minimum.
            rows = connection.execute(
                "SELECT complaint, entry, count(*), sum(kind = 1), min(CASE kind WHEN 1 THEN number END), channel"
                " FROM pieces GROUP BY complaint, entry ORDER BY complaint, entry"
            )
            for row in rows:
                yield Summary(*row)

    @contextlib.contextmanager
    def _reading(self, year: int) -> Iterator[sqlite3.Connection]:
        path = self._path(year)
        if path is None or not path.is_file():
            raise missing(year)
        # rw, not ro: whoever comes after a killed writer must roll back; on a read-only disk SQLite reads all the same.
        with _opened(year, lambda: _connect(path, "rw")) as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self, book_id: str, year: int) -> Iterator[sqlite3.Connection]:
        path = self._path(year)
        if path is None:
            raise ConfigurationError("This book was opened without a folder for its archive.")
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        with _opened(year, lambda: _connect(path, "rwc")) as connection:
            connection.execute("PRAGMA synchronous=EXTRA")
            connection.execute("BEGIN IMMEDIATE")
            for statement in (_ABOUT, _PIECES):
                connection.execute(statement)
            about = [("format", _FORMAT), ("book", book_id), ("year", str(year))]
            connection.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", about)
            _require_own(connection, book_id, year)
            yield connection
            connection.execute("COMMIT")
        if is_new:
            sync_folder(path.parent)
            sync_folder(path.parent.parent)

    def _path(self, year: int) -> Path | None:
        return None if self.folder is None else self.folder / f"{year:04d}.db"


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
    )


@contextlib.contextmanager
def _opened(year: int, connect: Callable[[], sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
    """A connection whose every failure is an `ArchiveError`; what was begun and not committed is rolled back."""
    try:
        with contextlib.closing(connect()) as connection:
            yield connection
    except sqlite3.Error as error:
        raise ArchiveError(
            f"The archive {year}.db cannot be read or written.",
            detail=str(error),
            cure=f"Check the disk's free space and rights; else put back {year}.db from the newest copy there is.",
        ) from error


def _require_own(connection: sqlite3.Connection, book_id: str, year: int) -> None:
    about: dict[str, Any] = dict(connection.execute("SELECT name, value FROM about").fetchall())
    if (about.get("format"), about.get("book"), about.get("year")) != (_FORMAT, book_id, str(year)):
        raise ArchiveError(
            f"The archive {year}.db belongs to another book, another year or another version of this program.",
            cure=f"Put the right {year}.db into the folder archive of the data folder.",
        )
