"""Pulling one channel: page after page into the book, with the checkpoint that covers it, then through the gate."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book import channels as book_channels
from lapor_gateway.book.channels import Health
from lapor_gateway.book.database import Book
from lapor_gateway.book.gating import Gate
from lapor_gateway.book.intake import Advance, Incoming, Taken, take_in
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.region_answers import cursor_of, move_cursor, note_answers
from lapor_gateway.book.tables import channels
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.follow_up import FollowUp
from lapor_gateway.domain.mapping_steps import Part
from lapor_gateway.errors import CredentialError, GatewayError, SourceFaultError
from lapor_gateway.jobs.disappearance import ShownIds, note_disappearances
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.sources.answers import AnswersPage, AnswersReader, SqlAnswers
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.port import Checkpoint, Page, RawRecord, Source
from lapor_gateway.sources.registry import open_source
from lapor_gateway.sources.settings import SqlSettings
from lapor_gateway.sources.sql_session import open_engine

_PLAIN_ROOT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\.[A-Za-z_][A-Za-z0-9_]*)*$")


class Pulled(msgspec.Struct):
    """What a pull did so far; `total` is the source's own count where it tells one."""

    new: int = 0
    changed: int = 0
    seen: int = 0
    pages: int = 0
    total: int | None = None
    error: str | None = None
    failure: GatewayError | None = None

    def count(self, taken: Taken, page: Page) -> None:
        """Add what came of one page."""
        self.new += taken.new
        self.changed += taken.changed
        self.seen += taken.seen
        self.pages += 1
        self.total = page.total if page.total is not None else self.total


Progressed = Callable[[Pulled], Awaitable[None]]


async def pull(gateway: Gateway, channel: ChannelManifest, lease: Lease, *, progressed: Progressed) -> Pulled:
    """One pass over a channel, from its checkpoint. `progressed` is told after every page has been through the gate,
    and the next one is stored when it returns.

    A failure of the source ends the pass at its last good page and stands in the result: it never stops others.
    """
    pulled = Pulled()
    source = open_source(
        channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
    )
    try:
        async with answers_of(gateway, channel) as answers:
            await _pass(gateway, channel, lease, source, pulled, progressed)
            await answers.keep(lease)
    except GatewayError as error:
        pulled.failure, pulled.error = error, str(error)
        _note_failure(gateway, channel, error)
    else:
        book_channels.note_health(gateway.book, channel.id, Health.OK, None)
    finally:
        await source.close()
    return pulled


async def _pass(
    gateway: Gateway,
    channel: ChannelManifest,
    lease: Lease,
    source: Source,
    pulled: Pulled,
    progressed: Progressed,
) -> None:
    book = gateway.book
    checkpoint = checkpoint_of(book, channel.id)
    is_whole = checkpoint.pass_started_at is None  # a resumed pass has not seen what the first part showed
    started = checkpoint.pass_started_at or to_datetime(book.clock.now())
    checkpoint = msgspec.structs.replace(checkpoint, pass_started_at=started)
    look_back: timedelta = getattr(channel.settings, "look_back", timedelta(0))
    shown = ShownIds()
    async with aclosing(source.pages(checkpoint)) as pages:
        async for page in pages:
            require_columns(channel, page.records)
            incoming = incoming_of(channel, page.records)
            advance = _advance(page, checkpoint, look_back)

            taken = _keep(gateway, channel, lease, incoming, advance, answers_in(channel, page.records))
            shown.add(taken.source_ids)
            if is_whole and page.last and page.complete_listing:
                note_disappearances(book, channel, shown, before=started)
            pulled.count(taken, page)
            if not taken.is_judged:
                pass_gate(gateway)
            await progressed(pulled)


def _keep(
    gateway: Gateway,
    channel: ChannelManifest,
    lease: Lease,
    incoming: list[Incoming],
    advance: Advance,
    answers: dict[str, list[FollowUp]],
) -> Taken:
    """One page in one transaction: records, new complaints judged, answers, the checkpoint that covers them."""
    judge = Gate(gateway.book, gateway.rules(channel.id)).judge_fresh
    door = gateway.door_of(channel)

    def keep(connection: Connection) -> Taken:
        lease.require(connection)
        taken = take_in(gateway.book, connection, door, incoming, advance=advance, judge=judge)
        if answers:
            note_answers(gateway.book, connection, channel.origin, answers)
        return taken

    return gateway.book.transact(keep)


def pass_gate(gateway: Gateway) -> int:
    """Judge everything that is due at the gate; how many records there were."""
    judged = 0
    while True:
        # The rules anew for every batch: a canary may have been used up, or somebody may have approved.
        gate = Gate(gateway.book, gateway.rules())
        batch = gate.pass_batch()
        judged += batch
        if not batch or not gate.was_full:
            return judged


def answers_in(channel: ChannelManifest, records: tuple[RawRecord, ...]) -> dict[str, list[FollowUp]]:
    """What officers have answered in these records, by the complaints' ids; nothing where the manifest reads none."""
    if channel.answers is None or channel.answers.text is None or channel.answers.query is not None:
        return {}
    reader = AnswersReader(channel.answers, channel.zone)
    found: dict[str, list[FollowUp]] = {}
    for record in records:
        source_id = channel.mapping.source_id(record.value)
        if source_id is not None and (answers := reader.read(record.value)):
            found[source_id] = answers
    return found


