"""The three indexes of one reconciliation in a file beside the book: spooled as they come, then sorted on disk.

One SQLite file a run, in the data folder. It survives a killed process (not a power cut: then the run is simply done
anew) and gives the same differences whenever it is compared again.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec

from lapor_gateway.domain.reconciliation import (
    Against,
    Difference,
    DifferenceKind,
    LedgerRow,
    NationalRow,
    Repair,
    SourceRow,
    Terms,
    merged,
    refreshed_word,
    stranger,
)
from lapor_gateway.domain.reconciliation import compare as compare_group
from lapor_gateway.errors import ConfigurationError

_BATCH: Final = 5_000
_CACHE_KIB: Final = 48_000
_SOURCE: Final = SourceRow.__struct_fields__
_LEDGER: Final = LedgerRow.__struct_fields__
_NATIONAL: Final = NationalRow.__struct_fields__
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shown (
    origin TEXT, reference TEXT, channel TEXT, source_id TEXT, raw BLOB, canonical BLOB, status TEXT,
    updated_at INTEGER, created_at INTEGER
);
CREATE TABLE IF NOT EXISTS folded (
    reference TEXT, origin TEXT, channel TEXT, account TEXT, source_id TEXT, state TEXT, since INTEGER,
    shown_at INTEGER, in_scope INTEGER, is_whole INTEGER, number TEXT, folded_number TEXT, claimed TEXT,
    linked INTEGER, reason TEXT, raw BLOB, canonical BLOB, status TEXT, updated_at INTEGER, national_word TEXT,
    received_at INTEGER, accepted_at INTEGER, disappeared INTEGER, sent BLOB
);
CREATE TABLE IF NOT EXISTS listed (
    account TEXT, number TEXT, carried TEXT, text BLOB, alike INTEGER, word TEXT, created_at INTEGER, way TEXT
);
CREATE TABLE IF NOT EXISTS differences (
    kind TEXT, subject TEXT, against TEXT, channel TEXT, facts TEXT, repair TEXT, state TEXT NOT NULL DEFAULT 'open',
    PRIMARY KEY (kind, subject, against)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refreshes (reference TEXT PRIMARY KEY, number TEXT, word TEXT) WITHOUT ROWID;
"""
_SORTED: Final = f"""
DROP TABLE IF EXISTS source;
CREATE TABLE source (
    reference TEXT, n INTEGER, channel TEXT, source_id TEXT, raw BLOB, canonical BLOB, status TEXT,
    updated_at INTEGER, created_at INTEGER, PRIMARY KEY (reference, n)
) WITHOUT ROWID;
INSERT INTO source SELECT reference, rowid, channel, source_id, raw, canonical, status, updated_at, created_at
    FROM shown ORDER BY reference, rowid;
DROP TABLE IF EXISTS ledger;
CREATE TABLE ledger ({", ".join(_LEDGER)}, PRIMARY KEY (reference)) WITHOUT ROWID;
INSERT OR REPLACE INTO ledger SELECT {", ".join(_LEDGER)} FROM folded ORDER BY reference, is_whole;
DROP TABLE IF EXISTS numbers;
CREATE TABLE numbers (account TEXT, number TEXT, holder TEXT, PRIMARY KEY (account, number)) WITHOUT ROWID;
INSERT OR IGNORE INTO numbers SELECT account, number, reference FROM folded
    WHERE number IS NOT NULL AND NOT linked ORDER BY account, number;
INSERT OR IGNORE INTO numbers SELECT account, claimed, '' FROM folded
    WHERE claimed IS NOT NULL ORDER BY account, claimed;
DROP TABLE IF EXISTS national;
CREATE TABLE national ({", ".join(_NATIONAL)}, way, PRIMARY KEY (reference, account, number)) WITHOUT ROWID;
INSERT OR IGNORE INTO national
    SELECT reference, account, number, is_ours, is_held, other, text, alike, word, created_at, way FROM (
        SELECT l.carried AS reference, l.account, l.number, 1 AS is_ours, coalesce(n.holder = l.carried, 0) AS is_held,
               NULL AS other, l.text, l.alike, l.word, l.created_at, l.way
        FROM listed l LEFT JOIN numbers n ON n.account = l.account AND n.number = l.number
        WHERE l.carried IS NOT NULL
        UNION ALL
        SELECT n.holder, l.account, l.number, 0, 1, l.carried, l.text, l.alike, l.word, l.created_at, l.way
        FROM listed l JOIN numbers n ON n.account = l.account AND n.number = l.number
        WHERE n.holder <> '' AND n.holder IS NOT l.carried
    ) ORDER BY reference, account, number;
DROP TABLE IF EXISTS strangers;
CREATE TABLE strangers (account TEXT, number TEXT, text BLOB, word TEXT, created_at INTEGER, way TEXT);
INSERT INTO strangers SELECT l.account, l.number, l.text, l.word, l.created_at, l.way
    FROM listed l LEFT JOIN numbers n ON n.account = l.account AND n.number = l.number
    WHERE l.carried IS NULL AND n.holder IS NULL ORDER BY l.account, l.number;
"""  # noqa: S608 - our own names


