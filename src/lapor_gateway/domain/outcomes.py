"""The four ways a request to the national side can end, and what its listing shows. `Unknown` is one of the four."""

from datetime import datetime
from typing import Any, Final

import msgspec

_LONGEST_TRACKING_ID: Final = 15


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


class Unknown(msgspec.Struct, frozen=True, omit_defaults=True):
    """Perhaps committed, perhaps not. Never resend blindly. `pauses`: it came with the sign of a lost credential."""

    reason: str
    pauses: bool = False


Outcome = Accepted | Refused | NotTaken | Unknown


class Listed(msgspec.Struct, frozen=True):
    """One complaint as the national listing shows it; `created_at` is aware, None where it was not readable."""

    tracking_id: str
    title: str
    content: str
    status: str | None = None
    created_at: datetime | None = None


def tracking_id_of(value: Any) -> str | None:
    """A value as LAPOR!'s tracking id (digits, at most 15, not all zero); None where it can be none."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        return None
    return value if len(value) <= _LONGEST_TRACKING_ID and value.strip("0") else None
