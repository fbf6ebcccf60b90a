"""When an account is to be left alone: hours of every day, and announced spans of maintenance. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

import msgspec

_HOURS: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)")
_DAY: Final = timedelta(days=1)


class QuietHours(msgspec.Struct, frozen=True):
    """From `start` until `end` (not included) of every day, local; over midnight where the end comes first."""

    start: time
    end: time


class Span(msgspec.Struct, frozen=True):
    """From `start` until `end` (not included), both aware."""

    start: datetime
    end: datetime


def parse_hours(text: str) -> QuietHours:
    """Hours as people write them, "22:00-05:00". Raises `ValueError` for anything else, and for no time at all."""
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError('quiet hours are two times of a day, such as "22:00-05:00"')
    hour, minute, until_hour, until_minute = (int(one) for one in found.groups())
    hours = QuietHours(time(hour, minute), time(until_hour, until_minute))
    if hours.start == hours.end:
        raise ValueError('quiet hours must leave some time of the day, such as "22:00-05:00"')
    return hours


def opens_at(now: datetime, daily: Sequence[QuietHours], spans: Sequence[Span]) -> datetime:
    """The first moment from `now` on, in its zone, that no quiet hours and no span covers.

    Raises `ValueError` where quiet hours together leave no time of the day.
    """
    moment = now
    for _ in range(2 * (len(daily) + 1) * (len(spans) + 1)):
        ends = [end for end in (*(_end_of(one, moment) for one in daily), *_ends(spans, moment)) if end]
        if not ends:
            return moment
        moment = max(ends)
    raise ValueError("quiet hours leave no time of the day")


def _ends(spans: Sequence[Span], moment: datetime) -> list[datetime]:
    return [span.end.astimezone(moment.tzinfo) for span in spans if span.start <= moment < span.end]


def _end_of(hours: QuietHours, moment: datetime) -> datetime | None:
    """When the quiet hours that cover `moment` end; None where they do not."""
    clock = moment.timetz().replace(tzinfo=None)
    over_midnight = hours.end < hours.start
    begun, ended = clock >= hours.start, clock >= hours.end
    if not (begun or not ended if over_midnight else begun and not ended):
        return None
    day = moment.date() + (_DAY if over_midnight and begun else timedelta(0))
    return datetime.combine(day, hours.end, moment.tzinfo)
