"""Waiting for something to become true, with a deadline; no test sleeps for a guessed time."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")

_PAUSE_S = 0.01


def eventually(check: Callable[[], Answer], *, within: float = 10.0, what: str = "") -> Answer:
    """The first truthy answer of `check`, asked every 10 ms; AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (answer := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what or check}; last answer {answer!r}")
        pause.wait(_PAUSE_S)
    return answer


async def eventually_async(
    check: Callable[[], Awaitable[Answer]], *, within: float = 10.0, what: str = ""
) -> Answer:
    """As `eventually`, for a `check` that is awaited; the event loop goes on meanwhile."""
    deadline = time.monotonic() + within
    while not (answer := await check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what or check}; last answer {answer!r}")
        await asyncio.sleep(_PAUSE_S)
    return answer
