"""News on their way to a region's application: attempts committed before requests, endings after them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, case, select

from lapor_gateway.book import follow_ups, inbox, parcels
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.lost import remember
from lapor_gateway.book.parcels import Direction, Parcel, ParcelKind, ParcelState
from lapor_gateway.book.standing import Standing, standing
from lapor_gateway.book.tables import complaints
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, Subject, subject_of
from lapor_gateway.domain.follow_up import Side
from lapor_gateway.domain.outcomes import tracking_id_of

_INBOX: Final = "inbox:"
_c = complaints.c
_first = complaints.alias("first")


class News(msgspec.Struct, frozen=True):
    """What a region's application is told. `delivery` is the same over all tries; instants in microseconds.

    `word` is LAPOR!'s status, `follow_up` the text of this very follow-up, `last_answer` the newest one there is.
    """

    parcels: tuple[Parcel, ...]
    delivery: str
    kind: str
    at: int
    source_id: str | None = None
    reference: str | None = None
    tracking_id: str | None = None
    word: str | None = None
    meaning: str | None = None
    follow_up: str | None = None
    author: str | None = None
    last_answer: str | None = None
    title: str | None = None
    body: str | None = None


class How(StrEnum):
    """How a delivery ended."""

    DELIVERED = "delivered"
    LATER = "later"
    DECLINED = "declined"
    DOUBTFUL = "doubtful"


class Ended(msgspec.Struct, frozen=True):
    """An ending; `next_at` (µs) is for one that is tried again, `regional_id` for a new complaint's own id there."""

    news: News
    how: How
    reason: str | None = None
    next_at: int = 0
    regional_id: str | None = None


class _About(msgspec.Struct):
    subject: Subject
    source_id: str
    data_key: bytes
    word: str | None
    meaning: str | None
    tracking_id: str | None


def begin(book: Book, lease: Lease, channel: str, want: int, *, time_out: int, together: bool) -> list[News]:
    """Commit attempts at up to `want` parcels of a channel; `time_out` in µs. None while all pushing is stopped.

    `together` makes one piece of news of all that waits for a complaint.
    """

    def write(connection: Connection) -> list[News]:
        lease.require(connection)
        if standing(connection) is not Standing.ON:
            return []
        taken = parcels.take(
            connection, lease, Direction.REGION, channel, want, now=book.clock.now(), time_out=time_out,
            together=together,
        )  # fmt: skip
        about = _about(connection, [one.subject for one in taken])
        by_subject: dict[str, list[Parcel]] = {}
        for one in taken:
            by_subject.setdefault(one.subject, []).append(one)
        found = [_composed(book, connection, of_one, about) for of_one in by_subject.values()]
        return [one for one in found if one is not None]

    return book.transact(write)


def finish(book: Book, lease: Lease, channel: str, origin: str, ended: Sequence[Ended]) -> None:
    """Write how deliveries ended. A new complaint's id there makes it known when the application lists it."""

    def write(connection: Connection) -> None:
        lease.require(connection)
        pen = Pen(connection, book.clock.now())
        about = _about(connection, [one.news.parcels[0].subject for one in ended])
        for one in ended:
            subject = about.get(one.news.parcels[0].subject)
            for parcel in one.news.parcels:
                _enter(pen, channel, parcel, None if subject is None else subject.subject, one)
            if one.how is How.DELIVERED and one.news.kind == ParcelKind.NEW:
                _remember_new(book, connection, origin, one)
        pen.flush()

    book.transact(write)


def lose_holders(book: Book, lease: Lease, channel: str, repeatable: frozenset[str]) -> None:
    """Attempts of a sender that is gone: tried again where that does no harm, else for a person to decide."""

    def write(connection: Connection) -> None:
        lease.require(connection)
        now = book.clock.now()
        for one in parcels.lost(connection, lease, Direction.REGION, channel, now):
            state = ParcelState.WAITING if one.kind in repeatable else ParcelState.AMBIGUOUS
            parcels.move(connection, one.id, state, at=now, reason="lost_holder", next_attempt_at=now)

    book.transact(write)


