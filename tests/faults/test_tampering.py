"""Whoever changes the ledger, its seal or the state by hand is found by `ledger verify`, which names the place."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from lapor_gateway.book.screening import Screening
from lapor_gateway.book.tiles import NotWholeError
from lapor_gateway.book.verifying import Fault
from lapor_gateway.jobs import verification
from lapor_gateway.jobs.verification import Verdict, Verification
from tests.support.sealed import Sealed, sealed_desk

TRIES = 40
MANY_TRIES = 1_000


@pytest.fixture
def sealed(database_url: str, tmp_path: Path) -> Iterator[Sealed]:
    with sealed_desk(database_url, tmp_path / "witness.log") as made:
        made.free()
        yield made


class Tampered:
    """What was done, and how a fault names the place: an entry's id, a subject, a checkpoint, a tile."""

    def __init__(self, what: str, *, entries: set[int] | None = None, subjects: set[str] | None = None,
                 **values: Any) -> None:  # fmt: skip
        self.what = what
        self.entries = entries or set()
        self.subjects = subjects or set()
        self.values = values

    def is_named_by(self, fault: Fault) -> bool:
        if fault.entry in self.entries or fault.values.get("subject") in self.subjects:
            return True
        return any(fault.values.get(name) in wanted for name, wanted in self.values.items())


Trick = Callable[[Sealed, random.Random], Tampered]


def other(dice: random.Random, value: Any) -> Any:
    """A value of the same type that is not the same."""
    if isinstance(value, int):
        return value + dice.choice([-1, 1, 2])
    if isinstance(value, bytes):
        place = dice.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << dice.randrange(8)]) + value[place + 1 :]
    if not value:
        return "x" if value is None or isinstance(value, str) else value
    place = dice.randrange(len(value))
    letter = "a" if value[place] != "a" else "b"
    return value[:place] + letter + value[place + 1 :]


def rows(sealed: Sealed, table: str) -> list[Any]:
    return sealed.own.query(f"SELECT * FROM {table}")


def some_entry(sealed: Sealed, dice: random.Random) -> Any:
    return dice.choice(rows(sealed, "ledger_entries"))


def change_an_entry(sealed: Sealed, dice: random.Random) -> Tampered:
    entry = some_entry(sealed, dice)
    columns = ("subject", "seq", "kind", "from_state", "to_state", "actor", "facts", "previous", "encoding")
    column = dice.choice(columns)
    sealed.change("ledger_entries", column, other(dice, getattr(entry, column)), f"id = {entry.id}")
    return Tampered(f"{column} of {entry.id}", entries={entry.id}, subjects={entry.subject})


def back_date_an_entry(sealed: Sealed, dice: random.Random) -> Tampered:
    entry = some_entry(sealed, dice)
    sealed.change("ledger_entries", "at", entry.at - 1, f"id = {entry.id}")
    return Tampered(f"at of {entry.id}", entries={entry.id})


def give_an_entry_to_another(sealed: Sealed, dice: random.Random) -> Tampered:
    entry = some_entry(sealed, dice)
    whose = 999_999 if entry.complaint is None or dice.random() < 0.5 else None
    sealed.change("ledger_entries", "complaint", whose, f"id = {entry.id}")
    return Tampered(f"complaint of {entry.id}", entries={entry.id}, subjects={entry.subject})


def remove_an_entry(sealed: Sealed, dice: random.Random) -> Tampered:
    entry = some_entry(sealed, dice)
    sealed.own.execute(f"DELETE FROM ledger_entries WHERE id = {entry.id}")
    return Tampered(f"removed {entry.id}", entries={entry.id})


def swap_two_entries(sealed: Sealed, dice: random.Random) -> Tampered:
    one, two = dice.sample(rows(sealed, "ledger_entries"), 2)
    for old, new in ((one.id, -1), (two.id, one.id), (-1, two.id)):
        sealed.change("ledger_entries", "id", new, f"id = {old}")
    return Tampered(f"swapped {one.id} and {two.id}", entries={one.id, two.id})


