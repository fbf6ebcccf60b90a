"""The inbox: complaints filed at LAPOR! itself, for a region; known again when the region lists them as its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, select, update

from lapor_gateway.book import parcels
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, settle_finding
from lapor_gateway.book.parcels import Direction, ParcelKind, Post
from lapor_gateway.book.queries import EVERYTHING, Bounds, page
from lapor_gateway.book.repairing import take_number
from lapor_gateway.book.tables import complaints, inbox
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen
from lapor_gateway.clock import isoformat, to_instant
from lapor_gateway.domain.admission import Reason
from lapor_gateway.domain.complaint import AccountName, Reporter
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.redaction import redact

PURPOSE: Final = b"inbox"
_i = inbox.c
_c = complaints.c
_CLAIMED: Final = (Reason.NUMBER_UNCHECKED, Reason.NUMBER_OTHER_TEXT, Reason.NUMBER_ABSENT)


class InboxState(StrEnum):
    """`delivered` to the region's application; `recognised` once the region lists it as its own."""

    NEW = "new"
    DELIVERED = "delivered"
    RECOGNISED = "recognised"


class Filed(msgspec.Struct, frozen=True):
    """A complaint as LAPOR! shows it that none of ours is; `filed_at` is aware, None where it was not readable."""

    tracking_id: str
    title: str
    content: str
    word: str | None = None
    filed_at: datetime | None = None


class InboxView(msgspec.Struct, frozen=True):
    """A complaint that was filed at LAPOR! itself. NIKs in its text are masked; `state` new, delivered, recognised."""

    id: int
    account: str
    tracking_id: str
    region: str | None
    state: str
    title: str
    body: str
    status: str | None
    filed_at: str | None
    seen_at: str | None
    channel: str | None
    regional_id: str | None
    complaint: int | None


class _Content(msgspec.Struct):
    title: str
    body: str


_content = msgspec.json.Decoder(_Content)


def note_filed(
    book: Book, connection: Connection, account: str, region: str | None, filed: Sequence[Filed]
) -> int:
    """Keep those that are no complaint of the book's and are not kept yet; how many were new."""
    numbers = [one.tracking_id for one in filed]
    ours = select(_c.tracking_id).where(_c.account == account, _c.tracking_id.in_(numbers))
    claimed = select(_c.national_number).where(_c.account == account, _c.national_number.in_(numbers))
    kept = select(_i.tracking_id).where(_i.account == account, _i.tracking_id.in_(numbers))
    known = {number for query in (ours, claimed, kept) for number in connection.execute(query).scalars()}
    new = [one for one in {one.tracking_id: one for one in filed}.values() if one.tracking_id not in known]
    now = book.clock.now()
    rows = [
        {
            "id": identifier,
            "account": account,
            "tracking_id": one.tracking_id,
            "region": region,
            "content": book.master.wrap(msgspec.json.encode(_Content(one.title, one.content)), PURPOSE),
            "word": one.word,
            "filed_at": None if one.filed_at is None else to_instant(one.filed_at),
            "seen_at": now,
            "state": InboxState.NEW,
        }
        for identifier, one in zip(book.ids(connection, "inbox", len(new)), new, strict=True)
    ]
    if rows:
        connection.execute(insert(inbox), rows)
    return len(rows)


def post_new(book: Book, takers: Mapping[str, str]) -> int:
    """Put what is new on its way: `takers` names, by region, the channel whose application takes it."""

    def write(connection: Connection) -> int:
        rows = connection.execute(
            select(_i.id, _i.region).where(
                _i.state == InboxState.NEW, _i.channel.is_(None), _i.region.in_(takers)
            )
        ).all()
        posts = [
            Post(Direction.REGION, takers[row.region], f"inbox:{row.id}", ParcelKind.NEW) for row in rows
        ]
        if posts:
            parcels.post(book, connection, posts)
        for row in rows:
            connection.execute(update(inbox).where(_i.id == row.id).values(channel=takers[row.region]))
        return len(rows)

    return book.transact(write)


