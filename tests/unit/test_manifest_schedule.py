"""A manifest's schedule means what cron means by it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lapor_gateway.sources.schedule import cron_trigger

WIB = ZoneInfo("Asia/Jakarta")
SATURDAY = datetime(2024, 2, 3, 12, tzinfo=WIB)


@pytest.mark.parametrize(
    ("expression", "fires"),
    [
        ("*/10 * * * *", datetime(2024, 2, 3, 12, 0, tzinfo=WIB)),
        ("30 5 * * *", datetime(2024, 2, 4, 5, 30, tzinfo=WIB)),
        ("0 6 * * 0", datetime(2024, 2, 4, 6, tzinfo=WIB)),  # cron's 0 is Sunday
        ("0 6 * * 7", datetime(2024, 2, 4, 6, tzinfo=WIB)),
        ("0 6 * * 1-5", datetime(2024, 2, 5, 6, tzinfo=WIB)),
        ("0 6 * * mon", datetime(2024, 2, 5, 6, tzinfo=WIB)),
        ("0 6 * * */2", datetime(2024, 2, 4, 6, tzinfo=WIB)),
    ],
)
def test_a_schedule_fires_when_cron_would(expression: str, fires: datetime) -> None:
    assert cron_trigger(expression, WIB).get_next_fire_time(None, SATURDAY) == fires


@pytest.mark.parametrize("expression", ["", "* * * *", "61 * * * *", "* * * * 8", "a b c d e"])
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError):
        cron_trigger(expression, WIB)
