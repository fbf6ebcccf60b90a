"""The archive as an operator runs it: killed at every gap, its file gone, its year reconciled."""

import subprocess
from pathlib import Path

import pytest

from lapor_gateway.book.archive_checks import verify_archive
from lapor_gateway.book.counting import count_book
from lapor_gateway.jobs.reconcile import reconcile, select_for
from lapor_gateway.jobs.sync import chosen
from tests.support.armed_command import armed
from tests.support.command_line import Answered, clean_environment
from tests.support.endpoint import IndependentEndpoint
from tests.support.forked_command import forked_gateway
from tests.support.gaps import some_now_and_all_in_soak
from tests.support.world import CHANNEL, LOOK_UP, World

KILLED = -9
DEAD = "http://127.0.0.1:9"
MANY = 230  # more than a batch
MOVE = ("archive", "move", "--before", "2026-02-15", "--by", "Sri")
GAPS = {
    "a batch copied, nothing has left the book": "lapor_gateway.book.archiving:_let_go:before:1",
    "one batch gone, the next copied": "lapor_gateway.book.archiving:_let_go:before:2",
}
MORE_GAPS = {
    "nothing copied yet": "lapor_gateway.book.archiving:_copied:before:1",
    "a batch about to leave, not committed": "lapor_gateway.book.archiving:_let_go:after:1",
    "all gone, the audit not written": "lapor_gateway.jobs.archive:note_run:before:1",
}


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> World:
    """230 complaints of January 2026, closed at their source before the channel went live."""
    made = World(tmp_path / "data", DEAD, database_url=database_url, look_up=None)
    made.add(MANY, status="selesai")
    await made.sync(patience=0)
    assert made.states() == {"historical": MANY}
    return made


def run(world: World, *words: str) -> Answered:
    return forked_gateway("--data", world.root, *words)


def killed(world: World, where: str, *words: str) -> None:
    """Run a command that ends by SIGKILL inside the call `where`."""
    done = subprocess.run(
        armed(where, "--data", str(world.root), *words),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        env=clean_environment(),
        check=False,
    )
    assert done.returncode == KILLED, done.stderr.decode()


def faults(world: World) -> list[str]:
    with world.gateway() as gateway:
        (count,) = count_book(gateway.book, {"uji/tabel": [CHANNEL]}).values()
        assert count.faults or count.seen == count.ledger == len(world.ours())
        return count.faults


def left(world: World) -> int:
    return sum(world.query(f"SELECT count(*) FROM {t}")[0][0] for t in ("raw_records", "complaint_versions"))


@pytest.mark.parametrize("gap", some_now_and_all_in_soak(GAPS, MORE_GAPS))
def test_a_move_that_is_killed_loses_nothing_and_is_finished_by_running_it_again(
    world: World, gap: str
) -> None:
    killed(world, gap, *MOVE)
    assert faults(world) == []
    assert run(world, *MOVE).code == 0
    assert (left(world), faults(world), world.entries("archived")) == (0, [], MANY)
    verified = run(world, "archive", "verify", "--json")
    assert (verified.code, verified.json) == (0, {"parts": MANY, "good": MANY, "faults": []})
    assert run(world, "complaints", "show", "1", "--reveal", "--reason", "uji", "--by", "Uji").code == 0


def test_an_operator_moves_a_year_looks_at_it_and_misses_its_file(world: World) -> None:
    dry = run(world, *MOVE, "--dry-run", "--json")
    assert (dry.code, dry.json, left(world)) == (0, {"by_year": {"2026": MANY}}, 2 * MANY)
    assert run(world, "archive", "list").out.strip() == "No year is archived yet."
    moved = run(world, *MOVE, "--compact")
    assert (moved.code, f"{MANY} complaints created before 2026-02-15" in moved.out) == (0, True)
    (year,) = run(world, "archive", "list", "--json").json
    assert (year["year"], year["complaints"], year["bytes"] > 0) == (2026, MANY, True)
    assert "archive of 2026" in run(world, "complaints", "show", "1").out
    assert run(world, "ledger", "verify").code == 0
    file = world.root / "archive" / "2026.db"
    file.rename(file.with_suffix(".away"))
    shown = run(world, "complaints", "show", "1")
    assert (shown.code, "2026.db is not in the folder archive" in shown.out) == (0, True)
    listed = run(world, "archive", "list")
    assert (listed.code, "MISSING" in listed.out) == (1, True)
    assert (run(world, "archive", "verify").code, "2026.db" in faults(world)[0]) == (1, True)
    checked = {check["subject"]: check for check in run(world, "doctor", "--offline", "--json").json}
    assert (checked["archive"]["grade"], "2026.db" in checked["archive"]["said"]) == ("warn", True)
    refused = run(world, "complaints", "include", "1", "--by", "Sri")
    assert (refused.code, "Put 2026.db back" in refused.err) == (1, True)
    file.with_suffix(".away").rename(file)
    assert run(world, "complaints", "include", "1", "--by", "Sri").code == 0
    assert faults(world) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("archive", "move"), "--before"),
        (("archive", "move", "--before", "kemarin"), "kemarin"),
        (("archive", "move", "--before", "2999-01-01"), "lies in the future"),
    ],
)
def test_a_wrong_day_is_told(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    answered = run(World(tmp_path / "data", DEAD, look_up=None), *words)
    assert (answered.code, said in answered.err) == (2, True)


async def test_a_reconciliation_of_an_archived_year_finds_what_is_astray_and_invents_nothing(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        options = {"look_up": LOOK_UP | {"maximum_lag": "0s"}, "database_url": database_url}
        world = World(tmp_path / "data", endpoint.url, **options)
        world.add(20)
        await world.sync()
        assert world.states() == {"accepted": 20}
        with world.rows() as table:
            table.execute("UPDATE aduan SET status = 'selesai'")
        await world.sync()
        assert run(world, *MOVE).code == 0
        assert left(world) == 0
        with world.gateway() as gateway:
            clean = await reconcile(gateway, select_for(gateway, chosen(gateway, [])))
            assert (clean.exit_code, clean.view.differences) == (0, {})
        world.change("3", isi="Teks yang lain sama sekali")
        astray = world.ours()["5"]
        assert astray.tracking_id is not None
        endpoint.order(drop=[astray.tracking_id])
        with world.gateway() as gateway:
            await reconcile(gateway, select_for(gateway, chosen(gateway, [])))
            assert verify_archive(gateway.book).faults == []
        assert ("missing_at_national", astray.reference, "open") in world.findings()
        await world.sync()
        assert faults(world) == []
