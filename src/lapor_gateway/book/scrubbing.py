"""After an erasure: the database's own files, where what was overwritten may still stand in free pages and the WAL.

SQLite is rebuilt (`VACUUM`) and its write-ahead log cut to nothing, so that neither file holds an old page. PostgreSQL
is vacuumed: its dead rows are gone for every query, but its WAL, its archives and the blocks of the disk are its own
and forget in their own time. Rotating the master key and destroying the old one makes all such copies unreadable.
"""

import sqlite3
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from lapor_gateway.book.database import Book
from lapor_gateway.book.tombstones import mark_scrubbed

_TOUCHED: Final = "complaints, complaint_versions, outbound, audit, deliveries, repeats"


def scrub(book: Book) -> bool:
    """Clean the database's files of what erasures have overwritten; False where others kept them busy.

    Writers wait meanwhile (SQLite): some seconds a gigabyte. Safe to repeat.
    """
    try:
        done = _scrub_sqlite(book) if book.is_sqlite else _scrub_postgresql(book)
    except (sqlite3.OperationalError, DBAPIError):
        return False
    if done:
        mark_scrubbed(book)
        if book.is_sqlite:  # that the files are clean now is itself a write
            return _truncate_log(book)
    return done


def _scrub_sqlite(book: Book) -> bool:
    def rebuild(cursor: Any) -> bool:
        cursor.execute("PRAGMA temp_store=FILE")  # the copy is as large as the book
        cursor.execute("VACUUM")
        return _is_truncated(cursor)

    return _on_own_connection(book, rebuild)


def _truncate_log(book: Book) -> bool:
    return _on_own_connection(book, _is_truncated)


def _is_truncated(cursor: Any) -> bool:
    """Move the log into the file and cut it; waits for readers as long as any statement does."""
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    busy, *_ = cursor.fetchone()
    return not busy


def _scrub_postgresql(book: Book) -> bool:
    def vacuum(cursor: Any) -> bool:
        cursor.execute(f"VACUUM {_TOUCHED}")
        return True

    return _on_own_connection(book, vacuum)


def _on_own_connection(book: Book, work: Any) -> bool:
    """Run `work` on a driver's cursor outside any transaction, on a connection that nobody uses afterwards."""
    raw = book.engine.raw_connection()
    try:
        if not book.is_sqlite:
            driver: Any = raw.driver_connection
            driver.rollback()
            driver.set_autocommit(True)
        cursor = raw.cursor()
        try:
            return bool(work(cursor))
        finally:
            cursor.close()
    finally:
        raw.invalidate()
        raw.close()
