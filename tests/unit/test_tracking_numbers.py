"""A number that a person typed is doubted by its length and its distance, never by its looks."""

import pytest

from lapor_gateway.domain.tracking_numbers import NumberDoubt, doubt_about

KNOWN = [str(9_876_500 + 37 * one) for one in range(40)]


@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ("9876600", None),
        ("9950000", None),
        ("9700000", None),
        ("98766000", NumberDoubt.LENGTH),
        ("987660", NumberDoubt.LENGTH),
        ("8976600", NumberDoubt.FAR),
        ("1234567", NumberDoubt.FAR),
    ],
)
def test_what_looks_mistyped(number: str, doubt: NumberDoubt | None) -> None:
    assert doubt_about(number, KNOWN) == doubt


def test_a_wide_spread_gives_wide_room_and_few_known_numbers_tell_nothing() -> None:
    assert doubt_about("7000000", ["4199656", *KNOWN]) is None
    assert doubt_about("1", KNOWN[:4]) is None
