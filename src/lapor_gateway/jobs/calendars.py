"""The working days of every region: the decrees we ship, the library for other years, an installation's own file."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, cached_property
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from lapor_gateway.domain.working_days import Day, DayKind, WorkingDays
from lapor_gateway.errors import ConfigurationError

_LIBRARY: Final = "holidays"
_LIBRARY_FROM: Final = 2018
_AHEAD: Final = 5  # years; a decree comes out in the autumn before
_File = TypeVar("_File", bound=msgspec.Struct)


class _DayRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    date: date
    name: str
    source: str = ""


class _Year(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    holiday: tuple[_DayRow, ...] = ()
    cuti_bersama: tuple[_DayRow, ...] = ()


class _OwnDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day of an installation's own: off, or (`working`) worked in exchange; of all regions or of some."""

    date: date
    day: Literal["holiday", "cuti_bersama", "working"]
    name: str
    source: str = ""
    regions: tuple[str, ...] = ()


class _CalendarFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    years: dict[int, _Year] = {}
    days: tuple[_OwnDay, ...] = ()


def shipped_text(name: str) -> str:
    """A file of regulations as the package carries it."""
    return (files("lapor_gateway") / "regulations" / name).read_text("utf-8")


def read_file(path: Path) -> str:
    """A file of an installation. Raises `ConfigurationError`."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read.", detail=type(error).__name__) from None


def decoded(text: str, kind: type[_File], name: str) -> _File:
    """A TOML text as `kind`. Raises `ConfigurationError` naming the file and its fault."""
    try:
        return msgspec.convert(tomllib.loads(text), kind, strict=False)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{name} is not valid TOML.", detail=str(error), cure="Correct the line that is named."
        ) from None
    except msgspec.ValidationError as error:
        raise ConfigurationError(
            f"{name} holds what is no rule and no day off.",
            detail=str(error),
            cure="Compare it with the examples of docs/deadlines.md.",
        ) from None


class Calendars:
    """Working days by region; `own` is the installation's calendar file. Raises `ConfigurationError` when asked."""

    def __init__(self, own: Path | None = None) -> None:
        self._own_name = "" if own is None else str(own)
        self._texts = (shipped_text("holidays.toml"), "" if own is None else read_file(own))
        self._made: dict[frozenset[_OwnDay], WorkingDays] = {}
        self._by_region: dict[str | None, WorkingDays] = {}

    @property
    def digest(self) -> str:
        """Changes whenever any day of any region may have changed."""
        return sha256("\0".join((*self._texts, version(_LIBRARY))).encode()).hexdigest()

    def of(self, region: str | None) -> WorkingDays:
        """The calendar of a region, or (None) the nation's as this installation has it."""
        if region not in self._by_region:
            own = frozenset(
                one
                for one in self._own.days
                if not one.regions or (region is not None and region in one.regions)
            )
            if own not in self._made:
                self._made[own] = self._calendar(own)
            self._by_region[region] = self._made[own]
        return self._by_region[region]

    @cached_property
    def _own(self) -> _CalendarFile:
        return decoded(self._texts[1], _CalendarFile, self._own_name)

    @cached_property
    def _nation(self) -> tuple[dict[int, str], dict[date, Day]]:
        """Years with their sources, and their days off: an installation's year wins, then ours, then the library's."""
        tables = {**decoded(self._texts[0], _CalendarFile, "holidays.toml").years, **self._own.years}
        years = {year: table.source for year, table in tables.items()}
        days = {day.date: day for table in tables.values() for day in _days_of(table)}
        for year, found in _of_library(tables):
            years[year] = f"{_LIBRARY} {version(_LIBRARY)}"
            days |= {day.date: day for day in found}
        return years, days

    def _calendar(self, own: frozenset[_OwnDay]) -> WorkingDays:
        years, days = self._nation
        theirs = {one.date: Day(one.date, DayKind(one.day), one.name, one.source) for one in own}
        return WorkingDays(years, {**days, **theirs})


def _days_of(table: _Year) -> Iterator[Day]:
    for kind, rows in ((DayKind.CUTI_BERSAMA, table.cuti_bersama), (DayKind.HOLIDAY, table.holiday)):
        for row in rows:
            yield Day(row.date, kind, row.name, row.source or table.source)


@cache
def library_year(year: int) -> list[Day]:
    """What the library knows of a year, cuti bersama included; empty where it does not know those yet.

    Without them its days are only astronomy: a decree moves feasts, and adds a third of the days off.
    """
    import holidays  # noqa: PLC0415 - a tenth of a second that only years without a table need

    shared = holidays.country_holidays("ID", years=[year], categories=("government",), language="id")
    if not shared:
        return []
    feasts = holidays.country_holidays("ID", years=[year], categories=("public",), language="id")
    source = f"{_LIBRARY} {version(_LIBRARY)}"
    found = {day: Day(day, DayKind.CUTI_BERSAMA, name, source) for day, name in shared.items()}
    found |= {day: Day(day, DayKind.HOLIDAY, name, source) for day, name in feasts.items()}
    return [found[day] for day in sorted(found)]


def _of_library(tables: Mapping[int, object]) -> Iterator[tuple[int, list[Day]]]:
    """Years without a table that the library knows whole."""
    for year in range(_LIBRARY_FROM, max(tables, default=_LIBRARY_FROM) + _AHEAD):
        if year not in tables:
            found = library_year(year)
            if found:
                yield year, found
