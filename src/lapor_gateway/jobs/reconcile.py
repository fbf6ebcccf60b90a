"""Three-way reconciliation: index each side, compare in one merge, mend what is safe, keep the rest as findings.

A run cut off anywhere goes on where it stood: each side's index is either whole on disk or taken anew. A finished one
can be repeated from its indexes and gives the same differences.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import select

from lapor_gateway.book.database import Book
from lapor_gateway.book.leases import LeaseTakenError
from lapor_gateway.book.reconciliations import (
    ReconciliationView,
    Selection,
    SideView,
    find_reconciliation,
    keep_result,
    open_reconciliation,
    selection_of,
    stored_digest,
)
from lapor_gateway.book.running import finish_run
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.domain.index_rows import NationalProof, SourceProof, Terms
from lapor_gateway.errors import ConfigurationError, ExitCode, GatewayError, OutOfReachError
from lapor_gateway.jobs import indexing
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.indexes import Indexes, open_kept
from lapor_gateway.jobs.indexing import Taken
from lapor_gateway.jobs.leasing import leased
from lapor_gateway.jobs.reconciled import (
    conclude,
    doubt_incredible,
    incredible,
    leave_out_incredible,
)
from lapor_gateway.jobs.repair import repair
from lapor_gateway.jobs.sealing import seal_ledger
from lapor_gateway.settings import Settings
from lapor_gateway.sources.manifest import ChannelManifest

FOLDER: Final = "reconciliations"
_LEASE: Final = "reconcile"
_DAY: Final = 86_400 * 1_000_000
Progressed = Callable[[str, str], None]
"""Told before each step: `source`, `national`, `ledger`, `compare`, `repair`, and of what."""


class Reconciled(msgspec.Struct):
    """What a run found, and what was out of its reach."""

    view: ReconciliationView
    failures: list[GatewayError]

    @property
    def exit_code(self) -> ExitCode:
        """2, 3 or 1, the first that applies; 0 where nothing is open."""
        codes = {failure.exit_code for failure in self.failures}
        if any(states.get("open") for states in self.view.differences.values()):
            codes.add(ExitCode.NEEDS_A_PERSON)
        order = (ExitCode.WRONG_USAGE, ExitCode.OUT_OF_REACH, ExitCode.NEEDS_A_PERSON)
        return next((code for code in order if code in codes), ExitCode.DONE)


def select_for(
    gateway: Gateway,
    channels: Sequence[ChannelManifest],
    *,
    since: int | None = None,
    until: int | None = None,
    export: Path | None = None,
) -> Selection:
    """What a run is to compare; channels that share an origin come together. Raises `ConfigurationError`."""
    origins = {channel.origin for channel in channels}
    names = sorted(one.id for one in gateway.channels.values() if one.origin in origins)
    if since is not None and until is not None and since >= until:
        raise ConfigurationError(
            "The window ends before it begins.", cure="Give --since an earlier date than --until."
        )
    accounts = {gateway.channel(name).account for name in names}
    if export is not None and len(accounts) > 1:
        raise ConfigurationError(
            f"An export belongs to one national account; these channels send under {', '.join(sorted(accounts))}.",
            cure="Name the channels of one account.",
        )
    if export is not None and not export.is_file():
        raise ConfigurationError(
            f"There is no file {export}.", cure="Name the spreadsheet downloaded from LAPOR!."
        )
    return Selection(tuple(names), since, until, None if export is None else str(export.absolute()))


def rolling(gateway: Gateway) -> Selection:
    """The scheduled run: all channels, the last days that the settings name."""
    days = gateway.settings.reconcile.days
    since = gateway.clock.now() - days * _DAY if days else None
    return select_for(gateway, list(gateway.channels.values()), since=since)


async def reconcile(
    gateway: Gateway,
    selection: Selection,
    *,
    patience: float = 20.0,
    progressed: Progressed | None = None,
) -> Reconciled:
    """A new run, from its beginning to its end. `patience` in seconds: how long to wait for others' leases."""
    run = open_reconciliation(gateway.book, selection)
    for left in index_path(gateway.settings, run).parent.glob(f"{run}.*"):
        left.unlink()  # of another book that once lived here
    try:
        return await carry_on(gateway, run, patience=patience, progressed=progressed)
    except (ConfigurationError, LeaseTakenError) as error:  # nothing that going on later would mend
        finish_run(gateway.book, run, {}, str(error))
        raise


async def carry_on(
    gateway: Gateway,
    run: int,
    *,
    patience: float = 20.0,
    progressed: Progressed | None = None,
) -> Reconciled:
    """Go on with a run that was asked for or cut off; one that is done already is left as it is."""
    async with leased(gateway, _LEASE, patience):
        if find_reconciliation(gateway.book, run).state != "running":
            return Reconciled(find_reconciliation(gateway.book, run), [])
        with Indexes(index_path(gateway.settings, run)) as indexes:
            _require_same_book(gateway.book, run, indexes)
            work = _Run(gateway, run, indexes, progressed)
            reconciled = await work.to_the_end(patience)
        _prune(gateway.settings)
    try:
        await seal_ledger(gateway)
    except GatewayError as error:
        reconciled.failures.append(error)
    return reconciled


