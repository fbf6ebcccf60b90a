"""Logs that may be read by anybody: structured, in English, without identities and credentials."""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

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


def start_logging(level: str) -> None:
    """Send all logs, ours and the libraries', as one JSON line each to standard error.

    `level` is one of logging's names. Call once, at the start of a program.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_messages,
                redacted,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True  # a search may hold a citizen's name
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # its jobs log for themselves


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a part of the gateway."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(f"lapor_gateway.{name}")
    return found


def where(error: BaseException) -> list[str]:
    """An exception's way through the code without what it says: messages may quote a citizen."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]


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
