"""What later data made of a month that was signed off: which complaints add something else now, and why. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from lapor_gateway.domain.month_counts import Count, Measure

Added = Mapping[int, Sequence[Count]]
"""What each complaint adds to a month, by its id."""


class Reason(StrEnum):
    """Why a complaint adds something else than when the month was signed off."""

    CAME_LATER = "came_later"
    COUNTS_NO_MORE = "counts_no_more"
    IS_A_DOUBLE = "is_a_double"
    STATUS_MOVED_ON = "status_moved_on"
    ANSWERED_SINCE = "answered_since"
    RATED_SINCE = "rated_since"
    DETAILS_CHANGED = "details_changed"


class Changed(msgspec.Struct, frozen=True):
    """One complaint that changed the month: `before` and `after` in the words of its standing, None for none."""

    complaint: int
    reason: Reason
    before: str | None
    after: str | None


def changes(then: Added, now: Added) -> list[Changed]:
    """Every complaint whose part in the month is another one now, by its id."""
    return [
        _changed(complaint, then.get(complaint, ()), now.get(complaint, ()))
        for complaint in sorted(then.keys() | now.keys())
        if sorted(then.get(complaint, ())) != sorted(now.get(complaint, ()))
    ]


def _changed(complaint: int, then: Sequence[Count], now: Sequence[Count]) -> Changed:
    return Changed(complaint, _reason(then, now), _standing(then), _standing(now))


def _reason(then: Sequence[Count], now: Sequence[Count]) -> Reason:
    if _key(then, Measure.DOUBLE) is None and _key(now, Measure.DOUBLE) is not None:
        return Reason.IS_A_DOUBLE
    counted, counts = (_key(one, Measure.REPORTS) is not None for one in (then, now))
    if counted != counts:
        return Reason.CAME_LATER if counts else Reason.COUNTS_NO_MORE
    for measure, reason in (
        (Measure.STANDING, Reason.STATUS_MOVED_ON),
        (Measure.ANSWERED, Reason.ANSWERED_SINCE),
        (Measure.ACTION, Reason.ANSWERED_SINCE),
        (Measure.RATING, Reason.RATED_SINCE),
    ):
        if [one for one in then if one.measure == measure] != [one for one in now if one.measure == measure]:
            return reason
    if not counts and bool(then) != bool(now):
        return Reason.CAME_LATER if now else Reason.COUNTS_NO_MORE
    return Reason.DETAILS_CHANGED


def _standing(counts: Sequence[Count]) -> str | None:
    return _key(counts, Measure.STANDING)


def _key(counts: Sequence[Count], measure: Measure) -> str | None:
    return next((one.key for one in counts if one.measure == measure), None)
