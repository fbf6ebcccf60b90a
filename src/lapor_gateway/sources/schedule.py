"""A manifest's five-field cron expression as a trigger, with cron's own weekday numbers."""

import re
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_NUMBER = re.compile(r"(?<![/\d])[0-7](?!\d)")


def cron_trigger(expression: str, zone: ZoneInfo) -> CronTrigger:
    """The trigger of `minute hour day month weekday` in the region's zone.

    APScheduler 3 counts weekdays from Monday = 0 where cron counts from Sunday = 0 (or 7), so numbers become
    names first. Raises `ValueError` with the reason for an expression that cannot be read.
    """
    fields = expression.split()
    if len(fields) != 5:
        raise ValueError(
            f"a schedule has 5 fields (minute hour day month weekday), this one has {len(fields)}"
        )
    minute, hour, day, month, weekday = fields
    named = _WEEKDAY_NUMBER.sub(lambda number: _WEEKDAYS[int(number[0])], weekday)
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=named, timezone=zone)
