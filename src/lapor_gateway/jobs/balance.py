"""Counting anew: the source's own listing, the ledger's fold, LAPOR!'s listing; each against the book."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from lapor_gateway.book.counting import BookCount, count_book
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding, settle_finding
from lapor_gateway.book.tables import complaints, counts, deliveries
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.balance import Count, Side
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.reference import carried_by
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.disappearance import ShownIds, note_disappearances
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.look_up import Listing, Untrusted
from lapor_gateway.jobs.pull import incoming_of
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.port import Checkpoint
from lapor_gateway.sources.registry import open_source

_WEBHOOK: Final = "webhook"


async def count_anew(gateway: Gateway, channels: Sequence[ChannelManifest]) -> list[GatewayError]:
    """Take every count of the channels' origins that can be reached now; the failures of those that cannot."""
    origins: dict[str, list[ChannelManifest]] = {}
    for channel in gateway.channels.values():
        if any(channel.origin == wanted.origin for wanted in channels):
            origins.setdefault(channel.origin, []).append(channel)
    failures: list[GatewayError] = []
    book_counts = count_book(gateway.book, {origin: [c.id for c in own] for origin, own in origins.items()})
    for origin, own in origins.items():
        _write_ledger(gateway.book, origin, own, book_counts[origin])
        try:
            await _count_source(gateway, origin, own, book_counts[origin])
        except GatewayError as error:
            failures.append(error)
    failures += await _count_national(gateway, origins)
    return failures


def last_counts(connection: Connection) -> dict[str, dict[Side, Count]]:
    """The last counts of every origin."""
    found: dict[str, dict[Side, Count]] = {}
    for row in connection.execute(select(counts)):
        count = Count(row.value, bool(row.agrees), row.counted_at, row.detail)
        found.setdefault(row.origin, {})[Side(row.side)] = count
    return found


def possible_sides(gateway: Gateway, account: AccountName) -> frozenset[Side]:
    """The counts that an origin can have: LAPOR!'s only where a listing was granted."""
    settings = gateway.settings.national.get(account)
    granted = settings is not None and settings.look_up is not None
    return frozenset({Side.SOURCE, Side.LEDGER} | ({Side.NATIONAL} if granted else set()))


def _write_ledger(book: Book, origin: str, own: list[ChannelManifest], count: BookCount) -> None:
    faults = list(count.faults)
    if count.seen != count.ledger:
        faults.append(f"raw records tell of {count.seen} complaints, the ledger of {count.ledger}")
    with book.write() as connection:
        _write(book, connection, origin, Side.LEDGER, count.ledger, not faults, "; ".join(faults))
        if faults:
            facts = {"fault": faults[0], "faults": len(faults)}
            raise_finding(book, connection, FindingKind.BOOK_NOT_WHOLE, origin, own[0].id, facts)
        else:
            settle_finding(book, connection, FindingKind.BOOK_NOT_WHOLE, origin)


async def _count_source(gateway: Gateway, origin: str, own: list[ChannelManifest], count: BookCount) -> None:
    """A fresh complete listing where the origin has one to give, else the log of its deliveries."""
    book = gateway.book
    listed = [channel for channel in own if channel.source != _WEBHOOK]
    started = to_datetime(book.clock.now())
    shown = await _listing(gateway, listed) if listed else _delivered(book, own)
    try:
        if listed:
            note_disappearances(book, listed[0], shown, before=started)
        with book.write() as connection:
            gone = _gone(connection, origin, shown)
            value = len(shown) + gone
            detail = (
                ""
                if value == count.seen
                else f"the source shows {len(shown)}, the book has seen {count.seen}"
            )
            _write(book, connection, origin, Side.SOURCE, value, value == count.seen, detail)
    finally:
        shown.close()


async def _listing(gateway: Gateway, channels: list[ChannelManifest]) -> ShownIds:
    shown = ShownIds()
    for channel in channels:
        source = open_source(
            channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
        )
        try:
            async with aclosing(source.pages(Checkpoint(), full=True)) as pages:
                async for page in pages:
                    shown.add(
                        one.source_id or f"digest:{gateway.book.digest(one.compared).hex()}"
                        for one in incoming_of(channel, page.records)
                    )
        finally:
            await source.close()
    return shown


