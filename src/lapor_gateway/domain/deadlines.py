"""Deadlines of one complaint: every clock's state from its moments, its pauses, the rules and the calendar. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from lapor_gateway.domain.deadline_rules import Moment, Pause, Rule, RuleBook
from lapor_gateway.domain.milestones import Milestones
from lapor_gateway.domain.working_days import CalendarGapError, WorkingDays, beginning_of, end_of_day

SOON: Final = 2
"""A deadline is due soon this many working days before its day, where nothing else is set."""

_ORDER: Final = tuple(moment for moment in Moment if moment is not Moment.REPLIED)
"""A reporter may write at any time: a reply shows nothing of what an institution did before."""

_AN_ANSWER: Final = frozenset({Moment.FIRST_FOLLOW_UP, Moment.LAST_FOLLOW_UP})
_A_DAY: Final = timedelta(days=1)


class Standing(StrEnum):
    """What is stored of a clock; the present moment makes one of `DueState` of it."""

    OPEN = "open"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met_late"
    UNKNOWN = "unknown"


class DueState(StrEnum):
    """Where a clock stands at a moment."""

    RUNNING = "running"
    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    BREACHED = "breached"
    MET = "met"
    MET_LATE = "met_late"
    PAUSED = "paused"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why a clock is `unknown`: a moment it needs, or the days off of a year."""

    MOMENT = "moment"
    CALENDAR = "calendar"


class Span(msgspec.Struct, frozen=True):
    """A time in which clocks may stand (aware); `end` is None while it lasts."""

    why: Pause
    begin: datetime
    end: datetime | None = None


class Deadline(msgspec.Struct, frozen=True):
    """One clock of one complaint. All datetimes are aware.

    `due_at` is the first moment that is too late; from `soon_at` on it is due soon, from `today_at` on due today. A
    paused one has none of them, but `days_left`.
    """

    rule: Rule
    standing: Standing
    started_at: datetime | None = None
    due_at: datetime | None = None
    soon_at: datetime | None = None
    today_at: datetime | None = None
    stopped_at: datetime | None = None
    days_left: int | None = None
    why: Why | None = None

    def state(self, now: datetime) -> DueState:
        """Where it stands at `now` (aware)."""
        if self.standing is not Standing.OPEN:
            return DueState(self.standing.value)
        assert self.due_at is not None and self.today_at is not None and self.soon_at is not None  # noqa: PT018
        if now >= self.due_at:
            return DueState.BREACHED
        if now >= self.today_at:
            return DueState.DUE_TODAY
        return DueState.DUE_SOON if now >= self.soon_at else DueState.RUNNING


class Counting(msgspec.Struct, frozen=True):
    """How a region counts: its calendar, its zone, and how many working days before its day a deadline is due soon."""

    calendar: WorkingDays
    zone: ZoneInfo
    soon: int = SOON

    def zone_of(self, rule: Rule) -> ZoneInfo:
        return self.zone if rule.zone is None else ZoneInfo(rule.zone)


def deadlines_of(
    milestones: Milestones, of_class: str | None, spans: Sequence[Span], rules: RuleBook, counting: Counting
) -> list[Deadline]:
    """Every clock that has begun. Which rules hold is decided by the day of the report, in the region's zone."""
    reported_on = milestones.reported_at.astimezone(counting.zone).date()
    found = (_deadline(rule, milestones, spans, counting) for rule in rules.of(reported_on, of_class))
    return [one for one in found if one is not None]


def pauses_of(lines: Iterable[tuple[Pause, bool, datetime]]) -> list[Span]:
    """Spans from what begins (True) and ends (False) each kind of pause, in the order of time."""
    spans: list[Span] = []
    open_since: dict[Pause, datetime] = {}
    for why, begins, at in sorted(lines, key=lambda line: line[2]):
        if begins:
            open_since.setdefault(why, at)
        elif why in open_since:
            spans.append(Span(why, open_since.pop(why), at))
    return spans + [Span(why, at) for why, at in open_since.items()]


def _deadline(
    rule: Rule, milestones: Milestones, spans: Sequence[Span], counting: Counting
) -> Deadline | None:
    start: datetime | None = getattr(milestones, rule.starts)
    if start is None:
        return _without_start(rule, milestones, counting)
    if any((lapsed := getattr(milestones, one)) is not None and lapsed > start for one in rule.lapses_on):
        return None
    stop = _Stop.of(rule, milestones)
    own = [span for span in spans if span.why in rule.pauses]
    try:
        count = _counted(rule, start, own, counting)
        return _judged(rule, start, count, stop, counting)
    except CalendarGapError:
        return Deadline(rule, Standing.UNKNOWN, start, stopped_at=stop.known, why=Why.CALENDAR)


