"""How much may go out now: a breaker, a limit that follows the answers, a cap on the rate. Pure; time is given.

The breaker keeps an outage from turning a backlog into doubt. While failures stand, failures + requests in flight
never exceed the cap, so one outage makes at most that many complaints ambiguous before single probes take over.
"""

from typing import Final

from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown

FAILURES_TO_OPEN: Final = 5
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 60.0
_MICROSECONDS: Final = 1_000_000
_FIRST_LIMIT: Final = 8
_SLOWER: Final = 4.0
_NEVER_SLOW: Final = 1_000_000  # microseconds
_FORGETTING: Final = 1.002


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


class Concurrency:
    """How many requests may be under way: more while answers are good, half when they are not, never above the cap.

    Trouble is a 429, an outcome that is not known (5xx, time-out, reset), or an answer far slower than the fastest.
    What was sent before the last halving tells nothing new: one burst of bad answers halves once. Microseconds.
    """

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._limit = float(min(cap, _FIRST_LIMIT))
        self._is_untroubled = True
        self._halved_at = 0
        self._fastest: float | None = None

    @property
    def limit(self) -> int:
        return int(self._limit)

    def saw(self, outcome: Outcome, sent_at: int, now: int) -> None:
        """Take an outcome into account; a credential that was refused says nothing about the load."""
        match outcome:
            case NotTaken(pauses=True) | Unknown(pauses=True):
                return
            case NotTaken() | Unknown():
                self._halve(sent_at, now)
            case Accepted() | Refused() if self._is_slow(now - sent_at):
                self._halve(sent_at, now)
            case Accepted() | Refused():
                self._grow()

    def _is_slow(self, taken: int) -> bool:
        """Whether an answer took far longer than the fastest; which is forgotten bit by bit, for paths change."""
        fastest = taken if self._fastest is None else min(taken, self._fastest * _FORGETTING)
        self._fastest = fastest
        return taken > max(_NEVER_SLOW, _SLOWER * fastest)

    def _halve(self, sent_at: int, now: int) -> None:
        if sent_at > self._halved_at:
            self._limit = max(1.0, self._limit / 2)
            self._halved_at = now
            self._is_untroubled = False

    def _grow(self) -> None:
        """One more an answer until the first trouble, then one more a round."""
        step = 1.0 if self._is_untroubled else 1.0 / self._limit
        self._limit = min(float(self._cap), self._limit + step)


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
