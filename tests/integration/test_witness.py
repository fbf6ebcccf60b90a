"""Witnesses: a file, an address, a mailbox; what each takes, signs, refuses, and what a witness that is ahead stops."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lapor_gateway.book import checkpoints
from lapor_gateway.book.checkpoints import list_checkpoints
from lapor_gateway.domain.notes import Note, Signature, VerifierKey, notes_in
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.outside import held_by
from lapor_gateway.jobs.sealing import seal_ledger, witnesses_of
from lapor_gateway.jobs.verification import Verdict, verify
from lapor_gateway.jobs.witness import FileWitness, Guard, Handed, WitnessAheadError, notes_of
from lapor_gateway.settings import load_settings
from tests.support.http_application import Answered, Application, Asked
from tests.support.mailbox import Mailbox
from tests.support.merkle import is_consistent
from tests.support.offices import Offices, message, open_offices

WITNESS_NAME = "saksi.example"


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    with open_offices(tmp_path) as world:
        world.deliver("satu.pesan", message("S1"), message("S2"))
        yield world


def witnessed_by(offices: Offices, *places: str | dict[str, Any]) -> Gateway:
    """The same gateway with other witnesses."""
    settings = offices.gateway.settings
    asked = settings.model_validate(settings.model_dump(exclude={"witness"}) | {"witness": list(places)})
    offices.gateway.settings = asked
    return offices.gateway


def taken(gateway: Gateway) -> dict[str, tuple[int, str | None]]:
    names = [one.name for one in witnesses_of(gateway)]
    with gateway.book.read() as connection:
        rows = {name: checkpoints.taken_by(connection, name) for name in names}
    return {name: (row.number, row.trouble) for name, row in rows.items()}


def all_notes(gateway: Gateway) -> list[Note]:
    with gateway.book.read() as connection:
        return checkpoints.notes_behind(connection, 0, 10_000)


async def test_without_any_setting_the_witness_is_a_file_in_the_data_folder(offices: Offices) -> None:
    gateway = offices.gateway
    done = await seal_ledger(gateway)
    assert (done.checkpoints, done.failures) == (1, [])
    (line,) = (offices.root / "witness.log").read_text().splitlines()
    (witness,) = witnesses_of(gateway)
    (note,) = all_notes(gateway)
    assert witness.guard is Guard.DATA_FOLDER
    assert await witness.last_seen(note.checkpoint.book) == note
    for word in ('"epoch":1', '"number":1', f'"size":{note.checkpoint.size}', note.checkpoint.root.hex()):
        assert word in line
    assert (await seal_ledger(gateway)).checkpoints == 0, "nothing new, nothing written"
    assert len((offices.root / "witness.log").read_text().splitlines()) == 1


async def test_a_witness_that_is_away_does_not_stop_the_seal_and_gets_everything_later(
    offices: Offices, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    gateway = witnessed_by(offices, str(share / "witness.log"))
    done = await seal_ledger(gateway)
    assert done.checkpoints == 1
    assert [one.kind for one in done.failures] == ["out-of-reach"]
    ((number, trouble),) = taken(gateway).values()
    assert number == 0
    assert trouble is not None
    assert "cannot be reached" in trouble
    offices.deliver("satu.pesan", message("S3"))
    await seal_ledger(gateway)
    share.mkdir()
    done = await seal_ledger(gateway)
    assert (done.checkpoints, done.failures) == (0, [])
    assert list(taken(gateway).values()) == [(2, None)]
    assert notes_of((share / "witness.log").read_bytes()) == all_notes(gateway)


async def test_a_line_that_a_crash_cut_off_harms_neither_the_next_nor_the_reading(offices: Offices) -> None:
    gateway, log = offices.gateway, offices.root / "witness.log"
    await seal_ledger(gateway)
    log.write_bytes(log.read_bytes() + b'{"book":"half of a li')
    offices.deliver("satu.pesan", message("S3"))
    await seal_ledger(gateway)
    (witness,) = witnesses_of(gateway)
    book = all_notes(gateway)[0].checkpoint.book
    assert await witness.notes(book) == all_notes(gateway)
    assert (await verify(gateway)).verdict is Verdict.PROVEN


async def test_several_books_may_share_one_witness_file(tmp_path: Path) -> None:
    shared = tmp_path / "witness.log"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with open_offices(tmp_path / name) as world:
            gateway = witnessed_by(world, str(shared))
            await seal_ledger(gateway)
            assert (await verify(gateway)).verdict is Verdict.PROVEN
    assert len({note.checkpoint.book for note in notes_of(shared.read_bytes())}) == 2


async def test_a_book_that_is_behind_its_witness_adds_nothing_to_it(offices: Offices) -> None:
    gateway, log = offices.gateway, offices.root / "witness.log"
    await seal_ledger(gateway)
    offices.deliver("satu.pesan", message("S3"))
    await seal_ledger(gateway)
    kept = log.read_bytes()
    with gateway.book.write() as connection:  # as an older copy of the book would be
        for statement in (
            "DROP TRIGGER checkpoints_no_DELETE",
            "DELETE FROM checkpoints",
            "DELETE FROM ledger_leaves",
            "DELETE FROM witnesses",
        ):
            connection.exec_driver_sql(statement)
    done = await seal_ledger(gateway)
    assert [type(one) for one in done.failures] == [WitnessAheadError]
    assert log.read_bytes() == kept
    found = await verify(gateway)
    assert found.verdict is Verdict.BROKEN


def application(answer: Callable[[Asked], Answered]) -> Iterator[Application]:
    made = Application(answer)
    yield made
    made.close()


class KeepingWitness:
    """A witness at an address as an office would run one: checks consistency, keeps, and signs beside us."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key = VerifierKey(WITNESS_NAME, 1, public)
        self.notes: list[Note] = []
        self.signs = True

    def answer(self, asked: Asked) -> Answered:
        if asked.method == "GET":
            return Answered("".join(note.text for note in self.notes).encode())
        head, _, text = asked.body.decode().partition("\n\n")
        old, *proof = head.splitlines()
        (note,) = notes_in(text)
        seen = self.notes[-1].checkpoint if self.notes else None
        size = 0 if seen is None else seen.size
        if old != f"old {size}":
            return Answered(f"{size}\n".encode(), 409, {"Content-Type": "text/x.tlog.size"})
        path = [base64.b64decode(line) for line in proof]
        one = note.checkpoint
        if seen is not None and not is_consistent(seen.size, seen.root, one.size, one.root, path):
            return Answered(b"not consistent", 422)
        self.notes.append(note)
        signed = Signature(self.key.name, self.key.id, self.private.sign(one.body.encode()))
        return Answered(signed.line.encode() if self.signs else b"")


