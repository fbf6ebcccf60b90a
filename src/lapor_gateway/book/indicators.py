"""The counts behind the indicators, kept in step with the ledger: only what has new entries is counted anew.

A complaint's own line (`counted_complaints`) says what it adds; the sums (`indicator_counts`) move by the difference.
Both are derived: under other rules, or over a ledger that was copied, all is counted anew from its first entry.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    insert,
    select,
    text,
    tuple_,
    update,
)

from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.tables import (
    complaints,
    counted_complaints,
    indicator_counts,
    indicator_cursor,
    ledger_entries,
    milestones,
)
from lapor_gateway.domain.month_counts import (
    Count,
    Grouped,
    Journey,
    Known,
    Rules,
    Said,
    counts_of,
    decoded,
    encoded,
    journey_of,
    of_month,
)

AT_ONCE: Final = 2_000  # entries a transaction
_NAME: Final = "ledger"
_c = complaints.c
_e = ledger_entries.c
_n = indicator_counts.c
_k = indicator_cursor.c
_o = counted_complaints.c
_ENTRIES: Final = Query(
    select(_e.complaint, _e.kind, _e.to_state, _e.at, _e.facts)
    .where(_e.complaint.in_(bindparam("ids", expanding=True)))
    .order_by(_e.complaint, _e.seq)
)
_KNOWN: Final = Query(
    select(_c.id, _c.region, _c.channel, _c.kind, _c.category, _c.source_created_at, milestones.c.rating)
    .outerjoin(milestones, milestones.c.complaint == _c.id)
    .where(_c.id.in_(bindparam("ids", expanding=True)))
)
_BEFORE: Final = Query(
    select(_o.complaint, _o.region, _o.channel, _o.counts).where(
        _o.complaint.in_(bindparam("ids", expanding=True))
    )
)
_ORDER: Final = ("complaint", "region", "channel", "counts")
_KEEP: Final = Statement(
    insert(counted_complaints).values({name: bindparam(name) for name in _ORDER}), _ORDER
)
_FORGET: Final = Statement(
    delete(counted_complaints).where(_o.complaint == bindparam("complaint")), ("complaint",)
)

RulesOf = Callable[[str], Rules]
"""How a region counts, by its id."""

_Sum = tuple[int, str, str, str, str]
"""month, region, channel, measure, key"""


class _Cursor(msgspec.Struct, frozen=True):
    transaction: int
    entry: int


_START: Final = _Cursor(-1, 0)


def advance(book: Book, rules_of: RulesOf, basis: str) -> int:
    """Count what the ledger has gained; how many entries that were. Commits in batches, safe to run twice at once.

    `basis` names the rules: where it differs from what was counted by before, all is counted anew.
    """
    taken = 0
    while batch := book.transact(lambda connection: _advance(book, connection, rules_of, basis)):
        taken += batch
    return taken


def _advance(book: Book, connection: Connection, rules_of: RulesOf, basis: str) -> int:
    cursor = _cursor(connection, basis)
    rows = connection.execute(_behind(cursor, is_sqlite=book.is_sqlite).limit(AT_ONCE)).all()
    if not rows:
        return 0
    _count_anew(connection, rules_of, sorted({row.complaint for row in rows if row.complaint is not None}))
    last = rows[-1]
    values = {"transaction": last.written_in or 0, "entry": last.id, "place": _place(last)}
    connection.execute(update(indicator_cursor).where(_k.name == _NAME).values(values))
    return len(rows)


def _behind(cursor: _Cursor, *, is_sqlite: bool) -> Select[Any]:
    """Entries after the cursor, in the order in which they became visible (`book.feed` says why)."""
    query = select(_e.id, _e.written_in, _e.complaint, _e.subject, _e.seq)
    if is_sqlite:
        return query.where(_e.id > cursor.entry).order_by(_e.id)
    settled = text("ledger_entries.written_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    position = tuple_(_e.written_in, _e.id)
    return query.where(settled, position > (cursor.transaction, cursor.entry)).order_by(_e.written_in, _e.id)


def _cursor(connection: Connection, basis: str) -> _Cursor:
    """Where to go on, locked; the start where nothing was counted by these rules over this ledger."""
    row = connection.execute(select(indicator_cursor).where(_k.name == _NAME).with_for_update()).first()
    if row is not None and row.basis == basis and _is_ours(connection, row):
        return _Cursor(row.transaction, row.entry)
    for table in (counted_complaints, indicator_counts, indicator_cursor):
        connection.execute(delete(table))
    start = msgspec.structs.asdict(_START)
    connection.execute(insert(indicator_cursor).values(name=_NAME, basis=basis, place="", **start))
    return _START


def _is_ours(connection: Connection, row: Row[Any]) -> bool:
    """Whether the entry that was counted last still stands where it stood: a copied ledger is numbered anew."""
    if not row.place:
        return True
    query = select(_e.id, _e.written_in, _e.subject, _e.seq).where(_e.id == row.entry)
    found = connection.execute(query).first()
    return found is not None and _place(found) == row.place and (found.written_in or 0) == row.transaction


def _place(row: Any) -> str:
    return f"{row.subject}#{row.seq}"


def _count_anew(connection: Connection, rules_of: RulesOf, ids: list[int]) -> None:
    moved: Counter[_Sum] = Counter()
    for _, region, channel, counts in _BEFORE.all(connection, ids=ids):
        moved.subtract(_sums(region, channel, decoded(counts)))
    kept = []
    for complaint, region, channel, counts in counted(connection, rules_of, ids):
        moved.update(_sums(region, channel, counts))
        kept.append((complaint, region, channel, encoded(counts)))
    _FORGET.run(connection, [(complaint,) for complaint in ids])
    _KEEP.run(connection, kept)
    _move(connection, {name: by for name, by in moved.items() if by})


def counted(
    connection: Connection, rules_of: RulesOf, ids: list[int], until: int | None = None
) -> Iterator[tuple[int, str, str, Sequence[Count]]]:
    """(complaint, region, channel, what it adds) of these complaints; with `until` as the ledger stood then."""
    journeys = journeys_of(connection, ids, until)
    for complaint, region, channel, *known in _KNOWN.all(connection, ids=ids):
        if complaint in journeys:
            counts = counts_of(journeys[complaint], Known(*known), rules_of(region))
            yield complaint, region, channel, counts


def journeys_of(connection: Connection, ids: list[int], until: int | None = None) -> dict[int, Journey]:
    """The folds of these complaints' entries; with `until` (microseconds) of those written by then."""
    entries: dict[int, list[Said]] = {}
    for complaint, *entry in _ENTRIES.all(connection, ids=ids):
        said = Said(*entry)
        if until is None or said.at <= until:
            entries.setdefault(complaint, []).append(said)
    return {complaint: journey_of(several) for complaint, several in entries.items()}


