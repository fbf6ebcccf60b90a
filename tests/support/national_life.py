"""What happens to complaints at LAPOR!, written as the gateway's jobs write it: by pen, into book and ledger."""

from typing import Any

from lapor_gateway.book.tables import milestones
from lapor_gateway.book.writing import Pen, load_subjects
from lapor_gateway.domain.lifecycle import Event
from tests.support.books import Desk


def taken(desk: Desk, source_id: str | int, number: int) -> None:
    """Sent and taken under a number."""
    with desk.book.write() as connection:
        pen = Pen(connection, desk.book.clock.now())
        subject = load_subjects(connection, [desk.row(source_id).id])[desk.row(source_id).id]
        pen.transition(subject, Event.ATTEMPTED, {"attempt": 1, "account": "uji"}, attempts=1)
        facts = {"attempt": 1, "tracking_id": str(number)}
        pen.transition(subject, Event.TAKEN, facts, tracking_id=str(number), accepted_at=pen.at)
        pen.flush()


def status(desk: Desk, source_id: str | int, word: str, meaning: str, **more: object) -> None:
    """LAPOR! shows a status; `since` in microseconds, `disposition` a name."""
    columns = {"national_word": word, "national_status": meaning}
    _note(desk, source_id, "national_status", {"word": word, "meaning": meaning, **more}, **columns)


def follow_up(
    desk: Desk,
    source_id: str | int,
    number: int = 1,
    *,
    side: str = "national",
    author: str = "institution",
    **more: object,
) -> None:
    """Somebody writes to it; `written_at` in microseconds."""
    facts = {"number": number, "side": side, "author": author, "content": "00" * 32, **more}
    _note(desk, source_id, "follow_up", facts)


def written(desk: Desk, source_id: str | int, number: int = 1) -> None:
    """A follow-up of the region, or of the gateway, now stands at LAPOR!, too."""
    _note(desk, source_id, "follow_up_written", {"number": number, "attempt": 1})


def rate(desk: Desk, source_id: str | int, rating: int) -> None:
    """The reporter's satisfaction, shown with a status."""
    row = desk.row(source_id)
    with desk.book.write() as connection:
        values = {"complaint": row.id, "region": row.region, "reported_at": row.received_at}
        connection.execute(milestones.insert().values(**values, rating=rating))
    status(desk, source_id, row.national_word or "Selesai", row.national_status or "done")


def _note(desk: Desk, source_id: str | int, kind: str, facts: dict[str, object], **columns: Any) -> None:
    with desk.book.write() as connection:
        pen = Pen(connection, desk.book.clock.now())
        identifier = desk.row(source_id).id
        pen.note(load_subjects(connection, [identifier])[identifier], kind, facts, **columns)
        pen.flush()
