"""The simulated national endpoint as a process of a test's own, judged by its own store and log."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.support.processes import ReadyProcess, ready_process

MODULE = "lapor_gateway.simulators.national"
AUTH = "$2y$10$contohContohContohContohContohContohContohContoh"
TOKEN = "{00000000-0000-4000-8000-000000000001}"
HEADERS = {"Authorization": f"Bearer {AUTH}", "token": TOKEN, "Accept": "application/json"}


class NationalSimulator:
    """Runs while its `with` block does; `folder` keeps store and log, also over `restart`.

    Awkward as by default, but for what would make tests wait: no commits after a time-out by chance, and a
    list that lags `maximum_lag` s (default 0). `plain=True` takes the rest away; `options` are further words
    of the simulator's command line. Without accounts among them every pair of credentials is an account.
    """

    def __init__(
        self,
        folder: Path,
        *options: str | float | Path,
        faults: Sequence[Mapping[str, Any]] = (),
        preload: Sequence[Mapping[str, Any]] = (),
        seed: int = 1,
        maximum_lag: float = 0.0,
        plain: bool = False,
    ) -> None:
        self.folder = folder
        self._words = [
            "--data",
            folder,
            "--seed",
            seed,
            "--maximum-lag",
            maximum_lag,
            "--late-commit-share",
            0,
        ]
        self._words += [*options, *(["--plain"] if plain else [])]
        self._faults = faults
        self._preload = preload
        self._running = ExitStack()
        self._process: ReadyProcess | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base of all calls, without a slash at its end."""
        return self._ready.url

    def start(self) -> None:
        """Start the process and wait until it listens; a second start takes the same port again."""
        words = [str(word) for word in self._words]
        self._process = self._running.enter_context(ready_process(MODULE, "--port", self._port, *words))
        self._port = self._process.ready["port"]
        if self._faults:
            self.set_faults(*self._faults)
        if self._preload:
            self.preload(*self._preload)

    def stop(self) -> None:
        """SIGTERM; connections are refused from now on."""
        self._running.close()
        self._process = None

    def kill(self) -> None:
        """SIGKILL: only what was committed stays."""
        self._ready.kill()
        self.stop()

    def restart(self) -> None:
        """Stop and start on the same port with the same store; counts begin at 0 again."""
        self.stop()
        self.start()

    def state(self) -> dict[str, Any]:
        """What was truly committed: {"complaints": [...], "posts": n, "requests": n}."""
        return self._control("GET", "state")

    def complaints(self) -> list[dict[str, Any]]:
        """The committed complaints: id, account, title, content (as sent), shown (as listed), reference, …"""
        found: list[dict[str, Any]] = self.state()["complaints"]
        return found

    def counts(self) -> dict[str, int]:
        """{"complaints", "posts", "requests"}, cheaply; posts and requests since the process started."""
        return self._control("GET", "counts")

    def set_faults(self, *faults: Mapping[str, Any], seed: int | None = None) -> None:
        """Replace the fault script; positions count from 1 from now on. No argument: no faults."""
        script = {"fault": list(faults)} | ({} if seed is None else {"seed": seed})
        self._control("POST", "faults", script)

    def preload(self, *complaints: Mapping[str, Any]) -> None:
        """Add complaints typed in by hand: id, title, content, account?, status_name?, created_at?."""
        self._control("POST", "preload", list(complaints))

    def change(self, complaint_id: int, **what: str) -> None:
        """Let the agency act at LAPOR!: status_name=…, follow_up=…, institution=…."""
        self._control("POST", "change", {"id": complaint_id, **what})

    def remove(self, complaint_id: int) -> None:
        """Let a complaint disappear at LAPOR!."""
        self._control("POST", "remove", {"id": complaint_id})

    def requests(self, call: str | None = None) -> list[dict[str, Any]]:
        """The log's lines so far, of all processes on this folder; of one call, or of all.

        A request is in it before its answer is sent. See `simulators/national/journal.py` for the keys.
        """
        log = self.folder / "requests.jsonl"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return [entry for entry in map(json.loads, lines) if call in (None, entry["call"])]

    @property
    def _ready(self) -> ReadyProcess:
        assert self._process is not None, "the simulator does not run; use it in a with block"
        return self._process

    def _control(self, method: str, call: str, content: object = None) -> Any:
        url = self._ready.ready["control"] + call
        answer = httpx.request(method, url, json=content, trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()
