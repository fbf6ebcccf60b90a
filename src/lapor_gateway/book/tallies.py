"""Tallies: what a sender of webhooks says it sent on a day; what never came is a finding until it comes."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding, settle_finding
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.tables import channels, complaints, tallies

_t = tallies.c
_AT_ONCE: Final = 500
_MOST_NAMED: Final = 20


def keep_tally(book: Book, channel: str, day: date, source_ids: Sequence[str], *, by: str) -> list[str]:
    """Keep the sender's ids of `day` (in the region's zone), in the place of an earlier tally; those never come.

    The finding about them waits for the next count: a message may still be on its way.
    """

    def write(connection: Connection) -> list[str]:
        missing = _missing(connection, channel, source_ids)
        connection.execute(delete(tallies).where(_t.channel == channel, _t.day == day.isoformat()))
        connection.execute(
            insert(tallies).values(
                channel=channel,
                day=day.isoformat(),
                source_ids=msgspec.json.encode(source_ids).decode(),
                missing=len(missing),
                posted_at=book.clock.now(),
            )
        )
        if not missing:
            settle_finding(book, connection, FindingKind.TALLY_DIFFERS, _subject(channel, day.isoformat()))
        facts = {"day": day.isoformat(), "count": len(source_ids), "missing": len(missing)}
        write_audit(book, connection, pseudonym(book, connection, by), "tally", channel, facts)
        return missing

    return book.transact(write)


def check_tallies(book: Book, names: Sequence[str]) -> list[str]:
    """The ids that tallies of these channels name and the book lacks; each such day is a finding, until they come.

    A tally whose ids have all come is not looked at again: no complaint is ever deleted.
    """
    untold: dict[str, None] = {}
    with book.write() as connection:
        query = select(tallies).where(_t.channel.in_(names), _t.missing > 0).order_by(_t.channel, _t.day)
        for row in connection.execute(query).all():
            source_ids = msgspec.json.decode(row.source_ids, type=list[str])
            missing = _missing(connection, row.channel, source_ids)
            untold |= dict.fromkeys(missing)
            same = (_t.channel == row.channel) & (_t.day == row.day)
            connection.execute(update(tallies).where(same).values(missing=len(missing)))
            _judge(book, connection, row.channel, row.day, len(source_ids), missing)
    return list(untold)


def _judge(
    book: Book, connection: Connection, channel: str, day: str, count: int, missing: list[str]
) -> None:
    kind, subject = FindingKind.TALLY_DIFFERS, _subject(channel, day)
    if missing:
        named = " ".join(missing[:_MOST_NAMED])
        facts = {"day": day, "count": count, "missing": len(missing), "source_ids": named}
        raise_finding(book, connection, kind, subject, channel, facts)
    else:
        settle_finding(book, connection, kind, subject)


def _missing(connection: Connection, channel: str, source_ids: Sequence[str]) -> list[str]:
    origin = connection.execute(select(channels.c.origin).where(channels.c.id == channel)).scalar_one()
    known: set[str] = set()
    for start in range(0, len(source_ids), _AT_ONCE):
        part = source_ids[start : start + _AT_ONCE]
        query = select(complaints.c.source_id).where(
            complaints.c.origin == origin, complaints.c.source_id.in_(part)
        )
        known.update(connection.execute(query).scalars())
    return [one for one in source_ids if one not in known]


def _subject(channel: str, day: str) -> str:
    return f"{channel}/{day}"