def _sums(region: str, channel: str, counts: Iterable[Count]) -> Iterator[_Sum]:
    return ((one.month, region, channel, one.measure, one.key) for one in counts)


def _move(connection: Connection, moved: Mapping[_Sum, int]) -> None:
    """Add to the sums and take from them; one that falls to nothing goes."""
    for (month, region, channel, measure, key), by in sorted(moved.items()):
        where = (
            (_n.month == month)
            & (_n.region == region)
            & (_n.channel == channel)
            & (_n.measure == measure)
            & (_n.key == key)
        )
        there = connection.execute(update(indicator_counts).where(where).values(count=_n.count + by)).rowcount
        if not there:
            row = {"month": month, "region": region, "channel": channel, "measure": measure, "key": key}
            connection.execute(insert(indicator_counts).values(count=by, **row))
        if by < 0:
            connection.execute(delete(indicator_counts).where(where, _n.count == 0))


def sums_of(connection: Connection, first: int, last: int) -> dict[tuple[str, str], Grouped]:
    """The counts of the months from `first` to `last`, both included, by (region, channel)."""
    query = select(_n.region, _n.channel, _n.measure, _n.key, _n.count).where(
        _n.month >= first, _n.month <= last
    )
    found: dict[tuple[str, str], Grouped] = {}
    for region, channel, measure, key, count in connection.execute(query):
        grouped = found.setdefault((region, channel), {})
        grouped[measure, key] = grouped.get((measure, key), 0) + count
    return found


def complaints_of_month(connection: Connection, month: int) -> dict[int, list[Count]]:
    """What every complaint that counts in a month adds to it. Reads all lines of complaints once."""
    query = select(_o.complaint, _o.counts).where(_o.counts.contains(f"[{month},", autoescape=True))
    return {
        row.complaint: [one for one in decoded(row.counts) if one.month == month]
        for row in connection.execute(query)
    }


def grouped_of(counts: Iterable[Iterable[Count]], month: int) -> Grouped:
    """The counts of several complaints together."""
    return of_month((one for several in counts for one in several), month)
