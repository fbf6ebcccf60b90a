"""kill -9 in the middle of an erasure or of a rotation of keys: run again, and it is whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from lapor_gateway.book.counting import count_book
from lapor_gateway.book.tombstones import read_file
from lapor_gateway.jobs.privacy import Housekeeping
from tests.support.command_line import Answered, clean_environment, lapor_gateway
from tests.support.gaps import some_now_and_all_in_soak
from tests.support.world import CHANNEL, World

KILLED = -9
MANY = 130  # more than a batch of an erasure
MARKER = "zzqkatapenanda"
DEAD = "http://127.0.0.1:9"
ERASING = {
    "a batch written, not yet committed": "lapor_gateway.book.erasing:_erase_batch:after:1",
    "one batch committed, the next not begun": "lapor_gateway.book.erasing:_erase_batch:before:2",
    "all committed, the tombstones not yet beside the book": "lapor_gateway.jobs.privacy:write_file:before:1",
}
MORE_ERASING = {
    "the tombstones written, the files not cleaned": "lapor_gateway.jobs.privacy:scrub:before:1",
    "the files rebuilt, nobody told": "lapor_gateway.book.scrubbing:mark_scrubbed:before:1",
}
ROTATING = {
    "a batch rewrapped, not yet committed": "lapor_gateway.book.rotating:_rewrap:after:1",
}
MORE_ROTATING = {
    "the new key written, nothing rewrapped": "lapor_gateway.book.rotating:rewrap_all:before:1",
    "the book's own keys rewrapped": "lapor_gateway.book.rotating:_rewrap_own_keys:after:1",
    "complaints committed, secrets not": "lapor_gateway.book.rotating:_rewrap:before:2",
}


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> World:
    """130 complaints that a channel in shadow holds."""
    made = World(tmp_path / "data", DEAD, database_url=database_url, look_up=None, live=False)
    made.add(MANY, isi=f"Isi dengan {MARKER}")
    await made.sync(patience=0)
    assert made.states() == {"held": MANY}
    return made


def killed(world: World, where: str, *words: str) -> None:
    """Run a command that ends by SIGKILL inside the call `where`."""
    command = [sys.executable, "-m", "tests.support.armed_command", where, "--data", str(world.root), *words]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        env=clean_environment(),
        check=False,
    )
    assert done.returncode == KILLED, done.stderr.decode()


def run(world: World, *words: str) -> Answered:
    return lapor_gateway("--data", world.root, *words)


def erasure(world: World) -> list[str]:
    named = [part for number in range(1, MANY + 1) for part in ("--complaint", str(number))]
    return ["reporters", "erase", "--region", "uji", *named, "--reason", "diminta", "--withdraw", "--yes"]


def remains(world: World) -> list[str]:
    """Files of the data folder, the source's own aside, in which the marker can be read (SQLite: the book, too)."""
    return [
        path.name
        for path in world.root.iterdir()
        if path.is_file() and path != world.source and MARKER.encode() in path.read_bytes()
    ]


def is_whole(world: World) -> bool:
    with world.gateway() as gateway:
        (count,) = count_book(gateway.book, {"uji/tabel": [CHANNEL]}).values()
    return count.faults == []


@pytest.mark.parametrize("gap", some_now_and_all_in_soak(ERASING, MORE_ERASING))
def test_an_erasure_that_is_killed_is_finished_by_running_it_again(world: World, gap: str) -> None:
    killed(world, gap, *erasure(world))
    assert run(world, *erasure(world)).code == 0
    assert world.states() == {"withdrawn": MANY}
    assert world.entries("erased") == MANY
    stones = read_file(world.root / "tombstones.jsonl")
    assert len({stone.reference for stone in stones}) == len(stones) == MANY
    assert world.query("SELECT 1 FROM tombstones WHERE scrubbed_at IS NULL") == []
    assert remains(world) == []
    assert is_whole(world)


@pytest.mark.parametrize("gap", ["jobs.privacy:write_file", "jobs.privacy:scrub"])
def test_what_a_killed_erasure_left_undone_a_running_gateway_does(world: World, gap: str) -> None:
    killed(world, f"lapor_gateway.{gap}:before:1", *erasure(world))
    with world.gateway() as gateway:
        Housekeeping(gateway).run()
    assert len(read_file(world.root / "tombstones.jsonl")) == MANY
    assert world.query("SELECT 1 FROM tombstones WHERE scrubbed_at IS NULL") == []
    assert remains(world) == []


@pytest.mark.parametrize("gap", some_now_and_all_in_soak(ROTATING, MORE_ROTATING))
def test_a_rotation_of_the_master_key_that_is_killed_is_finished_by_running_it_again(
    world: World, gap: str
) -> None:
    assert lapor_gateway("--data", world.root, "secrets", "set", "uji/sandi", stdin="rahasia").code == 0
    if make_url(world.settings.book_url).get_backend_name() == "postgresql":
        first = run(world, "secrets", "rotate-master")
        assert (first.code, "every machine" in first.out) == (1, True)
    killed(world, gap, "secrets", "rotate-master")
    keys = world.settings.key_file.read_text().split()
    assert len(keys) == 2
    assert run(world, "secrets", "rotate-master").code == 1
    world.settings.key_file.write_text(keys[0] + "\n")
    assert run(world, "complaints", "show", "1", "--reveal", "--reason", "uji", "--by", "Uji").code == 0
    with world.gateway() as gateway:  # every key opens under the new one alone
        opened = [
            gateway.book.data_key(reference, bytes(data_key))
            for reference, data_key in world.query("SELECT reference, data_key FROM complaints")
        ]
    assert len(opened) == MANY
    assert is_whole(world)
