"""What the balance counts inside the book: states, raw records, and the fold of the ledger; each on its own."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, case, delete, func, insert, select

from lapor_gateway.book.archive_checks import file_faults, standings
from lapor_gateway.book.database import Book
from lapor_gateway.book.streaming import by_complaint, streamed
from lapor_gateway.book.tables import (
    archived,
    complaint_versions,
    complaints,
    counts,
    ledger_entries,
    raw_records,
)
from lapor_gateway.domain.balance import Count, Side
from lapor_gateway.domain.lifecycle import State

_c = complaints.c
_e = ledger_entries.c


class CountedChain(msgspec.Struct):
    """The ledger's own word on one complaint: its last state, how many entries, how many records it was shown."""

    complaint: int
    reference: str = ""
    channel: str = ""
    state: str = ""
    seq: int = 0
    shown: int = 0


class BookCount(msgspec.Struct):
    """What the three parts of the book say of an origin, and where they disagree (at most ten places)."""

    seen: int = 0
    ledger: int = 0
    faults: list[str] = []


def states_by_channel(connection: Connection) -> dict[str, dict[str, int]]:
    """Complaints by channel and state, every state named."""
    counted: dict[str, dict[str, int]] = {}
    query = select(_c.channel, _c.state, func.count()).group_by(_c.channel, _c.state)
    for channel, state, count in connection.execute(query):
        counted.setdefault(channel, dict.fromkeys(State, 0))[state] = count
    return counted


def seen_by_channel(book: Book, connection: Connection) -> dict[str, int]:
    """Distinct complaints that raw records tell of, archived ones too, by the channel that showed each first."""
    r = raw_records.c
    first = select(func.min(r.id)).group_by(r.complaint)
    moved = select(archived.c.complaint).where(archived.c.complaint == r.complaint)
    query = select(r.channel, func.count()).where(r.id.in_(first), ~moved.exists()).group_by(r.channel)
    counted = {row[0]: row[1] for row in connection.execute(query)}
    for one in standings(book, connection):
        if one.channel is not None:
            counted[one.channel] = counted.get(one.channel, 0) + 1
    return counted


def count_book(book: Book, channels_of_origin: dict[str, list[str]]) -> dict[str, BookCount]:
    """Per origin: distinct complaints seen (raw records), by the ledger's fold, and every fault of the book.

    The book is whole when the state tables equal the fold, every version has its raw record, and the archive's files
    hold what was moved there. Streams all sides in the order of the complaints, in bounded memory.
    """
    origin_of = {channel: origin for origin, names in channels_of_origin.items() for channel in names}
    counted = {origin: BookCount() for origin in channels_of_origin}
    with book.read() as connection:
        for channel, seen in seen_by_channel(book, connection).items():
            if channel in origin_of:
                counted[origin_of[channel]].seen += seen
        for channel, fault in file_faults(book, connection):
            if channel in origin_of and fault not in counted[origin_of[channel]].faults:
                _note(counted[origin_of[channel]], fault)
        for chain, row in _merged(counted_chains(connection), _rows(book, connection)):
            origin = origin_of.get(chain.channel if chain else row[5] if row else "")
            if origin is None:
                continue
            counted[origin].ledger += chain is not None
            found = _fault(chain, row)
            if found:
                _note(counted[origin], found)
        for channel, version_of in _versions_without_record(connection):
            if channel in origin_of:
                _note(counted[origin_of[channel]], f"a version of {version_of} has lost its raw record")
    return counted


def last_counts(connection: Connection) -> dict[str, dict[Side, Count]]:
    """The last counts of every origin."""
    found: dict[str, dict[Side, Count]] = {}
    for row in connection.execute(select(counts)):
        count = Count(row.value, bool(row.agrees), row.counted_at, row.detail)
        found.setdefault(row.origin, {})[Side(row.side)] = count
    return found