def _about(connection: Connection, subjects: Sequence[str]) -> dict[str, _About]:
    """The complaints of these references; a linked one is told what its first one's number and status are."""
    own = _c.linked_to.is_(None)

    def shared(name: str) -> Any:
        return case((own, _c[name]), else_=_first.c[name]).label(name)

    query = (
        select(
            *SUBJECT_COLUMNS, _c.source_id, _c.data_key, shared("national_word"), shared("national_status"),
            shared("tracking_id"),
        )
        .outerjoin(_first, _first.c.id == _c.linked_to)
        .where(_c.reference.in_([one for one in subjects if not one.startswith(_INBOX)]))
        .order_by(_c.id)
        .with_for_update(of=complaints)
    )  # fmt: skip
    return {
        row.reference: _About(
            subject_of(tuple(row)), row.source_id, row.data_key, row.national_word, row.national_status,
            row.tracking_id,
        )
        for row in connection.execute(query)
    }  # fmt: skip


def _composed(
    book: Book, connection: Connection, of_one: list[Parcel], about: dict[str, _About]
) -> News | None:
    """The news of one subject; None, with its parcels stopped, where there is nothing left to tell."""
    last = of_one[-1]
    delivery = f"lapor_{book.digest(f'delivery {of_one[0].id}'.encode()).hex()}"
    base = News(tuple(of_one), delivery, last.kind, last.made_at)
    if last.subject.startswith(_INBOX):
        filed = inbox.filed_of(book, connection, int(last.subject.removeprefix(_INBOX)))
        if filed is not None:
            return replace(
                base, tracking_id=filed.tracking_id, word=filed.word, title=filed.title, body=filed.content
            )
    elif (one := about.get(last.subject)) is not None and one.data_key != ERASED:
        kept = _texts(book, connection, of_one, one)
        this = kept.get(last.follow_up or 0)
        newest = max((n for n, each in kept.items() if each.side is not Side.REGION), default=0)
        return replace(
            base,
            source_id=one.source_id,
            reference=one.subject.reference,
            tracking_id=one.tracking_id,
            word=last.word if last.kind == ParcelKind.STATUS else one.word,
            meaning=one.meaning,
            follow_up=None if this is None else this.follow_up.text,
            author=None if this is None else str(this.follow_up.author),
            last_answer=kept[newest].follow_up.text if newest else None,
        )
    for parcel in of_one:
        parcels.move(connection, parcel.id, ParcelState.STOPPED, at=book.clock.now(), reason="erased")
    return None


def _texts(
    book: Book, connection: Connection, of_one: list[Parcel], about: _About
) -> dict[int, follow_ups.Kept]:
    """The follow-ups of the complaint that they belong to: the first one's, where this one is linked to it."""
    whose = next((one.complaint for one in of_one if one.complaint is not None), about.subject.id)
    row = connection.execute(select(_c.reference, _c.data_key).where(_c.id == whose)).first()
    if row is None or row.data_key == ERASED:
        return {}
    key = book.data_key(row.reference, row.data_key)
    return {one.number: one for one in follow_ups.contents(connection, whose, key)}


def _enter(pen: Pen, channel: str, parcel: Parcel, subject: Subject | None, one: Ended) -> None:
    facts = {"channel": channel, "kind": parcel.kind, "attempt": parcel.attempts}
    facts |= {} if parcel.follow_up is None else {"number": parcel.follow_up}
    match one.how:
        case How.DELIVERED:
            if subject is not None:
                pen.note(subject, "written_back", facts)
            parcels.move(pen.connection, parcel.id, ParcelState.DELIVERED, at=pen.at)
        case How.LATER:
            parcels.move(
                pen.connection, parcel.id, ParcelState.WAITING, at=pen.at, reason=one.reason,
                next_attempt_at=one.next_at,
            )  # fmt: skip
        case How.DECLINED | How.DOUBTFUL:
            declined = one.how is How.DECLINED
            if subject is not None:
                pen.note(subject, "write_back_declined" if declined else "write_back_unknown", facts)
            state = ParcelState.REFUSED if declined else ParcelState.AMBIGUOUS
            parcels.move(pen.connection, parcel.id, state, at=pen.at, reason=one.reason)


def _remember_new(book: Book, connection: Connection, origin: str, one: Ended) -> None:
    """Its number is checked, not sent, when the application lists it under the id that it gave."""
    which = int(one.news.parcels[0].subject.removeprefix(_INBOX))
    number = inbox.note_delivered(connection, which, one.regional_id)
    if one.regional_id is not None and tracking_id_of(number) is not None and number is not None:
        remember(connection, {book.reference(origin, one.regional_id): number})
