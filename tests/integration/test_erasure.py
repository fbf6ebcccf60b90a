"""Erasing a reporter on both databases: nothing of them can be read afterwards, and every count still closes."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert

from lapor_gateway.book import holds, reporters
from lapor_gateway.book.counting import count_book
from lapor_gateway.book.crypto import ErasedError
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.erasing import apply_tombstones, apply_unsettled, erase, lay_to_rest
from lapor_gateway.book.journey import journey, note_reveal
from lapor_gateway.book.ledger import GENESIS, Entry, entry_hash
from lapor_gateway.book.queries import ComplaintFilter, find_complaint, list_complaints
from lapor_gateway.book.scrubbing import scrub
from lapor_gateway.book.tables import deliveries, repeats
from lapor_gateway.book.tombstones import Tombstone, read_file, unscrubbed, unsettled, write_file
from lapor_gateway.domain.complaint import Reporter
from lapor_gateway.errors import ConfigurationError, NotAllowedError, NotFoundError
from tests.support.books import CHANNEL, ORIGIN, Desk, ManualClock, desk
from tests.support.markers import EMAIL, NIK, PHONE, REPORTER, WORD, bytes_of, holding, record


@pytest.fixture
def own(database_url: str) -> Iterator[Desk]:
    with desk(database_url, ManualClock()) as made:
        yield made


def accepted(own: Desk, *records: dict[str, Any]) -> list[int]:
    """Bring records and take them as accepted by LAPOR!; their complaints' ids."""
    own.bring(*records)
    ids = [own.row(one["id"]).id for one in records]
    for number, identifier in enumerate(ids):
        own.execute(
            f"UPDATE complaints SET state = 'accepted', tracking_id = '{900 + number}' WHERE id = {identifier}"
        )
    return ids


def withdrawn(own: Desk, *records: dict[str, Any]) -> list[int]:
    own.bring(*records)
    ids = [own.row(one["id"]).id for one in records]
    for identifier in ids:
        decide(own.book, str(identifier), Verb.WITHDRAW, by="Uji", reason=f"diminta {REPORTER['name']}")
    return ids


def verify_chains(own: Desk) -> None:
    """Every complaint's entries 1…n without gap, each carrying the hash of the one before."""
    heads: dict[str, tuple[int, bytes]] = {}
    for row in own.query("SELECT * FROM ledger_entries ORDER BY subject, seq"):
        seq, head = heads.get(row.subject, (0, GENESIS))
        assert (row.seq, bytes(row.previous)) == (seq + 1, head)
        fields = (
            row.subject,
            row.seq,
            row.kind,
            row.from_state,
            row.to_state,
            row.at,
            row.actor,
            row.facts,
            head,
        )
        heads[row.subject] = (row.seq, entry_hash(Entry(*fields)))
    for row in own.query("SELECT reference, ledger_seq, ledger_head FROM complaints"):
        assert heads[row.reference] == (row.ledger_seq, bytes(row.ledger_head))


def faults(own: Desk) -> list[str]:
    return count_book(own.book, {ORIGIN: [CHANNEL, "uji.malam"]})[ORIGIN].faults


# --- what is left ------------------------------------------------------------------------------------------


def test_nothing_of_the_reporter_can_be_read_after_an_erasure(own: Desk) -> None:
    ids = withdrawn(own, record(1), record(2))
    own.bring({"id": 3, "body": "Milik orang lain sama sekali"})
    own.bring(record(1, body=f"Versi kedua dengan {WORD}"))
    note_reveal(own.book, ids[0], by="Uji", reason=f"telepon dari {PHONE}")
    own.execute(f"UPDATE complaints SET reason = 'refused: {WORD}' WHERE id = {ids[0]}")
    keys = [bytes(own.row(number).data_key) for number in (1, 2)]
    spelt = keys if own.book.is_sqlite else [key.hex().encode() for key in keys]
    assert all(key in bytes_of(own.book) for key in spelt)
    assert WORD in holding(bytes_of(own.book))

    erased = erase(own.book, ids[:2], by="Uji", reason=f"permintaan {REPORTER['name']} ({NIK})")
    assert scrub(own.book)

    left = bytes_of(own.book)
    assert [one.id for one in erased] == ids[:2]
    assert holding(left) == []
    assert not any(key in left for key in spelt)
    assert b"sama sekali" in left.lower()
    assert not unscrubbed(own.book)
    verify_chains(own)
    assert faults(own) == []


def test_the_fingerprint_of_a_known_nik_matches_nothing_afterwards(own: Desk) -> None:
    ids = withdrawn(own, record(1), record(2, nik=None))
    known = [own.book.blind_index("uji", value) for value in (NIK, PHONE)]
    assert [bytes(own.row(n).reporter_index) for n in (1, 2)] == known
    erase(own.book, ids, by="Uji", reason="diminta")
    assert own.query("SELECT 1 FROM complaints WHERE reporter_index IS NOT NULL") == []
    assert reporters.complaints_of(own.book, "uji", reporters.identity("nik", NIK)) == []
    own.bring({"id": 9, "body": record(1)["body"], **REPORTER})
    assert own.query("SELECT 1 FROM findings WHERE kind = 'suspected_double'") == []


@pytest.mark.parametrize("again", ["as it was", "edited"])
def test_a_rescan_of_the_source_does_not_bring_the_reporter_back(own: Desk, again: str) -> None:
    erase(own.book, withdrawn(own, record(1)), by="Uji", reason="diminta")
    before = own.query("SELECT * FROM complaints"), own.query("SELECT count(*) FROM raw_records")
    entries = own.kinds("1")
    shown = record(1) if again == "as it was" else record(1, body=f"Diubah: {WORD}")
    taken = own.show(shown)
    assert (taken.new, taken.changed, taken.seen) == (0, 0, 1)
    assert own.gate() == 0
    assert (own.query("SELECT * FROM complaints"), own.query("SELECT count(*) FROM raw_records")) == before
    assert own.kinds("1") == entries
    assert scrub(own.book)
    assert WORD not in holding(bytes_of(own.book))


def test_every_way_to_read_an_erased_complaint_copes(own: Desk) -> None:
    (identifier,) = withdrawn(own, record(1))
    erase(own.book, [identifier], by="Uji", reason="diminta")
    shown = find_complaint(own.book, identifier)
    assert (shown.erased, shown.title, shown.body, shown.state) == (True, "", "", "withdrawn")
    whole = journey(own.book, identifier, reveal=True)
    assert [version.canonical for version in whole.versions] == [None]
    assert [raw.content for raw in whole.raw_records] == [None]
    assert (whole.possible, whole.entries[-1].kind) == ([], "erased")
    assert list_complaints(own.book, ComplaintFilter(q=WORD))[0] == []
    assert own.gate() == 0
    for verb in (Verb.RESTORE, Verb.REPLAY):
        with pytest.raises(ErasedError, match="was erased"):
            decide(own.book, str(identifier), verb, by="Uji", reason="coba")
    own.go_live()


def test_an_approval_and_the_gate_pass_over_erased_ones_beside_the_living(own: Desk) -> None:
    erase(own.book, withdrawn(own, record(1)), by="Uji", reason="diminta")
    own.bring({"id": 2}, record(1, body="Diubah"), {"id": 3})
    assert [own.state(number) for number in (1, 2, 3)] == ["withdrawn", "ready", "ready"]


def test_what_else_quotes_the_reporter_is_forgotten_too(own: Desk) -> None:
    (identifier,) = withdrawn(own, record(1))
    master, reference = own.book.master, own.row(1).reference
    named, other = msgspec.json.encode(record(5)), b'{"nama": "Orang Lain"}'
    refused = [
        {
            "channel": CHANNEL,
            "message_id": name,
            "body_digest": b"x",
            "received_at": 1,
            "source_ids": "[]",
            "refused": "signature",
            "body": master.wrap(body, b"refused delivery"),
        }
        for name, body in (("a", named), ("b", other))
    ]
    answers = [
        {"key": name, "request": b"r", "asked_at": 1, "body": master.wrap(body, b"repeat")}
        for name, body in ((b"1", reference.encode()), (b"2", b"{}"))
    ]
    with own.book.write() as connection:
        connection.execute(insert(deliveries), refused)
        connection.execute(insert(repeats), answers)
    erase(own.book, [identifier], by="Uji", reason="diminta")
    bodies = own.query("SELECT message_id, body FROM deliveries ORDER BY message_id")
    assert [(row.message_id, row.body is None) for row in bodies] == [("a", True), ("b", False)]
    assert [bytes(row.key) for row in own.query("SELECT key FROM repeats")] == [b"2"]


# --- what may be erased ------------------------------------------------------------------------------------


def test_what_is_unsent_or_in_doubt_is_refused_before_anything_is_erased(own: Desk) -> None:
    ids = withdrawn(own, record(1))
    own.bring(record(2), record(3), record(4, fault="empty"))
    others = [own.row(number).id for number in (2, 3, 4)]
    own.execute(f"UPDATE complaints SET state = 'ambiguous' WHERE id = {others[1]}")
    with pytest.raises(NotAllowedError, match="3 complaints cannot be erased") as refused:
        erase(own.book, [*ids, *others], by="Uji", reason="diminta")
    assert "(ready)" in refused.value.detail
    assert "(ambiguous)" in refused.value.detail
    assert "--withdraw" in refused.value.cure
    with pytest.raises(NotAllowedError, match="1 complaints"):
        erase(own.book, [*ids, *others], by="Uji", reason="diminta", withdraw=True)
    assert not find_complaint(own.book, ids[0]).erased


