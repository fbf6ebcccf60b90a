"""A book with a sealed ledger: complaints in many states, entries about other things, checkpoints, a witness."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec

from lapor_gateway.book import checkpoints
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.entries import COLUMNS, behind
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.ledger import Entry, entry_hash
from lapor_gateway.book.sealing import seal
from lapor_gateway.book.sending import AccountState, Finished, Outbox
from lapor_gateway.book.tiles import Tree
from lapor_gateway.book.vault import set_secret
from lapor_gateway.domain.notes import Note
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from lapor_gateway.jobs.verification import Verification, verify_book
from lapor_gateway.jobs.witness import FileWitness, Guard, Handed
from lapor_gateway.national.lapor_v3 import LaporV3
from tests.support.books import ACCOUNT, Desk, desk
from tests.support.waiting import eventually

_TABLES = (
    "ledger_entries", "ledger_heads", "ledger_leaves", "ledger_nodes", "checkpoints", "complaints",
)  # fmt: skip


class NoFence:
    """A lease that nobody else wants."""

    fence = 1

    def require(self, _connection: object) -> None:
        """Nobody else is there."""


class Sealed:
    """A desk whose ledger is sealed and witnessed by a file, and what somebody does to it by hand."""

    def __init__(self, own: Desk, url: str, witness: Path) -> None:
        self.own = own
        self.url = url
        self.witness = FileWitness(witness, Guard.FILE)
        self.witness_path = witness
        self.book_id = str(own.query("SELECT value FROM book WHERE name = 'id'")[0][0])

    def seal(self) -> list[Note]:
        """Seal everything; the new checkpoints, as few as there can be.

        On PostgreSQL another transaction on the server may hold it up for a moment.
        """
        notes: list[Note] = []
        eventually(self._is_final, within=60, what="no older transaction on the server")
        while (note := seal(self.own.book, cast("Lease", NoFence()))) is not None:
            notes.append(note)
        return notes

    def _is_final(self) -> bool:
        """Whether the order of every entry is settled."""
        count: int = self.own.query("SELECT count(*) FROM ledger_entries")[0][0]
        with self.own.book.read() as connection:
            tree = Tree(connection)
            return tree.size + len(behind(connection, tree.position, count + 1)) == count

    def hand_over(self) -> None:
        """Give the witness everything it has not seen."""
        with self.own.book.read() as connection:
            notes = checkpoints.notes_behind(connection, 0, 10_000)
        asyncio.run(self.witness.hand_over(Handed(tuple(notes), 0, lambda _: [])))

    def witnessed(self) -> list[tuple[str, Note]]:
        return [("saksi", note) for note in asyncio.run(self.witness.notes(self.book_id)) or []]

    def verify(self, *, witnessed: bool = True, processes: int = 1) -> Verification:
        notes = self.witnessed() if witnessed else []
        return verify_book(self.own.book, self.url, notes, processes=processes)

    def free(self) -> None:
        """Take the triggers away, as whoever owns the database can."""
        if self.own.book.is_sqlite:
            for table in ("ledger_entries", "checkpoints"):
                for verb in ("UPDATE", "DELETE"):
                    self.own.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        else:
            for table in ("ledger_entries", "checkpoints"):
                self.own.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")

    @contextlib.contextmanager
    def put_back(self) -> Iterator[None]:
        """Afterwards every table is again what it was before."""
        kept = {table: [tuple(row) for row in self.own.query(f"SELECT * FROM {table}")] for table in _TABLES}
        yield
        for table, rows in kept.items():
            self.own.execute(f"DELETE FROM {table}")
            self._insert(table, rows)

    def _insert(self, table: str, rows: list[tuple[object, ...]]) -> None:
        mark = "?" if self.own.book.is_sqlite else "%s"
        with self.own.book.write() as connection:
            for row in rows:
                places = ", ".join([mark] * len(row))
                connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({places})", row)

    def change(self, table: str, column: str, value: object, where: str) -> None:
        """Set one column of one row by hand."""
        mark = "?" if self.own.book.is_sqlite else "%s"
        with self.own.book.write() as connection:
            changed = connection.exec_driver_sql(
                f"UPDATE {table} SET {column} = {mark} WHERE {where}", (value,)
            )
        assert changed.rowcount == 1, (table, column, where)

    def forge(self, subject: str, seq: int, **values: object) -> None:
        """Rewrite an entry as an insider does: its chain, its head and its complaint's row fit again afterwards."""
        rows = self.own.query(
            f"SELECT {', '.join(column.name for column in COLUMNS)} FROM ledger_entries"
            f" WHERE subject = '{subject}' ORDER BY seq"
        )
        head = b""
        for row in rows:
            entry = Entry(*tuple(row)[:10])
            if entry.seq == seq:
                entry = msgspec.structs.replace(entry, **values)
            elif entry.seq > seq:
                entry = msgspec.structs.replace(entry, previous=head)
            head = entry_hash(entry)
            for name in ("kind", "at", "actor", "facts", "previous"):
                self.change("ledger_entries", name, getattr(entry, name), f"id = {row.id}")
        self.change("complaints", "ledger_head", head, f"reference = '{subject}'")

    def unseal(self) -> None:
        """Throw the whole seal away."""
        for table in ("ledger_leaves", "ledger_nodes", "checkpoints"):
            self.own.execute(f"DELETE FROM {table}")


