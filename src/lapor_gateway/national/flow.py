"""How much may go out now: a breaker against outages and a cap on requests per second. Pure; time is given.

The breaker keeps an outage from turning a backlog into doubt. While failures stand, failures + requests in flight
never exceed the cap, so one outage makes at most that many complaints ambiguous before single probes take over.
"""

from typing import Final

from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown

FAILURES_TO_OPEN: Final = 5
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 60.0
_MICROSECONDS: Final = 1_000_000


class Breaker:
    """Counts failures in a row of one account. Instants in microseconds; `failures` and `open_until` are kept
    in the book between processes.

    Only the success of a request sent *after* the last failure proves that the other side is back.
    """

    def __init__(self, cap: int, failures: int = 0, open_until: int = 0) -> None:
        self._cap = cap
        self._threshold = min(FAILURES_TO_OPEN, cap)
        self.failures = failures
        self.open_until = open_until
        self._last_failure = 0

    @property
    def is_open(self) -> bool:
        return self.failures >= self._threshold

    def allowance(self, in_flight: int, now: int) -> int:
        """How many more requests may start now."""
        if not self.is_open:
            return max(0, self._cap - self.failures - in_flight)
        return 1 if now >= self.open_until and in_flight == 0 else 0

    def saw(self, outcome: Outcome, sent_at: int, now: int) -> None:
        """Take an outcome into account; a 429 says neither that the other side is down nor that it is well."""
        match outcome:
            case Unknown() | NotTaken(outage=True):
                self._failed(now)
            case Accepted() | Refused():
                if sent_at > self._last_failure:
                    self.failures = 0
                    self.open_until = 0
            case NotTaken():
                pass

    def _failed(self, now: int) -> None:
        self.failures += 1
        self._last_failure = now
        if self.is_open:
            doublings = min(self.failures - self._threshold, 16)
            pause = min(_FIRST_PAUSE * 2.0**doublings, _LONGEST_PAUSE)
            self.open_until = now + int(pause * _MICROSECONDS)


class Throttle:
    """At most `rate` requests in a second, with a burst of a twentieth of that. Seconds of a clock that only grows."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._burst = max(1.0, rate / 20)
        self._tokens = self._burst
        self._filled = now

    def available(self, now: float) -> int:
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        return int(self._tokens)

    def take(self, count: int) -> None:
        self._tokens -= count

    def wait(self) -> float:
        """Seconds until the next request may start."""
        return max(0.0, (1.0 - self._tokens) / self._rate)
