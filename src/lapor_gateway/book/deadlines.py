"""Deadlines kept beside the complaints: computed anew where the ledger has moved on, or rules or calendar changed.

They are derived: nothing is lost when the tables are emptied. A pass over everything begins when the rules change and
once a day, and in between only complaints with new entries are looked at. It writes only rows that differ.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, tuple_, update

from lapor_gateway.batches import batches
from lapor_gateway.book.cursors import LARGEST_ID
from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.standing import epoch_of
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.book.tables import complaints, deadlines, ledger_entries, milestones
from lapor_gateway.clock import to_datetime, to_instant
from lapor_gateway.domain.deadline_rules import Pause, RuleBook
from lapor_gateway.domain.deadlines import Counting, Deadline, Span, deadlines_of, pauses_of
from lapor_gateway.domain.follow_up import Author
from lapor_gateway.domain.milestones import Milestones

BATCH: Final = 1_000
_A_DAY: Final = 86_400 * 1_000_000
_NAME: Final = "deadlines"
_KINDS: Final = ("national_status", "follow_up")
_MOMENTS: Final = tuple(name for name in Milestones.__struct_fields__ if name.endswith("_at"))
_COLUMNS: Final = tuple(str(column.name) for column in deadlines.columns)
_e, _m, _c, _d, _b = ledger_entries.c, milestones.c, complaints.c, deadlines.c, book_table.c
_insert = Statement(insert(deadlines).values({name: bindparam(name) for name in _COLUMNS}), _COLUMNS)
_delete = Statement(
    delete(deadlines).where(_d.complaint == bindparam("whose"), _d.clock == bindparam("which")),
    ("whose", "which"),
)
_ids: Final[Any] = bindparam("ids", expanding=True)
_reached = Query(
    select(_m.complaint, _m.region, *(_m[name] for name in _MOMENTS), _c.channel, _c.kind, _c.category)
    .join(complaints, _c.id == _m.complaint)
    .where(_m.complaint.in_(_ids))
)
_lines = Query(
    select(_e.complaint, _e.kind, _e.at, _e.facts)
    .where(_e.complaint.in_(_ids), _e.kind.in_(_KINDS))
    .order_by(_e.complaint, _e.seq)
)
_kept = Query(select(*(_d[name] for name in _COLUMNS)).where(_d.complaint.in_(_ids)))


class Progress(msgspec.Struct):
    """How far the deadlines are: under which rules, since when all of them, up to which entry of the ledger.

    While a pass over everything is under way, `position` is the last complaint it has looked at.
    """

    digest: str
    whole_at: int
    cursor: tuple[int, int]
    position: int | None = None


class Facts(msgspec.Struct, frozen=True):
    """What of an entry's facts matters here: a status word of LAPOR!, or who wrote a follow-up; instants in µs."""

    word: str | None = None
    since: int | None = None
    author: str | None = None
    written_at: int | None = None


_decoder: Final = msgspec.json.Decoder(Facts)


def refresh(
    book: Book, rules: RuleBook, counting: Callable[[str], Counting], digest: str, *, most: int | None = None
) -> int:
    """Bring the deadlines up to date; how many complaints were looked at. Commits in batches, safe to repeat.

    `digest` is of everything that the rules and calendars say; `counting` gives how a region counts. `most` bounds
    the batches of this call.
    """
    looked, done = 0, 0
    while most is None or done < most:
        found = book.transact(lambda connection: _batch(book, connection, rules, counting, digest))
        if found is None:
            break
        looked, done = looked + found, done + 1
    return looked


def _batch(
    book: Book, connection: Connection, rules: RuleBook, counting: Callable[[str], Counting], digest: str
) -> int | None:
    """One batch; None where nothing is left to do."""
    progress = _progress(book, connection, f"{epoch_of(connection)}:{book.engine.dialect.name}:{digest}")
    if progress.position is None:
        ids, progress.cursor, more = _moved_on(book, connection, progress.cursor)
        if not ids and not more:
            return None
        _compute(connection, ids, rules, counting)
    else:
        ids = _next_ids(connection, progress.position)
        _compute(connection, ids, rules, counting)
        _forget_between(connection, progress.position, ids[-1] if ids else LARGEST_ID, ids)
        progress.position = ids[-1] if ids else None
    _keep(connection, progress)
    return len(ids)


def _progress(book: Book, connection: Connection, digest: str) -> Progress:
    """Where the work stands, locked; a pass over everything begins where it must."""
    kept = connection.execute(select(_b.value).where(_b.name == _NAME).with_for_update()).scalar()
    now = book.clock.now()
    found = None if kept is None else msgspec.json.decode(kept, type=Progress)
    if found is not None and found.digest == digest and now - found.whole_at < _A_DAY:
        return found
    return Progress(digest, now, _end_of_ledger(book, connection), 0)


def _keep(connection: Connection, progress: Progress) -> None:
    value = msgspec.json.encode(progress).decode()
    changed = connection.execute(update(book_table).where(_b.name == _NAME).values(value=value)).rowcount
    if not changed:
        connection.execute(insert(book_table).values(name=_NAME, value=value))


