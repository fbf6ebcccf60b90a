"""Deadlines as this installation counts them: its rules, its calendars, every region's zone; kept up to date."""

from datetime import date
from functools import cached_property
from hashlib import sha256

import msgspec

from lapor_gateway.book.deadline_lists import Forecast, forecast
from lapor_gateway.book.deadlines import refresh
from lapor_gateway.book.queries import EVERYTHING, Bounds
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.deadline_rules import RuleBook, RuleFile
from lapor_gateway.domain.deadlines import Counting
from lapor_gateway.domain.working_days import Day, DayKind, WorkingDays, end_of_week
from lapor_gateway.errors import ConfigurationError, NotFoundError
from lapor_gateway.jobs.calendars import Calendars, decoded, read_file, shipped_text
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.moments import DEFAULT_ZONE


class YearView(msgspec.Struct, frozen=True):
    """A year's days that are not plain weekdays or weekends. `source` says where the year is known from."""

    year: int
    source: str
    holidays: int
    cuti_bersama: int
    working_days: int
    days: list[Day]


class Counter:
    """How this installation counts. Raises `ConfigurationError` for files that cannot be read."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        asked = gateway.settings.deadlines
        self.calendars = Calendars(asked.calendar)
        self._texts = (shipped_text("deadlines.toml"), "" if asked.rules is None else read_file(asked.rules))
        self._own_name = str(asked.rules)
        self._soon = asked.soon
        self._by_region: dict[str, Counting] = {}

    @cached_property
    def rules(self) -> RuleBook:
        """The rows of the package with those of the installation over them. Raises `ConfigurationError`."""
        shipped = decoded(self._texts[0], RuleFile, "deadlines.toml")
        return RuleBook(shipped.overlaid(decoded(self._texts[1], RuleFile, self._own_name)))

    def counting(self, region: str) -> Counting:
        """How a region counts; one whose folder is gone or faulty counts in WIB."""
        if region not in self._by_region:
            manifest = self._gateway.regions.get(region)
            zone = manifest.zone if manifest else DEFAULT_ZONE
            self._by_region[region] = Counting(self.calendars.of(region), zone, self._soon)
        return self._by_region[region]

    @property
    def digest(self) -> str:
        """Changes with the rules, the calendars, a region's zone, or what is meant by soon."""
        zones = [f"{name}={region.zone.key}" for name, region in sorted(self._gateway.regions.items())]
        parts = (*self._texts, self.calendars.digest, str(self._soon), *zones)
        return sha256("\0".join(parts).encode()).hexdigest()

    def refresh(self) -> int:
        """Compute what has changed; how many complaints were looked at. Commits."""
        return refresh(self._gateway.book, self.rules, self.counting, self.digest)


def forecasts(gateway: Gateway, counter: Counter, bounds: Bounds = EVERYTHING) -> list[Forecast]:
    """What each region will have breached by the end of this week if nobody acts."""
    now = gateway.clock.now()
    names = [name for name in sorted(gateway.regions) if bounds.region in (None, name)]
    found = []
    with gateway.book.read() as connection:
        for name in names:
            zone = counter.counting(name).zone
            until = end_of_week(to_datetime(now).astimezone(zone).date(), zone)
            found.append(forecast(connection, name, now, until))
    return found


def year_view(calendar: WorkingDays, year: int) -> YearView:
    """A year of a calendar. Raises `CalendarGapError`."""
    calendar.look(date(year, 1, 1))
    days = [day for day in calendar.days.values() if day.date.year == year]
    counts = {kind: sum(day.kind is kind for day in days) for kind in DayKind}
    working = calendar.between(date(year, 1, 1), date(year, 12, 31)) + calendar.is_working(date(year, 1, 1))
    return YearView(
        year, calendar.years[year], counts[DayKind.HOLIDAY], counts[DayKind.CUTI_BERSAMA], working, days
    )


def calendar_of(gateway: Gateway, counter: Counter, region: str | None) -> WorkingDays:
    """The calendar of a region, or the nation's. Raises `NotFoundError`."""
    if region is not None and region not in gateway.regions:
        known = ", ".join(sorted(gateway.regions)) or "none"
        raise NotFoundError(f"There is no region {region[:80]!r}.", cure=f"Known are: {known}.")
    return counter.calendars.of(region)


def day_of(text: str) -> date:
    """A day as people write it: 2026-03-20. Raises `ConfigurationError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{text[:40]!r} is no day.", cure="Write it as 2026-03-20.") from None
