"""What is due at the gate: complaints with raw records nobody has judged yet, each record read by its mapping."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import Connection, bindparam, literal_column, select

from lapor_gateway.book.crypto import DataKey
from lapor_gateway.book.database import Book, Query
from lapor_gateway.book.intake import RAW, Fresh
from lapor_gateway.book.tables import complaints, raw_records
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Subject, subject_of
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.admission import Policy
from lapor_gateway.domain.complaint import ChannelId, Complaint, Fault, Mapped, MappingResult, Unmappable
from lapor_gateway.domain.records import decode

_c = complaints.c
_r = raw_records.c
_DUE: Final = Query(
    select(_c.id)
    .where(
        _c.gate_due == literal_column("1"),  # a literal, so that the partial index is used
        _c.channel.in_(bindparam("channels", expanding=True)),
    )
    .order_by(_c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_RAW_COLUMNS: Final = (_r.id, _r.channel, _r.body, _r.digest, _r.received_at)
_RECORDS: Final = Query(
    select(
        *SUBJECT_COLUMNS,
        _c.data_key,
        _c.channel,
        _c.region,
        _c.received_at,
        _c.current_version,
        _c.last_version,
        _c.canonical_digest,
        _c.source_updated_at,
        _c.visibility,
        _c.regional_word,
        _c.reason,
        *_RAW_COLUMNS,
    )
    .join(raw_records, (_r.complaint == _c.id) & (_r.id > _c.gated_raw))
    .where(_c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_c.id, _r.id)
)


class Mapper(Protocol):
    """What the gate needs of a channel's mapping."""

    @property
    def digest(self) -> str: ...

    def apply(self, value: Any) -> MappingResult: ...


class Rule(msgspec.Struct, frozen=True):
    """One channel at the gate: how its records are read, and what may pass."""

    mapping: Mapper
    policy: Policy


class Due(msgspec.Struct):
    """A complaint with records to judge, and what its row says that judging needs.

    `raws` are its records in the order they came; `read` those of them that can be judged here;
    `current_raw_digest` is set once a record of this batch has become the current version.
    """

    subject: Subject
    key: DataKey
    channel: ChannelId
    region: str
    received_at: datetime
    current_version: int
    version: int
    canonical_digest: bytes | None
    source_updated_at: int | None
    visibility: str | None
    regional_word: str | None
    reason: str | None
    current_raw_digest: bytes | None = None
    raws: list[tuple[int, str, bytes, bytes, int]] = []
    read: list["Read"] = []


class Read(msgspec.Struct, frozen=True):
    """One raw record of a complaint, mapped under its channel's rule."""

    rule: Rule
    raw_id: int
    raw_digest: bytes
    received_at: int
    result: MappingResult

    @property
    def complaint(self) -> Complaint | None:
        return self.result.complaint if isinstance(self.result, Mapped) else None


def load_due(book: Book, connection: Connection, rules: Mapping[ChannelId, Rule], limit: int) -> list[Due]:
    """Up to `limit` complaints of the rules' channels, locked, oldest first, with their records read."""
    ids = [identifier for (identifier,) in _DUE.all(connection, channels=list(rules), limit=limit)]
    found: dict[int, Due] = {}
    for row in _RECORDS.all(connection, ids=ids):
        due = found.get(row[0])
        if due is None:
            subject = subject_of(row)
            data_key, channel, region, received_at, *known = row[len(SUBJECT_COLUMNS) : -len(_RAW_COLUMNS)]
            key = book.data_key(subject.reference, data_key)
            due = found[row[0]] = Due(subject, key, channel, region, to_datetime(received_at), *known)
        due.raws.append(row[-len(_RAW_COLUMNS) :])
    for due in found.values():
        due.read = _read(due, rules)
    return list(found.values())


def _read(due: Due, rules: Mapping[ChannelId, Rule]) -> list[Read]:
    """Map the records that are due, oldest first; one of a channel unknown here waits, and those after it."""
    read = []
    for raw_id, channel, sealed, digest, received_at in due.raws:
        rule = rules.get(ChannelId(channel))
        if rule is None:
            break
        result = _mapped(rule.mapping, due.key.open(sealed, RAW))
        read.append(Read(rule, raw_id, digest, received_at, result))
    return read


def due_of(fresh: Fresh, rules: Mapping[ChannelId, Rule]) -> Due:
    """A complaint that is being entered, as the gate judges it: nothing is known of it but its first record."""
    door = fresh.door
    rule = rules[door.channel]
    due = Due(
        fresh.subject,
        fresh.key,
        door.channel,
        door.region,
        to_datetime(fresh.received_at),
        current_version=0,
        version=0,
        canonical_digest=None,
        source_updated_at=None,
        visibility=None,
        regional_word=None,
        reason=None,
    )
    due.raws = [(fresh.raw_id, door.channel, b"", fresh.raw_digest, fresh.received_at)]
    result = _applied(rule.mapping, fresh.value)
    due.read = [Read(rule, fresh.raw_id, fresh.raw_digest, fresh.received_at, result)]
    return due


def _mapped(mapping: Mapper, raw: bytes) -> MappingResult:
    try:
        value = decode(raw)
    except ValueError:
        return Unmappable(None, (Fault("record", "not_json"),))
    return _applied(mapping, value)


def _applied(mapping: Mapper, value: Any) -> MappingResult:
    try:
        return mapping.apply(value)
    except Exception as error:
        return Unmappable(None, (Fault("record", "internal_error", type(error).__name__),))
