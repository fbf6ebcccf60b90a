"""What the gate hands to the push in memory: given once, and only as the complaint that the book says stands there."""

from lapor_gateway.book.fresh import JustMapped
from lapor_gateway.domain.complaint import Complaint

REFERENCE = "LG-0000-0000-0000"
MAPPED = Complaint("7", "Jalan", "Rusak")


def test_a_complaint_is_given_away_once() -> None:
    kept = JustMapped()
    kept.keep(REFERENCE, 1, b"digest", MAPPED)
    assert kept.take(REFERENCE, 1, b"digest") is MAPPED
    assert kept.take(REFERENCE, 1, b"digest") is None


def test_one_whose_mapping_was_rolled_back_is_never_taken_for_what_stands_in_the_book() -> None:
    kept = JustMapped()
    kept.keep(REFERENCE, 1, b"rolled back", MAPPED)
    assert kept.take(REFERENCE, 1, b"in the book") is None
    assert kept.take(REFERENCE, 2, b"rolled back") is None


def test_an_unreadable_version_has_no_digest_and_is_never_handed_over() -> None:
    kept = JustMapped()
    kept.keep(REFERENCE, 1, b"digest", MAPPED)
    assert kept.take(REFERENCE, 1, None) is None


def test_the_memory_it_takes_is_bounded() -> None:
    kept = JustMapped()
    for number in range(5_000):
        kept.keep(REFERENCE, number, b"digest", MAPPED)
    left = [number for number in range(5_000) if kept.take(REFERENCE, number, b"digest") is not None]
    assert 1 <= len(left) <= 2_000
    assert left[-1] == 4_999, "the newest is among them"


def test_all_is_forgotten_when_asked() -> None:
    kept = JustMapped()
    kept.keep(REFERENCE, 1, b"digest", MAPPED)
    kept.forget()
    assert kept.take(REFERENCE, 1, b"digest") is None
