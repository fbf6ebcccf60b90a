"""`ledger verify`: the whole ledger from its columns, against the state tables, its own seal, and the witnesses."""

import contextlib
import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Sequence
from enum import StrEnum
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, func, select

from lapor_gateway.book.database import Book, open_engine
from lapor_gateway.book.milestones import differing
from lapor_gateway.book.signing import own_key, signer
from lapor_gateway.book.spool import Spool
from lapor_gateway.book.tables import ledger_entries
from lapor_gateway.book.tiles import NotWholeError, Tree, last_tile
from lapor_gateway.book.tree_check import LostLife, Proven, TreeCheck, shape_of
from lapor_gateway.book.verifying import WHOLE, Fault, Faults, Verifier, count_to, edges, slices, tile_roots
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.notes import Note
from lapor_gateway.errors import ExitCode, GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.sealing import witnesses_of
from lapor_gateway.jobs.witness import Guard, Witness, newest_of

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
    lost_lives: list[LostLife] = []


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
    found = verify_book(gateway.book, gateway.settings.book_url, notes, reports)
    return _with_milestones(found, list(differing(gateway.book)))


def _with_milestones(found: Verification, wrong: Sequence[str]) -> Verification:
    """Milestones are derived from the ledger: one that is not what it says was changed by hand."""
    if not wrong:
        return found
    faults = [Fault("milestones_differ", {"subject": reference}) for reference in wrong[:_MOST_TOLD]]
    return msgspec.structs.replace(
        found,
        verdict=Verdict.BROKEN,
        faults=[*found.faults, *faults],
        fault_count=found.fault_count + len(wrong),
    )


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
            with _workers(job, cores if count >= _WORTH_PROCESSES else 1) as workers:
                roots = _check_entries(connection, job, spool, faults, tiles, workers)
            proven = TreeCheck(connection, spool, own.key, notes, faults).run(roots)
        _check_order(connection, count, proven, faults)
    return _concluded(count, proven, faults, str(own.key), list(reports))


def _slots(connection: Connection, count: int, faults: Faults) -> tuple[int, int, int]:
    """How many tiles there are, and the range of entry ids that the spool must hold."""
    lowest, highest = edges(connection)
    if highest - lowest < _SPARSEST * count + _SPARE_SLOTS:
        return last_tile(connection) + 1, lowest, highest - lowest + 1
    try:  # an entry far from all others cannot be one of the tree, unless a tile says so
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
    connection: Connection, job: _Job, spool: Spool, faults: Faults, tiles: int, workers: "_Workers | None"
) -> list[bytes]:
    """Check every entry, then the leaves; the hashes of the complete tiles, as far as they can be read."""
    verifier = Verifier(connection, spool, job.reference_key)
    verifier.others()
    if workers is None:
        verifier.complaints(*WHOLE)
    faults.take(verifier.faults.first, verifier.faults.total)
    if workers is None:
        return _tile_roots(connection, spool, 0, tiles, faults)
    for found, total in workers.pool.imap(_checked, slices(connection, workers.count * _SLICES_A_PROCESS)):
        faults.take(found, total)
    step = max(1, tiles // (workers.count * _SLICES_A_PROCESS))
    parts = [(first, min(first + step, tiles)) for first in range(0, tiles, step)]
    roots: list[bytes] = []
    for (first, _), (part, found, total) in zip(parts, workers.pool.imap(_rooted, parts), strict=True):
        faults.take(found, total)
        if len(roots) == first:  # behind a tile that cannot be read no other has its place
            roots += part
    return roots


class _Workers(msgspec.Struct, frozen=True):
    """Processes that do parts of the work."""

    pool: Pool
    count: int


@contextlib.contextmanager
def _workers(job: _Job, count: int) -> Iterator[_Workers | None]:
    if count < 2:
        yield None
        return
    # Started afresh: a copy of this process would share its connections and hold its locks.
    with multiprocessing.get_context("spawn").Pool(count, _start, (job,)) as pool:
        yield _Workers(pool, count)


_connection: Connection
_job: _Job


def _start(job: _Job) -> None:
    """Make a process of the pool ready."""
    global _connection, _job  # noqa: PLW0603 - one worker is one process
    _job = job
    _connection = open_engine(job.url).execution_options(reading=True).connect()


def _checked(part: tuple[int, int]) -> tuple[list[Fault], int]:
    """Check one slice, in a snapshot of its own: entries never change, and a row is read with its entries."""
    with _connection.begin(), Spool(Path(_job.spool), _job.base, _job.slots) as spool:
        verifier = Verifier(_connection, spool, _job.reference_key)
        verifier.complaints(*part)
    return verifier.faults.first, verifier.faults.total


def _rooted(part: tuple[int, int]) -> tuple[list[bytes], list[Fault], int]:
    faults = Faults()
    with _connection.begin(), Spool(Path(_job.spool), _job.base, _job.slots) as spool:
        roots = _tile_roots(_connection, spool, *part, faults)
    return roots, faults.first, faults.total


def _tile_roots(connection: Connection, spool: Spool, first: int, end: int, faults: Faults) -> list[bytes]:
    try:
        return tile_roots(connection, spool, first, end, faults)
    except NotWholeError as error:
        faults.add("tree_unreadable", said=error.message)
        return []


def _check_order(connection: Connection, count: int, proven: Proven, faults: Faults) -> None:
    """Every entry before the end of the tree must have a leaf: none was slipped in."""
    try:
        tree = Tree(connection)
    except NotWholeError:
        return  # told already
    extra = count_to(connection, tree.position, count) - proven.size if tree.size else 0
    if extra > 0:
        faults.add("entry_unsealed", extra=extra)
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
        proven.lost,
    )


_MOST_TOLD: Final = 20
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
    newest = newest_of(notes)
    assert newest is not None
    last = newest.checkpoint
    at = isoformat(last.at)
    return WitnessReport(witness.name, witness.guard, last.number, last.size, at), notes


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