def change_a_complaint(sealed: Sealed, dice: random.Random) -> Tampered:
    row = dice.choice(rows(sealed, "complaints"))
    columns = (
        "reference", "state", "ledger_seq", "ledger_head", "channel", "received_at", "attempts",
        "accepted_at", "disappeared_at", "tracking_id", "origin", "source_id", "linked_to",
    )  # fmt: skip
    column = dice.choice([name for name in columns if row.linked_to is None or name != "tracking_id"])
    value = getattr(row, column)
    if column == "linked_to":
        value = None if value is not None else row.id
    elif value is None:
        value = "5" if column == "tracking_id" else 5
    else:
        value = other(dice, value)
    sealed.change("complaints", column, value, f"id = {row.id}")
    return Tampered(f"{column} of {row.reference}", subjects={row.reference})


def remove_a_complaint(sealed: Sealed, dice: random.Random) -> Tampered:
    row = dice.choice(rows(sealed, "complaints"))
    sealed.own.execute(f"DELETE FROM complaints WHERE id = {row.id}")
    return Tampered(f"removed {row.reference}", subjects={row.reference})


def change_a_head(sealed: Sealed, dice: random.Random) -> Tampered:
    row = dice.choice(rows(sealed, "ledger_heads"))
    where = f"subject = '{row.subject}'"
    what = dice.choice(["seq", "head", "removed"])
    if what == "removed":
        sealed.own.execute(f"DELETE FROM ledger_heads WHERE {where}")
    else:
        sealed.change("ledger_heads", what, other(dice, getattr(row, what)), where)
    return Tampered(f"{what} of {row.subject}", subjects={row.subject})


def change_a_checkpoint(sealed: Sealed, dice: random.Random) -> Tampered:
    row = dice.choice(rows(sealed, "checkpoints"))
    column = dice.choice(["size", "at", "note"])
    sealed.change("checkpoints", column, other(dice, getattr(row, column)), f"number = {row.number}")
    return Tampered(f"{column} of checkpoint {row.number}", number={row.number})


def remove_a_checkpoint(sealed: Sealed, dice: random.Random) -> Tampered:
    row = dice.choice(rows(sealed, "checkpoints"))
    sealed.own.execute(f"DELETE FROM checkpoints WHERE number = {row.number}")
    before = max((one.size for one in rows(sealed, "checkpoints")), default=0)
    return Tampered(f"removed checkpoint {row.number}", number={row.number}, size={before})


def swap_two_checkpoints(sealed: Sealed, dice: random.Random) -> Tampered:
    one, two = dice.sample(rows(sealed, "checkpoints"), 2)
    for old, new in ((one.number, -1), (two.number, one.number), (-1, two.number)):
        sealed.change("checkpoints", "number", new, f"number = {old}")
    return Tampered(f"swapped checkpoints {one.number} and {two.number}", number={one.number, two.number})


def change_a_tile(sealed: Sealed, dice: random.Random) -> Tampered:
    row = dice.choice(rows(sealed, "ledger_leaves"))
    column = dice.choice(["prints", "entries"])
    sealed.change("ledger_leaves", column, other(dice, getattr(row, column)), f"tile = {row.tile}")
    leaves = set(range(row.tile * 256, (row.tile + 1) * 256))
    said = {f"The tile {row.tile} of the ledger's leaves cannot be read.",
            "A tile of the ledger's leaves names an entry that cannot be."}  # fmt: skip
    return Tampered(f"{column} of tile {row.tile}", leaf=leaves, said=said)


