"""Working days against hand-checked cases, the calendar against decrees and library, and what must always hold."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.working_days import CalendarGapError, Day, DayKind, WorkingDays, end_of_day
from lapor_gateway.jobs.calendars import Calendars, library_year
from tests.support.deadlines import WIB, WIT, WITA, at, calendar, day

# Counted by hand from the decrees: (the day of the start, how many working days, the day whose end is the deadline).
BY_HAND = [
    # an ordinary week
    ("2026-03-02", 3, "2026-03-05"),
    ("2026-03-06", 3, "2026-03-11"),
    ("2026-03-07", 1, "2026-03-09"),
    # Nyepi and Idul Fitri 2026: 18 to 24 March are off
    ("2026-03-13", 3, "2026-03-25"),
    ("2026-03-16", 3, "2026-03-26"),
    ("2026-03-17", 3, "2026-03-27"),
    ("2026-03-18", 3, "2026-03-27"),
    ("2026-03-19", 3, "2026-03-27"),
    ("2026-03-20", 3, "2026-03-27"),
    ("2026-03-21", 3, "2026-03-27"),
    ("2026-03-24", 3, "2026-03-27"),
    ("2026-03-25", 3, "2026-03-30"),
    ("2026-03-16", 5, "2026-03-30"),
    ("2026-03-13", 10, "2026-04-06"),
    ("2026-03-09", 14, "2026-04-06"),
    ("2026-02-02", 60, "2026-05-08"),
    # Imlek 2026 with its cuti bersama, and Isra Mikraj
    ("2026-02-12", 3, "2026-02-19"),
    ("2026-02-13", 1, "2026-02-18"),
    ("2026-02-14", 1, "2026-02-18"),
    ("2026-01-15", 1, "2026-01-19"),
    ("2026-01-14", 3, "2026-01-20"),
    # the end of 2025 and of 2026
    ("2025-12-24", 3, "2025-12-31"),
    ("2025-12-24", 5, "2026-01-05"),
    ("2025-12-31", 1, "2026-01-02"),
    ("2025-12-30", 3, "2026-01-05"),
    ("2026-01-01", 3, "2026-01-06"),
    ("2026-12-23", 1, "2026-12-28"),
    ("2026-12-23", 3, "2026-12-30"),
    ("2026-12-30", 3, "2027-01-06"),
    # Good Friday, May and June 2026
    ("2026-04-02", 1, "2026-04-06"),
    ("2026-04-01", 3, "2026-04-07"),
    ("2026-04-30", 1, "2026-05-04"),
    ("2026-05-13", 1, "2026-05-18"),
    ("2026-05-12", 3, "2026-05-19"),
    ("2026-05-26", 1, "2026-05-29"),
    ("2026-05-26", 3, "2026-06-03"),
    ("2026-05-22", 5, "2026-06-03"),
    ("2026-05-11", 14, "2026-06-05"),
    ("2026-06-15", 1, "2026-06-17"),
    ("2026-06-12", 3, "2026-06-18"),
    # August 2026
    ("2026-08-14", 1, "2026-08-18"),
    ("2026-08-24", 1, "2026-08-26"),
    ("2026-08-13", 10, "2026-08-31"),
    # 2025: Nyepi on a Saturday, then Idul Fitri; cuti bersama on both sides
    ("2025-03-27", 1, "2025-04-08"),
    ("2025-03-26", 3, "2025-04-09"),
    ("2025-03-24", 5, "2025-04-09"),
    ("2025-03-31", 1, "2025-04-08"),
    ("2025-04-07", 1, "2025-04-08"),
    ("2025-04-17", 1, "2025-04-21"),
    ("2025-05-09", 1, "2025-05-14"),
    ("2025-05-28", 1, "2025-06-02"),
    ("2025-06-05", 1, "2025-06-10"),
    ("2025-06-26", 1, "2025-06-30"),
    ("2025-08-15", 1, "2025-08-19"),
    ("2025-09-04", 1, "2025-09-08"),
    ("2025-01-24", 1, "2025-01-30"),
    # 2024: Idul Fitri, Nyepi, two elections, Christmas
    ("2024-04-05", 1, "2024-04-16"),
    ("2024-04-05", 3, "2024-04-18"),
    ("2024-03-08", 1, "2024-03-13"),
    ("2024-02-13", 1, "2024-02-15"),
    ("2024-02-07", 1, "2024-02-12"),
    ("2024-11-26", 1, "2024-11-28"),
    ("2024-12-24", 1, "2024-12-27"),
    ("2024-12-31", 1, "2025-01-02"),
    ("2024-06-14", 1, "2024-06-19"),
    # 2023: Idul Fitri, Nyepi, Idul Adha, Imlek, Christmas
    ("2023-04-18", 1, "2023-04-26"),
    ("2023-04-14", 5, "2023-04-28"),
    ("2023-03-21", 1, "2023-03-24"),
    ("2023-06-27", 1, "2023-07-03"),
    ("2023-01-20", 1, "2023-01-24"),
    ("2023-12-22", 1, "2023-12-27"),
]
# The same instant is another day elsewhere: (instant, zone, working days, the first instant that is too late).
IN_ZONES = [
    ("2026-03-17T16:30:00+00:00", WIB, 1, "2026-03-25T17:00:00+00:00"),
    ("2026-03-17T16:30:00+00:00", WITA, 1, "2026-03-25T16:00:00+00:00"),
    ("2026-03-17T16:30:00+00:00", WIT, 1, "2026-03-25T15:00:00+00:00"),
    ("2026-03-05T16:30:00+00:00", WIB, 1, "2026-03-06T17:00:00+00:00"),
    ("2026-03-05T16:30:00+00:00", WITA, 1, "2026-03-09T16:00:00+00:00"),
    ("2026-03-05T16:30:00+00:00", WIT, 1, "2026-03-09T15:00:00+00:00"),
    ("2026-12-31T15:30:00+00:00", WIB, 1, "2027-01-04T17:00:00+00:00"),
    ("2026-12-31T15:30:00+00:00", WITA, 1, "2027-01-04T16:00:00+00:00"),
    ("2026-12-31T15:30:00+00:00", WIT, 1, "2027-01-04T15:00:00+00:00"),
    ("2026-05-12T15:00:00+00:00", WIB, 1, "2026-05-13T17:00:00+00:00"),
    ("2026-05-12T15:00:00+00:00", WIT, 1, "2026-05-18T15:00:00+00:00"),
    ("2026-05-12T14:59:59+00:00", WIT, 1, "2026-05-13T15:00:00+00:00"),
]
NATION = calendar()
DAYS = st.dates(date(2023, 1, 1), date(2026, 6, 30))
COUNTS = st.integers(1, 60)


@pytest.mark.parametrize(("start", "count", "due"), BY_HAND)
def test_a_deadline_falls_where_the_decrees_put_it(start: str, count: int, due: str) -> None:
    assert NATION.after(day(start), count) == day(due)


@pytest.mark.parametrize(("start", "zone", "count", "too_late"), IN_ZONES)
def test_a_deadline_ends_with_the_day_of_the_region(
    start: str, zone: ZoneInfo, count: int, too_late: str
) -> None:
    assert end_of_day(NATION.after(at(start).astimezone(zone).date(), count), zone) == at(too_late)


@pytest.mark.parametrize(
    ("year", "holidays", "shared"), [(2023, 16, 11), (2024, 19, 10), (2025, 17, 11), (2026, 17, 8)]
)
def test_the_tables_have_what_the_decrees_count(year: int, holidays: int, shared: int) -> None:
    kinds = [one.kind for one in NATION.days.values() if one.date.year == year]
    assert (kinds.count(DayKind.HOLIDAY), kinds.count(DayKind.CUTI_BERSAMA)) == (holidays, shared)
    assert "SKB 3 Menteri" in NATION.years[year]


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_the_library_knows_the_same_days_as_the_tables(year: int) -> None:
    ours = {one.date: one.kind for one in NATION.days.values() if one.date.year == year}
    assert {one.date: one.kind for one in library_year(year)} == ours


def test_a_year_without_cuti_bersama_is_not_known_whatever_the_library_calculates() -> None:
    assert library_year(2040) == []
    last = max(NATION.years)
    with pytest.raises(CalendarGapError, match=str(last + 1)):
        NATION.after(date(last, 12, 31), 1)
    for asked in (NATION.is_working, NATION.look):
        with pytest.raises(CalendarGapError):
            asked(date(last + 1, 1, 4))


def test_a_year_missing_in_between_is_a_gap_too() -> None:
    holey = WorkingDays({2025: "a", 2027: "b"}, {})
    with pytest.raises(CalendarGapError, match="2026"):
        holey.after(date(2025, 12, 31), 1)
    with pytest.raises(CalendarGapError, match="2026"):
        holey.between(date(2025, 12, 31), date(2027, 1, 5))


def test_a_region_has_days_off_and_exchanged_days_of_its_own(tmp_path: object) -> None:
    path = tmp_path / "calendar.toml"  # type: ignore[operator]
    path.write_text(
        '[[days]]\ndate = 2026-11-12\nday = "holiday"\nname = "Hari jadi"\nregions = ["tuban"]\n'
        '[[days]]\ndate = 2026-11-14\nday = "working"\nname = "Ganti"\nregions = ["tuban"]\n'
        '[[days]]\ndate = 2026-11-13\nday = "holiday"\nname = "Pilkada"\n'
        '[years.2028]\nsource = "SKB uji"\nholiday = [{ date = 2028-01-03, name = "Uji" }]\n',
        "utf-8",
    )
    own = Calendars(path)
    start = date(2026, 11, 11)
    assert (own.of("tuban").after(start, 1), own.of("sampang").after(start, 1)) == (
        day("2026-11-14"),
        day("2026-11-12"),
    )
    assert own.of(None).after(day("2026-11-12"), 1) == day("2026-11-16")
    assert own.of("sampang") is own.of(None)
    assert own.of(None).after(date(2027, 12, 31), 1) == day("2028-01-04")
    assert own.digest != Calendars().digest


@given(DAYS, COUNTS, DAYS)
def test_one_more_day_off_never_brings_a_deadline_forward(start: date, count: int, off: date) -> None:
    more = WorkingDays(NATION.years, {**NATION.days, off: Day(off, DayKind.HOLIDAY, "baru")})
    assert more.after(start, count) >= NATION.after(start, count)


@given(DAYS, COUNTS, DAYS)
def test_one_more_day_worked_never_puts_a_deadline_off(start: date, count: int, worked: date) -> None:
    more = WorkingDays(NATION.years, {**NATION.days, worked: Day(worked, DayKind.WORKING, "ganti")})
    assert more.after(start, count) <= NATION.after(start, count)


@given(DAYS, COUNTS)
def test_a_deadline_is_a_working_day_and_so_many_lie_up_to_it(start: date, count: int) -> None:
    due = NATION.after(start, count)
    assert NATION.is_working(due)
    assert NATION.between(start, due) == count
    assert sum(NATION.is_working(start + timedelta(n)) for n in range(1, (due - start).days + 1)) == count


@given(DAYS, DAYS, COUNTS)
def test_a_later_start_never_falls_due_earlier(one: date, other: date, count: int) -> None:
    first, second = sorted((one, other))
    assert NATION.after(first, count) <= NATION.after(second, count)


@given(DAYS, COUNTS)
def test_before_looks_back_as_far_as_after_looks_ahead(start: date, count: int) -> None:
    back = NATION.before(NATION.after(start, count), count)
    assert back <= NATION.after(start, 1)
    assert NATION.between(back - timedelta(1), NATION.after(start, count)) == count + 1 or back.year < 2023
