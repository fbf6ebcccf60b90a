"""The leaves of a ledger under verification, in a file with a slot for every entry, shared by all processes."""

import hashlib
import mmap
from pathlib import Path
from typing import Final, Self

from lapor_gateway.book.tiles import HASH, Tile
from lapor_gateway.domain.merkle import LEAF

NO_LEAF: Final = bytes(HASH)
_READ_AT_ONCE: Final = 65_536  # leaves; their pages, 2 MB, count as ours until they are left to the system


class Spool:
    """A file with a slot for the leaf of every entry id in [base, base + slots)."""

    def __init__(self, path: Path, base: int, slots: int) -> None:
        self.path = path
        self.base = base
        self.slots = slots
        self._end = slots * HASH
        self._read = 0

    def __enter__(self) -> Self:
        with self.path.open("r+b") as file:
            if self._end:
                file.truncate(self._end)
            self._map = mmap.mmap(file.fileno(), self._end) if self._end else None
        return self

    def __exit__(self, *_: object) -> None:
        if self._map is not None:
            self._map.close()

    def put(self, ids: list[int], digests: list[bytes]) -> None:
        """Keep the leaves of entries by their ids; one outside the slots belongs to the unsealed tail."""
        kept, base, end, sha256 = self._map, self.base, self._end, hashlib.sha256
        if kept is None:
            return
        for identifier, digest in zip(ids, digests, strict=True):
            start = (identifier - base) * HASH
            if 0 <= start < end:
                kept[start : start + HASH] = sha256(LEAF + digest).digest()
        self._forget()

    def leaves(self, tile: Tile) -> bytes:
        """The leaves of a tile one after another, in its order; 32 zero bytes where the entry was not found."""
        kept, ids = self._map, tile.ids
        if kept is None:
            return NO_LEAF * len(ids)
        self._read += len(ids)
        if self._read > _READ_AT_ONCE:
            self._forget()
            self._read = 0
        start = (ids[0] - self.base) * HASH
        stop = start + len(ids) * HASH
        if ids == tuple(range(ids[0], ids[0] + len(ids))) and start >= 0 and stop <= self._end:
            return kept[start:stop]  # nearly always: entries lie there as they were written
        starts = [(identifier - self.base) * HASH for identifier in ids]
        return b"".join([kept[at : at + HASH] if 0 <= at < self._end else NO_LEAF for at in starts])

    def _forget(self) -> None:
        """Leave the pages to the system: they are in the file, and need not count as ours."""
        if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)
