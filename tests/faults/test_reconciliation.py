"""Reconciliation: every planted difference is found in its class, none is invented, and what can be mended is."""

import random
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.reconciliations import list_differences
from lapor_gateway.jobs.reconcile import Reconciled, reconcile, repeat, select_for
from lapor_gateway.jobs.sync import chosen
from tests.support.endpoint import IndependentEndpoint
from tests.support.planting import Found, Garden
from tests.support.world import LOOK_UP, World


async def reconciled(world: World, **window: Any) -> tuple[Reconciled, Found, Found]:
    """A run, the differences it found, and those it mended."""
    with world.gateway() as gateway:
        done = await reconcile(gateway, select_for(gateway, chosen(gateway, []), **window))
        rows, more = list_differences(gateway.book, done.view.run, limit=10_000)
        assert more is None
        repeat(gateway, done.view.run)
    found = {(row.kind, row.subject) for row in rows}
    mended = {(row.kind, row.subject) for row in rows if row.state == "repaired"}
    mended -= {(row.kind, row.subject) for row in rows if row.state != "repaired"}
    return done, found, mended


async def settled_world(tmp_path: Path, endpoint: IndependentEndpoint, count: int, **options: Any) -> World:
    """Everything accepted, listed, and its status read once."""
    world = World(tmp_path / "data", endpoint.url, look_up=LOOK_UP | {"maximum_lag": "0s"}, **options)
    world.add(count)
    await world.sync()
    assert world.states() == {"accepted": count}
    done, found, _ = await reconciled(world)
    assert (found, done.exit_code, done.view.is_clean) == (set(), 0, True)
    return world


@pytest.mark.parametrize("seed", range(3))
async def test_every_planted_difference_is_found_in_its_class_and_none_invented(
    tmp_path: Path, seed: int, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 120, database_url=database_url)
        garden = Garden(world, endpoint, random.Random(seed))
        garden.plant(2)
        done, found, mended = await reconciled(world)
        assert found == garden.planted
        assert mended == garden.mended
        assert done.exit_code == 1
        standing = {(kind, subject) for kind, subject, state in world.findings() if state == "open"}
        assert standing == garden.planted - garden.mended
        again, found, _ = await reconciled(world)
        assert found == garden.planted - garden.mended
        assert again.exit_code == 1
