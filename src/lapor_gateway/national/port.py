"""The national side as the gateway sees it: a dialect encodes and decodes without touching a socket.

A request ends in one of four outcomes, and `Unknown` is one of them: it is never retried by itself.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.outcomes import Listed, Outcome
from lapor_gateway.domain.reference import Reference


class Request(msgspec.Struct, frozen=True):
    """Bytes to send. `path` is appended to the account's address; `query` is already in it, encoded."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Response(msgspec.Struct, frozen=True):
    """Bytes that came, whole. Header names are lower case; those of a success may be left out."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSent(msgspec.Struct, frozen=True):
    """The request surely never reached the other side: refused connection, unknown name, not started in time."""

    reason: str


class Lost(msgspec.Struct, frozen=True):
    """The request went out and no whole answer came: time-out, reset, cut short."""

    reason: str


Failure = NotSent | Lost
Answer = Response | Failure


class ListPage(msgspec.Struct, frozen=True):
    """A page of the listing that can be trusted as far as it goes."""

    complaints: tuple[Listed, ...]
    more: bool


class NoTrust(msgspec.Struct, frozen=True):
    """An answer to a look-up that proves nothing; `pauses` when the credential was refused."""

    reason: str
    pauses: bool = False


class Dialect(Protocol):
    """One way to speak to LAPOR!. Pure: bytes in, values out."""

    def encode(self, complaint: Complaint, reference: Reference) -> Request:
        """The submission."""
        ...

    def sent_text(self, complaint: Complaint, reference: Reference) -> str:
        """The text as the national side will show it, our line included: what a look-up compares with."""
        ...

    def decode(self, answer: Answer) -> Outcome: ...

    def encode_list(self, page: int, *, search: str | None = None) -> Request:
        """A page (from 1) of the agency's own complaints. Only called where a look-up is granted."""
        ...

    def decode_list(self, answer: Answer) -> ListPage | NoTrust: ...