def _end_of_ledger(book: Book, connection: Connection) -> tuple[int, int]:
    """The newest entry behind which none can still appear: PostgreSQL gives ids before transactions commit."""
    if book.is_sqlite:
        return 0, connection.execute(select(func.coalesce(func.max(_e.id), 0))).scalar_one()
    oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    return connection.execute(text(oldest)).scalar_one() - 1, LARGEST_ID


def _moved_on(
    book: Book, connection: Connection, cursor: tuple[int, int]
) -> tuple[list[int], tuple[int, int], bool]:
    """Complaints with entries behind the cursor, the cursor behind those, and whether anything was there."""
    written_in, after = cursor
    if book.is_sqlite:
        query = select(_e.id, _e.id, _e.complaint).where(_e.id > after).order_by(_e.id)
    else:
        settled = text("ledger_entries.written_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        query = (
            select(_e.written_in, _e.id, _e.complaint)
            .where(settled, tuple_(_e.written_in, _e.id) > (written_in, after))
            .order_by(_e.written_in, _e.id)
        )
    rows = connection.execute(query.limit(BATCH)).all()
    if not rows:
        return [], cursor, False
    last = (0, rows[-1][1]) if book.is_sqlite else (rows[-1][0], rows[-1][1])
    return sorted({row[2] for row in rows if row[2] is not None}), last, True


def _next_ids(connection: Connection, position: int) -> list[int]:
    query = select(_m.complaint).where(_m.complaint > position).order_by(_m.complaint).limit(BATCH)
    return list(connection.execute(query).scalars())


def _forget_between(connection: Connection, first: int, last: int, ids: Sequence[int]) -> None:
    """Deadlines of complaints that have no milestones any more."""
    between = select(_d.complaint).where(_d.complaint > first, _d.complaint <= last).distinct()
    gone = sorted(set(connection.execute(between).scalars()).difference(ids))
    for part in batches(gone, BATCH):
        connection.execute(delete(deadlines).where(_d.complaint.in_(part)))


def _compute(
    connection: Connection, ids: Sequence[int], rules: RuleBook, counting: Callable[[str], Counting]
) -> None:
    """Write what the rules say of these complaints; only rows that differ are touched."""
    if not ids:
        return
    spans = _spans(connection, ids, rules)
    wanted = {
        (row[0], row[1]): row
        for one in _reached.all(connection, ids=list(ids))
        for row in _rows(one, spans.get(one[0], ()), rules, counting)
    }
    kept = {(row[0], row[1]): tuple(row) for row in _kept.all(connection, ids=list(ids))}
    changed = {key for key, row in kept.items() if wanted.get(key) != row}
    _delete.run(connection, sorted(changed))
    _insert.run(connection, [row for key, row in wanted.items() if key in changed or key not in kept])


def _rows(
    one: tuple[Any, ...], spans: Sequence[Span], rules: RuleBook, counting: Callable[[str], Counting]
) -> list[tuple[Any, ...]]:
    complaint, region, *instants, channel, kind, category = one
    moments = {
        name: None if at is None else to_datetime(at) for name, at in zip(_MOMENTS, instants, strict=True)
    }
    reached = Milestones(**moments)  # type: ignore[arg-type]
    found = deadlines_of(reached, rules.class_of(kind, category), spans, rules, counting(region))
    return [_row(complaint, region, channel, deadline) for deadline in found]


def _row(complaint: int, region: str, channel: str, deadline: Deadline) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    return (
        complaint,
        deadline.rule.clock.value,
        region,
        channel,
        deadline.rule.key,
        deadline.rule.owed_by,
        deadline.standing.value,
        None if deadline.why is None else deadline.why.value,
        _instant(deadline.started_at),
        _instant(deadline.due_at),
        _instant(deadline.soon_at),
        _instant(deadline.today_at),
        _instant(deadline.stopped_at),
        deadline.days_left,
    )


def _spans(connection: Connection, ids: Sequence[int], rules: RuleBook) -> dict[int, list[Span]]:
    """When clocks may stand, by complaint, from what the ledger has of LAPOR!'s status and of follow-ups."""
    lines: defaultdict[int, list[tuple[Pause, bool, datetime]]] = defaultdict(list)
    for complaint, kind, at, facts in _lines.all(connection, ids=list(ids)):
        read = _decoder.decode(facts)
        if kind == "national_status":
            begins = rules.is_postponed(read.word or "")
            lines[complaint].append((Pause.POSTPONED, begins, to_datetime(read.since or at)))
        elif read.author in (Author.INSTITUTION, Author.REPORTER):
            begins = read.author == Author.INSTITUTION
            lines[complaint].append((Pause.AWAITING_REPLY, begins, to_datetime(read.written_at or at)))
    return {complaint: pauses_of(found) for complaint, found in lines.items()}


def _instant(moment: datetime | None) -> int | None:
    return None if moment is None else to_instant(moment)