@pytest.fixture
def keeping() -> KeepingWitness:
    return KeepingWitness()


@pytest.fixture
def office(keeping: KeepingWitness) -> Iterator[Application]:
    yield from application(keeping.answer)


async def test_a_witness_at_an_address_checks_keeps_and_signs_beside_us(
    offices: Offices, keeping: KeepingWitness, office: Application
) -> None:
    gateway = witnessed_by(offices, {"to": office.url, "key": str(keeping.key)})
    for number in range(3):
        offices.deliver("satu.pesan", message(f"N{number}"))
        assert (await seal_ledger(gateway)).failures == []
    assert keeping.notes == all_notes(gateway)
    shown, _ = list_checkpoints(gateway.book, limit=10)
    assert all(f"\u2014 {WITNESS_NAME} " in one.note for one in shown)
    found = await verify(gateway)
    assert found.verdict is Verdict.PROVEN
    assert found.proven == found.sealed
    assert await held_by(gateway, office.url) == [(office.url, note) for note in keeping.notes]


async def test_a_witness_that_has_forgotten_how_far_it_was_is_asked_and_given_that_proof(
    offices: Offices, keeping: KeepingWitness, office: Application
) -> None:
    gateway = witnessed_by(offices, office.url)
    await seal_ledger(gateway)
    with gateway.book.write() as connection:  # the answer came, and we died before we wrote it down
        connection.exec_driver_sql("DELETE FROM witnesses")
    offices.deliver("satu.pesan", message("S3"))
    assert (await seal_ledger(gateway)).failures == []
    assert keeping.notes == all_notes(gateway)


async def test_a_witness_that_has_seen_more_than_the_book_is_told_at_once(
    offices: Offices, office: Application, keeping: KeepingWitness
) -> None:
    gateway = witnessed_by(offices, office.url)
    office.answer = lambda _: Answered(b"1000000\n", 409)
    (failure,) = (await seal_ledger(gateway)).failures
    assert isinstance(failure, WitnessAheadError)
    assert "1000000" in failure.detail


async def test_a_witness_that_must_sign_and_does_not_has_not_taken_it(
    offices: Offices, keeping: KeepingWitness, office: Application
) -> None:
    keeping.signs = False
    gateway = witnessed_by(offices, {"to": office.url, "key": str(keeping.key)})
    (failure,) = (await seal_ledger(gateway)).failures
    assert "no signature by the key" in failure.detail
    assert [number for number, _ in taken(gateway).values()] == [0]