class _Answers:
    """What a channel's own query for answers gives, up to what it gave before the records were read."""

    def __init__(self, gateway: Gateway, channel: ChannelManifest, source: SqlAnswers | None) -> None:
        self._book = gateway.book
        self._channel = channel
        self._source = source
        self._until: int | str | None = None
        self._trouble: GatewayError | None = None

    async def look(self) -> None:
        """See how far they reach now. Trouble is told by `keep`: it must not keep the records from being read."""
        try:
            self._until = None if self._source is None else await self._source.newest()
        except GatewayError as error:
            self._trouble = error

    async def keep(self, lease: Lease) -> None:
        """Keep those behind the ones that were read before. Raises `GatewayError`."""
        if self._trouble is not None:
            raise self._trouble
        if self._source is None or self._until is None:
            return
        with self._book.read() as connection:
            behind = cursor_of(connection, self._channel.id)
        more = True
        while more:
            page = await self._source.read(behind, self._until)
            if page.behind is None:
                return
            self._book.transact(partial(_keep_answers, self._book, self._channel, lease, page, page.behind))
            behind, more = page.behind, page.more


@asynccontextmanager
async def answers_of(gateway: Gateway, channel: ChannelManifest) -> AsyncIterator[_Answers]:
    """The answers of a database's own query; nothing where the manifest has none."""
    source = None
    table, settings = channel.answers, channel.settings
    if table is not None and table.query is not None and isinstance(settings, SqlSettings):
        now = to_datetime(gateway.clock.now())
        engine = open_engine(
            settings, secrets=gateway.secret, zone=channel.zone, data_dir=gateway.settings.data_dir, now=now
        )
        source = SqlAnswers(table, settings, engine, channel.zone)
    answers = _Answers(gateway, channel, source)
    try:
        await answers.look()
        yield answers
    finally:
        if source is not None:
            await source.close()


def _keep_answers(
    book: Book,
    channel: ChannelManifest,
    lease: Lease,
    page: AnswersPage,
    behind: int | str,
    connection: Connection,
) -> None:
    lease.require(connection)
    found: dict[str, list[FollowUp]] = {}
    for source_id, answer in page.answers:
        found.setdefault(source_id, []).append(answer)
    note_answers(book, connection, channel.origin, found)
    move_cursor(connection, channel.id, behind)


def require_columns(channel: ChannelManifest, records: tuple[RawRecord, ...]) -> None:
    """A column that the query no longer gives would read as empty in every row, and as an edit of every complaint.

    Raises `SourceFaultError`. Only a database's rows always have all their columns.
    """
    if channel.source != "sql" or not records:
        return
    columns = records[0].value.keys()
    read = {
        name: [_root(part) for step in steps for part in step.parts]
        for name, steps in channel.spec.fields.items()
    }
    lost = sorted(
        {root for roots in read.values() if roots and all(roots) and not {*roots} & columns for root in roots}
    )
    if lost:
        raise SourceFaultError(
            f"The query of {channel.id} no longer gives the column {', '.join(lost)}.",
            cure="Correct the query or the fields in the manifest; the channel goes on from where it stands.",
        )


def _root(part: Part) -> str:
    """The column that a part of a step reads; empty where an expression computes it."""
    if part.column is not None:
        return part.column
    found = _PLAIN_ROOT.match(part.path or "")
    return found[1] if found else ""


def incoming_of(channel: ChannelManifest, records: tuple[RawRecord, ...]) -> list[Incoming]:
    """Records as the book's door takes them, each with the bytes that decide "seen before"."""
    ignored = frozenset(getattr(channel.settings, "ignore", ()))
    return [
        Incoming(
            channel.mapping.source_id(record.value),
            record.raw,
            record.raw if not ignored else _without(record.value, ignored),
            record.value,
        )
        for record in records
    ]


def _without(value: Any, ignored: frozenset[str]) -> bytes:
    if not isinstance(value, dict):
        return msgspec.json.encode(value)
    return msgspec.json.encode({name: part for name, part in value.items() if name not in ignored})


def checkpoint_of(book: Book, channel: str) -> Checkpoint:
    """Where a channel's next pass begins."""
    with book.read() as connection:
        row = connection.execute(
            select(channels.c.cursor, channels.c.watermark, channels.c.pass_started_at).where(
                channels.c.id == channel
            )
        ).one()
    return Checkpoint(
        cursor=None if row.cursor is None else msgspec.json.decode(row.cursor),
        watermark=None if row.watermark is None else to_datetime(row.watermark),
        pass_started_at=None if row.pass_started_at is None else to_datetime(row.pass_started_at),
    )


def _advance(page: Page, checkpoint: Checkpoint, look_back: timedelta) -> Advance:
    started = checkpoint.pass_started_at
    if not page.last or started is None:
        return Advance(_json(page.cursor), None, started)
    # Only now, and to the pass's start: on a newest-first listing the newest row says nothing about the rest.
    return Advance(_json(page.cursor), started - look_back, None)


def _json(cursor: Any) -> str | None:
    return None if cursor is None else msgspec.json.encode(cursor).decode()


def _note_failure(gateway: Gateway, channel: ChannelManifest, error: GatewayError) -> None:
    if isinstance(error, CredentialError):
        book_channels.pause(
            gateway.book, channel.id, error.message, credential=gateway.credential_print(channel)
        )
    else:
        book_channels.note_health(gateway.book, channel.id, Health.FAILING, error.message)
