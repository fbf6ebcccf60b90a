"""The key that signs checkpoints: Ed25519, its seed wrapped by the master key in the book; and checking signatures."""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, select

from lapor_gateway.book.database import Book
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.domain.notes import COSIGNATURE, ED25519, ORIGIN, Checkpoint, Note, Signature, VerifierKey
from lapor_gateway.errors import ConfigurationError

KEY_NAME: Final = "seal"
_STAMP_BYTES: Final = 8


class Signer:
    """Signs this book's checkpoints; `key` is what others check them with."""

    def __init__(self, book_id: str, epoch: int, seed: bytes) -> None:
        self.book_id = book_id
        self.epoch = epoch
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key = VerifierKey(ORIGIN + book_id, ED25519, public)

    def sign(self, checkpoint: Checkpoint) -> Note:
        value = self._private.sign(checkpoint.body.encode())
        return Note(checkpoint, (Signature(self.key.name, self.key.id, value),))


def signer(book: Book, connection: Connection) -> Signer:
    """The book's own signer. Raises `ConfigurationError` for a book that has no key yet, `WrongKeyError`."""
    rows = connection.execute(
        select(book_table.c.name, book_table.c.value).where(book_table.c.name.in_(("id", "epoch")))
    )
    values = {row.name: row.value for row in rows}
    return Signer(values["id"], int(values["epoch"]), own_key(book, connection, KEY_NAME))


def own_key(book: Book, connection: Connection, name: str) -> bytes:
    """A key of the book's own: `seal` or `reference`. Raises `ConfigurationError` where it has none."""
    query = select(book_table.c.value).where(book_table.c.name == f"key:{name}")
    wrapped = connection.execute(query).scalar()
    if wrapped is None:
        raise ConfigurationError(f"The book has no {name} key.", cure="Run `lapor-gateway db upgrade`.")
    return book.master.unwrap(bytes.fromhex(wrapped), f"book/{name}".encode())


def is_signed(note: Note, key: VerifierKey) -> bool:
    """Whether one of the note's signatures is by `key`."""
    return any(is_by(one, note.checkpoint.body, key) for one in note.signatures)


def is_by(signature: Signature, body: str, key: VerifierKey) -> bool:
    """Whether `key` made this signature of `body`: a plain one, or a witness's cosignature with its time (C2SP)."""
    if signature.name != key.name or signature.key_id != key.id:
        return False
    signed, value = body.encode(), signature.value
    if key.kind == COSIGNATURE:
        stamp, value = value[:_STAMP_BYTES], value[_STAMP_BYTES:]
        signed = b"cosignature/v1\ntime %d\n" % int.from_bytes(stamp) + signed
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
