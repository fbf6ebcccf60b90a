"""Rotating the master key and the key of the blind index on both databases, while others read and write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from lapor_gateway.book.crypto import MasterKeys, WrongKeyError, add_key_on_top, new_key_text, write_key_file
from lapor_gateway.book.database import Book
from lapor_gateway.book.erasing import erase
from lapor_gateway.book.journey import journey
from lapor_gateway.book.people import name_of, pseudonym
from lapor_gateway.book.rotating import begin_index_rotation, index_anew, rewrap_all
from lapor_gateway.book.schema import create_book, open_book
from lapor_gateway.book.tables import deliveries, repeats
from lapor_gateway.book.vault import secret, set_secret
from tests.support.books import CHANNEL, START, Desk, ManualClock
from tests.support.markers import NIK, REPORTER, record


def quiet(_: int) -> None:
    """Nobody watches the progress."""


class Keys:
    """A key file as processes share it."""

    def __init__(self) -> None:
        self.values = [new_key_text()]

    def read(self) -> list[str]:
        return list(self.values)

    def add(self) -> None:
        self.values.insert(0, new_key_text())

    def process(self) -> MasterKeys:
        """The keys as a process has them that starts now, and reads them anew when it must."""
        return MasterKeys(self.read(), self.read)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def own(database_url: str, keys: Keys) -> Iterator[Desk]:
    create_book(database_url, keys.process(), environment="training", at=START)
    book = open_book(database_url, keys.process(), ManualClock())
    made = Desk(book)
    made.go_live()
    yield made
    book.close()


def other_process(own: Desk, keys: Keys) -> Book:
    return Book(own.book.engine, keys.process(), own.book.clock)


# --- the master key ----------------------------------------------------------------------------------------


def fill(own: Desk) -> None:
    own.bring(record(1), {"id": 2}, {"id": 3, "fault": "empty"})
    set_secret(own.book, "uji/sandi", "rahasia rekaan")
    with own.book.write() as connection:
        pseudonym(own.book, connection, "Petugas Rekaan")
        connection.execute(
            insert(deliveries).values(
                channel=CHANNEL,
                message_id="a",
                body_digest=b"x",
                received_at=1,
                source_ids="[]",
                body=own.book.master.wrap(b"tubuh", b"refused delivery"),
            )
        )
        sealed = own.book.master.wrap(b"{}", b"repeat")
        connection.execute(insert(repeats).values(key=b"k", request=b"r", asked_at=1, body=sealed))


def test_after_a_rotation_everything_opens_with_the_new_key_alone(own: Desk, keys: Keys) -> None:
    fill(own)
    entries = own.query("SELECT * FROM ledger_entries")
    heads = own.query("SELECT reference, updated_at, ledger_head FROM complaints ORDER BY id")
    keys.add()
    rotating = other_process(own, keys)
    assert rewrap_all(rotating, quiet) >= 9
    assert rewrap_all(rotating, quiet) == 0

    alone = Book(own.book.engine, MasterKeys(keys.values[:1]), own.book.clock)
    assert journey(alone, own.row(1).id, reveal=True).versions[0].canonical.reporter.nik == NIK
    assert secret(alone, "uji/sandi", {}) == "rahasia rekaan"
    assert alone.blind_index("uji", NIK) == bytes(own.row(1).reporter_index)
    with alone.read() as connection:
        known = pseudonym(own.book, connection, "Petugas Rekaan")
        assert name_of(alone, connection, known) == "Petugas Rekaan"
    (refused,) = own.query("SELECT body FROM deliveries")
    assert alone.master.unwrap(bytes(refused.body), b"refused delivery") == b"tubuh"
    (kept,) = own.query("SELECT body FROM repeats")
    assert alone.master.unwrap(bytes(kept.body), b"repeat") == b"{}"
    assert own.query("SELECT * FROM ledger_entries") == entries
    assert own.query("SELECT reference, updated_at, ledger_head FROM complaints ORDER BY id") == heads

    former = Book(own.book.engine, MasterKeys(keys.values[1:]), own.book.clock)
    with pytest.raises(WrongKeyError):
        former.blind_index("uji", NIK)


def test_a_running_process_goes_on_through_a_rotation_it_was_not_told_of(own: Desk, keys: Keys) -> None:
    fill(own)
    keys.add()
    rewrap_all(other_process(own, keys), quiet)
    own.book.forget_keys()
    own.bring(record(1, body="Diubah sesudah penggantian kunci"), {"id": 4})
    assert journey(own.book, own.row(1).id, reveal=True).versions[-1].canonical is not None
    assert own.book.master.is_current(bytes(own.row(4).data_key))
    assert rewrap_all(other_process(own, keys), quiet) == 0


def test_what_a_process_wraps_with_the_old_key_meanwhile_is_found_by_the_next_pass(
    own: Desk, keys: Keys
) -> None:
    fill(own)
    keys.add()
    rotating = other_process(own, keys)
    rewrap_all(rotating, quiet)
    own.book.master._again = None  # it has not read the file yet
    own.bring({"id": 5})
    assert rewrap_all(rotating, quiet) == 1


def test_a_rotation_never_brings_back_the_key_of_an_erased_complaint(own: Desk, keys: Keys) -> None:
    own.bring(record(1))
    erase(own.book, [own.row(1).id], by="Uji", reason="diminta", withdraw=True)
    keys.add()
    rewrap_all(other_process(own, keys), quiet)
    assert bytes(own.row(1).data_key) == b""


def test_the_key_file_holds_the_old_key_or_both_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    write_key_file(path)
    (old,) = path.read_text().split()
    (tmp_path / "secret.key.new").write_text("a draft of a killed process\n")
    add_key_on_top(path)
    new, kept = path.read_text().split()
    assert (kept, new != old) == (old, True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert MasterKeys([new, kept]).count == 2


# --- the blind index ---------------------------------------------------------------------------------------


def test_both_index_keys_are_valid_until_every_reporter_is_indexed_anew(own: Desk, keys: Keys) -> None:
    clock = own.book.clock
    assert isinstance(clock, ManualClock)
    own.bring(record(1), {"id": 2, "name": "Tanpa nomor"})
    before = bytes(own.row(1).reporter_index)
    assert begin_index_rotation(own.book, by="Uji")
    assert not begin_index_rotation(own.book, by="Uji")
    assert own.book.blind_index("uji", NIK) != before
    own.bring({**record(1), "id": 7})
    assert [row.kind for row in own.query("SELECT kind FROM findings")] == ["suspected_double"]

    first = index_anew(own.book, quiet)
    assert (first.changed, first.done) == (1, False)
    assert bytes(own.row(1).reporter_index) == own.book.blind_index("uji", NIK)
    own.bring({**record(1), "id": 8})
    assert len(own.query("SELECT 1 FROM findings")) == 2
    clock.advance(seconds=121)
    assert index_anew(own.book, quiet).done
    assert own.query("SELECT 1 FROM book WHERE name = 'key:former-index'") == []
    assert own.book.former_index("uji", NIK) is None
    assert own.query("SELECT 1 FROM complaints WHERE reporter_index IS NOT NULL AND source_id = '2'") == []


def test_a_process_that_still_indexes_with_the_former_key_is_caught_up_with(own: Desk, keys: Keys) -> None:
    clock = own.book.clock
    assert isinstance(clock, ManualClock)
    late = other_process(own, keys)
    late.blind_index("uji", NIK)
    own.bring(record(1))
    begin_index_rotation(own.book, by="Uji")
    index_anew(own.book, quiet)
    desk = Desk(late)
    desk.bring({"id": 9, "body": "Hal lain sama sekali", **REPORTER})
    clock.advance(seconds=121)
    last = index_anew(own.book, quiet)
    assert (last.changed, last.done) == (1, True)
    assert bytes(own.row(9).reporter_index) == own.book.blind_index("uji", NIK)


def test_index_rotation_survives_a_rotation_of_the_master_key_in_its_middle(own: Desk, keys: Keys) -> None:
    own.bring(record(1))
    begin_index_rotation(own.book, by="Uji")
    former = own.book.former_index("uji", NIK)
    keys.add()
    rewrap_all(other_process(own, keys), quiet)
    alone = Book(own.book.engine, MasterKeys(keys.values[:1]), own.book.clock)
    assert alone.former_index("uji", NIK) == former == bytes(own.row(1).reporter_index)
    assert index_anew(alone, quiet).changed == 1
