"""LAPOR!'s own count: our references and numbers in its listing, or in the spreadsheet export, against the book."""

from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import func, select

from lapor_gateway.book.counting import write_count
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding
from lapor_gateway.book.sending import COMPLAINT
from lapor_gateway.book.tables import complaints, outbound
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.balance import Side
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.reference import carried_by
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.look_up import Listing, Untrusted
from lapor_gateway.national.export import NationalExport
from lapor_gateway.settings_sections import NationalAccount
from lapor_gateway.sources.manifest import ChannelManifest

_MOST_NAMED: Final = 5
_CURE: Final = "Download it from LAPOR! again, from an earlier day on."
_MAY_BE_THERE: Final = frozenset({State.AMBIGUOUS, State.SUBMITTING, State.WITHDRAWN, State.LINKED})
"""States in which a complaint's presence at LAPOR! is no fault: it is in doubt, was given up, or shares a number."""

Origins = dict[str, list[ChannelManifest]]


class Shown(msgspec.Struct):
    """What LAPOR! shows: numbers, and per reference of ours the numbers under it; of an export also its time."""

    numbers: set[int] = msgspec.field(default_factory=set)
    references: dict[str, list[str]] = msgspec.field(default_factory=dict)
    oldest: int | None = None
    newest: int | None = None

    def note(self, tracking_id: str, text: str) -> None:
        self.numbers.add(int(tracking_id))
        reference = carried_by(text)
        if reference is not None:
            self.references.setdefault(reference, []).append(tracking_id)

    def has(self, tracking_id: str | None) -> bool:
        return tracking_id is not None and tracking_id.isdecimal() and int(tracking_id) in self.numbers


class _Compared(msgspec.Struct):
    found: int = 0
    beyond: int = 0  # accepted before the export's first row, and so not to be seen in it
    faults: int = 0
    named: list[str] = msgspec.field(default_factory=list)
    twice: list[tuple[str, str, list[str]]] = msgspec.field(default_factory=list)

    def fault(self, text: str) -> None:
        self.faults += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(text)


async def count_by_listing(gateway: Gateway, origins: Origins) -> list[GatewayError]:
    """Count every account that was granted a listing; the failures of those that did not answer."""
    failures: list[GatewayError] = []
    for account, own in _by_account(origins).items():
        settings = gateway.settings.national.get(account)
        if settings is None or settings.listing is None:
            continue
        if not settings.is_open_to(gateway.environment):
            continue
        before = gateway.clock.now() - _microseconds(settings.listing.maximum_lag.total_seconds())
        try:
            shown = await _listed(gateway, account, settings)
        except Untrusted as why:
            failures.append(why.as_error(account))
            continue
        for origin in own:
            _compare(gateway.book, origin, shown, before=before)
    return failures


def count_by_export(gateway: Gateway, origins: Origins, path: Path) -> list[GatewayError]:
    """Count every account by the spreadsheet at `path`; those that it does not reach back far enough for.

    Raises `ConfigurationError` where it is no national export.
    """
    shown = Shown()
    for row in NationalExport(path).complaints():
        shown.note(row.tracking_id, row.first_text)
        if row.created_at is not None:
            created = to_instant(row.created_at)
            shown.oldest = created if shown.oldest is None else min(shown.oldest, created)
            shown.newest = created if shown.newest is None else max(shown.newest, created)
    if shown.oldest is None or shown.newest is None:
        return [GatewayError(f"No row of {path.name} has a date that can be read.", cure=_CURE)]
    failures: list[GatewayError] = []
    for account, own in _by_account(origins).items():
        settings = gateway.settings.national.get(account)
        if settings is None:
            continue
        before = shown.newest - _microseconds(settings.export_lag.total_seconds())
        for origin in own:
            beyond = _compare(gateway.book, origin, shown, since=shown.oldest, before=before)
            if beyond:
                sentence = f"{path.name} begins after {beyond} complaints of {origin} had been accepted."
                failures.append(GatewayError(sentence, cure=_CURE))
    return failures


async def _listed(gateway: Gateway, account: AccountName, settings: NationalAccount) -> Shown:
    shown = Shown()
    async with Line(account, settings, gateway.resolve, gateway.clock) as line:
        for one in await Listing(line, gateway.clock).everything():
            shown.note(one.tracking_id, one.content)
    return shown


def _compare(book: Book, origin: str, shown: Shown, *, before: int, since: int | None = None) -> int:
    """Complaints accepted before `before` against what is shown; later ones count as found if they are there.

    With `since` only those sent from then on must be there: an export shows a time, not everything. How many came
    before that; where there are any, what is shown counts nothing, unless it already shows a gap.
    """
    compared = _compared(book, origin, shown, since, before)
    with book.write() as connection:
        for reference, of_channel, there in compared.twice:
            facts = {"tracking_ids": " ".join(there)}
            raise_finding(book, connection, FindingKind.TWICE_AT_NATIONAL, reference, of_channel, facts)
        if compared.faults or not compared.beyond:
            detail = "; ".join(compared.named)
            write_count(book, connection, origin, Side.NATIONAL, compared.found, not compared.faults, detail)
    return compared.beyond


def _compared(book: Book, origin: str, shown: Shown, since: int | None, before: int) -> _Compared:
    c, o = complaints.c, outbound.c
    first_sent = select(func.min(o.sent_at)).where(o.complaint == c.id, o.kind == COMPLAINT).scalar_subquery()
    columns = (c.reference, c.state, c.tracking_id, c.accepted_at, c.channel)
    query = select(*columns, *(() if since is None else (first_sent.label("sent_at"),)))
    compared = _Compared()
    with book.read() as connection:
        found = connection.execution_options(yield_per=2000).execute(query.where(c.origin == origin))
        for row in found:
            there = sorted(set(shown.references.get(row.reference, ())))
            if len(there) > 1:
                compared.twice.append((row.reference, row.channel, there))
            if row.state == State.ACCEPTED:
                is_shown = shown.has(row.tracking_id)
                compared.found += is_shown
                is_due = row.accepted_at is not None and row.accepted_at < before
                if is_due and not is_shown and since is not None and (row.sent_at or 0) < since:
                    compared.beyond += 1
                    is_due = False
                if (there and row.tracking_id not in there) or (not is_shown and is_due):
                    compared.fault(f"{row.reference} is not there under {row.tracking_id}")
            elif there and row.state not in _MAY_BE_THERE:
                compared.fault(f"{row.reference} is {row.state} here and there under {there[0]}")
    return compared


def _by_account(origins: Origins) -> dict[AccountName, Origins]:
    found: dict[AccountName, Origins] = {}
    for origin, channels in sorted(origins.items()):
        found.setdefault(channels[0].account, {})[origin] = channels
    return found


def _microseconds(seconds: float) -> int:
    return int(seconds * 1_000_000)
