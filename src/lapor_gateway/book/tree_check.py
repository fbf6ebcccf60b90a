"""Checking the tree: the spooled leaves against tiles, stored hashes, and every checkpoint's root, in one pass."""

import heapq
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.signing import is_signed
from lapor_gateway.book.spool import Spool
from lapor_gateway.book.tables import checkpoints, ledger_nodes
from lapor_gateway.book.tiles import HASH, HEIGHT, WIDTH, NotWholeError, last_tile, split, streamed, tiles
from lapor_gateway.book.verifying import Faults
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.merkle import Frontier, complete_root
from lapor_gateway.domain.notes import Checkpoint, Note, VerifierKey, parse_note

_AT_ONCE: Final = 1_000
_k = checkpoints.c


class Expected(msgspec.Struct, frozen=True, order=True):
    """A root that the tree must have had at a size; `witness` is empty for the book's own checkpoint."""

    size: int
    number: int
    at: int
    root: bytes
    witness: str = ""


class LostLife(msgspec.Struct, frozen=True):
    """A life of the book that a restore cut off: kept up to `kept` entries, and seen by `witness` up to `seen`."""

    epoch: int
    kept: int
    seen: int
    witness: str


class Proven(msgspec.Struct):
    """How far the tree agrees with what was expected of it, by the book's own checkpoints and by witnesses."""

    own: Expected | None = None
    witnessed: Expected | None = None
    size: int = 0
    checkpoints: int = 0
    lost: list[LostLife] = []


