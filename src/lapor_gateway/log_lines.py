"""What a log line holds: one JSON object, without identities and credentials.

Imported by the first event: structlog brings rich and pygments with it, and most calls log nothing.
"""

import logging
import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from lapor_gateway.observability import where

MARK: Final = "[redacted]"
_SECRET_KEYS: Final = re.compile(
    r"authorization|cookie|token|password|passwd|secret|api[-_]?key|^auth$|signature", re.IGNORECASE
)
_IDENTITIES: Final = re.compile(
    r"(?<!\d)\d(?:[ .-]?\d){15}(?!\d)"  # NIK and KK, also in groups
    r"|(?<![\w+])(?:\+?62|0)[ .-]?8(?:[ .-]?\d){7,12}(?!\d)"  # mobile numbers
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail addresses
    r"|\b(?:Bearer|Basic)\s+[\w.~+/=-]{6,}"
    r"|\blgk_[0-9a-f]+_[\w-]+|\bwhsec_[\w+/=-]+",
    re.IGNORECASE,
)


_COMMON: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


@cache
def named(name: str) -> BoundLogger:
    """The logger of a part of the gateway; what it says goes where Python's own logging sends it."""
    bound: BoundLogger = structlog.wrap_logger(
        logging.getLogger(f"lapor_gateway.{name}"),
        processors=[*_COMMON, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=BoundLogger,
    )
    return bound


@cache
def formatter() -> logging.Formatter:
    """Makes lines of all events, ours and the libraries'."""
    return ProcessorFormatter(
        foreign_pre_chain=_COMMON,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            without_messages,
            redacted,
            structlog.processors.JSONRenderer(),
        ],
    )


def without_messages(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Put an exception's type and way in the place of its text."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if info is True:
        error = sys.exc_info()[1]
    if error is not None:
        event["error"], event["where"] = type(error).__name__, where(error)
    return event


def redacted(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take identities and credentials out of every value of an event."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if _SECRET_KEYS.search(key):
        return MARK
    if isinstance(value, Mapping):
        return {str(name): _clean(str(name), part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(key, part) for part in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return _IDENTITIES.sub(MARK, str(value))
