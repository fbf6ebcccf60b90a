"""Numbers seen at LAPOR! under our own line while a book recovered, of complaints that it does not know yet."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from lapor_gateway.book.database import Query
from lapor_gateway.book.tables import lost_numbers
from lapor_gateway.domain.reference import Reference

_n = lost_numbers.c
_ANY: Final = Query(select(_n.reference).limit(1))


def remember(connection: Connection, numbers: Mapping[Reference, str]) -> None:
    """Keep numbers by reference, in place of those known before."""
    if numbers:
        connection.execute(delete(lost_numbers).where(_n.reference.in_(numbers)))
        rows = [{"reference": reference, "tracking_id": number} for reference, number in numbers.items()]
        connection.execute(insert(lost_numbers), rows)


def lost_number(connection: Connection, references: Sequence[Reference]) -> dict[Reference, str]:
    """The numbers of these complaints, as far as any are known. One short question where no book was ever lost."""
    if _ANY.first(connection) is None:
        return {}
    rows = connection.execute(select(_n.reference, _n.tracking_id).where(_n.reference.in_(references)))
    return {Reference(row.reference): row.tracking_id for row in rows}
