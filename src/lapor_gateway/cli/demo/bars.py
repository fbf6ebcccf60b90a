"""A bar a region while complaints flow: how many are settled, of how many the region has."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from lapor_gateway.catalogue import text
from lapor_gateway.cli.demo.world import World
from lapor_gateway.domain.lifecycle import PENDING, State
from lapor_gateway.jobs.gateway import Gateway

_WIDE = 80
_UNSETTLED = frozenset({*PENDING, State.AMBIGUOUS})


class RegionBars:
    """Bars on a terminal; elsewhere one line a region at the end."""

    def __init__(self, world: World, gateway: Gateway, talk: TextIO) -> None:
        self._names = {name: gateway.regions[name].name for name in world.regions}
        self._totals = {name: region.distinct for name, region in world.regions.items()}
        self._console = Console(file=talk, highlight=False)
        self._drawn: Progress | None = None
        self._lines: dict[str, TaskID] = {}
        self._last: dict[tuple[str, str], int] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(bar_width=20 if self._console.width >= _WIDE else 10),
                MofNCompleteColumn(),
                TextColumn("{task.fields[said]}"),
            )
            self._drawn = self._open.enter_context(Progress(*columns, console=self._console))
            for region, name in self._names.items():
                self._lines[region] = self._drawn.add_task(name, total=self._totals[region], said="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if self._drawn is None:
            for region, name in self._names.items():
                settled, known = self._settled(region), self._known(region)
                self._console.print(f"  {name}: {settled}/{known} {self._said(region)}", soft_wrap=True)

    def show(self, counts: dict[tuple[str, str], int]) -> None:
        """`counts` are complaints by region and state."""
        self._last = counts
        for region, line in self._lines.items():
            assert self._drawn is not None
            total = max(self._totals[region], self._known(region))
            self._drawn.update(line, completed=self._settled(region), total=total, said=self._said(region))

    def _known(self, region: str) -> int:
        return sum(count for (where, _), count in self._last.items() if where == region)

    def _settled(self, region: str) -> int:
        return sum(
            n for (where, state), n in self._last.items() if where == region and state not in _UNSETTLED
        )

    def _said(self, region: str) -> str:
        return text("demo.accepted", count=self._last.get((region, State.ACCEPTED), 0))
