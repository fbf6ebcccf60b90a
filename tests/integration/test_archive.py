"""Closed years in the archive, on both databases: nothing is lost from sight, nothing can be read without its key."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book import reporters
from lapor_gateway.book.archive_checks import list_years, verify_archive
from lapor_gateway.book.archiving import due_by_year, move_batch
from lapor_gateway.book.counting import count_book
from lapor_gateway.book.crypto import DataKey
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.erasing import apply_tombstones, erase
from lapor_gateway.book.findings import FindingKind, raise_finding
from lapor_gateway.book.holds import hold_complaint
from lapor_gateway.book.journey import journey
from lapor_gateway.book.leases import LeaseTakenError, acquire
from lapor_gateway.book.past import complaint_at
from lapor_gateway.book.proofs import prove
from lapor_gateway.book.queries import ComplaintFilter, list_complaints
from lapor_gateway.book.repairing import texts_under
from lapor_gateway.book.retention import due_ids
from lapor_gateway.book.rotating import SETTLES_AFTER, begin_index_rotation, index_anew, rewrap_all
from lapor_gateway.book.scrubbing import scrub
from lapor_gateway.book.sent_texts import sending_of
from lapor_gateway.book.tombstones import Tombstone
from lapor_gateway.book.year_files import ArchiveError, Piece, YearFiles
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.complaint import ComplaintId
from lapor_gateway.moments import DEFAULT_ZONE
from lapor_gateway.national.lapor_v3 import LaporV3
from tests.support.books import ACCOUNT, CHANNEL, ORIGIN, SECOND_CHANNEL, Desk, ManualClock, desk
from tests.support.markers import NIK, REPORTER, WORD, bytes_of, holding, record
from tests.support.sealed import sealed_desk

BEFORE = to_instant(datetime(2025, 1, 1, tzinfo=DEFAULT_ZONE))
OLD: dict[str, Any] = {
    "created_at": "2024-05-01T03:00:00+00:00",
    "updated_at": "2024-05-01T03:00:00+00:00",
    "status": "done",
}


@pytest.fixture
def own(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk(database_url, ManualClock()) as made:
        made.book.archive = YearFiles(tmp_path / "archive")
        yield made


def old(number: int, **changed: Any) -> dict[str, Any]:
    return record(number, **OLD) | changed


def plain(number: int, **changed: Any) -> dict[str, Any]:
    """An old one that nobody in particular reports: two of one reporter would be a suspected double, and stay."""
    return {"id": number} | OLD | changed


def accepted(own: Desk, *records: dict[str, Any]) -> list[int]:
    """Bring records and enter their numbers at LAPOR!; their complaints' ids."""
    own.bring(*records)
    ids = [own.row(one["id"]).id for one in records]
    for identifier in ids:
        decide(own.book, str(identifier), Verb.ADOPT, by="Uji", number=str(900 + identifier))
    return ids


def archive(own: Desk, before: int = BEFORE) -> int:
    """Move all that is due; how many complaints."""
    lease = acquire(own.book, "archive")
    try:
        count = after = 0
        while moved := move_batch(own.book, lease, before, DEFAULT_ZONE, by="Uji", after=after):
            after, count = moved.last, count + sum(moved.by_year.values())
        return count
    finally:
        lease.release()


def faults(own: Desk) -> list[str]:
    count = count_book(own.book, {ORIGIN: [CHANNEL, SECOND_CHANNEL]})[ORIGIN]
    return (
        count.faults
        if count.seen == count.ledger
        else [*count.faults, f"{count.seen} of {count.ledger} seen"]
    )


def working(own: Desk, identifier: int) -> int:
    """How many raw records and versions of a complaint stand in the working tables."""
    return sum(
        own.query(f"SELECT count(*) FROM {table} WHERE complaint = {identifier}")[0][0]
        for table in ("raw_records", "complaint_versions")
    )


def path_of(own: Desk, year: int = 2024) -> Path:
    assert own.book.archive.folder is not None
    return own.book.archive.folder / f"{year}.db"


