"""Unknown outcomes under lists that lag 15 minutes and commits 10 minutes after the time-out, in virtual hours."""

import math
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lapor_gateway.book.leases import Lease
from lapor_gateway.book.sending import Outbox
from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.reference import Reference, carried_by
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.push import Push
from lapor_gateway.jobs.settle_by_export import ExportSettled, Verdict, settle_by_export
from lapor_gateway.national.lapor_v3 import LaporV3
from lapor_gateway.national.port import Request
from tests.support.books import ACCOUNT, CHANNEL, Desk, desk
from tests.support.virtual import HeldLease, VirtualClock, VirtualNational, line_to

HOUR = 3600.0
TIME_OUT, COMMITS_WITHIN, LAG = 90.0, 600.0, 900.0
BELIEVABLE = TIME_OUT + COMMITS_WITHIN + LAG


class Simulation:
    """One account's push and settling against a virtual national side, one seed for all of its chance."""

    def __init__(self, own: Desk, clock: VirtualClock, seed: int, **national: Any) -> None:
        self.desk = own
        self.clock = clock
        self.national = VirtualNational(clock, random.Random(seed), **national)

    def push(self, hours: float, **account: Any) -> None:
        """Push with the patience of so many virtual hours."""
        line = line_to(self.national, **account)
        self.clock.run(self._push(hours, line))

    async def _push(self, hours: float, line: Any) -> None:
        async with line:
            lease = cast("Lease", HeldLease())
            await Push(self.desk.book, lease, line, patience=hours * HOUR, environment="training").run()

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.desk.query("SELECT state FROM complaints"))

    def twice(self) -> list[str]:
        """References that the national side holds more than once."""
        counted = Counter(str(carried_by(one.content)) for one in self.national.commits)
        return [reference for reference, count in counted.items() if count > 1]


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Any]:
    made: list[Any] = []

    def make(seed: int = 0, complaints: int = 1, **national: Any) -> Simulation:
        clock = VirtualClock()
        own = desk(f"sqlite:///{tmp_path / f'book-{len(made)}.db'}", clock)
        made.append((own, clock))
        simulation = Simulation(own.__enter__(), clock, seed, **national)
        simulation.desk.bring(*({"id": number} for number in range(1, complaints + 1)))
        return simulation

    yield make
    for own, clock in made:
        own.__exit__(None, None, None)
        clock.loop.close()


def settles(simulation: Simulation, complaints: int) -> None:
    simulation.push(hours=48)
    assert simulation.twice() == []
    assert simulation.states() == {"accepted": complaints}
    assert len(simulation.national.commits) == complaints


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("worst", [False, True], ids=["within the bounds", "at the bounds"])
def test_late_commits_and_a_lagging_list_never_lead_to_a_second_complaint(
    simulated: Any, seed: int, worst: bool
) -> None:
    fates = ("taken", "taken", "late", "after", "lost", "refused")
    settles(simulated(seed, complaints=20, fates=fates, worst=worst), 20)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 160))
def test_late_commits_and_a_lagging_list_never_lead_to_a_second_complaint_whatever_the_seed(
    simulated: Any, seed: int
) -> None:
    fates = ("taken", "late", "after", "lost", "refused")
    settles(simulated(seed, complaints=60, fates=fates, worst=bool(seed % 2)), 60)


@pytest.mark.parametrize("fate", ["late", "after"])
def test_the_last_open_complaint_that_was_taken_is_found_and_never_sent_again(
    simulated: Any, fate: str
) -> None:
    simulation = simulated(first=[fate], worst=True)
    settles(simulation, 1)
    assert len(simulation.national.sent) == 1


def test_the_last_open_complaint_that_was_lost_goes_out_again_once_its_absence_is_believable(
    simulated: Any,
) -> None:
    simulation = simulated(first=["lost"])
    settles(simulation, 1)
    (first, _), (second, _) = simulation.national.sent
    assert second - first >= BELIEVABLE + LAG  # nothing to send: two complete look-ups, one lag apart
    assert second - first < BELIEVABLE + 4 * LAG


