"""Rules, calendars and moments of complaints for tests of deadlines; rows as the ledger's fold writes them."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.tables import complaints, milestones
from lapor_gateway.book.writing import Pen, load_subjects
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.complaint import ComplaintId
from lapor_gateway.domain.deadline_rules import RuleBook, RuleFile
from lapor_gateway.domain.deadlines import Counting
from lapor_gateway.domain.working_days import WorkingDays
from lapor_gateway.jobs.calendars import Calendars, decoded, shipped_text
from tests.support.books import Desk

WIB, WITA, WIT = (ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura"))


def calendar() -> WorkingDays:
    """The nation's calendar, as it is shipped."""
    return Calendars().of(None)


def counting(zone: ZoneInfo = WIB) -> Counting:
    return Counting(calendar(), zone)


def rules(own: str = "") -> RuleBook:
    """The shipped rules, with an installation's TOML over them."""
    shipped = decoded(shipped_text("deadlines.toml"), RuleFile, "deadlines.toml")
    return RuleBook(shipped.overlaid(decoded(own, RuleFile, "own.toml")))


def at(text: str, zone: ZoneInfo = WIB) -> datetime:
    """A moment: with an offset as it says, else in `zone`."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def day(text: str) -> date:
    return date.fromisoformat(text)


class Shelf:
    """A book that has no desk: finds complaints by their source's id."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def row(self, source_id: str | int) -> Any:
        with self.book.read() as connection:
            return connection.execute(
                select(complaints).where(complaints.c.source_id == str(source_id))
            ).one()


def reach(
    desk: Desk | Shelf, source_id: str | int, note: dict[str, Any] | None = None, **moments: str | None
) -> None:
    """Write moments of a complaint beside an entry of the ledger, in one transaction; None takes one back.

    A complaint without a row yet gets one; it then is accepted in the book, too.
    """
    row = desk.row(source_id)
    values = {name: None if text is None else to_instant(at(text)) for name, text in moments.items()}
    with desk.book.write() as connection:
        subject = load_subjects(connection, [ComplaintId(row.id)])[ComplaintId(row.id)]
        pen = Pen(connection, desk.book.clock.now())
        pen.note(subject, *(("national_status", note) if note else ("sealed_note", {})))
        pen.flush()
        if connection.execute(select(milestones.c.region).where(milestones.c.complaint == row.id)).first():
            if values:
                connection.execute(update(milestones).where(milestones.c.complaint == row.id).values(values))
        else:
            same = {"complaint": row.id, "region": row.region}
            connection.execute(insert(milestones).values({**same, **values}))
        accepted = {"state": "accepted", "tracking_id": str(9_000_000 + row.id)}
        connection.execute(update(complaints).where(complaints.c.id == row.id).values(accepted))


def forget(desk: Desk, source_id: int) -> None:
    """A complaint is no longer accepted: its moments are gone."""
    row = desk.row(source_id)
    with desk.book.write() as connection:
        subject = load_subjects(connection, [ComplaintId(row.id)])[ComplaintId(row.id)]
        pen = Pen(connection, desk.book.clock.now())
        pen.note(subject, "sealed_note", {})
        pen.flush()
        connection.execute(delete(milestones).where(milestones.c.complaint == row.id))
