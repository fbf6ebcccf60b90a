"""The ledger's tree as it is stored: tiles of 256 leaves, and above them tiles of 256 hashes each.

A leaf's whole hash is not kept: it follows from its entry. A tile of leaves keeps which entries it has, in order, and
four bytes of each leaf's hash, by which a bad one is named; what proves is the hash of the whole tile, one level up.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from lapor_gateway.book import entries
from lapor_gateway.book.database import Query
from lapor_gateway.book.entries import START, Position
from lapor_gateway.book.tables import ledger_leaves, ledger_nodes
from lapor_gateway.domain.merkle import Frontier, complete_root, leaf_hash
from lapor_gateway.errors import GatewayError

WIDTH: Final = 256
HEIGHT: Final = 8
HASH: Final = 32
PRINT: Final = 4
CURE: Final = (
    "Run `lapor-gateway ledger verify`: it names the place. Keep the book as it is until a person has looked."
)
_l = ledger_leaves.c
_n = ledger_nodes.c
_ids = msgspec.msgpack.Decoder(list[int])
_TILE: Final = Query(
    select(_l.tile, _l.entries, _l.prints, _l.last_written_in, _l.last_entry).where(
        _l.tile >= bindparam("first"), _l.tile < bindparam("end")
    ).order_by(_l.tile)
)  # fmt: skip
_NODES: Final = Query(select(_n.hashes).where(_n.level == bindparam("level"), _n.tile == bindparam("tile")))


class NotWholeError(GatewayError):
    """The ledger, its tree or its checkpoints are not what they were when they were sealed."""

    kind = "not-whole"


class Tile(msgspec.Struct, frozen=True):
    """Up to 256 leaves: their entries' ids in order, and the first bytes of their hashes."""

    number: int
    ids: tuple[int, ...]
    prints: bytes
    last: Position

    def print_of(self, offset: int) -> bytes:
        return self.prints[offset * PRINT : (offset + 1) * PRINT]


def packed(ids: Sequence[int]) -> bytes:
    """Ids as a tile keeps them: the first, then differences, in MessagePack."""
    return msgspec.msgpack.encode([ids[0], *(after - before for before, after in pairwise(ids))])


def tiles(connection: Connection, first: int, end: int) -> list[Tile]:
    """The stored tiles with numbers in [first, end). Raises `NotWholeError` for one that cannot be read."""
    return [_tile(*row) for row in _TILE.all(connection, first=first, end=end)]


def _tile(number: int, entries_: Any, prints: Any, written_in: int, entry: int) -> Tile:
    try:
        ids = tuple(accumulate(_ids.decode(entries_)))
    except (msgspec.DecodeError, TypeError, ValueError):
        ids = ()
    if not 0 < len(ids) <= WIDTH or not isinstance(prints, bytes) or len(prints) != len(ids) * PRINT:
        raise NotWholeError(f"The tile {number} of the ledger's leaves cannot be read.", cure=CURE)
    return Tile(number, ids, prints, (written_in, entry))


class Tree:
    """The tree in the database, within one transaction; for proofs and for the sealer.

    Raises `NotWholeError` where something of it is missing or an entry is not the one that was sealed.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tiles: dict[int, Tile] = {}
        self._leaves: dict[int, list[bytes]] = {}
        self._nodes: dict[tuple[int, int], bytes] = {}
        newest = last_tile(connection)
        self.last = None if newest < 0 else self.tile(newest)
        self.size = 0 if self.last is None else self.last.number * WIDTH + len(self.last.ids)
        self.position: Position = START if self.last is None else self.last.last

    def tile(self, number: int) -> Tile:
        found = self._tiles.get(number)
        if found is None:
            rows = tiles(self._connection, number, number + 1)
            if not rows:
                raise NotWholeError(f"The tile {number} of the ledger's leaves is missing.", cure=CURE)
            found = self._tiles[number] = rows[0]
        return found

    def leaves(self, number: int) -> list[bytes]:
        """The hashes of a tile's leaves, from the entries themselves."""
        found = self._leaves.get(number)
        if found is None:
            found = self._leaves[number] = self._computed(self.tile(number))
        return found

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree of 2**level leaves with this index."""
        height, within = (0, level) if level < HEIGHT else divmod(level, HEIGHT)
        first = index << within
        number, offset = divmod(first, WIDTH)
        if height == 0:
            return complete_root(self.leaves(number)[offset : offset + (1 << within)])
        stored = self.hashes(height, number)[offset * HASH : (offset + (1 << within)) * HASH]
        if len(stored) != HASH << within:
            raise NotWholeError(
                f"The tile {number} of the ledger's tree, level {height}, is too short.", cure=CURE
            )
        return complete_root(split(stored))

    def hashes(self, height: int, number: int) -> bytes:
        """A stored tile of hashes, one after another; empty where there is none."""
        key = (height, number)
        if key not in self._nodes:
            row = _NODES.first(self._connection, level=height, tile=number)
            self._nodes[key] = b"" if row is None else row[0]
        return self._nodes[key]

    def frontier(self, size: int) -> Frontier:
        """The right edge of the tree's first `size` leaves."""
        frontier = Frontier()
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                frontier.add_complete(level, self.node(level, frontier.size >> level))
        return frontier

    def place_of(self, position: Position) -> int | None:
        """The leaf's index of the entry at a position of the ledger's order; None if it is not sealed yet."""
        if self.last is None or position > self.position:
            return None
        low, high = 0, self.last.number
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if position <= self.tile(middle).last else (middle + 1, high)
        ids = self.tile(low).ids
        if position[1] not in ids:
            raise NotWholeError(f"The entry {position[1]} has no place in the ledger's tree.", cure=CURE)
        return low * WIDTH + ids.index(position[1])

    def _computed(self, tile: Tile) -> list[bytes]:
        rows = entries.by_ids(self._connection, tile.ids)
        missing = [identifier for identifier in tile.ids if identifier not in rows]
        if missing:
            raise _other_entry(missing[0])
        digests = entries.hashes([rows[identifier] for identifier in tile.ids])
        leaves = [leaf_hash(digest) for digest in digests]
        for offset, leaf in enumerate(leaves):
            if leaf[:PRINT] != tile.print_of(offset):
                raise _other_entry(tile.ids[offset])
        return leaves


