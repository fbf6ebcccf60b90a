"""How often an open complaint is looked at, and the bound that follows: pure; all spans in microseconds."""

from typing import Final

import msgspec

_HOUR: Final = 3_600_000_000
_YOUNG_SHARE: Final = 8
"""A complaint that last changed so long ago is looked at again after an eighth of that time."""
OLDEST_SHARE: Final = 0.75
"""Of every budget so much goes to whoever was looked at longest ago; the rest to the young and the changed."""
_BURSTS_AN_HOUR: Final = 12


class Pace(msgspec.Struct, frozen=True):
    """An account's settings: requests an hour at the most, and the shortest and longest pause between two looks."""

    per_hour: int
    soonest: int
    latest: int

    @property
    def burst(self) -> int:
        """Requests that may be made at once after a rest; with what flows in, never more than `per_hour` in an hour."""
        return max(2, self.per_hour // _BURSTS_AN_HOUR)

    def allowance(self, left: float, since: int, now: int) -> float:
        """What may be asked at `now`, when `left` requests were left at `since`."""
        flow = max(1, self.per_hour - self.burst) / _HOUR
        return min(float(self.burst), left + max(0, now - since) * flow)

    def next_look(self, changed_at: int, now: int) -> int:
        """When to look again at what last changed at `changed_at`: soon while it is young, `latest` in the end."""
        pause = (now - changed_at) // _YOUNG_SHARE
        return now + min(max(pause, self.soonest), self.latest)

    def bound(self, open_complaints: int, requests_a_look: float) -> int:
        """Every open complaint is looked at at least once within this span, as long as LAPOR! answers.

        Due at the latest after `latest`, it then waits for those looked at longer ago, each of which is looked at once
        before it, out of the share that the oldest have of the budget.
        """
        flow = max(1, self.per_hour - self.burst) / _HOUR
        return self.latest + int(open_complaints * requests_a_look / (flow * OLDEST_SHARE))


def closed_pause(pace: Pace) -> int:
    """How long a closed complaint rests between two looks: it may be opened again, but seldom is."""
    return 7 * max(pace.latest, _HOUR)
