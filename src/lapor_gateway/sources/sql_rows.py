"""Rows of a database as JSON records: the same bytes for the same row, whichever driver brought it."""

import math
from base64 import b64encode
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from lapor_gateway.sources.port import RawRecord

# What the encoder writes as we want it: numbers and texts as they are, a Decimal as the text of its number
# (its trailing zeros say something), times in ISO 8601. MySQL's "0000-00-00" comes as text and stays visible.
_PLAIN = frozenset({type(None), int, bool, str, Decimal, datetime, date, time, UUID})
_encoder = msgspec.json.Encoder(decimal_format="string")


def records(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[RawRecord, ...]:
    """One record a row, its columns in the order of the query."""
    return tuple(_record(columns, row) for row in rows)


def _record(columns: Sequence[str], row: Sequence[Any]) -> RawRecord:
    values = row if _PLAIN.issuperset(map(type, row)) else [_plain(value) for value in row]
    raw = _encoder.encode(dict(zip(columns, values, strict=True)))
    return RawRecord(raw, msgspec.json.decode(raw))


def _plain(value: Any) -> Any:
    """A value that JSON has a form for. Bytes that are no text are marked: {"base64": …}."""
    match value:
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes() | bytearray() | memoryview():
            return _text(bytes(value))
        case timedelta():
            return str(value)
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value if type(value) in _PLAIN else str(value)


def _text(value: bytes) -> str | dict[str, str]:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": b64encode(value).decode("ascii")}