def change_file(own: Desk, statement: str) -> None:
    """What somebody does to a year's file by hand."""
    with sqlite3.connect(path_of(own)) as connection:
        connection.execute(statement)
    connection.close()


# --- what leaves -------------------------------------------------------------------------------------------


def test_a_finished_complaint_leaves_the_working_tables_and_is_seen_as_before(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    before = journey(own.book, identifier, reveal=True)
    row = own.row(1)
    assert due_by_year(own.book, BEFORE, DEFAULT_ZONE) == {2024: 1}
    own.book.clock.advance(hours=1)  # type: ignore[attr-defined]
    assert archive(own) == 1
    assert working(own, identifier) == 0
    after = journey(own.book, identifier, reveal=True)
    assert (after.raw_records, after.versions, after.attempts) == (
        before.raw_records,
        before.versions,
        before.attempts,
    )
    assert (after.archived, after.archive_missing, after.entries[-1].kind) == ([2024], [], "archived")
    assert after.complaint == before.complaint
    assert own.row(1).updated_at == row.updated_at
    assert list_complaints(own.book, ComplaintFilter(q="mengadukan"))[0] == [after.complaint]
    assert faults(own) == []
    assert (verify_archive(own.book).good, verify_archive(own.book).faults) == (1, [])
    assert [(one.year, one.complaints) for one in list_years(own.book)] == [(2024, 1)]


def test_a_second_run_finds_nothing_to_do(own: Desk) -> None:
    accepted(own, *(plain(number) for number in range(1, 5)))
    assert archive(own) == 4
    entries = own.query("SELECT count(*) FROM ledger_entries")
    assert archive(own) == 0
    assert own.query("SELECT count(*) FROM ledger_entries") == entries


def test_what_is_unfinished_open_or_too_new_stays(own: Desk) -> None:
    accepted(
        own,
        plain(1, created_at="2024-12-31T18:00:00+00:00"),  # in WIB it is 2025
        plain(2, status="open"),
        plain(3),
        plain(4),
        plain(6),
    )
    own.bring(plain(5, fault="empty"))
    reference = own.row(3).reference
    with own.book.write() as connection:
        raise_finding(own.book, connection, FindingKind.CONTENT_DIFFERS, reference, CHANNEL, {})
    erase(own.book, [own.row(4).id], by="Uji", reason="diminta")
    own.show(plain(6, body="Belum dinilai"))
    assert due_by_year(own.book, BEFORE, DEFAULT_ZONE) == {}
    assert archive(own) == 0
    own.gate()
    assert archive(own) == 1
    assert faults(own) == []


def test_the_years_of_all_finished_states_go_to_their_own_files(own: Desk) -> None:
    accepted(own, plain(1), plain(2, created_at="2023-02-01T00:00:00+00:00"))
    own.bring(plain(3))
    decide(own.book, str(own.row(3).id), Verb.WITHDRAW, by="Uji", reason="ganda")
    assert archive(own) == 3
    assert [(one.year, one.complaints) for one in list_years(own.book)] == [(2023, 1), (2024, 2)]
    assert verify_archive(own.book, 2023).parts == 1
    assert faults(own) == []


def test_moving_is_no_news_to_retention(own: Desk) -> None:
    from datetime import timedelta

    (identifier,) = accepted(own, old(1))
    own.book.clock.advance(days=40)  # type: ignore[attr-defined]
    archive(own)
    assert due_ids(own.book, {"accepted": timedelta(days=30)}, "accepted", 10) == [identifier]


def test_only_one_process_moves_at_a_time(own: Desk) -> None:
    lease = acquire(own.book, "archive")
    with pytest.raises(LeaseTakenError):
        archive(own)
    lease.release()


# --- a killed move, a book put back ------------------------------------------------------------------------


def test_a_complaint_that_changes_between_copy_and_letting_go_stays_until_the_next_run(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    lease = acquire(own.book, "archive")
    put = own.book.archive.put

    def put_while_it_is_edited(book_id: str, year: int, pieces: list[Piece]) -> None:
        put(book_id, year, pieces)
        own.bring(old(1, body="Diubah di tengah jalan", updated_at="2024-06-01T00:00:00+00:00"))

    own.book.archive.put = put_while_it_is_edited  # type: ignore[method-assign, assignment]
    moved = move_batch(own.book, lease, BEFORE, DEFAULT_ZONE, by="Uji", after=0)
    own.book.archive.put = put  # type: ignore[method-assign]
    lease.release()
    assert moved is not None
    assert moved.by_year == {}
    assert working(own, identifier) == 4
    assert faults(own) == []
    assert archive(own) == 1
    assert (working(own, identifier), faults(own)) == (0, [])
    assert len(journey(own.book, identifier).versions) == 2


def test_pieces_of_a_history_that_was_put_back_do_not_stand_in_the_way(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    book_id = own.query("SELECT value FROM book WHERE name = 'id'")[0][0]
    entry = own.row(1).ledger_seq + 1
    strange = DataKey.new().seal(b"dari riwayat lain", b"lain")
    own.book.archive.put(book_id, 2024, [Piece(identifier, entry, 1, 1, CHANNEL, strange)])
    assert archive(own) == 1
    assert journey(own.book, identifier, reveal=True).raw_records[0].content is not None
    assert (verify_archive(own.book).faults, faults(own)) == ([], [])


# --- files that are missing, short, changed, or somebody else's --------------------------------------------


def test_a_missing_file_is_a_gap_with_its_name_and_a_sentence_where_the_text_was(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    archive(own)
    path_of(own).rename(path_of(own).with_suffix(".away"))
    assert faults(own)[0] == "the archive 2024.db is missing or lacks the records of 1 complaints"
    assert verify_archive(own.book).faults == [
        "The archive 2024.db is not there, or lacks what the book moved into it."
    ]
    assert list_years(own.book)[0].bytes is None
    shown = journey(own.book, identifier, reveal=True)
    assert (shown.versions, shown.raw_records, shown.archived, shown.archive_missing) == (
        [],
        [],
        [2024],
        [2024],
    )
    then = complaint_at(own.book, identifier, own.book.clock.now())
    assert (then.body, then.archive_missing) == ("", (2024,))
    (found,) = reporters.named_complaints(own.book, "uji", [str(identifier)])
    for act in (
        lambda: decide(own.book, str(identifier), Verb.UNDO, by="Uji", reason="salah"),
        lambda: hold_complaint(own.book, str(identifier), by="Uji", reason="perkara"),
        lambda: reporters.complaints_of(own.book, "uji", reporters.identity("nik", NIK)),
        lambda: list(reporters.export(own.book, [found], region="uji", by="Uji")),
        lambda: texts_under(own.book, ACCOUNT, [str(900 + identifier)]),
    ):
        with pytest.raises(ArchiveError, match=r"2024\.db"):
            act()
    own.bring(old(1, body="Diubah", updated_at="2024-06-01T00:00:00+00:00"))  # the door stays open
    own.bring(old(1, body="Terlambat", updated_at="2024-01-01T00:00:00+00:00"))
    path_of(own).with_suffix(".away").rename(path_of(own))
    assert faults(own) == []
    assert len(journey(own.book, identifier).versions) == 3


@pytest.mark.parametrize(
    ("statement", "is_short"),
    [
        ("DELETE FROM pieces WHERE kind = 2", True),
        ("DELETE FROM pieces WHERE kind = 1", True),
        ("UPDATE pieces SET sealed = x'00' WHERE kind = 2", False),
        ("UPDATE pieces SET channel = 'lain' WHERE kind = 1", False),
    ],
)
def test_whatever_is_changed_in_a_file_is_found(own: Desk, statement: str, is_short: bool) -> None:
    (identifier,) = accepted(own, old(1))
    archive(own)
    change_file(own, statement)
    reference = own.row(1).reference
    assert verify_archive(own.book).faults == [
        f"What 2024.db has of {reference} is not what the ledger says was moved."
    ]
    assert any("2024.db" in fault for fault in faults(own)) == is_short
    if is_short:
        assert journey(own.book, identifier).archive_missing == [2024]


def test_a_mark_that_was_taken_out_of_the_book_is_found(own: Desk) -> None:
    accepted(own, old(1))
    archive(own)
    own.execute("DELETE FROM archived")
    reference = own.row(1).reference
    assert verify_archive(own.book).faults == [f"The book has lost that {reference} stands in 2024.db."]
    assert f"{reference} was shown 1 times and has 0 raw records" in faults(own)


def test_a_file_that_is_garbage_or_of_another_book_is_refused_and_nothing_leaves(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    path_of(own).parent.mkdir()
    path_of(own).write_bytes(b"bukan basis data" * 100)
    with pytest.raises(ArchiveError, match="cannot be read or written"):
        archive(own)
    path_of(own).unlink()
    own.book.archive.put("0000", 2024, [])
    with pytest.raises(ArchiveError, match="belongs to another book"):
        archive(own)
    assert working(own, identifier) == 2
    path_of(own).unlink()
    assert archive(own) == 1
    change_file(own, "UPDATE about SET value = '0000' WHERE name = 'book'")
    assert "2024.db" in faults(own)[0]


# --- what happens afterwards -------------------------------------------------------------------------------


def test_an_edit_after_archiving_goes_on_with_the_next_version(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    archive(own)
    assert own.show(old(1)).seen == 1
    own.bring(old(1, body="Kini berbeda", updated_at="2024-07-01T00:00:00+00:00"))
    own.bring(old(1, body="Lebih lama", updated_at="2024-02-01T00:00:00+00:00"))
    assert own.show(old(1, body="Kini berbeda", updated_at="2024-07-01T00:00:00+00:00")).seen == 1
    whole = journey(own.book, identifier)
    assert [one.version for one in whole.versions] == [1, 2, 3]
    assert [one.current for one in whole.versions] == [False, True, False]
    assert faults(own) == []
    assert archive(own) == 1
    assert (working(own, identifier), faults(own)) == (0, [])
    assert journey(own.book, identifier).versions == whole.versions
    assert (verify_archive(own.book).parts, verify_archive(own.book).faults) == (2, [])
    sending = sending_of(own.book, ComplaintId(identifier), LaporV3().sent_text)
    assert sending.current is not None
    assert sending.current.body == "Kini berbeda"


def test_a_late_edit_of_an_archived_one_leaves_its_current_version_seen_before(own: Desk) -> None:
    accepted(own, old(1))
    archive(own)
    own.bring(old(1, body="Lebih lama", updated_at="2024-02-01T00:00:00+00:00"))
    assert own.show(old(1)).seen == 1


def test_a_decision_brings_the_complaint_back_before_it_is_carried_out(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    before = journey(own.book, identifier, reveal=True).versions
    archive(own)
    decide(own.book, str(identifier), Verb.UNDO, by="Uji", reason=f"salah, kata {REPORTER['name']}")
    assert own.kinds("1")[-3:] == ["archived", "recalled", "undo"]
    assert REPORTER["name"] not in own.query("SELECT facts FROM ledger_entries ORDER BY id DESC")[0].facts
    decide(own.book, str(identifier), Verb.REPLAY, by="Uji")
    own.gate()
    decide(own.book, str(identifier), Verb.INCLUDE, by="Uji")
    assert own.state(1) == "ready"
    assert [one.version for one in journey(own.book, identifier).versions] == [1, 2]
    assert journey(own.book, identifier, reveal=True).versions[0].canonical == before[0].canonical
    assert (journey(own.book, identifier).archived, faults(own)) == ([], [])
    assert verify_archive(own.book).parts == 0
    decide(own.book, str(identifier), Verb.NUMBER, by="Uji", number="5555")
    assert archive(own) == 1
    assert (verify_archive(own.book).good, faults(own)) == (1, [])
    assert len(journey(own.book, identifier).versions) == 2


def test_an_archived_complaint_is_looked_back_to_and_compared_as_before(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    archive(own)
    then = complaint_at(own.book, identifier, own.book.clock.now())
    assert "mengadukan" in then.body
    assert texts_under(own.book, ACCOUNT, [str(900 + identifier)])[str(900 + identifier)] == [old(1)["body"]]
    found = reporters.complaints_of(own.book, "uji", reporters.identity("nik", NIK))
    assert [one.id for one in found] == [identifier]


def test_the_ledger_of_an_archived_year_verifies_and_proves(database_url: str, tmp_path: Path) -> None:
    with sealed_desk(database_url, tmp_path / "witness", complaints=40) as sealed:
        sealed.own.book.archive = YearFiles(tmp_path / "archive")
        assert archive(sealed.own, sealed.own.book.clock.now() + 1) > 0
        sealed.seal()
        sealed.hand_over()
        verified = sealed.verify()
        assert verified.faults == []
        (moved,) = sealed.own.query("SELECT complaint FROM archived ORDER BY complaint LIMIT 1")
        proof = prove(sealed.own.book, str(moved.complaint))
        assert proof.entries[-1].kind == "archived"
        assert proof.unsealed == 0


# --- keys --------------------------------------------------------------------------------------------------


def test_an_archive_holds_nothing_that_can_be_read_and_an_erasure_ends_it(own: Desk) -> None:
    ids = accepted(own, old(1), plain(2))
    own.bring(old(1, body=f"Versi kedua dengan {WORD}", updated_at="2024-06-01T00:00:00+00:00"))
    archive(own)
    kept = path_of(own).read_bytes()
    assert holding(kept) == []
    keys = [bytes(own.row(number).data_key) for number in (1, 2)]
    spelt = keys if own.book.is_sqlite else [key.hex().encode() for key in keys]
    assert all(key in bytes_of(own.book) for key in spelt)
    erase(own.book, ids[:1], by="Uji", reason=f"permintaan {REPORTER['name']} ({NIK})")
    erase(own.book, ids[1:], by="Uji", reason="permintaan")
    assert scrub(own.book)
    left = bytes_of(own.book)
    assert holding(left) == []
    assert not any(key in left for key in spelt)
    assert path_of(own).read_bytes() == kept, (
        "erasing needs no hand on the archive, wherever copies of it lie"
    )
    shown = journey(own.book, ids[0], reveal=True)
    assert (shown.versions, shown.raw_records, shown.complaint.erased) == ([], [], True)
    assert (verify_archive(own.book).good, verify_archive(own.book).faults, faults(own)) == (2, [], [])
    assert len(own.query("SELECT digest FROM tombstone_digests")) == 3
    assert own.show(old(1)).seen == 1
    assert archive(own) == 0


@pytest.mark.parametrize("by", ["a person", "a tombstone"])
def test_a_lost_archive_keeps_nobody_from_being_erased(own: Desk, by: str) -> None:
    (identifier,) = accepted(own, old(1))
    archive(own)
    path_of(own).unlink()
    if by == "a person":
        erase(own.book, [identifier], by="Uji", reason=f"permintaan {REPORTER['name']}")
    else:
        apply_tombstones(own.book, [Tombstone(own.row(1).reference, 1)])
    assert bytes(own.row(1).data_key) == b""
    assert scrub(own.book)
    assert holding(bytes_of(own.book)) == []


def test_after_a_rotation_of_the_master_key_the_archive_still_opens(own: Desk) -> None:
    (identifier,) = accepted(own, old(1))
    archive(own)
    assert rewrap_all(own.book, lambda _: None) == 0
    own.book.forget_keys()
    assert journey(own.book, identifier, reveal=True).raw_records[0].content is not None


def test_a_rotation_of_the_index_reaches_archived_reporters_and_waits_for_a_lost_file(own: Desk) -> None:
    accepted(own, old(1))
    archive(own)
    begin_index_rotation(own.book, by="Uji")
    own.book.clock.advance(seconds=2 * SETTLES_AFTER / 1_000_000)  # type: ignore[attr-defined]
    path_of(own).rename(path_of(own).with_suffix(".away"))
    with pytest.raises(ArchiveError):
        index_anew(own.book, lambda _: None)
    path_of(own).with_suffix(".away").rename(path_of(own))
    assert index_anew(own.book, lambda _: None).done
    assert own.book.blind_index("uji", NIK) == bytes(own.row(1).reporter_index)
