"""Times as people type them: RFC 3339, or a day in the region's zone."""

import re
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_ZONE: Final = ZoneInfo("Asia/Jakarta")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_SPACE_FOR_PLUS: Final = re.compile(r" (\d\d:?\d\d)$")  # an unescaped + in an address arrives as a space
_EXAMPLE: Final = "2026-08-21 or 2026-08-21T10:00:00+07:00"


def moment(text: str, zone: ZoneInfo = DEFAULT_ZONE, *, end: bool = False) -> datetime:
    """The instant that `text` names: RFC 3339, or a date that means its beginning in `zone` (its end with `end`).

    A time without an offset is in `zone`. Raises `ValueError` with an example.
    """
    try:
        found = datetime.fromisoformat(_SPACE_FOR_PLUS.sub(r"+\1", text.strip()))
        if _DATE.fullmatch(text.strip()) and end:
            found += timedelta(days=1)
    except (ValueError, OverflowError):
        raise ValueError(f"is no time, such as {_EXAMPLE}") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def moment_then(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant to look back to: a day means its end, today means `now`. Raises `ValueError`."""
    found = moment(text, zone, end=True)
    if found > now and _DATE.fullmatch(text.strip()) and moment(text, zone) <= now:
        return now
    return found