class Incredible(msgspec.Struct, frozen=True):
    """A listing (`source:origin`, `national:account`) that lacks most of what it must show."""

    of: str
    kind: DifferenceKind
    channels: list[str]
    known: int
    missing: int


class Indexes:
    """The file of one run. Every method that writes commits before it returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._database = sqlite3.connect(path, isolation_level=None)
        for pragma in (
            "journal_mode=TRUNCATE",
            "synchronous=OFF",
            "temp_store=FILE",
            f"cache_size=-{_CACHE_KIB}",
        ):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield self._database
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # --- what is kept of the run -------------------------------------------------------------------------

    def keep(self, name: str, value: Any) -> None:
        """Remember something (JSON-able) of this run."""
        with self._writing():
            self._keep(name, value)

    def kept(self, name: str, kind: Any) -> Any:
        """What was remembered under a name, as `kind`; None where nothing was."""
        row = self._database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

    def _keep(self, name: str, value: Any) -> None:
        text = msgspec.json.encode(value).decode()
        self._database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, text))

    # --- filling -----------------------------------------------------------------------------------------

    def begin_source(self, origin: str) -> None:
        """Forget what an interrupted listing of `origin` has shown."""
        with self._writing() as database:
            database.execute("DELETE FROM shown WHERE origin = ?", (origin,))

    def add_source(self, origin: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows in the order of `SourceRow`'s fields."""
        with self._writing() as database:
            marks = ", ".join("?" * (len(_SOURCE) + 1))
            database.executemany(
                f"INSERT INTO shown VALUES ({marks})",  # noqa: S608 - question marks only
                ((origin, *row) for row in rows),
            )

    def begin_national(self, account: str) -> None:
        """Forget what an interrupted listing of `account` has shown."""
        with self._writing() as database:
            database.execute("DELETE FROM listed WHERE account = ?", (account,))

    def add_national(self, account: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows of (number, carried reference, text digest, alike, status word, created at, way it came)."""
        with self._writing() as database:
            database.executemany(
                "INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ((account, *row) for row in rows)
            )

    def add_ledger(self, rows: Iterable[LedgerRow]) -> int:
        """The whole fold, in place of an interrupted one; how many."""
        with self._writing() as database:
            database.execute("DELETE FROM folded")
            marks = ", ".join("?" * len(_LEDGER))
            database.executemany(
                f"INSERT INTO folded VALUES ({marks})",  # noqa: S608 - question marks only
                map(msgspec.structs.astuple, rows),
            )
            return int(database.execute("SELECT count(*) FROM folded").fetchone()[0])

    def sort(self) -> None:
        """Sort all three on disk by our reference, the national one resolved by numbers first; safe to repeat."""
        self._database.executescript(f"BEGIN IMMEDIATE; {_SORTED} COMMIT")

    def drop_spools(self) -> None:
        """What has been sorted need not lie there twice."""
        with self._writing() as database:
            for table in ("shown", "folded", "listed"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    # --- asking ------------------------------------------------------------------------------------------

    def counts(self, spool: Literal["shown", "listed"]) -> dict[str, int]:
        """Rows that the sources have shown by origin, or that LAPOR! has listed by account."""
        column = "origin" if spool == "shown" else "account"
        query = f"SELECT {column}, count(*) FROM {spool} GROUP BY {column}"  # noqa: S608 - our own names
        return dict(self._database.execute(query))

    def witnessed(self, account: str) -> tuple[int, int] | None:
        """Between which instants of acceptance (both shown) the listing shows complaints of ours; None for none."""
        query = (
            "SELECT min(f.accepted_at), max(f.accepted_at) FROM national n JOIN ledger f USING (reference)"
            " WHERE n.account = ? AND n.is_held AND f.accepted_at IS NOT NULL"
        )
        least, most = self._database.execute(query, (account,)).fetchone()
        return None if least is None else (least, most)

    def known(self, *, origin: str | None = None, account: str | None = None) -> int:
        """Complaints in scope that an origin should show, or that an account should list."""
        column, value = ("origin", origin) if account is None else ("account", account)
        rest = "NOT disappeared" if account is None else "state = 'accepted' AND NOT linked"
        query = f"SELECT count(*) FROM ledger WHERE {column} = ? AND in_scope AND is_whole AND {rest}"  # noqa: S608
        return int(self._database.execute(query, (value,)).fetchone()[0])

    def ledger_row(self, reference: str) -> LedgerRow | None:
        row = self._database.execute(
            f"SELECT {', '.join(_LEDGER)} FROM ledger WHERE reference = ?",  # noqa: S608 - our own names
            (reference,),
        ).fetchone()
        return None if row is None else _ledger_row(row)

    def national_rows(self, reference: str) -> list[NationalRow]:
        rows = self._database.execute(
            f"SELECT {', '.join(_NATIONAL)} FROM national WHERE reference = ?",  # noqa: S608 - our own names
            (reference,),
        )
        return [_national_row(row) for row in rows]

    def is_shown(self, reference: str) -> bool:
        """Whether the source's index has it."""
        return (
            self._database.execute("SELECT 1 FROM source WHERE reference = ?", (reference,)).fetchone()
            is not None
        )

    # --- comparing ---------------------------------------------------------------------------------------

    def compare(self, terms: Terms, channel_of: Callable[[str], str]) -> None:
        """Write down every difference; `channel_of` names the channel that answers for an account."""
        with self._writing() as database:
            database.execute("DELETE FROM differences")
            database.execute("DELETE FROM refreshes")
            for batch in _batches(self._differences(terms, channel_of)):
                database.executemany(
                    "INSERT INTO differences (kind, subject, against, channel, facts, repair)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    map(_difference_values, batch),
                )

    def _differences(self, terms: Terms, channel_of: Callable[[str], str]) -> Iterator[Difference]:
        with closing(self._database.cursor()) as refreshing:
            for group in merged(self._sources(), self._ledger(), self._nationals()):
                for found in compare_group(terms, group):
                    if found.channel:
                        yield found
                    else:
                        channel = channel_of(group.nationals[0].account)
                        yield msgspec.structs.replace(found, channel=channel)
                word = refreshed_word(group) if group.nationals else None
                if word is not None:
                    refreshing.execute("INSERT INTO refreshes VALUES (?, ?, ?)", (group.reference, *word))
        for row in self._strangers():
            unknown = stranger(terms, channel_of(row.account), row)
            if unknown is not None:
                yield unknown

    def _sources(self) -> Iterator[SourceRow]:
        for row in self._database.execute(f"SELECT {', '.join(_SOURCE)} FROM source ORDER BY reference, n"):  # noqa: S608
            yield SourceRow(*row)

    def _ledger(self) -> Iterator[LedgerRow]:
        for row in self._database.execute(f"SELECT {', '.join(_LEDGER)} FROM ledger ORDER BY reference"):  # noqa: S608
            yield _ledger_row(row)

    def _nationals(self) -> Iterator[NationalRow]:
        query = f"SELECT {', '.join(_NATIONAL)} FROM national ORDER BY reference, account, number"  # noqa: S608
        for row in self._database.execute(query):
            yield _national_row(row)

    def _strangers(self) -> Iterator[NationalRow]:
        """Listed complaints without our line whose number nobody here has or claims.

        An export shows what citizens wrote to LAPOR! themselves, too: there only what came the way ours come counts.
        """
        query = (
            "SELECT account, number, text, word, created_at FROM strangers WHERE way IS NULL OR way IN"
            " (SELECT way FROM national WHERE is_ours AND way IS NOT NULL)"
            " OR NOT EXISTS (SELECT 1 FROM national WHERE is_ours)"
        )
        for account, number, text, word, created_at in self._database.execute(query):
            yield NationalRow("", account, number, False, False, None, text, None, word, created_at)

    # --- the differences ---------------------------------------------------------------------------------

    def digest(self) -> str:
        """SHA-256 over all differences in their order: equal for equal results."""
        state = hashlib.sha256()
        for row in self._database.execute("SELECT kind, subject, against, channel, facts FROM differences"):
            state.update(msgspec.json.encode(row))
        return state.hexdigest()

    def differences(self, repair: Repair | None = None, state: str | None = None) -> Iterator[Difference]:
        """In the order of class and subject, all or those of a repair or a state; may be changed meanwhile."""
        return map(_difference, self._paged(repair, state))

    def to_mend(self, reference: str, repair: Repair) -> Iterator[Difference]:
        """The open differences of one complaint that a repair mends."""
        kinds = ", ".join(f"'{kind}'" for kind in DifferenceKind)
        query = (
            f"SELECT kind, subject, against, channel, facts, repair FROM differences WHERE kind IN ({kinds})"  # noqa: S608
            " AND subject = ? AND repair = ? AND state = 'open'"
        )
        return map(_difference, self._database.execute(query, (reference, repair)).fetchall())

    def _paged(self, repair: Repair | None, state: str | None) -> Iterator[tuple[str, ...]]:
        last = ("", "", "")
        while True:
            rows = self._database.execute(
                "SELECT kind, subject, against, channel, facts, repair, state FROM differences"
                " WHERE (kind, subject, against) > (?, ?, ?) AND repair IS coalesce(?, repair)"
                " AND state = coalesce(?, state) ORDER BY kind, subject, against LIMIT ?",
                (*last, repair, state, _BATCH),
            ).fetchall()
            yield from rows
            if len(rows) < _BATCH:
                return
            last = rows[-1][:3]

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

    def mark(self, differences: Iterable[Difference], state: str) -> None:
        """Say of differences what became of them."""
        with self._writing() as database:
            database.executemany(
                "UPDATE differences SET state = ? WHERE kind = ? AND subject = ? AND against = ?",
                ((state, one.kind, one.subject, one.against) for one in differences),
            )

    def rows_to_store(self) -> Iterator[tuple[str, ...]]:
        """(kind, subject, against, channel, facts, repair, state) of all differences, in their order."""
        return self._paged(None, None)

    def states_of(self, kind: str, subject: str) -> set[str]:
        """What became of the differences of a class about one subject; empty where there are none."""
        query = "SELECT state FROM differences WHERE kind = ? AND subject = ?"
        return {state for (state,) in self._database.execute(query, (kind, subject))}

    def of_kind(self, kind: DifferenceKind, channels: Iterable[str]) -> Iterator[Difference]:
        """The differences of a class in some channels."""
        names = list(channels)
        marks = ", ".join("?" * len(names))
        columns = "kind, subject, against, channel, facts, repair"
        query = f"SELECT {columns} FROM differences WHERE kind = ? AND channel IN ({marks})"  # noqa: S608
        return map(_difference, self._database.execute(query, (kind, *names)))

    def incredible(self) -> list["Incredible"]:
        """The listings whose absences are not believed."""
        found: list[Incredible] = self.kept("incredible", list[Incredible]) or []
        return found

    def leave_out_incredible(self) -> None:
        """Take away the differences that such a listing would prove."""
        with self._writing() as database:
            for one in self.incredible():
                database.executemany(
                    "DELETE FROM differences WHERE kind = ? AND channel = ?",
                    ((one.kind, channel) for channel in one.channels),
                )

    def tally(self) -> dict[str, dict[str, int]]:
        """Differences by class and state."""
        found: dict[str, dict[str, int]] = {}
        query = "SELECT kind, state, count(*) FROM differences GROUP BY kind, state"
        for kind, state, count in self._database.execute(query):
            found.setdefault(kind, {})[state] = count
        return found


def open_kept(path: Path, run: int) -> Indexes:
    """The indexes of an earlier run. Raises `ConfigurationError` where they are gone or cannot be read."""
    if not path.is_file():
        raise ConfigurationError(
            f"The indexes of the reconciliation {run} are not here any more.",
            cure="They are kept on the machine that ran it, for as many runs as the setting reconcile.keep says.",
        )
    try:
        return Indexes(path)
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(
            f"The indexes of the reconciliation {run} cannot be read.",
            detail=str(error),
            cure="Reconcile anew.",
        ) from None


def _ledger_row(row: tuple[Any, ...]) -> LedgerRow:
    return LedgerRow(*row)


def _national_row(row: tuple[Any, ...]) -> NationalRow:
    reference, account, number, is_ours, is_held, other, text, alike, word, created_at = row
    known = None if alike is None else bool(alike)
    return NationalRow(
        reference, account, number, bool(is_ours), bool(is_held), other, text, known, word, created_at
    )


def _difference_values(one: Difference) -> tuple[Any, ...]:
    facts = msgspec.json.encode(one.facts, order="sorted").decode()
    repair = None if one.repair is None else str(one.repair)
    return str(one.kind), one.subject, str(one.against), one.channel, facts, repair


def _difference(row: tuple[Any, ...]) -> Difference:
    kind, subject, against, channel, facts, repair = row[:6]
    mends = None if repair is None else Repair(repair)
    return Difference(
        DifferenceKind(kind), Against(against), subject, channel, msgspec.json.decode(facts), mends
    )


def _batches(found: Iterator[Difference]) -> Iterator[list[Difference]]:
    batch: list[Difference] = []
    for one in found:
        batch.append(one)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch
