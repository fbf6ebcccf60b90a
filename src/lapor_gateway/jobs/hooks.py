"""Webhooks in: verified, stored durably, answered; what fails its signature is kept aside, outside `seen`."""

import json
from collections.abc import Mapping
from typing import Any, Final

import jmespath
import msgspec
from sqlalchemy import Connection, func, insert, select

from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding
from lapor_gateway.book.intake import Incoming, take_in
from lapor_gateway.book.region_answers import note_answers
from lapor_gateway.book.tables import deliveries
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.records import decode
from lapor_gateway.errors import NotFoundError, OutOfReachError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.pull import answers_in
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.manifest_faults import ManifestError
from lapor_gateway.sources.port import RawRecord
from lapor_gateway.sources.settings import WebhookSettings
from lapor_gateway.sources.webhook import Verified, verify

_MOST_REFUSED: Final = 1000
_d = deliveries.c


class HookAnswer(msgspec.Struct, frozen=True):
    """What the sender is told: 202 new and durable, 200 seen before, 401 not believed, 409 same id, other body."""

    status: int
    detail: str


def receive(gateway: Gateway, channel_id: str, headers: Mapping[str, str], body: bytes) -> HookAnswer:
    """Take one delivery. When this returns 202 or 200 its records are on disk.

    A signed body that is not JSON is taken too, and quarantined: home-made senders do not send again. Raises
    `NotFoundError` for a channel that takes no webhooks, `OutOfReachError` while its manifest is faulty.
    """
    try:
        channel = gateway.channel(channel_id)
    except ManifestError:  # 503, so that the sender tries again; whoever asks here may not see our folders
        raise OutOfReachError(
            f"The channel {channel_id} cannot take webhooks now.",
            cure="Its manifest must be corrected first.",
        ) from None
    settings = channel.settings
    if not isinstance(settings, WebhookSettings):
        raise NotFoundError(
            f"The channel {channel_id} takes no webhooks.", cure="Its manifest says how it is read."
        )
    book = gateway.book
    verified = verify(settings, headers, body, gateway.secret, to_datetime(book.clock.now()))
    digest = book.digest(body)
    if not isinstance(verified, Verified):
        _keep_refused(book, channel.id, digest, body, verified.reason)
        return HookAnswer(401, "the signature does not verify")

    def take(connection: Connection) -> HookAnswer:
        known = _known(book, connection, channel.id, verified.message_id, digest)
        if known is None:
            _take(gateway, connection, channel, settings, verified, digest, body)
        return known or HookAnswer(202, "taken")

    return book.transact(take)  # again, should the same message come in twice at the same moment


def _known(
    book: Book, connection: Connection, channel: str, message_id: str, digest: bytes
) -> HookAnswer | None:
    known = connection.execute(
        select(_d.body_digest).where(_d.channel == channel, _d.message_id == message_id)
    ).scalar()
    if known is None:
        return None
    if known == digest:
        return HookAnswer(200, "seen before")
    facts = {"message_id": message_id}
    raise_finding(book, connection, FindingKind.DELIVERY_CONFLICT, f"{channel}:{message_id}", channel, facts)
    return HookAnswer(409, "this message id was used for another body")


def _take(
    gateway: Gateway,
    connection: Connection,
    channel: ChannelManifest,
    settings: WebhookSettings,
    verified: Verified,
    digest: bytes,
    body: bytes,
) -> None:
    incoming = _records(channel, settings, body)
    taken = take_in(
        gateway.book, connection, gateway.door_of(channel), incoming, delivery=verified.message_id
    )
    answers = answers_in(channel, tuple(RawRecord(one.raw, one.value) for one in incoming if one.value))
    note_answers(gateway.book, connection, channel.origin, answers)
    connection.execute(
        insert(deliveries).values(
            channel=channel.id,
            message_id=verified.message_id,
            body_digest=digest,
            received_at=gateway.clock.now(),
            source_ids=msgspec.json.encode(taken.source_ids).decode(),
        )
    )


def _records(channel: ChannelManifest, settings: WebhookSettings, body: bytes) -> list[Incoming]:
    try:
        value = decode(body)
    except ValueError:
        return [Incoming(None, body, body)]
    if settings.records == "@":
        return [Incoming(channel.mapping.source_id(value), body, body, value)]
    found = jmespath.search(settings.records, value)
    records = found if isinstance(found, list) else [found]
    return [_incoming(channel, record) for record in records if record is not None] or [
        Incoming(None, body, body)
    ]


def _incoming(channel: ChannelManifest, record: Any) -> Incoming:
    raw = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return Incoming(channel.mapping.source_id(record), raw, raw, record)


def _keep_refused(book: Book, channel: str, digest: bytes, body: bytes, reason: str) -> None:
    """Keep what was not believed, sealed and capped: after a hand-over of the secret it can be released."""
    message_id = f"refused:{digest.hex()}"
    with book.write() as connection:
        kept = select(func.count()).where(_d.channel == channel, _d.refused.is_not(None))
        known = select(_d.channel).where(_d.channel == channel, _d.message_id == message_id)
        if connection.execute(known).first() or connection.execute(kept).scalar_one() >= _MOST_REFUSED:
            return
        connection.execute(
            insert(deliveries).values(
                channel=channel,
                message_id=message_id,
                body_digest=digest,
                received_at=book.clock.now(),
                source_ids="[]",
                refused=reason,
                body=book.master.wrap(body, b"refused delivery"),
            )
        )
