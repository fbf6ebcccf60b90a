"""The three indexes of one reconciliation in a file beside the book: spooled as they come, then sorted on disk.

One SQLite file a run, in the data folder. It survives a killed process (not a power cut: then the run is simply done
anew) and gives the same differences whenever it is compared again. Rows are packed: a million of them are written,
sorted and read in one go.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec

from lapor_gateway.domain.index_rows import LedgerRow, NationalRow, SourceRow, Terms
from lapor_gateway.domain.reconciliation import Difference, compare, merged, refreshed_word, stranger
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.differences import Differences

_CACHE_KIB: Final = 24_000
_PAGE_BYTES: Final = 16_384
_META: Final = "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
_SPOOLS: Final = """
CREATE TABLE IF NOT EXISTS spool.shown (origin TEXT, reference TEXT, raw BLOB, rest BLOB);
CREATE TABLE IF NOT EXISTS spool.folded (
    reference TEXT, account TEXT, number TEXT, claimed TEXT, is_whole INTEGER, packed BLOB
);
CREATE TABLE IF NOT EXISTS spool.listed (
    account TEXT, number TEXT, carried TEXT, text BLOB, rest BLOB, way TEXT
);
"""
_SORTED: Final = """
DROP TABLE IF EXISTS source;
CREATE TABLE source (reference TEXT, n INTEGER, raw BLOB, rest BLOB, PRIMARY KEY (reference, n)) WITHOUT ROWID;
INSERT INTO source SELECT reference, rowid, raw, rest FROM shown ORDER BY reference, rowid;
DROP TABLE IF EXISTS ledger;
CREATE TABLE ledger (reference TEXT PRIMARY KEY, packed BLOB) WITHOUT ROWID;
INSERT OR REPLACE INTO ledger SELECT reference, packed FROM folded ORDER BY reference, is_whole;
DROP TABLE IF EXISTS numbers;
CREATE TABLE numbers (account TEXT, number TEXT, holder TEXT, PRIMARY KEY (account, number)) WITHOUT ROWID;
INSERT OR IGNORE INTO numbers SELECT account, number, reference FROM folded
    WHERE number IS NOT NULL ORDER BY account, number;
INSERT OR IGNORE INTO numbers SELECT account, claimed, '' FROM folded
    WHERE claimed IS NOT NULL ORDER BY account, claimed;
DROP TABLE IF EXISTS national;
CREATE TABLE national (
    reference TEXT, account TEXT, number TEXT, is_ours INTEGER, is_held INTEGER, other TEXT, text BLOB, rest BLOB,
    PRIMARY KEY (reference, account, number)
) WITHOUT ROWID;
INSERT OR IGNORE INTO national
    SELECT reference, account, number, is_ours, is_held, other, text, rest FROM (
        SELECT l.carried AS reference, l.account, l.number, 1 AS is_ours, coalesce(n.holder = l.carried, 0) AS is_held,
               NULL AS other, l.text, l.rest
        FROM listed l LEFT JOIN numbers n ON n.account = l.account AND n.number = l.number
        WHERE l.carried IS NOT NULL
        UNION ALL
        SELECT n.holder, l.account, l.number, 0, 1, l.carried, l.text, l.rest
        FROM listed l JOIN numbers n ON n.account = l.account AND n.number = l.number
        WHERE n.holder <> '' AND n.holder IS NOT l.carried
    ) ORDER BY reference, account, number;
DROP TABLE IF EXISTS strangers;
CREATE TABLE strangers (account TEXT, number TEXT, text BLOB, rest BLOB);
INSERT INTO strangers SELECT l.account, l.number, l.text, l.rest
    FROM listed l LEFT JOIN numbers n ON n.account = l.account AND n.number = l.number
    WHERE l.carried IS NULL AND n.holder IS NULL AND (
        l.way IS NULL OR l.way IN (SELECT way FROM listed WHERE carried IS NOT NULL)
        OR NOT EXISTS (SELECT 1 FROM listed WHERE carried IS NOT NULL)
    ) ORDER BY l.account, l.number;
DELETE FROM strangers WHERE number IN (SELECT number FROM numbers);
"""
"""Sorting, the national rows resolved by their numbers first.

