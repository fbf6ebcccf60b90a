"""Filling a run's indexes: every source's listing, LAPOR!'s listing or its spreadsheet export, the ledger's fold."""

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import select

from lapor_gateway.batches import batches
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, accepted_facts
from lapor_gateway.book.ledger_index import current_records, fold_ledger
from lapor_gateway.book.repairing import texts_under
from lapor_gateway.book.sending import sent_mark, text_digest
from lapor_gateway.book.tables import deliveries, tallies
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.complaint import AccountName, Complaint, Mapped, Unmappable
from lapor_gateway.domain.digests import canonical_bytes
from lapor_gateway.domain.index_rows import DIGEST_BYTES, Terms
from lapor_gateway.domain.matching import retyped_alike
from lapor_gateway.domain.outcomes import Listed
from lapor_gateway.domain.reference import carried_by
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.indexes import Indexes, NationalRest, SourceRest, pack
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.look_up import Listing, Untrusted
from lapor_gateway.jobs.pull import incoming_of, require_columns
from lapor_gateway.jobs.sync import require_open
from lapor_gateway.national.export import NationalExport, RowFault
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.port import Checkpoint, RawRecord
from lapor_gateway.sources.registry import open_source

WEBHOOK: Final = "webhook"
_BATCH: Final = 1_000
_NEVER: Final = 2**62


class Taken(msgspec.Struct):
    """How an index was taken: from when on, whether whole, whether with contents; why not. Microseconds.

    `failed` says that the other side was out of reach; `believed` how many missing complaints a person accepted.
    `oldest` and `newest` are the rows of an export.
    """

    began_at: int
    is_complete: bool
    is_detailed: bool = True
    is_granted: bool = True
    failed: bool = False
    why: str | None = None
    believed: int = 0
    oldest: int = 0
    newest: int = 0


async def index_source(
    gateway: Gateway, origin: str, channels: Sequence[ChannelManifest], indexes: Indexes
) -> Taken:
    """A fresh complete listing of an origin, else the log of its deliveries. Raises what its channels raise."""
    indexes.begin_source(origin)
    book = gateway.book
    taken = Taken(book.clock.now(), is_complete=True, believed=_believed(book, channels[0].id))
    listed = [channel for channel in channels if channel.source != WEBHOOK]
    if not listed:
        taken.is_detailed = False
        name = str(channels[0].id)
        for part in batches(_delivered(book, channels), _BATCH):
            indexes.add_source(
                (origin, book.reference(origin, one), None, pack(SourceRest(name, one))) for one in part
            )
    for channel in listed:
        require_open(gateway, channel)
        taken.is_complete &= await _list(gateway, channel, indexes)
    if not taken.is_complete:
        taken.why = "the source does not promise that its listing is complete"
    return taken


async def _list(gateway: Gateway, channel: ChannelManifest, indexes: Indexes) -> bool:
    """Spool everything a channel lists; whether it promised to have shown all there is."""
    is_complete = False
    source = open_source(
        channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
    )
    try:
        async with aclosing(source.pages(Checkpoint(), full=True)) as pages:
            async for page in pages:
                require_columns(channel, page.records)
                indexes.add_source(list(_indexed(gateway.book, channel, page.records)))
                is_complete = page.last and page.complete_listing
    finally:
        await source.close()
    return is_complete


def _indexed(
    book: Book, channel: ChannelManifest, records: tuple[RawRecord, ...]
) -> Iterator[tuple[str, str, bytes, bytes | None]]:
    """Records as the index keeps them: digests only, no text and nobody's name.

    A record whose bytes the book has as the current version is not mapped again: nothing of it can differ.
    """
    incoming = incoming_of(channel, records)
    digests = [book.digest(one.compared) for one in incoming]
    named = [
        one.source_id if one.source_id is not None else f"digest:{raw.hex()}"
        for one, raw in zip(incoming, digests, strict=True)
    ]
    known = current_records(book, channel.origin, named)
    for one, raw, source_id in zip(incoming, digests, named, strict=True):
        reference, current = known.get(source_id) or (book.reference(channel.origin, source_id), None)
        rest = None if raw == current else pack(_read(book, channel, source_id, one.value))
        yield channel.origin, reference, raw[:DIGEST_BYTES], rest


def _read(book: Book, channel: ChannelManifest, source_id: str, value: Any) -> SourceRest:
    """A record by its channel's mapping; its id alone where it cannot be read."""
    complaint = readable(channel, value)
    if complaint is None:
        return SourceRest(channel.id, source_id)
    created, updated = complaint.created_at or complaint.incident_at, complaint.updated_at
    return SourceRest(
        channel.id,
        source_id,
        book.digest(canonical_bytes(complaint))[:DIGEST_BYTES],
        complaint.regional_word,
        None if updated is None else to_instant(updated),
        None if created is None else to_instant(created),
    )


