"""The simulators as processes: begun together, known by the line that says they are ready, ending with their parent."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import IO, Any, Final

from lapor_gateway.errors import GatewayError

NATIONAL: Final = "national"
READY_SECONDS: Final = 60.0
CALL_SECONDS: Final = 30.0
PROBE_SECONDS: Final = 2.0
_ENDING_SECONDS: Final = 10.0

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy


class Simulators:
    """The simulators of one data folder. `folder` keeps their stores, their last ready lines and their logs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def begin(self, name: str, words: list[str]) -> "Starting":
        """Start `name` with these words; one that answers already, or has written all it had to, is left alone."""
        last = self._last_line(name)
        if last is not None and (last["port"] is None or _answers(name, last)):
            return Starting(name, None, self._log(name), json.dumps(last).encode())
        port = last["port"] if last is not None and _is_free(last["port"]) else 0
        process = self._spawn(name, [*words, "--port", str(port), "--end-with-stdin"])
        self._running.append(process)
        return Starting(name, process, self._log(name))

    def note(self, name: str, line: dict[str, Any]) -> None:
        """Remember what a simulator said, for commands that come later."""
        path = self._ready_file(name)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(line), "utf-8")
        fresh.replace(path)

    def once(self, name: str, words: list[str]) -> dict[str, Any]:
        """Run a simulator that ends by itself; the line it printed."""
        process = self._spawn(name, words)
        try:
            return Starting(name, process, self._log(name)).line()
        finally:
            _end(process)

    def end(self) -> None:
        """End what was started here; the closed pipe tells each at the same time."""
        for process in self._running:
            _close(process.stdin)
        for process in self._running:
            _end(process)
        self._running = []

    def _spawn(self, name: str, words: list[str]) -> subprocess.Popen[bytes]:
        self.folder.mkdir(parents=True, exist_ok=True)
        module = f"lapor_gateway.simulators.{NATIONAL if name == NATIONAL else 'region'}"
        with self._log(name).open("ab") as errors:
            # A session of its own, so that Ctrl-C reaches the gateway first.
            return subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-P", "-m", module, *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _ready_file(self, name: str) -> Path:
        return self.folder / f"{name}.ready.json"

    def _last_line(self, name: str) -> dict[str, Any] | None:
        """What `name` said at its last start; None where it never ran, or the folder has been moved since."""
        try:
            line: dict[str, Any] = json.loads(self._ready_file(name).read_bytes())
        except (OSError, ValueError):
            return None
        place = line.get("preload") or line.get("log") or ""
        return line if Path(place).is_relative_to(self.folder.resolve()) else None


class Starting:
    """A simulator on its way to being ready."""

    def __init__(
        self, name: str, process: subprocess.Popen[bytes] | None, log: Path, line: bytes = b""
    ) -> None:
        self._name, self._process, self._log, self._line = name, process, log, line

    def line(self) -> dict[str, Any]:
        """Waits for the line that says it is ready. Raises `GatewayError` with what the simulator complained of."""
        if self._process is not None and self._process.stdout is not None:
            reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
            reader.start()
            reader.join(READY_SECONDS)
        try:
            line: dict[str, Any] = json.loads(self._line)
        except ValueError:
            raise GatewayError(
                f"The simulator {self._name} did not start.",
                detail=_last_words(self._log),
                cure="Run the command again; if that does not help, use another data folder.",
            ) from None
        return line

    def _read(self, output: IO[bytes]) -> None:
        self._line = output.readline()


def call(url: str, body: object = None, *, within: float = CALL_SECONDS) -> Any:
    """One call of a simulator's control door. Raises `GatewayError` when it does not answer as it should."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - our own loopback
    try:
        with _direct.open(request, timeout=within) as answer:
            return json.loads(answer.read())
    except (OSError, ValueError) as error:
        raise GatewayError(
            "A simulator does not answer.", detail=f"{url}: {error}", cure="Run the command again."
        ) from None


def _answers(name: str, line: dict[str, Any]) -> bool:
    """Whether the very simulator of the line, and no stranger on its port, is there."""
    origin = f"http://127.0.0.1:{line['port']}/_control"
    try:
        if name == NATIONAL:
            return "posts" in call(f"{origin}/counts", within=PROBE_SECONDS)
        return bool(call(f"{origin}/state", within=PROBE_SECONDS)["region"] == name)
    except (GatewayError, LookupError, TypeError):
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    _close(process.stdin)
    try:
        process.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _close(process.stdout)


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with contextlib.suppress(OSError):
            stream.close()


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else f"see {os.fspath(log)}"
