"""The balance: counts that do not share their origin, and the verdict they allow. Pure."""

from enum import StrEnum

import msgspec

DAY = 86_400_000_000


class Side(StrEnum):
    """Where a count comes from."""

    SOURCE = "source"
    LEDGER = "ledger"
    NATIONAL = "national"


class Verdict(StrEnum):
    """`balanced`: every count that can be had agrees and is fresh; `gap`: two disagree; `unproven`: one is missing."""

    BALANCED = "balanced"
    GAP = "gap"
    UNPROVEN = "unproven"


class Count(msgspec.Struct, frozen=True):
    """One count: its value, whether it agrees with the book, when it was taken (microseconds), what it found."""

    value: int
    agrees: bool
    counted_at: int
    detail: str = ""


def verdict(counts: dict[Side, Count], possible: frozenset[Side], now: int) -> Verdict:
    """What the counts of an origin allow to say at `now` (microseconds); `possible` are the counts it can have."""
    if any(not count.agrees for count in counts.values()):
        return Verdict.GAP
    fresh = {side for side, count in counts.items() if now - count.counted_at <= DAY}
    return Verdict.BALANCED if possible <= fresh else Verdict.UNPROVEN