@contextlib.contextmanager
def sealed_desk(url: str, witness: Path, *, complaints: int = 130) -> Iterator[Sealed]:
    """A book of some hundred entries under five checkpoints, all of them seen by the witness."""
    with desk(url) as own:
        made = Sealed(own, url, witness)
        own.bring(*({"id": number, "updated_at": "2026-03-01T00:00:00Z"} for number in range(1, complaints)))
        made.seal()
        _send(own, [Accepted("9000001"), Refused("HTTP 422"), NotTaken("HTTP 429"), Unknown("time-out")])
        made.seal()
        _send(own, [Accepted(f"91000{number:02}") for number in range(10)])
        _decide(own)
        made.seal()
        own.bring(
            {"id": 3, "body": "Kini lebih dalam.", "updated_at": "2026-03-02T00:00:00Z"},
            {"id": 900, "fault": "x"},
        )
        set_secret(own.book, "uji/sandi", "x")
        made.seal()
        own.bring(*({"id": number} for number in range(1_000, 1_005)))
        made.seal()
        made.hand_over()
        yield made


def _send(own: Desk, outcomes: list[Outcome]) -> None:
    outbox = Outbox(
        own.book, ACCOUNT, cast("Lease", NoFence()), LaporV3().sent_text, timeout=90, can_look_up=True
    )
    attempts = outbox.exchange([], len(outcomes), AccountState())
    finished = [Finished(attempt, outcome) for attempt, outcome in zip(attempts, outcomes, strict=True)]
    outbox.exchange(finished, 0, AccountState())


def _decide(own: Desk) -> None:
    def of(number: int) -> str:
        return str(own.row(number).id)

    decide(own.book, of(30), Verb.HOLD, by="Uji")
    decide(own.book, of(31), Verb.NUMBER, by="Uji", number="7777777")
    decide(own.book, of(31), Verb.UNDO, by="Uji", reason="salah")
    decide(own.book, of(32), Verb.LINK, by="Uji", other=of(33))
    decide(own.book, of(34), Verb.WITHDRAW, by="Uji", reason="ganda")
    decide(own.book, of(35), Verb.LINK, by="Uji", other=of(33))
    decide(own.book, of(35), Verb.SPLIT, by="Uji")
    first, second, third = (
        row.id for row in own.query("SELECT id FROM complaints WHERE state = 'accepted' LIMIT 3")
    )
    for accepted in (second, third):
        decide(own.book, str(accepted), Verb.LINK, by="Uji", other=str(first))
    decide(own.book, str(third), Verb.SPLIT, by="Uji")
