"""Looks for obstacles: in the manifests, the settings and the book. Asks nobody outside."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from lapor_gateway.book.connecting import first_known
from lapor_gateway.book.obstacle_signs import (
    channel_rows,
    refused_accounts,
    unanswered_since_before,
    waiting_since_before,
    without_mapping,
)
from lapor_gateway.book.obstacles import write_found
from lapor_gateway.book.vault import MissingSecretError
from lapor_gateway.domain.obstacles import Cause, ObstacleKind, is_personal
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.sources.manifest import ChannelManifest, RegionManifest

_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400 * 1_000_000


def look_for_obstacles(gateway: Gateway) -> list[int]:
    """Find what stands in the way now; found ones open, close and come back. The numbers that changed. Commits.

    A region whose manifest cannot be read keeps its obstacles as they are.
    """
    causes = [*_of_regions(gateway), *_of_channels(gateway), *_of_counts(gateway)]
    return write_found(gateway.book, causes, frozenset(gateway.regions))


def _of_regions(gateway: Gateway) -> Iterator[Cause]:
    with gateway.book.read() as connection:
        refused = refused_accounts(connection)
    for region in gateway.regions.values():
        for kind in _missing(gateway, region):
            yield Cause(kind, region.region_id, region.region_id, facts={"account": region.account})
        if region.account in refused:
            kind, subject = ObstacleKind.CREDENTIAL_FAILING, f"{region.region_id}/account"
            yield Cause(kind, subject, region.region_id, facts={"account": region.account})


def _missing(gateway: Gateway, region: RegionManifest) -> Iterator[ObstacleKind]:
    account = gateway.settings.national.get(region.account)
    if account is None:
        yield ObstacleKind.NO_ACCOUNT
    elif account.look_up is None:
        yield ObstacleKind.NO_LOOK_UP
    if region.contact is None:
        yield ObstacleKind.NO_OFFICIAL
    if region.sk_tim_pengelola is None:
        yield ObstacleKind.NO_DECREE


def _of_channels(gateway: Gateway) -> Iterator[Cause]:
    now, silent = gateway.clock.now(), gateway.settings.obstacles.silent_after // _MICROSECOND
    with gateway.book.read() as connection:
        rows, unmapped = channel_rows(connection), without_mapping(connection)
        known = {name: first_known(connection, name) for name in rows}
    for channel in gateway.channels.values():
        row = rows[channel.id]
        if row.paused_at is not None and row.credential_print is not None:
            yield _cause(ObstacleKind.CREDENTIAL_FAILING, channel)
        heard = max(filter(None, (row.last_success_at, row.delivered_at, known[channel.id])), default=now)
        if row.paused_at is None and now - heard > silent:
            yield _cause(ObstacleKind.SILENT_SOURCE, channel, days=(now - heard) // _DAY)
        if unmapped.get(channel.id):
            yield _cause(ObstacleKind.UNMAPPED_VALUES, channel, count=unmapped[channel.id])
        if is_personal(_user_name(gateway, channel)):
            yield _cause(ObstacleKind.CREDENTIAL_PERSONAL, channel)


def _of_counts(gateway: Gateway) -> Iterator[Cause]:
    bounds, now = gateway.settings.obstacles, gateway.clock.now()
    with gateway.book.read() as connection:
        waiting = waiting_since_before(connection, now - bounds.backlog_after // _MICROSECOND)
        unanswered = unanswered_since_before(connection, now - bounds.unanswered_after // _MICROSECOND)
    for name in gateway.regions:
        if waiting.get(name, 0) >= bounds.backlog:
            yield Cause(ObstacleKind.BACKLOG, name, name, facts={"count": waiting[name]})
        if unanswered.get(name):
            yield Cause(ObstacleKind.UNANSWERED, name, name, facts={"count": unanswered[name]})


def _cause(kind: ObstacleKind, channel: ChannelManifest, **facts: int) -> Cause:
    return Cause(kind, channel.id, channel.region, channel.id, {**facts})


def _user_name(gateway: Gateway, channel: ChannelManifest) -> str:
    """The name under which a channel logs in; empty where it needs none, or its secret is not set yet."""
    settings: dict[str, Any] = channel.settings.model_dump(mode="json")
    auth = settings.get("auth")
    name = auth.get("username") if isinstance(auth, dict) else settings.get("username")
    try:
        return gateway.resolve(name) if isinstance(name, str) else ""
    except MissingSecretError:
        return ""
