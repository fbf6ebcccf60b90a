"""What one complaint adds to which month's counts: the fold of its ledger entries, and the rules of counting. Pure.

A month is a whole number, 202603, in the region's zone. A complaint is counted where the ministry counts it: in the
month in which LAPOR! took it, once, however often it was reported. What the gateway was shown is counted beside that,
in the month of the citizen's report.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.follow_up import Author, Side
from lapor_gateway.domain.lifecycle import Event, State

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UNREAD: Final = "unread"
"""The standing of a complaint at LAPOR! whose status was never shown to us, or is a word that nobody knew."""


class Measure(StrEnum):
    """What is counted; `Count.key` says of which kind, standing, day …"""

    REPORTS = "reports"
    KIND = "kind"
    CATEGORY = "category"
    STANDING = "standing"
    ANSWERED = "answered"
    FOLLOW_UP_DAYS = "follow_up_days"
    RATING = "rating"
    DOUBLE = "double"
    ACTION = "action"
    SEEN = "seen"


class Count(NamedTuple):
    """One that is added to `measure` and `key` of a month."""

    month: int
    measure: str
    key: str


class Said(NamedTuple):
    """What of a ledger entry the counts need; `at` in microseconds, `facts` as canonical JSON."""

    kind: str
    to_state: str | None
    at: int
    facts: str


class Known(msgspec.Struct, frozen=True):
    """What the book knows of a complaint beside its entries."""

    kind: str | None = None
    category: str | None = None
    source_created_at: int | None = None
    rating: int | None = None


class Rules(msgspec.Struct, frozen=True):
    """How a region counts: its zone, and the whole working days from one aware moment to a later one.

    `working_days` gives None where the calendar does not reach.
    """

    zone: tzinfo
    working_days: Callable[[datetime, datetime], int | None]


class _Facts(msgspec.Struct):
    meaning: str | None = None
    since: int | None = None
    disposition: str | None = None
    side: str | None = None
    author: str | None = None
    written_at: int | None = None
    number: int = 0


_facts = msgspec.json.Decoder(_Facts)
_NUMBERED: Final = frozenset(map(str, (Event.TAKEN, Event.FOUND, Event.ADOPT, Event.NUMBER)))


class Journey(msgspec.Struct):
    """Where a complaint stands by its entries so far. Instants in microseconds.

    `is_double`: a person found that it is the same report as another one at LAPOR!. `actions` are what the
    institution did there: (what, when). `answers` are the institution's follow-ups written elsewhere, by number: they
    count from when they have been written at LAPOR!, too.
    """

    state: str | None = None
    received_at: int = 0
    accepted_at: int | None = None
    is_double: bool = False
    meaning: str | None = None
    disposition: str | None = None
    first_follow_up_at: int | None = None
    actions: list[tuple[str, int]] = []
    answers: set[int] = set()

    def take(self, entry: Said) -> None:
        """Go on by one entry, in the order of the complaint's own chain."""
        if self.state is None:
            self.received_at = entry.at
        self.state = entry.to_state
        match entry.kind:
            case kind if kind in _NUMBERED:
                self.accepted_at = entry.at
            case "undo":
                self._forget()
            case "link":
                self.is_double = entry.to_state == State.ACCEPTED
            case "split":
                self.is_double = False
            case "national_status":
                self._stands(_facts.decode(entry.facts), entry.at)
            case "follow_up":
                self._answered(_facts.decode(entry.facts), entry.at)
            case "follow_up_written":
                if _facts.decode(entry.facts).number in self.answers:
                    self._followed_up(entry.at)

    def _forget(self) -> None:
        """The number was another report's, and so was all that was seen under it."""
        self.accepted_at = self.meaning = self.disposition = self.first_follow_up_at = None
        self.actions = []

    def _stands(self, facts: _Facts, at: int) -> None:
        self.meaning = facts.meaning
        if facts.disposition is None or facts.disposition == self.disposition:
            return
        if self.disposition is not None:  # the first is given with the complaint itself
            self.actions.append(("disposition", facts.since or at))
        self.disposition = facts.disposition

    def _answered(self, facts: _Facts, at: int) -> None:
        if facts.author != Author.INSTITUTION:
            return
        if facts.side == Side.NATIONAL:
            self._followed_up(facts.written_at or at)
        else:
            self.answers.add(facts.number)

    def _followed_up(self, when: int) -> None:
        self.actions.append(("follow_up", when))
        if self.first_follow_up_at is None or when < self.first_follow_up_at:
            self.first_follow_up_at = when


