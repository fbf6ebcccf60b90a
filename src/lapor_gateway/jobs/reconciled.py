"""What remains after a run: findings for what a person must see, and an end for those that are over."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import select, update

from lapor_gateway.batches import batches
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import (
    FindingKind,
    FindingState,
    accepted_facts,
    open_subjects,
    raise_finding,
    settle_finding,
)
from lapor_gateway.book.tables import findings
from lapor_gateway.domain.index_rows import Terms
from lapor_gateway.domain.reconciliation import Difference, DifferenceKind
from lapor_gateway.jobs.differences import ACCEPTED, OPEN, REPAIRED
from lapor_gateway.jobs.indexes import Indexes
from lapor_gateway.sources.manifest import ChannelManifest

_BATCH: Final = 200
_MANY: Final = 20  # of so few any part may really have gone at once
_OF_SOURCE: Final = frozenset({"source_id", "source"})
_OF_NATIONAL: Final = frozenset({"number", "national", "tracking_ids"})
_f = findings.c


class Incredible(msgspec.Struct, frozen=True):
    """A listing (`source:origin`, `national:account`) that lacks most of what it must show."""

    of: str
    kind: DifferenceKind
    channels: list[str]
    known: int
    missing: int


def doubt_incredible(book: Book, indexes: Indexes, channels: Sequence[ChannelManifest]) -> None:
    """A listing that lacks most of what it must show is likelier wrong than the complaints gone: one finding, no more.

    Unless a person has accepted that so many are gone (`listing_shrank`).
    """
    doubted: list[Incredible] = []
    shrank = FindingKind.LISTING_SHRANK
    for side, of, subject, own, kind in _listings(channels):
        known_missing = open_subjects(book, FindingKind(kind))
        absent = indexes.differences.of_kind(kind, own)
        missing = sum(one.subject not in known_missing for one in absent)
        known = indexes.known(side, of)
        believed = indexes.kept(f"{side}:{of}", dict[str, Any])["believed"]
        facts = {"known": known, "missing": missing}
        with book.write() as connection:
            if missing > _MANY and 2 * missing > known and missing > believed:
                doubted.append(Incredible(f"{side}:{of}", kind, own, known, missing))
                raise_finding(book, connection, shrank, subject, own[0], facts)
            elif side == "national" and missing == 0:
                settle_finding(book, connection, shrank, subject)
    indexes.keep("incredible", doubted)
    leave_out_incredible(indexes)


def incredible(indexes: Indexes) -> list[Incredible]:
    """The listings whose absences are not believed."""
    found: list[Incredible] = indexes.kept("incredible", list[Incredible]) or []
    return found


def leave_out_incredible(indexes: Indexes) -> None:
    """Take away the differences that such a listing would prove."""
    for one in incredible(indexes):
        indexes.differences.leave_out(one.kind, one.channels)


def _listings(
    channels: Sequence[ChannelManifest],
) -> Iterator[tuple[str, str, str, list[str], DifferenceKind]]:
    """(side, of what, the finding's subject, its channels, the class that its absence would prove)."""
    for origin in sorted({channel.origin for channel in channels}):
        own = [str(channel.id) for channel in channels if channel.origin == origin]
        listed = [str(one.id) for one in channels if one.origin == origin and one.source != "webhook"]
        yield "source", origin, (listed or own)[0], own, DifferenceKind.MISSING_AT_SOURCE
    for account in sorted({channel.account for channel in channels}):
        own = [str(channel.id) for channel in channels if channel.account == account]
        yield "national", account, account, own, DifferenceKind.MISSING_AT_NATIONAL


def conclude(book: Book, indexes: Indexes, terms: Terms, channels: Sequence[ChannelManifest]) -> None:
    """Open or see again a finding for every difference that is left; close those that are over."""
    _raise(book, indexes)
    for batch in batches(_standing(book, [str(channel.id) for channel in channels]), _BATCH):
        over = [row.id for row in batch if _is_over(row, indexes, terms, channels)]
        if over:
            with book.write() as connection:
                connection.execute(
                    update(findings)
                    .where(_f.id.in_(over))
                    .values(state=FindingState.REPAIRED, closed_at=book.clock.now())
                )


def _raise(book: Book, indexes: Indexes) -> None:
    by_subject = groupby(indexes.differences.all(state=OPEN), key=lambda one: (one.kind, one.subject))
    told = ((kind, subject, list(group)) for (kind, subject), group in by_subject)
    for batch in batches(told, _BATCH):
        accepted: list[Difference] = []
        with book.write() as connection:
            for kind, subject, group in batch:
                facts = {name: value for one in group for name, value in one.facts.items()}
                raise_finding(book, connection, FindingKind(kind), subject, group[0].channel, facts)
                is_accepted = accepted_facts(connection, FindingKind(kind), subject) is not None
                accepted += group if is_accepted else []
        indexes.differences.mark(accepted, ACCEPTED)


def _standing(book: Book, channels: Sequence[str]) -> Iterator[Any]:
    """Findings of the reconciliation's classes that are open or accepted, oldest first."""
    last = 0
    while True:
        query = (
            select(_f.id, _f.kind, _f.subject, _f.channel, _f.facts)
            .where(
                _f.id > last,
                _f.kind.in_([str(kind) for kind in DifferenceKind]),
                _f.channel.in_(channels),
                _f.state.in_([FindingState.OPEN, FindingState.ACCEPTED]),
            )
            .order_by(_f.id)
            .limit(_BATCH)
        )
        with book.read() as connection:
            rows = connection.execute(query).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        last = rows[-1].id


def _is_over(row: Any, indexes: Indexes, terms: Terms, channels: Sequence[ChannelManifest]) -> bool:
    """Whether this run shows that a finding's difference is no more; what it could not see stays as it is."""
    states = indexes.differences.states_of(row.kind, row.subject)
    if states:
        return states == {REPAIRED}
    known = indexes.ledger_row(row.subject)
    whole_time = terms.since is None and terms.until is None
    if (known is None and not whole_time) or (known is not None and (not known.in_scope or known.linked)):
        return False
    if row.kind == DifferenceKind.MISSING_AT_SOURCE:  # accepted ones stay so, until it is there again
        return indexes.is_shown(row.subject)
    channel = next(one for one in channels if one.id == row.channel)
    doubted = {one.of for one in incredible(indexes)}
    facts = msgspec.json.decode(row.facts, type=dict[str, Any]).keys()
    source, national = terms.sources.get(channel.origin), terms.nationals.get(channel.account)
    is_seen_there = source is not None and source.is_complete and f"source:{channel.origin}" not in doubted
    is_listed = national is not None and national.is_complete and f"national:{channel.account}" not in doubted
    return (not facts & _OF_SOURCE or is_seen_there) and (not facts & _OF_NATIONAL or is_listed)
