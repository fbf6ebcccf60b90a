"""The national side as the gateway sees it: a dialect encodes and decodes without touching a socket.

A request ends in one of four outcomes, and `Unknown` is one of them: it is never retried by itself.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.follow_up import Answer as RegionsAnswer
from lapor_gateway.domain.follow_up import FollowUp, Standing
from lapor_gateway.domain.outcomes import Listed, NotTaken, Outcome, Refused, Unknown
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
    """An answer to a look-up that proves nothing; `pauses` when the credential was refused.

    `retry_after` in seconds, where the other side asked to be left alone for so long.
    """

    reason: str
    pauses: bool = False
    retry_after: float | None = None


class Ability(StrEnum):
    """What a dialect can do, as the rest of the program and the status ask it."""

    SUBMIT = "submit"
    ATTACH = "attach"
    LOOK_UP = "look_up"
    FOLLOW_UP = "follow_up"
    READ_STATUS = "read_status"
    LIST = "list"
    HAND_OVER = "hand_over"
    MASTERS = "masters"


class MasterKind(StrEnum):
    """The lists whose ids a submission or a follow-up names."""

    INSTITUTIONS = "institutions"
    CATEGORIES = "categories"
    CLASSIFICATIONS = "classifications"
    LOCATIONS = "locations"
    TEMPLATES = "templates"


class FollowUpPage(msgspec.Struct, frozen=True):
    """A page of a complaint's follow-ups."""

    follow_ups: tuple[FollowUp, ...]
    more: bool


class File(msgspec.Struct, frozen=True):
    """A file to hand over, already checked: its plain name, media type and bytes."""

    name: str
    media_type: str
    content: bytes


class Uploaded(msgspec.Struct, frozen=True):
    """The ids under which LAPOR! keeps the files of an upload, as many as were sent."""

    ids: tuple[str, ...]


class Written(msgspec.Struct, frozen=True):
    """LAPOR! took a follow-up or a hand-over; `own_id` is its id there, where the answer tells one."""

    own_id: str | None = None


class MasterRow(msgspec.Struct, frozen=True):
    """One row of a master list; `content` is a template's text, empty in the other lists."""

    id: str
    name: str
    content: str = ""


class MastersPage(msgspec.Struct, frozen=True):
    """A page of a master list; where nothing tells its end, `more` is true until a page is empty."""

    rows: tuple[MasterRow, ...]
    more: bool


class Dialect(Protocol):
    """One way to speak to LAPOR!. Pure: bytes in, values out."""

    @property
    def can(self) -> frozenset[Ability]:
        """What this account can do by this dialect, as it is set up. The rest of the program adapts to it."""
        ...

    @property
    def lists_secret(self) -> bool:
        """Whether its list shows secret reports, too: else what it lacks proves nothing about one."""
        ...

    def encode(self, complaint: Complaint, reference: Reference, files: Sequence[str] = (), /) -> Request:
        """The submission; `files` are ids that uploads were given."""
        ...

    def sent_text(self, complaint: Complaint, reference: Reference) -> str:
        """The text as the national side will show it, our line included: what a look-up compares with."""
        ...

    def decode(self, answer: Answer) -> Outcome: ...

    def encode_list(self, page: int, *, search: str | None = None) -> Request:
        """A page (from 1) of the agency's own complaints. Only called where a look-up is granted."""
        ...

    def decode_list(self, answer: Answer) -> ListPage | NoTrust: ...


class Reads(Protocol):
    """A dialect that can read one complaint's status and follow-ups."""

    def encode_standing(self, tracking_id: str) -> Request: ...

    def decode_standing(self, answer: Answer) -> Standing | NoTrust: ...

    def encode_follow_ups(self, tracking_id: str, page: int) -> Request:
        """A page (from 1) of the complaint's follow-ups."""
        ...

    def decode_follow_ups(self, answer: Answer) -> FollowUpPage | NoTrust: ...


class Writes(Protocol):
    """A dialect that can write a follow-up, and hand a complaint over to the institution in charge."""

    def encode_follow_up(
        self, tracking_id: str, answer: RegionsAnswer, files: Sequence[File] = ()
    ) -> Request | Refused:
        """The follow-up, its files within; `Refused` for one that surely would not be taken (too large, empty)."""
        ...

    def decode_written(self, answer: Answer) -> Written | Refused | NotTaken | Unknown:
        """How a follow-up or a hand-over ended."""
        ...

    def encode_hand_over(self, tracking_id: str, institution: str, reason: str) -> Request: ...


class Attaches(Protocol):
    """A dialect that takes files before the submission that names them."""

    def encode_files(self, files: Sequence[File]) -> Request: ...

    def decode_files(self, answer: Answer, count: int) -> Uploaded | Refused | NotTaken | Unknown:
        """The ids that `count` files were given. An `Unknown` may be sent again: ids that nothing names are idle."""
        ...


class HasMasters(Protocol):
    """A dialect with lists of institutions, categories, classifications, locations and templates, or some of them."""

    @property
    def master_kinds(self) -> tuple[MasterKind, ...]:
        """The lists that there are."""
        ...

    def encode_masters(self, kind: MasterKind, page: int) -> Request:
        """A page (from 1) of one list."""
        ...

    def decode_masters(self, answer: Answer) -> MastersPage | NoTrust: ...
