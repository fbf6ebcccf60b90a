"""Milestones: the fold of a complaint's entries, and only that."""

from datetime import UTC, datetime, timedelta

import pytest

from lapor_gateway.domain.milestones import Milestones, Moment, fold

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def status(hours: float, word: str, meaning: str, **more: object) -> Moment:
    return Moment("national_status", after(hours), word, meaning, **more)  # type: ignore[arg-type]


def follow_up(hours: float, author: str = "institution", side: str = "national", **more: object) -> Moment:
    return Moment("follow_up", after(hours), side=side, author=author, **more)  # type: ignore[arg-type]


TAKEN = Moment("taken", after(1))
CASES = {
    "accepted": ([TAKEN], Milestones(START, after(1))),
    "not verified yet": ([TAKEN, status(2, "Belum Terverifikasi", "open")], Milestones(START, after(1))),
    "verified": (
        [TAKEN, status(2, "Terverifikasi", "open")],
        Milestones(START, after(1), verified_at=after(2)),
    ),
    "what LAPOR!'s own log says wins over when we saw it": (
        [TAKEN, status(9, "Terverifikasi", "open", since=after(2))],
        Milestones(START, after(1), verified_at=after(2)),
    ),
    "in progress was verified": (
        [TAKEN, status(3, "Dalam Proses", "in_progress", disposition="Dinas PU")],
        Milestones(START, after(1), verified_at=after(3), forwarded_at=after(3)),
    ),
    "first and last answer": (
        [TAKEN, follow_up(3), follow_up(5, "reporter"), follow_up(8)],
        Milestones(
            START,
            after(1),
            first_follow_up_at=after(3),
            last_follow_up_at=after(8),
            replied_at=after(5),
        ),
    ),
    "an older answer that is seen later": (
        [TAKEN, follow_up(8), follow_up(9, since=after(2))],
        Milestones(START, after(1), first_follow_up_at=after(2), last_follow_up_at=after(8)),
    ),
    "a region's answer counts when LAPOR! has it": (
        [TAKEN, follow_up(3, side="region", number=1), Moment("follow_up_written", after(4), number=1)],
        Milestones(START, after(1), first_follow_up_at=after(4), last_follow_up_at=after(4)),
    ),
    "an edit of the reporter's that we passed on is nobody's answer": (
        [
            TAKEN,
            follow_up(2, side="region", number=1),
            follow_up(3, "reporter", side="gateway", number=2),
            Moment("follow_up_written", after(4), number=2),
        ],
        Milestones(START, after(1)),
    ),
    "closed and opened again": (
        [TAKEN, status(3, "Selesai", "done"), status(5, "Dalam Proses", "in_progress")],
        Milestones(START, after(1), verified_at=after(3)),
    ),
    "closed once, said twice": (
        [TAKEN, status(3, "Selesai", "done"), status(5, "Ditutup oleh Sistem", "done")],
        Milestones(START, after(1), verified_at=after(3), closed_at=after(3)),
    ),
    "an unknown word opens nothing": (
        [TAKEN, status(3, "Selesai", "done"), status(5, "Dikaji", "unknown")],
        Milestones(START, after(1), verified_at=after(3), closed_at=after(3)),
    ),
    "a wrong number told nothing": ([TAKEN, follow_up(3), Moment("undo", after(4))], Milestones(START)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_fold_of(case: str) -> None:
    moments, expected = CASES[case]
    assert fold(START, moments) == expected
