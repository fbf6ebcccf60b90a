"""The Merkle tree: RFC 9162 as written there, and proofs that nothing but the truth satisfies."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    complete_root,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
)
from tests.support.merkle import is_consistent, root_by_inclusion

# The vectors that implementations of certificate transparency share: leaves and the roots of 1 to 8 of them.
LEAVES = [
    bytes.fromhex(value)
    for value in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                  "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word, over leaf hashes."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()


def tree(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def node_of(leaves: list[bytes]):  # type: ignore[no-untyped-def]
    def node(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "only complete subtrees are asked for"
        return complete_root(part)

    return node


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_known_vectors(size: int) -> None:
    leaves = [leaf_hash(value) for value in LEAVES[:size]]
    assert root(node_of(leaves), size).hex() == ROOTS[size - 1]
    frontier = Frontier()
    frontier.add(leaves)
    assert frontier.root().hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_root_of_nothing() -> None:
    assert root(node_of([]), 0) == EMPTY_ROOT == Frontier().root()


sizes = st.integers(1, 70)


@given(sizes)
def test_the_root_is_that_of_the_definition_at_every_size(size: int) -> None:
    leaves = tree(size)
    frontier = Frontier()
    frontier.add(leaves)
    assert root(node_of(leaves), size) == mth(leaves) == frontier.root()


@given(sizes, st.data())
def test_an_inclusion_proof_leads_to_the_root_and_one_changed_bit_does_not(
    size: int, data: st.DataObject
) -> None:
    leaves = tree(size)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(node_of(leaves), index, size)
    assert root_by_inclusion(leaves[index], index, size, path) == mth(leaves)
    other = data.draw(st.integers(0, size - 1).filter(lambda place: place != index)) if size > 1 else None
    if other is not None:
        assert root_by_inclusion(leaves[index], other, size, path) != mth(leaves)
        broken = data.draw(st.integers(0, len(path) - 1))
        wrong = [*path[:broken], leaf_hash(path[broken]), *path[broken + 1 :]]
        assert root_by_inclusion(leaves[index], index, size, wrong) != mth(leaves)
    assert root_by_inclusion(leaves[index], index, size, [*path, leaves[0]]) is None


@given(sizes, st.data())
def test_a_consistency_proof_holds_for_the_tree_that_grew_and_for_no_other(
    new: int, data: st.DataObject
) -> None:
    leaves = tree(new)
    old = data.draw(st.integers(1, new))
    old_root, new_root = mth(leaves[:old]), mth(leaves)
    path = consistency_proof(node_of(leaves), old, new)
    assert is_consistent(old, old_root, new, new_root, path)
    assert not is_consistent(old, leaf_hash(old_root), new, new_root, path)
    assert not is_consistent(old, old_root, new, leaf_hash(new_root), path)
    if path:
        assert not is_consistent(old, old_root, new, new_root, path[:-1])


def test_nonsense_is_refused_and_not_computed() -> None:
    assert root_by_inclusion(b"", 3, 3, []) is None
    assert root_by_inclusion(b"", -1, 3, []) is None
    assert not is_consistent(0, EMPTY_ROOT, 3, b"", [])
    assert not is_consistent(3, b"", 2, b"", [])
    assert not is_consistent(3, b"", 5, b"", [])
