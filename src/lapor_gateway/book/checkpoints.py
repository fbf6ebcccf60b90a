"""Checkpoints as the book keeps them: to list, to hand to witnesses, and what each witness has taken."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from lapor_gateway.book.cursors import decode_cursor, encode_cursor
from lapor_gateway.book.database import Book
from lapor_gateway.book.queries import Page
from lapor_gateway.book.signing import signer
from lapor_gateway.book.tables import checkpoints, cosignatures, witnesses
from lapor_gateway.book.tiles import CURE, NotWholeError, Tree
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.merkle import consistency_proof
from lapor_gateway.domain.notes import Note, Signature, parse_note
from lapor_gateway.errors import ConfigurationError

_AT_ONCE: Final = 1_000
_k = checkpoints.c
_w = witnesses.c
_s = cosignatures.c


class CheckpointView(msgspec.Struct, frozen=True):
    """A checkpoint; `note` is its signed text, with the signatures of the witnesses that have signed beside us."""

    number: int
    size: int
    root: str
    epoch: int
    at: str
    note: str


class Taken(msgspec.Struct, frozen=True):
    """What a witness has taken: the newest checkpoint's number (0: none), when, and why the last try failed."""

    number: int = 0
    taken_at: int | None = None
    trouble: str | None = None


def list_checkpoints(book: Book, *, limit: int, cursor: str | None = None) -> Page[CheckpointView]:
    """Checkpoints, newest first. Raises `WrongCursorError`, `NotWholeError`."""
    query = select(_k.number, _k.note).order_by(_k.number.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(_k.number < decode_cursor(cursor, 1)[0])
    with book.read() as connection:
        rows = connection.execute(query).all()
        shown = [_view(connection, _note(*row)) for row in rows[:limit]]
    following = encode_cursor(shown[-1].number) if len(rows) > limit else None
    return shown, following


def consistency(book: Book, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old`.

    Raises `ConfigurationError` for sizes that are not 0 < old <= new <= the sealed size, `NotWholeError`.
    """
    with book.read() as connection:
        tree = Tree(connection)
        if not 0 < old <= new <= tree.size:
            raise ConfigurationError(
                f"There is no proof from {old} to {new} entries: {tree.size} are sealed.",
                cure="Give the sizes of two checkpoints, the smaller one first.",
            )
        return consistency_proof(tree.node, old, new)


def public_key(book: Book) -> str:
    """The key that checks the signatures of this book's checkpoints, as NAME+HASH+BASE64."""
    with book.read() as connection:
        return str(signer(book, connection).key)


def notes_behind(connection: Connection, number: int, most: int = _AT_ONCE) -> list[Note]:
    """Up to `most` checkpoints after `number`, oldest first."""
    query = select(_k.number, _k.note).where(_k.number > number).order_by(_k.number).limit(most)
    return [_note(*row) for row in connection.execute(query)]


def note_of(connection: Connection, number: int) -> Note | None:
    text = connection.execute(select(_k.note).where(_k.number == number)).scalar()
    return None if text is None else _note(number, text)


def taken_by(connection: Connection, witness: str) -> Taken:
    row = connection.execute(select(_w.number, _w.taken_at, _w.trouble).where(_w.name == witness)).first()
    return Taken() if row is None else Taken(*row)


def note_taken(book: Book, witness: str, taken: Taken, signatures: Sequence[Signature] = ()) -> None:
    """Remember what became of handing checkpoints to a witness, and its own signatures."""
    with book.write() as connection:
        connection.execute(delete(witnesses).where(_w.name == witness))
        values = msgspec.structs.asdict(taken)
        connection.execute(insert(witnesses).values(name=witness, **values))
        for one in signatures:
            key = (_s.number == taken.number) & (_s.witness == one.name)
            connection.execute(delete(cosignatures).where(key))
            row = {"number": taken.number, "witness": one.name, "line": one.line}
            connection.execute(insert(cosignatures).values(row))


def shown_note(connection: Connection, note: Note) -> str:
    """A checkpoint's text with the signatures of the witnesses that have signed beside us."""
    query = select(_s.line).where(_s.number == note.checkpoint.number).order_by(_s.witness)
    return note.text + "".join(connection.execute(query).scalars())


def _view(connection: Connection, note: Note) -> CheckpointView:
    one, at = note.checkpoint, isoformat(note.checkpoint.at)
    assert at is not None
    return CheckpointView(one.number, one.size, one.root.hex(), one.epoch, at, shown_note(connection, note))


def _note(number: int, text: str) -> Note:
    note = parse_note(text)
    if note is None or note.checkpoint.number != number:
        raise NotWholeError(f"The checkpoint {number} cannot be read.", cure=CURE)
    return note
