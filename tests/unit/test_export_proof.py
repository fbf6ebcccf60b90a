"""When a complaint that an export lacks is surely not at LAPOR!: every bound, at its edge."""

import pytest
from msgspec.structs import replace

from lapor_gateway.domain.export_proof import (
    AROUND,
    Bounds,
    Coverage,
    Extent,
    Gap,
    Unproven,
    why_not_absent,
)

SENT, TIMES_OUT = 10 * AROUND, 10 * AROUND + 90
BOUNDS = Bounds(commits_within=600, lag=900)
ENOUGH = TIMES_OUT + 600 + 900
EXTENT = Extent(SENT, ENOUGH)
COVERAGE = Coverage([SENT - 5], [], [])


def judged(extent: Extent = EXTENT, coverage: Coverage = COVERAGE) -> Unproven | None:
    return why_not_absent(SENT, TIMES_OUT, extent, coverage, BOUNDS)


def test_an_export_that_covers_the_attempt_and_shows_ours_proves_absence() -> None:
    assert judged() is None


@pytest.mark.parametrize(
    ("extent", "gap"),
    [
        (replace(EXTENT, until=ENOUGH - 1), Gap.ENDS_TOO_EARLY),
        (replace(EXTENT, oldest=SENT + 1), Gap.BEGINS_TOO_LATE),
        (replace(EXTENT, oldest=None), Gap.NO_DATES),
        (replace(EXTENT, until=None), Gap.NO_DATES),
    ],
)
def test_one_that_does_not_reach_over_all_bounds_proves_nothing(extent: Extent, gap: Gap) -> None:
    assert judged(extent) == Unproven(gap)


@pytest.mark.parametrize("missing", [SENT - AROUND, SENT, TIMES_OUT + 600])
def test_one_that_lacks_what_was_accepted_around_the_attempt_proves_nothing(missing: int) -> None:
    assert judged(coverage=Coverage([SENT], [missing], ["LG-A"])) == Unproven(Gap.LACKS_OURS, "LG-A")


@pytest.mark.parametrize("missing", [SENT - AROUND - 1, TIMES_OUT + 600 + AROUND + 1])
def test_what_is_missing_a_day_away_does_not_matter(missing: int) -> None:
    extent = Extent(SENT, ENOUGH + 3 * AROUND)
    assert judged(extent, Coverage([SENT], [missing], ["LG-A"])) is None


def test_a_stated_time_asks_for_everything_up_to_it() -> None:
    later = TIMES_OUT + 600 + AROUND + 1
    extent = Extent(SENT, ENOUGH + 3 * AROUND, until_is_stated=True)
    assert judged(extent, Coverage([SENT], [later], ["LG-A"])) == Unproven(Gap.LACKS_OURS, "LG-A")


def test_one_that_shows_none_of_ours_may_be_anothers() -> None:
    assert judged(coverage=Coverage([], [], [])) == Unproven(Gap.SHOWS_NONE_OF_OURS)
    assert judged(coverage=Coverage([], [], [], shows_an_earlier_one=True)) is None