def test_with_withdraw_what_is_unsent_is_withdrawn_and_erased_at_once(own: Desk) -> None:
    own.bring(record(2), record(4, fault="empty"))
    ids = [own.row(number).id for number in (2, 4)]
    erase(own.book, ids, by="Uji", reason="diminta", withdraw=True)
    assert [own.state(number) for number in (2, 4)] == ["withdrawn", "withdrawn"]
    assert own.kinds("2")[-2:] == ["withdraw", "erased"]
    verify_chains(own)
    assert faults(own) == []


def test_an_accepted_one_keeps_its_state_and_number_so_that_others_can_be_told(own: Desk) -> None:
    (identifier,) = accepted(own, record(1))
    (erased,) = erase(own.book, [identifier], by="Uji", reason="diminta")
    assert (erased.state, erased.tracking_id, erased.source_id) == ("accepted", "900", "1")
    assert own.row(1).tracking_id == "900"


def test_a_legal_hold_stops_an_erasure_until_it_is_lifted(own: Desk) -> None:
    (identifier,) = withdrawn(own, record(1))
    holds.hold_complaint(own.book, str(identifier), by="Uji", reason="perkara 12")
    with pytest.raises(NotAllowedError) as refused:
        erase(own.book, [identifier], by="Uji", reason="diminta")
    assert "legal hold" in refused.value.detail
    holds.release_complaint(own.book, str(identifier), by="Uji", reason="selesai")
    holds.hold_channel(own.book, CHANNEL, by="Uji", reason="perkara 13")
    assert [hold.subject for hold in holds.list_holds(own.book)] == [f"channel:{CHANNEL}"]
    with pytest.raises(NotAllowedError):
        erase(own.book, [identifier], by="Uji", reason="diminta")
    holds.release_channel(own.book, CHANNEL, by="Uji", reason="selesai")
    assert len(erase(own.book, [identifier], by="Uji", reason="diminta")) == 1
    assert own.kinds("1")[-3:] == ["legal_hold", "legal_hold_lifted", "erased"]
    verify_chains(own)


def test_a_hold_needs_a_reason_and_something_to_hold(own: Desk) -> None:
    with pytest.raises(ConfigurationError, match="needs a reason"):
        holds.hold_channel(own.book, CHANNEL, by="Uji", reason=" ")
    with pytest.raises(NotFoundError):
        holds.hold_channel(own.book, "tidak.ada", by="Uji", reason="perkara")
    assert holds.list_holds(own.book) == []


def test_erasing_twice_is_erasing_once(own: Desk) -> None:
    ids = withdrawn(own, record(1))
    assert len(erase(own.book, ids, by="Uji", reason="diminta")) == 1
    assert erase(own.book, ids, by="Uji", reason="diminta") == []
    assert own.kinds("1").count("erased") == 1


# --- tombstones --------------------------------------------------------------------------------------------


def stones_of(own: Desk, path: Path) -> list[Tombstone]:
    write_file(own.book, path)
    return read_file(path)


def forget_erasures(own: Desk) -> None:
    """The book as an older copy of it would be: it has heard of no erasure."""
    own.execute("DELETE FROM tombstones")
    own.execute("DELETE FROM tombstone_digests")


def test_a_book_that_was_put_back_is_erased_again(own: Desk, tmp_path: Path) -> None:
    own.bring(record(1), record(2), {"id": 3})
    living = {n: own.query(f"SELECT * FROM complaints WHERE source_id = '{n}'")[0] for n in (1, 2)}
    stones = [Tombstone(living[n].reference, 1, ()) for n in (1, 2)]
    own.execute(f"UPDATE complaints SET state = 'ambiguous' WHERE id = {living[2].id}")
    applied = apply_tombstones(own.book, [*stones, Tombstone("LG-0000-0000-0000", 1)])
    assert (applied.erased, applied.waiting, applied.unknown) == (1, (living[2].reference,), 1)
    assert (own.state(1), own.kinds("1")[-1], own.state(3)) == ("withdrawn", "erased", "ready")
    assert {stone.reference for stone in unsettled(own.book)} == {living[2].reference, "LG-0000-0000-0000"}
    assert apply_tombstones(own.book, stones).erased == 0

    own.execute(f"UPDATE complaints SET state = 'ready' WHERE id = {living[2].id}")
    assert apply_unsettled(own.book).erased == 1
    assert find_complaint(own.book, living[2].id).erased


