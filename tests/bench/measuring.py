"""Runs a program on one core against servers on another, and reads what it cost from outside of it."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.processes import ready_process


@dataclass(frozen=True)
class Run:
    """One process's work. Times in seconds, memory in bytes; `posts` and `pages` were counted at the servers."""

    name: str
    posts: int
    pages: int
    bytes_posted: int
    whole: float
    work: float
    cpu: float
    peak_memory: int
    first_post_after_start: float | None
    first_post_after_first_page: float | None

    @property
    def rate(self) -> float:
        """Complaints a second, from the first page asked for to the end of the process."""
        return self.posts / self.work

    @property
    def cpu_per_thousand(self) -> float:
        """CPU seconds of the whole process, its start included, for 1,000 complaints."""
        return 1000 * self.cpu / self.posts


class Servers:
    """The source and the national endpoint, each a process, both on the core that the client does not use."""

    def __init__(self, source: str, national: str) -> None:
        self.source = source
        self.national = national

    def forget(self) -> None:
        for url in (self.source, self.national):
            _asked(f"{url}/_control/forget")

    def seen(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return _asked(f"{self.source}/_control"), _asked(f"{self.national}/_control")


@contextlib.contextmanager
def servers(complaints: int) -> Iterator[Servers]:
    with (
        on_core(server_core()),
        ready_process("tests.bench.servers", "source", complaints, within=120) as source,
        ready_process("tests.bench.servers", "national") as national,
    ):
        yield Servers(source.url, national.url)


def measured(name: str, served: Servers, *command: str) -> Run:
    """Run `python command…` on the client's core and weigh it. Raises `RuntimeError` when it fails."""
    served.forget()
    with on_core(client_core()):
        started = time.monotonic()
        process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, env=environment())
    _, status, usage = os.wait4(process.pid, 0)
    ended = time.monotonic()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{name} ended with {process.returncode}")
    source, national = served.seen()
    asked, posted = source["first"], national["first"]
    return Run(
        name=name,
        posts=national["requests"],
        pages=source["requests"],
        bytes_posted=national["bytes"],
        whole=ended - started,
        work=ended - asked,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_memory=usage.ru_maxrss * 1024,
        first_post_after_start=None if posted is None else posted - started,
        first_post_after_first_page=None if posted is None else posted - asked,
    )


def environment() -> dict[str, str]:
    """A usual one: compiled modules are kept, so that a start costs what it costs a user from the second on."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """Processes begun in the block stay on this core, with every thread they ever have."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def client_core() -> int:
    return min(os.sched_getaffinity(0))


def server_core() -> int:
    return max(os.sched_getaffinity(0))


def _asked(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
