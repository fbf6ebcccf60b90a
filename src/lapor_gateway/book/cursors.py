"""Cursors of lists: opaque to a caller, whole numbers to us."""

import base64
import binascii
from typing import Final

from lapor_gateway.errors import ConfigurationError

LARGEST_ID: Final = 2**63 - 1


class WrongCursorError(ConfigurationError):
    """A cursor that no answer of ours gave."""


def encode_cursor(*keys: int) -> str:
    """An opaque cursor of whole numbers."""
    return base64.urlsafe_b64encode(".".join(map(str, keys)).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, count: int) -> tuple[int, ...]:
    """The numbers of a cursor. Raises `WrongCursorError` for anything that `encode_cursor` did not make."""
    try:
        text = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
        keys = tuple(int(key) for key in text.decode("ascii").split("."))
    except (binascii.Error, ValueError):
        keys = ()
    if len(keys) != count or any(not 0 <= key <= LARGEST_ID for key in keys):
        raise WrongCursorError(
            "This cursor was not given by the gateway.",
            cure="Begin without a cursor, and pass on the one you get.",
        )
    return keys
