"""What a simulator remembers between starts: from what its complaints are made, and the passes since."""

from datetime import datetime
from pathlib import Path

import msgspec

from lapor_gateway.simulators.region.world import World

FILE, PRELOAD = "state.json", "preload.jsonl"


class State(msgspec.Struct):
    """`now` is the moment of the first start and `passes` those of the later ones, all aware."""

    region: str
    complaints: int
    seed: int
    now: datetime
    passes: list[datetime] = []


class OtherStateError(Exception):
    """The data folder belongs to other complaints; the message says to which, and what to do."""


def recall(directory: Path, wanted: State) -> State:
    """The state kept in `directory`, or `wanted` if there is none yet (nothing is written).

    Raises `OtherStateError` when another region, number or seed is kept there: their data would mix.
    """
    path = directory / FILE
    if not path.exists():
        return wanted
    kept = msgspec.json.decode(path.read_bytes(), type=State)
    if (kept.region, kept.complaints, kept.seed) != (wanted.region, wanted.complaints, wanted.seed):
        raise OtherStateError(
            f"{directory} holds {kept.region} with {kept.complaints} complaints of seed {kept.seed}, not "
            f"{wanted.region} with {wanted.complaints} of seed {wanted.seed}; use those or another folder"
        )
    return kept


def keep(directory: Path, world: World) -> None:
    """Write the state, and beside it what staff retyped, for the national simulator."""
    directory.mkdir(parents=True, exist_ok=True)
    passes = [done.at for done in world.passes]
    state = State(world.name, world.count, world.seed, world.now, passes)
    _replace(directory / PRELOAD, b"".join(msgspec.json.encode(row) + b"\n" for row in world.preload))
    _replace(directory / FILE, msgspec.json.encode(state))


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
