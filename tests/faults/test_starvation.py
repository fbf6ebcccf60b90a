"""Looking at open complaints in virtual days: nobody is starved, the budget holds, and the stated bound is true."""

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.books import desk
from tests.support.virtual import VirtualClock
from tests.support.watchtower import HOUR, Watchtower, judge


@pytest.fixture
def tower(tmp_path: Path) -> Iterator[Any]:
    clock = VirtualClock()
    with desk(f"sqlite:///{tmp_path / 'book.db'}", clock) as own:
        yield lambda count, **more: Watchtower(own, clock, count, **more)
    clock.loop.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_starved_while_others_change_all_the_time(tower: Any, seed: int) -> None:
    own = tower(150, seed=seed, per_hour=72)
    numbers = [str(9_000_000 + number) for number in range(1, 151)]
    own.national.begin(set(numbers[:75]), set(numbers[75:80]), bad=0.02)
    own.clock.run(own.watch(hours=90))
    judge(own, 150, 72)


def test_a_small_office_is_looked_at_soon_and_then_less_often(tower: Any) -> None:
    own = tower(5, seed=3, per_hour=1800)
    own.national.begin(set(), set(), bad=0.0)
    own.clock.run(own.watch(hours=240))
    judge(own, 5, 1800)
    for looks in own.national.looks.values():
        pauses = [b - a for a, b in pairwise(looks)]
        assert looks[0] < HOUR / 2
        assert pauses[0] < HOUR / 2
        assert pauses[-1] > 20 * HOUR
        assert len(looks) < 80


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10, 30))
def test_nobody_is_starved_at_many_seeds(tower: Any, seed: int) -> None:
    chance = random.Random(seed)
    count, per_hour = chance.randrange(50, 600), chance.randrange(40, 400)
    own = tower(count, seed=seed, per_hour=per_hour)
    numbers = [str(9_000_000 + number) for number in range(1, count + 1)]
    chance.shuffle(numbers)
    own.national.begin(set(numbers[: count // 2]), set(numbers[-count // 20 :]), bad=0.1)
    own.clock.run(own.watch(hours=2.5 * own.bound() / HOUR))
    judge(own, count, per_hour)
