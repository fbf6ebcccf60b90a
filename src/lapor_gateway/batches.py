"""Rows in batches: what `itertools.batched` does from Python 3.12 on, with lists."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_One = TypeVar("_One")


def batches(rows: Iterable[_One], size: int) -> Iterator[list[_One]]:
    """The rows in lists of `size`, the last one shorter; nothing for no rows."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch
