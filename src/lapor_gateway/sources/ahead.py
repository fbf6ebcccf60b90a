"""The next page, fetched while the current one is handled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

Fetched = TypeVar("Fetched")


class Ahead(Generic[Fetched]):
    """One piece of work begun before its result is asked for; `drop` ends it, whoever has stopped asking."""

    def __init__(self) -> None:
        self._work: asyncio.Task[Fetched] | None = None

    def begin(self, work: Coroutine[Any, Any, Fetched]) -> None:
        self._work = asyncio.create_task(work)

    async def result(self) -> Fetched:
        assert self._work is not None
        return await self._work

    async def drop(self) -> None:
        """Cancels what is under way, and forgets how it ended."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()  # asked for, so that nobody calls it unretrieved
