"""Mending the differences of a run where that is safe: pull again, adopt what is there, refresh, record as gone.

Every step looks at the book anew before it writes, so that a run cut off in the middle simply mends again.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from itertools import chain
from typing import Final

from sqlalchemy import Connection

from lapor_gateway.batches import batches
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, open_subjects, raise_finding, settle_finding
from lapor_gateway.book.gating import Gate
from lapor_gateway.book.intake import Incoming, take_in
from lapor_gateway.book.leases import Lease, LeaseTakenError
from lapor_gateway.book.lost import remember
from lapor_gateway.book.repairing import (
    Refreshed,
    adopt_there,
    hold_unsent,
    raw_digests,
    record_gone,
    refresh_statuses,
    rows_of,
    take_number,
    untranslated,
)
from lapor_gateway.book.sending import sent_mark, text_digest
from lapor_gateway.book.writing import Pen
from lapor_gateway.domain.complaint import AccountName, StatusMeaning
from lapor_gateway.domain.index_rows import NationalRow
from lapor_gateway.domain.lifecycle import Event, State, is_allowed
from lapor_gateway.domain.national_status import meaning_of
from lapor_gateway.domain.reconciliation import Difference, Repair, sent_numbers
from lapor_gateway.domain.reference import Reference
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.differences import OPEN, REPAIRED
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.indexes import Indexes
from lapor_gateway.jobs.indexing import WEBHOOK, readable
from lapor_gateway.jobs.leasing import leased
from lapor_gateway.jobs.pull import incoming_of, pass_gate
from lapor_gateway.national.dialects import dialect_of
from lapor_gateway.observability import Logger
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.port import Checkpoint, RawRecord
from lapor_gateway.sources.registry import open_source

_BATCH: Final = 500
_log = Logger("repair")


async def repair(gateway: Gateway, indexes: Indexes, patience: float) -> list[GatewayError]:
    """Mend what can be mended; each difference that surely is, is marked. What could not be reached comes back.

    `patience` in seconds: how long to wait for the leases of pulls and pushes under way. What is not mended now stays
    a difference, and the next run tries again.
    """
    failures: list[GatewayError] = []
    _record_gone(gateway.book, indexes)
    _refresh(gateway, indexes)
    _translate_anew(gateway)
    for account in sorted({channel.account for channel in gateway.channels.values()}):
        try:
            await _adopt(gateway, indexes, account, patience)
        except LeaseTakenError as error:
            _log.info("not adopted now", account=account, reason=error.message)
    for channel in _pulled(gateway, {one.channel for one in indexes.differences.all(Repair.PULL, OPEN)}):
        try:
            await _pull_again(gateway, indexes, channel, patience)
        except LeaseTakenError as error:
            _log.info("not pulled again now", channel=channel.id, reason=error.message)
        except GatewayError as error:
            failures.append(error)
    return failures


# --- pull again ----------------------------------------------------------------------------------------------


def _pulled(gateway: Gateway, named: set[str]) -> list[ChannelManifest]:
    """The channels that list the origins of those named; one that is only sent to cannot be asked again."""
    origins = {gateway.channel(name).origin for name in named}
    return [one for one in gateway.channels.values() if one.origin in origins and one.source != WEBHOOK]


async def _pull_again(gateway: Gateway, indexes: Indexes, channel: ChannelManifest, patience: float) -> None:
    """List a channel once more and take in those records alone that differ; its checkpoint stays where it is."""
    async with leased(gateway, f"pull:{channel.id}", patience) as lease:
        source = open_source(
            channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
        )
        try:
            async with aclosing(source.pages(Checkpoint(), full=True)) as pages:
                async for page in pages:
                    _take_again(gateway, indexes, channel, lease, page.records)
        finally:
            await source.close()


def _take_again(
    gateway: Gateway,
    indexes: Indexes,
    channel: ChannelManifest,
    lease: Lease,
    records: tuple[RawRecord, ...],
) -> None:
    book = gateway.book
    wanted: dict[str, list[Difference]] = {}
    chosen: list[Incoming] = []
    for one in incoming_of(channel, records):
        reference = _reference(book, channel, one)
        if reference not in wanted:
            wanted[reference] = indexes.differences.to_mend(reference, Repair.PULL)
        if wanted[reference]:
            chosen.append(one)
    if not chosen:
        return
    there = {reference: indexes.national_rows(reference) for reference, found in wanted.items() if found}

    def keep(connection: Connection) -> bool:
        lease.require(connection)
        gate = Gate(book, gateway.rules(channel.id))
        taken = take_in(book, connection, gateway.door_of(channel), chosen, judge=gate.judge_fresh)
        for one in chosen:
            ours = [row for row in there.get(_reference(book, channel, one), ()) if row.is_ours]
            if ours:
                _keep_from_leaving(gateway, connection, channel, one, ours)
        return taken.is_judged

    if not book.transact(keep):
        pass_gate(gateway)
    now = raw_digests(book, list(there))
    shown: defaultdict[str, set[bytes]] = defaultdict(set)
    for one in chosen:
        shown[_reference(book, channel, one)].add(book.digest(one.compared))
    mended = [
        one for reference in there if now.get(reference) in shown[reference] for one in wanted[reference]
    ]
    indexes.differences.mark(mended, REPAIRED)


def _keep_from_leaving(
    gateway: Gateway,
    connection: Connection,
    channel: ChannelManifest,
    one: Incoming,
    there: list[NationalRow],
) -> None:
    """A complaint that is new here and at LAPOR! already: adopted if it is the same text, else held for a person.

    In the transaction that takes it in, so that no push can come in between.
    """
    reference = _reference(gateway.book, channel, one)
    row = rows_of(connection, [reference]).get(reference)
    if row is None:
        return
    if not is_allowed(State(row.state), Event.ADOPT):
        if row.state == State.QUARANTINED:  # a replay must not let it leave
            remember(connection, {reference: there[0].number})
        return
    pen = Pen(connection, gateway.clock.now())
    same = _same_text(gateway, channel, one, reference, there)
    if not same or not take_number(connection, pen, row, channel.account, same[0]):
        hold_unsent(pen, row)


def _same_text(
    gateway: Gateway, channel: ChannelManifest, one: Incoming, reference: Reference, there: list[NationalRow]
) -> list[str]:
    settings = gateway.settings.national.get(channel.account)
    complaint = readable(channel, one.value)
    if settings is None or complaint is None:
        return []
    text = dialect_of(settings).sent_text(complaint, reference)
    digest = sent_mark(gateway.book, text_digest(text))
    return sorted(
        (row.number for row in there if row.text == digest), key=lambda number: (len(number), number)
    )


def _reference(book: Book, channel: ChannelManifest, one: Incoming) -> Reference:
    source_id = one.source_id if one.source_id is not None else f"digest:{book.digest(one.compared).hex()}"
    return book.reference(channel.origin, source_id)


# --- adopt, refresh, record ----------------------------------------------------------------------------------


async def _adopt(gateway: Gateway, indexes: Indexes, account: AccountName, patience: float) -> None:
    """Accept under the account's lease what LAPOR! surely has; nothing is asked for where there is nothing."""
    found = _to_adopt(indexes, account)
    first = next(found, None)
    if first is None:
        return
    async with leased(gateway, f"push:{account}", patience) as lease:
        for one, numbers in chain((first,), found):
            if adopt_there(gateway.book, lease, account, one.subject, numbers):
                indexes.differences.mark([one], REPAIRED)