def repeat(gateway: Gateway, run: int) -> ReconciliationView:
    """Compare a finished run's indexes once more; nothing is asked of anybody, and nothing is mended.

    Raises `ConfigurationError` where the indexes are gone, `GatewayError` where the result is not the same.
    """
    view = find_reconciliation(gateway.book, run)
    with open_kept(index_path(gateway.settings, run), run) as indexes:
        _require_same_book(gateway.book, run, indexes)
        _Run(gateway, run, indexes).compare()
        if indexes.differences.digest() != stored_digest(gateway.book, run):
            raise GatewayError(
                f"The reconciliation {run} gives another result now: its indexes or its result were changed.",
                cure="Reconcile anew, and find out who changed them.",
            )
    return view


def index_path(settings: Settings, run: int) -> Path:
    """Where the indexes of a run are kept."""
    return settings.data_dir / FOLDER / f"{run}.db"


def _told_nobody(_step: str, _of: str) -> None:
    """Where nobody wants to know."""


def _export_lag(gateway: Gateway, account: AccountName) -> int:
    """How late the account's export may show a complaint."""
    return int(gateway.account(account).export_lag.total_seconds() * 1_000_000)


async def _side_by_side(*sides: Coroutine[Any, Any, None]) -> None:
    """Take what does not wait for each other at once: while one side is asked, the other's answer is digested.

    Where one raises, the others are ended first.
    """
    tasks = [asyncio.ensure_future(side) for side in sides]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Run:
    """One run at work."""

    def __init__(
        self, gateway: Gateway, run: int, indexes: Indexes, progressed: Progressed | None = None
    ) -> None:
        self._gateway = gateway
        self._run = run
        self._indexes = indexes
        self._progressed = progressed or _told_nobody
        self._selection = selection_of(gateway.book, run)
        self._channels = [gateway.channel(name) for name in self._selection.channels]
        self._failures: list[GatewayError] = []

    async def to_the_end(self, patience: float) -> Reconciled:
        await self._index()
        if self._indexes.kept("compared", bool) is None:
            self.compare()
            doubt_incredible(self._gateway.book, self._indexes, self._channels)
            self._indexes.keep("compared", True)
        self._progressed("repair", "")
        self._failures += await repair(self._gateway, self._indexes, patience)
        terms = self._indexes.kept("terms", Terms)
        conclude(self._gateway.book, self._indexes, terms, self._channels)
        tally = self._indexes.differences.tally()
        keep_result(
            self._gateway.book,
            self._run,
            ((*row[:5], row[6]) for row in self._indexes.differences.rows()),
            sides=self._sides(),
            counts={kind: states | {"found": sum(states.values())} for kind, states in tally.items()},
            digest=self._indexes.differences.digest(),
        )
        counts = {"found": 0, "open": 0, "repaired": 0, "accepted": 0}
        for states in tally.values():
            for state, count in states.items():
                counts[state] += count
                counts["found"] += count
        finish_run(self._gateway.book, self._run, counts, None)
        return Reconciled(find_reconciliation(self._gateway.book, self._run), self._failures)

    async def _index(self) -> None:
        """Take every index that is not whole yet; the ledger's last, so that what happened meanwhile is in it.

        A side that was out of reach before the run was cut off is asked again.
        """
        if self._indexes.kept("terms", Terms) is not None:
            self._indexes.forget_spools()
            return
        self._indexes.open_spools()
        await _side_by_side(self._sources(), self._nationals())
        self._progressed("ledger", "")
        terms = self._terms()
        ledger = Taken(self._gateway.clock.now(), is_complete=True)
        rows = indexing.index_ledger(self._gateway, self._channels, terms, self._indexes)
        self._indexes.sort()
        spools = {"shown": self._indexes.counts("shown"), "listed": self._indexes.counts("listed")}
        self._indexes.keep("rows", spools | {"folded": {"book": rows}})
        self._indexes.keep("ledger", ledger)
        self._indexes.keep("terms", self._proven(terms))
        self._indexes.drop_spools()

    async def _sources(self) -> None:
        for origin in sorted({channel.origin for channel in self._channels}):
            if not self._is_taken(f"source:{origin}"):
                self._progressed("source", origin)
                self._indexes.keep(f"source:{origin}", await self._source(origin))

    async def _nationals(self) -> None:
        for account in sorted(self._accounts):
            if not self._is_taken(f"national:{account}"):
                self._progressed("national", account)
                self._indexes.keep(f"national:{account}", await self._national(account))

    @property
    def _accounts(self) -> frozenset[AccountName]:
        return frozenset(channel.account for channel in self._channels)

    async def _source(self, origin: str) -> Taken:
        began_at = self._gateway.clock.now()
        own = [channel for channel in self._channels if channel.origin == origin]
        try:
            return await indexing.index_source(self._gateway, origin, own, self._indexes)
        except GatewayError as error:
            self._failures.append(error)
            self._indexes.begin_source(origin)
            return indexing.failed(began_at, error)

    async def _national(self, account: AccountName) -> Taken:
        if self._selection.export is not None:
            path = Path(self._selection.export)
            return indexing.index_export(self._gateway, account, path, self._indexes)
        began_at = self._gateway.clock.now()
        try:
            return await indexing.index_listing(self._gateway, account, self._indexes)
        except OutOfReachError as error:
            self._failures.append(error)
            self._indexes.begin_national(account)
            return indexing.failed(began_at, error)

    def _terms(self) -> Terms:
        """The terms without what the national side can prove, which is known once all is sorted."""
        sources = {}
        for channel in self._channels:
            taken = self._taken(f"source:{channel.origin}")
            if not taken.failed:
                sources[str(channel.origin)] = SourceProof(
                    taken.began_at, taken.is_complete, taken.is_detailed, channel.deleted == "accept"
                )
        stuck_after = int(self._gateway.settings.reconcile.stuck_after.total_seconds() * 1_000_000)
        now, chosen = self._gateway.clock.now(), self._selection
        return Terms(now, chosen.since, chosen.until, stuck_after, sources)

    def _proven(self, terms: Terms) -> Terms:
        nationals = {}
        for account in self._accounts:
            taken = self._taken(f"national:{account}")
            if taken.failed or not taken.is_granted:
                continue
            if self._selection.export is None:
                proof = NationalProof(taken.is_complete, taken.began_at - self._lag(account))
            else:  # whatever its filter was: between its oldest and its newest row it shows all
                begins = taken.oldest + _DAY  # a row may give no more than its day
                least, most = self._indexes.witnessed(account) or (begins, taken.newest)
                before = max(taken.newest, most + 1) - _export_lag(self._gateway, account)
                proof = NationalProof(taken.is_complete, before, min(begins, least))
            nationals[str(account)] = proof
        return msgspec.structs.replace(terms, nationals=nationals)

    def _lag(self, account: AccountName) -> int:
        look_up = self._gateway.account(account).listing
        return int(look_up.maximum_lag.total_seconds() * 1_000_000) if look_up else 0

    def compare(self) -> None:
        self._progressed("compare", "")
        terms = self._indexes.kept("terms", Terms)
        if terms is None:
            raise GatewayError(
                f"The reconciliation {self._run} was cut off before its indexes were whole.",
                cure="Reconcile anew.",
            )
        answering = {channel.account: channel.id for channel in reversed(self._channels)}
        self._indexes.compare(terms, lambda account: answering[AccountName(account)])
        leave_out_incredible(self._indexes)

    def _is_taken(self, name: str) -> bool:
        taken: Taken | None = self._indexes.kept(name, Taken)
        return taken is not None and not taken.failed

    def _taken(self, name: str) -> Taken:
        taken = self._indexes.kept(name, Taken)
        assert isinstance(taken, Taken)
        return taken

    def _sides(self) -> list[SideView]:
        """What each index could prove, for people."""
        rows = self._indexes.kept("rows", dict[str, dict[str, int]])
        doubts = {one.of: one for one in incredible(self._indexes)}
        sides = []
        for side, names, spool in (
            ("source", sorted({str(channel.origin) for channel in self._channels}), "shown"),
            ("national", sorted(map(str, self._accounts)), "listed"),
        ):
            for name in names:
                taken = self._taken(f"{side}:{name}")
                proves = "everything" if taken.is_complete else "presence"
                why = taken.why
                if taken.failed or not taken.is_granted:
                    proves = "nothing"
                elif f"{side}:{name}" in doubts:
                    proves = "presence"
                    doubted = doubts[f"{side}:{name}"]
                    why = f"it lacks {doubted.missing} of {doubted.known} complaints, which is not believed"
                taken_at = isoformat(taken.began_at)
                sides.append(SideView(side, name, proves, why, rows[spool].get(name, 0), taken_at))
        ledger = self._taken("ledger")
        folded = rows["folded"]["book"]
        sides.append(SideView("ledger", "book", "everything", None, folded, isoformat(ledger.began_at)))
        return sides


def _require_same_book(book: Book, run: int, indexes: Indexes) -> None:
    query = select(book_table.c.value).where(book_table.c.name == "id")
    with book.read() as connection:
        own = connection.execute(query).scalar()
    kept = indexes.kept("book", str)
    if kept is None:
        indexes.keep("book", own)
    elif kept != own:
        raise ConfigurationError(
            f"The indexes of the reconciliation {run} belong to another book.", cure="Reconcile anew."
        )


def _prune(settings: Settings) -> None:
    """Keep the newest runs' indexes; the runs themselves stay in the book."""
    kept = [path for path in (settings.data_dir / FOLDER).glob("*.db") if path.stem.isdigit()]
    newest_first = sorted(kept, key=lambda path: int(path.stem), reverse=True)
    for path in newest_first[settings.reconcile.keep :]:
        path.unlink(missing_ok=True)
        for left in settings.data_dir.joinpath(FOLDER).glob(f"{path.stem}.*"):
            left.unlink(missing_ok=True)  # of a run that was cut off and never carried on
