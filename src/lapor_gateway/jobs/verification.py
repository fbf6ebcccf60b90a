"""`ledger verify`: the whole ledger from its columns, against the state tables, its own seal, and the witnesses."""

import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, func, select

from lapor_gateway.book.database import Book, open_engine
from lapor_gateway.book.signing import own_key, signer
from lapor_gateway.book.tables import ledger_entries
from lapor_gateway.book.tiles import NotWholeError, Tree
from lapor_gateway.book.tree_check import Proven, TreeCheck, shape_of
from lapor_gateway.book.verifying import Fault, Faults, Spool, Verifier, count_to, slices
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.notes import Note
from lapor_gateway.errors import ExitCode, GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.sealing import witnesses_of
from lapor_gateway.jobs.witness import Guard, Witness

_WORTH_PROCESSES: Final = 200_000
_SLICES_A_PROCESS: Final = 8
_SPARE_SLOTS: Final = 1_000_000
_SPARSEST: Final = 64


class Verdict(StrEnum):
    """Proven as far as a witness has seen; unproven without one; broken where something was changed."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    BROKEN = "broken"


class WitnessReport(msgspec.Struct, frozen=True):
    """What a witness has seen last, and what it guards against; `trouble` where it could not be asked."""

    name: str
    guard: Guard
    number: int | None = None
    size: int | None = None
    at: str | None = None
    trouble: str | None = None
    exit_code: ExitCode = ExitCode.DONE


class Verification(msgspec.Struct, frozen=True):
    """What a verification found. Sizes are in entries; `unproven_since` is None for a ledger that nobody witnessed."""

    verdict: Verdict
    entries: int
    sealed: int
    proven: int
    unproven_since: str | None
    checkpoints: int
    key: str
    faults: list[Fault]
    fault_count: int
    witnesses: list[WitnessReport]


class Slice(msgspec.Struct, frozen=True):
    """One process's part of the work: the complaints with ids in (low, high]."""

    low: int
    high: int


class _Job(msgspec.Struct, frozen=True):
    """What a process needs to know of the book, once."""

    url: str
    spool: str
    base: int
    slots: int
    reference_key: bytes


async def verify(gateway: Gateway, held: Sequence[tuple[str, Note]] | None = None) -> Verification:
    """Verify the whole ledger; reads only, and works beside a running gateway.

    `held` are checkpoints from outside, each with a name for where it came from; without it the witnesses of the
    settings are asked.
    """
    with gateway.book.read() as connection:
        book_id = signer(gateway.book, connection).book_id
    reports: list[WitnessReport] = []
    notes = list(held or ())
    if held is None:
        for witness in witnesses_of(gateway):
            report, seen = await _asked(witness, book_id)
            reports.append(report)
            notes += [(witness.name, note) for note in seen]
    return verify_book(gateway.book, gateway.settings.book_url, notes, reports)


def verify_book(
    book: Book,
    url: str,
    notes: Sequence[tuple[str, Note]],
    reports: Sequence[WitnessReport] = (),
    *,
    processes: int | None = None,
) -> Verification:
    """Verify the book at `url` against checkpoints from outside. `processes`: as many as there are cores."""
    faults = Faults()
    with tempfile.TemporaryDirectory(prefix="lapor-gateway-") as folder, book.read() as connection:
        own = signer(book, connection)
        count = connection.execute(select(func.count()).select_from(ledger_entries)).scalar_one()
        tiles, base, slots = _slots(connection, count, faults)
        path = Path(folder) / "leaves"
        path.touch(0o600)
        with Spool(path, base, slots) as spool:
            job = _Job(url, str(path), base, slots, own_key(book, connection, "reference"))
            cores = _cores() if processes is None else processes
            _check_entries(connection, job, spool, faults, cores if count >= _WORTH_PROCESSES else 1)
            proven = TreeCheck(connection, spool, own.key, notes, faults).run(tiles)
        _check_order(connection, proven, faults)
    return _concluded(count, proven, faults, str(own.key), list(reports))