class TreeCheck:
    """One check of the tree; `witnessed` are the checkpoints that witnesses have seen."""

    def __init__(
        self,
        connection: Connection,
        spool: Spool,
        key: VerifierKey,
        witnessed: Iterable[tuple[str, Note]],
        faults: Faults,
    ) -> None:
        self.proven = Proven()
        self._connection = connection
        self._spool = spool
        self._key = key
        self._faults = faults
        self._witnessed = self._believed(witnessed)
        self._broken: set[str] = set()
        self._frontier = Frontier()
        self._levels: list[list[bytes]] = []

    def run(self, roots: list[bytes]) -> Proven:
        """Check everything; `roots` are the hashes of the complete tiles. What was found is in the faults."""
        expected = heapq.merge(self._own(), sorted(self._witnessed))
        waiting = next(expected, None)
        try:
            for number, whole in enumerate(roots):
                if waiting is not None and waiting.size < (number + 1) * WIDTH:
                    waiting = self._within(number, waiting, expected)
                self._frontier.add_complete(HEIGHT, whole)
                self._stack(whole, 0)
                while waiting is not None and waiting.size == self._frontier.size:
                    waiting = self._judged(waiting, self._frontier, expected)
            waiting = self._last(len(roots), waiting, expected)
            self._compare_nodes()
        except NotWholeError as error:
            self._faults.add("tree_unreadable", said=error.message)
        self.proven.size = self._frontier.size
        while waiting is not None:
            self._beyond(waiting)
            waiting = next(expected, None)
        self._require_newest()
        return self.proven

    def _last(self, number: int, waiting: Expected | None, rest: Iterator[Expected]) -> Expected | None:
        """The incomplete tile at the end, where there is one."""
        leaves = self._leaves(number)
        if leaves:
            waiting = self._within(number, waiting, rest)
            self._frontier.add(leaves)
            while waiting is not None and waiting.size == self._frontier.size:
                waiting = self._judged(waiting, self._frontier, rest)
        return waiting

    def _leaves(self, number: int) -> list[bytes]:
        found = tiles(self._connection, number, number + 1)
        return split(self._spool.leaves(found[0])) if found else []

    def _stack(self, whole: bytes, level: int) -> None:
        """Keep the hashes of complete tiles of every level, to be compared with the stored ones."""
        if len(self._levels) == level:
            self._levels.append([])
        self._levels[level].append(whole)
        if len(self._levels[level]) % WIDTH == 0:
            self._stack(complete_root(self._levels[level][-WIDTH:]), level + 1)

    def _within(self, number: int, waiting: Expected | None, rest: Iterator[Expected]) -> Expected | None:
        """Judge the checkpoints whose size lies inside a tile."""
        edge, start, leaves = self._frontier.copy(), self._frontier.size, self._leaves(number)
        while waiting is not None and waiting.size < start + len(leaves):
            edge.add(leaves[edge.size - start : waiting.size - start])
            waiting = self._judged(waiting, edge, rest)
        return waiting

    def _judged(self, one: Expected, edge: Frontier, rest: Iterator[Expected]) -> Expected | None:
        """Compare one root; the next one to come. Of each side only the first that differs is told."""
        good = edge.root() == one.root
        before = self.proven.witnessed if one.witness else self.proven.own
        if good and one.witness not in self._broken:
            if one.witness:
                self.proven.witnessed = max(one, before) if before else one
            else:
                self.proven.own = one
        elif not good and one.witness not in self._broken:
            self._broken.add(one.witness)
            self._tell_root(one, 0 if before is None else before.size)
        return next(rest, None)

    def _tell_root(self, one: Expected, good_to: int) -> None:
        kind = "root_differs_witness" if one.witness else "root_differs"
        values: dict[str, Any] = {"first": good_to, "last": one.size - 1, "number": one.number}
        self._faults.add(kind, **values, time=isoformat(one.at), witness=one.witness)

    def _beyond(self, one: Expected) -> None:
        """A checkpoint over more leaves than there are."""
        if one.witness in self._broken:
            return
        self._broken.add(one.witness)
        kind = "cut_off_witness" if one.witness else "cut_off"
        values: dict[str, Any] = {"size": self.proven.size, "number": one.number, "seen": one.size}
        self._faults.add(kind, **values, time=isoformat(one.at), witness=one.witness)

    def _require_newest(self) -> None:
        """The leaves must end where the newest checkpoint ends: both are written in one transaction."""
        own = 0 if self.proven.own is None else self.proven.own.size
        if own < self.proven.size and "" not in self._broken:
            self._faults.add("checkpoint_cut_off", size=own, leaves=self.proven.size)

    def _compare_nodes(self) -> None:
        n = ledger_nodes.c
        query = select(n.level, n.tile, n.hashes).order_by(n.level, n.tile)
        stored = 0
        for level, number, hashes in self._connection.execution_options(yield_per=100).execute(query):
            known = self._levels[level - 1] if 0 < level <= len(self._levels) else []
            if known[number * WIDTH : (number + 1) * WIDTH] != split(hashes):
                self._faults.add("node_differs", level=level, tile=number)
            stored += len(hashes) // HASH
        if stored < sum(len(level) for level in self._levels):
            self._faults.add("node_missing", count=sum(len(level) for level in self._levels) - stored)

    def _own(self) -> Iterator[Expected]:
        """The book's own checkpoints in order, each checked by itself: text, signature, columns, number."""
        seen = {note.checkpoint.number: (name, note.checkpoint) for name, note in self._seen}
        before = Checkpoint("", 0, 0, 0, b"", 0)
        while rows := self._connection.execute(
            select(_k.number, _k.size, _k.at, _k.note)
            .where(_k.number > before.number)
            .order_by(_k.number)
            .limit(_AT_ONCE)
        ).all():
            for row in rows:
                for missing in range(before.number + 1, min(row.number, before.number + 3)):
                    self._faults.add("checkpoint_missing", number=missing)
                one = self._checked(row, before)
                name, told = seen.get(row.number, ("", None))
                if told is not None and one is not None and told != one:
                    self._faults.add("checkpoint_other", number=row.number, witness=name)
                before = one or Checkpoint("", before.epoch, row.number, before.size, b"", 0)
                if one is not None:
                    self.proven.checkpoints += 1
                    yield Expected(one.size, one.number, one.at, one.root)

    def _checked(self, row: Any, before: Checkpoint) -> Checkpoint | None:
        note = parse_note(row.note) if isinstance(row.note, str) else None
        one = None if note is None else note.checkpoint
        if note is None or one is None or not is_signed(note, self._key):
            self._faults.add("checkpoint_unsigned", number=row.number)
        elif (one.number, one.size, one.at) != (row.number, row.size, row.at) or (
            one.size <= before.size or one.epoch < before.epoch
        ):
            self._faults.add("checkpoint_changed", number=row.number)
        else:
            return one
        return None

    def _believed(self, witnessed: Iterable[tuple[str, Note]]) -> list[Expected]:
        """What the witnesses have seen, signed by this book's key; anything else they hold under its name is told."""
        ours = [(name, note) for name, note in witnessed if self._is_ours(name, note)]
        lives = self._lives()
        self._seen = [(name, note) for name, note in ours if not _is_lost(note.checkpoint, lives)]
        self.proven.lost = _lost_lives(ours, lives)
        return [
            Expected(one.size, one.number, one.at, one.root, name)
            for name, note in self._seen
            for one in [note.checkpoint]
        ]

    def _lives(self) -> dict[int, Checkpoint]:
        """The last checkpoint of the book's own in each of its epochs."""
        rows = self._connection.execution_options(yield_per=_AT_ONCE).execute(
            select(_k.note).order_by(_k.number)
        )
        notes = (parse_note(row.note) for row in rows if isinstance(row.note, str))
        return {note.checkpoint.epoch: note.checkpoint for note in notes if note is not None}

    def _is_ours(self, name: str, note: Note) -> bool:
        if is_signed(note, self._key):
            return True
        self._faults.add("witness_unsigned", number=note.checkpoint.number, witness=name)
        return False


def _is_lost(one: Checkpoint, lives: dict[int, Checkpoint]) -> bool:
    """Whether a checkpoint belongs to what a restore has cut off: a later epoch began before it."""
    if not lives or one.epoch >= max(lives):
        return False
    last = lives.get(one.epoch)
    return last is None or one.number > last.number


def _lost_lives(ours: list[tuple[str, Note]], lives: dict[int, Checkpoint]) -> list[LostLife]:
    """What the witnesses saw beyond the points at which this book was put back."""
    seen: dict[tuple[int, str], int] = {}
    for name, note in ours:
        one = note.checkpoint
        if _is_lost(one, lives):
            key = (one.epoch, name)
            seen[key] = max(seen.get(key, 0), one.size)
    kept = {epoch: max((one.size for e, one in lives.items() if e <= epoch), default=0) for epoch, _ in seen}
    return [LostLife(epoch, kept[epoch], size, name) for (epoch, name), size in sorted(seen.items())]


def shape_of(connection: Connection) -> tuple[int, int, int]:
    """How many tiles of leaves there are, and the lowest and highest entry id in them (0, 0 for none).

    Raises `NotWholeError` for a tile that is missing or cannot be read.
    """
    count = last_tile(connection) + 1
    edges = [(min(tile.ids), max(tile.ids)) for tile in streamed(connection, 0, count)]
    if not edges:
        return 0, 0, 0
    return count, min(low for low, _ in edges), max(high for _, high in edges)
