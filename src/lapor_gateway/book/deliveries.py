"""Deliveries as people see them: what is on its way and what became of it; and what a person decides about one."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select, update

from lapor_gateway.book import milestones
from lapor_gateway.book.database import Book
from lapor_gateway.book.parcels import Direction, ParcelKind, ParcelState, move
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.queries import EVERYTHING, Bounds, page, shown_reason
from lapor_gateway.book.tables import channels, complaints, parcels
from lapor_gateway.book.writing import Pen, load_subjects
from lapor_gateway.clock import isoformat
from lapor_gateway.errors import NotAllowedError, NotFoundError

_p = parcels.c
_c = complaints.c
_h = channels.c


class DeliveryView(msgspec.Struct, frozen=True):
    """One thing on its way. `direction` region or national; `target` the channel, or the account at LAPOR!.

    `state`: waiting, sending, delivered; refused and ambiguous need a person; stopped must not leave; dropped was given
    up.
    """

    id: int
    direction: str
    target: str
    kind: str
    complaint: int | None
    reference: str
    follow_up: int | None
    state: str
    attempts: int
    reason: str | None
    next_attempt_at: str | None
    made_at: str | None
    sent_at: str | None
    finished_at: str | None


class Choice(StrEnum):
    """What a person decides: send it (again), it has arrived after all, or give it up."""

    REPLAY = "replay"
    CONFIRM = "confirm"
    DROP = "drop"


_AFTER: Final = {
    Choice.REPLAY: ParcelState.WAITING,
    Choice.CONFIRM: ParcelState.DELIVERED,
    Choice.DROP: ParcelState.DROPPED,
}
_ALLOWED: Final[Mapping[Choice, frozenset[str]]] = {
    Choice.REPLAY: frozenset({"delivered", "refused", "ambiguous", "stopped", "dropped"}),
    Choice.CONFIRM: frozenset({"ambiguous", "refused"}),
    Choice.DROP: frozenset({"waiting", "refused", "ambiguous", "stopped"}),
}


def list_deliveries(
    book: Book,
    *,
    state: str | None = None,
    direction: str | None = None,
    target: str | None = None,
    complaint: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
    bounds: Bounds = EVERYTHING,
) -> tuple[list[DeliveryView], str | None]:
    """Deliveries, newest first, and the cursor of the next page. Raises `WrongCursorError`."""
    given: list[tuple[ColumnElement[Any], Any]] = [
        (_p.state, state),
        (_p.direction, direction),
        (_p.target, target),
        (_p.complaint, complaint),
    ]
    conditions = [column == value for column, value in given if value is not None]
    query = _shown(bounds).where(*conditions)
    rows, following = page(book, query, _p.id, limit=limit, cursor=cursor)
    return [_view(row) for row in rows], following


def find_delivery(book: Book, which: int, *, bounds: Bounds = EVERYTHING) -> DeliveryView:
    """One delivery. Raises `NotFoundError`."""
    with book.read() as connection:
        row = connection.execute(_shown(bounds).where(_p.id == which)).first()
    if row is None:
        raise NotFoundError(
            f"There is no delivery {which}.", cure="`lapor-gateway deliveries list` shows the ones there are."
        )
    return _view(row)


def deliveries_of(connection: Connection, complaint: int) -> list[DeliveryView]:
    """What is and was on its way for a complaint, oldest first."""
    rows = connection.execute(_shown(EVERYTHING).where(_p.complaint == complaint).order_by(_p.id))
    return [_view(row) for row in rows]


def decide_delivery(
    book: Book, which: int, choice: Choice, *, by: str, reason: str, bounds: Bounds = EVERYTHING
) -> None:
    """Carry out a person's decision. Raises `NotFoundError`, `NotAllowedError`."""
    find_delivery(book, which, bounds=bounds)

    def write(connection: Connection) -> None:
        row = connection.execute(select(parcels).where(_p.id == which).with_for_update()).one()
        if row.state not in _ALLOWED[choice]:
            raise NotAllowedError(
                f"The delivery {which} is {row.state}; that cannot be decided now.",
                cure="Wait until it has ended, or choose another one.",
            )
        actor = pseudonym(book, connection, by)
        now = book.clock.now()
        move(
            connection, which, _AFTER[choice], at=now, reason=None, next_attempt_at=now, first_absent_at=None
        )
        if choice is Choice.REPLAY:
            connection.execute(update(parcels).where(_p.id == which).values(made_at=now))
        if row.complaint is not None:
            _note(connection, row, choice, actor, now)
        facts = {"delivery": which, "choice": str(choice), "reason": reason}
        write_audit(book, connection, actor, "decide_delivery", row.subject, facts)

    book.transact(write)


def standing_of(connection: Connection) -> dict[str, int]:
    """How many parcels are open or need a person, by state."""
    states = ("waiting", "sending", "ambiguous", "refused", "stopped")
    found: Counter[str] = Counter(dict.fromkeys(states, 0))
    query = select(_p.state, func.count()).where(_p.state.in_(states)).group_by(_p.state)
    found.update({row[0]: row[1] for row in connection.execute(query)})
    return dict(found)


def _note(connection: Connection, row: Any, choice: Choice, actor: str, now: int) -> None:
    subject = load_subjects(connection, [row.complaint])[row.complaint]
    pen = Pen(connection, now, actor)
    pen.note(subject, "delivery_decided", {"delivery": row.id, "choice": str(choice), "kind": row.kind})
    is_answer = row.direction == Direction.NATIONAL and row.kind == ParcelKind.FOLLOW_UP
    if choice is Choice.CONFIRM and is_answer:
        pen.note(subject, "follow_up_written", {"number": row.follow_up or 0, "attempt": row.attempts})
    pen.flush()
    milestones.renew(connection, [row.complaint])


def _shown(bounds: Bounds) -> Select[Any]:
    region = func.coalesce(_c.region, _h.region)
    channel = func.coalesce(_c.channel, _p.target)
    return (
        select(parcels, _c.visibility)
        .outerjoin(complaints, _c.id == _p.complaint)
        .outerjoin(channels, (_h.id == _p.target) & (_p.direction == literal_column("'region'")))
        .where(*bounds.of(region, channel))
    )


def _view(row: Any) -> DeliveryView:
    waits = row.state in (ParcelState.WAITING, ParcelState.AMBIGUOUS)
    return DeliveryView(
        row.id,
        row.direction,
        row.target,
        row.kind,
        row.complaint,
        row.subject,
        row.follow_up,
        row.state,
        row.attempts,
        shown_reason(row.reason, row.visibility),
        isoformat(row.next_attempt_at or None) if waits else None,
        isoformat(row.made_at),
        isoformat(row.sent_at),
        isoformat(row.finished_at),
    )
