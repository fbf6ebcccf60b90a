"""The differences of one run, in the file of its indexes: found, marked with what became of them, handed on."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

import msgspec

from lapor_gateway.domain.reconciliation import Against, Difference, DifferenceKind, Repair

OPEN, REPAIRED, ACCEPTED = "open", "repaired", "accepted"
_BATCH: Final = 5_000
_COLUMNS: Final = "kind, subject, against, channel, facts, repair, state"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS differences (
    kind TEXT, subject TEXT, against TEXT, channel TEXT, facts TEXT, repair TEXT, state TEXT NOT NULL,
    PRIMARY KEY (kind, subject, against)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refreshes (reference TEXT PRIMARY KEY, number TEXT, word TEXT) WITHOUT ROWID;
"""


class Differences:
    """On the connection of the run's file; each method commits by itself unless a transaction is open."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(_SCHEMA)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("BEGIN IMMEDIATE")
        yield self._database
        self._database.execute("COMMIT")

    def begin(self) -> None:
        """Forget an earlier comparison."""
        self._database.execute("DELETE FROM differences")
        self._database.execute("DELETE FROM refreshes")

    def add(self, found: Iterator[Difference]) -> None:
        """Write differences as they are found."""
        query = f"INSERT INTO differences ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, '{OPEN}')"  # noqa: S608
        while batch := list(islice(found, _BATCH)):
            self._database.executemany(query, map(_values, batch))

    def digest(self) -> str:
        """SHA-256 over all differences in their order: equal for equal results."""
        state = hashlib.sha256()
        for row in self._database.execute("SELECT kind, subject, against, channel, facts FROM differences"):
            state.update(msgspec.json.encode(row))
        return state.hexdigest()

    def all(self, repair: Repair | None = None, state: str | None = None) -> Iterator[Difference]:
        """In the order of class and subject, all or those of a repair or a state; may be marked meanwhile."""
        return map(_difference, self.rows(repair, state))

    def rows(self, repair: Repair | None = None, state: str | None = None) -> Iterator[tuple[str, ...]]:
        """The same as (kind, subject, against, channel, facts, repair, state)."""
        last = ("", "", "")
        while True:
            rows = self._database.execute(
                f"SELECT {_COLUMNS} FROM differences WHERE (kind, subject, against) > (?, ?, ?)"  # noqa: S608
                " AND repair IS coalesce(?, repair) AND state = coalesce(?, state)"
                " ORDER BY kind, subject, against LIMIT ?",
                (*last, repair, state, _BATCH),
            ).fetchall()
            yield from rows
            if len(rows) < _BATCH:
                return
            last = rows[-1][:3]

    def to_mend(self, reference: str, repair: Repair) -> list[Difference]:
        """The open differences of one complaint that a repair mends."""
        marks = ", ".join("?" * len(DifferenceKind))
        query = (
            f"SELECT {_COLUMNS} FROM differences WHERE kind IN ({marks})"  # noqa: S608 - our own words
            " AND subject = ? AND repair = ? AND state = 'open'"
        )
        kinds = [str(kind) for kind in DifferenceKind]
        return [_difference(row) for row in self._database.execute(query, (*kinds, reference, repair))]

    def of_kind(self, kind: DifferenceKind, channels: Iterable[str]) -> Iterator[Difference]:
        """The differences of a class in some channels."""
        own = frozenset(channels)
        return (one for one in self._of_kind(kind) if one.channel in own)

    def _of_kind(self, kind: DifferenceKind) -> Iterator[Difference]:
        query = f"SELECT {_COLUMNS} FROM differences WHERE kind = ?"  # noqa: S608 - our own words
        return map(_difference, self._database.execute(query, (kind,)))

    def leave_out(self, kind: DifferenceKind, channels: Iterable[str]) -> None:
        """Take away a class that nothing proves in these channels."""
        with self._writing() as database:
            database.executemany(
                "DELETE FROM differences WHERE kind = ? AND channel = ?", [(kind, name) for name in channels]
            )

    def mark(self, found: Iterable[Difference], state: str) -> None:
        """Say of differences what became of them."""
        with self._writing() as database:
            database.executemany(
                "UPDATE differences SET state = ? WHERE kind = ? AND subject = ? AND against = ?",
                [(state, one.kind, one.subject, one.against) for one in found],
            )

    def states_of(self, kind: str, subject: str) -> set[str]:
        """What became of the differences of a class about one subject; empty where there are none."""
        query = "SELECT state FROM differences WHERE kind = ? AND subject = ?"
        return {state for (state,) in self._database.execute(query, (kind, subject))}

    def tally(self) -> dict[str, dict[str, int]]:
        """Differences by class and state."""
        found: dict[str, dict[str, int]] = {}
        query = "SELECT kind, state, count(*) FROM differences GROUP BY kind, state"
        for kind, state, count in self._database.execute(query):
            found.setdefault(kind, {})[state] = count
        return found

    def refreshes(self) -> Iterator[tuple[str, str, str]]:
        """(reference, number, word) of every accepted complaint whose status there was never read before."""
        last = ""
        while True:
            rows = self._database.execute(
                "SELECT reference, number, word FROM refreshes WHERE reference > ? ORDER BY reference LIMIT ?",
                (last, _BATCH),
            ).fetchall()
            yield from rows
            if len(rows) < _BATCH:
                return
            last = rows[-1][0]


def _values(one: Difference) -> tuple[Any, ...]:
    facts = msgspec.json.encode(one.facts, order="sorted").decode()
    repair = None if one.repair is None else str(one.repair)
    return str(one.kind), one.subject, str(one.against), one.channel, facts, repair


def _difference(row: tuple[Any, ...]) -> Difference:
    kind, subject, against, channel, facts, repair, _ = row
    mends = None if repair is None else Repair(repair)
    return Difference(
        DifferenceKind(kind), Against(against), subject, channel, msgspec.json.decode(facts), mends
    )
