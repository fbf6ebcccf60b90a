"""Proofs for outside: a complaint's entries with their way to a signed root, the sealed ledger, a sample."""

import hashlib
import heapq
from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book import entries
from lapor_gateway.book.checkpoints import shown_note
from lapor_gateway.book.database import Book
from lapor_gateway.book.entries import Row
from lapor_gateway.book.ledger import GENESIS
from lapor_gateway.book.queries import named, no_complaint
from lapor_gateway.book.sealing import newest
from lapor_gateway.book.signing import signer
from lapor_gateway.book.tables import complaints, ledger_entries
from lapor_gateway.book.tiles import CURE, WIDTH, NotWholeError, Tree
from lapor_gateway.domain.merkle import inclusion_proof
from lapor_gateway.errors import ConfigurationError, NotFoundError

FORMAT: Final = "lapor-gateway/proof/1"
_e = ledger_entries.c
_AT_ONCE: Final = 5_000


class ProofEntry(msgspec.Struct, frozen=True, rename={"from_state": "from", "to_state": "to"}):
    """An entry's own values, its leaf in the tree, and the hashes from that leaf to the root.

    `at` in microseconds since the epoch, UTC; `facts` as they are hashed. `previous` is left out: it is the hash of
    the entry before, 32 zero bytes for the first.
    """

    seq: int
    kind: str
    from_state: str | None
    to_state: str | None
    at: int
    actor: str
    facts: str
    encoding: int
    leaf: int
    path: list[str]


class Proof(msgspec.Struct, frozen=True):
    """A complaint's entries 1…n under a signed checkpoint; `unsealed` newer ones are not in it yet.

    `key` checks the signature. Whoever takes it from here checks the proof, not who signed it.
    """

    format: str
    complaint: str
    key: str
    checkpoint: str
    entries: list[ProofEntry]
    unsealed: int


class SealedEntry(msgspec.Struct, frozen=True, rename={"from_state": "from", "to_state": "to"}):
    """An entry at its place in the tree. `leaf` counts from zero; `hash` and `previous` are in hex."""

    leaf: int
    subject: str
    seq: int
    kind: str
    from_state: str | None
    to_state: str | None
    at: int
    actor: str
    facts: str
    previous: str
    encoding: int
    hash: str


def prove(book: Book, which: int | str) -> Proof:
    """The proof of a complaint (its id or reference). Raises `NotFoundError`, `NotWholeError`."""
    with book.read() as connection:
        row = connection.execute(select(complaints.c.id, complaints.c.reference).where(named(which))).first()
        if row is None:
            raise no_complaint(which)
        return _proved(book, connection, Tree(connection), row.id, row.reference)


def _proved(book: Book, connection: Connection, tree: Tree, complaint: int, reference: str) -> Proof:
    note = newest(connection)
    rows = entries.of_complaints(connection, complaint - 1, complaint)
    proved: list[ProofEntry] = []
    previous = GENESIS
    for row in rows:
        leaf = tree.place_of(entries.position_of(row))
        if leaf is None:
            break  # the order of a complaint's entries is that of the ledger: what follows is not sealed either
        if row[1] != len(proved) + 1 or row[8] != previous:
            raise NotWholeError(
                f"The ledger's entries about {reference} do not follow one another.", cure=CURE
            )
        previous = entries.hash_of(row)
        path = inclusion_proof(tree.node, leaf, tree.size)
        _, seq, kind, source, target, at, actor, facts, _, encoding, _, _, _ = row
        steps = [step.hex() for step in path]
        proved.append(ProofEntry(seq, kind, source, target, at, actor, facts, encoding, leaf, steps))
    if note is None or not proved:
        raise NotFoundError(
            f"Nothing about {reference} is sealed yet.",
            cure="Wait for the seal: within 60 seconds while `serve` runs, or after a `sync`.",
        )
    key, signed = str(signer(book, connection).key), shown_note(connection, note)
    return Proof(FORMAT, reference, key, signed, proved, len(rows) - len(proved))


def sealed_entries(book: Book, first: int, most: int) -> list[SealedEntry]:
    """Up to `most` entries from leaf `first` on, in the tree's order. Raises `NotWholeError`."""
    with book.read() as connection:
        tree = Tree(connection)
        places = range(first, min(first + most, tree.size))
        ids = [tree.tile(place // WIDTH).ids[place % WIDTH] for place in places]
        rows = entries.by_ids(connection, ids)
    missing = [identifier for identifier in ids if identifier not in rows]
    if missing:
        raise NotWholeError(f"The ledger's entry {missing[0]} is not the one that was sealed.", cure=CURE)
    return [_sealed(place, rows[identifier]) for place, identifier in zip(places, ids, strict=True)]


def exported(book: Book, first: int) -> Iterator[SealedEntry]:
    """Every sealed entry from leaf `first` on, in bounded memory. Raises `ConfigurationError` past the end."""
    with book.read() as connection:
        size = Tree(connection).size
    if first > size:
        raise ConfigurationError(
            f"The ledger has only {size} sealed entries.", cure="Choose a smaller --from."
        )
    while first < size and (found := sealed_entries(book, first, min(_AT_ONCE, size - first))):
        yield from found
        first += len(found)


def sample(book: Book, count: int, seed: str) -> tuple[list[Proof], int]:
    """The proofs of `count` complaints, and of how many they were chosen.

    Chosen are those whose SHA-256 of the seed and the reference is the smallest: anybody can check the choice, and
    nobody can steer it who does not choose the seed. Raises `ConfigurationError` where there are too few.
    """
    with book.read() as connection:
        tree = Tree(connection)
        if tree.last is None:
            raise ConfigurationError("Nothing is sealed yet: there is nothing to choose from.")
        known = 0

        def ranked() -> Iterator[tuple[bytes, int, str]]:
            nonlocal known
            for complaint, reference in _with_a_seal(connection, tree.position):
                known += 1
                yield hashlib.sha256(f"{seed}\n{reference}".encode()).digest(), complaint, reference

        chosen = heapq.nsmallest(count, ranked())
        if known < count:
            raise ConfigurationError(f"There are only {known} complaints with a seal.", cure="Ask for fewer.")
        return [_proved(book, connection, tree, one, reference) for _, one, reference in chosen], known


def _with_a_seal(connection: Connection, last: entries.Position) -> Iterator[tuple[int, str]]:
    """Every complaint whose first entry is sealed."""
    query = (
        select(_e.complaint, _e.subject)
        .where(_e.complaint.is_not(None), _e.seq == 1, entries.is_up_to(connection, last))
        .order_by(_e.complaint)
    )
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        yield row[0], row[1]


def _sealed(place: int, row: Row) -> SealedEntry:
    subject, seq, kind, source, target, at, actor, facts, previous, encoding, _, _, _ = row
    own = entries.hash_of(row).hex()
    return SealedEntry(
        place, subject, seq, kind, source, target, at, actor, facts, previous.hex(), encoding, own
    )
