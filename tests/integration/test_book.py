"""The book on both databases: migrations, the pen, the ledger that cannot be rewritten, and what is taken in."""

import base64
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from lapor_gateway.book.crypto import MasterKeys
from lapor_gateway.book.database import Book, open_engine
from lapor_gateway.book.intake import Advance
from lapor_gateway.book.ledger import GENESIS, Entry, entry_hash
from lapor_gateway.book.schema import create_book, current_revision, head_revision, migrate, open_book
from lapor_gateway.book.tables import metadata
from lapor_gateway.book.writing import ConflictError, Pen, load_subjects
from lapor_gateway.domain.lifecycle import Event, IllegalTransitionError, State
from lapor_gateway.errors import ConfigurationError, OutOfReachError
from tests.support.books import CHANNEL, SECOND_CHANNEL, Desk, ManualClock, desk, make_book, moment


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def own(database_url: str, clock: ManualClock) -> Iterator[Desk]:
    with desk(database_url, clock) as made:
        yield made


# --- migrations -------------------------------------------------------------------------------------------


def test_migrations_make_exactly_the_tables_of_the_code_and_take_them_all_away_again(
    empty_database_url: str,
) -> None:
    engine = open_engine(empty_database_url)
    for _ in range(2):
        migrate(engine)
        assert current_revision(engine) == head_revision()
        with engine.connect() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), metadata)
        # SQLite alone has the first, PostgreSQL alone the second, which autogeneration cannot know.
        own = ("sequences", "ix_ledger_entries_written_in")
        assert [one for one in differences if not any(name in str(one) for name in own)] == []
        migrate(engine, "base")
        assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def test_a_book_without_its_tables_says_what_to_do(database_url: str) -> None:
    book = make_book(database_url)
    migrate(book.engine, "base")
    with pytest.raises(ConfigurationError, match="has no tables yet") as error:
        open_book(database_url, book.master)
    assert "db upgrade" in error.value.cure
    book.close()


# --- the pen and the ledger -------------------------------------------------------------------------------


def chain(own: Desk, source_id: str) -> list[Any]:
    reference = own.row(source_id).reference
    return own.query(f"SELECT * FROM ledger_entries WHERE subject = '{reference}' ORDER BY seq")


def test_every_transition_writes_one_entry_chained_to_the_one_before(own: Desk) -> None:
    own.bring({"id": 1})
    own.bring({"id": 1, "body": "Berubah sama sekali isinya"})
    entries = chain(own, "1")
    assert [entry.kind for entry in entries] == ["received", "mapped", "shown", "edited", "mapped"]
    previous = GENESIS
    for number, row in enumerate(entries, 1):
        assert (row.seq, bytes(row.previous)) == (number, previous)
        fields = (
            row.subject,
            row.seq,
            row.kind,
            row.from_state,
            row.to_state,
            row.at,
            row.actor,
            row.facts,
            previous,
        )
        previous = entry_hash(Entry(*fields))
    row = own.row("1")
    assert (row.ledger_seq, bytes(row.ledger_head), row.state) == (5, previous, entries[-1].to_state)


def test_state_and_entry_are_written_together_or_not_at_all(own: Desk) -> None:
    own.bring({"id": 1})
    before = own.row("1"), chain(own, "1")

    def hold_and_fail() -> None:
        with own.book.write() as connection:
            pen = Pen(connection, own.book.clock.now())
            (subject,) = load_subjects(connection, [before[0].id]).values()
            pen.transition(subject, Event.HOLD, {}, reason="operator")
            pen.flush()
            raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError):
        hold_and_fail()
    assert (own.row("1"), chain(own, "1")) == before


def test_an_arrow_that_the_lifecycle_lacks_writes_nothing(own: Desk) -> None:
    own.bring({"id": 1})
    before = own.row("1"), chain(own, "1")
    with own.book.write() as connection:
        pen = Pen(connection, own.book.clock.now())
        (subject,) = load_subjects(connection, [before[0].id]).values()
        with pytest.raises(IllegalTransitionError):
            pen.transition(subject, Event.TAKEN, {}, tracking_id="1")
        pen.flush()
    assert (own.row("1"), chain(own, "1")) == before


def test_two_hands_on_one_complaint_end_in_a_conflict_and_one_entry(own: Desk) -> None:
    own.bring({"id": 1})
    identifier = own.row("1").id
    with own.book.read() as connection:
        (stale,) = load_subjects_without_lock(connection, identifier)
    own.bring({"id": 1, "body": "Sementara itu berubah"})
    before = len(chain(own, "1"))

    def write() -> None:
        with own.book.write() as connection:
            pen = Pen(connection, own.book.clock.now())
            pen.transition(stale, Event.HOLD, {})
            pen.flush()

    with pytest.raises((ConflictError, DBAPIError)):
        write()
    assert own.state("1") == "ready"
    assert len(chain(own, "1")) == before


