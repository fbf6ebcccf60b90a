"""Suspected doubles: the same reporter, within one region, saying the same thing again."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, select

from lapor_gateway.book.database import Query
from lapor_gateway.book.tables import complaints
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.matching import retyped_alike
from lapor_gateway.domain.reference import Reference

_CHUNK = 500
_c = complaints.c
_SAID = Query(
    select(_c.reporter_index, _c.reference, _c.body).where(
        _c.reporter_index.in_(bindparam("reporters", expanding=True)), _c.state != State.WITHDRAWN.value
    )
)


class Doubles:
    """What the reporters of one batch have said before, in the redacted form the book can be searched in.

    Reporters are known by their blind index, which differs between regions: there is no profile across regions.
    `former` leads from an index under the key before to the present one, while the index key is being rotated.
    """

    def __init__(
        self, connection: Connection, reporters: Iterable[bytes], former: Mapping[bytes, bytes]
    ) -> None:
        self._said: dict[bytes, dict[Reference, str]] = {}
        wanted = sorted({*reporters, *former})
        for start in range(0, len(wanted), _CHUNK):
            for reporter, reference, body in _SAID.all(connection, reporters=wanted[start : start + _CHUNK]):
                self._said.setdefault(former.get(reporter, reporter), {})[reference] = body or ""

    def of(self, reporter: bytes | None, reference: Reference, body: str) -> Reference | None:
        """An earlier complaint of this reporter that reads like `body`; remembers this one for the next."""
        if reporter is None or not body:
            return None
        said = self._said.setdefault(reporter, {})
        alike = next(
            (other for other, text in said.items() if other != reference and retyped_alike(text, body)), None
        )
        said[reference] = body
        return alike
