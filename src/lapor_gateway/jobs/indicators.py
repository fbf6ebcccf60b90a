"""The figures of a month, up to the ledger: for all, per province, region and channel. One source for all outputs."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from lapor_gateway.book.connecting import first_known, successes
from lapor_gateway.book.indicators import advance, sums_of
from lapor_gateway.clock import to_datetime, to_instant
from lapor_gateway.domain.indicators import Figures, Institution, Level, Scope, added, figures
from lapor_gateway.domain.month_counts import (
    Grouped,
    Rules,
    bounds_of_month,
    month_number,
    month_text,
)
from lapor_gateway.domain.working_days import CalendarGapError
from lapor_gateway.errors import ConfigurationError, NotFoundError
from lapor_gateway.jobs.calendars import Calendars
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.moments import DEFAULT_ZONE
from lapor_gateway.sources.manifest import ChannelManifest, RegionManifest
from lapor_gateway.sources.schedule import cron_trigger

RULES_VERSION = 1
_PROVINCE_DIGITS = 2
Sums = Mapping[tuple[str, str], Grouped]


def month_asked(text: str) -> int:
    """A month as people type it, 2026-03, as a whole number. Raises `ConfigurationError`."""
    try:
        return month_number(text)
    except ValueError:
        raise ConfigurationError(f"{text!r} is no month.", cure="Write it as 2026-03.") from None


def bring_up(gateway: Gateway) -> int:
    """Count what the ledger has gained since the last time; how many entries that were."""
    calendars = Calendars(gateway.settings.deadlines.calendar)
    of = {name: rules_of(gateway, calendars, name) for name in gateway.regions}
    basis = _basis(gateway, calendars)
    return advance(gateway.book, lambda name: of.get(name) or rules_of(gateway, calendars, name), basis)


def rules_of(gateway: Gateway, calendars: Calendars, region: str) -> Rules:
    """How a region counts; one whose folder is gone counts in WIB."""
    manifest = gateway.regions.get(region)
    zone = manifest.zone if manifest else DEFAULT_ZONE
    calendar = calendars.of(region if manifest else None)

    def working_days(start: datetime, end: datetime) -> int | None:
        try:
            return calendar.between(start.astimezone(zone).date(), end.astimezone(zone).date())
        except CalendarGapError:
            return None

    return Rules(zone, working_days)


def _basis(gateway: Gateway, calendars: Calendars) -> str:
    """What the counts depend on beside the ledger."""
    zones = ";".join(f"{name}={region.zone.key}" for name, region in sorted(gateway.regions.items()))
    return hashlib.sha256(f"{RULES_VERSION}|{calendars.digest}|{zones}".encode()).hexdigest()


def figures_of(
    gateway: Gateway, month: int, *, since: int | None = None, region: str | None = None
) -> list[Figures]:
    """The figures of a month (of all months from `since` to it), the widest scope first; with `region` of that alone.

    Brings the counts up to the ledger first. Raises `NotFoundError` for a region that there is not.
    """
    if region is not None and region not in gateway.regions:
        raise NotFoundError(
            f"There is no region {region}.", cure="`lapor-gateway channels list` shows the regions."
        )
    bring_up(gateway)
    with gateway.book.read() as connection:
        sums = sums_of(connection, since or month, month)
    name = month_text(month) if since is None else f"{month_text(since)}/{month_text(month)}"
    found = _Month(gateway, since or month, month, sums)
    return [found.figures(name, scope) for scope in _scopes(gateway, region)]


def _scopes(gateway: Gateway, region: str | None) -> list[Scope]:
    regions = [one for name, one in sorted(gateway.regions.items()) if region in (None, name)]
    narrow = [scope for one in regions for scope in _within(one)]
    if region is not None:
        return narrow
    provinces = sorted({one.code[:_PROVINCE_DIGITS] for one in regions})
    named = {one.code: one.name for one in regions}
    wide = [Scope(Level.PROVINCE, code, named.get(code, code)) for code in provinces]
    return [Scope(Level.ALL, "", ""), *wide, *narrow]


def _within(region: RegionManifest) -> list[Scope]:
    channels = [Scope(Level.CHANNEL, one.id, one.id) for one in region.channels.values()]
    return [Scope(Level.REGION, region.region_id, region.name), *channels]


class _Month:
    """The counts of one span of months, and its institutions as they were."""

    def __init__(self, gateway: Gateway, first: int, last: int, sums: Sums) -> None:
        self._gateway = gateway
        self._first, self._last, self._sums = first, last, sums
        self._synced: dict[str, tuple[int, int] | None] = {}

    def figures(self, month: str, scope: Scope) -> Figures:
        regions = [one for one in self._gateway.regions.values() if _holds(scope, one)]
        ids = {one.region_id for one in regions}
        mine = [
            counts
            for (region, channel), counts in self._sums.items()
            if scope.level is Level.ALL
            or (channel == scope.id if scope.level is Level.CHANNEL else region in ids)
        ]
        return figures(month, scope, added(mine), [self._institution(scope, one) for one in regions])

    def _institution(self, scope: Scope, region: RegionManifest) -> Institution:
        channels = [
            one for one in region.channels.values() if scope.level is not Level.CHANNEL or one.id == scope.id
        ]
        _, end = bounds_of_month(self._last, region.zone)
        decree = region.sk_tim_pengelola
        counted = [sync for one in channels if (sync := self._sync(one)) is not None]
        sync = (sum(one[0] for one in counted), sum(one[1] for one in counted)) if counted else None
        return Institution(decree is not None and decree.date < end.date(), sync)

    def _sync(self, channel: ChannelManifest) -> tuple[int, int] | None:
        if channel.id not in self._synced:
            self._synced[channel.id] = _synced(self._gateway, channel, self._first, self._last)
        return self._synced[channel.id]


def _holds(scope: Scope, region: RegionManifest) -> bool:
    match scope.level:
        case Level.ALL:
            return True
        case Level.PROVINCE:
            return region.code.startswith(scope.id)
        case Level.REGION:
            return region.region_id == scope.id
        case Level.CHANNEL:
            return any(one.id == scope.id for one in region.channels.values())


def _synced(gateway: Gateway, channel: ChannelManifest, first: int, last: int) -> tuple[int, int] | None:
    """(succeeded, scheduled): the schedule's times within the months, since the channel is known and until now.

    A time counts as succeeded when a pull that began from then until the next time succeeded. None without a schedule.
    """
    if channel.schedule is None:
        return None
    start, _ = bounds_of_month(first, channel.zone)
    _, end = bounds_of_month(last, channel.zone)
    with gateway.book.read() as connection:
        known = first_known(connection, channel.id)
        since = max(to_instant(start), known if known is not None else to_instant(end))
        until = min(to_instant(end), gateway.clock.now())
        done = successes(connection, channel.id, since, to_instant(end))
    times = [
        at for at in _times(channel.schedule, channel.zone, to_instant(start), to_instant(end))
        if since <= at < until
    ]  # fmt: skip
    return len({bisect_right(times, at) for at in done} - {0}), len(times)


@lru_cache(maxsize=256)
def _times(schedule: str, zone: ZoneInfo, start: int, end: int) -> tuple[int, ...]:
    """When a schedule says to run, from `start` on and before `end` (microseconds)."""
    return tuple(_fired(schedule, zone, start, end))


def _fired(schedule: str, zone: ZoneInfo, start: int, end: int) -> Iterable[int]:
    trigger = cron_trigger(schedule, zone)
    at = trigger.get_next_fire_time(None, to_datetime(start))
    while at is not None and to_instant(at) < end:
        yield to_instant(at)
        at = trigger.get_next_fire_time(at, at)
