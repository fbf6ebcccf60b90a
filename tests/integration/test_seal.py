"""The sealer: every entry gets one place, in an order that stays, under one checkpoint after another."""

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import cast

import msgspec
import pytest

from lapor_gateway.book import checkpoints
from lapor_gateway.book.leases import Lease, acquire
from lapor_gateway.book.proofs import exported, prove, sample, sealed_entries
from lapor_gateway.book.sealing import LEASE, is_due, newest, seal
from lapor_gateway.book.signing import is_signed, signer
from lapor_gateway.book.tiles import Tree
from lapor_gateway.domain.merkle import Frontier, inclusion_proof, leaf_hash, root
from lapor_gateway.domain.notes import Note
from lapor_gateway.errors import ConfigurationError, LeaseLostError, NotFoundError
from lapor_gateway.jobs.verification import Verdict
from tests.support.books import Desk, desk
from tests.support.merkle import is_consistent, root_by_inclusion
from tests.support.sealed import NoFence, Sealed, sealed_desk
from tests.support.waiting import eventually


@pytest.fixture
def own(database_url: str) -> Iterator[Desk]:
    with desk(database_url) as made:
        yield made


@pytest.fixture
def sealed(database_url: str, tmp_path: Path) -> Iterator[Sealed]:
    with sealed_desk(database_url, tmp_path / "witness.log") as made:
        yield made


def notes(own: Desk) -> list[Note]:
    with own.book.read() as connection:
        return checkpoints.notes_behind(connection, 0, 10_000)


def test_nothing_is_sealed_twice_and_nothing_new_makes_no_checkpoint(sealed: Sealed) -> None:
    lease = cast("Lease", NoFence())
    assert seal(sealed.own.book, lease) is None
    assert not is_due(sealed.own.book)
    sealed.own.bring({"id": 901})
    eventually(lambda: is_due(sealed.own.book))
    last = sealed.seal()[-1].checkpoint
    assert last.size == sealed.own.query("SELECT count(*) FROM ledger_entries")[0][0]
    assert seal(sealed.own.book, lease) is None


def test_checkpoints_are_numbered_without_gap_signed_and_consistent(sealed: Sealed) -> None:
    found = notes(sealed.own)
    assert [one.checkpoint.number for one in found] == list(range(1, len(found) + 1))
    assert len(found) >= 5
    with sealed.own.book.read() as connection:
        key = signer(sealed.own.book, connection).key
    assert all(is_signed(one, key) for one in found)
    for old, new in pairwise(found):
        one, two = old.checkpoint, new.checkpoint
        path = checkpoints.consistency(sealed.own.book, one.size, two.size)
        assert is_consistent(one.size, one.root, two.size, two.root, path)


def test_the_stored_tree_is_that_of_the_entries_in_their_order_at_every_size(sealed: Sealed) -> None:
    entries = list(exported(sealed.own.book, 0))
    assert [one.leaf for one in entries] == list(range(len(entries)))
    leaves = [leaf_hash(bytes.fromhex(one.hash)) for one in entries]
    with sealed.own.book.read() as connection:
        tree, last = Tree(connection), newest(connection)
        assert last is not None
        assert root(tree.node, tree.size) == last.checkpoint.root
        for index in (0, 1, 255, 256, len(leaves) - 1):
            path = inclusion_proof(tree.node, index, tree.size)
            assert root_by_inclusion(leaves[index], index, tree.size, path) == last.checkpoint.root


@pytest.mark.parametrize("most", [1, 7, 256, 10_000])
def test_the_tree_is_the_same_however_the_entries_are_batched(most: int, tmp_path: Path) -> None:
    with desk(f"sqlite:///{tmp_path / 'book.db'}") as own:
        own.bring(*({"id": number} for number in range(260)))
        lease = cast("Lease", NoFence())
        while seal(own.book, lease, most) is not None:
            pass
        with own.book.read() as connection:
            tree = Tree(connection)
            leaves = [leaf_hash(bytes.fromhex(one.hash)) for one in exported(own.book, 0)]
            assert tree.size == len(leaves) > 512, "more than two whole tiles"
            frontier = Frontier()
            frontier.add(leaves)
            assert root(tree.node, tree.size) == frontier.root()
            assert [tree.node(0, index) for index in range(len(leaves))] == leaves


def test_an_entry_that_commits_late_is_sealed_behind_those_that_came_first(
    fresh_postgres_url: str,
) -> None:
    """PostgreSQL lets transactions commit in another order than they began; the seal waits for the oldest."""
    with desk(fresh_postgres_url) as own:
        lease = cast("Lease", NoFence())
        own.bring({"id": 1})
        held, go = threading.Event(), threading.Event()

        def late() -> None:
            with own.book.write() as connection:
                connection.exec_driver_sql("SELECT pg_current_xact_id()")
                held.set()
                assert go.wait(30)

        waiting = threading.Thread(target=late)
        waiting.start()
        assert held.wait(30)
        own.bring({"id": 2})
        while seal(own.book, lease) is not None:
            pass
        with own.book.read() as connection:
            assert Tree(connection).size < own.query("SELECT count(*) FROM ledger_entries")[0][0]
        go.set()
        waiting.join()
        made = Sealed(own, fresh_postgres_url, Path("nowhere"))
        made.seal()
        assert made.verify(witnessed=False).fault_count == 0


