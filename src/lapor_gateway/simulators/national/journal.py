"""The endpoint's own log: every request, what was decided and what was committed, one JSON line each."""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec


class Entry(msgspec.Struct):
    """One line of requests.jsonl.

    `event` is "request", or "late_commit" when a complaint is committed after its request (whose `n` the
    line repeats). `n` counts all requests and `position` those of the call, both from 1 since the process
    started. `status` is the status that was answered, None where there was no answer. Times are UTC.
    """

    event: str
    time: datetime
    n: int
    call: str
    position: int
    method: str
    path: str
    account: str | None = None
    reference: str | None = None
    committed: bool = False
    fault: str | None = None
    id: int | None = None
    status: int | None = None


class Journal:
    """Appends entries to a file, or drops them where there is none."""

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._encoder = msgspec.json.Encoder()
        self._waiting: list[bytes] = []

    def add(self, entry: Entry) -> None:
        if self._file is not None:
            self._waiting.append(self._encoder.encode(entry))

    def flush(self) -> None:
        """Hand all entries to the operating system, so that a killed process has still logged them."""
        if self._file is not None and self._waiting:
            os.write(self._file, b"\n".join(self._waiting) + b"\n")
            self._waiting.clear()

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            os.close(self._file)


def utc_now() -> datetime:
    return datetime.now(UTC)
