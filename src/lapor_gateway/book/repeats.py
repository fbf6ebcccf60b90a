"""Answers kept for a day, so that a write which is asked again under its Idempotency-Key is answered, not done."""

from typing import Final

import msgspec
from sqlalchemy import delete, insert, select, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.tables import repeats

_DAY: Final = 86_400_000_000
_ABANDONED: Final = 60_000_000
_PURPOSE: Final = b"repeat"


class Kept(msgspec.Struct, frozen=True):
    """The answer that was given the first time."""

    status: int
    media_type: str
    body: bytes


class Taken(msgspec.Struct, frozen=True):
    """The key was used before: for another request (`differs`), or one that is still being answered."""

    differs: bool


def claim(book: Book, key: bytes, request: bytes) -> Kept | Taken | None:
    """None: the caller is the first and must `keep` its answer or `forget` the key."""
    now = book.clock.now()
    with book.write() as connection:
        connection.execute(delete(repeats).where(repeats.c.asked_at < now - _DAY))
        row = connection.execute(select(repeats).where(repeats.c.key == key).with_for_update()).first()
        if row is None:
            connection.execute(insert(repeats).values(key=key, request=request, asked_at=now))
            return None
        if row.request != request:
            return Taken(differs=True)
        if row.status is not None:
            return Kept(row.status, row.media_type, book.master.unwrap(row.body, _PURPOSE))
        if row.asked_at > now - _ABANDONED:
            return Taken(differs=False)
        connection.execute(update(repeats).where(repeats.c.key == key).values(asked_at=now))
        return None


def keep(book: Book, key: bytes, answer: Kept) -> None:
    """Remember the answer for the next time."""
    values = {
        "status": answer.status,
        "media_type": answer.media_type,
        "body": book.master.wrap(answer.body, _PURPOSE),
    }
    with book.write() as connection:
        connection.execute(update(repeats).where(repeats.c.key == key).values(values))


def forget(book: Book, key: bytes) -> None:
    """Nothing was done: the key is free again."""
    with book.write() as connection:
        connection.execute(delete(repeats).where(repeats.c.key == key))
