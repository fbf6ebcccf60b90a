"""Taking in what a source shows: raw records first, durable, with the checkpoint that covers them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, insert, select, update

from lapor_gateway.book import tombstones
from lapor_gateway.book.archived import raw_records_of
from lapor_gateway.book.crypto import ERASED, DataKey
from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.ledger import GENESIS
from lapor_gateway.book.tables import channels, complaints, raw_records
from lapor_gateway.book.writing import SOURCE, SUBJECT_COLUMNS, Pen, Subject, subject_of
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.admission import WaitingFor
from lapor_gateway.domain.complaint import ChannelId, ComplaintId, Origin
from lapor_gateway.domain.lifecycle import State

RAW: Final = b"raw"
_LOOK_UP_CHUNK: Final = 500
_RAW_COLUMNS: Final = (
    "id",
    "complaint",
    "channel",
    "delivery",
    "credential",
    "digest",
    "body",
    "received_at",
)
_insert_raw = Statement(insert(raw_records).values({n: bindparam(n) for n in _RAW_COLUMNS}), _RAW_COLUMNS)


_CHECKPOINT: Final = ("cursor", "watermark", "pass_started_at", "which")
_update_checkpoint = Statement(
    update(channels)
    .where(channels.c.id == bindparam("which"))
    .values(
        cursor=bindparam("cursor"),
        watermark=func.coalesce(bindparam("watermark", type_=BigInteger), channels.c.watermark),
        pass_started_at=bindparam("pass_started_at"),
    ),
    _CHECKPOINT,
)
_c = complaints.c
_KNOWN: Final = Query(
    select(*SUBJECT_COLUMNS, _c.source_id, _c.raw_digest, _c.data_key, _c.disappeared_at)
    .where(_c.origin == bindparam("origin"), _c.source_id.in_(bindparam("source_ids", expanding=True)))
    .order_by(_c.id)
    .with_for_update()
)


class Incoming(msgspec.Struct, frozen=True):
    """One record at the door: its id where one is readable, its bytes, those that decide "seen before", its value."""

    source_id: str | None
    raw: bytes
    compared: bytes
    value: Any = None


class Fresh(msgspec.Struct, frozen=True):
    """A complaint that is being entered, with the one record that showed it; `received_at` in microseconds."""

    subject: Subject
    key: DataKey
    door: "Door"
    received_at: int
    raw_id: int
    raw_digest: bytes
    value: Any


Judge = Callable[[Pen, Sequence[Fresh]], None]


class Door(msgspec.Struct, frozen=True):
    """Through which channel records come: whose they are and where their complaints will go."""

    channel: ChannelId
    region: str
    origin: Origin
    account: str
    credential: str | None = None


class Advance(msgspec.Struct, frozen=True):
    """How far the channel's checkpoint moves with these records. `cursor` is JSON text, None at a pass's end."""

    cursor: str | None
    watermark: datetime | None
    pass_started_at: datetime | None


class Taken(msgspec.Struct, frozen=True):
    """What came of a page: new complaints, new versions of known ones, and records seen before.

    `is_judged` says that nothing of it still waits at the gate.
    """

    new: int
    changed: int
    seen: int
    source_ids: tuple[str, ...]
    is_judged: bool


class _Known(msgspec.Struct):
    """A complaint that a record belongs to; `columns` only while it is new and not yet entered."""

    subject: Subject
    raw_digest: bytes
    data_key: DataKey | bytes
    disappeared: bool = False
    columns: dict[str, Any] | None = None

    def key(self, book: Book) -> DataKey:
        if isinstance(self.data_key, bytes):
            self.data_key = book.data_key(self.subject.reference, self.data_key)
        return self.data_key


def take_in(
    book: Book,
    connection: Connection,
    door: Door,
    records: Sequence[Incoming],
    *,
    advance: Advance | None = None,
    delivery: str | None = None,
    judge: Judge | None = None,
) -> Taken:
    """Store records as they came and enter new complaints as received; commits with the caller's transaction.

    A record whose digest equals that of the complaint's current version is seen before and leaves no trace. The
    checkpoint moves in the same transaction as the records it covers. With `judge`, new complaints pass the gate in
    that transaction, too (docs/decisions/0002); all else is left due.
    """
    now = book.clock.now()
    keyed = [(record, book.digest(record.compared)) for record in records]
    named = [(r.source_id if r.source_id is not None else f"digest:{d.hex()}", r, d) for r, d in keyed]
    known = _known(connection, door.origin, sorted({source_id for source_id, _, _ in named}))
    pen = Pen(connection, now, SOURCE)
    fresh = [source_id for source_id in dict.fromkeys(s for s, _, _ in named) if source_id not in known]
    fresh = _without_erased(book, pen, door, fresh, known, named)
    for identifier, source_id in zip(book.ids(connection, "complaints", len(fresh)), fresh, strict=True):
        known[source_id] = _newcomer(book, door, identifier, source_id, now)

    stored = _not_seen_before(book, pen, known, named)
    entered = _store(book, pen, door, stored, delivery)
    if judge is not None and entered:
        judge(pen, entered)
    pen.flush()
    if advance is not None:
        _move_checkpoint(connection, door.channel, advance)
    changed = len({c.subject.id for c, _, _ in stored}) - len(fresh)
    is_judged = judge is not None and len(entered) == len(stored)
    return Taken(len(fresh), changed, len(named) - len(stored), tuple(s for s, _, _ in named), is_judged)


def _not_seen_before(
    book: Book, pen: Pen, known: dict[str, _Known], named: list[tuple[str, Incoming, bytes]]
) -> list[tuple[_Known, Incoming, bytes]]:
    """The records that the book does not have as the current version; notes complaints that are shown again."""
    unseen: list[tuple[_Known, Incoming, bytes]] = []
    rivals = _shown_before(book, pen.connection, known, named)
    for source_id, record, digest in named:
        complaint = known[source_id]
        if complaint.data_key == ERASED:  # seen, and nothing of it is kept
            continue
        if digest in rivals.get(source_id, ()):
            continue
        if complaint.raw_digest != digest:
            complaint.raw_digest = digest
            unseen.append((complaint, record, digest))
        elif complaint.disappeared:
            pen.note(complaint.subject, "reappeared", {}, disappeared_at=None)
            complaint.disappeared = False
    return unseen


def _known(connection: Connection, origin: str, source_ids: list[str]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for start in range(0, len(source_ids), _LOOK_UP_CHUNK):
        chunk = source_ids[start : start + _LOOK_UP_CHUNK]
        for row in _KNOWN.all(connection, origin=origin, source_ids=chunk):
            source_id, raw_digest, data_key, disappeared_at = row[len(SUBJECT_COLUMNS) :]
            found[source_id] = _Known(subject_of(row), raw_digest, data_key, disappeared_at is not None)
    return found


def _shown_before(
    book: Book, connection: Connection, known: dict[str, _Known], named: list[tuple[str, Incoming, bytes]]
) -> dict[str, set[bytes]]:
    """Of ids that one page shows with several texts, the current one among them: all texts the book has already.

    Two records under one id would otherwise take each other's place at every pass.
    """
    if len({source_id for source_id, _, _ in named}) == len(named):
        return {}
    shown: dict[str, set[bytes]] = {}
    for source_id, _, digest in named:
        shown.setdefault(source_id, set()).add(digest)
    rivals = {
        source_id: known[source_id].subject.id
        for source_id, digests in shown.items()
        if len(digests) > 1 and known[source_id].raw_digest in digests
    }
    ids = list(rivals.values())
    shown_of = raw_records_of(book, connection, ids, absent=set()) if ids else {}
    return {
        source_id: {one.digest for one in shown_of.get(identifier, [])}
        for source_id, identifier in rivals.items()
    }


def _without_erased(
    book: Book,
    pen: Pen,
    door: Door,
    fresh: list[str],
    known: dict[str, _Known],
    named: list[tuple[str, Incoming, bytes]],
) -> list[str]:
    """The ids that are really new; those of erased complaints are entered without their text, so that they count."""
    if not fresh or not tombstones.are_there(pen.connection):
        return fresh
    new = set(fresh)
    references = {source_id: book.reference(door.origin, source_id) for source_id in fresh}
    shown = [(references[source_id], digest) for source_id, _, digest in named if source_id in new]
    erased = tombstones.buried(pen.connection, shown)
    if not erased:
        return fresh
    digests = {source_id: digest for source_id, _, digest in named}
    lost = [source_id for source_id in fresh if references[source_id] in erased]
    ids = book.ids(pen.connection, "complaints", len(lost))
    raw_ids = book.ids(pen.connection, "raw_records", len(lost))
    rows = []
    for source_id, identifier, raw_id in zip(lost, ids, raw_ids, strict=True):
        newcomer = _newcomer(book, door, identifier, source_id, pen.at)
        digest, columns = digests[source_id], newcomer.columns or {}
        tombstones.bury(pen, newcomer.subject, {**columns, "raw_digest": digest}, door.channel, raw_id)
        rows.append((raw_id, identifier, door.channel, None, door.credential, digest, b"", pen.at))
        known[source_id] = _Known(newcomer.subject, digest, ERASED)
    _insert_raw.run(pen.connection, rows)
    return [source_id for source_id in fresh if references[source_id] not in erased]


def _newcomer(book: Book, door: Door, identifier: int, source_id: str, now: int) -> _Known:
    reference = book.reference(door.origin, source_id)
    key, wrapped = book.new_data_key(reference)
    columns = {
        "id": identifier,
        "reference": reference,
        "origin": door.origin,
        "source_id": source_id,
        "channel": door.channel,
        "region": door.region,
        "account": door.account,
        "waiting_for": str(WaitingFor.NOBODY),
        "attempts": 0,
        "next_attempt_at": 0,
        "received_at": now,
        "updated_at": now,
        "current_version": 0,
        "last_version": 0,
        "gated_raw": 0,
        "data_key": wrapped,
    }
    subject = Subject(ComplaintId(identifier), reference, State.RECEIVED, 0, GENESIS)
    return _Known(subject, b"", key, columns=columns)


def _store(
    book: Book, pen: Pen, door: Door, stored: list[tuple[_Known, Incoming, bytes]], delivery: str | None
) -> list[Fresh]:
    """Write the records; the complaints that entered with exactly one of them come back."""
    rows = []
    entered: dict[int, Fresh] = {}
    ids = book.ids(pen.connection, "raw_records", len(stored))
    for identifier, (complaint, record, digest) in zip(ids, stored, strict=True):
        subject, key = complaint.subject, complaint.key(book)
        body = key.seal(record.raw, RAW)
        rows.append((identifier, subject.id, door.channel, delivery, door.credential, digest, body, pen.at))
        facts = {"channel": door.channel, "raw": identifier, "content": key.commitment(record.raw)}
        columns = {"latest_raw": identifier, "raw_digest": digest, "gate_due": 1, "disappeared_at": None}
        if complaint.columns is None:
            pen.note(subject, "shown", facts, **columns)
            entered.pop(subject.id, None)
        else:
            pen.receive(subject, {**complaint.columns, **columns}, facts)
            complaint.columns = None
            entered[subject.id] = Fresh(subject, key, door, pen.at, identifier, digest, record.value)
    _insert_raw.run(pen.connection, rows)
    return list(entered.values())


def _move_checkpoint(connection: Connection, channel: str, advance: Advance) -> None:
    started = None if advance.pass_started_at is None else to_instant(advance.pass_started_at)
    watermark = None if advance.watermark is None else to_instant(advance.watermark)
    _update_checkpoint.run(connection, [(advance.cursor, watermark, started, channel)])
