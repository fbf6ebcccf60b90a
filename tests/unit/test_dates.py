"""Dates in the forms that regional applications use, in the region's zone."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.dates import UnreadableDateError, date_reader

WIB = ZoneInfo("Asia/Jakarta")


def wib(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=WIB)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("forms", "value", "moment"),
    [
        ((), "2024-02-03", wib(2024, 2, 3)),
        ((), "2024-02-03T10:00:00.000000Z", wib(2024, 2, 3, 17)),
        ((), "2024-02-03 10:00:00", wib(2024, 2, 3, 10)),
        ((), "2024-02-03T10:00:00+08:00", wib(2024, 2, 3, 9)),
        (("%Y-%m-%d",), " 2024-02-03 ", wib(2024, 2, 3)),
        (("%Y-%m-%d",), "2024-2-3", wib(2024, 2, 3)),
        (("%d/%m/%Y",), "03/02/2024", wib(2024, 2, 3)),
        (("%d/%m/%Y",), "3/2/2024", wib(2024, 2, 3)),
        (("%d-%m-%Y",), "03-02-2024", wib(2024, 2, 3)),
        (("%d/%m/%Y %H.%M",), "03/02/2024 07.30", wib(2024, 2, 3, 7, 30)),
        (("%Y-%m-%d %H:%M:%S",), "2024-02-03 04:05:06", wib(2024, 2, 3, 4, 5, 6)),
        (("indonesian",), "21 Agustus 2019", wib(2019, 8, 21)),
        (("indonesian",), "06 Agu 2026", wib(2026, 8, 6)),
        (("indonesian",), "Jum'at, 1 Mei 2026 pukul 14.30 WIB", wib(2026, 5, 1, 14, 30)),
        (("indonesian",), "1 Mei 2026 14:30:15 WITA", wib(2026, 5, 1, 13, 30, 15)),
        (("indonesian",), "2-Nop-2025", wib(2025, 11, 2)),
        (("excel",), 45_292, wib(2024, 1, 1)),
        (("excel",), 45_292.75, wib(2024, 1, 1, 18)),
        (("excel",), "45292", wib(2024, 1, 1)),
        (("excel",), "45292,5", wib(2024, 1, 1, 12)),
        (("epoch",), 1_704_067_200, wib(2024, 1, 1, 7)),
        (("epoch",), 1_704_067_200_000, wib(2024, 1, 1, 7)),
        (("epoch",), "1704067200", wib(2024, 1, 1, 7)),
        (("excel", "%d/%m/%Y", "indonesian", "iso"), "03/02/2024", wib(2024, 2, 3)),
        (("excel", "%d/%m/%Y", "indonesian", "iso"), "3 Feb 2024", wib(2024, 2, 3)),
        (("excel",), date(2024, 2, 3), wib(2024, 2, 3)),
        (("excel",), datetime(2024, 2, 3, 4), wib(2024, 2, 3, 4)),  # noqa: DTZ001
        (("iso",), datetime(2024, 2, 3, tzinfo=UTC), wib(2024, 2, 3, 7)),
    ],
)
def test_a_date_is_read_in_the_regions_zone(forms: tuple[str, ...], value: Any, moment: datetime) -> None:
    read = date_reader(forms, WIB)(value)
    assert read == moment
    assert read is not None
    assert read.utcoffset() == timedelta(hours=7)


@pytest.mark.parametrize("value", [None, "", "  ", "-", "0000-00-00", "0000-00-00 00:00:00"])
def test_an_absent_date_is_none(value: Any) -> None:
    assert date_reader(("iso",), WIB)(value) is None


@pytest.mark.parametrize(
    ("forms", "value"),
    [
        (("iso",), "2024-02-30"),
        (("%d/%m/%Y",), "31/02/2025"),
        (("indonesian",), "31 Februari 2025"),
        (("indonesian",), "1 Brumaire 2025"),
        (("iso",), "kemarin"),
        (("iso",), "0001-01-01"),
        (("iso",), "9999-12-31T23:59:59-12:00"),
        (("iso",), 45_292),
        (("excel",), 2024),
        (("excel",), "2024"),
        (("excel",), 2_147_483_647),
        (("excel",), float("nan")),
        (("epoch",), -5),
        (("iso",), True),
        (("excel",), True),
        (("iso",), ["2024-02-03"]),
    ],
)
def test_an_impossible_date_is_refused(forms: tuple[str, ...], value: Any) -> None:
    with pytest.raises(UnreadableDateError):
        date_reader(forms, WIB)(value)


@given(
    st.datetimes(
        min_value=datetime(1901, 1, 1),  # noqa: DTZ001
        max_value=datetime(2198, 12, 31),  # noqa: DTZ001
        timezones=st.just(timezone(timedelta(hours=9))),
    )
)
def test_every_instant_survives_iso(moment: datetime) -> None:
    assert date_reader((), WIB)(moment.isoformat()) == moment


@given(st.text() | st.floats() | st.integers() | st.booleans())
def test_nothing_but_an_unreadable_date_is_ever_raised(value: Any) -> None:
    read = date_reader(("excel", "epoch", "%d/%m/%Y", "indonesian", "iso"), WIB)
    try:
        moment = read(value)
    except UnreadableDateError:
        return
    assert moment is None or moment.utcoffset() is not None
