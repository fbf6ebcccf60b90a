"""Reading deadlines: which are due, of whom; counts by channel, and what will be breached this week."""

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)

from lapor_gateway.book.cursors import LARGEST_ID, decode_cursor, encode_cursor
from lapor_gateway.book.database import Book
from lapor_gateway.book.queries import DEFAULT_LIMIT, EVERYTHING, Bounds
from lapor_gateway.book.tables import complaints, deadlines
from lapor_gateway.clock import isoformat, to_instant
from lapor_gateway.domain.deadline_rules import Clock
from lapor_gateway.domain.deadlines import DueState, Standing

URGENT: Final = (DueState.BREACHED, DueState.DUE_TODAY, DueState.DUE_SOON)
"""What a person should know of, the most urgent first."""

_d, _c = deadlines.c, complaints.c
_CLOCKS: Final = {clock: number for number, clock in enumerate(Clock)}
_NUMBER: Final = case(
    {str(clock): number for clock, number in _CLOCKS.items()}, value=_d.clock, else_=len(_CLOCKS)
)
_DUE: Final = func.coalesce(_d.due_at, LARGEST_ID)
_OPEN: Final = _d.standing == literal_column("'open'")  # a literal, so that the partial index serves
_OWED: Final = _d.owed_by == "region"


class DeadlineView(msgspec.Struct, frozen=True):
    """One clock of one complaint, as every JSON shows it: no name, no text; instants RFC 3339 in UTC.

    `due_at` is the first moment that is too late: the end of the last working day.
    """

    complaint: int
    reference: str
    tracking_id: str | None
    region: str
    channel: str
    kind: str | None
    category: str | None
    clock: str
    state: str
    rule: str
    owed_by: str
    started_at: str | None
    due_at: str | None
    stopped_at: str | None
    days_left: int | None
    why: str | None


class DeadlineFilter(msgspec.Struct, frozen=True):
    """Which deadlines; what is None does not matter. Without `states` those of `URGENT`; `owed_by` who must act."""

    region: str | None = None
    channel: str | None = None
    clock: str | None = None
    owed_by: str | None = None
    states: tuple[DueState, ...] = URGENT


class DueCounts(msgspec.Struct):
    """How many deadlines that a region owes stand in each of these states."""

    due_soon: int = 0
    due_today: int = 0
    breached: int = 0
    paused: int = 0
    unknown: int = 0


class Forecast(msgspec.Struct, frozen=True):
    """What a region will have breached by the end of this week (Sunday, its zone) if nobody acts, by clock."""

    region: str
    until: str
    this_week: int
    by_clock: dict[str, int]
    breached: int


def list_deadlines(
    book: Book,
    wanted: DeadlineFilter,
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    bounds: Bounds = EVERYTHING,
) -> tuple[list[DeadlineView], str | None]:
    """Deadlines, the one due first first, and the cursor of the next page. Raises `WrongCursorError`."""
    now = book.clock.now()
    query = _query(now).where(_matches(wanted, now), *bounds.of(_d.region, _d.channel))
    if cursor is not None:
        query = query.where(tuple_(_DUE, _d.complaint, _NUMBER) > decode_cursor(cursor, 3))
    query = query.order_by(_DUE, _d.complaint, _NUMBER).limit(limit + 1)
    with book.read() as connection:
        rows = connection.execute(query).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return [_view(row) for row in rows], _cursor_of(rows[-1]) if more else None


def deadlines_of_complaint(connection: Connection, complaint: int, now: int) -> list[DeadlineView]:
    """Every clock of one complaint."""
    query = _query(now).where(_d.complaint == complaint).order_by(_NUMBER)
    return [_view(row) for row in connection.execute(query)]


