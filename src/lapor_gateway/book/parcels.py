"""Parcels: what is on its way to a region's application or to LAPOR!, attempts before requests, outcomes after them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)

from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.tables import parcels
from lapor_gateway.book.tables.travel import OPEN_PARCELS

_p = parcels.c
_before = parcels.alias("before")
_OPEN: Final[ColumnElement[bool]] = literal_column(OPEN_PARCELS)
_OPEN_WORDS: Final = ("waiting", "sending", "ambiguous")


class Direction(StrEnum):
    REGION = "region"
    NATIONAL = "national"


class ParcelKind(StrEnum):
    """What travels. `new` is a complaint filed at LAPOR! itself; a hand-over's `word` is JSON of its `HandOver`."""

    ACCEPTED = "accepted"
    STATUS = "status"
    FOLLOW_UP = "follow_up"
    HAND_OVER = "hand_over"
    NEW = "new"


class ParcelState(StrEnum):
    """`refused` and `ambiguous` need a person; `stopped` must not leave; `dropped` a person gave up."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    REFUSED = "refused"
    AMBIGUOUS = "ambiguous"
    STOPPED = "stopped"
    DROPPED = "dropped"


class Parcel(msgspec.Struct):
    """One thing on its way. Instants in microseconds."""

    id: int
    direction: str
    target: str
    subject: str
    complaint: int | None
    kind: str
    follow_up: int | None
    word: str | None
    attempts: int
    sent_at: int | None
    times_out_at: int | None
    first_absent_at: int | None
    made_at: int


_COLUMNS: Final = tuple(_p[name] for name in Parcel.__struct_fields__)
_POSTED: Final = (
    "id", "direction", "target", "subject", "complaint", "kind", "follow_up", "word", "state", "attempts",
    "next_attempt_at", "made_at",
)  # fmt: skip
_insert = Statement(insert(parcels).values({name: bindparam(name) for name in _POSTED}), _POSTED)
_BEGUN: Final = ("state", "attempts", "sent_at", "times_out_at", "fence", "which")
_begin = Statement(
    update(parcels)
    .where(_p.id == bindparam("which"))
    .values({name: bindparam(name) for name in _BEGUN if name != "which"}),
    _BEGUN,
)
_earlier = exists().where(
    _before.c.direction == _p.direction,
    _before.c.target == _p.target,
    _before.c.subject == _p.subject,
    _before.c.id < _p.id,
    _before.c.state.in_(_OPEN_WORDS),
)
_WAITING: Final = select(*_COLUMNS).where(
    _OPEN,
    _p.state == literal_column("'waiting'"),
    _p.direction == bindparam("direction"),
    _p.target == bindparam("target"),
    _p.next_attempt_at <= bindparam("now"),
)
_DUE: Final = Query(_WAITING.where(~_earlier).order_by(_p.next_attempt_at, _p.id).limit(bindparam("want")))
_ALL_DUE: Final = Query(_WAITING.order_by(_p.id).limit(bindparam("want")))


class Post(msgspec.Struct, frozen=True):
    """Something to be sent; `complaint` None for one that only the inbox knows."""

    direction: Direction
    target: str
    subject: str
    kind: ParcelKind
    complaint: int | None = None
    follow_up: int | None = None
    word: str | None = None


def post(book: Book, connection: Connection, posts: Sequence[Post]) -> None:
    """Put parcels at the end of their subjects' queues, in this order."""
    now = book.clock.now()
    ids = book.ids(connection, "parcels", len(posts))
    _insert.run(
        connection,
        [
            (one_id, str(one.direction), one.target, one.subject, one.complaint, str(one.kind), one.follow_up,
             one.word, "waiting", 0, now, now)
            for one_id, one in zip(ids, posts, strict=True)
        ],
    )  # fmt: skip


