"""The command line in a process of its own that has nothing to import: forked from one that already has it all.

For tests that read what command after command answers; most of their time was imports. How the program starts, takes
signals and talks to its children stays with `tests.support.command_line.lapor_gateway`.
"""

import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

from lapor_gateway import catalogue
from lapor_gateway.cli import app
from tests.support.command_line import Answered, clean_environment

_PRELOADED = [
    __name__,
    "lapor_gateway.book.erasing",
    "lapor_gateway.book.rotating",
    "lapor_gateway.jobs.archive",
    "lapor_gateway.jobs.privacy",
    "lapor_gateway.jobs.reconcile",
    "lapor_gateway.jobs.settle_by_export",
    "lapor_gateway.jobs.sync",
]
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(_PRELOADED)


def forked_gateway(
    *words: str | Path, cwd: Path | None = None, stdin: str | None = None, **environ: str
) -> Answered:
    """Run `lapor-gateway words…` as `lapor_gateway` does, for 100 s at the most; its help stays in one language."""
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin or "")
        process = _forking.Process(target=_run, args=([str(word) for word in words], cwd, streams, environ))
        process.start()
        process.join(100)
        if process.exitcode is None:
            process.kill()
            process.join()
        assert process.exitcode is not None
        out, err = (stream.read_text() if stream.exists() else "" for stream in streams[1:])
        return Answered(process.exitcode, out, err)


def _run(words: list[str], cwd: Path | None, streams: list[Path], environ: dict[str, str]) -> None:
    for number, (stream, flags) in enumerate(
        zip(streams, (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT), strict=True)
    ):
        os.dup2(os.open(stream, flags, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    environment = clean_environment() | {"LAPOR_GATEWAY_LANG": "en"} | environ
    os.environ.clear()
    os.environ.update(environment)
    catalogue.use(environment["LAPOR_GATEWAY_LANG"])
    if cwd is not None:
        os.chdir(cwd)
    sys.exit(app.run(words))
