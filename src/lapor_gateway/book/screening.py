"""The quick look at many complaints at once: whether every entry, chain and row is as it must be. It names nothing.

It asks what `verifying.py` asks, in one loop that makes no object an entry, and gives up at the first thing that is
not plain: then the careful check goes over the same complaints and says what and where.
"""

import hashlib
from typing import Any, Final

from lapor_gateway.book.entries import ID, PREFIX, UNREADABLE, Row, field, fields_of
from lapor_gateway.book.ledger import ENCODING, GENESIS
from lapor_gateway.book.row_fold import CHANGES, COLUMNS, Change, RowFold, differing
from lapor_gateway.book.spool import Spool
from lapor_gateway.domain.reference import is_derived

_WIDTH: Final = len(COLUMNS)
_LENGTHS: Final = tuple(length.to_bytes(4) for length in range(4_096))
_Step = tuple[bytes, bytes, Change | None]
"""An entry's fields before its instant, its actor behind that, and what its kind changes in the row."""


class Screening:
    """Looks at chunks of complaints; `reference_key` is the book's."""

    def __init__(self, spool: Spool, reference_key: bytes) -> None:
        self._spool = spool
        self._reference_key = reference_key

    def is_clean(self, rows: list[Row], states: dict[Any, tuple[Any, ...]]) -> bool:
        """Whether the careful check would find nothing in these complaints; if so, their leaves are spooled.

        `rows` are their entries by complaint and number, `states` their rows in the book by id.
        """
        try:
            digests: list[bytes] = []
            folds = _folds(rows, digests)
            if len(folds) != len(states) or not all(
                self._is_told_by(fold, states[complaint]) for complaint, fold in folds.items()
            ):
                return False
        except (KeyError, _NotPlainError, *UNREADABLE):
            return False
        self._spool.put([row[ID] for row in rows], digests)
        return True

    def _is_told_by(self, fold: RowFold, state: tuple[Any, ...]) -> bool:
        row, (origin, source_id, link) = state[:_WIDTH], state[_WIDTH:]
        if fold.told() != row and differing(fold, row):
            return False
        is_linked_alike = link is None or fold.linked_to is not None
        return is_linked_alike and is_derived(fold.reference, self._reference_key, origin, source_id)


class _NotPlainError(Exception):
    """An entry that does not follow the one before."""


def _folds(rows: list[Row], digests: list[bytes]) -> dict[Any, RowFold]:
    """The fold of each complaint's entries, whose hashes are added to `digests`. Raises `_NotPlainError`."""
    folds: dict[Any, RowFold] = {}
    steps: dict[Row, _Step] = {}
    instants: dict[Any, bytes] = {}
    sha256, keep = hashlib.sha256, digests.append
    current, fold, begin, head, number, state = None, RowFold(""), b"", GENESIS, 0, None
    for subject, seq, kind, source, target, at, actor, facts, previous, encoding, _, complaint, _ in rows:
        if complaint != current:
            fold = folds[complaint] = RowFold(subject)
            current, head, number, state = complaint, GENESIS, 0, None
            begin = PREFIX + field(subject.encode())
        number += 1
        if previous != head or seq != number or source != state or subject != fold.reference:
            raise _NotPlainError
        step = (number, kind, source, target, actor, encoding)
        before, behind, change = steps.get(step) or _remembered(steps, step)
        said = facts.encode()
        size = len(said)
        length = _LENGTHS[size] if size < 4_096 else size.to_bytes(4)
        instant = instants.get(at) or instants.setdefault(at, _instant(at))
        head = sha256(b"".join((begin, before, instant, behind, length, said, b"\0\0\0\x20", head))).digest()
        keep(head)
        fold.ledger_seq, fold.ledger_head, fold.state = number, head, target
        state = target
        if change is not None:
            change(fold, facts, at)
    return folds


def _remembered(steps: dict[Row, _Step], step: Row) -> _Step:
    """What only few combinations of number, kind, states and actor fill, spelt once a chunk."""
    number, kind, source, target, actor, encoding = step
    if encoding != ENCODING:
        raise _NotPlainError
    steps[step] = fields_of(number, kind, source, target), field(actor.encode()), CHANGES.get(kind)
    return steps[step]


def _instant(at: Any) -> bytes:
    if at.__class__ is not int:  # a number with a fraction would be cut to a whole one
        raise _NotPlainError
    return field(b"%d" % at)
