"""What in the book shows that something stands in a region's way: counts and standings, by region or channel."""

from typing import Any, Final

from sqlalchemy import Connection, func, or_, select

from lapor_gateway.book.findings import FindingKind, FindingState
from lapor_gateway.book.tables import accounts, channels, complaints, deliveries, findings, milestones
from lapor_gateway.domain.lifecycle import PENDING, State

_c = complaints.c
_h = channels.c
_m = milestones.c
_WAITING: Final = tuple(
    map(str, sorted({*PENDING, State.HELD, State.QUARANTINED, State.AMBIGUOUS, State.REJECTED}))
)
_UNKNOWN_VALUE: Final = "unknown_value:"


def waiting_since_before(connection: Connection, instant: int) -> dict[str, int]:
    """Complaints by region that were received before then and are neither at LAPOR! nor set aside."""
    query = (
        select(_c.region, func.count())
        .where(_c.state.in_(_WAITING), _c.received_at < instant)
        .group_by(_c.region)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def unanswered_since_before(connection: Connection, instant: int) -> dict[str, int]:
    """Complaints by region that LAPOR! took before then, with no follow-up of an institution and still open."""
    query = (
        select(_m.region, func.count())
        .where(_m.accepted_at < instant, _m.first_follow_up_at.is_(None), _m.closed_at.is_(None))
        .group_by(_m.region)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def without_mapping(connection: Connection) -> dict[str, int]:
    """By channel: complaints held for a value that no table knows, and status words that nobody knew."""
    held = (
        select(_c.channel, func.count())
        .where(
            or_(_c.state == State.HELD, _c.state == State.QUARANTINED),
            _c.reason.startswith(_UNKNOWN_VALUE, autoescape=True),
        )
        .group_by(_c.channel)
    )
    words = (
        select(findings.c.channel, func.count())
        .where(findings.c.kind == FindingKind.UNMAPPED_STATUS, findings.c.state == FindingState.OPEN)
        .group_by(findings.c.channel)
    )
    found: dict[str, int] = {}
    for query in (held, words):
        for channel, count in connection.execute(query):
            found[channel] = found.get(channel, 0) + count
    return found


def refused_accounts(connection: Connection) -> frozenset[str]:
    """National accounts that are paused: LAPOR! refuses their credential."""
    query = select(accounts.c.name).where(accounts.c.paused_at.is_not(None))
    return frozenset(connection.execute(query).scalars())


def channel_rows(connection: Connection) -> dict[str, Any]:
    """Of every channel: paused_at, credential_print, last_success_at, and when a webhook last brought something."""
    delivered = (
        select(deliveries.c.channel, func.max(deliveries.c.received_at).label("delivered_at"))
        .where(deliveries.c.refused.is_(None))
        .group_by(deliveries.c.channel)
        .subquery()
    )
    columns = (_h.id, _h.paused_at, _h.credential_print, _h.last_success_at, delivered.c.delivered_at)
    query = select(*columns).outerjoin(delivered, delivered.c.channel == _h.id)
    return {row.id: row for row in connection.execute(query)}
