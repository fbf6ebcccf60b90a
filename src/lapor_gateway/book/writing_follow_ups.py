"""A follow-up that an operator writes in the gateway itself: kept, entered, and on its way to both sides."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book import follow_ups
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.parcels import Direction, ParcelKind, Post, post
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.queries import EVERYTHING, Bounds, find_complaint
from lapor_gateway.book.tables import complaints
from lapor_gateway.book.wording import reporters_of, without
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, Subject, subject_of
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.follow_up import Author, FollowUp, HandOver, Side
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.text import clean
from lapor_gateway.errors import ConfigurationError, NotAllowedError

LONGEST_TEXT: Final = 10_000
_c = complaints.c


def write_follow_up(book: Book, which: int | str, text: str, *, by: str, bounds: Bounds = EVERYTHING) -> int:
    """Keep a person's follow-up to the complaint `which`, to be told to LAPOR! and to the region; its number.

    Raises `NotFoundError`, `ConfigurationError` for no text, `NotAllowedError` for a complaint that is not at LAPOR!.
    """
    plain, _ = clean(text)
    if not plain or len(plain) > LONGEST_TEXT:
        raise ConfigurationError(
            f"A follow-up has between 1 and {LONGEST_TEXT} characters.", cure="Write it anew."
        )
    shown = find_complaint(book, which, bounds=bounds)

    def write(connection: Connection) -> int:
        row, subject = _at_national(connection, shown.id)
        actor = pseudonym(book, connection, by)
        pen = Pen(connection, book.clock.now(), actor)
        own_id = f"operator {subject.seq + 1}"
        one = FollowUp(Author.INSTITUTION, plain, written_at=to_datetime(pen.at), own_id=own_id)
        mark = follow_ups.mark_of(book, subject.reference, Side.GATEWAY, one)
        key = book.data_key(subject.reference, row.data_key)
        (number,) = follow_ups.add(pen, subject, key, Side.GATEWAY, [(one, mark)])
        pen.flush()
        write_audit(book, connection, actor, "follow_up", subject.reference, {"number": number})
        return number

    return book.transact(write)


def hand_over(book: Book, which: int | str, institution: str, reason: str, *, by: str) -> str:
    """Ask LAPOR! to give the complaint `which` to another institution (its id there); the complaint's reference.

    The reason travels, and is kept, without the reporter's own values. Raises `NotFoundError`, `ConfigurationError` for
    no reason, `NotAllowedError` for a complaint that is not at LAPOR!.
    """
    plain, _ = clean(reason)
    if not plain or len(plain) > LONGEST_TEXT:
        raise ConfigurationError("A hand-over needs a reason.", cure='Add --reason "…".')
    shown = find_complaint(book, which)

    def write(connection: Connection) -> str:
        row, subject = _at_national(connection, shown.id)
        actor = pseudonym(book, connection, by)
        pen = Pen(connection, book.clock.now(), actor)
        wish = HandOver(institution, without(plain, reporters_of(book, connection, subject.id)))
        pen.note(subject, "hand_over", {"institution": wish.institution, "reason": wish.reason})
        pen.flush()
        word = msgspec.json.encode(wish).decode()
        kind = ParcelKind.HAND_OVER
        post(
            book,
            connection,
            [Post(Direction.NATIONAL, row.account, subject.reference, kind, subject.id, word=word)],
        )
        write_audit(book, connection, actor, "hand_over", subject.reference, {"institution": institution})
        return subject.reference

    return book.transact(write)


def _at_national(connection: Connection, complaint: int) -> tuple[Any, Subject]:
    """The complaint's row, locked. Raises `NotAllowedError` where LAPOR! does not have it, or it was erased."""
    query = select(*SUBJECT_COLUMNS, _c.data_key, _c.account).where(_c.id == complaint).with_for_update()
    row = connection.execute(query).one()
    subject = subject_of(tuple(row))
    if subject.state is not State.ACCEPTED or row.data_key == ERASED:
        raise NotAllowedError(
            f"The complaint {subject.reference} is not at LAPOR!; nothing can be written to it there.",
            cure="Wait until it has been accepted.",
        )
    return row, subject
