"""The seal: entries whose order is final get their leaves, and every batch of them a signed checkpoint.

One sealer at a time, under a lease. Whatever is written is written in one transaction, so that the leaves always
reach as far as the newest checkpoint, and no further.
"""

from typing import Final

from sqlalchemy import Connection, insert, select

from lapor_gateway.book import entries
from lapor_gateway.book.database import Book
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.signing import Signer, signer
from lapor_gateway.book.tables import checkpoints
from lapor_gateway.book.tiles import CURE, Growth, NotWholeError, Tree
from lapor_gateway.domain.merkle import root
from lapor_gateway.domain.notes import Checkpoint, Note, parse_note

LEASE: Final = "seal"
BATCH: Final = 64 * 256
_k = checkpoints.c


def is_due(book: Book) -> bool:
    """Whether an entry waits to be sealed."""
    with book.read() as connection:
        return bool(entries.behind(connection, Tree(connection).position, 1))


def seal(book: Book, lease: Lease, most: int = BATCH) -> Note | None:
    """Seal up to `most` entries; the new checkpoint, None where nothing waits. Commits.

    Raises `LeaseLostError`, and `NotWholeError` rather than to seal behind a tree that has been changed.
    """
    with book.read() as connection:
        own = signer(book, connection)
        tree, last = Tree(connection), newest(connection)
        require_whole(tree, last)
        rows = entries.behind(connection, tree.position, most)
        if not rows:
            return None
        growth = Growth(tree, rows)
    note = _signed(own, growth, last, book.clock.now())
    with book.write() as connection:
        lease.require(connection)
        growth.write(connection)
        one = note.checkpoint
        connection.execute(
            insert(checkpoints).values(number=one.number, size=one.size, at=one.at, note=note.text)
        )
    return note


def newest(connection: Connection) -> Note | None:
    """The newest checkpoint. Raises `NotWholeError` where its text is none."""
    row = connection.execute(select(_k.number, _k.note).order_by(_k.number.desc()).limit(1)).first()
    if row is None:
        return None
    note = parse_note(row.note)
    if note is None or note.checkpoint.number != row.number:
        raise NotWholeError(f"The checkpoint {row.number} cannot be read.", cure=CURE)
    return note


def require_whole(tree: Tree, last: Note | None) -> None:
    """Raises `NotWholeError` where the tree does not lead to its newest checkpoint.

    What was changed since the last seal must show, not be sealed over.
    """
    size = 0 if last is None else last.checkpoint.size
    if tree.size != size or (last is not None and root(tree.node, size) != last.checkpoint.root):
        raise NotWholeError(
            "The ledger's tree does not lead to its newest checkpoint: nothing is sealed any more.",
            detail=f"{tree.size} leaves, the checkpoint has {size}",
            cure=CURE,
        )


def _signed(own: Signer, growth: Growth, last: Note | None, at: int) -> Note:
    number = 1 if last is None else last.checkpoint.number + 1
    return own.sign(Checkpoint(own.book_id, own.epoch, number, growth.size, growth.root, at))
