"""The ledger's seal on a generated book: sealing, verifying, one proof. `python -m tests.bench.ledger`."""

import argparse
import asyncio
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from lapor_gateway.book.database import Book
from lapor_gateway.book.leases import acquire
from lapor_gateway.book.ledger import GENESIS
from lapor_gateway.book.proofs import prove
from lapor_gateway.book.sealing import LEASE, seal
from lapor_gateway.book.writing import SOURCE, SYSTEM, Pen, Subject
from lapor_gateway.domain.complaint import ComplaintId, Origin
from lapor_gateway.domain.lifecycle import Event, State
from lapor_gateway.domain.notes import Note
from lapor_gateway.jobs.verification import Verdict, Verification, verify_book
from lapor_gateway.jobs.witness import FileWitness, Guard, Handed
from tests.bench.yardstick_ledger import verified as yardstick
from tests.support.books import make_book

ENTRIES_A_COMPLAINT = 4
_BATCH = 2_500
_PROOFS = 200
T = TypeVar("T")


def main() -> None:
    asked = _arguments()
    root = Path(tempfile.mkdtemp(prefix="bench-", dir=asked.folder))
    try:
        url = asked.database or f"sqlite:///{root / 'book.db'}"
        book = make_book(url)
        complaints = asked.entries // ENTRIES_A_COMPLAINT
        generated, _ = _timed(lambda: _generate(book, complaints))
        print(
            f"{complaints * ENTRIES_A_COMPLAINT:,} entries of {complaints:,} complaints in {generated:.0f} s",
            file=sys.stderr,
        )
        _measure(book, url, root, complaints, asked.runs)
        book.close()
    finally:
        shutil.rmtree(root)


def _measure(book: Book, url: str, root: Path, complaints: int, runs: int) -> None:
    entries = complaints * ENTRIES_A_COMPLAINT
    sealing, _ = _timed(lambda: _seal(book, root))
    print(f"sealing: {1e6 * sealing / entries:.1f} µs an entry, {entries / sealing:,.0f}/s")
    notes = [("witness", note) for note in asyncio.run(_witness(root).notes(_book_id(book))) or []]
    for processes in (1, 2):
        rates, bare = [], []
        for _ in range(runs):
            rates.append(_rate(entries, partial(_verified, book, url, notes, entries, processes)))
            if url.startswith("sqlite"):
                bare.append(_rate(entries, partial(yardstick, root / "book.db")))
        print(f"verifying, {processes} process{'es' * (processes > 1)}: {_told(rates)}")
        if bare:
            print(f"    beside it a bare loop over the chain alone: {_told(bare)}")
    chosen = range(1, complaints + 1, max(1, complaints // _PROOFS))
    times = sorted(_timed(partial(prove, book, number))[0] for number in chosen)
    print(
        f"one proof: median {1e3 * times[len(times) // 2]:.1f} ms, 99 of 100 within {1e3 * times[-3]:.1f} ms"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB, of a helping process {children:.0f} MB")


def _verified(book: Book, url: str, notes: list[tuple[str, Note]], entries: int, processes: int) -> None:
    _expect(verify_book(book, url, notes, processes=processes), entries)


def _rate(entries: int, work: Callable[[], object]) -> tuple[float, float]:
    """Entries a second of wall time, and a second of CPU time in all processes."""
    before = _cpu_seconds()
    spent, _ = _timed(work)
    return entries / spent, entries / (_cpu_seconds() - before)


def _told(rates: list[tuple[float, float]]) -> str:
    wall, cpu = (statistics.median(column) for column in zip(*rates, strict=True))
    return f"{wall:,.0f} entries/s, {cpu:,.0f} a CPU second"


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ledger", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--folder", type=Path, help="where the book is made (default: the system's temporary folder)"
    )
    parser.add_argument("--database", help="an empty PostgreSQL database instead of a file")
    return parser.parse_args()


def _generate(book: Book, complaints: int) -> None:
    """Complaints that were received, mapped, attempted and taken, each entry as the pen writes it."""
    for start in range(1, complaints + 1, _BATCH):
        numbers = range(start, min(start + _BATCH, complaints + 1))
        with book.write() as connection:
            subjects = [_subject(book, number) for number in numbers]
            at = book.clock.now()
            source, system = Pen(connection, at, SOURCE), Pen(connection, at, SYSTEM)
            for subject in subjects:
                facts = {"channel": "uji.kanal", "raw": subject.id, "content": f"{subject.id:032x}"}
                source.receive(subject, _columns(subject, at), facts)
            source.flush()
            for subject in subjects:
                system.transition(subject, Event.MAPPED, {"version": 1}, to=State.READY)
            system.flush()
            for subject in subjects:
                sent = {"attempt": 1, "account": "uji", "sent": f"{subject.id:064x}"}
                system.transition(subject, Event.ATTEMPTED, sent, attempts=1)
            system.flush()
            for subject in subjects:
                number = f"{5_000_000 + subject.id}"
                facts = {"attempt": 1, "tracking_id": number}
                system.transition(subject, Event.TAKEN, facts, tracking_id=number, accepted_at=at)
            system.flush()


def _subject(book: Book, number: int) -> Subject:
    reference = book.reference(Origin("uji/kanal"), str(number))
    return Subject(ComplaintId(number), reference, State.RECEIVED, 0, GENESIS)


def _columns(subject: Subject, at: int) -> dict[str, object]:
    return {
        "id": subject.id,
        "reference": subject.reference,
        "origin": "uji/kanal",
        "source_id": str(subject.id),
        "channel": "uji.kanal",
        "region": "uji",
        "account": "uji",
        "waiting_for": "nobody",
        "attempts": 0,
        "next_attempt_at": 0,
        "received_at": at,
        "updated_at": at,
        "current_version": 1,
        "last_version": 1,
        "latest_raw": subject.id,
        "gated_raw": subject.id,
        "raw_digest": bytes(16),
        "gate_due": 0,
        "data_key": bytes(64),
    }


def _seal(book: Book, root: Path) -> None:
    lease = acquire(book, LEASE)
    notes = []
    while (note := seal(book, lease)) is not None:
        notes.append(note)
    lease.release()
    asyncio.run(_witness(root).hand_over(Handed(tuple(notes), 0, lambda _: [])))


def _witness(root: Path) -> FileWitness:
    return FileWitness(root / "witness.log", Guard.FILE)


def _book_id(book: Book) -> str:
    with book.read() as connection:
        return str(connection.exec_driver_sql("SELECT value FROM book WHERE name = 'id'").scalar())


def _expect(found: Verification, entries: int) -> None:
    if found.verdict is not Verdict.PROVEN or found.proven != entries:
        raise RuntimeError(f"{found.verdict}: {found.faults[:3]}")


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    main()