def _delivered(book: Book, channels: list[ChannelManifest]) -> ShownIds:
    shown = ShownIds()
    query = select(deliveries.c.source_ids).where(
        deliveries.c.channel.in_([channel.id for channel in channels]), deliveries.c.refused.is_(None)
    )
    with book.read() as connection:
        for text in connection.execute(query).scalars():
            shown.add(msgspec.json.decode(text))
    return shown


def _gone(connection: Connection, origin: str, shown: ShownIds) -> int:
    """Disappearances already recorded, of complaints the listing does not show again."""
    query = select(complaints.c.source_id).where(
        complaints.c.origin == origin, complaints.c.disappeared_at.is_not(None)
    )
    return sum(source_id not in shown for source_id in connection.execute(query).scalars())


async def _count_national(gateway: Gateway, origins: dict[str, list[ChannelManifest]]) -> list[GatewayError]:
    failures: list[GatewayError] = []
    accounts = {channel.account for own in origins.values() for channel in own}
    for account in sorted(accounts):
        own_origins = [origin for origin, own in origins.items() if own[0].account == account]
        settings = gateway.settings.national.get(account)
        if settings is None or settings.look_up is None:
            continue
        if not settings.is_open_to(gateway.environment):
            continue
        lag = int(settings.look_up.maximum_lag.total_seconds() * 1_000_000)
        before = gateway.clock.now() - lag
        async with Line(account, settings, gateway.resolve, gateway.clock) as line:
            try:
                listed = await Listing(line, gateway.clock).everything()
            except Untrusted as why:
                failures.append(why.as_error(account))
                continue
        references: dict[str, set[str]] = {}
        for one in listed:
            reference = carried_by(one.content)
            if reference:
                references.setdefault(reference, set()).add(one.tracking_id)
        numbers = {one.tracking_id for one in listed}
        for origin in own_origins:
            _compare_national(gateway.book, origin, origins[origin][0].id, references, numbers, before)
    return failures


def _compare_national(
    book: Book, origin: str, channel: str, references: dict[str, set[str]], numbers: set[str], before: int
) -> None:
    """Complaints accepted before `before` against the listing; later ones count as found if they are there."""
    c = complaints.c
    found = 0
    faults: list[str] = []
    with book.read() as connection:
        rows = connection.execute(
            select(c.reference, c.state, c.tracking_id, c.accepted_at).where(c.origin == origin)
        ).all()
        unsure = _ever_in_doubt(connection, origin)
    with book.write() as connection:
        for row in rows:
            there = references.get(row.reference, set())
            if row.state == State.ACCEPTED:
                shown = row.tracking_id in there or row.tracking_id in numbers
                found += shown
                is_due = row.accepted_at is not None and row.accepted_at < before
                if (there and row.tracking_id not in there) or (not shown and is_due):
                    faults.append(f"{row.reference} is not there under {row.tracking_id}")
            elif there and row.reference not in unsure:
                faults.append(f"{row.reference} is {row.state} here and there under {min(there)}")
            if len(there) > 1:
                facts = {"tracking_ids": " ".join(sorted(there))}
                raise_finding(book, connection, FindingKind.TWICE_AT_NATIONAL, row.reference, channel, facts)
        _write(book, connection, origin, Side.NATIONAL, found, not faults, "; ".join(faults[:5]))


def _ever_in_doubt(connection: Connection, origin: str) -> set[str]:
    """Complaints whose presence at LAPOR! is allowed though they are not accepted: one is open or was given up."""
    c = complaints.c
    doubtful = (State.AMBIGUOUS, State.SUBMITTING, State.WITHDRAWN, State.LINKED)
    query = select(c.reference).where(c.origin == origin, c.state.in_(doubtful))
    return set(connection.execute(query).scalars())


def _write(
    book: Book, connection: Connection, origin: str, side: Side, value: int, agrees: bool, detail: str
) -> None:
    connection.execute(delete(counts).where(counts.c.origin == origin, counts.c.side == side))
    connection.execute(
        insert(counts).values(
            origin=origin,
            side=side,
            value=value,
            agrees=int(agrees),
            counted_at=book.clock.now(),
            detail=detail,
        )
    )
