"""kill -9 in the middle of an erasure or of a rotation of keys: run again, and it is whole."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from lapor_gateway.book.counting import count_book
from lapor_gateway.book.journey import journey
from lapor_gateway.book.rotating import Indexing, index_anew
from lapor_gateway.book.tombstones import read_file
from lapor_gateway.domain.identity import known_by
from lapor_gateway.jobs.privacy import Housekeeping
from tests.support.armed_command import armed
from tests.support.books import ManualClock
from tests.support.command_line import Answered, clean_environment
from tests.support.forked_command import forked_gateway
from tests.support.gaps import some_now_and_all_in_soak
from tests.support.world import CHANNEL, World

KILLED = -9
MANY = 130  # more than a batch of an erasure
BATCH = 50  # of a rotation: two are done and the third begun before MANY
A_BATCH_OF = f"lapor_gateway.book.rotating:BATCH:{BATCH}"
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
# Where a rotation ends, and how many complaints stand under the new key by then.
ROTATING = {
    "one batch committed, the next not begun": ("lapor_gateway.book.rotating:_rewrap:before:2", BATCH),
    "a second batch rewrapped, not yet committed": ("lapor_gateway.book.rotating:_rewrap:after:2", BATCH),
}
MORE_ROTATING = {
    "the new key written, nothing rewrapped": ("lapor_gateway.book.rotating:rewrap_all:before:1", 0),
    "the book's own keys rewrapped": ("lapor_gateway.book.rotating:_rewrap_own_keys:after:1", 0),
    "complaints committed, secrets not": ("lapor_gateway.book.rotating:_rewrap:before:4", MANY),
}
FEW, FEW_AT_ONCE = 10, 4
FEW_A_BATCH = f"lapor_gateway.book.rotating:BATCH:{FEW_AT_ONCE}"
INDEXING = {
    "one batch committed, the next not begun": (
        "lapor_gateway.book.rotating:_index_batch:before:2",
        FEW_AT_ONCE,
    ),
    "a second batch indexed, not yet committed": (
        "lapor_gateway.book.rotating:_index_batch:after:2",
        FEW_AT_ONCE,
    ),
}
MORE_INDEXING = {
    "the new key written, not yet committed": ("lapor_gateway.book.rotating:write_audit:after:1", 0),
    "the new key committed, nothing indexed": ("lapor_gateway.book.rotating:_index_pass:before:1", 0),
    "all indexed, not looked through again": ("lapor_gateway.book.rotating:_index_pass:after:1", FEW),
    "the former key about to be destroyed": ("lapor_gateway.book.rotating:delete:before:1", FEW),
}


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> World:
    """130 complaints that a channel in shadow holds."""
    made = World(tmp_path / "data", DEAD, database_url=database_url, look_up=None, live=False)
    made.add(MANY, isi=f"Isi dengan {MARKER}")
    await made.sync(patience=0)
    assert made.states() == {"held": MANY}
    return made


def killed(world: World, where: str, *words: str, values: tuple[str, ...] = ()) -> None:
    """Run a command that ends by SIGKILL inside the call `where`, in a process with these `values` of modules."""
    done = subprocess.run(
        armed(where, "--data", str(world.root), *words, values=values),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        env=clean_environment(),
        check=False,
    )
    assert done.returncode == KILLED, done.stderr.decode()


def run(world: World, *words: str) -> Answered:
    return forked_gateway("--data", world.root, *words)


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


def opened(world: World) -> list[bool]:
    """Opens the data key of every complaint; whether each stands under the newest master key."""
    found = []
    with world.gateway() as gateway:
        for reference, data_key in world.query("SELECT reference, data_key FROM complaints"):
            gateway.book.data_key(reference, bytes(data_key))
            found.append(gateway.book.master.is_current(bytes(data_key)))
    return found


@pytest.mark.parametrize("gap", some_now_and_all_in_soak(ROTATING, MORE_ROTATING))
def test_a_rotation_of_the_master_key_that_is_killed_is_finished_by_running_it_again(
    world: World, gap: tuple[str, int]
) -> None:
    assert forked_gateway("--data", world.root, "secrets", "set", "uji/sandi", stdin="rahasia").code == 0
    if make_url(world.settings.book_url).get_backend_name() == "postgresql":
        first = run(world, "secrets", "rotate-master")
        assert (first.code, "every machine" in first.out) == (1, True)
    where, rewrapped = gap
    killed(world, where, "secrets", "rotate-master", values=(A_BATCH_OF,))
    keys = world.settings.key_file.read_text().split()
    assert len(keys) == 2
    assert sum(opened(world)) == rewrapped, "and those under either key can be read"
    assert run(world, "secrets", "rotate-master").code == 1
    world.settings.key_file.write_text(keys[0] + "\n")
    assert run(world, "complaints", "show", "1", "--reveal", "--reason", "uji", "--by", "Uji").code == 0
    assert opened(world) == [True] * MANY, "every key opens under the new one alone"
    assert is_whole(world)


@pytest.fixture
async def reachable(tmp_path: Path, database_url: str) -> World:
    """A few, each of a reporter with a telephone number of their own."""
    made = World(tmp_path / "data", DEAD, database_url=database_url, look_up=None, live=False)
    for number in range(FEW):
        made.add(telepon=f"0812345{number:05}")
    await made.sync(patience=0)
    assert made.states() == {"held": FEW}
    return made


def indexed(world: World) -> list[bool]:
    """Whether the reporter of each complaint stands under the newest index key; none may be under no valid one."""
    with world.gateway() as gateway:
        book = gateway.book
        found = []
        for identifier, index in world.query("SELECT id, reporter_index FROM complaints"):
            canonical = journey(book, identifier, reveal=True).versions[-1].canonical
            who = None if canonical is None else known_by(canonical)
            assert who is not None
            newest, former = book.blind_index("uji", who), book.former_index("uji", who)
            assert bytes(index) in (newest, former), "nobody would know this reporter again"
            found.append(bytes(index) == newest)
    return found


@pytest.mark.parametrize("gap", some_now_and_all_in_soak(INDEXING, MORE_INDEXING))
def test_a_rotation_of_the_blind_index_that_is_killed_is_finished_by_running_it_again(
    reachable: World, gap: tuple[str, int]
) -> None:
    where, renewed = gap
    at_once = "lapor_gateway.book.rotating:SETTLES_AFTER:0"
    destroys = (at_once,) if where.split(":")[1] == "delete" else ()
    killed(reachable, where, "secrets", "rotate-index", "--by", "Uji", values=(FEW_A_BATCH, *destroys))
    begun = "write_audit" not in where
    assert reachable.entries("index_key_rotated") == begun
    assert sum(indexed(reachable)) == (renewed if begun else FEW)
    assert run(reachable, "secrets", "rotate-index", "--by", "Uji").code == 1, (
        "others may not know the new key yet"
    )
    assert indexed(reachable) == [True] * FEW
    with reachable.gateway(ManualClock(datetime.now(UTC) + timedelta(hours=1))) as gateway:
        assert index_anew(gateway.book, lambda _: None) == Indexing(0, done=True)
    assert indexed(reachable) == [True] * FEW
    assert reachable.query("SELECT 1 FROM book WHERE name = 'key:former-index'") == []
    assert reachable.entries("index_key_rotated") == 1
    assert is_whole(reachable)