def test_a_sealer_that_lost_its_lease_writes_nothing(own: Desk) -> None:
    own.bring({"id": 1})
    lease = acquire(own.book, LEASE)
    own.execute(f"UPDATE leases SET fence = fence + 1 WHERE name = '{LEASE}'")
    eventually(lambda: is_due(own.book), within=60, what="no older transaction on the server")
    with pytest.raises(LeaseLostError):
        seal(own.book, lease)
    assert own.query("SELECT * FROM checkpoints") == own.query("SELECT * FROM ledger_leaves") == []
    lease.release()


def test_a_proof_shows_every_entry_of_a_complaint_from_the_first(sealed: Sealed) -> None:
    row = sealed.own.row(35)
    for which in (row.id, row.reference):
        proof = prove(sealed.own.book, which)
        assert proof.complaint == row.reference
        assert [one.seq for one in proof.entries] == list(range(1, row.ledger_seq + 1))
        assert proof.entries[-1].to_state == "held"
        assert proof.unsealed == 0


def test_a_proof_says_how_much_of_the_complaint_is_not_sealed_yet(sealed: Sealed) -> None:
    sealed.own.bring({"id": 5, "body": "Berubah.", "updated_at": "2026-03-03T00:00:00Z"})
    proof = prove(sealed.own.book, sealed.own.row(5).id)
    assert len(proof.entries) + proof.unsealed == sealed.own.row(5).ledger_seq
    assert proof.unsealed >= 1


def test_a_complaint_of_which_nothing_is_sealed_has_no_proof_yet(own: Desk) -> None:
    own.bring({"id": 1})
    with pytest.raises(NotFoundError, match=r"Nothing about LG-.* is sealed yet") as error:
        prove(own.book, own.row(1).id)
    assert "60 seconds" in error.value.cure
    with pytest.raises(NotFoundError, match="There is no complaint '99'"):
        prove(own.book, "99")


def test_an_export_goes_on_where_it_was_left(sealed: Sealed) -> None:
    book = sealed.own.book
    whole = list(exported(book, 0))
    assert list(exported(book, 100)) == whole[100:]
    assert sealed_entries(book, 3, 2) == whole[3:5]
    assert list(exported(book, len(whole))) == []
    with pytest.raises(ConfigurationError, match=f"has only {len(whole)} sealed entries"):
        list(exported(book, len(whole) + 1))


def test_a_sample_follows_from_its_seed_and_from_nothing_else(sealed: Sealed) -> None:
    book = sealed.own.book
    one, known = sample(book, 5, "2026")
    again, _ = sample(book, 5, "2026")
    other, _ = sample(book, 5, "2027")
    assert known == len({proof.complaint for proof in sample(book, known, "x")[0]})
    assert one == again
    assert {proof.complaint for proof in one} != {proof.complaint for proof in other}
    with pytest.raises(ConfigurationError, match=f"only {known} complaints"):
        sample(book, known + 1, "x")


def test_a_sample_holds_no_identity(sealed: Sealed) -> None:
    sealed.own.bring({"id": "x-1", "name": "Siti Rahayu", "phone": "081234567890", "body": "Lampu mati."})
    sealed.seal()
    known = sealed.own.query("SELECT count(*) FROM complaints")[0][0]
    chosen, _ = sample(sealed.own.book, known, "x")
    told = msgspec.json.encode(chosen).decode()
    assert sealed.own.row("x-1").reference in told
    for secret in ("Siti", "081234567890", "Lampu", "x-1"):
        assert secret not in told


def test_many_processes_find_what_one_finds(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapor_gateway.jobs.verification._WORTH_PROCESSES", 1)
    assert sealed.verify(processes=2).verdict is Verdict.PROVEN
    sealed.free()
    ids = [row.id for row in sealed.own.query("SELECT id FROM ledger_entries ORDER BY id")]
    sealed.change("ledger_entries", "facts", '{"a":1}', f"id = {ids[10]}")
    sealed.change("complaints", "state", "accepted", f"id = {sealed.own.row(77).id}")
    one, two = sealed.verify(processes=1), sealed.verify(processes=2)
    assert one.fault_count == two.fault_count > 0
    assert sorted(map(repr, one.faults)) == sorted(map(repr, two.faults))


def test_verifying_goes_on_while_the_gateway_writes(sealed: Sealed) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 10_000
        while not stop.is_set():
            sealed.own.bring({"id": number})
            number += 1

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(5):
            found = sealed.verify()
            assert found.verdict is Verdict.PROVEN, found.faults
    finally:
        stop.set()
        writing.join()
