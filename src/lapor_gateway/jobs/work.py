"""Coroutines of jobs, each in a thread and an event loop of its own, that can all be asked to end."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class StoppedError(Exception):
    """The work was asked to end before it was done; what it had under way has been written."""


class Works:
    """What runs at the moment. After `stop` nothing new begins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = set()
        self._stopped = False

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run `work` to its end in this thread. Raises what it raises, and `StoppedError` after a `stop`."""
        with asyncio.Runner() as runner:
            task = runner.get_loop().create_task(work)
            entry = (runner.get_loop(), task)
            with self._lock:
                if self._stopped:
                    task.cancel()
                self._running.add(entry)
            try:
                return runner.run(_result(task))
            except asyncio.CancelledError:
                raise StoppedError from None
            finally:
                with self._lock:
                    self._running.discard(entry)

    def stop(self) -> None:
        """Ask everything to end; each ends after what it has in flight."""
        with self._lock:
            self._stopped = True
            for loop, task in self._running:
                loop.call_soon_threadsafe(task.cancel)


async def _result(task: asyncio.Task[Result]) -> Result:
    return await task
