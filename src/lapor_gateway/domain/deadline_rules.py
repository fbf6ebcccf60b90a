"""The rules of deadlines as dated rows: which clock, how many days, since when, from which source. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Literal
from zoneinfo import available_timezones

import msgspec

from lapor_gateway.errors import ConfigurationError


class Clock(StrEnum):
    """What is counted: verification with forwarding, the first follow-up, the whole handling, closing in silence."""

    VERIFICATION = "verification"
    FIRST_FOLLOW_UP = "first_follow_up"
    HANDLING = "handling"
    CLOSING = "closing"


class Moment(StrEnum):
    """The moments of `Milestones`, in the order in which a complaint usually reaches them."""

    REPORTED = "reported_at"
    ACCEPTED = "accepted_at"
    VERIFIED = "verified_at"
    FORWARDED = "forwarded_at"
    FIRST_FOLLOW_UP = "first_follow_up_at"
    LAST_FOLLOW_UP = "last_follow_up_at"
    REPLIED = "replied_at"
    CLOSED = "closed_at"


class Pause(StrEnum):
    """Why a clock may stand: LAPOR! shows the report as postponed, or an answer waits for the reporter's reply."""

    POSTPONED = "postponed"
    AWAITING_REPLY = "awaiting_reply"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row. The clock runs from the moment `starts` until all of `stops` are reached, `days` long.

    No limit stands where one of `lapses_on` came after the start. Without `classes` it is for every complaint; without
    `zone` it counts in the region's own. `owed_by` says who must act: only what the region owes is called a breach of
    its, forecast and reminded of. `effective_until` is exclusive.
    """

    key: str
    clock: Clock
    days: int
    day: Literal["working", "calendar"]
    starts: Moment
    stops: tuple[Moment, ...]
    effective_from: date
    source: str
    effective_until: date | None = None
    classes: tuple[str, ...] = ()
    lapses_on: tuple[Moment, ...] = ()
    pauses: tuple[Pause, ...] = ()
    owed_by: Literal["region", "national"] = "region"
    zone: str | None = None

    def holds(self, reported_on: date, of_class: str | None) -> bool:
        """Whether this row is for a complaint of that class, reported on that day."""
        begun = self.effective_from <= reported_on
        over = self.effective_until is not None and reported_on >= self.effective_until
        return begun and not over and (not self.classes or of_class in self.classes)


class CategoryClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Categories whose complaints are of another class than their kind says; `*` in the pattern is any rest."""

    pattern: str
    of_class: str = msgspec.field(name="class")


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of rules holds: rows, classes by kind with exceptions by category, and LAPOR!'s words for postponed.

    `*` in a word is any rest.
    """

    postponed: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    classes: dict[str, str] = {}
    categories: tuple[CategoryClass, ...] = ()

    def overlaid(self, other: "RuleFile") -> "RuleFile":
        """These with those of an installation over them: a row of the same key is replaced, others are added."""
        replaced = {rule.key for rule in other.rules}
        kept = tuple(rule for rule in self.rules if rule.key not in replaced)
        return RuleFile(
            (*other.postponed, *self.postponed),
            (*kept, *other.rules),
            {**self.classes, **other.classes},
            (*other.categories, *self.categories),
        )


class RuleBook:
    """All rows there are. Raises `ConfigurationError` for rows that contradict each other or count nothing."""

    def __init__(self, file: RuleFile) -> None:
        self.file = file
        self._classes: dict[tuple[str | None, str | None], str | None] = {}
        self._chosen: dict[tuple[date, str | None], tuple[Rule, ...]] = {}
        _check(file.rules)

    def class_of(self, kind: str | None, category: str | None) -> str | None:
        """The class that a complaint's limits depend on; None where neither its category nor its kind has one."""
        asked = (kind, category)
        if asked not in self._classes:
            self._classes[asked] = self._class_of(kind, category)
        return self._classes[asked]

    def is_postponed(self, word: str) -> bool:
        """Whether a status word of LAPOR! says that the report is postponed."""
        spelt = " ".join(word.split()).casefold()
        return any(fnmatchcase(spelt, pattern.casefold()) for pattern in self.file.postponed)

    def of(self, reported_on: date, of_class: str | None) -> tuple[Rule, ...]:
        """The row of each clock that holds for a complaint of that class, reported on that day (region's zone)."""
        asked = (reported_on, of_class)
        if asked not in self._chosen:
            held = [rule for rule in self.file.rules if rule.holds(reported_on, of_class)]
            newest = {rule.clock: rule for rule in sorted(held, key=lambda rule: rule.effective_from)}
            self._chosen[asked] = tuple(newest[clock] for clock in Clock if clock in newest)
        return self._chosen[asked]

    def _class_of(self, kind: str | None, category: str | None) -> str | None:
        spelt = " ".join((category or "").split()).casefold()
        for one in self.file.categories:
            if category and fnmatchcase(spelt, one.pattern.casefold()):
                return one.of_class
        return self.file.classes.get(kind or "")


def _check(rules: Sequence[Rule]) -> None:
    seen: dict[tuple[Clock, date, str | None], str] = {}
    keys: Mapping[str, int] = {rule.key: rule.days for rule in rules}
    if len(keys) < len(rules):
        raise ConfigurationError(
            "Two rules of deadlines have the same key.", cure="Give each a key of its own."
        )
    for rule in rules:
        if rule.days < 1 or not rule.stops:
            raise ConfigurationError(
                f"The rule of deadlines {rule.key} counts nothing.",
                cure="Give it at least 1 day, and a moment under `stops`.",
            )
        if rule.zone is not None and rule.zone not in available_timezones():
            raise ConfigurationError(
                f"The rule of deadlines {rule.key} names no time zone.", cure='Write zone = "Asia/Jakarta".'
            )
        for of_class in rule.classes or (None,):
            other = seen.setdefault((rule.clock, rule.effective_from, of_class), rule.key)
            if other != rule.key:
                raise ConfigurationError(
                    f"The rules of deadlines {other} and {rule.key} hold from the same day for the same clock.",
                    cure="Give the newer one its own `effective_from`.",
                )
