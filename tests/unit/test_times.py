"""Times as people type them: a day and a time without an offset are the region's, a day as an end is whole."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from lapor_gateway.cli.times import time_of
from lapor_gateway.errors import ConfigurationError

WIT = ZoneInfo("Asia/Jayapura")
WIB, NINE = timezone(timedelta(hours=7)), timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("words", "zone", "end", "meant"),
    [
        ("2026-08-21", None, False, datetime(2026, 8, 21, tzinfo=WIB)),
        ("2026-08-21", None, True, datetime(2026, 8, 22, tzinfo=WIB)),
        ("2026-08-21", WIT, False, datetime(2026, 8, 21, tzinfo=NINE)),
        ("2026-08-21T00:00:00", None, True, datetime(2026, 8, 21, tzinfo=WIB)),
        ("2026-08-21T10:00:00+09:00", None, True, datetime(2026, 8, 21, 10, tzinfo=NINE)),
    ],
)
def test_a_typed_time_means_one_moment(words: str, zone: ZoneInfo | None, end: bool, meant: datetime) -> None:
    assert time_of("--to", words, zone, end=end) == meant


def test_nothing_typed_is_no_bound() -> None:
    assert time_of("--to", None) is None


@pytest.mark.parametrize("words", ["besok", "", "2026-13-01", "21/08/2026"])
def test_what_is_no_time_is_told_with_the_option_that_it_was_typed_for(words: str) -> None:
    with pytest.raises(ConfigurationError, match=r"--since .* is no time"):
        time_of("--since", words)