def _other_entry(identifier: int) -> NotWholeError:
    return NotWholeError(f"The ledger's entry {identifier} is not the one that was sealed.", cure=CURE)


def split(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + HASH] for start in range(0, len(hashes), HASH)]


class Growth:
    """New leaves behind a tree's last one, worked out without a transaction, then written in one.

    `rows` are the entries in the ledger's order, at least one; `size` and `root` are the tree's with them.
    """

    def __init__(self, tree: Tree, rows: Sequence[entries.Row]) -> None:
        self._tree = tree
        self.tiles: list[Tile] = []
        self.nodes: dict[tuple[int, int], bytes] = {}
        number, offset = divmod(tree.size, WIDTH)
        ids = list(tree.tile(number).ids) if offset else []
        leaves = list(tree.leaves(number)) if offset else []
        ids += [row[entries.ID] for row in rows]
        leaves += [leaf_hash(digest) for digest in entries.hashes(rows)]
        frontier, complete = tree.frontier(number * WIDTH), []
        for start in range(0, len(ids), WIDTH):
            part = leaves[start : start + WIDTH]
            last = entries.position_of(rows[min(start + WIDTH, len(ids)) - 1 - offset])
            prints = b"".join([leaf[:PRINT] for leaf in part])
            self.tiles.append(Tile(number + start // WIDTH, tuple(ids[start : start + WIDTH]), prints, last))
            if len(part) == WIDTH:
                complete.append(complete_root(part))
                frontier.add_complete(HEIGHT, complete[-1])
            else:
                frontier.add(part)
        self._raise(complete, number)
        self.size, self.root = frontier.size, frontier.root()

    def _raise(self, new: list[bytes], first: int) -> None:
        """Hashes of complete tiles, the first of them tile `first` of its level, into the levels above."""
        height = 1
        while new:
            number, offset = divmod(first, WIDTH)
            before = self._tree.hashes(height, number)[: offset * HASH] if offset else b""
            joined, new = before + b"".join(new), []
            for start in range(0, len(joined), WIDTH * HASH):
                part = joined[start : start + WIDTH * HASH]
                self.nodes[height, number + start // (WIDTH * HASH)] = part
                if len(part) == WIDTH * HASH:
                    new.append(complete_root(split(part)))
            height, first = height + 1, number

    def write(self, connection: Connection) -> None:
        """Store all of it, in place of what the last tiles held."""
        for (level, number), hashes in self.nodes.items():
            connection.execute(delete(ledger_nodes).where(_n.level == level, _n.tile == number))
            connection.execute(insert(ledger_nodes).values(level=level, tile=number, hashes=hashes))
        connection.execute(delete(ledger_leaves).where(_l.tile >= self.tiles[0].number))
        rows = [
            {
                "tile": tile.number,
                "entries": packed(tile.ids),
                "prints": tile.prints,
                "last_written_in": tile.last[0],
                "last_entry": tile.last[1],
            }
            for tile in self.tiles
        ]
        connection.execute(insert(ledger_leaves), rows)


def last_tile(connection: Connection) -> int:
    """The number of the last tile of leaves; -1 where nothing is sealed."""
    newest = connection.execute(select(func.max(_l.tile))).scalar()
    return -1 if newest is None else int(newest)


def streamed(connection: Connection, first: int, end: int, at_once: int = 64) -> Iterator[Tile]:
    """The tiles with numbers in [first, end) in order. Raises `NotWholeError` for one that is missing."""
    for start in range(first, end, at_once):
        stop = min(start + at_once, end)
        found = tiles(connection, start, stop)
        for number, tile in zip(range(start, stop), found, strict=False):
            if tile.number != number:
                raise NotWholeError(f"The tile {number} of the ledger's leaves is missing.", cure=CURE)
            yield tile
        if len(found) < stop - start:
            number = start + len(found)
            raise NotWholeError(f"The tile {number} of the ledger's leaves is missing.", cure=CURE)
