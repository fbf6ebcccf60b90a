"""Round trips for every way of writing back, with faults on both sides and kills in between: each is told once."""

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.support.national import NationalSimulator
from tests.support.regional_application import RegionalApplication
from tests.support.round_trip import FILES, REST, SQL, WEBHOOK, Office, follow_ups_at

FAMILIES = {"rest": REST, "sql": SQL, "webhook": WEBHOOK, "files": FILES}
OFFICERS = "Petugas kami menuju lokasi pagi ini, mohon ditunggu."
REGIONS = "Sudah kami kerjakan kemarin sore, terima kasih."
BAD_READS = [
    {"on": call, "kind": kind, "share": 0.06}
    for call in ("detail", "followups")
    for kind in (
        "error_500",
        "reset_before_commit",
        "html_200",
        "cut_body_before_commit",
        "too_many_requests",
    )
]
BAD_WRITES = [
    {"on": "follow_up_add", "kind": kind, "share": 0.06}
    for kind in (
        "error_500",
        "error_500_after_commit",
        "reset_after_commit",
        "html_200_after_commit",
        "message_only_before_commit",
    )
]
# A killed process's attempt is taken over at once on this machine; what it sent may still be on its way.
SPANS = {"timeout": "1s", "commits_within": "300ms", "look_up": {"maximum_lag": "200ms"}, "max_in_flight": 4}


@contextlib.contextmanager
def setting(
    tmp_path: Path, family: str, *, bad: float, seed: int, **more: Any
) -> Iterator[tuple[NationalSimulator, RegionalApplication, Office]]:
    with NationalSimulator(tmp_path / "national", plain=True, seed=seed) as national:
        application = RegionalApplication(tmp_path / "data" / "source.db", bad=bad, seed=seed)
        try:
            office = Office(
                tmp_path / "data",
                national.url,
                write_back=FAMILIES[family],
                app=application.url,
                **(SPANS | more),
            )
            office.remember_secrets()
            yield national, application, office
        finally:
            application.close()


def told(office: Office, family: str) -> list[list[Any]]:
    """The rows of every sheet that was put out, oldest first."""
    rows: list[list[Any]] = []
    for path in sorted((office.root / "keluar").glob("*.xlsx")) if family == "files" else ():
        sheet = openpyxl.load_workbook(path).worksheets[0]
        rows += [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    return rows


async def until(office: Office, done: Callable[[], bool], tries: int = 60) -> None:
    """Sync as often as it takes; what waits for a later try is made due, so that no test sleeps."""
    for _ in range(tries):
        await office.sync(patience=2)
        if done():
            return
        office.query("UPDATE parcels SET next_attempt_at = 0 WHERE state = 'waiting'")
        office.query("UPDATE watched SET next_check_at = 0")
    raise AssertionError(office.query("SELECT kind, direction, state, attempts, reason FROM parcels"))


def shows(office: Office, family: str, one: str, text: str) -> bool:
    if family == "files":
        return any(row[0] == one and row[3] == text for row in told(office, family))
    return text in office.answers(one)


def judge(national: NationalSimulator, office: Office, family: str, one: str, number: str) -> None:
    """Each side has what the other said, once, in order; nothing is left on its way."""
    assert [text.partition("\n")[2] or text for text in follow_ups_at(national, number)] == [
        OFFICERS,
        REGIONS,
    ]
    wanted = [REGIONS] if family == "files" else sorted([OFFICERS, REGIONS])
    assert sorted(office.answers(one)) == wanted
    if family != "files":
        assert office.shown(one)["nomor_lapor"] == number
        assert office.shown(one)["status_lapor"] == "Dalam Proses"
    assert office.query("SELECT id FROM parcels WHERE state NOT IN ('delivered')") == []
    rows = office.query("SELECT side, author FROM follow_ups ORDER BY number")
    assert [tuple(row) for row in rows] == [("national", "institution"), ("region", "institution")]
    assert office.entries("follow_up") == 2
    assert office.entries("follow_up_written") == 1


async def round_trip(
    national: NationalSimulator, office: Office, family: str, step: Callable[[], None] = lambda: None
) -> None:
    (one,) = office.add(anonim=0)
    await until(office, lambda: office.states() == {"accepted": 1})
    number = office.ours()[one].tracking_id
    assert number is not None
    step()
    national.change(int(number), status_name="Dalam Proses", follow_up=OFFICERS)
    step()
    await until(office, lambda: shows(office, family, one, OFFICERS))
    office.answer(one, REGIONS)
    step()
    await until(office, lambda: len(follow_ups_at(national, number)) > 1)
    quiet = "SELECT id FROM parcels WHERE state IN ('waiting', 'sending', 'ambiguous')"
    await until(office, lambda: not office.query(quiet))
    for _ in range(2):
        await office.sync(patience=1)
    judge(national, office, family, one, number)


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_round_trip_is_told_once(tmp_path: Path, family: str) -> None:
    with setting(tmp_path, family, bad=0.0, seed=1) as (national, application, office):
        await round_trip(national, office, family)
        assert application.refused == []


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", [5])
async def test_a_round_trip_with_faults_everywhere_is_told_once(
    tmp_path: Path, family: str, seed: int
) -> None:
    with setting(tmp_path, family, bad=0.3, seed=seed) as (national, _, office):
        national.set_faults(*BAD_READS, *BAD_WRITES, seed=seed)
        await round_trip(national, office, family)


def killed(office: Office, chance: random.Random) -> None:
    """Two syncs in processes of their own that are killed at seeded moments."""
    for _ in range(2):
        with office.child(patience=2) as process:
            assert process.stdout is not None
            assert "began" in process.stdout.readline()
            timer = threading.Timer(chance.random() * 0.6, process.kill)
            timer.start()
            process.wait(60)
            timer.cancel()


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_round_trip_with_kills_is_told_once(tmp_path: Path, family: str) -> None:
    with setting(tmp_path, family, bad=0.0, seed=7) as (national, _, office):
        chance = random.Random(7)
        await round_trip(national, office, family, lambda: killed(office, chance))


GAPS = {
    "an answer is about to leave": "lapor_gateway.jobs.answer:Answerer._ending:before:1",
    "an answer was taken, its outcome is not written": "lapor_gateway.jobs.answer:Answerer._ending:after:1",
    "its outcome is written": "lapor_gateway.book.answering:finish:after:1",
    "the ledger is about to be followed": "lapor_gateway.book.following:follow:before:1",
}


@pytest.mark.parametrize("gap", GAPS)
async def test_a_process_killed_in_a_gap_tells_an_answer_once(tmp_path: Path, gap: str) -> None:
    with setting(tmp_path, "sql", bad=0.0, seed=8) as (national, _, office):

        def step() -> None:
            if office.query("SELECT 1 FROM follow_ups"):  # the officer's is here: now the region's goes out
                code, _lines = office.run_child("--kill", GAPS[gap], patience=2)
                assert code == -9, "the gap was never reached"

        await round_trip(national, office, "sql", step)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(100, 115))
async def test_round_trips_with_faults_and_kills_are_told_once(
    tmp_path: Path, family: str, seed: int, database_url: str
) -> None:
    with setting(tmp_path, family, bad=0.3, seed=seed, database_url=database_url) as (national, _, office):
        national.set_faults(*BAD_READS, *BAD_WRITES, seed=seed)
        chance = random.Random(seed)
        await round_trip(national, office, family, lambda: killed(office, chance))