def counts_by_channel(connection: Connection, now: int) -> dict[str, DueCounts]:
    """How many deadlines a person should know of, by channel."""
    found: dict[str, DueCounts] = {}
    urgent = select(_d.channel, _state(now), func.count()).where(_OPEN, _OWED, _d.soon_at <= now)
    stands = _d.standing.in_((literal_column("'paused'"), literal_column("'unknown'")))
    stopped = select(_d.channel, _d.standing, func.count()).where(stands, _OWED)
    for query in (urgent.group_by(_d.channel, "state"), stopped.group_by(_d.channel, _d.standing)):
        for channel, state, count in connection.execute(query):
            setattr(found.setdefault(channel, DueCounts()), state, count)
    return found


def forecast(connection: Connection, region: str, now: int, until: datetime) -> Forecast:
    """What falls due for a region from `now` until `until` (aware) and is not done."""
    end = to_instant(until)
    query = select(_d.clock, (_d.due_at <= now).label("is_past"), func.count()).where(
        _OPEN, _OWED, _d.region == region, _d.due_at <= end
    )
    rows = connection.execute(query.group_by(_d.clock, "is_past")).all()
    by_clock = {clock: count for clock, is_past, count in rows if not is_past}
    breached = sum(count for _, is_past, count in rows if is_past)
    said = isoformat(end)
    assert said is not None
    return Forecast(region, said, sum(by_clock.values()), by_clock, breached)


def gaps(connection: Connection) -> int:
    """How many clocks cannot be counted because the calendar ends."""
    unknown = _d.standing == literal_column("'unknown'")
    query = select(func.count()).where(unknown, _d.why == "calendar")
    return int(connection.execute(query).scalar_one())


def _query(now: int) -> Select[Any]:
    shown = (
        _d.complaint,
        _c.reference,
        _c.tracking_id,
        _d.region,
        _d.channel,
        _c.kind,
        _c.category,
        _d.clock,
    )
    rest = (_d.rule, _d.owed_by, _d.started_at, _d.due_at, _d.stopped_at, _d.days_left, _d.why)
    return select(*shown, _state(now), *rest).join(complaints, _c.id == _d.complaint)


def _state(now: int) -> ColumnElement[str]:
    """`Deadline.state` in SQL."""
    return case(
        (_d.standing != Standing.OPEN, _d.standing),
        (_d.due_at <= now, DueState.BREACHED.value),
        (_d.today_at <= now, DueState.DUE_TODAY.value),
        (_d.soon_at <= now, DueState.DUE_SOON.value),
        else_=DueState.RUNNING.value,
    ).label("state")


def _matches(wanted: DeadlineFilter, now: int) -> ColumnElement[bool]:
    pairs = {
        "region": wanted.region,
        "channel": wanted.channel,
        "clock": wanted.clock,
        "owed_by": wanted.owed_by,
    }
    same = [_d[name] == value for name, value in pairs.items() if value is not None]
    return and_(true(), *same, or_(*(_is(state, now) for state in wanted.states)))


def _is(state: DueState, now: int) -> ColumnElement[bool]:
    match state:
        case DueState.BREACHED:
            return and_(_OPEN, _d.due_at <= now)
        case DueState.DUE_TODAY:
            return and_(_OPEN, _d.due_at > now, _d.today_at <= now)
        case DueState.DUE_SOON:
            return and_(_OPEN, _d.due_at > now, _d.today_at > now, _d.soon_at <= now)
        case DueState.RUNNING:
            return and_(_OPEN, _d.soon_at > now, _d.today_at > now, _d.due_at > now)
        case _:
            return _d.standing == literal_column(f"'{state.value}'")


def _view(row: Row[Any]) -> DeadlineView:
    values = row._asdict()
    instants = {name: isoformat(values[name]) for name in ("started_at", "due_at", "stopped_at")}
    return DeadlineView(**{**values, **instants})


def _cursor_of(row: Row[Any]) -> str:
    due = LARGEST_ID if row.due_at is None else row.due_at
    return encode_cursor(due, row.complaint, _CLOCKS[Clock(row.clock)])
