"""Logs that may be read by anybody: structured, in English, without identities and credentials."""

import logging
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger

# What makes the lines is imported by the first of them: most calls log nothing.
# ruff: noqa: PLC0415


class Logger:
    """The logger of a part of the gateway: an event in plain words, and facts by name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def info(self, event: str, **facts: object) -> None:
        self._lines().info(event, **facts)

    def warning(self, event: str, **facts: object) -> None:
        self._lines().warning(event, **facts)

    def error(self, event: str, **facts: object) -> None:
        self._lines().error(event, **facts)

    def exception(self, event: str, **facts: object) -> None:
        """As `error`, with the type of the exception at hand and the way it took, never its text."""
        self._lines().exception(event, **facts)

    def _lines(self) -> "BoundLogger":
        from lapor_gateway.log_lines import named

        return named(self._name)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        from lapor_gateway.log_lines import formatter

        return formatter().format(record)


def start_logging(level: str) -> None:
    """Send all logs, ours and the libraries', as one JSON line each to standard error.

    `level` is one of logging's names. Call once, at the start of a program.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True  # a search may hold a citizen's name
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # its jobs log for themselves


def where(error: BaseException) -> list[str]:
    """An exception's way through the code without what it says: messages may quote a citizen."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
