"""From when to when an export surely shows everything, by a book that knows when LAPOR! answered."""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from lapor_gateway.book.leases import Lease
from lapor_gateway.book.sending import AccountState, Finished, Outbox
from lapor_gateway.clock import to_datetime, to_instant
from lapor_gateway.domain.outcomes import Accepted
from lapor_gateway.jobs.export_reading import Reading, extent_of
from lapor_gateway.national.lapor_v3 import LaporV3
from tests.support.books import ACCOUNT, Desk, ManualClock, desk
from tests.support.virtual import HeldLease

ANSWERED = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # by our clock, both of ours
OLDEST, NEWEST = datetime(2026, 3, 1, 2, 30, tzinfo=UTC), datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 2, 28, 17, 0, tzinfo=UTC)  # in WIB it is the first of March
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NONE = timedelta(0)


@pytest.fixture
def own(sqlite_url: str) -> Iterator[Desk]:
    """Two complaints that LAPOR! answered at `ANSWERED` with the numbers 901 and 902."""
    with desk(sqlite_url, ManualClock(ANSWERED)) as made:
        made.bring({"id": 1}, {"id": 2})
        lease = cast("Lease", HeldLease())
        outbox = Outbox(made.book, ACCOUNT, lease, LaporV3().sent_text, timeout=90, can_look_up=False)
        attempts = outbox.exchange([], 2, AccountState())
        finished = [Finished(one, Accepted(str(901 + number))) for number, one in enumerate(attempts)]
        outbox.exchange(finished, 0, AccountState())
        yield made


@pytest.mark.parametrize(
    ("oldest", "rows", "begins", "ends"),
    [
        pytest.param(OLDEST, {"901": NONE, "902": NONE}, NONE, NONE, id="one clock"),
        pytest.param(MIDNIGHT, {"901": NONE}, DAY, NONE, id="its oldest row gives a day only"),
        pytest.param(OLDEST, {"901": -HOUR, "902": -HOUR}, HOUR, NONE, id="a clock that is behind"),
        pytest.param(MIDNIGHT, {"901": -HOUR}, DAY + HOUR, NONE, id="a day only, by a clock that is behind"),
        pytest.param(OLDEST, {"901": -HOUR, "902": -2 * HOUR}, HOUR, NONE, id="behind by the least of them"),
        pytest.param(OLDEST, {"901": HOUR, "902": NONE}, NONE, -HOUR, id="a clock that is ahead"),
        pytest.param(OLDEST, {"901": -HOUR, "902": HOUR}, NONE, -HOUR, id="a clock that was set meanwhile"),
        pytest.param(OLDEST, {"77": -HOUR, "78": HOUR}, NONE, NONE, id="numbers that are not ours"),
        pytest.param(OLDEST, {}, NONE, NONE, id="nothing of ours"),
    ],
)
def test_an_export_covers_no_more_than_the_clock_it_was_written_by_allows(
    own: Desk, oldest: datetime, rows: dict[str, timedelta], begins: timedelta, ends: timedelta
) -> None:
    latest = deque((number, to_instant(ANSWERED + by)) for number, by in rows.items())
    reading = Reading(oldest=to_instant(oldest), newest=to_instant(NEWEST), our_latest=latest)
    extent = extent_of(own.book, ACCOUNT, reading, None)
    assert extent.oldest is not None
    assert extent.until is not None
    assert (to_datetime(extent.oldest), to_datetime(extent.until)) == (oldest + begins, NEWEST + ends)
    assert not extent.until_is_stated


def test_an_export_without_any_time_covers_nothing(own: Desk) -> None:
    extent = extent_of(own.book, ACCOUNT, Reading(rows=3), None)
    assert (extent.oldest, extent.until) == (None, None)
