"""Legal holds: complaints and channels that nothing may erase, until a person lifts the hold."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from lapor_gateway.book.channels import find
from lapor_gateway.book.database import Book
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.queries import find_complaint
from lapor_gateway.book.tables import complaints, legal_holds
from lapor_gateway.book.wording import reporters_of, without
from lapor_gateway.book.writing import Pen, load_subjects, record
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.complaint import Reporter
from lapor_gateway.errors import ConfigurationError

_CHANNEL: Final = "channel:"
_h = legal_holds.c


class Hold(msgspec.Struct, frozen=True):
    """One hold: `subject` is a complaint's reference or `channel:…`, `held_by` a pseudonym."""

    subject: str
    reason: str
    held_by: str
    at: str | None


def hold_complaint(book: Book, which: str, *, by: str, reason: str) -> str:
    """Keep a complaint from being erased; its reference. Raises `NotFoundError`, `ConfigurationError`."""
    return _change(book, find_complaint(book, which).reference, by, reason, lift=False)


def release_complaint(book: Book, which: str, *, by: str, reason: str) -> str:
    """Lift a complaint's hold; its reference. Safe to repeat."""
    return _change(book, find_complaint(book, which).reference, by, reason, lift=True)


def hold_channel(book: Book, channel: str, *, by: str, reason: str) -> None:
    """Keep every complaint of a channel from being erased. Raises `NotFoundError`, `ConfigurationError`."""
    _change(book, _CHANNEL + channel, by, reason, lift=False)


def release_channel(book: Book, channel: str, *, by: str, reason: str) -> None:
    """Lift a channel's hold. Safe to repeat."""
    _change(book, _CHANNEL + channel, by, reason, lift=True)


def list_holds(book: Book) -> list[Hold]:
    """Every hold in force, oldest first."""
    with book.read() as connection:
        rows = connection.execute(select(legal_holds).order_by(_h.at, _h.subject)).all()
    return [Hold(row.subject, row.reason, row.held_by, isoformat(row.at)) for row in rows]


def held_among(connection: Connection, asked: Iterable[tuple[str, str]]) -> set[str]:
    """Of complaints (reference, channel): references of those on hold, by themselves or with their channel."""
    named = list(asked)
    subjects = {part for reference, channel in named for part in (reference, _CHANNEL + channel)}
    held = set(connection.execute(select(_h.subject).where(_h.subject.in_(sorted(subjects)))).scalars())
    return {reference for reference, channel in named if reference in held or _CHANNEL + channel in held}


def _change(book: Book, subject: str, by: str, reason: str, *, lift: bool) -> str:
    if not reason.strip():
        raise ConfigurationError(
            "A legal hold needs a reason, and so does lifting it.", cure='Add --reason "…".'
        )
    kind = "legal_hold_lifted" if lift else "legal_hold"
    with book.write() as connection:
        actor = pseudonym(book, connection, by)
        there = connection.execute(select(_h.subject).where(_h.subject == subject)).first() is not None
        if there != lift:
            return subject
        now = book.clock.now()
        said = without(reason.strip(), _named(book, connection, subject))
        if lift:
            connection.execute(delete(legal_holds).where(_h.subject == subject))
        else:
            values: dict[str, Any] = {"subject": subject, "reason": said, "held_by": actor, "at": now}
            connection.execute(insert(legal_holds).values(values))
        _write_entry(connection, subject, kind, said, now, actor)
        write_audit(book, connection, actor, kind, subject, {"reason": said})
    return subject


def _write_entry(connection: Connection, subject: str, kind: str, reason: str, at: int, actor: str) -> None:
    if subject.startswith(_CHANNEL):
        find(connection, subject.removeprefix(_CHANNEL))
        record(connection, subject, kind, {"reason": reason}, at=at, actor=actor)
        return
    pen = Pen(connection, at, actor)
    identifier = _id_of(connection, subject)
    pen.note(load_subjects(connection, [identifier])[identifier], kind, {"reason": reason})
    pen.flush()


def _named(book: Book, connection: Connection, subject: str) -> frozenset[Reporter]:
    if subject.startswith(_CHANNEL):
        return frozenset()
    return reporters_of(book, connection, _id_of(connection, subject))


def _id_of(connection: Connection, reference: str) -> int:
    query = select(complaints.c.id).where(complaints.c.reference == reference)
    return int(connection.execute(query).scalar_one())
