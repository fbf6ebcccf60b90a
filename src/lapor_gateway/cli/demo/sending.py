"""One flow of the demo: webhooks come in, all channels are pulled and pushed, until nothing moves any more."""

import asyncio
from typing import Final, TextIO

from sqlalchemy import func, select

from lapor_gateway.book.tables import complaints, parcels
from lapor_gateway.catalogue import text
from lapor_gateway.cli.demo.bars import RegionBars
from lapor_gateway.cli.demo.world import World
from lapor_gateway.domain.lifecycle import PENDING, State
from lapor_gateway.errors import GatewayError, OutOfReachError
from lapor_gateway.jobs import sync as job
from lapor_gateway.jobs.errands import is_under_way
from lapor_gateway.jobs.gateway import Gateway

_LOOK_SECONDS: Final = 0.25
_LEAST_SECONDS: Final = 75.0
_OUTAGE_SECONDS: Final = 20.0  # an endpoint that has answered may be away for so long
_SILENCE_SECONDS: Final = 8.0  # one that never has
_SECONDS_A_COMPLAINT: Final = 0.1
_SOON_SECONDS: Final = 10.0  # what is tried again later than that is left to the next sync
_UNSETTLED: Final = frozenset({*PENDING, State.AMBIGUOUS})


class Flow:
    """Runs until every complaint is settled, nothing has moved for a while, or the time is up."""

    def __init__(self, world: World, gateway: Gateway, talk: TextIO) -> None:
        self._world = world
        self._gateway = gateway
        self._bars = RegionBars(world, gateway, talk)
        self._counts: dict[tuple[str, str], int] = {}
        self._arrived = 0
        self._moved_at = 0.0
        self.failures: list[GatewayError] = []

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + max(_LEAST_SECONDS, self._world.plan.complaints * _SECONDS_A_COMPLAINT)
        self._moved_at = loop.time()
        with self._bars:
            hooks = asyncio.create_task(self._hooks())
            try:
                while True:
                    synced = await self._synced(deadline)
                    if synced is None:
                        self.failures.append(_too_slow())
                        return
                    self.failures = synced.failures
                    if hooks.done() and self._is_settled() and not self._travels():
                        return
                    if not await self._worth_going_on(hooks, deadline):
                        return
            finally:
                hooks.cancel()
                await asyncio.gather(hooks, return_exceptions=True)
                self._look()

    async def _synced(self, deadline: float) -> job.Synced | None:
        """One sync of all channels, watched; None when it was stopped for taking too long."""
        channels = list(self._gateway.channels.values())
        left = max(1.0, deadline - asyncio.get_running_loop().time())
        task = asyncio.create_task(
            job.sync(self._gateway, channels, patience=min(left, self._stall_seconds()))
        )
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK_SECONDS)
            self._look()
            if not task.done() and self._time_is_up(deadline):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                return None
        return task.result()

    async def _worth_going_on(self, hooks: "asyncio.Task[None]", deadline: float) -> bool:
        """Wait until webhooks have come in, or something is due again; False when there is no use in it."""
        if not hooks.done():
            await asyncio.wait({hooks}, timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        else:
            await asyncio.sleep(1)
        self._look()
        return not self._time_is_up(deadline) and not self._waits_for_a_person()

    async def _hooks(self) -> None:
        while not await asyncio.to_thread(self._world.hooks_are_sent):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(_LOOK_SECONDS)

    def _look(self) -> None:
        before, self._counts = self._counts, self._counted()
        arrived, self._arrived = self._arrived, self._arrivals()
        if self._counts != before:
            self._bars.show(self._counts)
        # A complaint that falls into doubt is no progress: an endpoint that never answers would make some for ever.
        if _progress(self._counts) != _progress(before) or self._arrived != arrived:
            self._moved_at = asyncio.get_running_loop().time()

    def _counted(self) -> dict[tuple[str, str], int]:
        c = complaints.c
        with self._gateway.book.read() as connection:
            rows = connection.execute(
                select(c.region, c.state, func.count()).group_by(c.region, c.state)
            ).all()
        return {(row[0], row[1]): row[2] for row in rows}

    def _arrivals(self) -> int:
        with self._gateway.book.read() as connection:
            return connection.execute(
                select(func.count()).select_from(parcels).where(parcels.c.state == "delivered")
            ).scalar_one()

    def _is_settled(self) -> bool:
        self._look()
        return not any(count for (_, state), count in self._counts.items() if state in _UNSETTLED)

    def _travels(self) -> bool:
        """Whether answers, numbers and edits are still on their way to the other side."""
        return is_under_way(self._gateway, within=_SOON_SECONDS)

    def _waits_for_a_person(self) -> bool:
        """Whether nothing is left that the gateway could still settle, or take somewhere, by itself."""
        if self._travels():
            return False
        c = complaints.c
        with self._gateway.book.read() as connection:
            left = connection.execute(
                select(c.id).where(c.state.in_(_UNSETTLED), c.waiting_for != "operator").limit(1)
            ).first()
        return left is None

    def _time_is_up(self, deadline: float) -> bool:
        now = asyncio.get_running_loop().time()
        return now > deadline or now - self._moved_at > self._stall_seconds()

    def _stall_seconds(self) -> float:
        """How long nothing may move: what an unknown outcome needs to be settled, and some more."""
        longest = 0.0
        for account in self._gateway.settings.national.values():
            lag = account.look_up.maximum_lag.total_seconds() if account.look_up else 0.0
            bounds = account.timeout.total_seconds() + account.commits_within.total_seconds()
            longest = max(longest, bounds + 2 * lag)
        has_answered = any(count for (_, state), count in self._counts.items() if state == State.ACCEPTED)
        return longest + (_OUTAGE_SECONDS if has_answered else _SILENCE_SECONDS)


def _progress(counts: dict[tuple[str, str], int]) -> tuple[int, int]:
    """How many complaints there are, and how many of them are settled."""
    settled = sum(count for (_, state), count in counts.items() if state not in _UNSETTLED)
    return sum(counts.values()), settled


def _too_slow() -> OutOfReachError:
    return OutOfReachError(
        "The national endpoint did not take everything in the time that the demo has.",
        cure=text("demo.again"),
    )
