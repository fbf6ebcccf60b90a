"""The ledger's encoding: canonical, versioned, chained; whoever changes an entry changes its hash."""

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from lapor_gateway.book.ledger import GENESIS, Entry, encode, entry_hash, facts_text

FIRST = Entry(
    "LG-0000-0000-0000", 1, "received", None, "received", 1_700_000_000_000_000, "source", "{}", GENESIS
)


def test_the_encoding_is_what_is_written_down_byte_for_byte() -> None:
    """Entries of years ago must verify: encoding 1 never changes."""

    def field(value: bytes) -> bytes:
        return len(value).to_bytes(4) + value

    told = b"\x01" + field(b"LG-0000-0000-0000") + field(b"1") + field(b"received") + b"\xff\xff\xff\xff"
    told += (
        field(b"received") + field(b"1700000000000000") + field(b"source") + field(b"{}") + field(bytes(32))
    )
    assert encode(FIRST) == told
    assert entry_hash(FIRST) == hashlib.sha256(b"lapor-gateway/entry\0" + told).digest()


fields = st.text(max_size=8)
entries = st.builds(
    Entry,
    subject=fields,
    seq=st.integers(1, 100),
    kind=fields,
    from_state=st.none() | fields,
    to_state=st.none() | fields,
    at=st.integers(0, 2**60),
    actor=fields,
    facts=fields,
    previous=st.binary(min_size=32, max_size=32),
)


@given(entries, entries)
def test_two_different_entries_never_share_an_encoding(one: Entry, other: Entry) -> None:
    assume(one != other)
    assert encode(one) != encode(other)


@given(fields, fields, fields)
def test_text_moved_from_one_field_to_its_neighbour_shows(kind: str, actor: str, facts: str) -> None:
    assume(actor)
    moved = replace(FIRST, actor="", facts=actor + facts, kind=kind)
    assert entry_hash(replace(FIRST, actor=actor, facts=facts, kind=kind)) != entry_hash(moved)


def test_an_absent_state_is_not_an_empty_one() -> None:
    assert encode(FIRST) != encode(replace(FIRST, from_state=""))


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown ledger encoding 2"):
        encode(replace(FIRST, encoding=2))


def test_facts_are_canonical_json() -> None:
    assert facts_text({"b": 1, "a": "é", "c": None, "d": True}) == '{"a":"é","b":1,"c":null,"d":true}'
    assert facts_text({}) == "{}"


def test_a_chain_breaks_where_an_entry_was_changed() -> None:
    second = replace(FIRST, seq=2, kind="mapped", previous=entry_hash(FIRST))
    assert second.previous != entry_hash(replace(FIRST, at=FIRST.at + 1))