def _slots(connection: Connection, count: int, faults: Faults) -> tuple[int, int, int]:
    """How many tiles there are, and the range of entry ids that the spool must hold."""
    try:
        tiles, lowest, highest = shape_of(connection)
    except NotWholeError as error:
        faults.add("tree_unreadable", said=error.message)
        return 0, 0, 0
    slots = highest - lowest + 1 if tiles else 0
    if slots > _SPARSEST * count + _SPARE_SLOTS:
        faults.add("tree_unreadable", said="A tile of the ledger's leaves names an entry that cannot be.")
        return 0, 0, 0
    return tiles, lowest, slots


def _check_entries(
    connection: Connection, job: _Job, spool: Spool, faults: Faults, processes: int
) -> None:
    verifier = Verifier(connection, spool, job.reference_key)
    if processes < 2:
        for low, high in slices(connection, 1):
            verifier.complaints(low, high)
    else:
        parts = [Slice(*one) for one in slices(connection, processes * _SLICES_A_PROCESS)]
        # Started afresh: a copy of this process would share its connections and hold its locks.
        context = multiprocessing.get_context("spawn")
        with context.Pool(processes, _start, (job,)) as pool:
            for found, total in pool.imap_unordered(_checked, parts):
                faults.take(found, total)
    verifier.others()
    faults.take(verifier.faults.first, verifier.faults.total)


_connection: Connection
_job: _Job


def _start(job: _Job) -> None:
    """Make a process of the pool ready."""
    global _connection, _job  # noqa: PLW0603 - one worker is one process
    _job = job
    engine = open_engine(job.url).execution_options(reading=True)
    _connection = engine.connect()


def _checked(part: Slice) -> tuple[list[Fault], int]:
    """Check one slice, in a snapshot of its own: entries never change, and a row is read with its entries."""
    with _connection.begin(), Spool(Path(_job.spool), _job.base, _job.slots) as spool:
        verifier = Verifier(_connection, spool, _job.reference_key)
        verifier.complaints(part.low, part.high)
    return verifier.faults.first, verifier.faults.total


def _check_order(connection: Connection, proven: Proven, faults: Faults) -> None:
    """Every entry before the end of the tree must have a leaf: none was slipped in."""
    try:
        tree = Tree(connection)
    except NotWholeError:
        return  # told already
    if tree.size and count_to(connection, tree.position) > proven.size:
        faults.add("entry_unsealed", extra=count_to(connection, tree.position) - proven.size)
    if tree.last is not None and tree.last.ids[-1] != tree.position[1]:
        faults.add("tree_unreadable", said="The last tile of the ledger's leaves does not end where it says.")


def _concluded(
    count: int, proven: Proven, faults: Faults, key: str, reports: list[WitnessReport]
) -> Verification:
    seen = proven.witnessed
    verdict = Verdict.BROKEN if faults.total else Verdict.UNPROVEN if seen is None else Verdict.PROVEN
    return Verification(
        verdict,
        count,
        proven.size,
        0 if seen is None else seen.size,
        None if seen is None else isoformat(seen.at),
        proven.checkpoints,
        key,
        sorted(faults.first, key=_rank),
        faults.total,
        reports,
    )


_RANKS: Final = ("entry_missing", "entry_changed", "entry_unreadable", "chain_broken")


def _rank(fault: Fault) -> tuple[int, int]:
    """What was done to entries first, by their order; what follows from it after that."""
    rank = _RANKS.index(fault.kind) if fault.kind in _RANKS else len(_RANKS)
    return rank, fault.entry or 0


async def _asked(witness: Witness, book: str) -> tuple[WitnessReport, list[Note]]:
    try:
        notes = await witness.notes(book)
    except GatewayError as error:
        return WitnessReport(
            witness.name, witness.guard, trouble=error.message, exit_code=error.exit_code
        ), []
    if not notes:
        return WitnessReport(witness.name, witness.guard), []
    last = max(notes, key=lambda note: note.checkpoint.number).checkpoint
    at = isoformat(last.at)
    return WitnessReport(witness.name, witness.guard, last.number, last.size, at), notes


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
