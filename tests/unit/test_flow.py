"""The breaker keeps an outage from turning a backlog into doubt; the throttle keeps to the rate."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from lapor_gateway.national.flow import FAILURES_TO_OPEN, Breaker, Concurrency, Throttle

SECOND = 1_000_000
LOST = Unknown("time-out")
TAKEN = Accepted("1")
DOWN = NotTaken("refused", outage=True)


def send_through(
    breaker: Breaker, outcomes: list[Outcome], chance: random.Random, seconds: float
) -> list[Outcome]:
    """Send as fast as the breaker allows; answers come in any order. The outcomes that were met."""
    now, flying, met = 0, [], []
    while now < seconds * SECOND and (outcomes or flying):
        while breaker.allowance(len(flying), now) > 0 and outcomes:
            flying.append((now, outcomes.pop(0)))
        now += SECOND // 10
        if flying and chance.random() < 0.7:
            sent_at, outcome = flying.pop(chance.randrange(len(flying)))
            breaker.saw(outcome, sent_at, now)
            met.append(outcome)
    return met


@given(cap=st.integers(1, 64), before=st.integers(0, 30), seed=st.integers(0, 2**32))
def test_one_outage_makes_no_more_doubt_than_was_in_flight_before_single_probes(
    cap: int, before: int, seed: int
) -> None:
    breaker = Breaker(cap)
    outcomes: list[Outcome] = [TAKEN] * before + [LOST] * 500
    met = send_through(breaker, outcomes, random.Random(seed), seconds=60)
    probes = 10  # a minute of pauses that double
    assert met.count(LOST) <= cap + probes


@pytest.mark.parametrize("cap", [1, 4, 8, 32])
def test_after_a_few_failures_in_a_row_only_single_probes_go_out_with_growing_pauses(cap: int) -> None:
    breaker = Breaker(cap)
    threshold = min(FAILURES_TO_OPEN, cap)
    for _ in range(threshold):
        breaker.saw(LOST, 0, SECOND)
    assert breaker.is_open
    assert breaker.allowance(0, SECOND) == 0
    pauses = []
    now = SECOND
    for _ in range(12):
        pauses.append(breaker.open_until - now)
        now = breaker.open_until
        assert breaker.allowance(0, now) == 1
        assert breaker.allowance(1, now) == 0
        breaker.saw(LOST, now, now)
    assert pauses == sorted(pauses)
    assert pauses[-1] == 60 * SECOND


def test_a_success_sent_before_the_last_failure_proves_nothing() -> None:
    breaker = Breaker(8)
    for _ in range(5):
        breaker.saw(LOST, 0, 10 * SECOND)
    breaker.saw(TAKEN, 9 * SECOND, 11 * SECOND)
    assert breaker.is_open
    breaker.saw(TAKEN, 11 * SECOND, 12 * SECOND)
    assert not breaker.is_open
    assert breaker.allowance(0, 12 * SECOND) == 8


@pytest.mark.parametrize(("outcome", "counts"), [(LOST, True), (DOWN, True), (NotTaken("HTTP 429"), False)])
def test_what_counts_as_a_failure(outcome: Outcome, counts: bool) -> None:
    breaker = Breaker(8)
    breaker.saw(outcome, 0, 1)
    assert (breaker.failures == 1) is counts


def test_a_refusal_of_one_complaint_shows_that_the_other_side_is_well() -> None:
    breaker = Breaker(8, failures=6, open_until=SECOND)
    breaker.saw(Refused("HTTP 422: title"), 2 * SECOND, 3 * SECOND)
    assert breaker.failures == 0


@given(cap=st.integers(1, 64), failures=st.integers(0, 100), flying=st.integers(0, 64))
def test_failures_and_requests_in_flight_never_exceed_the_cap(cap: int, failures: int, flying: int) -> None:
    breaker = Breaker(cap, failures)
    allowed = breaker.allowance(flying, 10)
    assert allowed <= max(1, cap - failures - flying)


def test_a_breaker_goes_on_where_the_last_process_left_it() -> None:
    assert Breaker(8, failures=7, open_until=5 * SECOND).allowance(0, 4 * SECOND) == 0
    assert Breaker(8, failures=7, open_until=5 * SECOND).allowance(0, 5 * SECOND) == 1


@given(rate=st.floats(0.1, 5000), steps=st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_no_more_leaves_than_the_rate_allows_in_any_span(rate: float, steps: list[float]) -> None:
    throttle, now, sent = Throttle(rate, 0.0), 0.0, 0
    burst = max(1.0, rate / 20)
    for step in steps:
        now += step
        allowed = throttle.available(now)
        assert allowed >= 0
        throttle.take(allowed)
        sent += allowed
        assert sent <= now * rate + burst + 1e-6


@given(rate=st.floats(0.1, 1000))
def test_after_the_wait_that_it_names_one_more_may_leave(rate: float) -> None:
    throttle = Throttle(rate, 0.0)
    throttle.take(throttle.available(0.0))
    assert throttle.available(0.0) == 0
    assert throttle.available(throttle.wait() + 1e-6) >= 1


def answered(limit: Concurrency, outcome: Outcome, count: int, now: int, took: int = SECOND // 100) -> None:
    for _ in range(count):
        limit.saw(outcome, now - took, now)


def test_the_limit_grows_to_the_cap_while_answers_are_good() -> None:
    limit = Concurrency(32)
    assert limit.limit == 8
    answered(limit, TAKEN, 24, SECOND)
    assert limit.limit == 32
    answered(limit, TAKEN, 500, SECOND)
    assert limit.limit == 32


@pytest.mark.parametrize("trouble", [LOST, Unknown("HTTP 500"), NotTaken("HTTP 429"), DOWN])
def test_one_burst_of_trouble_halves_once_and_then_it_grows_one_a_round(trouble: Outcome) -> None:
    limit = Concurrency(32)
    answered(limit, TAKEN, 24, SECOND)
    answered(limit, trouble, 32, 2 * SECOND)
    assert limit.limit == 16
    answered(limit, trouble, 1, 3 * SECOND)
    assert limit.limit == 8
    answered(limit, TAKEN, 9, 4 * SECOND)
    assert limit.limit == 9
    for moment in range(5, 20):
        answered(limit, trouble, 1, moment * SECOND)
    assert limit.limit == 1, "one request always goes out: it is how the other side's recovery is seen"


def test_answers_far_slower_than_the_fastest_halve_and_a_side_that_was_always_slow_does_not() -> None:
    limit = Concurrency(16)
    answered(limit, TAKEN, 20, 10 * SECOND)
    answered(limit, TAKEN, 1, 20 * SECOND, took=3 * SECOND)
    assert limit.limit == 8
    slow = Concurrency(16)
    answered(slow, TAKEN, 20, 10 * SECOND, took=3 * SECOND)
    assert slow.limit == 16


def test_a_refused_credential_says_nothing_about_the_load() -> None:
    limit = Concurrency(8)
    answered(limit, NotTaken("HTTP 401", pauses=True), 5, SECOND)
    answered(limit, Unknown("HTTP 200 with a login page", pauses=True), 5, SECOND)
    assert limit.limit == 8
