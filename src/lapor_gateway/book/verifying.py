"""Verifying the ledger from the columns' own values: chains, folds and leaves, slice by slice in bounded memory.

Every entry's hash is computed once, in the order of complaints, where chain and fold are checked. The leaf goes to
its slot of a spool file, which is then read in the order of the tree.
"""

import hashlib
import mmap
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, Self

import msgspec
from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import aliased

from lapor_gateway.book import entries
from lapor_gateway.book.database import Query
from lapor_gateway.book.entries import Row
from lapor_gateway.book.fold import CHANGES, COLUMNS, Fold, differing
from lapor_gateway.book.tables import complaints, ledger_entries, ledger_heads
from lapor_gateway.book.tiles import HASH, PRINT, Tile
from lapor_gateway.domain.complaint import Origin
from lapor_gateway.domain.merkle import LEAF
from lapor_gateway.domain.reference import derive

CHUNK: Final = 2_000
_SUBJECT_CHUNK: Final = 5_000
_MOST_FAULTS: Final = 20
_NO_LEAF: Final = bytes(HASH)
_c = complaints.c
_other = aliased(complaints, name="other")
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
_LOWEST: Final = -(2**63)
_HIGHEST: Final = 2**63 - 1


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


class Spool:
    """A file with a slot for the leaf of every entry id in [base, base + slots)."""

    def __init__(self, path: Path, base: int, slots: int) -> None:
        self.path = path
        self.base = base
        self.slots = slots
        self._end = slots * HASH

    def __enter__(self) -> Self:
        with self.path.open("r+b") as file:
            if self._end:
                file.truncate(self._end)
            self._map = mmap.mmap(file.fileno(), self._end) if self._end else None
        return self

    def __exit__(self, *_: object) -> None:
        if self._map is not None:
            self._map.close()

    def put(self, leaves: list[tuple[int, bytes]]) -> None:
        """Keep leaves by their entries' ids; one outside the slots belongs to the unsealed tail."""
        kept, base, end = self._map, self.base, self._end
        if kept is None:
            return
        for identifier, leaf in leaves:
            start = (identifier - base) * HASH
            if 0 <= start < end:
                kept[start : start + HASH] = leaf
        self._forget()

    def leaves(self, tile: Tile) -> list[bytes]:
        """The leaves of a tile, in its order; 32 zero bytes where the entry was not found."""
        kept, base, end = self._map, self.base, self._end
        found = []
        for identifier in tile.ids:
            start = (identifier - base) * HASH
            found.append(kept[start : start + HASH] if kept is not None and 0 <= start < end else _NO_LEAF)
        return found

    def _forget(self) -> None:
        """Leave the pages to the system: they are in the file, and need not count as ours."""
        if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)


