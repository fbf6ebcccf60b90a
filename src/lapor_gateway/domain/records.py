"""Reads a record's JSON; forgives the one fault that home-made applications make often: half an emoji. Pure."""

import re
from typing import Any, Final

import msgspec

# Every escape of a JSON text, so that an escaped backslash is never taken for the start of another escape.
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_REPLACEMENT: Final = rb"\ufffd"


def decode(raw: bytes) -> Any:
    """The value of a JSON text, each lone surrogate escape in it read as U+FFFD. Raises `ValueError`.

    JavaScript that cuts a text in the middle of an emoji leaves such a half, which no strict decoder takes.
    """
    return decode_mended(raw)[0]


def decode_mended(raw: bytes) -> tuple[Any, bytes]:
    """The same, and the text it was read from: `raw` itself, or one of the same length with every half mended."""
    try:
        return _strict(raw), raw
    except ValueError:
        mended = _ESCAPE.sub(lambda found: _REPLACEMENT if found[1] else found[0], raw)
        if mended == raw:
            raise
        return _strict(mended), mended


def _strict(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise ValueError(str(fault)) from fault
