"""Runs: when a job began and ended, and what came of it."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import insert, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.tables import runs


def start_run(book: Book, kind: str, subject: str) -> int:
    """Write that a job has begun; its number."""
    with book.write() as connection:
        (identifier,) = book.ids(connection, "runs", 1)
        connection.execute(
            insert(runs).values(
                id=identifier,
                kind=kind,
                subject=subject,
                state="running",
                started_at=book.clock.now(),
                counts="{}",
            )
        )
    return identifier


def finish_run(book: Book, run: int, counts: Mapping[str, int], error: str | None) -> None:
    """Write how it ended; a run that never ends was killed, and says so by having no end."""
    values = {
        "state": "failed" if error else "done",
        "finished_at": book.clock.now(),
        "counts": msgspec.json.encode(counts).decode(),
        "error": error,
    }
    with book.write() as connection:
        connection.execute(update(runs).where(runs.c.id == run).values(values))
