"""Regions that share an account share it in equal parts, whatever waits behind each."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.fair_share import shares

REGIONS = st.lists(st.text(min_size=1, max_size=3), unique=True, max_size=9)


@given(want=st.integers(0, 40), waiting=REGIONS, turn=st.integers(0, 1000))
def test_all_that_is_wanted_is_given_in_parts_that_differ_by_one_at_most(
    want: int, waiting: list[str], turn: int
) -> None:
    found = shares(want, waiting, turn)
    assert sum(found.values()) == (want if waiting else 0)
    parts = [found.get(region, 0) for region in waiting]
    assert not parts or max(parts) - min(parts) <= 1


@given(waiting=REGIONS.filter(bool), want=st.integers(1, 8))
def test_over_a_round_of_turns_every_region_gets_the_same(waiting: list[str], want: int) -> None:
    total: Counter[str] = Counter()
    for turn in range(len(waiting)):
        total.update(shares(want, waiting, turn))
    assert set(total.values()) == {want}
