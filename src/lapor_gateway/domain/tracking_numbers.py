"""Whether a number that a person typed can be LAPOR!'s for a complaint of these days. Pure; a doubt is no proof."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

_FEWEST_KNOWN: Final = 5
_LEAST_SPREAD: Final = 200_000  # LAPOR! gives away some thousands of numbers a day, to all agencies together
_TIMES_THE_SPREAD: Final = 10


class NumberDoubt(StrEnum):
    """Why a number looks mistyped: it has more or fewer digits than all others, or lies far from all of them."""

    LENGTH = "length"
    FAR = "far"


def doubt_about(number: str, known: Collection[str]) -> NumberDoubt | None:
    """What looks wrong about `number` (digits) beside the account's latest numbers; None while too few are known."""
    if len(known) < _FEWEST_KNOWN:
        return None
    if len(number) not in {len(one) for one in known}:
        return NumberDoubt.LENGTH
    values = [int(one) for one in known]
    lowest, highest = min(values), max(values)
    room = max(_LEAST_SPREAD, _TIMES_THE_SPREAD * (highest - lowest))
    return None if lowest - room <= int(number) <= highest + room else NumberDoubt.FAR
