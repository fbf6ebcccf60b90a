"""A simulated regional application as a process of a test's own; what is true of it is asked from itself."""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from lapor_gateway.shipped import shipped
from tests.support.processes import ReadyProcess, ready_process

MODULE = "lapor_gateway.simulators.region"


def region_folder(name: str) -> Path:
    """The folder of one of the regions that are shipped."""
    return shipped("connectors") / name


class RegionSimulator:
    """Families with a server run while the `with` block does; the others write what they have and end.

    `options` are further words of the simulator's command line. `data` keeps the state: a second simulator on
    it serves the same complaints, and whatever a pass changed.
    """

    def __init__(
        self, folder: Path, data: Path, *options: str | int | Path, complaints: int = 100, seed: int = 7
    ) -> None:
        self.data = data
        self._words = [folder, "--data", data, "--complaints", complaints, "--seed", seed, *options]
        self._running = ExitStack()
        self.process: ReadyProcess | None = None

    def __enter__(self) -> Self:
        self.process = self._running.enter_context(ready_process(MODULE, *self._words))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    @property
    def ready(self) -> dict[str, Any]:
        """The line it printed: url, overrides and secrets for a gateway, hook, preload."""
        assert self.process is not None, "use it as `with RegionSimulator(…) as simulator:`"
        return self.process.ready

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    @property
    def preload(self) -> list[dict[str, Any]]:
        """What staff have retyped into LAPOR!, for the national simulator's --preload."""
        lines = Path(self.ready["preload"]).read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def state(self) -> dict[str, Any]:
        """The truth, and what was asked of it so far (families with a server)."""
        return self._call("GET", "state")

    def advance(self) -> dict[str, Any]:
        """Make the next pass, and what it changed: edited, moved, deleted, added, …"""
        if self.ready["port"] is None:
            self._run("--advance")
            passes: list[dict[str, Any]] = self.describe()["passes"]
            return passes[-1]
        return self._call("POST", "advance", {})

    def faults(self, **faults: Any) -> None:
        """`status=500|"html"|"down"|"repeat-page"|"endless"`, `after=`, `times=`; nothing: sound again."""
        self._call("POST", "faults", faults)

    def send_hooks(self, url: str, secret: str) -> None:
        """Begin to send webhooks (the desk family)."""
        self._call("POST", "hooks", {"url": url, "secret": secret})

    def describe(self) -> dict[str, Any]:
        """The truth as of the last pass, without a server."""
        return self._run("--describe")

    def _run(self, option: str) -> dict[str, Any]:
        words = [sys.executable, "-m", MODULE, *map(str, self._words), option]
        printed = subprocess.run(words, check=True, capture_output=True, timeout=60).stdout
        answer: dict[str, Any] = json.loads(printed)
        return answer

    def _call(self, method: str, control: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = httpx.request(method, f"{self.url}/_control/{control}", json=body, trust_env=False)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content
