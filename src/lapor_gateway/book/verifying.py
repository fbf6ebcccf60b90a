"""Verifying the ledger from the columns' own values: chains, folds and leaves, slice by slice in bounded memory.

Every entry's hash is computed once, in the order of complaints, where chain and fold are checked. The leaf goes to
its slot of a spool file, which is then read in the order of the tree.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from lapor_gateway.book import entries
from lapor_gateway.book.database import Query
from lapor_gateway.book.entries import UNREADABLE, Row
from lapor_gateway.book.row_fold import CHANGES, COLUMNS, RowFold, differing
from lapor_gateway.book.screening import Screening
from lapor_gateway.book.spool import NO_LEAF, Spool
from lapor_gateway.book.tables import complaints, ledger_entries, ledger_heads
from lapor_gateway.book.tiles import HASH, PRINT, WIDTH, Tile, split, streamed
from lapor_gateway.domain.merkle import complete_root
from lapor_gateway.domain.reference import is_derived

CHUNK: Final = 500
_SUBJECT_CHUNK: Final = 5_000
_MOST_FAULTS: Final = 20
_NO_PRINT: Final = bytes(PRINT)
_c = complaints.c
_other = complaints.alias("other")
_own = {name: _c[name] for name in COLUMNS} | {"linked_to": _other.c.reference}
_ROWS: Final = Query(
    select(_c.id, *_own.values(), _c.origin, _c.source_id, _c.linked_to.label("link"))
    .outerjoin(_other, _other.c.id == _c.linked_to)
    .where(_c.id > bindparam("low"), _c.id <= bindparam("high"))
    .order_by(_c.id)
)
_BOUNDARY: Final = Query(
    select(_c.id).where(_c.id > bindparam("low")).order_by(_c.id).limit(1).offset(bindparam("skip"))
)
WHOLE: Final = (-(2**63), 2**63 - 1)
"""Every id that a complaint can have, as the bounds of a slice."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that is not as it was written. `kind` is a word of the catalogue, `fault.…`; `values` fill its text.

    `entry` is the ledger's entry that it was found at, where it is about one.
    """

    kind: str
    values: dict[str, Any]
    entry: int | None = None


class Faults:
    """The first faults of each kind, and how many there were."""

    def __init__(self) -> None:
        self.total = 0
        self.first: list[Fault] = []
        self._by_kind: dict[str, int] = {}

    def add(self, kind: str, /, entry: int | None = None, **values: Any) -> None:
        self.take([Fault(kind, values, entry)], 1)

    def take(self, faults: list[Fault], total: int) -> None:
        """Add faults that another process has found, `total` in all."""
        self.total += total
        for fault in faults:
            self._by_kind[fault.kind] = self._by_kind.get(fault.kind, 0) + 1
            if self._by_kind[fault.kind] <= _MOST_FAULTS:
                self.first.append(fault)


class Verifier:
    """Checks entries against each other and against the state tables. One a process."""

    def __init__(self, connection: Connection, spool: Spool, reference_key: bytes) -> None:
        self.faults = Faults()
        self._connection = connection
        self._spool = spool
        self._reference_key = reference_key
        self._screening = Screening(spool, reference_key)

    def complaints(self, low: int, high: int) -> None:
        """Check the complaints with ids in (low, high] and every entry about them."""
        for start, end in _chunks(self._connection, low, high):
            states = {row[0]: row[1:] for row in _ROWS.all(self._connection, low=start, high=end)}
            rows = entries.of_complaints(self._connection, start, end)
            if not self._screening.is_clean(rows, states):
                self._examine(rows, states)

    def _examine(self, rows: list[Row], states: dict[Any, tuple[Any, ...]]) -> None:
        """The careful check, that names what it finds."""
        for complaint, fold in self._folds(rows):
            self._compare(complaint, fold, states.pop(complaint, None))
        for state in states.values():
            self.faults.add("entries_missing", subject=state[0])

    def others(self) -> None:
        """Check the entries about everything that is no complaint, and the heads kept of them."""
        h = ledger_heads.c
        heads = {
            row.subject: (row.seq, row.head)
            for row in self._connection.execute(select(h.subject, h.seq, h.head))
        }
        for subject in entries.other_subjects(self._connection):
            fold = RowFold(subject)
            for rows in entries.of_subject(self._connection, subject, _SUBJECT_CHUNK):
                *_, (_, fold) = self._folds(rows, fold)
            if heads.pop(subject, None) != (fold.ledger_seq, fold.ledger_head):
                self.faults.add("head_differs", subject=subject, seq=fold.ledger_seq)
        for subject in heads:
            self.faults.add("entries_missing", subject=subject)

    def _folds(self, rows: list[Row], begun: RowFold | None = None) -> Iterator[tuple[Any, RowFold]]:
        """The fold of each complaint's entries, every entry checked to follow the one before; leaves are spooled."""
        digests = self._digests(rows)
        self._spool.put([row[entries.ID] for row in rows], digests)
        fold, current = begun, None
        for row, digest in zip(rows, digests, strict=True):
            subject, seq, kind, source, target, _, _, _, previous, _, identifier, complaint, _ = row
            if fold is None or (complaint != current and fold is not begun):
                if fold is not None:
                    yield current, fold
                fold = RowFold(subject)
            current = complaint
            if (
                seq != fold.ledger_seq + 1
                or previous != fold.ledger_head
                or source != fold.state
                or subject != fold.reference
            ):
                self.faults.add("chain_broken", identifier, subject=subject, seq=seq, before=fold.ledger_seq)
            fold.ledger_seq, fold.ledger_head, fold.state = seq, digest, target
            if kind in CHANGES and digest:
                self._change(fold, row)
        if fold is not None:
            yield current, fold

    def _digests(self, rows: list[Row]) -> list[bytes]:
        try:
            return entries.hashes(rows)
        except UNREADABLE:
            return [self._digest(row) for row in rows]

    def _digest(self, row: Row) -> bytes:
        """One entry's hash; empty, and told, where the row cannot have been an entry."""
        try:
            return entries.hash_of(row)
        except UNREADABLE as error:
            self._tell_unreadable(row, error)
            return b""

    def _change(self, fold: RowFold, row: Row) -> None:
        """Take over what an entry says beside its state."""
        try:
            CHANGES[row[2]](fold, row[7], row[5])
        except UNREADABLE as error:
            self._tell_unreadable(row, error)

    def _tell_unreadable(self, row: Row, error: Exception) -> None:
        why = type(error).__name__
        self.faults.add("entry_unreadable", row[entries.ID], subject=row[0], seq=row[1], why=why)

    def _compare(self, complaint: Any, fold: RowFold, state: tuple[Any, ...] | None) -> None:
        """A complaint's row against the fold of its entries."""
        if state is None:
            self.faults.add("complaint_missing", subject=fold.reference, complaint=complaint)
            return
        row, (origin, source_id, link) = state[: len(COLUMNS)], state[len(COLUMNS) :]
        names = [] if fold.told() == row else differing(fold, row)
        if link is not None and fold.linked_to is None and "linked_to" not in names:
            names.append("linked_to")
        if not self._is_of(origin, source_id, fold.reference):
            names.append("origin, source_id")
        if names == ["ledger_head"]:
            self.faults.add("head_differs", subject=fold.reference, seq=fold.ledger_seq)
        elif names:
            self.faults.add("state_differs", subject=fold.reference, columns=", ".join(names))

    def _is_of(self, origin: Any, source_id: Any, reference: str) -> bool:
        try:
            return is_derived(reference, self._reference_key, origin, source_id)
        except UNREADABLE:
            return False