def take(
    connection: Connection,
    lease: Lease,
    direction: Direction,
    target: str,
    want: int,
    *,
    now: int,
    time_out: int,
    together: bool = False,
) -> list[Parcel]:
    """Begin an attempt of up to `want` parcels that are due, at most one of each subject; `time_out` in µs.

    `together` takes all of a subject at once, for what tells how it stands now. The caller commits before anything is
    sent.
    """
    query = _ALL_DUE if together else _DUE
    rows = query.all(connection, direction=str(direction), target=target, now=now, want=want)
    found = [Parcel(*row) for row in rows]
    for one in found:
        one.attempts += 1
        one.sent_at, one.times_out_at = now, now + time_out
    begun = (str(ParcelState.SENDING), now, now + time_out, lease.fence)
    _begin.run(connection, [(begun[0], one.attempts, *begun[1:], one.id) for one in found])
    return found


def move(
    connection: Connection,
    parcel: int,
    state: ParcelState,
    *,
    at: int,
    reason: str | None = None,
    next_attempt_at: int = 0,
    **columns: Any,
) -> None:
    """Write what became of a parcel; a state that waits for nothing more gets its end."""
    finished_at = None if state in (ParcelState.WAITING, ParcelState.AMBIGUOUS) else at
    values = {
        "state": str(state),
        "reason": reason,
        "finished_at": finished_at,
        "next_attempt_at": next_attempt_at,
    }
    connection.execute(update(parcels).where(_p.id == parcel).values(values | columns))


def lost(connection: Connection, lease: Lease, direction: Direction, target: str, now: int) -> list[Parcel]:
    """Parcels whose sender died: their attempt is open, of another fence, and its time-out has passed."""
    query = select(*_COLUMNS).where(
        _OPEN,
        _p.state == literal_column("'sending'"),
        _p.direction == str(direction),
        _p.target == target,
        _p.fence != lease.fence,
        _p.times_out_at <= now,
    )
    return [Parcel(*row) for row in connection.execute(query)]


def in_doubt(connection: Connection, target: str, now: int, most: int) -> list[Parcel]:
    """Ambiguous follow-ups to LAPOR! whose next look is due, oldest first; a hand-over is not to be read back."""
    query = (
        select(*_COLUMNS)
        .where(
            _OPEN,
            _p.state == literal_column("'ambiguous'"),
            _p.kind != str(ParcelKind.HAND_OVER),
            _p.direction == str(Direction.NATIONAL),
            _p.target == target,
            _p.next_attempt_at <= now,
        )
        .order_by(_p.next_attempt_at, _p.id)
        .limit(most)
    )
    return [Parcel(*row) for row in connection.execute(query)]


def next_due(book: Book, direction: Direction, target: str) -> int | None:
    """When something of a target is due (microseconds); None where nothing is open."""
    for_a_person = (_p.state == "ambiguous") & (_p.kind == str(ParcelKind.HAND_OVER))
    mine = (_p.direction == str(direction)) & (_p.target == target) & ~for_a_person
    with book.read() as connection:
        rows = connection.execute(
            select(_p.state, func.min(_p.next_attempt_at), func.min(_p.times_out_at))
            .where(_OPEN, mine)
            .group_by(_p.state)
        ).all()
    dues = [row[2] if row[0] == "sending" else row[1] for row in rows]
    if direction is Direction.REGION:  # a doubt there waits for a person
        dues = [due for due, row in zip(dues, rows, strict=True) if row[0] != "ambiguous"]
    return min([due for due in dues if due is not None], default=None)


def stop_all(connection: Connection, complaint: int, at: int, reason: str) -> int:
    """Keep whatever of a complaint has not left for LAPOR! from leaving; how many parcels that were."""
    waiting = (
        (_p.complaint == complaint) & (_p.direction == str(Direction.NATIONAL)) & (_p.state == "waiting")
    )
    stopped = connection.execute(
        update(parcels).where(waiting).values(state=str(ParcelState.STOPPED), reason=reason, finished_at=at)
    )
    return int(stopped.rowcount)
