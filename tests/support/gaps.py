"""Which gaps between two steps of a process are killed in every run of the tests, and which only with `make soak`."""

from collections.abc import Mapping
from typing import Any

import pytest


def some_now_and_all_in_soak(some: Mapping[str, Any], more: Mapping[str, Any]) -> list[Any]:
    """Parameters by their names, the second ones marked for the soak."""
    now = [pytest.param(where, id=gap) for gap, where in some.items()]
    return now + [pytest.param(where, id=gap, marks=pytest.mark.soak) for gap, where in more.items()]
