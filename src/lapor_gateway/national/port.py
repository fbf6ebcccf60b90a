"""The national side as the gateway sees it: a dialect encodes and decodes without touching a socket.

A request ends in one of four outcomes, and `Unknown` is one of them: it is never retried by itself.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.reference import Reference


class Request(msgspec.Struct, frozen=True):
    """Bytes to send. `path` is appended to the account's address; `query` is already in it, encoded."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Response(msgspec.Struct, frozen=True):
    """Bytes that came, whole. Header names are lower case."""

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


class Accepted(msgspec.Struct, frozen=True):
    """LAPOR! took it under this tracking id (digits)."""

    tracking_id: str


class Refused(msgspec.Struct, frozen=True):
    """It will never be taken as it is."""

    reason: str


class NotTaken(msgspec.Struct, frozen=True):
    """Surely not committed; may be sent again. `retry_after` in seconds, where the other side said so.

    `pauses` says that the account itself is at fault (credential, address) and must rest until it is mended;
    `outage` that the other side could not be reached at all.
    """

    reason: str
    retry_after: float | None = None
    pauses: bool = False
    outage: bool = False


class Unknown(msgspec.Struct, frozen=True):
    """Perhaps committed, perhaps not. Never resend blindly."""

    reason: str


Outcome = Accepted | Refused | NotTaken | Unknown


class Listed(msgspec.Struct, frozen=True):
    """One complaint as the national listing shows it."""

    tracking_id: str
    title: str
    content: str
    status: str | None = None


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