def readable(channel: ChannelManifest, value: Any) -> Complaint | None:
    """A record by its channel's mapping; None where it cannot be read."""
    try:
        result = channel.mapping.apply(value)
    except Exception:  # as at the gate: a record that breaks the mapping is one that cannot be read
        return None
    match result:
        case Mapped():
            return result.complaint
        case Unmappable():
            return None


def _delivered(book: Book, channels: Sequence[ChannelManifest]) -> Iterator[str]:
    """Every id that was delivered or that the sender's own tally names; some come more than once."""
    d, t, names = deliveries.c, tallies.c, [channel.id for channel in channels]
    delivered = select(d.source_ids).where(d.channel.in_(names), d.refused.is_(None))
    told = select(t.source_ids).where(t.channel.in_(names))
    with book.read() as connection:
        for query in (delivered, told):
            for text in connection.execution_options(yield_per=_BATCH).execute(query).scalars():
                yield from msgspec.json.decode(text, type=list[str])


async def index_listing(gateway: Gateway, account: AccountName, indexes: Indexes) -> Taken:
    """LAPOR!'s own listing of an account, where one was granted. Raises `GatewayError`."""
    indexes.begin_national(account)
    began_at = gateway.clock.now()
    settings = gateway.settings.national.get(account)
    if settings is None or settings.listing is None:
        return Taken(began_at, is_complete=False, is_granted=False, why="no national list granted")
    if not settings.is_open_to(gateway.environment):
        why = "a training book never speaks to a production account"
        return Taken(began_at, is_complete=False, is_granted=False, why=why)
    async with Line(account, settings, gateway.resolve, gateway.clock) as line:
        try:
            async with aclosing(Listing(line, gateway.clock).pages()) as pages:
                async for page in pages:
                    indexes.add_national(_listed(gateway.book, account, page))
        except Untrusted as why:
            raise why.as_error(account) from None
    return Taken(began_at, is_complete=True, believed=_believed(gateway.book, account))


def index_export(gateway: Gateway, account: AccountName, path: Path, indexes: Indexes) -> Taken:
    """LAPOR!'s spreadsheet in place of the listing. Raises `ConfigurationError` for a file that is none."""
    indexes.begin_national(account)
    export = NationalExport(path)
    taken = Taken(gateway.clock.now(), is_complete=True, believed=_believed(gateway.book, account))
    for part in batches(export.complaints(), _BATCH):
        rows = [
            Listed(one.tracking_id, one.title, one.first_text, one.status or None, one.created_at)
            for one in part
        ]
        created = [to_instant(one.created_at) for one in part if one.created_at is not None]
        taken.oldest = min([*created, taken.oldest or _NEVER])
        taken.newest = max([*created, taken.newest])
        ways = [one.channel for one in part]
        indexes.add_national(_listed(gateway.book, account, rows, ways))
    nameless = export.faults[RowFault.NO_TRACKING_ID]
    if nameless:
        taken.is_complete = False
        taken.why = f"{nameless} rows of the export have no tracking id"
    return taken


def _listed(
    book: Book, account: AccountName, page: Sequence[Listed], ways: Sequence[str] | None = None
) -> list[tuple[Any, ...]]:
    carried = [carried_by(one.content) for one in page]
    lineless = [one.tracking_id for one, reference in zip(page, carried, strict=True) if reference is None]
    texts = texts_under(book, account, lineless) if lineless else {}
    rows = []
    for place, (one, reference) in enumerate(zip(page, carried, strict=True)):
        known = texts.get(one.tracking_id) if reference is None else None
        alike = None if known is None else any(retyped_alike(text, one.content) for text in known)
        digest = sent_mark(book, text_digest(one.content))
        created = None if one.created_at is None else to_instant(one.created_at)
        way = ways[place] if ways is not None else None
        rest = pack(NationalRest(alike, one.status, created))
        rows.append((account, one.tracking_id, reference, digest, rest, way))
    return rows


def index_ledger(
    gateway: Gateway, channels: Sequence[ChannelManifest], terms: Terms, indexes: Indexes
) -> int:
    """The fold of every complaint, last of all, so that what happened meanwhile is in it; how many there are.

    Also of those out of scope: LAPOR! may list them, and they are no strangers.
    """
    names = frozenset(channel.id for channel in channels)
    homes = {
        str(channel.id): (str(channel.origin), str(channel.account)) for channel in gateway.channels.values()
    }

    def is_in_scope(channel: str, instant: int) -> bool:
        return channel in names and terms.covers(instant)

    with gateway.book.read() as connection:
        return indexes.add_ledger(
            fold_ledger(gateway.book, connection, is_in_scope=is_in_scope, home_of=homes.get)
        )


def _believed(book: Book, subject: str) -> int:
    """How many complaints a person has accepted to be gone at once (`listing_shrank`)."""
    with book.read() as connection:
        facts = accepted_facts(connection, FindingKind.LISTING_SHRANK, subject)
    return int(facts["missing"]) if facts is not None else 0


def failed(began_at: int, error: GatewayError) -> Taken:
    """A side that could not be taken: it proves nothing, and the others are compared all the same."""
    return Taken(began_at, is_complete=False, failed=True, why=error.message)