def write_count(
    book: Book, connection: Connection, origin: str, side: Side, value: int, agrees: bool, detail: str
) -> None:
    """Replace an origin's count of one side by a new one, taken now."""
    connection.execute(delete(counts).where(counts.c.origin == origin, counts.c.side == side))
    row = {"value": value, "agrees": int(agrees), "counted_at": book.clock.now(), "detail": detail}
    connection.execute(insert(counts).values(origin=origin, side=side, **row))


_Row = tuple[int, str, str, int, int, str]


def _rows(book: Book, connection: Connection) -> Iterator[_Row]:
    """(id, reference, state, ledger_seq, raw records, channel) of every complaint, by id."""
    moved = standings(book, connection)
    one = next(moved, None)
    records = (
        select(raw_records.c.complaint, func.count().label("count"))
        .group_by(raw_records.c.complaint)
        .subquery()
    )
    query = (
        select(_c.id, _c.reference, _c.state, _c.ledger_seq, func.coalesce(records.c.count, 0), _c.channel)
        .outerjoin(records, records.c.complaint == _c.id)
        .order_by(_c.id)
    )
    for row in streamed(connection, query):
        while one is not None and one.complaint < row[0]:
            one = next(moved, None)
        elsewhere = one.raw_records if one is not None and one.complaint == row[0] else 0
        yield row[0], row[1], row[2], row[3], row[4] + elsewhere, row[5]


def counted_chains(connection: Connection, until: int | None = None) -> Iterator[CountedChain]:
    """Every complaint's entries counted, by its id; a gap in the numbering shows as a shorter chain.

    Streams in bounded memory. With `until` (microseconds) only what was written by then.
    """
    query = (
        select(
            _e.complaint, _e.subject, _e.seq, _e.kind, _e.to_state, case((_e.seq == 1, _e.facts), else_=None)
        )
        .where(_e.complaint.is_not(None), *([] if until is None else [_e.at <= until]))
        .order_by(_e.complaint, _e.seq)
    )
    for complaint, rows in by_complaint(connection, query):
        chain = CountedChain(complaint)
        for _, subject, seq, kind, to_state, facts in rows:
            if not chain.reference:
                chain.reference = subject
                chain.channel = msgspec.json.decode(facts)["channel"] if facts else ""
            chain.state = to_state
            chain.seq += seq == chain.seq + 1
            chain.shown += kind in ("received", "shown")
        yield chain


def _merged(
    chains: Iterator[CountedChain], rows: Iterator[_Row]
) -> Iterator[tuple[CountedChain | None, _Row | None]]:
    chain, row = next(chains, None), next(rows, None)
    while chain is not None or row is not None:
        if row is None or (chain is not None and chain.complaint < row[0]):
            yield chain, None
            chain = next(chains, None)
        elif chain is None or row[0] < chain.complaint:
            yield None, row
            row = next(rows, None)
        else:
            yield chain, row
            chain, row = next(chains, None), next(rows, None)


def _fault(chain: CountedChain | None, row: _Row | None) -> str | None:
    if row is None:
        return f"the ledger knows {chain.reference if chain else ''}, the complaints do not"
    if chain is None:
        return f"{row[1]} has no entry in the ledger"
    if chain.state != row[2] or chain.seq != row[3]:
        return f"{row[1]} is {row[2]} after {row[3]} entries, by the ledger {chain.state} after {chain.seq}"
    if chain.shown != row[4]:
        return f"{row[1]} was shown {chain.shown} times and has {row[4]} raw records"
    return None


def _versions_without_record(connection: Connection) -> Iterator[tuple[str, str]]:
    v = complaint_versions.c
    query = (
        select(_c.channel, _c.reference)
        .join(complaint_versions, v.complaint == _c.id)
        .outerjoin(raw_records, raw_records.c.id == v.raw_record)
        .where(raw_records.c.id.is_(None))
    )
    for row in connection.execute(query):
        yield row[0], row[1]


def _note(count: BookCount, fault: str) -> None:
    if len(count.faults) < 10:
        count.faults.append(fault)
