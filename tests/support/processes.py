"""Real processes for tests: free ports, private servers, and programs that print a JSON line when ready."""

import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: subprocess.Popen[Any], *, signal_number: int | None = None, within: float = 20.0) -> None:
    """Ends a process that a test started: by the signal (default SIGTERM), after `within` s by SIGKILL."""
    if process.poll() is None:
        if signal_number is None:
            process.terminate()
        else:
            process.send_signal(signal_number)
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class DaemonFolder:
    """A throw-away folder in the system's temporary place for a private server's data, log and process."""

    path: Path
    processes: list[tuple[subprocess.Popen[bytes], int | None]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    def start(
        self, argv: Sequence[str | Path], *, stop_signal: int | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Starts a server in a session of its own, so that a Ctrl-C at the terminal does not reach it."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.path,
                start_new_session=True,
                **options,
            )
        self.processes.append((process, stop_signal))
        return process

    def close(self) -> None:
        """Stops what was started and removes the folder."""
        for process, stop_signal in self.processes:
            stop(process, signal_number=stop_signal)
        shutil.rmtree(self.path, ignore_errors=True)


@dataclass
class ReadyProcess:
    """A program of ours that said it is ready: its process and the object it printed."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    def kill(self) -> None:
        """SIGKILL, as a power cut would: nothing is flushed, nothing is said goodbye to."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def ready_process(
    module: str, *words: str | Path | int, env: Mapping[str, str] | None = None, within: float = 30.0
) -> Iterator[ReadyProcess]:
    """Runs `python -m module words…` until the block ends; yields once it printed its JSON line `ready`.

    Raises AssertionError with what the program wrote when it ends, or is silent, for `within` seconds.
    """
    with subprocess.Popen(
        [sys.executable, "-m", module, *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    ) as process:
        try:
            line = _first_line(process, within)
            assert line.startswith("{"), f"{module} did not get ready within {within:g} s; it wrote {line!r}"
            yield ReadyProcess(process, json.loads(line))
        finally:
            stop(process)


def _first_line(process: subprocess.Popen[str], within: float) -> str:
    """The first line on stdout, "" at its end or at the deadline; the rest is read away, so no pipe fills."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        lines.put(process.stdout.readline())
        with contextlib.suppress(ValueError):  # closed at the end of the block
            for _ in process.stdout:
                pass

    threading.Thread(target=read, daemon=True).start()
    try:
        return lines.get(timeout=within)
    except queue.Empty:
        return ""
