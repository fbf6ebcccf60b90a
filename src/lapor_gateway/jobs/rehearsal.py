"""A sync without consequences: what a channel's records would become and what would be sent; nothing is written."""

from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import msgspec
from sqlalchemy import func, literal_column, select

from lapor_gateway.book import channels as book_channels
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.tables import complaints
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.admission import Admission, Policy, Reason, admit
from lapor_gateway.domain.complaint import Complaint, Mapped
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.masking import masked
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.pull import checkpoint_of, incoming_of
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.port import Page
from lapor_gateway.sources.registry import open_source

MOST_SHOWN = 100


class WouldSend(msgspec.Struct, frozen=True):
    """One complaint that would go out; its title without the reporter's own values, empty for a secret report."""

    source_id: str
    kind: str
    title: str


class Rehearsal(msgspec.Struct):
    """What a sync of one channel would do now. `would` counts new and changed records by the state they would reach.

    `ready` is what the book already holds to send; `sends` shows the first of the new ones: in shadow what would go out
    if the channel were live. `unsent` counts changed records that nothing is sent for: they are past the gate.
    """

    channel: str
    account: str
    mode: str
    new: int = 0
    changed: int = 0
    seen: int = 0
    ready: int = 0
    unsent: int = 0
    would: dict[str, int] = {}
    sends: list[WouldSend] = []


async def rehearse(gateway: Gateway, channel: ChannelManifest) -> Rehearsal:
    """Read what a pull would read and judge it as the gate would. Raises as the source does; writes nothing."""
    with gateway.book.read() as connection:
        row = book_channels.find(connection, channel.id)
        ready = connection.execute(
            select(func.count()).where(
                complaints.c.channel == channel.id, complaints.c.state == literal_column(f"'{State.READY}'")
            )
        ).scalar_one()
    policy = gateway.rules(channel.id)[channel.id].policy
    rehearsal = Rehearsal(channel.id, channel.account, row.mode, ready=ready)
    would: Counter[str] = Counter()
    known: dict[str, bytes] = {}
    if channel.source == "webhook":
        return rehearsal
    source = open_source(
        channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
    )
    try:
        async with aclosing(source.pages(checkpoint_of(gateway.book, channel.id))) as pages:
            async for page in pages:
                _judge(gateway, channel, policy, page, known, rehearsal, would)
    finally:
        await source.close()
    rehearsal.would = dict(sorted(would.items()))
    return rehearsal


def _judge(
    gateway: Gateway,
    channel: ChannelManifest,
    policy: Policy,
    page: Page,
    known: dict[str, bytes],
    rehearsal: Rehearsal,
    would: Counter[str],
) -> None:
    book, now = gateway.book, to_datetime(gateway.clock.now())
    arriving = incoming_of(channel, page.records)
    digests = [book.digest(record.compared) for record in arriving]
    names = [
        record.source_id if record.source_id is not None else f"digest:{digest.hex()}"
        for record, digest in zip(arriving, digests, strict=True)
    ]
    in_book = _in_book(gateway, channel.origin, names)
    for record, name, digest in zip(page.records, names, digests, strict=True):
        before, state = (
            known[name] if name in known else in_book.get(name, (None, None))[0],
            in_book.get(name, (None, None))[1],
        )
        known[name] = digest
        if before in (
            digest,
            ERASED,
        ):  # of an erased complaint nothing is taken in, whatever the source shows
            rehearsal.seen += 1
            continue
        rehearsal.new += before is None
        rehearsal.changed += before is not None
        if state in _PAST_THE_GATE:
            would[str(state)] += 1
            rehearsal.unsent += 1
            continue
        result = channel.mapping.apply(record.value)
        admission = admit(result, policy, received_at=now)
        would[admission.state.value] += 1
        if isinstance(result, Mapped) and _would_go_out(admission) and len(rehearsal.sends) < MOST_SHOWN:
            rehearsal.sends.append(_shown(result.complaint))


def _would_go_out(admission: Admission) -> bool:
    """Whether it goes out, or would once the channel is live."""
    return admission.state is State.READY or admission.reason == Reason.SHADOW


_PAST_THE_GATE = frozenset({State.SUBMITTING, State.ACCEPTED, State.AMBIGUOUS, State.LINKED, State.WITHDRAWN})


def _in_book(gateway: Gateway, origin: str, names: Sequence[str]) -> dict[str, tuple[Any, State]]:
    c = complaints.c
    with gateway.book.read() as connection:
        rows = connection.execute(
            select(c.source_id, c.raw_digest, c.state, c.data_key).where(
                c.origin == origin, c.source_id.in_(names)
            )
        ).all()
    return {
        row.source_id: (ERASED if row.data_key == ERASED else row.raw_digest, State(row.state))
        for row in rows
    }


def _shown(complaint: Complaint) -> WouldSend:
    safe = masked(complaint)
    return WouldSend(complaint.source_id, complaint.kind.value, safe.title)