def load_subjects_without_lock(connection: Any, identifier: int) -> list[Any]:
    from lapor_gateway.book.writing import Subject

    row = connection.exec_driver_sql(
        f"SELECT id, reference, state, ledger_seq, ledger_head FROM complaints WHERE id = {identifier}"
    ).one()
    return [Subject(row[0], row[1], State(row[2]), row[3], bytes(row[4]))]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET kind = 'hold'",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_entries SET facts = '{}' WHERE seq = 1",
    ],
)
def test_the_ledger_can_only_grow(own: Desk, statement: str) -> None:
    own.bring({"id": 1})
    before = own.query("SELECT * FROM ledger_entries")
    with pytest.raises(DBAPIError, match="append-only"):
        own.execute(statement)
    assert own.query("SELECT * FROM ledger_entries") == before


def test_on_postgresql_the_ledger_cannot_be_emptied_at_once_either(fresh_postgres_url: str) -> None:
    with desk(fresh_postgres_url) as own:
        own.bring({"id": 1})
        with pytest.raises(DBAPIError, match="append-only"):
            own.execute("TRUNCATE ledger_entries")


def test_what_is_committed_is_durable(sqlite_url: str, fresh_postgres_url: str) -> None:
    with desk(sqlite_url) as own, own.book.write() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    with desk(fresh_postgres_url) as own, own.book.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


# --- intake -----------------------------------------------------------------------------------------------


def raws(own: Desk, source_id: str) -> int:
    return len(own.query(f"SELECT 1 FROM raw_records WHERE complaint = {own.row(source_id).id}"))


def test_the_same_record_again_leaves_no_trace(own: Desk) -> None:
    own.bring({"id": 1}, {"id": 2})
    before = own.query("SELECT * FROM complaints"), own.query("SELECT * FROM ledger_entries")
    taken = own.show({"id": 1}, {"id": 2}, {"id": 1})
    assert (taken.new, taken.changed, taken.seen) == (0, 0, 3)
    assert own.gate() == 0
    assert (own.query("SELECT * FROM complaints"), own.query("SELECT * FROM ledger_entries")) == before


def test_the_same_row_twice_on_one_page_is_one_complaint(own: Desk) -> None:
    taken = own.show({"id": 1}, {"id": 1}, {"id": 1, "body": "Versi kedua di halaman yang sama"})
    assert (taken.new, raws(own, "1")) == (1, 2)
    own.gate()
    assert "kedua" in own.row("1").body


def test_an_edit_back_to_an_old_text_is_an_edit(own: Desk) -> None:
    texts = ["Isi yang pertama", "Isi yang kedua", "Isi yang pertama"]
    for text in texts:
        own.bring({"id": 1, "body": text})
    assert raws(own, "1") == 3
    assert own.row("1").current_version == 3
    assert own.row("1").body == "Isi yang pertama"
    assert own.kinds("1").count("edited") == 2


def test_an_older_version_that_comes_late_is_kept_and_never_becomes_current(own: Desk) -> None:
    new = {"id": 1, "body": "Isi yang baru", "updated_at": "2026-03-01T10:00:00+07:00"}
    old = {"id": 1, "body": "Isi yang lama", "updated_at": "2026-03-01T09:00:00+07:00"}
    own.bring(new)
    own.bring(old)
    assert raws(own, "1") == 2
    assert own.row("1").body == "Isi yang baru"
    assert own.row("1").current_version == 1
    assert own.kinds("1")[-1] == "late_version"
    assert own.show(new).seen == 1, "the current version is still the one seen before"
    own.bring(old, new)
    assert own.row("1").body == "Isi yang baru"


def test_a_late_version_on_the_same_page_as_the_new_one_changes_nothing(own: Desk) -> None:
    new = {"id": 1, "body": "Isi yang baru", "updated_at": "2026-03-01T10:00:00+07:00"}
    old = {"id": 1, "body": "Isi yang lama", "updated_at": "2026-03-01T09:00:00+07:00"}
    own.bring(new, old)
    assert own.row("1").body == "Isi yang baru"
    assert own.state("1") == "ready"
    assert own.show(new).seen == 1


