"""Milestones in the book: folded anew from the complaint's own entries, in the transaction that wrote one of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select

from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.tables import complaints, ledger_entries, milestones
from lapor_gateway.clock import to_datetime, to_instant
from lapor_gateway.domain.milestones import TELLING, Milestones, Moment, fold

_CHUNK: Final = 500
_c = complaints.c
_e = ledger_entries.c
_m = milestones.c
_NAMES: Final = tuple(column.name for column in milestones.columns)
_insert = Statement(insert(milestones).values({name: bindparam(name) for name in _NAMES}), _NAMES)
_delete = Statement(delete(milestones).where(_m.complaint == bindparam("which")), ("which",))
_ENTRIES: Final = Query(
    select(_e.complaint, _e.kind, _e.at, _e.facts)
    .where(_e.complaint.in_(bindparam("ids", expanding=True)), _e.kind.in_(sorted(TELLING)))
    .order_by(_e.complaint, _e.seq)
)
_COMPLAINTS: Final = Query(
    select(_c.id, _c.region, _c.source_created_at, _c.received_at).where(
        _c.id.in_(bindparam("ids", expanding=True))
    )
)


class _Facts(msgspec.Struct):
    word: str | None = None
    meaning: str | None = None
    disposition: str | None = None
    side: str | None = None
    author: str | None = None
    since: int | None = None
    written_at: int | None = None
    number: int | None = None


_facts = msgspec.json.Decoder(_Facts)


def renew(connection: Connection, ids: Iterable[int]) -> None:
    """Bring the milestones of these complaints in step with their ledger; call it after the pen's flush."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = [row for row in _folded(connection, part).values() if row is not None]
        _delete.run(connection, [(identifier,) for identifier in part])
        _insert.run(connection, rows)


def differing(book: Book) -> Iterator[str]:
    """References of complaints whose milestones are not what their ledger says, in bounded memory.

    One without a row is no difference: what was accepted of late is followed with the next round.
    """
    after = 0
    while True:
        with book.read() as connection:
            query = select(milestones).where(_m.complaint > after).order_by(_m.complaint).limit(_CHUNK)
            kept = {row.complaint: tuple(row) for row in connection.execute(query)}
            told = _folded(connection, list(kept))
            wrong = [which for which, row in kept.items() if told.get(which) != row]
            names = connection.execute(select(_c.reference).where(_c.id.in_(wrong)).order_by(_c.id))
            yield from names.scalars().all()
        if len(kept) < _CHUNK:
            return
        after = max(kept)


def _folded(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Any, ...] | None]:
    """Each complaint's row as its entries tell it; None for one that is not accepted."""
    moments: defaultdict[int, list[Moment]] = defaultdict(list)
    for complaint, kind, at, facts in _ENTRIES.all(connection, ids=list(ids)):
        moments[complaint].append(_moment(kind, at, facts))
    found: dict[int, tuple[Any, ...] | None] = {}
    for identifier, region, created_at, received_at in _COMPLAINTS.all(connection, ids=list(ids)):
        reported_at = to_datetime(received_at if created_at is None else created_at)
        reached = fold(reported_at, moments[identifier])
        found[identifier] = None if reached.accepted_at is None else (identifier, region, *_instants(reached))
    return found


def _moment(kind: str, at: int, facts: str) -> Moment:
    said = _facts.decode(facts)
    since = said.since if said.since is not None else said.written_at
    return Moment(
        kind,
        to_datetime(at),
        said.word,
        said.meaning,
        said.disposition,
        said.side,
        said.author,
        None if since is None else to_datetime(since),
        said.number,
    )


def _instants(reached: Milestones) -> list[int | None]:
    values = msgspec.structs.astuple(reached)
    return [to_instant(value) if isinstance(value, datetime) else value for value in values]