def journey_of(entries: Iterable[Said]) -> Journey:
    """The fold of one complaint's entries, oldest first."""
    journey = Journey()
    for entry in entries:
        journey.take(entry)
    return journey


def counts_of(journey: Journey, known: Known, rules: Rules) -> tuple[Count, ...]:
    """Everything that the complaint adds, each once a name; actions as often as there were."""
    reported = month_of(known.source_created_at or journey.received_at, rules.zone)
    seen = Count(reported, Measure.SEEN, journey.state or "")
    if journey.accepted_at is None or journey.state != State.ACCEPTED:
        return (seen,)
    month = month_of(journey.accepted_at, rules.zone)
    if journey.is_double:
        return (seen, Count(month, Measure.DOUBLE, ""))
    return (seen, *_reported(month, journey, known, rules), *_acted(journey, rules))


def _reported(month: int, journey: Journey, known: Known, rules: Rules) -> list[Count]:
    meaning = journey.meaning
    standing = UNREAD if meaning is None or meaning == StatusMeaning.UNKNOWN else meaning
    counts = [
        Count(month, Measure.REPORTS, ""),
        Count(month, Measure.KIND, known.kind or ""),
        Count(month, Measure.CATEGORY, known.category or ""),
        Count(month, Measure.STANDING, standing),
    ]
    if journey.first_follow_up_at is not None:
        counts.append(Count(month, Measure.ANSWERED, ""))
        days = _days(journey, rules)
        counts += [] if days is None else [Count(month, Measure.FOLLOW_UP_DAYS, str(days))]
    if known.rating is not None:
        counts.append(Count(month, Measure.RATING, str(known.rating)))
    return counts


def _days(journey: Journey, rules: Rules) -> int | None:
    """Working days to the first follow-up; None for one that is older than our number, or past the calendar."""
    start, end = journey.accepted_at, journey.first_follow_up_at
    if start is None or end is None or end < start:
        return None
    return rules.working_days(_moment(start), _moment(end))


def _acted(journey: Journey, rules: Rules) -> list[Count]:
    return [Count(month_of(at, rules.zone), Measure.ACTION, what) for what, at in journey.actions]


def month_of(instant: int, zone: tzinfo) -> int:
    """The month in which an instant (microseconds) lies in `zone`."""
    there = _moment(instant).astimezone(zone)
    return there.year * 100 + there.month


def month_number(text: str) -> int:
    """`2026-03` as a whole number. Raises `ValueError`."""
    found = datetime.strptime(text, "%Y-%m")  # noqa: DTZ007 - a month has no zone
    if len(text) != len("2026-03"):
        raise ValueError(text)
    return found.year * 100 + found.month


def month_text(month: int) -> str:
    """`202603` as `2026-03`."""
    return f"{month // 100:04}-{month % 100:02}"


def following(month: int) -> int:
    """The month after."""
    return month + 1 if month % 100 < 12 else month + 89


def bounds_of_month(month: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """The aware moments at which a month begins in `zone`, and the next one."""
    after = following(month)
    return datetime(month // 100, month % 100, 1, tzinfo=zone), datetime(
        after // 100, after % 100, 1, tzinfo=zone
    )


def _moment(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)


def encoded(counts: Iterable[Count]) -> str:
    """Counts as the book keeps them beside a complaint: JSON, in a fixed order."""
    return msgspec.json.encode(sorted(counts)).decode()


def decoded(text: str) -> list[Count]:
    """What `encoded` made."""
    return [Count(*one) for one in msgspec.json.decode(text, type=list[tuple[int, str, str]])]


Grouped = dict[tuple[str, str], int]
"""How often each (measure, key) was counted."""


def of_month(counts: Iterable[Count], month: int) -> Grouped:
    """What `counts` add to one month."""
    grouped: dict[tuple[str, str], Any] = {}
    for one in counts:
        if one.month == month:
            grouped[one.measure, one.key] = grouped.get((one.measure, one.key), 0) + 1
    return grouped
