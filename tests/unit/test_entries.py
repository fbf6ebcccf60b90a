"""The quick way to an entry's hash says what the ledger's encoding says, whatever stands in the columns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.book.entries import hash_of, hashes

words = st.text(max_size=12)
rows = st.tuples(
    words,
    st.integers(-5, 2**33),
    words,
    st.none() | words,
    st.none() | words,
    st.integers(-(2**60), 2**60) | st.integers(10**15, 10**16),
    words,
    words,
    st.binary(min_size=32, max_size=32) | st.binary(max_size=40),
    st.just(1),
    st.integers(1, 2**60),
    st.none() | st.integers(1, 9),
    st.none(),
)


@given(st.lists(rows, max_size=8))
def test_hashes_in_bulk_are_the_hashes_one_by_one(found: list[tuple[Any, ...]]) -> None:
    assert hashes(found) == [hash_of(row) for row in found]


@given(rows, st.data())
def test_entries_of_one_subject_in_a_row_are_told_apart(row: tuple[Any, ...], data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8]))
    other = data.draw(rows)
    changed = (*row[:place], other[place], *row[place + 1 :])
    one, two = hashes([row, changed])
    assert (one == two) is (row[:9] == changed[:9])


def test_what_was_never_an_entry_is_refused_and_not_hashed() -> None:
    good: tuple[Any, ...] = ("LG", 1, "a", None, "b", 10**15, "x", "{}", bytes(32), 1, 1, 1, None)
    for place, value in ((0, b"LG"), (5, "now"), (7, None), (8, None), (9, 2)):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            hashes([(*good[:place], value, *good[place + 1 :])])
