"""Deadlines of open complaints computed from nothing, and again: `python -m tests.bench.deadlines`.

Each complaint has three clocks and one pause. `--database` measures on a PostgreSQL (an empty database) instead.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from lapor_gateway.book.database import Book
from lapor_gateway.book.deadline_lists import DeadlineFilter, counts_by_channel, list_deadlines
from lapor_gateway.book.deadlines import refresh
from lapor_gateway.book.tables import complaints, ledger_entries, milestones
from tests.support.books import START, make_book
from tests.support.deadlines import counting, rules

_HOUR = 3_600 * 1_000_000
_AT_ONCE = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.deadlines", description=__doc__)
    parser.add_argument("--complaints", type=int, default=50_000)
    parser.add_argument("--database", help="SQLAlchemy URL (default: an SQLite file in the temporary folder)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        book = make_book(asked.database or f"sqlite:///{Path(folder) / 'book.db'}")
        try:
            _fill(book, asked.complaints)
            _measure(book, asked.complaints)
        finally:
            book.close()


def _measure(book: Book, count: int) -> None:
    first, same, ruled = (_timed(partial(_refresh, book, name)) for name in ("first", "first", "second"))

    def counts() -> None:
        with book.read() as connection:
            counts_by_channel(connection, book.clock.now())

    counted, listed = _timed(counts), _timed(lambda: list_deadlines(book, DeadlineFilter(), limit=500))
    print(
        f"{count:,} open complaints, {book.engine.dialect.name}; CPU of this process (and time) in seconds:"
    )
    print(f"computed from nothing {first}; again, no row differs {ruled}; nothing changed {same}")
    print(f"counts by channel {counted}; first 500 of the list {listed}")


def _refresh(book: Book, digest: str) -> None:
    how = counting()
    refresh(book, rules(), lambda _: how, digest)


def _timed(work: Callable[[], object]) -> str:
    started, busy = time.perf_counter(), time.process_time()
    work()
    return f"{time.process_time() - busy:.2f} ({time.perf_counter() - started:.2f})"


def _fill(book: Book, count: int) -> None:
    """Complaints accepted over the 30 days before now, forwarded after a day, one in two answered."""
    now = int(START.timestamp() * 1_000_000)
    for first in range(1, count + 1, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, count + 1))
        with book.write() as connection:
            connection.execute(insert(complaints), [_complaint(number, now) for number in numbers])
            connection.execute(insert(milestones), [_moments(number, now) for number in numbers])
            lines = [_entry(number, seq, now) for number in numbers for seq in (1, 2, 3)]
            connection.execute(insert(ledger_entries), lines)


def _complaint(number: int, now: int) -> dict[str, object]:
    same = dict.fromkeys(("origin", "region", "account"), "uji")
    none = dict.fromkeys(("attempts", "next_attempt_at", "latest_raw", "gated_raw", "gate_due"), 0)
    blank = dict.fromkeys(("raw_digest", "ledger_head", "data_key"), b"")
    return {
        **same, **none, **blank, "id": number, "reference": f"LG-{number}", "source_id": str(number),
        "channel": f"uji.{number % 4}", "state": "accepted", "waiting_for": "nobody", "kind": "pengaduan",
        "tracking_id": str(number), "received_at": now, "updated_at": now, "current_version": 1, "last_version": 1,
        "ledger_seq": 3,
    }  # fmt: skip


def _moments(number: int, now: int) -> dict[str, object]:
    began = now - number % 720 * _HOUR
    answered = began + 30 * _HOUR if number % 2 else None
    return {
        "complaint": number, "region": "uji", "reported_at": began, "accepted_at": began,
        "verified_at": began + 20 * _HOUR, "forwarded_at": began + 24 * _HOUR, "first_follow_up_at": answered,
        "last_follow_up_at": answered,
    }  # fmt: skip


def _entry(number: int, seq: int, now: int) -> dict[str, object]:
    kind = ("received", "national_status", "national_status")[seq - 1]
    facts = ("{}", '{"meaning":"open","word":"Ditunda"}', '{"meaning":"in_progress","word":"Dalam Proses"}')[
        seq - 1
    ]
    return {
        "subject": f"LG-{number}", "complaint": number, "seq": seq, "encoding": 1, "kind": kind,
        "at": now - (number % 720 - 26 * seq) * _HOUR, "actor": "gateway", "facts": facts, "previous": b"",
    }  # fmt: skip


if __name__ == "__main__":
    main()
