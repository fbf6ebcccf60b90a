"""A time that a person looks back to: RFC 3339, or a day in the region's zone."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lapor_gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from lapor_gateway.jobs.gateway import Gateway


def instant_of(gateway: "Gateway", words: str, zone: ZoneInfo | None) -> int:
    """The instant (microseconds) that `--at` names; a day means its end in `zone`, else in WIB."""
    from lapor_gateway.clock import to_datetime, to_instant
    from lapor_gateway.moments import DEFAULT_ZONE, moment_then

    try:
        return to_instant(moment_then(words, zone or DEFAULT_ZONE, to_datetime(gateway.clock.now())))
    except ValueError:
        raise ConfigurationError(
            f"--at {words!r} is no time.", cure="Write 2026-08-21, or 2026-08-21T10:00:00+07:00."
        ) from None