A number that somebody here only claims has the holder ''; one that is had here under another account is no stranger
either, since LAPOR! numbers all reports of the country in one row. An export also shows what citizens wrote to LAPOR!
themselves: of what nobody here knows only that counts which came the way ours come.
"""


class SourceRest(msgspec.Struct, frozen=True, array_like=True):
    """What of a `SourceRow` is kept where its record is not the one that the book has."""

    channel: str
    source_id: str
    canonical: bytes | None = None
    status: str | None = None
    updated_at: int | None = None
    created_at: int | None = None


class NationalRest(msgspec.Struct, frozen=True, array_like=True):
    """What of a `NationalRow` is not looked for by SQL."""

    alike: bool | None
    word: str | None
    created_at: int | None


pack: Final = msgspec.msgpack.Encoder().encode
_source_rest: Final = msgspec.msgpack.Decoder(SourceRest).decode
_national_rest: Final = msgspec.msgpack.Decoder(NationalRest).decode
_ledger_row: Final = msgspec.msgpack.Decoder(LedgerRow).decode


class Indexes:
    """The file of one run. Every method that writes commits before it returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._spool = path.with_suffix(".spool")
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA temp_store=FILE")
        self._prepare("main")
        self._database.execute(_META)
        self.differences = Differences(self._database)

    def _prepare(self, name: str) -> None:
        for pragma in (f"page_size={_PAGE_BYTES}", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            self._database.execute(f"PRAGMA {name}.{pragma}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

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
        text = msgspec.json.encode(value).decode()
        with self._writing() as database:
            database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, text))

    def kept(self, name: str, kind: Any) -> Any:
        """What was remembered under a name, as `kind`; None where nothing was."""
        row = self._database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

    def open_spools(self) -> None:
        """Before anything is added: a file of its own, since what it holds is only needed until it is sorted."""
        self._spool.touch(mode=0o600)
        self._database.execute("ATTACH DATABASE ? AS spool", (str(self._spool),))
        self._prepare("spool")
        self._database.executescript(_SPOOLS)

    def drop_spools(self) -> None:
        """What has been sorted need not lie there twice."""
        self._database.execute("DETACH DATABASE spool")
        self.forget_spools()

    def forget_spools(self) -> None:
        """Also of a run that was cut off just before it would have dropped them."""
        self._spool.unlink(missing_ok=True)

    # --- filling -----------------------------------------------------------------------------------------

    def begin_source(self, origin: str) -> None:
        """Forget what an interrupted listing of `origin` has shown."""
        with self._writing() as database:
            database.execute("DELETE FROM shown WHERE origin = ?", (origin,))

    def add_source(self, rows: Iterable[tuple[str, str, bytes | None, bytes | None]]) -> None:
        """Rows of (origin, reference, raw digest, packed `SourceRest`)."""
        with self._writing() as database:
            database.executemany("INSERT INTO shown VALUES (?, ?, ?, ?)", rows)

    def begin_national(self, account: str) -> None:
        """Forget what an interrupted listing of `account` has shown."""
        with self._writing() as database:
            database.execute("DELETE FROM listed WHERE account = ?", (account,))

    def add_national(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows of (account, number, carried reference, text digest, packed `NationalRest`, way it came)."""
        with self._writing() as database:
            database.executemany("INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?)", rows)

    def add_ledger(self, rows: Iterable[LedgerRow]) -> int:
        """The whole fold, in place of an interrupted one; how many."""
        with self._writing() as database:
            database.execute("DELETE FROM folded")
            found = database.executemany(
                "INSERT INTO folded VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (
                        row.reference,
                        row.account,
                        None if row.linked else row.number,
                        row.claimed,
                        row.is_whole,
                        pack(row),
                    )
                    for row in rows
                ),
            )
            return found.rowcount

    def sort(self) -> None:
        """Sort all three on disk by our reference; safe to repeat."""
        self._database.executescript(f"BEGIN IMMEDIATE; {_SORTED} COMMIT")

    # --- asking ------------------------------------------------------------------------------------------

    def counts(self, spool: Literal["shown", "listed"]) -> dict[str, int]:
        """Rows that the sources have shown by origin, or that LAPOR! has listed by account."""
        column = "origin" if spool == "shown" else "account"
        query = f"SELECT {column}, count(*) FROM {spool} GROUP BY {column}"  # noqa: S608 - our own names
        return dict(self._database.execute(query))

    def witnessed(self, account: str) -> tuple[int, int] | None:
        """Between which instants of acceptance (both shown) the listing shows complaints of ours; None for none."""
        query = "SELECT l.packed FROM national n JOIN ledger l USING (reference) WHERE n.account = ? AND n.is_held"
        accepted = [
            row.accepted_at
            for row in (_ledger_row(packed) for (packed,) in self._database.execute(query, (account,)))
            if row.accepted_at is not None
        ]
        return (min(accepted), max(accepted)) if accepted else None

    def ledger_row(self, reference: str) -> LedgerRow | None:
        row = self._database.execute("SELECT packed FROM ledger WHERE reference = ?", (reference,)).fetchone()
        return None if row is None else _ledger_row(row[0])

    def national_rows(self, reference: str) -> list[NationalRow]:
        return list(self._nationals("WHERE reference = ?", (reference,)))

    def is_shown(self, reference: str) -> bool:
        """Whether the source's index has it."""
        query = "SELECT 1 FROM source WHERE reference = ?"
        return self._database.execute(query, (reference,)).fetchone() is not None

    # --- comparing ---------------------------------------------------------------------------------------

    def compare(self, terms: Terms, channel_of: Callable[[str], str]) -> None:
        """Write down every difference; `channel_of` names the channel that answers for an account."""
        with self._writing() as database:
            self.differences.begin()
            with closing(database.cursor()) as cursor:
                self.differences.add(self._compared(cursor, terms, channel_of))

    def _compared(
        self, cursor: sqlite3.Cursor, terms: Terms, channel_of: Callable[[str], str]
    ) -> Iterator[Difference]:
        known = {side: dict.fromkeys(names, 0) for side, names in _proofs(terms).items()}
        for group in merged(self._sources(), self._ledger(), self._nationals()):
            row = group.ledger
            if row is not None and row.in_scope and row.is_whole:
                _count(known, row)
            for found in compare(terms, group):
                channel = found.channel or channel_of(group.nationals[0].account)
                yield msgspec.structs.replace(found, channel=channel)
            word = refreshed_word(group)
            if word is not None:
                cursor.execute("INSERT INTO refreshes VALUES (?, ?, ?)", (group.reference, *word))
        for account, number, text, rest in self._database.execute("SELECT * FROM strangers"):
            listed = _national_row("", account, number, 0, 0, None, text, rest)
            unknown = stranger(terms, channel_of(account), listed)
            if unknown is not None:
                yield unknown
        counted = msgspec.json.encode(known).decode()
        cursor.execute("INSERT OR REPLACE INTO meta VALUES ('known', ?)", (counted,))

    def known(self, side: str, of: str) -> int:
        """Complaints in scope that an origin (`source`) should show, or that an account (`national`) should list."""
        found: dict[str, dict[str, int]] = self.kept("known", dict[str, dict[str, int]])
        return found[side].get(of, 0)

    def _sources(self) -> Iterator[SourceRow]:
        query = "SELECT reference, raw, rest FROM source ORDER BY reference, n"
        for reference, raw, rest in self._database.execute(query):
            if rest is None:
                yield SourceRow(reference, raw=raw)
            else:
                kept = _source_rest(rest)
                yield SourceRow(
                    reference,
                    kept.channel,
                    kept.source_id,
                    raw,
                    kept.canonical,
                    kept.status,
                    kept.updated_at,
                    kept.created_at,
                )

    def _ledger(self) -> Iterator[LedgerRow]:
        for (packed,) in self._database.execute("SELECT packed FROM ledger ORDER BY reference"):
            yield _ledger_row(packed)

    def _nationals(self, where: str = "", values: tuple[str, ...] = ()) -> Iterator[NationalRow]:
        query = f"SELECT * FROM national {where} ORDER BY reference, account, number"  # noqa: S608 - our own words
        for row in self._database.execute(query, values):
            yield _national_row(*row)


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


def _proofs(terms: Terms) -> dict[str, Iterable[str]]:
    return {"source": terms.sources, "national": terms.nationals}


def _count(known: dict[str, dict[str, int]], row: LedgerRow) -> None:
    if not row.disappeared and row.origin in known["source"]:
        known["source"][row.origin] += 1
    if row.state == "accepted" and not row.linked and row.account in known["national"]:
        known["national"][row.account] += 1


def _national_row(
    reference: str,
    account: str,
    number: str,
    is_ours: int,
    is_held: int,
    other: str | None,
    text: bytes,
    rest: bytes,
) -> NationalRow:
    kept = _national_rest(rest)
    return NationalRow(
        reference,
        account,
        number,
        bool(is_ours),
        bool(is_held),
        other,
        text,
        kept.alike,
        kept.word,
        kept.created_at,
    )
