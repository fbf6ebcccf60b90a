"""Moving closed years out of the working tables: one at a time, in batches, safe to break off and to run again."""

from collections.abc import Callable

import msgspec

from lapor_gateway.book.archiving import move_batch, note_run
from lapor_gateway.book.leases import acquire
from lapor_gateway.book.scrubbing import scrub
from lapor_gateway.clock import isoformat
from lapor_gateway.errors import ConfigurationError, LeaseLostError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.moments import DEFAULT_ZONE

_LEASE = "archive"


class Archived(msgspec.Struct, frozen=True):
    """Complaints moved, by the year of their creation. `compacted`: None where that was not asked for."""

    before: str
    by_year: dict[int, int]
    compacted: bool | None


def archive(
    gateway: Gateway, before: int, *, by: str, compact: bool, progress: Callable[[int], None]
) -> Archived:
    """Move what was created before `before` (microseconds) and is finished; `progress` is told how many so far.

    Raises `ConfigurationError` for a time that has not come, `LeaseTakenError` while another process moves,
    `ArchiveError` where a file cannot be written. What had moved by then has moved for good.
    """
    if before > gateway.clock.now():
        raise ConfigurationError(
            "What is archived must be over: the day lies in the future.",
            cure="Give a day that has been, such as --before 2025-01-01.",
        )
    day = isoformat(before) or ""
    by_year: dict[int, int] = {}
    lease = acquire(gateway.book, _LEASE)
    try:
        after = 0
        while moved := move_batch(gateway.book, lease, before, DEFAULT_ZONE, by=by, after=after):
            if not lease.is_held:
                raise LeaseLostError("Another process has taken over the archive.", cure="Run it again.")
            after = moved.last
            for year, count in moved.by_year.items():
                by_year[year] = by_year.get(year, 0) + count
            progress(sum(by_year.values()))
    finally:
        if by_year:
            note_run(gateway.book, by=by, before=day, moved=sum(by_year.values()))
        lease.release()
    compacted = scrub(gateway.book) if compact else None
    return Archived(day, dict(sorted(by_year.items())), compacted)
