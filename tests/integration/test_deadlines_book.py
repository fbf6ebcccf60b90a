"""Deadlines in the book, on both databases: what is computed anew and when, lists by what is due, counts, forecast."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lapor_gateway.book.deadline_lists import (
    DeadlineFilter,
    DeadlineView,
    DueCounts,
    counts_by_channel,
    deadlines_of_complaint,
    forecast,
    gaps,
    list_deadlines,
)
from lapor_gateway.book.deadlines import refresh
from lapor_gateway.book.queries import Bounds
from lapor_gateway.domain.deadline_rules import RuleBook
from lapor_gateway.domain.deadlines import Counting, DueState
from tests.support.books import CHANNEL, Desk, ManualClock, desk
from tests.support.deadlines import WIB, WITA, at, counting, forget, reach, rules
from tests.support.markers import record
from tests.support.waiting import eventually

NEWER = """
[[rules]]
key = "62/2018 verification"
clock = "verification"
days = 1
day = "working"
starts = "accepted_at"
stops = ["verified_at", "forwarded_at"]
effective_from = 2018-01-01
source = "uji"
"""


class Office:
    """A desk with its way of counting, which a test may change."""

    def __init__(self, own: Desk, clock: ManualClock) -> None:
        self.desk, self.clock = own, clock
        self.rules: RuleBook = rules()
        self.counting: Counting = counting()
        self.digest = "first"

    def refresh(self) -> int:
        """Compute what has changed; on PostgreSQL not before the transactions of other tests let the entries settle."""
        self.settle()
        return refresh(self.desk.book, self.rules, lambda _: self.counting, self.digest)

    def settle(self) -> None:
        eventually(self._is_settled)

    def _is_settled(self) -> bool:
        if self.desk.book.is_sqlite:
            return True
        oldest = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        return not self.desk.query(f"SELECT 1 FROM ledger_entries WHERE written_in >= {oldest} LIMIT 1")

    def list(self, *states: DueState, limit: int = 50, **wanted: Any) -> list[tuple[str, str, str]]:
        rows, _ = list_deadlines(
            self.desk.book, DeadlineFilter(**wanted, **({"states": states} if states else {})), limit=limit
        )
        return [(self.source_id(one), one.clock, one.state) for one in rows]

    def source_id(self, one: DeadlineView) -> str:
        (row,) = self.desk.query(f"SELECT source_id FROM complaints WHERE id = {one.complaint}")
        return str(row.source_id)

    def of(self, source_id: int) -> dict[str, DeadlineView]:
        row = self.desk.row(source_id)
        with self.desk.book.read() as connection:
            found = deadlines_of_complaint(connection, row.id, self.desk.book.clock.now())
        return {one.clock: one for one in found}


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    clock = ManualClock()  # Monday 2 March 2026, 08.00 WIB
    with desk(database_url, clock) as own:
        own.bring(*(record(number) for number in range(1, 6)))
        yield Office(own, clock)


def test_a_complaint_has_deadlines_once_it_is_accepted_and_none_after_an_undo(office: Office) -> None:
    assert office.refresh() == 0
    reach(office.desk, 1, reported_at="2026-03-02T08:00", accepted_at="2026-03-02T08:00")
    assert office.refresh() == 1
    assert {name: one.due_at for name, one in office.of(1).items()} == {
        "verification": "2026-03-05T17:00:00.000Z",
        "handling": "2026-03-27T17:00:00.000Z",
    }
    assert office.refresh() == 0
    forget(office.desk, 1)
    office.refresh()
    assert office.of(1) == {}


def test_lists_show_what_is_due_first_first_and_move_on_with_time_alone(office: Office) -> None:
    for number, day in ((1, 2), (2, 3), (3, 6)):
        reach(office.desk, number, reported_at=f"2026-03-0{day}T08:00", accepted_at=f"2026-03-0{day}T08:00")
    office.refresh()
    assert office.list() == []
    office.clock.advance(days=3, hours=1)  # Thursday 5 March: the first one's last day
    assert office.list() == [("1", "verification", "due_today"), ("2", "verification", "due_soon")]
    assert office.list(DueState.DUE_TODAY) == [("1", "verification", "due_today")]
    assert office.list(DueState.RUNNING, clock="verification") == [("3", "verification", "running")]
    office.clock.advance(hours=15)
    assert office.list()[0] == ("1", "verification", "breached")
    assert office.list(region="lain") == []
    assert office.list(channel=str(CHANNEL), clock="handling") == []


def test_pages_of_a_list_hold_every_deadline_once(office: Office) -> None:
    for number in range(1, 6):
        reach(
            office.desk,
            number,
            reported_at="2026-03-02T08:00",
            accepted_at="2026-03-02T08:00",
            forwarded_at="2026-03-02T08:00",
        )
    office.refresh()
    states = tuple(DueState)
    seen, cursor = [], None
    while True:
        rows, cursor = list_deadlines(office.desk.book, DeadlineFilter(states=states), limit=4, cursor=cursor)
        seen += [(one.complaint, one.clock) for one in rows]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 15
    nobody = list_deadlines(office.desk.book, DeadlineFilter(states=states), bounds=Bounds("lain"))
    assert nobody == ([], None)


def test_a_new_moment_a_new_rule_and_a_new_calendar_are_each_taken_up(office: Office) -> None:
    reach(office.desk, 1, reported_at="2026-03-02T08:00", accepted_at="2026-03-02T08:00")
    reach(office.desk, 2, reported_at="2026-03-02T08:00", accepted_at="2026-03-02T08:00")
    assert office.refresh() == 2
    reach(office.desk, 1, verified_at="2026-03-03T08:00", forwarded_at="2026-03-03T09:00")
    assert office.refresh() == 1
    assert office.of(1)["verification"].state == "met"
    assert office.of(1)["first_follow_up"].due_at == "2026-03-10T17:00:00.000Z"
    office.rules, office.digest = rules(NEWER), "second"
    assert office.refresh() == 2
    assert office.of(2)["verification"].due_at == "2026-03-03T17:00:00.000Z"
    office.counting, office.digest = counting(WITA), "third"
    assert office.refresh() == 2
    assert office.of(2)["verification"].due_at == "2026-03-03T16:00:00.000Z"


def test_once_a_day_everything_is_looked_at_whatever_was_missed(office: Office) -> None:
    reach(office.desk, 1, reported_at="2026-03-02T08:00", accepted_at="2026-03-02T08:00")
    office.refresh()
    office.desk.execute("DELETE FROM deadlines")
    assert office.refresh() == 0
    office.clock.advance(days=1)
    assert office.refresh() == 1
    assert set(office.of(1)) == {"verification", "handling"}


def test_a_pass_that_was_cut_off_goes_on_where_it_stood(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lapor_gateway.book.deadlines.BATCH", 2)
    for number in range(1, 6):
        reach(office.desk, number, reported_at="2026-03-02T08:00", accepted_at="2026-03-02T08:00")
    office.settle()
    book = office.desk.book
    assert refresh(book, office.rules, lambda _: office.counting, "first", most=1) == 2
    assert refresh(book, office.rules, lambda _: office.counting, "first", most=1) == 2
    assert office.refresh() == 1
    assert len(office.list(*DueState, limit=100)) == 10


def test_a_postponed_report_stands_and_goes_on(office: Office) -> None:
    moments = {"reported_at": "2026-03-02T08:00", "accepted_at": "2026-03-02T08:00"}
    reach(office.desk, 1, {"word": "Ditunda", "meaning": "open"}, **moments)
    office.refresh()
    handling = office.of(1)["handling"]
    assert (handling.state, handling.days_left, handling.due_at) == ("paused", 14, None)
    assert office.list(DueState.PAUSED) == [("1", "handling", "paused")]
    office.clock.advance(
        days=1
    )  # Tuesday 3 March, 08.00 WIB: the 2nd's end was not counted, it is no day of the count
    reach(office.desk, 1, {"word": "Dalam Proses", "meaning": "in_progress"})
    office.refresh()
    assert office.of(1)["handling"].due_at == "2026-03-27T17:00:00.000Z"


def test_an_answer_waits_for_the_reporter(office: Office) -> None:
    moments = {
        "reported_at": "2026-03-02T08:00",
        "accepted_at": "2026-03-02T08:00",
        "forwarded_at": "2026-03-02T08:00",
    }
    answer = {"number": 1, "side": "national", "author": "institution", "content": "x"}
    reach(office.desk, 1, **moments)
    row = office.desk.row(1)
    from lapor_gateway.book.writing import Pen, load_subjects

    with office.desk.book.write() as connection:
        pen = Pen(connection, office.desk.book.clock.now())
        pen.note(load_subjects(connection, [row.id])[row.id], "follow_up", answer)
        pen.flush()
    reach(office.desk, 1, first_follow_up_at="2026-03-02T08:00", last_follow_up_at="2026-03-02T08:00")
    office.refresh()
    assert {name: one.state for name, one in office.of(1).items()} == {
        "verification": "met",
        "first_follow_up": "met",
        "handling": "paused",
        "closing": "running",
    }


def test_counts_and_the_forecast_hold_what_the_region_owes(office: Office) -> None:
    for number, day in ((1, "02"), (2, "03"), (3, "04")):
        reach(office.desk, number, reported_at=f"2026-03-{day}T08:00", accepted_at=f"2026-03-{day}T08:00")
    answered = {
        "forwarded_at": "2026-02-16T08:00",
        "verified_at": "2026-02-16T08:00",
        "first_follow_up_at": "2026-02-18T08:00",
    }
    reach(
        office.desk,
        4,
        reported_at="2026-02-13T08:00",
        accepted_at="2026-02-13T08:00",
        last_follow_up_at="2026-02-18T08:00",
        **answered,
    )
    office.refresh()
    office.clock.advance(
        days=3, hours=16
    )  # Friday 6 March, 00.00 WIB; the closing of 4, LAPOR!'s own, is past
    now = office.desk.book.clock.now()
    with office.desk.book.read() as connection:
        assert counts_by_channel(connection, now) == {
            str(CHANNEL): DueCounts(due_soon=2, due_today=1, breached=1)
        }
        found = forecast(connection, "uji", now, at("2026-03-09T00:00"))
        assert (found.this_week, found.by_clock, found.breached) == (1, {"verification": 1}, 1)
        assert gaps(connection) == 0
    assert office.list(DueState.BREACHED) == [("4", "closing", "breached"), ("1", "verification", "breached")]
    assert office.list(DueState.BREACHED, owed_by="region") == [("1", "verification", "breached")]


def test_what_the_calendar_does_not_know_is_counted_as_a_gap(office: Office) -> None:
    last = max(office.counting.calendar.years)
    reach(office.desk, 1, reported_at=f"{last}-12-30T08:00", accepted_at=f"{last}-12-30T08:00")
    office.refresh()
    with office.desk.book.read() as connection:
        assert gaps(connection) == 2
    assert office.list(DueState.UNKNOWN) == [("1", "verification", "unknown"), ("1", "handling", "unknown")]


@pytest.mark.parametrize("zone", [WIB, WITA])
def test_the_state_in_the_list_is_the_state_of_the_domain(office: Office, zone: Any) -> None:
    from lapor_gateway.clock import to_datetime
    from lapor_gateway.domain.deadlines import deadlines_of
    from lapor_gateway.domain.milestones import Milestones

    office.counting = counting(zone)
    reach(office.desk, 1, reported_at="2026-03-02T08:00", accepted_at="2026-03-02T08:00")
    office.refresh()
    reached = Milestones(at("2026-03-02T08:00"), at("2026-03-02T08:00"))
    pure = deadlines_of(reached, "without_supervision", (), office.rules, office.counting)
    for _ in range(30):
        office.clock.advance(hours=23)
        now = to_datetime(office.desk.book.clock.now())
        assert {name: one.state for name, one in office.of(1).items()} == {
            str(one.rule.clock): str(one.state(now)) for one in pure
        }


def test_two_processes_that_compute_at_once_leave_each_deadline_once(office: Office) -> None:
    for number in range(1, 6):
        reach(office.desk, number, reported_at="2026-03-02T08:00", accepted_at="2026-03-02T08:00")
    with ThreadPoolExecutor(4) as pool:
        looked = list(pool.map(lambda _: office.refresh(), range(4)))
    assert sum(looked) >= 5
    assert len(office.list(*DueState, limit=100)) == 10