def _to_adopt(indexes: Indexes, account: AccountName) -> Iterator[tuple[Difference, list[str]]]:
    """An account's complaints that are there and not accepted here, each with its numbers, lowest first."""
    for one in indexes.differences.all(Repair.ADOPT, OPEN):
        row = indexes.ledger_row(one.subject)
        if row is not None and row.account == account:
            yield one, sent_numbers(indexes.national_rows(one.subject), row)


def _refresh(gateway: Gateway, indexes: Indexes) -> None:
    """Statuses that were never read before, and those that moved on at LAPOR!."""
    for batch in batches(indexes.differences.refreshes(), _BATCH):
        _refresh_batch(gateway, indexes, batch)
    for found in batches(indexes.differences.all(Repair.REFRESH, OPEN), _BATCH):
        rows = [(one.subject, one.facts["number"], one.facts["national"]) for one in found]
        current = _refresh_batch(gateway, indexes, rows)
        indexes.differences.mark([one for one in found if one.subject in current], REPAIRED)


def _refresh_batch(gateway: Gateway, indexes: Indexes, rows: Sequence[tuple[str, str, str]]) -> set[str]:
    seen: list[Refreshed] = []
    for reference, number, word in rows:
        known = indexes.ledger_row(reference)
        account = gateway.settings.national.get(known.account) if known is not None else None
        meaning = meaning_of(word, account.status_words) if account is not None else meaning_of(word)
        seen.append(Refreshed(reference, number, word, meaning))
        if meaning is StatusMeaning.UNKNOWN and known is not None:
            _raise_unknown(gateway.book, known.account, known.channel, word)
    return {one.reference for one in refresh_statuses(gateway.book, seen)}


def _translate_anew(gateway: Gateway) -> None:
    """Words that nobody knew and that the settings now know."""
    for subject in open_subjects(gateway.book, FindingKind.UNMAPPED_STATUS):
        account, _, word = subject.partition(":")
        settings = gateway.settings.national.get(account)
        meaning = StatusMeaning.UNKNOWN if settings is None else meaning_of(word, settings.status_words)
        if meaning is StatusMeaning.UNKNOWN:
            continue
        for batch in batches(untranslated(gateway.book, AccountName(account), word), _BATCH):
            seen = [Refreshed(reference, number, word, meaning) for reference, number in batch]
            refresh_statuses(gateway.book, seen)
        with gateway.book.write() as connection:
            settle_finding(gateway.book, connection, FindingKind.UNMAPPED_STATUS, subject)


def _raise_unknown(book: Book, account: str, channel: str, word: str) -> None:
    with book.write() as connection:
        kind, facts = FindingKind.UNMAPPED_STATUS, {"word": word}
        raise_finding(book, connection, kind, f"{account}:{word}", channel, facts)


def _record_gone(book: Book, indexes: Indexes) -> None:
    for found in batches(indexes.differences.all(Repair.RECORD_GONE, OPEN), _BATCH):
        record_gone(book, [one.subject for one in found])
        indexes.differences.mark(found, REPAIRED)
