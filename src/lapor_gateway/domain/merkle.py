"""The Merkle tree of RFC 9162: hashes of leaves and nodes, roots, inclusion and consistency proofs. Pure.

A tree is given by a function `node(level, index)`: the hash of the complete subtree over the 2**level leaves from
index * 2**level on. It is asked for complete subtrees only, so that a store may keep nothing else.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

LEAF: Final = b"\x00"
NODE: Final = b"\x01"
_HASH: Final = 32
EMPTY_ROOT: Final = hashlib.sha256().digest()

Node = Callable[[int, int], bytes]


def leaf_hash(entry_hash: bytes) -> bytes:
    """The leaf of a ledger entry: its data is the entry's own hash."""
    return hashlib.sha256(LEAF + entry_hash).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The hash of a complete subtree over 2**n hashes, n >= 0."""
    sha256, level = hashlib.sha256, b"".join(hashes)
    while len(level) > _HASH:
        pairs = range(0, len(level), 2 * _HASH)
        level = b"".join([sha256(NODE + level[at : at + 2 * _HASH]).digest() for at in pairs])
    return level


def root(node: Node, size: int) -> bytes:
    """The root over the first `size` leaves."""
    return EMPTY_ROOT if size == 0 else _range(node, 0, size)


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 9162, 2.1.3.1: from the leaf upwards. `index` < `size`."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range(node, middle, end))
            end = middle
        else:
            path.append(_range(node, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 9162, 2.1.4.1. 0 < `old` <= `new`."""
    path: list[bytes] = []
    start, end, is_known = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range(node, middle, end))
            end = middle
        else:
            path.append(_range(node, start, middle))
            start, is_known = middle, False
    if not is_known:
        path.append(_range(node, start, end))
    return path[::-1]


class Frontier:
    """The right edge of a growing tree: all that is needed to add leaves and to tell the root at every size."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def add(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.add_complete(0, leaf)

    def add_complete(self, level: int, subtree: bytes) -> None:
        """Add a complete subtree of 2**level leaves; the size so far must be a multiple of that."""
        self.size += 1 << level
        while self._edge and self._edge[-1][0] == level:
            level, subtree = level + 1, node_hash(self._edge.pop()[1], subtree)
        self._edge.append((level, subtree))

    def copy(self) -> "Frontier":
        """One that grows by itself from here on."""
        other = Frontier()
        other.size, other._edge = self.size, list(self._edge)
        return other

    def root(self) -> bytes:
        if not self._edge:
            return EMPTY_ROOT
        result = self._edge[-1][1]
        for _, left in self._edge[-2::-1]:
            result = node_hash(left, result)
        return result


def _split(count: int) -> int:
    """The largest power of two smaller than `count` (> 1)."""
    return 1 << ((count - 1).bit_length() - 1)


def _range(node: Node, start: int, end: int) -> bytes:
    """The root over the leaves [start, end), where start is a multiple of the largest power of two within."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range(node, start, middle), _range(node, middle, end))
