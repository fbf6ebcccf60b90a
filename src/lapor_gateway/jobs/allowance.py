"""How much an account may send now: breaker, limit of concurrency, rate, and the hours it is to be left alone."""

from lapor_gateway.book.sending import AccountState
from lapor_gateway.clock import Clock, isoformat, to_datetime, to_instant
from lapor_gateway.domain.outcomes import Outcome
from lapor_gateway.jobs.line import Line
from lapor_gateway.national.flow import Breaker, Concurrency


class Allowance:
    """Learns from every outcome of one run over an account. Instants in microseconds."""

    def __init__(self, line: Line, state: AccountState, clock: Clock) -> None:
        cap = line.account.max_in_flight
        self._breaker = Breaker(cap, state.failures, state.open_until)
        self._concurrency = Concurrency(cap)
        self._line = line
        self._clock = clock
        self._quiet_until = 0

    @property
    def is_out_of_reach(self) -> bool:
        """Whether so many failures came in a row that only single probes go out."""
        return self._breaker.is_open

    @property
    def opens_at(self) -> int:
        """When the next probe may go out, after such failures."""
        return self._breaker.open_until

    @property
    def is_quiet(self) -> bool:
        """Whether the account's settings want LAPOR! left alone now."""
        now = self._clock.now()
        if now >= self._quiet_until:
            self._quiet_until = to_instant(self._line.account.opens_at(to_datetime(now)))
        return now < self._quiet_until

    @property
    def quiet_until(self) -> str | None:
        """The end of the quiet hours, RFC 3339 in UTC."""
        return isoformat(self._quiet_until)

    def more(self, in_flight: int) -> int:
        """How many more requests may start now beside those under way."""
        allowed = self._breaker.allowance(in_flight, self._clock.now())
        allowed = min(allowed, max(0, self._concurrency.limit - in_flight))
        return min(allowed, self._line.throttle.available(self._clock.elapsed()))

    def saw(self, outcome: Outcome, sent_at: int, now: int) -> None:
        self._breaker.saw(outcome, sent_at, now)
        self._concurrency.saw(outcome, sent_at, now)

    def keep_in(self, state: AccountState) -> None:
        """What the book remembers of it between processes."""
        state.failures, state.open_until = self._breaker.failures, self._breaker.open_until