class Verifier:
    """Checks entries against each other and against the state tables. One a process."""

    def __init__(self, connection: Connection, spool: Spool, reference_key: bytes) -> None:
        self.entries = 0
        self.faults = Faults()
        self._connection = connection
        self._spool = spool
        self._reference_key = reference_key
        self._hash = entries.quick_hasher()

    def complaints(self, low: int, high: int) -> None:
        """Check the complaints with ids in (low, high] and every entry about them."""
        for start, end in _chunks(self._connection, low, high):
            rows = {row[0]: row[1:] for row in _ROWS.all(self._connection, low=start, high=end)}
            leaves: list[tuple[int, bytes]] = []
            found = entries.of_complaints(self._connection, start, end)
            for complaint, own in groupby(found, itemgetter(entries.COMPLAINT)):
                self._check(rows.pop(complaint, None), own, leaves)
            for row in rows.values():
                self.faults.add("entries_missing", subject=row[0])
            self._spool.put(leaves)

    def others(self) -> None:
        """Check the entries about everything that is no complaint, and the heads kept of them."""
        h = ledger_heads.c
        heads = {
            row.subject: (row.seq, row.head)
            for row in self._connection.execute(select(h.subject, h.seq, h.head))
        }
        for subject in entries.other_subjects(self._connection):
            fold = Fold(subject)
            for rows in entries.of_subject(self._connection, subject, _SUBJECT_CHUNK):
                leaves: list[tuple[int, bytes]] = []
                for row in rows:
                    self._follow(fold, row, leaves)
                self._spool.put(leaves)
            if heads.pop(subject, None) != (fold.ledger_seq, fold.ledger_head):
                self.faults.add("head_differs", subject=subject, seq=fold.ledger_seq)
        for subject in heads:
            self.faults.add("entries_missing", subject=subject)

    def _check(
        self, state: tuple[Any, ...] | None, own: Iterator[Row], leaves: list[tuple[int, bytes]]
    ) -> None:
        """One complaint's entries, and its row against their fold."""
        first = next(own)
        fold = Fold(first[0])
        self._follow(fold, first, leaves)
        for row in own:
            self._follow(fold, row, leaves)
        if state is None:
            self.faults.add("complaint_missing", subject=fold.reference, complaint=first[entries.COMPLAINT])
            return
        row, (origin, source_id, link) = state[: len(COLUMNS)], state[len(COLUMNS) :]
        names = differing(fold, row) if fold.told() != row else []
        if link is not None and fold.linked_to is None and "linked_to" not in names:
            names.append("linked_to")
        if not _is_of(self._reference_key, origin, source_id, fold.reference):
            names.append("origin, source_id")
        if names == ["ledger_head"]:
            self.faults.add("head_differs", subject=fold.reference, seq=fold.ledger_seq)
        elif names:
            self.faults.add("state_differs", subject=fold.reference, columns=", ".join(names))

    def _follow(self, fold: Fold, row: Row, leaves: list[tuple[int, bytes]]) -> None:
        """Check that an entry follows the one before, and take over what it says."""
        subject, seq, kind, source, target, at, _, facts, previous, _, identifier, _ = row
        self.entries += 1
        try:
            digest = self._hash(row)
            change = CHANGES.get(kind)
            if change is not None:
                change(fold, facts, at)
        except (ValueError, TypeError, AttributeError, OverflowError, msgspec.MsgspecError) as error:
            self.faults.add(
                "entry_unreadable", identifier, subject=subject, seq=seq, why=type(error).__name__
            )
            digest = b""
        if (
            seq != fold.ledger_seq + 1
            or previous != fold.ledger_head
            or source != fold.state
            or subject != fold.reference
        ):
            self.faults.add("chain_broken", identifier, subject=subject, seq=seq, before=fold.ledger_seq)
        leaves.append((identifier, hashlib.sha256(LEAF + digest).digest()))
        fold.ledger_seq, fold.ledger_head, fold.state = seq, digest, target


def _is_of(key: bytes, origin: Any, source_id: Any, reference: str) -> bool:
    try:
        return derive(key, Origin(origin), source_id) == reference
    except (AttributeError, TypeError, OverflowError):
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
        return [(_LOWEST, _HIGHEST)]
    step = (highest - lowest) // parts + 1
    edges = [_LOWEST, *range(lowest + step, highest, step), _HIGHEST]
    return list(zip(edges, edges[1:], strict=False))


def count_to(connection: Connection, position: entries.Position) -> int:
    """How many entries stand at or before a position of the ledger's order."""
    query = select(func.count()).select_from(ledger_entries).where(entries.is_up_to(connection, position))
    return int(connection.execute(query).scalar_one())


def compare_tile(tile: Tile, leaves: list[bytes], told: Callable[..., None]) -> None:
    """Tell of every leaf that is missing or is not the one that was sealed."""
    if b"".join([leaf[:PRINT] for leaf in leaves]) == tile.prints and _NO_LEAF not in leaves:
        return
    for offset, (identifier, leaf) in enumerate(zip(tile.ids, leaves, strict=True)):
        place = tile.number * 256 + offset
        if leaf == _NO_LEAF:
            told("entry_missing", identifier, leaf=place, entry_id=identifier)
        elif leaf[:PRINT] != tile.print_of(offset):
            told("entry_changed", identifier, leaf=place, entry_id=identifier)


