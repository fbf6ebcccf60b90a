"""Follow-ups (tindak lanjut): what an institution, the reporter or the system wrote to a complaint, on either side."""

from datetime import datetime
from enum import StrEnum

import msgspec

from lapor_gateway.domain.complaint import Attachment


class Side(StrEnum):
    """Where a follow-up was written."""

    NATIONAL = "national"
    REGION = "region"
    GATEWAY = "gateway"


class Author(StrEnum):
    """Who wrote it; `system` is LAPOR! itself (a status change, a hand-over), `unknown` where nothing tells."""

    INSTITUTION = "institution"
    REPORTER = "reporter"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class FollowUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a complaint's log, as text a person can read: templates are filled in, HTML is gone.

    `written_at` is aware; None where the side does not say. `status_old` and `status_new` are words of the side's
    own vocabulary, where the line tells of a change. `own_id` is the line's id on its side, where it has one.
    """

    author: Author
    text: str
    written_at: datetime | None = None
    institution_from: str | None = None
    institution_to: str | None = None
    status_old: str | None = None
    status_new: str | None = None
    template_code: str | None = None
    attachments: tuple[Attachment, ...] = ()
    own_id: str | None = None


class Standing(msgspec.Struct, frozen=True):
    """Where a complaint stands at LAPOR!: its status word, whom it is assigned to, and the lines of its log."""

    word: str
    disposition_id: str | None = None
    disposition_name: str | None = None
    log: tuple[FollowUp, ...] = ()


class HandOver(msgspec.Struct, frozen=True):
    """A wish that another institution takes the complaint: the id that LAPOR! has for it, and why."""

    institution: str
    reason: str


class Answer(msgspec.Struct, frozen=True):
    """What the gateway is to write at LAPOR! in the region's name; institutions by their ids there."""

    text: str
    institution_from: str | None = None
    institution_to: str | None = None
    disposition_note: str | None = None
    template_code: str | None = None
    rating: int | None = None
    is_secret: bool = False