class _Stop(msgspec.Struct, frozen=True):
    """When a clock stopped: between `earliest` and `latest`, which are equal where it is `known`."""

    known: datetime | None
    earliest: datetime | None
    latest: datetime | None

    @classmethod
    def of(cls, rule: Rule, milestones: Milestones) -> "_Stop":
        """A moment that is missing lies before every later one that is there; where none is, the clock still runs."""
        reached = [getattr(milestones, one) for one in rule.stops]
        there = [one for one in reached if one is not None]
        bounds = [
            at if at is not None else _first_after(one, milestones)
            for one, at in zip(rule.stops, reached, strict=True)
        ]
        known_bounds = [one for one in bounds if one is not None]
        if len(known_bounds) < len(bounds):
            return cls(None, None, None)
        latest = max(known_bounds)
        if len(there) == len(reached):
            return cls(latest, latest, latest)
        return cls(None, max(there, default=None), latest)


class _Count(msgspec.Struct, frozen=True):
    """How far a clock has come: the day it falls due, or where it stands, how many days are left."""

    due_on: date | None
    days_left: int | None = None


def _judged(rule: Rule, start: datetime, count: _Count, stop: _Stop, counting: Counting) -> Deadline:
    zone = counting.zone_of(rule)
    if count.due_on is None:
        if stop.latest is None:
            return Deadline(rule, Standing.PAUSED, start, days_left=count.days_left)
        return Deadline(rule, Standing.MET, start, stopped_at=stop.known)
    due_at = end_of_day(count.due_on, zone)
    if stop.latest is None:
        soon_at = beginning_of(counting.calendar.before(count.due_on, counting.soon), zone)
        return Deadline(rule, Standing.OPEN, start, due_at, soon_at, beginning_of(count.due_on, zone))
    if stop.latest < due_at:
        return Deadline(rule, Standing.MET, start, due_at, stopped_at=stop.known)
    if stop.earliest is not None and stop.earliest >= due_at:
        return Deadline(rule, Standing.MET_LATE, start, due_at, stopped_at=stop.known)
    return Deadline(rule, Standing.UNKNOWN, start, due_at, why=Why.MOMENT)


def _without_start(rule: Rule, milestones: Milestones, counting: Counting) -> Deadline | None:
    """A clock whose beginning was never shown: none while nothing later is there, met where even the earliest
    beginning possible leaves time, else unknown.
    """
    if not _has_begun(rule, milestones):
        return None
    place = _ORDER.index(rule.starts)
    before = [at for one in _ORDER[:place] if (at := getattr(milestones, one)) is not None]
    stop = _Stop.of(rule, milestones)
    if stop.latest is not None and before:
        try:
            due_on = _due_on(rule, max(before), counting)
        except CalendarGapError:
            return Deadline(rule, Standing.UNKNOWN, why=Why.CALENDAR)
        if stop.latest < end_of_day(due_on, counting.zone_of(rule)):
            return Deadline(rule, Standing.MET, stopped_at=stop.known)
    return Deadline(rule, Standing.UNKNOWN, stopped_at=stop.known, why=Why.MOMENT)


def _has_begun(rule: Rule, milestones: Milestones) -> bool:
    """Whether something shows that the start was passed; being closed shows nothing of an answer before."""
    if rule.starts not in _ORDER or rule.starts in _AN_ANSWER:
        return False
    return _first_after(rule.starts, milestones) is not None


def _first_after(moment: Moment, milestones: Milestones) -> datetime | None:
    """The first later moment that is there, which shows that `moment` was reached by then."""
    later = _ORDER[_ORDER.index(moment) + 1 :] if moment in _ORDER else ()
    return min((at for one in later if (at := getattr(milestones, one)) is not None), default=None)


def _due_on(rule: Rule, start: datetime, counting: Counting) -> date:
    return _after(rule, start.astimezone(counting.zone_of(rule)).date(), rule.days, counting)


def _after(rule: Rule, day: date, count: int, counting: Counting) -> date:
    """The day of the rule's kind that is number `count` after `day`."""
    return day + _A_DAY * count if rule.day == "calendar" else counting.calendar.after(day, count)


def _between(rule: Rule, first: date, last: date, counting: Counting) -> int:
    """How many days of the rule's kind there are after `first`, up to and with `last`."""
    if last <= first:
        return 0
    return (last - first).days if rule.day == "calendar" else counting.calendar.between(first, last)


def _counted(rule: Rule, start: datetime, spans: Sequence[Span], counting: Counting) -> _Count:
    """The day on which the rule's days are over. A day counts unless the clock stands at its end."""
    zone = counting.zone_of(rule)
    day, left = start.astimezone(zone).date(), rule.days
    for span in sorted(spans, key=lambda span: span.begin):
        before = span.begin.astimezone(zone).date() - _A_DAY  # the last day that ends before the clock stands
        running = _between(rule, day, before, counting)
        if running >= left:
            break
        left -= running
        if span.end is None:
            return _Count(None, left)
        day = max(day, before, span.end.astimezone(zone).date() - _A_DAY)
    return _Count(_after(rule, day, left, counting))
