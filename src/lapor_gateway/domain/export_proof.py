"""Believable absence by the national spreadsheet export: when a complaint that it lacks was surely never taken. Pure.

An export has no look-up's "now": it is as old as its newest row, and it may have been filtered. So its rows must
reach over the whole time in which the attempt can have been committed and shown, and every complaint of ours that
was accepted around that time must be in it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

AROUND: Final = 86_400_000_000
"""Microseconds before and after an attempt in which the export must show all that was accepted."""


class Gap(StrEnum):
    """Why an absence proves nothing."""

    NO_DATES = "export_without_dates"
    ENDS_TOO_EARLY = "export_ends_too_early"
    BEGINS_TOO_LATE = "export_begins_too_late"
    LACKS_OURS = "export_lacks_ours"
    UNREADABLE_ROW = "export_unreadable_row"
    SHOWS_NONE_OF_OURS = "export_shows_none_of_ours"


class Extent(msgspec.Struct, frozen=True):
    """The time that an export surely covers, by our clock (microseconds): from its oldest row to its own time.

    `until_is_stated` says that a person named the time of the download; else it is the newest row's.
    """

    oldest: int | None
    until: int | None
    until_is_stated: bool = False


class Coverage(msgspec.Struct, frozen=True):
    """An account's accepted complaints against the export, in the order of their attempts (microseconds).

    `missing` and `missing_references` belong together; `shows_an_earlier_one` says that one accepted before all of
    these is in the export.
    """

    shown: Sequence[int]
    missing: Sequence[int]
    missing_references: Sequence[str]
    shows_an_earlier_one: bool = False


class Bounds(msgspec.Struct, frozen=True):
    """How late a commit may come after its time-out, and how late the export may show it (microseconds)."""

    commits_within: int
    lag: int


class Unproven(msgspec.Struct, frozen=True):
    """The absence is not believable; `about` is the complaint of ours that the export lacks, where that is why."""

    gap: Gap
    about: str | None = None


def why_not_absent(
    sent_at: int, times_out_at: int, extent: Extent, coverage: Coverage, bounds: Bounds
) -> Unproven | None:
    """None where an attempt that the export lacks is believably absent, else what its absence would need."""
    if extent.oldest is None or extent.until is None:
        return Unproven(Gap.NO_DATES)
    latest_commit = times_out_at + bounds.commits_within
    shown_by = extent.until - bounds.lag
    if shown_by < latest_commit:
        return Unproven(Gap.ENDS_TOO_EARLY)
    if extent.oldest > sent_at:
        return Unproven(Gap.BEGINS_TOO_LATE)
    # A person may name a wrong time: then what was accepted up to it must be there, too.
    end = shown_by if extent.until_is_stated else min(shown_by, latest_commit + AROUND)
    first = bisect_left(coverage.missing, sent_at - AROUND)
    if first < bisect_right(coverage.missing, end):
        return Unproven(Gap.LACKS_OURS, coverage.missing_references[first])
    if not coverage.shown and not coverage.shows_an_earlier_one:
        return Unproven(Gap.SHOWS_NONE_OF_OURS)
    return None
