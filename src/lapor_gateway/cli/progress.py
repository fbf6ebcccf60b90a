"""Progress bars of a sync on a terminal: what each channel has read, what each account has sent."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn

from lapor_gateway.catalogue import text
from lapor_gateway.jobs import sync
from lapor_gateway.jobs.pull import Pulled
from lapor_gateway.jobs.push import Pushed


class Bars(sync.Progress):
    """One line a channel and one an account; totals where a source tells them."""

    def __init__(self, drawn: Progress) -> None:
        self._drawn = drawn
        self._lines: dict[str, TaskID] = {}

    def pulled(self, channel: str, so_far: Pulled) -> None:
        done = so_far.new + so_far.changed + so_far.seen
        said = text("progress.read", new=so_far.new, changed=so_far.changed)
        self._drawn.update(self._line(channel), completed=done, total=so_far.total, said=said)

    def pushed(self, account: str, so_far: Pushed) -> None:
        done = so_far.accepted + so_far.found + so_far.adopted + so_far.refused
        said = text("progress.sent", unknown=so_far.unknown)
        self._drawn.update(self._line(f"→ {account}"), completed=done, said=said)

    def _line(self, name: str) -> TaskID:
        if name not in self._lines:
            self._lines[name] = self._drawn.add_task(name, total=None, said="")
        return self._lines[name]


@contextlib.contextmanager
def bars() -> Iterator[Bars]:
    """Drawn on standard error, gone at the end: the summary follows on standard output."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        yield Bars(drawn)
