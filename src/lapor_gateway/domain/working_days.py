"""Working days (hari kerja): weekends, national holidays, cuti bersama and a region's own days. Pure."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

import msgspec

from lapor_gateway.errors import GatewayError

_A_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_SUNDAY: Final = 7


class CalendarGapError(GatewayError):
    """A year whose days off are not known: never taken for one without holidays."""

    kind = "calendar-gap"

    def __init__(self, year: int) -> None:
        super().__init__(
            f"The calendar does not know the days off of {year}.",
            cure="Write them into the calendar file of this installation; docs/deadlines.md shows how.",
        )
        self.year = year


class DayKind(StrEnum):
    """What a day is. `working` in an override is an exchanged day: worked although it would be off."""

    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CUTI_BERSAMA = "cuti_bersama"


class Day(msgspec.Struct, frozen=True):
    """One day of the calendar; `name` and `source` where a decree or an override says what it is."""

    date: date
    kind: DayKind
    name: str = ""
    source: str = ""

    @property
    def is_working(self) -> bool:
        return self.kind is DayKind.WORKING


class WorkingDays:
    """The calendar of one region. `years` are those whose days off are known, with where that is known from.

    A day of `days` says what it is instead of its weekday. Days outside `years` cannot be asked for.
    """

    def __init__(self, years: Mapping[int, str], days: Mapping[date, Day]) -> None:
        self.years = dict(sorted(years.items()))
        self.days = {one: days[one] for one in sorted(days) if one.year in self.years}
        self._working = [
            ordinal
            for year in self.years
            for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
            if self._is_working(date.fromordinal(ordinal))
        ]

    def look(self, day: date) -> Day:
        """What `day` is. Raises `CalendarGapError`."""
        self._require(day.year)
        known = self.days.get(day)
        if known is not None:
            return known
        return Day(day, DayKind.WEEKEND if day.weekday() >= _SATURDAY else DayKind.WORKING)

    def is_working(self, day: date) -> bool:
        """Whether people work on `day`. Raises `CalendarGapError`."""
        self._require(day.year)
        return self._is_working(day)

    def after(self, day: date, count: int) -> date:
        """The working day that is number `count` (from 1) after `day`. Raises `CalendarGapError`."""
        assert count > 0
        self._require(day.year)
        place = bisect_right(self._working, day.toordinal()) + count - 1
        if place >= len(self._working):
            raise CalendarGapError(self._first_unknown(day.year))
        found = date.fromordinal(self._working[place])
        for year in range(day.year + 1, found.year + 1):
            self._require(year)
        return found

    def before(self, day: date, count: int) -> date:
        """The day from whose beginning on `count` working days are left until `day` begins; `day` itself for none.

        Never before the calendar's own beginning: what this serves is a warning, and it then comes at once.
        """
        place = bisect_right(self._working, day.toordinal() - 1) - count
        return day if count == 0 else date.fromordinal(self._working[max(place, 0)])

    def between(self, first: date, last: date) -> int:
        """How many working days there are after `first`, up to and with `last`. Raises `CalendarGapError`."""
        for year in range(first.year, last.year + 1):
            self._require(year)
        return max(
            0, bisect_right(self._working, last.toordinal()) - bisect_right(self._working, first.toordinal())
        )

    def _is_working(self, day: date) -> bool:
        known = self.days.get(day)
        return day.weekday() < _SATURDAY if known is None else known.is_working

    def _require(self, year: int) -> None:
        if year not in self.years:
            raise CalendarGapError(year)

    def _first_unknown(self, year: int) -> int:
        while year in self.years:
            year += 1
        return year


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The moment at which `day` is over in `zone` (aware)."""
    return beginning_of(day + _A_DAY, zone)


def beginning_of(day: date, zone: tzinfo) -> datetime:
    """The first moment of `day` in `zone` (aware)."""
    return datetime.combine(day, time.min, zone)


def end_of_week(day: date, zone: tzinfo) -> datetime:
    """The moment at which the week of `day` is over in `zone`: Sunday's midnight."""
    return end_of_day(day + timedelta(days=_SUNDAY - day.isoweekday()), zone)
