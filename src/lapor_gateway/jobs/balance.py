"""Counting anew: the source's own listing, the ledger's fold, LAPOR!'s listing; each against the book."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.counting import BookCount, count_book, write_count
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding, settle_finding
from lapor_gateway.book.tables import complaints, deliveries
from lapor_gateway.book.tallies import check_tallies
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.balance import Side
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.disappearance import ShownIds, note_disappearances
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.national_count import count_by_export, count_by_listing
from lapor_gateway.jobs.pull import incoming_of
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.port import Checkpoint
from lapor_gateway.sources.registry import open_source

_WEBHOOK: Final = "webhook"


async def count_anew(
    gateway: Gateway, channels: Sequence[ChannelManifest], *, national_export: Path | None = None
) -> list[GatewayError]:
    """Take every count of the channels' origins that can be reached now; the failures of those that cannot.

    LAPOR!'s count is by its listing, or by the spreadsheet `national_export` where one is given. Raises
    `ConfigurationError` where that is none.
    """
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
    if national_export is not None:
        failures += count_by_export(gateway, origins, national_export)
    else:
        failures += await count_by_listing(gateway, origins)
    return failures


def possible_sides(gateway: Gateway, account: AccountName) -> frozenset[Side]:
    """The counts that an origin can have: LAPOR!'s only where a listing was granted."""
    settings = gateway.settings.national.get(account)
    granted = settings is not None and settings.listing is not None
    return frozenset({Side.SOURCE, Side.LEDGER} | ({Side.NATIONAL} if granted else set()))


def _write_ledger(book: Book, origin: str, own: list[ChannelManifest], count: BookCount) -> None:
    faults = list(count.faults)
    if count.seen != count.ledger:
        faults.append(f"raw records tell of {count.seen} complaints, the ledger of {count.ledger}")
    with book.write() as connection:
        write_count(book, connection, origin, Side.LEDGER, count.ledger, not faults, "; ".join(faults))
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
        untold = check_tallies(book, [channel.id for channel in own])
        with book.write() as connection:
            value = len(shown) + _gone(connection, origin, shown)
            details = [f"the source shows {len(shown)}, the book has seen {count.seen}"]
            details = [] if value == count.seen else details
            if untold:
                details.append(
                    f"the sender's tally names {len(untold)} that never came: {', '.join(untold[:5])}"
                )
            beyond = sum(source_id not in shown for source_id in untold)
            write_count(
                book, connection, origin, Side.SOURCE, value + beyond, not details, "; ".join(details)
            )
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
