"""When LAPOR! is left alone: hours of every day over midnight and not, and announced maintenance."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lapor_gateway.domain.quiet import QuietHours, Span, opens_at, parse_hours
from lapor_gateway.settings_sections import NationalAccount

WIB = ZoneInfo("Asia/Jakarta")
NIGHT = "22:00-05:00"
NOON = "12:00 - 13:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("02T21:59:59", "02T21:59:59"),
        ("02T22:00:00", "03T05:00:00"),
        ("02T23:30:00", "03T05:00:00"),
        ("03T00:00:00", "03T05:00:00"),
        ("03T04:59:59", "03T05:00:00"),
        ("03T05:00:00", "03T05:00:00"),
        ("03T12:00:00", "03T13:00:00"),
        ("03T13:00:00", "03T13:00:00"),
    ],
)
def test_quiet_hours_end_when_they_say(now: str, opens: str) -> None:
    assert opens_at(at(now), [parse_hours(NIGHT), parse_hours(NOON)], ()) == at(opens)


def test_a_maintenance_that_ends_within_quiet_hours_opens_after_both() -> None:
    spans = [Span(at("02T20:00:00"), at("02T23:00:00")), Span(at("03T05:00:00"), at("03T12:30:00"))]
    assert opens_at(at("02T20:30:00"), [parse_hours(NIGHT), parse_hours(NOON)], spans) == at("03T13:00:00")


@given(
    minutes=st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1439)), max_size=3),
    now=st.integers(0, 2879),
)
def test_whatever_the_hours_the_moment_found_is_open_or_there_is_none(
    minutes: list[tuple[int, int]], now: int
) -> None:
    texts = [f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in minutes if a != b]
    hours: list[QuietHours] = [parse_hours(text) for text in texts]
    begin = at("02T00:00:00") + timedelta(minutes=now)
    try:
        found = opens_at(begin, hours, ())
    except ValueError:
        quiet = {minute for a, b in minutes if a != b for minute in _covered(a, b)}
        assert len(quiet) == 1440
        return
    assert opens_at(found, hours, ()) == found >= begin
    assert found - begin < timedelta(days=1)


def _covered(start: int, end: int) -> range | set[int]:
    return range(start, end) if start < end else {*range(start, 1440), *range(end)}


@pytest.mark.parametrize("wrong", ["malam", "22-05", "25:00-05:00", "05:00-05:00", ""])
def test_hours_that_cannot_be_read_are_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(ValueError, match="22:00-05:00"):
        parse_hours(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_hours": ["00:00-12:00", "12:00-00:00"]},
        {"quiet_hours": ["malam"]},
        {"maintenance": [{"start": "2026-03-02T20:00:00+07:00", "end": "2026-03-02T19:00:00+07:00"}]},
        {"maintenance": [{"start": "2026-03-02T20:00:00", "end": "2026-03-02T21:00:00"}]},
    ],
)
def test_an_account_that_could_never_speak_or_is_ambiguous_about_time_is_refused(
    wrong: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        NationalAccount.model_validate({"url": "http://127.0.0.1:9", "auth": "a", "token": "t"} | wrong)
