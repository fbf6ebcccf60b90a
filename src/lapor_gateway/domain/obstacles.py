"""Obstacles (kendala): what keeps a region from being heard at LAPOR!, found by the gateway or typed. Pure."""

from enum import StrEnum

import msgspec


class ObstacleKind(StrEnum):
    """What stands in the way; all but `typed` are found by the gateway itself."""

    NO_ACCOUNT = "no_account"
    CREDENTIAL_FAILING = "credential_failing"
    CREDENTIAL_PERSONAL = "credential_personal"
    NO_OFFICIAL = "no_official"
    NO_DECREE = "no_decree"
    BACKLOG = "backlog"
    UNANSWERED = "unanswered"
    SILENT_SOURCE = "silent_source"
    UNMAPPED_VALUES = "unmapped_values"
    NO_LOOK_UP = "no_look_up"
    TYPED = "typed"


class ObstacleState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Cause(msgspec.Struct, frozen=True):
    """An obstacle that stands now: `subject` tells it from others of its kind, `facts` are the figures it shows by."""

    kind: ObstacleKind
    subject: str
    region: str
    channel: str | None = None
    facts: dict[str, int | str] = {}


_MAILBOXES_OF_PERSONS = frozenset(
    {"gmail.com", "yahoo.com", "yahoo.co.id", "ymail.com", "outlook.com", "hotmail.com", "icloud.com"}
)
_NUMBERS_OF_PERSONS = frozenset({16, 18})  # digits of a NIK, of a civil servant's NIP


def is_personal(user_name: str) -> bool:
    """Whether a login looks like a person's own, which leaves with them: a private mailbox, a NIK, a NIP."""
    name = user_name.strip().casefold()
    _, _, domain = name.rpartition("@")
    digits = name.replace(" ", "")
    return domain in _MAILBOXES_OF_PERSONS or (digits.isdigit() and len(digits) in _NUMBERS_OF_PERSONS)
