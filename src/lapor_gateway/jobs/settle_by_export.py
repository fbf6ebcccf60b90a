"""Settling in bulk by the national spreadsheet export: doubts found, absent or shown; claimed numbers checked.

The look-up that every agency has. It believes what a look-up in the list believes, and no more: our line and the
same text; an absence only where the export surely covers the time of the attempt (domain/export_proof.py).
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from lapor_gateway.book import settling, verdicts
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.running import finish_run, start_run
from lapor_gateway.book.settling import Claim, Doubt
from lapor_gateway.book.standing import recovered_at
from lapor_gateway.book.writing import Pen
from lapor_gateway.clock import isoformat, to_instant
from lapor_gateway.domain.admission import Reason
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.domain.export_proof import Bounds, Coverage, Extent, Gap, why_not_absent
from lapor_gateway.domain.matching import is_claimed_rightly
from lapor_gateway.domain.reference import Reference
from lapor_gateway.errors import ConfigurationError, NotAllowedError
from lapor_gateway.jobs.export_reading import Reading, coverage_of, extent_of, read_export
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.national.export import ExportedComplaint, FaultyRow, RowFault

_SECOND: Final = 1_000_000
_BATCH: Final = 200
_CHANGED: Final = "changed_meanwhile"


class Verdict(StrEnum):
    """What the export says of a complaint in doubt, or of a number that a source claims."""

    FOUND = "found"
    OTHER_TEXT = "other_text"
    ABSENT = "absent"
    OPEN = "open"
    ADOPTED = "adopted"
    NUMBER_WRONG = "number_wrong"
    NUMBER_OPEN = "number_open"


OPEN: Final = frozenset({Verdict.OTHER_TEXT, Verdict.OPEN, Verdict.NUMBER_WRONG, Verdict.NUMBER_OPEN})
"""What still waits for a person or for another export."""


class Settlement(msgspec.Struct, frozen=True):
    """One complaint's verdict: the numbers it concerns (the first is adopted), and why it is still open."""

    complaint: int
    reference: Reference
    channel: str
    verdict: Verdict
    tracking_ids: tuple[str, ...] = ()
    why: str | None = None


class ExportSettled(msgspec.Struct):
    """What an export settled, or in a dry run would settle. Instants in RFC 3339, by LAPOR!'s clock."""

    file: str
    digest: str
    rows: int
    oldest: str | None
    newest: str | None
    faults: dict[RowFault, int]
    named: list[FaultyRow]
    dry_run: bool
    settlements: list[Settlement]

    def count(self, *verdicts_: Verdict) -> int:
        return sum(one.verdict in verdicts_ for one in self.settlements)


class _Judged(msgspec.Struct, frozen=True):
    """A settlement with what writing it needs."""

    settlement: Settlement
    attempt: int = 0
    proof: dict[str, Any] | None = None
    reason: Reason | None = None


def settle_by_export(
    gateway: Gateway,
    path: Path,
    *,
    by: str,
    account: str | None = None,
    taken_at: datetime | None = None,
    adopt_edited: str | None = None,
    dry_run: bool = False,
) -> ExportSettled:
    """Settle every doubt and check every claimed number of `account`, or of all accounts, by the file at `path`.

    `by` is the person who brings the export, `taken_at` (aware) when it was downloaded as far as that person knows.
    `adopt_edited` is a person's reason to adopt also what stands there under our line with another text. Raises
    `ConfigurationError` where the file is no export, `NotFoundError` for an unknown account.
    """
    names = [AccountName(account)] if account else _accounts(gateway)
    for name in names:
        gateway.account(name)
    doubts = {one.reference: one for name in names for one in settling.every_doubt(gateway.book, name)}
    claimed = frozenset[str]().union(*(settling.claimed_numbers(gateway.book, name) for name in names))
    reading = read_export(path, doubts, claimed)
    work = _Work(gateway, reading, by, taken_at)
    digest = _digest_of(path)
    settlements: list[Settlement] = []
    run = None if dry_run else start_run(gateway.book, "settle", f"export:{digest[:12]}")
    for name in names:
        own = [doubt for doubt in doubts.values() if doubt.account == name]
        judged = work.judged(name, own, digest)
        settlements += [one.settlement for one in judged] if dry_run else work.written(name, judged)
    if adopt_edited is not None and not dry_run:
        settlements = [work.adopted_although_edited(one, adopt_edited) for one in settlements]
    done = ExportSettled(
        path.name, digest, reading.rows, isoformat(reading.oldest), isoformat(reading.newest),
        reading.faults, reading.named, dry_run, settlements,
    )  # fmt: skip
    if run is not None:
        work.conclude(run, done)
    return done