def filed_of(book: Book, connection: Connection, which: int) -> Filed | None:
    """What the inbox keeps under an id."""
    row = connection.execute(select(inbox).where(_i.id == which)).first()
    if row is None:
        return None
    kept = _content.decode(book.master.unwrap(bytes(row.content), PURPOSE))
    return Filed(row.tracking_id, kept.title, kept.body, row.word)


def note_delivered(connection: Connection, which: int, regional_id: str | None) -> str | None:
    """The region's application has it, perhaps under an id of its own; its number at LAPOR!."""
    connection.execute(
        update(inbox)
        .where(_i.id == which, _i.state == InboxState.NEW)
        .values(state=InboxState.DELIVERED, regional_id=regional_id)
    )
    number = connection.execute(select(_i.tracking_id).where(_i.id == which)).scalar()
    return None if number is None else str(number)


def recognise(book: Book) -> int:
    """Adopt complaints that a region lists of what is in the inbox: LAPOR! itself has shown their number.

    Whatever the region's officers have made of the text meanwhile, it is that complaint, and is never pushed.
    """
    with book.read() as connection:
        if (
            connection.execute(select(_i.id).where(_i.state != InboxState.RECOGNISED).limit(1)).first()
            is None
        ):
            return 0
    return book.transact(lambda connection: _recognise(book, connection))


def _recognise(book: Book, connection: Connection) -> int:
    there = connection.execute(
        select(_i.id.label("kept"), _c.id)
        .join(complaints, (_c.account == _i.account) & (_c.tracking_id == _i.tracking_id))
        .where(_i.state != InboxState.RECOGNISED, _c.linked_to.is_(None))
    ).all()
    for one in there:  # adopted by the listing, since the text is still the same
        values = {"state": InboxState.RECOGNISED, "complaint": one.id}
        connection.execute(update(inbox).where(_i.id == one.kept).values(values))
    rows = connection.execute(
        select(*SUBJECT_COLUMNS, _c.account, _i.id.label("kept"), _i.tracking_id.label("number"))
        .join(inbox, (_i.account == _c.account) & (_i.tracking_id == _c.national_number))
        .where(
            _i.state != InboxState.RECOGNISED,
            _c.state == State.HELD,
            _c.reason.in_(_CLAIMED),
            _c.gate_due == 0,
        )
        .with_for_update(of=complaints)
    ).all()
    done = 0
    for row in rows:
        pen = Pen(connection, book.clock.now())
        if take_number(connection, pen, row, AccountName(row.account), row.number):
            values = {"state": InboxState.RECOGNISED, "complaint": row.id}
            connection.execute(update(inbox).where(_i.id == row.kept).values(values))
            settle_finding(book, connection, FindingKind.NUMBER_WRONG, row.reference)
            done += 1
    return done


def list_inbox(
    book: Book,
    *,
    region: str | None = None,
    state: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
    bounds: Bounds = EVERYTHING,
) -> tuple[list[InboxView], str | None]:
    """What LAPOR! has for the regions, newest first, and the cursor of the next page. Raises `WrongCursorError`."""
    given = [(_i.region, region), (_i.state, state)]
    conditions = [column == value for column, value in given if value is not None]
    query = select(inbox).where(*conditions, *bounds.of(_i.region, _i.channel))
    rows, following = page(book, query, _i.id, limit=limit, cursor=cursor)
    return [_view(book, row) for row in rows], following


def _view(book: Book, row: Any) -> InboxView:
    kept = _content.decode(book.master.unwrap(bytes(row.content), PURPOSE))
    return InboxView(
        row.id,
        row.account,
        row.tracking_id,
        row.region,
        row.state,
        redact(kept.title, Reporter()),
        redact(kept.body, Reporter()),
        row.word,
        isoformat(row.filed_at),
        isoformat(row.seen_at),
        row.channel,
        row.regional_id,
        row.complaint,
    )
