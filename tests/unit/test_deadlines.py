"""Deadlines of a complaint: which rule holds, when each clock runs, stands, is met or breached, and what is unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.deadline_rules import Clock, Pause
from lapor_gateway.domain.deadlines import (
    Deadline,
    DueState,
    Span,
    Standing,
    Why,
    deadlines_of,
    pauses_of,
)
from lapor_gateway.domain.milestones import Milestones
from lapor_gateway.errors import ConfigurationError
from tests.support.deadlines import WIB, WIT, WITA, at, counting, rules

RULES = rules()
MON = "2026-03-02T09:00"
# A regulation that nobody has written: two days instead of three, from 1 March 2026 on.
NEWER = """
[[rules]]
key = "baru verification"
clock = "verification"
days = 2
day = "working"
starts = "accepted_at"
stops = ["verified_at", "forwarded_at"]
effective_from = 2026-03-01
source = "uji"
"""


def found(
    of_class: str | None = "without_supervision", spans: tuple[Span, ...] = (), **moments: str
) -> dict[str, Deadline]:
    """The clocks of a complaint reported and accepted on Monday 2 March 2026 where nothing else is said."""
    words = {"reported_at": MON, "accepted_at": MON} | moments
    reached = Milestones(**{name: at(text) for name, text in words.items()})  # type: ignore[arg-type]
    return {str(one.rule.clock): one for one in deadlines_of(reached, of_class, spans, RULES, counting())}


def test_the_default_rows_are_those_of_62_2018() -> None:
    rows = {(rule.clock, rule.classes): (rule.days, rule.day) for rule in RULES.file.rules}
    assert rows == {
        (Clock.VERIFICATION, ()): (3, "working"),
        (Clock.FIRST_FOLLOW_UP, ()): (5, "working"),
        (Clock.HANDLING, ("normative", "information")): (5, "working"),
        (Clock.HANDLING, ("without_supervision",)): (14, "working"),
        (Clock.HANDLING, ("with_supervision",)): (60, "working"),
        (Clock.CLOSING, ()): (10, "working"),
    }
    assert all("62/2018" in rule.source for rule in RULES.file.rules)


@pytest.mark.parametrize(
    ("of_class", "due"),
    [("information", "2026-03-09"), ("normative", "2026-03-09"), ("without_supervision", "2026-03-27"),
     ("with_supervision", "2026-06-10"), (None, None), ("lain", None)],
)  # fmt: skip
def test_handling_is_as_long_as_the_class_says(of_class: str | None, due: str | None) -> None:
    handling = found(of_class).get("handling")
    assert (handling and handling.due_at) == (due and at(due) + timedelta(days=1))


def test_a_clock_goes_through_its_states() -> None:
    handling = found()["handling"]  # due at the end of Friday 27 March
    states = [
        ("2026-03-17T23:59", DueState.RUNNING),
        ("2026-03-24T23:59", DueState.RUNNING),
        ("2026-03-25T00:00", DueState.DUE_SOON),
        ("2026-03-26T23:59", DueState.DUE_SOON),
        ("2026-03-27T00:00", DueState.DUE_TODAY),
        ("2026-03-27T23:59", DueState.DUE_TODAY),
        ("2026-03-28T00:00", DueState.BREACHED),
    ]
    assert [handling.state(at(moment)) for moment, _ in states] == [state for _, state in states]


@pytest.mark.parametrize(
    ("moments", "standing"),
    [
        ({"verified_at": "2026-03-03T10:00", "forwarded_at": "2026-03-05T23:59"}, "met"),
        ({"verified_at": "2026-03-03T10:00", "forwarded_at": "2026-03-06T00:00"}, "met_late"),
        ({"verified_at": "2026-03-03T10:00"}, "open"),
        ({}, "open"),
        ({"forwarded_at": "2026-03-04T10:00"}, "met"),
        ({"forwarded_at": "2026-03-10T10:00"}, "met_late"),
        ({"first_follow_up_at": "2026-03-05T10:00"}, "met"),
        ({"first_follow_up_at": "2026-03-10T10:00"}, "unknown"),
        ({"replied_at": "2026-03-03T10:00"}, "open"),
        ({"closed_at": "2026-03-04T10:00"}, "met"),
        ({"closed_at": "2026-03-10T10:00"}, "unknown"),
        ({"forwarded_at": "2026-03-01T10:00", "verified_at": "2026-03-01T10:00"}, "met"),
    ],
)
def test_verification_is_judged_by_what_is_known(moments: dict[str, str], standing: str) -> None:
    assert found(**moments)["verification"].standing == standing


@pytest.mark.parametrize(
    ("moments", "standing"),
    [
        ({}, None),
        ({"verified_at": "2026-03-03T10:00"}, None),
        ({"forwarded_at": "2026-03-03T10:00"}, "open"),
        ({"forwarded_at": "2026-03-03T10:00", "first_follow_up_at": "2026-03-10T23:59"}, "met"),
        ({"forwarded_at": "2026-03-03T10:00", "first_follow_up_at": "2026-03-11T00:00"}, "met_late"),
        ({"first_follow_up_at": "2026-03-09T10:00"}, "met"),  # even counted from the earliest start possible
        ({"first_follow_up_at": "2026-03-11T10:00"}, "unknown"),
        ({"closed_at": "2026-03-11T10:00"}, "unknown"),
    ],
)
def test_the_first_follow_up_counts_from_the_institutions_assignment(
    moments: dict[str, str], standing: str | None
) -> None:
    clock = found(**moments).get("first_follow_up")
    assert (clock and str(clock.standing)) == standing
    if standing == "unknown":
        assert clock is not None
        assert clock.why is Why.MOMENT


def test_closing_runs_from_an_answer_and_lapses_with_a_reply() -> None:
    answered = {
        "forwarded_at": MON,
        "first_follow_up_at": "2026-03-03T10:00",
        "last_follow_up_at": "2026-03-03T10:00",
    }
    closing = found(**answered)["closing"]
    assert closing.due_at == at("2026-03-18T00:00")  # the tenth is 17 March
    assert closing.rule.owed_by == "national"
    assert "closing" not in found(**answered, replied_at="2026-03-04T10:00")
    again = {**answered, "last_follow_up_at": "2026-03-05T10:00", "replied_at": "2026-03-04T10:00"}
    assert found(**again)["closing"].due_at == at("2026-03-27T00:00")  # 17 March is the eighth, 26 the tenth


@pytest.mark.parametrize(
    ("reported", "zone", "days"),
    [
        ("2026-02-28T16:30:00+00:00", WIB, 3),
        ("2026-02-28T16:30:00+00:00", WITA, 2),
        ("2026-02-28T16:30:00+00:00", WIT, 2),
        ("2026-02-28T17:00:00+00:00", WIB, 2),
        ("2026-02-28T15:00:00+00:00", WIT, 2),
        ("2026-02-28T14:59:59+00:00", WIT, 3),
        ("2017-12-31T10:00:00+00:00", WIB, None),
    ],
)
def test_which_rule_holds_is_decided_by_the_day_of_the_report(
    reported: str, zone: Any, days: int | None
) -> None:
    reached = Milestones(at(reported), at(MON))
    rows = deadlines_of(reached, None, (), rules(NEWER), counting(zone))
    assert [one.rule.days for one in rows if one.rule.clock is Clock.VERIFICATION] == (
        [] if days is None else [days]
    )


def test_a_row_of_the_installation_replaces_the_one_of_its_key_and_classes_follow_categories() -> None:
    book = rules(
        NEWER.replace("baru verification", "62/2018 verification").replace("2026-03-01", "2018-01-01")
        + '[[categories]]\npattern = "korupsi*"\nclass = "with_supervision"\n[classes]\naspirasi = "normative"\n'
    )
    assert [rule.days for rule in book.file.rules if rule.clock is Clock.VERIFICATION] == [2]
    assert book.class_of("pengaduan", "Korupsi  di desa") == "with_supervision"
    assert [book.class_of(kind, None) for kind in ("pengaduan", "aspirasi", "lain", None)] == [
        "without_supervision", "normative", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fault",
    [
        NEWER + NEWER,
        NEWER.replace("days = 2", "days = 0"),
        NEWER.replace('stops = ["verified_at", "forwarded_at"]', "stops = []"),
        NEWER.replace("2026-03-01", "2018-01-01"),
        NEWER.replace('"working"', '"hari"'),
        NEWER.replace("accepted_at", "kapan"),
        NEWER.replace("source =", "sumber ="),
        NEWER + 'zone = "Asia/Tuban"',
        "[[rules",
    ],
)
def test_a_wrong_row_is_refused_with_its_cure(fault: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        rules(fault)
    assert refused.value.cure


def test_which_words_of_lapor_mean_postponed_is_data() -> None:
    book = rules('postponed = ["Menunggu berkas*"]')
    words = ("Ditunda", "DITUNDA oleh Admin", "menunggu  berkas pelapor", "Dalam Proses", "")
    assert [book.is_postponed(word) for word in words] == [True, True, True, False, False]


def test_calendar_days_count_every_day() -> None:
    book = rules(NEWER.replace('"working"', '"calendar"').replace("days = 2", "days = 20"))
    (verification, *_) = deadlines_of(Milestones(at(MON), at(MON)), None, (), book, counting())
    assert verification.due_at == at("2026-03-23T00:00")


def test_a_pause_takes_the_days_whose_ends_fall_in_it() -> None:
    pause = Span(Pause.POSTPONED, at("2026-03-04T10:00"), at("2026-03-09T10:00"))
    assert found(spans=(pause,))["handling"].due_at == at("2026-04-02T00:00")  # three working days later
    within_a_day = Span(Pause.POSTPONED, at("2026-03-04T10:00"), at("2026-03-04T11:00"))
    assert found(spans=(within_a_day,))["handling"].due_at == found()["handling"].due_at
    assert found(spans=(pause,))["verification"].due_at == found()["verification"].due_at


def test_a_clock_that_stands_says_how_many_days_are_left_and_raises_no_alarm() -> None:
    handling = found(spans=(Span(Pause.AWAITING_REPLY, at("2026-03-04T10:00")),))["handling"]
    assert (handling.standing, handling.due_at, handling.days_left) == (Standing.PAUSED, None, 13)
    assert handling.state(at("2027-01-01")) is DueState.PAUSED


def test_what_was_breached_before_it_stood_stays_breached() -> None:
    pause = Span(Pause.POSTPONED, at("2026-04-01T10:00"))
    assert found(spans=(pause,))["handling"].state(at("2026-04-02T10:00")) is DueState.BREACHED


def test_what_is_closed_while_its_clock_stands_is_met() -> None:
    pause = Span(Pause.AWAITING_REPLY, at("2026-03-26T10:00"))
    assert found(spans=(pause,), closed_at="2026-04-20T10:00")["handling"].standing is Standing.MET


def test_pauses_are_read_from_what_began_and_ended_them() -> None:
    first, second, third = (datetime(2026, 3, n, tzinfo=UTC) for n in (1, 2, 3))
    lines = [
        (Pause.POSTPONED, True, first), (Pause.POSTPONED, True, second), (Pause.POSTPONED, False, third),
        (Pause.AWAITING_REPLY, False, first), (Pause.AWAITING_REPLY, True, second),
    ]  # fmt: skip
    assert pauses_of(lines) == [
        Span(Pause.POSTPONED, first, third),
        Span(Pause.AWAITING_REPLY, second),
    ]


def test_past_the_end_of_the_calendar_a_deadline_is_unknown_never_counted_without_holidays() -> None:
    last = max(counting().calendar.years)
    start = f"{last}-12-30T09:00"
    clocks = found(reported_at=start, accepted_at=start)
    assert {(one.standing, one.why, one.due_at) for one in clocks.values()} == {
        (Standing.UNKNOWN, Why.CALENDAR, None)
    }


MOMENTS = st.datetimes(datetime(2026, 1, 5), datetime(2026, 6, 30), timezones=st.just(WIB))  # noqa: DTZ001


@given(MOMENTS, st.lists(st.tuples(MOMENTS, st.integers(0, 300), st.integers(0, 100)), max_size=4))
def test_a_longer_pause_never_brings_a_deadline_forward(
    start: datetime, pauses: list[tuple[datetime, int, int]]
) -> None:
    def due(longer: bool) -> datetime:
        spans = [
            Span(Pause.POSTPONED, begin, begin + timedelta(hours=hours + (more if longer else 0)))
            for begin, hours, more in pauses
        ]
        rows = deadlines_of(Milestones(start, start), "without_supervision", spans, RULES, counting())
        (handling,) = (one for one in rows if one.rule.clock is Clock.HANDLING)
        assert handling.due_at is not None
        return handling.due_at

    assert due(longer=True) >= due(longer=False)


@given(MOMENTS, st.integers(0, 2_000), st.sampled_from([WIB, WITA, WIT]))
def test_it_is_met_exactly_when_it_was_never_breached(start: datetime, hours: int, zone: Any) -> None:
    done = start + timedelta(hours=hours)

    def handling(closed: datetime | None) -> Deadline:
        reached = Milestones(start, start, closed_at=closed)
        rows = deadlines_of(reached, "without_supervision", (), RULES, counting(zone))
        return next(one for one in rows if one.rule.clock is Clock.HANDLING)

    is_late = handling(None).state(done) is DueState.BREACHED
    assert handling(done).standing is (Standing.MET_LATE if is_late else Standing.MET)
