"""`ledger verify|proof|export|sample` and what doctor says of the seal, by hand and with wrong input."""

import json
import sqlite3
from pathlib import Path

import pytest

from lapor_gateway.errors import ExitCode
from tests.integration.test_cli import ONE, Run, installed, run
from tests.integration.test_stand_alone_verifier import is_good

__all__ = ["installed", "run"]


@pytest.fixture
def synced(installed: Run) -> Run:
    """An installation whose two records were pulled, and sealed at the end of the sync."""
    installed("sync", "--all")
    return installed


def tamper(folder: Path, *statements: str) -> None:
    book = sqlite3.connect(folder / "data" / "book.db")
    with book:
        for statement in statements:
            book.execute(statement)
    book.close()


def test_a_sync_ends_with_a_seal_that_verifies(synced: Run, tmp_path: Path) -> None:
    assert (tmp_path / "data" / "witness.log").is_file()
    found = synced("ledger", "verify")
    assert found.code == ExitCode.DONE, found.out + found.err
    assert found.out.startswith("PROVEN: ")
    assert "NOT against whoever can write in this data folder" in found.out
    told = synced("ledger", "verify", "--json").json
    assert told["verdict"] == "proven"
    assert told["proven"] == told["sealed"] > 0
    assert told["faults"] == []
    assert told["witnesses"][0]["guard"] == "data_folder"


def test_a_changed_entry_is_named_and_needs_a_person(synced: Run, tmp_path: Path) -> None:
    tamper(
        tmp_path,
        "DROP TRIGGER ledger_entries_no_UPDATE",
        "UPDATE ledger_entries SET actor = 'nobody' WHERE id = 3",
    )
    found = synced("ledger", "verify")
    assert found.code == ExitCode.NEEDS_A_PERSON
    assert found.out.startswith("BROKEN: ")
    assert "the entry 3 (leaf 2) is not the one that was sealed" in found.out
    (first, *_) = synced("ledger", "verify", "--json").json["faults"]
    assert (first["kind"], first["entry"]) == ("entry_changed", 3)
    assert synced("doctor", "--offline").code != ExitCode.DONE
    inbox = tmp_path / "data" / "inbox" / "contoh" / "harian.csv"
    inbox.write_text(inbox.read_text() + ONE.replace("1;", "3;", 1))
    again = synced("sync", "--all")
    assert again.code == ExitCode.NEEDS_A_PERSON
    assert "The ledger's entry 3 is not the one that was sealed" in again.err
    assert "ledger verify" in again.err


def test_without_any_witness_it_says_since_when_nothing_is_proven(
    synced: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAPOR_GATEWAY_WITNESS", "none")
    found = synced("ledger", "verify")
    assert found.code == ExitCode.NEEDS_A_PERSON
    assert "UNPROVEN" in found.out
    assert "Unproven since the book began" in found.out
    assert "there is no witness" in synced("doctor", "--offline").out


def test_a_copy_that_somebody_keeps_outside_finds_what_the_data_folder_cannot(
    synced: Run, tmp_path: Path
) -> None:
    kept = tmp_path / "inspektorat.log"
    kept.write_bytes((tmp_path / "data" / "witness.log").read_bytes())
    assert synced("ledger", "verify", "--witness", kept).code == ExitCode.DONE
    tamper(
        tmp_path,
        "DROP TRIGGER checkpoints_no_DELETE",
        "DELETE FROM checkpoints", "DELETE FROM ledger_leaves", "DELETE FROM ledger_nodes", "DELETE FROM witnesses",
    )  # fmt: skip
    (tmp_path / "data" / "witness.log").unlink()
    assert "UNPROVEN" in synced("ledger", "verify").out, "the book alone does not show it"
    found = synced("ledger", "verify", "--witness", kept)
    assert found.code == ExitCode.NEEDS_A_PERSON
    assert "cut off" in found.out


@pytest.mark.parametrize("place", ["missing.log", "lapor-gateway.toml", "https://user@"])
def test_a_wrong_witness_is_said_in_one_sentence(synced: Run, place: str) -> None:
    found = synced("ledger", "verify", "--witness", place)
    assert found.code in (ExitCode.WRONG_USAGE, ExitCode.OUT_OF_REACH)
    assert found.err.startswith("Error: ")
    assert "Traceback" not in found.err


def test_a_witness_that_does_not_answer_is_out_of_reach(synced: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_GATEWAY_WITNESS", "http://127.0.0.1:9/checkpoints")
    found = synced("ledger", "verify")
    assert found.code == ExitCode.OUT_OF_REACH
    assert "127.0.0.1:9 could not be reached" in found.out


def test_a_proof_is_written_once_and_verifies_elsewhere(synced: Run, tmp_path: Path) -> None:
    (complaint, *_) = synced("complaints", "list", "--json").json
    shown = synced("ledger", "proof", complaint["reference"])
    assert shown.code == ExitCode.DONE
    assert is_good(shown.json)
    written = synced("ledger", "proof", str(complaint["id"]), "--out", "bukti.json")
    assert written.code == ExitCode.DONE
    assert is_good(json.loads((tmp_path / "bukti.json").read_text()))
    again = synced("ledger", "proof", str(complaint["id"]), "--out", "bukti.json")
    assert again.code == ExitCode.WRONG_USAGE
    assert "is there already" in again.err
    wrong = synced("ledger", "proof", "LG-0000-0000-0000")
    assert wrong.code == ExitCode.WRONG_USAGE
    assert "There is no complaint" in wrong.err


def test_an_export_is_json_lines_and_says_where_to_go_on(synced: Run) -> None:
    whole = synced("ledger", "export")
    lines = [json.loads(line) for line in whole.out.splitlines()]
    assert [line["leaf"] for line in lines] == list(range(len(lines)))
    assert f"--from {len(lines)}" in whole.err
    rest = synced("ledger", "export", "--from", "3")
    assert [json.loads(line) for line in rest.out.splitlines()] == lines[3:]
    past = synced("ledger", "export", "--from", "9999")
    assert past.code == ExitCode.WRONG_USAGE
    assert "sealed entries" in past.err


def test_a_sample_prints_its_seed_and_gives_the_same_again(synced: Run, tmp_path: Path) -> None:
    one = synced("ledger", "sample", "2", "--out", "a.jsonl")
    seed = one.err.rsplit("--seed ", 1)[1].strip().rstrip(".")
    assert synced("ledger", "sample", "2", "--seed", seed, "--out", "b.jsonl").code == ExitCode.DONE
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert all(is_good(json.loads(line)) for line in (tmp_path / "a.jsonl").read_text().splitlines())
    many = synced("ledger", "sample", "3")
    assert many.code == ExitCode.WRONG_USAGE
    assert "There are only 2 complaints with a seal" in many.err


def test_doctor_tells_of_the_seal_and_of_a_witness_in_trouble(
    synced: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = synced("doctor", "--offline").out
    assert "ledger's seal:" in told
    assert "entries sealed" in told
    assert "guards against a database that was restored" in told
    monkeypatch.setenv("LAPOR_GATEWAY_WITNESS", "/nowhere/at/all/witness.log")
    synced("sync", "--all")
    told = synced("doctor", "--offline").out
    assert "The witness /nowhere/at/all/witness.log cannot be reached" in told


def test_before_anything_is_sealed_every_command_says_so(installed: Run) -> None:
    assert installed("ledger", "export").out == ""
    none = installed("ledger", "sample", "1")
    assert none.code == ExitCode.WRONG_USAGE
    assert "Nothing is sealed yet" in none.err
    assert "UNPROVEN: " in installed("ledger", "verify").out
