"""Times as a person types them on the command line: RFC 3339, or a day in the region's zone."""

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lapor_gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from lapor_gateway.jobs.gateway import Gateway


def time_of(
    option: str, words: str | None, zone: ZoneInfo | None = None, *, end: bool = False
) -> datetime | None:
    """The moment (aware) that an option names, in `zone` where it says none, else in WIB; a day as an `end` is whole.

    Raises `ConfigurationError` with the option's name.
    """
    from lapor_gateway.moments import DEFAULT_ZONE, moment

    try:
        return None if words is None else moment(words, zone or DEFAULT_ZONE, end=end)
    except ValueError:
        raise _no_time(option, words or "") from None


def instant_of(gateway: "Gateway", words: str, zone: ZoneInfo | None) -> int:
    """The instant (microseconds) that `--at` names; a day means its end in `zone`, else in WIB."""
    from lapor_gateway.clock import to_datetime, to_instant
    from lapor_gateway.moments import DEFAULT_ZONE, moment_then

    try:
        return to_instant(moment_then(words, zone or DEFAULT_ZONE, to_datetime(gateway.clock.now())))
    except ValueError:
        raise _no_time("--at", words) from None


def _no_time(option: str, words: str) -> ConfigurationError:
    return ConfigurationError(
        f"{option} {words!r} is no time.", cure="Write 2026-08-21, or 2026-08-21T10:00:00+07:00."
    )
