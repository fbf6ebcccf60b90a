"""When and where jobs run: the port. A job's truth is the book."""

from datetime import datetime
from typing import Protocol

from lapor_gateway.book.reconciliations import Selection
from lapor_gateway.domain.complaint import ChannelId


class Engine(Protocol):
    """Decides when jobs run. It may run one twice: leases and the book make that harmless."""

    def start(self) -> None:
        """Begin to run the schedule. Safe to repeat."""
        ...

    def stop(self) -> None:
        """End; returns when what was in flight has been written. Safe to repeat."""
        ...

    def submit(self, channel: ChannelId) -> int:
        """Sync a channel as soon as possible; the run to follow. One that waits already is that run."""
        ...

    def reconcile(self, selection: Selection) -> int:
        """Begin a reconciliation as soon as possible; the run to follow."""
        ...

    def wake(self) -> None:
        """Something may have become due: a webhook came in, an operator decided."""
        ...

    def next_run(self, channel: ChannelId) -> datetime | None:
        """When a channel's schedule runs next (aware); None where it has none."""
        ...

    @property
    def is_alive(self) -> bool:
        """Whether the engine still beats."""
        ...
