"""Channels in the book: registered in shadow, made live by a named person, paused, resumed, checkpointed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, literal_column, select, update

from lapor_gateway.book.database import Book, Query
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.people import pseudonym
from lapor_gateway.book.tables import channels, complaint_versions, complaints
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, record, subject_of
from lapor_gateway.clock import isoformat, to_datetime, to_instant
from lapor_gateway.domain.admission import Policy, Reason, WaitingFor, set_aside_reason
from lapor_gateway.domain.complaint import ChannelId, Complaint
from lapor_gateway.domain.lifecycle import Event, State
from lapor_gateway.errors import NotFoundError

_c = channels.c
_decoder = msgspec.json.Decoder(Complaint)
_POLICIES: Final = Query(
    select(_c.id, _c.mode, _c.push_from, _c.live_since, _c.canary_left).where(
        _c.id.in_(bindparam("channels", expanding=True))
    )
)
BATCH: Final = 500
APPROVAL: Final = {"reason": "approved"}
"""The facts of a release by an approval of the whole channel."""


class Mode(StrEnum):
    """`shadow` pulls, maps, records and pushes nothing; `live` pushes."""

    SHADOW = "shadow"
    LIVE = "live"


class Health(StrEnum):
    """How the last pull fared; `paused` waits for a person."""

    NEW = "new"
    OK = "ok"
    FAILING = "failing"
    PAUSED = "paused"


class Registration(msgspec.Struct, frozen=True):
    """What the manifest says of a channel that the book must know."""

    id: ChannelId
    region: str
    origin: str
    account: str
    manifest_digest: str


class WentLive(msgspec.Struct, frozen=True):
    """What an approval set free: released to go out, set aside as historical, still waiting behind the canary.

    `oldest_released` is when the oldest complaint released was made at the source, or else received; RFC 3339.
    """

    released: int
    set_aside: int
    waiting: int
    oldest_released: str | None = None


def register(book: Book, registrations: Sequence[Registration]) -> None:
    """Enter channels the book does not know yet, in shadow; follow the manifest where it changed."""
    with book.read() as connection:
        known = {row.id: row for row in connection.execute(select(channels))}
    changed = [r for r in registrations if r.id not in known or _differs(known[r.id], r)]
    if not changed:
        return
    with book.write() as connection:
        for one in changed:
            values = msgspec.structs.asdict(one)
            if one.id in known:
                connection.execute(update(channels).where(_c.id == one.id).values(values))
            else:
                connection.execute(insert(channels).values(**values, mode=Mode.SHADOW, health=Health.NEW))
            facts = {"manifest": one.manifest_digest, "account": one.account}
            record(connection, f"channel:{one.id}", "registered", facts, at=book.clock.now())


def find(connection: Connection, channel: str) -> Row[Any]:
    """A channel's row. Raises `NotFoundError`."""
    row = connection.execute(select(channels).where(_c.id == channel)).first()
    if row is None:
        raise NotFoundError(
            f"There is no channel {channel}.",
            cure="`lapor-gateway channels list` shows the channels there are.",
        )
    return row


def policies(book: Book, hold_doubles: Mapping[ChannelId, bool]) -> dict[ChannelId, Policy]:
    """What the gate lets through for each channel; `hold_doubles` is what its manifest says of doubles."""
    with book.read() as connection:
        rows = _POLICIES.all(connection, channels=list(hold_doubles))
    return {
        name: Policy(
            live=mode == Mode.LIVE.value,
            push_from=None if push_from is None else to_datetime(push_from),
            live_since=None if live_since is None else to_datetime(live_since),
            canary_left=canary_left,
            hold_doubles=hold_doubles[name],
        )
        for name, mode, push_from, live_since, canary_left in rows
    }


def go_live(
    book: Book, channel: str, *, by: str, push_from: datetime | None = None, canary: int | None = None
) -> WentLive:
    """A named person approves that a channel pushes from `push_from` on (default: everything not closed).

    What is closed at the source or older becomes historical; of the rest the first `canary` go out and the others
    wait for the next approval. Repeating it moves the date, and an approval without `canary` lets all go.
    """
    with book.write() as connection:
        row = find(connection, channel)
        now = book.clock.now()
        start = push_from or (to_datetime(row.push_from) if row.push_from is not None else None)
        values: dict[str, Any] = {
            "mode": Mode.LIVE,
            "live_since": row.live_since if row.live_since is not None else now,
            "push_from": None if start is None else to_instant(start),
            "canary_left": canary,
            "approved_by": pseudonym(book, connection, by),
        }
        connection.execute(update(channels).where(_c.id == channel).values(values))
        facts = {
            "push_from": None if start is None else start.isoformat(),
            "canary": canary,
        }
        actor = values["approved_by"]
        record(connection, f"channel:{channel}", "went_live", facts, at=now, actor=str(actor))
        policy = Policy(True, start, to_datetime(values["live_since"]), canary)
    return _release_waiting(book, channel, policy, str(actor))


