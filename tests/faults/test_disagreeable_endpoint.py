"""Against an endpoint that answers badly, ours and theirs agree in the end, complaint by complaint."""

from pathlib import Path

import pytest

from tests.support.endpoint import IndependentEndpoint
from tests.support.world import World, judge

BAD = {"bad": 0.3, "list_bad": 0.3, "time_out": 0.5, "late": 0.3, "lag": 0.3}


async def agree_in_the_end(tmp_path: Path, database_url: str, seed: int, complaints: int) -> None:
    """Sync against 30 % of bad answers, with news in between, until all is accepted; judged after every sync."""
    with IndependentEndpoint(tmp_path, seed=seed, **BAD) as endpoint:
        world = World(tmp_path / "data", endpoint.url, database_url=database_url)
        world.add(complaints, seed=seed)
        await world.sync(patience=2)
        judge(world, endpoint, in_doubt=complaints)
        world.add(complaints // 2, seed=seed)
        for _ in range(8):
            await world.sync()
            judge(world, endpoint, in_doubt=complaints)
            if world.states() == {"accepted": complaints + complaints // 2}:
                break
        judge(world, endpoint)


async def test_what_a_disagreeable_endpoint_took_is_accepted_once_and_nothing_is_lost(
    tmp_path: Path, database_url: str
) -> None:
    await agree_in_the_end(tmp_path, database_url, seed=11, complaints=26)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 110))
async def test_what_a_disagreeable_endpoint_took_is_accepted_once_whatever_the_seed(
    tmp_path: Path, database_url: str, seed: int
) -> None:
    await agree_in_the_end(tmp_path, database_url, seed, complaints=150)
