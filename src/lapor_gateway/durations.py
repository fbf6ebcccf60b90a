"""Durations as people write them in settings and manifests."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|y)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "y": 365 * 86400}


def _duration(value: object) -> object:
    """A duration as people write it ("10m", "1h 30m", "90s") or a plain number of seconds."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    if isinstance(value, int | float):
        return timedelta(seconds=value)
    if not re.fullmatch(rf"\s*(?:{_DURATION.pattern}\s*)+", value):
        raise ValueError('a duration is a number and a unit, such as "90s", "10m", "1h" or "1d"')
    return timedelta(seconds=sum(float(amount) * _SECONDS[unit] for amount, unit in _DURATION.findall(value)))


def _not_negative(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise ValueError("a duration cannot be negative")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_not_negative)]