def _release_waiting(book: Book, channel: str, policy: Policy, actor: str) -> WentLive:
    released = aside = waiting = after = 0
    oldest: int | None = None
    while True:
        with book.write() as connection:
            pen = Pen(connection, book.clock.now(), actor)
            rows = _waiting_for_approval(connection, channel, after)
            if not rows:
                break
            after = rows[-1].id
            for row in rows:
                columns: dict[str, Any]
                subject = subject_of(tuple(row))
                key = book.data_key(subject.reference, row.data_key)
                complaint = _decoder.decode(key.open(row.canonical, CANONICAL))
                past = set_aside_reason(complaint, policy, received_at=to_datetime(row.received_at))
                if past is not None:
                    columns = {"reason": past, "waiting_for": WaitingFor.NOBODY}
                    pen.transition(subject, Event.SET_ASIDE, {"reason": past}, **columns)
                    aside += 1
                elif policy.canary_left is None or released < policy.canary_left:
                    columns = {"reason": None, "waiting_for": WaitingFor.NOBODY, "next_attempt_at": 0}
                    pen.transition(subject, Event.RELEASE, APPROVAL, **columns)
                    released += 1
                    made = row.received_at if row.source_created_at is None else row.source_created_at
                    oldest = made if oldest is None else min(oldest, made)
                else:
                    pen.amend(subject, reason=Reason.CANARY)
                    waiting += 1
            pen.flush()
            if policy.canary_left is not None:
                left = max(0, policy.canary_left - released)
                connection.execute(update(channels).where(_c.id == channel).values(canary_left=left))
    return WentLive(released, aside, waiting, isoformat(oldest))


def _waiting_for_approval(connection: Connection, channel: str, after: int) -> Sequence[Any]:
    c, v = complaints.c, complaint_versions.c
    return connection.execute(
        select(*SUBJECT_COLUMNS, c.data_key, c.received_at, c.source_created_at, v.canonical)
        .join(complaint_versions, (v.complaint == c.id) & (v.version == c.current_version))
        .where(
            c.state == literal_column(f"'{State.HELD}'"),
            c.channel == channel,
            c.reason.in_((Reason.SHADOW, Reason.CANARY)),
            c.id > after,
            c.gate_due == 0,
        )
        .order_by(c.id)
        .limit(BATCH)
        .with_for_update()
    ).all()


def pause(
    book: Book, channel: str, reason: str, *, by: str | None = None, credential: bytes | None = None
) -> None:
    """Stop pulling; the checkpoint stays, webhooks are taken all the same. Safe to repeat."""
    with book.write() as connection:
        row = find(connection, channel)
        values: dict[str, Any] = {"health": Health.PAUSED, "health_detail": reason, "pause_reason": reason}
        if row.paused_at is None:
            now = book.clock.now()
            actor = pseudonym(book, connection, by) if by else "gateway"
            values |= {"paused_at": now, "credential_print": credential}
            record(connection, f"channel:{channel}", "paused", {"reason": reason}, at=now, actor=actor)
        connection.execute(update(channels).where(_c.id == channel).values(values))


def resume(book: Book, channel: str, *, by: str | None = None) -> None:
    """Pull again, from the checkpoint where it stopped. Safe to repeat."""
    with book.write() as connection:
        if find(connection, channel).paused_at is None:
            return
        values = {"paused_at": None, "pause_reason": None, "credential_print": None, "health": Health.NEW}
        connection.execute(update(channels).where(_c.id == channel).values(values | {"health_detail": None}))
        actor = pseudonym(book, connection, by) if by else "gateway"
        record(connection, f"channel:{channel}", "resumed", {}, at=book.clock.now(), actor=actor)


def note_health(book: Book, channel: str, health: Health, detail: str | None) -> None:
    """How a pull ended; a success also moves `last_success_at`."""
    values: dict[str, Any] = {"health": health, "health_detail": detail}
    if health is Health.OK:
        values["last_success_at"] = book.clock.now()
    with book.write() as connection:
        connection.execute(update(channels).where(_c.id == channel).values(values))


def _differs(row: Row[Any], one: Registration) -> bool:
    return (row.origin, row.account, row.manifest_digest) != (one.origin, one.account, one.manifest_digest)