def change_a_node(sealed: Sealed, dice: random.Random) -> Tampered:
    row = dice.choice(rows(sealed, "ledger_nodes"))
    where = f"level = {row.level} AND tile = {row.tile}"
    if dice.random() < 0.5:
        sealed.change("ledger_nodes", "hashes", other(dice, row.hashes), where)
        return Tampered("a node", tile={row.tile})
    sealed.own.execute(f"DELETE FROM ledger_nodes WHERE {where}")
    return Tampered("a node removed", count={len(row.hashes) // 32})


def cut_off_the_tail(sealed: Sealed, dice: random.Random) -> Tampered:
    """The last entries and the seal over them go, the state as if they had never been, and the rest is sealed anew."""
    count = dice.randint(1, 5)
    gone = sorted(rows(sealed, "ledger_entries"), key=lambda row: row.id)[-count:]
    for entry in gone:
        sealed.own.execute(f"DELETE FROM ledger_entries WHERE id = {entry.id}")
        left = sealed.own.query(
            f"SELECT previous, to_state FROM ledger_entries WHERE subject = '{entry.subject}' ORDER BY seq DESC"
        )
        where = f"reference = '{entry.subject}'"
        if not left:
            sealed.own.execute(f"DELETE FROM complaints WHERE {where}")
        elif entry.complaint is not None:
            first = min(one.seq for one in gone if one.subject == entry.subject)
            head = next(one.previous for one in gone if one.subject == entry.subject and one.seq == first)
            sealed.change("complaints", "ledger_seq", first - 1, where)
            sealed.change("complaints", "ledger_head", head, where)
            sealed.change("complaints", "state", left[0].to_state, where)
    sealed.unseal()
    sealed.seal()
    return Tampered(f"cut off {count} entries", number={5})


TRICKS: list[Trick] = [
    change_an_entry,
    change_an_entry,
    back_date_an_entry,
    give_an_entry_to_another,
    remove_an_entry,
    swap_two_entries,
    change_a_complaint,
    change_a_complaint,
    remove_a_complaint,
    change_a_head,
    change_a_checkpoint,
    remove_a_checkpoint,
    swap_two_checkpoints,
    change_a_tile,
    change_a_node,
    cut_off_the_tail,
]


def try_tricks(sealed: Sealed, tries: int, seed: int) -> None:
    tried: set[str] = set()
    for number in range(tries):
        dice = random.Random(f"{seed}/{number}")
        trick = TRICKS[number % len(TRICKS)]
        with sealed.put_back():
            try:
                done = trick(sealed, dice)
            except IntegrityError:
                continue  # the database itself does not take it
            tried.add(trick.__name__)
            found = sealed.verify()
            told = f"try {number}: {trick.__name__}: {done.what}: {found.faults}"
            assert found.verdict is Verdict.BROKEN, told
            assert any(done.is_named_by(fault) for fault in found.faults), told
    assert sealed.verify().verdict is Verdict.PROVEN
    assert tried == {trick.__name__ for trick in TRICKS}, "each was let in by the database at least once"


def test_a_sealed_and_witnessed_ledger_is_proven(sealed: Sealed) -> None:
    found = sealed.verify()
    assert found.faults == []
    assert found.verdict is Verdict.PROVEN
    assert found.entries == found.sealed == found.proven > 256, "more than one tile"
    assert found.checkpoints == 5


def test_any_single_change_is_found_and_named(sealed: Sealed) -> None:
    try_tricks(sealed, TRIES, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(3_000)
def test_any_single_change_is_found_and_named_a_thousand_times(sealed: Sealed) -> None:
    try_tricks(sealed, MANY_TRIES, seed=2)


def test_an_insider_who_seals_and_signs_anew_is_found_by_the_witness(sealed: Sealed) -> None:
    subject = sealed.own.row(1).reference
    sealed.forge(subject, 2, facts='{"version":1,"x":true}')
    sealed.unseal()
    sealed.seal()
    alone = sealed.verify(witnessed=False)
    assert (alone.verdict, alone.fault_count) == (Verdict.UNPROVEN, 0), "the book by itself cannot tell"
    found = sealed.verify()
    (root,) = [fault for fault in found.faults if fault.kind == "root_differs_witness"]
    assert found.verdict is Verdict.BROKEN
    assert root.values["first"] == 0
    first = sealed.witnessed()[0][1].checkpoint
    assert root.values["last"] == first.size - 1, "the first checkpoint that the witness saw bounds the place"


def test_a_rewritten_entry_is_bounded_by_the_last_checkpoint_that_still_fits(sealed: Sealed) -> None:
    first = sealed.witnessed()[0][1].checkpoint
    late = sealed.own.row(1_004).reference
    sealed.forge(late, 1, at=5)
    sealed.change("complaints", "received_at", 5, f"reference = '{late}'")
    sealed.unseal()
    sealed.seal()
    found = sealed.verify()
    (root,) = [fault for fault in found.faults if fault.kind == "root_differs_witness"]
    assert root.values["first"] > first.size
    assert found.proven == root.values["first"], "what the witness saw before is still proven"


def test_an_insider_who_takes_another_key_is_found_by_the_witness(sealed: Sealed) -> None:
    sealed.unseal()
    seed = sealed.own.book.master.wrap(bytes(32), b"book/seal").hex()
    sealed.change("book", "value", seed, "name = 'key:seal'")
    sealed.seal()
    kinds = {fault.kind for fault in sealed.verify().faults}
    assert "witness_unsigned" in kinds


def test_the_sealer_seals_nothing_behind_a_changed_tree(sealed: Sealed) -> None:
    entry = max(row.id for row in rows(sealed, "ledger_entries"))
    sealed.change("ledger_entries", "actor", "nobody", f"id = {entry}")
    sealed.own.bring({"id": 2_000})
    with pytest.raises(NotWholeError, match="is not the one that was sealed"):
        sealed.seal()


def test_the_database_itself_refuses_to_change_entries_and_checkpoints(
    database_url: str, tmp_path: Path
) -> None:
    with sealed_desk(database_url, tmp_path / "witness.log") as sealed:
        for table in ("ledger_entries", "checkpoints"):
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET at = 0"):
                with pytest.raises(Exception, match="append-only"):
                    sealed.own.execute(statement)


def first_of(found: Verification) -> Fault:
    return found.faults[0]


def test_the_first_bad_entry_is_named_first(sealed: Sealed) -> None:
    ids = sorted(row.id for row in rows(sealed, "ledger_entries"))
    for identifier in (ids[200], ids[40]):
        sealed.change("ledger_entries", "actor", "nobody", f"id = {identifier}")
    fault = first_of(sealed.verify())
    assert (fault.kind, fault.entry) == ("entry_changed", ids[40])


def test_entries_that_nobody_has_sealed_yet_are_checked_by_their_chain(sealed: Sealed) -> None:
    sealed.own.bring({"id": 3_000})
    found = sealed.verify()
    assert (found.verdict, found.entries - found.sealed) == (Verdict.PROVEN, 2)
    reference = sealed.own.row(3_000).reference
    sealed.change("ledger_entries", "actor", "x", f"subject = '{reference}' AND seq = 1")
    fault = first_of(sealed.verify())
    assert (fault.kind, fault.values["subject"]) == ("chain_broken", reference)


def test_an_instant_with_a_fraction_is_not_the_whole_number_that_was_hashed(tmp_path: Path) -> None:
    """SQLite lets a column of numbers hold one with a fraction, whose whole part is what was hashed."""
    with sealed_desk(f"sqlite:///{tmp_path / 'book.db'}", tmp_path / "witness.log") as sealed:
        sealed.free()
        entry = next(row for row in rows(sealed, "ledger_entries") if row.kind == "mapped")
        sealed.change("ledger_entries", "at", entry.at + 0.5, f"id = {entry.id}")
        assert first_of(sealed.verify()).entry == entry.id


def test_a_tile_that_is_gone_is_told_however_many_processes_look(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "_WORTH_PROCESSES", 0)
    sealed.own.execute("DELETE FROM ledger_leaves WHERE tile = 0")
    for processes in (1, 2):
        found = sealed.verify(processes=processes)
        said = [fault.values["said"] for fault in found.faults if fault.kind == "tree_unreadable"]
        assert said == ["The tile 0 of the ledger's leaves is missing."]


def test_the_quick_look_passes_nothing_that_the_careful_check_names(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(TRIES):
        dice = random.Random(f"3/{number}")
        with sealed.put_back():
            try:
                TRICKS[number % len(TRICKS)](sealed, dice)
            except IntegrityError:
                continue
            quick = sealed.verify()
            with monkeypatch.context() as careful:
                careful.setattr(Screening, "is_clean", lambda *_: False)
                assert quick == sealed.verify()