def test_a_lost_complaint_goes_out_again_as_soon_as_a_later_one_proves_the_list_fresh(simulated: Any) -> None:
    simulation = simulated(first=["lost"])
    simulation.push(hours=TIME_OUT / HOUR)  # ambiguous, and nothing else is there
    assert simulation.states() == {"ambiguous": 1}
    simulation.clock.run(simulation.clock.sleep(COMMITS_WITHIN + 120))
    simulation.desk.bring({"id": 2})
    settles(simulation, 2)
    times = [
        at
        for at, content in simulation.national.sent
        if carried_by(content) == simulation.desk.row(1).reference
    ]
    assert BELIEVABLE <= times[1] - times[0] < BELIEVABLE + 2 * LAG


def test_one_witness_that_was_deleted_there_does_not_keep_others_in_doubt_for_ever(simulated: Any) -> None:
    simulation = simulated(first=["lost"])
    simulation.push(hours=TIME_OUT / HOUR)
    simulation.clock.run(simulation.clock.sleep(COMMITS_WITHIN + 120))
    simulation.desk.bring({"id": 2})
    simulation.push(hours=0.01)
    simulation.national.commits[0].shown_from = math.inf
    simulation.desk.bring({"id": 3})
    simulation.push(hours=12)
    assert simulation.states() == {"accepted": 3}
    assert simulation.twice() == []


def settle_by_spreadsheet(simulation: Simulation, path: Path) -> ExportSettled:
    """What the command does, with an export of this very moment."""
    account = line_to(simulation.national, look_up=None).account
    gateway = SimpleNamespace(
        book=simulation.desk.book,
        account=lambda _: account,
        channels={CHANNEL: SimpleNamespace(account=ACCOUNT)},
        settings=SimpleNamespace(national={ACCOUNT: account}),
    )
    return settle_by_export(cast("Gateway", gateway), simulation.national.export(path), by="Sri")


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(100, 140))]
)
@pytest.mark.parametrize("worst", [False, True], ids=["within the bounds", "at the bounds"])
def test_exports_downloaded_at_any_moment_never_lead_to_a_second_complaint(
    simulated: Any, tmp_path: Path, seed: int, worst: bool
) -> None:
    """Without a list; the export lags as far, commits come as late, and somebody settles every few minutes."""
    simulation = simulated(
        seed, complaints=20, fates=("taken", "taken", "late", "after", "lost"), worst=worst
    )
    for _ in range(60):
        simulation.push(hours=0.05, look_up=None)
        settle_by_spreadsheet(simulation, tmp_path / "unduhan.csv")
        assert simulation.twice() == []
        if simulation.states() == {"accepted": 20}:
            break
        simulation.clock.run(simulation.clock.sleep(420))
    assert simulation.states() == {"accepted": 20}
    assert len(simulation.national.commits) == 20


@pytest.mark.parametrize("fate", ["late", "lost"])
def test_the_last_open_complaint_is_freed_by_an_export_only_after_all_bounds(
    simulated: Any, tmp_path: Path, fate: str
) -> None:
    simulation = simulated(complaints=1)
    simulation.push(hours=0.1, look_up=None)
    simulation.national.first, simulation.national.worst = [fate], True
    simulation.desk.bring({"id": 2})
    sent_at = simulation.clock.elapsed()
    simulation.push(hours=0.1, look_up=None)
    while simulation.states()["ambiguous"]:
        settled = settle_by_spreadsheet(simulation, tmp_path / "unduhan.csv")
        if settled.count(Verdict.OPEN):
            simulation.clock.run(simulation.clock.sleep(60))
    assert simulation.clock.elapsed() - sent_at >= BELIEVABLE
    assert simulation.clock.elapsed() - sent_at < BELIEVABLE + 180
    assert simulation.states() == ({"accepted": 2} if fate == "late" else {"accepted": 1, "ready": 1})