@pytest.mark.parametrize(
    "answered",
    [
        Answered(b"no", 403),
        Answered(b"", 500),
        Answered(b"", 302),
        Answered(b"x", 409),
        Answered(b"taken", cut=0),
    ],
)
async def test_any_other_answer_is_a_trouble_that_is_written_down(
    offices: Offices, office: Application, answered: Answered
) -> None:
    gateway = witnessed_by(offices, office.url)
    office.answer = lambda _: answered
    (failure,) = (await seal_ledger(gateway)).failures
    assert office.url.removeprefix("http://") in failure.message
    assert [trouble for _, trouble in taken(gateway).values()] == [failure.message]


async def test_a_mailbox_gets_a_checkpoint_a_day_that_verifies_when_it_is_saved(offices: Offices) -> None:
    mailbox = Mailbox()
    try:
        gateway = witnessed_by(offices, {"to": "mailto:saksi@example.go.id", "through": mailbox.url})
        for number in range(3):
            offices.deliver("satu.pesan", message(f"N{number}"))
            assert (await seal_ledger(gateway)).failures == []
        (mail,) = mailbox.mails
        assert "To: saksi@example.go.id" in mail
        saved = offices.root / "saksi.eml"
        saved.write_text(mail, "utf-8")
        held = await held_by(gateway, str(saved))
        assert [note for _, note in held] == all_notes(gateway)[:1]
        found = await verify(gateway, held)
        assert found.verdict is Verdict.PROVEN
        assert found.proven < found.sealed
        (report,) = (await verify(gateway)).witnesses
        assert report.guard is Guard.MAILBOX
    finally:
        mailbox.close()


async def test_a_mail_that_cannot_be_sent_is_a_trouble_that_is_written_down(offices: Offices) -> None:
    mailbox = Mailbox()
    mailbox.refuses = True
    gateway = witnessed_by(offices, {"to": "mailto:saksi@example.go.id", "through": mailbox.url})
    (failure,) = (await seal_ledger(gateway)).failures
    assert "could not be sent" in failure.message
    mailbox.close()
    (failure,) = (await seal_ledger(gateway)).failures
    assert failure.detail == "ConnectionRefusedError"


async def test_one_witness_in_trouble_keeps_nothing_from_another(offices: Offices) -> None:
    gateway = witnessed_by(offices, "/nowhere/at/all/witness.log", "witness.log")
    done = await seal_ledger(gateway)
    assert len(done.failures) == 1
    assert [number for number, _ in taken(gateway).values()] == [0, 1]


@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"note": 5}\n', b"\xff\xfe\0garbage", b"{" * 10_000])
async def test_a_file_that_holds_no_checkpoint_is_refused_with_the_cure(
    offices: Offices, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="holds no checkpoint of this book"):
        await held_by(offices.gateway, str(path))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await held_by(offices.gateway, str(tmp_path / "missing.log"))


async def test_a_file_witness_takes_each_checkpoint_once(offices: Offices, tmp_path: Path) -> None:
    await seal_ledger(offices.gateway)
    notes = tuple(all_notes(offices.gateway))
    witness = FileWitness(tmp_path / "w.log", Guard.FILE)
    for _ in range(2):
        await witness.hand_over(Handed(notes, 0, lambda _: []))
    assert await witness.notes(notes[0].checkpoint.book) == list(notes)


@pytest.mark.parametrize(
    ("setting", "places"),
    [
        (None, ["witness.log"]),
        ("none", []),
        ("/mnt/a/w.log, https://saksi.example/c", ["/mnt/a/w.log", "https://saksi.example/c"]),
        ("mailto:a@example.go.id", ["mailto:a@example.go.id"]),
    ],
)
def test_witnesses_are_set_by_the_environment(setting: str | None, places: list[str], tmp_path: Path) -> None:
    environ = {} if setting is None else {"LAPOR_GATEWAY_WITNESS": setting}
    assert [one.to for one in load_settings(tmp_path, environ).witness] == places


@pytest.mark.parametrize(
    "setting",
    ["ftp://example.org/x", "http://saksi.example/c", "mailto:nobody", "https://user:pw@saksi.example/c"],
)
def test_a_witness_that_cannot_be_one_stops_the_start_with_an_example(setting: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"The setting witness\.0\.to is wrong") as error:
        load_settings(tmp_path, {"LAPOR_GATEWAY_WITNESS": setting})
    assert "For example" in error.value.cure
    assert "pw" not in str(error.value)