@pytest.mark.parametrize("known_by", ["its id", "its content, under another id"])
def test_a_book_older_than_the_complaint_enters_it_without_its_text(
    own: Desk, tmp_path: Path, known_by: str
) -> None:
    raw = msgspec.json.encode(record(1))
    digest = own.book.digest(raw).hex()
    reference = own.book.reference(ORIGIN, "1") if known_by == "its id" else "LG-0000-0000-0000"
    apply_tombstones(own.book, [Tombstone(reference, 1, (digest,))])
    taken = own.show(record(1), {"id": 2})
    assert (taken.new, taken.seen) == (1, 1)
    own.gate()
    assert (own.state(1), own.row(1).reason, own.state(2)) == ("withdrawn", "erased", "ready")
    assert find_complaint(own.book, own.row(1).id).erased
    assert own.show(record(1)).seen == 1
    assert scrub(own.book)
    assert holding(bytes_of(own.book)) == []
    verify_chains(own)
    assert faults(own) == []


def test_the_file_beside_the_book_outlives_an_older_copy_of_the_book(own: Desk, tmp_path: Path) -> None:
    path = tmp_path / "beside" / "tombstones.jsonl"
    lay_to_rest(own.book, path)
    assert not path.exists()
    erase(own.book, withdrawn(own, record(1), record(2)), by="Uji", reason="diminta")
    lay_to_rest(own.book, path)
    assert len(stones_of(own, path)) == 2
    assert all(stone.digests for stone in read_file(path))
    forget_erasures(own)
    lay_to_rest(own.book, path)
    assert len(own.query("SELECT 1 FROM tombstones WHERE settled = 1")) == 2
    path.unlink()
    lay_to_rest(own.book, path)
    assert len(read_file(path)) == 2


def test_a_file_of_tombstones_that_cannot_be_read_stops_the_start(own: Desk, tmp_path: Path) -> None:
    path = tmp_path / "tombstones.jsonl"
    path.write_text('{"reference": "LG-')
    with pytest.raises(ConfigurationError, match="cannot be read"):
        lay_to_rest(own.book, path)


# --- the reporter's own copy -------------------------------------------------------------------------------


def test_a_reporter_is_found_by_any_identity_in_any_version_and_in_unread_records(own: Desk) -> None:
    own.bring(
        record(1),
        record(2, nik=None),
        record(3, phone=None, email=None),
        {"id": 4, "nik": "3523014101900001"},
    )
    own.bring(record(4, fault="empty"), {"id": 5, **REPORTER})
    own.bring({"id": 5, "body": "Tanpa nama lagi", "updated_at": None})

    def found(kind: Any, value: str) -> list[str]:
        return [
            one.source_id for one in reporters.complaints_of(own.book, "uji", reporters.identity(kind, value))
        ]

    assert found("nik", "3523 0141 0190 0077") == ["1", "3", "5"]
    assert found("phone", "0813-7770-0077") == ["1", "2", "5"]
    assert found("email", EMAIL.upper()) == ["1", "2", "5"]
    assert reporters.complaints_of(own.book, "lain", reporters.identity("nik", NIK)) == []
    own.bring(record(6, fault="empty"))
    assert found("nik", NIK) == ["1", "3", "5", "6"]


def test_an_export_holds_all_of_the_reporters_data_names_no_operator_and_is_written_down(own: Desk) -> None:
    withdrawn(own, record(1, visibility="secret"))
    found = reporters.complaints_of(own.book, "uji", reporters.identity("nik", NIK))
    (whole,) = reporters.export(own.book, found, region="uji", by="Petugas Rekaan")
    text = msgspec.json.encode(whole)
    assert holding(text) == ["zzqnama", NIK, "81377700077", "zzqmarker", "zzqalamat", WORD]
    assert b"Petugas Rekaan" not in text
    assert own.kinds("1")[-1] == "exported"
    (line,) = own.query("SELECT action, subject, facts FROM audit WHERE action = 'export_reporter'")
    assert holding(line.facts.encode()) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [*product(["nik", "phone", "email"], ["", "  ", "-", "123", "bukan"])],
)
def test_a_value_that_is_no_identity_is_refused_in_words_that_do_not_depend_on_it(
    kind: Any, value: str
) -> None:
    def refusal(given: str) -> tuple[str, str, str]:
        with pytest.raises(ConfigurationError) as refused:
            reporters.identity(kind, given)
        return str(refused.value), refused.value.detail, refused.value.cure

    assert refusal(value) == refusal("zzq bukan identitas")
    assert not any("zzq" in part for part in refusal("zzq bukan identitas"))


def test_nobody_is_found_by_having_no_identity(own: Desk) -> None:
    """Were nothing an identity, an erasure of it would take every anonymous report."""
    own.bring({"id": 1}, {"id": 2, "name": "Warga Rekaan"}, {"id": 3, "fault": "empty"})
    assert {own.row(number).reporter_index for number in (1, 2, 3)} == {None}
    assert reporters.complaints_of(own.book, "uji", Reporter()) == []
