"""One sync or reconciliation as a process that can be killed: at any moment from outside, or inside a chosen call.

`python sync_process.py FOLDER PATIENCE [--work sync|reconcile] [--kill MODULE:NAME:before|after:N]
[--set MODULE:NAME:VALUE]`. The call that is named is replaced in this process only; the product has no hook for it.
"""

import asyncio
import functools
import importlib
import inspect
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.jobs.reconcile import reconcile, select_for
from lapor_gateway.jobs.sync import chosen, sync
from lapor_gateway.settings import load_settings


def arm(where: str) -> None:
    """Let the N-th call of MODULE:NAME end this process at once, before it does anything or after it has returned."""
    module, path, moment, count = where.split(":")
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    setattr(owner, name, deadly(getattr(owner, name), moment, int(count)))


def deadly(call: Callable[..., Any], moment: str, count: int) -> Callable[..., Any]:
    seen = 0

    def now(when: str) -> None:
        nonlocal seen
        seen += when == moment
        if seen == count:
            os.kill(os.getpid(), signal.SIGKILL)

    @functools.wraps(call)
    async def awaited(*arguments: Any, **named: Any) -> Any:
        now("before")
        result = await call(*arguments, **named)
        now("after")
        return result

    @functools.wraps(call)
    def called(*arguments: Any, **named: Any) -> Any:
        now("before")
        result = call(*arguments, **named)
        now("after")
        return result

    return awaited if inspect.iscoroutinefunction(call) else called


def replace(what: str) -> None:
    """Give a module's name another value (JSON) in this process."""
    module, name, value = what.split(":", 2)
    target = importlib.import_module(module)
    assert hasattr(target, name)
    setattr(target, name, json.loads(value))


async def run(folder: Path, patience: float, work: str) -> None:
    with opened(load_settings(folder, {})) as gateway:
        print(json.dumps({"began": os.getpid()}), flush=True)  # noqa: T201 - read by the test
        failures = await WORK[work](gateway, patience)
        print(json.dumps({"ended": os.getpid(), "failures": failures}), flush=True)  # noqa: T201


async def synced(gateway: Gateway, patience: float) -> list[str]:
    done = await sync(gateway, chosen(gateway, []), patience=patience)
    return [type(failure).__name__ for failure in done.failures]


async def reconciled(gateway: Gateway, patience: float) -> list[str]:
    done = await reconcile(gateway, select_for(gateway, chosen(gateway, [])), patience=patience)
    return [type(failure).__name__ for failure in done.failures]


WORK = {"sync": synced, "reconcile": reconciled}


def main(words: list[str]) -> None:
    folder, patience, *options = words
    work = "sync"
    for option, value in zip(options[::2], options[1::2], strict=True):
        if option == "--work":
            work = value
        else:
            {"--kill": arm, "--set": replace}[option](value)
    asyncio.run(run(Path(folder), float(patience), work))


if __name__ == "__main__":
    main(sys.argv[1:])
