"""How a channel's pulls fared, and since when the book knows it."""

from sqlalchemy import Connection, func, select

from lapor_gateway.book.tables import ledger_entries, runs

_e = ledger_entries.c
_r = runs.c


def first_known(connection: Connection, channel: str) -> int | None:
    """When the book came to know the channel (microseconds); None for one it does not know."""
    query = select(func.min(_e.at)).where(_e.subject == f"channel:{channel}", _e.complaint.is_(None))
    return connection.execute(query).scalar()


def successes(connection: Connection, channel: str, since: int, until: int) -> list[int]:
    """When the channel's pulls that succeeded began, within [since, until) in microseconds."""
    query = select(_r.started_at).where(
        _r.subject == channel,
        _r.kind == "pull",
        _r.state == "done",
        _r.started_at >= since,
        _r.started_at < until,
    )
    return list(connection.execute(query).scalars())
