"""One pass over the national export: what it shows of the complaints that are asked about, in bounded memory.

Of every row only its number stays; texts stay only for the few complaints that are in doubt or claim a number.
"""

from array import array
from collections import deque
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Final

import msgspec

from lapor_gateway.book import settling
from lapor_gateway.book.database import Book
from lapor_gateway.book.sending import text_digest
from lapor_gateway.book.settling import Doubt
from lapor_gateway.clock import to_datetime, to_instant
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.domain.export_proof import AROUND, Coverage, Extent
from lapor_gateway.domain.reference import Reference, carried_by
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.national.export import WIB, ExportedComplaint, FaultyRow, NationalExport, RowFault

_CLOCK_ROWS: Final = 500  # of our latest rows, by which LAPOR!'s clock is compared with ours


class Reading(msgspec.Struct):
    """What one export shows. Instants in microseconds, by LAPOR!'s clock.

    `unread` are the references in rows that could not be read. `same` and `other` are the rows under our line of a
    complaint in doubt, with a text that was sent and with another; `claimed` are the rows under the numbers that
    sources claim.
    """

    rows: int = 0
    oldest: int | None = None
    newest: int | None = None
    numbers: set[int] = msgspec.field(default_factory=set)
    same: dict[Reference, list[ExportedComplaint]] = msgspec.field(default_factory=dict)
    other: dict[Reference, list[ExportedComplaint]] = msgspec.field(default_factory=dict)
    claimed: dict[str, ExportedComplaint] = msgspec.field(default_factory=dict)
    faults: dict[RowFault, int] = msgspec.field(default_factory=dict)
    named: list[FaultyRow] = msgspec.field(default_factory=list)
    unread: frozenset[Reference] = frozenset()
    our_latest: deque[tuple[str, int]] = msgspec.field(default_factory=lambda: deque(maxlen=_CLOCK_ROWS))


def read_export(
    path: Path, doubts: Mapping[Reference, Doubt], claimed: frozenset[str] = frozenset()
) -> Reading:
    """Reads the whole file once. Raises `ConfigurationError` where it is no national export."""
    export = NationalExport(path)
    reading = Reading()
    for row in export.complaints():
        _note(reading, row, doubts, claimed)
    reading.faults, reading.named, reading.unread = export.faults, export.named, frozenset(export.unread)
    return reading


def _note(
    reading: Reading, row: ExportedComplaint, doubts: Mapping[Reference, Doubt], claimed: frozenset[str]
) -> None:
    reading.rows += 1
    reading.numbers.add(int(row.tracking_id))
    created = None if row.created_at is None else to_instant(row.created_at)
    if created is not None:
        reading.oldest = created if reading.oldest is None else min(reading.oldest, created)
        reading.newest = created if reading.newest is None else max(reading.newest, created)
    if row.tracking_id in claimed:
        reading.claimed[row.tracking_id] = row
    reference = carried_by(row.first_text)
    if reference is None:
        return
    if created is not None:
        reading.our_latest.append((row.tracking_id, created))
    doubt = doubts.get(reference)
    if doubt is not None:
        believed = text_digest(row.first_text) in doubt.digests
        (reading.same if believed else reading.other).setdefault(reference, []).append(row)


def extent_of(book: Book, account: AccountName, reading: Reading, taken_at: datetime | None) -> Extent:
    """The time that the export surely covers for this account, by our own clock.

    A clock of LAPOR!'s that is ahead of ours would make the export look newer than it is, one that is behind would
    make it look as if it began earlier: its rows of ours say by how much at the most, for none of them can have come
    after LAPOR!'s answer to it. `taken_at` (aware) is a person's word for
    when the export was downloaded. Raises `ConfigurationError` where that cannot be.
    """
    if reading.newest is None or reading.oldest is None:
        return Extent(None, None)
    answered = settling.answered_at(book, account, [number for number, _ in reading.our_latest])
    behind = [answered[number] - at for number, at in reading.our_latest if number in answered]
    oldest = _surely_from(reading.oldest) + max(min(behind, default=0), 0)
    until = reading.newest + min(0, min(behind, default=0))
    if taken_at is None:
        return Extent(oldest, until)
    stated = to_instant(taken_at)
    if stated > book.clock.now() or stated < until:
        raise ConfigurationError(
            f"The export cannot have been downloaded at {taken_at.isoformat()}.",
            cure="Name a time after its newest row and not in the future, or leave --taken-at out.",
        )
    return Extent(oldest, stated, until_is_stated=True)


def _surely_from(oldest: int) -> int:
    """From when on the file has everything: a row may give no more than its day, and the file begin within it."""
    is_day = to_datetime(oldest).astimezone(WIB).time() == time()
    return oldest + AROUND if is_day else oldest


def coverage_of(book: Book, account: AccountName, reading: Reading, since: int, until: int) -> Coverage:
    """The account's accepted complaints from `since` to `until` (microseconds) against the export's numbers."""
    shown, missing = array("q"), array("q")
    missing_references: list[str] = []
    for sent_at, tracking_id, reference in settling.accepted_between(book, account, since - AROUND, until):
        if int(tracking_id) in reading.numbers:
            shown.append(sent_at)
        else:
            missing.append(sent_at)
            missing_references.append(reference)
    earlier = settling.witness_before(book, account, since)
    shows_earlier = earlier is not None and int(earlier.tracking_id) in reading.numbers
    return Coverage(shown, missing, missing_references, shows_earlier)