def test_a_list_that_stands_still_makes_nothing_absent(simulated: Any) -> None:
    """Its last state shows some of ours, and none of what came after: neither proves anything about the rest."""
    simulation = simulated(3, complaints=30, fates=("taken", "taken", "after", "lost"))
    simulation.national.frozen_at = 0.0
    simulation.push(hours=5)
    in_doubt = simulation.states()["ambiguous"]
    assert in_doubt > 3
    assert simulation.desk.query("SELECT 1 FROM ledger_entries WHERE kind = 'believably_absent'") == []
    assert len(simulation.national.sent) == 30


def test_a_list_that_stops_in_the_middle_makes_nothing_absent_that_came_later(simulated: Any) -> None:
    simulation = simulated(complaints=3)
    simulation.push(hours=1)
    assert simulation.states() == {"accepted": 3}
    simulation.clock.run(simulation.clock.sleep(LAG))
    simulation.national.frozen_at = (
        simulation.clock.elapsed()
    )  # it shows the first three, and will never show more
    simulation.national.first = ["after", "lost", "taken", "taken"]
    simulation.desk.bring(*({"id": number} for number in range(4, 8)))
    simulation.push(hours=12)
    assert simulation.states() == {"accepted": 5, "ambiguous": 2}
    assert len(simulation.national.sent) == 7


def test_a_look_up_without_a_list_is_no_proof_of_absence(simulated: Any) -> None:
    simulation = simulated(complaints=5, fates=("after", "lost"), list_answers=False)
    simulation.push(hours=3)
    assert simulation.states()["ambiguous"] == 5
    assert len(simulation.national.sent) == 5


def test_without_a_granted_list_doubt_waits_for_an_operator(simulated: Any) -> None:
    simulation = simulated(complaints=3, fates=("lost",))
    simulation.push(hours=12, look_up=None)
    assert simulation.states() == {"ambiguous": 3}
    assert {row.waiting_for for row in simulation.desk.query("SELECT waiting_for FROM complaints")} == {
        "operator"
    }
    assert len(simulation.national.sent) == 3


def test_an_outage_in_virtual_hours_makes_no_more_ambiguous_than_were_in_flight_or_probes(
    simulated: Any,
) -> None:
    simulation = simulated(complaints=200, fates=("lost",), first=["taken"] * 20)
    simulation.push(hours=0.25, max_in_flight=8)
    probes = len(simulation.national.sent) - 20 - 8
    assert simulation.states()["ambiguous"] == len(simulation.national.sent) - 20
    assert probes <= 10  # a quarter of an hour of single probes, each 90 s
    assert simulation.states()["ready"] == 200 - len(simulation.national.sent)
    simulation.national.fates = ("taken",)
    settles(simulation, 200)


def test_a_fault_of_our_own_with_one_complaint_stops_no_other(
    simulated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in doubt, since its request may have left; the rest goes out, and the run ends."""
    simulation = simulated(complaints=12)
    encode = LaporV3.encode

    def failing(
        dialect: LaporV3, complaint: Complaint, reference: Reference, files: tuple[str, ...] = ()
    ) -> Request:
        if complaint.source_id == "5":
            raise RuntimeError("a fault of ours")
        return encode(dialect, complaint, reference, files)

    monkeypatch.setattr(LaporV3, "encode", failing)
    simulation.push(hours=0.1)
    assert simulation.states() == {"accepted": 11, "ambiguous": 1}
    assert simulation.desk.row(5).reason == "internal error: RuntimeError"


def test_a_process_that_slept_between_an_attempts_commit_and_its_request_does_not_send_it(
    simulated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then another may have taken over; what was not begun in time is begun anew, as another attempt."""
    simulation = simulated(complaints=6)
    exchange, slept = Outbox.exchange, []

    def sleeping(box: Outbox, finished: Any, want: int, state: Any) -> Any:
        attempts = exchange(box, finished, want, state)
        if attempts and not slept:
            slept.append(len(attempts))
            simulation.clock.loop.selector.now += 6
        return attempts

    monkeypatch.setattr(Outbox, "exchange", sleeping)
    settles(simulation, 6)
    assert len(simulation.national.sent) == 6
    assert slept
    (late,) = simulation.desk.query("SELECT count(*) FROM outbound WHERE detail = 'not started in time'")
    assert late[0] == slept[0]