def test_a_changed_signature_of_a_photo_or_a_touched_row_is_no_edit(own: Desk) -> None:
    own.bring({"id": 1, "updated_at": "2026-03-01T09:00:00+07:00"})
    own.bring({"id": 1, "updated_at": "2026-03-01T10:00:00+07:00", "photo": "signature=2"})
    assert own.row("1").current_version == 2
    assert "edited" not in own.kinds("1")


def test_a_record_without_a_readable_id_is_quarantined_under_its_digest(own: Desk) -> None:
    own.show(
        {"id": None, "fault": "missing"}, {"id": None, "fault": "missing"}, {"id": None, "fault": "other"}
    )
    own.gate()
    rows = own.query("SELECT source_id, state FROM complaints")
    assert {row.state for row in rows} == {"quarantined"}
    assert len(rows) == 2
    assert all(row.source_id.startswith("digest:") for row in rows)


def test_two_channels_of_one_origin_share_their_complaints(own: Desk) -> None:
    own.bring({"id": 1})
    own.bring({"id": 1}, {"id": 2}, channel=SECOND_CHANNEL)
    assert (own.row("1").channel, own.row("2").channel) == (CHANNEL, SECOND_CHANNEL)
    assert len(own.query("SELECT 1 FROM complaints")) == 2


def test_the_checkpoint_moves_with_its_records_or_not_at_all(own: Desk, clock: ManualClock) -> None:
    def checkpoint() -> Any:
        row = own.query(f"SELECT cursor, watermark, pass_started_at FROM channels WHERE id = '{CHANNEL}'")[0]
        return tuple(row)

    started = moment(own.book)
    own.show({"id": 1}, advance=Advance('{"page":2}', None, started))
    assert checkpoint() == ('{"page":2}', None, clock.now())
    before = checkpoint(), len(own.query("SELECT 1 FROM raw_records"))

    def show_and_fail() -> None:
        with own.book.write() as connection:
            from lapor_gateway.book.intake import Incoming, take_in

            incoming = [Incoming("9", b"{}", b"{}")]
            take_in(own.book, connection, own.door(), incoming, advance=Advance('{"page":3}', None, started))
            raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError):
        show_and_fail()
    assert (checkpoint(), len(own.query("SELECT 1 FROM raw_records"))) == before
    own.show({"id": 2}, advance=Advance(None, started - timedelta(minutes=10), None))
    assert checkpoint() == (None, clock.now() - 600_000_000, None)


def test_raw_bytes_are_kept_as_they_came_and_encrypted(own: Desk) -> None:
    own.bring({"id": 1, "name": "Siti Rekaan", "body": "Emoji 🚧 dan NUL \x00 di tengah isi"})
    (body,) = own.query("SELECT body FROM raw_records")[0]
    assert b"Siti" not in bytes(body)
    from lapor_gateway.book.crypto import DataKey
    from lapor_gateway.book.intake import RAW

    row = own.row("1")
    key = DataKey(own.book.master.unwrap(bytes(row.data_key), row.reference.encode()))
    assert "Siti Rekaan" in key.open(bytes(body), RAW).decode()


def test_ids_are_never_given_twice(own: Desk) -> None:
    drawn: list[int] = []
    for count in (3, 1, 0, 5):
        with own.book.write() as connection:
            drawn += own.book.ids(connection, "complaints", count)
    assert drawn == sorted(set(drawn))
    assert len(drawn) == 9


def test_registering_twice_changes_nothing(own: Desk) -> None:
    before = own.query("SELECT * FROM channels"), own.query("SELECT count(*) FROM ledger_entries")
    Desk(own.book)
    assert (own.query("SELECT * FROM channels"), own.query("SELECT count(*) FROM ledger_entries")) == before


def test_a_book_belongs_to_its_own_master_key(sqlite_url: str) -> None:
    from lapor_gateway.book.crypto import MasterKeys, WrongKeyError, new_key_text

    make_book(sqlite_url).close()
    other: Book = open_book(sqlite_url, MasterKeys([new_key_text()]))
    with pytest.raises(WrongKeyError):
        other.reference("uji/kanal", "1")
    other.close()


def test_a_book_whose_database_is_down_is_out_of_reach_in_one_sentence() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: refused, whoever else runs tests here
        url = f"postgresql://gateway:rahasia@127.0.0.1:{unused.getsockname()[1]}/book"
        keys = MasterKeys([base64.b64encode(bytes(32)).decode()])
        with pytest.raises(OutOfReachError, match="does not answer") as raised:
            open_book(url, keys)
        with pytest.raises(OutOfReachError):
            create_book(url, keys, environment="training", at=datetime.now(UTC))
    assert "rahasia" not in str(raised.value)
    assert "\n" not in str(raised.value)