class _Work:
    """One export against the book."""

    def __init__(self, gateway: Gateway, reading: Reading, by: str, taken_at: datetime | None) -> None:
        self._gateway = gateway
        self._book = gateway.book
        self._reading = reading
        self._by = by
        self._taken_at = taken_at
        with gateway.book.read() as connection:
            self._recovered_at = recovered_at(connection, self._book.clock.now())

    def judged(self, name: AccountName, doubts: Sequence[Doubt], digest: str) -> Iterator[_Judged]:
        """The verdict on every doubt, then on every claimed number; writes nothing."""
        extent = extent_of(self._book, name, self._reading, self._taken_at)
        bounds = self._bounds(name)
        absent = [one for one in doubts if one.reference not in self._reading.same]
        coverage = Coverage((), (), ())
        if absent and extent.until is not None:
            since = min(one.sent_at for one in absent)
            coverage = coverage_of(self._book, name, self._reading, since, extent.until - bounds.lag)
        for doubt in doubts:
            yield self._judge(doubt, extent, coverage, bounds, digest)
        for claim in settling.every_claim(self._book, name):
            yield self._judge_claim(claim, extent, bounds)

    def _judge(
        self, doubt: Doubt, extent: Extent, coverage: Coverage, bounds: Bounds, digest: str
    ) -> _Judged:
        same, other = self._reading.same.get(doubt.reference), self._reading.other.get(doubt.reference)
        if same:
            return _Judged(_settlement(doubt, Verdict.FOUND, _numbers(same)), doubt.attempt)
        if other:
            return _Judged(_settlement(doubt, Verdict.OTHER_TEXT, _numbers(other), Verdict.OTHER_TEXT))
        if doubt.reference in self._reading.unread:
            return _Judged(_settlement(doubt, Verdict.OPEN, why=Gap.UNREADABLE_ROW))
        ends = max(doubt.times_out_at, self._lost_life_ends(doubt))
        unproven = why_not_absent(doubt.sent_at, ends, extent, coverage, bounds)
        if unproven is not None:
            why = unproven.gap if unproven.about is None else f"{unproven.gap}:{unproven.about}"
            return _Judged(_settlement(doubt, Verdict.OPEN, why=why))
        proof = {"export": digest[:16], "until": isoformat(extent.until), "rows": self._reading.rows}
        return _Judged(_settlement(doubt, Verdict.ABSENT), doubt.attempt, proof)

    def _lost_life_ends(self, doubt: Doubt) -> int:
        """When the last request of a life that a restore has lost had timed out; this book knows none of them."""
        if self._recovered_at is None:
            return 0
        return self._recovered_at + int(
            self._gateway.account(doubt.account).timeout.total_seconds() * _SECOND
        )

    def _judge_claim(self, claim: Claim, extent: Extent, bounds: Bounds) -> _Judged:
        row = self._reading.claimed.get(claim.number)
        if row is None:
            if not _covers(claim, extent, bounds):
                return _Judged(_settlement(claim, Verdict.NUMBER_OPEN, why=Reason.NUMBER_UNCHECKED))
            reason: Reason | None = Reason.NUMBER_ABSENT
        else:
            rightly = is_claimed_rightly(claim.reference, claim.complaint.body, row.first_text, row.last_text)
            reason = None if rightly else Reason.NUMBER_OTHER_TEXT
        verdict = Verdict.ADOPTED if reason is None else Verdict.NUMBER_WRONG
        return _Judged(_settlement(claim, verdict, (claim.number,), reason), reason=reason)

    def _bounds(self, name: AccountName) -> Bounds:
        account = self._gateway.account(name)
        lag, commits = account.export_lag.total_seconds(), account.commits_within.total_seconds()
        return Bounds(commits_within=int(commits * _SECOND), lag=int(lag * _SECOND))

    def written(self, name: AccountName, judged: Iterator[_Judged]) -> list[Settlement]:
        """The verdicts in the book, a batch a transaction; what became of each, for the book may have moved on."""
        settled: list[Settlement] = []
        while batch := list(islice(judged, _BATCH)):
            settled += self._book.transact(partial(self._write, name, batch))
        return settled

    def _write(self, name: AccountName, batch: list[_Judged], connection: Connection) -> list[Settlement]:
        pen = Pen(connection, self._book.clock.now(), pseudonym(self._book, connection, self._by))
        return [one.settlement if self._enter(pen, name, one) else _too_late(one) for one in batch]

    def _enter(self, pen: Pen, name: AccountName, one: _Judged) -> bool:
        """Write one verdict; whether it could be written as it was judged."""
        settlement = one.settlement
        complaint, numbers = settlement.complaint, settlement.tracking_ids
        match settlement.verdict:
            case Verdict.FOUND:
                return verdicts.enter_found(self._book, pen, name, complaint, one.attempt, numbers)
            case Verdict.OTHER_TEXT:
                return verdicts.enter_other_text(self._book, pen, complaint, numbers[0])
            case Verdict.ABSENT:
                return verdicts.enter_absent(pen, complaint, one.attempt, one.proof or {})
            case Verdict.ADOPTED:
                return verdicts.enter_adopted(self._book, pen, name, complaint, numbers[0])
            case Verdict.NUMBER_WRONG:
                assert one.reason is not None
                return verdicts.enter_number_doubted(self._book, pen, complaint, numbers[0], one.reason)
            case _:
                return True

    def adopted_although_edited(self, one: Settlement, reason: str) -> Settlement:
        """A person's word that the only row under our line is ours, though its text was changed there."""
        if one.verdict is not Verdict.OTHER_TEXT or len(one.tracking_ids) != 1:
            return one
        (number,) = one.tracking_ids
        try:
            decide(self._book, str(one.complaint), Verb.ADOPT, by=self._by, reason=reason, number=number)
        except NotAllowedError as refusal:
            return msgspec.structs.replace(one, why=refusal.message)
        return msgspec.structs.replace(one, verdict=Verdict.FOUND, why=None)

    def conclude(self, run: int, done: ExportSettled) -> None:
        """The run and the audit: who brought which file, and what came of it."""
        counts = {str(verdict): done.count(verdict) for verdict in Verdict}
        with self._book.write() as connection:
            actor = pseudonym(self._book, connection, self._by)
            write_audit(self._book, connection, actor, "settle_by_export", f"export:{done.digest}", counts)
        finish_run(self._book, run, counts, None)