def _chunks(connection: Connection, low: int, high: int) -> Iterator[tuple[int, int]]:
    """(low, high] in parts of about `CHUNK` complaints; the last also holds what no complaint's row covers."""
    start = low
    while boundary := _BOUNDARY.first(connection, low=start, skip=CHUNK - 1):
        if boundary[0] >= high:
            break
        yield start, boundary[0]
        start = boundary[0]
    yield start, high


def slices(connection: Connection, parts: int) -> list[tuple[int, int]]:
    """The whole range of ids in about `parts` parts of the same width in between."""
    lowest, highest = connection.execute(select(func.min(_c.id), func.max(_c.id))).one()
    if lowest is None or parts < 2 or highest - lowest < parts:
        return [WHOLE]
    step = (highest - lowest) // parts + 1
    edges = [WHOLE[0], *range(lowest + step, highest, step), WHOLE[1]]
    return list(pairwise(edges))


def edges(connection: Connection) -> tuple[int, int]:
    """The lowest and the highest id of an entry; (0, -1) where there is none."""
    e = ledger_entries.c
    # Each by itself: SQLite looks up one end of an index, for both at once it reads all of it.
    lowest, highest = (connection.execute(select(end)).scalar() for end in (func.min(e.id), func.max(e.id)))
    return (0, -1) if lowest is None or highest is None else (lowest, highest)


def count_to(connection: Connection, position: entries.Position, count: int) -> int:
    """How many of all `count` entries stand at or before a position of the ledger's order."""
    query = select(func.count()).select_from(ledger_entries)
    if connection.dialect.name == "sqlite":  # the few behind it: those before it are the whole table
        behind = query.where(ledger_entries.c.id > position[1])
        return count - int(connection.execute(behind).scalar_one())
    return int(connection.execute(query.where(entries.is_up_to(connection, position))).scalar_one())


def tile_roots(connection: Connection, spool: Spool, first: int, end: int, faults: Faults) -> list[bytes]:
    """The hashes of the tiles with numbers in [first, end), from the spooled leaves; the last may be incomplete.

    Tells of every leaf that is missing or is not the one that was sealed. Raises `NotWholeError`.
    """
    roots = []
    for tile in streamed(connection, first, end):
        leaves = spool.leaves(tile)
        _compare_tile(tile, leaves, faults)
        if len(tile.ids) == WIDTH:
            roots.append(complete_root([leaves]))
    return roots


def _compare_tile(tile: Tile, leaves: bytes, faults: Faults) -> None:
    # The print of a leaf that was not found is four zero bytes; a tile that has them anywhere is looked at closely.
    if _prints(leaves) == tile.prints and _NO_PRINT not in tile.prints:
        return
    for offset, (identifier, leaf) in enumerate(zip(tile.ids, split(leaves), strict=True)):
        values: dict[str, Any] = {"leaf": tile.number * WIDTH + offset, "entry_id": identifier}
        if leaf == NO_LEAF:
            faults.add("entry_missing", identifier, **values)
        elif leaf[:PRINT] != tile.print_of(offset):
            faults.add("entry_changed", identifier, **values)


def _prints(leaves: bytes) -> bytes:
    """The first four bytes of each of many leaves."""
    return memoryview(leaves).cast("I")[:: HASH // PRINT].tobytes()
