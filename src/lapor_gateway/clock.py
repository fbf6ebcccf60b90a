"""Time as a port: the wall clock for the book, a clock that never stops for what must start in time."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Clock(Protocol):
    """Where all time in the gateway comes from."""

    def now(self) -> int:
        """Microseconds since the epoch, UTC."""
        ...

    def elapsed(self) -> float:
        """Seconds that only grow, time asleep included; for spans, never for dates."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> int:
        return time.time_ns() // 1000

    def elapsed(self) -> float:
        # CLOCK_BOOTTIME goes on while a laptop sleeps; the plain monotonic clock would hide that from the sender.
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def to_instant(moment: datetime) -> int:
    """`moment` (timezone-aware) in whole microseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(instant: int) -> datetime:
    """The aware UTC datetime of microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=instant)


def isoformat(instant: int | None) -> str | None:
    """RFC 3339 in UTC, as every JSON of ours spells instants; None stays None."""
    if instant is None:
        return None
    return to_datetime(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")