def _accounts(gateway: Gateway) -> list[AccountName]:
    """The accounts that channels go to; one without settings has never sent anything."""
    return sorted(
        {one.account for one in gateway.channels.values() if one.account in gateway.settings.national}
    )


def _settlement(
    one: Doubt | Claim, verdict: Verdict, numbers: tuple[str, ...] = (), why: str | None = None
) -> Settlement:
    return Settlement(one.id, one.reference, one.channel, verdict, numbers, why)


def _numbers(rows: Sequence[ExportedComplaint]) -> tuple[str, ...]:
    return tuple(sorted((row.tracking_id for row in rows), key=lambda number: (len(number), number)))


def _covers(claim: Claim, extent: Extent, bounds: Bounds) -> bool:
    """Whether the export must show what was typed in there between the complaint's making and its coming here."""
    created = claim.complaint.created_at
    if extent.oldest is None or extent.until is None or created is None:
        return False
    return extent.oldest <= to_instant(created) and claim.received_at <= extent.until - bounds.lag


def _too_late(one: _Judged) -> Settlement:
    """Somebody was quicker, or the number belongs to another: the complaint's own row says what holds now."""
    verdict = Verdict.NUMBER_WRONG if one.settlement.verdict is Verdict.ADOPTED else Verdict.OPEN
    return msgspec.structs.replace(one.settlement, verdict=verdict, why=_CHANGED)


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as trouble:
        raise ConfigurationError(
            f"The file {path} cannot be read.", detail=trouble.strerror or type(trouble).__name__
        ) from None
